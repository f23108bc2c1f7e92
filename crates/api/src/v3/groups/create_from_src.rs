//! `create-from-src` in `POST /groups/action`.

use ashlar_db::Tx;
use ashlar_operations::Refusal;
use ashlar_operations::create_group_from_source::{self, From};
use ashlar_types::Group;
use serde_json::Value;

use super::create::trimmed;
use super::load;
use super::view::{brief, wrapped};
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::request::Request;
use crate::v3::group_snapshots;

/// Accepts a group with a copy of each volume of a group, or of a group snapshot.
pub(super) async fn create(request: &Request) -> Outcome {
    let wish = request.object("create-from-src");
    let text = |key| wish.get(key).and_then(Value::as_str);
    let mut tx = request.app.db.read().await?;
    let (from, group_type) = match (text("group_snapshot_id"), text("source_group_id")) {
        (Some(id), _) => {
            let found = group_snapshots::load::named(request, &mut tx, id).await?;
            (From::Snapshot(found.id), found.group_type_id)
        }
        (None, id) => {
            let found = load::named(request, &mut tx, id.unwrap_or_default()).await?;
            (From::Group(found.id), found.group_type_id)
        }
    };
    if let Some(group_type) = group_type {
        load::refuse_reserved(&mut tx, group_type).await?;
    }
    see_group_of(request, &mut tx, from).await?;
    drop(tx);
    // Cinder turns all that goes wrong from here on into a 400, a missing right too.
    request.authorize().map_err(|fault| Fault::bad_request(fault.message().to_owned()))?;
    let asked = create_group_from_source::Request {
        name: trimmed(wish, "name"),
        description: trimmed(wish, "description"),
        from,
    };
    let made = accept(request, asked).await?;
    Ok(Answer::accepted(&wrapped(brief(&made))))
}

/// Whoever makes a group of a group snapshot must be allowed to see the snapshot's group.
///
/// # Errors
/// 404 or 403, as for the group itself.
pub(crate) async fn see_group_of(request: &Request, tx: &mut Tx, from: From) -> Result<(), Fault> {
    let From::Snapshot(id) = from else { return Ok(()) };
    if let Some(found) = ashlar_db::group_snapshots::get(tx, id).await? {
        let _ = load::named(request, tx, &found.group_id.to_string()).await?;
    }
    Ok(())
}

/// Accepts the group. A limit that would be passed is 400 here, and nowhere else in Cinder.
///
/// # Errors
/// As the operation says.
pub(crate) async fn accept(
    request: &Request,
    asked: create_group_from_source::Request,
) -> Result<Group, Fault> {
    let (cx, caller) = (&request.app.operations, &request.caller);
    create_group_from_source::accept(cx, caller, asked).await.map_err(|refusal| match refusal {
        Refusal::OverQuota(over) => Fault::bad_request(over.to_string()),
        other => other.into(),
    })
}
