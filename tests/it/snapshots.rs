//! Snapshots through the API: their whole life, their lists, their metadata.

use ashlar_db::testing;
use ashlar_testkit::make::id_of;
use ashlar_testkit::{Client, Cloud, Plan, cloud};
use reqwest::Method;
use serde_json::{Value, json};

/// A snapshot with these fields, waited for. Its id.
async fn make(client: &Client, fields: Value) -> String {
    let made = client.post("/snapshots", &json!({ "snapshot": fields })).await.expect(202);
    let id = id_of(&made.body["snapshot"]);
    client.wait_for("snapshots", &id, "available").await;
    id
}

fn names(list: &Value) -> Vec<&str> {
    let snapshots = list["snapshots"].as_array().expect("a list");
    snapshots.iter().map(|snapshot| snapshot["name"].as_str().unwrap_or_default()).collect()
}

#[tokio::test]
async fn a_snapshot_comes_to_be_and_goes_and_its_volume_waits_for_that() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let member = cloud.member();
        let volume = member.volume(2).await;
        let made = member
            .post("/snapshots", &json!({ "snapshot": { "volume_id": volume, "name": "s" } }))
            .await
            .expect(202);
        assert_eq!(made.body["snapshot"]["status"], "creating");
        let id = id_of(&made.body["snapshot"]);
        let shown = member.wait_for("snapshots", &id, "available").await;
        assert_eq!((&shown["size"], &shown["name"]), (&json!(2), &json!("s")));
        assert_eq!(shown["os-extended-snapshot-attributes:progress"], "100%");
        assert_eq!(shown["os-extended-snapshot-attributes:project_id"], member.project);

        let refused = member.delete(&format!("/volumes/{volume}")).await.expect(400);
        assert!(refused.message().starts_with("Invalid volume: "), "{}", refused.body);
        let path = format!("/snapshots/{id}");
        let _ = cloud.member().delete(&path).await.expect(404);
        let _ = member.with_roles(&["reader"]).delete(&path).await.expect(403);
        let _ = member.delete(&path).await.expect(202);
        member.wait_gone("snapshots", &id).await;
        let _ = member.delete(&format!("/volumes/{volume}")).await.expect(202);
        member.wait_gone("volumes", &volume).await;
        cloud.check().await;
    }
}

#[tokio::test]
async fn a_snapshot_over_quota_is_refused_and_takes_nothing() {
    let limits = [("volumes", -1), ("snapshots", 1), ("gigabytes", 5)];
    let cloud = Cloud::planned(Plan::with_sim(&cloud::sim()).limits(&limits)).await;
    let member = cloud.member();
    let (small, large) = (member.volume(1).await, member.volume(3).await);
    let take = async |volume: &str| {
        member.post("/snapshots", &json!({ "snapshot": { "volume_id": volume } })).await
    };
    let refused = take(&large).await.expect(413);
    assert_eq!(
        refused.message(),
        "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes \
         quota. Requested 3G, quota is 5G and 4G has been consumed."
    );
    assert_eq!(
        (refused.header("retry-after"), &refused.body["overLimit"]["retryAfter"]),
        ("0", &json!("0"))
    );
    let id = member.snapshot(&small).await;
    let refused = take(&small).await.expect(413);
    assert!(refused.message().starts_with("VolumeSizeExceedsAvailableQuota: "));
    let raise = json!({ "quota_set": { "gigabytes": -1 } });
    let _ =
        cloud.admin().put(&format!("/os-quota-sets/{}", member.project), &raise).await.expect(200);
    let refused = take(&small).await.expect(413);
    assert_eq!(
        refused.message(),
        "SnapshotLimitExceeded: Maximum number of snapshots allowed (1) exceeded"
    );
    let _ = member.delete(&format!("/snapshots/{id}")).await.expect(202);
    member.wait_gone("snapshots", &id).await;
    let _ = member.snapshot(&large).await;
    cloud.check().await;
}

#[tokio::test]
async fn every_page_is_found_by_the_link_of_the_one_before() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let member = cloud.member();
        let volume = member.volume(1).await;
        for name in ["c", "a", "b", "d"] {
            make(&member, json!({ "volume_id": volume, "name": name })).await;
        }
        let _ = cloud.member().volume(1).await;
        for (query, wanted) in [
            ("limit=1&sort=name:asc", ["a", "b", "c", "d"]),
            ("limit=2&sort=status,name", ["d", "c", "b", "a"]),
            ("limit=3&sort_key=display_name&sort_dir=asc", ["a", "b", "c", "d"]),
        ] {
            let mut path = format!("/v3/{}/snapshots/detail?{query}", member.project);
            let mut found = Vec::new();
            loop {
                let page = member.at_root(Method::GET, &path).await.expect(200).body;
                found.extend(names(&page).iter().map(|&name| name.to_owned()));
                let Some(href) = page["snapshots_links"][0]["href"].as_str() else { break };
                let place = href.find("/v3/").expect("a link into the API");
                path = href[place..].to_owned();
            }
            assert_eq!(found, wanted, "{query}");
        }
        let page = member.get("/snapshots?offset=1&limit=2&sort=name:asc&with_count=1").await;
        let page = page.expect(200).body;
        assert_eq!((names(&page), &page["count"]), (vec!["b", "c"], &json!(4)));
    }
}

