//! Accepting a replication deed, in the API's process: Cinder's checks, in its order and words. All are 400.

use ashlar_db::volume_types::{self, Visibility};
use ashlar_db::{Tx, group_types, groups, transact};
use ashlar_flow::NewFlow;
use ashlar_types::{Caller, FlowId, Group, GroupId, GroupStatus, Volume, VolumeStatus};

use super::{REPLICATE_GROUP, State};
use crate::submit::{Place, to_the_end};
use crate::{ApiContext, Refusal, subjects};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Switch it on.
    Enable,
    /// Switch it off.
    Disable,
    /// Go over to the other side.
    Failover {
        /// Also while servers have volumes of the group.
        allow_attached: bool,
    },
}

impl Deed {
    const fn name(self) -> &'static str {
        match self {
            Self::Enable => "enable",
            Self::Disable => "disable",
            Self::Failover { .. } => "failover",
        }
    }

    /// The replication state while it is under way.
    const fn under_way(self) -> &'static str {
        match self {
            Self::Enable => "enabling",
            Self::Disable => "disabling",
            Self::Failover { .. } => "failing-over",
        }
    }

    /// Statuses of the group from which it may start.
    const fn from(self) -> &'static [GroupStatus] {
        match self {
            Self::Enable | Self::Failover { .. } => &[GroupStatus::Available],
            Self::Disable => &[GroupStatus::Available, GroupStatus::Error],
        }
    }

    /// Replication states of group and volumes from which it may start.
    const fn replication_from(self) -> &'static [&'static str] {
        match self {
            Self::Enable => &["disabled", "enabled"],
            Self::Disable => &["enabled", "error"],
            Self::Failover { .. } => &["enabled", "failed-over"],
        }
    }
}

/// Accepts the deed, or says why not.
///
/// # Errors
/// [`Refusal`]; nothing is written.
pub async fn accept(
    cx: &ApiContext,
    caller: &Caller,
    id: GroupId,
    deed: Deed,
) -> Result<(), Refusal> {
    let (cx, caller, flow) = (cx.clone(), caller.clone(), FlowId::fresh());
    to_the_end(async move {
        let place = cx.place();
        let new = transact!(cx.db, tx => store(&cx, tx, &caller, (id, flow), deed, &place).await)?;
        cx.start_flow(&new, place);
        Ok(())
    })
    .await
}

async fn store(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    (id, flow): (GroupId, FlowId),
    deed: Deed,
    place: &Place,
) -> Result<NewFlow, Refusal> {
    let now = cx.clock.now();
    let group = groups::get_for_update(tx, id).await?;
    let group = group
        .filter(|group| caller.may_see(&group.project_id))
        .ok_or_else(|| Refusal::no_group(id))?;
    ensure_replicated(tx, &group).await?;
    check_group(&group, deed)?;
    let volumes = groups::lock_volumes_of(tx, id).await?;
    for volume in &volumes {
        check_volume(volume, deed)?;
    }
    let under_way = deed.under_way().to_owned();
    groups::set_replication_status_of_volumes(tx, id, &under_way, now).await?;
    groups::set_replication_status(tx, id, &under_way, now).await?;
    let volumes = volumes.iter().map(|volume| volume.id).collect();
    let state = State { flow, group: id, under_way, volumes };
    let mut new = REPLICATE_GROUP.new_row(flow, &state, subjects::group(&group, caller), now);
    cx.store_next_flow(tx, &mut new, place).await?;
    Ok(new)
}

/// The group's type and all its volume types ask for replication.
///
/// # Errors
/// 400 for the first one that does not.
pub async fn ensure_replicated(tx: &mut Tx, group: &Group) -> Result<(), Refusal> {
    let group_type = match group.group_type_id {
        Some(id) => group_types::get(tx, id, &Visibility::All).await?,
        None => None,
    };
    let asks = |key| group_type.as_ref().and_then(|it| it.spec(key)) == Some("<is> True");
    if !asks("group_replication_enabled") && !asks("consistent_group_replication_enabled") {
        return Err(Refusal::Invalid(format!(
            "Invalid group type: Group {} is not a replication group type.",
            group.id
        )));
    }
    for id in &group.volume_types {
        let volume_type = volume_types::get(tx, *id).await?;
        if !volume_type.is_some_and(|it| it.spec_is_true("replication_enabled")) {
            return Err(Refusal::Invalid(format!(
                "Invalid volume type: Volume type {id} does not have 'replication_enabled' spec \
                 key set to '<is> True'."
            )));
        }
    }
    Ok(())
}

fn check_group(group: &Group, deed: Deed) -> Result<(), Refusal> {
    if !deed.from().contains(&group.status) {
        let valid: Vec<&str> = deed.from().iter().map(|status| status.as_str()).collect();
        return Err(Refusal::invalid_group(format!(
            "Group {} status must be {}, but current status is: {}. Cannot {} replication.",
            group.id,
            listed(&valid),
            group.status,
            deed.name()
        )));
    }
    let now = group.replication_status.as_deref();
    if !now.is_some_and(|now| deed.replication_from().contains(&now)) {
        return Err(Refusal::invalid_group(wrong_replication(
            &format!("Group {}", group.id),
            now,
            deed,
        )));
    }
    Ok(())
}

fn check_volume(volume: &Volume, deed: Deed) -> Result<(), Refusal> {
    let (id, status) = (volume.id, volume.status);
    let usable = matches!(status, VolumeStatus::Available | VolumeStatus::InUse);
    if !usable && deed != Deed::Disable {
        return Err(Refusal::invalid_volume(format!(
            "Volume {id} status must be {}, but current status is: {status}. Cannot {} replication.",
            listed(&["available", "in-use"]),
            deed.name()
        )));
    }
    if status == VolumeStatus::InUse && deed == (Deed::Failover { allow_attached: false }) {
        return Err(Refusal::invalid_volume(format!(
            "Volume {id} is attached but allow_attached_volume flag is False. Cannot failover \
             replication."
        )));
    }
    let now = volume.replication_status.as_deref();
    if !now.is_some_and(|now| deed.replication_from().contains(&now)) {
        return Err(Refusal::invalid_volume(wrong_replication(&format!("Volume {id}"), now, deed)));
    }
    Ok(())
}

fn wrong_replication(what: &str, now: Option<&str>, deed: Deed) -> String {
    format!(
        "{what} replication status must be {}, but current status is: {}. Cannot {} replication.",
        listed(deed.replication_from()),
        now.unwrap_or("None"),
        deed.name()
    )
}

/// As Python prints a list of texts.
fn listed(texts: &[&str]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| format!("'{text}'")).collect();
    format!("[{}]", quoted.join(", "))
}
