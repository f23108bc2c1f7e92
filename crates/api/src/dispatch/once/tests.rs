//! Requests that come more than once.

use ashlar_db::args;
use serde_json::{Value, json};

use super::*;
use crate::testing::{Got, House};

mod alone;

const ADMIN: &str = "boss:ops:admin";

async fn post(house: &House, token: &str, key: &str, path: &str, body: &Value) -> Got {
    let headers = [
        ("x-auth-token", token),
        ("content-type", "application/json"),
        ("openstack-api-version", "volume 3.60"),
        ("idempotency-key", key),
    ];
    house.send("POST", path, &headers, &body.to_string()).await
}

fn volume(size: u32) -> Value {
    json!({"volume": {"size": size, "name": "once"}})
}

async fn count(house: &House) -> usize {
    let list = house.get((ADMIN, 60), "/v3/volumes?all_tenants=1").await;
    list.body["volumes"].as_array().expect("a list").len()
}

fn is_replayed(got: &Got) -> bool {
    got.headers.contains_key(REPLAYED)
}

#[tokio::test]
async fn a_request_that_comes_again_gets_its_first_answer_and_changes_nothing() {
    let house = House::furnished().await;
    let first = post(&house, "me:abc", "k1", "/v3/volumes", &volume(1)).await;
    assert_eq!((first.status, is_replayed(&first)), (202, false), "{}", first.body);
    // The project in the URL is the same request.
    let again = post(&house, "me:abc", "k1", "/v3/abc/volumes", &volume(1)).await;
    assert_eq!((again.status, is_replayed(&again)), (202, true));
    assert_eq!(again.body, first.body);
    assert_ne!(again.headers["x-openstack-request-id"], first.headers["x-openstack-request-id"]);
    assert_eq!(count(&house).await, 1);
}

#[tokio::test]
async fn the_database_does_not_tell_what_was_answered() {
    let house = House::furnished().await;
    let first = post(&house, "me:abc", "k1", "/v3/volumes", &volume(1)).await;
    let id = first.body["volume"]["id"].as_str().expect("an id");
    let mut tx = house.app.db.read().await.expect("the database answers");
    let row = tx.row("SELECT id, body FROM ashlar_requests", args![]).await.expect("ok");
    let row = row.expect("a row");
    let (key, body): (String, String) = (row.get(0).expect("a text"), row.get(1).expect("a text"));
    assert!(body.len() > 500 && !body.contains(id) && !body.contains("volume"));
    assert_ne!(key, "k1");
}

#[tokio::test]
async fn a_key_is_for_one_request_and_belongs_to_a_user_in_a_project() {
    let house = House::furnished().await;
    assert_eq!(post(&house, "me:abc", "k", "/v3/volumes", &volume(1)).await.status, 202);
    let other = post(&house, "me:abc", "k", "/v3/volumes", &volume(2)).await;
    assert_eq!(other.status, 409);
    assert!(other.fault().1.starts_with("This Idempotency-Key was used for another request (req-"));
    for token in ["me:def", "you:abc"] {
        let got = post(&house, token, "k", "/v3/volumes", &volume(2)).await;
        assert_eq!((got.status, is_replayed(&got)), (202, false), "{token}");
    }
    assert_eq!(count(&house).await, 3);
}

#[tokio::test]
async fn what_was_refused_is_judged_anew() {
    let house = House::furnished().await;
    let body =
        json!({"volume": {"size": 1, "snapshot_id": "11111111-2222-4333-8444-555555555555"}});
    for _ in 0..2 {
        let got = post(&house, "me:abc", "k", "/v3/volumes", &body).await;
        assert_eq!((got.status, is_replayed(&got)), (404, false));
    }
    assert_eq!(post(&house, "me:abc", "k", "/v3/volumes", &volume(1)).await.status, 202);
}

#[tokio::test]
async fn after_a_day_a_key_is_new() {
    let house = House::furnished().await;
    assert_eq!(post(&house, "me:abc", "k", "/v3/volumes", &volume(1)).await.status, 202);
    house.app.clock.advance(DAY + Duration::from_secs(1));
    let got = post(&house, "me:abc", "k", "/v3/volumes", &volume(1)).await;
    assert_eq!((got.status, is_replayed(&got)), (202, false));
    assert_eq!(count(&house).await, 2);
}

#[tokio::test]
async fn of_many_at_once_one_is_carried_out_and_the_others_get_its_answer() {
    let house = House::furnished().await;
    let body = volume(1);
    let all = (0..8).map(|_| post(&house, "me:abc", "k", "/v3/volumes", &body));
    let all = futures::future::join_all(all).await;
    let first = all.iter().find(|got| !is_replayed(got)).expect("one was not replayed");
    for got in &all {
        assert_eq!((got.status, &got.body), (202, &first.body));
    }
    assert_eq!(all.iter().filter(|got| !is_replayed(got)).count(), 1);
    assert_eq!(count(&house).await, 1);
}

