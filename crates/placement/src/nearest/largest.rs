//! The largest size for which a pool will do.

use std::cmp::Reverse;

use ashlar_types::Gib;

use super::{Search, Variant};
use crate::candidate::Candidate;
use crate::choice::By;
use crate::choose::judge;
use crate::figures::Figures;
use crate::filters::capacity;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::rules::Rule;

/// Sizes that are tried on the whole picture: the largest by the pools' own figures nearly always does.
const MOST_TRIED: usize = 16;
/// Pools whose function is asked for several sizes.
const MOST_FUNCTIONS: usize = 64;

/// The largest size from `bounds.0` to `bounds.1` for which the variant fits, and the pool that would be chosen.
///
/// Of a pool that passes all filters but for its room the size follows from its figures. Of one whose
/// `filter_function` says no, it is looked for by halving, as if smaller volumes were always more welcome.
pub(super) fn find(
    search: &Search<'_, '_>,
    variant: &Variant,
    (least, most): (u64, u64),
) -> Option<(u64, usize)> {
    if least > most {
        return None;
    }
    let Variant { spec, facts, .. } = variant;
    let mut roomless = Request::new(spec, search.request.tried, facts, search.picture, 0);
    // Nothing more always fits, so this asks everything but room.
    roomless.needed = 0;
    let (mut sizes, mut functions) = (Vec::new(), 0);
    for (index, candidate) in search.picture.candidates().iter().enumerate() {
        let verdict = judge(&roomless, search.picture, search.rules, (index, candidate));
        let asks = match verdict {
            Ok(()) => false,
            Err((By::Filter(_), Refusal::Function | Refusal::FunctionFailed)) => {
                functions += 1;
                functions <= MOST_FUNCTIONS
            }
            Err(_) => continue,
        };
        let uncountable = candidate.figures.as_ref().is_ok_and(|it| it.uncountable.is_some());
        if uncountable || (verdict.is_err() && !asks) {
            continue;
        }
        let by_room = by_room(search, &roomless, candidate, most).filter(|size| *size >= least);
        let size = by_room.and_then(|most| {
            let passes = |size| passes(search, variant, (index, candidate), size);
            if asks { halve((least, most), passes) } else { Some(most) }
        });
        sizes.extend(size);
    }
    sizes.sort_unstable_by_key(|size| Reverse(*size));
    sizes.dedup();
    sizes.into_iter().take(MOST_TRIED).find_map(|size| {
        let mut smaller = variant.clone();
        smaller.spec.size = Gib(size);
        search.best(&smaller).map(|index| (size, index))
    })
}

/// The largest size, at most `most`, for which the pool has room.
fn by_room(
    search: &Search<'_, '_>,
    request: &Request<'_>,
    candidate: &Candidate,
    mut most: u64,
) -> Option<u64> {
    let rules = search.rules;
    let forced = request.spec.forced.is_some();
    for rule in rules.filters() {
        if let (Rule::MaxGigabytes(limit), false) = (rule, forced) {
            let used = search.picture.gigabytes_of(candidate.backend);
            most = most.min(limit.saturating_sub(used));
        }
    }
    let counts = forced || rules.admits_beside_filters() || rules.has_filter(capacity::FILTER.name);
    if !counts {
        return Some(most);
    }
    let figures = candidate.figures.as_ref().ok()?;
    largest_of(figures, request, most)
}

fn largest_of(figures: &Figures, request: &Request<'_>, most: u64) -> Option<u64> {
    let fits = |size: u64| size > 0 && figures.check(size, request.provisioning).is_ok();
    if fits(most) {
        return Some(most);
    }
    let free = figures.room(request.provisioning).ok()?.free;
    if free < 1.0 || free.is_nan() {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is at least 1")]
    let most = most.min(free as u64);
    halve((1, most), fits)
}

/// The pool passes with this size.
fn passes(
    search: &Search<'_, '_>,
    variant: &Variant,
    (index, candidate): (usize, &Candidate),
    size: u64,
) -> bool {
    let mut spec = variant.spec.clone();
    spec.size = Gib(size);
    let request = Request::new(&spec, search.request.tried, &variant.facts, search.picture, 0);
    judge(&request, search.picture, search.rules, (index, candidate)).is_ok()
}

/// The largest number in the bounds that passes, when all smaller ones do as well.
fn halve((least, most): (u64, u64), passes: impl Fn(u64) -> bool) -> Option<u64> {
    if least > most {
        return None;
    }
    if passes(most) {
        return Some(most);
    }
    if !passes(least) {
        return None;
    }
    let (mut passing, mut failing) = (least, most);
    while failing - passing > 1 {
        let middle = passing + (failing - passing) / 2;
        *(if passes(middle) { &mut passing } else { &mut failing }) = middle;
    }
    Some(passing)
}
