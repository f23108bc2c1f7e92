//! The statuses of a snapshot.

use super::statuses;

statuses! {
    /// What a snapshot is doing, as clients see it in `status`.
    SnapshotStatus("snapshot") {
        /// It could not be made.
        Error = "error",
        /// Ready.
        Available = "available",
        /// Being made.
        Creating = "creating",
        /// Being removed.
        Deleting = "deleting",
        /// Gone; kept as a row.
        Deleted = "deleted",
        /// Being changed.
        Updating = "updating",
        /// It could not be removed.
        ErrorDeleting = "error_deleting",
        /// Being given up to whoever manages the backend.
        Unmanaging = "unmanaging",
        /// A backup of it is being made.
        BackingUp = "backing-up",
        /// Its volume is going back to it.
        Restoring = "restoring",
    }
}

impl SnapshotStatus {
    /// A plain delete may start from here.
    pub const DELETABLE: &'static [Self] = &[Self::Available, Self::Error];
}
