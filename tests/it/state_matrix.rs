//! What Cinder answered, and what it then had in its tables: 1,619 measured rows, replayed.
//!
//! A row says: with the resource in this status, this request is answered with this code, and leaves that
//! status. They were measured with the services behind the API stubbed, so the cloud is an idle one: it
//! accepts, and nobody does the work. Only what is answered after a service has done its work is asked of a cloud that
//! works. Each row has a volume of its own, put into its status in the database.
//!
//! Operations that are not served yet stand in `tests/state-matrix-not-covered.txt`, each with the route
//! that it waits for. The list only shrinks: a served route may not stand there.

pub(crate) mod deed;
mod defects;
mod group_snapshots;
mod groups;
mod matrix;
pub(crate) mod stage;

use ashlar_api::v3::TABLES;
use ashlar_db::testing::{self, TestDb};
use ashlar_testkit::glance::FakeGlance;
use ashlar_testkit::{Client, Cloud, Plan, cloud};
use ashlar_types::{SnapshotStatus, VolumeStatus, VolumeTypeId};
use deed::{By, Deed, deed};
use defects::{kept, refused};
use matrix::{NotCovered, Row};
use serde_json::Value;
use stage::{Staged, Wanted};

/// A cloud with one project's administrator, who has a service's role too: there is no compute service to ask whether a
/// server still has a volume.
struct Bench {
    cloud: Cloud,
    client: Client,
    volume_type: VolumeTypeId,
    /// Takes the records of images that volumes are to become.
    _glance: FakeGlance,
    /// An image that volumes may become.
    image: String,
}

impl Bench {
    async fn idle(place: TestDb) -> Self {
        Self::on(place, Self::plan().idle()).await
    }

    async fn working(place: TestDb) -> Self {
        Self::on(place, Self::plan()).await
    }

    fn plan() -> Plan {
        let unlimited = [("volumes", -1), ("snapshots", -1), ("gigabytes", -1)];
        Plan::with_sim(&cloud::sim()).limits(&unlimited)
    }

    async fn on(place: TestDb, mut plan: Plan) -> Self {
        let glance = FakeGlance::start().await;
        plan.images = Some(glance.images(&std::env::temp_dir()));
        let cloud = Cloud::on(place, plan).await;
        let volume_type = stage::default_type(&cloud.db).await;
        let client = cloud.admin().with_roles(&["admin", "service"]);
        let other = serde_json::json!({ "volume_type": { "name": deed::OTHER_TYPE } });
        let _ = client.post("/types", &other).await.expect(200);
        let image = glance.add("image", "raw", vec![7; 1000]);
        Self { client, cloud, volume_type, _glance: glance, image }
    }

    /// Replays the row; what was otherwise than measured.
    async fn replay(&self, row: &Row, deed: &Deed) -> Option<String> {
        let staged = self.stage(row, deed).await;
        let path = filled(deed.path, staged);
        let body = deed.body.as_ref().map(|body| filled(&body.to_string(), staged));
        let body = body.map(|text| text.replace("{image_id}", &self.image));
        let body: Option<Value> =
            body.map(|text| serde_json::from_str(&text).expect("an id needs no escapes"));
        let client = self.client.at(deed.minor);
        let answer = client.request(deed.method.clone(), &path, body.as_ref()).await;
        let after = self.after(row, staged).await;
        let (code, wanted) = match refused(row) {
            Some(code) => (code, row.unchanged()),
            None => (row.code, kept(row).unwrap_or_else(|| row.after.to_owned())),
        };
        let same = answer.status == code
            && is_left(deed, &wanted, &after, code)
            && self.noted(row, staged).await;
        (!same).then(|| {
            format!(
                "{} | {} | {}: {} -> {}, measured {} -> {} {} ({})",
                row.resource,
                row.operation,
                row.before,
                answer.status,
                after,
                code,
                wanted,
                row.note,
                answer.message()
            )
        })
    }

