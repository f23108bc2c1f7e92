//! Choosing the pool. The choice is made on a picture that may be a little old; the transaction that
//! holds the capacity looks again, and sends us back when the picture was wrong.

use ashlar_db::decisions::{self, Decision};
use ashlar_db::{Tx, holds, pools, volumes};
use ashlar_flow::TaskError;
use ashlar_flow::record::Failure;
use ashlar_placement::{Provisioning, Verdict, choose, explain};
use ashlar_types::message::{Action, Detail, Subject};
use ashlar_types::{DecisionId, Pool, PoolName, Timestamp, UserMessage, VolumeStatus};

use super::State;
use crate::classify::database;
use crate::{Doing, Done, SchedulerContext, Undoing, Undone, tell};

/// How often a choice that the pool's row does not confirm is made anew.
const ROUNDS: usize = 8;

/// What the user is told when no pool will do: Cinder's words for "no valid backend".
const NO_VALID_BACKEND: UserMessage = UserMessage {
    action: Action::ScheduleAllocateVolume,
    detail: Detail::NoValidBackend,
    subject: Subject::Volume,
};

pub(super) fn execute<'a>(cx: &'a SchedulerContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        if state.tried.len() >= usize::try_from(cx.rules.max_attempts()).unwrap_or(usize::MAX) {
            return Err(exhausted(state));
        }
        let mut picture = cx.pools.recent().await.map_err(database)?;
        for _ in 0..ROUNDS {
            let (verdict, chosen) = judge(cx, state, &picture);
            let Some(chosen) = chosen else {
                // Before the user is told "no", the picture is taken once more.
                let fresh = cx.pools.fresh().await.map_err(database)?;
                let (verdict, chosen) = judge(cx, state, &fresh);
                if chosen.is_some() {
                    picture = fresh;
                    continue;
                }
                return refuse(cx, state, &verdict).await;
            };
            if let Some(tx) = hold(cx, state, &verdict, &chosen).await? {
                cx.pools.note(&chosen.name, state.spec.size);
                state.placed = Some(chosen.name);
                return Ok(Done::next(tx));
            }
            picture = cx.pools.fresh().await.map_err(database)?;
        }
        Err(TaskError::Retry("the pools change faster than one can be chosen".into()))
    })
}

/// Every pool's verdict, and the best that was not yet tried, else the best.
fn judge(cx: &SchedulerContext, state: &State, pools: &[Pool]) -> (Verdict, Option<Pool>) {
    let tried: Vec<PoolName> = state.tried.iter().map(|tried| tried.pool.clone()).collect();
    let verdict =
        choose(&state.spec, pools, &tried, &cx.rules, state.spec.volume_id.0.as_u128() as u64);
    let untried = verdict.ranked.iter().find(|ranked| !tried.contains(&ranked.pool));
    let best = untried.or(verdict.ranked.first()).map(|ranked| &ranked.pool);
    let chosen = best.and_then(|name| pools.iter().find(|pool| pool.name == *name).cloned());
    (verdict, chosen)
}

/// The transaction that decides: the pool's row is locked, and what is asked must fit what it says now.
async fn hold(
    cx: &SchedulerContext,
    state: &State,
    verdict: &Verdict,
    chosen: &Pool,
) -> Result<Option<Tx>, TaskError> {
    let now = cx.clock.now();
    let spec = &state.spec;
    let mut tx = cx.db.begin().await.map_err(database)?;
    let Some(mut pool) = pools::lock(&mut tx, &chosen.name).await.map_err(database)? else {
        return Ok(None);
    };
    pool.availability_zone.clone_from(&chosen.availability_zone);
    if let Err(reason) = cx.rules.admit(&pool, spec.size, Provisioning::of(&spec.volume_type)) {
        tracing::debug!(volume = %spec.volume_id, pool = %pool.name, %reason, "chosen, but full by now");
        return Ok(None);
    }
    holds::take(&mut tx, state.flow, &spec.volume_id.to_string(), &pool.name, spec.size, now)
        .await
        .map_err(database)?;
    let zone = &chosen.availability_zone;
    volumes::set_place(&mut tx, spec.volume_id, &pool.name, zone, None, now)
        .await
        .map_err(database)?;
    store_decision(&mut tx, state, verdict, Some(&pool), now).await?;
    Ok(Some(tx))
}

async fn store_decision(
    tx: &mut Tx,
    state: &State,
    verdict: &Verdict,
    chosen: Option<&Pool>,
    now: Timestamp,
) -> Result<(), TaskError> {
    let decision = Decision {
        id: DecisionId::random(),
        flow_id: state.flow,
        volume_id: state.spec.volume_id,
        attempt: u32::try_from(state.tried.len()).unwrap_or(u32::MAX - 1) + 1,
        chosen: chosen.map(|pool| pool.name.clone()),
        verdict: serde_json::to_value(verdict).map_err(|error| TaskError::Broken(error.into()))?,
        created_at: now,
    };
    decisions::insert(tx, &decision).await.map_err(database)
}

/// No pool will do: the decision is kept, so that `ashlar explain` can say why.
async fn refuse(
    cx: &SchedulerContext,
    state: &State,
    verdict: &Verdict,
) -> Result<Done, TaskError> {
    let mut tx = cx.db.begin().await.map_err(database)?;
    store_decision(&mut tx, state, verdict, None, cx.clock.now()).await?;
    tx.commit().await.map_err(database)?;
    let summary = explain::summary(verdict, None);
    Err(TaskError::Reject(NO_VALID_BACKEND, format!("no valid backend: {summary}").into()))
}

fn exhausted(state: &State) -> TaskError {
    let causes: Vec<String> =
        state.tried.iter().map(|tried| format!("{}: {}", tried.pool, tried.cause)).collect();
    let text = format!("gave up after {} attempts: {}", causes.len(), causes.join("; "));
    TaskError::Reject(NO_VALID_BACKEND, text.into())
}

/// The end of a create that cannot be done: the hold goes, the row says `error` and the user is told
/// why. The volume keeps its quota until it is deleted, as in Cinder.
pub(super) fn revert<'a>(
    cx: &'a SchedulerContext,
    state: &'a mut State,
    failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let spec = &state.spec;
        let mut tx = cx.db.begin().await.map_err(database)?;
        holds::release(&mut tx, state.flow).await.map_err(database)?;
        let from = [VolumeStatus::Creating, VolumeStatus::Downloading];
        volumes::transition(&mut tx, spec.volume_id, &from, VolumeStatus::Error, now)
            .await
            .map_err(database)?;
        // Nothing of it is on a backend any more, so it lives nowhere and takes no space.
        volumes::clear_place(&mut tx, spec.volume_id, now).await.map_err(database)?;
        let otherwise = UserMessage {
            action: Action::CreateVolumeFromBackend,
            detail: Detail::DriverFailedCreate,
            subject: Subject::Volume,
        };
        let about = tell::About {
            project_id: &spec.project_id,
            request_id: &spec.request_id,
            resource_id: spec.volume_id.to_string(),
        };
        tell::failure(&mut tx, &cx.settings, &about, (failure, otherwise), now).await?;
        Ok(Undone::with(tx))
    })
}
