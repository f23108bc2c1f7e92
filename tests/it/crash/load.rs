//! Clients that ask for everything at once and take no offence when the server vanishes.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ashlar_testkit::Client;
use ashlar_testkit::make::id_of;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// What is known to be there, to do things to.
#[derive(Debug, Clone, Default)]
pub(super) struct Kept {
    volumes: Vec<String>,
    snapshots: Vec<String>,
}

impl Kept {
    /// Asks what is there.
    pub(super) async fn refresh(&mut self, client: &Client) {
        self.volumes = ids(client, "volumes").await;
        self.snapshots = ids(client, "snapshots").await;
    }

    fn any(list: &[String]) -> Option<&String> {
        match list.len() {
            0 => None,
            count => list.get(rand::random_range(0..count)),
        }
    }
}

async fn ids(client: &Client, kind: &str) -> Vec<String> {
    let listed = client.get(&format!("/{kind}?limit=1000")).await.expect(200);
    listed.body[kind].as_array().into_iter().flatten().map(id_of).collect()
}

/// Load under way.
pub(super) struct Load {
    stop: Arc<AtomicBool>,
    accepted: Arc<AtomicUsize>,
    kept: Arc<Mutex<Kept>>,
    clients: Vec<JoinHandle<()>>,
}

/// Starts so many clients.
pub(super) fn start(client: &Client, count: usize, kept: &Kept) -> Load {
    let load = Load {
        stop: Arc::default(),
        accepted: Arc::default(),
        kept: Arc::new(Mutex::new(kept.clone())),
        clients: Vec::new(),
    };
    let clients = (0..count).map(|_| {
        let (client, stop) = (client.clone(), Arc::clone(&load.stop));
        let (accepted, kept) = (Arc::clone(&load.accepted), Arc::clone(&load.kept));
        tokio::spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                if one_request(&client, &kept).await.is_some() {
                    accepted.fetch_add(1, Ordering::Relaxed);
                }
            }
        })
    });
    let clients = clients.collect();
    Load { clients, ..load }
}

impl Load {
    /// Ends it; how many requests were accepted.
    pub(super) async fn finish(self, kept: &mut Kept) -> usize {
        self.stop.store(true, Ordering::Relaxed);
        for client in self.clients {
            client.await.expect("a client of the load ends");
        }
        *kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.accepted.load(Ordering::Relaxed)
    }
}

/// One random request. `None` when it was refused or the server was gone.
async fn one_request(client: &Client, kept: &Mutex<Kept>) -> Option<()> {
    let known = kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let (volume, snapshot) = (Kept::any(&known.volumes), Kept::any(&known.snapshots));
    let crowded = known.volumes.len() > 40;
    let (path, body) = match (rand::random_range(0..12_u8), volume, snapshot) {
        (0..=3, _, _) | (_, None, _) if !crowded => {
            ("/volumes".to_owned(), Some(json!({"volume": {"size": 1, "metadata": {"k": "v"}}})))
        }
        (4, Some(id), _) => ("/volumes".to_owned(), Some(json!({"volume": {"source_volid": id}}))),
        (5, _, Some(id)) => {
            ("/volumes".to_owned(), Some(json!({"volume": {"snapshot_id": id, "size": 3}})))
        }
        (6 | 7, Some(id), _) => {
            ("/snapshots".to_owned(), Some(json!({"snapshot": {"volume_id": id}})))
        }
        (8, Some(id), _) => {
            (format!("/volumes/{id}/action"), Some(json!({"os-extend": {"new_size": 2}})))
        }
        (9, _, Some(id)) => (format!("/snapshots/{id}"), None),
        (_, Some(id), _) => (format!("/volumes/{id}?cascade=true"), None),
        _ => return None,
    };
    let answer = match &body {
        Some(body) => client.try_post(&path, body).await?,
        None => client.try_delete(&path).await?,
    };
    assert!(answer.status < 500, "{path} with {body:?}: {}", answer.body);
    if answer.status != 202 {
        return None;
    }
    remember(kept, &answer.body, body.is_none().then_some(path.as_str()));
    Some(())
}

fn remember(kept: &Mutex<Kept>, body: &Value, deleted: Option<&str>) {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(id) = body["volume"]["id"].as_str() {
        kept.volumes.push(id.to_owned());
    }
    if let Some(id) = body["snapshot"]["id"].as_str() {
        kept.snapshots.push(id.to_owned());
    }
    if let Some(path) = deleted {
        kept.volumes.retain(|id| !path.contains(id.as_str()));
        kept.snapshots.retain(|id| !path.contains(id.as_str()));
    }
}
