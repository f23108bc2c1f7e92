//! `POST /snapshots/{snapshot_id}/action`.

use ashlar_db::{DbError, Tx, snapshots, transact};
use ashlar_operations::notify::{From, events};
use ashlar_operations::{delete_snapshot, unmanage_snapshot};
use ashlar_types::{SnapshotId, SnapshotStatus, Timestamp};
use http::StatusCode;

use super::load;
use crate::answer::Answer;
use crate::body::python::quote;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::letters;
use crate::request::Request;

/// `os-reset_status`: sets the status in the table, whatever it was, and touches nothing else.
pub(super) async fn reset_status(request: &Request) -> Outcome {
    // What a schema could say comes before the snapshot is looked for.
    let to = read_status(status_in(request, "os-reset_status"))?;
    let db = &request.app.db;
    let snapshot = load::unchecked_row(request, &mut db.read().await?).await?;
    request.authorize_on(&load::target(&snapshot))?;
    let now = db.engine().storable(request.app.clock.now());
    let there: Result<bool, DbError> = transact!(db, tx => async {
            let (mut letters, id) = (letters::new(request, now), [snapshot.id]);
            letters.snapshots(tx, &id, From::Here, &[events::SNAPSHOT_RESET_STATUS_START]).await?;
            let there = snapshots::set_status(tx, snapshot.id, to, None, now).await?;
            letters.snapshots(tx, &id, From::Here, &[events::SNAPSHOT_RESET_STATUS_END]).await?;
            letters::post(request, tx, letters, now).await?;
            Ok::<_, DbError>(there)
        }.await);
    if there? { Ok(Answer::empty(StatusCode::ACCEPTED)) } else { Err(load::not_found(request)) }
}

/// `os-force_delete`: accepts the removal from any status.
pub(super) async fn force_delete(request: &Request) -> Outcome {
    let snapshot = load::row(request, &mut request.app.db.read().await?).await?;
    request.authorize_on(&load::target(&snapshot))?;
    request.require_on("volume:delete_snapshot", &load::target(&snapshot))?;
    let (cx, caller) = (&request.app.operations, &request.caller);
    delete_snapshot::accept(cx, caller, snapshot.id, true).await?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}

/// `os-unmanage`: forgets the snapshot, and leaves what lies on its backend.
pub(super) async fn unmanage(request: &Request) -> Outcome {
    let snapshot = load::row(request, &mut request.app.db.read().await?).await?;
    request.authorize_on(&load::target(&snapshot))?;
    // Cinder's code for it is that of a delete, and so is its second rule.
    request.require_on("volume:delete_snapshot", &load::target(&snapshot))?;
    unmanage_snapshot::accept(&request.app.operations, &request.caller, snapshot.id).await?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}

/// `os-update_snapshot_status`: Nova says how a snapshot comes along that it makes or removes itself.
pub(super) async fn update_status(request: &Request) -> Outcome {
    const NAME: &str = "os-update_snapshot_status";
    let db = &request.app.db;
    let snapshot = load::unchecked_row(request, &mut db.read().await?).await?;
    request.authorize_on(&load::target(&snapshot))?;
    let wish = Wish {
        status: status_in(request, NAME),
        progress: request
            .object(NAME)
            .get("progress")
            .and_then(|progress| progress.as_str())
            .filter(|progress| !progress.is_empty()),
    };
    let now = db.engine().storable(request.app.clock.now());
    let stored: Result<Option<Result<(), Fault>>, DbError> =
        transact!(db, tx => wish.store(tx, snapshot.id, now).await);
    stored?.ok_or_else(|| load::not_found(request))??;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}

struct Wish<'a> {
    status: &'a str,
    progress: Option<&'a str>,
}

impl Wish<'_> {
    /// Checks and writes under the row's lock; `None` when the snapshot is gone.
    async fn store(
        &self,
        tx: &mut Tx,
        id: SnapshotId,
        now: Timestamp,
    ) -> Result<Option<Result<(), Fault>>, DbError> {
        let Some(snapshot) = snapshots::get_for_update(tx, id).await? else { return Ok(None) };
        let to = match next_status(snapshot.status, self.status) {
            Ok(to) => to,
            Err(refused) => return Ok(Some(Err(refused))),
        };
        snapshots::set_status(tx, id, to, self.progress, now).await?;
        Ok(Some(Ok(())))
    }
}

/// The text under `status` of an action's body; the schema says that it is there.
fn status_in<'r>(request: &'r Request, action: &str) -> &'r str {
    request.object(action).get("status").and_then(|status| status.as_str()).unwrap_or_default()
}

/// A status by its name, in any case.
fn read_status(text: &str) -> Result<SnapshotStatus, Fault> {
    text.to_lowercase().parse().map_err(|_| {
        let known: Vec<String> =
            SnapshotStatus::ALL.iter().map(|status| quote(status.as_str())).collect();
        Fault::bad_request(format!(
            "Snapshot status: {text} is invalid, valid statuses are: [{}].",
            known.join(", ")
        ))
    })
}

/// Where Nova may move a snapshot from `from`: the table of legal moves.
fn next_status(from: SnapshotStatus, to: &str) -> Result<SnapshotStatus, Fault> {
    use SnapshotStatus::{Available, Creating, Deleting, Error, ErrorDeleting};
    let legal: &[SnapshotStatus] = match from {
        Creating => &[Creating, Available, Error],
        Deleting => &[Deleting, ErrorDeleting],
        _ => {
            return Err(Fault::bad_request(format!(
                "A snapshot in status {from} takes no update_snapshot_status."
            )));
        }
    };
    legal.iter().copied().find(|status| status.as_str() == to).ok_or_else(|| {
        Fault::bad_request(format!("Status {to} may not follow on status {from} of a snapshot."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nova_moves_a_snapshot_only_as_the_table_says() {
        let mut moves = Vec::new();
        for from in SnapshotStatus::ALL.iter().copied() {
            for to in SnapshotStatus::ALL {
                if next_status(from, to.as_str()).is_ok() {
                    moves.push(format!("{from}>{to}"));
                }
            }
        }
        moves.sort_unstable();
        assert_eq!(
            moves,
            [
                "creating>available",
                "creating>creating",
                "creating>error",
                "deleting>deleting",
                "deleting>error_deleting",
            ]
        );
        assert!(next_status(SnapshotStatus::Creating, "AVAILABLE").is_err());
    }

    #[test]
    fn a_reset_knows_every_status_in_any_case() {
        assert_eq!(read_status("Error_Deleting").expect("known"), SnapshotStatus::ErrorDeleting);
        for unknown in ["", "in-use", "xyz"] {
            let fault = read_status(unknown).expect_err("unknown");
            assert!(fault.message().contains("valid statuses are: ['error', "), "{fault:?}");
        }
    }
}
