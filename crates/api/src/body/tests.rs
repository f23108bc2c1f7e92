//! Schemas accept what Cinder accepts and refuse in its words.

use serde_json::json;

use super::*;

fn schema() -> Value {
    pieces::wrapped(
        "volume",
        pieces::object(
            json!({
                "size": pieces::size_or_null(),
                "name": pieces::trimmed_name(),
                "title": pieces::name(),
                "description": pieces::description(),
                "metadata": pieces::metadata_or_null(),
                "snapshot_id": pieces::optional_uuid(),
                "multiattach": pieces::optional_boolean(),
                "force": pieces::boolean(),
                "host": pieces::host(),
                "image": pieces::image_metadata(),
                "progress": pieces::progress(),
            }),
            &[],
        ),
    )
}

static BODY: Body = Body::new(&[(0, schema)]);

fn refusal(body: Value) -> String {
    let fault = BODY.check(v3(0), &body).expect_err("must be refused");
    assert_eq!(fault.status().as_u16(), 400);
    fault.message().to_owned()
}

fn field(name: &str, value: Value) -> String {
    refusal(json!({ "volume": { name: value } }))
}

#[test]
fn refusals_have_cinders_words() {
    assert_eq!(refusal(json!({})), "'volume' is a required property");
    assert_eq!(refusal(json!([])), "[] is not of type 'object'");
    assert_eq!(
        refusal(json!({"volume": {}, "x": 1})),
        "Additional properties are not allowed ('x' was unexpected)"
    );
    assert_eq!(
        refusal(json!({"volume": {"b": 1, "a": 2}})),
        "Invalid input for field/attribute volume. Value: {'a': 2, 'b': 1}. Additional properties \
         are not allowed ('a', 'b' were unexpected)"
    );
    assert_eq!(
        field("size", json!(0)),
        "Invalid input for field/attribute size. Value: 0. 0 is less than the minimum of 1"
    );
    assert_eq!(
        field("size", json!("big")),
        "Invalid input for field/attribute size. Value: big. 'big' does not match '^[0-9]+$'"
    );
    assert_eq!(
        field("size", json!(1.5)),
        "Invalid input for field/attribute size. Value: 1.5. 1.5 is not of type 'integer', \
         'string', 'null'"
    );
    assert_eq!(
        field("snapshot_id", json!("abc")),
        "Invalid input for field/attribute snapshot_id. Value: abc. 'abc' is not a 'uuid'"
    );
    assert_eq!(
        field("snapshot_id", json!(5)),
        "Invalid input for field/attribute snapshot_id. Value: 5. 5 is not valid under any of the \
         given schemas"
    );
    assert_eq!(
        field("metadata", json!({"a$": "b"})),
        "Invalid input for field/attribute metadata. Value: {'a$': 'b'}. 'a$' does not match any \
         of the regexes: '^[a-zA-Z0-9-_:. /]{1,255}$'"
    );
    assert_eq!(
        field("metadata", json!({"a": 1})),
        "Invalid input for field/attribute a. Value: 1. 1 is not of type 'string'"
    );
    assert!(field("force", json!("perhaps")).contains("'perhaps' is not one of [True, 'True'"));
}

#[test]
fn checks_word_their_own_refusals() {
    assert_eq!(
        field("name", json!("x".repeat(256))),
        "Invalid input received: name has 256 characters, more than 255."
    );
    assert_eq!(
        field("title", json!("  ")),
        "An invalid 'name' value was provided. The 'name' can not be empty."
    );
    assert_eq!(
        field("progress", json!("101%")),
        "Invalid input received: progress must be an integer percentage between 0 and 100"
    );
    assert_eq!(
        field("progress", json!(format!("{}5%", "0".repeat(255)))),
        "Invalid input received: progress must be an integer percentage between 0 and 100"
    );
}

#[test]
fn edges_of_the_pieces_are_cinders() {
    let passes =
        |name: &str, value: Value| BODY.check(v3(0), &json!({ "volume": { name: value } })).is_ok();
    for (name, value) in [
        ("size", json!("10")),
        ("size", json!(null)),
        ("size", json!(2_147_483_647_u32)),
        ("name", json!(format!("  {}  ", "x".repeat(255)))),
        ("name", json!("a\nb\u{0}\u{1f600}")),
        ("description", json!("é and blanks")),
        ("metadata", json!({"a b/c:d.e-f_g": ""})),
        ("metadata", json!(null)),
        ("snapshot_id", json!("0123456789ABCDEF0123456789abcdef")),
        ("multiattach", json!("on")),
        ("multiattach", json!(null)),
        ("force", json!("1")),
        ("host", json!("h@b#[fe80::1]:/p")),
        ("image", json!({"k": "x".repeat(65_535)})),
    ] {
        assert!(passes(name, value.clone()), "{name}: {value}");
    }
    for (name, value) in [
        ("size", json!(1.0)),
        ("size", json!(true)),
        ("size", json!("2147483648")),
        ("size", json!("-1")),
        ("description", json!("a\nb")),
        ("description", json!("\u{1f600}")),
        ("metadata", json!({"": "x"})),
        ("metadata", json!({"k": "x".repeat(256)})),
        ("multiattach", json!("tRuE")),
        ("force", json!(1)),
        ("host", json!("a b")),
        ("image", json!({"k": "é".repeat(32_768)})),
    ] {
        assert!(!passes(name, value.clone()), "{name}: {value}");
    }
}

#[test]
fn content_types_are_json_or_nothing() {
    for good in ["application/json", "Application/JSON; charset=utf-8"] {
        assert!(check_content_type(Some(good.as_bytes())).is_ok());
    }
    assert!(check_content_type(Some(b"application/vnd.openstack.volume+json")).is_ok());
    for bad in [None, Some(&b"text/plain"[..]), Some(&b"\xff"[..])] {
        assert_eq!(check_content_type(bad).expect_err("415").status().as_u16(), 415);
    }
}

#[test]
fn an_action_is_the_single_key_of_an_object() {
    assert_eq!(action_name(&json!({"os-extend": {}})).expect("an action"), "os-extend");
    for (body, status) in [
        (json!({}), 400),
        (json!({"a": 1, "b": 2}), 400),
        (json!([]), 400),
        (json!(""), 400),
        (json!(["x"]), 404),
        (json!("x"), 404),
        (json!(1), 404),
        (json!(null), 404),
    ] {
        assert_eq!(action_name(&body).expect_err("no action").status().as_u16(), status);
    }
}
