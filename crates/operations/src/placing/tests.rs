//! Batches in which not all goes as it should.

use std::collections::BTreeMap;

use ashlar_db::testing::{self, TestDb};
use ashlar_db::{args, decisions, flows, holds, pools, services, volume_types, volumes};
use ashlar_flow::Subject;
use ashlar_placement::RulesSettings;
use ashlar_types::{
    AttachStatus, BackendName, Capacity, DecisionId, Gib, Metadata, PoolStats, Source, Timestamp,
    Volume, VolumeId, VolumeStatus, VolumeType, VolumeTypeId,
};
use futures::future::join_all;
use serde_json::{Map, json};

use super::*;
use crate::create_volume::{CREATE_VOLUME, Made, State};

fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T12:00:00").expect("a moment")
}

fn backend() -> BackendName {
    BackendName("h@b".to_owned())
}

fn pool(name: &str) -> PoolName {
    backend().pool(name)
}

/// The backend reports a thick pool of so many GiB each.
async fn report(test: &TestDb, reported: &[(&str, u32)]) {
    let stats: Vec<PoolStats> = reported
        .iter()
        .map(|(name, gib)| PoolStats {
            pool_name: (*name).to_owned(),
            total: Capacity::Gib(f64::from(*gib)),
            free: Capacity::Gib(f64::from(*gib)),
            reserved_percentage: 0,
            max_over_subscription_ratio: None,
            thin: false,
            thick: true,
            capabilities: Map::new(),
        })
        .collect();
    let mut tx = test.db.begin().await.expect("begins");
    let name = backend();
    services::heartbeat(&mut tx, name.as_str(), services::VOLUME, "nova", now()).await.expect("ok");
    let asked = pools::ask(&mut tx, &name, now()).await.expect("asked");
    pools::report(&mut tx, &name, "nova", &stats, &asked, now()).await.expect("reported");
    tx.commit().await.expect("commits");
}

fn placer(test: &TestDb) -> Placer {
    placer_by(test, Rules::default())
}

fn placer_by(test: &TestDb, rules: Rules) -> Placer {
    let clock = Clock::manual(now());
    let down_time = std::time::Duration::from_secs(60);
    let pools = PoolTable::new(test.db.clone(), clock.clone(), down_time, Some(1.0));
    Placer::new(test.db.clone(), clock, rules, pools)
}

/// A volume of this size that was accepted.
async fn wanted(test: &TestDb, size: u64) -> Wanted {
    let spec = RequestSpec {
        volume_id: VolumeId::random(),
        project_id: "project".to_owned(),
        user_id: "user".to_owned(),
        request_id: "req-1".to_owned(),
        size: Gib(size),
        source: Source::Blank,
        availability_zones: Vec::new(),
        volume_type: VolumeType {
            id: VolumeTypeId::random(),
            name: format!("plain {}", VolumeId::random()),
            description: None,
            is_public: true,
            qos_specs_id: None,
            extra_specs: BTreeMap::new(),
            created_at: None,
            updated_at: None,
        },
        pinned: None,
        forced: None,
        metadata: BTreeMap::new(),
        hints: Map::new(),
    };
    let flow = FlowId::fresh();
    let state = State {
        flow,
        spec: spec.clone(),
        source_pool: None,
        source_size: None,
        source_volume: None,
        placed: None,
        tried: Vec::new(),
        made: Made::default(),
        image: None,
        cache: Default::default(),
        group: None,
    };
    let subject = Subject {
        kind: "volume".to_owned(),
        id: spec.volume_id.to_string(),
        project_id: spec.project_id.clone(),
        request_id: spec.request_id.clone(),
    };
    let mut tx = test.db.begin().await.expect("begins");
    volume_types::insert(&mut tx, &spec.volume_type, now()).await.expect("stored");
    volumes::insert(&mut tx, &row(&spec), &Metadata::new()).await.expect("stored");
    let new = CREATE_VOLUME.new_row(flow, &state, subject, now());
    flows::insert(&mut tx, &new, None).await.expect("stored");
    tx.commit().await.expect("commits");
    Wanted { flow, spec: Arc::new(spec), tried: Vec::new(), facts: Facts::default() }
}

fn row(spec: &RequestSpec) -> Volume {
    Volume {
        id: spec.volume_id,
        name_id: None,
        project_id: spec.project_id.clone(),
        user_id: spec.user_id.clone(),
        host: None,
        cluster_name: None,
        size: spec.size,
        availability_zone: None,
        status: VolumeStatus::Creating,
        previous_status: None,
        attach_status: AttachStatus::Detached,
        migration_status: None,
        snapshot_id: None,
        source_volid: None,
        volume_type_id: Some(spec.volume_type.id),
        name: None,
        description: None,
        bootable: false,
        multiattach: false,
        use_quota: true,
        encryption_key_id: None,
        consistencygroup_id: None,
        group_id: None,
        provider_location: None,
        provider_id: None,
        replication_status: None,
        service_uuid: None,
        shared_targets: None,
        scheduled_at: None,
        launched_at: None,
        terminated_at: None,
        created_at: now(),
        updated_at: None,
    }
}

/// Asks for all in one batch.
async fn place_at_once(placer: &Placer, all: &[Wanted]) -> Vec<Result<Placed, PlacingError>> {
    // The queue is tended by a task, which starts when all of them stand in it.
    join_all(all.iter().map(|wanted| placer.place(wanted.clone()))).await
}

