//! `GET /volumes/{volume_id}/encryption` and one value of it.

use ashlar_db::type_encryption;
use serde_json::{Map, Value, json};

use super::load;
use crate::answer::Answer;
use crate::endpoint::{Endpoint, Outcome};
use crate::fault::{Fault, FaultKind};
use crate::request::Request;
use crate::run;

const RULE: &str = "volume_extension:volume_encryption_metadata";

/// Endpoints of a volume's encryption.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("volume.encryption.list", "/volumes/{volume_id}/encryption", run!(list))
        .rule_after_load(RULE),
    Endpoint::get("volume.encryption.show", "/volumes/{volume_id}/encryption/{key}", run!(show))
        .rule_after_load(RULE),
];

/// How the volume is encrypted, without an envelope.
async fn list(request: &Request) -> Outcome {
    Ok(Answer::ok(&facts(request).await?))
}

/// One value, bare: text as it is, a number in digits, nothing for null. A key that is not there is a
/// 404 here; Cinder breaks on it with a 500.
async fn show(request: &Request) -> Outcome {
    let key = request.param("key");
    match facts(request).await?.remove(key) {
        None => {
            let volume = request.param("volume_id");
            let message = format!("Volume {volume} has no encryption metadata with key {key}.");
            Err(Fault::new(FaultKind::NotFound, message))
        }
        Some(Value::String(text)) => Ok(Answer::text(http::StatusCode::OK, text)),
        Some(Value::Null) => Ok(Answer::text(http::StatusCode::OK, "")),
        Some(other) => Ok(Answer::text(http::StatusCode::OK, other.to_string())),
    }
}

async fn facts(request: &Request) -> Result<Map<String, Value>, Fault> {
    let mut tx = request.app.db.read().await?;
    let volume = load::row_by_own_rule(request, &mut tx).await?;
    request.authorize_on(&load::target(&volume))?;
    let mut facts = Map::new();
    facts.insert("encryption_key_id".to_owned(), json!(volume.encryption_key_id));
    let encryption = match volume.volume_type_id {
        Some(id) => type_encryption::of_type(&mut tx, id).await?,
        None => None,
    };
    if let Some(encryption) = encryption {
        facts.insert("control_location".to_owned(), json!(encryption.control_location));
        facts.insert("cipher".to_owned(), json!(encryption.cipher));
        facts.insert("key_size".to_owned(), json!(encryption.key_size));
        facts.insert("provider".to_owned(), json!(encryption.provider));
    }
    Ok(facts)
}
