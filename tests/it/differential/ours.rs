//! Asks ours: the same case in our own words.

use std::collections::BTreeMap;
use std::sync::Arc;

use ashlar_placement::verdict::{ADMISSION, PIN};
use ashlar_placement::{Facts, Handler, Picture, Reason, Request, Rules, RulesSettings, choose};
use ashlar_types::request_spec::{Pinned, Source};
use ashlar_types::{
    Availability, BackendName, Gib, Pool, PoolName, Report, RequestSpec, Timestamp, VolumeId,
    VolumeType, VolumeTypeId,
};
use serde_json::{Value, json};

use super::cases::STOCHASTIC;
use super::compare::{Ours, Refused};

/// What ours makes of the case.
pub(super) fn answer(case: &Value) -> Ours {
    let rules = rules(&case["rules"]);
    let ratio = rules.max_over_subscription_ratio();
    let picture = Picture::new(list(&case["pools"], pool), ratio, Timestamp::default());
    let asked = &case["request"];
    let (spec, facts) = (spec(asked), facts(case));
    let tried = list(&asked["tried"], |name| PoolName(text(name)));
    let seed = case["seed"].as_u64().expect("a seed");
    let mut request = Request::new(&spec, &tried, &facts, &picture, seed);
    if let Some(grown) = asked["new_size"].as_u64() {
        request = request.to_extend(grown - spec.size.0, asked["attach_status"] == "attached");
    }
    let verdict = choose(&request, &picture, &rules).verdict(&request, &picture, &rules);
    let mut ours = Ours::default();
    for fits in verdict.ranked {
        ours.ranked.push((fits.pool.0, fits.score));
    }
    for rejected in verdict.rejected {
        let by = match &*rejected.filter {
            // What is refused when nobody asked for the CapacityFilter; see `cases`.
            ADMISSION => "CapacityFilter",
            PIN => "",
            name => name,
        };
        let refused = Refused {
            by: by.to_owned(),
            trouble: matches!(rejected.reason, Reason::CannotBeJudged { .. }),
            words: rejected.reason.to_string(),
        };
        ours.refused.insert(rejected.pool.0, refused);
    }
    ours
}

fn rules(rules: &Value) -> Rules {
    let multipliers: Vec<(&str, f64)> = rules["multipliers"]
        .as_object()
        .expect("multipliers")
        .iter()
        .map(|(option, value)| (option.as_str(), value.as_f64().expect("a number")))
        .collect();
    let ratio = match rules["max_over_subscription_ratio"].as_str() {
        Some("auto") => None,
        other => other.and_then(|ratio| ratio.parse().ok()),
    };
    Rules::from_settings(&RulesSettings {
        filters: list(&rules["filters"], text),
        weighers: list(&rules["weighers"], text),
        handler: if rules["handler"] == STOCHASTIC {
            Handler::Stochastic
        } else {
            Handler::Ordered
        },
        multipliers,
        max_over_subscription_ratio: ratio,
        ..RulesSettings::default()
    })
    .expect("rules that make sense")
}

fn pool(pool: &Value) -> Pool {
    let number = |key: &str| pool[key].as_u64().expect("a whole number");
    let report = pool["report"].as_object().expect("a report");
    let mut report = report.clone();
    // Where a pool says nothing here, Cinder takes what its backend says: in these cases, nothing either. Ours gets
    // whole reports from the volume service.
    for key in ["volume_backend_name", "vendor_name", "driver_version", "storage_protocol"] {
        let said = report.entry(key).or_insert(Value::Null);
        if [json!(""), json!(0), json!(false), json!([]), json!({})].contains(said) {
            *said = Value::Null;
        }
    }
    let name = PoolName(text(&pool["name"]));
    report.insert("pool_name".to_owned(), name.pool().expect("a pool").into());
    let allocated = report["allocated_capacity_gb"].as_u64().expect("a whole number");
    let (consumed, settled) = (number("consumed"), number("settled"));
    Pool {
        name,
        availability_zone: text(&pool["zone"]),
        availability: Availability::Up,
        stats: Arc::new(Report(report)),
        asked_at: Timestamp::default(),
        allocated: allocated + settled,
        held: consumed - settled,
        unreported: consumed,
        volumes: number("volumes") - number("making"),
        making: number("making"),
        version: 1,
    }
}

fn spec(asked: &Value) -> RequestSpec {
    let mut zones = list(&asked["availability_zones"], text);
    // The API puts the one zone that a request names into the list of zones.
    if let (true, Some(zone)) =
        (zones.is_empty(), asked["resource_properties"]["availability_zone"].as_str())
    {
        zones.push(zone.to_owned());
    }
    let specs = asked["extra_specs"].as_object();
    RequestSpec {
        volume_id: VolumeId::random(),
        project_id: "project".to_owned(),
        user_id: "user".to_owned(),
        request_id: "req-differential".to_owned(),
        size: Gib(asked["size"].as_u64().expect("a size")),
        source: Source::Blank,
        availability_zones: zones,
        volume_type: VolumeType {
            id: VolumeTypeId::random(),
            name: "type".to_owned(),
            description: None,
            is_public: true,
            qos_specs_id: None,
            extra_specs: specs
                .into_iter()
                .flatten()
                .map(|(key, wanted)| (key.clone(), wanted.as_str().map(str::to_owned)))
                .collect(),
            created_at: None,
            updated_at: None,
        },
        pinned: asked["resource_backend"].as_str().map(|name| {
            if name.contains('#') {
                Pinned::Pool(PoolName(name.to_owned()))
            } else {
                Pinned::Backend(BackendName(name.to_owned()))
            }
        }),
        forced: None,
        metadata: BTreeMap::default(),
        hints: asked["scheduler_hints"].as_object().cloned().unwrap_or_default(),
    }
}

/// What the hints lead to.
fn facts(case: &Value) -> Facts {
    let asked = &case["request"];
    let hinted = case["hinted"].as_object().into_iter().flatten();
    let instance = asked["scheduler_hints"]["local_to_instance"].as_str().map(|server| {
        let host = case["servers"].get(server).and_then(Value::as_str);
        host.map(str::to_owned).ok_or_else(|| "nobody knows".to_owned())
    });
    Facts {
        located: hinted.map(|(volume, place)| (volume.clone(), PoolName(text(place)))).collect(),
        instance,
        qos_specs: asked["qos_specs"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.clone(), text(value)))
            .collect(),
        ..Facts::default()
    }
}

fn list<T>(list: &Value, read: impl Fn(&Value) -> T) -> Vec<T> {
    list.as_array().into_iter().flatten().map(read).collect()
}

fn text(text: &Value) -> String {
    text.as_str().expect("a text").to_owned()
}
