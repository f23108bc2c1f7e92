//! `CapabilitiesFilter`: the pool reports what the volume type's extra specs demand.

use ashlar_types::Pool;

use super::Filter;
use crate::Reason;
use crate::request::Request;

pub(super) static FILTER: Filter = Filter { name: "CapabilitiesFilter", check };

fn check(request: &Request<'_>, pool: &Pool) -> Result<(), Reason> {
    request.requirements.iter().try_for_each(|requirement| requirement.check(pool))
}
