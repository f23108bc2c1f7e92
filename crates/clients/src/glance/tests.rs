//! Glance, seen from one outside: questions here, bytes in `transfers`.

mod transfers;

use std::time::Duration;

use serde_json::json;
use wiremock::matchers::{body_json, header, method, path, query_param};
use wiremock::{Mock, MockBuilder, MockServer, ResponseTemplate};

use super::*;
use crate::testing::{TOKEN, clock, logins, settings, with_token};
use crate::{Neighbour, SetupError};

const ID: &str = "7d9e0e35-0000-4000-8000-00000000abcd";

fn id() -> ImageId {
    ID.parse().expect("an identity")
}

fn place() -> String {
    format!("/v2/images/{ID}")
}

/// Glance at these servers, with short pauses, without an account.
fn at(servers: &[String]) -> Glance {
    let settings = Settings {
        servers: servers.to_vec(),
        retries: 2,
        time_out: Duration::from_secs(5),
        ..Settings::default()
    };
    let glance = Glance::new(&settings, None).expect("a client");
    Glance { pause: Duration::from_millis(1), ..glance }
}

/// The same with the service's own account, which is at `server` like Glance itself.
async fn with_account(server: &MockServer, logins_expected: u64) -> Glance {
    let body = json!({ "token": {
        "expires_at": "2026-11-22T13:00:00.000000Z",
        "catalog": [{ "type": "image", "endpoints": [{
            "interface": "public", "region": "one", "region_id": "one", "url": server.uri(),
        }]}],
    }});
    logins(server, with_token(body), logins_expected).await;
    let account = Keystone::new(settings(server).login, &Tls::default(), clock());
    let account = Arc::new(account.expect("an account"));
    let glance = Glance::new(&Settings::default(), Some(account)).expect("a client");
    Glance { pause: Duration::from_millis(1), ..glance }
}

fn asked(deed: &str) -> MockBuilder {
    Mock::given(method(deed)).and(path(place()))
}

fn image() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({ "id": ID, "status": "active" }))
}

fn no_token(request: &wiremock::Request) -> bool {
    !request.headers.contains_key("x-auth-token")
}

#[tokio::test]
async fn an_image_is_read_with_all_that_glance_says_of_it() {
    let server = MockServer::start().await;
    let body = json!({
        "id": ID, "name": "noble", "status": "active", "disk_format": "qcow2",
        "container_format": "bare", "min_disk": 4, "min_ram": 512, "size": 1000,
        "virtual_size": 2000, "checksum": "c0", "os_hash_algo": "sha512", "os_hash_value": "ab",
        "visibility": "public", "owner": "p", "protected": true, "os_hidden": true,
        "created_at": "2026-11-22T12:00:00Z", "updated_at": "2026-11-22T12:00:01Z",
        "direct_url": "swift://u:s3cret@d",
        "locations": [{ "url": "swift://u:s3cret@l", "metadata": {} }, 7],
        "tags": ["t"], "self": "/v2/images/x", "file": "/v2/images/x/file", "schema": "/v2/s",
        "hw_disk_bus": "scsi", "os_distro": "ubuntu", "block_device_mapping": "[]", "odd": 7,
    });
    let answer = ResponseTemplate::new(200).set_body_json(body);
    asked("GET").and(no_token).respond_with(answer).expect(1).mount(&server).await;
    let image = at(&[server.uri()]).show(As::Service, id()).await.expect("an image");
    assert_eq!(image.id, id());
    assert_eq!(image.name.as_deref(), Some("noble"));
    assert_eq!((image.min_disk, image.min_ram), (4, 512));
    assert_eq!((image.size, image.virtual_size), (Some(1000), Some(2000)));
    assert_eq!(image.os_hash_value.as_deref(), Some("ab"));
    assert!(image.protected && image.hidden);
    assert_eq!(
        image.updated_at.map(|at| at.to_string()).as_deref().map(|t| &t[..10]),
        Some("2026-11-22")
    );
    let kept = serde_json::to_string(&image).expect("JSON");
    assert!(!kept.contains("s3cret"), "{kept}");
    assert_eq!(image.block_device_mapping.as_deref(), Some("[]"));
    let names: Vec<&str> = image.properties.keys().map(String::as_str).collect();
    assert_eq!(names, ["block_device_mapping", "hw_disk_bus", "os_distro"]);
}

