//! Reading a page.

use std::borrow::Cow;

use ashlar_types::{Gib, PoolName, Timestamp};
use serde::Deserialize;

use super::body::{Applied, Asked, Body, CaseText, VERSION};
use super::columns::{apply, read_float, read_whole};
use super::{PageError, refused};
use crate::choice::{By, Choice, Mark};
use crate::choose::score;
use crate::nearest::Miss;
use crate::picture::Picture;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::rules::Rules;
use crate::verdict::{Ranked, Rejected, Verdict};

/// A page that was read. What is wrong with one of its cases is found when that case is asked for.
#[derive(Debug)]
pub struct Page {
    names: Vec<PoolName>,
    body: Body,
    rules: Rules,
}

/// One decision with all that it was made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Size of the volume.
    pub size: Gib,
    /// What was needed: the size, or the difference when a volume grows.
    pub needed: Gib,
    /// What was asked for besides.
    pub asked: Asked,
    /// What it was decided by.
    pub rules: Applied,
    /// When the picture of the pools was taken.
    pub taken_at: Timestamp,
    /// Versions of the pools' rows that it shows, in order of the pools' names.
    pub rows: Vec<(PoolName, i64)>,
    /// Every pool's verdict.
    pub verdict: Verdict,
    /// What would have fitted, when nothing did.
    pub misses: Vec<Miss>,
}

impl Case {
    /// The case that was just decided, without a page in between.
    #[must_use]
    pub fn of(
        request: &Request<'_>,
        choice: &Choice,
        picture: &Picture,
        rules: &Rules,
        misses: Vec<Miss>,
    ) -> Self {
        let pools = picture.candidates().iter().map(|candidate| &candidate.pool);
        Self {
            size: request.spec.size,
            needed: Gib(request.needed),
            asked: Asked::new(request),
            rules: Applied::new(rules),
            taken_at: picture.taken_at,
            rows: pools.map(|pool| (pool.name.clone(), pool.version)).collect(),
            verdict: choice.verdict(request, picture, rules),
            misses,
        }
    }
}

#[derive(Deserialize)]
struct Form {
    v: u64,
}

impl Page {
    /// Reads a page about the pools of these names.
    ///
    /// # Errors
    /// [`PageError`]: not a page, of another version, damaged, or about other pools.
    pub fn read(json: &str, names: &[PoolName]) -> Result<Self, PageError> {
        let no_page = |error: serde_json::Error| PageError::NoPage(error.to_string());
        let Form { v } = serde_json::from_str(json).map_err(no_page)?;
        if v != u64::from(VERSION) {
            return Err(PageError::Version(v));
        }
        let body: Body = serde_json::from_str(json).map_err(no_page)?;
        if body.pools != names.len() {
            return Err(PageError::Names { on_page: body.pools, names: names.len() });
        }
        let rules = body.rules.order().ok_or(PageError::Weighers)?;
        Ok(Self { names: names.to_vec(), body, rules })
    }

    /// The case in this slot.
    ///
    /// # Errors
    /// [`PageError`]: there is none, or the page is damaged.
    pub fn case(&self, slot: u32) -> Result<Case, PageError> {
        let chain = self.chain(slot)?;
        let case = chain[0];
        let (mut cells, mut rows) = (vec![""; self.names.len()], vec![""; self.names.len()]);
        for earlier in chain.iter().rev() {
            apply(&earlier.cells, &mut cells)?;
            apply(&earlier.rows, &mut rows)?;
        }
        let asked = self.body.asked.get(case.asked);
        let needed = case.needed.unwrap_or(case.size);
        let rows =
            self.names.iter().zip(rows).map(|(name, row)| Ok((name.clone(), read_whole(row)?)));
        Ok(Case {
            size: Gib(case.size),
            needed: Gib(needed),
            asked: asked.ok_or(PageError::Damaged("a request is missing"))?.clone(),
            rules: self.body.rules.clone(),
            taken_at: case.at.unwrap_or(self.body.at),
            rows: rows.collect::<Result<_, PageError>>()?,
            verdict: self.verdict(&cells, needed, case.winner)?,
            misses: case.misses.clone(),
        })
    }

    /// The case, the one that it is like, the one that that is like, …
    fn chain(&self, slot: u32) -> Result<Vec<&CaseText>, PageError> {
        let get = |slot: u32| self.body.cases.get(slot as usize);
        let mut at = slot;
        let mut chain = vec![get(slot).ok_or(PageError::NoCase(slot))?];
        while let Some(earlier) = chain.last().and_then(|case| case.like) {
            if earlier >= at {
                return Err(PageError::Damaged("a case is like a later one"));
            }
            at = earlier;
            chain.push(get(earlier).ok_or(PageError::Damaged("an earlier case is missing"))?);
        }
        Ok(chain)
    }

    fn verdict(&self, cells: &[&str], needed: u64, winner: usize) -> Result<Verdict, PageError> {
        let columns = self.rules.weighers().len();
        let mut choice = Choice::default();
        let mut rejected = Vec::new();
        for (cell, (index, name)) in cells.iter().zip((0_u32..).zip(&self.names)) {
            let (refusal, raw) = match cell.strip_prefix('r') {
                None => (None, Some(*cell)),
                Some(text) => match text.split_once('=') {
                    Some((refusal, raw)) => (Some(refusal), Some(raw)),
                    None => (Some(text), None),
                },
            };
            let row = u32::try_from(choice.weighed.len()).unwrap_or(u32::MAX);
            if let Some(raw) = raw {
                let before = choice.raw.len();
                read_raw(raw, &mut choice.raw)?;
                if choice.raw.len() != before + columns {
                    return Err(PageError::Damaged("a pool has too few figures or too many"));
                }
                choice.weighed.push(index);
            }
            choice.marks.push(match refusal {
                None => Mark::Fits(row),
                Some(text) => {
                    rejected.push(self.rejected(name, text, needed)?);
                    // Which it was does not matter any more.
                    Mark::Refused(By::Pin, Refusal::Pinned)
                }
            });
        }
        let weighed = choice.weighed.len();
        score(0, &self.rules, &mut choice);
        choice.winner = winner;
        if choice.scores.len() != weighed {
            return Err(PageError::Damaged("the figures cannot be put in relation"));
        }
        let ranked = choice.ranking(&self.rules).into_iter().filter_map(|index| {
            let Some(Mark::Fits(row)) = choice.mark(index) else { return None };
            let (pool, row) = (self.names.get(index)?.clone(), row as usize);
            Some(Ranked {
                pool,
                score: choice.scores[row],
                weights: choice.weights(&self.rules, row),
            })
        });
        Ok(Verdict { ranked: ranked.collect(), rejected })
    }

    fn rejected(&self, pool: &PoolName, text: &str, needed: u64) -> Result<Rejected, PageError> {
        let mut parts = text.split(':');
        let number: usize = read_whole(parts.next().unwrap_or_default())?;
        let shared =
            self.body.refused.get(number).ok_or(PageError::Damaged("a reason is missing"))?;
        let filter = Cow::clone(&shared.by);
        let reason = refused::join(&shared.reason, parts, needed)?;
        Ok(Rejected { pool: pool.clone(), filter, reason })
    }
}

fn read_raw(text: &str, raw: &mut Vec<f64>) -> Result<(), PageError> {
    if text == "w" {
        return Ok(());
    }
    for figure in text.split(',') {
        raw.push(read_float(figure)?);
    }
    Ok(())
}
