//! The text in a VMDK that says what it is made of.

use std::io::{Read, Seek};

use super::super::Refused;
use super::super::source::Source;

/// Where the text stands, in sectors: readers look nowhere else.
const PLACE: u64 = 1;
/// The longest text that is read, in sectors. VMware's own have 20.
const MAX_SECTORS: u64 = 128;

/// Refuses a text that names anything but the image itself.
pub(super) fn check<S: Read + Seek>(
    source: &mut Source<'_, S>,
    place: u64,
    sectors: u64,
) -> Result<(), Refused> {
    if place != PLACE || !(1..=MAX_SECTORS).contains(&sectors) {
        return Err(source.malformed("the place of its descriptor"));
    }
    let mut bytes = [0; (MAX_SECTORS * super::SECTOR) as usize];
    let bytes = &mut bytes[..(sectors * super::SECTOR) as usize];
    source.read(PLACE * super::SECTOR, bytes, "its descriptor")?;
    // Readers take what follows for a part of it, whatever its length is said to be.
    let Some(end) = bytes.iter().position(|byte| *byte == 0) else {
        return Err(source.malformed("its descriptor has no end"));
    };
    let text = &bytes[..end];
    if !text.is_ascii() {
        return Err(source.malformed("its descriptor is not ASCII"));
    }
    let text = String::from_utf8_lossy(text).to_ascii_lowercase();
    check_text(source, &text)
}

/// `text` is in lower case.
fn check_text<S: Read + Seek>(source: &Source<'_, S>, text: &str) -> Result<(), Refused> {
    // Readers look for these words wherever they are, also in a comment.
    if text.contains("parentfilenamehint") {
        return Err(source.elsewhere("a parent disk"));
    }
    let twice = |word| text.matches(word).count() > 1;
    if twice("createtype") || twice("parentcid") {
        return Err(source.malformed("its descriptor says a thing twice"));
    }
    let mut create_type = None;
    let mut extents = 0;
    for line in text.lines().map(str::trim) {
        let word = line.split([' ', '\t']).next().unwrap_or_default();
        if line.is_empty() || line.starts_with('#') || line.starts_with("ddb.") {
            continue;
        }
        if matches!(word, "rw" | "rdonly" | "noaccess") {
            check_extent(source, line)?;
            extents += 1;
            continue;
        }
        match line.split_once('=').map(|(key, value)| (key.trim(), value.trim().trim_matches('"')))
        {
            Some(("createtype", value)) => create_type = Some(value),
            Some(("parentcid", value)) if value != "ffffffff" => {
                return Err(source.elsewhere("a parent disk"));
            }
            Some((key, _)) if key.starts_with("encryption.") => return Err(source.encrypted()),
            Some((key, _)) if !key.contains([' ', '\t']) => {}
            _ => return Err(source.malformed("its descriptor has a line that means nothing")),
        }
    }
    if !matches!(create_type, Some("monolithicsparse" | "streamoptimized")) {
        return Err(source.unsupported("a layout other than monolithicSparse and streamOptimized"));
    }
    if extents == 1 { Ok(()) } else { Err(source.elsewhere("extents in other files")) }
}

/// An extent is `access sectors type "name"`; the one of these layouts is the file itself, by whatever name it had.
fn check_extent<S: Read + Seek>(source: &Source<'_, S>, line: &str) -> Result<(), Refused> {
    let mut words = line.splitn(4, [' ', '\t']);
    let (sectors, kind, name) = (words.nth(1), words.next(), words.next());
    let (Some(sectors), Some(kind), Some(name)) = (sectors, kind, name) else {
        return Err(source.malformed("its descriptor has an extent that means nothing"));
    };
    if kind != "sparse" || name.contains(['/', '\\', ':']) {
        return Err(source.elsewhere("extents in other files"));
    }
    let quoted = name.len() > 2 && name.starts_with('"') && name.ends_with('"');
    let name = name.trim_matches('"');
    if !quoted || name.contains('"') || sectors.parse::<u64>().is_err() {
        return Err(source.malformed("its descriptor has an extent that means nothing"));
    }
    Ok(())
}
