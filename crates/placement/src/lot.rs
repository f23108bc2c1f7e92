//! Drawing lots without chance: the same seed and name always give the same number.

/// A number from 0 up to, but not including, 1.
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub fn lot(seed: u64, name: &str) -> f64 {
    // FNV-1a over the name, mixed with the seed by SplitMix64's finaliser.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in name.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    let mut mixed = hash ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    // The upper 53 bits, which a float holds exactly.
    (mixed >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lots_hang_on_seed_and_name_and_are_spread_evenly() {
        assert_eq!(lot(1, "a").to_bits(), lot(1, "a").to_bits());
        assert!(lot(1, "a") != lot(2, "a") && lot(1, "a") != lot(1, "b"));
        let mut tenths = [0_u32; 10];
        for seed in 0..10_000 {
            let lot = lot(seed, "host@backend#pool");
            assert!((0.0..1.0).contains(&lot));
            tenths[(lot * 10.0) as usize] += 1;
        }
        assert!(tenths.iter().all(|&count| (850..1150).contains(&count)), "{tenths:?}");
    }
}
