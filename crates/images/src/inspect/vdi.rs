//! VirtualBox's format, version 1.1: dynamic and static disks.

use std::io::{Read, Seek};

use super::Refused;
use super::source::{Source, le32, le64};

const VERSION_1_1: u32 = 0x0001_0001;
const DYNAMIC: u32 = 1;
const STATIC: u32 = 2;
/// QEMU reads no other; nothing writes another.
const BLOCK: u64 = 1 << 20;
/// A map with as many entries as this is as long as QEMU reads.
const MAX_BLOCKS: u64 = 0x3fff_ffff;

/// An entry of the map that stands for a block of zeros, or of nothing.
const NO_BLOCK: u32 = 0xffff_fffe;

/// The size of the disk in it.
pub(super) fn size<S: Read + Seek>(source: &mut Source<'_, S>) -> Result<u64, Refused> {
    let header = source.bytes::<512>(0, "its header")?;
    if le32(&header, 0x44) != VERSION_1_1 {
        return Err(source.unsupported("a version other than 1.1"));
    }
    if !matches!(le32(&header, 0x4c), DYNAMIC | STATIC) {
        return Err(source.elsewhere("a parent disk"));
    }
    // The identities of the disk that it is linked to, and of its parent.
    if header[0x1a8..0x1c8] != [0; 32] {
        return Err(source.elsewhere("a parent disk"));
    }
    let (map, data) = (u64::from(le32(&header, 0x154)), u64::from(le32(&header, 0x158)));
    let size = le64(&header, 0x170);
    let blocks = u64::from(le32(&header, 0x180));
    if u64::from(le32(&header, 0x178)) != BLOCK || le32(&header, 0x17c) != 0 {
        return Err(source.unsupported("a block size other than 1 MiB"));
    }
    if blocks > MAX_BLOCKS || size > blocks * BLOCK {
        return Err(source.malformed("its disk is larger than its blocks"));
    }
    if !map.is_multiple_of(512) || !data.is_multiple_of(512) {
        return Err(source.malformed("its map is at an odd place"));
    }
    let mut used = 0;
    source.entries(map, blocks, "the map of its blocks", |_, entry| {
        let block = u32::from_le_bytes(entry);
        if block < NO_BLOCK {
            used = used.max(u64::from(block) + 1);
        }
    })?;
    source.ensure_within(data, used * BLOCK, "blocks that are in use")?;
    Ok(size)
}
