//! Lists and single snapshots.

use serde_json::{Value, json};

use super::*;

fn names(body: &Value) -> Vec<&str> {
    let list = body["snapshots"].as_array().expect("a list");
    list.iter().map(|snapshot| snapshot["name"].as_str().unwrap_or_default()).collect()
}

#[tokio::test]
async fn a_list_has_the_callers_project_newest_first() {
    let (house, _) = house_with_three().await;
    for path in ["/v3/snapshots", "/v3/snapshots/detail", "/v3/abc/snapshots"] {
        assert_eq!(names(&house.get(READER, path).await.body), ["second", "first"], "{path}");
    }
    let all = house.get(ADMIN, "/v3/snapshots?all_tenants=1").await;
    assert_eq!(names(&all.body), ["foreign", "second", "first"]);
    let member = house.get(MEMBER, "/v3/snapshots?all_tenants=1").await;
    assert_eq!(names(&member.body), ["second", "first"]);
    let nobody = house.get(NOBODY, "/v3/snapshots").await;
    assert_eq!(nobody.fault().1, "Policy doesn't allow volume:get_all_snapshots to be performed.");
}

#[tokio::test]
async fn pages_follow_each_other_by_their_links() {
    let (house, [first, second, _]) = house_with_three().await;
    let page = house.get(MEMBER, "/v3/abc/snapshots/detail?limit=1").await.body;
    assert_eq!(names(&page), ["second"]);
    let href = format!("http://c:8776/v3/abc/snapshots/detail?limit=1&marker={second}");
    assert_eq!(page["snapshots_links"], json!([{ "rel": "next", "href": href }]));
    let last = house.get(MEMBER, &format!("/v3/snapshots?limit=1&marker={first}")).await.body;
    assert_eq!(last, json!({ "snapshots": [] }));
    let lost = house.get(MEMBER, "/v3/snapshots?marker=lost").await;
    assert_eq!(lost.fault(), (404, "Snapshot lost could not be found."));
    let empty = house.get(MEMBER, "/v3/snapshots?limit=0").await.body;
    assert_eq!(empty, json!({ "snapshots": [] }));
}

#[tokio::test]
async fn sorting_by_name_begins_with_3_30() {
    let (house, _) = house_with_three().await;
    let path = "/v3/snapshots?sort_key=name&sort_dir=asc";
    let old = house.get(("me:abc:member", 29), path).await;
    assert_eq!(old.fault(), (400, "Invalid input received: Invalid sort key"));
    let new = house.get(("me:abc:member", 30), path).await;
    assert_eq!(names(&new.body), ["first", "second"]);
}

#[tokio::test]
async fn filters_count_by_version_and_role() {
    let (house, _) = house_with_three().await;
    let ask = async |who: &str, minor: u16, query: &str| {
        let got = house.get((who, minor), &format!("/v3/snapshots?{query}")).await;
        if got.status == 200 {
            Ok(names(&got.body).iter().map(|&name| name.to_owned()).collect::<Vec<_>>())
        } else {
            Err(got.status)
        }
    };
    let both = || Ok(vec!["second".to_owned(), "first".to_owned()]);
    let first = || Ok(vec!["first".to_owned()]);
    let member = "me:abc:member";
    let metadata = "metadata=%7B%27n%27%3A%27first%27%7D";
    assert_eq!(ask(member, 21, metadata).await, both());
    assert_eq!(ask(member, 22, metadata).await, first());
    assert_eq!(ask(member, 0, "status=available").await, first());
    assert_eq!(ask(member, 0, "name=first").await, first());
    assert_eq!(ask(member, 30, "availability_zone=mars").await, both());
    assert_eq!(ask(member, 31, "availability_zone=mars").await, Ok(vec![]));
    assert_eq!(ask(member, 31, "availability_zone=nova").await, both());
    assert_eq!(ask(member, 31, "progress=0").await, Err(400));
    assert_eq!(ask(member, 34, "name~=irs").await, Err(400));
    assert_eq!(ask("root:abc", 34, "name~=irs").await, first());
    assert_eq!(ask("root:abc", 71, "consumes_quota=false").await, Ok(vec![]));
    assert_eq!(ask("root:abc", 71, "host=h@b").await, both());
    assert_eq!(ask("root:abc", 71, "colour=red").await, Ok(vec![]));
    let counted = house.get(MEMBER, "/v3/snapshots?with_count=true&limit=1").await.body;
    assert_eq!((names(&counted).len(), &counted["count"]), (1, &json!(2)));
}

#[tokio::test]
async fn fields_appear_from_their_version_on() {
    let (house, [first, ..]) = house_with_three().await;
    let path = format!("/v3/snapshots/{first}");
    let added = ["group_snapshot_id", "user_id", "consumes_quota"];
    for (minor, wanted) in [(13, 0), (14, 1), (41, 2), (65, 3)] {
        let body = house.get(("me:abc:reader", minor), &path).await.body;
        let fields = body["snapshot"].as_object().expect("a snapshot");
        let there: Vec<_> = added.iter().filter(|name| fields.contains_key(**name)).collect();
        assert_eq!(there.len(), wanted, "3.{minor}");
        assert_eq!(fields["os-extended-snapshot-attributes:project_id"], "abc");
        assert_eq!(fields["os-extended-snapshot-attributes:progress"], "0%");
        assert_eq!(fields.len(), 11 + wanted);
    }
    let brief = house.get(MEMBER, "/v3/snapshots").await.body;
    assert_eq!(brief["snapshots"][0].as_object().expect("a snapshot").len(), 9);
}

#[tokio::test]
async fn a_snapshot_is_hidden_from_other_projects() {
    let (house, [first, _, foreign]) = house_with_three().await;
    let show = async |who, id: &str| house.get(who, &format!("/v3/snapshots/{id}")).await;
    assert_eq!(
        show(MEMBER, &foreign.to_string()).await.fault(),
        (404, format!("Snapshot {foreign} could not be found.").as_str())
    );
    assert_eq!(show(ADMIN, &foreign.to_string()).await.status, 200);
    assert_eq!(show(NOBODY, &first.to_string()).await.status, 403);
    assert_eq!(show(MEMBER, "x").await.fault(), (404, "Snapshot x could not be found."));
}
