//! Whatever is named fits, nothing larger would, and nothing that is simpler is left out.

use ashlar_types::VolumeTypeId;
use proptest::prelude::*;

use super::*;
use crate::{random, samples};

/// The volume type of a request of [`random::any_spec`] for each kind.
fn types(specs: &[RequestSpec]) -> Vec<VolumeType> {
    let mut types: Vec<VolumeType> = specs.iter().map(|spec| spec.volume_type.clone()).collect();
    types.sort_by_key(|volume_type| volume_type.id);
    types.dedup_by_key(|volume_type| volume_type.id);
    types
}

fn applied(spec: &RequestSpec, miss: &Miss, types: &[VolumeType]) -> RequestSpec {
    let mut spec = spec.clone();
    if let Some(size) = miss.size {
        spec.size = Gib(size);
    }
    if let Some(name) = &miss.volume_type {
        let named = types.iter().find(|volume_type| volume_type.name == *name);
        spec.volume_type = named.expect("one of those given").clone();
    }
    if let Some(zone) = &miss.zone {
        spec.availability_zones = vec![zone.clone()];
    }
    spec
}

fn fits(spec: &RequestSpec, picture: &Picture, rules: &Rules) -> bool {
    let facts = Facts::default();
    let request = Request::new(spec, &[], &facts, picture, 7);
    choose(&request, picture, rules).best(rules).is_some()
}

/// The largest smaller size that fits, by trying them all.
fn largest(spec: &RequestSpec, picture: &Picture, rules: &Rules) -> Option<u64> {
    (1..spec.size.0).rev().find(|&size| {
        let smaller = RequestSpec { size: Gib(size), ..spec.clone() };
        fits(&smaller, picture, rules)
    })
}

fn told(spec: &RequestSpec, picture: &Picture, rules: &Rules, types: &[VolumeType]) -> Vec<Miss> {
    let facts = Facts::default();
    misses(&Request::new(spec, &[], &facts, picture, 7), picture, rules, types)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn each_miss_fits_and_its_size_is_the_largest_that_does(
        pools in random::any_pools(), rules in random::any_rules(), specs in proptest::collection::vec(random::any_spec(), 4),
    ) {
        let picture = samples::picture(&pools, &rules);
        let (types, mut spec) = (types(&specs), specs[0].clone());
        spec.size = Gib(spec.size.0 + 200);
        // Nothing but a source pins a volume, and then nothing is named.
        spec.pinned = None;
        if fits(&spec, &picture, &rules) {
            return Ok(());
        }
        let found = told(&spec, &picture, &rules, &types);
        prop_assert!(found.len() <= 5);
        prop_assert!(found.iter().map(Miss::changes).is_sorted());
        for miss in &found {
            prop_assert!(miss.changes() > 0);
            let changed = applied(&spec, miss, &types);
            prop_assert!(fits(&changed, &picture, &rules), "{}", miss);
            if let (Some(size), None) = (miss.size, &miss.zone) {
                let whole = RequestSpec { size: spec.size, ..changed };
                prop_assert_eq!(largest(&whole, &picture, &rules), Some(size));
            }
        }
        let alone = found.iter().find(|miss| miss.changes() == 1 && miss.size.is_some());
        prop_assert_eq!(alone.and_then(|miss| miss.size), largest(&spec, &picture, &rules));
        let other_type = types.iter().filter(|it| it.id != spec.volume_type.id).any(|volume_type| {
            fits(&RequestSpec { volume_type: volume_type.clone(), ..spec.clone() }, &picture, &rules)
        });
        let named = found.iter().any(|miss| miss.changes() == 1 && miss.volume_type.is_some());
        prop_assert_eq!(named, other_type);
        let other_zone = !spec.availability_zones.is_empty() && spec.forced.is_none() && (0..3).any(|zone| {
            let zones = vec![format!("zone-{zone}")];
            fits(&RequestSpec { availability_zones: zones, ..spec.clone() }, &picture, &rules)
        });
        prop_assert_eq!(found.iter().any(|miss| miss.changes() == 1 && miss.zone.is_some()), other_zone);
    }
}

fn volume_type(name: &str, specs: &[(&str, &str)]) -> VolumeType {
    let mut volume_type = samples::spec(1).volume_type;
    volume_type.id = VolumeTypeId::random();
    volume_type.name = name.to_owned();
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), Some((*value).to_owned()));
    volume_type.extra_specs = specs.iter().map(owned).collect();
    volume_type
}

