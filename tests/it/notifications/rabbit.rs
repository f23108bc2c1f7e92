//! Notifications on RabbitMQ, consumed by oslo.messaging and compared with what Cinder's own functions send about the same
//! rows.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use ashlar_testkit::Client;
use ashlar_testkit::make::id_of;
use serde_json::{Value, json};
use tokio::time::MissedTickBehavior;

use super::broker::{Broker, tell};
use super::python::{self, Script};
use super::{House, keys, to, until_sent, waiting};

/// A house that sends to `broker`, and a consumer.
fn start(broker: &Broker) -> (House, Script) {
    let url = broker.url();
    let consumer = Script::consumer(&url);
    let house = House::start(&to(&url), "");
    (house, consumer)
}

fn broker() -> Option<Broker> {
    if !python::is_there() {
        tell("left out: it needs Cinder; `cargo xtask test` installs it");
        return None;
    }
    Broker::start()
}

/// Passes over what comes before an event of this type about this volume.
fn awaited(consumer: &Script, event: &str, id: &str) -> Value {
    loop {
        let message = consumer.next();
        if message["event_type"] == event && message["payload"]["volume_id"] == id {
            return message;
        }
    }
}

/// Types, priorities and keys are the same, and so is the kind of each value.
fn assert_same(ours: &Value, cinders: &Value) {
    assert_eq!(ours["event_type"], cinders["event_type"]);
    assert_eq!(ours["priority"], cinders["priority"], "{}", ours["event_type"]);
    assert_eq!(shape(&ours["payload"]), shape(&cinders["payload"]), "{}", ours["event_type"]);
    let context = cinders.as_object().expect("an object").keys();
    let context: BTreeSet<&str> = context.filter_map(|key| key.strip_prefix("_context_")).collect();
    // oslo.messaging adds what it needs for answers.
    let added = ["client_timeout", "msg_id", "reply_q"];
    let mut told: BTreeSet<&str> = keys(&ours["context"]).into_iter().collect();
    told.retain(|key| !added.contains(key));
    assert_eq!(told, context);
}

