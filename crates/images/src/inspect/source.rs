//! The image as the inspectors see it: reads at offsets, each checked against its end and against a budget.

use std::io::{self, Read, Seek, SeekFrom};

use super::{Refused, sniff};
use crate::Format;

/// At most this much of an image is read, in bytes. The tables of a full VMDK of 2 TiB, the largest that there are, have
/// 128 MiB; those that are read of a qcow2 have 10.
pub const BUDGET: u64 = 160 << 20;

/// How much of a table is held at a time.
const CHUNK: usize = 64 << 10;

/// An open image.
pub(super) struct Source<'a, S> {
    image: &'a mut S,
    format: Format,
    length: u64,
    budget: u64,
}

impl<'a, S: Read + Seek> Source<'a, S> {
    /// Takes `image` for what it is declared to be.
    pub(super) fn new(image: &'a mut S, format: Format) -> io::Result<Self> {
        let length = image.seek(SeekFrom::End(0))?;
        Ok(Self { image, format, length, budget: BUDGET })
    }

    /// Bytes of the image itself.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// The first bytes, as many as are looked at to guess a format.
    pub(super) fn head(&mut self) -> Result<Vec<u8>, Refused> {
        let mut head =
            vec![0; sniff::HEAD.min(usize::try_from(self.length).unwrap_or(sniff::HEAD))];
        self.read(0, &mut head, "its beginning")?;
        Ok(head)
    }

    /// Fills `into` with the bytes from `offset` on; `what` says what they are, should they not be there.
    pub(super) fn read(
        &mut self,
        offset: u64,
        into: &mut [u8],
        what: &'static str,
    ) -> Result<(), Refused> {
        let size = into.len() as u64;
        self.ensure_within(offset, size, what)?;
        self.budget =
            self.budget.checked_sub(size).ok_or(self.malformed("its tables are too large"))?;
        self.image.seek(SeekFrom::Start(offset)).map_err(Refused::Unread)?;
        self.image.read_exact(into).map_err(Refused::Unread)
    }

    /// The `N` bytes from `offset` on.
    pub(super) fn bytes<const N: usize>(
        &mut self,
        offset: u64,
        what: &'static str,
    ) -> Result<[u8; N], Refused> {
        let mut bytes = [0; N];
        self.read(offset, &mut bytes, what)?;
        Ok(bytes)
    }

    /// Shows each of the `count` entries of `N` bytes of a table at `offset` to `see`, with its number.
    pub(super) fn entries<const N: usize>(
        &mut self,
        offset: u64,
        count: u64,
        what: &'static str,
        mut see: impl FnMut(u64, [u8; N]),
    ) -> Result<(), Refused> {
        let size = count.checked_mul(N as u64).ok_or(self.truncated(what))?;
        self.ensure_within(offset, size, what)?;
        let mut chunk = vec![0; CHUNK - CHUNK % N];
        let mut at = 0;
        while at < size {
            let part = usize::try_from(size - at).map_or(chunk.len(), |left| left.min(chunk.len()));
            self.read(offset + at, &mut chunk[..part], what)?;
            let (entries, _) = chunk[..part].as_chunks::<N>();
            for (number, entry) in (at / N as u64..).zip(entries) {
                see(number, *entry);
            }
            at += part as u64;
        }
        Ok(())
    }

    /// Refuses when the image does not have all of the `size` bytes from `offset` on.
    pub(super) fn ensure_within(
        &self,
        offset: u64,
        size: u64,
        what: &'static str,
    ) -> Result<(), Refused> {
        match offset.checked_add(size) {
            Some(end) if end <= self.length => Ok(()),
            _ => Err(self.truncated(what)),
        }
    }

    /// It ends before `what`.
    pub(super) fn truncated(&self, what: &'static str) -> Refused {
        Refused::Truncated { format: self.format, what }
    }

    /// It contradicts its format.
    pub(super) fn malformed(&self, what: &'static str) -> Refused {
        Refused::Malformed { format: self.format, what }
    }

    /// It is a variant that is not read here.
    pub(super) fn unsupported(&self, what: &'static str) -> Refused {
        Refused::Unsupported { format: self.format, what }
    }

    /// It refers to something outside of it.
    pub(super) fn elsewhere(&self, what: &'static str) -> Refused {
        Refused::Elsewhere { format: self.format, what }
    }

    /// It needs a key.
    pub(super) fn encrypted(&self) -> Refused {
        Refused::Encrypted { format: self.format }
    }
}

/// The big-endian number at `at` of `bytes`, zero when it is not all there.
pub(super) fn be32(bytes: &[u8], at: usize) -> u32 {
    array(bytes, at).map_or(0, u32::from_be_bytes)
}

/// The big-endian number at `at` of `bytes`, zero when it is not all there.
pub(super) fn be64(bytes: &[u8], at: usize) -> u64 {
    array(bytes, at).map_or(0, u64::from_be_bytes)
}

/// The little-endian number at `at` of `bytes`, zero when it is not all there.
pub(super) fn le32(bytes: &[u8], at: usize) -> u32 {
    array(bytes, at).map_or(0, u32::from_le_bytes)
}

/// The little-endian number at `at` of `bytes`, zero when it is not all there.
pub(super) fn le64(bytes: &[u8], at: usize) -> u64 {
    array(bytes, at).map_or(0, u64::from_le_bytes)
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}
