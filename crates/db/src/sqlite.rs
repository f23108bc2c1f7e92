//! Embedded SQLite: one writer, any number of readers, and commits that share one sync of the disk.
//!
//! Statements run where they are called: each takes microseconds and a hop to another thread would cost
//! more. Only COMMIT waits for the disk, so it alone has a thread. Transactions that queue while the
//! disk is busy become savepoints of one SQLite transaction, and the next COMMIT makes them permanent
//! together; each caller is told only after that. The order comes from the queue before the writer, which is
//! first come, first served: whoever queued during a sync runs before the next one. Only what goes ahead
//! ([`crate::precedence`]) does not wait for the others, neither before its statements nor before its COMMIT, and while
//! something does, the committer comes before all who queue had their turns ([`batch`]).

mod batch;
#[cfg(debug_assertions)]
mod plans;
mod queue;
mod wake;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql, params_from_iter};
use tokio::sync::OwnedMutexGuard;

use crate::precedence::Precedence;
use crate::{Arg, Cell, DbError, Row};
use batch::Batch;
use queue::Queue;
use wake::{Bell, Woken};

/// Statements that a connection keeps prepared.
const PREPARED: usize = 256;
/// What the writer keeps of the file in memory, in KiB, once it has read it. It looks up rows at random while the tables
/// grow, and goes on at half the pace where it has to read them again.
const WRITER_CACHE: i64 = 32 << 10;
/// What each connection for reading keeps, in KiB.
const READER_CACHE: i64 = 8 << 10;
/// Connections for reading that are kept open.
const IDLE_READERS: usize = 8;
/// How long a statement waits for another process (`ashlar flow show` beside `ashlar serve`).
const BUSY: Duration = Duration::from_secs(10);
/// How long between two looks whether another process has ended its transaction.
const PAUSE: Duration = Duration::from_millis(5);

/// A database file.
pub struct Sqlite {
    path: PathBuf,
    writer: Arc<Queue<Writer>>,
    readers: Arc<Mutex<Vec<Connection>>>,
    bell: Bell,
}

struct Writer {
    connection: Connection,
    /// Empty when no SQLite transaction is open.
    batch: Batch,
    open: bool,
}

impl Writer {
    /// Undoes the whole batch, in which there is nothing to keep: the file is not left locked for other processes.
    fn give_up(&mut self) {
        drop(run(&self.connection, "ROLLBACK"));
        self.open = false;
        self.batch.tell(&Err(Arc::new(rusqlite::Error::InvalidQuery)));
    }
}

impl Sqlite {
    /// Opens the file, making it when it is not there.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, DbError> {
        let connection = Connection::open(path)?;
        prepare(&connection)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "wal_autocheckpoint", 4000)?;
        // From here on only BEGIN can meet another process, and its waiting is ours.
        connection.busy_timeout(Duration::ZERO)?;
        let writer = Writer { connection, batch: Batch::default(), open: false };
        let writer = Arc::new(Queue::new(writer));
        let (bell, woken) = wake::bell();
        let for_committer = Arc::clone(&writer);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .map_err(|error| DbError::Unavailable(error.into()))?;
        std::thread::Builder::new()
            .name("sqlite-commit".to_owned())
            .spawn(move || runtime.block_on(commit_whenever(woken, &for_committer)))
            .map_err(|error| DbError::Unavailable(error.into()))?;
        Ok(Self { path: path.to_owned(), writer, readers: Arc::new(Mutex::new(Vec::new())), bell })
    }

    pub(crate) async fn begin(&self) -> Result<WriteTransaction, DbError> {
        let precedence = Precedence::current();
        let mut writer = self.writer.enter(precedence).await;
        if !writer.open {
            begin_immediate(&mut writer).await?;
            writer.open = true;
        }
        if let Err(error) = run(&writer.connection, "SAVEPOINT t") {
            if writer.batch.is_empty() {
                writer.give_up();
            }
            return Err(error.into());
        }
        Ok(WriteTransaction { writer: Some(writer), precedence, bell: self.bell.clone() })
    }

    pub(crate) fn reader(&self) -> Result<ReadConnection, DbError> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => {
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                let connection = Connection::open_with_flags(&self.path, flags)?;
                prepare(&connection)?;
                connection
            }
        };
        Ok(ReadConnection { connection: Some(connection), home: Arc::clone(&self.readers) })
    }
}

