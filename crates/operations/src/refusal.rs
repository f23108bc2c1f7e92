//! Why a request is not accepted. Nothing was written when one of these comes back.

use ashlar_db::DbError;
use ashlar_db::transact::MaybeDb;
use ashlar_types::quota::Over;

/// A request that is not accepted, by what the client is told.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// It is not there, or not the caller's to see. 404.
    #[error("{kind} {id} could not be found.")]
    NotFound {
        /// `Volume`, `Snapshot`, `Volume type`.
        kind: &'static str,
        /// As the client wrote it.
        id: String,
    },
    /// The attachment is not there, or not the caller's to see. 404.
    #[error("Volume attachment could not be found with filter: attachment_id = {0}.")]
    NoAttachment(String),
    /// Something of this name is not there. 404.
    #[error("{kind} with name {name} could not be found.")]
    NoSuchName {
        /// `Volume type`.
        kind: &'static str,
        /// As the client wrote it.
        name: String,
    },
    /// A value or a state that does not allow it. 400.
    #[error("{0}")]
    Invalid(String),
    /// What is asked would clash with what is there, or with who uses it. 409.
    #[error("{0}")]
    Conflict(String),
    /// The caller lacks a right that only the operation itself can tell; the policy rule's name. 403.
    #[error("Policy doesn't allow {0} to be performed.")]
    Forbidden(&'static str),
    /// A limit would be passed. 413.
    #[error(transparent)]
    OverQuota(#[from] OverQuota),
    /// The operation was begun, and failed for a reason that the client may read. 500.
    #[error("{0}")]
    Failed(String),
    /// It cannot be done, or its end cannot be waited for, at this time. 503.
    #[error("{0}")]
    Unavailable(String),
    /// The house is at fault. 500, or 503 when the database is away.
    #[error("the database failed")]
    Database(#[from] DbError),
}

/// A limit would be passed, in Cinder's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OverQuota {
    /// `volumes` or `volumes_TYPE`.
    #[error(
        "VolumeLimitExceeded: Maximum number of volumes allowed ({limit}) exceeded for quota '{name}'."
    )]
    Volumes {
        /// The limit.
        limit: i64,
        /// The resource.
        name: String,
    },
    /// `snapshots` or `snapshots_TYPE`.
    #[error("SnapshotLimitExceeded: Maximum number of snapshots allowed ({limit}) exceeded")]
    Snapshots {
        /// The limit.
        limit: i64,
    },
    /// `groups`.
    #[error("GroupLimitExceeded: Maximum number of groups allowed ({limit}) exceeded")]
    Groups {
        /// The limit.
        limit: i64,
    },
    /// `gigabytes` or `gigabytes_TYPE`.
    #[error(
        "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed {name} quota. \
         Requested {requested}G, quota is {limit}G and {consumed}G has been consumed."
    )]
    Gigabytes {
        /// The resource.
        name: String,
        /// What was asked.
        requested: i64,
        /// The limit.
        limit: i64,
        /// In use and reserved.
        consumed: i64,
    },
    /// `per_volume_gigabytes`.
    #[error(
        "VolumeSizeExceedsLimit: Requested volume size {size}G is larger than maximum allowed limit \
         {limit}G."
    )]
    PerVolume {
        /// What was asked.
        size: i64,
        /// The limit.
        limit: i64,
    },
}

impl From<Over> for OverQuota {
    fn from(over: Over) -> Self {
        let Over { resource: name, requested, limit, consumed } = over;
        if name.starts_with("gigabytes") {
            Self::Gigabytes { name, requested, limit, consumed }
        } else if name.starts_with("snapshots") {
            Self::Snapshots { limit }
        } else if name == "groups" {
            Self::Groups { limit }
        } else {
            Self::Volumes { limit, name }
        }
    }
}

impl From<Over> for Refusal {
    fn from(over: Over) -> Self {
        Self::OverQuota(over.into())
    }
}

impl MaybeDb for Refusal {
    fn db(&self) -> Option<&DbError> {
        match self {
            Self::Database(error) => Some(error),
            _ => None,
        }
    }
}

impl Refusal {
    /// A volume that is not there, or not the caller's.
    pub fn no_volume(id: impl ToString) -> Self {
        Self::NotFound { kind: "Volume", id: id.to_string() }
    }

    /// A snapshot that is not there, or not the caller's.
    pub fn no_snapshot(id: impl ToString) -> Self {
        Self::NotFound { kind: "Snapshot", id: id.to_string() }
    }

    /// A group that is not there, or not the caller's.
    pub fn no_group(id: impl ToString) -> Self {
        Self::NotFound { kind: "Group", id: id.to_string() }
    }

    /// Cinder's "Invalid Group: …".
    pub fn invalid_group(reason: impl std::fmt::Display) -> Self {
        Self::Invalid(format!("Invalid Group: {reason}"))
    }

    /// A group snapshot that is not there, or not the caller's.
    pub fn no_group_snapshot(id: impl ToString) -> Self {
        Self::NotFound { kind: "GroupSnapshot", id: id.to_string() }
    }

    /// Cinder's "Invalid GroupSnapshot: …".
    pub fn invalid_group_snapshot(reason: impl std::fmt::Display) -> Self {
        Self::Invalid(format!("Invalid GroupSnapshot: {reason}"))
    }

    /// Refuses who acts for no project: what is made must belong to one. Cinder would store it without.
    ///
    /// # Errors
    /// 400.
    pub(crate) fn without_project(caller: &ashlar_types::Caller) -> Result<(), Self> {
        if caller.project_id.is_empty() {
            return Err(Self::invalid_input(
                "the token is of a domain or of the system; a token of a project is needed",
            ));
        }
        Ok(())
    }

    /// Cinder's "Invalid volume: …".
    pub fn invalid_volume(reason: impl std::fmt::Display) -> Self {
        Self::Invalid(format!("Invalid volume: {reason}"))
    }

    /// Cinder's "Invalid snapshot: …".
    pub fn invalid_snapshot(reason: impl std::fmt::Display) -> Self {
        Self::Invalid(format!("Invalid snapshot: {reason}"))
    }

    /// Cinder's "Invalid input received: …".
    pub fn invalid_input(reason: impl std::fmt::Display) -> Self {
        Self::Invalid(format!("Invalid input received: {reason}"))
    }
}
