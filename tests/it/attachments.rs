//! What attaching and detaching do below the API, on a simulated backend: rows, exports, races, and who is let through.

mod again;
mod guard;
mod races;
mod trouble;

use ashlar_db::{answers, args, attachments as rows, flows, volumes};
use ashlar_drivers::sim::Sim;
use ashlar_operations::attachments::{self, Attach, Wish};
use ashlar_testkit::{Cloud, Plan, cloud};
use ashlar_types::{
    AttachStatus, AttachmentId, Caller, ConnectionInfo, Connector, Volume, VolumeId, VolumeStatus,
};
use serde_json::{Value, json};

/// A server.
const SERVER: &str = "11111111-2222-4333-8444-555555555555";
/// Another.
const OTHER: &str = "66666666-7777-4888-8999-aaaaaaaaaaaa";

/// A cloud, its backend, and an administrator of a project.
struct Stage {
    cloud: Cloud,
    sim: Sim,
    caller: Caller,
}

impl Stage {
    async fn new() -> Self {
        let sim = cloud::sim();
        Self::planned(&sim, Plan::with_sim(&sim)).await
    }

    async fn planned(sim: &Sim, plan: Plan) -> Self {
        let cloud = Cloud::planned(plan).await;
        let caller = Caller {
            project_id: cloud::project(),
            user_id: "u".to_owned(),
            request_id: "req-1".to_owned(),
            ..Caller::internal()
        };
        Self { cloud, sim: sim.clone(), caller }
    }

    async fn volume(&self) -> VolumeId {
        let client = self.cloud.client(&self.caller.project_id, &[]);
        client.volume(1).await.parse().expect("an id")
    }

    /// A volume of a type that several servers may have at once.
    async fn shared_volume(&self) -> VolumeId {
        let client = self.cloud.client(&self.caller.project_id, &[]);
        let body = json!({ "volume_type": {
            "name": "shared", "extra_specs": { "multiattach": "<is> True" },
        }});
        let _ = client.post("/types", &body).await.expect(200);
        let wish = json!({ "size": 1, "volume_type": "shared" });
        client.volume_of(wish).await.parse().expect("an id")
    }

    async fn row(&self, id: VolumeId) -> Volume {
        let mut tx = self.cloud.db.read().await.expect("reads");
        volumes::get(&mut tx, id).await.expect("ok").expect("there")
    }

    async fn statuses(&self, id: VolumeId) -> (VolumeStatus, AttachStatus) {
        let row = self.row(id).await;
        (row.status, row.attach_status)
    }

    async fn set_status(&self, id: VolumeId, status: &str) {
        let mut tx = self.cloud.db.begin().await.expect("begins");
        let sql = "UPDATE volumes SET status = ? WHERE id = ?";
        tx.execute(sql, args![status, id]).await.expect("set");
        tx.commit().await.expect("commits");
    }

    async fn reserved(&self, volume: VolumeId, server: &str) -> AttachmentId {
        let wish = wish(volume, server);
        let made = attachments::create(&self.cloud.operations, &self.caller, wish).await;
        made.expect("reserved").attachment.id
    }

    async fn connected(&self, volume: VolumeId, server: &str, host: &str) -> AttachmentId {
        let id = self.reserved(volume, server).await;
        let cx = &self.cloud.operations;
        attachments::update(cx, &self.caller, id, connector(host)).await.expect("connected");
        id
    }

    /// A volume in use by a server.
    async fn attached(&self, volume: VolumeId, server: &str, host: &str) -> AttachmentId {
        let id = self.connected(volume, server, host).await;
        let cx = &self.cloud.operations;
        attachments::complete(cx, &self.caller, id).await.expect("completed");
        id
    }

    async fn deleted(&self, id: AttachmentId) -> usize {
        let left = attachments::delete(&self.cloud.operations, &self.caller, id).await;
        left.expect("deleted").len()
    }

