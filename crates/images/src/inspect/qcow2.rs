//! QEMU's copy on write, versions 2 and 3 (docs/interop/qcow2 of QEMU).
//!
//! Internal snapshots are let through, as Cinder does: they are part of the image and the disk is its present state.

use std::io::{Read, Seek};

use super::Refused;
use super::source::{Source, be32, be64};

const DIRTY: u64 = 1;
const CORRUPT: u64 = 1 << 1;
const DATA_FILE: u64 = 1 << 2;
const COMPRESSION: u64 = 1 << 3;
const EXTENDED_L2: u64 = 1 << 4;

/// The extension that names an external data file.
const DATA_FILE_NAME: u32 = 0x4441_5441;
/// The extension that says where the header of the encryption is.
const ENCRYPTION: u32 = 0x0537_be77;

/// QEMU's own bounds, in bytes.
const MAX_L1: u64 = 32 << 20;
const MAX_REFCOUNT_TABLE: u64 = 8 << 20;
/// QEMU's own bound.
const MAX_SNAPSHOTS: u32 = 65_536;
/// QEMU knows five; what this many would be for nobody can say.
const MAX_EXTENSIONS: usize = 64;

/// What of the header is used.
struct Header {
    version: u32,
    cluster_bits: u32,
    size: u64,
    refcount_order: u32,
    refcount_table: u64,
    refcount_table_clusters: u32,
    length: u64,
}

/// The size of the disk in it.
pub(super) fn size<S: Read + Seek>(source: &mut Source<'_, S>) -> Result<u64, Refused> {
    let header = header(source)?;
    if header.version == 3 {
        check_features(source)?;
    }
    check_extensions(source, &header)?;
    check_last_cluster(source, &header)?;
    Ok(header.size)
}

/// Reads and checks what both versions have.
fn header<S: Read + Seek>(source: &mut Source<'_, S>) -> Result<Header, Refused> {
    let bytes = source.bytes::<72>(0, "its header")?;
    let version = be32(&bytes, 4);
    if !matches!(version, 2 | 3) {
        return Err(source.unsupported("a version other than 2 and 3"));
    }
    // A name without a place is meaningless, but nothing that is honestly made has one.
    if be64(&bytes, 8) != 0 || be32(&bytes, 16) != 0 {
        return Err(source.elsewhere("a backing file"));
    }
    let cluster_bits = be32(&bytes, 20);
    if !(9..=21).contains(&cluster_bits) {
        return Err(source.malformed("its cluster size"));
    }
    if be32(&bytes, 32) != 0 {
        return Err(source.encrypted());
    }
    let mut header = Header {
        version,
        cluster_bits,
        size: be64(&bytes, 24),
        refcount_order: 4,
        refcount_table: be64(&bytes, 48),
        refcount_table_clusters: be32(&bytes, 56),
        length: 72,
    };
    if version == 3 {
        let more = source.bytes::<8>(96, "its header")?;
        header.refcount_order = be32(&more, 0);
        header.length = u64::from(be32(&more, 4));
        if header.refcount_order > 6 {
            return Err(source.malformed("the width of its reference counts"));
        }
        if header.length < 104
            || !header.length.is_multiple_of(8)
            || header.length > header.cluster()
        {
            return Err(source.malformed("the length of its header"));
        }
    }
    header.check_l1(source, u64::from(be32(&bytes, 36)), be64(&bytes, 40))?;
    let snapshots = be32(&bytes, 60);
    if snapshots > MAX_SNAPSHOTS {
        return Err(source.malformed("the number of its snapshots"));
    }
    if snapshots > 0 {
        // No snapshot takes less than its fixed part.
        source.ensure_within(be64(&bytes, 64), u64::from(snapshots) * 40, "its snapshots")?;
    }
    Ok(header)
}

impl Header {
    fn cluster(&self) -> u64 {
        1 << self.cluster_bits
    }

