//! Finding the snapshot that a URL names, for the caller who may see it.

use ashlar_db::snapshot_details::{self, SnapshotDetail};
use ashlar_db::{Tx, snapshots};
use ashlar_types::{Snapshot, SnapshotId};

use crate::fault::Fault;
use crate::policy::Target;
use crate::request::Request;

/// The rule that Cinder checks whenever a snapshot is looked up for something else.
const SEE: &str = "volume:get_snapshot";

/// The snapshot `{snapshot_id}` with all that hangs on it.
///
/// # Errors
/// 404 when it is not there or another project's, 403 when the caller lacks `volume:get_snapshot`.
pub async fn detail(request: &Request, tx: &mut Tx) -> Result<SnapshotDetail, Fault> {
    let found = snapshot_details::get(tx, id(request)?).await?;
    let found = found
        .filter(|detail| request.caller.may_see(&detail.snapshot.project_id))
        .ok_or_else(|| not_found(request))?;
    request.require_on(SEE, &target(&found.snapshot))?;
    Ok(found)
}

/// The snapshot `{snapshot_id}` alone.
///
/// # Errors
/// As [`detail`].
pub async fn row(request: &Request, tx: &mut Tx) -> Result<Snapshot, Fault> {
    let found = unchecked_row(request, tx).await?;
    request.require_on(SEE, &target(&found))?;
    Ok(found)
}

/// The snapshot `{snapshot_id}` alone, for an action whose own rule is all that Cinder checks.
///
/// # Errors
/// 404 when it is not there or another project's.
pub async fn unchecked_row(request: &Request, tx: &mut Tx) -> Result<Snapshot, Fault> {
    let found = snapshots::get(tx, id(request)?).await?;
    found
        .filter(|snapshot| request.caller.may_see(&snapshot.project_id))
        .ok_or_else(|| not_found(request))
}

/// What a rule about the snapshot may look at.
#[must_use]
pub fn target(snapshot: &Snapshot) -> Target<'_> {
    Target::of(&snapshot.project_id, &snapshot.user_id)
}

/// 404 for the snapshot in the URL.
#[must_use]
pub fn not_found(request: &Request) -> Fault {
    Fault::not_found("Snapshot", request.param("snapshot_id"))
}

fn id(request: &Request) -> Result<SnapshotId, Fault> {
    request.id("snapshot_id", "Snapshot")
}
