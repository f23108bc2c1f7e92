//! The question itself: `GET /v3/auth/tokens` with our own token and the one in question.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::{Response, StatusCode};
use tokio::time::{sleep, timeout};

use super::{Accept, Identity, TokenError, Tokens};
use crate::keystone::{NEW_TOKEN_HEADER, Session, TOKEN_HEADER};
use crate::{ClientError, Neighbour, wire};

/// Says that we know access rules of application credentials. Keystone shows tokens that have some to nobody else.
const ACCESS_RULES_HEADER: &str = "OpenStack-Identity-Access-Rules";
/// Pause before the first repetition; it doubles with each. keystoneauth's figure.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// A question without an answer.
struct Trouble {
    error: TokenError,
    /// The next one may be luckier.
    passing: bool,
}

impl Trouble {
    fn lasting(error: impl Into<TokenError>) -> Self {
        Self { error: error.into(), passing: false }
    }

    fn of(error: ClientError) -> Self {
        let passing = matches!(error, ClientError::Unreachable { .. });
        Self { error: error.into(), passing }
    }
}

impl Tokens {
    /// Asks, and asks again while Keystone cannot be reached. Whoever calls bounds the time.
    pub(super) async fn ask_patiently(
        &self,
        token: &str,
        accept: Accept,
    ) -> Result<Identity, TokenError> {
        let time_out = self.settings.time_out.unwrap_or(self.patience);
        let mut pause = FIRST_PAUSE;
        let mut left = self.settings.retries;
        loop {
            let asked = timeout(time_out, self.ask_once(token, accept)).await;
            let asked = asked.unwrap_or_else(|_| Err(Trouble::of(silence(time_out))));
            match asked {
                Ok(identity) => return Ok(identity),
                Err(trouble) if trouble.passing && left > 0 => left -= 1,
                Err(trouble) => return Err(trouble.error),
            }
            sleep(pause).await;
            pause = pause.saturating_mul(2);
        }
    }

    async fn ask_once(&self, token: &str, accept: Accept) -> Result<Identity, Trouble> {
        let session = self.keystone.session().await.map_err(Trouble::of)?;
        let mut answer = self.send(&session, token, accept).await?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            // Our own token was revoked before its time: once more with a new one.
            self.keystone.forget(&session).await;
            let session = self.keystone.session().await.map_err(Trouble::of)?;
            answer = self.send(&session, token, accept).await?;
        }
        match answer.status() {
            StatusCode::OK => {
                let body = wire::body(Neighbour::Keystone, answer).await.map_err(Trouble::of)?;
                Identity::read(body).map_err(Trouble::lasting)
            }
            // The others are said of a token that is none at all, or too long, by Keystone or what stands before it:
            // all that differs between two questions is the token.
            StatusCode::NOT_FOUND
            | StatusCode::BAD_REQUEST
            | StatusCode::URI_TOO_LONG
            | StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
                Err(Trouble::lasting(TokenError::Invalid))
            }
            // Also a second 401, which is about our account and not about the token.
            _ => Err(Trouble::lasting(wire::refusal(Neighbour::Keystone, &answer))),
        }
    }

    async fn send(
        &self,
        session: &Arc<Session>,
        token: &str,
        accept: Accept,
    ) -> Result<Response, Trouble> {
        let mut subject =
            HeaderValue::from_str(token).map_err(|_| Trouble::lasting(TokenError::Invalid))?;
        subject.set_sensitive(true);
        let mut request = self
            .keystone
            .http
            .get(self.keystone.tokens.clone())
            // The catalogue is the larger part of the answer and is not needed.
            .query(&[("nocatalog", "")])
            .header(TOKEN_HEADER, session.header().map_err(Trouble::lasting)?)
            .header(NEW_TOKEN_HEADER, subject)
            .header(ACCESS_RULES_HEADER, "1");
        if accept == Accept::Expired {
            request = request.query(&[("allow_expired", "1")]);
        }
        wire::send(Neighbour::Keystone, request).await.map_err(Trouble::of)
    }
}

fn silence(time_out: Duration) -> ClientError {
    let cause = format!("no answer within {} ms", time_out.as_millis());
    ClientError::Unreachable { neighbour: Neighbour::Keystone, cause }
}
