//! One question to Glance: the token, attempts at one server after the other, and what a status means.

use std::sync::Arc;
use std::time::Duration;

use ashlar_types::ImageId;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{As, Glance};
use crate::keystone::{Session, TOKEN_HEADER};
use crate::{ClientError, Neighbour, wire};

/// Longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What is asked about.
#[derive(Debug, Clone, Copy)]
pub(super) enum About {
    /// All images.
    Images,
    /// One image.
    Image(ImageId),
    /// Its bytes.
    File(ImageId),
}

/// A question that may be asked twice.
pub(super) struct Question<'a> {
    method: Method,
    about: About,
    query: &'a [(&'a str, &'a str)],
    body: Option<(&'static str, String)>,
}

impl<'a> Question<'a> {
    pub(super) fn new(method: Method, about: About) -> Self {
        Self { method, about, query: &[], body: None }
    }

    pub(super) fn query(self, query: &'a [(&'a str, &'a str)]) -> Self {
        Self { query, ..self }
    }

    pub(super) fn body(self, media_type: &'static str, body: Value) -> Self {
        Self { body: Some((media_type, body.to_string())), ..self }
    }
}

/// Where and as whom one attempt is made.
pub(super) struct Reach {
    base: Url,
    /// The number of the server, of those that are listed.
    server: Option<usize>,
    token: Option<HeaderValue>,
    /// The login that the token is of, when it is the service's own.
    session: Option<Arc<Session>>,
}

impl Reach {
    pub(super) fn url(&self, about: About) -> Result<Url, ClientError> {
        let mut url = self.base.clone();
        let mut path = url.path_segments_mut().map_err(|()| malformed("a URL without a path"))?;
        path.pop_if_empty().push("images");
        match about {
            About::Images => {}
            About::Image(id) => drop(path.push(&id.to_string())),
            About::File(id) => drop(path.push(&id.to_string()).push("file")),
        }
        drop(path);
        Ok(url)
    }

    pub(super) fn authorize(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.token {
            Some(token) => request.header(TOKEN_HEADER, token.clone()),
            None => request,
        }
    }
}

impl Glance {
    /// Where the next attempt goes, and with which token. A login at Keystone that is needed for it may take as long as
    /// an answer of Glance's.
    pub(super) async fn reach(&self, as_: As<'_>) -> Result<Reach, ClientError> {
        let found = tokio::time::timeout(self.time_out, self.find(as_)).await;
        found.unwrap_or_else(|_| {
            let cause = format!("no login within {} ms", self.time_out.as_millis());
            Err(ClientError::Unreachable { neighbour: Neighbour::Keystone, cause })
        })
    }

    async fn find(&self, as_: As<'_>) -> Result<Reach, ClientError> {
        let next = self.servers.next();
        let Some(keystone) = &self.keystone else {
            let (server, base) = next.ok_or(ClientError::NotConfigured(Neighbour::Glance))?;
            return Ok(Reach { base, server: Some(server), token: None, session: None });
        };
        let session = match (as_, &next) {
            (As::User(_), Some(_)) => None,
            _ => Some(keystone.session().await?),
        };
        let (server, base) = match (next, &session) {
            (Some((server, base)), _) => (Some(server), base),
            (None, Some(session)) => (None, self.servers.in_catalogue(session)?),
            (None, None) => return Err(ClientError::NotConfigured(Neighbour::Glance)),
        };
        Ok(match as_ {
            As::User(token) => {
                let token = token.expose().map(HeaderValue::from_str).transpose();
                let mut token = token.map_err(|_| malformed("a token that no header can carry"))?;
                token.iter_mut().for_each(|token| token.set_sensitive(true));
                Reach { base, server, token, session: None }
            }
            As::Service => {
                let token = session.as_ref().map(|session| session.header()).transpose()?;
                Reach { base, server, token, session }
            }
        })
    }

    /// Asks, and again at the next server while none can be reached. The answer may have any status.
    pub(super) async fn ask(
        &self,
        as_: As<'_>,
        question: &Question<'_>,
    ) -> Result<Response, ClientError> {
        self.ask_counted(as_, question).await.map(|(answer, _)| answer)
    }

