//! Quotas through the API: what is shown, what an administrator sets, and that it holds at once.

use ashlar_db::testing;
use ashlar_testkit::{Client, Cloud, Plan, cloud};
use serde_json::{Value, json};

async fn usage(client: &Client, resource: &str) -> Value {
    let path = format!("/os-quota-sets/{}?usage=true", client.project);
    client.get(&path).await.expect(200).body["quota_set"][resource].clone()
}

async fn set(admin: &Client, project: &str, limits: Value) -> ashlar_testkit::Answer {
    admin.put(&format!("/os-quota-sets/{project}"), &json!({ "quota_set": limits })).await
}

#[tokio::test]
async fn usage_follows_volumes_and_snapshots_and_returns_to_nothing() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let member = cloud.member();
        let volume = member.volume(2).await;
        let snapshot = member.snapshot(&volume).await;
        for (resource, used) in [
            ("volumes", 1),
            ("snapshots", 1),
            ("gigabytes", 4),
            ("volumes___DEFAULT__", 1),
            ("snapshots___DEFAULT__", 1),
            ("gigabytes___DEFAULT__", 4),
            ("per_volume_gigabytes", 0),
            ("backups", 0),
            ("groups", 0),
        ] {
            let shown = usage(&member, resource).await;
            assert_eq!(shown["in_use"], used, "{resource}");
            assert_eq!(shown["reserved"], 0, "{resource}");
        }
        let _ = member.delete(&format!("/snapshots/{snapshot}")).await.expect(202);
        member.wait_gone("snapshots", &snapshot).await;
        let _ = member.delete(&format!("/volumes/{volume}")).await.expect(202);
        member.wait_gone("volumes", &volume).await;
        assert_eq!(usage(&member, "gigabytes").await["in_use"], 0);
        cloud.check().await;
    }
}

#[tokio::test]
async fn a_projects_own_limit_holds_at_once_and_until_it_is_taken_away() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let (admin, member) = (cloud.admin(), cloud.member());
        let _ = member.volume(1).await;
        let answer = set(&admin, &member.project, json!({ "volumes": 1 })).await.expect(200);
        assert_eq!(answer.body["quota_set"]["volumes"], 1);
        let one_more = || json!({ "volume": { "size": 1 } });
        let refused = member.post("/volumes", &one_more()).await.expect(413);
        assert_eq!(
            refused.message(),
            "VolumeLimitExceeded: Maximum number of volumes allowed (1) exceeded for quota \
             'volumes'."
        );
        let low = set(&admin, &member.project, json!({ "volumes": 0 })).await.expect(400);
        assert_eq!(
            low.message(),
            "Quota volumes limit must be equal or greater than existing resources. Current usage \
             is 1 and the requested limit is 0."
        );
        let path = format!("/os-quota-sets/{}", member.project);
        let _ = member.delete(&path).await.expect(403);
        let _ = admin.delete(&path).await.expect(200);
        let _ = member.post("/volumes", &one_more()).await.expect(202);
        cloud.check().await;
    }
}

#[tokio::test]
async fn a_type_has_limits_of_its_own() {
    let cloud = Cloud::start().await;
    let (admin, member) = (cloud.admin(), cloud.member());
    let made = json!({ "volume_type": { "name": "gold" } });
    let _ = admin.post("/types", &made).await.expect(200);
    let secret = json!({ "volume_type": {
        "name": "secret", "os-volume-type-access:is_public": false,
    } });
    let _ = admin.post("/types", &secret).await.expect(200);
    let _ = set(&admin, &member.project, json!({ "gigabytes_gold": 3 })).await.expect(200);
    let gold = |size: u64| json!({ "volume": { "size": size, "volume_type": "gold" } });
    let refused = member.post("/volumes", &gold(4)).await.expect(413);
    assert!(refused.message().contains("allowed gigabytes_gold quota."), "{}", refused.body);
    let _ = member.post("/volumes", &gold(3)).await.expect(202);
    let _ = member.volume(4).await;
    let path = format!("/os-quota-sets/{}", member.project);
    let seen = async |client: &Client| {
        let body = client.get(&path).await.expect(200).body;
        ["volumes_gold", "volumes_secret"].map(|name| body["quota_set"].get(name).is_some())
    };
    assert_eq!(seen(&admin).await, [true, true]);
    assert_eq!(seen(&member).await, [true, false]);
    cloud.check().await;
}

#[tokio::test]
async fn the_default_class_goes_before_the_configuration_and_after_the_project() {
    for place in testing::databases().await {
        let mut plan = Plan::with_sim(&cloud::sim()).limits(&[("volumes", 7), ("backups", 8)]);
        plan.settings.limits.use_default_class = true;
        let cloud = Cloud::on(place, plan).await;
        let (admin, member) = (cloud.admin(), cloud.member());
        let own = format!("/os-quota-sets/{}", member.project);
        let volumes = async |path: &str| {
            member.get(path).await.expect(200).body["quota_set"]["volumes"].clone()
        };
        let defaults = format!("{own}/defaults");
        assert_eq!((volumes(&own).await, volumes(&defaults).await), (json!(7), json!(7)));
        let class = "/os-quota-class-sets/default";
        let wish = json!({ "quota_class_set": { "volumes": "2", "gigabytes": 50 } });
        let updated = admin.put(class, &wish).await.expect(200).body;
        assert_eq!(updated["quota_class_set"]["volumes"], 2);
        assert_eq!(updated["quota_class_set"]["backups"], 8);
        let shown = admin.get(class).await.expect(200).body;
        assert_eq!(shown["quota_class_set"]["id"], "default");
        assert_eq!((volumes(&own).await, volumes(&defaults).await), (json!(2), json!(2)));
        let _ = set(&admin, &member.project, json!({ "volumes": 9 })).await.expect(200);
        assert_eq!((volumes(&own).await, volumes(&defaults).await), (json!(9), json!(2)));
        let _ = member.get(class).await.expect(403);
    }
}

#[tokio::test]
async fn one_wrong_value_and_nothing_is_set() {
    let cloud = Cloud::start().await;
    let (admin, project) = (cloud.admin(), cloud::project());
    for wrong in [
        json!({ "volumes": 5, "colour": 1 }),
        json!({ "volumes": 5, "snapshots": -2 }),
        json!({ "volumes": 5, "snapshots": "5" }),
        json!({ "volumes": 5, "snapshots": 2_147_483_648_u64 }),
        json!({ "volumes": 5, "snapshots": null }),
        json!({}),
        json!(null),
    ] {
        let answer = set(&admin, &project, wrong.clone()).await.expect(400);
        assert_eq!(answer.body["badRequest"]["code"], 400, "{wrong}");
    }
    let path = format!("/os-quota-sets/{project}");
    let shown = admin.get(&path).await.expect(200).body;
    let defaults = admin.get(&format!("{path}/defaults")).await.expect(200).body;
    assert_eq!(shown, defaults);
}
