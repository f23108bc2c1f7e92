//! Reading a request's body: within its size and time, then as JSON.

use std::pin::pin;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_TYPE, HeaderValue};
use http::request::Parts;
use http_body_util::BodyExt as _;
use hyper::body::Body;
use serde_json::Value;

use crate::app::App;
use crate::body::{check_content_type, parse, too_large};
use crate::fault::Fault;

/// How much of a body that is too large is read and thrown away, so that the client, still sending, gets to
/// hear why it was refused.
const DRAIN: usize = 16 * 1024 * 1024;

/// The whole body.
///
/// # Errors
/// 413 when it is larger than the limit, 400 when it breaks off or comes too slowly.
pub(super) async fn whole<B>(app: &App, parts: &Parts, content: B) -> Result<Bytes, Fault>
where
    B: Body<Data = Bytes>,
    B::Error: std::fmt::Display,
{
    if content.is_end_stream() {
        return Ok(Bytes::new());
    }
    let limit = app.settings.max_request_body_size;
    let waits = parts.headers.contains_key(http::header::EXPECT);
    if waits && content.size_hint().lower() > limit as u64 {
        // The client waits for leave to send: the refusal is in time.
        return Err(too_large(limit));
    }
    match tokio::time::timeout(app.settings.body_timeout, collect(content, limit)).await {
        Ok(result) => result,
        Err(_) => Err(Fault::bad_request("The request body did not arrive in time.")),
    }
}

async fn collect<B>(content: B, limit: usize) -> Result<Bytes, Fault>
where
    B: Body<Data = Bytes>,
    B::Error: std::fmt::Display,
{
    let mut content = pin!(content);
    let mut bytes = BytesMut::new();
    let mut seen = 0_usize;
    while let Some(frame) = content.frame().await {
        let frame = frame.map_err(|error| {
            Fault::bad_request("The request body could not be read.").caused_by(error)
        })?;
        let Ok(data) = frame.into_data() else { continue };
        seen = seen.saturating_add(data.len());
        if seen <= limit {
            bytes.extend_from_slice(&data);
        } else if seen > DRAIN {
            break;
        }
    }
    if seen > limit { Err(too_large(limit)) } else { Ok(bytes.freeze()) }
}

/// The body as JSON; none when it is empty.
///
/// # Errors
/// 415 for another content type, 400 for what is no JSON.
pub(super) fn json(parts: &Parts, content: &Bytes) -> Result<Option<Value>, Fault> {
    if content.is_empty() {
        return Ok(None);
    }
    check_content_type(parts.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes))?;
    parse(content).map(Some)
}
