//! `GET /ashlar/v1/openapi/{version}`: the API at that microversion as an OpenAPI document.

use std::sync::OnceLock;

use bytes::Bytes;

use crate::answer::Answer;
use crate::endpoint::{Endpoint, Outcome};
use crate::fault::Fault;
use crate::openapi::document;
use crate::request::Request;
use crate::run;
use crate::version::{Version, v3};

/// Endpoints of the resource.
pub static ENDPOINTS: &[Endpoint] =
    &[Endpoint::get("openapi.show", "/openapi/{version}", run!(show))];

async fn show(request: &Request) -> Outcome {
    let text = request.param("version");
    let version = read(text).ok_or_else(|| Fault::not_found("API version", text))?;
    let texts = TEXTS.get_or_init(|| (0..=Version::MAX.minor()).map(|_| OnceLock::new()).collect());
    let text = texts.get(usize::from(version.minor())).ok_or_else(Fault::no_resource)?;
    let text = text.get_or_init(|| document(crate::v3::TABLES, version).to_string().into());
    Ok(Answer::json_text(text.clone()))
}

/// The documents as they were first asked for, by microversion: they never change.
static TEXTS: OnceLock<Vec<OnceLock<Bytes>>> = OnceLock::new();

/// `3.N`, or `latest`.
fn read(text: &str) -> Option<Version> {
    if text == "latest" {
        return Some(Version::MAX);
    }
    let minor = v3(text.strip_prefix("3.")?.parse().ok()?);
    (minor <= Version::MAX && minor.to_string() == text).then_some(minor)
}
