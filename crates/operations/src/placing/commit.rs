//! The transaction that decides: on the locked rows of the pools chosen, what is asked must fit what they say now.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use ashlar_db::decisions::{self, Entry, Page};
use ashlar_db::holds::{self, Taking};
use ashlar_db::volumes::{self, Place};
use ashlar_db::{DbError, Tx, flows, pools, services, transact};
use ashlar_placement::{Provisioning, Strategy};
use ashlar_types::{Availability, FlowId, Pool, PoolName, Timestamp};

use super::batch::{Chosen, Decided};
use super::{Inner, Waiting};
use crate::notify::{By, Letters};

/// Which task of the flow asks: `place` is its first.
const PLACE: usize = 0;

/// What became of one request in the transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// The pool holds its capacity.
    Placed(PoolName),
    /// That no pool will do is stored.
    Refused,
    /// The pool has no room any more: choose again.
    Again,
    /// The flow has gone on without us.
    MovedOn,
}

/// What a transaction did.
pub(super) struct Written {
    /// For each request, in order.
    pub(super) fates: Vec<Fate>,
    /// The pools that some request must be chosen again for, as they are now.
    pub(super) seen: Vec<Pool>,
    /// Some pool that was chosen is not known any more.
    pub(super) gone: bool,
}

impl Inner {
    /// Admits what was chosen, and stores it with its explanation.
    pub(super) async fn write(
        &self,
        open: &[Waiting],
        decided: &Decided,
    ) -> Result<Written, DbError> {
        let now = self.clock.now();
        transact!(self.db, tx => self.write_in(tx, open, decided, now).await)
    }

    async fn write_in(
        &self,
        tx: &mut Tx,
        open: &[Waiting],
        decided: &Decided,
        now: Timestamp,
    ) -> Result<Written, DbError> {
        let chosen = decided.cases.iter().filter_map(|case| case.chosen.as_ref());
        let names: BTreeSet<&PoolName> =
            chosen.flat_map(|chosen| chosen.siblings.iter().chain([&chosen.pool])).collect();
        let names: Vec<PoolName> = names.into_iter().cloned().collect();
        let rows = pools::lock_all(tx, &names).await?;
        // The picture may be a second old; whoever has switched a backend off is to find no new volume on it.
        let mut locked = Locked::new(rows, &services::shut(tx).await?);
        let flows: Vec<FlowId> = open.iter().map(|waiting| waiting.wanted.flow).collect();
        let here: HashSet<FlowId> = flows::still_at(tx, &flows, PLACE).await?.into_iter().collect();
        let held: HashMap<FlowId, PoolName> = holds::of_flows(tx, &flows)
            .await?
            .into_iter()
            .map(|it| (it.flow_id, it.pool))
            .collect();

        let mut fates = Vec::with_capacity(open.len());
        let mut asked = HashSet::with_capacity(open.len());
        let mut gone = false;
        // Something was noted in the picture for a request that does not take it.
        let mut misled = false;
        for (waiting, case) in open.iter().zip(&decided.cases) {
            let wanted = &waiting.wanted;
            let fate = if !here.contains(&wanted.flow) {
                Fate::MovedOn
            } else if let Some(pool) = held.get(&wanted.flow) {
                Fate::Placed(pool.clone())
            } else if !asked.insert(wanted.flow) {
                // A flow that asks twice finds in the next round what it got in this one.
                Fate::Again
            } else if let Some(chosen) = &case.chosen {
                gone |= !locked.0.contains_key(&chosen.pool);
                let fate = self.admit(&mut locked, chosen, waiting);
                misled |= fate == Fate::Again;
                fates.push(fate);
                continue;
            } else {
                Fate::Refused
            };
            misled |= case.chosen.is_some();
            fates.push(fate);
        }
        if misled {
            // Whoever was refused may have been so for the sake of what is not taken.
            fates
                .iter_mut()
                .filter(|fate| **fate == Fate::Refused)
                .for_each(|fate| *fate = Fate::Again);
        }
        let mut letters = Letters::new(&self.settings, now);
        store(tx, open, decided, (&fates, &held), (&mut letters, now)).await?;
        letters.post(tx, &By::house(), now).await?;
        let seen = if fates.contains(&Fate::Again) { locked.into_rows() } else { Vec::new() };
        Ok(Written { fates, seen, gone })
    }

