//! `DELETE /os-quota-sets/{project}`.

use ashlar_db::{DbError, quotas, transact};
use http::StatusCode;

use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;

/// Takes the project's own limits away, if it has any. What it uses stays counted.
pub(super) async fn delete(request: &Request) -> Outcome {
    let db = &request.app.db;
    let project = request.param("target_project_id");
    let now = request.app.clock.now();
    let removed: Result<(), DbError> =
        transact!(db, tx => quotas::remove_project(tx, project, now).await);
    removed?;
    Ok(Answer::empty(StatusCode::OK))
}
