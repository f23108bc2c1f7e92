//! `reset_status` in `POST /groups/{group_id}/action`.

use ashlar_db::{DbError, groups, transact};
use ashlar_operations::notify::events;
use ashlar_types::GroupStatus;
use http::StatusCode;
use serde_json::{Value, json};

use super::load;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::letters;
use crate::request::Request;

/// Sets the status in the table, whatever it was, and touches nothing else.
pub(super) async fn reset_status(request: &Request) -> Outcome {
    let db = &request.app.db;
    let group = load::row(request, &mut db.read().await?).await?;
    request.authorize_on(&load::target(&group))?;
    let status = request.object("reset_status").get("status").and_then(Value::as_str);
    let to = status.unwrap_or_default().to_lowercase().parse::<GroupStatus>();
    let to = to.map_err(|unknown| Fault::invalid_state("Group Status", unknown))?;
    let now = db.engine().storable(request.app.clock.now());
    let there: Result<bool, DbError> = transact!(db, tx => async {
            let told = || json!({ "id": group.id, "update": to.as_str() });
            let mut letters = letters::new(request, now);
            letters.plain(events::GROUP_RESET_STATUS_START, told);
            letters.plain(events::GROUP_RESET_STATUS_END, told);
            let there = groups::set_status(tx, group.id, to, now).await?;
            if there {
                letters::post(request, tx, letters, now).await?;
            }
            Ok::<_, DbError>(there)
        }.await);
    if there? {
        Ok(Answer::empty(StatusCode::ACCEPTED))
    } else {
        Err(Fault::not_found("Group", group.id))
    }
}
