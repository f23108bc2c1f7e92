//! Good images are accepted, hostile ones refused, each for its own reason; and whatever the bytes are, nothing panics
//! and no more is read than is allowed.

mod samples;

use std::io::Cursor;

use proptest::prelude::*;

use self::samples::{DESCRIPTOR, DISK, Sample, good, vhd_fixed, vmdk, vmdk_with_footer};
use super::*;

const LARGEST: u64 = 1 << 40;

fn look(sample: &Sample, declared: Format) -> Result<Inspected, Refused> {
    inspect(&mut Cursor::new(&sample.0), declared, LARGEST)
}

/// The reason why `sample` is refused.
fn refusal(sample: &Sample, declared: Format) -> String {
    look(sample, declared).expect_err("a hostile image").to_string()
}

#[test]
fn a_good_image_of_each_format_tells_the_size_of_its_disk() {
    let more = [(Format::Vhd, vhd_fixed()), (Format::Vmdk, vmdk_with_footer())];
    for (format, sample) in Format::ALL.map(|format| (format, good(format))).into_iter().chain(more)
    {
        let seen = look(&sample, format).unwrap_or_else(|refused| panic!("{format}: {refused}"));
        assert_eq!(seen, Inspected { format, virtual_size: DISK });
    }
}

#[test]
fn an_image_is_refused_as_any_other_format_than_its_own() {
    for own in Format::ALL {
        for declared in Format::ALL {
            let refused = look(&good(own), declared).is_err();
            // An optical disk may be a volume's plain content.
            assert_eq!(
                refused,
                own != declared && (own, declared) != (Format::Iso, Format::Raw),
                "{own} as {declared}"
            );
        }
    }
    let reason = "it is declared to be raw, but its bytes are qcow2";
    assert_eq!(refusal(&good(Format::Qcow2), Format::Raw), reason);
    // An optical disk's first 32 KiB are free, also for the header of something else.
    let both = good(Format::Iso).with(0, b"QFI\xfb");
    assert_eq!(refusal(&both, Format::Iso), "it is declared to be iso, but its bytes are qcow2");
}

#[test]
fn plain_disks_may_have_tables_and_file_systems_but_no_other_formats_mark() {
    let partitioned = good(Format::Raw).with(510, b"\x55\xaa").with(512, b"EFI PART");
    assert!(look(&partitioned, Format::Raw).is_ok());
    let encrypted = good(Format::Raw).with(0, b"LUKS\xba\xbe\0\x01");
    assert!(look(&encrypted, Format::Raw).is_ok(), "what its owner encrypted is a plain disk");
    for empty in [0, 1, 511] {
        assert!(look(&Sample(vec![0; empty]), Format::Raw).is_ok());
    }
    for text in [DESCRIPTOR, "# x\n\n # y\nversion=1\nRW 1 FLAT \"/etc/passwd\" 0", "version=3\r\n"]
    {
        assert_eq!(
            refusal(&Sample(text.into()), Format::Raw),
            "it is declared to be raw, but its bytes are vmdk"
        );
    }
    assert!(look(&Sample(b"# a script\nversion=12\n".to_vec()), Format::Raw).is_ok());
    for (at, mark) in [(0, &b"QED\0"[..]), (0, b"COWD"), (0x40, b"\x7f\x10\xda\xbe")] {
        assert!(look(&good(Format::Raw).with(at, mark), Format::Raw).is_err());
    }
}

#[test]
fn a_disk_larger_than_the_callers_bound_is_refused() {
    let exabyte = (1_u64 << 60).to_be_bytes();
    let huge = good(Format::Qcow2).with(20, &21_u32.to_be_bytes()).with(24, &exabyte);
    assert!(look(&huge, Format::Qcow2).is_err());
    let sectors = (1_u64 << 51).to_le_bytes();
    assert!(look(&good(Format::Vmdk).with(12, &sectors), Format::Vmdk).is_err());
    for format in Format::ALL {
        let refused = inspect(&mut Cursor::new(&good(format).0), format, DISK - 1);
        let too_large = Refused::TooLarge { virtual_size: DISK, largest: DISK - 1 };
        assert_eq!(refused.expect_err("too large").to_string(), too_large.to_string());
    }
}

