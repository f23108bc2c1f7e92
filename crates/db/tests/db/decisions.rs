//! Decisions: alone and on pages, in order, and gone when they are old or too many.

use ashlar_db::decisions::{self, Decision, Entry, Page, Told};
use ashlar_db::testing::{TestDb, databases};
use ashlar_db::{Tx, args};
use ashlar_types::{DecisionId, FlowId, PageId, PoolName, Timestamp, VolumeId};
use serde_json::json;

use crate::made::{at, pool, run};

fn entry(volume_id: VolumeId, attempt: u32, chosen: Option<PoolName>) -> Entry {
    let (id, flow_id) = (DecisionId::fresh(), FlowId::fresh());
    Entry { id, flow_id, volume_id, attempt, chosen, slot: attempt }
}

/// Stores a page about the pools `set` with a decision about each of the volumes.
async fn page(tx: &mut Tx, set: &str, volumes: &[VolumeId], moment: Timestamp) -> Vec<Entry> {
    let entries: Vec<Entry> = volumes.iter().map(|id| entry(*id, 7, Some(pool()))).collect();
    let page = Page {
        id: PageId::fresh(),
        pool_set: set.to_owned(),
        body: format!("body of {set}"),
        created_at: moment,
    };
    decisions::ensure_pool_set(tx, set, &format!("[\"{set}\"]"), moment).await.expect("ok");
    decisions::insert_page(tx, &page, &entries).await.expect("ok");
    entries
}

async fn count(test: &TestDb, table: &str) -> i64 {
    let mut tx = test.db.read().await.expect("reads");
    let sql = format!("SELECT COUNT(*) FROM {table}");
    tx.row(&sql, &[]).await.expect("ok").expect("a row").get(0).expect("a number")
}

#[tokio::test]
async fn decisions_are_told_in_order_with_what_was_said() {
    for test in databases().await {
        let id = VolumeId::random();
        let (one, two) = (entry(id, 1, None), entry(id, 2, Some(pool())));
        let verdict = json!({"ranked": ["Ün"], "n": 1.5});
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        decisions::insert(tx, &two, &verdict, at(2)).await.expect("ok");
        decisions::insert(tx, &one, &verdict, at(1)).await.expect("ok");
        let many: Vec<VolumeId> = (0..299).map(|_| VolumeId::random()).chain([id]).collect();
        let paged = page(tx, "set", &many, at(3)).await.pop().expect("the last is ours");
        let told = |entry: &Entry, told: &Told, moment| Decision {
            id: entry.id,
            flow_id: entry.flow_id,
            volume_id: id,
            attempt: entry.attempt,
            chosen: entry.chosen.clone(),
            told: told.clone(),
            created_at: moment,
        };
        let alone = Told::Alone(verdict);
        let (pools, body) = ("[\"set\"]".to_owned(), "body of set".to_owned());
        let on_page = Told::OnPage { pools, body, slot: 7 };
        let expected =
            [told(&one, &alone, at(1)), told(&two, &alone, at(2)), told(&paged, &on_page, at(3))];
        assert_eq!(decisions::of_volume(tx, id).await.expect("ok"), expected);
        for volume in many {
            assert!(!decisions::of_volume(tx, volume).await.expect("ok").is_empty());
        }
    }
}

#[tokio::test]
async fn the_oldest_decisions_go_in_portions_with_their_pages_and_lists_of_pools() {
    for test in databases().await {
        let ids: Vec<VolumeId> = (0..4).map(|_| VolumeId::random()).collect();
        let mut tx = test.db.begin().await.expect("begins");
        page(&mut tx, "first", &ids, at(1)).await;
        page(&mut tx, "second", &ids, at(2)).await;
        page(&mut tx, "second", &ids[..1], at(3)).await;
        decisions::insert(&mut tx, &entry(ids[0], 1, None), &json!({}), at(4)).await.expect("ok");
        tx.commit().await.expect("ok");
        let mut tx = test.db.begin().await.expect("begins");
        let t = &mut tx;
        assert_eq!(decisions::horizon(t, at(1), 100).await.expect("ok"), at(1), "by age");
        assert_eq!(decisions::horizon(t, at(1), 2).await.expect("ok"), at(3), "by number");
        assert_eq!(decisions::horizon(t, at(4), 2).await.expect("ok"), at(4), "by both");
        assert_eq!(decisions::prune_pages(t, 9).await.expect("ok"), 0, "all are needed");
        assert_eq!(decisions::prune_pool_sets(t, at(9), 9).await.expect("ok"), 0);
        for (portion, gone) in [(3, 3), (3, 3), (3, 2), (3, 0)] {
            assert_eq!(decisions::prune(t, at(3), portion).await.expect("ok"), gone);
        }
        for gone in [1, 1, 0] {
            assert_eq!(decisions::prune_pages(t, 1).await.expect("ok"), gone);
        }
        assert_eq!(decisions::prune_pool_sets(t, at(1), 9).await.expect("ok"), 0, "too young");
        assert_eq!(decisions::prune_pool_sets(t, at(2), 9).await.expect("ok"), 1);
        assert_eq!(decisions::of_volume(t, ids[0]).await.expect("ok").len(), 2);
        tx.commit().await.expect("ok");
        for (table, left) in
            [("ashlar_decisions", 2), ("ashlar_decision_pages", 1), ("ashlar_pool_sets", 1)]
        {
            assert_eq!(count(&test, table).await, left, "{table}");
        }
        run(&test, "DELETE FROM ashlar_decisions", &[]).await;
        let mut tx = test.db.begin().await.expect("begins");
        assert_eq!(decisions::prune_pages(&mut tx, 9).await.expect("ok"), 1, "none is left");
    }
}

#[tokio::test]
async fn a_list_of_pools_that_is_needed_again_stays() {
    for test in databases().await {
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        let hour = 3600;
        for moment in [at(0), at(10), at(hour - 1)] {
            decisions::ensure_pool_set(tx, "set", "[]", moment).await.expect("ok");
        }
        assert_eq!(decisions::prune_pool_sets(tx, at(0), 9).await.expect("ok"), 0);
        decisions::ensure_pool_set(tx, "set", "[]", at(hour)).await.expect("ok");
        assert_eq!(decisions::prune_pool_sets(tx, at(hour), 9).await.expect("ok"), 0);
        let sql = "SELECT names FROM ashlar_pool_sets WHERE id = ?";
        assert!(tx.row(sql, args!["set"]).await.expect("ok").is_some());
        assert_eq!(decisions::prune_pool_sets(tx, at(hour + 1), 9).await.expect("ok"), 1);
    }
}
