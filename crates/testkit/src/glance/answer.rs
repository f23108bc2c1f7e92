//! What the stand-in answers.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use futures::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::{Method, Request, Response, StatusCode};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Held, Inside, RecordTrouble, Trouble};

type Body = UnsyncBoxBody<Bytes, io::Error>;

/// How much goes at a time.
const PIECE: usize = 64 << 10;

pub(super) async fn answer(
    inside: &Arc<Inside>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let path = request.uri().path().to_owned();
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let id = parts.get(2).and_then(|id| id.parse::<Uuid>().ok());
    Ok(match (request.method(), parts.as_slice(), id) {
        (&Method::GET, ["v2", "images"], _) => list(inside, request.uri().query()),
        (&Method::POST, ["v2", "images"], _) => create(inside, request).await,
        (&Method::GET, ["v2", "images", _], Some(id)) => show(inside, id),
        (&Method::PATCH, ["v2", "images", _], Some(id)) => change(inside, id, request).await,
        (&Method::DELETE, ["v2", "images", _], Some(id)) => delete(inside, id),
        (&Method::GET, ["v2", "images", _, "file"], Some(id)) => download(inside, id),
        (&Method::PUT, ["v2", "images", _, "file"], Some(id)) => upload(inside, id, request).await,
        _ => status(StatusCode::NOT_FOUND),
    })
}

fn status(code: StatusCode) -> Response<Body> {
    let mut response = Response::new(full(Bytes::new()));
    *response.status_mut() = code;
    response
}

fn full(bytes: Bytes) -> Body {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}

fn says(code: StatusCode, value: &Value) -> Response<Body> {
    let mut response = Response::new(full(value.to_string().into()));
    *response.status_mut() = code;
    response
}

fn show(inside: &Inside, id: Uuid) -> Response<Body> {
    match inside.images().get(&id) {
        Some(held) => says(StatusCode::OK, &Value::Object(held.says.clone())),
        None => status(StatusCode::NOT_FOUND),
    }
}

fn list(inside: &Inside, query: Option<&str>) -> Response<Body> {
    let wanted = query.unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("name="));
    let found: Vec<Value> = inside
        .images()
        .values()
        .filter(|held| held.says["name"].as_str() == wanted)
        .map(|held| Value::Object(held.says.clone()))
        .collect();
    says(StatusCode::OK, &json!({ "images": found }))
}

async fn read(request: Request<Incoming>) -> Value {
    let body = request.into_body().collect().await.map(|body| body.to_bytes());
    body.ok().and_then(|body| serde_json::from_slice(&body).ok()).unwrap_or_default()
}

async fn create(inside: &Inside, request: Request<Incoming>) -> Response<Body> {
    let Value::Object(asked) = read(request).await else { return status(StatusCode::BAD_REQUEST) };
    let id = asked.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    let Some(id) = id else { return status(StatusCode::BAD_REQUEST) };
    let trouble = inside.record_trouble().take();
    if let Some(RecordTrouble::Refused(code)) = trouble {
        return status(StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST));
    }
    let mut record = Map::new();
    for (name, value) in [
        ("status", json!("queued")),
        ("size", Value::Null),
        ("visibility", json!("shared")),
        ("protected", json!(false)),
        ("owner", json!("somebody")),
        ("created_at", json!("2026-11-22T12:00:00Z")),
        ("updated_at", json!("2026-11-22T12:00:00Z")),
    ] {
        record.insert(name.to_owned(), value);
    }
    record.extend(asked);
    let mut images = inside.images();
    if images.contains_key(&id) {
        return status(StatusCode::CONFLICT);
    }
    images.insert(id, Held { says: record.clone(), bytes: Bytes::new() });
    if trouble == Some(RecordTrouble::Garbled) {
        return says(StatusCode::CREATED, &json!({ "id": 5 }));
    }
    says(StatusCode::CREATED, &Value::Object(record))
}

async fn change(inside: &Inside, id: Uuid, request: Request<Incoming>) -> Response<Body> {
    let changes = read(request).await;
    let mut images = inside.images();
    let Some(held) = images.get_mut(&id) else { return status(StatusCode::NOT_FOUND) };
    for change in changes.as_array().into_iter().flatten() {
        let name = change["path"].as_str().unwrap_or_default().trim_start_matches('/');
        if name == "protected" && !change["value"].is_boolean() {
            return status(StatusCode::BAD_REQUEST);
        }
        held.says.insert(name.to_owned(), change["value"].clone());
    }
    says(StatusCode::OK, &Value::Object(held.says.clone()))
}

