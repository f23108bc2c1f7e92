//! Finding the group that a URL or a body names, for the caller who may see it.

use ashlar_db::group_types::{self, Visibility};
use ashlar_db::{DbError, Tx, groups};
use ashlar_types::group_type::DEFAULT_CGSNAPSHOT_TYPE;
use ashlar_types::{Group, GroupId, GroupTypeId};

use crate::fault::Fault;
use crate::policy::Target;
use crate::request::Request;

/// The rule that Cinder checks whenever a group is looked up for something else.
const SEE: &str = "group:get";

/// The group `{group_id}`.
///
/// # Errors
/// 404 when it is not there or another project's, 403 when the caller lacks `group:get`.
pub async fn row(request: &Request, tx: &mut Tx) -> Result<Group, Fault> {
    named(request, tx, request.param("group_id")).await
}

/// The group `{group_id}`, unless it is a consistency group of old, which has an API of its own.
///
/// # Errors
/// As [`row`], and 400 for such a group.
pub async fn generic_row(request: &Request, tx: &mut Tx) -> Result<Group, Fault> {
    let group = row(request, tx).await?;
    if let Some(group_type) = group.group_type_id {
        refuse_reserved(tx, group_type).await?;
    }
    Ok(group)
}

/// The group of this identity, as a client wrote it.
///
/// # Errors
/// As [`row`].
pub async fn named(request: &Request, tx: &mut Tx, text: &str) -> Result<Group, Fault> {
    let found = match text.parse::<GroupId>() {
        Ok(id) => groups::get(tx, id).await?,
        Err(_) => None,
    };
    let group = found
        .filter(|group| request.caller.may_see(&group.project_id))
        .ok_or_else(|| Fault::not_found("Group", text))?;
    request.require_on(SEE, &target(&group))?;
    Ok(group)
}

/// What a rule about the group may look at.
#[must_use]
pub fn target(group: &Group) -> Target<'_> {
    Target::of(&group.project_id, &group.user_id)
}

/// The group type to which consistency groups of old belong, where there still is one.
///
/// # Errors
/// [`DbError`].
pub async fn reserved_type(tx: &mut Tx) -> Result<Option<GroupTypeId>, DbError> {
    let found = group_types::get_by_name(tx, DEFAULT_CGSNAPSHOT_TYPE, &Visibility::All).await?;
    Ok(found.map(|found| found.id))
}

/// Refuses the group type of consistency groups.
///
/// # Errors
/// 400 in Cinder's words.
pub async fn refuse_reserved(tx: &mut Tx, group_type: GroupTypeId) -> Result<(), Fault> {
    if reserved_type(tx).await? != Some(group_type) {
        return Ok(());
    }
    Err(Fault::bad_request(format!(
        "Group_type {group_type} is reserved for migrating CGs to groups. Migrated group can only be \
         operated by CG APIs."
    )))
}
