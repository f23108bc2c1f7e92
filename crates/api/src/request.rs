//! Requests: what a handler gets to see.

use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use ashlar_types::Caller;
use http::HeaderMap;
use serde_json::Value;

use crate::app::App;
use crate::endpoint::Endpoint;
use crate::fault::Fault;
use crate::links::Links;
use crate::policy::{Policy, Target};
use crate::query::Query;
use crate::version::Version;

/// A request that has found its endpoint and passed its schema.
#[derive(Debug)]
pub struct Request {
    /// Who asks.
    pub caller: Caller,
    /// Negotiated microversion.
    pub version: Version,
    /// Parameters after the question mark.
    pub query: Query,
    /// The body, checked against the endpoint's schema; null when there is none.
    pub body: Value,
    /// Headers.
    pub headers: HeaderMap,
    /// Shared state.
    pub app: App,
    policy: Arc<Policy>,
    endpoint: &'static Endpoint,
    params: Vec<(&'static str, String)>,
    project_in_url: Option<String>,
    links: OnceLock<Links>,
    authorized: AtomicBool,
}

/// The parts that the dispatcher has gathered when it makes a [`Request`].
pub(crate) struct Gathered {
    pub(crate) app: App,
    pub(crate) caller: Caller,
    pub(crate) version: Version,
    pub(crate) query: Query,
    pub(crate) body: Value,
    pub(crate) headers: HeaderMap,
    pub(crate) policy: Arc<Policy>,
    pub(crate) endpoint: &'static Endpoint,
    pub(crate) params: Vec<(&'static str, String)>,
    pub(crate) project_in_url: Option<String>,
}

impl Request {
    pub(crate) fn new(gathered: Gathered) -> Self {
        Self {
            caller: gathered.caller,
            version: gathered.version,
            query: gathered.query,
            body: gathered.body,
            headers: gathered.headers,
            app: gathered.app,
            policy: gathered.policy,
            endpoint: gathered.endpoint,
            params: gathered.params,
            project_in_url: gathered.project_in_url,
            links: OnceLock::new(),
            authorized: AtomicBool::new(false),
        }
    }

    /// The endpoint that was found.
    #[must_use]
    pub fn endpoint(&self) -> &'static Endpoint {
        self.endpoint
    }

    /// The segments that stand for names in the endpoint's path, in order.
    pub(crate) fn params(&self) -> &[(&'static str, String)] {
        &self.params
    }

    /// The segment that stands for `{name}` in the endpoint's path.
    ///
    /// # Panics
    /// When the path has no such name, which is a mistake in the endpoint table.
    #[must_use]
    pub fn param(&self, name: &str) -> &str {
        self.params
            .iter()
            .find_map(|(key, value)| (*key == name).then_some(value.as_str()))
            .expect("a handler asks only for names in its endpoint's path")
    }

    /// The segment `{name}` as an identity; what is no UUID cannot be found: 404 "`kind` x could not be found."
    ///
    /// # Errors
    /// 404 as above.
    pub fn id<T: FromStr>(&self, name: &str, kind: &str) -> Result<T, Fault> {
        let text = self.param(name);
        text.parse().map_err(|_| Fault::not_found(kind, text))
    }

    /// The object under `key` of the body; an empty one when it is missing or null.
    #[must_use]
    pub fn object(&self, key: &str) -> &serde_json::Map<String, Value> {
        static EMPTY: OnceLock<serde_json::Map<String, Value>> = OnceLock::new();
        self.body
            .get(key)
            .and_then(Value::as_object)
            .unwrap_or_else(|| EMPTY.get_or_init(serde_json::Map::new))
    }

    /// Whose turn it is where callers take turns: the project's, or the user's where a token is of no project.
    pub(crate) fn project_or_user(&self) -> &str {
        match self.caller.project_id.as_str() {
            "" => &self.caller.user_id,
            project => project,
        }
    }

    /// Whether the caller passes `rule`, for rules that show or hide a part of an answer.
    #[must_use]
    pub fn allows(&self, rule: &str) -> bool {
        self.allows_on(rule, &Target::default())
    }

    /// The same about something that was loaded.
    #[must_use]
    pub fn allows_on(&self, rule: &str, target: &Target<'_>) -> bool {
        self.policy.allows(rule, &self.caller, target)
    }

    /// The caller passes `rule`.
    ///
    /// # Errors
    /// 403 "Policy doesn't allow RULE to be performed."
    pub fn require(&self, rule: &str) -> Result<(), Fault> {
        self.require_on(rule, &Target::default())
    }

    /// The same about something that was loaded.
    ///
    /// # Errors
    /// 403 "Policy doesn't allow RULE to be performed."
    pub fn require_on(&self, rule: &str, target: &Target<'_>) -> Result<(), Fault> {
        self.policy.require(rule, &self.caller, target)
    }

    /// The caller passes the endpoint's own rule; a handler whose endpoint says `rule_after_load` calls this or
    /// [`Self::authorize_on`].
    ///
    /// # Errors
    /// 403 "Policy doesn't allow RULE to be performed."
    pub fn authorize(&self) -> Result<(), Fault> {
        self.authorize_on(&Target::default())
    }

    /// The caller passes the endpoint's own rule about something that was loaded, so that `user_id:%(user_id)s` in a
    /// policy file means the user who made it.
    ///
    /// # Errors
    /// 403 "Policy doesn't allow RULE to be performed."
    pub fn authorize_on(&self, target: &Target<'_>) -> Result<(), Fault> {
        self.authorized.store(true, Ordering::Relaxed);
        self.endpoint.rule.map_or(Ok(()), |rule| self.require_on(rule, target))
    }

    /// The same by `rule` in place of the endpoint's own, where the state of what was loaded decides which one it is.
    ///
    /// # Errors
    /// 403 "Policy doesn't allow RULE to be performed."
    pub fn authorize_by(&self, rule: &str, target: &Target<'_>) -> Result<(), Fault> {
        self.authorized.store(true, Ordering::Relaxed);
        self.require_on(rule, target)
    }

    /// Whether [`Self::authorize`] was called.
    pub(crate) fn was_authorized(&self) -> bool {
        self.authorized.load(Ordering::Relaxed)
    }

    /// Links for answers to this request.
    #[must_use]
    pub fn links(&self) -> &Links {
        self.links.get_or_init(|| {
            Links::new(&self.app.settings, &self.headers, self.project_in_url.as_deref())
        })
    }

    /// The text of header `name`, when it is there and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}
