//! One backend for several requests: where a group is to live whose volumes are of several types.
//!
//! Cinder judges every type for itself and keeps the backends that will do for all of them, in the order of the
//! first type. A backend counts as soon as one of its pools will do; the volumes choose among its pools later.

use std::collections::HashSet;

use ashlar_types::BackendName;

use crate::choice::Choice;
use crate::choose::choose;
use crate::picture::Picture;
use crate::request::Request;
use crate::rules::Rules;

/// Why there is no backend for all of them.
#[derive(Debug, Clone, PartialEq)]
pub enum Apart {
    /// No pool will do for the request of this number; why not.
    Request(usize, Box<Choice>),
    /// Every request has its pools, but no backend has one for each.
    Backends,
}

/// The place in `picture` of the pool that is best for the first request, on a backend that will do for all of
/// `requests`, which were made for this very picture.
///
/// # Errors
/// [`Apart`]. Without requests there is nothing to choose: [`Apart::Backends`].
pub fn choose_together(
    requests: &[Request<'_>],
    picture: &Picture,
    rules: &Rules,
) -> Result<usize, Apart> {
    let backend = |index: &usize| picture.candidates()[*index].pool.name.backend();
    let mut ranking: Option<Vec<usize>> = None;
    for (number, request) in requests.iter().enumerate() {
        let choice = choose(request, picture, rules);
        let fitting = choice.ranking(rules);
        if fitting.is_empty() {
            return Err(Apart::Request(number, Box::new(choice)));
        }
        match &mut ranking {
            None => ranking = Some(fitting),
            Some(ranking) => {
                let there: HashSet<BackendName> = fitting.iter().map(backend).collect();
                ranking.retain(|index| there.contains(&backend(index)));
            }
        }
    }
    ranking.and_then(|ranking| ranking.first().copied()).ok_or(Apart::Backends)
}

#[cfg(test)]
mod tests {
    use ashlar_types::RequestSpec;

    use super::*;
    use crate::Facts;
    use crate::samples::{pool, report, spec};

    fn of_kind(kind: &str) -> RequestSpec {
        let mut spec = spec(0);
        spec.volume_type.extra_specs.insert("kind".to_owned(), Some(kind.to_owned()));
        spec
    }

    /// Where a group with volumes of these kinds goes, among pools that each report one kind.
    fn placed(pools: &[(&str, &str, f64)], kinds: &[&str]) -> Result<String, Apart> {
        let pools = pools.iter().map(|(name, kind, free)| {
            let mut pool = pool(name, 100.0, *free);
            report(&mut pool, "kind", (*kind).into());
            pool
        });
        let now = ashlar_types::Timestamp::default();
        let picture = Picture::new(pools.collect(), Some(1.0), now);
        let (specs, facts) = (kinds.iter().map(|kind| of_kind(kind)), Facts::default());
        let specs: Vec<RequestSpec> = specs.collect();
        let request = |spec| Request::new(spec, &[], &facts, &picture, 1);
        let requests: Vec<Request<'_>> = specs.iter().map(request).collect();
        let chosen = choose_together(&requests, &picture, &Rules::default())?;
        Ok(picture.candidates()[chosen].pool.name.0.clone())
    }

    #[test]
    fn the_backend_has_a_pool_for_every_type_and_the_first_type_says_which_is_best() {
        let pools = [
            ("h@a#fast", "fast", 90.0),
            ("h@b#fast", "fast", 10.0),
            ("h@b#slow", "slow", 99.0),
            ("h@c#fast", "fast", 50.0),
            ("h@c#slow", "slow", 1.0),
        ];
        assert_eq!(placed(&pools, &["fast"]), Ok("h@a#fast".to_owned()));
        assert_eq!(placed(&pools, &["fast", "slow"]), Ok("h@c#fast".to_owned()));
        assert_eq!(placed(&pools, &["slow", "fast"]), Ok("h@b#slow".to_owned()));
    }

    #[test]
    fn types_that_no_backend_has_together_are_told_from_a_type_that_none_has() {
        let pools = [("h@a#fast", "fast", 90.0), ("h@b#slow", "slow", 90.0)];
        assert_eq!(placed(&pools, &["fast", "slow"]), Err(Apart::Backends));
        assert!(matches!(placed(&pools, &["fast", "none"]), Err(Apart::Request(1, _))));
        assert_eq!(placed(&pools, &[]), Err(Apart::Backends));
    }
}
