//! Whether the volume may stay where it is, by the filters that place volumes; and the end of a retype that cannot be
//! done.

use ashlar_db::metadata::{self, Of};
use ashlar_db::{DbError, pools, quotas, type_encryption, volume_types, volumes};
use ashlar_flow::TaskError;
use ashlar_flow::record::Failure;
use ashlar_placement::{Picture, Provisioning, Request, choose};
use ashlar_types::message::{Action, Detail, Subject};
use ashlar_types::{RequestSpec, Source, UserMessage, VolumeType};

use super::State;
use crate::classify::database;
use crate::quiesce::{PAUSE, older_flow};
use crate::{Doing, Done, SchedulerContext, Undoing, Undone, tell};

/// The key by which a type names its zones.
const TYPE_ZONES: &str = "RESKEY:availability_zones";

/// What the user is told: Cinder's words for "no valid backend".
pub(super) const NO_VALID_BACKEND: UserMessage = UserMessage {
    action: Action::ScheduleAllocateVolume,
    detail: Detail::NoValidBackend,
    subject: Subject::Volume,
};

pub(super) fn execute<'a>(cx: &'a SchedulerContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let mut tx = cx.db.read().await.map_err(database)?;
        let id = state.volume.to_string();
        if let Some(reason) = older_flow(&mut tx, &id, state.flow).await.map_err(database)? {
            return Ok(Done::wait(PAUSE, reason));
        }
        drop(tx);
        let Some(reason) = reason_against(cx, state).await.map_err(database)? else {
            return Ok(Done::unrecorded());
        };
        let (volume, name) = (state.volume, &state.new_type.name);
        let but = if state.may_move {
            "moving it to another is not supported yet"
        } else {
            "migration not allowed"
        };
        let cause = format!(
            "No valid backend was found. Current backend not valid for volume {volume} with type \
             {name}, {but}: {reason}"
        );
        Err(TaskError::Reject(NO_VALID_BACKEND, cause.into()))
    })
}

/// Why the volume cannot stay where it is; none when it can.
async fn reason_against(cx: &SchedulerContext, state: &State) -> Result<Option<String>, DbError> {
    let (old, new) = (state.old_type.as_ref(), &state.new_type);
    let mut tx = cx.db.read().await?;
    let old_encryption = match old {
        Some(old) => type_encryption::of_type(&mut tx, old.id).await?,
        None => None,
    };
    if old_encryption != type_encryption::of_type(&mut tx, new.id).await? {
        return Ok(Some("its bytes would have to be encrypted in another way".to_owned()));
    }
    if Provisioning::of(new) == Provisioning::Thick
        && old.map(Provisioning::of) != Some(Provisioning::Thick)
    {
        return Ok(Some("it would have to be backed fully".to_owned()));
    }
    let metadata = metadata::get(&mut tx, Of::Volume(state.volume)).await?;
    let now = cx.clock.now();
    let mut here = pools::list(&mut tx, now, cx.settings.service_down_time).await?;
    drop(tx);
    here.retain(|pool| pool.name == state.pool);
    if here.is_empty() {
        return Ok(Some(format!("pool {} is not reported", state.pool)));
    }
    let spec = RequestSpec { metadata, ..spec(state) };
    let facts = cx.sources.look_up(&cx.db, &spec, &cx.rules).await?;
    let picture = Picture::new(here, cx.rules.max_over_subscription_ratio(), now);
    let mut request = Request::new(&spec, &[], &facts, &picture, 0);
    // It has its room already.
    request.needed = 0;
    let choice = choose(&request, &picture, &cx.rules);
    if choice.best(&cx.rules).is_some() {
        return Ok(None);
    }
    let verdict = choice.verdict(&request, &picture, &cx.rules);
    let reasons = verdict.rejected.iter();
    let reasons: Vec<String> =
        reasons.map(|refused| format!("{}: {}", refused.filter, refused.reason)).collect();
    Ok(Some(reasons.join("; ")))
}

fn spec(state: &State) -> RequestSpec {
    RequestSpec {
        volume_id: state.volume,
        project_id: state.project_id.clone(),
        user_id: state.user_id.clone(),
        request_id: state.request_id.clone(),
        size: state.size,
        source: Source::Blank,
        availability_zones: zones(&state.new_type, state.zone.as_deref()),
        volume_type: state.new_type.clone(),
        pinned: None,
        forced: None,
        metadata: ashlar_types::Metadata::new(),
        hints: serde_json::Map::new(),
    }
}

/// The zones that the type names, else the volume's own.
fn zones(volume_type: &VolumeType, own: Option<&str>) -> Vec<String> {
    match volume_type.spec(TYPE_ZONES) {
        Some(text) => text.split(',').map(|zone| zone.trim().to_owned()).collect(),
        None => own.map(str::to_owned).into_iter().collect(),
    }
}

/// The volume is as before, and so is its quota.
pub(super) fn revert<'a>(
    cx: &'a SchedulerContext,
    state: &'a mut State,
    failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        volumes::end_retype(&mut tx, state.volume, now).await.map_err(database)?;
        // When a type is renamed, its quota is too.
        let new = volume_types::keep_name(&mut tx, state.new_type.id).await.map_err(database)?;
        let name = new.as_deref().unwrap_or(&state.new_type.name);
        for (project, share) in state.all_taken() {
            let deltas = share.deltas(name);
            quotas::give_back(&mut tx, &project, &deltas, now).await.map_err(database)?;
        }
        let about = tell::About {
            project_id: &state.project_id,
            request_id: &state.request_id,
            resource_id: state.volume.to_string(),
        };
        tell::failure(&mut tx, &cx.settings, &about, (failure, NO_VALID_BACKEND), now).await?;
        Ok(Undone::with(tx))
    })
}
