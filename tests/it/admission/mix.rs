//! Every way of taking space, a unit each, many at once.

use ashlar_testkit::Client;
use futures::FutureExt as _;
use futures::future::{BoxFuture, join_all};
use serde_json::json;

use super::UNIT;

/// Volumes of each kind that are there before.
const OF_EACH: usize = 6;
/// Blank volumes that are asked for.
const BLANK: usize = 40;
/// Copies that are asked for of each source, and snapshots of each volume.
const COPIES: usize = 6;

/// Volumes of a unit each, by what will be done with them.
pub(super) struct Mix {
    cloned: Vec<String>,
    snapped: Vec<String>,
    extended: Vec<String>,
}

impl Mix {
    /// Makes the volumes.
    pub(super) async fn prepare(client: &Client) -> Self {
        let volumes = async || join_all((0..OF_EACH).map(|_| client.volume(UNIT))).await;
        Self { cloned: volumes().await, snapped: volumes().await, extended: volumes().await }
    }

    /// Asks for far more than there is room for: volumes, clones, snapshots and growth. Whether each gets it is
    /// found out afterwards.
    pub(super) async fn all_at_once(&self, client: &Client) {
        let mut asked: Vec<BoxFuture<'_, ()>> = Vec::new();
        // By turns, so that no kind has taken all the room before another comes.
        for (source, volume) in self.cloned.iter().zip(&self.snapped) {
            for _ in 0..COPIES {
                asked.push(snapshot(client, volume).boxed());
                let clone = json!({ "size": UNIT, "source_volid": source });
                asked.push(client.create_volume(clone).map(drop).boxed());
            }
        }
        for volume in &self.extended {
            asked.push(extend(client, volume).boxed());
        }
        // Among the others, so that nobody comes last.
        for number in 0..BLANK {
            let blank = client.create_volume(json!({ "size": UNIT })).map(drop).boxed();
            asked.insert(number * asked.len() / BLANK, blank);
        }
        join_all(asked).await;
    }

    /// Removes some of what was made, of each kind.
    pub(super) async fn remove(&self, client: &Client) {
        for kind in ["snapshots", "volumes"] {
            let listed =
                client.get(&format!("/{kind}?status=available&limit=1000")).await.expect(200);
            let all = listed.body[kind].as_array().cloned().expect("a list");
            let ids = all.iter().map(|item| item["id"].as_str().expect("an id").to_owned());
            // A volume with snapshots stays.
            let some = ids.filter(|id| !self.snapped.contains(id)).step_by(2);
            let some: Vec<String> = some.collect();
            assert!(!some.is_empty(), "no {kind} to remove");
            join_all(some.iter().map(|id| remove(client, kind, id))).await;
        }
    }
}

async fn remove(client: &Client, kind: &str, id: &str) {
    let _ = client.delete(&format!("/{kind}/{id}")).await.expect(202);
    client.wait_gone(kind, id).await;
}

async fn snapshot(client: &Client, volume: &str) {
    let body = json!({ "snapshot": { "volume_id": volume } });
    let _ = client.post("/snapshots", &body).await.expect(202);
}

async fn extend(client: &Client, volume: &str) {
    let _ = client.act(volume, "os-extend", json!({ "new_size": 2 * UNIT })).await.expect(202);
}

/// Whoever was refused was told that no backend has room, and of each kind somebody was.
pub(super) async fn refused_for_want_of_room(client: &Client) {
    let listed = client.get("/messages?limit=1000").await.expect(200);
    let messages = listed.body["messages"].as_array().cloned().expect("a list");
    let of = |kind: &str| messages.iter().filter(|it| it["resource_type"] == kind).count();
    assert!(of("VOLUME") > 0 && of("VOLUME_SNAPSHOT") > 0, "{messages:#?}");
    for message in &messages {
        let event = message["event_id"].as_str().unwrap_or_default();
        assert!(event.ends_with("_003"), "no valid backend, but: {message}");
    }
}
