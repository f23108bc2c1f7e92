//! `InstanceLocalityFilter`: the pool is on the host of the instance that the hint `local_to_instance` names.

use super::Filter;
use crate::candidate::Candidate;
use crate::hints::Instance;
use crate::reason::Trouble;
use crate::refusal::Refusal;
use crate::request::Request;

pub(super) static FILTER: Filter = Filter { name: "InstanceLocalityFilter", check };

fn check(request: &Request<'_>, _: usize, candidate: &Candidate) -> Result<(), Refusal> {
    match request.instance {
        Instance::None => Ok(()),
        Instance::On(host) if candidate.pool.name.host() == host => Ok(()),
        Instance::On(_) => Err(Refusal::InstanceElsewhere),
        Instance::Bad => Err(Refusal::Trouble(Trouble::InstanceHint)),
        Instance::Unknown => Err(Refusal::Trouble(Trouble::Instance)),
    }
}