fn prepare(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.set_prepared_statement_cache_capacity(PREPARED);
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "cache_size", -READER_CACHE)?;
    connection.pragma_update(None, "temp_store", "MEMORY")
}

/// Begins a transaction that writes. While another process has one, this waits and its thread does not.
async fn begin_immediate(writer: &mut Writer) -> Result<(), rusqlite::Error> {
    let tries = BUSY.as_millis() / PAUSE.as_millis();
    for _ in 0..tries {
        match run(&writer.connection, "BEGIN IMMEDIATE") {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                tokio::time::sleep(PAUSE).await;
            }
            outcome => return outcome,
        }
    }
    run(&writer.connection, "BEGIN IMMEDIATE")
}

/// The committer's thread, which may block: each wake-up makes permanent whatever has gathered.
async fn commit_whenever(mut woken: Woken, writer: &Queue<Writer>) {
    let mut cache = READER_CACHE;
    while let Some(precedence) = woken.next().await {
        let mut writer = woken.enter(precedence, writer).await;
        if writer.batch.is_empty() {
            continue;
        }
        let outcome = run(&writer.connection, "COMMIT").map_err(Arc::new);
        if outcome.is_err() && !writer.connection.is_autocommit() {
            // Those who wait are told that it failed; their changes must not ride along later.
            drop(run(&writer.connection, "ROLLBACK"));
        }
        writer.open = false;
        writer.batch.tell(&outcome);
        if cache < WRITER_CACHE {
            cache = WRITER_CACHE;
            // Not before: a start counts once what lives on the backends, and a small cache is quicker at that. Writing goes on
            // without the large one.
            drop(writer.connection.pragma_update(None, "cache_size", -cache));
        }
    }
}

fn run(connection: &Connection, sql: &str) -> Result<(), rusqlite::Error> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}

/// A transaction that writes: it has the writer to itself until it ends.
pub(crate) struct WriteTransaction {
    writer: Option<OwnedMutexGuard<Writer>>,
    precedence: Precedence,
    bell: Bell,
}

impl WriteTransaction {
    fn connection(&self) -> &Connection {
        &self.writer.as_ref().expect("only commit and drop take the writer").connection
    }

    pub(crate) fn execute(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<u64, DbError> {
        execute(self.connection(), sql, args)
    }

    pub(crate) fn rows(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<Vec<Row>, DbError> {
        rows(self.connection(), sql, args)
    }

    pub(crate) async fn commit(mut self) -> Result<(), DbError> {
        let (way, told) = {
            let writer = self.writer.as_mut().expect("only commit and drop take the writer");
            run(&writer.connection, "RELEASE t")?;
            writer.batch.add(self.precedence, Instant::now())
        };
        // The lock goes before the wake-up, so that those who queue run before the next sync.
        drop(self.writer.take());
        if !self.bell.ring(way) {
            return Err(DbError::Unavailable("the committer has ended".into()));
        }
        match told.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(DbError::Unavailable(Box::new(error))),
            Err(_) => Err(DbError::Unavailable("the committer has ended".into())),
        }
    }
}

impl Drop for WriteTransaction {
    fn drop(&mut self) {
        let Some(mut writer) = self.writer.take() else { return };
        let undone = run(&writer.connection, "ROLLBACK TO t")
            .and_then(|()| run(&writer.connection, "RELEASE t"));
        if writer.batch.is_empty() || undone.is_err() {
            writer.give_up();
        }
    }
}

/// A connection for reading; it goes back to its pool when dropped.
pub(crate) struct ReadConnection {
    connection: Option<Connection>,
    home: Arc<Mutex<Vec<Connection>>>,
}

impl ReadConnection {
    fn connection(&self) -> &Connection {
        self.connection.as_ref().expect("only drop takes the connection")
    }

