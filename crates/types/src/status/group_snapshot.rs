//! The statuses of a snapshot of a group.

use super::statuses;

statuses! {
    /// What a group snapshot is doing, as clients see it in `status`.
    GroupSnapshotStatus("group snapshot") {
        /// It could not be made or removed.
        Error = "error",
        /// Ready.
        Available = "available",
        /// Being made.
        Creating = "creating",
        /// Being removed.
        Deleting = "deleting",
        /// Gone; kept as a row.
        Deleted = "deleted",
        /// Being changed; nothing of ours sets it.
        Updating = "updating",
        /// It could not be removed; Cinder says `error` then.
        ErrorDeleting = "error_deleting",
    }
}

impl GroupSnapshotStatus {
    /// A delete may start from here.
    pub const DELETABLE: &'static [Self] = &[Self::Available, Self::Error];
}
