//! Attachments: what goes in comes out, lists, statuses, and what a volume's export is.

use ashlar_db::attachments::{self, AttachmentColumn, AttachmentFilter, AttachmentPage, Connected};
use ashlar_db::listing::Test;
use ashlar_db::metadata::{self, Of};
use ashlar_db::testing::databases;
use ashlar_db::{Begun, Moved, Tx, answers, volumes};
use ashlar_types::{
    AttachStatus, Attachment, AttachmentId, ConnectionInfo, Connector, Export, FlowId, Volume,
    VolumeId, VolumeStatus,
};
use serde_json::json;

use crate::made::{NOW, at, insert, pool, run, volume};

fn attachment(volume: VolumeId, status: AttachStatus) -> Attachment {
    Attachment {
        id: AttachmentId::random(),
        volume_id: volume,
        instance_uuid: Some("11111111-2222-4333-8444-555555555555".to_owned()),
        attached_host: None,
        mountpoint: None,
        attach_mode: Some("null".to_owned()),
        attach_status: status,
        attach_time: None,
        detach_time: None,
    }
}

fn info() -> ConnectionInfo {
    let data = json!({ "target_lun": 1, "auth_password": "p" });
    let data = data.as_object().cloned().expect("an object");
    ConnectionInfo { driver_volume_type: "iscsi".to_owned(), data }
}

async fn found(tx: &mut Tx, id: AttachmentId) -> attachments::AttachmentDetail {
    attachments::get(tx, id).await.expect("reads").expect("there")
}

async fn row(tx: &mut Tx, id: VolumeId) -> Volume {
    volumes::get(tx, id).await.expect("reads").expect("there")
}

#[tokio::test]
async fn an_attachment_is_kept_connected_and_gone() {
    for test in databases().await {
        let v = volume("p");
        insert(&test, &v).await;
        let a = attachment(v.id, AttachStatus::Reserved);
        let mut tx = test.db.begin().await.expect("begins");
        attachments::insert(&mut tx, &a, NOW).await.expect("stored");
        let kept = found(&mut tx, a.id).await;
        assert_eq!((kept.attachment, kept.project_id.as_str()), (a.clone(), "p"));
        assert_eq!((kept.connector, kept.connection_info), (None, None));
        assert_eq!(kept.created_at, Some(NOW));

        let host = json!({ "host": "h", "multipath": false });
        let host = Connector(host.as_object().cloned().expect("an object"));
        let told = info();
        let connected = Connected {
            connector: &host,
            info: &told,
            host: "h",
            mountpoint: "/dev/vdb",
            mode: "rw",
        };
        assert!(attachments::connected(&mut tx, a.id, &connected, at(1)).await.expect("written"));
        let kept = found(&mut tx, a.id).await;
        assert_eq!(kept.attachment.attach_status, AttachStatus::Attaching);
        assert_eq!(kept.attachment.attached_host.as_deref(), Some("h"));
        assert_eq!(
            (kept.connector, kept.connection_info),
            (Some(host.clone()), Some(told.clone()))
        );
        assert!(attachments::any_connected(&mut tx, v.id).await.expect("reads"));

        let from = [AttachStatus::Attaching];
        let to = AttachStatus::Attached;
        let moved = attachments::transition(&mut tx, a.id, &from, to, at(2)).await;
        assert_eq!(moved.expect("moves"), Moved::Done);
        let moved = attachments::transition(&mut tx, a.id, &from, to, at(2)).await;
        assert_eq!(moved.expect("does not"), Moved::Refused { now: to });

        assert!(attachments::destroy(&mut tx, a.id, at(3)).await.expect("written"));
        assert!(!attachments::destroy(&mut tx, a.id, at(3)).await.expect("twice is once"));
        assert_eq!(attachments::get(&mut tx, a.id).await.expect("reads"), None);
        let moved = attachments::transition(&mut tx, a.id, &[], to, at(4)).await;
        assert_eq!(moved.expect("gone"), Moved::Gone);
        assert!(!attachments::connected(&mut tx, a.id, &connected, at(4)).await.expect("gone"));
    }
}

