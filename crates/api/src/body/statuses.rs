//! What an administrator may reset a status to, refused in Cinder's words. Case does not count.

use ashlar_types::{GroupSnapshotStatus, GroupStatus, VolumeStatus};
use serde_json::Value;

use super::python::quote;

/// Attach statuses that can be set by hand.
const ATTACH: [&str; 2] = ["attached", "detached"];
/// Migration statuses that can be set by hand; `none` stands for null.
const MIGRATION: [&str; 6] = ["migrating", "error", "success", "completing", "none", "starting"];

/// A reset of a volume names something.
pub(super) fn volume_reset(value: &Value) -> Option<String> {
    let object = value.as_object()?;
    let named = ["status", "attach_status", "migration_status"].into_iter().any(|key| {
        object.get(key).is_some_and(|value| !value.is_null() && value.as_str() != Some(""))
    });
    (!named).then(|| {
        "Must specify 'status', 'attach_status' or 'migration_status' for update.".to_owned()
    })
}

pub(super) fn volume_status(value: &Value) -> Option<String> {
    let valid: Vec<&str> = VolumeStatus::DECLARED.iter().map(|status| status.as_str()).collect();
    one_of(value, "Volume status", &valid, ["(", ")"])
}

pub(super) fn volume_attach_status(value: &Value) -> Option<String> {
    one_of(value, "Volume attach status", &ATTACH, ["[", "]"])
}

pub(super) fn volume_migration_status(value: &Value) -> Option<String> {
    one_of(value, "Volume migration status", &MIGRATION, ["(", ")"])
}

/// Cinder takes the statuses of group snapshots and tells those of groups.
pub(super) fn group_status(value: &Value) -> Option<String> {
    let word = value.as_str()?;
    if word.trim().is_empty() {
        return Some("Invalid Group Status: The 'status' can not be empty.".to_owned());
    }
    let lower = word.to_lowercase();
    if GroupStatus::RESETTABLE.iter().any(|status| status.as_str() == lower) {
        return None;
    }
    let valid: Vec<String> = GroupStatus::ALL.iter().map(|status| quote(status.as_str())).collect();
    Some(format!(
        "Invalid Group Status: Group status: {word} is invalid, valid status are: ({}).",
        valid.join(", ")
    ))
}

pub(super) fn group_snapshot_status(value: &Value) -> Option<String> {
    let word = value.as_str()?;
    if word.trim().is_empty() {
        return Some("Invalid GroupSnapshot Status: The 'status' can not be empty.".to_owned());
    }
    let valid: Vec<&str> = GroupSnapshotStatus::ALL.iter().map(|status| status.as_str()).collect();
    let refused = one_of(value, "Group snapshot status", &valid, ["(", ")"])?;
    Some(format!("Invalid GroupSnapshot Status: {refused}"))
}

/// The refusal of a word that is none of `valid`; an empty one stands for none at all. `brackets` are those of
/// the Python value that Cinder prints.
fn one_of(value: &Value, what: &str, valid: &[&str], brackets: [&str; 2]) -> Option<String> {
    let word = value.as_str().filter(|word| !word.is_empty())?;
    if valid.contains(&word.to_lowercase().as_str()) {
        return None;
    }
    let valid: Vec<String> = valid.iter().map(|word| quote(word)).collect();
    let [open, close] = brackets;
    Some(format!(
        "{what}: {word} is invalid, valid statuses are: {open}{}{close}.",
        valid.join(", ")
    ))
}
