//! The pools and the requests that are measured on: made up, but always the same ones, and of the shape that reports of
//! real backends have.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Result;
use ashlar_placement::{Picture, Rules, RulesSettings, lot};
use ashlar_types::{
    Availability, Gib, Pool, PoolName, Report, RequestSpec, Source, Timestamp, VolumeId,
    VolumeType, VolumeTypeId,
};
use serde_json::{Map, json};

/// What pools are judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Kind {
    /// The default filters and weighers, a type without extra specs.
    Defaults,
    /// The same, with types that have five extra specs.
    ExtraSpecs,
    /// The same as defaults, with `DriverFilter` and `GoodnessWeigher` and functions in every report.
    Expressions,
}

impl Kind {
    pub(super) const ALL: [Self; 3] = [Self::Defaults, Self::ExtraSpecs, Self::Expressions];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Defaults => "defaults",
            Self::ExtraSpecs => "extra specs",
            Self::Expressions => "expressions",
        }
    }

    /// Filters and weighers by Cinder's class names.
    pub(super) fn asked(self) -> (Vec<String>, Vec<String>) {
        let defaults = RulesSettings::default();
        let (mut filters, mut weighers) = (defaults.filters, defaults.weighers);
        if self == Self::Expressions {
            filters.push("DriverFilter".to_owned());
            weighers.push("GoodnessWeigher".to_owned());
        }
        (filters, weighers)
    }
}

/// Pools of one backend: one service row for them in Cinder.
const POOLS_PER_BACKEND: usize = 5;
/// Requests, which are asked round and round.
const REQUESTS: usize = 1_000;
const ZONES: [&str; 3] = ["az-1", "az-2", "az-3"];
/// Three types with five demands each, of different operators.
const TYPES: [[(&str, &str); 5]; 3] = [
    [
        ("disk_type", "<or> ssd <or> nvme"),
        ("speed_mbps", ">= 400"),
        ("compression", "<is> True"),
        ("location", "s!= row-7"),
        ("features", "<in> snap"),
    ],
    [
        ("disk_type", "hdd"),
        ("speed_mbps", "<= 900"),
        ("capabilities:location", "s>= row-2"),
        ("features", "<in> dedup"),
        ("vendor_name", "<or> Acme <or> Example"),
    ],
    [
        ("speed_mbps", "== 500"),
        ("thin_provisioning_support", "<is> True"),
        ("multiattach", "<is> True"),
        ("location", "s< row-8"),
        ("storage_protocol", "iSCSI"),
    ],
];
/// Functions as backends report them: which volumes may come, and how gladly.
const FUNCTIONS: [(&str, &str); 3] = [
    (
        "(volume.size <= 90) && (capabilities.total_volumes < 900)",
        "100 * stats.free_capacity_gb / stats.total_capacity_gb",
    ),
    (
        "stats.free_capacity_gb > volume.size * 2",
        "(volume.size < 50) ? (100 - capabilities.utilization) : 20",
    ),
    (
        "(capabilities.utilization < 95) || (volume.size < 5)",
        "max(0, 80 - capabilities.utilization / 2) + min(volume.size / 10, 20)",
    ),
];

/// What one measurement runs on.
pub(super) struct Ground {
    pub(super) kind: Kind,
    pub(super) pools: Vec<Pool>,
    pub(super) requests: Vec<RequestSpec>,
    pub(super) rules: Rules,
}

impl Ground {
    /// So many pools and the requests of this kind.
    pub(super) fn new(kind: Kind, pools: usize) -> Result<Self> {
        let (filters, weighers) = kind.asked();
        let settings = RulesSettings { filters, weighers, ..RulesSettings::default() };
        let types = types(kind);
        Ok(Self {
            kind,
            pools: (0..pools).map(|number| pool(kind, number)).collect(),
            requests: (0..REQUESTS).map(|number| request(&types, number)).collect(),
            rules: Rules::from_settings(&settings)?,
        })
    }

    /// A picture of the pools with nothing placed.
    pub(super) fn picture(&self) -> Picture {
        let ratio = self.rules.max_over_subscription_ratio();
        Picture::new(self.pools.clone(), ratio, Timestamp::default())
    }
}

