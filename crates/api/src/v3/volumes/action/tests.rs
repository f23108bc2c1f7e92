//! Actions, removal and encryption over a real database.

mod replaced;

use ashlar_db::{DbError, Tx, args, transact, volumes};
use ashlar_types::{AttachStatus, PoolName, Timestamp, Volume, VolumeId, VolumeStatus};
use serde_json::{Value, json};

use crate::testing::{Got, House};
use crate::v3::volumes::tests::{limit, put};

const ADMIN: (&str, u16) = ("root:abc", 71);
const MEMBER: (&str, u16) = ("me:abc:member", 71);

async fn house() -> (House, VolumeId) {
    let house = House::furnished().await;
    let id = placed(&house).await;
    (house, id)
}

/// A volume of 1 GiB that lives on a backend.
async fn placed(house: &House) -> VolumeId {
    let id = put(house, "abc", "first", 1).await;
    let pool = PoolName("host@sim#pool".to_owned());
    let (db, now) = (&house.app.db, house.app.clock.now());
    let set: Result<bool, DbError> =
        transact!(db, tx => volumes::set_place(tx, id, &pool, "nova", None, now).await);
    assert!(set.expect("set"));
    id
}

async fn act(house: &House, who: (&str, u16), id: VolumeId, body: Value) -> Got {
    house.ask(who, "POST", &format!("/v3/volumes/{id}/action"), &body).await
}

async fn row(house: &House, id: VolumeId) -> Volume {
    let mut tx = house.app.db.read().await.expect("a database");
    volumes::get(&mut tx, id).await.expect("read").expect("there")
}

async fn set(house: &House, id: VolumeId, status: VolumeStatus, attach_status: AttachStatus) {
    let reset = volumes::Reset {
        status: Some(status),
        attach_status: Some(attach_status),
        migration_status: None,
    };
    let (db, now) = (&house.app.db, house.app.clock.now());
    let set: Result<bool, DbError> = transact!(db, tx => volumes::reset(tx, id, &reset, now).await);
    assert!(set.expect("set"));
}

/// Every status of a row that is there, with how Cinder has it attached in that status.
fn states() -> impl Iterator<Item = (VolumeStatus, AttachStatus)> {
    let there = VolumeStatus::ALL.iter().filter(|status| **status != VolumeStatus::Deleted);
    there.map(|&status| match status {
        VolumeStatus::InUse | VolumeStatus::Detaching => (status, AttachStatus::Attached),
        _ => (status, AttachStatus::Detached),
    })
}

#[tokio::test]
async fn actions_of_later_releases_are_unknown() {
    let (house, id) = house().await;
    for action in ["os-migrate_volume", "x"] {
        let got = act(&house, ADMIN, id, json!({ action: {} })).await;
        let (status, message) = got.fault();
        assert_eq!(status, 400);
        assert!(message.starts_with(&format!("There is no such action: {action}.")), "{message}");
    }
}

#[tokio::test]
async fn who_may_not_act_is_refused_and_who_may_not_see_finds_nothing() {
    let (house, id) = house().await;
    let reset = json!({ "os-reset_status": { "status": "error" } });
    let delete = json!({ "os-force_delete": null });
    let bootable = json!({ "os-set_bootable": { "bootable": true } });
    let extend = json!({ "os-extend": { "new_size": 2 } });
    let status = async |who, body: &Value| act(&house, (who, 71), id, body.clone()).await.status;
    for body in [&reset, &delete] {
        assert_eq!(status("me:abc:member", body).await, 403);
        assert_eq!(status("me:def:member", body).await, 404);
    }
    // Resetting asks no more than its own rule; force delete loads what it works on with `volume:get`.
    assert_eq!((status("me:abc:", &reset).await, status("me:abc:", &delete).await), (403, 404));
    for body in [&bootable, &extend] {
        assert_eq!(status("me:abc:reader", body).await, 403);
        assert_eq!(status("me:abc:", body).await, 404);
        assert_eq!(status("me:def:member", body).await, 404);
    }
    assert_eq!(row(&house, id).await.status, VolumeStatus::Available);
}

