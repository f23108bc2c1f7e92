//! The database as the rest of the house holds it: connected, of one of three kinds.

use std::sync::Arc;
use std::time::Duration;

use ashlar_types::Timestamp;

use crate::network::{Mysql, Postgres};
use crate::sqlite::Sqlite;
use crate::tx::Tx;
use crate::{DatabaseUrl, DbError};

/// Which database engine runs the statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Engine {
    /// Embedded SQLite.
    Sqlite,
    /// PostgreSQL, 15 or later.
    Postgres,
    /// MariaDB, 10.6 or later, or MySQL 8.
    Mysql,
}

impl Engine {
    /// Appended to a SELECT to lock the rows until the transaction ends. SQLite has one writer at a
    /// time and needs nothing.
    #[must_use]
    pub const fn for_update(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres | Self::Mysql => " FOR UPDATE",
        }
    }

    /// Appended to a SELECT: others may read and lock the rows so too, and nobody changes them until the
    /// transaction ends.
    #[must_use]
    pub const fn for_share(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR SHARE",
            Self::Mysql => " LOCK IN SHARE MODE",
        }
    }

    /// As [`Engine::for_update`], passing over rows that another transaction has locked.
    #[must_use]
    pub const fn for_update_skip_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres | Self::Mysql => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// Appended to an INSERT: a row that is there already is kept, and that is no error. `column` is one
    /// of the table's.
    #[must_use]
    pub fn or_keep(self, column: &str) -> String {
        match self {
            Self::Sqlite | Self::Postgres => " ON CONFLICT DO NOTHING".to_owned(),
            Self::Mysql => format!(" ON DUPLICATE KEY UPDATE {column} = {column}"),
        }
    }

    /// `expression` as a 64-bit whole number: sums are decimals on the two servers.
    #[must_use]
    pub fn as_int(self, expression: &str) -> String {
        let kind = match self {
            Self::Sqlite => "INTEGER",
            Self::Postgres => "BIGINT",
            Self::Mysql => "SIGNED",
        };
        format!("CAST({expression} AS {kind})")
    }

    /// The moment as a DATETIME column of this engine keeps it: whole seconds on MariaDB, where
    /// Cinder's columns have no fraction.
    #[must_use]
    pub fn storable(self, moment: Timestamp) -> Timestamp {
        match self {
            Self::Sqlite | Self::Postgres => moment,
            Self::Mysql => {
                Timestamp::from_micros(moment.micros().div_euclid(1_000_000) * 1_000_000)
            }
        }
    }

    /// Name for logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgresql",
            Self::Mysql => "mysql",
        }
    }
}

/// How to connect.
#[derive(Debug, Clone)]
pub struct Options {
    /// Most connections to a server at once (`[database] max_pool_size` and `max_overflow`).
    pub max_connections: u32,
    /// How long to wait for a free connection.
    pub acquire_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_connections: 16, acquire_timeout: Duration::from_secs(30) }
    }
}

/// A connected database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

enum Inner {
    Sqlite(Sqlite),
    Postgres(Postgres),
    Mysql(Mysql),
}

impl Db {
    /// Connects. A SQLite file is made when it is not there; its directory must be.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when the server or file cannot be reached.
    pub async fn connect(url: &DatabaseUrl, options: &Options) -> Result<Self, DbError> {
        let inner = match url {
            DatabaseUrl::Sqlite(path) => Inner::Sqlite(Sqlite::open(path)?),
            DatabaseUrl::Postgres(url) => Inner::Postgres(Postgres::connect(url, options).await?),
            DatabaseUrl::Mysql(url) => Inner::Mysql(Mysql::connect(url, options).await?),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The kind of engine.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match &*self.inner {
            Inner::Sqlite(_) => Engine::Sqlite,
            Inner::Postgres(_) => Engine::Postgres,
            Inner::Mysql(_) => Engine::Mysql,
        }
    }

    /// Begins a transaction that may write. On SQLite it waits its turn: one writes at a time, so
    /// nothing but statements may be awaited until it ends.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] or [`DbError::Conflict`].
    pub async fn begin(&self) -> Result<Tx, DbError> {
        match &*self.inner {
            Inner::Sqlite(sqlite) => sqlite.begin().await.map(Tx::from_sqlite_writer),
            Inner::Postgres(postgres) => postgres.begin().await.map(Tx::from_postgres),
            Inner::Mysql(mysql) => mysql.begin().await.map(Tx::from_mysql),
        }
    }

    /// For reading only: each statement sees what is committed when it runs.
    ///
    /// # Errors
    /// [`DbError::Unavailable`].
    pub async fn read(&self) -> Result<Tx, DbError> {
        match &*self.inner {
            Inner::Sqlite(sqlite) => sqlite.reader().map(Tx::from_sqlite_reader),
            Inner::Postgres(postgres) => postgres.acquire().await.map(Tx::from_postgres_reader),
            Inner::Mysql(mysql) => mysql.acquire().await.map(Tx::from_mysql_reader),
        }
    }

    /// Closes the connections; work in flight ends first.
    pub async fn close(&self) {
        match &*self.inner {
            Inner::Sqlite(_) => {}
            Inner::Postgres(postgres) => postgres.close().await,
            Inner::Mysql(mysql) => mysql.close().await,
        }
    }
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Db({})", self.engine().name())
    }
}
