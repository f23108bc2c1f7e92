//! Finding the group snapshot that a URL or a body names, for the caller who may see it.

use ashlar_db::{Tx, group_snapshots};
use ashlar_types::{GroupSnapshot, GroupSnapshotId, GroupTypeId};

use crate::fault::Fault;
use crate::policy::Target;
use crate::request::Request;
use crate::v3::groups::load::reserved_type;

/// The rule that Cinder checks whenever a group snapshot is looked up for something else.
const SEE: &str = "group:get_group_snapshot";

/// The group snapshot `{group_snapshot_id}`.
///
/// # Errors
/// 404 when it is not there or another project's, 403 when the caller lacks `group:get_group_snapshot`.
pub async fn row(request: &Request, tx: &mut Tx) -> Result<GroupSnapshot, Fault> {
    named(request, tx, request.param("group_snapshot_id")).await
}

/// The group snapshot `{group_snapshot_id}`, unless it is one of a consistency group of old, which has an API of its
/// own.
///
/// # Errors
/// As [`row`], and 400 for such a one.
pub async fn generic_row(request: &Request, tx: &mut Tx) -> Result<GroupSnapshot, Fault> {
    let found = row(request, tx).await?;
    refuse_reserved(tx, found.group_type_id).await?;
    Ok(found)
}

/// The group snapshot of this identity, as a client wrote it.
///
/// # Errors
/// As [`row`].
pub async fn named(request: &Request, tx: &mut Tx, text: &str) -> Result<GroupSnapshot, Fault> {
    let found = match text.parse::<GroupSnapshotId>() {
        Ok(id) => group_snapshots::get(tx, id).await?,
        Err(_) => None,
    };
    let found = found
        .filter(|found| request.caller.may_see(&found.project_id))
        .ok_or_else(|| Fault::not_found("GroupSnapshot", text))?;
    request.require_on(SEE, &target(&found))?;
    Ok(found)
}

/// What a rule about the group snapshot may look at.
#[must_use]
pub fn target(found: &GroupSnapshot) -> Target<'_> {
    Target::of(&found.project_id, &found.user_id)
}

/// Refuses the group type of consistency groups.
///
/// # Errors
/// 400 in Cinder's words.
pub async fn refuse_reserved(tx: &mut Tx, group_type: Option<GroupTypeId>) -> Result<(), Fault> {
    let Some(group_type) = group_type else { return Ok(()) };
    if reserved_type(tx).await? != Some(group_type) {
        return Ok(());
    }
    Err(Fault::bad_request(format!(
        "Group_type {group_type} is reserved for migrating CGs to groups. Migrated group snapshots can \
         only be operated by CG snapshot APIs."
    )))
}
