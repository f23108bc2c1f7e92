//! The registry: all endpoints in one tree of path segments, built once, matched without allocation by level.

use std::collections::HashMap;

use http::Method;

use crate::endpoint::Endpoint;
use crate::measure::Meter;
use crate::policy::{DefaultRole, default_role};
use crate::version::Version;

/// An endpoint with what is derived from it.
#[derive(Debug)]
pub struct Route {
    /// The table's entry.
    pub endpoint: &'static Endpoint,
    /// The role that its rule wants.
    pub role: DefaultRole,
    /// Its metrics.
    pub meter: Meter,
    /// Names of the segments that vary, in order.
    names: Vec<&'static str>,
}

impl Route {
    /// Pairs the path's names with `values`.
    #[must_use]
    pub fn params(&self, values: &[&str]) -> Vec<(&'static str, String)> {
        self.names.iter().copied().zip(values.iter().map(|&value| value.to_owned())).collect()
    }
}

/// A place in the tree.
#[derive(Debug, Default)]
struct Node {
    fixed: HashMap<&'static str, usize>,
    varying: Option<usize>,
    routes: Vec<Route>,
}

/// All endpoints, ready to be found.
#[derive(Debug)]
pub struct Registry {
    nodes: Vec<Node>,
}

/// The routes of a path that exists.
#[derive(Debug)]
pub struct Place<'r, 'p> {
    /// Every endpoint of the path, of all methods.
    routes: &'r [Route],
    /// The segments that stand for names, in order.
    pub values: Vec<&'p str>,
}

impl Registry {
    /// Builds the tree.
    ///
    /// # Panics
    /// When the tables contradict themselves: an unknown rule, a missing leading slash, or two endpoints for
    /// the same request. The tables are constants and a test builds them, so this cannot happen in service.
    #[must_use]
    pub fn new(tables: &[&'static [Endpoint]]) -> Self {
        let mut registry = Self { nodes: vec![Node::default()] };
        for endpoint in tables.iter().copied().flatten() {
            registry.add(endpoint);
        }
        registry
    }

    fn add(&mut self, endpoint: &'static Endpoint) {
        let op = endpoint.op;
        let path = endpoint.path.strip_prefix('/').expect("a path starts with a slash");
        let mut names = Vec::new();
        let mut at = 0;
        for segment in path.split('/') {
            let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            names.extend(name);
            at = self.child(at, segment, name.is_some());
        }
        let role = endpoint.rule.map_or(DefaultRole::AnyToken, |rule| {
            default_role(rule).unwrap_or_else(|| panic!("{op}: there is no rule {rule}"))
        });
        let routes = &mut self.nodes[at].routes;
        let clash = routes.iter().find(|other| overlaps(other.endpoint, endpoint));
        assert!(
            clash.is_none(),
            "{op} and {:?} answer the same request",
            clash.map(|r| r.endpoint.op)
        );
        routes.push(Route { endpoint, role, meter: Meter::new(op), names });
    }

    fn child(&mut self, at: usize, segment: &'static str, varying: bool) -> usize {
        let next = self.nodes.len();
        let node = &mut self.nodes[at];
        let child = if varying {
            *node.varying.get_or_insert(next)
        } else {
            *node.fixed.entry(segment).or_insert(next)
        };
        if child == next {
            self.nodes.push(Node::default());
        }
        child
    }

    /// Every route there is.
    pub fn routes(&self) -> impl Iterator<Item = &Route> {
        self.nodes.iter().flat_map(|node| &node.routes)
    }

    /// Finds the path that `segments` make; fixed segments go before varying ones.
    #[must_use]
    pub fn find<'r, 'p>(&'r self, segments: &[&'p str]) -> Option<Place<'r, 'p>> {
        let mut values = Vec::with_capacity(3);
        let routes = self.descend(0, segments, &mut values)?;
        Some(Place { routes, values })
    }

    fn descend<'r, 'p>(
        &'r self,
        at: usize,
        segments: &[&'p str],
        values: &mut Vec<&'p str>,
    ) -> Option<&'r [Route]> {
        let node = &self.nodes[at];
        let Some((first, rest)) = segments.split_first() else {
            return (!node.routes.is_empty()).then_some(&node.routes);
        };
        if let Some(&child) = node.fixed.get(first)
            && let Some(routes) = self.descend(child, rest, values)
        {
            return Some(routes);
        }
        let child = node.varying?;
        values.push(first);
        let found = self.descend(child, rest, values);
        if found.is_none() {
            values.pop();
        }
        found
    }
}