#[tokio::test]
async fn filters_choose_among_the_projects_snapshots() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let (admin, member) = (cloud.admin(), cloud.member());
        let volumes = [member.volume(1).await, member.volume(1).await];
        let red = json!({ "volume_id": volumes[0], "name": "red_1", "metadata": { "k": "v" } });
        make(&member, red).await;
        make(&member, json!({ "volume_id": volumes[1], "name": "red%1" })).await;
        let list = async |client: &Client, query: &str| -> Vec<String> {
            let path = format!("/snapshots?sort=name:desc&{query}");
            let body = client.get(&path).await.expect(200).body;
            names(&body).into_iter().map(str::to_owned).collect()
        };
        let by_volume = format!("volume_id={}", volumes[1]);
        assert_eq!(list(&member, &by_volume).await, ["red%1"]);
        assert_eq!(list(&member, "name=red_1").await, ["red_1"]);
        assert_eq!(list(&member, "status=available").await, ["red_1", "red%1"]);
        assert_eq!(list(&member, "metadata=%7B'k':'v'%7D").await, ["red_1"]);
        assert_eq!(list(&member, "availability_zone=nova").await.len(), 2);
        assert_eq!(list(&member, "availability_zone=elsewhere").await.len(), 0);
        assert_eq!(list(&admin, "").await.len(), 0);
        assert_eq!(list(&admin, "all_tenants=1&name~=d%25").await, ["red%1"]);
        let mine = format!("all_tenants=1&project_id={}", member.project);
        assert_eq!(list(&admin, &mine).await.len(), 2);
        let host = format!("all_tenants=1&host={}@sim", cloud::HOST);
        assert_eq!(list(&admin, &host).await.len(), 2);
    }
}

#[tokio::test]
async fn metadata_is_kept_by_key_whatever_the_database() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let member = cloud.member();
        let volume = member.volume(1).await;
        let id = make(&member, json!({ "volume_id": volume, "metadata": { "Key": "1" } })).await;
        let path = format!("/snapshots/{id}/metadata");
        let merged = member.post(&path, &json!({ "metadata": { "key": "2" } })).await.expect(200);
        assert_eq!(merged.body, json!({ "metadata": { "Key": "1", "key": "2" } }));
        let one = format!("{path}/key");
        let set = member.put(&one, &json!({ "meta": { "key": "3" } })).await.expect(200);
        assert_eq!(set.body, json!({ "meta": { "key": "3" } }));
        let _ = member.delete(&one).await.expect(200);
        let missing = member.get(&one).await.expect(404);
        assert_eq!(missing.message(), format!("Snapshot {id} has no metadata with key key."));
        let all = member.put(&path, &json!({ "metadata": { "other": "4" } })).await.expect(200);
        assert_eq!(all.body, json!({ "metadata": { "other": "4" } }));
        let shown = member.get(&format!("/snapshots/{id}")).await.expect(200).body;
        assert_eq!(shown["snapshot"]["metadata"], json!({ "other": "4" }));
    }
}

#[tokio::test]
async fn wrong_bodies_are_refused_with_an_envelope() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    let volume = member.volume(1).await;
    let long = "x".repeat(256);
    for body in [
        json!(null),
        json!([]),
        json!({}),
        json!({ "snapshot": null }),
        json!({ "snapshot": { "name": "x" } }),
        json!({ "snapshot": { "volume_id": volume, "colour": "red" } }),
        json!({ "snapshot": { "volume_id": volume, "name": long } }),
        json!({ "snapshot": { "volume_id": volume, "force": "perhaps" } }),
        json!({ "snapshot": { "volume_id": volume, "metadata": { "k": 1 } } }),
        json!({ "snapshot": { "volume_id": volume }, "other": 1 }),
    ] {
        let refused = member.post("/snapshots", &body).await.expect(400);
        assert_eq!(refused.body["badRequest"]["code"], 400, "{body}");
    }
    let listed = member.get("/snapshots").await.expect(200);
    assert_eq!(listed.body, json!({ "snapshots": [] }));
}

#[tokio::test]
async fn an_administrator_sets_a_status_right_and_deletes_by_force() {
    let cloud = Cloud::start().await;
    let admin = cloud.admin();
    let volume = admin.volume(1).await;
    let id = admin.snapshot(&volume).await;
    let action = format!("/snapshots/{id}/action");
    let reset = json!({ "os-reset_status": { "status": "error_deleting" } });
    let _ = admin.post(&action, &reset).await.expect(202);
    let _ = admin.delete(&format!("/snapshots/{id}")).await.expect(400);
    let unknown = admin.post(&action, &json!({ "os-explode": {} })).await.expect(400);
    assert!(unknown.message().starts_with("There is no such action: os-explode."));
    let _ = admin.post(&action, &json!({ "os-force_delete": {} })).await.expect(202);
    admin.wait_gone("snapshots", &id).await;
    cloud.check().await;
}
