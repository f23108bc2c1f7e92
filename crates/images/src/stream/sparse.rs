//! Writes bytes at their place and leaves out what is zero, so that holes stay holes.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

/// What file systems allocate at least; zeros are looked for in blocks of this size.
const BLOCK: usize = 4096;

static ZEROS: [u8; BLOCK] = [0; BLOCK];

/// Writes `bytes` at `offset` of a file that reads as zeros there. A file that ends before what is zero stays short.
///
/// # Errors
/// Those of writing; a part may be written.
pub fn write(file: &File, offset: u64, bytes: &[u8]) -> io::Result<()> {
    let mut at = 0;
    // Where the bytes begin that are to be written next.
    let mut start = 0;
    while at < bytes.len() {
        let end = bytes.len().min(at + to_boundary(offset, at));
        if bytes[at..end] == ZEROS[..end - at] {
            write_all(file, offset, bytes, start..at)?;
            start = end;
        }
        at = end;
    }
    write_all(file, offset, bytes, start..at)
}

/// How far it is from the byte `at` to the next block of the file.
fn to_boundary(offset: u64, at: usize) -> usize {
    let within = (offset % BLOCK as u64) as usize + at;
    BLOCK - within % BLOCK
}

fn write_all(
    file: &File,
    offset: u64,
    bytes: &[u8],
    range: std::ops::Range<usize>,
) -> io::Result<()> {
    if range.is_empty() {
        Ok(())
    } else {
        file.write_all_at(&bytes[range.clone()], offset + range.start as u64)
    }
}
