//! `PUT /groups/{group_id}`: name, description, and which volumes belong to it.

use ashlar_operations::update_group;
use http::StatusCode;
use serde_json::{Map, Value};

use super::create::trimmed;
use super::load;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;

/// Accepts the change.
pub(super) async fn update(request: &Request) -> Outcome {
    let group = load::generic_row(request, &mut request.app.db.read().await?).await?;
    request.authorize_on(&load::target(&group))?;
    let wish = request.object("group");
    let asked = update_group::Request {
        name: trimmed(wish, "name"),
        description: trimmed(wish, "description"),
        add: volumes(wish, "add_volumes"),
        remove: volumes(wish, "remove_volumes"),
    };
    update_group::accept(&request.app.operations, &request.caller, group.id, asked).await?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}

/// The identities of a list with commas between them; commas around it do not count.
pub(in crate::v3) fn volumes(wish: &Map<String, Value>, key: &str) -> Vec<String> {
    match wish.get(key).and_then(Value::as_str) {
        None | Some("") => Vec::new(),
        Some(list) => list.trim_matches(',').split(',').map(str::to_owned).collect(),
    }
}