#[test]
fn an_image_that_is_cut_off_is_refused() {
    let more = [(Format::Vhd, vhd_fixed()), (Format::Vmdk, vmdk_with_footer())];
    let all = Format::ALL.map(|format| (format, good(format))).into_iter().chain(more);
    for (format, sample) in all.filter(|(format, _)| !format.is_plain()) {
        // What is not looked at is the free end of a table.
        for length in (0..sample.0.len().saturating_sub(4096)).step_by(997).chain([0, 1, 100, 511])
        {
            let cut = Sample(sample.0[..length].to_vec());
            assert!(look(&cut, format).is_err(), "{format} cut off at {length}");
        }
    }
    let cut = Sample(good(Format::Qcow2).0[..3 * 512].to_vec());
    assert_eq!(refusal(&cut, Format::Qcow2), "this qcow2 image is cut off: its L1 table");
    // One more cluster is counted as used than there is.
    let lost = good(Format::Qcow2).with(2 * 512 + 8, &[0, 1]);
    let reason = "this qcow2 image is cut off: clusters that are in use";
    assert_eq!(refusal(&lost, Format::Qcow2), reason);
}

#[test]
fn a_hostile_qcow2_is_refused() {
    let spoilt = |at, bytes: &[u8]| refusal(&good(Format::Qcow2).with(at, bytes), Format::Qcow2);
    let elsewhere = |what| format!("this qcow2 image refers to {what}");
    assert_eq!(spoilt(8, &600_u64.to_be_bytes()), elsewhere("a backing file"));
    assert_eq!(spoilt(16, &[0, 0, 0, 5]), elsewhere("a backing file"));
    assert_eq!(spoilt(79, &[0b100]), elsewhere("an external data file"));
    assert_eq!(spoilt(104, b"DATA\0\0\0\x0b/etc/passwd"), elsewhere("an external data file"));
    // Also behind another extension.
    assert_eq!(
        spoilt(104, b"NAME\0\0\0\x03abc\0\0\0\0\0DATA\0\0\0\x01x"),
        elsewhere("an external data file")
    );
    assert_eq!(spoilt(35, &[1]), "this qcow2 image is encrypted");
    assert_eq!(spoilt(35, &[2]), "this qcow2 image is encrypted");
    assert_eq!(spoilt(104, b"\x05\x37\xbe\x77\0\0\0\x10"), "this qcow2 image is encrypted");
    let unsupported = |what| format!("this qcow2 image has {what}, which is not supported");
    assert_eq!(spoilt(7, &[1]), unsupported("a version other than 2 and 3"));
    assert_eq!(spoilt(79, &[0b10_0000]), unsupported("a feature"));
    assert_eq!(spoilt(72, &[0x80]), unsupported("a feature"));
    let damaged = |what| format!("this qcow2 image is damaged: {what}");
    assert_eq!(spoilt(79, &[0b10]), damaged("it is marked as such"));
    for bits in [0, 8, 22, 64, 255] {
        assert_eq!(spoilt(23, &[bits]), damaged("its cluster size"));
    }
    assert_eq!(spoilt(36, &[0x7f; 4]), damaged("its L1 table is too large"));
    assert_eq!(spoilt(36, &[0; 4]), damaged("its L1 table is too small for its disk"));
    assert_eq!(spoilt(40, &[0xff; 8]), damaged("its L1 table is at an odd place"));
    assert_eq!(spoilt(56, &[0xff; 4]), damaged("the size of its refcount table"));
    assert_eq!(spoilt(99, &[7]), damaged("the width of its reference counts"));
    assert_eq!(spoilt(104, b"NAME\xff\xff\xff\xff"), damaged("the extensions of its header"));
    let cut_off = |what| format!("this qcow2 image is cut off: {what}");
    assert_eq!(spoilt(48, &(1_u64 << 40).to_be_bytes()), cut_off("its refcount table"));
    assert_eq!(spoilt(512, &[0xff; 8]), cut_off("its reference counts"));
}

