//! `os-retype`: change the volume's type.

use ashlar_operations::retype_volume;
use http::StatusCode;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::body::{Body, pieces};
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::request::Request;
use crate::v3::volumes::load;

const KEY: &str = "os-retype";

pub(super) static BODY: Body = Body::new(&[(0, || {
    let properties = json!({
        "new_type": { "type": "string" },
        // Cinder's schema allows null by its type and forbids it by its list.
        "migration_policy": { "type": ["string", "null"], "enum": ["on-demand", "never"] },
    });
    pieces::wrapped(KEY, pieces::object(properties, &["new_type"]))
})]);

/// Accepts the retype.
pub(super) async fn retype(request: &Request) -> Outcome {
    let volume = load::row(request, &mut request.app.db.read().await?).await?;
    request.authorize_on(&load::target(&volume))?;
    let text = |key: &str| request.object(KEY).get(key).and_then(Value::as_str);
    let wish = retype_volume::Request {
        volume_id: volume.id,
        new_type: text("new_type").ok_or_else(Fault::malformed_body)?.to_owned(),
        may_move: text("migration_policy") == Some("on-demand"),
        may_be_shared: request.allows_on("volume:multiattach", &load::target(&volume)),
    };
    retype_volume::accept(&request.app.operations, &request.caller, wish).await?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}
