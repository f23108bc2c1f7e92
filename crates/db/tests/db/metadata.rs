//! Metadata: keys are told apart exactly, on every engine.

use ashlar_db::metadata::{self, Of};
use ashlar_db::testing::databases;
use ashlar_db::{DbError, transact};
use ashlar_types::Metadata;

use crate::made::{NOW, at, insert, insert_snapshot, pairs, snapshot, volume};

#[tokio::test]
async fn pairs_are_merged_replaced_and_removed_in_every_table() {
    for test in databases().await {
        let v = volume("p");
        let s = snapshot(&v);
        insert(&test, &v).await;
        insert_snapshot(&test, &s).await;
        for of in [
            Of::Volume(v.id),
            Of::VolumeAdmin(v.id),
            Of::VolumeImage(v.id),
            Of::Snapshot(s.id),
            Of::SnapshotImage(s.id),
        ] {
            let mut tx = test.db.begin().await.expect("begins");
            let tx = &mut tx;
            metadata::insert(tx, of, &pairs(&[("a", "1"), ("A", "2")]), NOW).await.expect("ok");
            let after = metadata::merge(tx, of, &pairs(&[("a", "3"), ("b", "")]), at(1)).await;
            let expected = pairs(&[("a", "3"), ("A", "2"), ("b", "")]);
            assert_eq!(after.expect("ok"), expected);
            assert_eq!(metadata::get(tx, of).await.expect("ok"), expected);
            let after = metadata::replace(tx, of, &pairs(&[("A", "2"), ("c", "4")]), at(2)).await;
            assert_eq!(after.expect("ok"), pairs(&[("A", "2"), ("c", "4")]));
            assert!(!metadata::remove(tx, of, "a", at(3)).await.expect("ok"));
            assert!(metadata::remove(tx, of, "A", at(3)).await.expect("ok"));
            assert_eq!(metadata::get(tx, of).await.expect("ok"), pairs(&[("c", "4")]));
            let after = metadata::merge(tx, of, &Metadata::new(), NOW).await.expect("ok");
            assert_eq!(after, pairs(&[("c", "4")]));
            metadata::destroy(tx, of, at(4)).await.expect("ok");
            assert!(metadata::get(tx, of).await.expect("ok").is_empty());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_key_that_many_add_at_once_is_there_once() {
    for test in databases().await {
        let v = volume("p");
        insert(&test, &v).await;
        let mut tasks = Vec::new();
        for number in 0..16 {
            let (db, id) = (test.db.clone(), v.id);
            tasks.push(tokio::spawn(async move {
                let data = pairs(&[("k", &format!("{number}"))]);
                let merged: Result<Metadata, DbError> =
                    transact!(db, tx => metadata::merge(tx, Of::Volume(id), &data, NOW).await);
                merged.expect("ok");
            }));
        }
        for task in tasks {
            task.await.expect("ran");
        }
        let mut tx = test.db.read().await.expect("reads");
        let row = tx
            .row("SELECT COUNT(*) FROM volume_metadata WHERE deleted = FALSE", &[])
            .await
            .expect("ok")
            .expect("row");
        assert_eq!(row.get::<i64>(0).expect("number"), 1, "{:?}", test.db);
    }
}
