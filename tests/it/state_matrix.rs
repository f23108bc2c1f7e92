//! What Cinder answered, and what it then had in its tables: 1,619 measured rows, replayed.
//!
//! A row says: with the resource in this status, this request is answered with this code, and leaves that
//! status. They were measured with the services behind the API stubbed, so the cloud is an idle one: it
//! accepts, and nobody does the work. Each row has a volume of its own, put into its status in the database.
//!
//! Operations that are not served yet stand in `tests/state-matrix-not-covered.txt`, each with the route
//! that it waits for. The list only shrinks: a served route may not stand there.

mod deed;
mod matrix;
mod stage;

use ashlar_api::v3::TABLES;
use ashlar_db::testing::{self, TestDb};
use ashlar_testkit::{Client, Cloud, Plan, cloud};
use ashlar_types::{SnapshotStatus, VolumeStatus, VolumeTypeId};
use deed::{Deed, deed};
use matrix::{NotCovered, Row};
use serde_json::Value;
use stage::Staged;

/// Rows in which Cinder is not followed, with the defect that says why: resource, operation, reason.
const DEFECTS: &[(&str, &str, &str)] = &[];

/// An idle cloud with one project's administrator.
struct Bench {
    cloud: Cloud,
    client: Client,
    volume_type: VolumeTypeId,
}

impl Bench {
    async fn new(place: TestDb) -> Self {
        let unlimited = [("volumes", -1), ("snapshots", -1), ("gigabytes", -1)];
        let plan = Plan::with_sim(&cloud::sim()).limits(&unlimited).idle();
        let cloud = Cloud::on(place, plan).await;
        let volume_type = stage::default_type(&cloud.db).await;
        Self { client: cloud.admin(), cloud, volume_type }
    }

    /// Replays the row; what was otherwise than measured.
    async fn replay(&self, row: &Row, deed: &Deed) -> Option<String> {
        let staged = self.stage(row, deed).await;
        let path = filled(deed.path, staged);
        let body = deed.body.as_ref().map(|body| filled(&body.to_string(), staged));
        let body: Option<Value> =
            body.map(|text| serde_json::from_str(&text).expect("an id needs no escapes"));
        let client = self.client.at(deed.minor);
        let answer = client.request(deed.method.clone(), &path, body.as_ref()).await;
        let after = self.after(row, staged).await;
        let same = answer.status == row.code && after == row.after && self.noted(row, staged).await;
        (!same).then(|| {
            format!(
                "{} | {} | {}: {} -> {}, measured {} -> {} {} ({})",
                row.resource,
                row.operation,
                row.before,
                answer.status,
                after,
                row.code,
                row.after,
                row.note,
                answer.message()
            )
        })
    }

    async fn stage(&self, row: &Row, deed: &Deed) -> Staged {
        let (volume, snapshot) = if row.resource == "snapshot" {
            let status: SnapshotStatus = row.before.parse().expect("a snapshot's status");
            (VolumeStatus::Available, Some(status))
        } else {
            let status = row.before.parse().expect("a volume's status");
            (status, deed.with_snapshot.then_some(SnapshotStatus::Available))
        };
        let project = &self.client.project;
        stage::stage(&self.cloud.db, project, self.volume_type, volume, snapshot).await
    }

    /// What the row's resource has come to, in the spelling of the row.
    async fn after(&self, row: &Row, staged: Staged) -> String {
        if row.resource == "snapshot" {
            let snapshot = staged.snapshot.expect("a snapshot's row stages one");
            return stage::snapshot_now(&self.cloud.db, snapshot).await;
        }
        let now = stage::volume_now(&self.cloud.db, staged.volume).await;
        if row.after.contains('/') { now.join("/") } else { now[0].clone() }
    }

    /// Whether the note, which names one more column, holds.
    async fn noted(&self, row: &Row, staged: Staged) -> bool {
        let Some((column, value)) = row.note.split_once('=') else { return true };
        assert_eq!(column, "migration_status", "a note of another kind: {row:?}");
        stage::volume_now(&self.cloud.db, staged.volume).await[2] == value
    }
}

/// Puts the staged identities where the text leaves room for them.
fn filled(text: &str, staged: Staged) -> String {
    let text = text.replace("{volume_id}", &staged.volume.to_string()).replace("{key}", stage::KEY);
    match staged.snapshot {
        Some(snapshot) => text.replace("{snapshot_id}", &snapshot.to_string()),
        None => text,
    }
}

fn is_a_defect(row: &Row) -> bool {
    DEFECTS
        .iter()
        .any(|(resource, operation, _)| row.resource == *resource && row.operation == *operation)
}

/// Whether `METHOD /path` or `METHOD /path action` is in the endpoint tables. Names of segments do not
/// matter.
fn is_served(route: &str) -> bool {
    let words: Vec<&str> = route.split(' ').collect();
    let (method, path, action) = (words[0], words[1], words.get(2).copied());
    TABLES.iter().copied().flatten().any(|endpoint| {
        endpoint.method.as_str() == method
            && shape(endpoint.path) == shape(path)
            && (action.is_none() || endpoint.action == action)
    })
}

/// The path's segments, with one sign for every segment that varies.
fn shape(path: &str) -> Vec<&str> {
    path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part }).collect()
}

/// The route that a deed uses, as the list of the uncovered writes it.
fn route_of(deed: &Deed) -> String {
    let path = deed.path.split('?').next().unwrap_or_default();
    let body = deed.body.as_ref().and_then(Value::as_object);
    let action = body.filter(|_| path.ends_with("/action")).and_then(|body| body.keys().next());
    match action {
        Some(action) => format!("{} {path} {action}", deed.method),
        None => format!("{} {path}", deed.method),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_row_is_answered_as_it_was_measured() {
    let covered: Vec<(Row, Deed)> = matrix::rows()
        .into_iter()
        .filter(|row| !is_a_defect(row))
        .filter_map(|row| Some((row, deed(row.resource, row.operation)?)))
        .collect();
    assert!(!covered.is_empty());
    for place in testing::databases().await {
        let bench = Bench::new(place).await;
        let mut otherwise = Vec::new();
        for (row, deed) in &covered {
            otherwise.extend(bench.replay(row, deed).await);
        }
        let engine = bench.cloud.db.engine();
        let (count, all) = (otherwise.len(), covered.len());
        assert!(otherwise.is_empty(), "{count} of {all} on {engine:?}:\n{}", otherwise.join("\n"));
    }
}

#[test]
fn every_operation_is_either_replayed_or_waits_for_a_route() {
    let listed = matrix::not_covered();
    for (resource, operation) in matrix::operations() {
        let waits =
            listed.iter().any(|entry| entry.resource == resource && entry.operation == operation);
        let replayed = deed(resource, operation).is_some();
        assert!(waits != replayed, "{resource} | {operation}: listed {waits}, replayed {replayed}");
    }
}

#[test]
fn no_operation_waits_for_a_route_that_is_served() {
    for NotCovered { resource, operation, route } in matrix::not_covered() {
        assert!(
            !is_served(route),
            "{route} is served now: replay '{resource} | {operation}' and take it off the list"
        );
        let known = matrix::operations().contains(&(resource, operation));
        assert!(known, "{resource} | {operation} is not in the matrix");
    }
}

#[test]
fn every_replayed_operation_uses_a_route_that_is_served() {
    for (resource, operation) in matrix::operations() {
        if let Some(deed) = deed(resource, operation) {
            let route = route_of(&deed);
            assert!(is_served(&route), "{resource} | {operation}: {route} is not served");
        }
    }
}
