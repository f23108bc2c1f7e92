//! Taking over what lies on a backend, letting go of what is ours, and listing both.
//!
//! What is to be taken over was ours and was let go, and whatever lies there at the end is taken over again: so nothing
//! is left that nobody knows.

use ashlar_flow::BoxFuture;
use ashlar_testkit::Client;
use ashlar_testkit::cloud::HOST;
use ashlar_testkit::make::id_of;
use serde_json::json;

use super::{End, Prepared, made};

fn host() -> String {
    format!("{HOST}@sim#pool")
}

/// How it ended; what was taken over has the size that it had.
async fn ended(client: &Client, kind: &str, id: &str) -> End {
    let end = made(client, kind, id).await;
    if end == End::Done {
        let shown = client.get(&format!("/{kind}/{id}")).await.expect(200).body;
        assert_eq!(shown[&kind[..kind.len() - 1]]["size"], 1, "{shown}");
    }
    end
}

/// Asks for the volume that has the name of `old`.
async fn managed_volume(client: &Client, old: &str) -> (String, End) {
    let reference = json!({ "source-name": format!("volume-{old}") });
    let body = json!({ "volume": { "host": host(), "ref": reference } });
    let answer = client.post("/manageable_volumes", &body).await.expect(202);
    let id = id_of(&answer.body["volume"]);
    let end = ended(client, "volumes", &id).await;
    (id, end)
}

async fn managed_snapshot(client: &Client, volume: &str, old: &str) -> (String, End) {
    let reference = json!({ "source-name": format!("snapshot-{old}") });
    let body = json!({ "snapshot": { "volume_id": volume, "ref": reference } });
    let answer = client.post("/manageable_snapshots", &body).await.expect(202);
    let id = id_of(&answer.body["snapshot"]);
    let end = ended(client, "snapshots", &id).await;
    (id, end)
}

/// Lets it go; how that ended.
async fn unmanaged(client: &Client, kind: &str, id: &str, failed: &str) -> End {
    let path = format!("/{kind}/{id}/action");
    let _ = client.post(&path, &json!({ "os-unmanage": null })).await.expect(202);
    match client.settled(kind, id).await {
        None => End::Done,
        Some(left) => {
            assert_eq!(left["status"], failed, "{left}");
            End::Undone
        }
    }
}

pub(super) fn a_foreign_volume(client: Client) -> BoxFuture<'static, Prepared> {
    Box::pin(async move {
        let volume = client.volume(1).await;
        let end = unmanaged(&client, "volumes", &volume, "").await;
        assert_eq!(end, End::Done);
        Prepared { volume, snapshot: String::new() }
    })
}

pub(super) fn a_foreign_snapshot(client: Client) -> BoxFuture<'static, Prepared> {
    Box::pin(async move {
        let volume = client.volume(1).await;
        let snapshot = client.snapshot(&volume).await;
        let end = unmanaged(&client, "snapshots", &snapshot, "").await;
        assert_eq!(end, End::Done);
        Prepared { volume, snapshot }
    })
}

pub(super) fn manage_volume(client: Client, there: Prepared) -> BoxFuture<'static, End> {
    Box::pin(async move {
        let (id, end) = managed_volume(&client, &there.volume).await;
        if end == End::Undone {
            let _ = client.delete(&format!("/volumes/{id}")).await.expect(202);
            client.wait_gone("volumes", &id).await;
            let again = managed_volume(&client, &there.volume).await;
            assert_eq!(again.1, End::Done, "it lies there under its own name");
        }
        end
    })
}

pub(super) fn manage_snapshot(client: Client, there: Prepared) -> BoxFuture<'static, End> {
    Box::pin(async move {
        let (id, end) = managed_snapshot(&client, &there.volume, &there.snapshot).await;
        if end == End::Undone {
            let _ = client.delete(&format!("/snapshots/{id}")).await.expect(202);
            client.wait_gone("snapshots", &id).await;
            let again = managed_snapshot(&client, &there.volume, &there.snapshot).await;
            assert_eq!(again.1, End::Done, "it lies there under its own name");
        }
        end
    })
}

pub(super) fn unmanage_volume(client: Client, there: Prepared) -> BoxFuture<'static, End> {
    Box::pin(async move {
        let end = unmanaged(&client, "volumes", &there.volume, "error_unmanaging").await;
        if end == End::Done {
            let again = managed_volume(&client, &there.volume).await;
            assert_eq!(again.1, End::Done, "it lies there under the name that it had");
        }
        end
    })
}

pub(super) fn unmanage_snapshot(client: Client, there: Prepared) -> BoxFuture<'static, End> {
    Box::pin(async move {
        let end = unmanaged(&client, "snapshots", &there.snapshot, "error_deleting").await;
        if end == End::Done {
            let again = managed_snapshot(&client, &there.volume, &there.snapshot).await;
            assert_eq!(again.1, End::Done, "it lies there under the name that it had");
        }
        end
    })
}

pub(super) fn list_manageable(client: Client, there: Prepared) -> BoxFuture<'static, End> {
    Box::pin(async move {
        let path = format!("/manageable_volumes/detail?host={HOST}@sim");
        let answer = client.get(&path).await;
        if answer.status == 500 {
            return End::Undone;
        }
        let listed = answer.expect(200).body;
        let items = listed["manageable-volumes"].as_array().expect("a list");
        assert!(items.iter().any(|it| it["cinder_id"] == there.volume), "{listed}");
        End::Done
    })
}
