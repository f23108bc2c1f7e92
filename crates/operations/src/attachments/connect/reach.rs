//! What the host must know, and the rows that say that it may use the volume.

use std::collections::BTreeMap;

use ashlar_db::attachments::{self, AttachmentDetail, Connected};
use ashlar_db::{DbError, Tx, answers, qos_specs, volume_types, volumes};
use ashlar_drivers::FailureKind;
use ashlar_flow::TaskError;
use ashlar_types::{AttachStatus, ConnectionInfo, Timestamp, Volume, VolumeType};

use super::export::{failed, gone, named};
use super::{Refused, State};
use crate::attachments::find::{self, GOING};
use crate::attachments::inform::{self, Known};
use crate::classify::database;
use crate::{Doing, Done, VolumeContext};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let mut tx = cx.db.read().await.map_err(database)?;
        let found = look(&mut tx, state).await.map_err(database)?.ok_or_else(gone)?;
        let export = volumes::export(&mut tx, state.volume).await.map_err(database)?;
        drop(tx);
        let reference = named(state);
        let answer =
            cx.driver.connect(reference.reference(), export.as_ref(), &state.connector).await;
        let mut info = match answer {
            Ok(info) => info,
            Err(error) => {
                if error.kind == FailureKind::Invalid {
                    state.refused = Some(Refused::Invalid(error.message.clone()));
                }
                return Err(failed(error));
            }
        };
        inform::complete(&mut info, &found.known(state));
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        write(&mut tx, state, &found, info, now).await?;
        Ok(Done::next(tx))
    })
}

/// What is known when the driver is asked.
struct Found {
    volume: Volume,
    volume_type: Option<VolumeType>,
    qos: Option<BTreeMap<String, String>>,
    mode: String,
}

impl Found {
    fn known<'a>(&'a self, state: &'a State) -> Known<'a> {
        Known {
            size: self.volume.size,
            encrypted: self.volume.encryption_key_id.is_some(),
            volume_type: self.volume_type.as_ref(),
            qos: self.qos.clone(),
            mode: &self.mode,
            connector: &state.connector,
        }
    }
}

async fn look(tx: &mut Tx, state: &State) -> Result<Option<Found>, DbError> {
    let Some(volume) = volumes::get(tx, state.volume).await? else { return Ok(None) };
    let volume_type = match volume.volume_type_id {
        Some(id) => volume_types::get(tx, id).await?,
        None => None,
    };
    let qos = match volume_type.as_ref().and_then(|it| it.qos_specs_id.as_deref()) {
        Some(id) => qos_specs::specs_for_hosts(tx, id).await?,
        None => None,
    };
    let mode = mode(tx, state).await?;
    Ok(Some(Found { volume, volume_type, qos, mode }))
}

/// `rw` or `ro`: what the attachment says comes before what the connector says, and a volume that an administrator has
/// made read-only is that for everybody.
async fn mode(tx: &mut Tx, state: &State) -> Result<String, DbError> {
    let kept = find::admin_metadata(tx, state.volume).await?;
    if kept.get("readonly").is_some_and(|value| value == "True") {
        return Ok("ro".to_owned());
    }
    let of_row = match state.attachment {
        Some(id) => attachments::get(tx, id).await?.and_then(|it| it.attachment.attach_mode),
        None => kept.get("attached_mode").cloned(),
    };
    let said = |mode: &str| mode == "rw" || mode == "ro";
    let of_connector = || state.connector.text("mode").filter(|mode| said(mode)).map(str::to_owned);
    let mode = of_row.filter(|mode| said(mode)).or_else(of_connector);
    Ok(mode.unwrap_or_else(|| "rw".to_owned()))
}

/// Writes the connection, unless it may not be by now.
async fn write(
    tx: &mut Tx,
    state: &mut State,
    found: &Found,
    mut info: ConnectionInfo,
    now: Timestamp,
) -> Result<(), TaskError> {
    let volume = volumes::get_for_update(tx, state.volume).await.map_err(database)?;
    volume.filter(|volume| !GOING.contains(&volume.status)).ok_or_else(gone)?;
    let Some(id) = state.attachment else {
        let told = serde_json::to_string(&info).map_err(|error| TaskError::Broken(error.into()))?;
        return answers::put(tx, state.flow, &told, now).await.map_err(database);
    };
    let all = attachments::details_of_volume(tx, state.volume).await.map_err(database)?;
    if state.alone && all.iter().any(|other| other.attachment.id != id && is_connected(other)) {
        let text = format!("another host is connected to volume {}", state.volume);
        state.refused = Some(Refused::Conflict(text));
        return Err(TaskError::Broken("another host was connected first".into()));
    }
    info.data.insert("attachment_id".to_owned(), id.to_string().into());
    let mut connector = state.connector.clone();
    connector.0.insert("mode".to_owned(), found.mode.as_str().into());
    let connected = Connected {
        connector: &connector,
        info: &info,
        host: state.connector.host().unwrap_or_default(),
        mountpoint: state.connector.text("mountpoint").unwrap_or("na"),
        mode: &found.mode,
    };
    if !attachments::connected(tx, id, &connected, now).await.map_err(database)? {
        return Err(gone());
    }
    let in_use = |other: &AttachmentDetail| {
        other.attachment.id == id && other.attachment.attach_status == AttachStatus::Attached
    };
    // A server that has the volume is told again; nothing begins by that.
    if !all.iter().any(in_use) {
        volumes::set_attaching(tx, state.volume, now).await.map_err(database)?;
    }
    Ok(())
}

/// A host was told how to reach the volume by this attachment.
pub(in super::super) fn is_connected(detail: &AttachmentDetail) -> bool {
    detail.connection_info.is_some()
        && detail.attachment.attach_status != AttachStatus::ErrorAttaching
}
