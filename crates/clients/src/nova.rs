//! Nova: on which compute host a server runs, and by which attachment it has a volume.

use std::time::Duration;

use ashlar_types::Clock;
use reqwest::header::HeaderValue;
use reqwest::{Response, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::keystone::{Interface, Keystone, Login, Session, TOKEN_HEADER, Wanted};
use crate::{ClientError, Neighbour, SetupError, Tls, wire};

/// Longest time for one question, logging in included. Cinder's filter waits as long for each request.
pub const TIME_OUT: Duration = Duration::from_secs(5);

/// The attribute that names the host; Nova shows it to those whom its policy allows.
const HOST: &str = "OS-EXT-SRV-ATTR:host";
/// The header by which one request is followed through several services.
const REQUEST_ID_HEADER: &str = "X-OpenStack-Request-ID";

/// The header that names a microversion of Nova's.
const VERSION_HEADER: &str = "X-OpenStack-Nova-API-Version";
/// From this one on Nova says by which attachment a server has a volume.
const NAMES_ATTACHMENTS: &str = "2.89";

/// Section `[nova]`.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The account.
    pub login: Login,
    /// `interface`.
    pub interface: Interface,
    /// `region_name`.
    pub region: Option<String>,
    /// `cafile` and `insecure`.
    pub tls: Tls,
}

/// Nova, as far as we know it.
#[derive(Debug)]
pub struct Nova {
    reach: Option<Reach>,
    time_out: Duration,
}

#[derive(Debug)]
struct Reach {
    keystone: Keystone,
    interface: Interface,
    region: Option<String>,
}

impl Nova {
    /// Nova, reached in this way. Nothing is asked yet.
    ///
    /// # Errors
    /// [`SetupError`]: the URL or the certificates cannot be used.
    pub fn new(settings: Settings, clock: Clock) -> Result<Self, SetupError> {
        let Settings { login, interface, region, tls } = settings;
        let keystone = Keystone::new(login, &tls, clock)?;
        Ok(Self { reach: Some(Reach { keystone, interface, region }), time_out: TIME_OUT })
    }

    /// No Nova: every question is answered with [`ClientError::NotConfigured`].
    #[must_use]
    pub fn unconfigured() -> Self {
        Self { reach: None, time_out: TIME_OUT }
    }

    /// The same with another longest time for one question, which is [`TIME_OUT`] otherwise.
    #[must_use]
    pub fn with_time_out(self, time_out: Duration) -> Self {
        Self { time_out, ..self }
    }

    /// The compute host on which the server is; `None` while it is on none. `request_id` goes along, so that the
    /// request can be found in Nova's log.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` when Nova does not know the server, `NoHost` when it does not tell us.
    pub async fn host_of(
        &self,
        server: Uuid,
        request_id: &str,
    ) -> Result<Option<String>, ClientError> {
        self.in_time(|reach| reach.host_of(server, request_id)).await
    }

    /// The attachment by which the server has the volume; `None` when Nova cannot say which: one that is older than
    /// microversion 2.89 refuses to speak it, and whether the server has the volume stays open then.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` when Nova does not know the server, or not with this volume.
    pub async fn attachment_of(
        &self,
        server: Uuid,
        volume: Uuid,
        request_id: &str,
    ) -> Result<Option<String>, ClientError> {
        self.in_time(|reach| reach.attachment_of(server, volume, request_id)).await
    }

    async fn in_time<'a, T, F>(&'a self, ask: impl FnOnce(&'a Reach) -> F) -> Result<T, ClientError>
    where
        F: Future<Output = Result<T, ClientError>>,
    {
        let reach = self.reach.as_ref().ok_or(ClientError::NotConfigured(Neighbour::Nova))?;
        tokio::time::timeout(self.time_out, ask(reach)).await.unwrap_or_else(|_| {
            let cause = format!("no answer within {} ms", self.time_out.as_millis());
            Err(ClientError::Unreachable { neighbour: Neighbour::Nova, cause })
        })
    }
}

impl Reach {
    async fn host_of(&self, server: Uuid, request_id: &str) -> Result<Option<String>, ClientError> {
        let id = server.to_string();
        let question = Question { path: &["servers", &id], version: None, request_id };
        read(self.answer(&question, || format!("server {server}")).await?).await
    }

