//! Requests that leave no choice: a volume from a snapshot or of a clone lives where its source lives, and an
//! administrator may name a host to the `simple` scheduler. These are not configured; they always apply.

use ashlar_types::PoolName;

use crate::candidate::Candidate;
use crate::refusal::Refusal;
use crate::request::Request;

/// The pool is where the request's source lives, if it has one.
pub(crate) fn check_pin(request: &Request<'_>, candidate: &Candidate) -> Result<(), Refusal> {
    match &request.spec.pinned {
        Some(to) if !is_within(&candidate.pool.name, to.as_str()) => Err(Refusal::Pinned),
        _ => Ok(()),
    }
}

/// The pool is on the host that an administrator named, if one did.
pub(crate) fn check_forced(request: &Request<'_>, candidate: &Candidate) -> Result<(), Refusal> {
    match &request.spec.forced {
        Some(to) if !is_on(&candidate.pool.name, to) => Err(Refusal::Forced),
        _ => Ok(()),
    }
}

/// `place` is this pool, or the backend that it belongs to.
pub(crate) fn is_within(pool: &PoolName, place: &str) -> bool {
    match pool.as_str().strip_prefix(place) {
        Some(rest) => rest.is_empty() || (rest.starts_with('#') && !place.contains('#')),
        None => false,
    }
}

/// `place` is this pool, its backend, or the host that it is on.
fn is_on(pool: &PoolName, place: &str) -> bool {
    is_within(pool, place) || pool.host() == place
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_pool_or_its_backend_and_nothing_that_only_starts_alike() {
        let pool = PoolName("h@b#p#1".to_owned());
        for place in ["h@b#p#1", "h@b"] {
            assert!(is_within(&pool, place), "{place}");
        }
        for place in ["h@b#p", "h@", "h", "h@b#", "h@bb", ""] {
            assert!(!is_within(&pool, place), "{place}");
        }
        assert!(is_on(&pool, "h") && !is_on(&pool, "h@") && !is_on(&pool, ""));
    }
}