#[tokio::test]
async fn when_the_answer_was_lost_the_client_hears_what_the_request_was_about() {
    let house = House::furnished().await;
    let first = post(&house, "me:abc", "k", "/v3/volumes", &volume(1)).await;
    let id = first.body["volume"]["id"].as_str().expect("an id").to_owned();
    let lost: Result<u64, DbError> = transact!(house.app.db, tx =>
        tx.execute("UPDATE ashlar_requests SET status = NULL, body = NULL", args![]).await);
    assert_eq!(lost.expect("lost"), 1);
    let early = post(&house, "me:abc", "k", "/v3/volumes", &volume(1)).await;
    assert_eq!((early.status, &early.headers["retry-after"]), (409, &HeaderValue::from(1)));
    house.app.clock.advance(house.app.settings.request_timeout + MARGIN);
    let late = post(&house, "me:abc", "k", "/v3/volumes", &volume(1)).await;
    let (status, message) = late.fault();
    assert_eq!(status, 409);
    assert!(message.ends_with(&format!("It is about the volume {id}.")), "{message}");
    assert_eq!(count(&house).await, 1);
}

#[tokio::test]
async fn what_begins_no_flow_is_done_once_too() {
    let house = House::furnished().await;
    let body = json!({"volume_type": {"name": "gold"}});
    let first = post(&house, ADMIN, "t", "/v3/types", &body).await;
    let again = post(&house, ADMIN, "t", "/v3/types", &body).await;
    assert_eq!((first.status, is_replayed(&again)), (200, true), "{}", first.body);
    assert_eq!(first.body, again.body);
}

#[tokio::test]
async fn a_key_that_is_none_is_refused() {
    let house = House::furnished().await;
    let long = "k".repeat(LONGEST + 1);
    for key in ["", "ключ", long.as_str()] {
        let got = post(&house, "me:abc", key, "/v3/volumes", &volume(1)).await;
        assert_eq!(got.status, 400, "{key}");
    }
    assert_eq!(count(&house).await, 0);
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_not_kept_and_the_request_not_repeated() {
    let house = House::furnished().await;
    let metadata: serde_json::Map<String, Value> =
        (0..80).map(|it| (format!("k{it}"), "v".repeat(255).into())).collect();
    let body = json!({"volume": {"size": 1, "metadata": metadata}});
    let first = post(&house, "me:abc", "k", "/v3/volumes", &body).await;
    assert_eq!(first.status, 202, "{}", first.body);
    let id = first.body["volume"]["id"].as_str().expect("an id");
    let again = post(&house, "me:abc", "k", "/v3/volumes", &body).await;
    let (status, message) = again.fault();
    assert_eq!((status, again.headers.get("retry-after")), (409, None));
    let end = "was answered with 202, but that answer was too long to be kept. It is about the \
               volume ";
    assert!(message.ends_with(&format!("{end}{id}.")), "{message}");
    assert_eq!(count(&house).await, 1);
}

#[tokio::test]
async fn a_project_that_has_too_many_keys_gets_no_more_and_others_do() {
    let house = House::furnished().await;
    let first = post(&house, "me:abc", "k1", "/v3/volumes", &volume(1)).await;
    assert_eq!(first.status, 202, "{}", first.body);
    let mut tx = house.app.db.read().await.expect("the database answers");
    let row = tx.row("SELECT id, created_at FROM ashlar_requests", args![]).await.expect("ok");
    let row = row.expect("a row");
    let (id, at): (String, i64) = (row.get(0).expect("a text"), row.get(1).expect("a number"));
    drop(tx);
    let more = "INSERT INTO ashlar_requests (id, request, request_id, created_at) \
                WITH RECURSIVE some(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM some WHERE n < ?) \
                SELECT ? || printf('%048d', n), '', '', ? FROM some";
    let made: Result<u64, DbError> = transact!(house.app.db, tx =>
        tx.execute(more, args![MOST_KEYS - 2, &id[..once::OF_PROJECT], at]).await);
    assert_eq!(made.expect("made"), MOST_KEYS as u64 - 2);
    // Whoever in the project it is, the last one is theirs.
    assert_eq!(post(&house, "you:abc", "k2", "/v3/volumes", &volume(1)).await.status, 202);
    let refused = post(&house, "me:abc", "k3", "/v3/volumes", &volume(1)).await;
    let (status, message) = refused.fault();
    assert_eq!((status, &refused.headers["retry-after"]), (429, &HeaderValue::from(60)));
    assert!(message.starts_with("100000 Idempotency-Keys are kept for this project"), "{message}");
    assert_eq!(count(&house).await, 2);
    let again = post(&house, "me:abc", "k1", "/v3/volumes", &volume(1)).await;
    assert_eq!((again.status, is_replayed(&again)), (202, true));
    assert_eq!(post(&house, "me:def", "k3", "/v3/volumes", &volume(1)).await.status, 202);
}
