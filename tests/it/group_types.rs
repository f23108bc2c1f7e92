//! Group types through the API, on every database.

use ashlar_db::testing;
use ashlar_testkit::make::id_of;
use ashlar_testkit::{Cloud, Plan, cloud};
use futures::future::join_all;
use serde_json::json;

#[tokio::test]
async fn a_type_and_its_specs_are_made_shown_changed_and_removed() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim()).idle()).await;
        let (admin, member) = (cloud.admin(), cloud.member());
        let wish = json!({ "group_type": { "name": "gold", "group_specs": { "a": "1" } } });
        let made = admin.post("/group_types", &wish).await.expect(202);
        let id = id_of(&made.body["group_type"]);
        let path = format!("/group_types/{id}");
        let more = json!({ "group_specs": { "b": null } });
        let _ = admin.post(&format!("{path}/group_specs"), &more).await.expect(202);
        let shown = admin.get(&path).await.expect(200).body["group_type"].clone();
        assert_eq!(shown["group_specs"], json!({ "a": "1", "b": null }));
        let shown = member.get(&path).await.expect(200).body["group_type"].clone();
        assert!(shown.get("group_specs").is_none());
        let change = json!({ "group_type": { "is_public": false } });
        let _ = admin.put(&path, &change).await.expect(200);
        let _ = member.get(&path).await.expect(404);
        let found = admin.get("/group_types?is_public=false").await.expect(200);
        assert_eq!(id_of(&found.body["group_types"][0]), id);
        let _ = admin.delete(&format!("{path}/group_specs/b")).await.expect(202);
        let _ = admin.delete(&path).await.expect(202);
        let _ = admin.get(&path).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_all_who_take_a_name_at_once_one_gets_it() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim()).idle()).await;
        let admin = cloud.admin();
        let wish = json!({ "group_type": { "name": "gold" } });
        let answers = join_all((0..8).map(|_| admin.post("/group_types", &wish))).await;
        let made = answers.iter().filter(|answer| answer.status == 202).count();
        assert_eq!(made, 1);
        assert!(answers.iter().all(|answer| [202, 409].contains(&answer.status)));
    }
}
