//! `IgnoreAttemptedHostsFilter`: the pool was not tried for this request before.

use ashlar_types::Pool;

use super::Filter;
use crate::Reason;
use crate::request::Request;

pub(super) static FILTER: Filter = Filter { name: "IgnoreAttemptedHostsFilter", check };

fn check(request: &Request<'_>, pool: &Pool) -> Result<(), Reason> {
    let tried = request.tried.iter().any(|tried| super::pin::is_within(&pool.name, tried.as_str()));
    if tried { Err(Reason::Tried) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use ashlar_types::PoolName;

    use super::*;
    use crate::Rules;
    use crate::samples;

    #[test]
    fn a_tried_pool_and_all_pools_of_a_tried_backend_are_refused() {
        let spec = samples::spec(1);
        let tried = [PoolName("h@b#p".to_owned()), PoolName("h@c".to_owned())];
        let request = Request::new(&spec, &tried, &Rules::default(), 0);
        let verdict = |name: &str| check(&request, &samples::pool(name, 10.0, 10.0));
        assert_eq!(verdict("h@b#p"), Err(Reason::Tried));
        assert_eq!(verdict("h@b#q"), Ok(()));
        assert_eq!(verdict("h@c#q"), Err(Reason::Tried));
        assert_eq!(verdict("h@cc#q"), Ok(()));
    }
}
