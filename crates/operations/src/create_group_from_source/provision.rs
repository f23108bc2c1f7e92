//! Making the volumes on the backend: from the snapshots, or as clones. All of them, or in the end none.

use ashlar_drivers::{DriverError, Made, SnapshotRef, VolumeRef};
use ashlar_flow::TaskError;
use ashlar_flow::record::Failure;
use ashlar_types::UserMessage;
use ashlar_types::message::{Action, Detail, Subject};

use super::{Member, State};
use crate::{Doing, Done, Undoing, Undone, VolumeContext, classify};

const DRIVER_FAILED: UserMessage = UserMessage {
    action: Action::CreateVolumeFromBackend,
    detail: Detail::DriverFailedCreate,
    subject: Subject::Volume,
};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        for member in &mut state.members {
            let made =
                make(cx, member).await.map_err(|error| classify::driver(error, DRIVER_FAILED))?;
            member.provider_location = made.provider_location;
            member.provider_id = made.provider_id;
        }
        Ok(Done::unrecorded())
    })
}

async fn make(cx: &VolumeContext, member: &Member) -> Result<Made, DriverError> {
    let name = name_of(member);
    let volume = reference(member, &name);
    match member.snapshot {
        Some(snapshot) => {
            let source = SnapshotRef {
                name: &format!("snapshot-{snapshot}"),
                volume_name: &member.source_name,
                pool: volume.pool,
                size: member.size,
            };
            cx.driver.ensure_volume_from_snapshot(volume, source).await
        }
        None => cx.driver.ensure_clone(volume, reference(member, &member.source_name)).await,
    }
}

/// The volume's name on the backend.
fn name_of(member: &Member) -> String {
    format!("volume-{}", member.volume)
}

fn reference<'a>(member: &'a Member, name: &'a str) -> VolumeRef<'a> {
    VolumeRef { name, pool: member.pool.pool().unwrap_or_default(), size: member.size }
}

/// They may be there, all or some, one of them half, or not at all: afterwards none is.
pub(super) fn revert<'a>(
    cx: &'a VolumeContext,
    state: &'a mut State,
    _failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        for member in &state.members {
            let name = name_of(member);
            cx.driver
                .destroy_volume(reference(member, &name))
                .await
                .map_err(|error| TaskError::Retry(error.into()))?;
        }
        cx.freed.notify_one();
        Ok(Undone::nothing())
    })
}
