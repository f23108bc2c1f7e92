//! Moves plain bytes between the network and a file, and checks their length and digest on the way.
//!
//! `save` writes a stream and `read` makes one of a file; `digest` knows the algorithms that Glance names.

mod digest;
mod reading;
mod saving;
mod sparse;

pub use digest::{Digest, Hasher};
pub use reading::read;
pub use saving::{Incoming, SaveError, save};
pub use sparse::write as write_sparse;
