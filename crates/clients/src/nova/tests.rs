//! Asking for a server's host, seen from a Nova outside.

use serde_json::json;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::testing::{PASSWORD, TOKEN, clock, logins, settings, welcome};

const SERVER: Uuid = Uuid::from_u128(7);
const REQUEST: &str = "req-1";

fn asked() -> wiremock::MockBuilder {
    Mock::given(method("GET")).and(path(format!("/v2.1/servers/{SERVER}")))
}

fn nova(server: &MockServer) -> Nova {
    Nova::new(settings(server), clock()).expect("a client")
}

/// What we make of this answer of Nova's.
async fn told(answer: ResponseTemplate) -> Result<Option<String>, ClientError> {
    let server = MockServer::start().await;
    logins(&server, welcome(&server), 1).await;
    asked().respond_with(answer).mount(&server).await;
    nova(&server).host_of(SERVER, REQUEST).await
}

fn found(server: serde_json::Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({ "server": server }))
}

#[tokio::test]
async fn the_host_is_read_with_the_token_and_the_request_goes_along() {
    let server = MockServer::start().await;
    logins(&server, welcome(&server), 1).await;
    asked()
        .and(header("X-Auth-Token", TOKEN))
        .and(header("X-OpenStack-Request-ID", REQUEST))
        .respond_with(found(json!({ "id": SERVER, HOST: "compute-1" })))
        .expect(2)
        .mount(&server)
        .await;
    let nova = nova(&server);
    for _ in 0..2 {
        let host = nova.host_of(SERVER, REQUEST).await.expect("an answer");
        assert_eq!(host.as_deref(), Some("compute-1"));
    }
}

#[tokio::test]
async fn a_server_that_runs_nowhere_yet_has_no_host() {
    assert_eq!(told(found(json!({ HOST: null }))).await, Ok(None));
    assert_eq!(told(found(json!({ HOST: "" }))).await, Ok(None));
}

#[tokio::test]
async fn a_host_that_is_not_shown_asks_for_more_rights() {
    let error = told(found(json!({ "id": SERVER }))).await.expect_err("no host");
    assert_eq!(error, ClientError::NoHost);
    assert!(error.to_string().starts_with("Nova did not return enough information"));
}

#[tokio::test]
async fn an_unknown_server_and_missing_rights_are_told_apart() {
    let error = told(ResponseTemplate::new(404)).await.expect_err("unknown");
    assert!(matches!(error, ClientError::NotFound { .. }), "{error}");
    let error = told(ResponseTemplate::new(403)).await.expect_err("forbidden");
    assert_eq!(error, ClientError::Refused { neighbour: Neighbour::Nova, status: 403 });
    let error = told(ResponseTemplate::new(502)).await.expect_err("at fault");
    assert!(matches!(error, ClientError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn answers_that_are_none_are_malformed() {
    for answer in [
        ResponseTemplate::new(200).set_body_string("<html>"),
        ResponseTemplate::new(200).set_body_json(json!({ "server": [] })),
        ResponseTemplate::new(200).set_body_bytes(vec![b' '; (1 << 20) + 1]),
        found(json!({ HOST: 7 })),
        ResponseTemplate::new(302).insert_header("Location", "http://evil.example/"),
    ] {
        let error = told(answer).await.expect_err("no answer");
        assert!(matches!(error, ClientError::Malformed { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_once() {
    let server = MockServer::start().await;
    logins(&server, welcome(&server), 2).await;
    asked().respond_with(ResponseTemplate::new(401)).up_to_n_times(1).mount(&server).await;
    asked().respond_with(found(json!({ HOST: "compute-1" }))).mount(&server).await;
    let host = nova(&server).host_of(SERVER, REQUEST).await.expect("an answer");
    assert_eq!(host.as_deref(), Some("compute-1"));
}

#[tokio::test]
async fn a_token_that_is_refused_again_is_a_refusal() {
    let server = MockServer::start().await;
    logins(&server, welcome(&server), 2).await;
    asked().respond_with(ResponseTemplate::new(401)).expect(2).mount(&server).await;
    let error = nova(&server).host_of(SERVER, REQUEST).await.expect_err("refused");
    assert_eq!(error, ClientError::Refused { neighbour: Neighbour::Nova, status: 401 });
}

#[tokio::test]
async fn a_slow_neighbour_is_not_waited_for() {
    let slow = |answer: ResponseTemplate| answer.set_delay(Duration::from_secs(60));
    // Once at the login, once at the question.
    for login in [true, false] {
        let server = MockServer::start().await;
        let welcome = welcome(&server);
        logins(&server, if login { slow(welcome) } else { welcome }, 0..=1).await;
        asked().respond_with(slow(found(json!({ HOST: "compute-1" })))).mount(&server).await;
        let nova = nova(&server).with_time_out(Duration::from_millis(300));
        let error = nova.host_of(SERVER, REQUEST).await.expect_err("too slow");
        let cause = "no answer within 300 ms".to_owned();
        assert_eq!(error, ClientError::Unreachable { neighbour: Neighbour::Nova, cause });
    }
}

#[tokio::test]
async fn without_configuration_nobody_is_asked() {
    let error = Nova::unconfigured().host_of(SERVER, REQUEST).await.expect_err("nobody");
    assert_eq!(error, ClientError::NotConfigured(Neighbour::Nova));
}

#[tokio::test]
async fn another_region_has_no_nova() {
    let server = MockServer::start().await;
    logins(&server, welcome(&server), 1).await;
    let settings = Settings { region: Some("two".to_owned()), ..settings(&server) };
    assert!(!format!("{settings:?}").contains(PASSWORD));
    let nova = Nova::new(settings, clock()).expect("a client");
    let error = nova.host_of(SERVER, REQUEST).await.expect_err("no endpoint");
    assert!(matches!(error, ClientError::NoEndpoint { .. }), "{error}");
}

/// What we make of this answer about a volume of a server.
async fn attached(answer: ResponseTemplate) -> Result<Option<String>, ClientError> {
    let server = MockServer::start().await;
    logins(&server, welcome(&server), 1).await;
    let volume = Uuid::from_u128(9);
    Mock::given(method("GET"))
        .and(path(format!("/v2.1/servers/{SERVER}/os-volume_attachments/{volume}")))
        .and(header("X-OpenStack-Nova-API-Version", "2.89"))
        .respond_with(answer)
        .mount(&server)
        .await;
    nova(&server).attachment_of(SERVER, volume, REQUEST).await
}

#[tokio::test]
async fn the_attachment_by_which_a_server_has_a_volume_is_read() {
    let found = |attachment| {
        ResponseTemplate::new(200).set_body_json(json!({ "volumeAttachment": attachment }))
    };
    let told = attached(found(json!({ "attachment_id": "a", "serverId": SERVER }))).await;
    assert_eq!(told, Ok(Some("a".to_owned())));
    assert_eq!(attached(found(json!({ "id": "v" }))).await, Ok(None), "an answer without it");
    assert_eq!(attached(ResponseTemplate::new(406)).await, Ok(None), "an older Nova");
    let error = attached(ResponseTemplate::new(404)).await.expect_err("not there");
    assert!(matches!(error, ClientError::NotFound { .. }), "{error}");
    let error = attached(found(json!([]))).await.expect_err("no answer");
    assert!(matches!(error, ClientError::Malformed { .. }), "{error}");
    let error = attached(ResponseTemplate::new(503)).await.expect_err("at fault");
    assert!(matches!(error, ClientError::Unreachable { .. }), "{error}");
}
