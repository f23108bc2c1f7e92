//! The application: settings and shared state that handlers see.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use ashlar_db::Db;
use ashlar_operations::ApiContext;
use ashlar_types::Clock;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::auth::AuthStrategy;
use crate::bulk::Places;
use crate::dispatch::Gates;
use crate::endpoint::Endpoint;
use crate::filters::Configured;
use crate::own_log::OwnLog;
use crate::policy::Enforcer;
use crate::project_id::ProjectIdPattern;
use crate::registry::Registry;

/// Options of the API, by Cinder's names where Cinder has them.
#[derive(Debug, Clone)]
pub struct ApiSettings {
    /// `auth_strategy`.
    pub auth_strategy: AuthStrategy,
    /// `public_endpoint`: what links start with.
    pub public_endpoint: Option<String>,
    /// `[oslo_middleware] enable_proxy_headers_parsing`.
    pub enable_proxy_headers_parsing: bool,
    /// `[oslo_middleware] max_request_body_size`, bytes.
    pub max_request_body_size: usize,
    /// `osapi_max_limit`: longest page.
    pub osapi_max_limit: usize,
    /// `project_id_regex`.
    pub project_id_regex: ProjectIdPattern,
    /// Who may do what.
    pub policy: Enforcer,
    /// Content of `resource_query_filters_file`.
    pub resource_filters: Configured,
    /// Connections served at once; further ones wait in the listener's queue.
    pub max_connections: usize,
    /// Longest wait for a request's head, and so for the next request on a kept connection.
    pub header_timeout: Duration,
    /// Longest wait for a request's body.
    pub body_timeout: Duration,
    /// Longest time for an answer.
    pub request_timeout: Duration,
    /// Longest wait for a client to take a piece of its answer.
    pub write_timeout: Duration,
    /// Longest wait for running requests at the end.
    pub drain_timeout: Duration,
    /// The log of this process; none where it cannot be changed.
    pub log: Option<OwnLog>,
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self {
            auth_strategy: AuthStrategy::NoAuth,
            public_endpoint: None,
            enable_proxy_headers_parsing: false,
            max_request_body_size: 114_688,
            osapi_max_limit: 1000,
            project_id_regex: ProjectIdPattern::default(),
            policy: Enforcer::defaults(),
            resource_filters: Configured::default(),
            max_connections: 4096,
            header_timeout: Duration::from_secs(60),
            body_timeout: Duration::from_secs(30),
            request_timeout: Duration::from_secs(120),
            write_timeout: Duration::from_secs(60),
            drain_timeout: Duration::from_secs(30),
            log: None,
        }
    }
}

/// What the application is made of.
pub struct Parts {
    /// Options.
    pub settings: ApiSettings,
    /// What accepting operations needs.
    pub operations: ApiContext,
    /// Renders `/metrics`; none answers 404 there.
    pub metrics: Option<PrometheusHandle>,
}

/// The application, shared by all connections; cloning is cheap.
#[derive(Clone)]
pub struct App(Arc<Shared>);

/// What [`App`] dereferences to.
pub struct Shared {
    parts: Parts,
    /// The database.
    pub db: Db,
    /// Where the time comes from.
    pub clock: Clock,
    /// All endpoints below `/v3`.
    pub registry: Registry,
    /// All endpoints below `/ashlar/v1`.
    pub own: Registry,
    /// For long lists.
    pub places: Places,
    /// What lets requests in.
    pub(crate) gates: Gates,
    /// Places for streams of events.
    pub(crate) streams: Arc<Semaphore>,
    /// The server is about to end.
    pub(crate) closing: CancellationToken,
}

impl App {
    /// Puts the application together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self::with_tables(parts, crate::v3::TABLES)
    }

    /// As [`Self::new`], with other endpoints.
    pub(crate) fn with_tables(parts: Parts, tables: &[&'static [Endpoint]]) -> Self {
        let (db, clock) = (parts.operations.db.clone(), parts.operations.clock.clone());
        Self(Arc::new(Shared {
            db,
            clock,
            registry: Registry::new(tables),
            own: Registry::new(crate::ashlar_v1::TABLES),
            places: Places::default(),
            gates: Gates::default(),
            streams: crate::ashlar_v1::operations::events::places(),
            closing: CancellationToken::new(),
            parts,
        }))
    }
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Deref for Shared {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

/// Nothing of what is inside: it would be long, and some of it is not for logs.
impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("App")
    }
}
