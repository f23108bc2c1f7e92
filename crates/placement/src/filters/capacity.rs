//! `CapacityFilter`: the volume fits into what the pool may still hand out.

use super::Filter;
use crate::candidate::Candidate;
use crate::refusal::Refusal;
use crate::request::Request;

pub(crate) static FILTER: Filter = Filter { name: "CapacityFilter", check };

fn check(request: &Request<'_>, _: usize, candidate: &Candidate) -> Result<(), Refusal> {
    let figures = candidate.figures.as_ref().map_err(|trouble| Refusal::Trouble(*trouble))?;
    figures.check(request.needed, request.provisioning)
}