#[tokio::test]
async fn an_extend_begins_from_available_and_from_3_42_in_use() {
    let house = House::furnished().await;
    let body = json!({ "os-extend": { "new_size": "2" } });
    for (status, attach_status) in states() {
        for minor in [41, 42] {
            let id = placed(&house).await;
            set(&house, id, status, attach_status).await;
            let got = act(&house, ("root:abc", minor), id, body.clone()).await;
            let begins =
                status == VolumeStatus::Available || (status == VolumeStatus::InUse && minor == 42);
            let expected = if begins { (202, VolumeStatus::Extending) } else { (400, status) };
            assert_eq!((got.status, row(&house, id).await.status), expected, "{status} {minor}");
        }
    }
}

#[tokio::test]
async fn an_extend_is_refused_for_its_size() {
    let (house, id) = house().await;
    limit(&house, "gigabytes", 1000).await;
    let extend = async |size: Value| {
        let body = json!({ "os-extend": { "new_size": size } });
        let got = act(&house, MEMBER, id, body).await;
        (got.status, got.fault().1.to_owned())
    };
    assert_eq!(
        extend(json!(1)).await,
        (
            400,
            "Invalid input received: New size for extend must be greater than current size. \
             (current: 1, extended: 1)."
                .to_owned()
        )
    );
    for bad in [json!(0), json!("x"), json!(1.5), json!(true), json!(4_294_967_296_u64)] {
        assert_eq!(extend(bad).await.0, 400);
    }
    let (status, message) = extend(json!(2000)).await;
    assert_eq!(status, 413);
    assert!(message.starts_with("VolumeSizeExceedsAvailableQuota: "), "{message}");
    assert_eq!(row(&house, id).await.status, VolumeStatus::Available);
}

#[tokio::test]
async fn a_status_is_reset_to_whatever_cinder_declares() {
    let (house, id) = house().await;
    for &(status, _) in &states().collect::<Vec<_>>() {
        set(&house, id, VolumeStatus::Available, AttachStatus::Detached).await;
        let word = status.as_str().to_uppercase();
        let got = act(&house, ADMIN, id, json!({ "os-reset_status": { "status": word } })).await;
        let refused = matches!(status, VolumeStatus::Deleting | VolumeStatus::InUse)
            || !VolumeStatus::DECLARED.contains(&status);
        let expected = if refused { (400, VolumeStatus::Available) } else { (202, status) };
        assert_eq!((got.status, row(&house, id).await.status), expected, "{status}");
    }
}

#[tokio::test]
async fn attach_and_migration_statuses_are_reset_within_their_words() {
    let (house, id) = house().await;
    let reset = async |key: &str, word: &str| {
        act(&house, ADMIN, id, json!({ "os-reset_status": { key: word } })).await.status
    };
    for word in ["attached", "detached"] {
        assert_eq!(reset("attach_status", word).await, 202);
        assert_eq!(row(&house, id).await.attach_status.as_str(), word);
    }
    for word in ["attaching", "detaching", "reserved", "error_attaching"] {
        assert_eq!(reset("attach_status", word).await, 400, "{word}");
    }
    for word in ["migrating", "error", "success", "completing", "starting"] {
        assert_eq!(reset("migration_status", word).await, 202);
        assert_eq!(row(&house, id).await.migration_status.as_deref(), Some(word));
    }
    assert_eq!(reset("migration_status", "none").await, 202);
    assert_eq!(row(&house, id).await.migration_status, None);
    assert_eq!(reset("migration_status", "xyz").await, 400);
}

#[tokio::test]
async fn a_reset_is_refused_in_cinders_words() {
    let (house, id) = house().await;
    let refused = async |inner: Value| {
        let got = act(&house, ADMIN, id, json!({ "os-reset_status": inner })).await;
        assert_eq!(got.status, 400);
        got.fault().1.to_owned()
    };
    let nothing = "Must specify 'status', 'attach_status' or 'migration_status' for update.";
    assert_eq!(refused(json!({})).await, nothing);
    assert_eq!(refused(json!({ "status": "" })).await, nothing);
    let unknown = refused(json!({ "status": "xyz" })).await;
    assert!(
        unknown.starts_with(
            "Volume status: xyz is invalid, valid statuses are: ('creating', 'available', "
        ),
        "{unknown}"
    );
    assert_eq!(
        refused(json!({ "attach_status": "reserved" })).await,
        "Volume attach status: reserved is invalid, valid statuses are: ['attached', 'detached']."
    );
    refused(json!({ "status": 1 })).await;
    refused(json!({ "colour": "red" })).await;
}

