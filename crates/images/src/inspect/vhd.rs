//! Virtual PC's format: fixed and dynamic disks. A differencing disk needs its parent.

use std::io::{Read, Seek};

use super::Refused;
use super::source::{Source, be32, be64};

const COOKIE: &[u8] = b"conectix";
const FIXED: u32 = 2;
const DYNAMIC: u32 = 3;
const DIFFERENCING: u32 = 4;
/// What a dynamic disk has at both ends, and a fixed one at its end.
const FOOTER: u64 = 512;
/// The place of a block that has no data.
const NO_BLOCK: u32 = u32::MAX;

/// The size of the disk in it.
pub(super) fn size<S: Read + Seek>(source: &mut Source<'_, S>) -> Result<u64, Refused> {
    let start = source.bytes::<512>(0, "its header")?;
    let last = source.length().saturating_sub(FOOTER);
    let end = source.bytes::<512>(last, "its footer")?;
    let dynamic = start.starts_with(COOKIE);
    if !end.starts_with(COOKIE) {
        return Err(if dynamic {
            source.truncated("its footer")
        } else {
            Refused::Unlike { declared: crate::Format::Vhd, seen: "of no format that is known" }
        });
    }
    // Whichever of the two a reader believes, it must say the same of what matters.
    let footer = if dynamic { &start } else { &end };
    if [be32(&start, 60), be32(&end, 60)].contains(&DIFFERENCING) {
        return Err(source.elsewhere("a parent disk"));
    }
    let size = be64(footer, 48);
    match (be32(footer, 60), dynamic) {
        (FIXED, false) => {
            if size > last {
                return Err(source.truncated("the end of its disk"));
            }
        }
        (DYNAMIC, true) => {
            if be64(&end, 48) != size || be32(&end, 60) != DYNAMIC {
                return Err(source.malformed("its header and its footer differ"));
            }
            check_dynamic(source, be64(footer, 16), size)?;
        }
        _ => return Err(source.unsupported("a kind of disk")),
    }
    Ok(size)
}

/// The header of a dynamic disk at `offset`, and the table of its blocks.
fn check_dynamic<S: Read + Seek>(
    source: &mut Source<'_, S>,
    offset: u64,
    size: u64,
) -> Result<(), Refused> {
    let header = source.bytes::<1024>(offset, "its second header")?;
    if !header.starts_with(b"cxsparse") {
        return Err(source.malformed("its second header"));
    }
    let parent = &header[40..64];
    if parent != [0; 24] {
        return Err(source.elsewhere("a parent disk"));
    }
    let (table, blocks) = (be64(&header, 16), u64::from(be32(&header, 28)));
    let block = u64::from(be32(&header, 32));
    if !block.is_power_of_two() || !(FOOTER..=1 << 28).contains(&block) {
        return Err(source.malformed("its block size"));
    }
    if blocks * block < size {
        return Err(source.malformed("its disk is larger than its blocks"));
    }
    let mut end = 0;
    source.entries(table, blocks, "the table of its blocks", |_, entry| {
        let sector = u32::from_be_bytes(entry);
        if sector != NO_BLOCK {
            end = end.max(u64::from(sector) * 512);
        }
    })?;
    // Each block is preceded by a bit for each of its sectors, in whole sectors.
    let bitmap = (block / 512).div_ceil(8).next_multiple_of(512);
    let needed = if end == 0 { 0 } else { bitmap + block };
    source.ensure_within(end, needed, "blocks that are in use")
}
