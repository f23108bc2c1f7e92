//! Says from an image's own bytes what it is, and whether it is safe to open.
//!
//! What an image says about itself is read within bounds: nothing is allocated by its say, no more than
//! [`BUDGET`] bytes are read, and nothing but the image is opened. Refused is whatever would make a reader look
//! elsewhere (a backing file, a data file, extents: CVE-2022-47951, CVE-2024-32498), whatever is not what it was
//! declared to be, and whatever is too large, cut off or encrypted.

mod iso;
mod ploop;
mod qcow2;
mod sniff;
mod source;
mod vdi;
mod vhd;
mod vhdx;
mod vmdk;

use std::io::{self, Read, Seek};

use crate::Format;
use source::Source;

pub use sniff::HEAD;
pub use source::BUDGET;

/// What an image is, after it was found to be safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inspected {
    /// Its format, which is the declared one.
    pub format: Format,
    /// The size of the disk in it, in bytes.
    pub virtual_size: u64,
}

/// Why an image is not used. The texts are for users and hold nothing of the image's own text.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The bytes are of another format than was declared.
    #[error("it is declared to be {declared}, but its bytes are {seen}")]
    Unlike {
        /// What was declared.
        declared: Format,
        /// What it looks like.
        seen: &'static str,
    },
    /// A part of its content would come from elsewhere.
    #[error("this {format} image refers to {what}")]
    Elsewhere {
        /// Its format.
        format: Format,
        /// What it refers to.
        what: &'static str,
    },
    /// Its content cannot be read without a key.
    #[error("this {format} image is encrypted")]
    Encrypted {
        /// Its format.
        format: Format,
    },
    /// A variant of its format that is not read here.
    #[error("this {format} image has {what}, which is not supported")]
    Unsupported {
        /// Its format.
        format: Format,
        /// The variant.
        what: &'static str,
    },
    /// It contradicts its format.
    #[error("this {format} image is damaged: {what}")]
    Malformed {
        /// Its format.
        format: Format,
        /// What is wrong.
        what: &'static str,
    },
    /// It ends before its content does.
    #[error("this {format} image is cut off: {what}")]
    Truncated {
        /// Its format.
        format: Format,
        /// What is missing.
        what: &'static str,
    },
    /// The disk in it is larger than can be used.
    #[error("the disk in the image has {virtual_size} bytes, at most {largest} are possible")]
    TooLarge {
        /// The size of the disk.
        virtual_size: u64,
        /// The bound that the caller gave.
        largest: u64,
    },
    /// Reading failed.
    #[error("the image cannot be read")]
    Unread(#[source] io::Error),
}

/// Inspects the whole image in `image`, which is declared to be `declared` and may hold a disk of at most `largest`
/// bytes. The position of `image` is undefined afterwards.
///
/// # Errors
/// [`Refused`]: the image must not be opened by anything.
pub fn inspect(
    image: &mut (impl Read + Seek),
    declared: Format,
    largest: u64,
) -> Result<Inspected, Refused> {
    let mut source = Source::new(image, declared).map_err(Refused::Unread)?;
    sniff::ensure_like(declared, &source.head()?)?;
    let virtual_size = match declared {
        Format::Raw => source.length(),
        Format::Iso => iso::size(&mut source)?,
        Format::Qcow2 => qcow2::size(&mut source)?,
        Format::Vmdk => vmdk::size(&mut source)?,
        Format::Vhd => vhd::size(&mut source)?,
        Format::Vhdx => vhdx::size(&mut source)?,
        Format::Vdi => vdi::size(&mut source)?,
        Format::Ploop => ploop::size(&mut source)?,
    };
    if virtual_size > largest {
        return Err(Refused::TooLarge { virtual_size, largest });
    }
    Ok(Inspected { format: declared, virtual_size })
}

/// The same for plain bytes of which only the beginning is here: at least [`HEAD`] bytes, or all that there are.
/// What is declared raw must not look like anything else, what is declared ISO must be that.
///
/// # Errors
/// [`Refused`]: nothing of it may be written where somebody could take it for the other format.
pub fn inspect_head(head: &[u8], declared: Format) -> Result<(), Refused> {
    sniff::ensure_like(declared, head)?;
    if declared == Format::Iso { iso::ensure(head) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
