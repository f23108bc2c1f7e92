//! `JsonFilter`: the condition in the hint `query` holds of the pool.

use super::Filter;
use crate::attributes::PoolAttributes;
use crate::candidate::Candidate;
use crate::reason::Trouble;
use crate::refusal::Refusal;
use crate::request::Request;

pub(super) static FILTER: Filter = Filter { name: "JsonFilter", check };

fn check(request: &Request<'_>, _: usize, candidate: &Candidate) -> Result<(), Refusal> {
    let Some(query) = &request.query else { return Ok(()) };
    let passes = query.as_ref().map(|query| query.passes(&PoolAttributes::new(candidate)));
    match passes {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => Err(Refusal::Query),
        Ok(Err(_)) | Err(_) => Err(Refusal::Trouble(Trouble::Query)),
    }
}
