//! Volumes: what goes in comes out, and a status moves only from where it may.

use ashlar_db::testing::databases;
use ashlar_db::volumes::{
    self, DeleteRefusal, Deleting, Place, Published, Reset, TextChange, has_living,
};
use ashlar_db::{Begun, DbError, Moved, args, metadata, snapshots, transact, volume_details};
use ashlar_types::{
    AttachStatus, BackendName, Gib, GroupId, Metadata, PoolName, SnapshotStatus, VolumeId,
    VolumeStatus,
};

use crate::made::{NOW, at, insert, insert_snapshot, pairs, pool, run, snapshot, volume};

#[tokio::test]
async fn a_volume_comes_back_as_it_was_stored() {
    for test in databases().await {
        let mut v = volume("p");
        v.description = Some("50% 'quoted' — ünïcode".to_owned());
        v.provider_location = Some("/there".to_owned());
        v.source_volid = Some(VolumeId::random());
        v.scheduled_at = Some(at(1));
        v.launched_at = Some(at(2));
        v.updated_at = Some(at(3));
        v.bootable = true;
        v.size = Gib(2_147_483_647);
        let data = pairs(&[("k", "v"), ("leer", "")]);
        transact!(test.db, tx => volumes::insert(tx, &v, &data).await).expect("stored");
        let mut tx = test.db.read().await.expect("reads");
        assert_eq!(volumes::get(&mut tx, v.id).await.expect("reads"), Some(v.clone()));
        assert_eq!(
            volumes::get_many(&mut tx, &[v.id, VolumeId::random()]).await.expect("reads"),
            [v.clone()]
        );
        let detail = volume_details::get(&mut tx, v.id).await.expect("reads").expect("there");
        assert_eq!((detail.volume, detail.metadata), (v.clone(), data));
        assert_eq!(volumes::get(&mut tx, VolumeId::random()).await.expect("reads"), None);
        drop(tx);
        let again = transact!(test.db, tx => volumes::insert(tx, &v, &Metadata::new()).await);
        assert!(matches!(again, Err(DbError::Duplicate(_))), "{again:?}");
    }
}

#[tokio::test]
async fn a_status_moves_only_from_where_it_may() {
    for test in databases().await {
        let v = volume("p");
        insert(&test, &v).await;
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        let from = [VolumeStatus::Available, VolumeStatus::Error];
        let to = VolumeStatus::Deleting;
        assert_eq!(volumes::transition(tx, v.id, &from, to, at(1)).await.expect("ok"), Moved::Done);
        let again = volumes::transition(tx, v.id, &from, to, at(1)).await.expect("ok");
        assert_eq!(again, Moved::Refused { now: VolumeStatus::Deleting });
        let none = volumes::transition(tx, VolumeId::random(), &from, to, at(1)).await.expect("ok");
        assert_eq!(none, Moved::Gone);
        assert_eq!(
            volumes::get(tx, v.id).await.expect("ok").expect("there").updated_at,
            Some(at(1))
        );
        volumes::set_status(tx, v.id, VolumeStatus::InUse, at(2)).await.expect("ok");
        let begun = volumes::begin_extend(tx, v.id, VolumeStatus::EXTENDABLE_ONLINE, at(2)).await;
        assert_eq!(begun.expect("ok"), Moved::Done);
        let now = volumes::get(tx, v.id).await.expect("ok").expect("there");
        assert_eq!(now.status, VolumeStatus::Extending);
        assert_eq!(now.previous_status.as_deref(), Some("in-use"));
    }
}

#[tokio::test]
async fn of_two_who_move_a_volume_at_once_one_wins() {
    for test in databases().await {
        for _ in 0..20 {
            let v = volume("p");
            insert(&test, &v).await;
            let one = |to: VolumeStatus| {
                let db = test.db.clone();
                async move {
                    transact!(db, tx => volumes::transition(
                        tx, v.id, &[VolumeStatus::Available], to, NOW
                    ).await)
                }
            };
            let (a, b) = tokio::join!(
                tokio::spawn(one(VolumeStatus::Deleting)),
                tokio::spawn(one(VolumeStatus::Extending))
            );
            let (a, b): (Result<Moved, DbError>, Result<Moved, DbError>) =
                (a.expect("ran"), b.expect("ran"));
            match (a.expect("ok"), b.expect("ok")) {
                (Moved::Done, Moved::Refused { now: VolumeStatus::Deleting })
                | (Moved::Refused { now: VolumeStatus::Extending }, Moved::Done) => {}
                other => panic!("{other:?} on {:?}", test.db),
            }
        }
    }
}