async fn attach(tx: &mut Tx, id: VolumeId, now: Timestamp) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO volume_attachment (id, volume_id, attach_status, created_at, deleted) VALUES \
         ('c7f7c6a5-5d2b-4f4e-9f0e-6a9f4c6a0a01', ?, 'attached', ?, FALSE)",
        args![id, now],
    )
    .await
    .map(drop)
}

#[tokio::test]
async fn a_reset_to_detached_gives_up_attachments() {
    let (house, id) = house().await;
    set(&house, id, VolumeStatus::Error, AttachStatus::Attached).await;
    let (db, now) = (&house.app.db, house.app.clock.now());
    let done: Result<(), DbError> = transact!(db, tx => attach(tx, id, now).await);
    done.expect("attached");
    let reset = async |inner: Value| {
        act(&house, ADMIN, id, json!({ "os-reset_status": inner })).await.status
    };
    assert_eq!(reset(json!({ "status": "in-use" })).await, 202);
    assert_eq!(reset(json!({ "attach_status": "detached" })).await, 202);
    let volume = row(&house, id).await;
    assert_eq!(
        (volume.status, volume.attach_status),
        (VolumeStatus::Available, AttachStatus::Detached)
    );
    let shown = house.get(MEMBER, &format!("/v3/volumes/{id}")).await.body;
    assert_eq!(shown["volume"]["attachments"], json!([]));
    assert_eq!(reset(json!({ "status": "in-use" })).await, 400);
}

#[tokio::test]
async fn flags_are_set_in_the_states_that_allow_it() {
    let (house, id) = house().await;
    let bootable = json!({ "os-set_bootable": { "bootable": "yes" } });
    let readonly = json!({ "os-update_readonly_flag": { "readonly": true } });
    for (status, attach_status) in states() {
        set(&house, id, status, attach_status).await;
        let got = act(&house, MEMBER, id, bootable.clone()).await.status;
        let expected = if status == VolumeStatus::Maintenance { 400 } else { 200 };
        assert_eq!(got, expected, "bootable while {status}");
        let got = act(&house, MEMBER, id, readonly.clone()).await.status;
        let expected = if status == VolumeStatus::Available { 202 } else { 400 };
        assert_eq!(got, expected, "readonly while {status}");
    }
    let shown = house.get(MEMBER, &format!("/v3/volumes/{id}")).await.body;
    assert_eq!(shown["volume"]["bootable"], "true");
    assert_eq!(shown["volume"]["metadata"]["readonly"], "True");
    let bad = act(&house, MEMBER, id, json!({ "os-set_bootable": { "bootable": "x" } })).await;
    assert_eq!(bad.status, 400);
}

#[tokio::test]
async fn a_forced_removal_minds_only_attachments() {
    let house = House::furnished().await;
    for (status, attach_status) in states() {
        let ids = [placed(&house).await, placed(&house).await];
        for id in ids {
            set(&house, id, status, attach_status).await;
        }
        let by_action = act(&house, ADMIN, ids[0], json!({ "os-force_delete": {} })).await.status;
        let path = format!("/v3/volumes/{}?force=true", ids[1]);
        let by_query = house.ask(("root:abc", 23), "DELETE", &path, &Value::Null).await.status;
        let expected = match (attach_status, status) {
            (AttachStatus::Attached, _) => (400, status),
            (_, VolumeStatus::ErrorManaging) => (202, VolumeStatus::ErrorManagingDeleting),
            _ => (202, VolumeStatus::Deleting),
        };
        assert_eq!((by_action, row(&house, ids[0]).await.status), expected, "{status}");
        assert_eq!((by_query, row(&house, ids[1]).await.status), expected, "{status}");
    }
}

