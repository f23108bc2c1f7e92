//! What is there to be shown: rows with every field filled, and rows with none that may be empty.

use std::time::Duration;

use ashlar_db::log_levels::{self, Played, Process};
use ashlar_db::messages::{self, NewMessage};
use ashlar_db::metadata::{self, Of};
use ashlar_db::transfers::Seal;
use ashlar_db::type_encryption::TypeEncryption;
use ashlar_db::volume_types::Visibility;
use ashlar_db::{
    Db, Tx, args, group_snapshots, group_types, groups, qos_specs, services, snapshots, transfers,
    type_encryption, volume_types, volumes,
};
use ashlar_testkit::cloud::HOST;
use ashlar_types::message::{Action, Detail, Subject, UserMessage};
use ashlar_types::{
    AttachStatus, BackendName, Clock, Gib, Group, GroupSnapshot, GroupSnapshotStatus, GroupStatus,
    GroupType, LogLevels, Metadata, QosConsumer, QosSpecs, Snapshot, SnapshotStatus, Timestamp,
    Transfer, Volume, VolumeStatus, VolumeType, volume_type::ExtraSpecs,
};

/// The project that everything belongs to.
pub(super) const PROJECT: &str = "0123456789abcdef0123456789abcdef";
/// A volume with every field filled.
pub(super) const RICH: &str = "00000000-0000-4000-8000-000000000001";
/// A volume with nothing that may be missing.
pub(super) const PLAIN: &str = "00000000-0000-4000-8000-000000000002";
/// A snapshot with every field filled.
pub(super) const SNAPSHOT: &str = "00000000-0000-4000-8000-000000000003";
/// A public type with extra specs.
pub(super) const GOLD: &str = "00000000-0000-4000-8000-000000000004";
/// A type for the project alone.
pub(super) const PRIVATE: &str = "00000000-0000-4000-8000-000000000005";
/// A group with every field filled.
pub(super) const GROUP: &str = "00000000-0000-4000-8000-000000000006";
/// An attachment with every field filled.
pub(super) const ATTACHMENT: &str = "00000000-0000-4000-8000-000000000007";
/// The server that has it.
pub(super) const SERVER: &str = "00000000-0000-4000-8000-000000000008";
const KEY: &str = "00000000-0000-4000-8000-000000000009";
const SOURCE: &str = "00000000-0000-4000-8000-00000000000a";
const SOURCE_SNAPSHOT: &str = "00000000-0000-4000-8000-00000000000b";
/// A snapshot of the group.
pub(super) const GROUP_SNAPSHOT: &str = "00000000-0000-4000-8000-00000000000c";
const ENCRYPTION: &str = "00000000-0000-4000-8000-00000000000e";
/// QoS specs for hosts.
pub(super) const QOS: &str = "00000000-0000-4000-8000-0000000000a0";
/// A group type with specs.
pub(super) const SILVER: &str = "00000000-0000-4000-8000-00000000000f";
/// An offer of the rich volume.
pub(super) const OFFER: &str = "00000000-0000-4000-8000-000000000010";
const NAME_ID: &str = "00000000-0000-4000-8000-00000000000d";

/// 2001-02-03T04:05:06 and some seconds.
fn at(seconds: u64) -> Timestamp {
    let start = Timestamp::parse("2001-02-03T04:05:06").expect("a time");
    start.after(Duration::from_secs(seconds))
}

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("an identity")
}

