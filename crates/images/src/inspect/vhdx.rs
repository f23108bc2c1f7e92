//! Hyper-V's format (MS-VHDX). A differencing disk needs its parent; one with unfinished writes needs its log replayed.

use std::io::{Read, Seek};

use super::Refused;
use super::source::{Source, le32, le64};

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const HEADERS: [u64; 2] = [64 * KIB, 128 * KIB];
const REGIONS: u64 = 192 * KIB;
/// As many regions, and as many items of metadata, as the format allows.
const MAX_ENTRIES: u64 = 2047;

const BLOCKS: [u8; 16] = guid(0x2dc2_7766, 0xf623, 0x4200, 0x9d64_115e_9bfd_4a08);
const METADATA: [u8; 16] = guid(0x8b7c_a206, 0x4790, 0x4b9a, 0xb8fe_575f_050f_886e);
const PARAMETERS: [u8; 16] = guid(0xcaa1_6737, 0xfa36, 0x4d43, 0xb3b6_33f0_aa44_e76b);
const DISK_SIZE: [u8; 16] = guid(0x2fa5_4224, 0xcd1b, 0x4876, 0xb211_5dbe_d83b_f4b8);
const DISK_IDENTITY: [u8; 16] = guid(0xbeca_12ab, 0xb2e6, 0x4523, 0x93ef_c309_e000_c746);
const LOGICAL_SECTOR: [u8; 16] = guid(0x8141_bf1d, 0xa96f, 0x4709, 0xba47_f233_a8fa_ab5f);
const PHYSICAL_SECTOR: [u8; 16] = guid(0xcda3_48c7, 0x445d, 0x4471, 0x9cc9_e988_5251_c556);
const PARENT: [u8; 16] = guid(0xa8d3_5f2d, 0xb30b, 0x454d, 0xabf7_d3d8_4834_ab0c);

/// The state of a block that is in the file.
const PRESENT: u64 = 6;
/// Sectors of which one block of bitmaps says whether they are there.
const SECTORS_OF_BITMAP: u64 = 1 << 23;

/// The size of the disk in it.
pub(super) fn size<S: Read + Seek>(source: &mut Source<'_, S>) -> Result<u64, Refused> {
    check_log(source)?;
    let (blocks, metadata) = regions(source)?;
    let disk = disk(source, metadata)?;
    check_blocks(source, blocks, &disk)?;
    Ok(disk.size)
}

/// The newer of the two headers must say that all writes were finished.
fn check_log<S: Read + Seek>(source: &mut Source<'_, S>) -> Result<(), Refused> {
    let mut newest = None;
    for place in HEADERS {
        let header = source.bytes::<80>(place, "its header")?;
        let sequence = le64(&header, 8);
        if header.starts_with(b"head") && newest.is_none_or(|(newer, _)| sequence > newer) {
            newest = Some((sequence, header));
        }
    }
    let Some((_, header)) = newest else {
        return Err(source.malformed("its header"));
    };
    if header[48..64] != [0; 16] {
        return Err(source.unsupported("a log of unfinished writes"));
    }
    if header[66..68] != [1, 0] {
        return Err(source.unsupported("a version other than 1"));
    }
    Ok(())
}

/// A part of the file.
#[derive(Clone, Copy)]
struct Region {
    offset: u64,
    length: u64,
}

/// Where the table of blocks and the metadata are.
fn regions<S: Read + Seek>(source: &mut Source<'_, S>) -> Result<(Region, Region), Refused> {
    let header = source.bytes::<16>(REGIONS, "its regions")?;
    let count = u64::from(le32(&header, 8));
    if !header.starts_with(b"regi") || count > MAX_ENTRIES {
        return Err(source.malformed("its regions"));
    }
    let (mut blocks, mut metadata) = (Vec::new(), Vec::new());
    let mut unknown = false;
    source.entries::<32>(REGIONS + 16, count, "its regions", |_, entry| {
        let region = Region { offset: le64(&entry, 16), length: u64::from(le32(&entry, 24)) };
        if entry.starts_with(&BLOCKS) {
            blocks.push(region);
        } else if entry.starts_with(&METADATA) {
            metadata.push(region);
        } else {
            unknown |= le32(&entry, 28) & 1 != 0;
        }
    })?;
    if unknown {
        return Err(source.unsupported("a region of an unknown kind"));
    }
    let ([blocks], [metadata]) = (&blocks[..], &metadata[..]) else {
        return Err(source.malformed("its regions"));
    };
    source.ensure_within(blocks.offset, blocks.length, "the table of its blocks")?;
    source.ensure_within(metadata.offset, metadata.length, "its metadata")?;
    Ok((*blocks, *metadata))
}

