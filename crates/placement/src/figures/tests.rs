//! Each branch of the capacity rule, with numbers; and each kind of odd value where a number should be.

use ashlar_types::Gib;
use serde_json::json;

use super::*;
use crate::samples::{hold, pool, report, thin};
use crate::{Reason, Rules};

fn fits(pool: &Pool, gib: u64) -> Result<(), Reason> {
    Rules::default().admit(pool, Gib(gib), Provisioning::Thin)
}

fn free(pool: &Pool, provisioning: Provisioning) -> f64 {
    let figures = Figures::new(pool, Some(20.0)).expect("a report that can be taken in");
    figures.room(provisioning).expect("a room").free
}

#[test]
fn a_thick_pool_gives_what_is_free_and_unsold_and_not_reserved() {
    let mut pool = pool("h@b#p", 1000.0, 900.0);
    report(&mut pool, "reserved_percentage", 5.into());
    pool.allocated = 500;
    assert_eq!(free(&pool, Provisioning::Thin), 450.0, "unsold is less than free");
    assert_eq!(fits(&pool, 450), Ok(()));
    let reason = fits(&pool, 451).expect_err("one too many");
    assert_eq!(reason.to_string(), "needs 451 GiB, 450 GiB free after 5 % reserved");
    report(&mut pool, "free_capacity_gb", 100.5.into());
    assert_eq!(free(&pool, Provisioning::Thin), 100.5, "free is less than unsold");
    assert!(fits(&pool, 101).is_err());
}

#[test]
fn what_is_held_counts_as_provisioned_and_as_not_free() {
    let mut pool = pool("h@b#p", 1000.0, 400.0);
    hold(&mut pool, 300);
    assert_eq!(free(&pool, Provisioning::Thick), 100.0);
    let mut pool = thin("h@b#p", 1000.0, Some(2.0));
    pool.allocated = 1000;
    hold(&mut pool, 300);
    assert_eq!(free(&pool, Provisioning::Thin), 700.0);
    let reason = fits(&pool, 701).expect_err("one too many");
    assert_eq!(
        reason.to_string(),
        "needs 701 GiB, 700 GiB free, sold 2 times over, 300 GiB held by operations under way"
    );
}

#[test]
fn only_what_the_report_cannot_know_of_changes_reported_figures() {
    let mut pool = pool("h@b#p", 1000.0, 600.0);
    (pool.allocated, pool.held, pool.unreported) = (300, 100, 40);
    assert_eq!(free(&pool, Provisioning::Thick), 560.0, "600 free less 40; 600 unsold");
    report(&mut pool, "provisioned_capacity_gb", 900.into());
    assert_eq!(free(&pool, Provisioning::Thick), 60.0, "1000 less 900 provisioned and 40");
    report(&mut pool, "provisioned_capacity_gb", 0.into());
    assert_eq!(free(&pool, Provisioning::Thick), 560.0, "what our tables say is not asked then");
    let mut pool = thin("h@b#p", 1000.0, Some(2.0));
    (pool.allocated, pool.held, pool.unreported) = (300, 100, 40);
    assert_eq!(free(&pool, Provisioning::Thin), 1600.0, "allocated and held, not reported");
    report(&mut pool, "provisioned_capacity_gb", 900.5.into());
    assert_eq!(free(&pool, Provisioning::Thin), 1059.5, "2000 less 900.5 and 40");
}

#[test]
fn the_reserve_is_whole_gibibytes_rounded_down() {
    let mut pool = pool("h@b#p", 99.0, 99.0);
    report(&mut pool, "reserved_percentage", 10.into());
    assert_eq!(free(&pool, Provisioning::Thick), 90.0);
    report(&mut pool, "reserved_percentage", 0.9.into());
    assert_eq!(free(&pool, Provisioning::Thick), 99.0);
    report(&mut pool, "reserved_percentage", (-0.9).into());
    assert_eq!(free(&pool, Provisioning::Thick), 99.0, "100 unreserved, but 99 free");
}

