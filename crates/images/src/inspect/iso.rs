//! Optical disks: ISO 9660 and UDF. The bytes are the disk's own; what marks them stands after 32 KiB.

use std::io::{Read, Seek};

use super::Refused;
use super::source::Source;
use crate::Format;

/// Where the first descriptor's mark stands: after its type.
const MARK: usize = (32 << 10) + 1;

/// The size of the disk in it: that of the file. Its own descriptor may say less, and then what follows is padding or
/// the partitions of a hybrid.
pub(super) fn size<S: Read + Seek>(source: &mut Source<'_, S>) -> Result<u64, Refused> {
    ensure(&source.head()?)?;
    Ok(source.length())
}

/// Refuses bytes that do not begin as an optical disk does.
pub(super) fn ensure(head: &[u8]) -> Result<(), Refused> {
    let mark = head.get(MARK..MARK + 5).unwrap_or_default();
    // UDF begins with BEA01 in a sequence in which NSR02 or NSR03 follows; old masters have the latter at once.
    if [&b"CD001"[..], b"BEA01", b"NSR02", b"NSR03"].contains(&mark) {
        Ok(())
    } else {
        Err(Refused::Unlike { declared: Format::Iso, seen: "of no format that is known" })
    }
}
