//! Keystone (identity API v3): logging in with a password, the catalogue of services, and whose a token is.

mod catalogue;
mod login;
mod projects;
pub mod validate;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ashlar_types::{Clock, Timestamp};
use reqwest::header::HeaderValue;
use reqwest::{Client, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tokio::sync::{Mutex, watch};

use crate::{ClientError, Neighbour, SetupError, Tls, wire};

pub use catalogue::{Interface, Wanted};
pub use login::{Domain, Login, Scope, User};
pub use validate::{Accept, Identity, TokenError, Tokens};

use catalogue::Service;

/// The header that carries a token.
pub const TOKEN_HEADER: &str = "X-Auth-Token";
/// The header in which Keystone answers a new token, and is asked about one.
const NEW_TOKEN_HEADER: &str = "X-Subject-Token";
/// A token that ends sooner is not used any more; keystoneauth's figure.
const MARGIN: Duration = Duration::from_secs(30);
/// Longest time a login may take: others wait for it. Who wants one sooner bounds it further.
const LOGIN: Duration = Duration::from_secs(30);

/// An account at Keystone. It logs in when it is first needed and again when the token nears its end.
pub struct Keystone {
    http: Client,
    tokens: Url,
    login: Login,
    clock: Clock,
    /// Longest time a login may take.
    longest: Duration,
    /// Locked while somebody logs in, so that one login serves all who wait.
    session: Mutex<Option<Arc<Session>>>,
    /// How the last login failed, and how many did: one that fails does so for all who wait, too.
    failures: watch::Sender<(u64, Option<ClientError>)>,
}

impl fmt::Debug for Keystone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keystone").field("login", &self.login).finish_non_exhaustive()
    }
}

/// A login that holds: a token, and where the services are.
pub struct Session {
    token: SecretString,
    expires: Timestamp,
    catalogue: Vec<Service>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("expires", &self.expires).finish_non_exhaustive()
    }
}

impl Session {
    /// The value of [`TOKEN_HEADER`], marked so that no log shows it.
    ///
    /// # Errors
    /// The token has signs that no header can carry.
    pub fn header(&self) -> Result<HeaderValue, ClientError> {
        let mut value = HeaderValue::from_str(self.token.expose_secret())
            .map_err(|_| malformed("a token that no header can carry"))?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// Where the service is.
    ///
    /// # Errors
    /// [`ClientError::NoEndpoint`], or `Malformed` when its URL is none.
    pub fn endpoint(&self, wanted: &Wanted<'_>) -> Result<Url, ClientError> {
        catalogue::find(&self.catalogue, wanted)
    }
}

impl Keystone {
    /// An account. Nothing is asked yet.
    ///
    /// # Errors
    /// [`SetupError`]: the URL or the certificates cannot be used.
    pub fn new(login: Login, tls: &Tls, clock: Clock) -> Result<Self, SetupError> {
        let tokens = login.tokens_url().ok_or(SetupError::BadUrl)?;
        let failures = watch::Sender::new((0, None));
        let session = Mutex::new(None);
        let http = wire::client(tls)?;
        Ok(Self { http, tokens, login, clock, longest: LOGIN, session, failures })
    }

    /// The client, for asking other services with the same trust.
    pub(crate) fn http(&self) -> &Client {
        &self.http
    }

    /// A login that holds for a while yet. Whoever comes while one is under way waits for it and has its outcome, good
    /// or bad; the caller bounds the time.
    ///
    /// # Errors
    /// `Refused` for a wrong password; `Unreachable`, `Malformed`.
    pub async fn session(&self) -> Result<Arc<Session>, ClientError> {
        let failed_before = self.failures.borrow().0;
        let mut kept = self.session.lock().await;
        let now = self.clock.now();
        if let Some(session) = kept.as_ref().filter(|session| now.after(MARGIN) < session.expires) {
            return Ok(Arc::clone(session));
        }
        *kept = None;
        if let (failed, Some(error)) = &*self.failures.borrow()
            && *failed > failed_before
        {
            return Err(error.clone());
        }
        let session =
            tokio::time::timeout(self.longest, self.log_in()).await.unwrap_or_else(|_| {
                let cause = format!("no login within {} ms", self.longest.as_millis());
                Err(ClientError::Unreachable { neighbour: Neighbour::Keystone, cause })
            });
        let session = session.inspect_err(|error| {
            self.failures.send_modify(|last| *last = (last.0 + 1, Some(error.clone())));
        })?;
        let session = Arc::new(session);
        *kept = Some(Arc::clone(&session));
        Ok(session)
    }

    /// Forgets this login, whose token a service did not accept, unless it has been replaced already.
    pub async fn forget(&self, refused: &Arc<Session>) {
        let mut kept = self.session.lock().await;
        if kept.as_ref().is_some_and(|session| Arc::ptr_eq(session, refused)) {
            *kept = None;
        }
    }

    async fn log_in(&self) -> Result<Session, ClientError> {
        let request = self.http.post(self.tokens.clone()).json(&self.login.body());
        let answer = wire::send(Neighbour::Keystone, request).await?;
        if !answer.status().is_success() {
            return Err(wire::refusal(Neighbour::Keystone, &answer));
        }
        let token = answer.headers().get(NEW_TOKEN_HEADER).and_then(|token| token.to_str().ok());
        let token = token.filter(|token| !token.is_empty());
        let token = token.map(SecretString::from).ok_or_else(|| malformed("no token"))?;
        let body: Answer = wire::body(Neighbour::Keystone, answer).await?;
        let expires = Timestamp::parse(&body.token.expires_at)
            .ok_or_else(|| malformed("a token without a time at which it ends"))?;
        tracing::debug!(%expires, services = body.token.catalog.len(), "logged in at Keystone");
        Ok(Session { token, expires, catalogue: body.token.catalog })
    }
}

fn malformed(cause: &str) -> ClientError {
    ClientError::Malformed { neighbour: Neighbour::Keystone, cause: cause.to_owned() }
}

/// The answer to a login.
#[derive(Deserialize)]
struct Answer {
    token: Token,
}

#[derive(Deserialize)]
struct Token {
    expires_at: String,
    /// Absent for an unscoped token.
    #[serde(default)]
    catalog: Vec<Service>,
}

#[cfg(test)]
mod tests;