#[tokio::test]
async fn what_is_missing_or_of_another_kind_does_no_harm() {
    let body = json!({
        "id": ID, "name": null, "size": "big", "virtual_size": -1, "min_disk": 1.5,
        "protected": "yes", "created_at": 7, "locations": "none", "owner": {},
    });
    let image = Image::read(body).expect("an image");
    assert_eq!((image.name, image.size, image.virtual_size), (None, None, None));
    assert_eq!((image.min_disk, image.protected, image.owner), (0, false, None));
    assert!(image.status.is_empty() && image.properties.is_empty());
}

#[tokio::test]
async fn an_image_beyond_all_bounds_is_malformed() {
    let many: Map<String, Value> = (0..2000).map(|n| (format!("p{n}"), json!("v"))).collect();
    for body in [
        json!([]),
        json!({ "status": "active" }),
        json!({ "id": "../admin" }),
        json!({ "id": ID, "x".repeat(256): "v" }),
        json!({ "id": ID, "p": "v".repeat(65_536) }),
        Value::Object(many.into_iter().chain([("id".to_owned(), json!(ID))]).collect()),
    ] {
        let read = Image::read(body);
        assert!(matches!(read, Err(ClientError::Malformed { .. })), "{read:?}");
    }
    let server = MockServer::start().await;
    let huge = json!({ "id": ID, "status": "x".repeat(2 << 20) });
    let huge = ResponseTemplate::new(200).set_body_json(huge);
    asked("GET").respond_with(huge).mount(&server).await;
    let error = at(&[server.uri()]).show(As::Service, id()).await.expect_err("too much");
    assert!(error.to_string().contains("more than 1048576 bytes"), "{error}");
}

#[tokio::test]
async fn a_user_is_asked_for_with_their_token_and_the_service_with_its_own() {
    let server = MockServer::start().await;
    asked("GET")
        .and(header("X-Auth-Token", "the users"))
        .respond_with(image())
        .expect(1)
        .mount(&server)
        .await;
    asked("DELETE")
        .and(header("X-Auth-Token", TOKEN))
        .respond_with(ResponseTemplate::new(204))
        .expect(1)
        .mount(&server)
        .await;
    let glance = with_account(&server, 1).await;
    glance.show(As::User(&Token::new("the users")), id()).await.expect("seen");
    glance.delete(As::Service, id()).await.expect("gone");
}

#[tokio::test]
async fn a_revoked_token_of_ours_is_replaced_once_and_a_users_never() {
    let server = MockServer::start().await;
    let revoked = ResponseTemplate::new(401);
    asked("GET").respond_with(revoked.clone()).up_to_n_times(1).expect(1).mount(&server).await;
    asked("GET").respond_with(image()).expect(1).mount(&server).await;
    let glance = with_account(&server, 2).await;
    glance.show(As::Service, id()).await.expect("seen with a new token");

    let server = MockServer::start().await;
    asked("GET").respond_with(revoked.clone()).expect(1).mount(&server).await;
    let glance = with_account(&server, 1).await;
    let error = glance.show(As::User(&Token::new("old")), id()).await.expect_err("refused");
    assert_eq!(error, ClientError::Refused { neighbour: Neighbour::Glance, status: 401 });

    let server = MockServer::start().await;
    asked("GET").respond_with(revoked).expect(2).mount(&server).await;
    let error = with_account(&server, 2).await.show(As::Service, id()).await.expect_err("refused");
    assert_eq!(error, ClientError::Refused { neighbour: Neighbour::Glance, status: 401 });
}

