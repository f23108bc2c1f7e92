//! Copies of files with random extents: the same bytes, and no more blocks than the source has.

use std::fs::File;
use std::os::fd::AsFd;
use std::os::unix::fs::{FileExt, MetadataExt};

use proptest::prelude::*;
use tempfile::tempfile;

use super::*;

/// Extents as (offset, length, byte); some of the bytes are zero.
fn extents() -> impl Strategy<Value = Vec<(u64, usize, u8)>> {
    let offset = prop_oneof![0..4_u64 << 20, (0..64_u64).prop_map(|n| n << 16)];
    let length = prop_oneof![1..200_usize, 4000..4200_usize, 60_000..140_000_usize];
    prop::collection::vec((offset, length, 0..4_u8), 0..12)
}

fn source(extents: &[(u64, usize, u8)], length: u64) -> File {
    let file = tempfile().expect("a file for the test");
    file.set_len(length).expect("sized");
    for (offset, count, byte) in extents {
        let room = usize::try_from(length.saturating_sub(*offset)).expect("small").min(*count);
        file.write_all_at(&vec![*byte; room], *offset).expect("written");
    }
    file.sync_all().expect("on disk, so that its blocks can be counted");
    file
}

fn content(file: &File) -> Vec<u8> {
    let length = usize::try_from(file.metadata().expect("metadata").len()).expect("small");
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, 0).expect("read");
    bytes
}

fn blocks(file: &File) -> u64 {
    file.sync_all().expect("on disk");
    file.metadata().expect("metadata").blocks()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_copy_has_the_same_bytes_and_holes(
        extents in extents(), length in 1..5_u64 << 20, longer in -3_000_000..3_000_000_i64,
    ) {
        let from = source(&extents, length);
        let wanted = length.saturating_add_signed(longer).max(1);
        let mut expected = content(&from);
        expected.resize(usize::try_from(wanted).expect("small"), 0);
        for how in ["best", "by the kernel", "by hand"] {
            let to = tempfile().expect("a file for the test");
            let (source, target) = (from.as_fd(), to.as_fd());
            match how {
                "best" => copy(source, target, wanted).map(drop),
                "by the kernel" => copy_sparse(source, target, wanted, copy_by_kernel).map(drop),
                _ => copy_sparse(source, target, wanted, |_, _, start, _| Ok(start)).map(drop),
            }
            .expect("copied");
            prop_assert!(content(&to) == expected, "content {:?}", how);
            // A few blocks more for the list of extents, which may be cut differently.
            let (has, had) = (blocks(&to), blocks(&from));
            prop_assert!(has <= had + 64, "{has} blocks where the source has {had}, {how}");
        }
    }
}

#[test]
fn a_large_empty_file_is_copied_without_reading_it() {
    let from = source(&[], 1 << 40);
    let to = tempfile().expect("a file for the test");
    let copied = copy_sparse(from.as_fd(), to.as_fd(), 1 << 40, copy_by_kernel).expect("copied");
    assert_eq!((copied, to.metadata().expect("metadata").len()), (0, 1 << 40));
}

#[test]
fn data_after_a_terabyte_of_nothing_is_found() {
    let from = source(&[(1 << 40, 5, 7)], (1 << 40) + 5);
    let to = tempfile().expect("a file for the test");
    copy(from.as_fd(), to.as_fd(), (1 << 40) + 5).expect("copied");
    let mut tail = [0; 5];
    to.read_exact_at(&mut tail, 1 << 40).expect("read");
    assert_eq!(tail, [7; 5]);
    assert!(blocks(&to) < 64);
}

#[test]
fn a_full_file_system_is_told_as_such() {
    // Writes to this device always fail so.
    let full = File::options().write(true).open("/dev/full").expect("Linux has it");
    assert_eq!(write_all(full.as_fd(), b"x", 0), Err(Errno::NOSPC));
}
