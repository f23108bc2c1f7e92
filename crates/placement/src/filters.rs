//! The filters: each says of one pool whether it will do, and if not, why.

pub(crate) mod availability_zone;
mod capabilities;
pub(crate) mod capacity;
mod different_backend;
mod driver;
pub(crate) mod ignore_attempted_hosts;
mod instance_locality;
mod json;
pub(crate) mod max_gigabytes;
pub(crate) mod place;
mod same_backend;
#[cfg(test)]
mod tests;

use crate::candidate::Candidate;
use crate::refusal::Refusal;
use crate::request::Request;

/// Judges the pool at a place in the picture for one request; pure.
pub type Check = fn(&Request<'_>, usize, &Candidate) -> Result<(), Refusal>;

/// A filter that `scheduler_default_filters` can name.
#[derive(Debug)]
pub struct Filter {
    /// Cinder's class name.
    pub name: &'static str,
    /// The rule.
    pub check: Check,
}

/// Every filter there is.
pub static ALL: &[&Filter] = &[
    &availability_zone::FILTER,
    &capabilities::FILTER,
    &capacity::FILTER,
    &different_backend::FILTER,
    &driver::FILTER,
    &ignore_attempted_hosts::FILTER,
    &instance_locality::FILTER,
    &json::FILTER,
    &same_backend::FILTER,
];

/// Names that filters go by in configurations besides their own.
pub static ALIASES: &[(&str, &str)] = &[("RetryFilter", "IgnoreAttemptedHostsFilter")];
