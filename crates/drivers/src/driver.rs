//! The trait: what a backend must be able to do. Every call may be repeated, since a flow repeats it after a crash.

use ashlar_types::{Gib, PoolStats};
use futures::future::BoxFuture;

use crate::error::DriverError;

/// A volume as the tables name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VolumeRef<'a> {
    /// Name on the backend, `volume-<id>`.
    pub name: &'a str,
    /// The pool's own name, after the `#`.
    pub pool: &'a str,
    /// Size that the tables give it.
    pub size: Gib,
}

/// A snapshot as the tables name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotRef<'a> {
    /// Name on the backend, `snapshot-<id>`.
    pub name: &'a str,
    /// Name of the volume it was taken of.
    pub volume_name: &'a str,
    /// The pool of both.
    pub pool: &'a str,
    /// Size of the volume when it was taken.
    pub size: Gib,
}

/// What the tables should keep of a thing that the backend made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Made {
    /// For the column `provider_location`, at most 255 characters.
    pub provider_location: Option<String>,
    /// For the column `provider_id`.
    pub provider_id: Option<String>,
}

/// The kinds of things on a backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A volume.
    Volume,
    /// A snapshot.
    Snapshot,
}

/// Something of ours that really is on the backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Name on the backend; for a half-made thing the name that it was to have, so that a destroy of
    /// that name removes it.
    pub name: String,
    /// The pool it is in.
    pub pool: String,
    /// Its size there, rounded up.
    pub size: Gib,
    /// What it is.
    pub kind: Kind,
    /// Ready for use; `false` when it is still being made or was left half-made by a crash.
    pub complete: bool,
}

/// The answer of a driver call.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, DriverError>>;

/// Code for one kind of storage.
///
/// All calls are idempotent: repeated after success they succeed and change nothing; repeated after a
/// crash they finish or clean up what was begun. Equal calls at the same time are safe. A call whose
/// future is dropped may still take effect. A thing appears under its name only when it is complete and
/// would survive a power failure. `crate::contract` says all this as tests.
pub trait Driver: Send + Sync + 'static {
    /// Makes the backend ready: called before anything else at each start, again after trouble. Also
    /// removes what an earlier run left half-made.
    fn check_setup(&self) -> Answer<'_, ()>;

    /// Whether anything of ours is on the backend, complete or half-made: cheap, it stops at the first. `None`
    /// when the driver cannot tell, or forgets everything with each restart anyway.
    fn holds_anything(&self) -> Answer<'_, Option<bool>>;

    /// What the pools are and how full, measured now.
    fn stats(&self) -> Answer<'_, Vec<PoolStats>>;

    /// Makes an empty volume, which reads as zeros.
    fn ensure_volume<'a>(&'a self, volume: VolumeRef<'a>) -> Answer<'a, Made>;

    /// Makes a volume with the content of `snapshot`, grown when it is to be larger.
    ///
    /// # Errors
    /// `NotFound` when the snapshot is not there (unless the volume is already), `Invalid` when the
    /// volume would be smaller than it.
    fn ensure_volume_from_snapshot<'a>(
        &'a self,
        volume: VolumeRef<'a>,
        snapshot: SnapshotRef<'a>,
    ) -> Answer<'a, Made>;

    /// Makes a volume with the content of another, grown when it is to be larger. Afterwards neither
    /// needs the other.
    ///
    /// # Errors
    /// `NotFound` when the source is not there (unless the volume is already), `Invalid` when the
    /// volume would be smaller than it.
    fn ensure_clone<'a>(&'a self, volume: VolumeRef<'a>, source: VolumeRef<'a>)
    -> Answer<'a, Made>;

    /// Makes a volume at least `size` large. What is added reads as zeros. Never shrinks.
    ///
    /// # Errors
    /// `NotFound` when the volume is not there.
    fn ensure_size<'a>(&'a self, volume: VolumeRef<'a>, size: Gib) -> Answer<'a, ()>;

    /// Takes a snapshot of a volume.
    ///
    /// # Errors
    /// `NotFound` when the volume is not there (unless the snapshot is already).
    fn ensure_snapshot<'a>(&'a self, snapshot: SnapshotRef<'a>) -> Answer<'a, Made>;

    /// Removes a snapshot and whatever is half-made under its name; fine when there is nothing.
    fn destroy_snapshot<'a>(&'a self, snapshot: SnapshotRef<'a>) -> Answer<'a, ()>;

    /// Removes a volume and whatever is half-made under its name; fine when there is nothing.
    fn destroy_volume<'a>(&'a self, volume: VolumeRef<'a>) -> Answer<'a, ()>;

    /// Everything of ours on the backend, by name, half-made things too. Things of others are left out.
    fn list(&self) -> Answer<'_, Vec<Stored>>;
}
