//! The filters: each says of one pool whether it will do, and if not, why.

mod availability_zone;
mod capabilities;
mod capacity;
mod ignore_attempted_hosts;
pub(crate) mod pin;

use ashlar_types::Pool;

use crate::Reason;
use crate::request::Request;

/// Judges one pool for one request; pure.
pub type Check = fn(&Request<'_>, &Pool) -> Result<(), Reason>;

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
    &ignore_attempted_hosts::FILTER,
];
