//! What is being made from a volume, a snapshot or a group snapshot.

use ashlar_db::testing::{TestDb, databases};
use ashlar_db::{flows, group_snapshots, groups, transact, volumes};
use ashlar_flow::{NewFlow, Subject};
use ashlar_types::{
    FlowId, Group, GroupId, GroupSnapshotId, SnapshotId, Volume, VolumeId, VolumeStatus,
};

use crate::flows::flow;
use crate::groups::group;
use crate::made::{NOW, insert, run, volume};

/// An unfinished operation about this.
async fn begin(test: &TestDb, name: &'static str, id: String) -> FlowId {
    let new = flow(name, 1, NOW);
    let new = NewFlow { subject: Subject { id, ..new.subject }, ..new };
    transact!(test.db, tx => flows::insert(tx, &new, None).await).expect("stored");
    new.id
}

async fn finish(test: &TestDb) {
    run(test, "UPDATE ashlar_flows SET finished = TRUE", &[]).await;
}

async fn being_cloned(test: &TestDb, source: VolumeId) -> Option<VolumeId> {
    let mut tx = test.db.read().await.expect("reads");
    volumes::being_cloned_from(&mut tx, source).await.expect("ok")
}

async fn being_made(test: &TestDb, source: SnapshotId) -> Option<VolumeId> {
    let mut tx = test.db.read().await.expect("reads");
    volumes::being_made_from(&mut tx, source).await.expect("ok")
}

#[tokio::test]
async fn a_volume_is_being_made_from_its_source_while_its_operation_lasts() {
    for test in databases().await {
        let (source, from) = (VolumeId::random(), SnapshotId::random());
        let status = VolumeStatus::Creating;
        let clone = Volume { source_volid: Some(source), status, ..volume("p") };
        let copy = Volume { snapshot_id: Some(from), status, ..volume("p") };
        for made in [&clone, &copy] {
            insert(&test, made).await;
            assert_eq!(being_cloned(&test, source).await, None);
            assert_eq!(being_made(&test, from).await, None);
        }
        // Of another kind, and about volumes from elsewhere: more than one statement asks for.
        let _ = begin(&test, "extend-volume", copy.id.to_string()).await;
        let all = (0..1100).map(|number| begin(&test, "create-volume", format!("other-{number}")));
        let _: Vec<FlowId> = futures::future::join_all(all).await;
        assert_eq!(being_made(&test, from).await, None);
        for made in [&clone, &copy] {
            let _ = begin(&test, "create-volume", made.id.to_string()).await;
        }
        assert_eq!(being_cloned(&test, source).await, Some(clone.id));
        assert_eq!(being_made(&test, from).await, Some(copy.id));
        assert_eq!(being_cloned(&test, VolumeId::random()).await, None);
        run(&test, "UPDATE volumes SET deleted = TRUE", &[]).await;
        assert_eq!(being_cloned(&test, source).await, None);
        run(&test, "UPDATE volumes SET deleted = FALSE", &[]).await;
        finish(&test).await;
        assert_eq!(being_cloned(&test, source).await, None);
        assert_eq!(being_made(&test, from).await, None);
    }
}

async fn group_being_made(test: &TestDb, source: GroupSnapshotId) -> Option<GroupId> {
    let mut tx = test.db.read().await.expect("reads");
    group_snapshots::being_made_from(&mut tx, source).await.expect("ok")
}

#[tokio::test]
async fn a_group_is_being_made_with_its_volumes_while_its_operation_lasts() {
    for test in databases().await {
        let (source, from) = (GroupSnapshotId::random(), SnapshotId::random());
        let made = Group { group_snapshot_id: Some(source), ..group("p", Vec::new()) };
        transact!(test.db, tx => groups::insert(tx, &made).await).expect("stored");
        let member = Volume { snapshot_id: Some(from), group_id: Some(made.id), ..volume("p") };
        insert(&test, &member).await;
        assert_eq!(group_being_made(&test, source).await, None);
        let flow = begin(&test, "create-group-from-source", made.id.to_string()).await;
        assert_eq!(group_being_made(&test, source).await, Some(made.id));
        assert_eq!(group_being_made(&test, GroupSnapshotId::random()).await, None);
        assert_eq!(being_made(&test, from).await, Some(member.id));
        let mut tx = test.db.read().await.expect("reads");
        let with_group = volumes::being_made_with_group(&mut tx, member.id).await;
        assert_eq!(with_group.expect("ok"), Some(flow));
        drop(tx);
        finish(&test).await;
        assert_eq!(group_being_made(&test, source).await, None);
        assert_eq!(being_made(&test, from).await, None);
    }
}
