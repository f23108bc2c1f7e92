//! What the reference names, and how large it is; and the end of a volume that cannot be managed.

use ashlar_db::{holds, quotas, volume_types, volumes};
use ashlar_flow::record::Failure;
use ashlar_types::PoolName;
use ashlar_types::message::Detail;
use ashlar_types::quota::volume_deltas;

use super::{State, told};
use crate::classify::database;
use crate::manage::measured;
use crate::{Doing, Done, Undoing, Undone, VolumeContext, tell};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let message = told(Detail::DriverFailedCreate);
        let pool = state.asked_pool.as_deref();
        let (_, found) = measured(cx, &state.reference, pool, message).await?;
        state.pool = Some(cx.backend.pool(&found.pool));
        state.size = found.size;
        state.mark = found.mark;
        // The schedulers, too, are to know what was found.
        Ok(Done::next(cx.db.begin().await.map_err(database)?))
    })
}

/// What remains is a row that lives nowhere and counts for nothing: Cinder takes no quota for it either once it is
/// `error_managing`. A repeat finds it so.
pub(super) fn revert<'a>(
    cx: &'a VolumeContext,
    state: &'a mut State,
    failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        let (id, now) = (state.spec.volume_id, cx.clock.now());
        let mut tx = cx.db.begin().await.map_err(database)?;
        let volume = volumes::get_for_update(&mut tx, id).await.map_err(database)?;
        if let Some(volume) = volume.filter(|volume| volume.use_quota) {
            let name = match volume.volume_type_id {
                // Quota is counted under the name, which stays so until the transaction ends.
                Some(id) => volume_types::keep_name(&mut tx, id).await.map_err(database)?,
                None => None,
            };
            let deltas = volume_deltas(1, volume.size.signed(), name.as_deref());
            quotas::give_back(&mut tx, &volume.project_id, &deltas, now).await.map_err(database)?;
            volumes::end_managing(&mut tx, id, now).await.map_err(database)?;
            let about = tell::About {
                project_id: &state.spec.project_id,
                request_id: &state.spec.request_id,
                resource_id: id.to_string(),
            };
            let otherwise = told(Detail::UnknownError);
            tell::failure(&mut tx, &cx.settings, &about, (failure, otherwise), now).await?;
        }
        holds::release(&mut tx, state.flow).await.map_err(database)?;
        Ok(Undone::with(tx))
    })
}

/// The pool in which it was found.
pub(super) fn pool(state: &State) -> Result<PoolName, ashlar_flow::TaskError> {
    state.pool.clone().ok_or_else(|| ashlar_flow::TaskError::Broken("not measured".into()))
}
