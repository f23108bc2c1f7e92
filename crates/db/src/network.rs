//! PostgreSQL and MariaDB, by sqlx: pools, binding and reading by the column's own type.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime};
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Column, Executor, Row as _, TypeInfo, ValueRef};

use ashlar_types::Timestamp;

use crate::{Arg, Cell, DbError, Options, Row};

pub(crate) type PostgresTransaction = sqlx::Transaction<'static, sqlx::Postgres>;
pub(crate) type MysqlTransaction = sqlx::Transaction<'static, sqlx::MySql>;

/// Statements that a connection keeps prepared.
const PREPARED: usize = 256;
/// A connection that nobody has used for this long is asked whether it still is one. A busy one is not:
/// the question costs a round trip.
const IDLE: Duration = Duration::from_secs(1);

/// For `before_acquire`: false throws the connection away, and the next is looked at.
macro_rules! is_alive {
    ($connection:ident, $known:ident) => {
        Box::pin(async move {
            Ok($known.idle_for < IDLE || sqlx::Connection::ping($connection).await.is_ok())
        })
    };
}

/// Begins a transaction on a connection that works. When the server was started anew, all that the pool
/// holds are dead; BEGIN is where that shows, and nothing was asked of them yet.
async fn first_alive<T, F>(connections: u32, begin: impl Fn() -> F) -> Result<T, DbError>
where
    F: Future<Output = Result<T, sqlx::Error>>,
{
    for _ in 0..connections {
        match begin().await {
            Ok(transaction) => return Ok(transaction),
            // Having waited long enough for any connection is no reason to wait again.
            Err(error @ (sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed)) => {
                return Err(error.into());
            }
            Err(error) => match DbError::from(error) {
                DbError::Unavailable(_) => {}
                other => return Err(other),
            },
        }
    }
    Ok(begin().await?)
}

pub(crate) struct Postgres {
    pool: sqlx::PgPool,
}

impl Postgres {
    pub(crate) async fn connect(url: &str, options: &Options) -> Result<Self, DbError> {
        let connect: sqlx::postgres::PgConnectOptions =
            url.parse().map_err(|wrong: sqlx::Error| DbError::Url(wrong.to_string()))?;
        let pool = sqlx::postgres::PgPoolOptions::new()
            .max_connections(options.max_connections)
            .acquire_timeout(options.acquire_timeout)
            .test_before_acquire(false)
            .before_acquire(|connection, known| is_alive!(connection, known))
            .connect_with(connect.statement_cache_capacity(PREPARED).application_name("ashlar"))
            .await?;
        Ok(Self { pool })
    }

    pub(crate) async fn begin(&self) -> Result<PostgresTransaction, DbError> {
        first_alive(self.pool.options().get_max_connections(), || self.pool.begin()).await
    }

