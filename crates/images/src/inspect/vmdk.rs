//! VMware's format, as far as it is one file: monolithicSparse and streamOptimized, the ones that Cinder allows unless
//! told otherwise. The other layouts name further files, which is how CVE-2022-47951 read the host's own.

mod descriptor;

use std::io::{Read, Seek};

use super::Refused;
use super::source::{Source, le32, le64};

const SECTOR: u64 = 512;
/// In place of where the directory is: it is written at the end, in a second header.
const AT_END: u64 = u64::MAX;
const HAS_REDUNDANT_TABLE: u32 = 1 << 1;
const COMPRESSED: u32 = 1 << 16;
/// Where a second header begins, counted from the end: a marker before it, one after it.
const FOOTER: u64 = 1024;
/// Table entries that stand for a grain that is not there, or is zero.
const NO_GRAIN: u32 = 1;

/// The header, in its own units.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Header {
    version: u32,
    flags: u32,
    /// Sectors of the disk.
    capacity: u64,
    /// Sectors of a grain, the unit of allocation.
    grain: u64,
    descriptor: u64,
    descriptor_sectors: u64,
    /// Entries of a grain table.
    table_entries: u64,
    redundant_directory: u64,
    directory: u64,
}

/// The size of the disk in it.
pub(super) fn size<S: Read + Seek>(source: &mut Source<'_, S>) -> Result<u64, Refused> {
    let mut header = read_header(source, 0)?;
    check(source, &header)?;
    descriptor::check(source, header.descriptor, header.descriptor_sectors)?;
    if header.directory == AT_END {
        header = read_footer(source, &header)?;
    }
    check_tables(source, &header)?;
    Ok(header.capacity.saturating_mul(SECTOR))
}

fn read_header<S: Read + Seek>(source: &mut Source<'_, S>, at: u64) -> Result<Header, Refused> {
    // A descriptor without a header is a text, and may be short.
    if &source.bytes::<4>(at, "its header")? != b"KDMV" {
        return Err(source.unsupported("a layout other than monolithicSparse and streamOptimized"));
    }
    let bytes = source.bytes::<512>(at, "its header")?;
    Ok(Header {
        version: le32(&bytes, 4),
        flags: le32(&bytes, 8),
        capacity: le64(&bytes, 12),
        grain: le64(&bytes, 20),
        descriptor: le64(&bytes, 28),
        descriptor_sectors: le64(&bytes, 36),
        table_entries: u64::from(le32(&bytes, 44)),
        redundant_directory: le64(&bytes, 48),
        directory: le64(&bytes, 56),
    })
}

fn check<S: Read + Seek>(source: &Source<'_, S>, header: &Header) -> Result<(), Refused> {
    if !(1..=3).contains(&header.version) {
        return Err(source.unsupported("a version other than 1, 2 and 3"));
    }
    // A reader that finds no capacity goes on with the extents that the descriptor names.
    if header.capacity == 0 {
        return Err(source.elsewhere("extents in other files"));
    }
    if !header.grain.is_power_of_two() || header.grain > 4096 {
        return Err(source.malformed("the size of its grains"));
    }
    if !(1..=512).contains(&header.table_entries) {
        return Err(source.malformed("the size of its grain tables"));
    }
    Ok(())
}

/// The second header, which overrides the first and may differ from it in where the directories are only.
fn read_footer<S: Read + Seek>(
    source: &mut Source<'_, S>,
    first: &Header,
) -> Result<Header, Refused> {
    let Some(at) = source.length().checked_sub(FOOTER).filter(|at| at.is_multiple_of(SECTOR))
    else {
        return Err(source.truncated("its footer"));
    };
    let bytes = source.bytes::<4>(at, "its footer")?;
    if &bytes != b"KDMV" {
        return Err(source.truncated("its footer"));
    }
    let second = read_header(source, at)?;
    let Header { redundant_directory, directory, .. } = second;
    if (Header { redundant_directory, directory, ..*first }) != second || directory == AT_END {
        return Err(source.malformed("its header and its footer differ"));
    }
    Ok(second)
}

/// Looks for the last grain: it must be within the file.
fn check_tables<S: Read + Seek>(
    source: &mut Source<'_, S>,
    header: &Header,
) -> Result<(), Refused> {
    let tables = header.capacity.div_ceil(header.table_entries * header.grain);
    let size = tables.checked_mul(4).ok_or(source.truncated("its grain directory"))?;
    let place = |sector: u64| sector.checked_mul(SECTOR);
    let directory = place(header.directory).ok_or(source.truncated("its grain directory"))?;
    source.ensure_within(directory, size, "its grain directory")?;
    if header.flags & HAS_REDUNDANT_TABLE != 0 {
        let second = place(header.redundant_directory);
        let second = second.ok_or(source.truncated("its second grain directory"))?;
        source.ensure_within(second, size, "its second grain directory")?;
    }
    let mut last = 0;
    let mut at = 0;
    while at < size {
        let mut part = [0; 512];
        let length = part.len().min(usize::try_from(size - at).unwrap_or(part.len()));
        source.read(directory + at, &mut part[..length], "its grain directory")?;
        for entry in part[..length].as_chunks::<4>().0 {
            let table = u64::from(u32::from_le_bytes(*entry)) * SECTOR;
            if table != 0 {
                source.entries(table, header.table_entries, "its grain tables", |_, entry| {
                    last = last.max(u32::from_le_bytes(entry));
                })?;
            }
        }
        at += length as u64;
    }
    if last <= NO_GRAIN {
        return Ok(());
    }
    let last = u64::from(last) * SECTOR;
    let length = if header.flags & COMPRESSED == 0 {
        header.grain * SECTOR
    } else {
        // Its place on the disk, and how long it is.
        let marker = source.bytes::<12>(last, "grains that are in use")?;
        12 + u64::from(le32(&marker, 8))
    };
    source.ensure_within(last, length, "grains that are in use")
}