#[tokio::test]
async fn a_delete_says_which_condition_does_not_hold() {
    for test in databases().await {
        let begin = async |id: VolumeId, cascade: bool| {
            let db = test.db.clone();
            let begun: Result<_, DbError> = transact!(db, tx => volumes::begin_delete(
                tx, id, VolumeStatus::DELETABLE, cascade, at(5)
            ).await);
            begun.expect("ok")
        };
        let refused = |reason| Begun::Refused(reason);
        assert_eq!(begin(VolumeId::random(), false).await, Begun::Gone);

        let mut v = volume("p");
        v.status = VolumeStatus::InUse;
        insert(&test, &v).await;
        assert_eq!(begin(v.id, false).await, refused(DeleteRefusal::Status(VolumeStatus::InUse)));
        let mut v = volume("p");
        v.migration_status = Some("migrating".to_owned());
        insert(&test, &v).await;
        assert_eq!(begin(v.id, false).await, refused(DeleteRefusal::Migrating));
        let mut v = volume("p");
        v.attach_status = AttachStatus::Attached;
        insert(&test, &v).await;
        assert_eq!(begin(v.id, false).await, refused(DeleteRefusal::Attached));
        let mut v = volume("p");
        let group = GroupId::random();
        run(&test, "INSERT INTO \"groups\" (id, deleted) VALUES (?, FALSE)", args![group]).await;
        v.group_id = Some(group);
        insert(&test, &v).await;
        assert_eq!(begin(v.id, false).await, refused(DeleteRefusal::InGroup));

        let mut v = volume("p");
        v.migration_status = Some("success".to_owned());
        insert(&test, &v).await;
        let mut s = snapshot(&v);
        s.status = SnapshotStatus::Creating;
        insert_snapshot(&test, &s).await;
        assert_eq!(begin(v.id, false).await, refused(DeleteRefusal::HasSnapshots));
        assert_eq!(begin(v.id, true).await, refused(DeleteRefusal::SnapshotsBusy));
        transact!(test.db, tx => snapshots::set_status(
            tx, s.id, SnapshotStatus::Error, None, NOW
        ).await)
        .expect("ok");
        assert_eq!(begin(v.id, true).await, Begun::Done);
        let mut tx = test.db.read().await.expect("reads");
        let now = volumes::get(&mut tx, v.id).await.expect("ok").expect("there");
        assert_eq!((now.status, now.terminated_at), (VolumeStatus::Deleting, Some(at(5))));
        let s = snapshots::get(&mut tx, s.id).await.expect("ok").expect("there");
        assert_eq!(s.status, SnapshotStatus::Deleting);
    }
}

#[tokio::test]
async fn a_forced_delete_starts_from_any_status_and_a_failed_takeover_has_a_status_of_its_own() {
    for test in databases().await {
        let mut v = volume("p");
        v.status = VolumeStatus::Downloading;
        let mut taken = volume("p");
        taken.status = VolumeStatus::ErrorManaging;
        insert(&test, &v).await;
        insert(&test, &taken).await;
        let mut tx = test.db.begin().await.expect("begins");
        let begun = volumes::begin_delete(&mut tx, v.id, &[], false, NOW).await.expect("ok");
        assert_eq!(begun, Begun::Done);
        let begun = volumes::begin_delete(&mut tx, taken.id, &[], false, NOW).await.expect("ok");
        assert_eq!(begun, Begun::Done);
        let now = volumes::get(&mut tx, taken.id).await.expect("ok").expect("there");
        assert_eq!(now.status, VolumeStatus::ErrorManagingDeleting);
    }
}

