//! `DifferentBackendFilter`: none of the volumes of the hint `different_host` lives in the pool.

use super::Filter;
use crate::candidate::Candidate;
use crate::hints::Volumes;
use crate::refusal::Refusal;
use crate::request::Request;

pub(super) static FILTER: Filter = Filter { name: "DifferentBackendFilter", check };

fn check(request: &Request<'_>, _: usize, candidate: &Candidate) -> Result<(), Refusal> {
    match &request.different_host {
        Volumes::None => Ok(()),
        Volumes::Bad => Err(Refusal::BadHint),
        Volumes::Named(_) if request.different_places.contains(&candidate.pool.name) => {
            Err(Refusal::NotDifferent)
        }
        Volumes::Named(_) => Ok(()),
    }
}
