//! Whole requests through the dispatcher, without sockets.

use serde_json::json;

use super::*;
use crate::body::{Body, pieces};
use crate::endpoint::Endpoint;
use crate::run;
use crate::testing::{Got, House};

async fn echo(request: &Request) -> Outcome {
    Ok(Answer::ok(&json!({
        "op": request.endpoint().op,
        "project": request.caller.project_id,
        "body": request.body,
    })))
}

async fn panics(_: &Request) -> Outcome {
    panic!("secret of the house");
}

async fn endless(_: &Request) -> Outcome {
    std::future::pending().await
}

async fn loads(request: &Request) -> Outcome {
    if request.param("id") == "missing" {
        return Err(Fault::not_found("Thing", request.param("id")));
    }
    request.authorize()?;
    echo(request).await
}

static THING: Body = Body::new(&[(0, || {
    pieces::wrapped("thing", pieces::object(json!({"size": pieces::size()}), &[]))
})]);
static GROW: Body = Body::new(&[(0, || {
    pieces::wrapped("grow", pieces::object(json!({"size": pieces::size()}), &["size"]))
})]);

static TABLE: &[Endpoint] = &[
    Endpoint::post("thing.create", "/things", run!(echo)).rule("volume:create").body(&THING),
    Endpoint::get("thing.endless", "/things/endless", run!(endless)),
    Endpoint::get("thing.panic", "/things/panic", run!(panics)),
    Endpoint::get("thing.careless", "/things/careless", run!(echo)).rule_after_load("volume:get"),
    Endpoint::get("thing.show", "/things/{id}", run!(loads))
        .rule_after_load("volume_extension:hosts"),
    Endpoint::action("thing.grow", "/things/{id}/action", "grow", run!(echo)).body(&GROW),
    Endpoint::action("thing.new", "/things/{id}/action", "new", run!(echo)).since(40),
];

/// The table above beside a real resource.
pub(crate) async fn house() -> House {
    House::with_tables(&[crate::v3::extensions::ENDPOINTS, TABLE]).await
}

