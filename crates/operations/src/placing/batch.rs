//! One batch: choosing, and choosing again for those whose pool was full by the time its row was locked.

use std::collections::HashMap;
use std::sync::Arc;

use ashlar_db::DbError;
use ashlar_placement::nearest::{self, Miss};
use ashlar_placement::page::{self, PageWriter};
use ashlar_placement::{Choice, Picture, Request, Rules, Verdict, choose, explain};
use ashlar_types::{DecisionId, PageId, PoolName, VolumeType};

use super::commit::{Fate, Written};
use super::{Inner, Placed, PlacingError, Waiting, types_to_suggest};

/// How often a choice that the pools' rows do not confirm is made anew.
const ROUNDS: usize = 8;
/// Pools that may be searched for what would have fitted, over all that a batch refuses: who was placed with them is not to
/// wait for long.
const MOST_SEARCHED: usize = 200_000;
/// Bytes of a page beyond which the rest of the batch has to wait for the next: far less than a server takes in one
/// statement (16 MiB on MariaDB, unless set otherwise).
const LARGE_PAGE: usize = 4 << 20;

/// What was chosen for the requests of a batch, before it is written.
pub(super) struct Decided {
    pub(super) cases: Vec<Case>,
    pub(super) page: NewPage,
}

/// One request's choice.
pub(super) struct Case {
    pub(super) decision: DecisionId,
    pub(super) chosen: Option<Chosen>,
    /// Why no pool will do, in one line.
    pub(super) refusal: Option<String>,
    pub(super) slot: u32,
}

/// A pool that was chosen.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    pub(super) pool: PoolName,
    pub(super) availability_zone: String,
    /// All pools of its backend, when a limit on the backend has to be kept.
    pub(super) siblings: Vec<PoolName>,
}

/// What explains the choices of a batch.
pub(super) struct NewPage {
    pub(super) id: PageId,
    pub(super) pool_set: String,
    pub(super) pool_names: String,
    pub(super) body: String,
}

impl Inner {
    /// Answers every request of the batch. What the database refuses to write for all of them together is tried for
    /// each alone, so that one bad request fails by itself.
    pub(super) async fn place_all(self: &Arc<Self>, open: Vec<Waiting>) {
        let Some((left, error)) = self.place_together(open).await else { return };
        if left.len() <= 1 || error.is_conflict() || error.is_unavailable() {
            return fail_all(left, &PlacingError::Database(Arc::new(error)));
        }
        tracing::warn!(%error, requests = left.len(), "a batch of placements is refused; each is tried alone");
        for waiting in left {
            if let Some((left, error)) = self.place_together(vec![waiting]).await {
                fail_all(left, &PlacingError::Database(Arc::new(error)));
            }
        }
    }

    /// Answers every request of the batch, but for those that are left when the database fails.
    async fn place_together(
        self: &Arc<Self>,
        mut open: Vec<Waiting>,
    ) -> Option<(Vec<Waiting>, DbError)> {
        let mut others: Option<Arc<Others>> = None;
        let mut outcome = self.pools.ensure_recent().await;
        for _ in 0..ROUNDS {
            if let Err(error) = outcome {
                return Some((open, error));
            }
            open.retain(|waiting| !waiting.answer.is_closed());
            if open.is_empty() {
                return None;
            }
            let decided;
            (open, decided) = self.decide_aside(open, others.clone()).await?;
            let Some(decided) = decided else {
                // What was noted until then is not held.
                outcome = self.pools.ensure_fresh().await;
                continue;
            };
            if others.is_none() && decided.cases.iter().any(|case| case.chosen.is_none()) {
                // Before anybody is told "no", the picture is taken once more, and what would have fitted is found out.
                outcome = self.pools.ensure_fresh().await;
                match self.types_to_suggest(&open).await {
                    Ok(types) => others = Some(Arc::new(types)),
                    Err(error) => outcome = Err(error),
                }
                continue;
            }
            let written = match self.write(&open, &decided).await {
                Ok(written) => written,
                Err(error) => {
                    // What was noted for them is not held; the next batch is to see the pools as they are.
                    if let Err(error) = self.pools.ensure_fresh().await {
                        tracing::warn!(%error, "the pools cannot be read");
                    }
                    return Some((open, error));
                }
            };
            // A pool that is gone is in no row that could be put into the picture.
            outcome = if written.gone { self.pools.ensure_fresh().await } else { Ok(()) };
            open = self.answer(open, decided, written);
            if open.is_empty() {
                return None;
            }
        }
        fail_all(open, &PlacingError::Contended);
        None
    }

    /// Decides on a thread of its own: many requests on thousands of pools take longer than others may be kept from
    /// this one. Answers those that were decided; the others wait in the queue again.
    ///
    /// When deciding panics nothing is decided, and the first is to be tried alone; when it was alone it is given up, so
    /// that one bad request is in nobody's way. `None` when the process ends: whoever waits is told by the dropped
    /// senders.
    async fn decide_aside(
        self: &Arc<Self>,
        mut open: Vec<Waiting>,
        others: Option<Arc<Others>>,
    ) -> Option<(Vec<Waiting>, Option<Decided>)> {
        let inner = Arc::clone(self);
        let deciding = tokio::task::spawn_blocking(move || {
            let decide = || inner.decide(&open, &others.unwrap_or_default());
            let decided = std::panic::catch_unwind(std::panic::AssertUnwindSafe(decide)).ok();
            let most = match &decided {
                Some(decided) => decided.cases.len(),
                None => usize::from(open.len() > 1),
            };
            let others = open.split_off(most);
            if decided.is_some() || most > 0 {
                inner.queue().put_back(others);
            } else if let Some(bad) = others.first() {
                let spec = &bad.wanted.spec;
                tracing::error!(volume = %spec.volume_id, request = spec.request_id, "placing it panics");
            }
            (open, decided)
        });
        deciding.await.ok()
    }

