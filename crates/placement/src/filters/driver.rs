//! `DriverFilter`: the backend's own `filter_function` holds.

use super::Filter;
use crate::candidate::Candidate;
use crate::functions::{self, Verdict};
use crate::refusal::Refusal;
use crate::request::Request;

pub(super) static FILTER: Filter = Filter { name: "DriverFilter", check };

fn check(request: &Request<'_>, _: usize, candidate: &Candidate) -> Result<(), Refusal> {
    match functions::passes(request, candidate) {
        Verdict::Yes => Ok(()),
        Verdict::No => Err(Refusal::Function),
        Verdict::Failed => Err(Refusal::FunctionFailed),
    }
}
