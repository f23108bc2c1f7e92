//! Why a volume is where it is, or nowhere: the decision as it is stored, told by the API and by the command, and where one
//! would go.

use std::sync::Arc;

use ashlar_db::decisions::{self, Entry};
use ashlar_db::{DbError, transact};
use ashlar_drivers::Driver;
use ashlar_drivers::sim::{Sim, SimPool, SimSettings};
use ashlar_testkit::make::id_of;
use ashlar_testkit::{Client, Cloud, Plan, cloud};
use ashlar_types::{DecisionId, FlowId, PoolName};
use reqwest::Method;
use serde_json::{Value, json};

use crate::command::run;
use crate::server::Server;

/// A fast backend with pools of 392 and 100 GiB, 5 % of which are kept back, and a slow one of 2,000 GiB; the types
/// `gold` and `silver` ask for one each.
async fn gold_and_silver() -> Cloud {
    let sim = |name: &str, pools: Vec<SimPool>| {
        let driver: Arc<dyn Driver> = Arc::new(Sim::new(SimSettings::new(name, pools)));
        (name.to_owned(), driver)
    };
    let reserving =
        |name: &str, size| SimPool { reserved_percentage: 5, ..SimPool::thick(name, size) };
    let fast = vec![reserving("ssd-1", 392), reserving("ssd-2", 100)];
    let slow = vec![SimPool::thin("hdd", 2000)];
    let cloud =
        Cloud::planned(Plan::with_backends(vec![sim("fast", fast), sim("slow", slow)])).await;
    for (name, backend) in [("gold", "fast"), ("silver", "slow")] {
        let specs = json!({ "volume_backend_name": backend });
        let body = json!({ "volume_type": { "name": name, "extra_specs": specs } });
        let _ = cloud.admin().post("/types", &body).await.expect(200);
    }
    cloud
}

async fn decisions_about(client: &Client, id: &str) -> Vec<Value> {
    let told = client.own(Method::GET, &format!("/volumes/{id}/placement"), None).await.expect(200);
    told.body["decisions"].as_array().expect("a list").clone()
}

fn pool(rest: &str) -> String {
    format!("{}@{rest}", cloud::HOST)
}

fn texts(misses: &Value) -> Vec<&str> {
    let misses = misses.as_array().expect("a list");
    misses.iter().map(|miss| miss["text"].as_str().unwrap_or_default()).collect()
}

#[tokio::test]
async fn a_refused_volume_has_every_pool_s_reason_and_what_would_have_fitted() {
    let cloud = gold_and_silver().await;
    let admin = cloud.admin();
    let wish = json!({ "size": 600, "volume_type": "gold" });
    let id = id_of(&admin.create_volume(wish).await);
    admin.wait_for("volumes", &id, "error").await;
    let decisions = decisions_about(&admin, &id).await;
    assert_eq!(decisions.len(), 1);
    let told = &decisions[0];
    assert_eq!((&told["volume_id"], &told["attempt"]), (&json!(id), &json!(1)));
    assert_eq!(told["chosen"], Value::Null);
    assert_eq!(told["request"]["volume_type"], "gold");
    assert_eq!(
        told["rules"]["weighers"],
        json!([{ "name": "CapacityWeigher", "multiplier": 1.0 }])
    );
    let versions = told["pools"]["versions"].as_object().expect("versions by pool");
    assert_eq!(versions.len(), 3);
    let rejected: Vec<_> = told["verdict"]["rejected"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| (it["pool"].clone(), it["filter"].clone(), it["text"].clone()))
        .collect();
    let row =
        |name: &str, filter: &str, text: &str| (json!(pool(name)), json!(filter), json!(text));
    assert_eq!(
        rejected,
        [
            row("fast#ssd-1", "CapacityFilter", "needs 600 GiB, 373 GiB free after 5 % reserved"),
            row("fast#ssd-2", "CapacityFilter", "needs 600 GiB, 95 GiB free after 5 % reserved"),
            row(
                "slow#hdd",
                "CapabilitiesFilter",
                "reports \"slow\" as 'volume_backend_name', wanted is 'fast'"
            ),
        ]
    );
    let misses = texts(&told["nearest_misses"]);
    assert_eq!(misses, ["type __DEFAULT__", "type silver", "size ≤ 373 GiB"]);
    // What is said would fit does.
    for wish in [
        json!({ "size": 373, "volume_type": "gold" }),
        json!({ "size": 600, "volume_type": "silver" }),
    ] {
        let _ = admin.volume_of(wish).await;
    }
    cloud.check().await;
}

