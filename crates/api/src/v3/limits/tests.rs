//! Limits over a real database.

use ashlar_db::quotas::{self, Limits};
use ashlar_db::{DbError, Tx, transact};
use ashlar_types::quota::Delta;
use serde_json::{Value, json};

use crate::testing::House;

async fn use_some(tx: &mut Tx, house: &House, project: &str) -> Result<(), DbError> {
    let now = house.app.clock.now();
    let deltas = [Delta::new("volumes", 2), Delta::new("gigabytes", 7)];
    let taken = quotas::take(tx, project, &deltas, &Limits::default(), now).await?;
    taken.expect("unlimited");
    quotas::set_project_limit(tx, project, "volumes", 5, now).await
}

async fn house_with_usage() -> House {
    let house = House::furnished().await;
    let db = &house.app.db;
    let used: Result<(), DbError> = transact!(db, tx => use_some(tx, &house, "def").await);
    used.expect("written");
    house
}

async fn absolute(house: &House, who: (&str, u16), query: &str) -> Value {
    let got = house.get(who, &format!("/v3/limits{query}")).await;
    assert_eq!((got.status, &got.body["limits"]["rate"]), (200, &json!([])));
    got.body["limits"]["absolute"].clone()
}

#[tokio::test]
async fn limits_and_used_values_are_shown_side_by_side() {
    let house = house_with_usage().await;
    assert_eq!(
        absolute(&house, ("me:def:reader", 0), "").await,
        json!({
            "maxTotalVolumes": 5, "totalVolumesUsed": 2,
            "maxTotalVolumeGigabytes": -1, "totalGigabytesUsed": 7,
            "maxTotalSnapshots": -1, "totalSnapshotsUsed": 0,
            "maxTotalBackups": -1, "totalBackupsUsed": 0,
            "maxTotalBackupGigabytes": -1, "totalBackupGigabytesUsed": 0,
        })
    );
}

#[tokio::test]
async fn whoever_has_no_role_sees_limits_without_usage() {
    let house = house_with_usage().await;
    let shown = absolute(&house, ("me:def:", 71), "").await;
    assert_eq!(shown["maxTotalVolumes"], 5);
    assert_eq!(shown.as_object().expect("an object").len(), 5);
}

#[tokio::test]
async fn an_administrator_asks_for_another_project_from_3_39_on() {
    let house = house_with_usage().await;
    let volumes = async |who: &str, minor: u16, query: &str| {
        absolute(&house, (who, minor), query).await["maxTotalVolumes"].clone()
    };
    for query in ["?project_id=def", "?tenant_id=def"] {
        assert_eq!(volumes("root:abc", 38, query).await, -1);
        assert_eq!(volumes("root:abc", 39, query).await, 5);
        assert_eq!(volumes("me:abc:member", 71, query).await, -1);
    }
}
