//! Quota: the limit is met exactly, however many ask at once, and usage is what the rows say.

use std::collections::BTreeMap;

use ashlar_db::quotas::{self, Limits};
use ashlar_db::testing::{TestDb, databases};
use ashlar_db::{DbError, args, transact, volumes};
use ashlar_types::quota::{Delta, Over, snapshot_deltas, volume_deltas};
use ashlar_types::{Gib, Metadata};

use crate::made::{NOW, insert, insert_snapshot, insert_type, run, snapshot, volume, volume_type};

fn limits(pairs: &[(&str, i64)]) -> Limits {
    Limits {
        defaults: pairs.iter().map(|(name, limit)| ((*name).to_owned(), *limit)).collect(),
        use_default_class: true,
        no_snapshot_gb_quota: false,
    }
}

/// A fresh database may hold rows of the class `default`, which come before the configuration.
async fn without_class_rows(test: &TestDb) {
    run(test, "DELETE FROM quota_classes", &[]).await;
}

async fn take(test: &TestDb, deltas: &[Delta], limits: &Limits) -> Result<(), Over> {
    let taken: Result<_, DbError> =
        transact!(test.db, tx => quotas::take(tx, "p", deltas, limits, NOW).await);
    taken.expect("the database works")
}

async fn in_use(test: &TestDb) -> BTreeMap<String, i64> {
    let mut tx = test.db.read().await.expect("reads");
    let usages = quotas::usages(&mut tx, "p").await.expect("ok");
    usages.into_iter().map(|(name, usage)| (name, usage.in_use)).filter(|(_, n)| *n != 0).collect()
}

#[tokio::test]
async fn a_limit_is_met_and_not_passed_and_gigabytes_are_reported_first() {
    for test in databases().await {
        without_class_rows(&test).await;
        let limits = limits(&[("volumes", 2), ("gigabytes", 10)]);
        take(&test, &volume_deltas(1, 6, Some("gold")), &limits).await.expect("fits");
        let over = take(&test, &volume_deltas(2, 5, Some("gold")), &limits).await;
        let over = over.expect_err("both are over");
        assert_eq!((over.resource.as_str(), over.requested), ("gigabytes", 5));
        assert_eq!((over.limit, over.consumed), (10, 6));
        let over = take(&test, &volume_deltas(2, 4, None), &limits).await.expect_err("over");
        assert_eq!(over.resource, "volumes");
        take(&test, &volume_deltas(1, 4, None), &limits).await.expect("fits exactly");
        let used = in_use(&test).await;
        assert_eq!((used["volumes"], used["gigabytes"], used["gigabytes_gold"]), (2, 10, 6));
    }
}

