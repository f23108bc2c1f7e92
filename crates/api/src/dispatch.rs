//! From an HTTP request to an answer: identity, route, microversion, body, policy, handler.
//!
//! Whatever happens, one answer leaves: a panic in a handler is a 500 in the usual envelope.

mod admit;
mod once;
mod path;
mod read;
mod record;
mod seal;

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use bytes::Bytes;
use futures::FutureExt as _;
use http::header::{ALLOW, HeaderName, HeaderValue, VARY};
use http::request::Parts;
use http::{Method, Response, StatusCode};
use serde_json::Value;

use crate::answer::{Answer, Content};
use crate::app::App;
use crate::auth::{self, Asking, Credentials};
use crate::body;
use crate::endpoint::{Check, Outcome};
use crate::fault::{Fault, FaultKind};
use crate::policy;
use crate::query::Query;
use crate::registry::{Place, Route};
use crate::request::{Gathered, Request};
use crate::request_id::RequestIds;
use crate::v3::versions;
use crate::version::{Version, header_value, negotiate};
pub(crate) use admit::{BY_BACKEND, Gates};
pub use path::Page;
use path::{Spot, Target};
use record::Trace;

const API_VERSION: HeaderName = HeaderName::from_static("openstack-api-version");
const OPENSTACK_ID: HeaderName = HeaderName::from_static("x-openstack-request-id");
const COMPUTE_ID: HeaderName = HeaderName::from_static("x-compute-request-id");

/// Answers one request. Never fails; the body's own errors become a 400.
pub async fn respond<B>(app: &App, request: http::Request<B>) -> Response<Content>
where
    B: hyper::body::Body<Data = Bytes> + Send,
    B::Error: std::fmt::Display,
{
    let started = Instant::now();
    let (mut parts, content) = request.into_parts();
    auth::conceal(&mut parts.headers);
    let ids = RequestIds::read(&parts.headers);
    let mut trace = Trace::new(&parts);
    let awaited = record::Awaited::new(&ids);
    let work = AssertUnwindSafe(answer(app, parts, content, &ids, &mut trace)).catch_unwind();
    let outcome = match tokio::time::timeout(app.settings.request_timeout, work).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(panic)) => Err(Fault::internal(record::panic_text(panic.as_ref()))),
        Err(_) => Err(took_too_long()),
    };
    awaited.answered();
    trace.log(&ids, &outcome, started.elapsed());
    let mut answer = outcome.unwrap_or_else(|fault| Answer::from(&fault));
    finish(&mut answer, &ids, trace);
    answer.into_response()
}

/// 503 when `request_timeout` has passed.
fn took_too_long() -> Fault {
    Fault::unavailable("The request took too long.").caused_by("request_timeout has passed")
}

/// Adds the headers that every answer has, and those that the trace calls for.
fn finish(answer: &mut Answer, ids: &RequestIds, trace: Trace<'_>) {
    let id = ids.header_value();
    let headers = answer.headers_mut();
    if trace.in_api {
        headers.insert(COMPUTE_ID, id.clone());
    }
    headers.insert(OPENSTACK_ID, id);
    if let Some(version) = trace.shown_version {
        headers.insert(API_VERSION, version);
        headers.insert(VARY, HeaderValue::from_static("OpenStack-API-Version"));
    }
    if let Some(allow) = trace.allow.and_then(|allow| HeaderValue::try_from(allow).ok()) {
        headers.insert(ALLOW, allow);
    }
}

async fn answer<'a, B>(
    app: &'a App,
    parts: Parts,
    content: B,
    ids: &RequestIds,
    trace: &mut Trace<'a>,
) -> Outcome
where
    B: hyper::body::Body<Data = Bytes> + Send,
    B::Error: std::fmt::Display,
{
    if parts.method == Method::OPTIONS {
        // Browsers ask before they speak; there is nothing to refuse here.
        return Ok(Answer::empty(StatusCode::OK));
    }
    let uri = parts.uri.clone();
    let path = path::decode(uri.path())?;
    let target = path::target(&path);
    match target {
        Target::Known(page) => {
            trace.page = Some(page);
            if page.is_guarded() {
                identify(app, &parts, &path).await?;
            }
            version_of(page, &parts, trace)?;
            let outcome = Box::pin(versions::answer(page, app, &parts)).await;
            if matches!(&outcome, Err(fault) if fault.kind() == FaultKind::MethodNotAllowed) {
                trace.allow = Some("GET".to_owned());
            }
            outcome
        }
        Target::Api(_) | Target::Own(_) => {
            // In a box, since it is large and each layer around it would copy it.
            Box::pin(call(app, parts, content, (&path, &target), ids, trace)).await
        }
        Target::Nowhere => {
            drop(read::whole(app, &parts, content).await);
            if path::is_guarded(&path) {
                identify(app, &parts, &path).await?;
            }
            Err(Fault::no_resource())
        }
    }
}

