//! `POST /groups`.

use ashlar_db::Tx;
use ashlar_db::group_types::{self, Visibility};
use ashlar_operations::{Refusal, create_group};
use ashlar_types::GroupTypeId;
use serde_json::{Map, Value};

use super::load;
use super::view::{brief, wrapped};
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::request::Request;

/// Accepts a new group. It is placed after the answer has gone out.
pub(super) async fn create(request: &Request) -> Outcome {
    let wish = request.object("group");
    let named = wish.get("group_type").and_then(Value::as_str).unwrap_or_default();
    let mut tx = request.app.db.read().await?;
    let group_type = group_type(request, &mut tx, named).await?;
    load::refuse_reserved(&mut tx, group_type).await?;
    drop(tx);
    request.authorize()?;
    let types = wish.get("volume_types").and_then(Value::as_array);
    let asked = create_group::Request {
        name: trimmed(wish, "name"),
        description: trimmed(wish, "description"),
        group_type,
        volume_types: types
            .into_iter()
            .flatten()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect(),
        availability_zone: wish.get("availability_zone").and_then(Value::as_str).map(str::to_owned),
    };
    let made = create_group::accept(&request.app.operations, &request.caller, asked).await?;
    Ok(Answer::accepted(&wrapped(brief(&made))))
}

/// A text of the body without blanks around it; none when it is missing or null.
pub(in crate::v3) fn trimmed(wish: &Map<String, Value>, key: &str) -> Option<String> {
    wish.get(key).and_then(Value::as_str).map(|text| text.trim().to_owned())
}

/// The group type of this identity or name; a type may also be named like an identity.
async fn group_type(request: &Request, tx: &mut Tx, named: &str) -> Result<GroupTypeId, Fault> {
    let caller = &request.caller;
    let visibility = if caller.is_admin {
        Visibility::All
    } else {
        Visibility::Project(caller.project_id.clone())
    };
    let id = named.parse::<GroupTypeId>().ok();
    if let Some(id) = id
        && let Some(found) = group_types::get(tx, id, &visibility).await?
    {
        return Ok(found.id);
    }
    let by_name = group_types::get_by_name(tx, named, &visibility).await?;
    by_name.map(|found| found.id).ok_or_else(|| match id {
        Some(_) => Fault::not_found("Group type", named),
        None => Refusal::NoSuchName { kind: "Group type", name: named.to_owned() }.into(),
    })
}