fn map(pairs: &[(&str, &str)]) -> Metadata {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// Puts everything there.
pub(super) async fn stage(db: &Db) {
    let mut tx = db.begin().await.expect("a transaction");
    for made in [gold(), private()] {
        volume_types::insert(&mut tx, &made, at(0)).await.expect("a type");
    }
    group_types::insert(&mut tx, &silver(), at(0)).await.expect("a group type");
    volume_types::grant(&mut tx, id(PRIVATE), PROJECT, at(0)).await.expect("access");
    around(&mut tx).await;
    let service = services::volume_service(&mut tx, &BackendName::new(HOST, "sim")).await;
    let service = service.expect("services can be read").expect("the backend has a service");
    let rich = rich(service.uuid);
    volumes::insert(&mut tx, &rich, &map(&[("key", "value")])).await.expect("a volume");
    let readonly = map(&[("readonly", "True")]);
    metadata::insert(&mut tx, Of::VolumeAdmin(rich.id), &readonly, at(1)).await.expect("metadata");
    let image = map(&[("os_type", "linux")]);
    metadata::insert(&mut tx, Of::VolumeImage(rich.id), &image, at(1)).await.expect("metadata");
    let default = volume_types::get_by_name(&mut tx, "__DEFAULT__", &Visibility::All).await;
    let default = default.expect("types can be read").expect("a fresh database has a type");
    volumes::insert(&mut tx, &plain(&default), &Metadata::new()).await.expect("a volume");
    snapshots::insert(&mut tx, &snapshot(), &map(&[("key", "value")])).await.expect("a snapshot");
    attach(&mut tx).await;
    tx.commit().await.expect("it is stored");
}

/// Rows that others refer to and that nothing here makes yet.
async fn around(tx: &mut Tx) {
    groups::insert(tx, &group()).await.expect("a group");
    group_snapshots::insert(tx, &group_snapshot()).await.expect("its snapshot");
    tx.execute(
        "INSERT INTO encryption (encryption_id, volume_type_id, provider, control_location, cipher, \
         key_size, created_at, deleted) VALUES (?, ?, 'luks', 'front-end', 'aes-xts-plain64', 256, ?, \
         FALSE)",
        args![ENCRYPTION, GOLD, at(0)],
    )
    .await
    .expect("how the type is encrypted");
}

fn group_snapshot() -> GroupSnapshot {
    GroupSnapshot {
        id: id(GROUP_SNAPSHOT),
        group_id: id(GROUP),
        project_id: PROJECT.to_owned(),
        user_id: "somebody".to_owned(),
        name: Some("group snapshot".to_owned()),
        description: Some("has everything".to_owned()),
        status: GroupSnapshotStatus::Available,
        group_type_id: Some(id(SILVER)),
        created_at: at(5),
        updated_at: Some(at(6)),
    }
}

fn group() -> Group {
    Group {
        id: id(GROUP),
        project_id: PROJECT.to_owned(),
        user_id: "somebody".to_owned(),
        cluster_name: None,
        host: Some(BackendName::new(HOST, "sim").pool("pool")),
        availability_zone: Some("nova".to_owned()),
        name: Some("group".to_owned()),
        description: Some("has everything".to_owned()),
        group_type_id: Some(id(SILVER)),
        status: GroupStatus::Available,
        group_snapshot_id: Some(id(GROUP_SNAPSHOT)),
        source_group_id: Some(id(GROUP)),
        replication_status: Some("disabled".to_owned()),
        volume_types: vec![id(GOLD)],
        created_at: at(0),
        updated_at: Some(at(1)),
    }
}

async fn attach(tx: &mut Tx) {
    let connector = r#"{"host": "compute-1", "initiator": "iqn.1993-08.org.debian:1"}"#;
    let info = format!(
        r#"{{"driver_volume_type": "iscsi", "target_iqn": "iqn.2010-10.org.openstack:volume-{RICH}",
        "target_portal": "192.0.2.1:3260", "target_lun": 1, "target_discovered": false,
        "volume_id": "{RICH}", "auth_method": "CHAP", "auth_username": "user",
        "auth_password": "password", "attachment_id": "{ATTACHMENT}", "access_mode": "rw",
        "qos_specs": null, "encrypted": true, "cacheable": false, "enforce_multipath": false}}"#
    );
    tx.execute(
        "INSERT INTO volume_attachment (id, volume_id, instance_uuid, attached_host, mountpoint, \
         attach_mode, attach_status, attach_time, connector, connection_info, created_at, deleted) \
         VALUES (?, ?, ?, 'compute-1', '/dev/vdb', 'rw', 'attached', ?, ?, ?, ?, FALSE)",
        args![ATTACHMENT, RICH, SERVER, at(9), connector, info.as_str(), at(9)],
    )
    .await
    .expect("an attachment");
}

