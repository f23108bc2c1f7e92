//! Groups: what goes in comes out, and who may move, join and leave.

use ashlar_db::group_details::{self, GroupColumn, GroupFilter, GroupPage};
use ashlar_db::groups::{self, Change, Membership};
use ashlar_db::listing::Test;
use ashlar_db::testing::databases;
use ashlar_db::volumes::{self, GroupDeleteRefusal, begin_delete_with_group};
use ashlar_db::{Moved, Tx, quotas, volume_types};
use ashlar_types::{
    BackendName, Group, GroupId, GroupStatus, GroupTypeId, VolumeStatus, VolumeTypeId,
};

use crate::made::{NOW, at, insert, insert_snapshot, snapshot, volume};

async fn default_type(tx: &mut Tx) -> VolumeTypeId {
    let all = volume_types::Visibility::All;
    let found = volume_types::get_by_name(tx, "__DEFAULT__", &all).await.expect("ok");
    found.expect("every database has it").id
}

/// A group that is being made, without volumes.
pub(crate) fn group(project: &str, volume_types: Vec<VolumeTypeId>) -> Group {
    Group {
        id: GroupId::random(),
        project_id: project.to_owned(),
        user_id: "u".to_owned(),
        cluster_name: None,
        host: None,
        availability_zone: Some("nova".to_owned()),
        name: Some("g".to_owned()),
        description: None,
        group_type_id: Some(GroupTypeId::random()),
        status: GroupStatus::Creating,
        group_snapshot_id: None,
        source_group_id: None,
        replication_status: Some("disabled".to_owned()),
        volume_types,
        created_at: NOW,
        updated_at: None,
    }
}

#[tokio::test]
async fn a_group_lives_from_creating_to_deleted() {
    for test in databases().await {
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        let g = group("p", vec![default_type(tx).await]);
        groups::insert(tx, &g).await.expect("stored");
        assert_eq!(groups::get(tx, g.id).await.expect("ok"), Some(g.clone()));
        assert_eq!(groups::get_for_update(tx, g.id).await.expect("ok"), Some(g.clone()));
        assert_eq!(quotas::recount(tx, "p", false).await.expect("ok")["groups"], 1);
        let pool = BackendName::new("h", "b").pool("p");
        assert!(groups::set_place(tx, g.id, Some(&pool), at(1)).await.expect("ok"));
        let (from, to) = ([GroupStatus::Creating], GroupStatus::Available);
        let moved = groups::transition(tx, g.id, &from, to, at(2)).await;
        assert_eq!(moved.expect("ok"), Moved::Done);
        let moved = groups::transition(tx, g.id, &from, to, at(2)).await;
        assert_eq!(moved.expect("ok"), Moved::Refused { now: GroupStatus::Available });
        let change = Change { name: None, description: Some("d") };
        assert!(groups::update(tx, g.id, change, at(3)).await.expect("ok"));
        let now = groups::get(tx, g.id).await.expect("ok").expect("there");
        assert_eq!((now.name.as_deref(), now.description.as_deref()), (Some("g"), Some("d")));
        assert_eq!((now.host, now.updated_at), (Some(pool), Some(at(3))));
        let of_type = g.group_type_id.expect("set");
        assert!(groups::any_of_type(tx, of_type).await.expect("ok"));
        assert!(groups::destroy(tx, g.id, at(4)).await.expect("ok"));
        assert!(!groups::destroy(tx, g.id, at(4)).await.expect("ok"));
        assert_eq!(groups::get(tx, g.id).await.expect("ok"), None);
        assert!(!groups::any_of_type(tx, of_type).await.expect("ok"));
        let moved = groups::transition(tx, g.id, &from, to, at(5)).await;
        assert_eq!(moved.expect("ok"), Moved::Gone);
        let types = groups::types_of_many(tx, &[g.id]).await.expect("ok");
        assert!(types.is_empty());
    }
}

