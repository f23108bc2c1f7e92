//! Digests by the names that Glance has for them in `os_hash_algo`.

use std::fmt::Write as _;

use aws_lc_rs::digest as strong;
use md5::Digest as _;

/// A digest that bytes are to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// The algorithm, as in `os_hash_algo`; `md5` for `checksum`.
    pub algorithm: String,
    /// The value in hexadecimal, in any case.
    pub value: String,
}

/// Computes a digest piece by piece.
pub struct Hasher(Inner);

enum Inner {
    Md5(md5::Md5),
    Strong(strong::Context),
}

impl Hasher {
    /// For the algorithm of this name; `None` when it is not known here.
    #[must_use]
    pub fn new(algorithm: &str) -> Option<Self> {
        let algorithm = match algorithm {
            "md5" => return Some(Self(Inner::Md5(md5::Md5::new()))),
            "sha1" => &strong::SHA1_FOR_LEGACY_USE_ONLY,
            "sha224" => &strong::SHA224,
            "sha256" => &strong::SHA256,
            "sha384" => &strong::SHA384,
            "sha512" => &strong::SHA512,
            "sha3_256" => &strong::SHA3_256,
            "sha3_384" => &strong::SHA3_384,
            "sha3_512" => &strong::SHA3_512,
            _ => return None,
        };
        Some(Self(Inner::Strong(strong::Context::new(algorithm))))
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            Inner::Md5(context) => context.update(bytes),
            Inner::Strong(context) => context.update(bytes),
        }
    }

    /// The value in lower case hexadecimal.
    #[must_use]
    pub fn finish(self) -> String {
        match self.0 {
            Inner::Md5(context) => hexadecimal(&context.finalize()),
            Inner::Strong(context) => hexadecimal(context.finish().as_ref()),
        }
    }

    /// Whether the bytes have the digest `expected`, in hexadecimal of any case.
    #[must_use]
    pub fn verify(self, expected: &str) -> bool {
        self.finish().eq_ignore_ascii_case(expected)
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digests_are_those_that_everybody_computes() {
        let known = [
            ("md5", "900150983cd24fb0d6963f7d28e17f72"),
            ("sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            ("sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ];
        for (algorithm, value) in known {
            let mut hasher = Hasher::new(algorithm).expect("a known algorithm");
            hasher.update(b"a");
            hasher.update(b"bc");
            assert!(hasher.verify(&value.to_uppercase()), "{algorithm}");
        }
        let lengths = [("sha224", 56), ("sha384", 96), ("sha512", 128), ("sha3_512", 128)];
        for (algorithm, length) in lengths {
            assert_eq!(Hasher::new(algorithm).expect("a known one").finish().len(), length);
        }
        assert!(Hasher::new("crc32").is_none());
    }
}
