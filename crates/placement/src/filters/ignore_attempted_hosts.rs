//! `IgnoreAttemptedHostsFilter`: the pool was not tried for this request before.

use super::Filter;
use crate::candidate::Candidate;
use crate::refusal::Refusal;
use crate::request::Request;

pub(crate) static FILTER: Filter = Filter { name: "IgnoreAttemptedHostsFilter", check };

fn check(request: &Request<'_>, _: usize, candidate: &Candidate) -> Result<(), Refusal> {
    let name = &candidate.pool.name;
    let tried = request.tried.iter().any(|tried| super::place::is_within(name, tried.as_str()));
    if tried { Err(Refusal::Tried) } else { Ok(()) }
}
