//! The group and its volumes become usable: the holds turn into allocation, and the volumes get their places.

use ashlar_db::metadata::{self, Of};
use ashlar_db::volumes::{self, Published};
use ashlar_db::{DbError, Tx, groups, holds};
use ashlar_types::{GroupStatus, Timestamp, VolumeStatus};

use super::{Member, State};
use crate::classify::database;
use crate::notify::{By, From, Letters, events};
use crate::{Doing, Done, VolumeContext};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        let (from, to) = ([GroupStatus::Creating], GroupStatus::Available);
        // An administrator, or a removal, may have given it another status meanwhile; that stands.
        groups::transition(&mut tx, state.group, &from, to, now).await.map_err(database)?;
        let uuid = cx.service_uuid.as_deref();
        for member in &state.members {
            publish(&mut tx, member, uuid, now).await.map_err(database)?;
        }
        holds::settle(&mut tx, state.flow).await.map_err(database)?;
        let (mut letters, id) = (Letters::new(&cx.settings, now), state.group.to_string());
        letters.group(&mut tx, &id, false, events::GROUP_CREATE_END).await.map_err(database)?;
        let volumes: Vec<_> = state.members.iter().map(|member| member.volume).collect();
        let end = [events::CREATE_END];
        letters.volumes(&mut tx, &volumes, From::Backend, &end).await.map_err(database)?;
        letters.post(&mut tx, &By::Flow(state.flow), now).await.map_err(database)?;
        Ok(Done::next(tx))
    })
}

async fn publish(
    tx: &mut Tx,
    member: &Member,
    service_uuid: Option<&str>,
    now: Timestamp,
) -> Result<(), DbError> {
    let published = Published {
        status: VolumeStatus::Available,
        provider_location: member.provider_location.as_deref(),
        provider_id: member.provider_id.as_deref(),
        bootable: None,
        shared_targets: Some(false),
        service_uuid,
        launched_at: Some(now),
    };
    let (id, zone) = (member.volume, member.availability_zone.as_str());
    volumes::set_place(tx, id, &member.pool, zone, service_uuid, now).await?;
    if !volumes::publish(tx, id, &[VolumeStatus::Creating], &published, now).await? {
        tracing::warn!(volume = %id, "made, but its status was changed meanwhile");
        volumes::record_made(tx, id, &published).await?;
    }
    // What its source has kept of an image; Cinder looks only at a bootable one.
    if volumes::get(tx, id).await?.is_some_and(|volume| volume.bootable) {
        let of = member.snapshot.map_or(Of::VolumeImage(member.source), Of::SnapshotImage);
        let kept = metadata::get(tx, of).await?;
        if !kept.is_empty() {
            metadata::merge(tx, Of::VolumeImage(id), &kept, now).await?;
        }
    }
    Ok(())
}
