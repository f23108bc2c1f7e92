//! `AvailabilityZoneFilter`: the pool's service is in one of the zones asked for, if any are.

use ashlar_types::Pool;

use super::Filter;
use crate::Reason;
use crate::request::Request;

pub(super) static FILTER: Filter = Filter { name: "AvailabilityZoneFilter", check };

fn check(request: &Request<'_>, pool: &Pool) -> Result<(), Reason> {
    let wanted = &request.spec.availability_zones;
    if wanted.is_empty() || wanted.contains(&pool.availability_zone) {
        return Ok(());
    }
    Err(Reason::Zone { zone: pool.availability_zone.clone(), wanted: wanted.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rules;
    use crate::samples;

    #[test]
    fn only_the_zones_asked_for_will_do_and_any_when_none_is() {
        let mut spec = samples::spec(1);
        let pool = samples::pool("h@b#p", 10.0, 10.0);
        let verdict = |spec: &ashlar_types::RequestSpec| {
            check(&Request::new(spec, &[], &Rules::default(), 0), &pool)
        };
        assert_eq!(verdict(&spec), Ok(()));
        spec.availability_zones = vec!["other".to_owned(), "nova".to_owned()];
        assert_eq!(verdict(&spec), Ok(()));
        spec.availability_zones = vec!["other".to_owned(), "third".to_owned()];
        let reason = verdict(&spec).expect_err("no zone fits");
        assert_eq!(reason.to_string(), "is in zone 'nova', wanted is 'other' or 'third'");
    }
}
