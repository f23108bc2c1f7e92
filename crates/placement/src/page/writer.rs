//! Writing a page, case by case, as they are decided.

use std::collections::HashMap;
use std::fmt::Write as _;

use ashlar_types::volume_type::ExtraSpecs;

use super::body::{Applied, Asked, Body, CaseText, VERSION};
use super::columns::{self, write_float};
use super::refused::{self, Own, Shared};
use crate::candidate::Candidate;
use crate::choice::{By, Choice, Mark};
use crate::nearest::Miss;
use crate::picture::Picture;
use crate::reason::Reason;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::rules::Rules;

/// Cases of different kinds that are kept whole in memory, for later ones to be compared with.
const MOST_KNOWN: usize = 8;
/// Reasons that are looked through before all are asked for by their text.
const RECENT: usize = 8;
/// Stands for no reason: the pool will do.
const FITS: u32 = u32::MAX;

/// Writes a page about one picture. What was taken may be noted in the picture, and it may be updated, between cases.
#[derive(Debug)]
pub struct PageWriter {
    rules: Rules,
    pools: usize,
    body: Body,
    known: Vec<Known>,
    /// Numbers of reasons by their text.
    numbers: HashMap<String, u32>,
    /// Numbers of the reasons that were used last, the latest last.
    recent: Vec<u32>,
    /// Bytes of the columns and reasons so far.
    bytes: usize,
}

/// A case that later ones can be compared with.
#[derive(Debug, Clone)]
struct Known {
    slot: u32,
    asked: usize,
    extra_specs: ExtraSpecs,
    instance: Option<String>,
    cells: Vec<Cell>,
    /// For each pool one figure for each weigher; of no meaning where it was not weighed.
    raw: Vec<f64>,
}

/// What was decided about one pool.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Cell {
    mark: Mark,
    /// Number of the reason, or [`FITS`].
    reason: u32,
    own: Own,
    weighed: bool,
    version: i64,
}

impl PageWriter {
    /// An empty page about `picture`.
    #[must_use]
    pub fn new(rules: &Rules, picture: &Picture) -> Self {
        Self {
            rules: rules.clone(),
            pools: picture.len(),
            body: Body {
                v: VERSION,
                pools: picture.len(),
                at: picture.taken_at,
                rules: Applied::new(rules),
                refused: Vec::new(),
                asked: Vec::new(),
                cases: Vec::new(),
            },
            known: Vec::new(),
            numbers: HashMap::new(),
            recent: Vec::new(),
            bytes: 0,
        }
    }

    /// Adds a case, before anything is noted for it in the picture. `misses` are the changes with which it would have
    /// fitted, when nothing was chosen. The answer is its slot on the page.
    pub fn add(
        &mut self,
        request: &Request<'_>,
        choice: &Choice,
        picture: &Picture,
        misses: &[Miss],
    ) -> u32 {
        let slot = u32::try_from(self.body.cases.len()).unwrap_or(u32::MAX);
        let asked = self.asked(request);
        let (mut known, alike) = self.model(asked, request, slot);
        let like = (known.slot != slot).then_some(known.slot);
        let columns = self.rules.weighers().len();
        let (mut cells, mut rows) = (columns::Writer::default(), columns::Writer::default());
        let mut row = 0;
        for (index, (mark, candidate)) in choice.marks.iter().zip(picture.candidates()).enumerate()
        {
            let weighed = choice.weighed.get(row).is_some_and(|&it| it as usize == index);
            let raw = if weighed { &choice.raw[row * columns..][..columns] } else { &[] };
            row += usize::from(weighed);
            let before = known.cells.get(index).copied();
            let raw_before = &mut known.raw[index * columns..][..columns];
            let same_raw = same_figures(raw, raw_before);
            let comparable = alike && same_raw;
            if before.is_some_and(|before| {
                comparable && before.weighed == weighed && self.is_still(&before, *mark, candidate)
            }) {
                continue;
            }
            let cell = self.cell(request, *mark, candidate, weighed);
            raw_before[..raw.len()].copy_from_slice(raw);
            if !before.is_some_and(|before| same_raw && before.tells_the_same(&cell)) {
                cells.push(index, |text| cell.write(text, raw));
            }
            if before.is_none_or(|before| before.version != cell.version) {
                rows.push(index, |text| text.push_str(&cell.version.to_string()));
            }
            match known.cells.get_mut(index) {
                Some(place) => *place = cell,
                None => known.cells.push(cell),
            }
        }
        known.slot = slot;
        self.keep(known);
        let (cells, rows) = (cells.finish(), rows.finish());
        self.bytes += cells.len() + rows.len();
        self.body.cases.push(CaseText {
            like,
            asked,
            size: request.spec.size.0,
            needed: Some(request.needed).filter(|needed| *needed != request.spec.size.0),
            at: Some(picture.taken_at).filter(|at| *at != self.body.at),
            cells,
            rows,
            winner: choice.winner,
            misses: misses.to_vec(),
        });
        slot
    }

    /// How large the page is so far, in bytes, but for what every case has. A database takes only so much at once.
    #[must_use]
    pub fn size(&self) -> usize {
        self.bytes
    }

    /// The page as text.
    #[must_use]
    pub fn finish(self) -> String {
        serde_json::to_string(&self.body).expect("a page has text keys and finite numbers")
    }

