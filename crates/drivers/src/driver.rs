//! The trait: what a backend must be able to do. Every call may be repeated, since a flow repeats it after a crash.

use std::fs::File;
use std::sync::Arc;

use ashlar_types::{ConnectionInfo, Connector, Export, Gib, PoolStats};
use futures::future::BoxFuture;

use crate::error::{DriverError, FillError};
use crate::manage::Manage;

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

/// How much the snapshots of a group must belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// All of one moment, or none: whatever was written before a write that one of them has is in them too.
    Same,
    /// Of one moment where the backend can see to it, of nearby moments otherwise.
    Near,
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

/// What fills a new volume: the bytes of an image, for instance.
pub trait Fill: Send + Sync + 'static {
    /// Writes the content into `target`, whole and flushed or not; the driver makes it durable. May be called again
    /// with another, empty target.
    ///
    /// # Errors
    /// Whatever went wrong with the content; the driver hands it on to everybody who waits for the same content.
    fn fill(
        &self,
        target: Target,
    ) -> BoxFuture<'_, Result<(), Box<dyn std::error::Error + Send + Sync>>>;
}

/// Where content goes: an open file or block device that reads as zeros.
#[derive(Debug)]
pub struct Target {
    /// Open for reading and writing. A file may be shorter than `length`; what is not written reads as zeros.
    pub file: File,
    /// Nothing is written beyond, in bytes.
    pub length: u64,
}

/// Content that a new volume gets.
#[derive(Clone)]
pub struct Content {
    /// Equal keys, equal bytes and equal sizes of volumes: creates that are under way at the same time with one key
    /// are filled once. Letters, digits, hyphens and underscores, at most 150 of them.
    pub key: String,
    /// What does it.
    pub fill: Arc<dyn Fill>,
}

/// A volume's bytes, to be read.
#[derive(Debug)]
pub struct Reading {
    /// An open file or block device.
    pub file: File,
    /// How many bytes of it are the volume's.
    pub length: u64,
}

/// The answer of a driver call.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, DriverError>>;

/// Code for one kind of storage.
///
/// All calls are idempotent: repeated after success they succeed and change nothing; repeated after a
/// crash they finish or clean up what was begun. Equal calls at the same time are safe. A call whose
/// future is dropped may still take effect. A thing appears under its name only when it is complete and
/// would survive a power failure. `crate::contract` says all this as tests.
pub trait Driver: Manage {
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

