//! For the crate's own tests: an application over a fresh database, asked without sockets.

use std::sync::Arc;

use ashlar_bus::Bus;
use ashlar_clients::nova::Nova;
use ashlar_db::{DatabaseUrl, Db, DbError, Options, migrate, pools, services, transact};
use ashlar_operations::ApiContext;
use ashlar_operations::dry_run::Judge;
use ashlar_operations::zones::Zones;
use ashlar_types::{BackendName, Clock, PoolStats, Timestamp};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use serde_json::Value;

use crate::app::{ApiSettings, App, Parts};
use crate::dispatch::respond;
use crate::endpoint::Endpoint;
use crate::openapi::truth::{self, Heard};

/// An application whose database file lives as long as this does. Its clock stands still.
pub(crate) struct House {
    /// The application.
    pub(crate) app: App,
    /// It has the API's own endpoints, of which there are documents.
    is_whole: bool,
    _directory: tempfile::TempDir,
}

/// What came back.
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Value,
}

impl Got {
    /// The answer is as its OpenAPI document says.
    fn ensure_true(&self, method: &str, path: &str) {
        let version = self.headers.get("openstack-api-version");
        let version = version.and_then(|version| version.to_str().ok()).unwrap_or_default();
        let (status, body) = (self.status, &self.body);
        let heard = Heard { method, path, version, status, body };
        if let Err(lie) = truth::check(&heard) {
            panic!("{method} {path}: {lie}\n{body}");
        }
    }

    /// Status and the fault's message.
    pub(crate) fn fault(&self) -> (u16, &str) {
        let envelope = self.body.as_object().and_then(|body| body.values().next());
        (self.status, envelope.and_then(|inner| inner["message"].as_str()).unwrap_or_default())
    }
}

impl House {
    /// With the API's own endpoints and all tables.
    pub(crate) async fn furnished() -> Self {
        let house = Self::with_tables(crate::v3::TABLES).await;
        migrate::sync(&house.app.db).await.expect("tables");
        house
    }

    /// With these endpoints and an empty database.
    pub(crate) async fn with_tables(tables: &[&'static [Endpoint]]) -> Self {
        Self::with_settings(tables, ApiSettings::default()).await
    }

    /// The same with these options.
    pub(crate) async fn with_settings(
        tables: &[&'static [Endpoint]],
        settings: ApiSettings,
    ) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let url = format!("sqlite:///{}", directory.path().join("a.db").display());
        let url = DatabaseUrl::parse(&url).expect("a URL");
        let db = Db::connect(&url, &Options::default()).await.expect("a file");
        let start = Timestamp::parse("2026-11-22T10:11:12.000345").expect("a moment");
        let clock = Clock::manual(start);
        let operations = ApiContext {
            bus: Bus::local(),
            settings: Arc::default(),
            zones: Zones::new(db.clone(), clock.clone()),
            runner: None,
            judge: Arc::new(Judge::plain(clock.clone())),
            images: None,
            nova: Arc::new(Nova::unconfigured()),
            waiting: Default::default(),
            clock,
            db,
        };
        let parts = Parts { settings, operations, metrics: None };
        let is_whole = std::ptr::eq(tables, crate::v3::TABLES);
        Self { app: App::with_tables(parts, tables), is_whole, _directory: directory }
    }

    /// Sends a request with these headers.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Got {
        let mut request =
            http::Request::builder().method(method).uri(path).header("host", "c:8776");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let content = Full::new(Bytes::from(body.to_owned()));
        let response = respond(&self.app, request.body(content).expect("a request")).await;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        let got = Got {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        };
        if self.is_whole {
            got.ensure_true(method, path);
        }
        got
    }

    /// Sends a request as `token` (`user:project[:roles]`) at `3.<minor>`; null sends no body.
    pub(crate) async fn ask(
        &self,
        (token, minor): (&str, u16),
        method: &str,
        path: &str,
        body: &Value,
    ) -> Got {
        let version = format!("volume 3.{minor}");
        let headers = [
            ("x-auth-token", token),
            ("openstack-api-version", version.as_str()),
            ("content-type", "application/json"),
        ];
        let text = if body.is_null() { String::new() } else { body.to_string() };
        self.send(method, path, &headers, &text).await
    }

    /// A GET without a body.
    pub(crate) async fn get(&self, who: (&str, u16), path: &str) -> Got {
        self.ask(who, "GET", path, &Value::Null).await
    }
}

/// Brings the backend up: its service has reported, and so have its pools.
pub(crate) async fn up(house: &House, backend: &BackendName, stats: &[PoolStats]) {
    let (db, now) = (&house.app.db, house.app.clock.now());
    let reported: Result<(), DbError> = transact!(db, tx => async {
        services::heartbeat(tx, backend.as_str(), services::VOLUME, "nova", now).await?;
        let asked = pools::ask(tx, backend, now).await?;
        pools::report(tx, backend, "nova", stats, &asked, now).await.map(drop)
    }.await);
    reported.expect("reported");
}
