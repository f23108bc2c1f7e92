//! Whether more waits in the outbox than it should: nothing is ever dropped for that, so somebody must hear of it before the
//! database's disk is full.

use std::time::Duration;

use ashlar_db::notifications::{self, Backlog};
use ashlar_db::{Db, DbError};
use ashlar_types::Timestamp;

/// More than this is told. Sending so many takes minutes.
const MANY: u64 = 100_000;
/// Between two looks, and so between two lines.
const AGAIN: Duration = Duration::from_secs(60);

/// Looks at the outbox now and then.
#[derive(Debug, Default)]
pub(super) struct Watch {
    looked: Option<Timestamp>,
}

impl Watch {
    /// Warns when very many wait, once a minute.
    pub(super) async fn look(&mut self, db: &Db, now: Timestamp) -> Result<(), DbError> {
        if let Some(Backlog { waiting, oldest }) = self.too_many(db, now, MANY).await? {
            let oldest_seconds = oldest.map_or(0, |oldest| now.since(oldest).as_secs());
            tracing::warn!(
                waiting,
                oldest_seconds,
                "very many notifications wait in the database to be sent"
            );
        }
        Ok(())
    }

    /// What waits, should it be more than `many`, and a minute have passed since the last look.
    async fn too_many(
        &mut self,
        db: &Db,
        now: Timestamp,
        many: u64,
    ) -> Result<Option<Backlog>, DbError> {
        if self.looked.is_some_and(|at| now < at.after(AGAIN)) {
            return Ok(None);
        }
        self.looked = Some(now);
        let backlog = notifications::backlog(&mut db.read().await?).await?;
        Ok(Some(backlog).filter(|backlog| backlog.waiting > many))
    }
}

#[cfg(test)]
mod tests {
    use ashlar_db::testing::databases;

    use super::super::tests::put_out;
    use super::*;

    #[tokio::test]
    async fn more_than_enough_is_told_once_a_minute() {
        for test in databases().await {
            put_out(&test.db, 3).await;
            let now = Timestamp::from_micros(1_795_342_272_000_000);
            let mut watch = Watch::default();
            let told = Some(Backlog { waiting: 3, oldest: Some(Timestamp::from_micros(0)) });
            assert_eq!(watch.too_many(&test.db, now, 2).await.expect("counted"), told);
            let soon = now.after(Duration::from_secs(59));
            assert_eq!(watch.too_many(&test.db, soon, 2).await.expect("not counted"), None);
            let later = now.after(AGAIN);
            assert_eq!(watch.too_many(&test.db, later, 2).await.expect("counted"), told);
            let enough = later.after(AGAIN);
            assert_eq!(watch.too_many(&test.db, enough, 3).await.expect("counted"), None);
        }
    }
}