#[test]
fn a_hostile_vmdk_is_refused() {
    let said = |from: &str, to: &str| refusal(&vmdk(&DESCRIPTOR.replace(from, to)), Format::Vmdk);
    let extents = "this vmdk image refers to extents in other files";
    let parent = "this vmdk image refers to a parent disk";
    for name in ["/etc/passwd", "../secret", "C:\\secret", "nfs://host/secret"] {
        assert_eq!(said("disk.vmdk", name), extents);
    }
    assert_eq!(said("SPARSE", "FLAT"), extents);
    assert_eq!(said("RW 2048 SPARSE \"disk.vmdk\"", ""), extents);
    assert_eq!(said("#DDB", "RW 2048 SPARSE \"other.vmdk\""), extents);
    assert_eq!(said("#DDB", "parentFileNameHint=\"/etc/passwd\""), parent);
    assert_eq!(said("#DDB", "# parentFileNameHint=\"/etc/passwd\""), parent);
    assert_eq!(said("ffffffff", "12345678"), parent);
    assert_eq!(said("#DDB", "encryption.keySafe = \"x\""), "this vmdk image is encrypted");
    let layout = "this vmdk image has a layout other than monolithicSparse and streamOptimized, which is \
        not supported";
    for kind in ["monolithicFlat", "vmfs", "twoGbMaxExtentSparse", "custom", ""] {
        assert_eq!(said("monolithicSparse", kind), layout);
    }
    let twice = "this vmdk image is damaged: its descriptor says a thing twice";
    assert_eq!(said("#DDB", "createType=\"monolithicFlat\""), twice);
    assert_eq!(said("#DDB", "# createType=\"monolithicFlat\""), twice);
    assert_eq!(
        said("#DDB", "include me"),
        "this vmdk image is damaged: its descriptor has a line that means nothing"
    );
    // Without a capacity a reader would go on with the extents of the descriptor.
    let spoilt = |at, bytes: &[u8]| refusal(&good(Format::Vmdk).with(at, bytes), Format::Vmdk);
    assert_eq!(spoilt(12, &[0; 8]), extents);
    assert_eq!(spoilt(28, &[2]), "this vmdk image is damaged: the place of its descriptor");
    assert_eq!(spoilt(36, &[0xff; 8]), "this vmdk image is damaged: the place of its descriptor");
    let endless = format!("{DESCRIPTOR}{}\nparentFileNameHint=\"/x\"", "#".repeat(512));
    let endless = vmdk(&endless).with(36, &[1]);
    assert_eq!(
        refusal(&endless, Format::Vmdk),
        "this vmdk image is damaged: its descriptor has no end"
    );
    assert_eq!(spoilt(56, &[0xff, 0xff, 0xff]), "this vmdk image is cut off: its grain directory");
    assert_eq!(spoilt(20, &[3]), "this vmdk image is damaged: the size of its grains");
    // The second header may not say something else than the first.
    let footer = vmdk_with_footer().0.len() - 1024;
    let other = vmdk_with_footer().with(footer + 12, &[0; 8]);
    assert_eq!(
        refusal(&other, Format::Vmdk),
        "this vmdk image is damaged: its header and its footer differ"
    );
}

