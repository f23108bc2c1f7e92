//! Draws whole cases: pools, a request, and the rules to judge by.

use ashlar_placement::lot;
use serde_json::{Map, Value, json};

use super::dice::Dice;
use super::{reports, requests};

pub(super) const FILTERS: [&str; 9] = [
    "AvailabilityZoneFilter",
    "CapacityFilter",
    "CapabilitiesFilter",
    "DriverFilter",
    "InstanceLocalityFilter",
    "JsonFilter",
    "DifferentBackendFilter",
    "SameBackendFilter",
    "IgnoreAttemptedHostsFilter",
];

pub(super) const WEIGHERS: [&str; 5] = [
    "CapacityWeigher",
    "AllocatedCapacityWeigher",
    "ChanceWeigher",
    "GoodnessWeigher",
    "VolumeNumberWeigher",
];

pub(super) const ORDERED: &str = "cinder.scheduler.weights.OrderedHostWeightHandler";
pub(super) const STOCHASTIC: &str =
    "cinder.scheduler.weights.stochastic.StochasticHostWeightHandler";

/// The case of this number.
pub(super) fn case(seed: u64, number: u64) -> Value {
    let dice = &mut Dice::new(seed, number);
    let rules = rules(dice, number.is_multiple_of(4));
    let size = requests::size(dice);
    let needed = size.1.map_or(size.0, |grown| grown - size.0);
    let pools = reports::pools(dice, needed);
    let (request, hinted, servers) = requests::request(dice, size, &pools);
    let seed = dice.draw();
    let lots: Map<String, Value> = pools
        .iter()
        .filter_map(|pool| pool["name"].as_str())
        .map(|name| (name.to_owned(), json!(lot(seed, name))))
        .collect();
    json!({
        "pools": pools,
        "request": request,
        "rules": rules,
        "seed": seed,
        "lots": lots,
        "draw": lot(seed, ""),
        "hinted": hinted,
        "servers": servers,
    })
}

/// How to judge; Cinder's defaults when `default`.
fn rules(dice: &mut Dice, default: bool) -> Value {
    let kind = if default { 0 } else { dice.between(1, 9) };
    let filters: Vec<&str> = match kind {
        0 | 1 => FILTERS[..3].to_vec(),
        2 => Vec::new(),
        3..=5 => vec![*dice.pick(&FILTERS)],
        6 => FILTERS.to_vec(),
        _ => dice.some(&FILTERS).into_iter().copied().collect(),
    };
    let weighers: Vec<&str> = match if default { 0 } else { dice.between(1, 9) } {
        0 | 1 => WEIGHERS[..1].to_vec(),
        2 => Vec::new(),
        3..=5 => vec![*dice.pick(&WEIGHERS)],
        6 => WEIGHERS.to_vec(),
        _ => dice.some(&WEIGHERS).into_iter().copied().collect(),
    };
    let mut multipliers = Map::new();
    for (option, usual) in [
        ("capacity_weight_multiplier", 1.0),
        ("allocated_capacity_weight_multiplier", -1.0),
        ("volume_number_multiplier", -1.0),
    ] {
        let multiplier = match default || dice.percent(50) {
            true => usual,
            false => *dice.pick(&[1.0, -1.0, 2.5, 0.0, -0.5, 0.001, 1e6, -7.25, 0.3]),
        };
        multipliers.insert(option.to_owned(), json!(multiplier));
    }
    let ratio = if dice.percent(50) { "20.0" } else { *dice.pick(&["auto", "1.0", "1.5", "2"]) };
    json!({
        "filters": filters,
        // Ours never places where there is no room, whichever filters are configured.
        "always": FILTERS[1],
        "weighers": weighers,
        "handler": if !default && dice.percent(20) { STOCHASTIC } else { ORDERED },
        "multipliers": multipliers,
        "max_over_subscription_ratio": ratio,
    })
}
