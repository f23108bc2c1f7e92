//! User messages through the API: what went wrong is told to the project it went wrong for.

use ashlar_db::testing;
use ashlar_testkit::make::id_of;
use ashlar_testkit::{Client, Cloud, Plan, cloud};
use serde_json::{Value, json};

/// Asks for a volume that no pool has room for, and waits until that is known. Its id.
async fn fail(client: &Client) -> String {
    let id = id_of(&client.create_volume(json!({ "size": 2_000_000 })).await);
    client.wait_for("volumes", &id, "error").await;
    id
}

async fn list(client: &Client, query: &str) -> Vec<Value> {
    let answer = client.get(&format!("/messages{query}")).await.expect(200);
    answer.body["messages"].as_array().cloned().expect("a list")
}

/// The original lists the messages of every project to everybody.
#[tokio::test]
async fn defect_messages_are_for_the_project_alone() {
    for place in testing::databases().await {
        let unlimited = [("volumes", -1), ("gigabytes", -1)];
        let plan = Plan::with_sim(&cloud::sim()).limits(&unlimited);
        let cloud = Cloud::on(place, plan).await;
        let (one, other, admin) = (cloud.member(), cloud.member(), cloud.admin());
        let failed = fail(&one).await;
        fail(&other).await;
        let found = list(&one, "").await;
        assert_eq!(found.len(), 1);
        let message = &found[0];
        assert_eq!(message["event_id"], "VOLUME_VOLUME_001_003");
        assert_eq!(message["resource_type"], "VOLUME");
        assert_eq!(message["resource_uuid"], failed);
        assert_eq!(message["message_level"], "ERROR");
        let text = message["user_message"].as_str().expect("a text");
        assert!(text.starts_with("schedule allocate volume:"), "{text}");
        assert!(message["guaranteed_until"].is_string());
        assert!(message["request_id"].as_str().is_some_and(|id| id.starts_with("req-")));
        assert_eq!(list(&admin, "").await.len(), 0);
        assert_eq!(list(&admin, "?all_tenants=1").await.len(), 2);
        assert_eq!(list(&one, "?all_tenants=1").await.len(), 1);

        let path = format!("/messages/{}", id_of(message));
        let shown = one.get(&path).await.expect(200);
        assert_eq!(shown.body["message"], *message);
        let _ = other.get(&path).await.expect(404);
        let _ = other.delete(&path).await.expect(404);
        let _ = one.with_roles(&["reader"]).delete(&path).await.expect(403);
        let _ = one.delete(&path).await.expect(204);
        let _ = one.delete(&path).await.expect(404);
        assert_eq!(list(&one, "").await.len(), 0);
        cloud.check().await;
    }
}

#[tokio::test]
async fn messages_are_paged_and_filtered_from_3_5_on() {
    let plan = Plan::with_sim(&cloud::sim()).limits(&[("volumes", -1), ("gigabytes", -1)]);
    let cloud = Cloud::planned(plan).await;
    let member = cloud.member();
    let (first, second) = (fail(&member).await, fail(&member).await);
    let about = |messages: Vec<Value>| -> Vec<String> {
        messages.iter().map(|m| m["resource_uuid"].as_str().unwrap_or("").to_owned()).collect()
    };
    let _ = member.at(2).get("/messages").await.expect(404);
    assert_eq!(list(&member.at(4), "?limit=1").await.len(), 2);
    let page = member.at(5).get("/messages?limit=1").await.expect(200).body;
    let next = page["messages_links"][0]["href"].as_str().expect("a link");
    let marker = next.split("marker=").nth(1).expect("a marker");
    assert_eq!(page["messages"][0]["resource_uuid"], second);
    let rest = list(&member, &format!("?limit=1&marker={marker}")).await;
    assert_eq!(about(rest), std::slice::from_ref(&first));
    assert_eq!(about(list(&member, &format!("?resource_uuid={first}")).await), [first]);
    assert_eq!(list(&member, "?event_id=VOLUME_VOLUME_001_003").await.len(), 2);
    assert_eq!(list(&member, "?message_level=INFO").await.len(), 0);
    let refused = member.get("/messages?user_message=x").await.expect(400);
    assert_eq!(refused.message(), "Invalid filters user_message are found in query options.");
}
