//! What can go wrong with a database, told apart by what the caller does next.

/// A failure of the database or of what was asked of it.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The URL is not one that we understand. Its password is not in the text.
    #[error("database URL: {0}")]
    Url(String),
    /// The database cannot be reached, or did not answer in time. Try again later.
    #[error("the database is not available")]
    Unavailable(#[source] Cause),
    /// Another transaction came first (deadlock, serialization failure, lock time-out). Run it again.
    #[error("the transaction lost against another")]
    Conflict(#[source] Cause),
    /// A unique constraint refused the row.
    #[error("the row is there already")]
    Duplicate(#[source] Cause),
    /// Another request came with the same key ([`crate::once`]). Nothing of this one is done, and nothing may be.
    #[error("another request has the key")]
    Taken,
    /// A text that the database cannot hold: signs that its character set lacks (four-byte ones in Cinder's
    /// tables on MariaDB), a NUL on PostgreSQL, or more than the column takes. Trying again does not help,
    /// another text does.
    #[error("the database cannot hold a text")]
    Unstorable(#[source] Cause),
    /// A column did not hold what the statement expects: the schema or a row is not as it should be.
    #[error("column {index}: {wrong}")]
    Row {
        /// Position in the statement.
        index: usize,
        /// What stood there.
        wrong: String,
    },
    /// Anything else: a broken statement, a full disk.
    #[error("the database refused a statement")]
    Statement(#[source] Cause),
}

/// The engine's own error.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

impl DbError {
    pub(crate) fn row(index: usize, wrong: impl Into<String>) -> Self {
        Self::Row { index, wrong: wrong.into() }
    }

    /// Running the same transaction again may well succeed.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict(_))
    }

    /// A unique constraint refused the row.
    #[must_use]
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Duplicate(_))
    }

    /// A text was of a kind that the database cannot hold.
    #[must_use]
    pub fn is_unstorable(&self) -> bool {
        matches!(self, Self::Unstorable(_))
    }

    /// The database was away; nothing is known about what was asked.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let Some(code) = error.sqlite_error().copied() else {
            return Self::Statement(error.into());
        };
        match code.code {
            Code::DatabaseBusy | Code::DatabaseLocked => Self::Conflict(error.into()),
            // 1555 is SQLITE_CONSTRAINT_PRIMARYKEY, 2067 SQLITE_CONSTRAINT_UNIQUE.
            Code::ConstraintViolation if matches!(code.extended_code, 1555 | 2067) => {
                Self::Duplicate(error.into())
            }
            Code::CannotOpen | Code::DiskFull | Code::SystemIoFailure | Code::ReadOnly => {
                Self::Unavailable(error.into())
            }
            _ => Self::Statement(error.into()),
        }
    }
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Protocol(_)
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error.into()),
            sqlx::Error::Database(refusal) => match classify(refusal.as_ref()) {
                Refusal::Conflict => Self::Conflict(error.into()),
                Refusal::Duplicate => Self::Duplicate(error.into()),
                Refusal::Away => Self::Unavailable(error.into()),
                Refusal::Unstorable => Self::Unstorable(error.into()),
                Refusal::Other => Self::Statement(error.into()),
            },
            _ => Self::Statement(error.into()),
        }
    }
}

enum Refusal {
    Conflict,
    Duplicate,
    Away,
    Unstorable,
    Other,
}

fn classify(refusal: &dyn sqlx::error::DatabaseError) -> Refusal {
    if refusal.is_unique_violation() {
        return Refusal::Duplicate;
    }
    if let Some(mysql) = refusal.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        return match mysql.number() {
            // Lock wait time-out, deadlock, record changed since last read.
            1205 | 1213 | 1020 => Refusal::Conflict,
            // Server shutting down, too many connections, connection killed, the network; read-only while
            // another server takes over; disk, table or memory full.
            1053
            | 1040
            | 1203
            | 1927
            | 1158..=1161
            | 1184
            | 4031
            | 1290
            | 1836
            | 1021
            | 1114
            | 1041 => Refusal::Away,
            // Incorrect string value, impossible conversion between character sets, data too long;
            // a comparison of a column with text that it could not hold.
            1366 | 3988 | 1406 | 1267 | 1270 | 1271 => Refusal::Unstorable,
            _ => Refusal::Other,
        };
    }
    match refusal.code().as_deref() {
        // Serialization failure, deadlock, lock not available.
        Some("40001" | "40P01" | "55P03") => Refusal::Conflict,
        // Admin shutdown, crash, starting up; read-only while another server takes
        // over; connections, disk or memory used up.
        Some("57P01" | "57P02" | "57P03" | "25006" | "53000" | "53100" | "53200" | "53300") => {
            Refusal::Away
        }
        Some(code) if code.starts_with("08") => Refusal::Away,
        // Character not in repertoire, untranslatable character, string too long.
        Some("22021" | "22P05" | "22001") => Refusal::Unstorable,
        _ => Refusal::Other,
    }
}
