//! The decision: every filter in order, every weigher over what is left.

#[cfg(test)]
mod tests;

use ashlar_types::Availability;

use crate::candidate::Candidate;
use crate::choice::{By, Choice, Mark};
use crate::filters::{capacity, max_gigabytes, place};
use crate::lot::lot;
use crate::picture::Picture;
use crate::reason::Trouble;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::rules::{Handler, Rule, Rules};
use crate::weighers::Weighed;
use crate::weighers::scale::Scale;

/// Judges every pool of `picture` for `request`, which was made for this very picture.
///
/// The result does not depend on the order in which the pools came. As in Cinder, pools that pass the filters but are
/// ruled out by the pin take part in the normalisation of weights.
#[must_use]
pub fn choose(request: &Request<'_>, picture: &Picture, rules: &Rules) -> Choice {
    let mut choice = decide(request, picture, rules, &[]);
    let mut left_out = Vec::new();
    // Cinder fails when it counts what was taken and a figure of the pool is no number, after it has chosen. Here the
    // pool is left out, and the others are judged as if it had never been a candidate.
    while let Some(uncountable) = choice.best(rules).and_then(|index| uncountable(picture, index)) {
        let at = left_out.partition_point(|(index, _): &(usize, Trouble)| *index < uncountable.0);
        left_out.insert(at, uncountable);
        if left_out.len() > MOST_LEFT_OUT {
            left_out =
                (0..picture.len()).filter_map(|index| self::uncountable(picture, index)).collect();
        }
        choice = decide(request, picture, rules, &left_out);
    }
    choice
}

/// So many are left out one by one; where there are more, all of their kind are at once.
const MOST_LEFT_OUT: usize = 8;

fn uncountable(picture: &Picture, index: usize) -> Option<(usize, Trouble)> {
    let figures = picture.candidates()[index].figures.as_ref().ok()?;
    figures.uncountable.map(|trouble| (index, trouble))
}

/// The decision without the pools in `left_out`, in the order of the picture, which are refused at once.
fn decide(
    request: &Request<'_>,
    picture: &Picture,
    rules: &Rules,
    left_out: &[(usize, Trouble)],
) -> Choice {
    let columns = rules.weighers().len();
    let mut choice = Choice {
        marks: Vec::with_capacity(picture.len()),
        weighed: Vec::with_capacity(picture.len()),
        raw: Vec::with_capacity(picture.len() * columns),
        scores: Vec::new(),
        scales: Vec::with_capacity(columns),
        winner: 0,
    };
    for (index, candidate) in picture.candidates().iter().enumerate() {
        let mark = match judge(request, picture, rules, (index, candidate)) {
            Err((by, refusal)) => Mark::Refused(by, refusal),
            Ok(()) => match left_out.binary_search_by_key(&index, |(left_out, _)| *left_out) {
                Ok(at) => Mark::Refused(By::Report, Refusal::Trouble(left_out[at].1)),
                Err(_) => weigh(request, picture, rules, candidate, &mut choice),
            },
        };
        if let Mark::Fits(_) = mark {
            choice.weighed.push(u32::try_from(index).unwrap_or(u32::MAX));
        }
        choice.marks.push(mark);
    }
    score(request.seed, rules, &mut choice);
    if request.spec.pinned.is_some() {
        for (mark, candidate) in choice.marks.iter_mut().zip(picture.candidates()) {
            if let (Mark::Fits(_), Err(refusal)) = (*mark, place::check_pin(request, candidate)) {
                *mark = Mark::Refused(By::Pin, refusal);
            }
        }
    }
    choice
}

