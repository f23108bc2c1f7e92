//! Snapshots: what goes in comes out, and a status moves only from where it may.

use ashlar_db::snapshots::{self, DeleteRefusal, Published};
use ashlar_db::testing::databases;
use ashlar_db::volumes::TextChange;
use ashlar_db::{Begun, Moved, metadata};
use ashlar_types::{Metadata, SnapshotId, SnapshotStatus};

use crate::made::{NOW, at, insert, insert_snapshot, pairs, snapshot, volume};

#[tokio::test]
async fn a_snapshot_lives_from_creating_to_deleted() {
    for test in databases().await {
        let v = volume("p");
        insert(&test, &v).await;
        let mut s = snapshot(&v);
        s.status = SnapshotStatus::Creating;
        s.progress = None;
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        snapshots::insert(tx, &s, &pairs(&[("k", "v")])).await.expect("stored");
        assert_eq!(snapshots::get(tx, s.id).await.expect("ok"), Some(s.clone()));
        assert_eq!(snapshots::get_for_update(tx, s.id).await.expect("ok"), Some(s.clone()));
        let published = Published {
            status: SnapshotStatus::Available,
            provider_location: Some("/x"),
            provider_id: None,
        };
        let wrong = [SnapshotStatus::Deleting];
        assert!(!snapshots::publish(tx, s.id, &wrong, &published, at(1)).await.expect("ok"));
        let from = [SnapshotStatus::Creating];
        assert!(snapshots::publish(tx, s.id, &from, &published, at(1)).await.expect("ok"));
        let change = TextChange { name: Some(None), description: Some(Some("d")) };
        assert!(snapshots::update_text(tx, s.id, &change, at(2)).await.expect("ok"));
        let now = snapshots::get(tx, s.id).await.expect("ok").expect("there");
        assert_eq!((now.name, now.description.as_deref()), (None, Some("d")));
        assert_eq!((now.progress.as_deref(), now.updated_at), (Some("100%"), Some(at(2))));
        let moved = snapshots::transition(tx, s.id, &from, SnapshotStatus::Error, NOW).await;
        assert_eq!(moved.expect("ok"), Moved::Refused { now: SnapshotStatus::Available });
        let begun = snapshots::begin_delete(tx, s.id, SnapshotStatus::DELETABLE, NOW).await;
        assert_eq!(begun.expect("ok"), Begun::Done);
        let begun = snapshots::begin_delete(tx, s.id, SnapshotStatus::DELETABLE, NOW).await;
        let refused = DeleteRefusal::Status(SnapshotStatus::Deleting);
        assert_eq!(begun.expect("ok"), Begun::Refused(refused));
        assert!(snapshots::destroy(tx, s.id, at(3)).await.expect("ok"));
        assert!(!snapshots::destroy(tx, s.id, at(3)).await.expect("ok"));
        assert_eq!(snapshots::get(tx, s.id).await.expect("ok"), None);
        let data = metadata::get(tx, metadata::Of::Snapshot(s.id)).await.expect("ok");
        assert_eq!(data, Metadata::new());
        let none = snapshots::begin_delete(tx, SnapshotId::random(), &[], NOW).await;
        assert_eq!(none.expect("ok"), Begun::Gone);
    }
}

#[tokio::test]
async fn a_snapshot_of_a_group_is_not_deleted_alone_and_volumes_know_how_many_they_have() {
    for test in databases().await {
        let (v, w) = (volume("p"), volume("p"));
        insert(&test, &v).await;
        insert(&test, &w).await;
        let (one, mut two) = (snapshot(&v), snapshot(&v));
        two.created_at = at(1);
        insert_snapshot(&test, &two).await;
        insert_snapshot(&test, &one).await;
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        let of: Vec<_> = snapshots::of_volume(tx, v.id).await.expect("ok");
        assert_eq!(of.iter().map(|s| s.id).collect::<Vec<_>>(), [one.id, two.id]);
        let counts = snapshots::count_by_volume(tx, &[v.id, w.id, v.id]).await.expect("ok");
        assert_eq!(counts.into_iter().collect::<Vec<_>>(), [(v.id, 2)]);
        for sql in [
            "INSERT INTO \"groups\" (id, deleted) VALUES ('g', FALSE)",
            "INSERT INTO group_snapshots (id, group_id, deleted) VALUES ('gs', 'g', FALSE)",
            "UPDATE snapshots SET group_snapshot_id = 'gs'",
        ] {
            tx.execute(sql, &[]).await.expect("ok");
        }
        let begun = snapshots::begin_delete(tx, one.id, &[], NOW).await.expect("ok");
        assert_eq!(begun, Begun::Refused(DeleteRefusal::InGroup));
    }
}
