//! Faults: every error answer of the API, with one table from kind to status and envelope.
//!
//! The message is for the client. The cause is for the operator's log and never leaves the house.

mod from;

use std::borrow::Cow;
use std::fmt;

use http::StatusCode;
use serde_json::{Value, json};

pub use from::TxFault;

/// What Cinder says when it will not say more about a bad request.
pub const GENERIC: &str = "The server could not comply with the request since it is either \
                           malformed or otherwise incorrect.";
/// What Cinder says when something broke inside.
const BROKEN: &str =
    "The server has either erred or is incapable of performing the requested operation.";

/// The kinds of fault there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// The request is wrong, or the resource is in no state for it.
    BadRequest,
    /// No valid token.
    Unauthorized,
    /// The caller may not.
    Forbidden,
    /// No such thing, or none that the caller may see.
    NotFound,
    /// The route is known, the method is not.
    MethodNotAllowed,
    /// The microversion is outside the range.
    NotAcceptable,
    /// Somebody else holds it.
    Conflict,
    /// A quota or a size limit would be passed.
    OverLimit,
    /// The body is not JSON by its own word.
    UnsupportedMedia,
    /// More is asked than can be done.
    TooMany,
    /// Something broke here.
    Internal,
    /// The backend cannot do this.
    NotImplemented,
    /// Something that is needed does not answer.
    Unavailable,
}

impl FaultKind {
    /// Every kind, in order of status.
    pub const ALL: &'static [Self] = &[
        Self::BadRequest,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::NotAcceptable,
        Self::Conflict,
        Self::OverLimit,
        Self::UnsupportedMedia,
        Self::TooMany,
        Self::Internal,
        Self::NotImplemented,
        Self::Unavailable,
    ];

    /// The one table: HTTP status and the name of the envelope.
    #[must_use]
    pub const fn http(self) -> (StatusCode, &'static str) {
        match self {
            Self::BadRequest => (StatusCode::BAD_REQUEST, "badRequest"),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
            Self::NotFound => (StatusCode::NOT_FOUND, "itemNotFound"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "badMethod"),
            Self::NotAcceptable => (StatusCode::NOT_ACCEPTABLE, "computeFault"),
            Self::Conflict => (StatusCode::CONFLICT, "conflictingRequest"),
            Self::OverLimit => (StatusCode::PAYLOAD_TOO_LARGE, "overLimit"),
            Self::UnsupportedMedia => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "badMediaType"),
            Self::TooMany => (StatusCode::TOO_MANY_REQUESTS, "overLimit"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "computeFault"),
            Self::NotImplemented => (StatusCode::NOT_IMPLEMENTED, "notImplemented"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "serviceUnavailable"),
        }
    }

    /// Seconds after which the client may try again, unless the fault knows better ([`Fault::retry_in`]). What passes
    /// by itself always says some: a client that is told nothing asks again at once.
    const fn retry_after(self) -> Option<u32> {
        match self {
            Self::TooMany => Some(1),
            Self::Unavailable => Some(5),
            _ => None,
        }
    }
}

/// An error answer.
pub struct Fault {
    kind: FaultKind,
    message: Cow<'static, str>,
    retry_after: Option<u32>,
    challenge: Option<String>,
    cause: Option<String>,
}

impl Fault {
    /// A fault of `kind` that says `message` to the client; 429 and 503 also when to try again.
    pub fn new(kind: FaultKind, message: impl Into<Cow<'static, str>>) -> Self {
        let retry_after = kind.retry_after();
        Self { kind, message: message.into(), retry_after, challenge: None, cause: None }
    }

