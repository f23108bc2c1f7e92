//! The statuses of a group of volumes.

use super::statuses;

statuses! {
    /// What a group is doing, as clients see it in `status`.
    GroupStatus("group") {
        /// It could not be made or changed.
        Error = "error",
        /// Ready.
        Available = "available",
        /// Being made.
        Creating = "creating",
        /// Being removed.
        Deleting = "deleting",
        /// Gone; kept as a row.
        Deleted = "deleted",
        /// Volumes are joining or leaving it.
        Updating = "updating",
        /// Only its code in Cinder knows it; nothing sets it.
        InUse = "in-use",
        /// It could not be removed.
        ErrorDeleting = "error_deleting",
    }
}

impl GroupStatus {
    /// A delete that spares the volumes may start from here.
    pub const DELETABLE: &'static [Self] = &[Self::Available, Self::Error];
    /// A volume may be made in it.
    pub const OPEN: &'static [Self] = &[Self::Available, Self::Creating];
    /// What an administrator may name: Cinder takes the set of group snapshots here.
    pub const RESETTABLE: &'static [Self] = &[
        Self::Error,
        Self::Available,
        Self::Creating,
        Self::Deleting,
        Self::Deleted,
        Self::Updating,
        Self::ErrorDeleting,
    ];
}
