//! Extensions: the fixed list that old clients look at to learn what a cloud can do.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::endpoint::{Endpoint, Outcome};
use crate::fault::Fault;
use crate::request::Request;
use crate::run;

/// Endpoints of the resource.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("extension.list", "/extensions", run!(list)),
    Endpoint::get("extension.show", "/extensions/{alias}", run!(show)),
];

/// Alias, name, date of the last change (all Cinder's), and what it is for.
const EXTENSIONS: [(&str, &str, &str, &str); 32] = [
    ("OS-SCH-HNT", "SchedulerHints", "2013-04-18T00:00:00+00:00", "Hints for placement."),
    ("backups", "Backups", "2012-12-12T00:00:00+00:00", "Backups of volumes."),
    ("capabilities", "Capabilities", "2015-08-31T00:00:00+00:00", "What a backend can do."),
    ("cgsnapshots", "Cgsnapshots", "2014-08-18T00:00:00+00:00", "Consistency group snapshots."),
    ("consistencygroups", "Consistencygroups", "2014-08-18T00:00:00+00:00", "Consistency groups."),
    ("encryption", "VolumeTypeEncryption", "2013-07-01T00:00:00+00:00", "Encryption by type."),
    ("os-admin-actions", "AdminActions", "2012-08-25T00:00:00+00:00", "Administrators' actions."),
    ("os-availability-zone", "AvailabilityZones", "2013-06-27T00:00:00+00:00", "Zones."),
    ("os-extended-services", "ExtendedServices", "2014-01-10T00:00:00-00:00", "More of services."),
    (
        "os-extended-snapshot-attributes",
        "ExtendedSnapshotAttributes",
        "2012-06-19T00:00:00+00:00",
        "Project and progress of snapshots.",
    ),
    ("os-hosts", "Hosts", "2011-06-29T00:00:00+00:00", "Hosts, for administrators."),
    ("os-quota-class-sets", "QuotaClasses", "2012-03-12T00:00:00+00:00", "Quota classes."),
    ("os-quota-sets", "Quotas", "2011-08-08T00:00:00+00:00", "Quotas of projects."),
    ("os-services", "Services", "2012-10-28T00:00:00-00:00", "Running services."),
    ("os-snapshot-actions", "SnapshotActions", "2013-07-16T00:00:00+00:00", "Snapshot status."),
    ("os-snapshot-manage", "SnapshotManage", "2014-12-31T00:00:00+00:00", "Snapshot adoption."),
    ("os-snapshot-unmanage", "SnapshotUnmanage", "2014-12-31T00:00:00+00:00", "Snapshot release."),
    ("os-types-extra-specs", "TypesExtraSpecs", "2011-08-24T00:00:00+00:00", "Specs of types."),
    ("os-types-manage", "TypesManage", "2011-08-24T00:00:00+00:00", "Changing volume types."),
    ("os-used-limits", "UsedLimits", "2013-10-03T00:00:00+00:00", "Usage beside limits."),
    ("os-vol-host-attr", "VolumeHostAttribute", "2011-11-03T00:00:00+00:00", "A volume's host."),
    ("os-vol-image-meta", "VolumeImageMetadata", "2012-12-07T00:00:00+00:00", "Image metadata."),
    (
        "os-vol-mig-status-attr",
        "VolumeMigStatusAttribute",
        "2013-08-08T00:00:00+00:00",
        "A volume's migration.",
    ),
    (
        "os-vol-tenant-attr",
        "VolumeTenantAttribute",
        "2011-11-03T00:00:00+00:00",
        "A volume's project.",
    ),
    ("os-volume-actions", "VolumeActions", "2012-05-31T00:00:00+00:00", "Actions on volumes."),
    (
        "os-volume-encryption-metadata",
        "VolumeEncryptionMetadata",
        "2013-07-10T00:00:00+00:00",
        "How a volume is encrypted.",
    ),
    ("os-volume-manage", "VolumeManage", "2014-02-10T00:00:00+00:00", "Volume adoption."),
    ("os-volume-transfer", "VolumeTransfer", "2013-05-29T00:00:00+00:00", "Transfers."),
    ("os-volume-type-access", "VolumeTypeAccess", "2014-06-26T00:00:00Z", "Private types."),
    ("os-volume-unmanage", "VolumeUnmanage", "2012-05-31T00:00:00+00:00", "Volume release."),
    ("qos-specs", "Qos_specs_manage", "2013-08-02T00:00:00+00:00", "Quality of service."),
    ("scheduler-stats", "Scheduler_stats", "2014-09-07T00:00:00+00:00", "Pools and capacity."),
];

async fn list(_: &Request) -> Outcome {
    let extensions: Vec<Value> = EXTENSIONS.iter().map(view).collect();
    Ok(Answer::ok(&json!({ "extensions": extensions })))
}

async fn show(request: &Request) -> Outcome {
    let wanted = request.param("alias");
    let found = EXTENSIONS.iter().find(|(alias, ..)| *alias == wanted);
    let extension = found.map(view).ok_or_else(Fault::no_resource)?;
    Ok(Answer::ok(&json!({ "extension": extension })))
}

fn view((alias, name, updated, description): &(&str, &str, &str, &str)) -> Value {
    json!({
        "alias": alias, "name": name, "updated": updated, "description": description, "links": [],
    })
}