#[tokio::test]
async fn lists_are_of_the_volumes_project_and_may_be_filtered_and_paged() {
    for test in databases().await {
        let (mine, theirs) = (volume("mine"), volume("theirs"));
        insert(&test, &mine).await;
        insert(&test, &theirs).await;
        let mut tx = test.db.begin().await.expect("begins");
        let mut made = Vec::new();
        for (moment, (of, status)) in (0..).zip([
            (mine.id, AttachStatus::Attached),
            (mine.id, AttachStatus::Reserved),
            (theirs.id, AttachStatus::Attached),
        ]) {
            let a = attachment(of, status);
            attachments::insert(&mut tx, &a, at(moment)).await.expect("stored");
            made.push(a.id);
        }
        let of_mine = AttachmentFilter::of_project("mine");
        let reserved =
            of_mine.clone().and(AttachmentColumn::AttachStatus, Test::Is("reserved".to_owned()));
        let of_theirs = AttachmentFilter::default()
            .and(AttachmentColumn::VolumeId, Test::Is(theirs.id.to_string()));
        for (filter, wanted) in [
            (&of_mine, vec![made[1], made[0]]),
            (&reserved, vec![made[1]]),
            (&of_theirs, vec![made[2]]),
        ] {
            let page = AttachmentPage::default();
            let list = attachments::list(&mut tx, filter, &page).await.expect("reads");
            let ids: Vec<_> = list.expect("a page").iter().map(|it| it.attachment.id).collect();
            assert_eq!(ids, wanted);
        }
        let page = AttachmentPage {
            marker: Some(made[1].to_string()),
            limit: Some(5),
            ..AttachmentPage::default()
        };
        let list = attachments::list(&mut tx, &of_mine, &page).await.expect("reads");
        assert_eq!(list.expect("a page").len(), 1);
        let foreign = AttachmentPage { marker: Some(made[2].to_string()), ..page };
        assert_eq!(attachments::list(&mut tx, &of_mine, &foreign).await.expect("reads"), None);
    }
}

#[tokio::test]
async fn a_volumes_statuses_follow_from_what_is_left_of_its_attachments() {
    use AttachStatus::{Attached, Attaching, Detached, ErrorDetaching, Reserved};
    for test in databases().await {
        for (left, before, wanted) in [
            (vec![Reserved, Attached, Attaching], "detaching", (VolumeStatus::InUse, Attached)),
            (vec![Reserved, Attaching], "in-use", (VolumeStatus::Attaching, Attaching)),
            (vec![Reserved], "attaching", (VolumeStatus::Reserved, Reserved)),
            (vec![ErrorDetaching], "in-use", (VolumeStatus::Available, Detached)),
            (vec![], "reserved", (VolumeStatus::Available, Detached)),
            (vec![], "deleting", (VolumeStatus::Deleting, Detached)),
            (vec![], "uploading", (VolumeStatus::Uploading, Detached)),
            (vec![], "error", (VolumeStatus::Error, Detached)),
        ] {
            let v = volume("p");
            insert(&test, &v).await;
            run(
                &test,
                "UPDATE volumes SET status = ? WHERE id = ?",
                ashlar_db::args![before, v.id],
            )
            .await;
            let mut tx = test.db.begin().await.expect("begins");
            for status in &left {
                let a = attachment(v.id, *status);
                attachments::insert(&mut tx, &a, NOW).await.expect("stored");
            }
            volumes::settle_attachments(&mut tx, v.id, at(1)).await.expect("settled");
            let after = row(&mut tx, v.id).await;
            assert_eq!((after.status, after.attach_status), wanted, "{left:?} from {before}");
        }
    }
}

#[tokio::test]
async fn only_what_is_attached_and_not_on_the_move_begins_to_be_detached() {
    for test in databases().await {
        let mut v = volume("p");
        (v.status, v.attach_status) = (VolumeStatus::InUse, AttachStatus::Attached);
        v.migration_status = Some("migrating".to_owned());
        insert(&test, &v).await;
        let mut tx = test.db.begin().await.expect("begins");
        let refused = volumes::begin_detaching(&mut tx, v.id, NOW).await.expect("reads");
        assert_eq!(refused, Moved::Refused { now: VolumeStatus::InUse });
        let sql = "UPDATE volumes SET migration_status = NULL WHERE id = ?";
        tx.execute(sql, ashlar_db::args![v.id]).await.expect("set");
        assert_eq!(volumes::begin_detaching(&mut tx, v.id, NOW).await.expect("moves"), Moved::Done);
        assert!(volumes::set_attaching(&mut tx, v.id, NOW).await.expect("moves"));
        assert_eq!(row(&mut tx, v.id).await.status, VolumeStatus::Attaching);
        assert!(volumes::set_in_use(&mut tx, v.id, NOW).await.expect("moves"));
        assert_eq!(row(&mut tx, v.id).await.status, VolumeStatus::InUse);
        let sql = "UPDATE volumes SET status = 'deleting' WHERE id = ?";
        tx.execute(sql, ashlar_db::args![v.id]).await.expect("set");
        assert!(!volumes::set_attaching(&mut tx, v.id, NOW).await.expect("does not"));
        assert!(!volumes::set_in_use(&mut tx, v.id, NOW).await.expect("does not"));
    }
}

