//! Holding the increase on the volume's own pool, and putting things right when the extend fails.

use ashlar_db::{DbError, Tx, holds, quotas, volume_types, volumes};
use ashlar_flow::record::Failure;
use ashlar_types::message::{Action, Detail, Subject};
use ashlar_types::quota::volume_deltas;
use ashlar_types::{AttachStatus, UserMessage};

use super::{RESERVE, State};
use crate::classify::database;
use crate::notify::{By, From, Letters, events};
use crate::quiesce::{PAUSE, older_flow};
use crate::{Doing, Done, SchedulerContext, Undoing, Undone, hold, tell};

pub(super) fn execute<'a>(cx: &'a SchedulerContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let mut tx = cx.db.begin().await.map_err(database)?;
        let id = state.volume.to_string();
        if let Some(reason) = older_flow(&mut tx, &id, state.flow).await.map_err(database)? {
            return Ok(Done::wait(PAUSE, reason));
        }
        let volume = volumes::get(&mut tx, state.volume).await.map_err(database)?;
        let online = volume.is_some_and(|it| it.attach_status != AttachStatus::Detached);
        let refusal = UserMessage {
            action: Action::ExtendVolume,
            detail: Detail::NoValidBackend,
            subject: Subject::Volume,
        };
        let wanted = hold::Wanted {
            flow: state.flow,
            resource_id: &id,
            pool: &state.pool,
            size: state.increase(),
            thick: state.thick,
            online,
        };
        hold::on_its_pool(cx, &mut tx, &wanted, refusal).await?;
        let now = cx.clock.now();
        let mut letters = Letters::new(&cx.settings, now);
        let start = [events::RESIZE_START];
        letters.volume(&mut tx, state.volume, From::Backend, &start).await.map_err(database)?;
        letters.post(&mut tx, &By::Flow(state.flow), now).await.map_err(database)?;
        Ok(Done::next(tx))
    })
}

/// The end of an extend that cannot be done: hold and quota are given back. When the backend was never
/// asked, the volume is as before; otherwise it says `error_extending`, as in Cinder.
pub(super) fn revert<'a>(
    cx: &'a SchedulerContext,
    state: &'a mut State,
    failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        volumes::end_extend(&mut tx, state.volume, failure.task == RESERVE, now)
            .await
            .map_err(database)?;
        if state.use_quota {
            let increase = state.increase().signed();
            let type_name = type_name(&mut tx, state).await.map_err(database)?;
            let deltas = volume_deltas(0, increase, type_name.as_deref());
            quotas::give_back(&mut tx, &state.project_id, &deltas, now).await.map_err(database)?;
        }
        if failure.task == RESERVE {
            holds::release(&mut tx, state.flow).await.map_err(database)?;
        } else {
            // A volume is never made smaller, and a driver that failed may have made it larger all the same.
            holds::write_off(&mut tx, state.flow).await.map_err(database)?;
        }
        let otherwise = UserMessage {
            action: Action::ExtendVolume,
            detail: Detail::DriverFailedExtend,
            subject: Subject::Volume,
        };
        let about = tell::About {
            project_id: &state.project_id,
            request_id: &state.request_id,
            resource_id: state.volume.to_string(),
        };
        tell::failure(&mut tx, &cx.settings, &about, (failure, otherwise), now).await?;
        Ok(Undone::with(tx))
    })
}

/// The name of the volume's type as it is now, and stays until the transaction ends: when a type is renamed, its quota
/// is too.
async fn type_name(tx: &mut Tx, state: &State) -> Result<Option<String>, DbError> {
    let volume = volumes::get(tx, state.volume).await?;
    let Some(id) = volume.and_then(|volume| volume.volume_type_id) else {
        return Ok(state.type_name.clone());
    };
    let found = volume_types::keep_name(tx, id).await?;
    Ok(found.or_else(|| state.type_name.clone()))
}
