//! Metadata through the API.

use ashlar_db::testing;
use ashlar_testkit::{Client, Cloud, Plan, cloud};
use serde_json::{Value, json};

/// A PUT with `If-Match`: its code and body.
async fn put_if(
    (cloud, client): (&Cloud, &Client),
    path: &str,
    minor: u32,
    tag: &str,
    body: &Value,
) -> (u16, String) {
    let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
    let answer = http
        .put(format!("http://{}/v3/{}{path}", cloud.address, client.project))
        .header("X-Auth-Token", format!("tester:{}:member", client.project))
        .header("OpenStack-API-Version", format!("volume 3.{minor}"))
        .header("If-Match", tag)
        .json(body)
        .send()
        .await
        .expect("the server answers");
    (answer.status().as_u16(), answer.text().await.expect("a whole answer"))
}

#[tokio::test]
async fn pairs_are_merged_replaced_set_and_removed_on_every_database() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let member = cloud.member();
        let id = member.volume_of(json!({ "size": 1, "metadata": { "a": "1", "b": "2" } })).await;
        let all = format!("/volumes/{id}/metadata");
        let (one, other) = (format!("{all}/a"), format!("{all}/A"));
        let read = async || member.get(&all).await.expect(200).body["metadata"].clone();
        assert_eq!(read().await, json!({ "a": "1", "b": "2" }));
        let body = json!({ "metadata": { "b": "3", "A": "ä €" } });
        let merged = member.post(&all, &body).await.expect(200).body;
        assert_eq!(merged, json!({ "metadata": { "a": "1", "A": "ä €", "b": "3" } }));
        let replaced = member.put(&all, &body).await.expect(200).body;
        assert_eq!((&replaced, read().await), (&body, body["metadata"].clone()));
        let pair = json!({ "meta": { "a": "" } });
        assert_eq!(member.put(&one, &pair).await.expect(200).body, pair);
        assert_eq!(member.get(&one).await.expect(200).body, pair);
        assert_eq!(member.delete(&other).await.expect(200).body, Value::Null);
        assert_eq!(read().await, json!({ "a": "", "b": "3" }));
        let message = member.get(&other).await.expect(404).message();
        assert_eq!(message, format!("Volume {id} has no metadata with key A."));
        let _ = member.delete(&other).await.expect(404);
    }
}

#[tokio::test]
async fn what_is_wrong_is_refused() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    let id = member.volume(1).await;
    let all = format!("/volumes/{id}/metadata");
    let one = format!("{all}/a");
    for body in [
        json!({}),
        json!({ "metadata": null }),
        json!({ "metadata": { "a": 1 } }),
        json!({ "metadata": { "a": "x".repeat(256) } }),
        json!({ "metadata": { "ä": "x" } }),
        json!({ "metadata": {}, "more": 1 }),
    ] {
        let _ = member.post(&all, &body).await.expect(400);
        let _ = member.put(&all, &body).await.expect(400);
    }
    for meta in [json!({}), json!({ "a": "1", "b": "2" }), json!({ "b": "2" }), json!(null)] {
        let _ = member.put(&one, &json!({ "meta": meta })).await.expect(400);
    }
    let (good, pair) = (json!({ "metadata": { "a": "b" } }), json!({ "meta": { "a": "b" } }));
    let (reader, stranger) = (member.with_roles(&["reader"]), cloud.member());
    for (client, code) in [(&reader, 403), (&stranger, 404)] {
        let _ = client.post(&all, &good).await.expect(code);
        let _ = client.put(&all, &good).await.expect(code);
        let _ = client.put(&one, &pair).await.expect(code);
        let _ = client.delete(&one).await.expect(if code == 403 { 403 } else { 404 });
    }
    let _ = reader.get(&all).await.expect(200);
    let _ = stranger.get(&all).await.expect(404);
    let reset = json!({ "status": "uploading" });
    let _ = cloud.admin().act(&id, "os-reset_status", reset).await.expect(202);
    assert_eq!(
        member.put(&all, &good).await.expect(400).message(),
        "Invalid volume: Updating volume metadata is not allowed for volumes in uploading status."
    );
}

#[tokio::test]
async fn from_3_15_a_writer_may_ask_that_nothing_has_changed() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    let id = member.volume_of(json!({ "size": 1, "metadata": { "a": "b" } })).await;
    let all = format!("/volumes/{id}/metadata");
    assert_eq!(member.at(14).get(&all).await.expect(200).header("etag"), "");
    let answer = member.at(15).get(&all).await.expect(200);
    let tag = answer.header("etag").to_owned();
    // From Python: hashlib.md5(json.dumps({"metadata": {"a": "b"}}).encode()).hexdigest()
    assert_eq!(tag, "9ee9db81deeab2410feda04edb7e27ad");
    let body = json!({ "metadata": { "a": "c" } });
    let put = async |minor, tag: &str| put_if((&cloud, &member), &all, minor, tag, &body).await;
    assert_eq!(put(71, "\"else\"").await, (412, String::new()));
    assert_eq!(put(71, &format!("\"else\", \"{tag}\"")).await.0, 200);
    assert_eq!(put(71, &tag).await, (412, String::new()), "it is another now");
    assert_eq!(put(14, &tag).await.0, 200);
    let pair = json!({ "meta": { "a": "d" } });
    let one = format!("{all}/a");
    assert_eq!(put_if((&cloud, &member), &one, 15, &tag, &pair).await.0, 412);
    assert_eq!(put_if((&cloud, &member), &one, 15, "*", &pair).await.0, 200);
}

#[tokio::test]
async fn two_who_hold_the_same_tag_cannot_both_write() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let member = cloud.member();
        let id = member.volume(1).await;
        let all = format!("/volumes/{id}/metadata");
        let tag = member.get(&all).await.expect(200).header("etag").to_owned();
        let (first, second) =
            (json!({ "metadata": {"a": "1"} }), json!({ "metadata": {"a": "2"} }));
        let both = (&cloud, &member);
        let (one, two) = tokio::join!(
            put_if(both, &all, 71, &tag, &first),
            put_if(both, &all, 71, &tag, &second)
        );
        let mut codes = [one.0, two.0];
        codes.sort_unstable();
        assert_eq!(codes, [200, 412]);
    }
}