async fn held(test: &TestDb, name: &str) -> u64 {
    let mut tx = test.db.begin().await.expect("begins");
    pools::lock(&mut tx, &pool(name)).await.expect("locked").expect("there").held
}

fn is_at(outcome: &Result<Placed, PlacingError>, name: &str) -> bool {
    matches!(outcome, Ok(Placed::At(at)) if *at == pool(name))
}

#[tokio::test]
async fn what_the_database_refuses_of_one_is_not_refused_to_the_others() {
    for test in testing::databases().await {
        report(&test, &[("p", 100)]).await;
        let placer = placer(&test);
        let mut all = Vec::new();
        for _ in 0..6 {
            all.push(wanted(&test, 10).await);
        }
        refuse_a_decision_about(&test, &all[2]).await;
        let outcomes = place_at_once(&placer, &all).await;
        for (at, outcome) in outcomes.iter().enumerate() {
            if at == 2 {
                assert!(matches!(outcome, Err(PlacingError::Database(_))), "{outcome:?}");
            } else {
                assert!(is_at(outcome, "p"), "{outcome:?}");
            }
        }
        assert_eq!(held(&test, "p").await, 50);
    }
}

/// The database takes one decision about each volume, and has one about this.
async fn refuse_a_decision_about(test: &TestDb, wanted: &Wanted) {
    let mut tx = test.db.begin().await.expect("begins");
    let entry = decisions::Entry {
        id: DecisionId::fresh(),
        flow_id: wanted.flow,
        volume_id: wanted.spec.volume_id,
        attempt: 1,
        chosen: None,
        slot: 0,
    };
    decisions::insert(&mut tx, &entry, &json!({}), now()).await.expect("stored");
    let unique = "CREATE UNIQUE INDEX one_each ON ashlar_decisions (volume_id)";
    tx.execute(unique, &[]).await.expect("an index");
    tx.commit().await.expect("commits");
}

#[tokio::test]
async fn what_a_crash_left_held_is_not_counted_twice_against_those_who_come_with_it() {
    for test in testing::databases().await {
        report(&test, &[("p", 100)]).await;
        let mut all = Vec::new();
        for _ in 0..10 {
            all.push(wanted(&test, 10).await);
        }
        // These five were placed, and the process ended before their flows were saved.
        let before = place_at_once(&placer(&test), &all[..5]).await;
        assert!(before.iter().all(|outcome| is_at(outcome, "p")), "{before:?}");
        let outcomes = place_at_once(&placer(&test), &all).await;
        assert!(outcomes.iter().all(|outcome| is_at(outcome, "p")), "{outcomes:?}");
        assert_eq!(held(&test, "p").await, 100);
    }
}

#[tokio::test]
async fn a_flow_that_asks_twice_at_once_is_promised_once() {
    for test in testing::databases().await {
        report(&test, &[("p", 100), ("q", 100)]).await;
        let one = wanted(&test, 10).await;
        let outcomes = place_at_once(&placer(&test), &[one.clone(), one.clone()]).await;
        let places: Vec<_> =
            outcomes.iter().map(|outcome| outcome.as_ref().expect("placed")).collect();
        assert_eq!(places[0], places[1]);
        let mut tx = test.db.read().await.expect("begins");
        assert_eq!(holds::of_flow(&mut tx, one.flow).await.expect("listed").len(), 1);
        drop(tx);
        assert_eq!(held(&test, "p").await + held(&test, "q").await, 10);
    }
}

#[tokio::test]
async fn a_pool_that_is_gone_is_seen_to_be_gone() {
    for test in testing::databases().await {
        report(&test, &[("p", 1000), ("q", 50)]).await;
        let placer = placer(&test);
        let first = wanted(&test, 10).await;
        assert!(is_at(&placer.place(first.clone()).await, "p"));
        let mut tx = test.db.begin().await.expect("begins");
        holds::release(&mut tx, first.flow).await.expect("released");
        tx.execute("DELETE FROM ashlar_pools WHERE name = ?", args![&pool("p")])
            .await
            .expect("gone");
        tx.commit().await.expect("commits");
        let second = wanted(&test, 10).await;
        let outcome = placer.place(second).await;
        assert!(is_at(&outcome, "q"), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_batch_with_much_to_tell_is_written_in_several_pages() {
    let test = testing::sqlite().await;
    let names: Vec<String> = (0..2500).map(|number| format!("p{number}")).collect();
    report(&test, &names.iter().map(|name| (name.as_str(), 100)).collect::<Vec<_>>()).await;
    let mut all = Vec::new();
    for _ in 0..100 {
        all.push(wanted(&test, 1).await);
    }
    // Each request has a lot of its own for each pool.
    let weighers = vec!["ChanceWeigher".to_owned()];
    let rules = RulesSettings { weighers, ..RulesSettings::default() };
    let placer = placer_by(&test, Rules::from_settings(&rules).expect("rules"));
    let outcomes = place_at_once(&placer, &all).await;
    assert!(outcomes.iter().all(|it| matches!(it, Ok(Placed::At(_)))), "{outcomes:?}");
    let mut tx = test.db.read().await.expect("begins");
    let sql = "SELECT COUNT(*), MAX(LENGTH(body)) FROM ashlar_decision_pages";
    let row = tx.row(sql, &[]).await.expect("counted").expect("a row");
    let (pages, largest): (u64, u64) = (row.get(0).expect("a number"), row.get(1).expect("a size"));
    assert!(pages > 1 && largest < 5 << 20, "{pages} pages, {largest} bytes");
}
