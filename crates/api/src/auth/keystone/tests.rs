//! Requests with tokens, through the dispatcher, beside a Keystone that is played here.

use std::sync::Arc;

use ashlar_clients::Tls;
use ashlar_clients::keystone::validate::Settings;
use ashlar_clients::keystone::{Domain, Keystone, Login, Scope, Tokens, User};
use ashlar_types::{Clock, Timestamp};
use serde_json::{Value, json};
use wiremock::matchers::{header as sent, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::answer::Answer;
use crate::app::ApiSettings;
use crate::auth::AuthStrategy;
use crate::endpoint::{Endpoint, Outcome};
use crate::request::Request;
use crate::run;
use crate::testing::{Got, House};

const URI: &str = "https://keystone.example/";
const PROJECT: &str = "abc123";

async fn whoami(request: &Request) -> Outcome {
    let caller = &request.caller;
    Ok(Answer::ok(&json!({
        "user": caller.user_id,
        "project": caller.project_id,
        "roles": caller.roles,
        "is_admin": caller.is_admin,
        "scope": caller.scope,
        "token": caller.token.expose(),
    })))
}

static TABLE: &[Endpoint] = &[
    Endpoint::get("who.am_i", "/whoami", run!(whoami)),
    Endpoint::delete("who.forget", "/whoami", run!(whoami)),
];

fn rules() -> Rules {
    Rules {
        www_authenticate_uri: URI.to_owned(),
        service_token_roles: vec!["service".to_owned()],
        service_token_roles_required: true,
        service_type: None,
    }
}

/// Keystone, and a house that asks it.
struct Street {
    keystone: MockServer,
    house: House,
}

impl Street {
    async fn new(rules: Rules) -> Self {
        let keystone = MockServer::start().await;
        let welcome = ResponseTemplate::new(201)
            .insert_header("X-Subject-Token", "ours")
            .set_body_json(json!({ "token": { "expires_at": "2999-01-01T00:00:00.000000Z" } }));
        Mock::given(method("POST")).respond_with(welcome).mount(&keystone).await;
        let domain = Domain::Id("default".to_owned());
        let login = Login {
            auth_url: keystone.uri(),
            user: User::Name { name: "cinder".to_owned(), domain: domain.clone() },
            password: "word".into(),
            scope: Scope::Project { name: "service".to_owned(), domain },
        };
        let noon = Timestamp::parse("2026-11-22T12:00:00").expect("a moment");
        let account = Keystone::new(login, &Tls::default(), Clock::manual(noon));
        let once = Settings { retries: 0, ..Settings::default() };
        let tokens = Tokens::new(Arc::new(account.expect("a client")), once);
        let settings = ApiSettings {
            auth_strategy: AuthStrategy::Keystone(Arc::new(Gate::new(tokens, rules))),
            ..ApiSettings::default()
        };
        let tables = [crate::v3::extensions::ENDPOINTS, TABLE];
        let house = House::with_settings(&tables, settings).await;
        Self { house, keystone }
    }

    /// Keystone knows `token`: a member of [`PROJECT`], with `more`.
    async fn knows(&self, token: &str, more: Value) -> &Self {
        let mut body = json!({
            "expires_at": "2026-11-22T13:00:00.000000Z",
            "user": { "id": "ann", "domain": { "id": "users" } },
            "project": { "id": PROJECT, "domain": { "id": "projects" } },
            "roles": [{ "name": "member" }],
        });
        for (key, value) in more.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        Mock::given(method("GET"))
            .and(path("/v3/auth/tokens"))
            .and(sent("X-Subject-Token", token))
            .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "token": body })))
            .mount(&self.keystone)
            .await;
        self
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Got {
        self.house.send("GET", path, headers, "").await
    }

    async fn whoami(&self, token: &str) -> Value {
        let got = self.get("/v3/whoami", &[("x-auth-token", token)]).await;
        assert_eq!(got.status, 200, "{}", got.body);
        got.body
    }
}

/// Refused in keystonemiddleware's form.
#[track_caller]
fn assert_unauthorized(got: &Got) {
    let error = json!({
        "code": 401,
        "title": "Unauthorized",
        "message": "The request you have made requires authentication.",
    });
    assert_eq!((got.status, &got.body), (401, &json!({ "error": error })));
    assert_eq!(got.headers["www-authenticate"], format!("Keystone uri=\"{URI}\""));
    assert_eq!(got.headers["content-type"], "application/json");
    assert!(got.headers.contains_key("x-openstack-request-id"));
    assert!(!got.headers.contains_key("openstack-api-version"));
}