/// Two fast pools in the east, a slow one there and a fast one in the west.
fn cloud() -> (Picture, Rules) {
    let rules = Rules::default();
    let pools = [
        ("n@a#1", 392.0, "fast", "east"),
        ("n@a#2", 100.0, "fast", "east"),
        ("n@b#1", 2_000.0, "slow", "east"),
        ("n@c#1", 800.0, "fast", "west"),
    ];
    let pools = pools.map(|(name, size, kind, zone)| {
        let mut pool = samples::pool(name, size, size);
        samples::report(&mut pool, "reserved_percentage", 5.into());
        samples::report(&mut pool, "kind", kind.into());
        pool.availability_zone = zone.to_owned();
        pool
    });
    (samples::picture(&pools, &rules), rules)
}

fn texts(size: u64, kind: &str, others: &[VolumeType]) -> Vec<String> {
    let (picture, rules) = cloud();
    let mut spec = samples::spec(size);
    spec.volume_type = volume_type("gold", &[("kind", kind)]);
    spec.availability_zones = vec!["east".to_owned()];
    told(&spec, &picture, &rules, others).iter().map(Miss::to_string).collect()
}

#[test]
fn the_smallest_changes_are_named_the_larger_volume_first() {
    let silver = [volume_type("silver", &[("kind", "slow")])];
    assert_eq!(texts(600, "fast", &silver), ["type silver", "zone west", "size ≤ 373 GiB"]);
    assert_eq!(texts(600, "fast", &[]), ["zone west", "size ≤ 373 GiB"]);
    assert_eq!(texts(1_000, "fast", &silver), ["type silver", "size ≤ 373 GiB"]);
}

#[test]
fn two_changes_are_named_when_no_single_one_helps() {
    let silver = [volume_type("silver", &[("kind", "slow")])];
    assert_eq!(texts(3_000, "green", &silver), ["size ≤ 1900 GiB with type silver"]);
    let bronze = [volume_type("bronze", &[("kind", "fast")])];
    assert_eq!(
        texts(600, "green", &bronze),
        ["type bronze in zone west", "size ≤ 373 GiB with type bronze"]
    );
    assert_eq!(texts(3_000, "green", &[]), [] as [&str; 0]);
}

#[test]
fn a_type_is_not_named_beyond_the_sizes_and_zones_that_it_allows() {
    let small = [("kind", "slow"), ("provisioning:max_vol_size", "500")];
    assert_eq!(
        texts(600, "green", &[volume_type("silver", &small)]),
        ["size ≤ 500 GiB with type silver"]
    );
    let large = [("kind", "slow"), ("provisioning:min_vol_size", "601")];
    assert_eq!(texts(600, "green", &[volume_type("silver", &large)]), [] as [&str; 0]);
    let west = [("kind", "fast"), ("RESKEY:availability_zones", "west, north")];
    assert_eq!(texts(600, "green", &[volume_type("silver", &west)]), [] as [&str; 0]);
}

#[test]
fn a_size_below_what_the_type_allows_is_not_named() {
    let (picture, rules) = cloud();
    let mut spec = samples::spec(5_000);
    spec.volume_type = volume_type("gold", &[("provisioning:min_vol_size", "1900")]);
    let texts = |spec: &RequestSpec| {
        told(spec, &picture, &rules, &[]).iter().map(Miss::to_string).collect::<Vec<_>>()
    };
    assert_eq!(texts(&spec), ["size ≤ 1900 GiB"]);
    spec.volume_type = volume_type("gold", &[("provisioning:min_vol_size", "1901")]);
    assert_eq!(texts(&spec), [] as [&str; 0]);
}

#[test]
fn nothing_is_named_for_what_has_no_choice() {
    let (picture, rules) = cloud();
    let mut spec = samples::spec(5_000);
    let facts = Facts::default();
    let growing = Request::new(&spec, &[], &facts, &picture, 0).to_extend(5_000, true);
    assert_eq!(misses(&growing, &picture, &rules, &[]), []);
    spec.source = Source::Volume(ashlar_types::VolumeId::random());
    assert_eq!(told(&spec, &picture, &rules, &[]), []);
}

#[test]
fn what_was_named_reads_back_from_its_json() {
    let miss = Miss { size: Some(5), zone: Some("west".to_owned()), ..Miss::default() };
    let json = serde_json::to_string(&miss).expect("json");
    assert_eq!(json, r#"{"size":5,"zone":"west"}"#);
    assert_eq!(serde_json::from_str::<Miss>(&json).expect("a miss"), miss);
    assert_eq!(miss.to_string(), "size ≤ 5 GiB in zone west");
}
