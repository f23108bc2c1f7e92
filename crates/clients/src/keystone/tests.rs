//! Logging in, seen from a Keystone outside.

use std::time::Duration;

use secrecy::ExposeSecret as _;
use serde_json::json;
use wiremock::{MockServer, ResponseTemplate};

use super::*;
use crate::testing::{PASSWORD, TOKEN, clock, logins, settings, welcome, with_token};

fn account(server: &MockServer, clock: &Clock) -> Keystone {
    Keystone::new(settings(server).login, &Tls::default(), clock.clone()).expect("a client")
}

async fn refused(answer: ResponseTemplate) -> ClientError {
    let server = MockServer::start().await;
    logins(&server, answer, 1).await;
    account(&server, &clock()).session().await.expect_err("no session")
}

fn malformed_for(error: &ClientError, cause: &str) -> bool {
    matches!(error, ClientError::Malformed { cause: told, .. } if told.contains(cause))
}

#[tokio::test]
async fn one_login_serves_all_until_shortly_before_its_end() {
    let server = MockServer::start().await;
    logins(&server, welcome(&server), 2).await;
    let clock = clock();
    let account = account(&server, &clock);
    let (one, two) = tokio::join!(account.session(), account.session());
    assert!(Arc::ptr_eq(&one.expect("logged in"), &two.expect("logged in")));
    clock.advance(Duration::from_secs(3569));
    let last = account.session().await.expect("31 seconds are left");
    assert_eq!(last.token.expose_secret(), TOKEN);
    clock.advance(Duration::from_secs(1));
    assert!(!Arc::ptr_eq(&account.session().await.expect("logged in anew"), &last));
}

#[tokio::test]
async fn a_login_that_fails_does_so_for_all_who_wait_and_is_tried_anew_after() {
    let server = MockServer::start().await;
    logins(&server, ResponseTemplate::new(401), 2).await;
    let account = account(&server, &clock());
    let (one, two, three) = tokio::join!(account.session(), account.session(), account.session());
    let refused = ClientError::Refused { neighbour: Neighbour::Keystone, status: 401 };
    for error in [one, two, three] {
        assert_eq!(error.expect_err("refused"), refused);
    }
    assert_eq!(account.session().await.expect_err("refused again"), refused);
}

#[tokio::test]
async fn only_the_login_that_was_refused_is_forgotten() {
    let server = MockServer::start().await;
    logins(&server, welcome(&server), 2).await;
    let account = account(&server, &clock());
    let old = account.session().await.expect("logged in");
    account.forget(&old).await;
    let new = account.session().await.expect("logged in anew");
    account.forget(&old).await;
    assert!(Arc::ptr_eq(&account.session().await.expect("kept"), &new));
}

#[tokio::test]
async fn a_wrong_password_is_a_refusal_that_does_not_tell_it() {
    let body = json!({ "error": { "code": 401, "message": "wrong: a very secret word" } });
    let error = refused(ResponseTemplate::new(401).set_body_json(body)).await;
    assert_eq!(error, ClientError::Refused { neighbour: Neighbour::Keystone, status: 401 });
    assert!(!format!("{error} {error:?}").contains(PASSWORD));
}

#[tokio::test]
async fn a_keystone_at_fault_may_be_asked_again() {
    for status in [500, 503, 429] {
        let error = refused(ResponseTemplate::new(status)).await;
        assert!(matches!(error, ClientError::Unreachable { .. }), "{status}: {error}");
    }
}

#[tokio::test]
async fn an_answer_without_token_or_end_or_sense_is_malformed() {
    let error = refused(ResponseTemplate::new(201).set_body_json(json!({}))).await;
    assert!(malformed_for(&error, "no token"), "{error}");
    let error = refused(with_token(json!({ "token": { "expires_at": "never" } }))).await;
    assert!(malformed_for(&error, "a time at which it ends"), "{error}");
    let error =
        refused(with_token(json!({ "token": { "expires_at": ["a very secret word"] } }))).await;
    assert!(malformed_for(&error, "no such JSON"), "{error}");
    assert!(!error.to_string().contains(PASSWORD), "{error}");
    let huge = json!({ "token": { "expires_at": "x".repeat(2 << 20) } });
    let error = refused(with_token(huge)).await;
    assert!(malformed_for(&error, "more than 1048576 bytes"), "{error}");
}

#[tokio::test]
async fn a_login_follows_its_own_host_only() {
    let elsewhere = MockServer::start().await;
    logins(&elsewhere, welcome(&elsewhere), 0).await;
    let place = format!("{}/v3/auth/tokens", elsewhere.uri());
    let error = refused(ResponseTemplate::new(307).insert_header("Location", place)).await;
    assert!(malformed_for(&error, "a redirect to 127.0.0.1"), "{error}");
}

#[tokio::test]
async fn nobody_there_is_told_without_the_url() {
    let server = MockServer::start().await;
    let mut login = settings(&server).login;
    drop(server);
    login.auth_url = "http://user:hidden@127.0.0.1:1/".to_owned();
    let account = Keystone::new(login, &Tls::default(), clock()).expect("a client");
    let error = account.session().await.expect_err("nobody there");
    assert!(matches!(error, ClientError::Unreachable { .. }), "{error}");
    assert!(!format!("{error:?} {account:?}").contains("hidden"));
}

#[tokio::test]
async fn nothing_that_is_shown_holds_a_secret() {
    let server = MockServer::start().await;
    logins(&server, welcome(&server), 1).await;
    let account = account(&server, &clock());
    let session = account.session().await.expect("logged in");
    let shown = format!("{account:?} {session:?} {:?}", session.header().expect("a header"));
    assert!(!shown.contains(TOKEN) && !shown.contains(PASSWORD), "{shown}");
}

#[test]
fn a_file_with_certificates_is_taken_in_place_of_the_machines_own() {
    let tls =
        Tls { roots: crate::Roots::File("src/keystone/tests/root.pem".into()), insecure: false };
    crate::wire::client(&tls).expect("a client");
}

#[test]
fn what_cannot_be_used_is_refused_before_anything_is_asked() {
    let make = |auth_url: &str, roots| {
        let domain = Domain::Id("default".to_owned());
        let login = Login {
            auth_url: auth_url.to_owned(),
            user: User::Id("u".to_owned()),
            password: PASSWORD.into(),
            scope: Scope::Project { name: "p".to_owned(), domain },
        };
        let made = Keystone::new(login, &Tls { roots, insecure: false }, clock());
        made.expect_err("not usable").to_string()
    };
    let told = make("ftp://keystone", crate::Roots::System);
    assert!(told.starts_with("must be a URL "), "{told}");
    let told = make("https://keystone", crate::Roots::File("no/such.pem".into()));
    assert!(told.starts_with("no/such.pem cannot be read: "), "{told}");
    let told = make("https://keystone", crate::Roots::File("Cargo.toml".into()));
    assert_eq!(told, "Cargo.toml is no PEM file with certificates");
}

#[tokio::test]
async fn a_keystone_that_says_nothing_is_not_waited_for_without_end() {
    // It takes connections and never answers.
    let door = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let server = MockServer::start().await;
    let place = door.local_addr().expect("an address");
    let login = Login { auth_url: format!("http://{place}"), ..settings(&server).login };
    let account = Keystone::new(login, &Tls::default(), clock()).expect("a client");
    let account = Keystone { longest: Duration::from_millis(200), ..account };
    let error = account.session().await.expect_err("no session");
    assert!(matches!(error, ClientError::Unreachable { .. }), "{error}");
}