    /// Makes a volume with content that comes from outside. Those who ask for the same content meanwhile get copies of
    /// it, as cheap as the backend can make them, rather than being filled once more.
    ///
    /// # Errors
    /// [`FillError::Content`] is the filling's own error, [`FillError::Driver`] ours.
    fn ensure_filled_volume<'a>(
        &'a self,
        volume: VolumeRef<'a>,
        content: Content,
    ) -> BoxFuture<'a, Result<Made, FillError>>;

    /// Gives a volume that is there the content of `snapshot`, which may be another volume's, whole and at once: until
    /// then it has the old one, also after a crash in the middle. What is beyond the snapshot reads as zeros. Repeated,
    /// it is done once more. The volume is offered to hosts no more afterwards; whoever calls this has seen that nobody
    /// uses it.
    ///
    /// # Errors
    /// `NotFound` when the volume or the snapshot is not there, `Invalid` when the volume is smaller than it.
    fn ensure_reverted<'a>(
        &'a self,
        volume: VolumeRef<'a>,
        snapshot: SnapshotRef<'a>,
    ) -> Answer<'a, ()>;

    /// As [`Driver::ensure_reverted`], with content that comes from outside. Those who ask for the same content
    /// meanwhile may get copies of it. Content that fails leaves the volume as it was.
    ///
    /// # Errors
    /// [`FillError::Content`] is the filling's own error, [`FillError::Driver`] ours: `NotFound` when the volume is not
    /// there.
    fn ensure_refilled<'a>(
        &'a self,
        volume: VolumeRef<'a>,
        content: Content,
    ) -> BoxFuture<'a, Result<(), FillError>>;

    /// Opens a volume for reading its bytes as they are now and while they change.
    ///
    /// # Errors
    /// `NotFound` when the volume is not there.
    fn open_volume<'a>(&'a self, volume: VolumeRef<'a>) -> Answer<'a, Reading>;

    /// Offers the volume to hosts, or makes sure that it is offered, in just the way that `kept` says: what an
    /// earlier call answered and the tables kept. Without it, or when it is nothing that this driver ever answered (a
    /// path, another kind of target), a way is chosen, and a password made where one is used. Cheap when all is well: it
    /// is also called for every attached volume at each start and at each report, since the target software may have
    /// lost it. After that `connect` is called again for each attachment that has a connector, as some targets know
    /// hosts by name. The answer is for the tables; `None` when there is nothing to keep.
    ///
    /// # Errors
    /// `NotFound` when the volume is not there; `Unavailable` when the target software cannot be reached; `Busy` when
    /// the export would have to change under a host that uses it.
    fn ensure_export<'a>(
        &'a self,
        volume: VolumeRef<'a>,
        kept: Option<&'a Export>,
    ) -> Answer<'a, Option<Export>>;

    /// Whether what is offered to hosts can be lost while this process runs, as when the target software is started
    /// anew. Where it cannot, `ensure_export` is called at the start and for new hosts, and not again from time to time.
    fn exports_can_vanish(&self) -> bool {
        true
    }

    /// Offers the volume no more, and cuts off who still uses it; fine when it is not offered or not there.
    ///
    /// # Errors
    /// `Unavailable` when the target software does not answer; when it does not run, nothing is offered.
    fn destroy_export<'a>(&'a self, volume: VolumeRef<'a>) -> Answer<'a, ()>;

    /// Lets the host that `connector` describes use the exported volume, and says what it needs to know for that.
    /// `export` is what `ensure_export` answered. Changes nothing when it is repeated, also for another attachment of
    /// the same host.
    ///
    /// # Errors
    /// `NotFound` when the volume is not there; `Invalid` when it is not exported, or that host cannot reach it or did
    /// not say enough of itself; `Unavailable` when the target software cannot be reached.
    fn connect<'a>(
        &'a self,
        volume: VolumeRef<'a>,
        export: Option<&'a Export>,
        connector: &'a Connector,
    ) -> Answer<'a, ConnectionInfo>;

    /// The host needs it no more, and is cut off; without a connector every host is. Not called while another
    /// attachment of the same host needs it. Fine when it never was connected.
    fn disconnect<'a>(
        &'a self,
        volume: VolumeRef<'a>,
        connector: Option<&'a Connector>,
    ) -> Answer<'a, ()>;

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

    /// Takes a snapshot of each of several volumes, all or none; what one of them is of, the others are of too, as far as
    /// `moment` asks. Hosts that use the volumes see no error and no longer pause. When all are there already nothing
    /// changes; when some are, an earlier attempt ended in the middle, and all are taken anew. The answers are in the
    /// order of `snapshots`.
    ///
    /// # Errors
    /// `NotFound` when one of the volumes is not there (unless all snapshots are already); `Busy` when they cannot be had
    /// of one moment now; `Invalid` when a snapshot is named twice. Then none of them is there.
    fn ensure_group_snapshot<'a>(
        &'a self,
        snapshots: &'a [SnapshotRef<'a>],
        moment: Moment,
    ) -> Answer<'a, Vec<Made>>;

    /// Removes a snapshot and whatever is half-made under its name; fine when there is nothing.
    fn destroy_snapshot<'a>(&'a self, snapshot: SnapshotRef<'a>) -> Answer<'a, ()>;

    /// Removes a volume and whatever is half-made under its name; fine when there is nothing.
    fn destroy_volume<'a>(&'a self, volume: VolumeRef<'a>) -> Answer<'a, ()>;

    /// Everything of ours on the backend, by name, half-made things too. Things of others are left out.
    fn list(&self) -> Answer<'_, Vec<Stored>>;
}
