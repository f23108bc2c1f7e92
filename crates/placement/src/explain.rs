//! A verdict in words, one row for each pool, for people who ask why.

use std::fmt::Write as _;

use ashlar_types::PoolName;
use serde::Serialize;

use crate::Reason;
use crate::figures::two_decimals;
use crate::verdict::{Ranked, Rejected, Verdict};

/// One pool's row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The pool's name.
    pub pool: String,
    /// `chosen`, `fits` or `rejected`.
    pub verdict: &'static str,
    /// Scores or the reason.
    pub detail: String,
}

/// Rows of a verdict: the pools that fit from best to worst, then the rejected ones by name. `chosen` is the pool
/// that was taken, which is not always the best: one that has failed the volume before comes after the others.
#[must_use]
pub fn rows(verdict: &Verdict, chosen: Option<&PoolName>) -> Vec<Row> {
    let ranked = verdict.ranked.iter().map(|ranked| Row {
        pool: ranked.pool.to_string(),
        verdict: if chosen == Some(&ranked.pool) { "chosen" } else { "fits" },
        detail: scores(ranked),
    });
    ranked.chain(verdict.rejected.iter().map(rejection)).collect()
}

/// Pools up to which none is left out of a brief telling.
const FEW: usize = 30;
/// The best pools that a brief telling names of more.
const BEST: usize = 10;

/// [`rows`], when there are few pools. Of more, the best and the one that was taken are told, and of each filter how many
/// it refused, with the pool that was nearest to passing.
#[must_use]
pub fn brief_rows(verdict: &Verdict, chosen: Option<&PoolName>) -> Vec<Row> {
    let all = rows(verdict, chosen);
    if all.len() <= FEW {
        return all;
    }
    let fit = verdict.ranked.len();
    let best = all.into_iter().take(fit).enumerate();
    let mut told: Vec<Row> = best
        .filter(|(at, row)| *at < BEST || row.verdict == "chosen")
        .map(|(_, row)| row)
        .collect();
    if told.len() < fit {
        let detail = "with lower scores".to_owned();
        told.push(Row { pool: pools(fit - told.len()), verdict: "fits", detail });
    }
    for (filter, refused) in by_filter(verdict) {
        let Some(nearest) = refused.iter().copied().reduce(nearer) else { continue };
        told.push(match refused.len() {
            1 => rejection(nearest),
            count => Row {
                pool: pools(count),
                verdict: "rejected",
                detail: format!("{filter}; {}: {}", nearest.pool, nearest.reason),
            },
        });
    }
    told
}

fn pools(count: usize) -> String {
    if count == 1 { "1 pool".to_owned() } else { format!("{count} pools") }
}

/// The one with more room, where room is what is wanting; else the first.
fn nearer<'v>(one: &'v Rejected, other: &'v Rejected) -> &'v Rejected {
    match (&one.reason, &other.reason) {
        (Reason::Space { free: less, .. }, Reason::Space { free: more, .. }) if more > less => {
            other
        }
        _ => one,
    }
}

/// What each filter refused, the one that refused most first.
fn by_filter(verdict: &Verdict) -> Vec<(&str, Vec<&Rejected>)> {
    let mut filters: Vec<(&str, Vec<&Rejected>)> = Vec::new();
    for rejected in &verdict.rejected {
        match filters.iter_mut().find(|(filter, _)| *filter == rejected.filter) {
            Some((_, refused)) => refused.push(rejected),
            None => filters.push((&rejected.filter, vec![rejected])),
        }
    }
    filters.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then(a.0.cmp(b.0)));
    filters
}

/// The outcome in one line: the pool that was taken, how many fit, and how many each filter refused.
#[must_use]
pub fn summary(verdict: &Verdict, chosen: Option<&PoolName>) -> String {
    let (fit, all) = (verdict.ranked.len(), verdict.ranked.len() + verdict.rejected.len());
    let mut line = match chosen {
        Some(pool) => format!("{pool} chosen, {fit} of {all} pools fit"),
        None if fit > 0 => format!("none chosen, {fit} of {all} pools fit"),
        None => format!("none of {all} pools fits"),
    };
    for (at, (filter, refused)) in by_filter(verdict).into_iter().enumerate() {
        let separator = if at == 0 { "; refused by " } else { ", by " };
        let _ = write!(line, "{separator}{filter}: {}", refused.len());
    }
    line
}

