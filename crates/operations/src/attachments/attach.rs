//! `os-attach`: the older way to say that a server, or a host for itself, uses a volume.

use ashlar_db::metadata::{self, Of};
use ashlar_db::{DbError, Tx, attachments, transact, volumes};
use ashlar_types::{
    AttachStatus, Attachment, AttachmentId, Caller, Metadata, Timestamp, Volume, VolumeId,
    VolumeStatus,
};

use super::Attach;
use super::find::{self, GOING};
use crate::notify::{By, From, Letters, events};
use crate::{ApiContext, Refusal};

/// The server or the host uses the volume from now on. Nothing is connected by this: that is
/// `os-initialize_connection`'s.
///
/// # Errors
/// 404; 400 in maintenance, while the volume is being removed, when the mode does not fit, and when somebody else has a
/// volume that is not to be shared.
pub async fn attach(
    cx: &ApiContext,
    caller: &Caller,
    volume: VolumeId,
    attach: Attach,
) -> Result<(), Refusal> {
    if attach.mountpoint.chars().any(char::is_control) {
        return Err(Refusal::invalid_input("the mountpoint must have no control characters"));
    }
    let (id, now) = (AttachmentId::random(), cx.clock.now());
    transact!(cx.db, tx => attached(cx, tx, caller, (volume, id, &attach), now).await)
}

async fn attached(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    (volume, id, attach): (VolumeId, AttachmentId, &Attach),
    now: Timestamp,
) -> Result<(), Refusal> {
    let volume = find::locked(tx, caller, volume).await?;
    check_mode(tx, &volume, attach).await?;
    // A name that a host could not have is made one, as Cinder does.
    let host = attach.host.as_deref().map(sanitized).filter(|host| !host.is_empty());
    let all = attachments::of_volume(tx, volume.id).await?;
    let same = |one: &&Attachment| match &attach.instance {
        Some(server) => one.instance_uuid.as_ref() == Some(server),
        None => one.attached_host == host,
    };
    if all.iter().any(|one| same(&one) && one.attach_status == AttachStatus::Attached) {
        volumes::set_in_use(tx, volume.id, now).await?;
        return Ok(());
    }
    // The status may tell of something else meanwhile.
    let taken = volume.status == VolumeStatus::InUse
        || all.iter().any(|one| one.attach_status == AttachStatus::Attached);
    if taken && !volume.multiattach && !volume.is_migrating() {
        return Err(Refusal::invalid_volume(
            "volume is already attached and multiple attachments are not enabled",
        ));
    }
    let mut letters = Letters::new(&cx.settings, now);
    letters.volume(tx, volume.id, From::Backend, &[events::ATTACH_START]).await?;
    let attachment = Attachment {
        id,
        volume_id: volume.id,
        instance_uuid: attach.instance.clone(),
        attached_host: host,
        mountpoint: Some(attach.mountpoint.clone()),
        attach_mode: Some(attach.mode.clone()),
        attach_status: AttachStatus::Attached,
        attach_time: Some(now),
        detach_time: None,
    };
    attachments::insert(tx, &attachment, now).await?;
    remember(tx, &volume, &attach.mode, now).await?;
    volumes::set_in_use(tx, volume.id, now).await?;
    letters.volume(tx, volume.id, From::Backend, &[events::ATTACH_END]).await?;
    letters.post(tx, &By::caller(caller), now).await?;
    Ok(())
}

async fn check_mode(tx: &mut Tx, volume: &Volume, attach: &Attach) -> Result<(), Refusal> {
    let status = volume.status;
    if status == VolumeStatus::Maintenance {
        return Err(Refusal::invalid_volume("The volume cannot be attached in maintenance mode."));
    }
    if GOING.contains(&status) {
        return Err(Refusal::invalid_volume(format!(
            "The volume cannot be attached while it is {status}."
        )));
    }
    let kept = find::admin_metadata(tx, volume.id).await?;
    if kept.get("readonly").is_some_and(|value| value == "True") && attach.mode != "ro" {
        return Err(Refusal::Invalid(format!(
            "Invalid attaching mode '{}' for volume {}.",
            attach.mode, volume.id
        )));
    }
    let other = kept.get("attached_mode").filter(|mode| **mode != attach.mode);
    if status == VolumeStatus::Attaching && other.is_some() {
        return Err(Refusal::invalid_volume("being attached by different mode"));
    }
    Ok(())
}

/// Notes the mode, and that the volume is not read-only where nothing was said.
async fn remember(tx: &mut Tx, volume: &Volume, mode: &str, now: Timestamp) -> Result<(), DbError> {
    let mut notes = Metadata::from([("attached_mode".to_owned(), mode.to_owned())]);
    if !find::admin_metadata(tx, volume.id).await?.contains_key("readonly") {
        notes.insert("readonly".to_owned(), "False".to_owned());
    }
    metadata::merge(tx, Of::VolumeAdmin(volume.id), &notes, now).await.map(drop)
}

/// A name that a host can have (RFC 952 and 1123): what no such name has is dropped.
fn sanitized(name: &str) -> String {
    let kept = name.chars().filter_map(|sign| match sign {
        ' ' | '_' => Some('-'),
        '.' | '-' => Some(sign),
        _ if sign.is_alphanumeric() && u32::from(sign) < 256 => Some(sign),
        _ => None,
    });
    let name: String = kept.flat_map(char::to_lowercase).collect();
    name.trim_matches(['.', '-']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_named_as_hosts_can_be() {
        assert_eq!(sanitized("Compute_1.example.org."), "compute-1.example.org");
        assert_eq!(sanitized("a b/../c"), "a-b..c");
        assert_eq!(sanitized("-"), "");
    }
}