#[tokio::test]
async fn a_removal_begins_from_the_states_that_allow_it() {
    let house = House::furnished().await;
    for (status, attach_status) in states() {
        let id = placed(&house).await;
        set(&house, id, status, attach_status).await;
        // Below 3.23 there is no force.
        let path = format!("/v3/volumes/{id}?force=true&cascade=1");
        let got = house.ask(("me:abc:member", 22), "DELETE", &path, &Value::Null).await.status;
        let expected = match status {
            VolumeStatus::ErrorManaging => (202, VolumeStatus::ErrorManagingDeleting),
            _ if VolumeStatus::DELETABLE.contains(&status) => (202, VolumeStatus::Deleting),
            _ => (400, status),
        };
        assert_eq!((got, row(&house, id).await.status), expected, "{status}");
    }
}

#[tokio::test]
async fn a_removal_is_refused_by_right_and_place() {
    let (house, id) = house().await;
    let delete = async |who, query: &str| {
        let path = format!("/v3/volumes/{id}{query}");
        let got = house.ask((who, 71), "DELETE", &path, &Value::Null).await;
        (got.status, got.fault().1.to_owned())
    };
    let refused = |rule: &str| (403, format!("Policy doesn't allow {rule} to be performed."));
    assert_eq!(delete("me:abc:reader", "").await, refused("volume:delete"));
    assert_eq!(delete("me:abc:member", "?force=true").await, refused("volume:force_delete"));
    assert_eq!(delete("me:abc:", "").await.0, 404);
    assert_eq!(delete("me:def:member", "").await.0, 404);
    assert_eq!(
        delete("me:abc:member", "?cascade=maybe").await,
        (400, "Value 'maybe' for 'cascade' is not a boolean.".to_owned())
    );
    assert_eq!(delete("me:abc:member", "?cascade=true").await.0, 202);
}

#[tokio::test]
async fn image_metadata_is_set_shown_and_unset() {
    let (house, id) = house().await;
    let show = json!({ "os-show_image_metadata": null });
    let none = act(&house, MEMBER, id, show.clone()).await;
    let message = format!("Glance metadata for volume/snapshot {id} cannot be found.");
    assert_eq!(none.fault(), (404, message.as_str()));
    let long = "x".repeat(1000);
    let body = json!({ "os-set_image_metadata": { "metadata": { "os": "linux", "k": long } } });
    assert_eq!(act(&house, ("me:abc:reader", 71), id, body.clone()).await.status, 403);
    let set = act(&house, MEMBER, id, body).await;
    assert_eq!((set.status, &set.body["metadata"]["os"]), (200, &json!("linux")));
    assert_eq!(act(&house, MEMBER, id, show).await.body, set.body);
    let unset = json!({ "os-unset_image_metadata": { "key": "k" } });
    assert_eq!(act(&house, MEMBER, id, unset.clone()).await.status, 200);
    assert_eq!(act(&house, MEMBER, id, unset).await.fault(), (404, message.as_str()));
    let shown = house.get(MEMBER, &format!("/v3/volumes/{id}")).await.body;
    assert_eq!(shown["volume"]["volume_image_metadata"], json!({ "os": "linux" }));
}

#[tokio::test]
async fn an_unencrypted_volume_has_no_key_and_no_other_facts() {
    let (house, id) = house().await;
    let path = format!("/v3/volumes/{id}/encryption");
    let got = house.get(("me:abc:reader", 0), &path).await;
    assert_eq!((got.status, &got.body), (200, &json!({ "encryption_key_id": null })));
    assert_eq!(house.get(MEMBER, &format!("{path}/encryption_key_id")).await.status, 200);
    let unknown = house.get(MEMBER, &format!("{path}/cipher")).await;
    assert_eq!(unknown.status, 404);
    assert_eq!(house.get(("me:abc:", 0), &path).await.status, 403);
    assert_eq!(house.get(("me:def:member", 0), &path).await.status, 404);
}
