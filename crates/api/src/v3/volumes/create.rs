//! `POST /volumes`: from the body to an accepted volume.

use ashlar_operations::create_volume;
use ashlar_types::{Gib, GroupId};
use serde_json::{Map, Value};

use super::body;
use super::view::Shown;
use crate::answer::Answer;
use crate::body::pieces;
use crate::endpoint::Outcome;
use crate::fault::{Fault, GENERIC};
use crate::request::Request;
use crate::v3::groups;
use crate::version::{Version, v3};

/// Who may make volumes from images.
const FROM_IMAGE: &str = "volume:create_from_image";

/// From here on a volume may be made in a group.
const IN_GROUPS: Version = v3(13);

const HINTS: &str = "OS-SCH-HNT:scheduler_hints";

/// Accepts a new volume. It is made after the answer has gone out.
pub(super) async fn create(request: &Request) -> Outcome {
    let wish = asked(request)?;
    if wish.image.is_some() {
        request.require(FROM_IMAGE)?;
    }
    let mut consistency_group = None;
    if let Some(group) = wish.group {
        // Whoever may not see it does not learn that there is one.
        let mut tx = request.app.db.read().await?;
        let group = groups::load::named(request, &mut tx, &group.to_string()).await?;
        if group.group_type_id.is_some()
            && group.group_type_id == groups::load::reserved_type(&mut tx).await?
        {
            consistency_group = Some(group.id.to_string());
        }
    }
    let mut made = create_volume::accept(&request.app.operations, &request.caller, wish).await?;
    // A volume in a group that stands for a consistency group is shown as one of that.
    made.volume.consistencygroup_id = consistency_group;
    Ok(Answer::accepted(&Shown::plain(request).wrapped(&made)))
}

/// What a request to make a volume asks for.
///
/// # Errors
/// 400 and 404 for what can be refused without a look at the database.
pub(crate) fn asked(request: &Request) -> Result<create_volume::Request, Fault> {
    let wish = wish(request.version, request.object("volume"), request.object(HINTS))?;
    Ok(create_volume::Request { may_be_shared: request.allows("volume:multiattach"), ..wish })
}

/// What the body asks for. What it names (type, source, zone) is looked up later.
fn wish(
    version: Version,
    volume: &Map<String, Value>,
    hints: &Map<String, Value>,
) -> Result<create_volume::Request, Fault> {
    check_multiattach(volume)?;
    check_sources(version, volume)?;
    let text = |key: &str| volume.get(key).and_then(Value::as_str);
    let wish = create_volume::Request {
        name: owned(body::text(volume, ["name", "display_name"])),
        description: owned(body::text(volume, ["description", "display_description"])),
        size: volume.get("size").and_then(pieces::read_size).map(Gib),
        snapshot_id: id(volume, "snapshot_id", "Snapshot")?,
        source_volid: id(volume, "source_volid", "Volume")?,
        image: image(version, volume),
        for_cache: None,
        // An empty name stands for none, as in Cinder.
        volume_type: text("volume_type").filter(|name| !name.is_empty()).map(str::to_owned),
        availability_zone: text("availability_zone").map(str::to_owned),
        group: group(version, volume)?,
        metadata: body::metadata(volume, "metadata").unwrap_or_default(),
        hints: hints.clone(),
        may_be_shared: false,
    };
    // An image may turn out to stand for a snapshot, whose size will do.
    let by_image = wish.image.as_ref().is_some_and(|image| image.follows_snapshots);
    let by_source = wish.snapshot_id.is_some() || wish.source_volid.is_some() || by_image;
    if wish.size.is_none() && !by_source {
        return Err(Fault::bad_request(GENERIC));
    }
    Ok(wish)
}

/// The image that is asked for. The newer spelling wins, even when it is null.
fn image(version: Version, volume: &Map<String, Value>) -> Option<create_volume::ImageWish> {
    let key = if volume.contains_key("image_id") { "image_id" } else { "imageRef" };
    let reference = volume.get(key).and_then(Value::as_str)?.to_owned();
    Some(create_volume::ImageWish { reference, follows_snapshots: version >= v3(46) })
}

fn owned(text: Option<Option<&str>>) -> Option<String> {
    text.flatten().map(str::to_owned)
}

/// The identity under `key`, which the schema has checked to be a UUID or null.
fn id<T: std::str::FromStr>(
    volume: &Map<String, Value>,
    key: &str,
    kind: &str,
) -> Result<Option<T>, Fault> {
    let Some(text) = volume.get(key).and_then(Value::as_str) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| Fault::not_found(kind, text))
}

/// The group that the volume is to belong to, by either name. Below 3.13 only consistency groups are known, which are
/// groups too; from there on `group_id` counts for more.
fn group(version: Version, volume: &Map<String, Value>) -> Result<Option<GroupId>, Fault> {
    let generic = if version < IN_GROUPS { None } else { id(volume, "group_id", "Group")? };
    match generic {
        Some(id) => Ok(Some(id)),
        None => id(volume, "consistencygroup_id", "Group"),
    }
}

fn check_multiattach(volume: &Map<String, Value>) -> Result<(), Fault> {
    if volume.get("multiattach").and_then(pieces::truth) == Some(true) {
        return Err(Fault::bad_request(
            "multiattach parameter has been removed. The default behavior is to use multiattach \
             enabled volume types. Contact your administrator to create a multiattach enabled \
             volume type and use it to create multiattach volumes.",
        ));
    }
    Ok(())
}

/// At most one source, and only kinds of source that this release can read from. A key that its
/// microversion does not know yet is ignored, as Cinder drops it.
fn check_sources(version: Version, volume: &Map<String, Value>) -> Result<(), Fault> {
    let given = |minor: u16, key: &str| {
        version >= v3(minor) && volume.get(key).is_some_and(|value| !value.is_null())
    };
    let image = image(version, volume).is_some();
    let backup = given(47, "backup_id");
    let sources = [backup, image, given(0, "snapshot_id"), given(0, "source_volid")];
    if sources.into_iter().filter(|given| *given).count() > 1 {
        let reason = "May specify only one of backup, imageRef, snapshot, source volume";
        return Err(Fault::invalid_input(reason));
    }
    if backup {
        let reason = "This release does not make volumes from backups yet.";
        return Err(Fault::invalid_state("backup", reason));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
