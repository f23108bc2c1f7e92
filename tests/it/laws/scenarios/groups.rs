//! Operations on groups.

use ashlar_flow::BoxFuture;
use ashlar_testkit::Client;
use ashlar_testkit::make::id_of;
use serde_json::json;

use super::{End, Prepared};

const DEFAULT: &str = "__DEFAULT__";

/// A group type. What is prepared is its name.
pub(super) fn a_group_type(client: Client) -> BoxFuture<'static, Prepared> {
    Box::pin(async move {
        let name = client.group_type(json!({})).await;
        Prepared { volume: String::new(), snapshot: name }
    })
}

/// An empty group, and a volume that it could have. What is prepared is the group.
pub(super) fn a_group_beside_a_volume(client: Client) -> BoxFuture<'static, Prepared> {
    Box::pin(async move {
        let name = client.group_type(json!({})).await;
        let group = client.group(&name, &[DEFAULT]).await;
        Prepared { volume: client.volume(1).await, snapshot: group }
    })
}

/// A group with a volume. What is prepared is the group.
pub(super) fn a_group_with_a_volume(client: Client) -> BoxFuture<'static, Prepared> {
    Box::pin(async move {
        let name = client.group_type(json!({})).await;
        let group = client.group(&name, &[DEFAULT]).await;
        Prepared { volume: client.volume_in(&group).await, snapshot: group }
    })
}

/// A group whose types ask for replication, which no backend can do: it is made available by hand.
pub(super) fn a_replicated_group(client: Client) -> BoxFuture<'static, Prepared> {
    Box::pin(async move {
        let name = client.group_type(json!({ "group_replication_enabled": "<is> True" })).await;
        let of = format!("replicated of {}", client.project);
        let specs = json!({ "replication_enabled": "<is> True" });
        let wish = json!({ "volume_type": { "name": of, "extra_specs": specs } });
        let _ = client.post("/types", &wish).await.expect(200);
        let wish = json!({ "group_type": name, "volume_types": [of] });
        let made = client.post("/groups", &json!({ "group": wish })).await.expect(202);
        let group = id_of(&made.body["group"]);
        client.wait_for("groups", &group, "error").await;
        let reset = json!({ "status": "available" });
        let _ = client.act_on_group(&group, "reset_status", reset).await.expect(202);
        Prepared { volume: String::new(), snapshot: group }
    })
}

pub(super) fn create(client: Client, there: Prepared) -> BoxFuture<'static, End> {
    Box::pin(async move {
        let wish = json!({ "group_type": there.snapshot, "volume_types": [DEFAULT] });
        let made = client.post("/groups", &json!({ "group": wish })).await.expect(202);
        super::made(&client, "groups", &id_of(&made.body["group"])).await
    })
}

/// A volume that is accepted while its group has no place yet follows it.
pub(super) fn create_volume(client: Client, there: Prepared) -> BoxFuture<'static, End> {
    Box::pin(async move {
        let wish = json!({ "size": 1, "volume_type": DEFAULT, "group_id": there.snapshot });
        let made = client.create_volume(wish).await;
        super::made(&client, "volumes", &id_of(&made)).await
    })
}

pub(super) fn update(client: Client, there: Prepared) -> BoxFuture<'static, End> {
    Box::pin(async move {
        let path = format!("/groups/{}", there.snapshot);
        let wish = json!({ "group": { "add_volumes": there.volume } });
        let _ = client.put(&path, &wish).await.expect(202);
        client.wait_for("groups", &there.snapshot, "available").await;
        let wish = json!({ "group": { "remove_volumes": there.volume } });
        let _ = client.put(&path, &wish).await.expect(202);
        client.wait_for("groups", &there.snapshot, "available").await;
        let shown = client.get(&format!("/volumes/{}", there.volume)).await.expect(200);
        assert!(shown.body["volume"]["group_id"].is_null(), "{}", shown.body);
        End::Done
    })
}

/// When the group stays its volume is gone all the same: that has an operation of its own.
pub(super) fn delete(client: Client, there: Prepared) -> BoxFuture<'static, End> {
    Box::pin(async move {
        let wish = json!({ "delete-volumes": true });
        let _ = client.act_on_group(&there.snapshot, "delete", wish).await.expect(202);
        let left = client.settled("groups", &there.snapshot).await;
        client.wait_gone("volumes", &there.volume).await;
        match left {
            None => End::Done,
            Some(group) => {
                assert_eq!(group["status"], "error", "{group}");
                End::Undone
            }
        }
    })
}

/// That it cannot be done is all that there is to be done.
pub(super) fn replicate(client: Client, there: Prepared) -> BoxFuture<'static, End> {
    Box::pin(async move {
        let group = there.snapshot;
        let _ = client.act_on_group(&group, "enable_replication", json!({})).await.expect(202);
        loop {
            let shown = client.get(&format!("/groups/{group}")).await.expect(200);
            match shown.body["group"]["replication_status"].as_str() {
                Some("enabling") => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
                Some("error") => return End::Done,
                other => panic!("unexpected replication status {other:?}"),
            }
        }
    })
}