#[test]
fn a_thin_pool_is_sold_as_often_as_its_ratio_says_whatever_is_free() {
    let mut pool = thin("h@b#p", 100.0, Some(1.5));
    report(&mut pool, "reserved_percentage", 10.into());
    report(&mut pool, "free_capacity_gb", 0.into());
    assert_eq!(free(&pool, Provisioning::Thin), 135.0);
    assert_eq!(fits(&pool, 135), Ok(()));
    assert!(matches!(fits(&pool, 136), Err(Reason::Space { ratio: Some(1.5), .. })));
    assert_eq!(free(&pool, Provisioning::Thick), 0.0, "a thick volume needs real space");
}

#[test]
fn the_first_test_of_a_thin_pool_has_the_ratio_in_it_twice() {
    let pool = thin("h@b#p", 100.0, Some(2.0));
    assert!(
        matches!(fits(&pool, 201), Err(Reason::Space { .. })),
        "within ratio² the second binds"
    );
    assert!(matches!(fits(&pool, 400), Err(Reason::Space { .. })));
    let reason = fits(&pool, 401).expect_err("beyond ratio²");
    assert_eq!(
        reason.to_string(),
        "would have promised 401 GiB of 200 GiB, more than 2 times over"
    );
}

#[test]
fn thin_needs_a_ratio_of_at_least_one_and_thick_does_not_care() {
    let pool = thin("h@b#p", 100.0, Some(0.5));
    assert_eq!(fits(&pool, 1), Err(Reason::RatioUnusable { ratio: Some(0.5) }));
    assert_eq!(Rules::default().admit(&pool, Gib(100), Provisioning::Thick), Ok(()));
}

#[test]
fn a_ratio_that_is_not_said_is_the_default() {
    for unsaid in [json!(0.0), json!(null), json!(""), json!(false), json!([]), json!({})] {
        let mut pool = thin("h@b#p", 100.0, None);
        report(&mut pool, "max_over_subscription_ratio", unsaid.clone());
        assert_eq!(free(&pool, Provisioning::Thin), 2000.0, "{unsaid}");
        let figures = Figures::new(&pool, Some(3.0)).expect("a ratio");
        assert_eq!(figures.ratio, 3.0, "{unsaid}");
        let figures = Figures::new(&pool, None).expect("auto by default");
        assert_eq!(figures.ratio, 20.0, "{unsaid}");
    }
}

#[test]
fn an_auto_ratio_follows_how_much_of_what_was_sold_is_used() {
    let mut pool = thin("h@b#p", 100.0, None);
    assert_eq!(free(&pool, Provisioning::Thin), 2000.0, "20 while it is empty");
    pool.allocated = 100;
    report(&mut pool, "allocated_capacity_gb", 100.into());
    report(&mut pool, "free_capacity_gb", 51.into());
    assert_eq!(free(&pool, Provisioning::Thin), 200.0, "1 + 100 / (49 + 1) = 3");
    hold(&mut pool, 50);
    assert_eq!(free(&pool, Provisioning::Thin), 150.0, "a hold takes space and leaves the ratio");
    (pool.allocated, pool.held) = (150, 0);
    assert_eq!(free(&pool, Provisioning::Thin), 150.0, "and so does its becoming a volume");
    report(&mut pool, "provisioned_capacity_gb", 150.into());
    assert_eq!(free(&pool, Provisioning::Thin), 200.0, "1 + 150 / 50 = 4, less 150 and 50");
    report(&mut pool, "free_capacity_gb", 101.into());
    let trouble = Reason::CannotBeJudged { trouble: Trouble::Ratio, key: None };
    assert_eq!(fits(&pool, 1), Err(trouble), "used is -1, and by one more Cinder divides");
    report(&mut pool, "free_capacity_gb", 102.into());
    assert_eq!(fits(&pool, 1), Err(Reason::RatioUnusable { ratio: Some(-149.0) }));
}

