//! Each branch of the capacity rule, with numbers.

use super::*;
use crate::samples::{pool, thin};

fn fits(pool: &Pool, gib: u64) -> Result<(), Reason> {
    check(pool, Gib(gib), Provisioning::Thin, Some(20.0))
}

fn free(pool: &Pool, provisioning: Provisioning) -> f64 {
    match measure(pool, provisioning, Some(20.0)) {
        Ok(Room::Limited(room)) => room.free,
        other => panic!("no limited room: {other:?}"),
    }
}

#[test]
fn a_thick_pool_gives_what_is_free_and_unsold_and_not_reserved() {
    let mut pool = pool("h@b#p", 1000.0, 900.0);
    pool.stats.reserved_percentage = 5;
    pool.allocated = 500;
    assert_eq!(free(&pool, Provisioning::Thin), 450.0, "unsold is less than free");
    assert_eq!(fits(&pool, 450), Ok(()));
    let reason = fits(&pool, 451).expect_err("one too many");
    assert_eq!(reason.to_string(), "needs 451 GiB, 450 GiB free after 5 % reserved");
    pool.stats.free = Capacity::Gib(100.5);
    assert_eq!(free(&pool, Provisioning::Thin), 100.5, "free is less than unsold");
    assert!(fits(&pool, 101).is_err());
}

#[test]
fn what_is_held_counts_as_provisioned_and_as_not_free() {
    let mut pool = pool("h@b#p", 1000.0, 400.0);
    pool.held = 300;
    assert_eq!(free(&pool, Provisioning::Thick), 100.0);
    let mut pool = thin("h@b#p", 1000.0, Some(2.0));
    pool.allocated = 1000;
    pool.held = 300;
    assert_eq!(free(&pool, Provisioning::Thin), 700.0);
    let reason = fits(&pool, 701).expect_err("one too many");
    assert_eq!(
        reason.to_string(),
        "needs 701 GiB, 700 GiB free, sold 2 times over, 300 GiB held by operations under way"
    );
}

#[test]
fn the_reserve_is_whole_gibibytes_rounded_down() {
    let mut pool = pool("h@b#p", 99.0, 99.0);
    pool.stats.reserved_percentage = 10;
    assert_eq!(free(&pool, Provisioning::Thick), 90.0);
}

#[test]
fn a_thin_pool_is_sold_as_often_as_its_ratio_says_whatever_is_free() {
    let mut pool = thin("h@b#p", 100.0, Some(1.5));
    pool.stats.reserved_percentage = 10;
    pool.stats.free = Capacity::Gib(0.0);
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
    assert_eq!(check(&pool, Gib(100), Provisioning::Thick, None), Ok(()));
}

#[test]
fn a_ratio_that_is_not_said_is_the_default() {
    for unsaid in [0.0, f64::NAN, f64::INFINITY] {
        let pool = thin("h@b#p", 100.0, Some(unsaid));
        assert_eq!(free(&pool, Provisioning::Thin), 2000.0, "{unsaid}");
    }
}

#[test]
fn an_auto_ratio_follows_how_much_of_what_was_sold_is_used() {
    let mut pool = thin("h@b#p", 100.0, None);
    assert_eq!(free(&pool, Provisioning::Thin), 2000.0, "20 while it is empty");
    pool.allocated = 100;
    pool.stats.free = Capacity::Gib(51.0);
    assert_eq!(free(&pool, Provisioning::Thin), 200.0, "1 + 100 / (49 + 1) = 3");
    pool.held = 50;
    assert_eq!(free(&pool, Provisioning::Thin), 150.0, "a hold takes space and leaves the ratio");
    pool.stats.free = Capacity::Gib(101.0);
    assert_eq!(fits(&pool, 1), Err(Reason::RatioUnusable { ratio: None }), "used is -1");
}

#[test]
fn infinite_and_unknown_capacities_refuse_only_where_a_reserve_cannot_be_told() {
    for word in [Capacity::Infinite, Capacity::Unknown] {
        let mut pool = pool("h@b#p", 10.0, 10.0);
        pool.stats.free = word;
        pool.stats.reserved_percentage = 5;
        assert_eq!(fits(&pool, 1_000_000), Ok(()), "free is {word:?}");
        pool.stats.free = Capacity::Gib(10.0);
        pool.stats.total = word;
        let unknown = Reason::ReserveOfUnknown { reserved_percentage: 5 };
        assert_eq!(fits(&pool, 1), Err(unknown), "total is {word:?}");
        pool.stats.reserved_percentage = 0;
        assert_eq!(fits(&pool, 1_000_000), Ok(()), "total is {word:?}, no reserve");
    }
}

#[test]
fn no_storage_and_no_numbers_are_refused_and_nothing_always_fits() {
    assert_eq!(fits(&pool("h@b#p", 0.0, 0.0), 1), Err(Reason::NoStorage { total: 0.0 }));
    assert_eq!(fits(&pool("h@b#p", -5.0, 10.0), 1), Err(Reason::NoStorage { total: -5.0 }));
    assert_eq!(fits(&pool("h@b#p", f64::NAN, 10.0), 1), Err(Reason::NotANumber));
    assert_eq!(fits(&pool("h@b#p", 10.0, f64::INFINITY), 1), Err(Reason::NotANumber));
    assert_eq!(fits(&pool("h@b#p", 0.0, 0.0), 0), Ok(()));
}

#[test]
fn a_reserve_of_everything_leaves_nothing() {
    for (reserved, thin_pool) in [(100, true), (100, false), (150, true), (150, false)] {
        let mut pool = thin("h@b#p", 100.0, Some(20.0));
        pool.stats.thin = thin_pool;
        pool.stats.reserved_percentage = reserved;
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
