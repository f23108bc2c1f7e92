//! Plain pools and requests for the tests of this crate.

use std::sync::Arc;

use ashlar_types::{
    Availability, Capacity, Gib, Pool, PoolName, PoolStats, RequestSpec, Source, Timestamp,
    VolumeId, VolumeType, VolumeTypeId,
};
use serde_json::{Map, Value};

use crate::{Facts, Picture, Request, Rules, RulesSettings, Verdict, choose};

/// A thick pool in zone `nova` with nothing in it.
pub(crate) fn pool(name: &str, total: f64, free: f64) -> Pool {
    let name = PoolName(name.to_owned());
    let stats = PoolStats {
        pool_name: name.pool().unwrap_or_default().to_owned(),
        total: Capacity::Gib(total),
        free: Capacity::Gib(free),
        reserved_percentage: 0,
        max_over_subscription_ratio: Some(1.0),
        thin: false,
        thick: true,
        capabilities: Map::new(),
    };
    Pool {
        name,
        availability_zone: "nova".to_owned(),
        availability: Availability::Up,
        stats: Arc::new(stats.into()),
        asked_at: Timestamp::default(),
        allocated: 0,
        held: 0,
        unreported: 0,
        volumes: 0,
        making: 0,
        version: 1,
    }
}

/// The same, thin; a ratio of `None` is `auto`.
pub(crate) fn thin(name: &str, total: f64, ratio: Option<f64>) -> Pool {
    let mut pool = pool(name, total, total);
    report(&mut pool, "thin_provisioning_support", true.into());
    report(
        &mut pool,
        "max_over_subscription_ratio",
        ratio.map_or_else(|| "auto".into(), Value::from),
    );
    pool
}

/// Makes `pool` report `value` under `key`.
pub(crate) fn report(pool: &mut Pool, key: &str, value: Value) {
    Arc::make_mut(&mut pool.stats).set(key, value);
}

/// A blank volume of `size` GiB, of a type without demands.
pub(crate) fn spec(size: u64) -> RequestSpec {
    RequestSpec {
        volume_id: VolumeId::random(),
        project_id: "project".to_owned(),
        user_id: "user".to_owned(),
        request_id: "req-1".to_owned(),
        size: Gib(size),
        source: Source::Blank,
        availability_zones: Vec::new(),
        volume_type: VolumeType {
            id: VolumeTypeId::random(),
            name: "plain".to_owned(),
            description: None,
            is_public: true,
            qos_specs_id: None,
            extra_specs: std::collections::BTreeMap::new(),
            created_at: None,
            updated_at: None,
        },
        pinned: None,
        forced: None,
        metadata: std::collections::BTreeMap::new(),
        hints: Map::new(),
    }
}

/// Takes `size` GiB of `pool` as an operation under way does, which no report knows of yet.
pub(crate) fn hold(pool: &mut Pool, size: u64) {
    pool.held += size;
    pool.unreported += size;
}

/// The defaults, but with these filters and weighers.
pub(crate) fn settings(filters: &[&str], weighers: &[&str]) -> RulesSettings<'static> {
    RulesSettings {
        filters: filters.iter().map(|&name| name.to_owned()).collect(),
        weighers: weighers.iter().map(|&name| name.to_owned()).collect(),
        ..RulesSettings::default()
    }
}

/// Rules of which nothing but the filters and weighers is set.
pub(crate) fn rules(filters: &[&str], weighers: &[&str]) -> Rules {
    Rules::from_settings(&settings(filters, weighers)).expect("filters and weighers that there are")
}

/// What is decided about `pools`, in words.
pub(crate) fn decide(
    spec: &RequestSpec,
    pools: &[Pool],
    tried: &[PoolName],
    rules: &Rules,
    seed: u64,
) -> Verdict {
    decide_knowing(&Facts::default(), spec, pools, (tried, seed), rules)
}

/// The same, with what was looked up before.
pub(crate) fn decide_knowing(
    facts: &Facts,
    spec: &RequestSpec,
    pools: &[Pool],
    (tried, seed): (&[PoolName], u64),
    rules: &Rules,
) -> Verdict {
    let picture = picture(pools, rules);
    let request = Request::new(spec, tried, facts, &picture, seed);
    choose(&request, &picture, rules).verdict(&request, &picture, rules)
}

/// The pools as they are.
pub(crate) fn picture(pools: &[Pool], rules: &Rules) -> Picture {
    Picture::new(pools.to_vec(), rules.max_over_subscription_ratio(), Timestamp::default())
}

/// Full names of the pools that will do, the best first.
pub(crate) fn ranked(verdict: &Verdict) -> Vec<&str> {
    verdict.ranked.iter().map(|ranked| ranked.pool.as_str()).collect()
}

/// Full names of the pools that will not do, with who refused them.
pub(crate) fn rejected(verdict: &Verdict) -> Vec<(&str, &str)> {
    let rejected = verdict.rejected.iter();
    rejected.map(|rejected| (rejected.pool.as_str(), &*rejected.filter)).collect()
}
