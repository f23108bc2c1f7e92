//! The account that an initiator proves itself with: CHAP, as the column `provider_auth` keeps it.

use std::fmt;

use rand::seq::IndexedRandom as _;

/// Longest user name or password taken; the target software's buffers hold 223 bytes.
const LONGEST: usize = 128;

/// Characters of a new account. A user name says nothing of the volume.
const USER_LENGTH: usize = 20;
const PASSWORD_LENGTH: usize = 24;

/// Letters and digits that are not mistaken for each other.
const ALPHABET: &[u8] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz";

/// A user and a password. `Debug` shows neither.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Chap {
    pub(super) user: String,
    pub(super) password: String,
}

impl Chap {
    /// A fresh account from the system's randomness: 24 characters of 56 are 139 bits.
    pub(super) fn fresh() -> Self {
        Self { user: random(USER_LENGTH), password: random(PASSWORD_LENGTH) }
    }

    /// Reads `CHAP <user> <password>`; `None` for anything else, and for texts that could be taken for more than one
    /// word on the way to the target software.
    pub(super) fn parse(kept: &str) -> Option<Self> {
        let mut words = kept.split(' ');
        let (method, user, password) = (words.next()?, words.next()?, words.next()?);
        let plain = |text: &str| {
            (1..=LONGEST).contains(&text.len())
                && text.bytes().all(|b| b.is_ascii_graphic() && b != b',' && b != b'=')
        };
        (method == "CHAP" && plain(user) && plain(password) && words.next().is_none())
            .then(|| Self { user: user.to_owned(), password: password.to_owned() })
    }

    /// As the tables keep it.
    pub(super) fn kept(&self) -> String {
        format!("CHAP {} {}", self.user, self.password)
    }
}

impl fmt::Debug for Chap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chap(..)")
    }
}

fn random(length: usize) -> String {
    let mut rng = rand::rng();
    (0..length).filter_map(|_| ALPHABET.choose(&mut rng)).map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_account_is_long_and_survives_the_tables() {
        let (one, other) = (Chap::fresh(), Chap::fresh());
        assert_ne!(one, other);
        assert_eq!((one.user.len(), one.password.len()), (20, 24));
        assert_eq!(Chap::parse(&one.kept()), Some(one));
    }

    #[test]
    fn what_is_no_account_or_could_smuggle_more_is_refused() {
        let long = format!("CHAP {} password", "u".repeat(129));
        for kept in [
            "",
            "CHAP",
            "CHAP user",
            "CHAP user ",
            "CHAP  password",
            "PAP user password",
            "CHAP user pass word",
            "CHAP user,password=x pass",
            "CHAP user pass,word",
            "CHAP us\u{e9}r pass",
            "CHAP user pass\n",
            &long,
        ] {
            assert_eq!(Chap::parse(kept), None, "{kept:?}");
        }
    }
}
