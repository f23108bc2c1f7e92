//! Flows: who may claim which, and in which order those about one resource come.

use std::time::Duration;

use ashlar_db::flows::{self, FlowStore, UnderWay};
use ashlar_db::testing::{TestDb, databases};
use ashlar_db::{DbError, args, transact};
use ashlar_flow::{Claim, NewFlow, Role, Store, Subject};
use ashlar_types::{FlowId, Timestamp};

use crate::made::{NOW, at, run};

const LEASE: Duration = Duration::from_secs(15);

/// An operation, accepted at this moment.
pub(crate) fn flow(name: &'static str, version: u32, at: Timestamp) -> NewFlow {
    NewFlow {
        id: FlowId::fresh(),
        name,
        version,
        state: "{}".to_owned(),
        role: Role::Scheduler,
        target: None,
        subject: Subject {
            kind: "volume".to_owned(),
            id: "resource".to_owned(),
            project_id: "p".to_owned(),
            request_id: "req-1".to_owned(),
        },
        at,
        turn: at,
    }
}

async fn store(test: &TestDb, new: &NewFlow) {
    let stored: Result<(), DbError> = transact!(test.db, tx => flows::insert(tx, new, None).await);
    stored.expect("stored");
}

/// What a worker that knows version 1 of `known` gets at this moment, apart from `except`.
async fn claimed(test: &TestDb, except: &[FlowId], now: Timestamp) -> Vec<FlowId> {
    let claim = Claim {
        worker: "serve@node/1",
        role: Role::Scheduler,
        targets: &[],
        known: &[("known", 1)],
        except,
        limit: 2,
        now,
        lease: LEASE,
    };
    let records = FlowStore::new(test.db.clone()).claim(claim).await.expect("ok");
    records.into_iter().map(|record| record.id).collect()
}

#[tokio::test]
async fn a_worker_leaves_to_others_what_it_does_not_know() {
    for test in databases().await {
        let (strange, newer) = (flow("strange", 1, NOW), flow("known", 2, NOW));
        let mine = flow("known", 1, at(1));
        for new in [&strange, &newer, &mine] {
            store(&test, new).await;
        }
        assert_eq!(claimed(&test, &[], at(2)).await, [mine.id]);
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_in_nobodys_way() {
    for test in databases().await {
        let broken = [flow("known", 1, NOW), flow("known", 1, NOW)];
        let mine = flow("known", 1, at(1));
        for new in broken.iter().chain([&mine]) {
            store(&test, new).await;
        }
        for new in &broken {
            run(&test, "UPDATE ashlar_flows SET log = 'x' WHERE id = ?", args![new.id]).await;
        }
        assert_eq!(claimed(&test, &[], at(2)).await, []);
        assert_eq!(claimed(&test, &[], at(2)).await, [mine.id]);
    }
}

#[tokio::test]
async fn a_claim_that_ran_out_is_not_claimed_anew_by_whoever_is_still_at_it() {
    for test in databases().await {
        let mine = flow("known", 1, NOW);
        store(&test, &mine).await;
        assert_eq!(claimed(&test, &[], NOW).await, [mine.id]);
        assert_eq!(claimed(&test, &[mine.id], at(3600)).await, []);
        assert_eq!(claimed(&test, &[], at(3600)).await, [mine.id]);
    }
}

#[tokio::test]
async fn flows_about_one_resource_come_as_they_were_accepted_whatever_the_clocks_say() {
    for test in databases().await {
        let (first, mut second) = (flow("known", 1, at(100)), flow("known", 1, NOW));
        store(&test, &first).await;
        let mut tx = test.db.begin().await.expect("begins");
        flows::take_turn(&mut tx, &mut second).await.expect("ok");
        flows::insert(&mut tx, &second, None).await.expect("ok");
        let all = flows::under_way(&mut tx, "resource").await.expect("ok");
        let named =
            |new: &NewFlow| UnderWay { id: new.id, name: "known".to_owned(), turn: new.turn };
        assert_eq!(all, [named(&first), named(&second)]);
        tx.commit().await.expect("ok");
        assert_eq!(claimed(&test, &[], NOW).await, [second.id], "it does not wait for the clock");
    }
}

#[tokio::test]
async fn of_many_flows_those_stay_that_still_go_forward_at_the_task() {
    for test in databases().await {
        let all: Vec<NewFlow> = (0..5).map(|_| flow("known", 1, NOW)).collect();
        for new in &all {
            store(&test, new).await;
        }
        for (at, change) in
            [(1, "position = 1"), (2, "direction = 'reverting'"), (3, "finished = TRUE")]
        {
            let sql = format!("UPDATE ashlar_flows SET {change} WHERE id = ?");
            run(&test, &sql, args![all[at].id]).await;
        }
        let mut ids: Vec<FlowId> = all.iter().map(|new| new.id).collect();
        ids.extend([FlowId::fresh(), all[0].id]);
        let mut tx = test.db.begin().await.expect("begins");
        let mut expected = vec![all[0].id, all[4].id];
        expected.sort_unstable();
        assert_eq!(flows::still_at(&mut tx, &ids, 0).await.expect("ok"), expected);
        assert_eq!(flows::still_at(&mut tx, &ids, 1).await.expect("ok"), [all[1].id]);
        assert_eq!(flows::still_at(&mut tx, &[], 0).await.expect("ok"), []);
    }
}

#[tokio::test]
async fn who_is_woken_is_due_at_once_and_whose_claim_ran_out_is_nobodys() {
    for test in databases().await {
        let paused = flow("known", 1, at(60));
        let left = flow("known", 1, NOW);
        for new in [&paused, &left] {
            store(&test, new).await;
        }
        assert_eq!(claimed(&test, &[], NOW).await, [left.id]);
        let which = flows::Asleep {
            role: Role::Scheduler,
            target: None,
            kind: Some("volume"),
            resource_id: Some("resource"),
        };
        let wake = async |which: flows::Asleep<'_>, now| -> u64 {
            let mut tx = test.db.begin().await.expect("begins");
            let woken = flows::wake(&mut tx, &which, now).await.expect("ok");
            tx.commit().await.expect("ok");
            woken
        };
        let backend = flows::Asleep { role: Role::Volume, target: Some("h@b"), ..which };
        assert_eq!(wake(backend, at(1)).await, 0);
        assert_eq!(wake(flows::Asleep { kind: Some("snapshot"), ..which }, at(1)).await, 0);
        assert_eq!(wake(which, at(1)).await, 1, "the claim still holds");
        assert_eq!(claimed(&test, &[], at(1)).await, [paused.id]);
        assert_eq!(wake(which, at(20)).await, 2);
        let mut again = claimed(&test, &[], at(20)).await;
        again.sort_unstable();
        let mut both = [paused.id, left.id];
        both.sort_unstable();
        assert_eq!(again, both);
    }
}