    async fn stage(&self, row: &Row, deed: &Deed) -> Staged {
        if row.resource.starts_with("group") {
            let (cloud, project) = (&self.cloud, &self.client.project);
            return groups::stage(cloud, project, self.volume_type, row).await;
        }
        let mut wanted = Wanted {
            volume: VolumeStatus::Available,
            kind: deed.kind,
            snapshot: deed.with_snapshot.then_some(SnapshotStatus::Available),
            attachment: None,
        };
        if row.resource == "snapshot" {
            wanted.snapshot = Some(row.before.parse().expect("a snapshot's status"));
        } else if let Some(volume) = row.attachments_volume() {
            wanted.attachment = Some(row.before.parse().expect("an attachment's status"));
            wanted.volume = volume;
        } else {
            wanted.volume = row.before.parse().expect("a volume's status");
        }
        stage::stage(&self.cloud, &self.client.project, self.volume_type, wanted).await
    }

    /// What the row's resource has come to, in the spelling of the row.
    async fn after(&self, row: &Row, staged: Staged) -> String {
        if let Some(id) = staged.group_snapshot {
            return group_snapshots::now(&self.cloud.db, id).await;
        }
        if let Some(group) = staged.group {
            return groups::now(&self.cloud.db, group, row).await;
        }
        if row.resource == "snapshot" {
            let snapshot = staged.snapshot.expect("a snapshot's row stages one");
            return stage::snapshot_now(&self.cloud.db, snapshot).await;
        }
        if let Some(attachment) = staged.attachment.filter(|_| row.attachments_volume().is_some()) {
            let now = stage::attachment_now(&self.cloud.db, attachment).await;
            let volume = stage::volume_now(&self.cloud.db, staged.volume).await;
            let both = row.after.contains('/');
            return if both { format!("{now}/{}", volume[0]) } else { now };
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

/// Whether `after` is what is wanted: word by word what was measured, or what a service makes of it.
fn is_left(deed: &Deed, wanted: &str, after: &str, code: u16) -> bool {
    let By::Service(Some(left)) = deed.by else { return after == wanted };
    let (wanted, after): (Vec<_>, Vec<_>) =
        (wanted.split('/').collect(), after.split('/').collect());
    wanted.len() == after.len()
        && wanted
            .iter()
            .zip(&after)
            .all(|(wanted, after)| after == wanted || (code < 300 && *after == left))
}

/// Puts the staged identities where the text leaves room for them.
fn filled(text: &str, staged: Staged) -> String {
    let text = text.replace("{volume_id}", &staged.volume.to_string()).replace("{key}", stage::KEY);
    let text = match staged.attachment {
        Some(attachment) => text.replace("{attachment_id}", &attachment.to_string()),
        None => text,
    };
    let text = match staged.transfer {
        Some(transfer) => text
            .replace("{transfer_id}", &transfer.to_string())
            .replace("{auth_key}", stage::AUTH_KEY),
        None => text,
    };
    let text = match staged.group_snapshot {
        Some(id) => text.replace("{group_snapshot_id}", &id.to_string()),
        None => text,
    };
    let text = match staged.group {
        Some(group) => text.replace("{group_id}", &group.to_string()),
        None => text,
    };
    match staged.snapshot {
        Some(snapshot) => text.replace("{snapshot_id}", &snapshot.to_string()),
        None => text,
    }
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
        .filter_map(|row| Some((row, deed(row.resource, row.operation)?)))
        .collect();
    assert!(!covered.is_empty());
    for (place, other) in testing::databases().await.into_iter().zip(testing::databases().await) {
        let (idle, working) = (Bench::idle(place).await, Bench::working(other).await);
        let mut otherwise = Vec::new();
        for (row, deed) in &covered {
            let bench = if deed.by == By::Api { &idle } else { &working };
            otherwise.extend(bench.replay(row, deed).await);
        }
        let engine = idle.cloud.db.engine();
        let (count, all) = (otherwise.len(), covered.len());
        assert!(otherwise.is_empty(), "{count} of {all} on {engine:?}:\n{}", otherwise.join("\n"));
    }
}

#[test]
fn every_defect_is_one_of_a_measured_row() {
    for defect in defects::ALL {
        for resource in defect.resources {
            let known = matrix::operations().contains(&(resource, defect.operation));
            assert!(known, "{resource} | {} is not in the matrix", defect.operation);
        }
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
