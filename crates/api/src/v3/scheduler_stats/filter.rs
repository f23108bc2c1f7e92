//! Which pools a list is to have. Only the configured filters count from 3.31 on, for administrators too;
//! from 3.28 until then any key that pools report.

use ashlar_types::Pool;
use serde_json::Value;

use super::view::capabilities;
use crate::body::python::display;
use crate::fault::Fault;
use crate::filters::{Filter, Filters, Rules};
use crate::query::read_boolean;
use crate::request::Request;
use crate::version::{Version, v3};

/// `volume_type` is a filter from 3.35 on; below it is dropped.
const BY_TYPE: Version = v3(35);
/// Below, filters are dropped.
const FILTERED: Version = v3(28);
/// `detail` is a parameter of its own.
const RULES: Rules = Rules { resource: "pool", since: &[], counts: false };

/// What was asked.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct PoolFilter {
    /// Only this pool.
    name: Option<String>,
    /// Only pools that report what the type with this name or identity demands.
    pub volume_type: Option<String>,
    /// Only pools that report these.
    capabilities: Vec<(String, String)>,
}

impl PoolFilter {
    /// Reads the request's query.
    ///
    /// # Errors
    /// 400 for a filter that is not configured, from 3.31 on.
    pub fn of(request: &Request) -> Result<Self, Fault> {
        let query = request.query.without("detail");
        let configured = &request.app.settings.resource_filters;
        let is_admin = request.caller.is_admin;
        let mut filters = Filters::read(&query, request.version, is_admin, configured, &RULES)?;
        if request.version < FILTERED {
            return Ok(Self::default());
        }
        let name = filters.take("name");
        let volume_type = filters.take("volume_type").filter(|_| request.version >= BY_TYPE);
        let pair = |Filter { key, value, .. }| (key, value);
        let capabilities = filters.list.into_iter().map(pair).collect();
        Ok(Self { name, volume_type, capabilities })
    }

    /// Only pools that report `value` under `key`.
    #[cfg(test)]
    pub(super) fn by_capability(key: &str, value: &str) -> Self {
        Self { capabilities: vec![(key.to_owned(), value.to_owned())], ..Self::default() }
    }

    /// Whether `pool` passes, its type's demands left aside.
    #[must_use]
    pub fn admits(&self, pool: &Pool) -> bool {
        if self.name.as_deref().is_some_and(|name| name != pool.name.as_str()) {
            return false;
        }
        if self.capabilities.is_empty() {
            return true;
        }
        let reported = capabilities(pool, None);
        self.capabilities.iter().all(|(key, wanted)| is_same(reported.get(key), wanted))
    }
}

/// As Cinder compares what came in a query: booleans by their words, everything else as text.
fn is_same(reported: Option<&Value>, wanted: &str) -> bool {
    match reported {
        None | Some(Value::Null) => false,
        Some(Value::Bool(truth)) => *truth == read_boolean(wanted).unwrap_or(false),
        Some(value) => display(value) == wanted,
    }
}
