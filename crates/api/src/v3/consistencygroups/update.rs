//! `PUT /consistencygroups/{id}/update`: name, description, and which volumes belong to it.

use ashlar_operations::update_group;
use http::StatusCode;

use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::request::Request;
use crate::v3::groups::create::trimmed;
use crate::v3::groups::load;
use crate::v3::groups::update::volumes;
use crate::version::{Version, v3};

/// From here on a name or description may become blank.
const BLANK: Version = v3(6);

/// Accepts the change.
pub(super) async fn update(request: &Request) -> Outcome {
    let group =
        load::named(request, &mut request.app.db.read().await?, request.param("id")).await?;
    request.authorize_on(&load::target(&group))?;
    let wish = request.object("consistencygroup");
    let asked = update_group::Request {
        name: trimmed(wish, "name"),
        description: trimmed(wish, "description"),
        add: volumes(wish, "add_volumes"),
        remove: volumes(wish, "remove_volumes"),
    };
    check(request.version, &asked)?;
    update_group::accept(&request.app.operations, &request.caller, group.id, asked).await?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}

/// Something is to change.
fn check(version: Version, asked: &update_group::Request) -> Result<(), Fault> {
    let given = |text: &Option<String>| {
        text.as_ref().is_some_and(|text| version >= BLANK || !text.is_empty())
    };
    let volumes = !asked.add.is_empty() || !asked.remove.is_empty();
    if volumes || given(&asked.name) || given(&asked.description) {
        return Ok(());
    }
    Err(Fault::bad_request(if version >= BLANK {
        "Must specify one or more of the following keys to update: name, description, add_volumes, \
         remove_volumes."
    } else {
        "Name, description, add_volumes, and remove_volumes can not be all empty in the request body."
    }))
}
