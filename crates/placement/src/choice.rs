//! The outcome of one decision in the form in which it is made: for every pool one mark, nothing allocated per pool.
//! What people and the database get is a [`Verdict`], made from it when it is wanted.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::picture::Picture;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::rules::{Handler, Rule, Rules};
use crate::verdict::{self, Ranked, Rejected, Verdict, Weight};
use crate::weighers::scale::Scale;

/// Who refused a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    /// Its service cannot be given work.
    Service,
    /// Its report cannot be taken in.
    Report,
    /// The filter of this number in the configuration.
    Filter(u8),
    /// Capacity, whichever filters are configured: what is refused here would not be admitted either.
    Admission,
    /// The weigher of this number: it can make nothing of the pool.
    Weigher(u8),
    /// The volume's source lives elsewhere.
    Pin,
    /// An administrator named another host.
    Forced,
}

/// What was decided about one pool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mark {
    /// It will do; its place among those that do.
    Fits(u32),
    /// It will not.
    Refused(By, Refusal),
}

/// Every pool of the picture, exactly once, fitting or refused.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Choice {
    /// In the order of the picture.
    pub(crate) marks: Vec<Mark>,
    /// Places in the picture of the pools that were weighed, in the order of the picture.
    pub(crate) weighed: Vec<u32>,
    /// For each of those, each weigher's own figure.
    pub(crate) raw: Vec<f64>,
    /// For each of those, the sum of the weighted figures.
    pub(crate) scores: Vec<f64>,
    /// For each weigher, how its figures are put in relation.
    pub(crate) scales: Vec<Scale>,
    /// Of those that were weighed, the one that won the draw of the stochastic handler.
    pub(crate) winner: usize,
}

impl Choice {
    /// How many pools will do.
    #[must_use]
    pub fn fitting(&self) -> usize {
        self.rows().count()
    }

    /// The mark of the pool at `index` of the picture.
    #[must_use]
    pub fn mark(&self, index: usize) -> Option<Mark> {
        self.marks.get(index).copied()
    }

    /// Place in the picture of the pool to use.
    #[must_use]
    pub fn best(&self, rules: &Rules) -> Option<usize> {
        self.best_of(rules, |_| true)
    }

    /// The same among the pools that `allowed` allows.
    #[must_use]
    pub fn best_of(&self, rules: &Rules, allowed: impl Fn(usize) -> bool) -> Option<usize> {
        // The first of equals: pools stand in order of their names.
        let best = self.rows().filter(|&row| allowed(self.index(row))).reduce(|best, row| {
            if self.compare(rules, row, best) == Ordering::Greater { row } else { best }
        });
        best.map(|row| self.index(row))
    }

    /// Places in the picture of the pools that will do, the best first.
    #[must_use]
    pub fn ranking(&self, rules: &Rules) -> Vec<usize> {
        let mut rows: Vec<usize> = self.rows().collect();
        // Stable, so equals stay in order of their names.
        rows.sort_by(|&a, &b| self.compare(rules, b, a));
        rows.into_iter().map(|row| self.index(row)).collect()
    }

    /// The whole decision in words and numbers of its own.
    #[must_use]
    pub fn verdict(&self, request: &Request<'_>, picture: &Picture, rules: &Rules) -> Verdict {
        let candidates = picture.candidates();
        let ranked = self.ranking(rules).into_iter().filter_map(|index| {
            let Some(Mark::Fits(row)) = self.mark(index) else { return None };
            let pool = candidates.get(index)?.pool.name.clone();
            let row = row as usize;
            Some(Ranked { pool, score: self.scores[row], weights: self.weights(rules, row) })
        });
        let rejected = self.marks.iter().zip(candidates).filter_map(|(mark, candidate)| {
            let Mark::Refused(by, refusal) = mark else { return None };
            Some(Rejected {
                pool: candidate.pool.name.clone(),
                filter: Cow::Borrowed(by.name(rules)),
                reason: refusal.reason(request, candidate),
            })
        });
        Verdict { ranked: ranked.collect(), rejected: rejected.collect() }
    }

    /// What each weigher said of the pool at this place among the weighed.
    pub(crate) fn weights(&self, rules: &Rules, row: usize) -> Vec<Weight> {
        let columns = rules.weighers();
        let raw = self.raw[row * columns.len()..].iter();
        let scales = self.scales.iter();
        columns
            .iter()
            .zip(raw)
            .zip(scales)
            .map(|((column, &raw), scale)| column.weight(raw, scale))
            .collect()
    }

    /// Places among the weighed of those that will do.
    fn rows(&self) -> impl Iterator<Item = usize> + '_ {
        let fits = |row: &usize| matches!(self.marks[self.index(*row)], Mark::Fits(_));
        (0..self.weighed.len()).filter(fits)
    }

    fn index(&self, row: usize) -> usize {
        self.weighed[row] as usize
    }

    /// Greater is better.
    fn compare(&self, rules: &Rules, a: usize, b: usize) -> Ordering {
        match rules.handler() {
            Handler::Ordered => self.scores[a].total_cmp(&self.scores[b]),
            Handler::Stochastic => {
                // The list is turned so that the winner comes first.
                let turned = |row: usize| (row < self.winner, row);
                turned(b).cmp(&turned(a))
            }
            Handler::OneAfterAnother => {
                let columns = rules.weighers();
                let figure = |row: usize, column: usize| {
                    self.raw[row * columns.len() + column] * columns[column].multiplier
                };
                let orders = (0..columns.len()).map(|it| figure(a, it).total_cmp(&figure(b, it)));
                orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
            }
        }
    }
}

impl By {
    /// Class name of the filter or weigher, or a word for what is not configured.
    #[must_use]
    pub fn name(self, rules: &Rules) -> &'static str {
        match self {
            Self::Service => verdict::SERVICE,
            Self::Report => verdict::REPORT,
            Self::Filter(number) => rules.filters().get(usize::from(number)).map_or("", Rule::name),
            Self::Admission => verdict::ADMISSION,
            Self::Weigher(number) => {
                rules.weighers().get(usize::from(number)).map_or("", |column| column.weigher.name)
            }
            Self::Pin => verdict::PIN,
            Self::Forced => verdict::FORCED,
        }
    }
}
