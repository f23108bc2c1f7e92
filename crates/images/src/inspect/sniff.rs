//! What the first bytes of an image look like, as `qemu-img` would guess it.

use super::Refused;
use crate::Format;

/// How many of the first bytes are looked at: the descriptor of an optical disk ends here.
pub const HEAD: usize = 34 << 10;

/// Marks that stand at a fixed place, and what has them.
///
/// LUKS is not among them: a disk that its owner encrypted is a plain disk to everybody else, and Cinder takes it for one.
const MARKS: &[(usize, &[u8], &str)] = &[
    (0, b"QFI\xfb", QCOW),
    (0, b"QED\0", "qed"),
    (0, b"KDMV", VMDK),
    (0, b"COWD", VMDK),
    (0, b"conectix", VHD),
    (0, b"vhdxfile", VHDX),
    (0x40, b"\x7f\x10\xda\xbe", VDI),
    (0, b"WithoutFreeSpace", PLOOP),
    (0, b"WithouFreSpacExt", PLOOP),
    (0, b"Bochs Virtual HD Image\0", "bochs"),
    (0, b"#!/bin/sh\n#V2.0 Format\nmodprobe cloop", "cloop"),
];

const QCOW: &str = "qcow2";
const VMDK: &str = "vmdk";
const VHD: &str = "vhd";
const VHDX: &str = "vhdx";
const VDI: &str = "vdi";
const PLOOP: &str = "ploop";

/// Refuses an image that looks like another format than the declared one, or like nothing where that has a mark.
/// A partition table, a file system or an optical disk is what a plain disk may have.
pub(super) fn ensure_like(declared: Format, head: &[u8]) -> Result<(), Refused> {
    let seen = guess(head);
    let fits = match declared {
        Format::Raw | Format::Iso => seen.is_none(),
        // A fixed one has its mark at its end only.
        Format::Vhd => seen.is_none_or(|seen| seen == VHD),
        marked => seen == Some(marked.name()),
    };
    if fits {
        Ok(())
    } else {
        Err(Refused::Unlike { declared, seen: seen.unwrap_or("of no format that is known") })
    }
}

/// The format that has its mark in `head`; `None` for a plain disk.
fn guess(head: &[u8]) -> Option<&'static str> {
    let marked = MARKS
        .iter()
        .find(|(at, mark, _)| head.get(*at..).is_some_and(|from| from.starts_with(mark)));
    match marked {
        Some((_, _, name)) => Some(name),
        None if is_vmdk_text(head) => Some(VMDK),
        None => None,
    }
}

/// Whether this is the text that describes a VMDK: comments and empty lines, then a version. The extents that it would
/// name are other files.
fn is_vmdk_text(head: &[u8]) -> bool {
    const TITLE: &[u8] = b"# Disk DescriptorFile";
    if head.len() >= TITLE.len() && head[..TITLE.len()].eq_ignore_ascii_case(TITLE) {
        return true;
    }
    let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with(b"#"));
    first.is_some_and(|line| [&b"version=1"[..], b"version=2", b"version=3"].contains(&line))
}
