//! Availability zones, for whoever has a token.

use std::collections::BTreeMap;

use ashlar_db::services::{self, ServiceFilter, VOLUME};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::endpoint::{Endpoint, Outcome};
use crate::request::Request;
use crate::run;

/// Endpoints of the resource.
pub static ENDPOINTS: &[Endpoint] =
    &[Endpoint::get("az.list", "/os-availability-zone", run!(list))];

/// The zones of volume services, by name; one is available when some service there is enabled.
async fn list(request: &Request) -> Outcome {
    let filter = ServiceFilter { binary: Some(VOLUME.to_owned()), ..ServiceFilter::default() };
    let found = services::list(&mut request.app.db.read().await?, &filter).await?;
    let mut zones: BTreeMap<String, bool> = BTreeMap::new();
    for service in found {
        *zones.entry(service.availability_zone).or_default() |= !service.disabled;
    }
    let zones: Vec<Value> = zones
        .into_iter()
        .map(|(name, available)| {
            json!({ "zoneName": name, "zoneState": { "available": available } })
        })
        .collect();
    Ok(Answer::ok(&json!({ "availabilityZoneInfo": zones })))
}

#[cfg(test)]
mod tests {
    use ashlar_db::{DbError, transact};

    use super::*;
    use crate::testing::House;

    #[tokio::test]
    async fn a_zone_is_available_while_some_service_there_is_enabled() {
        let house = House::furnished().await;
        let (db, now) = (&house.app.db, house.app.clock.now());
        for (host, binary, zone) in [
            ("a@x", VOLUME, "north"),
            ("b@x", VOLUME, "north"),
            ("c@x", VOLUME, "south"),
            ("d", services::SCHEDULER, "west"),
        ] {
            let put: Result<_, DbError> =
                transact!(db, tx => services::heartbeat(tx, host, binary, zone, now).await);
            put.expect("a service");
        }
        for host in ["a@x", "c@x"] {
            let put: Result<_, DbError> = transact!(
                db, tx => services::set_disabled(tx, host, VOLUME, true, None, now).await
            );
            assert!(put.expect("disabled"));
        }
        let got = house.get(("anyone:abc:none", 0), "/v3/os-availability-zone").await;
        assert_eq!(
            got.body,
            json!({ "availabilityZoneInfo": [
                { "zoneName": "north", "zoneState": { "available": true } },
                { "zoneName": "south", "zoneState": { "available": false } },
            ] })
        );
    }
}
