//! `CapacityFilter`: the volume fits into what the pool may still hand out.

use ashlar_types::Pool;

use super::Filter;
use crate::Reason;
use crate::capacity;
use crate::request::Request;

pub(super) static FILTER: Filter = Filter { name: "CapacityFilter", check };

fn check(request: &Request<'_>, pool: &Pool) -> Result<(), Reason> {
    let default_ratio = request.max_over_subscription_ratio;
    capacity::check(pool, request.spec.size, request.provisioning, default_ratio)
}