    /// The table of tables: large enough for the disk, no larger than QEMU takes it, and all there.
    fn check_l1<S: Read + Seek>(
        &self,
        source: &Source<'_, S>,
        entries: u64,
        offset: u64,
    ) -> Result<(), Refused> {
        let covered_by_entry = u128::from(self.cluster()) * u128::from(self.cluster() / 8);
        // With extended entries it would be half of that.
        if u128::from(entries) * covered_by_entry < u128::from(self.size) {
            return Err(source.malformed("its L1 table is too small for its disk"));
        }
        if entries * 8 > MAX_L1 {
            return Err(source.malformed("its L1 table is too large"));
        }
        if !offset.is_multiple_of(self.cluster()) {
            return Err(source.malformed("its L1 table is at an odd place"));
        }
        source.ensure_within(offset, entries * 8, "its L1 table")
    }
}

/// The features that a reader must know.
fn check_features<S: Read + Seek>(source: &mut Source<'_, S>) -> Result<(), Refused> {
    let features = u64::from_be_bytes(source.bytes(72, "its header")?);
    if features & DATA_FILE != 0 {
        return Err(source.elsewhere("an external data file"));
    }
    if features & CORRUPT != 0 {
        return Err(source.malformed("it is marked as such"));
    }
    if features & !(DIRTY | COMPRESSION | EXTENDED_L2) != 0 {
        return Err(source.unsupported("a feature"));
    }
    if features & COMPRESSION != 0 {
        let [method] = source.bytes(104, "its header")?;
        // 0 is zlib, 1 is zstd.
        if method > 1 {
            return Err(source.unsupported("a kind of compression"));
        }
    }
    Ok(())
}

/// What follows the header: a list of numbered pieces, each of which says its length.
fn check_extensions<S: Read + Seek>(
    source: &mut Source<'_, S>,
    header: &Header,
) -> Result<(), Refused> {
    let mut at = header.length;
    for _ in 0..MAX_EXTENSIONS {
        if at + 8 > header.cluster() {
            return Ok(());
        }
        let bytes = source.bytes::<8>(at, "its header")?;
        let length = u64::from(be32(&bytes, 4));
        match be32(&bytes, 0) {
            0 => return Ok(()),
            DATA_FILE_NAME => return Err(source.elsewhere("an external data file")),
            ENCRYPTION => return Err(source.encrypted()),
            _ => {}
        }
        if length > header.cluster() - at - 8 {
            return Err(source.malformed("the extensions of its header"));
        }
        at += 8 + length.next_multiple_of(8);
    }
    Err(source.malformed("the extensions of its header"))
}

/// The last cluster that is counted as used must begin within the file: what is cut off would read as zeros.
fn check_last_cluster<S: Read + Seek>(
    source: &mut Source<'_, S>,
    header: &Header,
) -> Result<(), Refused> {
    let table_size = u64::from(header.refcount_table_clusters) << header.cluster_bits;
    if table_size == 0 || table_size > MAX_REFCOUNT_TABLE {
        return Err(source.malformed("the size of its refcount table"));
    }
    if !header.refcount_table.is_multiple_of(header.cluster()) {
        return Err(source.malformed("its refcount table is at an odd place"));
    }
    let mut last_block = None;
    source.entries(
        header.refcount_table,
        table_size / 8,
        "its refcount table",
        |number, entry| {
            if entry != [0; 8] {
                last_block = Some((number, u64::from_be_bytes(entry)));
            }
        },
    )?;
    let Some((number, block)) = last_block else {
        return Err(source.malformed("its refcount table is empty"));
    };
    let mut last = None;
    source.entries::<1>(block, header.cluster(), "its reference counts", |byte, [count]| {
        if count != 0 {
            last = Some(byte);
        }
    })?;
    let Some(byte) = last else {
        // The block is there and says that nothing of its part is used.
        return Ok(());
    };
    // Counts have 2^order bits: find the one that the byte belongs to. The lowest of several in one byte will do.
    let bits = (u128::from(byte) * 8) >> header.refcount_order;
    let per_block = (u128::from(header.cluster()) * 8) >> header.refcount_order;
    let start = (u128::from(number) * per_block + bits) << header.cluster_bits;
    if start >= u128::from(source.length()) {
        return Err(source.truncated("clusters that are in use"));
    }
    Ok(())
}
