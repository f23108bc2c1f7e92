//! `PUT /os-hosts/{host}`: whether a backend takes new volumes. Cinder never built what this asks for and answers 500; here it
//! does what `os-services` does.

use ashlar_db::services::{self, VOLUME};
use ashlar_db::{DbError, Tx, transact};
use ashlar_types::Timestamp;
use serde_json::{Value, json};

use super::volume_services;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::{Fault, TxFault};
use crate::request::Request;

/// Any object: keys and values are read without regard to case and white space, and refused in words of their own.
pub(super) fn schema() -> Value {
    json!({ "type": "object" })
}

/// Switches the backend's service on or off.
pub(super) async fn update(request: &Request) -> Outcome {
    let host = request.param("host");
    let db = &request.app.db;
    let now = db.engine().storable(request.app.clock.now());
    // A host that is not there is 404 before a wrong body is 400, as in Cinder.
    let wanted = wanted(&request.body);
    let switched: Result<Option<bool>, TxFault> =
        transact!(db, tx => switch(tx, host, &wanted, now).await);
    Ok(match switched? {
        None => Answer::ok(&json!({})),
        Some(enabled) => {
            let status = if enabled { "enabled" } else { "disabled" };
            Answer::ok(&json!({ "host": host, "status": status }))
        }
    })
}

/// Whether the backend is to be enabled; none when nothing is asked.
fn wanted(body: &Value) -> Result<Option<bool>, String> {
    let mut wanted = None;
    for (key, value) in body.as_object().into_iter().flatten() {
        if key.trim().to_lowercase() != "status" {
            return Err(format!("Invalid update setting: '{key}'"));
        }
        let text = value.as_str().map(str::to_owned).unwrap_or_else(|| value.to_string());
        wanted = match text.trim().to_lowercase().as_str() {
            "enable" => Some(true),
            "disable" => Some(false),
            _ => return Err(format!("Invalid status: '{text}'")),
        };
    }
    Ok(wanted)
}

async fn switch(
    tx: &mut Tx,
    host: &str,
    wanted: &Result<Option<bool>, String>,
    now: Timestamp,
) -> Result<Option<bool>, TxFault> {
    let found = services::list(tx, &volume_services(host)).await?;
    if !found.iter().any(|service| service.host == host) {
        return Err(Fault::not_found("Host", host).into());
    }
    let wanted = wanted.clone().map_err(Fault::bad_request)?;
    if let Some(enabled) = wanted {
        let there: Result<bool, DbError> =
            services::set_disabled(tx, host, VOLUME, !enabled, None, now).await;
        there?;
    }
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_read_without_regard_to_case_and_white_space() {
        assert_eq!(wanted(&json!({})), Ok(None));
        assert_eq!(wanted(&json!({ " Status": "ENABLE " })), Ok(Some(true)));
        assert_eq!(wanted(&json!({ "status": "disable" })), Ok(Some(false)));
        assert_eq!(wanted(&json!({ "status": "off" })), Err("Invalid status: 'off'".to_owned()));
        assert_eq!(wanted(&json!({ "status": 1 })), Err("Invalid status: '1'".to_owned()));
        let other = Err("Invalid update setting: 'Colour'".to_owned());
        assert_eq!(wanted(&json!({ "Colour": "red" })), other);
    }
}