#[tokio::test]
async fn a_placed_volume_has_its_pool_and_the_scores_of_those_that_fit() {
    let cloud = gold_and_silver().await;
    let admin = cloud.admin();
    let id = admin.volume_of(json!({ "size": 80, "volume_type": "gold" })).await;
    let decisions = decisions_about(&admin, &id).await;
    assert_eq!(decisions.len(), 1);
    assert_eq!(decisions[0]["chosen"], pool("fast#ssd-1"));
    let ranked = &decisions[0]["verdict"]["ranked"];
    assert_eq!(ranked[0]["pool"], pool("fast#ssd-1"));
    let weight = json!([
        { "weigher": "CapacityWeigher", "raw": 373.0, "normalised": 1.0, "weighted": 1.0 }
    ]);
    assert_eq!(ranked[0]["weights"], weight);
    assert_eq!(
        (&ranked[1]["pool"], &ranked[1]["score"]),
        (&json!(pool("fast#ssd-2")), &json!(0.0))
    );
    assert_eq!(decisions[0]["nearest_misses"], json!([]));
    cloud.check().await;
}

#[tokio::test]
async fn a_dry_run_foretells_the_placement_and_leaves_nothing_behind() {
    let cloud = gold_and_silver().await;
    let admin = cloud.admin();
    let dry_run = async |size: u64| {
        let body = json!({ "volume": { "size": size, "volume_type": "gold" } });
        let told = admin.own(Method::POST, "/placement", Some(&body)).await.expect(200);
        told.body["placement"].clone()
    };
    let count = async |table: &str| -> i64 {
        let mut tx = cloud.db.read().await.expect("a database");
        let row = tx.row(&format!("SELECT COUNT(*) FROM {table}"), &[]).await;
        row.expect("read").expect("a row").take(0).expect("a number")
    };
    assert_eq!(dry_run(80).await["chosen"], pool("fast#ssd-1"));
    let refused = dry_run(600).await;
    assert_eq!(refused["chosen"], Value::Null);
    assert_eq!(
        texts(&refused["nearest_misses"]),
        ["type __DEFAULT__", "type silver", "size ≤ 373 GiB"]
    );
    for table in [
        "volumes",
        "messages",
        "quota_usages",
        "ashlar_flows",
        "ashlar_holds",
        "ashlar_decisions",
        "ashlar_decision_pages",
        "ashlar_pool_sets",
        "ashlar_notifications",
    ] {
        assert_eq!(count(table).await, 0, "{table}");
    }
    let placed = admin.volume_of(json!({ "size": 300, "volume_type": "gold" })).await;
    let told = &decisions_about(&admin, &placed).await[0];
    assert_eq!(told["chosen"], pool("fast#ssd-1"));
    assert_eq!(dry_run(80).await["chosen"], pool("fast#ssd-2"), "it sees what was placed");
    cloud.check().await;
}

#[tokio::test]
async fn only_administrators_are_told() {
    let cloud = gold_and_silver().await;
    let member = cloud.member();
    let id = member.volume_of(json!({ "size": 1 })).await;
    let path = format!("/volumes/{id}/placement");
    let _ = member.own(Method::GET, &path, None).await.expect(403);
    let body = json!({ "volume": { "size": 1 } });
    let _ = member.own(Method::POST, "/placement", Some(&body)).await.expect(403);
    assert_eq!(decisions_about(&cloud.admin(), &id).await.len(), 1, "of any project");
    cloud.check().await;
}

