//! The statuses of a volume and which operation may start from which.

use super::statuses;

statuses! {
    /// What a volume is doing, as clients see it in `status`.
    VolumeStatus("volume") {
        /// Being made.
        Creating = "creating",
        /// Ready and attached to nothing.
        Available = "available",
        /// Being removed.
        Deleting = "deleting",
        /// Something went wrong while it was made or changed.
        Error = "error",
        /// It could not be removed.
        ErrorDeleting = "error_deleting",
        /// An existing backend volume could not be taken over.
        ErrorManaging = "error_managing",
        /// An existing backend volume is being taken over.
        Managing = "managing",
        /// Being attached.
        Attaching = "attaching",
        /// Attached to at least one server.
        InUse = "in-use",
        /// Being detached.
        Detaching = "detaching",
        /// Closed to changes while an administrator moves it.
        Maintenance = "maintenance",
        /// A backup is being written into it.
        RestoringBackup = "restoring-backup",
        /// A restore failed.
        ErrorRestoring = "error_restoring",
        /// Promised to an attachment.
        Reserved = "reserved",
        /// Offered to another project.
        AwaitingTransfer = "awaiting-transfer",
        /// A backup of it is being made.
        BackingUp = "backing-up",
        /// A backup of it failed.
        ErrorBackingUp = "error_backing-up",
        /// It could not be made larger.
        ErrorExtending = "error_extending",
        /// An image is being copied into it.
        Downloading = "downloading",
        /// It is being copied to an image.
        Uploading = "uploading",
        /// Changing its type.
        Retyping = "retyping",
        /// Being made larger.
        Extending = "extending",
        /// Going back to its newest snapshot.
        Reverting = "reverting",
        /// Being given up to whoever manages the backend.
        Unmanaging = "unmanaging",
        /// It could not be given up.
        ErrorUnmanaging = "error_unmanaging",
        /// A volume that failed to be taken over is being removed.
        ErrorManagingDeleting = "error_managing_deleting",
        /// Gone; kept as a row.
        Deleted = "deleted",
    }
}

impl VolumeStatus {
    /// What clients are shown: three inner statuses borrow another's name.
    #[must_use]
    pub const fn shown(self) -> Self {
        match self {
            Self::Managing => Self::Creating,
            Self::ErrorManaging => Self::Error,
            Self::ErrorManagingDeleting => Self::Deleting,
            other => other,
        }
    }

    /// The statuses that Cinder declares, in its order: what an administrator may name. The others only
    /// its code writes.
    pub const DECLARED: &'static [Self] = &[
        Self::Creating,
        Self::Available,
        Self::Deleting,
        Self::Error,
        Self::ErrorDeleting,
        Self::ErrorManaging,
        Self::Managing,
        Self::Attaching,
        Self::InUse,
        Self::Detaching,
        Self::Maintenance,
        Self::RestoringBackup,
        Self::ErrorRestoring,
        Self::Reserved,
        Self::AwaitingTransfer,
        Self::BackingUp,
        Self::ErrorBackingUp,
        Self::ErrorExtending,
        Self::Downloading,
        Self::Uploading,
        Self::Retyping,
        Self::Extending,
    ];
    /// A plain delete may start from here.
    pub const DELETABLE: &'static [Self] = &[
        Self::Available,
        Self::Error,
        Self::ErrorRestoring,
        Self::ErrorExtending,
        Self::ErrorManaging,
    ];
    /// An extend may start from here below microversion 3.42.
    pub const EXTENDABLE: &'static [Self] = &[Self::Available];
    /// An extend may start from here from microversion 3.42 on.
    pub const EXTENDABLE_ONLINE: &'static [Self] = &[Self::Available, Self::InUse];
    /// A reimage may start from here; also from `reserved`, for who asks for that.
    pub const REIMAGEABLE: &'static [Self] = &[Self::Available, Self::Error];
    /// A retype may start from here.
    pub const RETYPEABLE: &'static [Self] = &[Self::Available, Self::InUse];
    /// It may be the source of a clone.
    pub const CLONEABLE: &'static [Self] = &[Self::Available, Self::InUse];
}
