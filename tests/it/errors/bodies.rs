//! Bodies that are no JSON, not the right JSON, too large, or of another type.

use ashlar_testkit::Cloud;
use serde_json::{Value, json};

use super::wire::Request;
use super::{Case, check, check_everywhere, clouds};

const NOBODY: &str = "/volumes/00000000-0000-4000-8000-000000000001";
const GENERIC: &str = "The server could not comply with the request";

/// A POST to `/volumes` with these bytes.
fn create(body: impl AsRef<[u8]>) -> Request {
    Request::new("POST", "/volumes").json(body)
}

/// A POST to `/volumes` at the newest microversion with these fields.
fn volume(fields: Value) -> Request {
    create(json!({ "volume": fields }).to_string()).at(71)
}

#[tokio::test]
async fn what_is_no_json_is_refused() {
    let cloud = Cloud::start().await;
    let malformed =
        |name, body: &[u8]| Case::new(name, create(body), 400, "Malformed request body");
    let deep = "[".repeat(50_000);
    let inside = format!("{{\"volume\": {{\"metadata\": {deep}");
    let digits = format!("{{\"volume\": {{\"size\": {}}}}}", "9".repeat(5_000));
    check(
        &cloud,
        &[
            malformed("half an object", b"{"),
            malformed("a word", b"volume"),
            malformed("two values", b"{} {}"),
            malformed("a trailing comma", b"{\"volume\": {\"size\": 1,}}"),
            malformed("single quotes", b"{'volume': {'size': 1}}"),
            malformed("blanks", b"   "),
            malformed("a raw NUL", b"{\"volume\": {\"name\": \"a\0b\"}}"),
            malformed("a NUL behind", b"{\"volume\": {\"size\": 1}}\0"),
            malformed("no UTF-8", b"{\"volume\": {\"name\": \"\xff\xfe\"}}"),
            malformed("half a surrogate pair", b"{\"volume\": {\"name\": \"\\ud800\"}}"),
            malformed("UTF-16", b"\xff\xfe{\0}\0"),
            malformed("very deep", deep.as_bytes()),
            malformed("very deep inside", inside.as_bytes()),
            Case::new("5,000 digits", create(digits), 400, ""),
            Case::new("infinity", create("{\"volume\": {\"size\": 1e999}}"), 400, ""),
            Case::new("not a number", create("{\"volume\": {\"size\": NaN}}"), 400, ""),
        ],
    )
    .await;
}