/// What the first that refuses the pool says.
#[inline]
pub(crate) fn judge(
    request: &Request<'_>,
    picture: &Picture,
    rules: &Rules,
    (index, candidate): (usize, &Candidate),
) -> Result<(), (By, Refusal)> {
    if candidate.pool.availability != Availability::Up {
        return Err((By::Service, Refusal::Service(candidate.pool.availability)));
    }
    if let Err(trouble) = candidate.figures {
        return Err((By::Report, Refusal::Trouble(trouble)));
    }
    let forced = request.spec.forced.is_some();
    if forced {
        place::check_forced(request, candidate).map_err(|refusal| (By::Forced, refusal))?;
    } else {
        for (rule, number) in rules.filters().iter().zip(0_u8..) {
            let passes = match rule {
                Rule::Filter(filter) => (filter.check)(request, index, candidate),
                Rule::MaxGigabytes(limit) => {
                    max_gigabytes::check(request, picture, candidate, *limit)
                }
            };
            passes.map_err(|refusal| (By::Filter(number), refusal))?;
        }
    }
    if forced || rules.admits_beside_filters() {
        let admitted = (capacity::FILTER.check)(request, index, candidate);
        admitted.map_err(|refusal| (By::Admission, refusal))?;
    }
    Ok(())
}

/// Adds the pool's figures to the choice; or none, when a weigher can make nothing of it.
#[inline]
fn weigh(
    request: &Request<'_>,
    picture: &Picture,
    rules: &Rules,
    candidate: &Candidate,
    choice: &mut Choice,
) -> Mark {
    let before = choice.raw.len();
    for (column, number) in rules.weighers().iter().zip(0_u8..) {
        let weighed = Weighed { request, picture, candidate, multiplier: column.multiplier };
        match (column.weigher.score)(&weighed) {
            Ok(figure) if !figure.is_nan() => choice.raw.push(figure),
            outcome => {
                choice.raw.truncate(before);
                let trouble = outcome.err().unwrap_or(Trouble::Goodness);
                return Mark::Refused(By::Weigher(number), Refusal::Trouble(trouble));
            }
        }
    }
    Mark::Fits(u32::try_from(choice.weighed.len()).unwrap_or(u32::MAX))
}

/// Puts the figures in relation and sums them up.
pub(crate) fn score(seed: u64, rules: &Rules, choice: &mut Choice) {
    let columns = rules.weighers();
    for (column, number) in (0..columns.len()).zip(0_u8..) {
        let figures = choice.raw.iter().skip(column).step_by(columns.len()).copied();
        let Some(scale) = Scale::of(figures) else {
            if !choice.weighed.is_empty() {
                // All are boundless: nothing to tell them apart by.
                refuse_all(choice, By::Weigher(number), Trouble::NothingToWeigh);
            }
            return;
        };
        choice.scales.push(scale);
    }
    let proportional = rules.handler() == Handler::Stochastic;
    let plain = rules.handler() != Handler::Ordered;
    // Where the first weigher decides, its figure is the score.
    let counting = if rules.handler() == Handler::OneAfterAnother { 1 } else { columns.len() };
    choice.scores = (0..choice.weighed.len())
        .map(|row| {
            let raw = &choice.raw[row * columns.len()..];
            let figures = columns.iter().zip(raw).zip(&choice.scales).take(counting);
            // Figures and multipliers are finite, but what comes of them might not be. Adding 0 turns -0 into 0.
            figures.fold(0.0_f64, |sum, ((column, &raw), scale)| {
                let figure = if plain { scale.finite(raw) } else { scale.place(raw) };
                let weighted = (figure * column.multiplier).clamp(f64::MIN, f64::MAX);
                (sum + weighted + 0.0).clamp(f64::MIN, f64::MAX)
            })
        })
        .collect();
    if proportional {
        choice.winner = draw(&choice.scores, lot(seed, ""));
    }
}

fn refuse_all(choice: &mut Choice, by: By, trouble: Trouble) {
    for index in std::mem::take(&mut choice.weighed) {
        choice.marks[index as usize] = Mark::Refused(by, Refusal::Trouble(trouble));
    }
    choice.raw.clear();
    choice.scales.clear();
}

/// Draws one in proportion to its score: the first at which the sum so far passes the lot's part of the whole.
fn draw(scores: &[f64], lot: f64) -> usize {
    let whole: f64 = scores.iter().sum();
    let mark = lot * whole;
    let mut sum = 0.0;
    let passed = scores.iter().position(|score| {
        sum += score;
        sum > mark
    });
    passed.unwrap_or(0)
}