#[tokio::test]
async fn nobody_gets_past_the_front_page_without_a_token() {
    let street = Street::new(rules()).await;
    for path in ["/v3", "/v3/", "/v3/whoami", "/v3/nothing/here", "/v3/volumes/", "/ashlar/v1/x"] {
        assert_unauthorized(&street.get(path, &[]).await);
        assert_unauthorized(&street.get(path, &[("x-auth-token", "")]).await);
        assert_unauthorized(&street.get(path, &[("x-auth-token", "unknown")]).await);
    }
    for (path, status) in [("/", 300), ("/healthcheck", 200), ("/metrics", 404), ("/v2/x", 404)] {
        assert_eq!(street.get(path, &[]).await.status, status, "{path}");
    }
    assert_eq!(street.house.send("OPTIONS", "/v3/whoami", &[], "").await.status, 200);
}

#[tokio::test]
async fn a_token_says_who_its_bearer_is() {
    let street = Street::new(rules()).await;
    street.knows("good", json!({})).await;
    let me = street.whoami("good").await;
    assert_eq!(me["user"], "ann");
    assert_eq!(me["project"], PROJECT);
    assert_eq!(me["roles"], json!(["member"]));
    assert_eq!((&me["is_admin"], &me["token"]), (&json!(false), &json!("good")));
    assert_eq!(me["scope"]["user_domain_id"], "users");
    assert_eq!(me["scope"]["project_domain_id"], "projects");
    assert_eq!(me["scope"]["is_admin_project"], true);
    street.knows("boss", json!({ "roles": [{ "name": "admin" }] })).await;
    assert_eq!(street.whoami("boss").await["is_admin"], true);
    assert_eq!(street.get("/v3/", &[("x-auth-token", "good")]).await.status, 200);
    assert_eq!(street.get("/v3/nothing", &[("x-auth-token", "good")]).await.status, 404);
}

#[tokio::test]
async fn headers_that_say_who_somebody_is_are_not_read() {
    let street = Street::new(rules()).await;
    street.knows("good", json!({})).await;
    let forged = [
        ("x-identity-status", "Confirmed"),
        ("x-service-identity-status", "Confirmed"),
        ("x-user-id", "root"),
        ("x-user", "root"),
        ("x-auth-user", "root"),
        ("x-auth-project-id", "other"),
        ("x-project-id", "other"),
        ("x-tenant-id", "other"),
        ("x-roles", "admin"),
        ("x-role", "admin"),
        ("x-service-roles", "service"),
        ("x-is-admin-project", "True"),
        ("x-domain-id", "other"),
        ("openstack-system-scope", "all"),
    ];
    assert_unauthorized(&street.get("/v3/whoami", &forged).await);
    let honest = street.whoami("good").await;
    let with_token: Vec<_> = forged.into_iter().chain([("x-auth-token", "good")]).collect();
    assert_eq!(street.get("/v3/whoami", &with_token).await.body, honest);
    let two = [("x-auth-token", "good"), ("x-auth-token", "good")];
    assert_unauthorized(&street.get("/v3/whoami", &two).await);
    let noauth = [("x-auth-token", "root:abc:admin")];
    assert_unauthorized(&street.get("/v3/whoami", &noauth).await);
}

#[tokio::test]
async fn the_project_in_the_url_is_the_tokens_or_it_has_none() {
    let street = Street::new(rules()).await;
    street.knows("good", json!({})).await;
    street.knows("system", json!({ "project": null, "system": { "all": true } })).await;
    street.knows("domain", json!({ "project": null, "domain": { "id": "d" } })).await;
    let at = |project: &str| format!("/v3/{project}/whoami");
    let good = [("x-auth-token", "good")];
    assert_eq!(street.get(&at(PROJECT), &good).await.status, 200);
    assert_eq!(street.get(&at("def456"), &good).await.fault(), (400, "Malformed request url"));
    let got = street.get(&at(PROJECT), &[("x-auth-token", "system")]).await;
    assert_eq!((got.status, &got.body["project"]), (200, &json!("")));
    assert_eq!(got.body["scope"]["system"], "all");
    let got = street.get(&at(PROJECT), &[("x-auth-token", "domain")]).await;
    assert_eq!((got.status, &got.body["project"]), (200, &json!("")));
    assert_eq!(got.body["scope"]["domain_id"], "d");
}

