//! `POST /consistencygroups`.

use ashlar_operations::create_group;
use ashlar_types::group_type::DEFAULT_CGSNAPSHOT_TYPE;
use serde_json::Value;

use super::view::{brief, wrapped};
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::request::Request;
use crate::v3::groups::create::trimmed;
use crate::v3::groups::load::reserved_type;

/// Accepts a group of the group type that is kept for consistency groups.
pub(super) async fn create(request: &Request) -> Outcome {
    let wish = request.object("consistencygroup");
    let text = |key| wish.get(key).and_then(Value::as_str);
    let name = trimmed(wish, "name");
    let types = text("volume_types").unwrap_or_default();
    if types.is_empty() {
        let name = name.as_deref().unwrap_or("None");
        return Err(Fault::bad_request(format!(
            "volume_types must be provided to create consistency group {name}."
        )));
    }
    let reserved = reserved_type(&mut request.app.db.read().await?).await?;
    let group_type = reserved.ok_or_else(|| {
        Fault::bad_request(format!(
            "Group type {DEFAULT_CGSNAPSHOT_TYPE} not found. Rerun migration script to create the \
             default cgsnapshot type."
        ))
    })?;
    let asked = create_group::Request {
        name,
        description: trimmed(wish, "description"),
        group_type,
        volume_types: types.trim_end_matches(',').split(',').map(str::to_owned).collect(),
        availability_zone: text("availability_zone").map(str::to_owned),
    };
    let made = create_group::accept(&request.app.operations, &request.caller, asked).await?;
    Ok(Answer::accepted(&wrapped(brief(&made))))
}
