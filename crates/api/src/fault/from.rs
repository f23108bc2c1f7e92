//! Failures of the rooms below, as faults.

use ashlar_db::DbError;
use ashlar_db::transact::MaybeDb;
use ashlar_operations::Refusal;

use super::{Fault, FaultKind};

/// 503 when the database is away or too many others were faster, 400 when it cannot hold a text that the client
/// sent (Cinder breaks with a 500 there), 500 when something is wrong with it.
impl From<DbError> for Fault {
    fn from(error: DbError) -> Self {
        let cause = chain(&error);
        if error.is_unavailable() || error.is_conflict() {
            Self::unavailable("The database is not available at this time.").caused_by(cause)
        } else if error.is_unstorable() {
            Self::invalid_input(
                "The request has text that the database of this service cannot store: a NUL, \
                 characters beyond the basic multilingual plane, or more than fits.",
            )
            .caused_by(cause)
        } else {
            Self::internal(cause)
        }
    }
}

/// What an operation does not accept.
impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotFound { .. } | Refusal::NoAttachment(_) | Refusal::NoSuchName { .. } => {
                Self::new(FaultKind::NotFound, refusal.to_string())
            }
            Refusal::Invalid(message) => Self::bad_request(message),
            Refusal::Conflict(message) => Self::new(FaultKind::Conflict, message),
            Refusal::Forbidden(_) => Self::new(FaultKind::Forbidden, refusal.to_string()),
            Refusal::Failed(message) => Self::new(FaultKind::Internal, message),
            Refusal::Unavailable(message) => Self::unavailable(message),
            Refusal::OverQuota(over) => Self::over_quota(over),
            Refusal::Database(error) => error.into(),
        }
    }
}

/// What goes wrong inside a transaction of a handler: a refusal ends it, a failure of the database may be
/// tried again. The error type for `transact!` where the body refuses.
#[derive(Debug)]
pub enum TxFault {
    /// The client is told.
    Refused(Fault),
    /// The database failed.
    Database(DbError),
}

impl MaybeDb for TxFault {
    fn db(&self) -> Option<&DbError> {
        match self {
            Self::Refused(_) => None,
            Self::Database(error) => Some(error),
        }
    }
}

impl From<DbError> for TxFault {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

impl From<Fault> for TxFault {
    fn from(fault: Fault) -> Self {
        Self::Refused(fault)
    }
}

impl From<TxFault> for Fault {
    fn from(error: TxFault) -> Self {
        match error {
            TxFault::Refused(fault) => fault,
            TxFault::Database(error) => error.into(),
        }
    }
}

/// The error and its sources in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text.push_str(": ");
        text.push_str(&source.to_string());
        next = source.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use ashlar_operations::OverQuota;

    use super::*;

    #[test]
    fn refusals_keep_their_words_and_get_their_status() {
        let told = |refusal: Refusal| {
            let fault = Fault::from(refusal);
            (fault.status().as_u16(), fault.message().to_owned(), fault.retry_after())
        };
        assert_eq!(
            told(Refusal::no_volume("x")),
            (404, "Volume x could not be found.".to_owned(), None)
        );
        assert_eq!(
            told(Refusal::invalid_volume("no")),
            (400, "Invalid volume: no".to_owned(), None)
        );
        let over = OverQuota::Volumes { limit: 10, name: "volumes".to_owned() };
        let text = "VolumeLimitExceeded: Maximum number of volumes allowed (10) exceeded for quota \
                    'volumes'.";
        assert_eq!(told(Refusal::OverQuota(over)), (413, text.to_owned(), Some(0)));
    }

    #[test]
    fn a_database_that_is_away_is_503_and_a_broken_one_500_with_the_cause_kept_back() {
        let away = Fault::from(DbError::Unavailable("at 10.0.0.1".into()));
        assert_eq!((away.status().as_u16(), away.retry_after()), (503, Some(5)));
        let waits = Fault::from(Refusal::Unavailable("Too many requests wait.".to_owned()));
        assert_eq!((waits.status().as_u16(), waits.retry_after()), (503, Some(5)));
        assert!(!away.message().contains("10.0.0.1"));
        assert!(away.cause().expect("a cause").contains("10.0.0.1"));
        assert_eq!(Fault::from(DbError::Statement("x".into())).status().as_u16(), 500);
        assert_eq!(Fault::from(DbError::Unstorable("x".into())).status().as_u16(), 400);
    }
}