#[test]
fn infinite_and_unknown_capacities_refuse_only_where_a_reserve_cannot_be_told() {
    for word in ["infinite", "unknown"] {
        let mut pool = pool("h@b#p", 10.0, 10.0);
        report(&mut pool, "free_capacity_gb", word.into());
        report(&mut pool, "reserved_percentage", 5.into());
        hold(&mut pool, 1000);
        assert_eq!(fits(&pool, 1_000_000), Ok(()), "free is {word}");
        report(&mut pool, "free_capacity_gb", 10.into());
        report(&mut pool, "total_capacity_gb", word.into());
        let unknown = Reason::ReserveOfUnknown { reserved_percentage: 5.0 };
        assert_eq!(fits(&pool, 1), Err(unknown), "total is {word}");
        report(&mut pool, "reserved_percentage", 0.into());
        assert_eq!(fits(&pool, 1_000_000), Ok(()), "total is {word}, no reserve");
    }
}

#[test]
fn no_storage_and_no_numbers_are_refused_and_nothing_always_fits() {
    assert_eq!(fits(&pool("h@b#p", 0.0, 0.0), 1), Err(Reason::NoStorage { total: 0.0 }));
    assert_eq!(fits(&pool("h@b#p", -5.0, 10.0), 1), Err(Reason::NoStorage { total: -5.0 }));
    let trouble = Reason::CannotBeJudged { trouble: Trouble::Total, key: None };
    assert_eq!(fits(&pool("h@b#p", f64::NAN, 10.0), 1), Err(trouble));
    assert_eq!(fits(&pool("h@b#p", 10.0, f64::INFINITY), 1), Err(Reason::FreeUnset));
    assert_eq!(fits(&pool("h@b#p", 0.0, 0.0), 0), Ok(()));
    assert_eq!(fits(&pool("h@b#p", f64::NAN, f64::NAN), 0), Ok(()));
}

#[test]
fn a_reserve_of_everything_leaves_nothing() {
    for (reserved, thin_pool) in [(100, true), (100, false), (150, true), (150, false)] {
        let mut pool = thin("h@b#p", 100.0, Some(20.0));
        report(&mut pool, "thin_provisioning_support", thin_pool.into());
        report(&mut pool, "reserved_percentage", reserved.into());
        assert!(fits(&pool, 1).is_err(), "{reserved} % of a pool, thin: {thin_pool}");
    }
}

#[test]
fn an_over_sold_pool_has_less_than_nothing() {
    let mut pool = pool("h@b#p", 100.0, 100.0);
    pool.allocated = 150;
    assert_eq!(free(&pool, Provisioning::Thick), -50.0);
    assert!(fits(&pool, 1).is_err());
}

#[test]
fn only_the_type_makes_a_volume_thick() {
    let mut volume_type = crate::samples::spec(1).volume_type;
    assert_eq!(Provisioning::of(&volume_type), Provisioning::Thin);
    for (value, expected) in [("thick", Provisioning::Thick), ("Thick", Provisioning::Thin)] {
        volume_type.extra_specs.insert("provisioning:type".to_owned(), Some(value.to_owned()));
        assert_eq!(Provisioning::of(&volume_type), expected);
    }
}

/// What comes of 1 GiB in a pool with these odd figures. Null stands for null, `"missing"` for no key at all.
fn outcome(mut pool: Pool, odd: &[(&str, Value)]) -> Result<(), Refusal> {
    for (key, value) in odd {
        if value == "missing" {
            std::sync::Arc::make_mut(&mut pool.stats).0.remove(*key);
        } else {
            report(&mut pool, key, value.clone());
        }
    }
    Figures::new(&pool, Some(20.0))
        .map_err(Refusal::Trouble)
        .and_then(|figures| figures.check(1, Provisioning::Thin))
}