    /// 400 with `message` as it is.
    pub fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(FaultKind::BadRequest, message)
    }

    /// 401 as keystonemiddleware answers it: in a form of its own, with `challenge` for `WWW-Authenticate`.
    #[must_use]
    pub(crate) fn unauthorized(challenge: String) -> Self {
        let message = "The request you have made requires authentication.";
        let mut fault = Self::new(FaultKind::Unauthorized, message);
        fault.challenge = Some(challenge);
        fault
    }

    /// 400 "Invalid input received: `reason`".
    pub fn invalid_input(reason: impl fmt::Display) -> Self {
        Self::bad_request(format!("Invalid input received: {reason}"))
    }

    /// 400 "Invalid volume: `reason`" and the like; `kind` is "volume", "snapshot", "backup", "Group".
    pub fn invalid_state(kind: &str, reason: impl fmt::Display) -> Self {
        Self::bad_request(format!("Invalid {kind}: {reason}"))
    }

    /// 400 for a body that is no JSON, or no single action.
    #[must_use]
    pub fn malformed_body() -> Self {
        Self::bad_request("Malformed request body")
    }

    /// 403 of a policy rule.
    #[must_use]
    pub fn forbidden(rule: &str) -> Self {
        Self::new(FaultKind::Forbidden, format!("Policy doesn't allow {rule} to be performed."))
    }

    /// 403 where Cinder's database layer wants an administrator.
    #[must_use]
    pub fn admin_required() -> Self {
        Self::new(FaultKind::Forbidden, "User does not have admin privileges")
    }

    /// 404 "`Kind` `id` could not be found.", as in `not_found("Volume", id)`.
    pub fn not_found(kind: &str, id: impl fmt::Display) -> Self {
        Self::new(FaultKind::NotFound, format!("{kind} {id} could not be found."))
    }

    /// 404 for a route, a version or an entry that is not there.
    #[must_use]
    pub fn no_resource() -> Self {
        Self::new(FaultKind::NotFound, "The resource could not be found.")
    }

    /// 405; the dispatcher adds `Allow`.
    #[must_use]
    pub(crate) fn method_not_allowed() -> Self {
        let message = "The method is not allowed for the requested URL.";
        Self::new(FaultKind::MethodNotAllowed, message)
    }

    /// 409 with `message` as it is.
    pub fn conflict(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(FaultKind::Conflict, message)
    }

    /// 413 of a quota. Clients look for the name of Cinder's exception and a colon at the start of `message`:
    /// "VolumeLimitExceeded: Maximum number of volumes allowed (10) …".
    pub fn over_quota(message: impl fmt::Display) -> Self {
        let mut fault = Self::new(FaultKind::OverLimit, message.to_string());
        fault.retry_after = Some(0);
        fault
    }

    /// 500; the client learns nothing of `cause`, the log does.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::new(FaultKind::Internal, BROKEN).caused_by(cause)
    }

    /// 503 with a text for the client, who may try again in 5 s.
    pub fn unavailable(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(FaultKind::Unavailable, message)
    }

    /// The same fault with seconds after which the client may try again.
    #[must_use]
    pub fn retry_in(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The same fault with a cause for the log.
    #[must_use]
    pub fn caused_by(mut self, cause: impl fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> FaultKind {
        self.kind
    }

    /// HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.kind.http().0
    }

    /// What the client reads.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What only the operator reads.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// Seconds for `Retry-After`.
    #[must_use]
    pub fn retry_after(&self) -> Option<u32> {
        self.retry_after
    }

    /// Value for `WWW-Authenticate`.
    #[must_use]
    pub(crate) fn challenge(&self) -> Option<&str> {
        self.challenge.as_deref()
    }

    /// The body: `{"<name>": {"code", "message"[, "retryAfter"]}}`, or keystonemiddleware's.
    #[must_use]
    pub fn envelope(&self) -> Value {
        let (status, name) = self.kind.http();
        if self.challenge.is_some() {
            let (code, title) = (status.as_u16(), "Unauthorized");
            return json!({ "error": { "code": code, "title": title, "message": self.message } });
        }
        let mut inner = json!({ "code": status.as_u16(), "message": self.message });
        if let Some(seconds) = self.retry_after {
            inner["retryAfter"] = seconds.to_string().into();
        }
        json!({ name: inner })
    }
}

/// Causes are kept out: a fault may be printed anywhere.
impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fault({:?}, {:?})", self.kind, self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_cinders_status_and_envelope() {
        let table: Vec<(u16, &str)> =
            FaultKind::ALL.iter().map(|kind| (kind.http().0.as_u16(), kind.http().1)).collect();
        assert_eq!(
            table,
            [
                (400, "badRequest"),
                (401, "unauthorized"),
                (403, "forbidden"),
                (404, "itemNotFound"),
                (405, "badMethod"),
                (406, "computeFault"),
                (409, "conflictingRequest"),
                (413, "overLimit"),
                (415, "badMediaType"),
                (429, "overLimit"),
                (500, "computeFault"),
                (501, "notImplemented"),
                (503, "serviceUnavailable"),
            ]
        );
    }

    #[test]
    fn a_quota_fault_says_retry_after_as_text() {
        let text = "VolumeLimitExceeded: Maximum number of volumes allowed (10) exceeded for quota \
                    'volumes'.";
        let fault = Fault::over_quota(text);
        assert_eq!(
            fault.envelope(),
            json!({"overLimit": {
                "code": 413,
                "message": text,
                "retryAfter": "0",
            }})
        );
    }

    #[test]
    fn what_passes_by_itself_says_when_to_try_again_and_nothing_else_does() {
        for kind in FaultKind::ALL {
            let fault = Fault::new(*kind, "no");
            let told = fault.envelope()[kind.http().1]["retryAfter"].clone();
            let wanted = match fault.status().as_u16() {
                429 => json!("1"),
                503 => json!("5"),
                _ => Value::Null,
            };
            assert_eq!(told, wanted, "{kind:?}");
        }
        assert_eq!(Fault::unavailable("no").retry_in(30).retry_after(), Some(30));
    }

    #[test]
    fn a_private_cause_stays_out_of_the_answer_and_of_debug_output() {
        let fault = Fault::internal("password=hunter2");
        assert!(!fault.envelope().to_string().contains("hunter2"));
        assert!(!format!("{fault:?}").contains("hunter2"));
        assert_eq!(fault.cause(), Some("password=hunter2"));
    }
}