    /// Number of what is asked for.
    fn asked(&mut self, request: &Request<'_>) -> usize {
        let asked = Asked::new(request);
        // The latest first: requests of one kind come together.
        let known = self.body.asked.iter().rposition(|known| *known == asked);
        known.unwrap_or_else(|| {
            self.body.asked.push(asked);
            self.body.asked.len() - 1
        })
    }

    /// The case to compare the new one with, taken out of those that are known, and whether the two were asked for the
    /// same: then a pool of which nothing changed has the same reason. When there is none, an empty one.
    fn model(&mut self, asked: usize, request: &Request<'_>, slot: u32) -> (Known, bool) {
        let extra_specs = &request.spec.volume_type.extra_specs;
        let instance = request.facts.instance.clone().and_then(Result::ok);
        let alike = self.known.iter().position(|known| {
            known.asked == asked && known.extra_specs == *extra_specs && known.instance == instance
        });
        if let Some(at) = alike {
            return (self.known.remove(at), true);
        }
        let (slot, cells, raw) = match self.known.last() {
            Some(last) => (last.slot, last.cells.clone(), last.raw.clone()),
            None => {
                let figures = self.pools * self.rules.weighers().len();
                (slot, Vec::with_capacity(self.pools), vec![0.0; figures])
            }
        };
        (Known { slot, asked, extra_specs: extra_specs.clone(), instance, cells, raw }, false)
    }

    fn keep(&mut self, known: Known) {
        if self.known.len() >= MOST_KNOWN {
            self.known.remove(0);
        }
        self.known.push(known);
    }

    /// Whether nothing about the pool changed, when the request is of the same kind: its mark tells most of it, the rest
    /// of the reason hangs on its figures.
    #[inline]
    fn is_still(&self, before: &Cell, mark: Mark, candidate: &Candidate) -> bool {
        if before.version != candidate.pool.version {
            return false;
        }
        let refusal = match (before.mark, mark) {
            (Mark::Fits(_), Mark::Fits(_)) => return true,
            (Mark::Refused(_, refusal), now) if now == before.mark => refusal,
            _ => return false,
        };
        match (refusal, before.own) {
            (Refusal::Space { .. }, Own::Space { held, .. }) => held == candidate.pool.held,
            (Refusal::OverSubscribed { .. }, Own::Promised { promised, .. }) => {
                promised == refused::promised(candidate)
            }
            (Refusal::Zone, _) => match &self.body.refused[before.reason as usize].reason {
                Reason::Zone { zone, .. } => *zone == candidate.pool.availability_zone,
                _ => false,
            },
            // What is wrong may have to do with any figure.
            (Refusal::FunctionFailed, _) => false,
            _ => true,
        }
    }

    fn cell(
        &mut self,
        request: &Request<'_>,
        mark: Mark,
        candidate: &Candidate,
        weighed: bool,
    ) -> Cell {
        let version = candidate.pool.version;
        match mark {
            Mark::Fits(_) => Cell { mark, reason: FITS, own: Own::Nothing, weighed, version },
            Mark::Refused(by, refusal) => {
                let (reason, own) = refused::split(refusal.reason(request, candidate), candidate);
                let reason = self.number(by, reason);
                Cell { mark, reason, own, weighed, version }
            }
        }
    }

    /// Number of a reason.
    fn number(&mut self, by: By, reason: Reason) -> u32 {
        let by = by.name(&self.rules);
        let is_it = |number: &u32| {
            let known = &self.body.refused[*number as usize];
            known.reason == reason && known.by == by
        };
        if let Some(number) = self.recent.iter().rev().copied().find(is_it) {
            return number;
        }
        let shared = Shared { by: by.into(), reason };
        let text =
            serde_json::to_string(&shared).expect("a reason has text keys and finite numbers");
        let (next, bytes) = (u32::try_from(self.body.refused.len()).unwrap_or(FITS), text.len());
        let number = *self.numbers.entry(text).or_insert(next);
        if number == next {
            self.bytes += bytes;
            self.body.refused.push(shared);
        }
        if self.recent.len() >= RECENT {
            self.recent.remove(0);
        }
        self.recent.push(number);
        number
    }
}

/// Whether the figures are the same to the last bit. Those of a pool that was not weighed are.
fn same_figures(now: &[f64], before: &[f64]) -> bool {
    now.iter().zip(before).all(|(now, before)| now.to_bits() == before.to_bits())
}

impl Cell {
    /// Whether both read the same on the page, but for the figures.
    fn tells_the_same(&self, other: &Self) -> bool {
        self.reason == other.reason && self.own == other.own && self.weighed == other.weighed
    }

    /// `r3:12:1` refused, `5,7` weighed, `r3=5,7` both; `w` where there are no weighers.
    fn write(&self, text: &mut String, raw: &[f64]) {
        if self.reason != FITS {
            // Writing to a string does not fail.
            let _ = write!(text, "r{}", self.reason);
            refused::write(text, self.own);
            if !self.weighed {
                return;
            }
            text.push('=');
        }
        for (at, figure) in raw.iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            write_float(text, *figure);
        }
        if raw.is_empty() {
            text.push('w');
        }
    }
}
