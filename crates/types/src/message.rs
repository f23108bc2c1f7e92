//! User messages: why an asynchronous operation failed, in Cinder's numbers and words.

use serde::{Deserialize, Serialize};

use crate::{MessageId, Timestamp};

/// What was being done, by Cinder's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// 001
    ScheduleAllocateVolume,
    /// 002
    AttachVolume,
    /// 003
    CopyVolumeToImage,
    /// 004
    UpdateAttachment,
    /// 005
    CopyImageToVolume,
    /// 006
    UnmanageVolume,
    /// 007
    ExtendVolume,
    /// 008
    CreateVolumeFromBackend,
    /// 009
    SnapshotCreate,
    /// 010
    SnapshotDelete,
    /// 016
    ReimageVolume,
}

impl Action {
    /// Cinder's number, three digits.
    #[must_use]
    pub const fn number(self) -> &'static str {
        match self {
            Self::ScheduleAllocateVolume => "001",
            Self::AttachVolume => "002",
            Self::CopyVolumeToImage => "003",
            Self::UpdateAttachment => "004",
            Self::CopyImageToVolume => "005",
            Self::UnmanageVolume => "006",
            Self::ExtendVolume => "007",
            Self::CreateVolumeFromBackend => "008",
            Self::SnapshotCreate => "009",
            Self::SnapshotDelete => "010",
            Self::ReimageVolume => "016",
        }
    }
}

/// What went wrong, by Cinder's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Detail {
    /// 001
    UnknownError,
    /// 002
    DriverNotInitialized,
    /// 003
    NoValidBackend,
    /// 004
    UploadFailed,
    /// 006
    QuotaExceeded,
    /// 007
    ImageTooBig,
    /// 008
    UnmanageEncrypted,
    /// 010
    DriverFailedExtend,
    /// 011
    SignatureFailed,
    /// 012
    DriverFailedCreate,
    /// 013
    SnapshotCreateError,
    /// 015
    SnapshotIsBusy,
    /// 016
    SnapshotDeleteError,
    /// 021
    AttachFailed,
    /// 022
    DetachFailed,
    /// 029
    ImageFormatUnacceptable,
}

impl Detail {
    /// Cinder's number, three digits.
    #[must_use]
    pub const fn number(self) -> &'static str {
        match self {
            Self::UnknownError => "001",
            Self::DriverNotInitialized => "002",
            Self::NoValidBackend => "003",
            Self::UploadFailed => "004",
            Self::QuotaExceeded => "006",
            Self::ImageTooBig => "007",
            Self::UnmanageEncrypted => "008",
            Self::DriverFailedExtend => "010",
            Self::SignatureFailed => "011",
            Self::DriverFailedCreate => "012",
            Self::SnapshotCreateError => "013",
            Self::SnapshotIsBusy => "015",
            Self::SnapshotDeleteError => "016",
            Self::AttachFailed => "021",
            Self::DetachFailed => "022",
            Self::ImageFormatUnacceptable => "029",
        }
    }
}

/// The kind of thing that a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subject {
    /// `VOLUME`
    Volume,
    /// `VOLUME_SNAPSHOT`
    Snapshot,
}

impl Subject {
    /// Cinder's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Volume => "VOLUME",
            Self::Snapshot => "VOLUME_SNAPSHOT",
        }
    }
}

/// A message not yet stored: which action on what failed, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserMessage {
    /// What was being done.
    pub action: Action,
    /// What went wrong.
    pub detail: Detail,
    /// What it was done to.
    pub subject: Subject,
}

/// A stored message. Fields follow the table `messages`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Identity.
    pub id: MessageId,
    /// Project that may read it.
    pub project_id: String,
    /// `ERROR`.
    pub level: String,
    /// Request that led to it.
    pub request_id: Option<String>,
    /// `VOLUME`, `VOLUME_SNAPSHOT`.
    pub resource_type: Option<String>,
    /// What it is about.
    pub resource_uuid: Option<String>,
    /// `VOLUME_VOLUME_001_003`.
    pub event_id: String,
    /// `001` and so on: what went wrong.
    pub detail_id: Option<String>,
    /// `001` and so on: what was being done.
    pub action_id: Option<String>,
    /// When the row was made.
    pub created_at: Timestamp,
    /// Kept at least until then.
    pub expires_at: Option<Timestamp>,
}
