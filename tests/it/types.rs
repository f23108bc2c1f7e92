//! Volume types through the API: who sees which, what may change, and what a type in use refuses.

mod renamed;

use ashlar_db::testing;
use ashlar_testkit::make::id_of;
use ashlar_testkit::{Answer, Client, Cloud, Plan, cloud};
use serde_json::{Value, json};

/// A type with this name and these other fields; its id.
async fn make(admin: &Client, name: &str, more: Value) -> String {
    let answer = ask(admin, name, more).await.expect(200);
    id_of(&answer.body["volume_type"])
}

async fn ask(admin: &Client, name: &str, more: Value) -> Answer {
    let mut wish = json!({ "name": name });
    for (key, value) in more.as_object().expect("fields") {
        wish[key] = value.clone();
    }
    admin.post("/types", &json!({ "volume_type": wish })).await
}

fn private() -> Value {
    json!({ "os-volume-type-access:is_public": false })
}

async fn names(client: &Client, query: &str) -> Vec<String> {
    let answer = client.get(&format!("/types{query}")).await.expect(200);
    let types = answer.body["volume_types"].as_array().cloned().unwrap_or_default();
    let name = |found: &Value| found["name"].as_str().unwrap_or_default().to_owned();
    let mut names: Vec<String> = types.iter().map(name).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn a_private_type_is_seen_by_those_it_is_granted_to() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let (admin, member) = (cloud.admin(), cloud.member());
        let secret = make(&admin, "secret", private()).await;
        let url = format!("/types/{secret}");
        assert_eq!(names(&member, "").await, ["__DEFAULT__"]);
        let message = member.get(&url).await.expect(404).message();
        assert_eq!(message, format!("Volume type {secret} could not be found."));

        let action = format!("{url}/action");
        let grant = json!({ "addProjectAccess": { "project": member.project } });
        let _ = admin.post(&action, &grant).await.expect(202);
        let message = admin.post(&action, &grant).await.expect(409).message();
        assert!(message.ends_with("combination already exists."), "{message}");
        let listed = admin.get(&format!("{url}/os-volume-type-access")).await.expect(200);
        assert_eq!(
            listed.body,
            json!({ "volume_type_access": [
                { "volume_type_id": secret, "project_id": member.project },
            ] })
        );
        assert_eq!(names(&member, "").await, ["__DEFAULT__", "secret"]);
        let _ = member.get(&url).await.expect(200);

        let revoke = json!({ "removeProjectAccess": { "project": member.project } });
        let _ = admin.post(&action, &revoke).await.expect(202);
        let _ = admin.post(&action, &revoke).await.expect(404);
        assert_eq!(names(&member, "?is_public=none").await, ["__DEFAULT__"]);

        assert_eq!(names(&admin, "").await, ["__DEFAULT__"]);
        assert_eq!(names(&admin, "?is_public=false").await, ["secret"]);
        assert_eq!(names(&admin, "?is_public=None").await, ["__DEFAULT__", "secret"]);
        let _ = admin.get("/types?is_public=x").await.expect(400);
    }
}

#[tokio::test]
async fn access_to_a_public_type_is_refused() {
    let cloud = Cloud::start().await;
    let admin = cloud.admin();
    let open = make(&admin, "open", json!({})).await;
    let listed = admin.get(&format!("/types/{open}/os-volume-type-access")).await.expect(404);
    assert_eq!(listed.message(), "Access list not available for public volume types.");
    let grant = json!({ "addProjectAccess": { "project": "p" } });
    let refused = admin.post(&format!("/types/{open}/action"), &grant).await.expect(400);
    assert_eq!(
        refused.message(),
        "Invalid volume type: Type access modification is not applicable to public volume type."
    );
}

