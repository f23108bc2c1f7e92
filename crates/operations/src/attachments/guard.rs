//! Nobody but Nova takes a volume away from a server that has it.
//!
//! Otherwise a user could have a volume disconnected on our side while the server's host keeps its device, behind which
//! another tenant's volume may appear later (CVE-2023-2088).

use ashlar_clients::ClientError;
use ashlar_db::attachments::{self, AttachmentDetail};
use ashlar_db::flows;
use ashlar_types::{AttachmentId, Caller, VolumeId};
use uuid::Uuid;

use super::connect::CONNECT_VOLUME;
use super::find;
use crate::{ApiContext, Refusal};

/// The attachment may be taken away by this caller.
///
/// # Errors
/// 409 while a server has it, 503 when Nova cannot say.
pub(super) async fn check(
    cx: &ApiContext,
    caller: &Caller,
    attachment: &AttachmentDetail,
) -> Result<(), Refusal> {
    if is_service(cx, caller) {
        return Ok(());
    }
    let row = &attachment.attachment;
    let Some(server) = row.instance_uuid.as_deref().filter(|server| !server.is_empty()) else {
        return Ok(());
    };
    // Nova has no server of such a name.
    let Ok(id) = server.parse::<Uuid>() else { return Ok(()) };
    if attachment.connection_info.is_none() && !is_being_connected(cx, row.volume_id).await? {
        // Nothing was handed out, so no server can have it.
        return Ok(());
    }
    let (volume, request) = (row.volume_id, caller.request_id.as_str());
    match cx.nova.attachment_of(id, volume.0, request).await {
        Ok(Some(used)) if !same(&used, row.id) => {
            tracing::warn!(%volume, server, attachment = %row.id, used, request,
                "Nova has another attachment for the volume; the host may keep a device of this one");
            Ok(())
        }
        Ok(_) => Err(in_use(server)),
        Err(ClientError::NotFound { .. }) => {
            tracing::warn!(%volume, server, attachment = %row.id, request,
                "Nova does not know the server or not with this volume; a host may keep a device");
            Ok(())
        }
        Err(ClientError::NotConfigured(_)) if cx.settings.guards_servers => {
            tracing::error!(%volume, server, attachment = %row.id, request,
                "a user may not take a volume from a server unless Nova is asked: configure section [nova]");
            Err(Refusal::Conflict(format!(
                "Detach volume from instance {server} using the Compute API. Whether the instance still has the \
                 volume is not known here: that takes section [nova] of the configuration."
            )))
        }
        Err(ClientError::NotConfigured(_)) => {
            tracing::warn!(%volume, server, attachment = %row.id, request,
                "section [nova] is missing, so nobody can say whether the server still has the volume");
            Ok(())
        }
        Err(error) => {
            tracing::error!(%volume, server, request, %error, "Nova does not say who has the volume");
            Err(Refusal::Unavailable(
                "The compute service cannot be asked whether a server still has the volume. Nothing was \
                 done; try again later."
                    .to_owned(),
            ))
        }
    }
}

/// As [`check`], where the request names an attachment of `volume` or none: then it is about the only one.
///
/// # Errors
/// 404 when the caller knows of no such attachment, 400 when it is another volume's, 409 when there are several and none
/// is named.
pub(super) async fn check_any(
    cx: &ApiContext,
    caller: &Caller,
    volume: VolumeId,
    named: Option<AttachmentId>,
) -> Result<(), Refusal> {
    if is_service(cx, caller) {
        return Ok(());
    }
    let mut tx = cx.db.read().await?;
    let found = match named {
        Some(id) => Some(find::attachment(&mut tx, caller, id).await?),
        None => {
            let mut all = attachments::details_of_volume(&mut tx, volume).await?;
            if all.is_empty() {
                return Ok(());
            }
            all.pop().filter(|_| all.is_empty())
        }
    };
    drop(tx);
    match found {
        Some(found) if found.attachment.volume_id != volume => {
            Err(Refusal::invalid_input("Mismatched volume and attachment"))
        }
        Some(found) => check(cx, caller, &found).await,
        None => Err(in_use("")),
    }
}

/// The request comes from a service, with that service's token; as in Cinder, the user's own roles do not count.
fn is_service(cx: &ApiContext, caller: &Caller) -> bool {
    let known = &cx.settings.service_token_roles;
    caller.scope.service_roles.iter().any(|role| known.contains(role))
}

/// A host of the volume may be told any moment how to reach it.
async fn is_being_connected(cx: &ApiContext, volume: VolumeId) -> Result<bool, Refusal> {
    let under_way = flows::under_way(&mut cx.db.read().await?, &volume.to_string()).await?;
    Ok(under_way.iter().any(|flow| flow.name == CONNECT_VOLUME.name))
}

fn same(text: &str, id: AttachmentId) -> bool {
    text.parse::<AttachmentId>() == Ok(id)
}

fn in_use(server: &str) -> Refusal {
    Refusal::Conflict(format!("Detach volume from instance {server} using the Compute API"))
}
