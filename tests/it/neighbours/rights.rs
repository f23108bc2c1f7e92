//! Who may do what, with tokens of a real Keystone: whom nobody knows, who may only look, and whose token ended.

use std::time::Duration;

use ashlar_types::Token;
use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::Neighbours;

/// Somebody with this token.
struct Caller {
    http: Client,
    base: String,
    token: Option<String>,
}

impl Caller {
    fn new(base: &str, token: Option<&Token>) -> Self {
        let http = Client::builder().no_proxy().build().expect("a client");
        let token = token.and_then(Token::expose).map(str::to_owned);
        Self { http, base: base.to_owned(), token }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header("X-Auth-Token", token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or(Value::Null))
    }

    async fn status(&self, method: Method, path: &str, body: Option<Value>) -> u16 {
        self.ask(method, path, body).await.0
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_looks_another_project_sees_nothing_and_a_revoked_token_ends() {
    let Some(mut neighbours) = Neighbours::start() else { return };
    let server = neighbours.serve("");
    let as_user = async |user: &str, project: &str| {
        Caller::new(&server.url, Some(&neighbours.token(user, project).await))
    };
    let demo = as_user("demo", "demo").await;
    let wanted = || Some(json!({ "volume": { "size": 1, "name": "mine" } }));
    let (status, body) = demo.ask(Method::POST, "/v3/volumes", wanted()).await;
    assert_eq!(status, 202, "{body}");
    let place = format!("/v3/volumes/{}", body["volume"]["id"].as_str().expect("an identity"));

    for (user, project, shown, made) in [
        ("reader", "demo", 200, 403),
        ("manager", "demo", 200, 202),
        ("norole", "demo", 404, 403),
        ("other", "other", 404, 202),
        ("admin", "admin", 200, 202),
    ] {
        let caller = as_user(user, project).await;
        let (status, body) = caller.ask(Method::GET, &place, None).await;
        assert_eq!(status, shown, "{user} looks: {body}");
        let (status, body) = caller.ask(Method::POST, "/v3/volumes", wanted()).await;
        assert_eq!(status, made, "{user} makes one: {body}");
    }
    let reader = as_user("reader", "demo").await;
    assert_eq!(reader.status(Method::DELETE, &place, None).await, 403);
    let other = as_user("other", "other").await;
    assert_eq!(other.status(Method::DELETE, &place, None).await, 404);
    let demos_path = format!("/v3/{}/volumes", neighbours.projects["demo"]);
    assert_eq!(demo.status(Method::GET, &demos_path, None).await, 200);
    assert_eq!(other.status(Method::GET, &demos_path, None).await, 400, "not their project");

    let nobody = Caller::new(&server.url, None);
    assert_eq!(nobody.status(Method::GET, &place, None).await, 401);
    let invented = Caller::new(&server.url, Some(&Token::new("gAAAAAinvented")));
    assert_eq!(invented.status(Method::GET, &place, None).await, 401);
    let forged = Caller::new(&server.url, Some(&Token::new("demo:demo:admin")));
    assert_eq!(forged.status(Method::GET, &place, None).await, 401, "what noauth would believe");

    // Revoked at Keystone; our word on it counts for a second.
    let revoke = reqwest::Client::builder().no_proxy().build().expect("a client");
    let token = reader.token.clone().expect("a token");
    let answer = revoke
        .delete(format!("{}/v3/auth/tokens", neighbours.keystone))
        .header("X-Auth-Token", &token)
        .header("X-Subject-Token", &token)
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status().as_u16(), 204);
    while reader.status(Method::GET, &place, None).await != 401 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_keystone_nobody_is_turned_away_for_good() {
    let Some(mut neighbours) = Neighbours::start() else { return };
    let server = neighbours.serve("");
    let demo = Caller::new(&server.url, Some(&neighbours.token("demo", "demo").await));
    assert_eq!(demo.status(Method::GET, "/v3/volumes", None).await, 200);
    neighbours.stop_keystone();
    // What was learned of the token counts for a second yet; then there is no word on it, which is no refusal.
    loop {
        match demo.status(Method::GET, "/v3/volumes", None).await {
            200 => tokio::time::sleep(Duration::from_millis(100)).await,
            status => break assert_eq!(status, 503),
        }
    }
    neighbours.start_keystone();
    assert_eq!(demo.status(Method::GET, "/v3/volumes", None).await, 200);
}
