//! Quota for what it is larger than its volume, and a hold on the pool. The pool is not asked whether it has room: the
//! bytes are there.

use ashlar_db::{Tx, holds, pools, quotas, snapshots, volume_types, volumes};
use ashlar_flow::TaskError;
use ashlar_types::message::Detail;
use ashlar_types::quota::snapshot_deltas;
use ashlar_types::{Availability, Snapshot};

use super::{State, told};
use crate::classify::database;
use crate::notify::{By, events, tell_of_snapshot};
use crate::{Doing, Done, OverQuota, SchedulerContext};

pub(super) fn execute<'a>(cx: &'a SchedulerContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let mut tx = cx.db.begin().await.map_err(database)?;
        let snapshot = snapshots::get(&mut tx, state.snapshot).await.map_err(database)?;
        let gone = || TaskError::Broken("its row is gone".into());
        // Rows are locked in one order everywhere: a volume before its snapshots.
        let volume = snapshot.ok_or_else(gone)?.volume_id;
        volumes::get_for_update(&mut tx, volume).await.map_err(database)?;
        let snapshot =
            snapshots::get_for_update(&mut tx, state.snapshot).await.map_err(database)?;
        take_quota(cx, &mut tx, &snapshot.ok_or_else(gone)?, state).await?;
        snapshots::set_size(&mut tx, state.snapshot, state.size, cx.clock.now())
            .await
            .map_err(database)?;
        let (name, flow) = (&state.pool, state.flow);
        let pool = pools::lock(&mut tx, name).await.map_err(database)?;
        if pool.is_none_or(|pool| pool.availability != Availability::Up) {
            return Err(TaskError::Retry(format!("pool {name} is not reported").into()));
        }
        let resource_id = &state.snapshot.to_string();
        let taking = holds::Taking { flow, resource_id, pool: name, gib: state.size, volumes: 0 };
        if holds::of_flow(&mut tx, flow).await.map_err(database)?.is_empty() {
            holds::take(&mut tx, &taking, cx.clock.now()).await.map_err(database)?;
        }
        let what = (state.snapshot, &[events::SNAPSHOT_MANAGE_EXISTING_START][..]);
        tell_of_snapshot(&mut tx, &cx.settings, &By::Flow(flow), what, cx.clock.now())
            .await
            .map_err(database)?;
        Ok(Done::next(tx))
    })
}

/// The volume's size was taken when the snapshot was accepted.
async fn take_quota(
    cx: &SchedulerContext,
    tx: &mut Tx,
    snapshot: &Snapshot,
    state: &State,
) -> Result<(), TaskError> {
    let name = match snapshot.volume_type_id {
        // Quota is counted under the name, which stays so until the transaction ends.
        Some(id) => volume_types::keep_name(tx, id).await.map_err(database)?,
        None => None,
    };
    let more = state.size.signed() - snapshot.volume_size.signed();
    let deltas = snapshot_deltas(0, more, name.as_deref(), cx.settings.no_snapshot_gb_quota);
    let (limits, now) = (&cx.settings.limits, cx.clock.now());
    let taken = quotas::take(tx, &snapshot.project_id, &deltas, limits, now).await;
    taken.map_err(database)?.map_err(|over| {
        let cause = OverQuota::from(over).to_string();
        TaskError::Reject(told(Detail::QuotaExceeded), cause.into())
    })
}
