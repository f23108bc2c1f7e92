//! The columns of `volume_attachment` that lists may be filtered and sorted by.

use crate::listing::columns_of;

columns_of! {
    /// A column of `volume_attachment`.
    AttachmentColumn {
        /// Identity.
        Id = "id" Text,
        /// The volume.
        VolumeId = "volume_id" Text,
        /// The server.
        InstanceUuid = "instance_uuid" Text,
        /// The host.
        AttachedHost = "attached_host" Text,
        /// Device as the server sees it.
        Mountpoint = "mountpoint" Text,
        /// `rw`, `ro`, or the text `null`.
        AttachMode = "attach_mode" Text,
        /// How far it has come.
        AttachStatus = "attach_status" Text,
        /// When it became attached.
        AttachTime = "attach_time" Time,
        /// When it was detached; never in a list.
        DetachTime = "detach_time" Time,
        /// When it was made.
        CreatedAt = "created_at" Time,
        /// When it last changed.
        UpdatedAt = "updated_at" Time,
        /// When it was deleted; never in a list.
        DeletedAt = "deleted_at" Time,
        /// Deleted; never in a list.
        Deleted = "deleted" Bool,
    }

    const TABLE: &'static str = "volume_attachment";
    const ALWAYS: &'static str = "t.deleted = FALSE";
    const OF_PROJECT: &'static str =
        "EXISTS (SELECT 1 FROM volumes v WHERE v.id = t.volume_id AND v.project_id = ?)";
    const METADATA: (&'static str, &'static str) = ("volume_metadata", "volume_id");
    const MORE_METADATA: Option<(&'static str, &'static str)> = None;
    const IMAGE_METADATA: Option<(&'static str, &'static str)> = None;
    const PLACE: (&'static str, &'static str) =
        ("EXISTS (SELECT 1 FROM volumes p WHERE p.id = t.volume_id AND ", ")");
    const PLACE_ALIAS: &'static str = "p";
}
