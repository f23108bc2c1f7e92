//! A verdict in words, one row for each pool, for people who ask why.

use std::fmt::Write as _;

use ashlar_types::PoolName;
use serde::Serialize;

use crate::capacity::two_decimals;
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

/// The outcome in one line: the pool that was taken, how many fit, and how many each filter refused.
#[must_use]
pub fn summary(verdict: &Verdict, chosen: Option<&PoolName>) -> String {
    let (fit, all) = (verdict.ranked.len(), verdict.ranked.len() + verdict.rejected.len());
    let mut line = match chosen {
        Some(pool) => format!("{pool} chosen, {fit} of {all} pools fit"),
        None if fit > 0 => format!("none chosen, {fit} of {all} pools fit"),
        None => format!("none of {all} pools fits"),
    };
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for rejected in &verdict.rejected {
        match counts.iter_mut().find(|(filter, _)| *filter == rejected.filter) {
            Some((_, count)) => *count += 1,
            None => counts.push((&rejected.filter, 1)),
        }
    }
    counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    for (at, (filter, count)) in counts.into_iter().enumerate() {
        let separator = if at == 0 { "; refused by " } else { ", by " };
        let _ = write!(line, "{separator}{filter}: {count}");
    }
    line
}

fn scores(ranked: &Ranked) -> String {
    let mut detail = format!("score {:.3}", ranked.score);
    for (at, weight) in ranked.weights.iter().enumerate() {
        let separator = if at == 0 { " = " } else { " + " };
        let _ = write!(
            detail,
            "{separator}{:.3} ({} {}, normalised {:.3})",
            weight.weighted,
            weight.weigher,
            two_decimals(weight.raw),
            weight.normalised
        );
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
    use crate::{Rules, choose, samples};

    #[test]
    fn a_verdict_is_told_pool_by_pool_and_in_one_line() {
        let mut reserving = samples::pool("h@b#small", 392.0, 392.0);
        reserving.stats.reserved_percentage = 5;
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
        let verdict = choose(&spec, &pools, &[], &Rules::default(), 0);
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
        let verdict = choose(&samples::spec(1), &pools, &[], &Rules::default(), 0);
        let taken = Some(&pools[1].name);
        let told: Vec<_> =
            rows(&verdict, taken).into_iter().map(|row| (row.pool, row.verdict)).collect();
        assert_eq!(told, [("h@b#big".to_owned(), "fits"), ("h@b#half".to_owned(), "chosen")]);
        assert_eq!(summary(&verdict, taken), "h@b#half chosen, 2 of 2 pools fit");
    }
}