#[tokio::test]
async fn a_snapshot_and_a_delete_of_its_volume_never_overlook_each_other() {
    for test in databases().await {
        for _ in 0..20 {
            let v = volume("p");
            insert(&test, &v).await;
            let (db, other) = (test.db.clone(), test.db.clone());
            let of = v.clone();
            let snapshotting = tokio::spawn(async move {
                transact!(db, tx => async {
                    let found = volumes::get_for_update(tx, of.id).await?;
                    let free = found.is_some_and(|v| v.status == VolumeStatus::Available);
                    if free {
                        snapshots::insert(tx, &snapshot(&of), &Metadata::new()).await?;
                    }
                    Ok::<bool, DbError>(free)
                }
                .await)
            });
            let id = v.id;
            let deleting = tokio::spawn(async move {
                transact!(other, tx => volumes::begin_delete(
                    tx, id, VolumeStatus::DELETABLE, false, NOW
                ).await)
            });
            let made: Result<bool, DbError> = snapshotting.await.expect("ran");
            let begun: Result<_, DbError> = deleting.await.expect("ran");
            assert_ne!(made.expect("ok"), begun.expect("ok").is_done(), "{:?}", test.db);
        }
    }
}

#[tokio::test]
async fn many_volumes_are_placed_at_once_and_those_that_are_gone_passed_over() {
    for test in databases().await {
        let mut all = Vec::new();
        for number in 0..70 {
            let mut v = volume("p");
            v.host = None;
            insert(&test, &v).await;
            all.push((v.id, PoolName(format!("h@b#{}", number % 5)), format!("z{}", number % 3)));
        }
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        volumes::destroy(tx, all[3].0, at(1)).await.expect("ok");
        let places: Vec<Place<'_>> = all
            .iter()
            .map(|(id, pool, zone)| Place { volume: *id, pool, availability_zone: zone })
            .collect();
        volumes::set_places(tx, &places, at(2)).await.expect("ok");
        volumes::set_places(tx, &[], at(3)).await.expect("ok");
        for (number, (id, pool, zone)) in all.into_iter().enumerate() {
            let Some(placed) = volumes::get(tx, id).await.expect("ok") else {
                assert_eq!(number, 3);
                continue;
            };
            assert_eq!((placed.host, placed.availability_zone), (Some(pool), Some(zone)));
            assert_eq!(placed.scheduled_at, Some(at(2)));
        }
    }
}

#[tokio::test]
async fn a_volume_is_placed_published_and_changed() {
    for test in databases().await {
        let mut v = volume("p");
        v.status = VolumeStatus::Creating;
        v.host = None;
        insert(&test, &v).await;
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        assert!(volumes::set_place(tx, v.id, &pool(), "z", None, at(1)).await.expect("ok"));
        let placed = volumes::get(tx, v.id).await.expect("ok").expect("there");
        assert_eq!((placed.host, placed.scheduled_at), (Some(pool()), Some(at(1))));
        assert_eq!(placed.availability_zone.as_deref(), Some("z"));
        let published = Published {
            status: VolumeStatus::Available,
            provider_location: Some("/x"),
            provider_id: Some("id"),
            bootable: Some(true),
            shared_targets: None,
            service_uuid: None,
            launched_at: Some(at(2)),
        };
        let wrong = [VolumeStatus::Downloading];
        assert!(!volumes::publish(tx, v.id, &wrong, &published, at(2)).await.expect("ok"));
        let from = [VolumeStatus::Creating];
        assert!(volumes::publish(tx, v.id, &from, &published, at(2)).await.expect("ok"));
        let now = volumes::get(tx, v.id).await.expect("ok").expect("there");
        assert_eq!(now.provider_location.as_deref(), Some("/x"));
        assert_eq!((now.bootable, now.shared_targets, now.launched_at), (true, None, Some(at(2))));
        let change = TextChange { name: Some(Some("new")), description: None };
        assert!(volumes::update_text(tx, v.id, &change, at(3)).await.expect("ok"));
        let change = TextChange { name: None, description: Some(None) };
        assert!(volumes::update_text(tx, v.id, &change, at(3)).await.expect("ok"));
        assert!(volumes::set_size(tx, v.id, Gib(9), VolumeStatus::InUse, at(3)).await.expect("ok"));
        assert!(volumes::set_bootable(tx, v.id, false, at(3)).await.expect("ok"));
        let reset = Reset { migration_status: Some(Some("error")), ..Reset::default() };
        assert!(volumes::reset(tx, v.id, &reset, at(4)).await.expect("ok"));
        let reset = Reset { attach_status: Some(AttachStatus::Attached), ..Reset::default() };
        assert!(volumes::reset(tx, v.id, &reset, at(4)).await.expect("ok"));
        let now = volumes::get(tx, v.id).await.expect("ok").expect("there");
        assert_eq!((now.name.as_deref(), now.description), (Some("new"), None));
        assert_eq!((now.size, now.status, now.bootable), (Gib(9), VolumeStatus::InUse, false));
        assert_eq!(now.migration_status.as_deref(), Some("error"));
        assert_eq!((now.attach_status, now.updated_at), (AttachStatus::Attached, Some(at(4))));
        assert!(volumes::clear_place(tx, v.id, at(5)).await.expect("ok"));
        assert_eq!(volumes::get(tx, v.id).await.expect("ok").expect("there").host, None);
    }
}