async fn send(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Got {
    house().await.send(method, path, headers, body).await
}

async fn post(path: &str, body: &str) -> Got {
    send("POST", path, &[("content-type", "application/json")], body).await
}

#[tokio::test]
async fn the_root_lists_versions_with_300_and_v3_leads_to_its_slash() {
    let root = send("GET", "/", &[], "").await;
    assert_eq!(root.status, 300);
    assert_eq!(root.body["versions"][0]["version"], "3.71");
    assert_eq!(root.body["versions"][0]["links"][1]["href"], "http://c:8776/v3/");
    let redirect = send("GET", "/v3", &[], "").await;
    assert_eq!(redirect.status, 302);
    assert_eq!(redirect.headers["location"], "http://c:8776/v3/");
    assert_eq!(send("GET", "/v3/", &[], "").await.status, 200);
    assert_eq!(send("POST", "/", &[], "").await.status, 400);
    assert_eq!(send("GET", "/v2/", &[], "").await.status, 404);
}

#[tokio::test]
async fn answers_of_the_api_carry_version_and_request_ids() {
    let got =
        send("GET", "/v3/extensions", &[("OpenStack-API-Version", "compute 2.1, volume 3.59")], "")
            .await;
    assert_eq!(got.status, 200);
    assert_eq!(got.headers["openstack-api-version"], "volume 3.59");
    assert_eq!(got.headers["vary"], "OpenStack-API-Version");
    assert_eq!(got.headers["x-compute-request-id"], got.headers["x-openstack-request-id"]);
    assert_eq!(got.body["extensions"].as_array().expect("a list").len(), 32);
}

#[tokio::test]
async fn an_impossible_version_is_406_and_shown() {
    let got = send("GET", "/v3/extensions", &[("OpenStack-API-Version", "volume 3.99")], "").await;
    assert_eq!((got.status, &got.body["computeFault"]["code"]), (406, &json!(406)));
    assert_eq!(got.headers["openstack-api-version"], "volume 3.99");
    let got = send("GET", "/v3/extensions", &[("OpenStack-API-Version", "volume")], "").await;
    assert_eq!(got.status, 400);
}

#[tokio::test]
async fn both_url_forms_work_and_a_foreign_project_is_400() {
    let token = [("x-auth-token", "me:abc")];
    for path in ["/v3/extensions", "/v3/abc/extensions", "/v3//abc//extensions.json"] {
        assert_eq!(send("GET", path, &token, "").await.status, 200, "{path}");
    }
    let got = send("GET", "/v3/def/extensions", &token, "").await;
    assert_eq!(got.status, 400);
    assert_eq!(got.body["badRequest"]["message"], "Malformed request url");
    // The caller's own project is one whatever it looks like.
    assert_eq!(
        send("GET", "/v3/my-team/extensions", &[("x-auth-token", "me:my-team")], "").await.status,
        200
    );
    assert_eq!(send("GET", "/v3/my-team/extensions", &[], "").await.status, 404);
    assert_eq!(send("GET", "/v3/abc/extensions", &[], "").await.status, 200);
    assert_eq!(send("GET", "/v3/admin/extensions", &[], "").await.status, 200);
}

#[tokio::test]
async fn unknown_routes_and_methods_are_refused_in_the_envelope() {
    for path in ["/v3/nothing", "/v3/extensions/", "/nothing", "/v3/abc/", "/v3/a/b/c/d/e"] {
        let got = send("GET", path, &[], "").await;
        assert_eq!(got.status, 404, "{path}");
        assert_eq!(got.body["itemNotFound"]["message"], "The resource could not be found.");
        assert!(got.headers.contains_key("x-openstack-request-id"));
        assert!(!got.headers.contains_key("openstack-api-version"));
    }
    for method in ["HEAD", "PATCH", "POST", "TRACE"] {
        let got = send(method, "/v3/extensions", &[], "").await;
        assert_eq!(got.status, 405, "{method}");
        assert_eq!(got.headers["allow"], "GET");
        assert_eq!(got.headers["openstack-api-version"], "volume 3.0");
    }
    assert_eq!(send("OPTIONS", "/v3/extensions", &[], "").await.status, 200);
}

#[tokio::test]
async fn bodies_that_do_not_belong_are_refused() {
    let json = ("content-type", "application/json");
    assert_eq!(send("GET", "/v3/extensions", &[json], "{}").await.status, 400);
    assert_eq!(send("GET", "/v3/extensions", &[json], "{").await.status, 400);
    assert_eq!(send("GET", "/v3/extensions", &[], "{}").await.status, 415);
    let large = send("GET", "/v3/extensions", &[json], &" ".repeat(114_689)).await;
    assert_eq!(large.status, 413);
    assert_eq!(large.body["overLimit"]["code"], 413);
}

#[tokio::test]
async fn text_that_is_not_utf8_is_400() {
    assert_eq!(send("GET", "/v3/%ff", &[], "").await.status, 400);
    assert_eq!(send("GET", "/v3/extensions?a=%ff", &[], "").await.status, 400);
}

#[tokio::test]
async fn the_health_page_asks_the_database() {
    assert_eq!(send("GET", "/healthcheck", &[], "").await.status, 200);
    assert_eq!(send("GET", "/metrics", &[], "").await.status, 404);
}

#[tokio::test]
async fn an_action_is_chosen_by_the_single_key_and_gated_by_version() {
    assert_eq!(
        post("/v3/things/1/action", r#"{"grow": {"size": 2}}"#).await.body["op"],
        "thing.grow"
    );
    for (body, status, start) in [
        ("", 400, "There is no such action: None. Verify the request body"),
        ("{}", 400, "Malformed request body"),
        (r#"{"grow": {}, "new": {}}"#, 400, "Malformed request body"),
        (r#"{"explode": {}}"#, 400, "There is no such action: explode. Verify"),
        ("[]", 400, "Malformed request body"),
        ("\"grow\"", 400, "Malformed request body"),
        (r#"["grow"]"#, 404, "The resource could not be found."),
        ("\"g\"", 404, "The resource could not be found."),
        ("7", 404, "The resource could not be found."),
        (r#"{"new": {}}"#, 404, "The resource could not be found."),
        (r#"{"grow": {}}"#, 400, "Invalid input for field/attribute grow."),
        ("{", 400, "Malformed request body"),
        ("\u{1}", 400, "Malformed request body"),
    ] {
        let got = post("/v3/things/1/action", body).await;
        let (code, message) = got.fault();
        assert_eq!(code, status, "{body}");
        assert!(message.starts_with(start), "{body}: {message}");
    }
    let headers = [("content-type", "application/json"), ("openstack-api-version", "volume 3.40")];
    let got = send("POST", "/v3/things/1/action", &headers, r#"{"new": {}}"#).await;
    assert_eq!(got.body["op"], "thing.new");
}

#[tokio::test]
async fn a_body_must_be_there_and_fit_its_schema_before_rights_are_asked() {
    assert_eq!(post("/v3/things", "").await.fault(), (400, "None is not of type 'object'"));
    assert_eq!(post("/v3/things", "{}").await.fault(), (400, "'thing' is a required property"));
    let reader = [("content-type", "application/json"), ("x-auth-token", "u:abc:reader")];
    assert_eq!(send("POST", "/v3/things", &reader, "{}").await.status, 400);
    let got = send("POST", "/v3/things", &reader, r#"{"thing": {}}"#).await;
    assert_eq!(got.fault(), (403, "Policy doesn't allow volume:create to be performed."));
    let member = [("content-type", "application/json"), ("x-auth-token", "u:abc:member")];
    let got = send("POST", "/v3/things", &member, r#"{"thing": {"size": "3"}}"#).await;
    assert_eq!((got.status, &got.body["project"]), (200, &json!("abc")));
}

#[tokio::test]
async fn a_rule_after_load_answers_404_first_and_may_not_be_forgotten() {
    let member = [("x-auth-token", "u:abc:member")];
    let got = send("GET", "/v3/things/missing", &member, "").await;
    assert_eq!(got.fault(), (404, "Thing missing could not be found."));
    assert_eq!(send("GET", "/v3/things/1", &member, "").await.status, 403);
    assert_eq!(send("GET", "/v3/things/1", &[], "").await.status, 200);
    assert_eq!(send("GET", "/v3/things/careless", &[], "").await.status, 500);
}

#[tokio::test]
async fn a_panic_is_a_500_that_tells_nothing() {
    let got = send("GET", "/v3/things/panic", &[], "").await;
    assert_eq!(got.status, 500);
    assert_eq!(got.body["computeFault"]["code"], 500);
    assert!(!got.body.to_string().contains("secret"));
    assert!(got.headers.contains_key("x-compute-request-id"));
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_503_and_told_when_to_try_again() {
    let request_timeout = std::time::Duration::from_millis(20);
    let settings = crate::app::ApiSettings { request_timeout, ..Default::default() };
    let house = House::with_settings(&[TABLE], settings).await;
    let got = house.send("GET", "/v3/things/endless", &[], "").await;
    assert_eq!(got.fault(), (503, "The request took too long."));
    assert_eq!(got.headers["retry-after"], "5");
    assert_eq!(got.body["serviceUnavailable"]["retryAfter"], "5");
}