/// A message about the rich volume. Its id.
pub(super) async fn message(db: &Db) -> String {
    let mut tx = db.begin().await.expect("a transaction");
    let what = UserMessage {
        subject: Subject::Volume,
        action: Action::ScheduleAllocateVolume,
        detail: Detail::NoValidBackend,
    };
    let request_id = "req-00000000-0000-4000-8000-0000000000ff";
    let new = NewMessage { project_id: PROJECT, request_id, resource_uuid: RICH, what };
    let month = Duration::from_secs(30 * 24 * 3600);
    let stored = messages::insert(&mut tx, &new, Clock::System.now(), month).await;
    let id = stored.expect("a message");
    tx.commit().await.expect("it is stored");
    id.to_string()
}

fn gold() -> VolumeType {
    VolumeType {
        id: id(GOLD),
        name: "gold".to_owned(),
        description: Some("fast".to_owned()),
        is_public: true,
        qos_specs_id: None,
        extra_specs: [
            ("volume_backend_name", "sim"),
            ("multiattach", "<is> True"),
            ("RESKEY:availability_zones", "nova"),
        ]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), Some(value.to_owned())))
        .collect(),
        created_at: Some(at(0)),
        updated_at: None,
    }
}

fn silver() -> GroupType {
    let spec = ("consistent_group_snapshot_enabled".to_owned(), Some("<is> True".to_owned()));
    GroupType {
        id: id(SILVER),
        name: "silver".to_owned(),
        description: Some("snapshots at one moment".to_owned()),
        is_public: true,
        group_specs: [spec].into(),
        created_at: Some(at(0)),
        updated_at: None,
    }
}

/// An offer of the rich volume, whatever that is doing.
pub(super) async fn offer(db: &Db) {
    let offer = Transfer {
        id: id(OFFER),
        volume_id: id(RICH),
        name: Some("offer".to_owned()),
        no_snapshots: false,
        source_project_id: Some(PROJECT.to_owned()),
        destination_project_id: None,
        accepted: false,
        created_at: Some(at(7)),
    };
    let seal = Seal { salt: "cafebabe".to_owned(), crypt_hash: "00".repeat(20) };
    let mut tx = db.begin().await.expect("a transaction");
    transfers::insert(&mut tx, &offer, &seal, at(7)).await.expect("an offer");
    tx.commit().await.expect("it is stored");
}

/// QoS specs, which the public type has.
pub(super) async fn qos_specs(db: &Db) {
    let specs = QosSpecs {
        id: id(QOS),
        name: "limited".to_owned(),
        consumer: QosConsumer::FrontEnd,
        specs: [("total_iops_sec".to_owned(), Some("100".to_owned()))].into(),
        created_at: Some(at(0)),
    };
    let mut tx = db.begin().await.expect("a transaction");
    qos_specs::insert(&mut tx, &specs, at(0)).await.expect("QoS specs");
    qos_specs::associate(&mut tx, specs.id, id(GOLD), at(0)).await.expect("they are the type's");
    tx.commit().await.expect("it is stored");
}

/// Makes the private type an encrypted one.
pub(super) async fn encrypt(db: &Db) {
    let made = TypeEncryption {
        control_location: Some("back-end".to_owned()),
        cipher: None,
        key_size: None,
        provider: Some("plain".to_owned()),
    };
    let mut tx = db.begin().await.expect("a transaction");
    let made = type_encryption::insert(&mut tx, id(PRIVATE), &made, at(0)).await;
    let _ = made.expect("how the type is encrypted");
    tx.commit().await.expect("it is stored");
}

fn private() -> VolumeType {
    VolumeType {
        id: id(PRIVATE),
        name: "private".to_owned(),
        description: None,
        is_public: false,
        qos_specs_id: None,
        extra_specs: ExtraSpecs::new(),
        created_at: Some(at(0)),
        updated_at: None,
    }
}

/// A process that plays two services.
pub(super) async fn process(db: &Db) {
    let played =
        |binary: &str, host: &str| Played { binary: binary.to_owned(), host: host.to_owned() };
    let backend = BackendName::new(HOST, "sim");
    let process = Process {
        id: "serve@testhost/1".to_owned(),
        services: vec![played("cinder-api", HOST), played("cinder-volume", backend.as_str())],
        levels: LogLevels::from("info"),
    };
    let mut tx = db.begin().await.expect("a transaction");
    log_levels::live(&mut tx, &process, Clock::System.now()).await.expect("a process");
    tx.commit().await.expect("it is stored");
}