#[test]
fn a_disk_that_needs_its_parent_is_refused() {
    let parent = |format| format!("this {format} image refers to a parent disk");
    let refused = |format, at, bytes: &[u8]| refusal(&good(format).with(at, bytes), format);
    assert_eq!(refused(Format::Vhd, 63, &[4]), parent("vhd"));
    assert_eq!(refused(Format::Vhd, 4 * 512 + 63, &[4]), parent("vhd"));
    assert_eq!(refused(Format::Vhd, 512 + 40, &[1]), parent("vhd"));
    assert_eq!(refused(Format::Vdi, 0x4c, &[4]), parent("vdi"));
    assert_eq!(refused(Format::Vdi, 0x1a8, &[1]), parent("vdi"));
    assert_eq!(refused(Format::Vdi, 0x1b8, &[1]), parent("vdi"));
    assert_eq!(refused(Format::Vhdx, samples::VHDX_METADATA + 4096 + 4, &[2]), parent("vhdx"));
    let locator = [
        0x2d, 0x5f, 0xd3, 0xa8, 0x0b, 0xb3, 0x4d, 0x45, 0xab, 0xf7, 0xd3, 0xd8, 0x48, 0x34, 0xab,
        0x0c,
    ];
    assert_eq!(refused(Format::Vhdx, samples::VHDX_METADATA + 96, &locator), parent("vhdx"));
}

#[test]
fn a_log_of_unfinished_writes_is_refused() {
    let dirty = good(Format::Vhdx).with((128 << 10) + 48, &[1]);
    let reason = "this vhdx image has a log of unfinished writes, which is not supported";
    assert_eq!(refusal(&dirty, Format::Vhdx), reason);
    // The older of the two headers says nothing any more.
    assert!(look(&good(Format::Vhdx).with((64 << 10) + 48, &[1]), Format::Vhdx).is_ok());
}

/// Counts what is read, and fails the test that reads too much or beyond the end.
struct Watched<'a> {
    image: Cursor<&'a [u8]>,
    read: u64,
}

impl Read for Watched<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let end = self.image.position() + into.len() as u64;
        assert!(end <= self.image.get_ref().len() as u64, "a read beyond the end");
        self.read += into.len() as u64;
        assert!(self.read <= source::BUDGET, "more is read than allowed");
        self.image.read(into)
    }
}

impl Seek for Watched<'_> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.image.seek(to)
    }
}

/// A good image with some of its bytes changed: numbers at places where headers have them, and the end cut off.
fn spoilt() -> impl Strategy<Value = (Format, Vec<u8>)> {
    let places = prop_oneof![
        4 => 0_usize..600,
        1 => (192_usize << 10)..(192 << 10) + 100,
        1 => (320_usize << 10)..(324 << 10) + 32,
        1 => any::<usize>(),
    ];
    let values = prop_oneof![
        Just(vec![0xff; 8]),
        Just(vec![0; 8]),
        any::<u8>().prop_map(|byte| vec![byte]),
        any::<u64>().prop_map(|number| number.to_le_bytes().to_vec()),
        (0_u32..64).prop_map(|bit| (1_u64 << bit).to_be_bytes().to_vec()),
    ];
    let changes = prop::collection::vec((places, values), 0..6);
    (prop::sample::select(&Format::ALL), changes, prop::option::of(any::<prop::sample::Index>()))
        .prop_map(|(format, changes, cut)| {
            let mut bytes = good(format).0;
            for (at, value) in changes {
                let at = at % bytes.len();
                let length = value.len().min(bytes.len() - at);
                bytes[at..at + length].copy_from_slice(&value[..length]);
            }
            bytes.truncate(cut.map_or(bytes.len(), |cut| cut.index(bytes.len())));
            (format, bytes)
        })
}

proptest! {
    #[test]
    fn spoilt_bytes_never_panic_and_are_read_within_bounds((format, bytes) in spoilt()) {
        let mut watched = Watched { image: Cursor::new(&bytes), read: 0 };
        if let Ok(seen) = inspect(&mut watched, format, LARGEST) {
            prop_assert!(seen.virtual_size <= LARGEST);
            prop_assert_eq!(seen.format, format);
        }
    }

    #[test]
    fn random_bytes_never_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..2000),
        format in prop::sample::select(&Format::ALL),
    ) {
        let mut watched = Watched { image: Cursor::new(&bytes), read: 0 };
        let _ = inspect(&mut watched, format, LARGEST);
        let _ = inspect_head(&bytes, format);
    }
}
