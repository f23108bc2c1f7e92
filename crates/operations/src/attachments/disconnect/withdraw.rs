//! What nobody uses is offered to nobody.

use super::State;
use super::detach::named_volume;
use crate::attachments::exports;
use crate::{Doing, Done, VolumeContext};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        exports::withdraw_or_leave(cx, &named_volume(state)).await?;
        Ok(Done::unrecorded())
    })
}
