//! Whether the pool suits the volume; then quota for its size, a hold there, and the place in its row.

use ashlar_db::{Tx, holds, pools, quotas, volume_types, volumes};
use ashlar_flow::TaskError;
use ashlar_types::message::{Action, Detail, Subject};
use ashlar_types::quota::volume_deltas;
use ashlar_types::request_spec::Pinned;
use ashlar_types::{Availability, Gib, PoolName, UserMessage, Volume};

use super::measure::pool;
use super::{State, told};
use crate::classify::database;
use crate::notify::{By, From, events, tell_of_volume};
use crate::{Doing, Done, OverQuota, SchedulerContext};

/// What the user is told when the pool does not suit.
const NO_VALID_BACKEND: UserMessage = UserMessage {
    action: Action::ScheduleAllocateVolume,
    detail: Detail::NoValidBackend,
    subject: Subject::Volume,
};

pub(super) fn execute<'a>(cx: &'a SchedulerContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let pool = pool(state)?;
        let mut spec = state.spec.clone();
        spec.pinned = Some(Pinned::Pool(pool.clone()));
        let facts = cx.sources.look_up(&cx.db, &spec, &cx.rules).await.map_err(database)?;
        let judged = cx.placer.place_together(vec![(spec, facts)]).await.map_err(database)?;
        if let Err(why) = judged {
            return Err(TaskError::Reject(NO_VALID_BACKEND, format!("{pool}: {why}").into()));
        }
        let id = state.spec.volume_id;
        let mut tx = cx.db.begin().await.map_err(database)?;
        let volume = volumes::get_for_update(&mut tx, id).await.map_err(database)?;
        let volume = volume.ok_or_else(|| TaskError::Broken("its row is gone".into()))?;
        if volume.size == Gib(0) {
            take_quota(cx, &mut tx, &volume, state.size).await?;
        }
        volumes::set_managed_place(&mut tx, id, &pool, state.size, cx.clock.now())
            .await
            .map_err(database)?;
        hold(cx, &mut tx, state, &pool).await?;
        let what = (id, From::Pool, &[events::MANAGE_EXISTING_START][..]);
        tell_of_volume(&mut tx, &cx.settings, &By::spec(&state.spec), what, cx.clock.now())
            .await
            .map_err(database)?;
        Ok(Done::next(tx))
    })
}

async fn take_quota(
    cx: &SchedulerContext,
    tx: &mut Tx,
    volume: &Volume,
    size: Gib,
) -> Result<(), TaskError> {
    let rejected =
        |over: OverQuota| TaskError::Reject(told(Detail::QuotaExceeded), over.to_string().into());
    let (project, limits) = (&volume.project_id, &cx.settings.limits);
    let limit = quotas::limit_of(tx, project, "per_volume_gigabytes", limits);
    let (limit, size) = (limit.await.map_err(database)?, size.signed());
    if limit >= 0 && size > limit {
        return Err(rejected(OverQuota::PerVolume { size, limit }));
    }
    let name = match volume.volume_type_id {
        // Quota is counted under the name, which stays so until the transaction ends.
        Some(id) => volume_types::keep_name(tx, id).await.map_err(database)?,
        None => None,
    };
    let deltas = volume_deltas(0, size, name.as_deref());
    let taken = quotas::take(tx, project, &deltas, limits, cx.clock.now()).await;
    taken.map_err(database)?.map_err(|over| rejected(over.into()))
}

/// Its bytes are there whether or not they fit by our own arithmetic, so nothing is asked; they count all the same.
async fn hold(
    cx: &SchedulerContext,
    tx: &mut Tx,
    state: &State,
    name: &PoolName,
) -> Result<(), TaskError> {
    let pool = pools::lock(tx, name).await.map_err(database)?;
    if pool.is_none_or(|pool| pool.availability != Availability::Up) {
        return Err(TaskError::Retry(format!("pool {name} is not reported").into()));
    }
    let taking = holds::Taking {
        flow: state.flow,
        resource_id: &state.spec.volume_id.to_string(),
        pool: name,
        gib: state.size,
        volumes: 1,
    };
    if holds::of_flow(tx, state.flow).await.map_err(database)?.is_empty() {
        holds::take(tx, &taking, cx.clock.now()).await.map_err(database)?;
    }
    Ok(())
}