    pub(crate) fn execute(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<u64, DbError> {
        execute(self.connection(), sql, args)
    }

    pub(crate) fn rows(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<Vec<Row>, DbError> {
        rows(self.connection(), sql, args)
    }
}

impl Drop for ReadConnection {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        let mut home = self.home.lock().unwrap_or_else(PoisonError::into_inner);
        if home.len() < IDLE_READERS {
            home.push(connection);
        }
    }
}

fn execute(connection: &Connection, sql: &str, args: &[Arg<'_>]) -> Result<u64, DbError> {
    #[cfg(debug_assertions)]
    plans::check(connection, sql);
    let changed = connection.prepare_cached(sql)?.execute(params_from_iter(args))?;
    Ok(u64::try_from(changed).unwrap_or(u64::MAX))
}

fn rows(connection: &Connection, sql: &str, args: &[Arg<'_>]) -> Result<Vec<Row>, DbError> {
    #[cfg(debug_assertions)]
    plans::check(connection, sql);
    let mut statement = connection.prepare_cached(sql)?;
    let columns = statement.column_count();
    let mut found = statement.query(params_from_iter(args))?;
    let mut all = Vec::new();
    while let Some(row) = found.next()? {
        let mut cells = Vec::with_capacity(columns);
        for index in 0..columns {
            cells.push(match row.get_ref(index)? {
                ValueRef::Null => Cell::Null,
                ValueRef::Integer(number) => Cell::Int(number),
                ValueRef::Real(number) => Cell::Float(number),
                ValueRef::Text(text) | ValueRef::Blob(text) => {
                    Cell::Text(String::from_utf8_lossy(text).into_owned())
                }
            });
        }
        all.push(Row(cells));
    }
    Ok(all)
}

impl ToSql for Arg<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Bool(value) => value.into_value(|value| Value::Integer(i64::from(value))),
            Self::Int(value) => value.into_value(Value::Integer),
            Self::Float(value) => value.into_value(Value::Real),
            Self::Text(None) => ToSqlOutput::Owned(Value::Null),
            Self::Text(Some(text)) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            // SQLAlchemy's form, so that Cinder reads what we wrote: a blank instead of the T.
            Self::Time(value) => {
                value.into_value(|value| Value::Text(value.to_string().replacen('T', " ", 1)))
            }
        })
    }
}

trait IntoValue<T> {
    fn into_value(self, make: impl FnOnce(T) -> Value) -> ToSqlOutput<'static>;
}

impl<T: Copy> IntoValue<T> for &Option<T> {
    fn into_value(self, make: impl FnOnce(T) -> Value) -> ToSqlOutput<'static> {
        ToSqlOutput::Owned(self.map_or(Value::Null, make))
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    /// Commits a transaction that changes nothing; how the committer, which there is none, was called to come.
    async fn called(
        writer: &Queue<Writer>,
        (bell, woken): (&Bell, &mut Woken),
        precedence: Precedence,
    ) -> Option<Precedence> {
        // Else tokio would have this task pause, after so much that was ready at once.
        tokio::task::yield_now().await;
        let writer = writer.enter(precedence).await;
        run(&writer.connection, "SAVEPOINT t").expect("a transaction may begin");
        let tx = WriteTransaction { writer: Some(writer), precedence, bell: bell.clone() };
        assert!(tx.commit().now_or_never().is_none(), "nobody has committed");
        woken.next().now_or_never().flatten()
    }

    #[tokio::test]
    async fn a_full_batch_calls_the_committer_ahead_once_somebody_went_ahead() {
        let connection = Connection::open_in_memory().expect("SQLite is there");
        run(&connection, "BEGIN").expect("a transaction may begin");
        let writer = Queue::new(Writer { connection, batch: Batch::default(), open: true });
        let (bell, mut woken) = wake::bell();
        for _ in 0..50 {
            let called = called(&writer, (&bell, &mut woken), Precedence::InTurn).await;
            assert_eq!(called, Some(Precedence::InTurn));
        }
        for precedence in [Precedence::Ahead, Precedence::InTurn] {
            let called = called(&writer, (&bell, &mut woken), precedence).await;
            assert_eq!(called, Some(Precedence::Ahead));
        }
    }
}
