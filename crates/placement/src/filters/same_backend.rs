//! `SameBackendFilter`: one of the volumes of the hint `same_host` lives in the pool.

use super::Filter;
use crate::candidate::Candidate;
use crate::hints::Volumes;
use crate::refusal::Refusal;
use crate::request::Request;

pub(super) static FILTER: Filter = Filter { name: "SameBackendFilter", check };

fn check(request: &Request<'_>, _: usize, candidate: &Candidate) -> Result<(), Refusal> {
    match &request.same_host {
        Volumes::None => Ok(()),
        Volumes::Bad => Err(Refusal::BadHint),
        Volumes::Named(_) if request.same_places.contains(&candidate.pool.name) => Ok(()),
        Volumes::Named(_) => Err(Refusal::NotSame),
    }
}
