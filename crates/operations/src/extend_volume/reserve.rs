//! Holding the increase on the volume's own pool, and putting things right when the extend fails.

use ashlar_db::{holds, messages, pools, quotas, volumes};
use ashlar_flow::TaskError;
use ashlar_flow::record::Failure;
use ashlar_placement::Provisioning;
use ashlar_types::UserMessage;
use ashlar_types::message::{Action, Detail, Subject};
use ashlar_types::quota::volume_deltas;

use super::{RESERVE, State};
use crate::classify::database;
use crate::quiesce::{PAUSE, older_flow};
use crate::{Doing, Done, SchedulerContext, Undoing, Undone};

pub(super) fn execute<'a>(cx: &'a SchedulerContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let mut tx = cx.db.begin().await.map_err(database)?;
        let id = state.volume.to_string();
        if let Some(reason) = older_flow(&mut tx, &id, state.flow).await.map_err(database)? {
            return Ok(Done::wait(PAUSE, reason));
        }
        let increase = state.increase();
        let provisioning = if state.thick { Provisioning::Thick } else { Provisioning::Thin };
        let Some(pool) = pools::lock(&mut tx, &state.pool).await.map_err(database)? else {
            return Err(TaskError::Retry(format!("pool {} is not reported", state.pool).into()));
        };
        if let Err(reason) = cx.rules.admit(&pool, increase, provisioning) {
            let message = UserMessage {
                action: Action::ExtendVolume,
                detail: Detail::NoValidBackend,
                subject: Subject::Volume,
            };
            return Err(TaskError::Reject(message, format!("{}: {reason}", state.pool).into()));
        }
        holds::take(&mut tx, state.flow, &id, &state.pool, increase, cx.clock.now())
            .await
            .map_err(database)?;
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
            let deltas = volume_deltas(0, increase, state.type_name.as_deref());
            quotas::give_back(&mut tx, &state.project_id, &deltas, now).await.map_err(database)?;
        }
        holds::release(&mut tx, state.flow).await.map_err(database)?;
        let message = failure.message.unwrap_or(UserMessage {
            action: Action::ExtendVolume,
            detail: Detail::DriverFailedExtend,
            subject: Subject::Volume,
        });
        let told = messages::NewMessage {
            project_id: &state.project_id,
            request_id: &state.request_id,
            resource_uuid: &state.volume.to_string(),
            what: message,
        };
        messages::insert(&mut tx, &told, now, cx.settings.message_ttl).await.map_err(database)?;
        Ok(Undone::with(tx))
    })
}