    /// Takes the capacity from the locked row, if it has it.
    fn admit(&self, locked: &mut Locked, chosen: &Chosen, waiting: &Waiting) -> Fate {
        let spec = &waiting.wanted.spec;
        let provisioning = Provisioning::of(&spec.volume_type);
        let within_backend = self.max_gigabytes().is_none_or(|limit| {
            spec.forced.is_some() || locked.gigabytes(&chosen.siblings) + spec.size.0 <= limit
        });
        let Some(pool) = locked.0.get_mut(&chosen.pool) else { return Fate::Again };
        if pool.availability != Availability::Up || !within_backend {
            return Fate::Again;
        }
        if let Err(reason) = self.rules.admit(pool, spec.size, provisioning) {
            tracing::debug!(volume = %spec.volume_id, request = spec.request_id, pool = %pool.name, %reason,
                "chosen, but full by now");
            return Fate::Again;
        }
        pool.take(spec.size, 1);
        Fate::Placed(pool.name.clone())
    }

    /// The limit that the `simple` scheduler sets on each backend.
    pub(super) fn max_gigabytes(&self) -> Option<u64> {
        match self.rules.strategy() {
            Strategy::Simple { max_gigabytes } => Some(max_gigabytes),
            Strategy::Filter | Strategy::Chance => None,
        }
    }
}

/// The rows that nobody else changes meanwhile.
struct Locked(BTreeMap<PoolName, Pool>);

impl Locked {
    fn new(rows: Vec<Pool>, shut: &HashMap<String, Availability>) -> Self {
        let known = |mut pool: Pool| {
            if let Some(state) = shut.get(pool.name.backend().as_str()) {
                pool.availability = *state;
            }
            (pool.name.clone(), pool)
        };
        Self(rows.into_iter().map(known).collect())
    }

    fn gigabytes(&self, names: &[PoolName]) -> u64 {
        let pools = names.iter().filter_map(|name| self.0.get(name));
        pools.map(|pool| pool.allocated + pool.held).sum()
    }

    fn into_rows(self) -> Vec<Pool> {
        self.0.into_values().collect()
    }
}

/// Writes what was admitted, and the decisions with their page.
async fn store(
    tx: &mut Tx,
    open: &[Waiting],
    decided: &Decided,
    (fates, held): (&[Fate], &HashMap<FlowId, PoolName>),
    (letters, now): (&mut Letters<'_>, Timestamp),
) -> Result<(), DbError> {
    let rows = || open.iter().zip(&decided.cases).zip(fates);
    let resources: Vec<String> =
        open.iter().map(|waiting| waiting.wanted.spec.volume_id.to_string()).collect();
    let mut takings = Vec::new();
    let mut places = Vec::new();
    let mut placed = Vec::new();
    let mut entries = Vec::new();
    for (((waiting, case), fate), resource_id) in rows().zip(&resources) {
        let wanted = &waiting.wanted;
        let chosen = match (fate, &case.chosen) {
            // What was held before was stored with its own decision.
            (Fate::Placed(_), Some(chosen)) if !held.contains_key(&wanted.flow) => Some(chosen),
            (Fate::Refused, _) => None,
            _ => continue,
        };
        if let Some(Chosen { pool, availability_zone, .. }) = chosen {
            let (flow, gib) = (wanted.flow, wanted.spec.size);
            takings.push(Taking { flow, resource_id, pool, gib, volumes: 1 });
            places.push(Place { volume: wanted.spec.volume_id, pool, availability_zone });
            placed.push(&*wanted.spec);
        }
        entries.push(Entry {
            id: case.decision,
            flow_id: wanted.flow,
            volume_id: wanted.spec.volume_id,
            attempt: u32::try_from(wanted.tried.len()).unwrap_or(u32::MAX - 1) + 1,
            chosen: chosen.map(|chosen| chosen.pool.clone()),
            slot: case.slot,
        });
    }
    if entries.is_empty() {
        return Ok(());
    }
    holds::take_all(tx, &takings, now).await?;
    volumes::set_places(tx, &places, now).await?;
    letters.placed(tx, &placed).await?;
    let page = &decided.page;
    decisions::ensure_pool_set(tx, &page.pool_set, &page.pool_names, now).await?;
    let stored = Page {
        id: page.id,
        pool_set: page.pool_set.clone(),
        body: page.body.clone(),
        created_at: now,
    };
    decisions::insert_page(tx, &stored, &entries).await
}
