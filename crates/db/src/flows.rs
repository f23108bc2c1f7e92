//! Flows: the rows behind every operation. Here the engine's [`Store`] is kept on the same database as
//! the resources, so that a task's changes and its record are one transaction.

mod claim;
mod end;
mod list;
mod progress;
mod still;
mod turn;
mod wake;

use ashlar_flow::record::Failure;
use ashlar_flow::{
    BoxFuture, Claim, Entry, NewFlow, Phase, Record, Role, Store, StoreError, Subject,
};
use ashlar_types::{FlowId, Timestamp};

pub use end::{Standing, standing};
pub use list::{Filter, Listed, Unfinished, changed, get, list, transferring, unfinished};
pub use progress::{Progress, progress, set_progress};
pub use still::still_at;
pub(crate) use turn::subjects;
pub use turn::{UnderWay, remembered, take_turn, under_way};
pub use wake::{Asleep, wake};

use crate::{Arg, Db, DbError, Row, Tx, args, once, sql};

const COLUMNS: &str = "id, name, version, state, log, direction, position, role, target, attempts, \
     not_before, claim_token, cause, resource_kind, resource_id, project_id, request_id, created_at";

/// A claim made together with the flow itself, by a worker in the same process.
#[derive(Debug, Clone, Copy)]
pub struct BirthClaim<'a> {
    /// The worker.
    pub worker: &'a str,
    /// Until when.
    pub until: Timestamp,
}

/// Stores a new flow, in the transaction that accepts the request.
///
/// # Errors
/// [`DbError`], classified.
pub async fn insert(
    tx: &mut Tx,
    new: &NewFlow,
    claim: Option<BirthClaim<'_>>,
) -> Result<(), DbError> {
    once::about(&new.subject.kind, &new.subject.id);
    let log = json(&[new.first_entry()]);
    tx.execute(
        "INSERT INTO ashlar_flows (id, name, version, state, log, direction, position, role, target, \
         attempts, not_before, claimed_by, claimed_until, claim_token, finished, resource_kind, \
         resource_id, project_id, request_id, cause, created_at, updated_at) \
         VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, 0, ?, ?, ?, ?, FALSE, ?, ?, ?, ?, ?, ?, ?)",
        args![
            new.id,
            new.name,
            new.version,
            &new.state,
            &log,
            Phase::Executing.as_str(),
            new.role.as_str(),
            &new.target,
            new.at.micros(),
            claim.map(|claim| claim.worker),
            claim.map(|claim| claim.until.micros()),
            i64::from(claim.is_some()),
            &new.subject.kind,
            &new.subject.id,
            &new.subject.project_id,
            &new.subject.request_id,
            None::<&str>,
            new.turn.micros(),
            new.at.micros()
        ],
    )
    .await?;
    Ok(())
}

fn json<T: serde::Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("log entries and failures are plain data")
}

fn read(row: Row) -> Result<Record, DbError> {
    let mut cells = row.reader();
    let id = cells.next()?;
    let name: String = cells.next()?;
    let version: u64 = cells.next()?;
    let state = cells.next()?;
    let log: String = cells.next()?;
    let phase: String = cells.next()?;
    let position: u64 = cells.next()?;
    let role: String = cells.next()?;
    let target = cells.next()?;
    let attempts: u64 = cells.next()?;
    let not_before: i64 = cells.next()?;
    let token = cells.next()?;
    let failure: Option<String> = cells.next()?;
    let subject = Subject {
        kind: cells.next()?,
        id: cells.next()?,
        project_id: cells.next()?,
        request_id: cells.next::<Option<String>>()?.unwrap_or_default(),
    };
    let created_at: i64 = cells.next()?;
    let wrong = |what: String| DbError::Row { index: 0, wrong: format!("flow {id}: {what}") };
    Ok(Record {
        id,
        name,
        version: u32::try_from(version).unwrap_or(u32::MAX),
        state,
        log: parse::<Vec<Entry>>(&log).map_err(&wrong)?,
        phase: phase.parse().map_err(&wrong)?,
        position: usize::try_from(position).unwrap_or(usize::MAX),
        role: role.parse::<Role>().map_err(&wrong)?,
        target,
        attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
        not_before: Timestamp::from_micros(not_before),
        token,
        failure: failure.as_deref().map(parse::<Failure>).transpose().map_err(&wrong)?,
        subject,
        created_at: Timestamp::from_micros(created_at),
    })
}

fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// Saves a record if its claim still stands; see [`Store::save`].
async fn save(tx: &mut Tx, record: &Record, keep: bool, now: Timestamp) -> Result<bool, DbError> {
    let give_up = if keep { "" } else { "claimed_by = NULL, claimed_until = NULL, " };
    let sql = format!(
        "UPDATE ashlar_flows SET {give_up}state = ?, log = ?, direction = ?, position = ?, role = ?, \
         target = ?, attempts = ?, not_before = ?, claim_token = claim_token + 1, finished = ?, \
         cause = ?, updated_at = ? WHERE id = ? AND claim_token = ? AND finished = FALSE"
    );
    let changed = tx
        .execute(
            &sql,
            args![
                &record.state,
                json(&record.log),
                record.phase.as_str(),
                record.position,
                record.role.as_str(),
                &record.target,
                record.attempts,
                record.not_before.micros(),
                record.phase.is_over(),
                record.failure.as_ref().map(json),
                now.micros(),
                record.id,
                record.token
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// The engine's store on this database.
#[derive(Debug, Clone)]
pub struct FlowStore {
    db: Db,
}

impl FlowStore {
    /// Flows of `db`.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

impl From<DbError> for StoreError {
    fn from(error: DbError) -> Self {
        Self(Box::new(error))
    }
}

impl Store for FlowStore {
    type Tx = Tx;

    fn begin(&self) -> BoxFuture<'_, Result<Tx, StoreError>> {
        Box::pin(async move { Ok(self.db.begin().await?) })
    }

    fn commit(&self, tx: Tx) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move { Ok(tx.commit().await?) })
    }

    fn save<'a>(
        &'a self,
        tx: &'a mut Tx,
        record: &'a Record,
        keep: bool,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(async move { Ok(save(tx, record, keep, now).await?) })
    }

    fn claim<'a>(&'a self, wanted: Claim<'a>) -> BoxFuture<'a, Result<Vec<Record>, StoreError>> {
        Box::pin(async move {
            let mut tx = self.db.read().await?;
            if !claim::any_due(&mut tx, &wanted).await? {
                return Ok(Vec::new());
            }
            drop(tx);
            let records: Result<_, DbError> =
                crate::transact!(self.db, tx => claim::claim(tx, &wanted).await);
            Ok(records?)
        })
    }

    fn renew<'a>(
        &'a self,
        worker: &'a str,
        flows: &'a [FlowId],
        until: Timestamp,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let sql = format!(
                "UPDATE ashlar_flows SET claimed_until = ? WHERE claimed_by = ? AND finished = FALSE \
                 AND id IN ({})",
                sql::places(flows.len())
            );
            let mut args = vec![Arg::from(until.micros()), Arg::from(worker)];
            args.extend(flows.iter().map(|id| Arg::from(*id)));
            let renewed: Result<_, DbError> =
                crate::transact!(self.db, tx => tx.execute(&sql, &args).await);
            renewed?;
            Ok(())
        })
    }

    fn release<'a>(
        &'a self,
        prefix: &'a str,
        me: Option<&'a str>,
    ) -> BoxFuture<'a, Result<u64, StoreError>> {
        Box::pin(async move {
            let pattern = sql::starts_pattern(prefix);
            let sql = "UPDATE ashlar_flows SET claimed_by = NULL, claimed_until = NULL, \
                       claim_token = claim_token + 1 WHERE finished = FALSE AND claimed_by LIKE ? \
                       ESCAPE '!' AND claimed_by <> ?";
            let args = args![&pattern, me.unwrap_or("")];
            let released: Result<u64, DbError> =
                crate::transact!(self.db, tx => tx.execute(sql, args).await);
            Ok(released?)
        })
    }
}

/// Removes finished flows that were last saved before `before`; answers how many went, at most `limit`.
///
/// # Errors
/// [`DbError`], classified.
pub async fn prune(tx: &mut Tx, before: Timestamp, limit: usize) -> Result<u64, DbError> {
    let which = "SELECT id FROM ashlar_flows WHERE finished = TRUE AND updated_at < ? LIMIT ?";
    sql::delete_by_id(tx, "ashlar_flows", which, args![before.micros(), limit]).await
}
