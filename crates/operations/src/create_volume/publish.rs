//! The volume becomes usable: the hold turns into allocation and the row says `available`.

use ashlar_db::metadata::{self, Of};
use ashlar_db::volumes::{self, Published};
use ashlar_db::{DbError, Tx, holds};
use ashlar_types::{Source, Timestamp, VolumeStatus};

use super::State;
use crate::classify::database;
use crate::notify::{By, From, Letters, events};
use crate::{Doing, Done, VolumeContext, images};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        let published = Published {
            status: VolumeStatus::Available,
            provider_location: state.made.provider_location.as_deref(),
            provider_id: state.made.provider_id.as_deref(),
            bootable: matches!(state.spec.source, Source::Image(_)).then_some(true),
            shared_targets: Some(false),
            service_uuid: cx.service_uuid.as_deref(),
            launched_at: Some(now),
        };
        let from = [VolumeStatus::Creating, VolumeStatus::Downloading];
        let id = state.spec.volume_id;
        if !volumes::publish(&mut tx, id, &from, &published, now).await.map_err(database)? {
            // An administrator has given it another status meanwhile; that stands. The volume is
            // there all the same, and its space is taken.
            tracing::warn!(volume = %id, "made, but its status was changed meanwhile");
            volumes::record_made(&mut tx, id, &published).await.map_err(database)?;
        }
        keep_of_image(&mut tx, state, now).await.map_err(database)?;
        holds::settle(&mut tx, state.flow).await.map_err(database)?;
        let mut letters = Letters::new(&cx.settings, now);
        let end = [events::CREATE_END];
        letters.volume(&mut tx, id, From::Pool, &end).await.map_err(database)?;
        letters.post(&mut tx, &By::spec(&state.spec), now).await.map_err(database)?;
        Ok(Done::next(tx))
    })
}

/// The volume keeps what there is to know of its image, or what its source has kept. Cinder looks at a source only when
/// it is bootable.
async fn keep_of_image(tx: &mut Tx, state: &State, now: Timestamp) -> Result<(), DbError> {
    let id = state.spec.volume_id;
    let kept = match (state.spec.source, &state.image) {
        (Source::Image(_), Some(image)) => images::of_image(image),
        (Source::Snapshot(source), _) => metadata::get(tx, Of::SnapshotImage(source)).await?,
        (Source::Volume(source), _) => metadata::get(tx, Of::VolumeImage(source)).await?,
        _ => return Ok(()),
    };
    let of_bootable = match state.spec.source {
        Source::Image(_) => true,
        // The row has it from its source.
        _ => volumes::get(tx, id).await?.is_some_and(|volume| volume.bootable),
    };
    if of_bootable && !kept.is_empty() {
        metadata::merge(tx, Of::VolumeImage(id), &kept, now).await?;
    }
    Ok(())
}