/// A cluster as Cinder writes it, with the backend's service.
pub(super) async fn cluster(db: &Db) {
    let mut tx = db.begin().await.expect("a transaction");
    let sql = "INSERT INTO clusters (created_at, updated_at, deleted, name, \"binary\", disabled, \
               race_preventer, replication_status, frozen) VALUES (?, ?, FALSE, 'cluster@sim', \
               'cinder-volume', FALSE, 0, 'not-capable', FALSE)";
    tx.execute(sql, args![at(1), at(2)]).await.expect("a cluster");
    let sql = "UPDATE services SET cluster_name = 'cluster@sim' WHERE \"binary\" = 'cinder-volume'";
    tx.execute(sql, args![]).await.expect("it joins");
    tx.commit().await.expect("it is stored");
}

fn rich(service_uuid: Option<String>) -> Volume {
    Volume {
        id: id(RICH),
        name_id: Some(id(NAME_ID)),
        project_id: PROJECT.to_owned(),
        user_id: "somebody".to_owned(),
        host: Some(BackendName::new(HOST, "sim").pool("pool")),
        cluster_name: Some("cluster@sim".to_owned()),
        size: Gib(3),
        availability_zone: Some("nova".to_owned()),
        status: VolumeStatus::InUse,
        previous_status: Some("available".to_owned()),
        attach_status: AttachStatus::Attached,
        migration_status: Some("success".to_owned()),
        snapshot_id: Some(id(SOURCE_SNAPSHOT)),
        source_volid: Some(id(SOURCE)),
        volume_type_id: Some(id(GOLD)),
        name: Some("rich".to_owned()),
        description: Some("has everything".to_owned()),
        bootable: true,
        multiattach: true,
        use_quota: true,
        encryption_key_id: Some(KEY.to_owned()),
        consistencygroup_id: None,
        group_id: Some(id(GROUP)),
        provider_location: Some("somewhere".to_owned()),
        provider_id: Some("backend-7".to_owned()),
        replication_status: Some("enabled".to_owned()),
        service_uuid,
        shared_targets: Some(false),
        scheduled_at: Some(at(2)),
        launched_at: Some(at(3)),
        terminated_at: None,
        created_at: at(1),
        updated_at: Some(at(3)),
    }
}

fn plain(volume_type: &VolumeType) -> Volume {
    Volume {
        id: id(PLAIN),
        name_id: None,
        user_id: "somebody".to_owned(),
        cluster_name: None,
        size: Gib(1),
        status: VolumeStatus::Available,
        previous_status: None,
        attach_status: AttachStatus::Detached,
        migration_status: None,
        snapshot_id: None,
        source_volid: None,
        volume_type_id: Some(volume_type.id),
        name: None,
        description: None,
        bootable: false,
        multiattach: false,
        use_quota: false,
        encryption_key_id: None,
        group_id: None,
        provider_location: None,
        provider_id: None,
        replication_status: None,
        service_uuid: None,
        shared_targets: None,
        scheduled_at: None,
        launched_at: None,
        created_at: at(4),
        updated_at: None,
        ..rich(None)
    }
}

fn snapshot() -> Snapshot {
    Snapshot {
        id: id(SNAPSHOT),
        volume_id: id(RICH),
        project_id: PROJECT.to_owned(),
        user_id: "somebody".to_owned(),
        status: SnapshotStatus::Available,
        progress: Some("100%".to_owned()),
        volume_size: Gib(3),
        name: Some("snapshot".to_owned()),
        description: Some("has everything".to_owned()),
        volume_type_id: Some(id(GOLD)),
        encryption_key_id: None,
        group_snapshot_id: Some(GROUP_SNAPSHOT.to_owned()),
        cgsnapshot_id: None,
        use_quota: true,
        provider_location: None,
        provider_id: None,
        created_at: at(5),
        updated_at: Some(at(6)),
    }
}
