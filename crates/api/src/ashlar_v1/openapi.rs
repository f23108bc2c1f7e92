//! `GET /ashlar/v1/openapi/{version}`: the API at that microversion as an OpenAPI document.

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
    Ok(Answer::ok(&document(crate::v3::TABLES, version)))
}

/// `3.N`, or `latest`.
fn read(text: &str) -> Option<Version> {
    if text == "latest" {
        return Some(Version::MAX);
    }
    let minor = v3(text.strip_prefix("3.")?.parse().ok()?);
    (minor <= Version::MAX && minor.to_string() == text).then_some(minor)
}