#[tokio::test]
async fn what_is_left_after_pruning_and_what_the_first_versions_stored_stays_readable() {
    let cloud = gold_and_silver().await;
    let admin = cloud.admin();
    let old = admin.volume_of(json!({ "size": 1 })).await;
    let kept = admin.volume_of(json!({ "size": 2 })).await;
    let (db, now) = (&cloud.db, ashlar_types::Clock::System.now());
    let entry = Entry {
        id: DecisionId::fresh(),
        flow_id: FlowId::fresh(),
        volume_id: kept.parse().expect("an id"),
        attempt: 1,
        chosen: Some(PoolName(pool("slow#hdd"))),
        slot: 0,
    };
    let verdict = json!({ "ranked": [], "rejected": [{
        "pool": pool("fast#ssd-1"), "filter": "CapacityFilter",
        "reason": {
            "kind": "space", "needed": 9, "free": 1.5, "reserved_percentage": 5, "held": 0, "ratio": null,
        },
    }] });
    let stored: Result<(), DbError> =
        transact!(db, tx => decisions::insert(tx, &entry, &verdict, now).await);
    stored.expect("stored as the first versions did");
    let horizon: Result<_, DbError> = transact!(db, tx => async {
        let all_but_two = decisions::horizon(tx, ashlar_types::Timestamp::default(), 2).await?;
        decisions::prune(tx, all_but_two, 100).await?;
        decisions::prune_pages(tx, 100).await?;
        decisions::prune_pool_sets(tx, all_but_two, 100).await
    }.await);
    horizon.expect("pruned");
    assert_eq!(decisions_about(&admin, &old).await, [] as [Value; 0]);
    let told = decisions_about(&admin, &kept).await;
    assert_eq!(told.len(), 2);
    let text = |at: usize| told[at]["verdict"]["rejected"][0]["text"].clone();
    assert_eq!(told[0]["verdict"]["ranked"].as_array().map(Vec::len), Some(3), "{told:?}");
    assert_eq!(text(1), "needs 9 GiB, 1.5 GiB free after 5 % reserved");
    cloud.check().await;
}

const CONFIG: &str = "[DEFAULT]\nhost = node-1\nenabled_backends = fast, slow\n\
    [fast]\nvolume_driver = sim\nsim_thick = true\nsim_pools = ssd-1:392, ssd-2:100\nreserved_percentage = 5\n\
    [slow]\nvolume_driver = sim\nsim_pools = hdd:2000\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_tells_of_a_refused_and_of_a_placed_volume() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name).display().to_string();
    std::fs::write(path("cinder.conf"), CONFIG).expect("written");
    let at =
        ["--config-file", &path("cinder.conf"), "--state-dir", &path("state")].map(str::to_owned);
    let on = |args: &[&str]| {
        let at = at.iter().map(String::as_str);
        run(&args.iter().copied().chain(at).collect::<Vec<_>>())
    };
    let at: Vec<&str> = at.iter().map(String::as_str).collect();
    let server = Server::start(&[&["serve", "--listen", "127.0.0.1:0"], &at[..]].concat());
    let admin = server.client("abc");
    let specs = json!({ "volume_backend_name": "fast" });
    let body = json!({ "volume_type": { "name": "gold", "extra_specs": specs } });
    let _ = admin.post("/types", &body).await.expect(200);
    let placed = admin.volume_of(json!({ "size": 80, "volume_type": "gold" })).await;
    let refused = id_of(&admin.create_volume(json!({ "size": 600, "volume_type": "gold" })).await);
    admin.wait_for("volumes", &refused, "error").await;

    let text = on(&["explain", &refused]).expect(0).out;
    for line in [
        "600 GiB of type gold, thin, in zone nova; pools as of ",
        "filters: AvailabilityZoneFilter, CapacityFilter, CapabilitiesFilter; weighers: CapacityWeigher × 1",
        "none of 3 pools fits; refused by CapacityFilter: 2, by CapabilitiesFilter: 1",
        "│ node-1@fast#ssd-2 ┆ rejected ┆ CapacityFilter: needs 600 GiB, 95 GiB free after 5 % reserved",
        "would fit: type __DEFAULT__; size ≤ 293 GiB",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let text = on(&["explain", &placed, "--all"]).expect(0).out;
    for line in [
        "node-1@fast#ssd-1 chosen, 2 of 3 pools fit; refused by CapabilitiesFilter: 1",
        "│ node-1@fast#ssd-1 ┆ chosen   ┆ score 1.000 = 1.000 (CapacityWeigher 373, normalised 1.000)",
        "│ node-1@fast#ssd-2 ┆ fits     ┆ score 0.000 = 0.000 (CapacityWeigher 95, normalised 0.000)",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let json = on(&["explain", &refused, "--json"]).expect(0).json();
    let answered = decisions_about(&admin, &refused).await;
    assert_eq!(json, json!(answered), "the command says what the API says");
}
