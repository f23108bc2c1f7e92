//! Requests that are carried out once: the table `ashlar_requests`. A client that may have to repeat a request names it
//! by a key; the key is kept in the very transaction that does what the request asks, and the answer beside it.
//!
//! Whoever handles such a request does so within [`Once::scope`]: the first transaction that is committed there takes
//! the key with it, or fails because another one has it.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use ashlar_types::Timestamp;

use crate::{DbError, Tx, args, sql};

/// So many digits at the beginning of a key's id are its project's.
pub const OF_PROJECT: usize = 16;

tokio::task_local! {
    static CURRENT: Arc<Once>;
}

/// A request that is being carried out under a key.
#[derive(Debug)]
pub struct Once {
    key: Key,
    progress: Mutex<Progress>,
}

/// What is kept of a request before it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Digests of who asks and of the key that was chosen, at most 64 hexadecimal digits. All keys of a project begin with
    /// the same [`OF_PROJECT`] digits, so that they can be counted.
    pub id: String,
    /// Digest of what is asked, at most 64 characters.
    pub request: String,
    /// The request's own id, for whoever reads the table or the log.
    pub request_id: String,
    /// When it came.
    pub at: Timestamp,
    /// Rows from before this moment are forgotten.
    pub forgotten: Timestamp,
}

#[derive(Debug, Default)]
struct Progress {
    stage: Stage,
    about: Option<(String, String)>,
}

/// How far a request under a key has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Stage {
    /// Nothing was committed.
    #[default]
    Open,
    /// Something was, and the key with it.
    Carried,
    /// Another request has the key, so nothing was done.
    Taken,
}

/// What the table has about a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Digest of what was asked.
    pub request: String,
    /// The id of the request that did it.
    pub request_id: String,
    /// Kind and id of what its flow is about, where it began one.
    pub about: Option<(String, String)>,
    /// HTTP status and body of the answer; none as long as there is no answer, and no body when that was too long.
    pub answer: Option<(u16, Option<String>)>,
    /// When the request came.
    pub at: Timestamp,
}

impl Once {
    /// A request under this key, of which nothing is done yet.
    #[must_use]
    pub fn new(key: Key) -> Arc<Self> {
        Arc::new(Self { key, progress: Mutex::default() })
    }

    /// Runs `work` so that its first commit takes the key with it.
    pub fn scope<T>(self: &Arc<Self>, work: impl Future<Output = T>) -> impl Future<Output = T> {
        CURRENT.scope(Arc::clone(self), work)
    }

    /// How far it has come.
    #[must_use]
    pub fn stage(&self) -> Stage {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).stage
    }

    fn come_to(&self, stage: Stage) {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).stage = stage;
    }

    /// Writes the key into the transaction.
    pub(crate) async fn claim(&self, tx: &mut Tx) -> Result<(), DbError> {
        let key = &self.key;
        let about =
            self.progress.lock().unwrap_or_else(PoisonError::into_inner).about.clone().unzip();
        tx.execute(
            "DELETE FROM ashlar_requests WHERE id = ? AND created_at < ?",
            args![&key.id, key.forgotten.micros()],
        )
        .await?;
        let inserted = tx
            .execute(
                "INSERT INTO ashlar_requests (id, request, request_id, resource_kind, resource_id, \
                 created_at) VALUES (?, ?, ?, ?, ?, ?)",
                args![
                    &key.id,
                    &key.request,
                    &key.request_id,
                    about.0.as_deref(),
                    about.1.as_deref(),
                    key.at.micros(),
                ],
            )
            .await;
        if inserted.as_ref().is_err_and(DbError::is_duplicate) {
            self.come_to(Stage::Taken);
            return Err(DbError::Taken);
        }
        inserted.map(drop)
    }

    pub(crate) fn carried(&self) {
        self.come_to(Stage::Carried);
    }
}

/// The request that this task works for, unless something was committed for it already.
///
/// # Errors
/// [`DbError::Taken`] when another request has its key: nothing more may be committed for it.
pub(crate) fn current() -> Result<Option<Arc<Once>>, DbError> {
    let Ok(once) = CURRENT.try_with(Arc::clone) else { return Ok(None) };
    match once.stage() {
        Stage::Open => Ok(Some(once)),
        Stage::Carried => Ok(None),
        Stage::Taken => Err(DbError::Taken),
    }
}

/// What the request that this task works for is about; the first that says so counts.
pub(crate) fn about(kind: &str, id: &str) {
    let _ = CURRENT.try_with(|once| {
        let mut progress = once.progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress.about.get_or_insert_with(|| (kind.to_owned(), id.to_owned()));
    });
}

/// `work`, which is to run as a task of its own and still belongs to the request of this one.
pub fn continued<T: Send>(work: impl Future<Output = T> + Send) -> impl Future<Output = T> + Send {
    let current = CURRENT.try_with(Arc::clone).ok();
    async move {
        match current {
            Some(once) => once.scope(work).await,
            None => work.await,
        }
    }
}

/// What is kept about a key, unless it is forgotten.
///
/// # Errors
/// [`DbError`].
pub async fn get(tx: &mut Tx, id: &str, forgotten: Timestamp) -> Result<Option<Kept>, DbError> {
    let sql = "SELECT request, request_id, resource_kind, resource_id, status, body, created_at \
               FROM ashlar_requests WHERE id = ? AND created_at >= ?";
    let Some(row) = tx.row(sql, args![id, forgotten.micros()]).await? else { return Ok(None) };
    let mut row = row.reader();
    let (request, request_id) = (row.next()?, row.next()?);
    let about = row.next::<Option<String>>()?.zip(row.next::<Option<String>>()?);
    let (status, body) = (row.next::<Option<i64>>()?, row.next()?);
    let answer = status.and_then(|status| Some((u16::try_from(status).ok()?, body)));
    let at = Timestamp::from_micros(row.next()?);
    Ok(Some(Kept { request, request_id, about, answer, at }))
}

/// Whether at least `count` keys of the project that the key `id` is of are kept. Costs as much as there are, but no more
/// than `count`, in the primary key alone.
///
/// # Errors
/// [`DbError`].
pub async fn are_kept(tx: &mut Tx, id: &str, count: usize) -> Result<bool, DbError> {
    let project = id.get(..OF_PROJECT).unwrap_or(id);
    let (first, last) = (format!("{project:0<64}"), format!("{project:f<64}"));
    let sql =
        "SELECT id FROM ashlar_requests WHERE id >= ? AND id <= ? ORDER BY id LIMIT 1 OFFSET ?";
    Ok(tx.row(sql, args![&first, &last, count.saturating_sub(1)]).await?.is_some())
}

/// Keeps the answer of a request that was carried out; without its body when that is too long.
///
/// # Errors
/// [`DbError`].
pub async fn answered(
    tx: &mut Tx,
    once: &Once,
    status: u16,
    body: Option<&str>,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE ashlar_requests SET status = ?, body = ? WHERE id = ? AND request_id = ?",
        args![i64::from(status), body, &once.key.id, &once.key.request_id],
    )
    .await
    .map(drop)
}

/// Removes what came before `before`; answers how many went, at most `limit`.
///
/// # Errors
/// [`DbError`].
pub async fn prune(tx: &mut Tx, before: Timestamp, limit: usize) -> Result<u64, DbError> {
    let which = "SELECT id FROM ashlar_requests WHERE created_at < ? ORDER BY created_at LIMIT ?";
    sql::delete_by_id(tx, "ashlar_requests", which, args![before.micros(), limit]).await
}
