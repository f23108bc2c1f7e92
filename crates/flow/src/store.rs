//! Where flows are kept. `db` has the one implementation that ships; the trait keeps SQL out of here.

use std::time::Duration;

use ashlar_types::{FlowId, Timestamp};

use crate::{BoxFuture, Record, Role};

/// A failure to store. What was to be stored may or may not be there.
#[derive(Debug, thiserror::Error)]
#[error("flows cannot be stored: {0}")]
pub struct StoreError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// What a worker asks for when it looks for work.
#[derive(Debug, Clone)]
pub struct Claim<'a> {
    /// Who asks.
    pub worker: &'a str,
    /// The role.
    pub role: Role,
    /// The backends, for a role that is bound to some; empty means any.
    pub targets: &'a [String],
    /// Names and versions that it can work on: others are left to whoever knows them.
    pub known: &'a [(&'a str, u32)],
    /// Not these.
    pub except: &'a [FlowId],
    /// At most so many.
    pub limit: usize,
    /// The present.
    pub now: Timestamp,
    /// How long the claim holds unless renewed.
    pub lease: Duration,
}

/// Keeps flows, lets workers claim them, and saves records inside the caller's transaction.
pub trait Store: Send + Sync + 'static {
    /// A transaction of the database that holds both the flows and their resources.
    type Tx: Send + 'static;

    /// Begins a transaction.
    fn begin(&self) -> BoxFuture<'_, Result<Self::Tx, StoreError>>;

    /// Commits it; when it answers, the disk has it.
    fn commit(&self, tx: Self::Tx) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Saves the record in `tx`. `keep` keeps the claim, otherwise it is given up with this very save.
    /// Answers false when the claim was lost to another: `tx` must then not be committed.
    fn save<'a>(
        &'a self,
        tx: &'a mut Self::Tx,
        record: &'a Record,
        keep: bool,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<bool, StoreError>>;

    /// Claims flows that are due and unclaimed, or whose claim has run out. One whose row cannot be read is
    /// claimed and not answered: it comes up again after the lease, and is in nobody's way until then.
    fn claim<'a>(&'a self, claim: Claim<'a>) -> BoxFuture<'a, Result<Vec<Record>, StoreError>>;

    /// Prolongs the worker's claims on these flows until `until`.
    fn renew<'a>(
        &'a self,
        worker: &'a str,
        flows: &'a [FlowId],
        until: Timestamp,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Gives up the claims of every worker whose name begins with `prefix`, except `me`: they belong to
    /// an earlier life of this service. Answers how many.
    fn release<'a>(
        &'a self,
        prefix: &'a str,
        me: Option<&'a str>,
    ) -> BoxFuture<'a, Result<u64, StoreError>>;
}
