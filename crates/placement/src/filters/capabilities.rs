//! `CapabilitiesFilter`: the pool reports what the volume type's extra specs demand.

use super::Filter;
use crate::candidate::Candidate;
use crate::refusal::Refusal;
use crate::request::{Operation, Request};

pub(super) static FILTER: Filter = Filter { name: "CapabilitiesFilter", check };

fn check(request: &Request<'_>, index: usize, candidate: &Candidate) -> Result<(), Refusal> {
    // Only a plain `false` counts; every backend is taken to be able to, as in Cinder.
    if request.operation == (Operation::Extend { attached: true })
        && candidate.pool.stats.get("online_extend_support") == Some(&false.into())
    {
        return Err(Refusal::OnlineExtend);
    }
    request.demands.check(index)
}
