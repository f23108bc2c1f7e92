//! `os-attach`: the older way to record that a server or a host has a volume.

use ashlar_operations::attachments::{self, Attach};
use http::StatusCode;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::body::{Body, pieces};
use crate::endpoint::Outcome;
use crate::policy::Target;
use crate::request::Request;
use crate::v3::volumes::load;

const ACTION: &str = "os-attach";

pub(super) static BODY: Body = Body::new(&[(0, || {
    let properties = json!({
        "instance_uuid": pieces::uuid(),
        "mountpoint": pieces::short_string(),
        "host_name": { "type": "string", "maxLength": 255 },
        "mode": pieces::attach_mode(),
    });
    let mut inner = pieces::object(properties, &["mountpoint"]);
    inner["anyOf"] = json!([{ "required": ["instance_uuid"] }, { "required": ["host_name"] }]);
    pieces::wrapped(ACTION, inner)
})]);

/// Records the attachment; the volume is in use then. A server's name counts more than a host's when both are given.
pub(super) async fn attach(request: &Request) -> Outcome {
    let volume = load::row(request, &mut request.app.db.read().await?).await?;
    let target = Target::of(&volume.project_id, &volume.user_id);
    request.authorize_on(&target)?;
    let wish = request.object(ACTION);
    let text = |key: &str| wish.get(key).and_then(Value::as_str);
    let asked = Attach {
        instance: text("instance_uuid").map(pieces::canonical_uuid),
        host: text("host_name").map(str::to_owned),
        mountpoint: text("mountpoint").unwrap_or_default().to_owned(),
        mode: text("mode").unwrap_or("rw").to_owned(),
    };
    attachments::attach(&request.app.operations, &request.caller, volume.id, asked).await?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}