#[tokio::test]
async fn a_glance_that_is_away_is_asked_again_and_one_at_fault_is_not() {
    for status in [502, 503, 504] {
        let server = MockServer::start().await;
        let away = ResponseTemplate::new(status);
        asked("GET").respond_with(away).up_to_n_times(2).expect(2).mount(&server).await;
        asked("GET").respond_with(image()).expect(1).mount(&server).await;
        at(&[server.uri()]).show(As::Service, id()).await.expect("the third attempt");
    }
    for (status, times) in [(503, 3), (500, 1)] {
        let server = MockServer::start().await;
        asked("GET").respond_with(ResponseTemplate::new(status)).expect(times).mount(&server).await;
        let error = at(&[server.uri()]).show(As::Service, id()).await.expect_err("no answer");
        assert!(matches!(error, ClientError::Unreachable { .. }), "{status}: {error}");
    }
}

#[tokio::test]
async fn of_two_servers_of_which_one_is_down_the_other_answers() {
    let server = MockServer::start().await;
    asked("GET").respond_with(image()).expect(6).mount(&server).await;
    let glance = at(&["127.0.0.1:1".to_owned(), server.uri()]);
    let glance = Glance { retries: 0, pause: Duration::from_secs(3600), ..glance };
    for _ in 0..6 {
        glance.show(As::Service, id()).await.expect("the other one, without a pause");
    }
    let nobody = at(&["http://user:hidden@127.0.0.1:1".to_owned()]);
    let error = nobody.show(As::Service, id()).await.expect_err("nobody there");
    assert!(matches!(error, ClientError::Unreachable { .. }), "{error}");
    assert!(!format!("{error:?} {nobody:?}").contains("hidden"));
}

#[tokio::test]
async fn an_answer_is_not_waited_for_without_end() {
    let server = MockServer::start().await;
    let slow = image().set_delay(Duration::from_secs(60));
    asked("GET").respond_with(slow).expect(1).mount(&server).await;
    let glance = Glance { time_out: Duration::from_millis(200), ..at(&[server.uri()]) };
    let error = glance.show(As::Service, id()).await.expect_err("too slow");
    assert!(error.to_string().ends_with("no answer within 200 ms"), "{error}");
}

#[tokio::test]
async fn what_a_status_means_is_told_apart() {
    for (status, is_right) in [
        (404, (|e| matches!(e, ClientError::NotFound { .. })) as fn(&ClientError) -> bool),
        (410, |e| matches!(e, ClientError::NotFound { .. })),
        (403, |e| matches!(e, ClientError::Refused { status: 403, .. })),
        (413, |e| matches!(e, ClientError::Refused { status: 413, .. })),
    ] {
        let server = MockServer::start().await;
        Mock::given(path(place())).respond_with(ResponseTemplate::new(status)).mount(&server).await;
        let glance = at(&[server.uri()]);
        let error = glance.show(As::Service, id()).await.expect_err("no image");
        assert!(is_right(&error), "{status}: {error}");
        let deleted = glance.delete(As::Service, id()).await;
        assert_eq!(deleted.is_ok(), status == 404 || status == 410, "{status}");
    }
}

#[tokio::test]
async fn a_redirect_to_elsewhere_is_not_followed() {
    let elsewhere = MockServer::start().await;
    Mock::given(method("GET")).respond_with(image()).expect(0).mount(&elsewhere).await;
    let server = MockServer::start().await;
    let away = format!("{}{}", elsewhere.uri(), place());
    let away = ResponseTemplate::new(302).insert_header("Location", away);
    asked("GET").respond_with(away).mount(&server).await;
    let error = at(&[server.uri()]).show(As::Service, id()).await.expect_err("no redirect");
    assert!(error.to_string().contains("a redirect to 127.0.0.1"), "{error}");
}

