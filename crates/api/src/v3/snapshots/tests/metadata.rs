//! Metadata.

use serde_json::{Value, json};

use super::*;

#[tokio::test]
async fn metadata_is_merged_replaced_set_and_deleted() {
    let (house, [first, ..]) = house_with_three().await;
    let path = format!("/v3/snapshots/{first}/metadata");
    let one = format!("{path}/a%20b");
    let ask = async |method: &str, path: &str, body: Value| {
        let got = house.ask(MEMBER, method, path, &body).await;
        (got.status, got.body)
    };
    let all = |pairs: Value| (200, json!({ "metadata": pairs }));
    assert_eq!(ask("GET", &path, Value::Null).await, all(json!({ "n": "first" })));
    let merged = ask("POST", &path, json!({ "metadata": { "a b": "1" }, "other": 1 })).await;
    assert_eq!(merged, all(json!({ "n": "first", "a b": "1" })));
    assert_eq!(ask("GET", &one, Value::Null).await, (200, json!({ "meta": { "a b": "1" } })));
    let set = ask("PUT", &one, json!({ "meta": { "a b": "2" } })).await;
    assert_eq!(set, (200, json!({ "meta": { "a b": "2" } })));
    let mismatch = ask("PUT", &one, json!({ "meta": { "c": "2" } })).await;
    assert_eq!(
        (mismatch.0, &mismatch.1["badRequest"]["message"]),
        (400, &json!("Request body and URI mismatch"))
    );
    let replaced = ask("PUT", &path, json!({ "metadata": { "a b": "3" } })).await;
    assert_eq!(replaced, all(json!({ "a b": "3" })));
    assert_eq!(ask("DELETE", &one, Value::Null).await.0, 200);
    assert_eq!(ask("GET", &path, Value::Null).await, all(json!({})));
    let gone = house.ask(MEMBER, "DELETE", &one, &Value::Null).await;
    let message = format!("Snapshot {first} has no metadata with key a b.");
    assert_eq!(gone.fault(), (404, message.as_str()));
    assert_eq!(house.get(MEMBER, &one).await.fault(), (404, message.as_str()));
}

#[tokio::test]
async fn metadata_has_rights_of_its_own() {
    let (house, [first, ..]) = house_with_three().await;
    let path = format!("/v3/snapshots/{first}/metadata");
    let body = json!({ "metadata": { "k": "v" } });
    for (who, read, write) in
        [(READER, 200, 403), (NOBODY, 403, 403), (FOREIGNER, 404, 404), (MEMBER, 200, 200)]
    {
        assert_eq!(house.get(who, &path).await.status, read, "{who:?}");
        assert_eq!(house.ask(who, "PUT", &path, &body).await.status, write, "{who:?}");
        let one = format!("{path}/k");
        assert_eq!(
            house.get(who, &one).await.status,
            if read == 200 && write == 403 { 404 } else { read }
        );
    }
    assert_eq!(house.ask(READER, "DELETE", &format!("{path}/k"), &Value::Null).await.status, 403);
}
