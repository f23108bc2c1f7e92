//! Who may be in a group: volumes made in it, joining it, leaving it.

use serde_json::json;

use super::*;

#[tokio::test]
async fn a_volume_is_made_in_a_group_and_cannot_be_deleted_alone() {
    let (cloud, client) = house().await;
    let group = group(&client).await;
    let volume = client.volume_in(&group).await;
    assert_eq!(volumes_of(&client, &group).await, std::slice::from_ref(&volume));
    for request in [
        client.delete(&format!("/volumes/{volume}")).await,
        client.act(&volume, "os-force_delete", json!(null)).await,
    ] {
        assert_eq!(request.status, 400);
        assert!(request.message().contains("it belongs to a group"), "{}", request.message());
    }
    let left = delete(&client, &group, false).await;
    let message = format!(
        "Invalid Group: Group {group} still contains volumes. The delete-volumes flag is required \
         to delete it."
    );
    assert_eq!((left.status, left.message()), (400, message.to_owned()));
    cloud.check().await;
}

#[tokio::test]
async fn a_volume_in_a_group_names_one_of_its_types() {
    let (cloud, client) = house().await;
    let group = group(&client).await;
    let wish = json!({ "volume_type": { "name": "other" } });
    let _ = client.post("/types", &wish).await.expect(200);
    let refused = async |wish: Value| {
        let answer = client.post("/volumes", &json!({ "volume": wish })).await;
        assert_eq!(answer.status, 400, "{}", answer.body);
        answer.message()
    };
    let unnamed = refused(json!({ "size": 1, "group_id": group })).await;
    assert!(unnamed.contains("volume_type must be provided"), "{unnamed}");
    let other = refused(json!({ "size": 1, "volume_type": "other", "group_id": group })).await;
    assert!(other.contains("type must be supported by this group"), "{other}");
    let reset = json!({ "status": "error" });
    assert_eq!(client.act_on_group(&group, "reset_status", reset).await.status, 202);
    let wish = json!({ "size": 1, "volume_type": DEFAULT, "group_id": group });
    assert_eq!(
        refused(wish).await,
        "Invalid Group: Originating group status must be one of 'available, creating' values"
    );
    cloud.check().await;
}

#[tokio::test]
async fn volumes_join_and_leave() {
    let (cloud, client) = house().await;
    let group = group(&client).await;
    let (one, two) = (client.volume(1).await, client.volume(1).await);
    let both = format!("{one},{two}");
    let answer = change(&client, &group, json!({ "add_volumes": both, "name": "new" })).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    let shown = client.wait_for("groups", &group, "available").await;
    assert_eq!(shown["name"], "new");
    assert_eq!(volumes_of(&client, &group).await.len(), 2);
    // One that is a member already may be named again; one leaves.
    let answer = change(&client, &group, json!({ "remove_volumes": one })).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    client.wait_for("groups", &group, "available").await;
    assert_eq!(volumes_of(&client, &group).await, std::slice::from_ref(&two));
    let again = change(&client, &group, json!({ "add_volumes": two })).await;
    assert_eq!(again.status, 400, "nothing new");
    assert_eq!(client.delete(&format!("/volumes/{one}")).await.status, 202, "it is free again");
    client.wait_gone("volumes", &one).await;
    cloud.check().await;
}

#[tokio::test]
async fn who_may_not_join_or_leave_is_told_why() {
    let (cloud, client) = house().await;
    let (mine, other) = (group(&client).await, group(&client).await);
    let taken = client.volume_in(&other).await;
    let free = client.volume(1).await;
    let wish = json!({ "volume_type": { "name": "unknown to the group" } });
    let _ = client.post("/types", &wish).await.expect(200);
    let typed = json!({ "size": 1, "volume_type": "unknown to the group" });
    let typed = client.volume_of(typed).await;
    let refused = async |wish: Value| {
        let answer = change(&client, &mine, wish).await;
        assert_eq!(answer.status, 400, "{}", answer.body);
        answer.message()
    };
    let adding = |id: &str| json!({ "add_volumes": id });
    let begin = |id: &str| format!("Invalid volume: Cannot add volume {id} to group {mine} ");
    assert_eq!(
        refused(adding(&taken)).await,
        format!("{}because it is already in group {other}.", begin(&taken))
    );
    assert_eq!(
        refused(adding("nobody")).await,
        format!("{}because volume cannot be found.", begin("nobody"))
    );
    assert!(refused(adding(&typed)).await.contains("is not supported by the group"));
    let reset = client.act(&free, "os-reset_status", json!({ "status": "error" })).await;
    assert_eq!(reset.status, 202);
    assert_eq!(
        refused(adding(&free)).await,
        format!(
            "{}because volume is in an invalid state: error. Valid states are: ('available', \
             'in-use').",
            begin(&free)
        )
    );
    assert_eq!(
        refused(json!({ "remove_volumes": free })).await,
        format!(
            "Invalid volume: Cannot remove volume {free} from group {mine} because it is not in the \
             group."
        )
    );
    assert_eq!(
        refused(json!({ "add_volumes": free, "remove_volumes": free })).await,
        format!("Invalid volume: UUIDs ['{free}'] are in both add and remove volume list.")
    );
    let nothing = refused(json!({ "name": null })).await;
    assert!(nothing.contains("because no valid name, description, add_volumes"), "{nothing}");
    cloud.check().await;
}
