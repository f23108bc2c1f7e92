//! Projects: whether Keystone knows one, asked in the name of whoever wants to know.

use std::time::Duration;

use ashlar_types::Token;
use reqwest::header::HeaderValue;
use reqwest::{StatusCode, Url};

use super::{Keystone, TOKEN_HEADER, malformed};
use crate::{ClientError, Neighbour, wire};

/// Longest time for the question.
const TIME_OUT: Duration = Duration::from_secs(10);

impl Keystone {
    /// Whether there is such a project, as the bearer of the token may know: `Refused` when Keystone does not tell them.
    ///
    /// # Errors
    /// [`ClientError`]: Keystone does not say.
    pub async fn knows_project(&self, token: &Token, project: &str) -> Result<bool, ClientError> {
        let token = token.expose().unwrap_or_default();
        let mut header = HeaderValue::from_str(token)
            .map_err(|_| malformed("a token that no header carries"))?;
        header.set_sensitive(true);
        let url = self.project_url(project).ok_or_else(|| malformed("no URL for projects"))?;
        let request = self.http.get(url).header(TOKEN_HEADER, header);
        let asked = tokio::time::timeout(TIME_OUT, wire::send(Neighbour::Keystone, request)).await;
        let answer = asked.unwrap_or_else(|_| {
            let cause = format!("no answer within {} s", TIME_OUT.as_secs());
            Err(ClientError::Unreachable { neighbour: Neighbour::Keystone, cause })
        })?;
        match answer.status() {
            status if status.is_success() => Ok(true),
            StatusCode::NOT_FOUND => Ok(false),
            _ => Err(wire::refusal(Neighbour::Keystone, &answer)),
        }
    }

    /// `…/v3/projects/ID`, beside the tokens. The identity becomes one segment, whatever signs it has; one that URLs
    /// understand otherwise (`.`, `..`) is no identity.
    fn project_url(&self, project: &str) -> Option<Url> {
        let mut url = self.tokens.clone();
        url.path_segments_mut().ok()?.pop().pop().extend(["projects", project]);
        Some(url)
    }
}

#[cfg(test)]
mod tests {
    use ashlar_types::Clock;
    use wiremock::matchers::{header, method, path};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;
    use crate::Tls;
    use crate::testing::{clock, settings};

    fn account(server: &MockServer, clock: &Clock) -> Keystone {
        Keystone::new(settings(server).login, &Tls::default(), clock.clone()).expect("a client")
    }

    #[tokio::test]
    async fn a_project_is_known_or_not_or_keystone_does_not_say() {
        let server = MockServer::start().await;
        for (project, status) in [("known", 200), ("secret", 403), ("trouble", 500)] {
            Mock::given(method("GET"))
                .and(path(format!("/v3/projects/{project}")))
                .and(header(TOKEN_HEADER, "mine"))
                .respond_with(ResponseTemplate::new(status))
                .mount(&server)
                .await;
        }
        let account = account(&server, &clock());
        let token = Token::new("mine");
        let ask = async |project: &str| account.knows_project(&token, project).await;
        assert_eq!(ask("known").await, Ok(true));
        assert_eq!(ask("unknown").await, Ok(false));
        let refused = ClientError::Refused { neighbour: Neighbour::Keystone, status: 403 };
        assert_eq!(ask("secret").await, Err(refused));
        assert!(matches!(ask("trouble").await, Err(ClientError::Unreachable { .. })));
    }

    #[test]
    fn a_project_is_one_segment_of_the_url() {
        let login = crate::keystone::Login {
            auth_url: "http://keystone/identity".to_owned(),
            user: crate::keystone::User::Id("u".to_owned()),
            password: "p".into(),
            scope: crate::keystone::Scope::ProjectId("p".to_owned()),
        };
        let account = Keystone::new(login, &Tls::default(), clock()).expect("a client");
        let url = |project| account.project_url(project).map(String::from).expect("a URL");
        assert_eq!(url("abc"), "http://keystone/identity/v3/projects/abc");
        assert_eq!(url("a/b?c"), "http://keystone/identity/v3/projects/a%2Fb%3Fc");
    }
}
