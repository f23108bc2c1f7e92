//! What a failure means to a flow: whether it may pass, told where the failure is met.

use ashlar_db::DbError;
use ashlar_drivers::{DriverError, FailureKind};
use ashlar_flow::TaskError;
use ashlar_types::UserMessage;

/// The database: a lost race or an absent server may pass; anything else is a fault of ours.
pub fn database(error: DbError) -> TaskError {
    if error.is_conflict() || error.is_unavailable() {
        TaskError::Retry(error.into())
    } else {
        TaskError::Broken(error.into())
    }
}

/// A driver: busy or absent may pass; the rest ends in `message` for the user.
pub fn driver(error: DriverError, message: UserMessage) -> TaskError {
    match error.kind {
        FailureKind::Busy | FailureKind::Unavailable => TaskError::Retry(error.into()),
        FailureKind::NoSpace
        | FailureKind::NotFound
        | FailureKind::Invalid
        | FailureKind::Broken => TaskError::Reject(message, error.into()),
    }
}