fn assert_outcomes(pool: &Pool, key: &str, rows: Vec<(Value, Result<(), Refusal>)>) {
    for (value, expected) in rows {
        assert_eq!(outcome(pool.clone(), &[(key, value.clone())]), expected, "{key}: {value}");
    }
}

fn trouble(trouble: Trouble) -> Result<(), Refusal> {
    Err(Refusal::Trouble(trouble))
}

fn no_space(free: f64, thin: bool) -> Result<(), Refusal> {
    Err(Refusal::Space { free, thin })
}

#[test]
fn a_total_is_whatever_python_reads_as_a_number() {
    let rows = || {
        vec![
            (json!("100"), Ok(())),
            (json!(" 1_00.5\n"), Ok(())),
            (json!(true), Ok(())),
            (json!(1e308), Ok(())),
            (json!(u64::MAX), Ok(())),
            (json!("infinite"), Ok(())),
            (json!("unknown"), Ok(())),
            (json!("missing"), Err(Refusal::NoStorage)),
            (json!(0), Err(Refusal::NoStorage)),
            (json!(false), Err(Refusal::NoStorage)),
            (json!(-5), Err(Refusal::NoStorage)),
            (json!("-inf"), Err(Refusal::NoStorage)),
            (json!(null), trouble(Trouble::Total)),
            (json!([100]), trouble(Trouble::Total)),
            (json!({"gb": 100}), trouble(Trouble::Total)),
            (json!(""), trouble(Trouble::Total)),
            (json!("many"), trouble(Trouble::Total)),
            (json!("Infinite"), trouble(Trouble::Total)),
            // Cinder takes the floor of these, which raises.
            (json!("nan"), trouble(Trouble::Total)),
            (json!("inf"), trouble(Trouble::Total)),
            (json!("1e400"), trouble(Trouble::Total)),
        ]
    };
    assert_outcomes(&pool("h@b#p", 100.0, 100.0), "total_capacity_gb", rows());
    assert_outcomes(&thin("h@b#p", 100.0, Some(2.0)), "total_capacity_gb", rows());
}

#[test]
fn a_free_capacity_must_be_a_number_but_for_thin_volumes_nobody_looks_at_it() {
    let key = "free_capacity_gb";
    assert_outcomes(
        &pool("h@b#p", 100.0, 100.0),
        key,
        vec![
            (json!(1e300), Ok(())),
            (json!(true), Ok(())),
            (json!("infinite"), Ok(())),
            (json!("unknown"), Ok(())),
            (json!(false), no_space(0.0, false)),
            (json!("missing"), no_space(0.0, false)),
            (json!(-5), no_space(-5.0, false)),
            (json!(0.994), no_space(0.99, false)),
            (json!(0.995), no_space(0.99, false)),
            (json!(0.996), Ok(())),
            (json!(null), Err(Refusal::FreeUnset)),
            (json!("100"), trouble(Trouble::Free)),
            (json!("inf"), trouble(Trouble::Free)),
            (json!(""), trouble(Trouble::Free)),
            (json!([]), trouble(Trouble::Free)),
            (json!({}), trouble(Trouble::Free)),
        ],
    );
    let mut unlooked: Vec<_> = [json!("100"), json!("inf"), json!([]), json!({}), json!(-5)]
        .map(|value| (value, Ok(())))
        .into();
    unlooked.push((json!(null), Err(Refusal::FreeUnset)));
    assert_outcomes(&thin("h@b#p", 100.0, Some(2.0)), key, unlooked);
}