    /// Nothing of the volume is attached, offered or remembered.
    async fn expect_free(&self, id: VolumeId) {
        assert_eq!(self.statuses(id).await, (VolumeStatus::Available, AttachStatus::Detached));
        assert_eq!(self.sim.exported(), Vec::<String>::new());
        let mut tx = self.cloud.db.read().await.expect("reads");
        let row = tx
            .row("SELECT provider_location, provider_auth FROM volumes WHERE id = ?", args![id])
            .await
            .expect("ok")
            .expect("there");
        assert_eq!(row.get::<Option<String>>(0).expect("a text"), None);
        assert_eq!(row.get::<Option<String>>(1).expect("a text"), None);
        drop(tx);
        self.cloud.check().await;
    }
}

fn wish(volume: VolumeId, server: &str) -> Wish {
    Wish { volume, instance: Some(server.to_owned()), mode: None, connector: None }
}

fn connector(host: &str) -> Connector {
    let value = json!({ "host": host, "initiator": format!("iqn.1993-08.org.debian:{host}") });
    Connector(value.as_object().cloned().expect("an object"))
}

fn told(info: &ConnectionInfo, key: &str) -> Value {
    info.data.get(key).cloned().unwrap_or(Value::Null)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_volume_goes_from_reserved_to_in_use_and_back() {
    let stage = Stage::new().await;
    let (cx, caller) = (&stage.cloud.operations, &stage.caller);
    let volume = stage.volume().await;
    let id = stage.reserved(volume, SERVER).await;
    assert_eq!(stage.statuses(volume).await, (VolumeStatus::Reserved, AttachStatus::Detached));
    assert_eq!(stage.sim.exported(), Vec::<String>::new(), "nobody was connected yet");

    let made = attachments::update(cx, caller, id, connector("one")).await.expect("connected");
    let info = made.connection_info.expect("told");
    assert_eq!(info.driver_volume_type, "iscsi");
    assert_eq!(told(&info, "attachment_id"), json!(id.to_string()));
    for (key, value) in [
        ("access_mode", json!("rw")),
        ("encrypted", json!(false)),
        ("qos_specs", Value::Null),
        ("cacheable", json!(false)),
        ("enforce_multipath", json!(false)),
    ] {
        assert_eq!(told(&info, key), value, "{key}");
    }
    assert_eq!(made.attachment.attached_host.as_deref(), Some("one"));
    assert_eq!(stage.statuses(volume).await, (VolumeStatus::Attaching, AttachStatus::Attaching));
    let kept = volumes::export(&mut stage.cloud.db.read().await.expect("reads"), volume).await;
    let name = format!("volume-{volume}");
    assert_eq!(kept.expect("ok"), stage.sim.export("pool", &name).map(|it| it.export));

    attachments::complete(cx, caller, id).await.expect("completed");
    attachments::complete(cx, caller, id).await.expect("saying so again changes nothing");
    assert_eq!(stage.statuses(volume).await, (VolumeStatus::InUse, AttachStatus::Attached));

    assert_eq!(stage.deleted(id).await, 0);
    stage.expect_free(volume).await;
    let again = attachments::delete(cx, caller, id).await.expect_err("gone");
    assert!(again.to_string().contains("attachment_id = "), "{again}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_request_reserves_and_connects() {
    let stage = Stage::new().await;
    let volume = stage.volume().await;
    let wish = Wish {
        connector: Some(connector("one")),
        mode: Some("ro".to_owned()),
        ..wish(volume, SERVER)
    };
    let made = attachments::create(&stage.cloud.operations, &stage.caller, wish).await;
    let made = made.expect("connected");
    assert_eq!(made.attachment.attach_status, AttachStatus::Attaching);
    assert_eq!(told(&made.connection_info.expect("told"), "access_mode"), json!("ro"));
    assert_eq!(stage.deleted(made.attachment.id).await, 0);
    stage.expect_free(volume).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_only_volume_is_read_only_whatever_is_asked() {
    let stage = Stage::new().await;
    let volume = stage.volume().await;
    let client = stage.cloud.client(&stage.caller.project_id, &[]);
    let flag = |value: bool| json!({ "readonly": value });
    let id = volume.to_string();
    let _ = client.act(&id, "os-update_readonly_flag", flag(true)).await.expect(202);
    let (cx, caller) = (&stage.cloud.operations, &stage.caller);
    let mut host = connector("one");
    host.0.insert("mode".to_owned(), "rw".into());
    let made = Wish { connector: Some(host.clone()), ..wish(volume, SERVER) };
    let made = attachments::create(cx, caller, made).await.expect("connected");
    assert_eq!(told(&made.connection_info.expect("told"), "access_mode"), json!("ro"));
    let mode = Attach {
        instance: Some(OTHER.to_owned()),
        host: None,
        mountpoint: "/dev/vdb".to_owned(),
        mode: "rw".to_owned(),
    };
    let refused = attachments::attach(cx, caller, volume, mode).await.expect_err("read-only");
    let text = format!("Invalid attaching mode 'rw' for volume {volume}.");
    assert_eq!(refused.to_string(), text);
    stage.deleted(made.attachment.id).await;

    // In Cinder the text 'False' counts as read-only.
    let _ = client.act(&id, "os-update_readonly_flag", flag(false)).await.expect(202);
    let made = Wish { connector: Some(host), ..wish(volume, SERVER) };
    let made = attachments::create(cx, caller, made).await.expect("connected");
    assert_eq!(told(&made.connection_info.expect("told"), "access_mode"), json!("rw"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_older_actions_connect_and_disconnect_too() {
    let stage = Stage::new().await;
    let (cx, caller) = (&stage.cloud.operations, &stage.caller);
    let volume = stage.volume().await;
    attachments::reserve(cx, caller, volume).await.expect("reserved");
    let info = attachments::initialize_connection(cx, caller, volume, connector("one")).await;
    let info = info.expect("told");
    assert_eq!(told(&info, "auth_method"), json!("CHAP"));
    assert_eq!(stage.statuses(volume).await.0, VolumeStatus::Attaching);
    let attach = Attach {
        instance: Some(SERVER.to_owned()),
        host: None,
        mountpoint: "/dev/vdb".to_owned(),
        mode: "rw".to_owned(),
    };
    attachments::attach(cx, caller, volume, attach.clone()).await.expect("attached");
    attachments::attach(cx, caller, volume, attach.clone()).await.expect("the same once more");
    assert_eq!(stage.statuses(volume).await, (VolumeStatus::InUse, AttachStatus::Attached));
    let other = Attach { instance: Some(OTHER.to_owned()), ..attach };
    let refused = attachments::attach(cx, caller, volume, other).await.expect_err("in use");
    assert!(refused.to_string().contains("already attached"), "{refused}");

    attachments::begin_detaching(cx, caller, volume).await.expect("detaching");
    attachments::roll_detaching(cx, caller, volume).await.expect("rolled back");
    attachments::begin_detaching(cx, caller, volume).await.expect("detaching");
    let host = Some(connector("one"));
    attachments::terminate_connection(cx, caller, volume, host).await.expect("terminated");
    attachments::detach(cx, caller, volume, None).await.expect("detached");
    attachments::detach(cx, caller, volume, None).await.expect("twice is the same");
    stage.expect_free(volume).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_given_up_before_it_was_used_leaves_no_export() {
    let stage = Stage::new().await;
    let (cx, caller) = (&stage.cloud.operations, &stage.caller);
    let volume = stage.volume().await;
    attachments::reserve(cx, caller, volume).await.expect("reserved");
    attachments::initialize_connection(cx, caller, volume, connector("one")).await.expect("told");
    let host = Some(connector("one"));
    attachments::terminate_connection(cx, caller, volume, host).await.expect("terminated");
    stage.expect_free(volume).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shared_volume_is_offered_until_the_last_server_gives_it_up() {
    let stage = Stage::new().await;
    let volume = stage.shared_volume().await;
    let one = stage.attached(volume, SERVER, "one").await;
    let two = stage.connected(volume, OTHER, "two").await;
    assert_eq!(stage.statuses(volume).await.0, VolumeStatus::Attaching);
    attachments::complete(&stage.cloud.operations, &stage.caller, two).await.expect("completed");
    let name = format!("volume-{volume}");
    assert_eq!(stage.deleted(one).await, 1);
    assert_eq!(stage.statuses(volume).await, (VolumeStatus::InUse, AttachStatus::Attached));
    let hosts = stage.sim.export("pool", &name).expect("still offered").hosts;
    assert_eq!(hosts.into_iter().collect::<Vec<_>>(), ["two"]);
    assert_eq!(stage.deleted(two).await, 0);
    stage.expect_free(volume).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_password_is_in_a_flow_and_no_answer_stays() {
    let stage = Stage::new().await;
    let (cx, caller) = (&stage.cloud.operations, &stage.caller);
    let volume = stage.volume().await;
    let id = stage.attached(volume, SERVER, "one").await;
    let info = attachments::initialize_connection(cx, caller, volume, connector("one")).await;
    let password = told(&info.expect("told"), "auth_password");
    let password = password.as_str().expect("a password");
    let mut tx = stage.cloud.db.read().await.expect("reads");
    let all = flows::list(&mut tx, &flows::Filter::default()).await.expect("ok");
    assert!(all.iter().any(|flow| flow.record.name == "connect-volume"));
    for flow in all {
        assert!(!format!("{flow:?}").contains(password), "{flow:?}");
    }
    let left = tx.row("SELECT COUNT(*) FROM ashlar_answers", &[]).await.expect("ok");
    assert_eq!(left.expect("a row").get::<i64>(0).expect("a number"), 0);
    let kept = rows::get(&mut tx, id).await.expect("ok").expect("there");
    assert!(!format!("{kept:?}").contains(password), "{kept:?}");
    drop(tx);
    let mut tx = stage.cloud.db.begin().await.expect("writes");
    let none = answers::take(&mut tx, ashlar_types::FlowId::fresh()).await.expect("ok");
    assert_eq!(none, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn completing_wants_an_attachment_and_a_volume_that_are_on_their_way() {
    let stage = Stage::new().await;
    let (cx, caller) = (&stage.cloud.operations, &stage.caller);
    let volume = stage.volume().await;
    let id = stage.connected(volume, SERVER, "one").await;
    // In Cinder a volume in error, or one that is being deleted, could be made in-use.
    for status in ["error", "deleting", "maintenance"] {
        let mut tx = stage.cloud.db.begin().await.expect("writes");
        let sql = "UPDATE volumes SET status = ? WHERE id = ?";
        tx.execute(sql, args![status, volume]).await.expect("set");
        tx.commit().await.expect("committed");
        let refused = attachments::complete(cx, caller, id).await.expect_err("not now");
        assert!(refused.to_string().contains(status), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_on_with_a_volume_is_not_over_because_a_server_uses_it() {
    let stage = Stage::new().await;
    let (cx, caller) = (&stage.cloud.operations, &stage.caller);
    let volume = stage.volume().await;
    let id = stage.connected(volume, SERVER, "one").await;
    stage.set_status(volume, "uploading").await;
    attachments::complete(cx, caller, id).await.expect("completed");
    assert_eq!(stage.statuses(volume).await, (VolumeStatus::Uploading, AttachStatus::Attached));
    let attach = Attach {
        instance: Some(OTHER.to_owned()),
        host: None,
        mountpoint: "/dev/vdb".to_owned(),
        mode: "rw".to_owned(),
    };
    let refused = attachments::attach(cx, caller, volume, attach).await.expect_err("in use");
    assert!(refused.to_string().contains("already attached"), "{refused}");
    stage.set_status(volume, "in-use").await;

    // The server is told again, and has the volume all the same.
    let again = attachments::update(cx, caller, id, connector("one")).await.expect("connected");
    assert_eq!(again.attachment.attach_status, AttachStatus::Attached);
    assert_eq!(stage.statuses(volume).await, (VolumeStatus::InUse, AttachStatus::Attached));
    stage.deleted(id).await;
    stage.expect_free(volume).await;
}
