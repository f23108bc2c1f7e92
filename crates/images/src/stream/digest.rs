//! Digests by the names that Glance has for them in `os_hash_algo`.

use std::fmt::Write as _;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use aws_lc_rs::digest as strong;
use md5::Digest as _;

/// How much of a file is read at once.
const PIECE: usize = 1 << 20;

/// A digest that bytes are to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// The algorithm, as in `os_hash_algo`; `md5` for `checksum`.
    pub algorithm: String,
    /// The value in hexadecimal, in any case.
    pub value: String,
}

impl Digest {
    /// Whether the first `length` bytes of `file` have it; `None` when the algorithm is not known here. Reads, and so
    /// blocks.
    ///
    /// # Errors
    /// The file cannot be read, or is shorter.
    pub fn is_of(&self, file: &File, length: u64) -> io::Result<Option<bool>> {
        let Some(mut hasher) = Hasher::new(&self.algorithm) else { return Ok(None) };
        let mut buffer = vec![0; PIECE];
        let mut at = 0;
        while at < length {
            let want = usize::try_from(length - at).unwrap_or(PIECE).min(PIECE);
            file.read_exact_at(&mut buffer[..want], at)?;
            hasher.update(&buffer[..want]);
            at += want as u64;
        }
        Ok(Some(hasher.verify(&self.value)))
    }
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

    #[test]
    fn a_file_has_its_digest_as_far_as_its_length_goes() {
        let file = tempfile::tempfile().expect("a file");
        file.write_all_at(&[7; PIECE + 9], 0).expect("written");
        let mut hasher = Hasher::new("sha512").expect("a known algorithm");
        hasher.update(&[7; PIECE + 3]);
        let digest = Digest { algorithm: "sha512".to_owned(), value: hasher.finish() };
        let length = PIECE as u64 + 3;
        assert_eq!(digest.is_of(&file, length).expect("read"), Some(true));
        assert_eq!(digest.is_of(&file, length - 1).expect("read"), Some(false));
        assert!(digest.is_of(&file, length * 2).is_err(), "it is shorter");
        let unknown = Digest { algorithm: "crc32".to_owned(), ..digest };
        assert_eq!(unknown.is_of(&file, 1).expect("nothing is read"), None);
    }
}
