//! An attachment of a volume to a server or a host.

use crate::{AttachStatus, AttachmentId, Timestamp, VolumeId};

/// One attachment. Fields follow the table `volume_attachment`.
#[derive(Debug, Clone, PartialEq)]
pub struct Attachment {
    /// Identity.
    pub id: AttachmentId,
    /// The volume.
    pub volume_id: VolumeId,
    /// The server, when Nova attached it.
    pub instance_uuid: Option<String>,
    /// The host, when one attached it for itself.
    pub attached_host: Option<String>,
    /// Device as the server sees it.
    pub mountpoint: Option<String>,
    /// `rw` or `ro`.
    pub attach_mode: Option<String>,
    /// How far it has come.
    pub attach_status: AttachStatus,
    /// When it became attached.
    pub attach_time: Option<Timestamp>,
    /// When it was detached.
    pub detach_time: Option<Timestamp>,
}