#[tokio::test]
async fn a_limit_comes_from_the_project_then_the_class_then_the_configuration() {
    for test in databases().await {
        without_class_rows(&test).await;
        let limits = limits(&[("volumes", 3)]);
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        assert_eq!(quotas::limit_of(tx, "p", "volumes", &limits).await.expect("ok"), 3);
        assert_eq!(quotas::limit_of(tx, "p", "volumes_gold", &limits).await.expect("ok"), -1);
        quotas::set_class_limit(tx, "default", "volumes", 4, NOW).await.expect("ok");
        quotas::set_class_limit(tx, "default", "volumes", 5, NOW).await.expect("ok");
        assert_eq!(quotas::limit_of(tx, "p", "volumes", &limits).await.expect("ok"), 5);
        let no_class = Limits { use_default_class: false, ..limits.clone() };
        assert_eq!(quotas::limit_of(tx, "p", "volumes", &no_class).await.expect("ok"), 3);
        quotas::set_project_limit(tx, "p", "volumes", 7, NOW).await.expect("ok");
        quotas::set_project_limit(tx, "p", "volumes", 8, NOW).await.expect("ok");
        assert_eq!(quotas::limit_of(tx, "p", "volumes", &limits).await.expect("ok"), 8);
        assert_eq!(quotas::limit_of(tx, "q", "volumes", &limits).await.expect("ok"), 5);
        let shown = quotas::show(tx, "p", &["volumes", "snapshots"], &limits).await.expect("ok");
        assert_eq!((shown["volumes"].0, shown["snapshots"].0), (8, -1));
        assert_eq!(quotas::classes(tx, "default").await.expect("ok")["volumes"], 5);
        quotas::remove_project(tx, "p", NOW).await.expect("ok");
        assert_eq!(quotas::limit_of(tx, "p", "volumes", &limits).await.expect("ok"), 5);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_ask_at_once_exactly_as_many_as_fit_are_served() {
    for test in databases().await {
        without_class_rows(&test).await;
        let limits = limits(&[("volumes", 25), ("gigabytes", 1000)]);
        let mut tasks = Vec::new();
        for _ in 0..64 {
            let (db, limits) = (test.db.clone(), limits.clone());
            tasks.push(tokio::spawn(async move {
                let taken: Result<_, DbError> = transact!(db, tx => async {
                    let deltas = volume_deltas(1, 2, Some("gold"));
                    let taken = quotas::take(tx, "p", &deltas, &limits, NOW).await?;
                    if taken.is_ok() {
                        let mut v = volume("p");
                        v.size = Gib(2);
                        volumes::insert(tx, &v, &Metadata::new()).await?;
                    }
                    Ok::<_, DbError>(taken)
                }.await);
                taken.expect("the database works").is_ok()
            }));
        }
        let mut served = 0;
        for task in tasks {
            served += usize::from(task.await.expect("ran"));
        }
        assert_eq!(served, 25, "{:?}", test.db);
        let used = in_use(&test).await;
        assert_eq!((used["volumes"], used["gigabytes"]), (25, 50));
        let mut tx = test.db.read().await.expect("reads");
        let counted = quotas::recount(&mut tx, "p", false).await.expect("ok");
        assert_eq!((counted["volumes"], counted["gigabytes"]), (25, 50));
    }
}

#[tokio::test]
async fn what_was_never_counted_is_counted_from_the_rows() {
    for test in databases().await {
        without_class_rows(&test).await;
        let gold = volume_type("gold");
        insert_type(&test, &gold).await;
        let mut v = volume("p");
        v.volume_type_id = Some(gold.id);
        v.size = Gib(3);
        insert(&test, &v).await;
        let mut s = snapshot(&v);
        s.volume_size = Gib(3);
        insert_snapshot(&test, &s).await;
        let mut hidden = volume("p");
        hidden.use_quota = false;
        insert(&test, &hidden).await;
        insert(&test, &volume("q")).await;
        let deltas = snapshot_deltas(1, 3, Some("gold"), false);
        take(&test, &deltas, &limits(&[])).await.expect("unlimited");
        let expected = BTreeMap::from([
            ("gigabytes".to_owned(), 9),
            ("gigabytes_gold".to_owned(), 9),
            ("snapshots".to_owned(), 2),
            ("snapshots_gold".to_owned(), 2),
        ]);
        assert_eq!(in_use(&test).await, expected);
        let mut tx = test.db.read().await.expect("reads");
        let counted = quotas::recount(&mut tx, "p", true).await.expect("ok");
        assert_eq!(counted["gigabytes"], 3, "snapshots' sizes do not count");
    }
}

#[tokio::test]
async fn giving_back_never_goes_below_nothing() {
    for test in databases().await {
        without_class_rows(&test).await;
        let deltas = volume_deltas(1, 4, None);
        let give = async |deltas: &[Delta]| {
            let given: Result<(), DbError> =
                transact!(test.db, tx => quotas::give_back(tx, "p", deltas, NOW).await);
            given.expect("ok");
        };
        give(&deltas).await;
        assert!(in_use(&test).await.is_empty());
        take(&test, &volume_deltas(2, 8, None), &limits(&[])).await.expect("fits");
        give(&deltas).await;
        assert_eq!(in_use(&test).await["gigabytes"], 4);
        give(&deltas).await;
        give(&deltas).await;
        assert!(in_use(&test).await.is_empty());
        take(&test, &deltas, &limits(&[])).await.expect("fits");
        assert_eq!(in_use(&test).await["volumes"], 1);
    }
}

#[tokio::test]
async fn a_sum_that_the_column_cannot_hold_is_over_the_limit() {
    for test in databases().await {
        without_class_rows(&test).await;
        let most = i64::from(i32::MAX);
        take(&test, &[Delta::new("gigabytes", most)], &limits(&[])).await.expect("fits");
        let over = take(&test, &[Delta::new("gigabytes", 1)], &limits(&[])).await;
        assert_eq!(over.expect_err("too much").limit, most);
    }
}

#[tokio::test]
async fn a_renamed_type_takes_its_quota_along() {
    for test in databases().await {
        without_class_rows(&test).await;
        take(&test, &volume_deltas(1, 4, Some("old")), &limits(&[])).await.expect("fits");
        take(&test, &volume_deltas(1, 7, Some("new")), &limits(&[])).await.expect("fits");
        let mut tx = test.db.begin().await.expect("begins");
        quotas::set_project_limit(&mut tx, "p", "volumes_old", 9, NOW).await.expect("ok");
        quotas::rename_type(&mut tx, "old", "new", NOW).await.expect("ok");
        tx.commit().await.expect("ok");
        let used = in_use(&test).await;
        assert_eq!((used.get("volumes_old"), used["gigabytes_new"]), (None, 4));
        let mut tx = test.db.begin().await.expect("begins");
        let limit = quotas::limit_of(&mut tx, "p", "volumes_new", &limits(&[])).await;
        assert_eq!(limit.expect("ok"), 9);
        // A name that differs by case alone is another name, also where the key does not see it.
        quotas::rename_type(&mut tx, "new", "New", NOW).await.expect("ok");
        tx.commit().await.expect("ok");
        assert_eq!(in_use(&test).await["gigabytes_New"], 4);
        let rows = run(
            &test,
            "UPDATE quota_usages SET until_refresh = NULL WHERE resource = ? AND deleted = FALSE",
            args!["volumes_New"],
        )
        .await;
        assert_eq!(rows, 1);
    }
}
