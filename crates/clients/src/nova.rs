//! Nova: on which compute host a server runs.

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
        let reach = self.reach.as_ref().ok_or(ClientError::NotConfigured(Neighbour::Nova))?;
        let answered = tokio::time::timeout(self.time_out, reach.host_of(server, request_id)).await;
        answered.unwrap_or_else(|_| {
            let cause = format!("no answer within {} ms", self.time_out.as_millis());
            Err(ClientError::Unreachable { neighbour: Neighbour::Nova, cause })
        })
    }
}

impl Reach {
    async fn host_of(&self, server: Uuid, request_id: &str) -> Result<Option<String>, ClientError> {
        let session = self.keystone.session().await?;
        let mut answer = self.ask(&session, server, request_id).await?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            // The token was revoked before its time: once more with a new one.
            self.keystone.forget(&session).await;
            let session = self.keystone.session().await?;
            answer = self.ask(&session, server, request_id).await?;
        }
        match answer.status() {
            StatusCode::OK => read(answer).await,
            StatusCode::NOT_FOUND => {
                let what = format!("server {server}");
                Err(ClientError::NotFound { neighbour: Neighbour::Nova, what })
            }
            _ => Err(wire::refusal(Neighbour::Nova, &answer)),
        }
    }

    async fn ask(
        &self,
        session: &Session,
        server: Uuid,
        request_id: &str,
    ) -> Result<Response, ClientError> {
        let wanted = Wanted {
            service: "compute",
            interface: self.interface,
            region: self.region.as_deref(),
        };
        let mut url = session.endpoint(&wanted)?;
        let id = server.to_string();
        match url.path_segments_mut() {
            Ok(mut path) => drop(path.pop_if_empty().extend(["servers", &id])),
            Err(()) => {
                let cause = "a URL without a path".to_owned();
                return Err(ClientError::Malformed { neighbour: Neighbour::Keystone, cause });
            }
        }
        let mut request = self.keystone.http().get(url).header(TOKEN_HEADER, session.header()?);
        if let Ok(request_id) = HeaderValue::from_str(request_id) {
            request = request.header(REQUEST_ID_HEADER, request_id);
        }
        wire::send(Neighbour::Nova, request).await
    }
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
