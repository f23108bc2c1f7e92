//! What must be true when all is done: as many volumes as fit, the others refused and told so, and a decision for
//! each.

use std::collections::BTreeMap;

use ashlar_db::{Db, args};
use serde_json::Value;

use super::house::House;
use super::{REQUESTS, SIZE};

/// Every pool is full to the last volume, every other request is refused in Cinder's words, and all of it is
/// explained.
pub(super) async fn check(db: &Db, house: &House, run: &str) {
    let requests = u64::try_from(REQUESTS).expect("a few");
    assert_eq!(count(db, "available").await, house.fits(), "{run}: available");
    assert_eq!(count(db, "error").await, requests - house.fits(), "{run}: refused");
    check_places(db, house, run).await;
    check_messages(house, run).await;
    check_decisions(db, house, run).await;
}

/// How many volumes have this status.
pub(super) async fn count(db: &Db, status: &str) -> u64 {
    let mut tx = db.read().await.expect("the database answers");
    let sql = "SELECT COUNT(*) FROM volumes WHERE deleted = FALSE AND status = ?";
    let found = tx.row(sql, args![status]).await.expect("volumes can be counted");
    found.expect("a count").get(0).expect("a number")
}

async fn check_places(db: &Db, house: &House, run: &str) {
    let mut tx = db.read().await.expect("the database answers");
    let sql = "SELECT host, COUNT(*) FROM volumes WHERE deleted = FALSE AND host IS NOT NULL GROUP BY host";
    let mut found = BTreeMap::new();
    for row in tx.rows(sql, &[]).await.expect("volumes can be counted") {
        let (host, volumes): (String, u64) =
            (row.get(0).expect("a pool"), row.get(1).expect("a number"));
        found.insert(host, volumes);
    }
    let wanted: BTreeMap<String, u64> =
        house.limits().into_keys().map(|name| (name, house.fit_in_each())).collect();
    assert_eq!(found, wanted, "{run}: volumes by pool, {SIZE} GiB each");
}

/// Exactly those that have no place were told that there is none, once.
async fn check_messages(house: &House, run: &str) {
    let list = async |path: &str, key: &str| -> Vec<Value> {
        let answer = house.client.get(path).await.expect(200);
        answer.body[key].as_array().cloned().expect("a list")
    };
    let messages = list("/messages?limit=1000", "messages").await;
    let mut told: Vec<&str> = Vec::new();
    for message in &messages {
        assert_eq!(message["event_id"], "VOLUME_VOLUME_001_003", "{run}: {message}");
        told.push(message["resource_uuid"].as_str().expect("about a volume"));
    }
    let volumes = list("/volumes?status=error&limit=1000", "volumes").await;
    let mut refused: Vec<&str> =
        volumes.iter().map(|volume| volume["id"].as_str().expect("an id")).collect();
    told.sort_unstable();
    refused.sort_unstable();
    assert_eq!(told, refused, "{run}: who was told");
}

/// A volume with a place was decided on once: its pool had the room when it was chosen, so it was never sent
/// elsewhere. One without a place was decided on, and no pool was chosen. (A scheduler that dies before it has noted
/// that leaves the same decision to be made again.)
async fn check_decisions(db: &Db, house: &House, run: &str) {
    let mut tx = db.read().await.expect("the database answers");
    let sql = "SELECT v.id, v.status, v.host, COUNT(d.id), COUNT(d.chosen), MAX(d.chosen), \
               MAX(d.attempt) FROM volumes v LEFT JOIN ashlar_decisions d ON d.volume_id = v.id \
               WHERE v.deleted = FALSE GROUP BY v.id, v.status, v.host";
    let mut placed = 0;
    for row in tx.rows(sql, &[]).await.expect("decisions can be counted") {
        let mut row = row.reader();
        let id: String = row.next().expect("an id");
        let status: String = row.next().expect("a status");
        let host: Option<String> = row.next().expect("a pool or none");
        let (decisions, chosen): (u64, u64) =
            (row.next().expect("a number"), row.next().expect("a number"));
        let pool: Option<String> = row.next().expect("a pool or none");
        let attempt: u64 = row.next::<Option<u64>>().expect("a number or none").unwrap_or_default();
        let told = format!(
            "{run}: {id} {status} at {host:?}: {decisions} decisions, {chosen} for {pool:?}"
        );
        assert!(decisions >= 1, "{told}");
        assert_eq!(attempt, 1, "{told}");
        assert_eq!(pool, host, "{told}");
        assert_eq!(chosen, u64::from(status == "available"), "{told}");
        placed += chosen;
    }
    assert_eq!(placed, house.fits(), "{run}: placed");
}
