//! `POST /attachments`: keep a volume for a server and, when the host is known already, connect it.

use ashlar_db::{Tx, volumes};
use ashlar_operations::attachments::{self, Wish};
use ashlar_types::{Connector, Volume, VolumeStatus};
use serde_json::{Map, Value};

use super::view::Wrapped;
use crate::answer::Answer;
use crate::body::pieces;
use crate::body::python::display;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::policy::Target;
use crate::request::Request;

/// Several servers with one file system on their root disks is asking for trouble, so it has a rule of its own.
const BOOTABLE_RULE: &str = "volume:multiattach_bootable_volume";

/// Makes an attachment, connected when the body has a connector.
pub(super) async fn create(request: &Request) -> Outcome {
    let wish = request.object("attachment");
    let volume = volume(request, wish, &mut request.app.db.read().await?).await?;
    let target = Target::of(&volume.project_id, &volume.user_id);
    request.authorize_on(&target)?;
    if volume.multiattach && volume.bootable && volume.status == VolumeStatus::InUse {
        request.require_on(BOOTABLE_RULE, &target)?;
    }
    let text = |key: &str| wish.get(key).and_then(Value::as_str);
    // An empty connector says nothing of a host.
    let connector = wish.get("connector").and_then(Value::as_object).filter(|map| !map.is_empty());
    let asked = Wish {
        volume: volume.id,
        instance: text("instance_uuid").map(pieces::canonical_uuid),
        mode: text("mode").map(str::to_owned),
        connector: connector.cloned().map(Connector),
    };
    let made = attachments::create(&request.app.operations, &request.caller, asked).await?;
    Ok(Answer::ok(&Wrapped::new(&made).reserved()))
}

/// The volume that the body names.
async fn volume(
    request: &Request,
    wish: &Map<String, Value>,
    tx: &mut Tx,
) -> Result<Volume, Fault> {
    let text = wish.get("volume_uuid").map(display).unwrap_or_default();
    let not_found = || Fault::not_found("Volume", &text);
    let found = volumes::get(tx, text.parse().map_err(|_| not_found())?).await?;
    found.filter(|volume| request.caller.may_see(&volume.project_id)).ok_or_else(not_found)
}
