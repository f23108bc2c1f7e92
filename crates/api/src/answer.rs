//! Answers: what a handler hands back when all is well.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::BoxStream;
use http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use http::{HeaderMap, Response, StatusCode};
use http_body_util::{Either, Full, StreamBody};
use hyper::body::Frame;
use serde::Serialize;

use crate::fault::Fault;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=UTF-8");

/// Pieces of a body that come as time goes by.
pub(crate) type Stream = BoxStream<'static, Result<Frame<Bytes>, Infallible>>;

/// The longest time that a stream takes, an extension of its response. However slowly its client takes it, the
/// connection is over by then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Longest(pub(crate) Duration);

/// What an answer's body is sent as.
pub type Content = Either<Full<Bytes>, StreamBody<Stream>>;

/// A successful answer: status, headers, body.
pub struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    /// What follows `body`, which is empty then.
    stream: Option<(Stream, Longest)>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.status, self.body.len())
    }
}

impl Answer {
    /// `body` as JSON under `status`.
    pub fn json<T: Serialize + ?Sized>(status: StatusCode, body: &T) -> Self {
        match serde_json::to_vec(body) {
            Ok(bytes) => Self::bytes(status, JSON, bytes.into()),
            Err(error) => {
                tracing::error!(%error, "an answer could not be written as JSON");
                Self::from(&Fault::internal(error))
            }
        }
    }

    /// 200 with `body` as JSON.
    pub fn ok<T: Serialize + ?Sized>(body: &T) -> Self {
        Self::json(StatusCode::OK, body)
    }

    /// 200 with JSON that is text already.
    pub(crate) fn json_text(text: Bytes) -> Self {
        Self::bytes(StatusCode::OK, JSON, text)
    }

    /// 202 with `body` as JSON.
    pub fn accepted<T: Serialize + ?Sized>(body: &T) -> Self {
        Self::json(StatusCode::ACCEPTED, body)
    }

    /// No body. Cinder still names a content type.
    #[must_use]
    pub fn empty(status: StatusCode) -> Self {
        Self::bytes(status, JSON, Bytes::new())
    }

    /// 412: the one error without an envelope, for a failed `If-Match`.
    #[must_use]
    pub fn precondition_failed() -> Self {
        Self::bytes(StatusCode::PRECONDITION_FAILED, HTML, Bytes::new())
    }

    /// Plain text.
    pub fn text(status: StatusCode, text: impl Into<Bytes>) -> Self {
        const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=UTF-8");
        Self::bytes(status, TEXT, text.into())
    }

    /// Server-sent events, which nothing on the way is to keep. They are the last answer of their connection, which is cut
    /// off after the longest time: a client that takes them too slowly does not hold it for ever.
    pub(crate) fn events(stream: Stream, longest: Longest) -> Self {
        const EVENTS: HeaderValue = HeaderValue::from_static("text/event-stream");
        let mut answer = Self::bytes(StatusCode::OK, EVENTS, Bytes::new());
        answer.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        answer.headers.insert(CONNECTION, HeaderValue::from_static("close"));
        answer.stream = Some((stream, longest));
        answer
    }

    /// 302 to `place`.
    #[must_use]
    pub fn redirect(place: &str) -> Self {
        let mut answer = Self::bytes(StatusCode::FOUND, HTML, Bytes::new());
        if let Ok(value) = HeaderValue::try_from(place) {
            answer.headers.insert(LOCATION, value);
        }
        answer
    }

    fn bytes(status: StatusCode, content_type: HeaderValue, body: Bytes) -> Self {
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(CONTENT_TYPE, content_type);
        Self { status, headers, body, stream: None }
    }

    /// An answer that was given before.
    ///
    /// # Errors
    /// When `status` is no HTTP status.
    pub(crate) fn kept(status: u16, body: String) -> Result<Self, http::status::InvalidStatusCode> {
        Ok(Self::bytes(StatusCode::from_u16(status)?, JSON, body.into()))
    }

    /// The same answer with one more header, replacing an earlier one of that name.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The body's bytes; none of a stream.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The headers, for the dispatcher to add its own.
    pub(crate) fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.headers
    }

    /// As an HTTP response.
    pub(crate) fn into_response(self) -> Response<Content> {
        let (content, longest) = match self.stream {
            None => (Either::Left(Full::new(self.body)), None),
            Some((stream, longest)) => (Either::Right(StreamBody::new(stream)), Some(longest)),
        };
        let mut response = Response::new(content);
        if let Some(longest) = longest {
            response.extensions_mut().insert(longest);
        }
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

/// The fault's envelope, with `Retry-After` and `WWW-Authenticate` where it has them.
impl From<&Fault> for Answer {
    fn from(fault: &Fault) -> Self {
        let body = fault.envelope().to_string();
        let mut answer = Self::bytes(fault.status(), JSON, body.into());
        if let Some(seconds) = fault.retry_after() {
            answer.headers.insert(http::header::RETRY_AFTER, seconds.into());
        }
        if let Some(Ok(challenge)) = fault.challenge().map(HeaderValue::try_from) {
            answer.headers.insert(http::header::WWW_AUTHENTICATE, challenge);
        }
        answer
    }
}
