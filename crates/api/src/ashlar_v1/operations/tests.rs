//! Operations through the dispatcher. Nothing works on them here, so they stay where they were accepted.

use std::pin::pin;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use serde_json::{Value, json};

use crate::dispatch::respond;
use crate::testing::House;

const ADMIN: (&str, u16) = ("boss:ops:admin", 60);

async fn create(house: &House, project: &str) -> String {
    let body = json!({"volume": {"size": 1}});
    let got = house.ask((&format!("me:{project}"), 60), "POST", "/v3/volumes", &body).await;
    assert_eq!(got.status, 202, "{}", got.body);
    got.body["volume"]["id"].as_str().expect("an id").to_owned()
}

async fn operations(house: &House, query: &str) -> Vec<Value> {
    let got = house.get(ADMIN, &format!("/ashlar/v1/operations{query}")).await;
    assert_eq!(got.status, 200, "{}", got.body);
    got.body["operations"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn an_operation_says_where_it_stands_and_what_comes() {
    let house = House::furnished().await;
    let volume = create(&house, "abc").await;
    let listed = operations(&house, &format!("?resource_id={volume}")).await;
    let [listed] = listed.as_slice() else { panic!("one operation: {listed:?}") };
    assert_eq!(listed["operation"], "create-volume");
    assert_eq!(listed["phase"], "executing");
    assert_eq!(listed["task"], "place");
    assert_eq!(listed["attempts_allowed"], 5);
    assert_eq!(listed["project_id"], "abc");
    assert_eq!(listed["resource"], json!({"kind": "volume", "id": volume}));
    assert!(listed.get("state").is_none() && listed.get("log").is_none());
    let id = listed["id"].as_str().expect("an id");
    let shown = house.get(ADMIN, &format!("/ashlar/v1/operations/{id}")).await.body;
    assert_eq!(shown["operation"]["log"][0]["what"], "accepted");
    let tasks: Vec<_> = shown["operation"]["tasks"].as_array().expect("tasks").clone();
    assert_eq!(tasks.first().expect("a task")["role"], "scheduler");
    assert!(shown["operation"].get("state").is_none());
}

#[tokio::test]
async fn lists_are_filtered_and_come_in_pages() {
    let house = House::furnished().await;
    for project in ["abc", "abc", "def"] {
        create(&house, project).await;
    }
    assert_eq!(operations(&house, "?project_id=abc").await.len(), 2);
    assert_eq!(operations(&house, "?phase=succeeded").await.len(), 0);
    assert_eq!(operations(&house, "?operation=create-volume&unfinished=true").await.len(), 3);
    let mut seen = Vec::new();
    let mut marker = String::new();
    for _ in 0..3 {
        let page = operations(&house, &format!("?limit=1{marker}")).await;
        let id = page[0]["id"].as_str().expect("an id").to_owned();
        marker = format!("&marker={id}");
        seen.push(id);
    }
    assert!(operations(&house, &format!("?limit=1{marker}")).await.is_empty());
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 3);
    for query in ["?colour=red", "?phase=odd", "?unfinished=2", "?marker=x", "?sort=id", "?limit=x"]
    {
        let got = house.get(ADMIN, &format!("/ashlar/v1/operations{query}")).await;
        assert_eq!(got.status, 400, "{query}");
    }
}

#[tokio::test]
async fn they_are_for_administrators() {
    let house = House::furnished().await;
    for path in ["", "/events", "/11111111-2222-4333-8444-555555555555"] {
        let got = house.get(("me:abc:member", 60), &format!("/ashlar/v1/operations{path}")).await;
        assert_eq!(got.status, 403, "{path}");
    }
    for id in ["11111111-2222-4333-8444-555555555555", "x"] {
        let got = house.get(ADMIN, &format!("/ashlar/v1/operations/{id}")).await;
        assert_eq!(got.status, 404, "{id}");
    }
}

/// Reads the stream from `query` on until `count` events came; their ids and data.
async fn events(house: &House, query: &str, count: usize) -> Vec<(String, Value)> {
    let request = http::Request::builder()
        .uri(format!("/ashlar/v1/operations/events{query}"))
        .header("x-auth-token", ADMIN.0)
        .body(Empty::<Bytes>::new())
        .expect("a request");
    let response = respond(&house.app, request).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut body = pin!(response.into_body());
    let mut text = String::new();
    while text.matches("event: ").count() < count {
        let frame = body.frame().await.expect("the stream goes on").expect("a frame");
        text.push_str(std::str::from_utf8(frame.data_ref().expect("data")).expect("text"));
    }
    let field = |event: &str, name: &str| {
        event.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned)
    };
    text.split("\n\n")
        .filter_map(|event| field(event, "id: ").zip(field(event, "data: ")))
        .map(|(id, data)| (id, serde_json::from_str(&data).expect("JSON")))
        .collect()
}

#[tokio::test]
async fn the_stream_tells_what_happened_from_a_revision_on() {
    let house = House::furnished().await;
    create(&house, "abc").await;
    let list = house.get(ADMIN, "/ashlar/v1/operations").await.body;
    let revision = list["revision"].as_str().expect("a revision");
    house.app.clock.advance(std::time::Duration::from_secs(60));
    let second = create(&house, "abc").await;
    let told = events(&house, "?from=0", 2).await;
    assert_eq!(told[1].1["resource"]["id"], second);
    // From the list's revision on: that very moment is told once more, for nobody knows which came first.
    let told = events(&house, &format!("?from={revision}"), 2).await;
    assert_eq!(told.len(), 2);
    let (newest, _) = told.last().expect("an event");
    let told = events(&house, &format!("?from={newest}"), 1).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].1["resource"]["id"], second);
}

#[tokio::test]
async fn the_stream_begins_now_unless_told_otherwise_and_ends_with_the_server() {
    let house = House::furnished().await;
    create(&house, "abc").await;
    let (told, created) = tokio::join!(events(&house, "", 1), async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        create(&house, "def").await
    });
    assert_eq!(told[0].1["resource"]["id"], created);
    let request = http::Request::builder()
        .uri("/ashlar/v1/operations/events")
        .header("x-auth-token", ADMIN.0)
        .body(Empty::<Bytes>::new())
        .expect("a request");
    let response = respond(&house.app, request).await;
    // Whoever takes it too slowly is cut off, which the server sees to; nothing comes after it on its connection.
    assert_eq!(response.extensions().get(), Some(&super::events::CUT_OFF));
    assert_eq!(response.headers()["connection"], "close");
    house.app.closing.cancel();
    let whole = response.into_body().collect().await.expect("it ends").to_bytes();
    assert_eq!(whole, Bytes::from_static(b"retry: 2000\n\n"));
}
