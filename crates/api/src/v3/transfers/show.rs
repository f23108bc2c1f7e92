//! `GET /volume-transfers/{transfer_id}`.

use super::load;
use super::view::{self, Wrapped};
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;

/// One transfer.
pub(super) async fn show(request: &Request) -> Outcome {
    let transfer = load::one(request, &mut request.app.db.read().await?).await?;
    Ok(Answer::ok(&Wrapped::from(view::detailed(request, &transfer))))
}
