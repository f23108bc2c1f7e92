//! Volumes as JSON: each field from its microversion on, and only to whom it may be shown.

use std::borrow::Cow;

use ashlar_db::volume_details::VolumeDetail;
use ashlar_types::{
    AttachStatus, Attachment, AttachmentId, GroupId, Metadata, SnapshotId, VolumeId, VolumeTypeId,
};
use serde::Serialize;

use crate::links::{Link, Links};
use crate::request::Request;
use crate::version::{Version, v3};

/// The key of volumes that share one fixed key; Cinder does not show it.
const FIXED_KEY: &str = "00000000-0000-0000-0000-000000000000";
/// Admin metadata that everybody sees among the user's.
const VISIBLE_ADMIN_METADATA: [&str; 2] = ["readonly", "attached_mode"];

/// What a caller sees of volumes at a microversion. Made once for a list.
pub struct Shown<'r> {
    version: Version,
    links: &'r Links,
    is_admin: bool,
    sees_hosts: bool,
    extensions: Extensions,
}

/// The four attributes that show and detail add.
#[derive(Default)]
struct Extensions {
    host: bool,
    tenant: bool,
    migration: bool,
    image: bool,
}

/// `{"volume": …}`
#[derive(Serialize)]
pub struct Wrapped<'v> {
    volume: VolumeView<'v>,
}

/// One volume. An outer `None` leaves the field out.
#[derive(Serialize)]
pub struct VolumeView<'v> {
    id: VolumeId,
    status: &'static str,
    size: u64,
    availability_zone: Option<&'v str>,
    created_at: String,
    updated_at: Option<String>,
    name: Option<&'v str>,
    description: Option<&'v str>,
    volume_type: Option<Cow<'v, str>>,
    snapshot_id: Option<SnapshotId>,
    source_volid: Option<VolumeId>,
    metadata: Cow<'v, Metadata>,
    links: [Link; 2],
    user_id: &'v str,
    bootable: &'static str,
    encrypted: bool,
    replication_status: Option<&'v str>,
    consistencygroup_id: Option<&'v str>,
    multiattach: bool,
    attachments: Vec<AttachmentView<'v>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    migration_status: Option<Option<&'v str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_id: Option<Option<GroupId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_id: Option<Option<&'v str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shared_targets: Option<Option<bool>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_uuid: Option<Option<&'v str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster_name: Option<Option<&'v str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    volume_type_id: Option<Option<VolumeTypeId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption_key_id: Option<&'v str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consumes_quota: Option<bool>,
    #[serde(rename = "os-vol-tenant-attr:tenant_id", skip_serializing_if = "Option::is_none")]
    tenant_id: Option<&'v str>,
    #[serde(rename = "os-vol-mig-status-attr:migstat", skip_serializing_if = "Option::is_none")]
    migstat: Option<Option<&'v str>>,
    #[serde(rename = "os-vol-mig-status-attr:name_id", skip_serializing_if = "Option::is_none")]
    name_id: Option<Option<VolumeId>>,
    #[serde(rename = "os-vol-host-attr:host", skip_serializing_if = "Option::is_none")]
    host: Option<Option<&'v str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    volume_image_metadata: Option<&'v Metadata>,
}

/// One attachment within a volume.
#[derive(Serialize)]
struct AttachmentView<'v> {
    id: VolumeId,
    attachment_id: AttachmentId,
    volume_id: VolumeId,
    server_id: Option<&'v str>,
    host_name: Option<&'v str>,
    device: Option<&'v str>,
    attached_at: Option<String>,
}

impl<'r> Shown<'r> {
    /// For show and detail.
    #[must_use]
    pub fn with_extensions(request: &'r Request) -> Self {
        let allows = |rule: &str| request.allows(rule);
        Self {
            extensions: Extensions {
                host: allows("volume_extension:volume_host_attribute"),
                tenant: allows("volume_extension:volume_tenant_attribute"),
                migration: allows("volume_extension:volume_mig_status_attribute"),
                image: allows("volume_extension:volume_image_metadata:show"),
            },
            ..Self::plain(request)
        }
    }

    /// For create and update.
    #[must_use]
    pub fn plain(request: &'r Request) -> Self {
        let caller = &request.caller;
        Self {
            version: request.version,
            links: request.links(),
            is_admin: caller.is_admin,
            // Image services attach volumes with a service's token and need to know where.
            sees_hosts: caller.is_admin || caller.roles.iter().any(|role| role == "service"),
            extensions: Extensions::default(),
        }
    }

