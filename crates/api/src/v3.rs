//! The resources of API v3, each with its table of endpoints.
//!
//! A resource is `v3/<name>.rs` with `pub static ENDPOINTS: &[Endpoint]` and a line in [`TABLES`]. A handler is
//! an `async fn(&Request) -> Outcome`, named in the table through [`run!`](crate::run). The dispatcher has
//! checked microversion, body schema and, unless the table says `rule_after_load`, the policy rule; a handler
//! that loads something first calls [`Request::authorize`](crate::Request::authorize) after it.

pub mod attachments;
pub mod availability_zones;
pub mod capabilities;
pub mod extensions;
pub mod limits;
pub mod messages;
pub mod quota_class_sets;
pub mod quota_sets;
pub mod scheduler_stats;
pub mod services;
pub mod snapshots;
pub mod types;
pub mod versions;
pub mod volumes;

use crate::endpoint::Endpoint;

/// The tables of all resources. A new resource adds a line.
pub static TABLES: &[&[Endpoint]] = &[
    volumes::ENDPOINTS,
    volumes::action::ENDPOINTS,
    volumes::metadata::ENDPOINTS,
    volumes::encryption::ENDPOINTS,
    snapshots::ENDPOINTS,
    attachments::ENDPOINTS,
    messages::ENDPOINTS,
    limits::ENDPOINTS,
    quota_sets::ENDPOINTS,
    quota_class_sets::ENDPOINTS,
    types::ENDPOINTS,
    services::ENDPOINTS,
    availability_zones::ENDPOINTS,
    scheduler_stats::ENDPOINTS,
    capabilities::ENDPOINTS,
    extensions::ENDPOINTS,
];

#[cfg(test)]
mod tests {
    use crate::registry::Registry;
    use crate::version::Version;
    use serde_json::Value;

    #[test]
    fn the_tables_agree_with_each_other_and_every_schema_compiles() {
        let registry = Registry::new(super::TABLES);
        for route in registry.routes() {
            if let Some(body) = route.endpoint.body {
                drop(body.check(Version::MAX, &Value::Null));
            }
        }
    }

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let mut names: Vec<&str> =
            super::TABLES.iter().copied().flatten().map(|endpoint| endpoint.op).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