    /// Chooses for one after the other; each sees what the ones before it took. The first ones, when what explains them
    /// is large or took long to find out.
    fn decide(&self, open: &[Waiting], others: &Others) -> Decided {
        let mut picture = self.pools.picture();
        let (pool_set, pool_names) = page::pool_set(&picture);
        let mut writer = PageWriter::new(&self.rules, &picture);
        let mut cases = Vec::with_capacity(open.len());
        let mut searched = 0;
        for waiting in open {
            let case = self.decide_one(waiting, &mut picture, &mut writer, others);
            if case.chosen.is_none() {
                searched += picture.len();
            }
            cases.push(case);
            if writer.size() > LARGE_PAGE || searched > MOST_SEARCHED {
                break;
            }
        }
        let body = writer.finish();
        let page = NewPage { id: PageId::fresh(), pool_set, pool_names, body };
        Decided { cases, page }
    }

    fn decide_one(
        &self,
        waiting: &Waiting,
        picture: &mut Picture,
        writer: &mut PageWriter,
        others: &Others,
    ) -> Case {
        let wanted = &waiting.wanted;
        let spec = &*wanted.spec;
        let seed = spec.volume_id.0.as_u128() as u64 ^ wanted.tried.len() as u64;
        let request = Request::new(spec, &wanted.tried, &wanted.facts, picture, seed);
        let choice = choose(&request, picture, &self.rules);
        let index = best(&choice, picture, &self.rules, &wanted.tried);
        let decision = DecisionId::fresh();
        let Some(index) = index else {
            let types = others.get(&spec.project_id).map_or(&[][..], Vec::as_slice);
            let misses = nearest::misses(&request, picture, &self.rules, types);
            let slot = writer.add(&request, &choice, picture, &misses);
            let verdict = choice.verdict(&request, picture, &self.rules);
            let refusal = Some(told(&verdict, &misses));
            return Case { decision, chosen: None, refusal, slot };
        };
        let slot = writer.add(&request, &choice, picture, &[]);
        let chosen = &picture.candidates()[index].pool;
        let chosen = Chosen {
            pool: chosen.name.clone(),
            availability_zone: chosen.availability_zone.clone(),
            siblings: self.siblings(picture, &chosen.name),
        };
        picture.note(index, spec.size, 1);
        Case { decision, chosen: Some(chosen), refusal: None, slot }
    }

    /// The pools that count against the same `max_gigabytes`.
    fn siblings(&self, picture: &Picture, pool: &PoolName) -> Vec<PoolName> {
        if self.max_gigabytes().is_none() {
            return Vec::new();
        }
        let backend = pool.backend();
        let pools = picture.candidates().iter().map(|candidate| &candidate.pool.name);
        pools.filter(|name| name.backend() == backend).cloned().collect()
    }

    /// Tells those that are decided; answers those that are not.
    fn answer(&self, open: Vec<Waiting>, decided: Decided, written: Written) -> Vec<Waiting> {
        if !written.seen.is_empty() {
            // The locked rows are newer than the picture, but what is noted for those that go on is not in them.
            self.pools.picture().update(written.seen);
        }
        let mut again = Vec::new();
        let fates = written.fates.into_iter();
        for ((waiting, case), fate) in open.into_iter().zip(decided.cases).zip(fates) {
            let answer = match fate {
                Fate::Again => {
                    again.push(waiting);
                    continue;
                }
                Fate::Placed(pool) => Ok(Placed::At(pool)),
                Fate::Refused => Ok(Placed::Nowhere(case.refusal.unwrap_or_default())),
                Fate::MovedOn => Err(PlacingError::MovedOn),
            };
            // Who no longer waits will ask again and find its hold.
            let _ = waiting.answer.send(answer);
        }
        again
    }

    /// For each project of the batch: types that could be suggested to it when no pool will do.
    async fn types_to_suggest(&self, open: &[Waiting]) -> Result<Others, DbError> {
        let mut others = Others::new();
        let mut tx = self.db.read().await?;
        for waiting in open {
            let project = &waiting.wanted.spec.project_id;
            if !others.contains_key(project) {
                others.insert(project.clone(), types_to_suggest(&mut tx, project).await?);
            }
        }
        Ok(others)
    }
}

type Others = HashMap<String, Vec<VolumeType>>;

/// Place of the best pool that was not yet tried, else of the best.
fn best(choice: &Choice, picture: &Picture, rules: &Rules, tried: &[PoolName]) -> Option<usize> {
    let untried = |index: usize| !tried.contains(&picture.candidates()[index].pool.name);
    choice.best_of(rules, untried).or_else(|| choice.best(rules))
}

/// Why no pool will do and what would have fitted, in one line.
fn told(verdict: &Verdict, misses: &[Miss]) -> String {
    let mut line = explain::summary(verdict, None);
    for (at, miss) in misses.iter().enumerate() {
        line.push_str(if at == 0 { "; would fit: " } else { "; or " });
        line.push_str(&miss.to_string());
    }
    line
}

fn fail_all(open: Vec<Waiting>, error: &PlacingError) {
    for waiting in open {
        // Who no longer waits needs no answer.
        let _ = waiting.answer.send(Err(error.clone()));
    }
}
