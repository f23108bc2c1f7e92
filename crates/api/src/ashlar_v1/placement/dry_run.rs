//! `POST /ashlar/v1/placement`: where a volume would go, if it were asked for now. The body is that of `POST /volumes` at the
//! same microversion; nothing is written, and quota is not judged.

use ashlar_operations::dry_run;
use serde_json::json;

use super::view;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;
use crate::v3::volumes::create;

/// The pool that would be chosen (null when none will do), every pool's verdict, and what would fit instead.
pub(super) async fn dry_run(request: &Request) -> Outcome {
    let wish = create::asked(request)?;
    let outcome = dry_run::run(&request.app.operations, &request.caller, &wish).await?;
    let mut json = view::case(&outcome.case);
    json.insert("chosen".to_owned(), json!(outcome.chosen));
    Ok(Answer::ok(&json!({ "placement": json })))
}