#[tokio::test]
async fn json_of_another_shape_is_refused() {
    let cloud = Cloud::start().await;
    let object = "is not of type 'object'";
    let create_at = |body: &str| create(body).at(71);
    check(
        &cloud,
        &[
            Case::new("an array", create_at("[]"), 400, "[] is not of type 'object'"),
            Case::new("a text", create_at("\"volume\""), 400, object),
            Case::new("a number", create_at("1"), 400, object),
            Case::new("null", create_at("null"), 400, object),
            Case::new("an empty object", create_at("{}"), 400, "'volume' is a required property"),
            Case::new("a volume that is null", create_at("{\"volume\": null}"), 400, object),
            Case::new("a volume that is a list", create_at("{\"volume\": []}"), 400, object),
            Case::new(
                "an unknown neighbour",
                create_at("{\"volume\": {\"size\": 1}, \"x\": 1}"),
                400,
                "Additional properties are not allowed ('x' was unexpected)",
            ),
            Case::new(
                "an unknown field",
                volume(json!({ "size": 1, "colour": "red" })),
                400,
                "Additional properties are not allowed ('colour' was unexpected)",
            ),
            Case::new("nothing at all", Request::new("POST", "/volumes").at(71), 400, ""),
            Case::new("an empty body", create_at(""), 400, ""),
            Case::new("a put of nothing", Request::new("PUT", NOBODY).at(71), 400, ""),
            Case::new(
                "the last of two keys counts",
                create_at("{\"volume\": {\"size\": 1}, \"volume\": 3}"),
                400,
                object,
            ),
            Case::new(
                "the last of two fields counts",
                create_at("{\"volume\": {\"size\": 1, \"size\": []}}"),
                400,
                "size",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn wrong_values_are_refused_and_named() {
    let long = "x".repeat(256);
    let mut cases = Vec::new();
    for size in [
        json!(0),
        json!(-1),
        json!(1.5),
        json!(true),
        json!([1]),
        json!({}),
        json!("x"),
        json!(""),
        json!("1.0"),
        json!(" 1"),
        json!(2_147_483_648_u64),
        json!(u64::MAX),
        json!("１"),
    ] {
        cases.push(Case::new("a size", volume(json!({ "size": size })), 400, ""));
    }
    let fields = [
        ("name", json!(1)),
        ("name", json!(long)),
        ("description", json!([])),
        ("description", json!(long)),
        ("availability_zone", json!("")),
        ("availability_zone", json!(long)),
        ("volume_type", json!(long)),
        ("volume_type", json!({})),
        ("metadata", json!([])),
        ("metadata", json!({ "key": 1 })),
        ("metadata", json!({ "key": null })),
        ("metadata", json!({ "key": long })),
        ("metadata", json!({ "": "empty" })),
        ("metadata", json!({ "käse": "letters" })),
        ("metadata", json!({ (long.as_str()): "long" })),
        ("snapshot_id", json!("not-an-id")),
        ("snapshot_id", json!(7)),
        ("source_volid", json!(["a"])),
        ("multiattach", json!("perhaps")),
        ("multiattach", json!(true)),
    ];
    for (field, value) in fields {
        cases.push(Case::new(field, volume(json!({ "size": 1, field: value })), 400, ""));
    }
    let hints = json!({ "volume": { "size": 1 }, "OS-SCH-HNT:scheduler_hints": 1 });
    cases.push(Case::new("hints", create(hints.to_string()).at(71), 400, ""));
    cases.push(Case::new("no size", volume(json!({})), 400, GENERIC));
    check_everywhere(&cases).await;
}

#[tokio::test]
async fn a_body_must_say_that_it_is_json() {
    let cloud = Cloud::start().await;
    let body = json!({ "volume": { "size": 1 } }).to_string();
    let of = |content_type| Request::new("POST", "/volumes").body(content_type, &body);
    let mut cases = Vec::new();
    for content_type in [
        "text/plain",
        "application/xml",
        "application/json-patch+json",
        "json",
        ";;;",
        "application",
        "multipart/form-data; boundary=x",
    ] {
        cases.push(Case::new(
            content_type,
            of(Some(content_type)),
            415,
            "Unsupported Content-Type",
        ));
    }
    cases.push(Case::new("no type", of(None), 415, "Unsupported Content-Type"));
    for content_type in [
        "application/json",
        "application/json; charset=utf-8",
        "application/vnd.openstack.volume+json",
    ] {
        cases.push(Case::new(content_type, of(Some(content_type)), 202, ""));
    }
    let get = |content_type: &str| Request::new("GET", "/volumes").body(Some(content_type), "{}");
    cases.push(Case::new("a GET with a body", get("application/json"), 400, GENERIC));
    cases.push(Case::new("a GET with text", get("text/plain"), 415, "Unsupported Content-Type"));
    let delete = Request::new("DELETE", NOBODY).json("{}");
    cases.push(Case::new("a DELETE with a body", delete, 400, GENERIC));
    check(&cloud, &cases).await;
}

#[tokio::test]
async fn a_body_may_not_be_larger_than_the_limit() {
    let cloud = Cloud::start().await;
    let large = |length: usize| format!("{{\"volume\": \"{}\"}}", "x".repeat(length));
    let chunked = |length: usize| {
        let mut request = Request::new("POST", "/volumes")
            .header("Content-Type", "application/json")
            .header("Transfer-Encoding", "chunked");
        let body = large(length);
        request.body = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len()).into_bytes();
        request
    };
    let unknown = Request::new("POST", "/nothing").json(large(200_000));
    check(
        &cloud,
        &[
            Case::new("within it", create(large(100_000)), 400, "is not of type 'object'"),
            Case::new("beyond it", create(large(115_000)), 413, ""),
            Case::new("far beyond it", create(large(2_000_000)), 413, ""),
            Case::new("in chunks", chunked(200_000), 413, ""),
            Case::new("in small chunks", chunked(10), 400, "is not of type 'object'"),
            Case::new("to nobody", unknown, 404, ""),
        ],
    )
    .await;
}

#[tokio::test]
async fn an_action_is_one_known_key() {
    let cloud = Cloud::start().await;
    let act = |body: &str| Request::new("POST", &format!("{NOBODY}/action")).json(body).at(71);
    let none = Request::new("POST", &format!("{NOBODY}/action")).at(71);
    check(
        &cloud,
        &[
            Case::new("no body", none, 400, "There is no such action: None"),
            Case::new("no key", act("{}"), 400, "Malformed request body"),
            Case::new(
                "two keys",
                act("{\"os-extend\": {}, \"os-reset_status\": {}}"),
                400,
                "Malformed request body",
            ),
            Case::new(
                "an unknown key",
                act("{\"os-dance\": null}"),
                400,
                "There is no such action: os-dance",
            ),
            Case::new("an empty key", act("{\"\": null}"), 400, "There is no such action"),
            Case::new("an empty array", act("[]"), 400, "Malformed request body"),
            Case::new("an array", act("[\"os-extend\"]"), 404, "The resource could not be found."),
            Case::new("a text", act("\"os-extend\""), 400, "Malformed request body"),
            Case::new("a wrong value", act("{\"os-extend\": 1}"), 400, ""),
            Case::new(
                "an unknown field",
                act("{\"os-extend\": {\"new_size\": 2, \"x\": 1}}"),
                400,
                "'x' was unexpected",
            ),
            Case::new(
                "nobody's volume",
                act("{\"os-extend\": {\"new_size\": 2}}"),
                404,
                "could not be found",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn text_that_a_database_cannot_store_is_refused_and_not_broken() {
    for cloud in clouds().await {
        for text in ["a\u{0}b", "💾", "\u{10ffff}", "\u{fffe}", "\u{202e}", "a\u{300}"] {
            let named = volume(json!({ "size": 1, "name": text, "metadata": { "key": text } }));
            let encoded: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
            let path = format!("/volumes/detail?name={encoded}");
            for request in [named, Request::new("GET", &path).at(71)] {
                let answer = request.send(cloud.address).await;
                let refused = answer.status == 400 && answer.fault().is_some();
                let engine = cloud.db.engine();
                assert!(
                    answer.status < 300 || refused,
                    "{text:?} on {engine:?}: {} {answer:?}",
                    request.method
                );
            }
        }
    }
}
