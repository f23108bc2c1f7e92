//! Validating tokens, seen from a Keystone outside.

mod bounds;

use std::sync::Arc;
use std::time::Duration;

use ashlar_types::Clock;
use serde_json::{Value, json};
use wiremock::matchers::{header, method, path, query_param, query_param_is_missing};
use wiremock::{Mock, MockBuilder, MockServer, ResponseTemplate};

use super::*;
use crate::Tls;
use crate::testing::{TOKEN, clock, logins, settings, welcome};

/// Somebody's token.
const THEIRS: &str = "gAAAA-their-token";

fn tokens_with(server: &MockServer, clock: &Clock, settings_: Settings) -> Tokens {
    let account = Keystone::new(settings(server).login, &Tls::default(), clock.clone());
    Tokens::new(Arc::new(account.expect("a client")), settings_)
}

fn tokens(server: &MockServer, clock: &Clock) -> Tokens {
    tokens_with(server, clock, Settings { retries: 0, ..Settings::default() })
}

/// A question about [`THEIRS`] with our token.
fn question() -> MockBuilder {
    Mock::given(method("GET"))
        .and(path("/v3/auth/tokens"))
        .and(header("X-Auth-Token", TOKEN))
        .and(header("X-Subject-Token", THEIRS))
}

/// A member of a project until one o'clock, with `more`.
fn member(more: &Value) -> ResponseTemplate {
    let mut token = json!({
        "methods": ["password"],
        "expires_at": "2026-11-22T13:00:00.000000Z",
        "user": { "id": "u1", "name": "ann", "domain": { "id": "d1", "name": "One" } },
        "project": { "id": "p1", "name": "web", "domain": { "id": "d2", "name": "Two" } },
        "roles": [{ "id": "r1", "name": "member" }, { "id": "r2", "name": "reader" }],
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        token[key] = value.clone();
    }
    ResponseTemplate::new(200).set_body_json(json!({ "token": token }))
}

async fn validated(answer: ResponseTemplate) -> Result<Arc<Identity>, TokenError> {
    let server = MockServer::start().await;
    logins(&server, welcome(&server), 1..).await;
    question().respond_with(answer).mount(&server).await;
    tokens(&server, &clock()).validate(THEIRS, Accept::Current).await
}

#[tokio::test]
async fn fifty_at_once_with_one_token_are_one_question() {
    let server = MockServer::start().await;
    logins(&server, welcome(&server), 1).await;
    let slow = member(&json!({})).set_delay(Duration::from_millis(100));
    question().respond_with(slow).expect(1).mount(&server).await;
    let tokens = Arc::new(tokens(&server, &clock()));
    let asking: Vec<_> = (0..50)
        .map(|_| {
            let tokens = Arc::clone(&tokens);
            tokio::spawn(async move { tokens.validate(THEIRS, Accept::Current).await })
        })
        .collect();
    for asked in asking {
        let identity = asked.await.expect("no panic").expect("valid");
        assert_eq!(identity.user_id, "u1");
    }
}

#[tokio::test]
async fn an_answer_counts_for_its_time_and_a_revoked_token_no_longer() {
    let server = MockServer::start().await;
    logins(&server, welcome(&server), 1).await;
    question().respond_with(member(&json!({}))).up_to_n_times(1).expect(1).mount(&server).await;
    question().respond_with(ResponseTemplate::new(404)).expect(1).mount(&server).await;
    let clock = clock();
    let tokens = tokens(&server, &clock);
    tokens.validate(THEIRS, Accept::Current).await.expect("valid");
    clock.advance(Duration::from_secs(299));
    tokens.validate(THEIRS, Accept::Current).await.expect("remembered");
    clock.advance(Duration::from_secs(1));
    let refused = tokens.validate(THEIRS, Accept::Current).await;
    assert_eq!(refused, Err(TokenError::Invalid));
}

#[tokio::test]
async fn a_token_that_has_ended_is_refused_whatever_is_remembered_or_answered() {
    let server = MockServer::start().await;
    logins(&server, welcome(&server), 2).await;
    question().respond_with(member(&json!({}))).expect(2).mount(&server).await;
    let clock = clock();
    let long = Settings { cache_time: Some(Duration::from_secs(86_400)), ..Settings::default() };
    let tokens = tokens_with(&server, &clock, long);
    clock.advance(Duration::from_secs(3500));
    tokens.validate(THEIRS, Accept::Current).await.expect("a hundred seconds are left");
    clock.advance(Duration::from_secs(100));
    let refused = tokens.validate(THEIRS, Accept::Current).await;
    assert_eq!(refused, Err(TokenError::Invalid));
}

#[tokio::test]
async fn an_ended_token_is_asked_for_by_name_and_remembered_apart() {
    let server = MockServer::start().await;
    logins(&server, welcome(&server), 1..).await;
    let ended = json!({ "expires_at": "2026-11-22T11:00:00.000000Z" });
    question()
        .and(query_param("allow_expired", "1"))
        .respond_with(member(&ended))
        .expect(1)
        .mount(&server)
        .await;
    question()
        .and(query_param_is_missing("allow_expired"))
        .respond_with(ResponseTemplate::new(404))
        .expect(1)
        .mount(&server)
        .await;
    let tokens = tokens(&server, &clock());
    for _ in 0..2 {
        tokens.validate(THEIRS, Accept::Expired).await.expect("a service may");
        let refused = tokens.validate(THEIRS, Accept::Current).await;
        assert_eq!(refused, Err(TokenError::Invalid));
    }
}

#[tokio::test]
async fn a_token_that_does_not_hold_is_known_for_a_short_while() {
    let server = MockServer::start().await;
    logins(&server, welcome(&server), 1).await;
    question().respond_with(ResponseTemplate::new(404)).expect(2).mount(&server).await;
    let clock = clock();
    let tokens = tokens(&server, &clock);
    for _ in 0..2 {
        for _ in 0..3 {
            let refused = tokens.validate(THEIRS, Accept::Current).await;
            assert_eq!(refused, Err(TokenError::Invalid));
        }
        clock.advance(REFUSED_FOR);
    }
}

#[tokio::test]
async fn without_a_cache_time_every_request_is_a_question() {
    let server = MockServer::start().await;
    logins(&server, welcome(&server), 1).await;
    question().respond_with(member(&json!({}))).expect(3).mount(&server).await;
    let none = Settings { cache_time: None, ..Settings::default() };
    let tokens = tokens_with(&server, &clock(), none);
    for _ in 0..3 {
        tokens.validate(THEIRS, Accept::Current).await.expect("valid");
    }
}

#[tokio::test]
async fn our_own_revoked_token_is_replaced_once() {
    let server = MockServer::start().await;
    logins(&server, welcome(&server), 2).await;
    let refused = ResponseTemplate::new(401);
    question().respond_with(refused).up_to_n_times(1).expect(1).mount(&server).await;
    question().respond_with(member(&json!({}))).expect(1).mount(&server).await;
    tokens(&server, &clock()).validate(THEIRS, Accept::Current).await.expect("valid");
}

#[tokio::test]
async fn trouble_of_ours_or_of_keystones_is_no_word_on_the_token() {
    for status in [401, 403, 429, 500, 503] {
        let error = validated(ResponseTemplate::new(status)).await.expect_err("no word");
        assert!(matches!(error, TokenError::Unanswered(_)), "{status}: {error}");
    }
    for broken in [
        json!({ "token": {} }),
        json!({ "token": { "expires_at": "never", "user": { "id": "u1" } } }),
        json!({ "token": { "expires_at": "2026-11-22T13:00:00Z", "user": { "id": "" } } }),
    ] {
        let error = validated(ResponseTemplate::new(200).set_body_json(broken)).await;
        let error = error.expect_err("no word");
        let malformed = matches!(&error, TokenError::Unanswered(ClientError::Malformed { .. }));
        assert!(malformed, "{error}");
    }
}

#[tokio::test]
async fn a_projects_token_says_user_project_domains_and_roles() {
    let identity = validated(member(&json!({}))).await.expect("valid");
    assert_eq!(identity.user_domain_id.as_deref(), Some("d1"));
    assert_eq!(identity.project_id.as_deref(), Some("p1"));
    assert_eq!(identity.project_domain_id.as_deref(), Some("d2"));
    assert_eq!(identity.roles, ["member", "reader"]);
    assert!(identity.is_admin_project && !identity.system && identity.domain_id.is_none());
    let other = validated(member(&json!({ "is_admin_project": false }))).await.expect("valid");
    assert!(!other.is_admin_project);
}

#[tokio::test]
async fn tokens_of_a_domain_and_of_the_system_have_no_project() {
    let domain = json!({ "project": null, "domain": { "id": "d3", "name": "Three" } });
    let identity = validated(member(&domain)).await.expect("valid");
    assert_eq!((&identity.project_id, identity.domain_id.as_deref()), (&None, Some("d3")));
    let system = json!({ "project": null, "system": { "all": true } });
    let identity = validated(member(&system)).await.expect("valid");
    assert!(identity.system && identity.project_id.is_none());
}

#[tokio::test]
async fn an_application_credential_may_be_bound_to_requests() {
    let rules =
        json!([{ "id": "1", "service": "block-storage", "method": "GET", "path": "/v3/**" }]);
    let bound = json!({ "application_credential": { "id": "a", "access_rules": rules } });
    let identity = validated(member(&bound)).await.expect("valid");
    assert!(identity.is_restricted());
    assert!(identity.may_request("block-storage", "GET", "/v3/volumes"));
    assert!(!identity.may_request("block-storage", "DELETE", "/v3/volumes/1"));
    let free = json!({ "application_credential": { "id": "a" } });
    let identity = validated(member(&free)).await.expect("valid");
    assert!(!identity.is_restricted() && identity.may_request("x", "DELETE", "/"));
}

#[tokio::test]
async fn a_token_bound_to_kerberos_is_refused() {
    let bound = json!({ "bind": { "kerberos": "ann@EXAMPLE" } });
    assert_eq!(validated(member(&bound)).await, Err(TokenError::Invalid));
}

#[tokio::test]
async fn a_token_that_no_keystone_can_read_does_not_hold_and_is_known_as_such() {
    for status in [400, 414, 431] {
        let server = MockServer::start().await;
        logins(&server, welcome(&server), 1).await;
        question().respond_with(ResponseTemplate::new(status)).expect(1).mount(&server).await;
        let tokens = tokens(&server, &clock());
        for _ in 0..2 {
            let refused = tokens.validate(THEIRS, Accept::Current).await;
            assert_eq!(refused, Err(TokenError::Invalid), "{status}");
        }
    }
}
