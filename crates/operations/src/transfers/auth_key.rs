//! The key of an offer, and what it is checked with: HMAC-SHA-1 with a salt, in hexadecimal digits, as Cinder
//! writes it, so that either finds the other's offers in order.

use std::fmt;

use ashlar_db::transfers::Seal;
use aws_lc_rs::hmac;
use rand::RngExt as _;

/// What whoever accepts must know. Its maker is told once; it is neither stored nor logged.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthKey(String);

impl AuthKey {
    /// A fresh key of so many hexadecimal digits.
    #[must_use]
    pub fn fresh(length: usize) -> Self {
        Self(random(length))
    }

    /// The text, for the one answer that tells it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What the key is checked with, mixed with a fresh salt of so many digits.
    #[must_use]
    pub fn seal(&self, salt_length: usize) -> Seal {
        let salt = random(salt_length);
        let tag = hmac::sign(&mixed_with(&salt), self.0.as_bytes());
        Seal { salt, crypt_hash: hex(tag.as_ref()) }
    }
}

impl fmt::Debug for AuthKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthKey(..)")
    }
}

/// Whether `said` is the key of `seal`. How long it takes tells nothing of how much of it was right.
#[must_use]
pub fn opens(seal: &Seal, said: &str) -> bool {
    let Some(tag) = bytes(&seal.crypt_hash) else { return false };
    hmac::verify(&mixed_with(&seal.salt), said.as_bytes(), &tag).is_ok()
}

fn mixed_with(salt: &str) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, salt.as_bytes())
}

fn random(length: usize) -> String {
    let mut rng = rand::rng();
    let digit = |_| char::from_digit(rng.random_range(0..16), 16).unwrap_or('0');
    (0..length).map(digit).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes that hexadecimal digits stand for; none for any other text.
fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        hex.chars().map(|digit| Some(digit.to_digit(16)? as u8)).collect::<Option<_>>()?;
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    Some(pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by Cinder 29.0.0: `_get_crypt_hash("cafebabe", "0123456789abcdef")`.
    const CINDERS: &str = "403bf0ddc95faa415bd4a59966632d8c4f9180ce";

    fn cinders() -> Seal {
        Seal { salt: "cafebabe".to_owned(), crypt_hash: CINDERS.to_owned() }
    }

    #[test]
    fn what_cinder_has_sealed_its_key_opens() {
        assert!(opens(&cinders(), "0123456789abcdef"));
        for wrong in ["", "0123456789abcdee", "0123456789ABCDEF", "0123456789abcdef "] {
            assert!(!opens(&cinders(), wrong), "{wrong:?}");
        }
    }

    #[test]
    fn a_digest_that_is_none_opens_to_nobody() {
        for crypt_hash in ["", "0", "not hexadecimal", &CINDERS[2..]] {
            let seal = Seal { crypt_hash: crypt_hash.to_owned(), ..cinders() };
            assert!(!opens(&seal, "0123456789abcdef"), "{crypt_hash:?}");
        }
    }

    #[test]
    fn a_fresh_key_opens_its_own_seal_and_is_shown_to_nobody() {
        let (key, other) = (AuthKey::fresh(16), AuthKey::fresh(16));
        let seal = key.seal(8);
        assert_eq!((key.expose().len(), seal.salt.len(), seal.crypt_hash.len()), (16, 8, 40));
        assert!(opens(&seal, key.expose()) && !opens(&seal, other.expose()));
        let shown = format!("{key:?}{seal:?}");
        assert!(!shown.contains(key.expose()) && !shown.contains(&seal.crypt_hash));
    }
}
