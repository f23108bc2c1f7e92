//! One sync at a time, on each engine by its own means.

use crate::{DbError, Engine, Tx};

use super::MigrateError;

/// PostgreSQL's advisory locks are numbers, each database its own: "ashlar" in ASCII.
const POSTGRES_KEY: &str = "107148301066610";
/// MySQL's are names, shared by the whole server, so the database's name is in it.
const MYSQL_NAME: &str = "CONCAT('ashlar db sync ', MD5(DATABASE()))";
/// Seconds to wait on MySQL. Indexes on a large database take their time.
const MYSQL_PATIENCE: u32 = 600;

/// Waits until no other sync runs. SQLite has one writer at a time and needs no more.
pub(super) async fn acquire(tx: &mut Tx) -> Result<(), MigrateError> {
    match tx.engine() {
        Engine::Sqlite => Ok(()),
        Engine::Postgres => {
            tx.execute(&format!("SELECT pg_advisory_xact_lock({POSTGRES_KEY})"), &[]).await?;
            Ok(())
        }
        Engine::Mysql => {
            let sql = format!("SELECT GET_LOCK({MYSQL_NAME}, {MYSQL_PATIENCE})");
            let got = tx.row(&sql, &[]).await?.map(|row| row.get::<Option<i64>>(0)).transpose()?;
            if got.flatten() == Some(1) { Ok(()) } else { Err(MigrateError::Busy) }
        }
    }
}

/// Lets the next one in. On PostgreSQL and SQLite the end of the transaction does it; on MySQL the
/// lock belongs to the connection, which goes back to its pool, so it is given up by name, after
/// everything is permanent.
pub(super) async fn release(tx: &mut Tx) -> Result<(), DbError> {
    if tx.engine() == Engine::Mysql {
        tx.execute("COMMIT", &[]).await?;
        tx.rows(&format!("SELECT RELEASE_LOCK({MYSQL_NAME})"), &[]).await?;
    }
    Ok(())
}