#[tokio::test]
async fn a_destroyed_volume_takes_what_hangs_on_it_along_and_once_is_enough() {
    for test in databases().await {
        let v = volume("p");
        let data = pairs(&[("k", "v")]);
        transact!(test.db, tx => volumes::insert(tx, &v, &data).await).expect("stored");
        run(
            &test,
            "INSERT INTO volume_attachment (id, volume_id, deleted, attach_status) VALUES \
             (?, ?, FALSE, 'reserved')",
            args![VolumeId::random(), v.id],
        )
        .await;
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        let image = metadata::Of::VolumeImage(v.id);
        metadata::insert(tx, image, &data, NOW).await.expect("ok");
        let detail = volume_details::get(tx, v.id).await.expect("ok").expect("there");
        assert_eq!((detail.attachments.len(), &detail.image_metadata), (1, &data));
        assert!(volumes::destroy(tx, v.id, at(9)).await.expect("ok"));
        assert!(!volumes::destroy(tx, v.id, at(10)).await.expect("ok"));
        assert_eq!(volume_details::get(tx, v.id).await.expect("ok"), None);
        assert!(metadata::get(tx, metadata::Of::Volume(v.id)).await.expect("ok").is_empty());
        assert!(metadata::get(tx, image).await.expect("ok").is_empty());
        let mut row = tx
            .row("SELECT status, deleted, deleted_at FROM volumes WHERE id = ?", args![v.id])
            .await
            .expect("ok")
            .expect("the row stays");
        assert_eq!(row.take::<String>(0).expect("text"), "deleted");
        assert!(row.take::<bool>(1).expect("truth"));
        assert_eq!(row.take::<ashlar_types::Timestamp>(2).expect("moment"), at(9));
        let moved =
            volumes::transition(tx, v.id, &[VolumeStatus::Deleted], VolumeStatus::Error, NOW).await;
        assert_eq!(moved.expect("ok"), Moved::Gone);
    }
}

#[tokio::test]
async fn a_backends_volumes_are_those_of_its_pools_and_no_other() {
    for test in databases().await {
        let mut expected = Vec::new();
        for (host, mine) in [
            ("node@file#pool", true),
            ("node@file#other", true),
            ("node@file", true),
            ("node@file2#pool", false),
            ("nodeXfile#pool", false),
        ] {
            let mut v = volume("p");
            v.host = Some(PoolName(host.to_owned()));
            insert(&test, &v).await;
            if mine {
                expected.push(v.id);
            }
        }
        let mut tx = test.db.read().await.expect("reads");
        let backend = BackendName::new("node", "file");
        let found = volumes::of_backend(&mut tx, &backend).await.expect("ok");
        let mut found: Vec<_> = found.into_iter().map(|v| v.id).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn a_volume_lives_in_its_pool_from_when_it_is_made_until_it_is_removed_or_given_up() {
    for test in databases().await {
        let mut v = volume("p");
        insert(&test, &v).await;
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        let counts = Deleting::Counts;
        assert!(!has_living(tx, &pool(), counts).await.expect("ok"), "it was never made");
        v.id = VolumeId::random();
        v.launched_at = Some(at(1));
        volumes::insert(tx, &v, &Metadata::new()).await.expect("ok");
        assert!(has_living(tx, &pool(), Deleting::MayBeGone).await.expect("ok"));
        let other = PoolName("node@file#other".to_owned());
        assert!(!has_living(tx, &other, counts).await.expect("ok"), "it is elsewhere");
        volumes::set_status(tx, v.id, VolumeStatus::Deleting, at(2)).await.expect("ok");
        assert!(has_living(tx, &pool(), counts).await.expect("ok"));
        assert!(!has_living(tx, &pool(), Deleting::MayBeGone).await.expect("ok"));
        volumes::set_status(tx, v.id, VolumeStatus::Error, at(3)).await.expect("ok");
        assert!(!has_living(tx, &pool(), counts).await.expect("ok"));
    }
}
