//! `GET /qos-specs/{qos_id}`.

use super::{load, view};
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;

/// One set of specs.
pub(super) async fn show(request: &Request) -> Outcome {
    let found = load::one(request, &mut request.app.db.read().await?).await?;
    Ok(Answer::ok(&view::wrapped(request, &found)))
}