#[tokio::test]
async fn members_see_three_extra_specs_and_administrators_all() {
    let cloud = Cloud::start().await;
    let (admin, member) = (cloud.admin(), cloud.member());
    let specs = json!({
        "RESKEY:availability_zones": "nova", "multiattach": "<is> False",
        "replication_enabled": "<is> False", "volume_backend_name": "sim",
    });
    let gold = make(&admin, "gold", json!({ "extra_specs": specs })).await;
    let mut visible = specs.clone();
    visible.as_object_mut().expect("specs").remove("volume_backend_name");
    let url = format!("/types/{gold}");
    let of = |answer: &Answer| answer.body["volume_type"].clone();

    let seen = of(&admin.get(&url).await.expect(200));
    assert_eq!(seen["extra_specs"], specs);
    assert_eq!((&seen["qos_specs_id"], seen["is_public"].as_bool()), (&Value::Null, Some(true)));
    assert!(seen.get("qos_specs_id").is_some());
    assert_eq!(seen["os-volume-type-access:is_public"], true);
    let seen = of(&member.get(&url).await.expect(200));
    assert_eq!(seen["extra_specs"], visible);
    assert!(seen.get("qos_specs_id").is_none());
    assert_eq!(seen["os-volume-type-access:is_public"], true);
    let reader = member.with_roles(&["reader"]);
    let seen = of(&reader.get(&url).await.expect(200));
    assert!(seen.get("os-volume-type-access:is_public").is_none());

    let listed = member.get(&format!("{url}/extra_specs")).await.expect(200);
    assert_eq!(listed.body, json!({ "extra_specs": visible }));
    let _ = member.get(&format!("{url}/extra_specs/volume_backend_name")).await.expect(404);
    let one = admin.get(&format!("{url}/extra_specs/volume_backend_name")).await.expect(200);
    assert_eq!(one.body, json!({ "volume_backend_name": "sim" }));
}

#[tokio::test]
async fn specs_are_filters_from_3_52_and_hidden_ones_match_nothing_for_members() {
    let cloud = Cloud::start().await;
    let (admin, member) = (cloud.admin(), cloud.member());
    let zones = json!({ "RESKEY:availability_zones": "az1, az2", "vendor:x": "y" });
    let _ = make(&admin, "gold", json!({ "extra_specs": zones })).await;
    let by_zone = "?extra_specs=%7B'RESKEY:availability_zones':'az2'%7D";
    let hidden = "?extra_specs=%7B'vendor:x':'y'%7D";
    assert_eq!(names(&member, by_zone).await, ["gold"]);
    assert_eq!(names(&member.at(51), by_zone).await, ["__DEFAULT__", "gold"]);
    assert_eq!(names(&member, hidden).await, Vec::<String>::new());
    assert_eq!(names(&admin, hidden).await, ["gold"]);
    let _ = member.get("/types?colour=red").await.expect(400);
    assert_eq!(names(&member.at(51), "?colour=red").await.len(), 2);
    assert_eq!(names(&admin, "?colour=red").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_list_has_pages_and_an_order() {
    let cloud = Cloud::start().await;
    let admin = cloud.admin();
    for name in ["a", "b", "c"] {
        let _ = make(&admin, name, json!({})).await;
    }
    let first = admin.get("/types?sort=name:desc&limit=2").await.expect(200);
    let listed = first.body["volume_types"].as_array().cloned().unwrap_or_default();
    assert_eq!((&listed[0]["name"], &listed[1]["name"]), (&json!("c"), &json!("b")));
    let next = first.body["volume_type_links"][0]["href"].as_str().expect("a link").to_owned();
    let (_, query) = next.split_once('?').expect("a query");
    assert_eq!(names(&admin, &format!("?{query}")).await, ["__DEFAULT__", "a"]);
    let _ = admin.get(&format!("/types?marker={}", uuid::Uuid::new_v4())).await.expect(404);
    let _ = admin.get("/types?sort=colour").await.expect(400);
}

#[tokio::test]
async fn a_name_is_taken_once_and_quota_follows_it() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let admin = cloud.admin();
        let gold = make(&admin, "gold", json!({ "description": "the best" })).await;
        let silver = make(&admin, "silver", json!({})).await;
        let message = ask(&admin, "gold", json!({})).await.expect(409).message();
        assert_eq!(message, "Volume Type gold already exists.");
        let url = format!("/types/{gold}");
        let update = async |fields: Value| admin.put(&url, &json!({ "volume_type": fields })).await;
        let _ = update(json!({ "name": "silver" })).await.expect(409);
        let _ = update(json!({ "name": "gold" })).await.expect(200);
        let _ = admin.volume_of(json!({ "size": 2, "volume_type": "gold" })).await;
        let changed = update(json!({ "name": "golden", "is_public": false })).await.expect(200);
        let changed = &changed.body["volume_type"];
        assert_eq!(
            *changed,
            json!({
                "id": gold, "name": "golden", "description": "the best", "is_public": false,
                "extra_specs": {},
            })
        );
        cloud.check().await;
        for (fields, message) in [
            (json!({ "name": " " }), "Volume type name can not be empty."),
            (
                json!({ "description": null }),
                "Specify volume type name, description, is_public or a combination thereof.",
            ),
        ] {
            assert_eq!(update(fields).await.expect(400).message(), message);
        }
        let _ = admin.delete(&format!("/types/{silver}")).await.expect(202);
        let renamed = json!({ "volume_type": { "name": "x" } });
        let _ = admin.put(&format!("/types/{silver}"), &renamed).await.expect(404);
        let _ = ask(&admin, "silver", json!({})).await.expect(200);
    }
}

