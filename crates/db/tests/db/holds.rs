//! Holds: capacity is promised once and never twice.

use ashlar_db::holds::{self, Taking};
use ashlar_db::testing::databases;
use ashlar_db::{DbError, Tx, pools, transact};
use ashlar_types::{BackendName, FlowId, Gib, Pool, PoolName};

use crate::made::{NOW, pool};
use crate::pools::report;

/// What a flow is promised.
fn taking<'a>(flow: FlowId, id: &'a str, pool: &'a PoolName, gib: u64, volumes: u64) -> Taking<'a> {
    Taking { flow, resource_id: id, pool, gib: Gib(gib), volumes }
}

/// Promises to a new flow.
pub(crate) async fn take(
    tx: &mut Tx,
    resource_id: &str,
    pool: &PoolName,
    gib: u64,
    volumes: u64,
) -> FlowId {
    let flow = FlowId::fresh();
    let taking = taking(flow, resource_id, pool, gib, volumes);
    holds::take(tx, &taking, NOW).await.expect("ok");
    flow
}

/// All that a hold may change.
#[derive(Debug, PartialEq, Eq)]
struct Figures {
    held: u64,
    unreported: u64,
    making: u64,
    allocated: u64,
    volumes: u64,
    made: u64,
}

async fn figures(tx: &mut Tx, name: &PoolName) -> Figures {
    let Pool { held, unreported, making, allocated, volumes, .. } =
        pools::lock(tx, name).await.expect("ok").expect("there");
    let made = pools::ask(tx, &name.backend(), NOW).await.expect("ok").made[name];
    Figures { held, unreported, making, allocated, volumes, made }
}

#[tokio::test]
async fn a_hold_is_taken_once_and_released_or_settled_once() {
    for test in databases().await {
        report(&test, &["pool"]).await;
        let (one, two, pool) = (FlowId::fresh(), FlowId::fresh(), pool());
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        for gib in [5, 6] {
            holds::take(tx, &taking(one, "v1", &pool, gib, 1), NOW).await.expect("ok");
        }
        holds::take(tx, &taking(two, "v2", &pool, 7, 1), NOW).await.expect("ok");
        let expected =
            Figures { held: 12, unreported: 12, making: 2, allocated: 0, volumes: 0, made: 0 };
        assert_eq!(figures(tx, &pool).await, expected);
        assert_eq!(holds::of_pool(tx, &pool).await.expect("ok").len(), 2);
        for _ in 0..2 {
            holds::release(tx, one).await.expect("ok");
            holds::settle(tx, two).await.expect("ok");
        }
        let expected =
            Figures { held: 0, unreported: 7, making: 0, allocated: 7, volumes: 1, made: 7 };
        assert_eq!(figures(tx, &pool).await, expected);
        assert!(holds::of_flow(tx, two).await.expect("ok").is_empty());
        // Growth is no volume, and what is removed was made all the same.
        let growth = take(tx, "v2", &pool, 3, 0).await;
        holds::settle(tx, growth).await.expect("ok");
        pools::add_allocated(tx, &pool, 3, 0).await.expect("ok");
        pools::add_allocated(tx, &pool, -100, -100).await.expect("ok");
        let expected =
            Figures { held: 0, unreported: 10, making: 0, allocated: 0, volumes: 0, made: 10 };
        assert_eq!(figures(tx, &pool).await, expected);
        assert_eq!(pools::lock(tx, &PoolName("none".into())).await.expect("ok"), None);
    }
}

#[tokio::test]
async fn what_is_written_off_stays_taken_until_a_report_tells() {
    for test in databases().await {
        report(&test, &["pool"]).await;
        let pool = pool();
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        let growth = take(tx, "v", &pool, 5, 0).await;
        for _ in 0..2 {
            holds::write_off(tx, growth).await.expect("ok");
        }
        let expected =
            Figures { held: 0, unreported: 5, making: 0, allocated: 0, volumes: 0, made: 5 };
        assert_eq!(figures(tx, &pool).await, expected);
    }
}

#[tokio::test]
async fn many_are_promised_at_once_and_each_pool_counts_its_own() {
    for test in databases().await {
        let names: Vec<String> = (0..150).map(|number| format!("p{number:03}")).collect();
        report(&test, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let backend = BackendName::new("node", "file");
        let pools: Vec<PoolName> = names.iter().map(|name| backend.pool(name)).collect();
        let flows: Vec<FlowId> = (0..300).map(|_| FlowId::fresh()).collect();
        let all: Vec<Taking<'_>> = flows
            .iter()
            .enumerate()
            .map(|(at, flow)| taking(*flow, "v", &pools[at % 150], at as u64, (at % 2) as u64))
            .collect();
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        holds::take(tx, &all[150], NOW).await.expect("ok");
        // One is known, and one is there twice.
        let again: Vec<Taking<'_>> = all.iter().chain([&all[7]]).cloned().collect();
        holds::take_all(tx, &again, NOW).await.expect("ok");
        holds::take_all(tx, &[], NOW).await.expect("ok");
        for (at, pool) in pools.iter().enumerate() {
            let (gib, making) = (2 * at as u64 + 150, 2 * (at as u64 % 2));
            let found = figures(tx, pool).await;
            assert_eq!((found.held, found.unreported, found.making), (gib, gib, making));
        }
        let found = holds::of_flows(tx, &flows[100..]).await.expect("ok");
        assert_eq!(found.len(), 200);
        assert!(found.is_sorted_by_key(|hold| hold.flow_id));
        assert!(holds::of_flows(tx, &[]).await.expect("ok").is_empty());
        let of_one = holds::of_flow(tx, flows[7]).await.expect("ok");
        assert_eq!((of_one[0].gib, of_one[0].volumes, &of_one[0].pool), (Gib(7), 1, &pools[7]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn holds_that_are_taken_at_once_never_pass_the_capacity() {
    for test in databases().await {
        report(&test, &["pool"]).await;
        let mut tasks = Vec::new();
        for _ in 0..64 {
            let db = test.db.clone();
            tasks.push(tokio::spawn(async move {
                let held: Result<bool, DbError> = transact!(db, tx => async {
                    let pool = pool();
                    let found = pools::lock(tx, &pool).await?;
                    let room = found.is_some_and(|p| p.allocated + p.held + 3 <= 50);
                    if room {
                        holds::take(tx, &taking(FlowId::fresh(), "v", &pool, 3, 1), NOW).await?;
                    }
                    Ok::<_, DbError>(room)
                }.await);
                held.expect("the database works")
            }));
        }
        let mut held = 0;
        for task in tasks {
            held += u64::from(task.await.expect("ran"));
        }
        let mut tx = test.db.read().await.expect("reads");
        let counted = pools::recount(&mut tx, &pool()).await.expect("ok");
        assert_eq!((held, counted.held), (16, 48), "{:?}", test.db);
    }
}
