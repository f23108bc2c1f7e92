//! Parallels' and Virtuozzo's format, version 2 (docs/interop/parallels of QEMU).

use std::io::{Read, Seek};

use super::Refused;
use super::source::{Source, le32, le64};

const SECTOR: u64 = 512;
const HEADER: u64 = 64;

/// The size of the disk in it.
pub(super) fn size<S: Read + Seek>(source: &mut Source<'_, S>) -> Result<u64, Refused> {
    let header = source.bytes::<64>(0, "its header")?;
    // The older mark has sectors in its table, and 32 bits of a size; the newer one clusters.
    let old = header.starts_with(b"WithoutFreeSpace");
    if le32(&header, 16) != 2 {
        return Err(source.unsupported("a version other than 2"));
    }
    let cluster_sectors = u64::from(le32(&header, 28));
    if !cluster_sectors.is_power_of_two() || cluster_sectors > 1 << 20 {
        return Err(source.malformed("its cluster size"));
    }
    let entries = u64::from(le32(&header, 32));
    let sectors = if old { u64::from(le32(&header, 36)) } else { le64(&header, 36) };
    if sectors > entries * cluster_sectors {
        return Err(source.malformed("its disk is larger than its blocks"));
    }
    let cluster = cluster_sectors * SECTOR;
    let unit = if old { SECTOR } else { cluster };
    let mut last = 0;
    source.entries(HEADER, entries, "the table of its blocks", |_, entry| {
        last = last.max(u64::from(u32::from_le_bytes(entry)) * unit);
    })?;
    let needed = if last == 0 { 0 } else { cluster };
    source.ensure_within(last, needed, "blocks that are in use")?;
    source.ensure_within(u64::from(le32(&header, 48)) * SECTOR, 0, "its blocks")?;
    let extension = le64(&header, 56);
    if extension != 0 {
        let place = extension.checked_mul(SECTOR).ok_or(source.malformed("its extension"))?;
        source.ensure_within(place, SECTOR, "its extension")?;
    }
    Ok(sectors.saturating_mul(SECTOR))
}