#[tokio::test]
async fn volumes_join_one_group_and_leave_it_unless_they_go_with_it() {
    for test in databases().await {
        let (v, w) = (volume("p"), volume("p"));
        insert(&test, &v).await;
        insert(&test, &w).await;
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        let (one, two) = (group("p", Vec::new()), group("p", Vec::new()));
        groups::insert(tx, &one).await.expect("stored");
        groups::insert(tx, &two).await.expect("stored");
        let both = [v.id, w.id, v.id];
        let in_one = Membership { group: one.id, volumes: &both };
        assert_eq!(groups::join(tx, in_one, at(1)).await.expect("ok"), 2);
        let in_two = Membership { group: two.id, volumes: &both };
        assert_eq!(groups::join(tx, in_two, at(1)).await.expect("ok"), 0);
        assert_eq!(groups::leave(tx, in_two, at(1)).await.expect("ok"), 0);
        assert_eq!(groups::volumes_of(tx, one.id).await.expect("ok").len(), 2);
        assert_eq!(groups::lock_volumes_of(tx, one.id).await.expect("ok").len(), 2);
        let members = group_details::members_of_many(tx, &[one.id, two.id]).await.expect("ok");
        assert_eq!(members.len(), 2);
        let to = VolumeStatus::Deleting;
        volumes::set_status(tx, v.id, to, at(2)).await.expect("ok");
        assert_eq!(groups::leave(tx, in_one, at(2)).await.expect("ok"), 1);
        let left = groups::volumes_of(tx, one.id).await.expect("ok");
        assert_eq!(left.iter().map(|left| left.id).collect::<Vec<_>>(), [v.id]);
    }
}

#[tokio::test]
async fn a_groups_volumes_are_deleted_with_it_when_nothing_hangs_on_them() {
    for test in databases().await {
        let (mut v, w) = (volume("p"), volume("p"));
        insert(&test, &v).await;
        insert(&test, &w).await;
        let s = snapshot(&w);
        insert_snapshot(&test, &s).await;
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        let g = group("p", Vec::new());
        groups::insert(tx, &g).await.expect("stored");
        let both = [v.id, w.id];
        groups::join(tx, Membership { group: g.id, volumes: &both }, NOW).await.expect("ok");
        let begun = begin_delete_with_group(tx, g.id, NOW).await.expect("ok");
        assert_eq!(begun, Err(GroupDeleteRefusal::HasSnapshots));
        ashlar_db::snapshots::destroy(tx, s.id, NOW).await.expect("ok");
        let begun = begin_delete_with_group(tx, g.id, NOW).await.expect("ok");
        assert_eq!(begun, Ok(()));
        v = volumes::get(tx, v.id).await.expect("ok").expect("there");
        assert_eq!(v.status, VolumeStatus::Deleting);
        tx.execute("UPDATE volumes SET attach_status = 'attached'", &[]).await.expect("ok");
        let begun = begin_delete_with_group(tx, g.id, NOW).await.expect("ok");
        assert_eq!(begun, Err(GroupDeleteRefusal::Attached));
    }
}

#[tokio::test]
async fn a_list_leaves_a_type_out_and_knows_what_hangs_on_a_group() {
    for test in databases().await {
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        let (one, mut two) = (group("p", Vec::new()), group("p", Vec::new()));
        two.source_group_id = Some(one.id);
        two.group_type_id = None;
        groups::insert(tx, &one).await.expect("stored");
        groups::insert(tx, &two).await.expect("stored");
        groups::insert(tx, &group("q", Vec::new())).await.expect("stored");
        let filter = GroupFilter::of_project("p");
        let page = GroupPage::default();
        assert_eq!(group_details::count(tx, &filter).await.expect("ok"), 2);
        let all = group_details::list(tx, &filter, &page).await.expect("ok").expect("no marker");
        assert_eq!(all.len(), 2);
        let but = one.group_type_id;
        let some = group_details::list_but(tx, &filter, but, &page).await.expect("ok");
        let ids: Vec<_> = some.expect("no marker").into_iter().map(|found| found.id).collect();
        assert_eq!(ids, [two.id]);
        let of_type = but.expect("set").to_string();
        let filter = filter.and(GroupColumn::GroupTypeId, Test::Is(of_type));
        assert_eq!(group_details::count(tx, &filter).await.expect("ok"), 1);
        assert!(groups::feeds_a_group(tx, one.id).await.expect("ok"));
        assert!(!groups::feeds_a_group(tx, two.id).await.expect("ok"));
        assert!(!groups::has_snapshots(tx, one.id).await.expect("ok"));
    }
}