    pub(crate) async fn acquire(&self) -> Result<PoolConnection<sqlx::Postgres>, DbError> {
        Ok(self.pool.acquire().await?)
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

pub(crate) struct Mysql {
    pool: sqlx::MySqlPool,
}

impl Mysql {
    pub(crate) async fn connect(url: &str, options: &Options) -> Result<Self, DbError> {
        let connect: sqlx::mysql::MySqlConnectOptions =
            url.parse().map_err(|wrong: sqlx::Error| DbError::Url(wrong.to_string()))?;
        let pool = sqlx::mysql::MySqlPoolOptions::new()
            .max_connections(options.max_connections)
            .acquire_timeout(options.acquire_timeout)
            .test_before_acquire(false)
            .before_acquire(|connection, known| is_alive!(connection, known))
            .after_connect(|connection, _| {
                Box::pin(async move {
                    // Compare and swap reads what is committed, not what was when it began.
                    // Quoted names ("key", "binary") are the same text on all engines.
                    connection
                        .execute("SET SESSION sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')")
                        .await?;
                    connection
                        .execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
                        .await?;
                    Ok(())
                })
            })
            .connect_with(connect.statement_cache_capacity(PREPARED))
            .await?;
        Ok(Self { pool })
    }

    pub(crate) async fn begin(&self) -> Result<MysqlTransaction, DbError> {
        first_alive(self.pool.options().get_max_connections(), || self.pool.begin()).await
    }

    pub(crate) async fn acquire(&self) -> Result<PoolConnection<sqlx::MySql>, DbError> {
        Ok(self.pool.acquire().await?)
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

/// `?` becomes `$1`, `$2`, …; our statements have no `?` inside a literal.
fn numbered(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len() + 16);
    let mut count = 0_u32;
    for piece in sql.split_inclusive('?') {
        match piece.strip_suffix('?') {
            Some(before) => {
                count += 1;
                out.push_str(before);
                out.push('$');
                out.push_str(&count.to_string());
            }
            None => out.push_str(piece),
        }
    }
    out
}

fn naive(moment: Timestamp) -> NaiveDateTime {
    DateTime::from_timestamp_micros(moment.micros()).unwrap_or_default().naive_utc()
}

fn moment(naive: NaiveDateTime) -> Timestamp {
    Timestamp::from_micros(naive.and_utc().timestamp_micros())
}

macro_rules! bind_all {
    ($query:expr, $args:expr, $time:expr) => {{
        let mut query = $query;
        for arg in $args {
            query = match arg {
                Arg::Bool(value) => query.bind(*value),
                Arg::Int(value) => query.bind(*value),
                Arg::Float(value) => query.bind(*value),
                Arg::Text(value) => query.bind(value.as_ref().map(|text| text.to_string())),
                Arg::Time(value) => query.bind(value.map($time)),
            };
        }
        query
    }};
}

pub(crate) async fn postgres_execute(
    connection: &mut sqlx::PgConnection,
    sql: &str,
    args: &[Arg<'_>],
) -> Result<u64, DbError> {
    let query = bind_all!(sqlx::query(AssertSqlSafe(numbered(sql))), args, naive);
    Ok(query.execute(connection).await?.rows_affected())
}

pub(crate) async fn postgres_rows(
    connection: &mut sqlx::PgConnection,
    sql: &str,
    args: &[Arg<'_>],
) -> Result<Vec<Row>, DbError> {
    let query = bind_all!(sqlx::query(AssertSqlSafe(numbered(sql))), args, naive);
    query.fetch_all(connection).await?.iter().map(postgres_row).collect()
}

fn postgres_row(row: &sqlx::postgres::PgRow) -> Result<Row, DbError> {
    let cell = |index: usize| -> Result<Cell, DbError> {
        let raw = row.try_get_raw(index)?;
        if raw.is_null() {
            return Ok(Cell::Null);
        }
        Ok(match row.column(index).type_info().name() {
            "BOOL" => Cell::Int(i64::from(row.try_get::<bool, _>(index)?)),
            "INT2" => Cell::Int(i64::from(row.try_get::<i16, _>(index)?)),
            "INT4" => Cell::Int(i64::from(row.try_get::<i32, _>(index)?)),
            "INT8" => Cell::Int(row.try_get(index)?),
            "FLOAT4" => Cell::Float(f64::from(row.try_get::<f32, _>(index)?)),
            "FLOAT8" => Cell::Float(row.try_get(index)?),
            "TIMESTAMP" => Cell::Time(moment(row.try_get(index)?)),
            _ => Cell::Text(row.try_get_unchecked(index)?),
        })
    };
    (0..row.len()).map(cell).collect::<Result<_, _>>().map(Row)
}

pub(crate) async fn mysql_execute(
    connection: &mut sqlx::MySqlConnection,
    sql: &str,
    args: &[Arg<'_>],
) -> Result<u64, DbError> {
    let query = bind_all!(sqlx::query(AssertSqlSafe(sql.to_owned())), args, whole_seconds);
    Ok(query.execute(connection).await?.rows_affected())
}

pub(crate) async fn mysql_rows(
    connection: &mut sqlx::MySqlConnection,
    sql: &str,
    args: &[Arg<'_>],
) -> Result<Vec<Row>, DbError> {
    let query = bind_all!(sqlx::query(AssertSqlSafe(sql.to_owned())), args, whole_seconds);
    query.fetch_all(connection).await?.iter().map(mysql_row).collect()
}

/// A DATETIME column would round a fraction, possibly into the future; it is cut off instead.
fn whole_seconds(moment: Timestamp) -> NaiveDateTime {
    naive(crate::Engine::Mysql.storable(moment))
}

fn mysql_row(row: &sqlx::mysql::MySqlRow) -> Result<Row, DbError> {
    let cell = |index: usize| -> Result<Cell, DbError> {
        let raw = row.try_get_raw(index)?;
        if raw.is_null() {
            return Ok(Cell::Null);
        }
        let kind = raw.type_info().into_owned();
        Ok(match kind.name() {
            "BOOLEAN" | "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" => {
                Cell::Int(row.try_get_unchecked(index)?)
            }
            name if name.ends_with("UNSIGNED") => {
                let number: u64 = row.try_get_unchecked(index)?;
                Cell::Int(i64::try_from(number).unwrap_or(i64::MAX))
            }
            "FLOAT" => Cell::Float(f64::from(row.try_get_unchecked::<f32, _>(index)?)),
            "DOUBLE" => Cell::Float(row.try_get_unchecked(index)?),
            "DATETIME" | "TIMESTAMP" => Cell::Time(moment(row.try_get_unchecked(index)?)),
            _ => Cell::Text(row.try_get_unchecked(index)?),
        })
    };
    (0..row.len()).map(cell).collect::<Result<_, _>>().map(Row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_numbered_for_postgresql() {
        assert_eq!(numbered("a = ? AND b IN (?, ?)"), "a = $1 AND b IN ($2, $3)");
        assert_eq!(numbered("SELECT 1"), "SELECT 1");
    }
}
