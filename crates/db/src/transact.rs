//! Running a transaction again when it lost against another.

use std::time::Duration;

use crate::DbError;

/// How often a transaction has been tried, and the pause before the next try.
#[derive(Debug, Default)]
pub struct Attempts {
    made: u32,
}

impl Attempts {
    /// Tries before the caller is told of the conflict.
    pub const LIMIT: u32 = 10;

    /// After `error`: whether to try once more. Waits a little first, longer each time and with some
    /// chance in it, so that two rivals do not meet again in step.
    pub async fn again(&mut self, error: &DbError) -> bool {
        self.made += 1;
        if !error.is_conflict() || self.made >= Self::LIMIT {
            return false;
        }
        let most = 2_u64 << self.made.min(7);
        let pause = rand::random_range(1..=most);
        tokio::time::sleep(Duration::from_millis(pause)).await;
        true
    }
}

/// A failure that may wrap one of the database.
pub trait MaybeDb {
    /// The database's failure, when that is what it is.
    fn db(&self) -> Option<&DbError>;
}

impl MaybeDb for DbError {
    fn db(&self) -> Option<&DbError> {
        Some(self)
    }
}

/// Runs `body` in a transaction, commits it, and runs it again when it lost against another.
///
/// `body` is an expression of type `Result<T, E>` in which `tx` is a `&mut Tx`; it must be a call (with
/// `.await`) or an `async` block awaited, because a bare `?` in it would leave the enclosing function.
/// It may run several times. `E` is `From<DbError> + MaybeDb`.
///
/// ```ignore
/// let volume = transact!(db, tx => insert_everything(tx, &plan).await)?;
/// ```
#[macro_export]
macro_rules! transact {
    ($db:expr, $tx:ident => $body:expr) => {{
        let mut attempts = $crate::transact::Attempts::default();
        loop {
            let mut transaction = match $db.begin().await {
                Ok(transaction) => transaction,
                Err(error) if attempts.again(&error).await => continue,
                Err(error) => break Err(error.into()),
            };
            let outcome = {
                let $tx = &mut transaction;
                $body
            };
            match outcome {
                Ok(value) => match transaction.commit().await {
                    Ok(()) => break Ok(value),
                    Err(error) if attempts.again(&error).await => {}
                    Err(error) => break Err(error.into()),
                },
                Err(error) => {
                    transaction.rollback().await;
                    match $crate::transact::MaybeDb::db(&error) {
                        Some(cause) if attempts.again(cause).await => {}
                        _ => break Err(error),
                    }
                }
            }
        }
    }};
}
