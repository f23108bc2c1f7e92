//! What is written on a page reads back as it was decided; what is no page is refused; pages are small.

use ashlar_types::{Gib, Pool, RequestSpec, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::nearest::Miss;
use crate::{Facts, Request, Rules, Verdict, choose, random, samples};
use ashlar_types::PoolName;

fn names(picture: &Picture) -> Vec<PoolName> {
    picture.candidates().iter().map(|candidate| candidate.pool.name.clone()).collect()
}

/// Decides for one after the other as a batch does, and tells the page and what was decided.
fn written(
    rules: &Rules,
    picture: &mut Picture,
    batch: &[(RequestSpec, u64, Option<Pool>)],
) -> (String, Vec<(Verdict, Vec<i64>)>) {
    let mut writer = PageWriter::new(rules, picture);
    let mut decided = Vec::new();
    let (facts, tried) = (Facts::default(), [PoolName("h@b0#p3".to_owned())]);
    for (number, (spec, seed, update)) in batch.iter().enumerate() {
        let tried = if seed % 5 == 0 { &tried[..] } else { &[] };
        let request = Request::new(spec, tried, &facts, picture, *seed);
        let request =
            if seed % 7 == 0 { request.to_extend(spec.size.0 / 2, false) } else { request };
        let choice = choose(&request, picture, rules);
        let slot = writer.add(&request, &choice, picture, &[]);
        assert_eq!(slot as usize, number);
        let versions = picture.candidates().iter().map(|it| it.pool.version).collect();
        decided.push((choice.verdict(&request, picture, rules), versions));
        if let Some(best) = choice.best(rules) {
            picture.note(best, spec.size, 1);
        }
        if let Some(update) = update {
            let index = *seed as usize % picture.len().max(1);
            let known = picture.candidates().get(index).map(|candidate| candidate.pool.clone());
            picture.update(known.map(|known| Pool {
                name: known.name,
                version: known.version + 1,
                ..update.clone()
            }));
        }
    }
    (writer.finish(), decided)
}

fn any_batch() -> impl Strategy<Value = Vec<(RequestSpec, u64, Option<Pool>)>> {
    let update = prop_oneof![3 => Just(None), 1 => random::any_pool().prop_map(Some)];
    proptest::collection::vec((random::any_spec(), any::<u64>(), update), 1..14)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn every_case_of_a_page_reads_back_as_it_was_decided(
        pools in random::any_pools(), rules in random::any_rules(), batch in any_batch(),
    ) {
        let mut picture = samples::picture(&pools, &rules);
        let (json, decided) = written(&rules, &mut picture, &batch);
        let page = Page::read(&json, &names(&picture)).expect("a page");
        for ((slot, (verdict, versions)), (spec, ..)) in (0..).zip(decided).zip(&batch) {
            let case = page.case(slot).unwrap_or_else(|error| panic!("{error}: {json}"));
            prop_assert_eq!(&case.verdict, &verdict, "slot {} of {}", slot, json);
            let rows: Vec<i64> = case.rows.iter().map(|(_, version)| *version).collect();
            prop_assert_eq!(rows, versions);
            prop_assert_eq!(case.size, spec.size);
            prop_assert_eq!(case.asked.availability_zones, spec.availability_zones.clone());
            prop_assert_eq!(&case.asked.volume_type, &spec.volume_type.name);
            prop_assert_eq!(case.rules, Applied::new(&rules));
        }
        let beyond = u32::try_from(batch.len()).expect("few");
        prop_assert_eq!(page.case(beyond).expect_err("none"), PageError::NoCase(beyond));
    }

    #[test]
    fn a_damaged_page_is_an_error_or_another_page_but_never_a_panic(
        pools in random::any_pools(), rules in random::any_rules(), batch in any_batch(),
        (at, sign) in (any::<prop::sample::Index>(), "[0-9a-z@*;:=,.\"{}-]"),
    ) {
        let mut picture = samples::picture(&pools, &rules);
        let (mut json, _) = written(&rules, &mut picture, &batch);
        let places: Vec<usize> = json.char_indices().map(|(place, _)| place).collect();
        let place = places[at.index(places.len())];
        let old = json[place..].chars().next().map_or(0, char::len_utf8);
        json.replace_range(place..place + old, &sign);
        if let Ok(page) = Page::read(&json, &names(&picture)) {
            for slot in 0..20 {
                drop(page.case(slot));
            }
        }
    }
}

fn big_cloud(count: usize) -> (Picture, Rules) {
    let rules = Rules::default();
    let pools: Vec<Pool> = (0..count)
        .map(|number| {
            let total = 10_000.0 + (number * 37 % 5_000) as f64 + (number % 4) as f64 / 4.0;
            let mut pool = samples::thin(&format!("node-{number:04}@ceph#rbd"), total, Some(2.0));
            samples::report(&mut pool, "reserved_percentage", 5.into());
            pool.allocated = (number * 911 % 15_000) as u64;
            pool.version = 40_000 + (number * 7 % 9_000) as i64;
            pool
        })
        .collect();
    (samples::picture(&pools, &rules), rules)
}

#[test]
fn a_thousand_pools_take_a_few_tens_of_kilobytes_and_a_like_case_next_to_nothing() {
    for size in [10, 9_000, 40_000] {
        let (mut picture, rules) = big_cloud(1_000);
        let mut sizes = Vec::new();
        for count in [1, 2, 101] {
            let spec = samples::spec(size);
            let batch: Vec<_> =
                (0..count).map(|seed| (spec.clone(), seed * 35 + 1, None)).collect();
            sizes.push(written(&rules, &mut picture, &batch).0.len());
        }
        assert!(sizes[0] < 25_000, "first cases: {sizes:?}");
        assert!(sizes[2] - sizes[0] < 100 * 200, "later cases: {sizes:?}");
    }
}

#[test]
fn what_would_have_fitted_and_when_the_picture_was_taken_are_on_the_page() {
    let rules = Rules::default();
    let mut picture = samples::picture(&[samples::pool("h@b#p", 10.0, 10.0)], &rules);
    let (spec, facts) = (samples::spec(20), Facts::default());
    let mut writer = PageWriter::new(&rules, &picture);
    let misses = vec![Miss { size: Some(10), ..Miss::default() }];
    let request = Request::new(&spec, &[], &facts, &picture, 0);
    let choice = choose(&request, &picture, &rules);
    writer.add(&request, &choice, &picture, &misses);
    picture.taken_at = Timestamp::from_micros(5);
    writer.add(&request, &choice, &picture, &[]);
    let page = Page::read(&writer.finish(), &names(&picture)).expect("a page");
    let cases = [0, 1].map(|slot| page.case(slot).expect("a case"));
    assert_eq!(cases[0].misses, misses);
    assert_eq!((cases[1].misses.len(), cases[1].needed), (0, Gib(20)));
    assert_eq!(cases.map(|case| case.taken_at.micros()), [0, 5]);
}

#[test]
fn a_page_of_another_version_or_about_other_pools_is_refused() {
    let rules = Rules::default();
    let mut picture = samples::picture(&[samples::pool("h@b#p", 10.0, 10.0)], &rules);
    let (json, _) = written(&rules, &mut picture, &[(samples::spec(1), 1, None)]);
    let names = names(&picture);
    let read = |json: &str| Page::read(json, &names).expect_err("refused");
    let mut body: Value = serde_json::from_str(&json).expect("json");
    body["v"] = json!(2);
    assert_eq!(read(&body.to_string()), PageError::Version(2));
    body["v"] = json!(1);
    body["rules"]["weighers"] = json!([["NoSuchWeigher", 1.0]]);
    assert_eq!(read(&body.to_string()), PageError::Weighers);
    assert!(matches!(read("{}"), PageError::NoPage(_)));
    let none = Page::read(&json, &[]).expect_err("refused");
    assert_eq!(none, PageError::Names { on_page: 1, names: 0 });
}

#[test]
fn a_set_of_pools_has_a_key_of_its_own_that_stays() {
    let rules = Rules::default();
    let set = |pools: &[&str]| {
        let pools: Vec<Pool> = pools.iter().map(|name| samples::pool(name, 1.0, 1.0)).collect();
        pool_set(&samples::picture(&pools, &rules))
    };
    let (key, names) = set(&["h@b#q", "h@b#p"]);
    assert_eq!((&*key, &*names), ("a9f7ac8a49f985c183e206a83064a839", r#"["h@b#p","h@b#q"]"#));
    assert_eq!(set(&["h@b#p", "h@b#q"]).0, key);
    assert!(set(&["h@b#p"]).0 != key && key.len() == 32);
}
