//! Disk images: what their bytes say, converting them within bounds, and streaming them.
//!
//! Nobody opens an image before `inspect` has read its own bytes and found nothing that points outside of it. `convert`
//! runs `qemu-img` within limits, `stream` moves plain bytes between the network and a volume and checks their digest.

#[cfg(feature = "transfer")]
pub mod convert;
pub mod format;
pub mod inspect;
#[cfg(feature = "transfer")]
pub mod stream;
#[cfg(feature = "transfer")]
mod write_behind;

pub use format::{Format, UnknownFormat};
pub use inspect::{Inspected, Refused, inspect};
#[cfg(feature = "transfer")]
pub use write_behind::WriteBehind;