#[test]
fn a_provisioned_capacity_must_be_a_number() {
    for thin_pool in [false, true] {
        let mut pool = thin("h@b#p", 100.0, Some(1.0));
        report(&mut pool, "thin_provisioning_support", thin_pool.into());
        assert_outcomes(
            &pool,
            "provisioned_capacity_gb",
            vec![
                (json!("missing"), Ok(())),
                (json!(true), Ok(())),
                (json!(-1000), Ok(())),
                (json!(99), Ok(())),
                (json!(99.5), if thin_pool { over() } else { no_space(0.5, false) }),
                (json!(null), trouble(Trouble::Provisioned)),
                (json!("5"), trouble(Trouble::Provisioned)),
                (json!("nan"), trouble(Trouble::Provisioned)),
                (json!([]), trouble(Trouble::Provisioned)),
                (json!({}), trouble(Trouble::Provisioned)),
            ],
        );
    }
    fn over() -> Result<(), Refusal> {
        Err(Refusal::OverSubscribed { available: 100.0 })
    }
}

#[test]
fn a_reserved_percentage_is_whatever_python_reads_as_a_number() {
    let key = "reserved_percentage";
    let rows = vec![
        (json!("missing"), Ok(())),
        (json!("5"), Ok(())),
        (json!(true), Ok(())),
        (json!(-10), Ok(())),
        (json!(100), no_space(0.0, false)),
        (json!("1e2"), no_space(0.0, false)),
        (json!(1000), no_space(-900.0, false)),
        (json!("five"), trouble(Trouble::ReservedPercentage)),
        (json!(""), trouble(Trouble::ReservedPercentage)),
        (json!(null), trouble(Trouble::ReservedPercentage)),
        (json!([5]), trouble(Trouble::ReservedPercentage)),
        (json!({}), trouble(Trouble::ReservedPercentage)),
        (json!("nan"), trouble(Trouble::Total)),
        (json!("inf"), trouble(Trouble::Total)),
    ];
    assert_outcomes(&pool("h@b#p", 100.0, 100.0), key, rows);
    let thin_rows = vec![
        (json!(100), trouble(Trouble::NothingAvailable)),
        (json!("100"), trouble(Trouble::NothingAvailable)),
        (json!(200), no_space(-200.0, true)),
        (json!("nan"), trouble(Trouble::Total)),
    ];
    assert_outcomes(&thin("h@b#p", 100.0, Some(2.0)), key, thin_rows);
}

#[test]
fn a_ratio_is_whatever_python_reads_as_a_number_and_an_odd_one_spoils_the_whole_report() {
    let key = "max_over_subscription_ratio";
    let pool = thin("h@b#p", 100.0, Some(2.0));
    let rows = vec![
        (json!("2.5"), Ok(())),
        (json!(true), Ok(())),
        (json!(1e308), Ok(())),
        (json!("inf"), Ok(())),
        (json!("missing"), Ok(())),
        (json!("auto"), Ok(())),
        (json!(0.5), Err(Refusal::RatioUnusable)),
        (json!("0"), Err(Refusal::RatioUnusable)),
        (json!(-3), Err(Refusal::RatioUnusable)),
        (json!("nan"), Err(Refusal::RatioUnusable)),
        (json!("two"), trouble(Trouble::Ratio)),
        (json!("Auto"), trouble(Trouble::Ratio)),
        (json!([2]), trouble(Trouble::Ratio)),
        (json!({"a": 2}), trouble(Trouble::Ratio)),
    ];
    for (value, expected) in &rows {
        assert_eq!(outcome(pool.clone(), &[(key, value.clone())]), *expected, "{value}");
        if *value != "missing" {
            let taken_in = Figures::new(&with(&pool, key, value), None).is_ok();
            assert_eq!(taken_in, *expected != trouble(Trouble::Ratio), "{value}");
        }
    }
    // Nobody looks at the ratio of a pool that is not thin, or has no bounds.
    for (other, value) in [
        ("thin_provisioning_support", json!(false)),
        ("total_capacity_gb", json!("infinite")),
        ("free_capacity_gb", json!("unknown")),
    ] {
        assert_eq!(
            outcome(pool.clone(), &[(other, value), (key, json!("two"))]),
            Ok(()),
            "{other}"
        );
    }
}