fn types(kind: Kind) -> Vec<VolumeType> {
    let demands: &[[(&str, &str); 5]] = if kind == Kind::ExtraSpecs { &TYPES } else { &[] };
    let specs = demands.iter().map(|demands| {
        let owned = |&(key, demand): &(&str, &str)| (key.to_owned(), Some(demand.to_owned()));
        demands.iter().map(owned).collect()
    });
    let specs: Vec<_> = specs.collect();
    let specs = if specs.is_empty() { vec![BTreeMap::new()] } else { specs };
    let made = specs.into_iter().zip(1_u32..).map(|(extra_specs, number)| VolumeType {
        id: VolumeTypeId::random(),
        name: format!("type-{number}"),
        description: None,
        is_public: true,
        qos_specs_id: None,
        extra_specs,
        created_at: None,
        updated_at: None,
    });
    made.collect()
}

fn pool(kind: Kind, number: usize) -> Pool {
    let backend = number / POOLS_PER_BACKEND;
    let name = format!("node-{backend:05}@array#pool-{}", number % POOLS_PER_BACKEND);
    let name = PoolName(name);
    let zone = ZONES[backend % ZONES.len()].to_owned();
    Pool {
        stats: Arc::new(report(kind, number, &name)),
        name,
        availability_zone: zone,
        availability: Availability::Up,
        asked_at: Timestamp::default(),
        allocated: 0,
        held: 0,
        unreported: 0,
        volumes: 0,
        making: 0,
        version: 1,
    }
}

fn report(kind: Kind, number: usize, name: &PoolName) -> Report {
    // One of `many`, evenly and always the same for this pool.
    let pick = |seed: u64, many: u32| (lot(seed, name.as_str()) * f64::from(many)) as u32;
    let one_of = |words: &[&'static str; 3], seed: u64| words[pick(seed, 3) as usize];
    // So large that none of them fills while it is measured.
    let total = 200_000 + pick(1, 800_000);
    // One pool in eight is nearly full.
    let free = if pick(2, 8) == 0 { pick(3, 60) } else { total / 4 + pick(4, total / 2) };
    let thin = pick(5, 3) > 0;
    let ratio = if pick(6, 4) == 0 { json!("auto") } else { json!(10.0) };
    let mut report = json!({
        "pool_name": name.pool(),
        "volume_backend_name": "array",
        "vendor_name": one_of(&["Acme", "Example", "Other"], 7),
        "driver_version": "4.2.0",
        "storage_protocol": "iSCSI",
        "total_capacity_gb": total,
        "free_capacity_gb": free,
        "provisioned_capacity_gb": total - free,
        "allocated_capacity_gb": 0,
        "reserved_percentage": 5,
        "max_over_subscription_ratio": ratio,
        "thin_provisioning_support": thin,
        "thick_provisioning_support": !thin,
        "QoS_support": true,
        "multiattach": pick(8, 4) > 0,
        "online_extend_support": true,
        "disk_type": one_of(&["ssd", "hdd", "nvme"], 9),
        "speed_mbps": 100 * (1 + pick(10, 10)),
        "compression": pick(11, 4) > 0,
        "location": format!("row-{}", pick(12, 10)),
        "features": one_of(&["snap", "snap,dedup", "dedup,clone"], 13),
        "total_volumes": pick(14, 1_000),
        "utilization": pick(15, 100),
    });
    if kind == Kind::Expressions {
        let (filter, goodness) = FUNCTIONS[number % FUNCTIONS.len()];
        report["filter_function"] = filter.into();
        report["goodness_function"] = goodness.into();
    }
    Report(report.as_object().cloned().unwrap_or_default())
}

/// Half of the requests name a zone.
fn request(types: &[VolumeType], number: usize) -> RequestSpec {
    let seed = number as u64;
    let size = 1 + (lot(seed, "size") * 100.0) as u64;
    let zone = number.is_multiple_of(2).then(|| ZONES[(number / 2) % ZONES.len()].to_owned());
    RequestSpec {
        volume_id: VolumeId::random(),
        project_id: "project".to_owned(),
        user_id: "user".to_owned(),
        request_id: format!("req-{number}"),
        size: Gib(size),
        source: Source::Blank,
        availability_zones: zone.into_iter().collect(),
        volume_type: types[number % types.len()].clone(),
        pinned: None,
        forced: None,
        metadata: BTreeMap::new(),
        hints: Map::new(),
    }
}
