//! The image inspector: no bytes make it panic, read beyond its bounds or let through what leads out of an image.
//!
//! An input is a format, a length, and pieces of an image that is zero elsewhere: large images in few bytes.
#![no_main]

use std::io::{self, Read, Seek, SeekFrom};

use ashlar_images::inspect::{BUDGET, HEAD, inspect_head};
use ashlar_images::{Format, inspect};
use libfuzzer_sys::fuzz_target;

/// The largest disk that is let through.
const LARGEST: u64 = 1 << 50;

fuzz_target!(|data: &[u8]| {
    let Some((format, mut image)) = Image::from_input(data) else { return };
    let Ok(seen) = inspect(&mut image, format, LARGEST) else { return };
    assert_eq!(seen.format, format);
    assert!(seen.virtual_size <= LARGEST);
    assert!(image.read <= BUDGET, "{} bytes were read", image.read);
    let mut head = vec![0; HEAD.min(image.length as usize)];
    image.fill(0, &mut head);
    assert!(inspect_head(&head, format).is_ok(), "its beginning alone is refused");
    ensure_closed(format, &head);
});

/// What no image may have that was let through, read in the plainest way.
fn ensure_closed(format: Format, head: &[u8]) {
    match format {
        Format::Raw | Format::Iso => {
            for mark in [&b"QFI\xfb"[..], b"KDMV", b"COWD", b"conectix", b"vhdxfile"] {
                assert!(!head.starts_with(mark), "another format's mark");
            }
        }
        Format::Qcow2 => {
            assert_eq!(head[8..20], [0; 12], "a backing file");
            assert_eq!(head[32..36], [0; 4], "encryption");
            assert!(head[7] == 2 || head[72..79] == [0; 7] && head[79] & !0b11001 == 0, "features");
        }
        Format::Vmdk => {
            assert_ne!(head[12..20], [0; 8], "extents in place of a capacity");
            let text = head[512..].split(|byte| *byte == 0).next().unwrap_or_default();
            let text = String::from_utf8_lossy(text).to_ascii_lowercase();
            assert!(!text.contains("parentfilenamehint"), "a parent");
            assert!(text.matches("createtype").count() <= 1, "two layouts");
        }
        Format::Vdi => assert_eq!(head[0x1a8..0x1c8], [0; 32], "a parent"),
        Format::Vhd => assert!(!head.starts_with(b"conectix") || head[63] == 3, "a parent"),
        Format::Vhdx | Format::Ploop => {}
    }
}

/// Bytes that are zero but for some pieces.
struct Image<'a> {
    length: u64,
    pieces: Vec<(u64, &'a [u8])>,
    position: u64,
    read: u64,
}

impl<'a> Image<'a> {
    /// An input begins with the format and 6 bytes of length; each piece is 5 bytes of place, one of length, its bytes.
    fn from_input(data: &'a [u8]) -> Option<(Format, Self)> {
        let (first, data) = data.split_first()?;
        let format = Format::ALL[usize::from(*first) % Format::ALL.len()];
        let (length, mut data) = data.split_at_checked(6)?;
        let mut pieces = Vec::new();
        while let Some((place, rest)) = data.split_at_checked(6) {
            let (bytes, rest) = rest.split_at(rest.len().min(usize::from(place[5])));
            pieces.push((number(&place[..5]), bytes));
            data = rest;
        }
        Some((format, Self { length: number(length), pieces, position: 0, read: 0 }))
    }

    fn fill(&self, at: u64, into: &mut [u8]) {
        into.fill(0);
        let end = at + into.len() as u64;
        for (place, bytes) in &self.pieces {
            let (from, to) = (at.max(*place), end.min(place + bytes.len() as u64));
            if from < to {
                let piece = &bytes[(from - place) as usize..(to - place) as usize];
                into[(from - at) as usize..(to - at) as usize].copy_from_slice(piece);
            }
        }
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

impl Read for Image<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let end = self.position + into.len() as u64;
        assert!(end <= self.length, "a read beyond the end");
        self.fill(self.position, into);
        self.position = end;
        self.read += into.len() as u64;
        assert!(self.read <= BUDGET, "{} bytes were read", self.read);
        Ok(into.len())
    }
}

impl Seek for Image<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(0) => self.length,
            other => panic!("an unexpected {other:?}"),
        };
        Ok(self.position)
    }
}