/// Who asks. Comes before routes are looked at, as in Cinder.
async fn identify(app: &App, parts: &Parts, path: &str) -> Result<Credentials, Fault> {
    let asking = Asking { method: &parts.method, path, headers: &parts.headers };
    app.settings.auth_strategy.identify(asking).await
}

/// `/v3/` negotiates a version as the rest of the API does; the other pages have none.
fn version_of(page: Page, parts: &Parts, trace: &mut Trace<'_>) -> Result<Version, Fault> {
    if page == Page::V3 {
        trace.in_api = true;
        negotiated(parts, trace)
    } else {
        Ok(Version::MIN)
    }
}

fn negotiated(parts: &Parts, trace: &mut Trace<'_>) -> Result<Version, Fault> {
    match negotiate(parts.headers.get(&API_VERSION).map(HeaderValue::as_bytes)) {
        Ok(version) => {
            trace.shown_version = Some(header_value(version));
            Ok(version)
        }
        Err(refused) => {
            trace.shown_version = refused.shown.and_then(|text| HeaderValue::try_from(text).ok());
            Err(refused.fault)
        }
    }
}

async fn call<'a, B>(
    app: &'a App,
    parts: Parts,
    content: B,
    (path, target): (&str, &Target<'_>),
    ids: &RequestIds,
    trace: &mut Trace<'a>,
) -> Outcome
where
    B: hyper::body::Body<Data = Bytes> + Send,
    B::Error: std::fmt::Display,
{
    // The body is read before anything is refused: a client that is still sending would not hear the answer.
    let content = read::whole(app, &parts, content).await;
    let credentials = identify(app, &parts, path).await?;
    let spot = match target {
        Target::Api(segments) => path::find(app, segments, credentials.project()),
        Target::Own(segments) => path::find_own(app, segments),
        Target::Known(_) | Target::Nowhere => None,
    };
    let Some(Spot { place, project }) = spot else { return Err(Fault::no_resource()) };
    trace.in_api = true;
    let version = negotiated(&parts, trace)?;
    let mut caller = credentials.into_caller(project, &ids.own);
    let rules = app.settings.policy.current();
    caller.is_admin = rules.is_admin(&caller);
    trace.caller(&caller);
    if !place.knows(&parts.method) {
        trace.allow = Some(place.allowed());
        return Err(Fault::method_not_allowed());
    }
    let body = read::json(&parts, &content?)?;
    let route = choose(&place, &parts.method, body.as_ref(), version)?;
    trace.found(route);
    // A token of a domain or of the system has no project that could be another.
    let own = &caller.project_id;
    if project.is_some_and(|project| !own.is_empty() && project != own) {
        return Err(Fault::bad_request("Malformed request url"));
    }
    check_body(route, body.as_ref(), version)?;
    if let (Check::First, Some(rule)) = (route.endpoint.check, route.endpoint.rule) {
        rules.require(rule, &caller, &policy::Target::default())?;
    }
    let query = parts.uri.query().unwrap_or_default();
    let request = Request::new(Gathered {
        app: app.clone(),
        caller,
        version,
        query: Query::parse(query)?,
        body: body.unwrap_or(Value::Null),
        headers: parts.headers,
        policy: rules,
        endpoint: route.endpoint,
        params: route.params(&place.values),
        project_in_url: project.map(str::to_owned),
    });
    let pass = admit::admit(app, &request).await?;
    admit::work_on(request, query, pass).await
}

/// What the handler answers, unless it forgot to ask its rule: a mistake there must not become a hole.
async fn handled(request: &Request) -> Outcome {
    let endpoint = request.endpoint();
    let outcome = (endpoint.handler)(request).await;
    if outcome.is_ok() && endpoint.check == Check::AfterLoad && !request.was_authorized() {
        return Err(Fault::internal(format!("{} did not check its rule", endpoint.op)));
    }
    outcome
}

/// The endpoint for this method, body and version.
fn choose<'r>(
    place: &Place<'r, '_>,
    method: &Method,
    body: Option<&Value>,
    version: Version,
) -> Result<&'r Route, Fault> {
    if !place.has_actions(method) {
        return place.route(method, None, version).ok_or_else(Fault::no_resource);
    }
    let Some(body) = body else { return Err(body::unknown_action("None")) };
    let action = body::action_name(body)?;
    if !place.knows_action(action) {
        return Err(body::unknown_action(action));
    }
    place.route(method, Some(action), version).ok_or_else(Fault::no_resource)
}

fn check_body(route: &Route, body: Option<&Value>, version: Version) -> Result<(), Fault> {
    match (route.endpoint.body, body) {
        (Some(schemas), body) => schemas.check(version, body.unwrap_or(&Value::Null)),
        (None, Some(_)) if matches!(route.endpoint.method, Method::GET | Method::DELETE) => {
            Err(body::unexpected())
        }
        (None, _) => Ok(()),
    }
}

#[cfg(test)]
pub(crate) mod tests;
