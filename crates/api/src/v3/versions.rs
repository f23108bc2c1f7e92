//! Pages beside the resources: version documents, health, metrics.

use http::header::{HeaderValue, RETRY_AFTER};
use http::request::Parts;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::app::App;
use crate::dispatch::Page;
use crate::endpoint::Outcome;
use crate::fault::{Fault, GENERIC};
use crate::gauges;
use crate::links::Links;
use crate::version::Version;

/// When the newest microversion was made, in Cinder's own document.
const UPDATED: &str = "2023-08-31T00:00:00Z";

/// Answers `page`.
///
/// # Errors
/// 400 for a POST to `/`, 405 for other methods, 503 from the health page when the database is away,
/// 404 from the metrics page when metrics are off.
pub async fn answer(page: Page, app: &App, parts: &Parts) -> Outcome {
    match (page, &parts.method) {
        (Page::Root, &Method::POST) => Err(Fault::bad_request(GENERIC)),
        (_, &Method::GET) | (Page::Health, &Method::HEAD) => get(page, app, parts).await,
        _ => Err(Fault::method_not_allowed()),
    }
}

async fn get(page: Page, app: &App, parts: &Parts) -> Outcome {
    let links = || Links::new(&app.settings, &parts.headers, None);
    match page {
        Page::Root => Ok(Answer::json(StatusCode::MULTIPLE_CHOICES, &document(links().base()))),
        Page::V3WithoutSlash => Ok(Answer::redirect(&format!("{}/v3/", links().base()))),
        Page::V3 => Ok(Answer::ok(&document(links().base()))),
        Page::Health => Ok(health(app).await),
        Page::Metrics => {
            let handle = app.metrics.as_ref().ok_or_else(Fault::no_resource)?;
            gauges::refresh(&app.db, app.clock.now()).await;
            Ok(Answer::text(StatusCode::OK, handle.render()))
        }
    }
}

/// 200 while the database answers, 503 with `Retry-After` otherwise; plain text, for load balancers.
async fn health(app: &App) -> Answer {
    let asked = async { app.db.read().await?.row("SELECT 1", &[]).await };
    match asked.await {
        Ok(_) => Answer::text(StatusCode::OK, "OK"),
        Err(error) => {
            tracing::error!(%error, "the database does not answer the health check");
            Answer::text(StatusCode::SERVICE_UNAVAILABLE, "the database does not answer")
                .with_header(RETRY_AFTER, HeaderValue::from_static("5"))
        }
    }
}

/// The list of versions, of which there is one.
fn document(base: &str) -> Value {
    json!({ "versions": [{
        "id": "v3.0",
        "status": "CURRENT",
        "version": Version::MAX.to_string(),
        "min_version": Version::MIN.to_string(),
        "updated": UPDATED,
        "links": [
            {
                "rel": "describedby",
                "type": "text/html",
                "href": "https://docs.openstack.org/",
            },
            { "rel": "self", "href": format!("{base}/v3/") },
        ],
        "media-types": [{
            "base": "application/json",
            "type": "application/vnd.openstack.volume+json;version=3",
        }],
    }] })
}