#[tokio::test]
async fn a_service_needs_its_role_and_may_bring_a_token_that_has_ended() {
    let street = Street::new(rules()).await;
    street.knows("good", json!({})).await;
    street.knows("nova", json!({ "roles": [{ "name": "service" }, { "name": "admin" }] })).await;
    let ended = json!({ "token": {
        "expires_at": "2026-11-22T11:00:00.000000Z",
        "user": { "id": "ben" },
        "project": { "id": PROJECT },
        "roles": [{ "name": "reader" }],
    }});
    Mock::given(query_param("allow_expired", "1"))
        .and(sent("X-Subject-Token", "ended"))
        .respond_with(ResponseTemplate::new(200).set_body_json(ended))
        .mount(&street.keystone)
        .await;
    assert_unauthorized(&street.get("/v3/whoami", &[("x-auth-token", "ended")]).await);
    let by = |service| [("x-auth-token", "ended"), ("x-service-token", service)];
    let got = street.get("/v3/whoami", &by("nova")).await;
    assert_eq!((got.status, &got.body["user"]), (200, &json!("ben")));
    assert_eq!(got.body["roles"], json!(["reader"]), "the service's roles are not the user's");
    assert_eq!(got.body["scope"]["service_roles"], json!(["service", "admin"]));
    for service in ["good", "unknown", "ended"] {
        assert_unauthorized(&street.get("/v3/whoami", &by(service)).await);
        let user = [("x-auth-token", "good"), ("x-service-token", service)];
        assert_unauthorized(&street.get("/v3/whoami", &user).await);
    }
    assert_unauthorized(&street.get("/v3/whoami", &[("x-service-token", "nova")]).await);
}

#[tokio::test]
async fn any_token_may_serve_as_a_services_where_the_operator_says_so_but_not_for_ended_ones() {
    let street = Street::new(Rules { service_token_roles_required: false, ..rules() }).await;
    street.knows("good", json!({})).await;
    let by = |token| [("x-auth-token", token), ("x-service-token", "good")];
    let got = street.get("/v3/whoami", &by("good")).await;
    assert_eq!((got.status, &got.body["scope"]["service_roles"]), (200, &json!(["member"])));
    assert_unauthorized(&street.get("/v3/whoami", &by("ended")).await);
}

#[tokio::test]
async fn access_rules_bound_a_token_to_the_requests_that_they_name() {
    let rule = json!({ "service": "block-storage", "method": "GET", "path": "/v3/*/whoami" });
    let bound = json!({ "application_credential": { "access_rules": [rule] } });
    let at = format!("/v3/{PROJECT}/whoami");
    let token = [("x-auth-token", "bound")];

    let unnamed = Street::new(rules()).await;
    unnamed.knows("bound", bound.clone()).await;
    assert_unauthorized(&unnamed.get(&at, &token).await);

    let service_type = Some("block-storage".to_owned());
    let street = Street::new(Rules { service_type, ..rules() }).await;
    street.knows("bound", bound).await;
    assert_eq!(street.get(&at, &token).await.status, 200);
    assert_unauthorized(&street.house.send("DELETE", &at, &token, "").await);
    assert_unauthorized(&street.get("/v3/whoami", &token).await);
    // One segment by its signs, two once they are decoded.
    assert_unauthorized(&street.get("/v3/a%2Fb/whoami", &token).await);
    street.knows("nova", json!({ "roles": [{ "name": "service" }] })).await;
    let passed_on = [("x-auth-token", "bound"), ("x-service-token", "nova")];
    assert_eq!(street.get("/v3/whoami", &passed_on).await.status, 200);
}

#[tokio::test]
async fn keystone_in_trouble_is_503_in_the_usual_envelope() {
    let street = Street::new(rules()).await;
    let broken = ResponseTemplate::new(500).set_body_string("secret of Keystone");
    Mock::given(method("GET")).respond_with(broken).mount(&street.keystone).await;
    let got = street.get("/v3/whoami", &[("x-auth-token", "good")]).await;
    assert_eq!(got.fault(), (503, "The Keystone service is temporarily unavailable."));
    assert_eq!(got.headers["retry-after"], "5");
    assert!(got.body["serviceUnavailable"].is_object());
    assert_eq!(street.get("/healthcheck", &[]).await.status, 200);
}

#[tokio::test]
async fn nothing_that_is_shown_holds_a_token() {
    let street = Street::new(rules()).await;
    street.knows("good", json!({})).await;
    let asking = Asking {
        method: &http::Method::GET,
        path: "/v3/",
        headers: &HeaderMap::from_iter([(
            http::HeaderName::from_static("x-auth-token"),
            http::HeaderValue::from_static("good"),
        )]),
    };
    let strategy = &street.house.app.settings.auth_strategy;
    let found = strategy.identify(asking).await.expect("valid");
    let shown = format!("{strategy:?} {found:?}");
    assert!(shown.contains("ann") && !shown.contains("good"), "{shown}");
}
