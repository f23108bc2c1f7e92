//! Taking over and letting go: whose a name on a backend is, and what becomes of the rows.

use ashlar_db::Begun;
use ashlar_db::snapshots::{self, Known};
use ashlar_db::testing::databases;
use ashlar_db::volumes::{self, DeleteRefusal};
use ashlar_types::{
    BackendName, Gib, PoolName, SnapshotId, SnapshotStatus, VolumeId, VolumeStatus,
};

use crate::made::{at, insert, insert_snapshot, snapshot, volume};

#[tokio::test]
async fn a_name_belongs_to_a_living_volume_by_its_identity_or_by_that_of_the_one_it_replaced() {
    for test in databases().await {
        let (mut plain, mut moved, gone) = (volume("p"), volume("p"), volume("p"));
        plain.host = None;
        moved.host = Some(PoolName("h@b#pool".to_owned()));
        moved.name_id = Some(VolumeId::random());
        for volume in [&plain, &moved, &gone] {
            insert(&test, volume).await;
        }
        let mut tx = test.db.begin().await.expect("begins");
        volumes::destroy(&mut tx, gone.id, at(1)).await.expect("destroyed");
        let name = moved.name_id.expect("it has one");
        let asked = [plain.id, moved.id, name, gone.id, VolumeId::random()];
        let backend = |name: &str| BackendName(name.to_owned());
        let found = volumes::named(&mut tx, &backend("h@b"), &asked).await.expect("found");
        let mut found: Vec<_> = found.into_iter().collect();
        found.sort();
        let mut wanted = vec![(plain.id, plain.id), (moved.id, moved.id), (name, moved.id)];
        wanted.sort();
        assert_eq!(found, wanted);
        let other = volumes::named(&mut tx, &backend("h@bb"), &[name]).await.expect("found");
        assert!(other.is_empty(), "another backend has a thing of that name for itself");
        assert!(volumes::named(&mut tx, &backend("h@b"), &[]).await.expect("found").is_empty());
    }
}

#[tokio::test]
async fn a_snapshot_is_known_with_its_volume_also_when_it_is_gone() {
    for test in databases().await {
        let v = volume("p");
        insert(&test, &v).await;
        let (lives, gone) = (snapshot(&v), snapshot(&v));
        for snapshot in [&lives, &gone] {
            insert_snapshot(&test, snapshot).await;
        }
        let mut tx = test.db.begin().await.expect("begins");
        snapshots::destroy(&mut tx, gone.id, at(1)).await.expect("destroyed");
        let asked = [lives.id, gone.id, SnapshotId::random()];
        let found = snapshots::known(&mut tx, &asked).await.expect("found");
        assert_eq!(found.len(), 2);
        assert_eq!(found[&lives.id], Known { volume: v.id, lives: true });
        assert_eq!(found[&gone.id], Known { volume: v.id, lives: false });
    }
}

#[tokio::test]
async fn letting_go_begins_where_a_delete_would() {
    for test in databases().await {
        let mut failed = volume("p");
        failed.status = VolumeStatus::ErrorManaging;
        let (v, with) = (volume("p"), volume("p"));
        for volume in [&v, &with, &failed] {
            insert(&test, volume).await;
        }
        let s = snapshot(&with);
        insert_snapshot(&test, &s).await;
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        assert_eq!(volumes::begin_unmanage(tx, v.id, at(1)).await.expect("ok"), Begun::Done);
        let again = volumes::begin_unmanage(tx, v.id, at(1)).await.expect("ok");
        let status = VolumeStatus::Unmanaging;
        assert_eq!(again, Begun::Refused(DeleteRefusal::Status(status)));
        let refused = volumes::begin_unmanage(tx, with.id, at(1)).await.expect("ok");
        assert_eq!(refused, Begun::Refused(DeleteRefusal::HasSnapshots));
        assert_eq!(volumes::begin_unmanage(tx, failed.id, at(1)).await.expect("ok"), Begun::Done);
        let now = volumes::get(tx, failed.id).await.expect("ok").expect("there").status;
        assert_eq!(now, VolumeStatus::ErrorManagingDeleting);
        assert_eq!(snapshots::begin_unmanage(tx, s.id, at(1)).await.expect("ok"), Begun::Done);
        let now = snapshots::get(tx, s.id).await.expect("ok").expect("there").status;
        assert_eq!(now, SnapshotStatus::Unmanaging);
    }
}

#[tokio::test]
async fn a_volume_that_could_not_be_taken_over_is_a_row_and_nothing_else() {
    for test in databases().await {
        let mut v = volume("p");
        v.status = VolumeStatus::Managing;
        v.size = Gib(0);
        insert(&test, &v).await;
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        let pool = PoolName("h@b#pool".to_owned());
        assert!(volumes::set_managed_place(tx, v.id, &pool, Gib(3), at(1)).await.expect("ok"));
        let placed = volumes::get(tx, v.id).await.expect("ok").expect("there");
        assert_eq!((placed.host, placed.size), (Some(pool), Gib(3)));
        for _ in 0..2 {
            volumes::end_managing(tx, v.id, at(2)).await.expect("ok");
            let left = volumes::get(tx, v.id).await.expect("ok").expect("there");
            assert_eq!((left.host, left.size, left.use_quota), (None, Gib(0), false));
            assert_eq!(left.status, VolumeStatus::ErrorManaging);
        }
        volumes::set_status(tx, v.id, VolumeStatus::Deleting, at(3)).await.expect("ok");
        volumes::end_managing(tx, v.id, at(4)).await.expect("ok");
        let left = volumes::get(tx, v.id).await.expect("ok").expect("there");
        assert_eq!(left.status, VolumeStatus::Deleting, "what was said meanwhile stands");
    }
}
