//! Rounding to two decimals, to the same bit as Python's `round(x, 2)`, so that borderline pools pass or fail as in
//! Cinder.

/// From here on floats have no halves (2^52).
const NO_HALVES: f64 = 4_503_599_627_370_496.0;

/// `number` rounded to two decimals; an exact half goes to the even neighbour. Whole and infinite numbers stay.
#[must_use]
pub fn two_decimals(number: f64) -> f64 {
    if number.fract() == 0.0 || !number.is_finite() {
        return number;
    }
    let hundredths = number * 100.0;
    if hundredths.abs() >= NO_HALVES {
        // No pool is that large; the decimal text is exact too, but slow.
        return format!("{number:.2}").parse().unwrap_or(number);
    }
    let whole = if (hundredths - hundredths.floor()) == 0.5 {
        // The product itself was rounded. Its error says on which side of the half the true value lies.
        match number.mul_add(100.0, -hundredths) {
            error if error > 0.0 => hundredths.ceil(),
            error if error < 0.0 => hundredths.floor(),
            _ => hundredths.round_ties_even(),
        }
    } else {
        hundredths.round()
    };
    whole / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_where_their_exact_value_says() {
        assert_eq!(two_decimals(0.125), 0.12, "an exact half goes to the even side");
        assert_eq!(two_decimals(0.375), 0.38);
        assert_eq!(two_decimals(2.675), 2.67, "2.675 is a little less than it looks");
        assert_eq!(two_decimals(1.005), 1.0);
        assert_eq!(two_decimals(1.115), 1.11);
        assert_eq!(two_decimals(-2.675), -2.67);
        assert_eq!(two_decimals(1e300), 1e300);
        assert_eq!(two_decimals(-60_197_665_417_996.125), -60_197_665_417_996.12);
        assert_eq!(two_decimals(61_829_896_923_179.336), 61_829_896_923_179.34);
        assert_eq!(two_decimals(62_733_289_260_925.375), 62_733_289_260_925.38);
        assert_eq!(two_decimals(47_586_970_803_945.625), 47_586_970_803_945.62);
        assert_eq!(two_decimals(951.239_9), 951.24);
    }
}
