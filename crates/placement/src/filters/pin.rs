//! The pin: a volume from a snapshot or of a clone lives where its source lives. It is not configured; it always applies.

use ashlar_types::{Pool, PoolName, RequestSpec, request_spec::Pinned};

use crate::Reason;

/// The pool is where the request has to go, if it has to go anywhere.
pub(crate) fn check(spec: &RequestSpec, pool: &Pool) -> Result<(), Reason> {
    let to = match &spec.pinned {
        None => return Ok(()),
        Some(Pinned::Pool(name)) => name.as_str(),
        Some(Pinned::Backend(name)) => name.as_str(),
    };
    if is_within(&pool.name, to) { Ok(()) } else { Err(Reason::Pinned { to: to.to_owned() }) }
}

/// `place` is this pool, or the backend that it belongs to.
pub(crate) fn is_within(pool: &PoolName, place: &str) -> bool {
    match pool.as_str().strip_prefix(place) {
        Some(rest) => rest.is_empty() || (rest.starts_with('#') && !place.contains('#')),
        None => false,
    }
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
    }
}