fn scores(ranked: &Ranked) -> String {
    let mut detail = format!("score {:.3}", ranked.score);
    let sum: f64 = ranked.weights.iter().map(|weight| weight.weighted).sum();
    // Where the first weigher decides, the others are for equals.
    let next = if sum == ranked.score { " + " } else { ", then " };
    for (at, weight) in ranked.weights.iter().enumerate() {
        let separator = if at == 0 { " = " } else { next };
        let raw = two_decimals(weight.raw);
        let _ = write!(detail, "{separator}{:.3} ({} {raw}", weight.weighted, weight.weigher);
        // Some handlers take figures as they are.
        if weight.normalised != weight.raw {
            let _ = write!(detail, ", normalised {:.3}", weight.normalised);
        }
        detail.push(')');
    }
    detail
}

fn rejection(rejected: &Rejected) -> Row {
    Row {
        pool: rejected.pool.to_string(),
        verdict: "rejected",
        detail: format!("{}: {}", rejected.filter, rejected.reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Rules, samples};

    #[test]
    fn a_verdict_is_told_pool_by_pool_and_in_one_line() {
        let mut reserving = samples::pool("h@b#small", 392.0, 392.0);
        samples::report(&mut reserving, "reserved_percentage", 5.into());
        let mut away = samples::pool("h@b#away", 2000.0, 2000.0);
        away.availability_zone = "west".to_owned();
        let pools = [
            samples::pool("h@b#big", 1000.0, 1000.0),
            samples::pool("h@b#half", 700.0, 650.0),
            reserving,
            away,
        ];
        let mut spec = samples::spec(600);
        spec.availability_zones = vec!["nova".to_owned()];
        let verdict = samples::decide(&spec, &pools, &[], &Rules::default(), 0);
        let told: Vec<_> = rows(&verdict, verdict.chosen())
            .into_iter()
            .map(|row| format!("{} | {} | {}", row.pool, row.verdict, row.detail))
            .collect();
        assert_eq!(
            told,
            [
                "h@b#big | chosen | score 1.000 = 1.000 (CapacityWeigher 1000, normalised 1.000)",
                "h@b#half | fits | score 0.000 = 0.000 (CapacityWeigher 650, normalised 0.000)",
                "h@b#away | rejected | AvailabilityZoneFilter: is in zone 'west', wanted is 'nova'",
                "h@b#small | rejected | CapacityFilter: needs 600 GiB, 373 GiB free after 5 % reserved",
            ]
        );
        assert_eq!(
            summary(&verdict, verdict.chosen()),
            "h@b#big chosen, 2 of 4 pools fit; refused by AvailabilityZoneFilter: 1, by CapacityFilter: 1"
        );
        assert_eq!(summary(&Verdict::default(), None), "none of 0 pools fits");
    }

    #[test]
    fn the_pool_that_was_taken_is_labelled_although_another_is_better() {
        let pools =
            [samples::pool("h@b#big", 1000.0, 1000.0), samples::pool("h@b#half", 700.0, 650.0)];
        let verdict = samples::decide(&samples::spec(1), &pools, &[], &Rules::default(), 0);
        let taken = Some(&pools[1].name);
        let told: Vec<_> =
            rows(&verdict, taken).into_iter().map(|row| (row.pool, row.verdict)).collect();
        assert_eq!(told, [("h@b#big".to_owned(), "fits"), ("h@b#half".to_owned(), "chosen")]);
        assert_eq!(summary(&verdict, taken), "h@b#half chosen, 2 of 2 pools fit");
    }

    #[test]
    fn of_many_pools_the_best_are_told_and_how_many_each_filter_refused() {
        let mut pools: Vec<_> = (0..50_u32)
            .map(|number| {
                samples::pool(&format!("h@b#{number:02}"), 100.0 + f64::from(number), 90.0)
            })
            .collect();
        pools[0].availability_zone = "west".to_owned();
        for (number, pool) in (0_u32..).zip(&mut pools[1..20]) {
            samples::report(pool, "free_capacity_gb", number.into());
        }
        let mut spec = samples::spec(50);
        spec.availability_zones = vec!["nova".to_owned()];
        let verdict = samples::decide(&spec, &pools, &[], &Rules::default(), 0);
        let told = brief_rows(&verdict, Some(&pools[49].name));
        let told: Vec<_> =
            told.iter().map(|row| (row.pool.as_str(), row.verdict, row.detail.as_str())).collect();
        assert_eq!(told.len(), 10 + 1 + 1 + 2);
        assert_eq!((told[0].0, told[0].1), ("h@b#20", "fits"));
        assert_eq!((told[10].0, told[10].1), ("h@b#49", "chosen"));
        assert_eq!(
            told[11..],
            [
                ("19 pools", "fits", "with lower scores"),
                ("19 pools", "rejected", "CapacityFilter; h@b#19: needs 50 GiB, 18 GiB free"),
                (
                    "h@b#00",
                    "rejected",
                    "AvailabilityZoneFilter: is in zone 'west', wanted is 'nova'"
                ),
            ]
        );
        assert_eq!(brief_rows(&verdict, None).len(), 10 + 1 + 2);
    }
}