#[tokio::test]
async fn a_name_is_found_exactly_and_at_most_twice() {
    let server = MockServer::start().await;
    let named = |name: &str| json!({ "id": ID, "name": name });
    let body = json!({ "images": [named("in:a,b"), named("a"), named("in:a,b")] });
    Mock::given(method("GET"))
        .and(path("/v2/images"))
        .and(query_param("name", "in:a,b"))
        .and(query_param("limit", "2"))
        .respond_with(ResponseTemplate::new(200).set_body_json(body))
        .mount(&server)
        .await;
    let glance = at(&[server.uri()]);
    let found = glance.find_by_name(As::Service, "in:a,b").await.expect("a list");
    assert_eq!(found.len(), 2);
}

fn new_image() -> NewImage {
    NewImage {
        id: id(),
        name: "mine".to_owned(),
        disk_format: "raw".to_owned(),
        container_format: "bare".to_owned(),
        visibility: Some("private".to_owned()),
        protected: false,
        min_disk: 1,
        min_ram: 0,
        properties: [("colour", "red"), ("status", "active"), ("owner", "other")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
    }
}

#[tokio::test]
async fn a_record_is_made_once_though_its_answer_was_lost() {
    let body = json!({
        "id": ID, "name": "mine", "disk_format": "raw", "container_format": "bare",
        "visibility": "private", "protected": false, "min_disk": 1, "min_ram": 0, "colour": "red",
    });
    let server = MockServer::start().await;
    let made = || Mock::given(method("POST")).and(path("/v2/images")).and(body_json(&body));
    let lost = ResponseTemplate::new(504);
    made().respond_with(lost).up_to_n_times(1).expect(1).mount(&server).await;
    made().respond_with(ResponseTemplate::new(409)).expect(1).mount(&server).await;
    asked("GET").respond_with(image()).expect(1).mount(&server).await;
    let image = at(&[server.uri()]).create(As::Service, &new_image()).await.expect("made");
    assert_eq!(image.id, id());

    let server = MockServer::start().await;
    let taken = ResponseTemplate::new(409);
    Mock::given(method("POST")).respond_with(taken).expect(1).mount(&server).await;
    let error = at(&[server.uri()]).create(As::Service, &new_image()).await.expect_err("taken");
    assert_eq!(error, ClientError::Refused { neighbour: Neighbour::Glance, status: 409 });
}

#[tokio::test]
async fn a_change_is_a_patch_with_escaped_names() {
    let server = MockServer::start().await;
    let body = json!([
        { "op": "add", "path": "/a~1b~0c", "value": "v" },
        { "op": "add", "path": "/protected", "value": false },
    ]);
    let changed =
        Mock::given(method("PATCH")).and(path(place())).and(header("Content-Type", CHANGES));
    changed.and(body_json(body)).respond_with(image()).expect(1).mount(&server).await;
    at(&[server.uri()])
        .update(As::Service, id(), &[("a/b~c", json!("v")), ("protected", json!(false))])
        .await
        .expect("changed");
}

#[tokio::test]
async fn without_servers_and_account_nobody_is_asked() {
    let glance = at(&[]);
    assert!(!glance.is_configured());
    let error = glance.show(As::Service, id()).await.expect_err("nobody");
    assert_eq!(error, ClientError::NotConfigured(Neighbour::Glance));
    let settings = Settings { servers: vec!["ftp://g".to_owned()], ..Settings::default() };
    assert!(matches!(Glance::new(&settings, None), Err(SetupError::BadUrl)));
}

#[tokio::test]
async fn a_login_is_not_waited_for_longer_than_glance_itself() {
    let server = MockServer::start().await;
    let glance = with_account(&server, 0).await;
    server.reset().await;
    let slow = ResponseTemplate::new(201).set_delay(Duration::from_secs(60));
    logins(&server, slow, 1..).await;
    let glance = Glance { time_out: Duration::from_millis(200), ..glance };
    let error = glance.show(As::Service, id()).await.expect_err("too slow");
    assert!(error.to_string().ends_with("no login within 200 ms"), "{error}");
}
