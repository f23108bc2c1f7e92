//! Taking the snapshots on the backend, all or none.

use ashlar_drivers::{Moment, SnapshotRef};
use ashlar_flow::TaskError;
use ashlar_flow::record::Failure;
use ashlar_types::UserMessage;
use ashlar_types::message::{Action, Detail, Subject};

use super::{Member, State};
use crate::{Doing, Done, Undoing, Undone, VolumeContext, classify};

const DRIVER_FAILED: UserMessage = UserMessage {
    action: Action::SnapshotCreate,
    detail: Detail::SnapshotCreateError,
    subject: Subject::Snapshot,
};

fn name_of(member: &Member) -> String {
    format!("snapshot-{}", member.snapshot)
}

fn reference<'a>(member: &'a Member, name: &'a str) -> SnapshotRef<'a> {
    let pool = member.pool.pool().unwrap_or_default();
    SnapshotRef { name, volume_name: &member.volume_name, pool, size: member.size }
}

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let names: Vec<String> = state.members.iter().map(name_of).collect();
        let wanted: Vec<SnapshotRef<'_>> =
            state.members.iter().zip(&names).map(|(of, name)| reference(of, name)).collect();
        let moment = if state.same_moment { Moment::Same } else { Moment::Near };
        let made = cx
            .driver
            .ensure_group_snapshot(&wanted, moment)
            .await
            .map_err(|error| classify::driver(error, DRIVER_FAILED))?;
        for (member, made) in state.members.iter_mut().zip(made) {
            member.provider_location = made.provider_location;
            member.provider_id = made.provider_id;
        }
        Ok(Done::unrecorded())
    })
}

/// They may be there, all or some, or not at all: afterwards none is.
pub(super) fn revert<'a>(
    cx: &'a VolumeContext,
    state: &'a mut State,
    _failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        for member in &state.members {
            cx.driver
                .destroy_snapshot(reference(member, &name_of(member)))
                .await
                .map_err(|error| TaskError::Retry(error.into()))?;
        }
        cx.freed.notify_one();
        Ok(Undone::nothing())
    })
}
