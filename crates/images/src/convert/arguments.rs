//! The words that `qemu-img` is called with. Nothing in them comes from an image or a user.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileTypeExt as _;

use serde_json::{Value, json};

use super::{Limits, Shape};
use crate::{Format, Inspected};

/// The image to read is the program's standard input; opened again by this name, since it is no stream.
const INPUT: &str = "/dev/fd/0";
/// The image to write is its standard output.
const OUTPUT: &str = "/dev/fd/1";

/// Memory is returned to one heap rather than one for each thread, each of which would reserve 64 MiB of addresses.
pub(super) const ENVIRONMENT: [(&str, &str); 2] = [("LC_ALL", "C"), ("MALLOC_ARENA_MAX", "1")];

/// Runs what follows within the limits.
pub(super) fn bounds(limits: &Limits) -> Vec<String> {
    let cpu = limits.cpu.as_secs().max(1);
    vec![
        format!("--as={}", limits.memory),
        // The soft limit's signal says why the program ended; the hard one's does not.
        format!("--cpu={cpu}:{}", cpu.saturating_add(1)),
        format!("--fsize={}", limits.output),
        "--nofile=64".to_owned(),
        "--core=0".to_owned(),
        "--".to_owned(),
        "qemu-img".to_owned(),
    ]
}

/// `qemu-img info` of an image.
pub(super) fn info(image: Inspected, source: &File) -> io::Result<Vec<String>> {
    Ok(vec!["info".to_owned(), "--output=json".to_owned(), image_in(image.format, source)?])
}

/// `qemu-img convert` of an image into plain bytes.
pub(super) fn to_raw(image: Inspected, source: &File, target: &File) -> io::Result<Vec<String>> {
    let target = format!("driver=raw,file.driver={},file.filename={OUTPUT}", driver(target)?);
    let mut words = owned(&["convert", "-n", "--target-is-zero", "--target-image-opts"]);
    words.extend([image_in(image.format, source)?, target]);
    Ok(words)
}

/// `qemu-img convert` of `length` plain bytes into an image.
pub(super) fn from_raw(
    source: &File,
    length: u64,
    Shape { format, compress }: Shape,
) -> io::Result<Vec<String>> {
    let file = json!({"driver": driver(source)?, "filename": INPUT});
    let source = json!({"driver": "raw", "size": length, "file": file});
    let mut words = owned(&["convert", "-O", format.driver()]);
    match format {
        Format::Qcow2 if compress => words.extend(owned(&["-c"])),
        // The size as it is, not what cylinders and heads come to.
        Format::Vhd => words.extend(owned(&["-o", "force_size=on"])),
        _ => {}
    }
    words.extend([format!("json:{source}"), OUTPUT.to_owned()]);
    Ok(words)
}

/// The image on standard input, in so many words: no format is guessed and no backing file is opened.
fn image_in(format: Format, source: &File) -> io::Result<String> {
    let mut image = json!({
        "driver": format.driver(),
        "file": {"driver": driver(source)?, "filename": INPUT},
    });
    match format {
        Format::Qcow2 | Format::Vmdk => image["backing"] = Value::Null,
        // Some writers round the size in cylinders and heads down and use the rest all the same.
        Format::Vhd => image["force_size_calc"] = json!("current_size"),
        _ => {}
    }
    Ok(format!("json:{image}"))
}

/// What opens this file: devices need another driver than files.
fn driver(file: &File) -> io::Result<&'static str> {
    let kind = file.metadata()?.file_type();
    Ok(if kind.is_block_device() { "host_device" } else { "file" })
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
