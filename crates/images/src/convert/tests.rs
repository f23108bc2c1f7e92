//! `qemu-img` in both directions, and at each of its limits.

use std::fs;
use std::io::{Seek as _, Write as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::Path;
use std::process::Command;

use super::*;
use crate::inspect;

const LARGEST: u64 = 1 << 40;

fn limits() -> Limits {
    Limits {
        memory: 1 << 30,
        cpu: Duration::from_secs(60),
        wall: Duration::from_secs(60),
        output: 1 << 30,
    }
}

/// A disk of 12 MiB with data here and there, and its bytes.
fn disk() -> (File, Vec<u8>) {
    let mut bytes = vec![0; 12 << 20];
    for (at, length) in [(0, 100), (70_000, 5000), (5 << 20, 1 << 20), ((12 << 20) - 512, 512)] {
        let data = (0..length).map(|n: usize| (n * 31 + at / 7) as u8 | 1);
        bytes.splice(at..at + length, data);
    }
    let mut file = tempfile::tempfile().expect("a file");
    crate::stream::write_sparse(&file, 0, &bytes).expect("written");
    file.set_len(bytes.len() as u64).expect("grown");
    file.rewind().expect("at its beginning");
    (file, bytes)
}

fn content(file: &File) -> Vec<u8> {
    let mut bytes = vec![0; file.metadata().expect("metadata").len() as usize];
    file.read_exact_at(&mut bytes, 0).expect("read");
    bytes
}

fn inspected(image: &File, format: Format) -> Inspected {
    inspect(&mut &*image, format, LARGEST).unwrap_or_else(|refused| panic!("{format}: {refused}"))
}

/// Makes an image by `qemu-img`, with words of the test.
fn qemu_img(words: &[&str], at: &Path) {
    let done =
        Command::new("qemu-img").args(words).current_dir(at).output().expect("qemu-img runs");
    assert!(done.status.success(), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
}

#[tokio::test]
async fn what_goes_into_an_image_comes_out_of_it_and_holes_stay_holes() {
    let (source, bytes) = disk();
    let length = bytes.len() as u64;
    for format in Format::ALL.into_iter().filter(|format| !format.is_plain()) {
        for compress in [false, true] {
            let image = tempfile::tempfile().expect("a file");
            let shape = Shape { format, compress };
            let made = from_raw(&source, length, &image, shape, &limits(), |_| ()).await;
            made.unwrap_or_else(|error| panic!("{format}: {error}"));
            let seen = inspected(&image, format);
            assert_eq!(seen.virtual_size, length, "{format}");
            ensure_agreed(&image, seen, &limits()).await.expect("no other opinion");

            let target = tempfile::tempfile().expect("a file");
            to_raw(&image, seen, &target, &limits(), |_| ()).await.expect("converted");
            assert!(content(&target) == bytes, "{format}");
            let allocated = target.metadata().expect("metadata").blocks() * 512;
            assert!(allocated < 2 << 20, "{format}: {allocated} bytes are allocated");
        }
    }
}

#[tokio::test]
async fn every_variant_that_qemu_img_makes_comes_out_the_same() {
    let here = tempfile::tempdir().expect("a directory");
    let (mut source, bytes) = disk();
    let mut plain = File::create(here.path().join("plain")).expect("a file");
    std::io::copy(&mut source, &mut plain).expect("copied");
    let variants = [
        ("qcow2", "compat=0.10"),
        ("qcow2", "compression_type=zstd"),
        ("qcow2", "extended_l2=on,cluster_size=128k"),
        ("qcow2", "cluster_size=512"),
        ("qcow2", "cluster_size=2M"),
        ("qcow2", "refcount_bits=1"),
        ("qcow2", "refcount_bits=64"),
        ("qcow2", "lazy_refcounts=on,preallocation=metadata"),
        ("vmdk", "subformat=monolithicSparse"),
        ("vmdk", "subformat=streamOptimized"),
        ("vpc", "subformat=fixed,force_size=on"),
        ("vpc", "subformat=dynamic"),
        ("vhdx", "subformat=fixed"),
        ("vhdx", "block_size=1M"),
        ("vdi", "static=on"),
        ("parallels", "cluster_size=64k"),
    ];
    for (driver, options) in variants {
        let words = ["convert", "-f", "raw", "-O", driver, "-o", options, "plain", "image"];
        qemu_img(&words, here.path());
        let image = File::open(here.path().join("image")).expect("the image");
        let format = Format::ALL.into_iter().find(|format| format.driver() == driver);
        let seen = inspected(&image, format.expect("a known format"));
        ensure_agreed(&image, seen, &limits()).await.expect("no other opinion");
        let target = tempfile::tempfile().expect("a file");
        to_raw(&image, seen, &target, &limits(), |_| ()).await.expect("converted");
        // Cylinders and heads may come to a little more.
        let out = content(&target);
        assert!(
            out[..bytes.len()] == bytes && out[bytes.len()..].iter().all(|b| *b == 0),
            "{options}"
        );
    }
}

#[tokio::test]
async fn the_image_with_snapshots_inside_has_its_present_content() {
    let here = tempfile::tempdir().expect("a directory");
    let (source, bytes) = disk();
    let image = here.path().join("image");
    let image = File::create_new(image).expect("a file");
    let length = bytes.len() as u64;
    from_raw(&source, length, &image, Format::Qcow2, &limits(), |_| ()).await.expect("made");
    qemu_img(&["snapshot", "-c", "then", "image"], here.path());
    let seen = inspected(&image, Format::Qcow2);
    let target = tempfile::tempfile().expect("a file");
    to_raw(&image, seen, &target, &limits(), |_| ()).await.expect("converted");
    assert!(content(&target) == bytes);
}

async fn kind(image: &File, seen: Inspected, target: &File, limits: &Limits) -> Kind {
    to_raw(image, seen, target, limits, |_| ()).await.expect_err("a limit is reached").kind
}

#[tokio::test]
async fn each_limit_has_its_own_error() {
    let (source, bytes) = disk();
    let image = tempfile::tempfile().expect("a file");
    let length = bytes.len() as u64;
    from_raw(&source, length, &image, Format::Qcow2, &limits(), |_| ()).await.expect("made");
    let seen = inspected(&image, Format::Qcow2);
    let target = tempfile::tempfile().expect("a file");

    let narrow = Limits { output: 1 << 20, ..limits() };
    assert_eq!(kind(&image, seen, &target, &narrow).await, Kind::TooBig);
    target.set_len(length).expect("grown");
    assert_eq!(kind(&image, seen, &target, &narrow).await, Kind::TooBig);
    let narrow = Limits { wall: Duration::ZERO, ..limits() };
    assert_eq!(kind(&image, seen, &target, &narrow).await, Kind::TimedOut);
    let narrow = Limits { memory: 20 << 20, ..limits() };
    assert_eq!(kind(&image, seen, &target, &narrow).await, Kind::Memory);
    assert_eq!(kind(&source, seen, &target, &limits()).await, Kind::Malformed);
}

#[test]
fn hostile_images_that_qemu_img_makes_are_refused() {
    let here = tempfile::tempdir().expect("a directory");
    fs::write(here.path().join("secret"), [b'x'; 1 << 16]).expect("written");
    let hostile: [(Format, &str, &[&str]); 7] = [
        (Format::Qcow2, "a backing file", &["-f", "qcow2", "-b", "secret", "-F", "raw", "image"]),
        (
            Format::Qcow2,
            "an external data file",
            &["-f", "qcow2", "-o", "data_file=other", "image", "1M"],
        ),
        (
            Format::Qcow2,
            "at most 1099511627776",
            &["-f", "qcow2", "-o", "cluster_size=2M", "image", "1P"],
        ),
        (Format::Qcow2, "qed", &["-f", "qed", "image", "1M"]),
        (Format::Vmdk, "a parent", &["-f", "vmdk", "-b", "parent.vmdk", "-F", "vmdk", "image"]),
        (
            Format::Vmdk,
            "which is not supported",
            &["-f", "vmdk", "-o", "subformat=monolithicFlat", "image", "1M"],
        ),
        (
            Format::Vmdk,
            "which is not supported",
            &["-f", "vmdk", "-o", "subformat=twoGbMaxExtentSparse", "image", "1M"],
        ),
    ];
    qemu_img(&["create", "-q", "-f", "vmdk", "parent.vmdk", "1M"], here.path());
    for (format, reason, words) in hostile {
        qemu_img(&[&["create", "-q"], words].concat(), here.path());
        let mut image = File::open(here.path().join("image")).expect("the image");
        let refused =
            inspect(&mut image, format, LARGEST).expect_err("a hostile image").to_string();
        assert!(refused.contains(reason), "{words:?}: {refused}");
        assert!(inspect(&mut image, Format::Raw, LARGEST).is_err(), "{words:?} as plain bytes");
        fs::remove_file(here.path().join("image")).expect("removed");
    }
}

#[tokio::test]
async fn the_second_opinion_is_heard() {
    let here = tempfile::tempdir().expect("a directory");
    fs::write(here.path().join("secret"), [b'x'; 1 << 16]).expect("written");
    let words = ["create", "-q", "-f", "qcow2", "-b", "secret", "-F", "raw", "image", "1M"];
    qemu_img(&words, here.path());
    let image = File::open(here.path().join("image")).expect("the image");
    // As if our own inspection had let it through.
    let seen = Inspected { format: Format::Qcow2, virtual_size: 1 << 20 };
    let refused = ensure_agreed(&image, seen, &limits()).await.expect_err("a backing file");
    assert_eq!(refused.kind, Kind::Malformed);
    let target = tempfile::tempfile().expect("a file");
    // Even then nothing of it is read.
    if to_raw(&image, seen, &target, &limits(), |_| ()).await.is_ok() {
        assert!(content(&target).iter().all(|byte| *byte == 0));
    }
}

#[tokio::test]
async fn only_the_disk_of_a_longer_source_goes_into_an_image() {
    let mut source = tempfile::tempfile().expect("a file");
    source.write_all(&[7; 3 << 20]).expect("written");
    let image = tempfile::tempfile().expect("a file");
    from_raw(&source, 1 << 20, &image, Format::Vdi, &limits(), |_| ()).await.expect("made");
    assert_eq!(inspected(&image, Format::Vdi).virtual_size, 1 << 20);
}
