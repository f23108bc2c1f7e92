//! `AvailabilityZoneFilter`: the pool's service is in one of the zones asked for, if any are.

use super::Filter;
use crate::candidate::Candidate;
use crate::refusal::Refusal;
use crate::request::Request;

pub(crate) static FILTER: Filter = Filter { name: "AvailabilityZoneFilter", check };

fn check(request: &Request<'_>, _: usize, candidate: &Candidate) -> Result<(), Refusal> {
    let wanted = &request.spec.availability_zones;
    if wanted.is_empty() || wanted.contains(&candidate.pool.availability_zone) {
        Ok(())
    } else {
        Err(Refusal::Zone)
    }
}