fn delete(inside: &Inside, id: Uuid) -> Response<Body> {
    let mut images = inside.images();
    match images.get(&id) {
        None => status(StatusCode::NOT_FOUND),
        Some(held) if held.says["protected"] == true => status(StatusCode::FORBIDDEN),
        Some(_) => {
            images.remove(&id);
            status(StatusCode::NO_CONTENT)
        }
    }
}

/// An image on its way out.
struct Sending {
    inside: Arc<Inside>,
    id: Uuid,
    bytes: Bytes,
    sent: usize,
    trouble: Option<Trouble>,
}

fn download(inside: &Arc<Inside>, id: Uuid) -> Response<Body> {
    inside.downloads.fetch_add(1, Ordering::Relaxed);
    let trouble = inside.next_trouble();
    if trouble == Some(Trouble::Unavailable) {
        return status(StatusCode::SERVICE_UNAVAILABLE);
    }
    let Some(held) = inside.images().get(&id).cloned() else {
        return status(StatusCode::NOT_FOUND);
    };
    let length = held.bytes.len();
    let sending = Sending { inside: Arc::clone(inside), id, bytes: held.bytes, sent: 0, trouble };
    let pieces = stream::try_unfold(sending, |sending| sending.next());
    let mut response = Response::new(StreamBody::new(pieces).boxed_unsync());
    response.headers_mut().insert("content-length", length.into());
    response
}

impl Sending {
    async fn next(mut self) -> io::Result<Option<(Frame<Bytes>, Self)>> {
        let end = match self.trouble {
            Some(
                Trouble::BreaksAfter(at) | Trouble::StallsAfter(at) | Trouble::VanishesAfter(at),
            ) => at.min(self.bytes.len()),
            _ => self.bytes.len(),
        };
        if self.sent < end {
            if let Some(Trouble::Slow(pause)) = self.trouble {
                tokio::time::sleep(pause).await;
            }
            let piece = self.bytes.slice(self.sent..end.min(self.sent + PIECE));
            self.sent += piece.len();
            return Ok(Some((Frame::data(piece), self)));
        }
        match self.trouble {
            Some(Trouble::StallsAfter(_)) => std::future::pending().await,
            Some(Trouble::VanishesAfter(_)) => {
                self.inside.images().remove(&self.id);
                Err(io::Error::other("the image was deleted"))
            }
            Some(Trouble::BreaksAfter(_)) => Err(io::Error::other("planned")),
            _ => Ok(None),
        }
    }
}

async fn upload(inside: &Inside, id: Uuid, request: Request<Incoming>) -> Response<Body> {
    inside.uploads.fetch_add(1, Ordering::Relaxed);
    let trouble = inside.next_trouble();
    if trouble == Some(Trouble::Unavailable) {
        return status(StatusCode::SERVICE_UNAVAILABLE);
    }
    if let Err(code) = begin(inside, id) {
        return status(code);
    }
    // Whoever hangs up in the midst drops this future; Glance notices that too.
    let mut back = Back { inside, id, kept: false };
    let mut body = request.into_body();
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return status(StatusCode::BAD_REQUEST) };
        bytes.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
        match trouble {
            Some(Trouble::BreaksAfter(at)) if bytes.len() >= at => {
                return status(StatusCode::SERVICE_UNAVAILABLE);
            }
            Some(Trouble::StallsAfter(at)) if bytes.len() >= at => std::future::pending().await,
            Some(Trouble::VanishesAfter(at)) if bytes.len() >= at => {
                inside.images().remove(&id);
                return status(StatusCode::GONE);
            }
            _ => {}
        }
    }
    back.kept = true;
    // Without a digest: computing it takes long in tests, and nobody asks for it.
    let mut images = inside.images();
    let Some(held) = images.get_mut(&id) else { return status(StatusCode::GONE) };
    for (name, value) in [("status", json!("active")), ("size", json!(bytes.len()))] {
        held.says.insert(name.to_owned(), value);
    }
    held.bytes = bytes.into();
    status(StatusCode::NO_CONTENT)
}

/// `queued` to `saving`, as Glance has it.
fn begin(inside: &Inside, id: Uuid) -> Result<(), StatusCode> {
    let mut images = inside.images();
    let held = images.get_mut(&id).ok_or(StatusCode::NOT_FOUND)?;
    if held.says["status"] != "queued" {
        return Err(StatusCode::CONFLICT);
    }
    held.says.insert("status".to_owned(), json!("saving"));
    Ok(())
}

/// Puts an image back to `queued` whose bytes did not all come.
struct Back<'a> {
    inside: &'a Inside,
    id: Uuid,
    kept: bool,
}

impl Drop for Back<'_> {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        if let Some(held) = self.inside.images().get_mut(&self.id) {
            held.says.insert("status".to_owned(), json!("queued"));
        }
    }
}
