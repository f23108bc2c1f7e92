//! Endpoints: what the API can be asked, as flat tables that each resource contributes.

use futures::future::BoxFuture;
use http::Method;

use crate::answer::Answer;
use crate::body::Body;
use crate::fault::Fault;
use crate::request::Request;
use crate::version::{Version, v3};

/// What a handler comes to.
pub type Outcome = Result<Answer, Fault>;

/// A handler; write an `async fn(&Request) -> Outcome` and name it through [`run!`](crate::run).
pub type Handler = for<'a> fn(&'a Request) -> BoxFuture<'a, Outcome>;

/// Makes a [`Handler`] of an `async fn(&Request) -> Outcome`.
#[macro_export]
macro_rules! run {
    ($handler:path) => {
        |request| ::std::boxed::Box::pin($handler(request))
    };
}

/// When the endpoint's rule is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// By the dispatcher, before the handler runs.
    First,
    /// By the handler, which calls [`Request::authorize`] once it has loaded what it works on:
    /// a foreign or missing resource is 404 before a missing right is 403, as in Cinder.
    AfterLoad,
}

/// One operation of the API.
#[derive(Debug)]
pub struct Endpoint {
    /// Name in tables, metrics and logs: `volume.create`.
    pub op: &'static str,
    /// HTTP method.
    pub method: Method,
    /// Path below `/v3` and the project: `/volumes/{volume_id}/action`.
    pub path: &'static str,
    /// The single key of the body, for an endpoint of an `/action` path.
    pub action: Option<&'static str>,
    /// First microversion.
    pub min: Version,
    /// Last microversion; none for the newest.
    pub max: Option<Version>,
    /// Policy rule; none admits any token.
    pub rule: Option<&'static str>,
    /// When the rule is checked.
    pub check: Check,
    /// What the body must look like; none where the operation takes none.
    pub body: Option<&'static Body>,
    /// What runs.
    pub handler: Handler,
}

impl Endpoint {
    const fn new(op: &'static str, method: Method, path: &'static str, handler: Handler) -> Self {
        Self {
            op,
            method,
            path,
            action: None,
            min: Version::MIN,
            max: None,
            rule: None,
            check: Check::First,
            body: None,
            handler,
        }
    }

    /// A GET.
    #[must_use]
    pub const fn get(op: &'static str, path: &'static str, handler: Handler) -> Self {
        Self::new(op, Method::GET, path, handler)
    }

    /// A POST.
    #[must_use]
    pub const fn post(op: &'static str, path: &'static str, handler: Handler) -> Self {
        Self::new(op, Method::POST, path, handler)
    }

    /// A PUT.
    #[must_use]
    pub const fn put(op: &'static str, path: &'static str, handler: Handler) -> Self {
        Self::new(op, Method::PUT, path, handler)
    }

    /// A DELETE.
    #[must_use]
    pub const fn delete(op: &'static str, path: &'static str, handler: Handler) -> Self {
        Self::new(op, Method::DELETE, path, handler)
    }

    /// A POST to `path` (which ends in `/action`) whose body has the single key `action`.
    #[must_use]
    pub const fn action(
        op: &'static str,
        path: &'static str,
        action: &'static str,
        handler: Handler,
    ) -> Self {
        let mut endpoint = Self::new(op, Method::POST, path, handler);
        endpoint.action = Some(action);
        endpoint
    }

    /// Not before microversion `3.<minor>`.
    #[must_use]
    pub const fn since(mut self, minor: u16) -> Self {
        self.min = v3(minor);
        self
    }

    /// Not after microversion `3.<minor>`.
    #[must_use]
    pub const fn until(mut self, minor: u16) -> Self {
        self.max = Some(v3(minor));
        self
    }

    /// Guarded by `rule`, checked before the handler runs.
    #[must_use]
    pub const fn rule(mut self, rule: &'static str) -> Self {
        self.rule = Some(rule);
        self
    }

    /// Guarded by `rule`, which the handler checks by [`Request::authorize`] after loading.
    #[must_use]
    pub const fn rule_after_load(mut self, rule: &'static str) -> Self {
        self.rule = Some(rule);
        self.check = Check::AfterLoad;
        self
    }

    /// With a body that fits `body`.
    #[must_use]
    pub const fn body(mut self, body: &'static Body) -> Self {
        self.body = Some(body);
        self
    }

    /// Whether it exists at `version`.
    #[must_use]
    pub fn answers(&self, version: Version) -> bool {
        version >= self.min && self.max.is_none_or(|max| version <= max)
    }
}