/// A value without what it says: keys and kinds.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(all) => all
            .iter()
            .map(|(key, value)| (key.clone(), shape(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Array(all) => all.first().map_or(json!([]), |first| json!([shape(first)])),
        Value::Null => Value::Null,
        Value::Bool(_) => json!("truth"),
        Value::Number(_) => json!("number"),
        Value::String(_) => json!("text"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consumer_hears_of_create_attach_failure_and_delete_as_of_cinders() {
    let Some(broker) = broker() else { return };
    let (house, consumer) = start(&broker);
    let database = format!("sqlite:///{}", house.place.path().join("state/ashlar.db").display());
    let mut cinder = Script::cinder(&database);

    let wish = json!({ "volume": { "size": 1, "name": "told", "metadata": { "k": "v" } } });
    let made = house.client.post("/volumes", &wish).await.expect(202);
    let id = id_of(&made.body["volume"]);
    let begun = awaited(&consumer, "volume.create.start", &id);
    assert_eq!(begun["payload"]["status"], "creating");
    let publisher = begun["publisher_id"].as_str().expect("a text");
    assert!(publisher.starts_with("volume.node@") && publisher.ends_with("#pool"), "{publisher}");
    assert_eq!(begun["context"]["request_id"], made.header("x-openstack-request-id"));
    let ended = awaited(&consumer, "volume.create.end", &id);
    house.client.wait_for("volumes", &id, "available").await;
    let cinders = cinder.says("volume", &id, "create.end");
    assert_same(&ended, &cinders);
    assert_eq!(ended["payload"], cinders["payload"]);

    let action = format!("/volumes/{id}/action");
    let server = "5b1c6c5e-0f0c-4f4f-9d61-0d3f8a4f7d11";
    let attach = json!({ "os-attach": { "instance_uuid": server, "mountpoint": "/dev/vdb" } });
    let _ = house.client.post(&action, &attach).await.expect(202);
    let begun = awaited(&consumer, "volume.attach.start", &id);
    assert_eq!(begun["payload"]["volume_attachment"], json!([]));
    let ended = awaited(&consumer, "volume.attach.end", &id);
    let cinders = cinder.says("volume", &id, "attach.end");
    assert_same(&ended, &cinders);
    assert_eq!(ended["payload"], cinders["payload"]);

    let (failed, _) = house.fail(1000).await;
    let told = awaited(&consumer, "scheduler.create_volume", &failed);
    let cinders = cinder.says("unplaceable", &failed, "create_volume");
    assert_eq!(told["priority"], "ERROR");
    assert_eq!(told["publisher_id"], "scheduler.node");
    assert_eq!(keys(&told["payload"]), keys(&cinders["payload"]));
    assert_eq!(told["priority"], cinders["priority"]);

    let _ = house.client.post(&action, &json!({ "os-detach": {} })).await.expect(202);
    awaited(&consumer, "volume.detach.start", &id);
    let ended = awaited(&consumer, "volume.detach.end", &id);
    assert_eq!(ended["payload"]["status"], "available");
    let _ = house.client.delete(&format!("/volumes/{id}")).await.expect(202);
    let begun = awaited(&consumer, "volume.delete.start", &id);
    assert_eq!(begun["payload"]["status"], "deleting");
    let ended = awaited(&consumer, "volume.delete.end", &id);
    assert_eq!(ended["payload"]["metadata"], json!([{ "key": "k", "value": "v" }]));
    until_sent(&house.db().await).await;
    let cinders = cinder.says("volume", &id, "delete.end");
    assert_eq!(keys(&ended["payload"]), keys(&cinders["payload"]));
    assert_eq!(ended["payload"]["status"], cinders["payload"]["status"]);
}

/// Volumes that come and go, one at a time.
#[derive(Default)]
struct Load {
    alive: VecDeque<String>,
    /// What a consumer must hear: the event and the volume.
    expected: BTreeSet<(String, String)>,
}

impl Load {
    /// So many are there at once.
    const ALIVE: usize = 3;

    /// Makes a volume, and deletes the oldest when there are more than enough.
    async fn step(&mut self, client: &Client) {
        let id = client.volume(1).await;
        self.expect("create", &id);
        self.alive.push_back(id);
        if self.alive.len() > Self::ALIVE
            && let Some(id) = self.alive.pop_front()
        {
            let _ = client.delete(&format!("/volumes/{id}")).await.expect(202);
            client.wait_gone("volumes", &id).await;
            self.expect("delete", &id);
        }
    }

    fn expect(&mut self, deed: &str, id: &str) {
        for moment in ["start", "end"] {
            self.expected.insert((format!("volume.{deed}.{moment}"), id.to_owned()));
        }
    }

    /// Goes on for so long, a few steps a second.
    async fn run(&mut self, client: &Client, long: Duration) {
        let mut ticks = tokio::time::interval(Duration::from_millis(300));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let end = tokio::time::Instant::now() + long;
        while tokio::time::Instant::now() < end {
            ticks.tick().await;
            self.step(client).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn none_is_lost_while_the_broker_is_away_for_a_minute_under_load() {
    let Some(mut broker) = broker() else { return };
    let (house, consumer) = start(&broker);
    let db = house.db().await;
    let mut load = Load::default();
    load.run(&house.client, Duration::from_secs(2)).await;
    broker.kill();
    let before = load.expected.len();
    load.run(&house.client, Duration::from_secs(60)).await;
    let meanwhile = load.expected.len() - before;
    let waiting = usize::try_from(waiting(&db).await).expect("a few");
    assert!(meanwhile > 0 && waiting >= meanwhile, "the broker was not away");
    broker.resume();
    load.run(&house.client, Duration::from_secs(2)).await;

    let mut missing = load.expected.clone();
    while !missing.is_empty() {
        let message = consumer.next();
        let part = |value: &Value| value.as_str().map(str::to_owned).expect("a text");
        let told = (part(&message["event_type"]), part(&message["payload"]["volume_id"]));
        assert!(load.expected.contains(&told), "{told:?} has not happened");
        missing.remove(&told);
    }
    until_sent(&db).await;
}