#[tokio::test]
async fn an_export_is_kept_until_it_is_owed_and_owed_until_it_is_withdrawn() {
    for test in databases().await {
        let mut v = volume("p");
        v.provider_location = Some("/a/file".to_owned());
        insert(&test, &v).await;
        let backend = pool().backend();
        let export = Export {
            provider_location: "127.0.0.1:3260,1 iqn.x:volume 1".to_owned(),
            provider_auth: Some("CHAP u p".to_owned()),
        };
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        assert_eq!(volumes::export(tx, v.id).await.expect("reads"), None, "a file is no export");
        assert!(!volumes::needs_export(tx, v.id).await.expect("reads"));
        volumes::keep_export(tx, v.id, &export, NOW).await.expect("kept");
        assert_eq!(volumes::export(tx, v.id).await.expect("reads"), Some(export.clone()));
        assert_eq!(volumes::needing_export(tx, &backend).await.expect("reads"), [v.id]);
        assert_eq!(volumes::owing_withdrawal(tx, &backend).await.expect("reads"), []);

        volumes::owe_withdrawal(tx, v.id, NOW).await.expect("owed");
        assert_eq!(row(tx, v.id).await.provider_location, None);
        assert_eq!(volumes::export(tx, v.id).await.expect("reads"), None);
        volumes::keep_export_if_needed(tx, v.id, &export, NOW).await.expect("not needed");
        assert_eq!(volumes::needing_export(tx, &backend).await.expect("reads"), []);
        assert_eq!(volumes::owing_withdrawal(tx, &backend).await.expect("reads"), [v.id]);

        volumes::keep_export(tx, v.id, &export, NOW).await.expect("kept again");
        volumes::withdrawn(tx, v.id, NOW).await.expect("too late");
        assert!(volumes::needs_export(tx, v.id).await.expect("reads"));
        let sql = "UPDATE volumes SET status = 'deleting' WHERE id = ?";
        tx.execute(sql, ashlar_db::args![v.id]).await.expect("set");
        assert!(!volumes::needs_export(tx, v.id).await.expect("reads"));
        volumes::owe_withdrawal(tx, v.id, NOW).await.expect("owed");
        volumes::withdrawn(tx, v.id, NOW).await.expect("done");
        assert!(!volumes::owes_withdrawal(tx, v.id).await.expect("reads"));
        assert!(metadata::get(tx, Of::VolumeAdmin(v.id)).await.expect("reads").is_empty());
    }
}

#[tokio::test]
async fn an_attachment_of_cinders_time_needs_its_export_too() {
    for test in databases().await {
        let mut v = volume("p");
        v.provider_location = Some("127.0.0.1:3260,1 iqn.x:volume 1".to_owned());
        insert(&test, &v).await;
        let mut tx = test.db.begin().await.expect("begins");
        let a = attachment(v.id, AttachStatus::Attached);
        attachments::insert(&mut tx, &a, NOW).await.expect("stored");
        assert!(volumes::needs_export(&mut tx, v.id).await.expect("reads"));
        let kept = volumes::export(&mut tx, v.id).await.expect("reads").expect("there");
        assert_eq!(Some(kept.provider_location), v.provider_location);
    }
}

#[tokio::test]
async fn an_answer_is_taken_once_and_an_old_one_goes() {
    for test in databases().await {
        let (one, two) = (FlowId::fresh(), FlowId::fresh());
        let mut tx = test.db.begin().await.expect("begins");
        answers::put(&mut tx, one, "first", NOW).await.expect("kept");
        answers::put(&mut tx, one, "second", NOW).await.expect("in its place");
        let taken = answers::take(&mut tx, one).await.expect("reads");
        assert_eq!(taken.as_deref(), Some("second"));
        assert_eq!(answers::take(&mut tx, one).await.expect("reads"), None);
        answers::put(&mut tx, one, "old", NOW).await.expect("kept");
        answers::put(&mut tx, two, "new", at(60)).await.expect("kept");
        assert_eq!(answers::prune(&mut tx, at(30), 10).await.expect("pruned"), 1);
        assert_eq!(answers::take(&mut tx, one).await.expect("reads"), None);
        assert!(answers::take(&mut tx, two).await.expect("reads").is_some());
    }
}

#[tokio::test]
async fn while_a_server_moves_its_volume_is_used_whatever_the_volume_says_itself() {
    use ashlar_db::volumes::DeleteRefusal;
    for test in databases().await {
        for attachments_of in [vec![AttachStatus::Attached, AttachStatus::Attaching], vec![]] {
            let mut v = volume("p");
            v.attach_status = AttachStatus::Attaching;
            insert(&test, &v).await;
            let mut tx = test.db.begin().await.expect("begins");
            for status in &attachments_of {
                let a = attachment(v.id, *status);
                attachments::insert(&mut tx, &a, NOW).await.expect("stored");
            }
            let wanted = match attachments_of.is_empty() {
                true => VolumeStatus::Available,
                false => VolumeStatus::InUse,
            };
            for status in ["uploading", "extending"] {
                let sql = "UPDATE volumes SET status = ? WHERE id = ?";
                tx.execute(sql, ashlar_db::args![status, v.id]).await.expect("set");
                let ended = match status {
                    "uploading" => volumes::end_upload(&mut tx, v.id, NOW).await,
                    _ => volumes::publish_extend(&mut tx, v.id, v.size, NOW).await,
                };
                assert!(ended.expect("moves"));
                assert_eq!(row(&mut tx, v.id).await.status, wanted, "{attachments_of:?}");
            }
            let begun = volumes::begin_delete(&mut tx, v.id, &[], false, NOW).await.expect("ok");
            let wanted = match attachments_of.is_empty() {
                true => Begun::Done,
                false => Begun::Refused(DeleteRefusal::Attached),
            };
            assert_eq!(begun, wanted);
        }
    }
}