/// What the metadata say of the disk.
struct Disk {
    size: u64,
    block: u64,
    sector: u64,
}

fn disk<S: Read + Seek>(source: &mut Source<'_, S>, region: Region) -> Result<Disk, Refused> {
    let header = source.bytes::<32>(region.offset, "its metadata")?;
    let count = u64::from(u16::from_le_bytes([header[10], header[11]]));
    if !header.starts_with(b"metadata") || count > MAX_ENTRIES {
        return Err(source.malformed("its metadata"));
    }
    let (mut parameters, mut size, mut sector) = (None, None, None);
    let (mut parent, mut unknown) = (false, false);
    source.entries::<32>(region.offset + 32, count, "its metadata", |_, entry| {
        let place = Some(u64::from(le32(&entry, 16)));
        match entry.first_chunk() {
            Some(&PARAMETERS) => parameters = place,
            Some(&DISK_SIZE) => size = place,
            Some(&LOGICAL_SECTOR) => sector = place,
            Some(&PARENT) => parent = true,
            Some(&DISK_IDENTITY | &PHYSICAL_SECTOR) => {}
            _ => unknown |= le32(&entry, 24) & 0b100 != 0,
        }
    })?;
    if parent {
        return Err(source.elsewhere("a parent disk"));
    }
    if unknown {
        return Err(source.unsupported("metadata of an unknown kind"));
    }
    let (Some(parameters), Some(size), Some(sector)) = (parameters, size, sector) else {
        return Err(source.malformed("its metadata"));
    };
    let parameters = source.bytes::<8>(region.offset + parameters, "its metadata")?;
    if le32(&parameters, 4) & 0b10 != 0 {
        return Err(source.elsewhere("a parent disk"));
    }
    let disk = Disk {
        size: u64::from_le_bytes(source.bytes(region.offset + size, "its metadata")?),
        block: u64::from(le32(&parameters, 0)),
        sector: u64::from(u32::from_le_bytes(
            source.bytes(region.offset + sector, "its metadata")?,
        )),
    };
    if !disk.block.is_power_of_two() || !(MIB..=256 * MIB).contains(&disk.block) {
        return Err(source.malformed("its block size"));
    }
    if !matches!(disk.sector, 512 | 4096) {
        return Err(source.malformed("its sector size"));
    }
    Ok(disk)
}

/// The table must be long enough for the disk, and the blocks that are in use must be in the file.
fn check_blocks<S: Read + Seek>(
    source: &mut Source<'_, S>,
    table: Region,
    disk: &Disk,
) -> Result<(), Refused> {
    let blocks = disk.size.div_ceil(disk.block);
    // After so many blocks an entry for their bitmaps stands between, which only a disk with a parent uses.
    let ratio = SECTORS_OF_BITMAP * disk.sector / disk.block;
    let entries = blocks + blocks.saturating_sub(1) / ratio;
    if entries.checked_mul(8).is_none_or(|size| size > table.length) {
        return Err(source.malformed("its disk is larger than its blocks"));
    }
    let mut last = None;
    let mut partial = false;
    source.entries(table.offset, entries, "the table of its blocks", |number, entry| {
        let entry = u64::from_le_bytes(entry);
        if (number + 1).is_multiple_of(ratio + 1) {
            return;
        }
        partial |= entry & 0b111 == 7;
        if entry & 0b111 == PRESENT {
            last = last.max(Some(entry >> 20));
        }
    })?;
    if partial {
        return Err(source.elsewhere("a parent disk"));
    }
    match last.map(|place| place.checked_mul(MIB)) {
        None => Ok(()),
        Some(Some(place)) => source.ensure_within(place, disk.block, "blocks that are in use"),
        Some(None) => Err(source.truncated("blocks that are in use")),
    }
}

/// The bytes of an identity, of which the first three parts are little-endian and the rest is not.
const fn guid(first: u32, second: u16, third: u16, rest: u64) -> [u8; 16] {
    let ([a, b, c, d], [e, f], [g, h]) =
        (first.to_le_bytes(), second.to_le_bytes(), third.to_le_bytes());
    let [i, j, k, l, m, n, o, p] = rest.to_be_bytes();
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
}
