//! What a driver's failure means to whoever called: try later, try elsewhere, or give up.

use std::error::Error;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The meanings that a failure can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The pool is full, or cannot hold a thing of that size.
    NoSpace,
    /// Something else has hold of the thing, or the machine is short of handles or memory.
    Busy,
    /// The backend cannot be reached or takes no changes at present.
    Unavailable,
    /// The volume or snapshot that the call starts from is not there.
    NotFound,
    /// The call itself makes no sense: a bad name, a size of nothing, a copy smaller than its source.
    Invalid,
    /// The backend does what it never should: an I/O error, a refused permission.
    Broken,
}

/// A driver call failed.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct DriverError {
    /// What it means.
    pub kind: FailureKind,
    /// What happened, in words that an operator may read; no secrets, and no paths but the one that the
    /// operator configured.
    pub message: String,
    /// The private cause, for the log.
    #[source]
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

/// Filling a new volume failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FillError {
    /// The backend failed. Shared by all who waited for the same content.
    #[error(transparent)]
    Driver(Arc<DriverError>),
    /// The content failed, in the words of what makes it. Shared likewise.
    #[error("{0}")]
    Content(Arc<dyn Error + Send + Sync>),
}

impl From<DriverError> for FillError {
    fn from(error: DriverError) -> Self {
        Self::Driver(Arc::new(error))
    }
}

impl DriverError {
    /// A failure without a deeper cause.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    /// A failure with its cause.
    pub fn caused(
        kind: FailureKind,
        message: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self { kind, message: message.into(), source: Some(source.into()) }
    }

    /// Another pool might do what this one could not. Cinder reschedules a create after any failure of
    /// the driver; here a missing source or a senseless request is not carried around, since no pool can
    /// help it.
    #[must_use]
    pub fn is_worth_another_pool(&self) -> bool {
        match self.kind {
            FailureKind::NoSpace
            | FailureKind::Busy
            | FailureKind::Unavailable
            | FailureKind::Broken => true,
            FailureKind::NotFound | FailureKind::Invalid => false,
        }
    }

    /// The same call on the same pool may succeed a little later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self.kind {
            FailureKind::Busy | FailureKind::Unavailable => true,
            FailureKind::NoSpace
            | FailureKind::NotFound
            | FailureKind::Invalid
            | FailureKind::Broken => false,
        }
    }
}