    /// For what is answered in the form of the oldest microversion, whatever was asked.
    #[must_use]
    pub fn oldest(request: &'r Request) -> Self {
        Self { version: Version::MIN, ..Self::plain(request) }
    }

    /// `{"volume": …}`
    #[must_use]
    pub fn wrapped<'v>(&self, detail: &'v VolumeDetail) -> Wrapped<'v> {
        Wrapped { volume: self.view(detail) }
    }

    /// The volume alone, for a list.
    #[must_use]
    pub fn view<'v>(&self, detail: &'v VolumeDetail) -> VolumeView<'v> {
        let v = &detail.volume;
        let from = |minor: u16| self.version >= v3(minor);
        let admin = |minor: u16| self.is_admin && from(minor);
        VolumeView {
            id: v.id,
            status: v.status.shown().as_str(),
            size: v.size.0,
            availability_zone: v.availability_zone.as_deref(),
            created_at: v.created_at.to_string(),
            updated_at: v.updated_at.map(|at| at.to_string()),
            name: v.name.as_deref(),
            description: v.description.as_deref(),
            volume_type: self.type_name(detail),
            snapshot_id: v.snapshot_id,
            source_volid: v.source_volid,
            metadata: metadata(detail),
            links: self.links.resource("volumes", v.id),
            user_id: &v.user_id,
            bootable: if v.bootable { "true" } else { "false" },
            encrypted: v.encryption_key_id.is_some(),
            replication_status: v.replication_status.as_deref(),
            consistencygroup_id: v.consistencygroup_id.as_deref(),
            multiattach: v.multiattach,
            attachments: self.attachments(&detail.attachments),
            migration_status: self.is_admin.then_some(v.migration_status.as_deref()),
            group_id: from(13).then_some(v.group_id),
            provider_id: admin(21).then_some(v.provider_id.as_deref()),
            shared_targets: from(48).then(|| match v.shared_targets {
                None if !from(69) => Some(true),
                shared => shared,
            }),
            service_uuid: from(48).then_some(v.service_uuid.as_deref()),
            cluster_name: admin(61).then_some(v.cluster_name.as_deref()),
            volume_type_id: from(63).then_some(v.volume_type_id),
            encryption_key_id: v
                .encryption_key_id
                .as_deref()
                .filter(|key| from(64) && *key != FIXED_KEY),
            consumes_quota: from(65).then_some(v.use_quota),
            tenant_id: self.extensions.tenant.then_some(v.project_id.as_str()),
            migstat: self.extensions.migration.then_some(v.migration_status.as_deref()),
            name_id: self.extensions.migration.then_some(v.name_id),
            host: self.extensions.host.then_some(v.host.as_ref().map(|pool| pool.as_str())),
            volume_image_metadata: Some(&detail.image_metadata)
                .filter(|pairs| self.extensions.image && !pairs.is_empty()),
        }
    }

    /// The type's name; below 3.63 its id when the name is not known.
    fn type_name<'v>(&self, detail: &'v VolumeDetail) -> Option<Cow<'v, str>> {
        match (&detail.type_name, detail.volume.volume_type_id) {
            (Some(name), _) => Some(Cow::Borrowed(name)),
            (None, Some(id)) if self.version < v3(63) => Some(Cow::Owned(id.to_string())),
            _ => None,
        }
    }

    fn attachments<'v>(&self, attachments: &'v [Attachment]) -> Vec<AttachmentView<'v>> {
        attachments
            .iter()
            .filter(|attachment| attachment.attach_status == AttachStatus::Attached)
            .map(|attachment| AttachmentView {
                id: attachment.volume_id,
                attachment_id: attachment.id,
                volume_id: attachment.volume_id,
                server_id: attachment.instance_uuid.as_deref(),
                host_name: attachment.attached_host.as_deref().filter(|_| self.sees_hosts),
                device: attachment.mountpoint.as_deref(),
                attached_at: attachment.attach_time.map(|at| at.to_string()),
            })
            .collect()
    }
}

/// The user's metadata with what everybody may see of the house's.
fn metadata(detail: &VolumeDetail) -> Cow<'_, Metadata> {
    if !VISIBLE_ADMIN_METADATA.iter().any(|key| detail.admin_metadata.contains_key(*key)) {
        return Cow::Borrowed(&detail.metadata);
    }
    let mut mixed = detail.metadata.clone();
    for key in VISIBLE_ADMIN_METADATA {
        if let Some(value) = detail.admin_metadata.get(key) {
            mixed.insert(key.to_owned(), value.clone());
        }
    }
    Cow::Owned(mixed)
}

#[cfg(test)]
mod tests;
