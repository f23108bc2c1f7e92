//! For tests: an outside Keystone and what leads to it.

use ashlar_types::{Clock, Timestamp};
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate, Times};

use crate::keystone::{Domain, Interface, Login, Scope, User};
use crate::{Tls, nova};

/// The password of [`settings`].
pub(crate) const PASSWORD: &str = "a very secret word";
/// The token that [`logins`] hands out.
pub(crate) const TOKEN: &str = "gAAAA-secret-token";

/// The moment at which the clocks of tests stand.
pub(crate) fn noon() -> Timestamp {
    Timestamp::parse("2026-11-22T12:00:00").expect("a moment")
}

/// A clock that stands at noon.
pub(crate) fn clock() -> Clock {
    Clock::manual(noon())
}

/// An answer to a login: the token ends at one o'clock, Nova is on `server` itself.
pub(crate) fn welcome(server: &MockServer) -> ResponseTemplate {
    let body = json!({ "token": {
        "expires_at": "2026-11-22T13:00:00.000000Z",
        "methods": ["password"],
        "catalog": [{ "type": "compute", "name": "nova", "endpoints": [{
            "interface": "public", "region": "one", "region_id": "one",
            "url": format!("{}/v2.1", server.uri()),
        }]}],
    }});
    with_token(body)
}

/// The same with a body of one's own.
pub(crate) fn with_token(body: Value) -> ResponseTemplate {
    ResponseTemplate::new(201).insert_header("X-Subject-Token", TOKEN).set_body_json(body)
}

/// Answers logins in this way, as often as `times` says.
pub(crate) async fn logins(server: &MockServer, answer: ResponseTemplate, times: impl Into<Times>) {
    Mock::given(method("POST"))
        .and(path("/v3/auth/tokens"))
        .respond_with(answer)
        .expect(times)
        .mount(server)
        .await;
}

/// An account on `server`.
pub(crate) fn settings(server: &MockServer) -> nova::Settings {
    let domain = Domain::Name("Default".to_owned());
    nova::Settings {
        login: Login {
            auth_url: server.uri(),
            user: User::Name { name: "cinder".to_owned(), domain: domain.clone() },
            password: PASSWORD.into(),
            scope: Scope::Project { name: "service".to_owned(), domain },
        },
        interface: Interface::Public,
        region: None,
        tls: Tls::default(),
    }
}