fn with(pool: &Pool, key: &str, value: &Value) -> Pool {
    let mut pool = pool.clone();
    report(&mut pool, key, value.clone());
    pool
}

#[test]
fn anything_but_nothing_is_support_of_thin_provisioning() {
    for (value, expected) in [
        (json!("False"), true),
        (json!("no"), true),
        (json!(1), true),
        (json!([0]), true),
        (json!(0), false),
        (json!(""), false),
        (json!(null), false),
        (json!([]), false),
    ] {
        let pool = with(&thin("h@b#p", 100.0, Some(2.0)), "thin_provisioning_support", &value);
        assert_eq!(Figures::new(&pool, None).expect("figures").thin, expected, "{value}");
    }
}

#[test]
fn an_auto_ratio_needs_numbers_once_something_is_provisioned() {
    let auto = thin("h@b#p", 100.0, None);
    let ratio = |provisioned: Value, other: &[(&str, Value)]| {
        let mut pool = with(&auto, "provisioned_capacity_gb", &provisioned);
        for (key, value) in other {
            report(&mut pool, key, value.clone());
        }
        Figures::new(&pool, None).map(|figures| figures.ratio)
    };
    assert_eq!(ratio(json!(0), &[("total_capacity_gb", json!("x"))]), Ok(20.0), "nobody looks");
    assert_eq!(ratio(json!(0.0), &[]), Ok(20.0));
    assert_eq!(ratio(json!(false), &[]), Ok(20.0));
    assert_eq!(ratio(json!("0"), &[]), Ok(1.0), "a text is not 0");
    assert_eq!(ratio(json!("5"), &[]), Ok(6.0));
    assert_eq!(ratio(json!(5), &[("total_capacity_gb", json!("100"))]), Err(Trouble::Ratio));
    assert_eq!(ratio(json!(5), &[("free_capacity_gb", json!("100"))]), Err(Trouble::Ratio));
    assert_eq!(ratio(json!(5), &[("free_capacity_gb", json!(null))]), Err(Trouble::Ratio));
    assert_eq!(ratio(json!("five"), &[]), Err(Trouble::Provisioned));
    assert_eq!(ratio(json!(null), &[]), Err(Trouble::Provisioned));
    let both = ratio(json!("five"), &[("free_capacity_gb", json!("x"))]);
    assert_eq!(both, Err(Trouble::Ratio), "what is used is worked out first");
}

#[test]
fn of_several_odd_figures_the_one_is_told_at_which_cinder_stops_first() {
    let x = || json!("x");
    let mut odd = vec![
        ("free_capacity_gb", json!(null)),
        ("reserved_percentage", x()),
        ("total_capacity_gb", x()),
        ("provisioned_capacity_gb", x()),
    ];
    let thick = || pool("h@b#p", 100.0, 100.0);
    let thin = || thin("h@b#p", 100.0, Some(2.0));
    assert_eq!(outcome(thick(), &odd), Err(Refusal::FreeUnset));
    odd[0].1 = json!("infinite");
    assert_eq!(outcome(thick(), &odd), trouble(Trouble::ReservedPercentage), "even then");
    odd[0].1 = x();
    assert_eq!(outcome(thick(), &odd), trouble(Trouble::ReservedPercentage));
    odd.remove(1);
    assert_eq!(outcome(thick(), &odd), trouble(Trouble::Total));
    odd.remove(1);
    assert_eq!(outcome(thick(), &odd), trouble(Trouble::Provisioned));
    assert_eq!(outcome(thin(), &odd), trouble(Trouble::Provisioned));
    odd.remove(1);
    assert_eq!(outcome(thick(), &odd), trouble(Trouble::Free));
    assert_eq!(outcome(thin(), &odd), Ok(()));
    odd.push(("total_capacity_gb", json!("infinite")));
    odd.push(("reserved_percentage", json!("nan")));
    assert_eq!(outcome(thick(), &odd), Err(Refusal::ReserveOfUnknown));
}