#[tokio::test]
async fn a_type_in_use_or_by_default_stays_and_the_default_is_shown() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let admin = cloud.admin();
        let shown = cloud.member().get("/types/default").await.expect(200);
        let default = &shown.body["volume_type"];
        assert_eq!(default["name"], "__DEFAULT__");
        assert!(default.get("os-volume-type-access:is_public").is_none());
        let id = id_of(default);
        assert_eq!(
            admin.delete(&format!("/types/{id}")).await.expect(400).message(),
            format!("The volume type {id} is a default volume type and cannot be deleted.")
        );
        let gold = make(&admin, "gold", json!({ "extra_specs": { "vendor:a": "b" } })).await;
        let volume = admin.volume_of(json!({ "size": 1, "volume_type": gold })).await;
        let url = format!("/types/{gold}");
        let message = admin.delete(&url).await.expect(400).message();
        assert_eq!(message, "Target volume type is still in use.");
        let specs = format!("{url}/extra_specs");
        for refused in [
            admin.post(&specs, &json!({ "extra_specs": { "c": "d" } })).await,
            admin.put(&format!("{specs}/vendor:a"), &json!({ "vendor:a": "c" })).await,
            admin.delete(&format!("{specs}/vendor:a")).await,
        ] {
            assert_eq!(refused.expect(400).message(), "Volume Type is currently in use.");
        }
        let _ = admin.delete(&format!("/volumes/{volume}")).await.expect(202);
        admin.wait_gone("volumes", &volume).await;
        let _ = admin.delete(&url).await.expect(202);
        let _ = admin.get(&url).await.expect(404);
        let _ = admin.delete(&url).await.expect(404);
    }
}

#[tokio::test]
async fn extra_specs_are_merged_set_and_removed_one_by_one() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let admin = cloud.admin();
        let gold = make(&admin, "gold", json!({ "extra_specs": { "a": "1" } })).await;
        let url = format!("/types/{gold}/extra_specs");
        let more = json!({ "extra_specs": { "b": "2", "multiattach": "<is> True" } });
        assert_eq!(admin.post(&url, &more).await.expect(200).body, more);
        let set = admin.put(&format!("{url}/a"), &json!({ "a": null })).await.expect(200);
        assert_eq!(set.body, json!({ "a": null }));
        let mismatch = admin.put(&format!("{url}/a"), &json!({ "b": "x" })).await.expect(400);
        assert_eq!(mismatch.message(), "Request body and URI mismatch");
        let cached = json!({ "cacheable": "<is> True" });
        let refused = admin.put(&format!("{url}/cacheable"), &cached).await.expect(400);
        assert_eq!(refused.message(), "cacheable cannot be set with multiattach.");
        let _ = admin.delete(&format!("{url}/b")).await.expect(202);
        assert_eq!(
            admin.delete(&format!("{url}/b")).await.expect(404).message(),
            format!("Volume Type {gold} has no extra specs with key b.")
        );
        let left = admin.get(&url).await.expect(200);
        let expected = json!({ "extra_specs": { "a": null, "multiattach": "<is> True" } });
        assert_eq!(left.body, expected);
    }
}

#[tokio::test]
async fn changing_types_is_for_administrators() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    let gold = make(&cloud.admin(), "gold", json!({})).await;
    let url = format!("/types/{gold}");
    let grant = json!({ "addProjectAccess": { "project": "p" } });
    for refused in [
        ask(&member, "mine", json!({})).await,
        member.put(&url, &json!({ "volume_type": { "name": "mine" } })).await,
        member.delete(&url).await,
        member.post(&format!("{url}/extra_specs"), &json!({ "extra_specs": {} })).await,
        member.get(&format!("{url}/os-volume-type-access")).await,
        member.post(&format!("{url}/action"), &grant).await,
    ] {
        let message = refused.expect(403).message();
        assert!(message.starts_with("Policy doesn't allow volume_extension:"), "{message}");
    }
}
