//! The resources of API v3, each with its table of endpoints.
//!
//! A resource is `v3/<name>.rs` with `pub static ENDPOINTS: &[Endpoint]` and a line in [`TABLES`]. A handler is
//! an `async fn(&Request) -> Outcome`, named in the table through [`run!`](crate::run). The dispatcher has
//! checked microversion, body schema and, unless the table says `rule_after_load`, the policy rule; a handler
//! that loads something first calls [`Request::authorize`](crate::Request::authorize) after it.

pub mod attachments;
pub mod availability_zones;
pub mod capabilities;
pub mod cgsnapshots;
pub mod clusters;
pub mod consistencygroups;
pub mod default_types;
pub mod extensions;
pub mod group_snapshots;
pub mod group_specs;
pub mod group_types;
pub mod groups;
pub mod hosts;
pub mod limits;
pub mod manageable_snapshots;
pub mod manageable_volumes;
pub mod messages;
pub mod qos_specs;
pub mod quota_class_sets;
pub mod quota_sets;
pub mod resource_filters;
pub mod scheduler_stats;
pub mod services;
pub mod snapshots;
pub mod transfers;
pub mod types;
pub mod versions;
pub mod volumes;
pub mod workers;

mod manageable;

use crate::endpoint::Endpoint;

/// The tables of all resources. A new resource adds a line.
pub static TABLES: &[&[Endpoint]] = &[
    volumes::ENDPOINTS,
    volumes::action::ENDPOINTS,
    volumes::metadata::ENDPOINTS,
    volumes::encryption::ENDPOINTS,
    snapshots::ENDPOINTS,
    manageable_volumes::ENDPOINTS,
    manageable_snapshots::ENDPOINTS,
    attachments::ENDPOINTS,
    messages::ENDPOINTS,
    limits::ENDPOINTS,
    quota_sets::ENDPOINTS,
    quota_class_sets::ENDPOINTS,
    types::ENDPOINTS,
    default_types::ENDPOINTS,
    qos_specs::ENDPOINTS,
    services::ENDPOINTS,
    clusters::ENDPOINTS,
    workers::ENDPOINTS,
    hosts::ENDPOINTS,
    availability_zones::ENDPOINTS,
    scheduler_stats::ENDPOINTS,
    capabilities::ENDPOINTS,
    extensions::ENDPOINTS,
    resource_filters::ENDPOINTS,
    transfers::ENDPOINTS,
    group_types::ENDPOINTS,
    group_specs::ENDPOINTS,
    groups::ENDPOINTS,
    group_snapshots::ENDPOINTS,
    consistencygroups::ENDPOINTS,
    cgsnapshots::ENDPOINTS,
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