impl<'r> Place<'r, '_> {
    /// Whether the path knows `method`.
    #[must_use]
    pub fn knows(&self, method: &Method) -> bool {
        self.routes.iter().any(|route| route.endpoint.method == *method)
    }

    /// The methods that the path knows, for `Allow`.
    #[must_use]
    pub fn allowed(&self) -> String {
        let mut names: Vec<&str> =
            self.routes.iter().map(|route| route.endpoint.method.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names.join(", ")
    }

    /// Whether requests by `method` are told apart by the body's single key.
    #[must_use]
    pub fn has_actions(&self, method: &Method) -> bool {
        self.routes
            .iter()
            .any(|route| route.endpoint.method == *method && route.endpoint.action.is_some())
    }

    /// Whether `action` exists here at some microversion.
    #[must_use]
    pub fn knows_action(&self, action: &str) -> bool {
        self.routes.iter().any(|route| route.endpoint.action == Some(action))
    }

    /// The endpoint for `method` (and `action`) at `version`.
    #[must_use]
    pub fn route(
        &self,
        method: &Method,
        action: Option<&str>,
        version: Version,
    ) -> Option<&'r Route> {
        self.routes.iter().find(|route| {
            route.endpoint.method == *method
                && route.endpoint.action == action
                && route.endpoint.answers(version)
        })
    }
}

fn overlaps(one: &Endpoint, other: &Endpoint) -> bool {
    one.method == other.method
        && one.action == other.action
        && one.max.is_none_or(|max| other.min <= max)
        && other.max.is_none_or(|max| one.min <= max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Answer;
    use crate::endpoint::Outcome;
    use crate::request::Request;
    use crate::run;
    use crate::version::v3;

    async fn nothing(_: &Request) -> Outcome {
        Ok(Answer::empty(http::StatusCode::OK))
    }

    static TABLE: &[Endpoint] = &[
        Endpoint::get("list", "/volumes", run!(nothing)).rule("volume:get_all"),
        Endpoint::post("create", "/volumes", run!(nothing)),
        Endpoint::get("detail", "/volumes/detail", run!(nothing)),
        Endpoint::get("summary", "/volumes/summary", run!(nothing)).since(12),
        Endpoint::get("show", "/volumes/{volume_id}", run!(nothing)),
        Endpoint::get("meta", "/volumes/{volume_id}/metadata/{key}", run!(nothing)),
        Endpoint::action("extend", "/volumes/{volume_id}/action", "os-extend", run!(nothing)),
        Endpoint::action("revert", "/volumes/{volume_id}/action", "revert", run!(nothing))
            .since(40),
    ];

    fn op(registry: &Registry, path: &str, minor: u16) -> Option<&'static str> {
        let segments: Vec<&str> = path.split('/').collect();
        let place = registry.find(&segments)?;
        place.route(&Method::GET, None, v3(minor)).map(|route| route.endpoint.op)
    }

    #[test]
    fn fixed_segments_go_before_varying_ones_and_leave_them_the_rest() {
        let registry = Registry::new(&[TABLE]);
        assert_eq!(op(&registry, "volumes", 0), Some("list"));
        assert_eq!(op(&registry, "volumes/detail", 0), Some("detail"));
        assert_eq!(op(&registry, "volumes/abc", 0), Some("show"));
        assert_eq!(op(&registry, "volumes/detail/metadata/k", 0), Some("meta"));
        assert_eq!(op(&registry, "volumes/abc/unknown", 0), None);
        assert_eq!(op(&registry, "", 0), None);
    }

    #[test]
    fn values_are_paired_with_the_paths_names() {
        let registry = Registry::new(&[TABLE]);
        let place = registry.find(&["volumes", "detail", "metadata", "k"]).expect("known");
        let route = place.route(&Method::GET, None, v3(0)).expect("known");
        assert_eq!(
            route.params(&place.values),
            [("volume_id", "detail".to_owned()), ("key", "k".to_owned())]
        );
    }

    #[test]
    fn an_endpoint_is_not_there_below_its_version() {
        let registry = Registry::new(&[TABLE]);
        assert_eq!(op(&registry, "volumes/summary", 11), None);
        assert_eq!(op(&registry, "volumes/summary", 12), Some("summary"));
        let place = registry.find(&["volumes", "x", "action"]).expect("known");
        assert!(place.knows_action("revert") && !place.knows_action("explode"));
        assert!(place.route(&Method::POST, Some("revert"), v3(39)).is_none());
        assert!(place.route(&Method::POST, Some("revert"), v3(40)).is_some());
    }

    #[test]
    fn a_path_tells_its_methods() {
        let registry = Registry::new(&[TABLE]);
        let place = registry.find(&["volumes"]).expect("known");
        assert_eq!(place.allowed(), "GET, POST");
        assert!(!place.knows(&Method::DELETE));
        assert!(!place.has_actions(&Method::POST));
    }
}