    /// The same with the number of attempts that it took.
    pub(super) async fn ask_counted(
        &self,
        as_: As<'_>,
        question: &Question<'_>,
    ) -> Result<(Response, usize), ClientError> {
        let servers = self.servers.count();
        let most = servers.max(1 + self.retries as usize);
        let mut renewed = false;
        let mut made = 0;
        loop {
            let reach = self.reach(as_).await?;
            made += 1;
            let failure = match self.attempt(&reach, question).await {
                Ok(answer) if is_passing(answer.status()) => {
                    Failure { error: wire::refusal(Neighbour::Glance, &answer), slow: false }
                }
                Ok(answer) => {
                    self.note(&reach, false);
                    let refused = answer.status() == StatusCode::UNAUTHORIZED && !renewed;
                    if let (true, Some(session), Some(keystone)) =
                        (refused, &reach.session, &self.keystone)
                    {
                        // The token was revoked before its time: once more with a new one.
                        keystone.forget(session).await;
                        renewed = true;
                        made -= 1;
                        continue;
                    }
                    return Ok((answer, made));
                }
                Err(failure) => failure,
            };
            self.note(&reach, true);
            // A server that keeps us waiting once would do so again; another one may not.
            let another = made < servers;
            if made >= most || (failure.slow && !another) {
                return Err(failure.error);
            }
            tracing::debug!(attempt = made, error = %failure.error, "asking Glance again");
            if !another {
                tokio::time::sleep(self.pause_after(made)).await;
            }
        }
    }

    fn note(&self, reach: &Reach, failed: bool) {
        if let Some(server) = reach.server {
            self.servers.note(server, failed);
        }
    }

    fn pause_after(&self, made: usize) -> Duration {
        let doublings = u32::try_from(made - 1).unwrap_or(u32::MAX).min(16);
        self.pause.saturating_mul(1 << doublings).min(LONGEST_PAUSE)
    }

    async fn attempt(&self, reach: &Reach, question: &Question<'_>) -> Result<Response, Failure> {
        let url = reach.url(question.about).map_err(|error| Failure { error, slow: false })?;
        let mut request = reach.authorize(self.http.request(question.method.clone(), url));
        if !question.query.is_empty() {
            request = request.query(question.query);
        }
        if let Some((media_type, body)) = &question.body {
            request = request.header(CONTENT_TYPE, *media_type).body(body.clone());
        }
        let sent = wire::send(Neighbour::Glance, request);
        match tokio::time::timeout(self.time_out, sent).await {
            Ok(answer) => answer.map_err(|error| Failure { error, slow: false }),
            Err(_) => Err(Failure { error: silent(self.time_out), slow: true }),
        }
    }

    /// The JSON of an answer.
    pub(super) async fn body<T: DeserializeOwned>(
        &self,
        answer: Response,
    ) -> Result<T, ClientError> {
        let body = wire::body(Neighbour::Glance, answer);
        tokio::time::timeout(self.time_out, body)
            .await
            .unwrap_or_else(|_| Err(silent(self.time_out)))
    }
}

/// An attempt that came to nothing.
struct Failure {
    error: ClientError,
    /// Nothing came within the time.
    slow: bool,
}

/// A status that another server, or the same a moment later, may not have.
fn is_passing(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
    )
}

/// The answer when its status is a success. Redirects were followed or refused before.
pub(super) fn expect_success(answer: Response) -> Result<Response, ClientError> {
    if answer.status().is_success() {
        return Ok(answer);
    }
    Err(wire::refusal(Neighbour::Glance, &answer))
}

/// The same for a question after one image; 410 is what Glance answers while an image is being deleted.
pub(super) fn expect(answer: Response, id: ImageId) -> Result<Response, ClientError> {
    match answer.status() {
        StatusCode::NOT_FOUND | StatusCode::GONE => {
            let what = format!("image {id}");
            Err(ClientError::NotFound { neighbour: Neighbour::Glance, what })
        }
        _ => expect_success(answer),
    }
}

pub(super) fn malformed(cause: &str) -> ClientError {
    ClientError::Malformed { neighbour: Neighbour::Glance, cause: cause.to_owned() }
}

pub(super) fn silent(time_out: Duration) -> ClientError {
    let cause = format!("no answer within {} ms", time_out.as_millis());
    ClientError::Unreachable { neighbour: Neighbour::Glance, cause }
}