    async fn attachment_of(
        &self,
        server: Uuid,
        volume: Uuid,
        request_id: &str,
    ) -> Result<Option<String>, ClientError> {
        let (id, volume) = (server.to_string(), volume.to_string());
        let path = ["servers", &id, "os-volume_attachments", &volume];
        let question = Question { path: &path, version: Some(NAMES_ATTACHMENTS), request_id };
        let what = || format!("volume {volume} at server {server}");
        let answer = match self.answer(&question, what).await {
            Err(ClientError::Refused { status, .. }) if status == StatusCode::NOT_ACCEPTABLE => {
                return Ok(None);
            }
            answer => answer?,
        };
        let found: Found = wire::body(Neighbour::Nova, answer).await?;
        Ok(found.attachment.attachment_id)
    }

    /// The answer to a question, with a new token when the first was revoked before its time.
    async fn answer(
        &self,
        question: &Question<'_>,
        what: impl FnOnce() -> String,
    ) -> Result<Response, ClientError> {
        let session = self.keystone.session().await?;
        let mut answer = self.ask(&session, question).await?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            self.keystone.forget(&session).await;
            let session = self.keystone.session().await?;
            answer = self.ask(&session, question).await?;
        }
        match answer.status() {
            StatusCode::OK => Ok(answer),
            StatusCode::NOT_FOUND => {
                Err(ClientError::NotFound { neighbour: Neighbour::Nova, what: what() })
            }
            _ => Err(wire::refusal(Neighbour::Nova, &answer)),
        }
    }

    async fn ask(
        &self,
        session: &Session,
        question: &Question<'_>,
    ) -> Result<Response, ClientError> {
        let wanted = Wanted {
            service: "compute",
            interface: self.interface,
            region: self.region.as_deref(),
        };
        let mut url = session.endpoint(&wanted)?;
        match url.path_segments_mut() {
            Ok(mut path) => drop(path.pop_if_empty().extend(question.path)),
            Err(()) => {
                let cause = "a URL without a path".to_owned();
                return Err(ClientError::Malformed { neighbour: Neighbour::Keystone, cause });
            }
        }
        let mut request = self.keystone.http().get(url).header(TOKEN_HEADER, session.header()?);
        if let Some(version) = question.version {
            request = request.header(VERSION_HEADER, version);
        }
        if let Ok(request_id) = HeaderValue::from_str(question.request_id) {
            request = request.header(REQUEST_ID_HEADER, request_id);
        }
        wire::send(Neighbour::Nova, request).await
    }
}

/// What is asked of Nova.
struct Question<'a> {
    path: &'a [&'a str],
    version: Option<&'static str>,
    request_id: &'a str,
}

/// The answer to `GET /servers/{id}/os-volume_attachments/{volume}`.
#[derive(Deserialize)]
struct Found {
    #[serde(rename = "volumeAttachment")]
    attachment: FoundAttachment,
}

#[derive(Deserialize)]
struct FoundAttachment {
    attachment_id: Option<String>,
}

/// The answer to `GET /servers/{id}`.
#[derive(Deserialize)]
struct Answer {
    server: Map<String, Value>,
}

async fn read(answer: Response) -> Result<Option<String>, ClientError> {
    let answer: Answer = wire::body(Neighbour::Nova, answer).await?;
    match answer.server.get(HOST) {
        None => Err(ClientError::NoHost),
        Some(Value::Null) => Ok(None),
        Some(Value::String(host)) => Ok(Some(host.clone()).filter(|host| !host.is_empty())),
        Some(_) => {
            let cause = format!("{HOST} is no text");
            Err(ClientError::Malformed { neighbour: Neighbour::Nova, cause })
        }
    }
}

#[cfg(test)]
mod tests;
