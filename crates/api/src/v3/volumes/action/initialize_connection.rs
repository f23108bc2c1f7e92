//! `os-initialize_connection`: make a volume reachable for a host, and say how.

use ashlar_operations::attachments;
use ashlar_types::{ConnectionInfo, Connector};
use serde::Serialize;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::body::{Body, pieces};
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::policy::Target;
use crate::request::Request;
use crate::v3::volumes::load;

const ACTION: &str = "os-initialize_connection";

pub(super) static BODY: Body = Body::new(&[(0, || {
    let properties = json!({ "connector": { "type": ["object", "string"] } });
    pieces::wrapped(ACTION, pieces::object(properties, &["connector"]))
})]);

#[derive(Serialize)]
struct Told {
    connection_info: Info,
}

#[derive(Serialize)]
struct Info {
    #[serde(flatten)]
    info: ConnectionInfo,
    /// As the connector said; false when it said nothing.
    enforce_multipath: Value,
}

/// Connects the host that the connector describes.
pub(super) async fn initialize_connection(request: &Request) -> Outcome {
    let volume = load::row(request, &mut request.app.db.read().await?).await?;
    let target = Target::of(&volume.project_id, &volume.user_id);
    request.authorize_on(&target)?;
    // Cinder's schema lets a text pass, and its handler then breaks with a 500.
    let wish = connector(request, ACTION)?;
    let wish = wish.ok_or_else(|| Fault::invalid_input("A connector is an object."))?;
    let enforce_multipath = wish.0.get("enforce_multipath").cloned().unwrap_or(false.into());
    let (cx, caller) = (&request.app.operations, &request.caller);
    let info = attachments::initialize_connection(cx, caller, volume.id, wish).await?;
    Ok(Answer::ok(&Told { connection_info: Info { info, enforce_multipath } }))
}

/// The connector in the body of `action`; none when it is missing, null or an empty text.
///
/// # Errors
/// 400 for any other text.
pub(super) fn connector(request: &Request, action: &str) -> Result<Option<Connector>, Fault> {
    match request.object(action).get("connector") {
        Some(Value::Object(connector)) => Ok(Some(Connector(connector.clone()))),
        Some(Value::String(text)) if !text.is_empty() => {
            Err(Fault::invalid_input("A connector is an object."))
        }
        _ => Ok(None),
    }
}
