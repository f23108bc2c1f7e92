//! A transaction, or a connection for reading: what every function on a table takes.

use sqlx::pool::PoolConnection;

use crate::network::{self, MysqlTransaction, PostgresTransaction};
use crate::sqlite::{ReadConnection, WriteTransaction};
use crate::{Arg, DbError, Engine, Row, once};

/// Statements run in it; it ends with [`Tx::commit`], or is rolled back when dropped.
pub struct Tx {
    inner: Inner,
    /// Some statement found rows to change.
    changed: bool,
}

enum Inner {
    SqliteWriter(WriteTransaction),
    SqliteReader(ReadConnection),
    Postgres(PostgresTransaction),
    PostgresReader(PoolConnection<sqlx::Postgres>),
    Mysql(MysqlTransaction),
    MysqlReader(PoolConnection<sqlx::MySql>),
}

impl Tx {
    pub(crate) fn from_sqlite_writer(inner: WriteTransaction) -> Self {
        Self { inner: Inner::SqliteWriter(inner), changed: false }
    }

    pub(crate) fn from_sqlite_reader(inner: ReadConnection) -> Self {
        Self { inner: Inner::SqliteReader(inner), changed: false }
    }

    pub(crate) fn from_postgres(inner: PostgresTransaction) -> Self {
        Self { inner: Inner::Postgres(inner), changed: false }
    }

    pub(crate) fn from_postgres_reader(inner: PoolConnection<sqlx::Postgres>) -> Self {
        Self { inner: Inner::PostgresReader(inner), changed: false }
    }

    pub(crate) fn from_mysql(inner: MysqlTransaction) -> Self {
        Self { inner: Inner::Mysql(inner), changed: false }
    }

    pub(crate) fn from_mysql_reader(inner: PoolConnection<sqlx::MySql>) -> Self {
        Self { inner: Inner::MysqlReader(inner), changed: false }
    }

    /// The kind of engine behind it.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match &self.inner {
            Inner::SqliteWriter(_) | Inner::SqliteReader(_) => Engine::Sqlite,
            Inner::Postgres(_) | Inner::PostgresReader(_) => Engine::Postgres,
            Inner::Mysql(_) | Inner::MysqlReader(_) => Engine::Mysql,
        }
    }

    /// Runs a statement that gives no rows. `sql` is our own text with `?` for each of `args`.
    /// Answers how many rows it found to change.
    ///
    /// # Errors
    /// [`DbError`], classified.
    pub async fn execute(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<u64, DbError> {
        let found = self.execute_it(sql, args).await?;
        self.changed |= found > 0;
        Ok(found)
    }

    async fn execute_it(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<u64, DbError> {
        match &mut self.inner {
            Inner::SqliteWriter(writer) => writer.execute(sql, args),
            Inner::SqliteReader(reader) => reader.execute(sql, args),
            Inner::Postgres(tx) => network::postgres_execute(tx, sql, args).await,
            Inner::PostgresReader(tx) => network::postgres_execute(tx, sql, args).await,
            Inner::Mysql(tx) => network::mysql_execute(tx, sql, args).await,
            Inner::MysqlReader(tx) => network::mysql_execute(tx, sql, args).await,
        }
    }

    /// Runs a query and answers all its rows.
    ///
    /// # Errors
    /// [`DbError`], classified.
    pub async fn rows(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<Vec<Row>, DbError> {
        match &mut self.inner {
            Inner::SqliteWriter(writer) => writer.rows(sql, args),
            Inner::SqliteReader(reader) => reader.rows(sql, args),
            Inner::Postgres(tx) => network::postgres_rows(tx, sql, args).await,
            Inner::PostgresReader(tx) => network::postgres_rows(tx, sql, args).await,
            Inner::Mysql(tx) => network::mysql_rows(tx, sql, args).await,
            Inner::MysqlReader(tx) => network::mysql_rows(tx, sql, args).await,
        }
    }

    /// Runs a query and answers its first row, if any.
    ///
    /// # Errors
    /// [`DbError`], classified.
    pub async fn row(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<Option<Row>, DbError> {
        Ok(self.rows(sql, args).await?.into_iter().next())
    }

    /// Makes everything permanent. When it answers, the disk has it. For a request that came with a key the key goes along
    /// ([`crate::once`]).
    ///
    /// # Errors
    /// [`DbError::Taken`] when another request had the same key, [`DbError::Conflict`] when it lost against another, [`DbError::Unavailable`] when nobody knows.
    pub async fn commit(mut self) -> Result<(), DbError> {
        // What changed nothing did nothing of what was asked.
        let once = if self.changed { once::current()? } else { None };
        if let Some(once) = &once {
            once.claim(&mut self).await?;
        }
        self.commit_all().await?;
        if let Some(once) = once {
            once.carried();
        }
        Ok(())
    }

    async fn commit_all(self) -> Result<(), DbError> {
        match self.inner {
            Inner::SqliteWriter(writer) => writer.commit().await,
            Inner::SqliteReader(_) | Inner::PostgresReader(_) | Inner::MysqlReader(_) => Ok(()),
            Inner::Postgres(tx) => Ok(tx.commit().await?),
            Inner::Mysql(tx) => Ok(tx.commit().await?),
        }
    }

    /// Undoes everything. A failure to say so to the server undoes it as well.
    pub async fn rollback(self) {
        match self.inner {
            Inner::SqliteWriter(_)
            | Inner::SqliteReader(_)
            | Inner::PostgresReader(_)
            | Inner::MysqlReader(_) => {}
            Inner::Postgres(tx) => drop(tx.rollback().await),
            Inner::Mysql(tx) => drop(tx.rollback().await),
        }
    }
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tx({})", self.engine().name())
    }
}
