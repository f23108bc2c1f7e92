//! Each field appears from its microversion on, and to whom it may.

use ashlar_types::{Gib, PoolName, Timestamp, Volume, VolumeStatus};
use serde_json::Value;

use super::*;
use crate::app::ApiSettings;

fn detail() -> VolumeDetail {
    let id: VolumeId = "11111111-2222-3333-4444-555555555555".parse().expect("an id");
    let at = Timestamp::parse("2026-11-22T10:11:12.000345").expect("a moment");
    let volume = Volume {
        id,
        name_id: None,
        project_id: "abc".to_owned(),
        user_id: "me".to_owned(),
        host: Some(PoolName("h@b#p".to_owned())),
        cluster_name: None,
        size: Gib(2),
        availability_zone: Some("nova".to_owned()),
        status: VolumeStatus::Managing,
        previous_status: None,
        attach_status: AttachStatus::Attached,
        migration_status: None,
        snapshot_id: None,
        source_volid: None,
        volume_type_id: Some("99999999-2222-3333-4444-555555555555".parse().expect("an id")),
        name: Some("v".to_owned()),
        description: None,
        bootable: true,
        multiattach: false,
        use_quota: true,
        encryption_key_id: None,
        consistencygroup_id: None,
        group_id: None,
        provider_location: None,
        provider_id: None,
        replication_status: None,
        service_uuid: None,
        shared_targets: None,
        scheduled_at: None,
        launched_at: None,
        terminated_at: None,
        created_at: at,
        updated_at: None,
    };
    let attachment = |status| Attachment {
        id: AttachmentId::random(),
        volume_id: id,
        instance_uuid: Some("server".to_owned()),
        attached_host: Some("compute-1".to_owned()),
        mountpoint: Some("/dev/vdb".to_owned()),
        attach_mode: Some("rw".to_owned()),
        attach_status: status,
        attach_time: Some(at),
        detach_time: None,
    };
    let pairs = |key: &str, value: &str| Metadata::from([(key.to_owned(), value.to_owned())]);
    VolumeDetail {
        volume,
        type_name: Some("gold".to_owned()),
        metadata: pairs("k", "v"),
        admin_metadata: pairs("readonly", "True"),
        image_metadata: Metadata::new(),
        attachments: vec![attachment(AttachStatus::Attached), attachment(AttachStatus::Detached)],
    }
}

fn view(minor: u16, is_admin: bool, extended: bool, detail: &VolumeDetail) -> Value {
    let links = Links::new(&ApiSettings::default(), &http::HeaderMap::new(), None);
    let shown = Shown {
        version: v3(minor),
        links: &links,
        is_admin,
        sees_hosts: is_admin,
        extensions: Extensions {
            host: extended && is_admin,
            tenant: extended,
            migration: extended && is_admin,
            image: extended,
        },
    };
    serde_json::to_value(shown.wrapped(detail)).expect("JSON")["volume"].take()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

/// What everybody sees at 3.0.
const OLDEST: [&str; 20] = [
    "attachments",
    "availability_zone",
    "bootable",
    "consistencygroup_id",
    "created_at",
    "description",
    "encrypted",
    "id",
    "links",
    "metadata",
    "multiattach",
    "name",
    "replication_status",
    "size",
    "snapshot_id",
    "source_volid",
    "status",
    "updated_at",
    "user_id",
    "volume_type",
];

#[test]
fn the_oldest_view_has_just_its_fields() {
    assert_eq!(keys(&view(0, false, false, &detail())), OLDEST);
    let extended = view(0, false, true, &detail());
    assert_eq!(extended["os-vol-tenant-attr:tenant_id"], "abc");
    assert_eq!(keys(&extended).len(), OLDEST.len() + 1);
}

#[test]
fn each_field_comes_with_its_version() {
    let detail = detail();
    for (field, minor, admin_only) in [
        ("migration_status", 0, true),
        ("group_id", 13, false),
        ("provider_id", 21, true),
        ("shared_targets", 48, false),
        ("service_uuid", 48, false),
        ("cluster_name", 61, true),
        ("volume_type_id", 63, false),
        ("consumes_quota", 65, false),
    ] {
        for minor_asked in 0..=71 {
            for is_admin in [false, true] {
                let there = view(minor_asked, is_admin, false, &detail).get(field).is_some();
                let expected = minor_asked >= minor && (is_admin || !admin_only);
                assert_eq!(there, expected, "{field} at 3.{minor_asked}, admin {is_admin}");
            }
        }
    }
}

#[test]
fn values_have_cinders_forms() {
    let got = view(71, true, true, &detail());
    assert_eq!(got["status"], "creating");
    assert_eq!(got["bootable"], "true");
    assert_eq!(got["created_at"], "2026-11-22T10:11:12.000345");
    assert_eq!(got["volume_type"], "gold");
    assert_eq!(got["metadata"], serde_json::json!({ "k": "v", "readonly": "True" }));
    assert_eq!(got["os-vol-host-attr:host"], "h@b#p");
    assert_eq!(got["os-vol-mig-status-attr:name_id"], Value::Null);
    assert_eq!(got["attachments"].as_array().expect("a list").len(), 1);
    assert_eq!(got["attachments"][0]["host_name"], "compute-1");
    assert_eq!(view(71, false, true, &detail())["attachments"][0]["host_name"], Value::Null);
}

#[test]
fn unknown_sharing_is_told_from_3_69_on() {
    assert_eq!(view(68, false, false, &detail())["shared_targets"], true);
    assert_eq!(view(69, false, false, &detail())["shared_targets"], Value::Null);
}

#[test]
fn a_type_without_a_name_shows_its_id_below_3_63() {
    let mut detail = detail();
    detail.type_name = None;
    assert_eq!(
        view(62, false, false, &detail)["volume_type"],
        "99999999-2222-3333-4444-555555555555"
    );
    assert_eq!(view(63, false, false, &detail)["volume_type"], Value::Null);
}

#[test]
fn a_key_is_shown_from_3_64_on_unless_it_is_the_fixed_one() {
    let mut detail = detail();
    detail.volume.encryption_key_id = Some("77777777-2222-3333-4444-555555555555".to_owned());
    assert_eq!(view(0, false, false, &detail)["encrypted"], true);
    assert!(view(63, false, false, &detail).get("encryption_key_id").is_none());
    assert!(view(64, false, false, &detail).get("encryption_key_id").is_some());
    detail.volume.encryption_key_id = Some(FIXED_KEY.to_owned());
    assert!(view(71, false, false, &detail).get("encryption_key_id").is_none());
}
