//! Filters of lists: which query parameters count, for whom, and from which microversion on.

pub mod literal;

use std::collections::BTreeMap;

use ashlar_db::listing::{self, Test};
use ashlar_types::Caller;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::query::{Query, read_boolean};
use crate::request::Request;
use crate::version::{Version, v3};

/// From here on a member's unknown filter is an error instead of ignored.
const STRICT: Version = v3(31);
/// From here on `key~` asks for a part of the value.
const LIKE: Version = v3(34);
/// From here on `with_count` is a parameter of its own.
const WITH_COUNT: Version = v3(45);
/// Most conditions that one list is asked to meet. Each pair of metadata is a look-up for every row.
const MOST_CONDITIONS: usize = 100;
/// Most values that one filter lists.
const MOST_VALUES: usize = 1000;
/// Parameters that are no filters.
pub(crate) const PAGING: &[&str] = &["limit", "marker", "offset", "sort", "sort_key", "sort_dir"];

/// Which filters members may use: the content of `resource_query_filters_file`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Configured {
    resources: BTreeMap<String, Vec<String>>,
}

impl Configured {
    /// Filters by resource.
    #[must_use]
    pub fn resources(&self) -> &BTreeMap<String, Vec<String>> {
        &self.resources
    }

    /// The filters of `resource`.
    #[must_use]
    pub fn of(&self, resource: &str) -> &[String] {
        self.resources.get(resource).map_or(&[], Vec::as_slice)
    }

    fn has(&self, resource: &str, key: &str, like: bool) -> bool {
        let plain = |name: &str| self.of(resource).iter().any(|configured| configured == name);
        plain(key) || (like && plain(&format!("{key}~")))
    }
}

/// The file that Cinder ships.
impl Default for Configured {
    fn default() -> Self {
        let shipped: [(&str, &[&str]); 9] = [
            ("attachment", &["volume_id", "status", "instance_id", "attach_status"]),
            ("backup", &["name", "status", "volume_id"]),
            ("group", &["name"]),
            ("group_snapshot", &["name", "status", "group_id"]),
            (
                "message",
                &["resource_uuid", "resource_type", "event_id", "request_id", "message_level"],
            ),
            ("pool", &["name", "volume_type"]),
            (
                "snapshot",
                &["name", "status", "volume_id", "metadata", "availability_zone", "consumes_quota"],
            ),
            (
                "volume",
                &[
                    "name",
                    "status",
                    "metadata",
                    "bootable",
                    "migration_status",
                    "availability_zone",
                    "group_id",
                    "size",
                    "created_at",
                    "updated_at",
                    "consumes_quota",
                ],
            ),
            ("volume_type", &["is_public", "extra_specs"]),
        ];
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Self {
            resources: shipped
                .iter()
                .map(|(key, names)| ((*key).to_owned(), owned(names)))
                .collect(),
        }
    }
}

/// How one kind of list reads its filters.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Name in the filter configuration: "volume".
    pub resource: &'static str,
    /// Keys that are dropped below a microversion, as `(key, minor)`.
    pub since: &'static [(&'static str, u16)],
    /// The list has `with_count`.
    pub counts: bool,
}

/// One filter that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Name as the API spells it, without a tilde.
    pub key: String,
    /// Value as it came.
    pub value: String,
    /// The value is a part of what is looked for.
    pub like: bool,
}

/// The filters of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filters {
    /// Filters in the query's order, each key once.
    pub list: Vec<Filter>,
    /// An administrator asks for every project; otherwise the list is the caller's project's.
    pub all_tenants: bool,
    /// `count` is asked for.
    pub with_count: bool,
}

impl Filters {
    /// Reads the request's filters by `rules`.
    ///
    /// # Errors
    /// 400 for a key that is not ASCII, a filter that the caller may not use (3.31 and later), a value of
    /// `all_tenants` or `with_count` that is no boolean.
    pub fn of(request: &Request, rules: &Rules) -> Result<Self, Fault> {
        let configured = &request.app.settings.resource_filters;
        Self::read(&request.query, request.version, request.caller.is_admin, configured, rules)
    }

    /// As [`Self::of`], on the parts.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn read(
        query: &Query,
        version: Version,
        is_admin: bool,
        configured: &Configured,
        rules: &Rules,
    ) -> Result<Self, Fault> {
        let mut filters = Self::default();
        let mut refused = Vec::new();
        let like = version >= LIKE;
        // The list of pools has no pages, so that these words are filters like others there.
        let is_paging = |key: &str| rules.resource != "pool" && PAGING.contains(&key);
        for (key, value) in query.pairs().filter(|(key, _)| !is_paging(key)) {
            if rules.counts && key == "with_count" && version >= WITH_COUNT {
                filters.with_count = boolean(key, value)?;
                continue;
            }
            if version >= STRICT && !key.is_ascii() {
                return Err(Fault::bad_request("Filter keys can only contain ASCII characters."));
            }
            if key == "all_tenants" {
                // Clients add it for everybody; only an administrator's counts.
                if is_admin {
                    filters.all_tenants = boolean(key, value)?;
                }
                continue;
            }
            if version < STRICT && dropped(rules, key, version) {
                continue;
            }
            let free = is_admin && !(version >= STRICT && rules.resource == "pool");
            if free || configured.has(rules.resource, key, like) {
                filters.put(key, value, like);
            } else if version >= STRICT {
                refused.push(key);
            }
        }
        if refused.is_empty() {
            return Ok(filters);
        }
        let names = refused.join(",");
        Err(Fault::bad_request(format!("Invalid filters {names} are found in query options.")))
    }

    /// The value of an exact filter.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.list
            .iter()
            .find(|filter| filter.key == key && !filter.like)
            .map(|filter| filter.value.as_str())
    }

    /// Takes an exact filter out.
    pub fn take(&mut self, key: &str) -> Option<String> {
        let place = self.list.iter().position(|filter| filter.key == key && !filter.like)?;
        Some(self.list.remove(place).value)
    }

    /// The project that the list is restricted to; none for an administrator who asks for all. A restricted
    /// list has one project whatever a filter `project_id` says, as in Cinder.
    pub fn project<'c>(&mut self, caller: &'c Caller) -> Option<&'c str> {
        if self.all_tenants {
            return None;
        }
        self.take("project_id");
        Some(&caller.project_id)
    }

    /// The last of repeated keys counts.
    fn put(&mut self, key: &str, value: &str, like: bool) {
        let (name, like) = match key.strip_suffix('~') {
            Some(name) if like => (name, true),
            _ => (key, false),
        };
        self.list.retain(|filter| filter.key != name || filter.like != like);
        self.list.push(Filter { key: name.to_owned(), value: value.to_owned(), like });
    }
}

/// The filter is no larger than the databases can take. Cinder has no bound of its own: there the database
/// fails, and the answer is a 500.
///
/// # Errors
/// 400 for more conditions than somebody would write, or a condition with too many values.
pub fn ensure_bounded<C>(filter: &listing::Filter<C>) -> Result<(), Fault> {
    let conditions = filter.tests.len() + filter.metadata.len() + filter.image_metadata.len();
    let values = filter.tests.iter().map(|(_, test)| match test {
        Test::In(values) => values.len(),
        _ => 1,
    });
    for (what, count, most) in [
        ("filters", conditions, MOST_CONDITIONS),
        ("values in a filter", values.max().unwrap_or(0), MOST_VALUES),
    ] {
        if count > most {
            return Err(Fault::invalid_input(format!("Too many {what}: {count}, at most {most}.")));
        }
    }
    Ok(())
}

fn dropped(rules: &Rules, key: &str, version: Version) -> bool {
    rules.since.iter().any(|(name, minor)| *name == key && version < v3(*minor))
}

fn boolean(key: &str, value: &str) -> Result<bool, Fault> {
    read_boolean(value)
        .ok_or_else(|| Fault::bad_request(format!("Value '{value}' for '{key}' is not a boolean.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules { resource: "volume", since: &[("group_id", 10)], counts: true };

    fn read(query: &str, minor: u16, is_admin: bool) -> Result<Filters, String> {
        let query = Query::parse(query).expect("a query");
        Filters::read(&query, v3(minor), is_admin, &Configured::default(), &RULES)
            .map_err(|fault| fault.message().to_owned())
    }

    fn keys(filters: &Filters) -> Vec<&str> {
        filters.list.iter().map(|filter| filter.key.as_str()).collect()
    }

    #[test]
    fn below_3_31_a_members_unknown_filter_is_dropped_and_from_then_on_refused() {
        let query = "limit=1&name=x&host=h&provider=p&all_tenants=1";
        assert_eq!(keys(&read(query, 30, false).expect("dropped")), ["name"]);
        assert_eq!(
            read(query, 31, false),
            Err("Invalid filters host,provider are found in query options.".to_owned())
        );
        let admin = read(query, 31, true).expect("an administrator may use any key");
        assert_eq!(keys(&admin), ["name", "host", "provider"]);
        assert!(admin.all_tenants);
    }

    #[test]
    fn all_tenants_of_a_member_is_dropped_even_when_it_is_nonsense() {
        for minor in [0, 30, 31, 71] {
            let filters = read("all_tenants=maybe", minor, false).expect("dropped");
            assert!(!filters.all_tenants);
        }
        assert!(read("all_tenants=maybe", 0, true).expect_err("400").contains("not a boolean"));
    }

    #[test]
    fn a_part_of_a_value_is_for_administrators_from_3_34() {
        assert!(read("name~=x", 34, false).is_err());
        let filters = read("name~=x", 34, true).expect("allowed");
        assert_eq!(filters.list, [Filter { key: "name".into(), value: "x".into(), like: true }]);
        assert_eq!(keys(&read("name~=x", 33, true).expect("a plain key")), ["name~"]);
    }

    #[test]
    fn the_list_of_pools_has_no_pages() {
        let rules = Rules { resource: "pool", since: &[], counts: false };
        let query = Query::parse("limit=1&sort_key=id").expect("a query");
        let read = |minor| Filters::read(&query, v3(minor), true, &Configured::default(), &rules);
        assert_eq!(
            read(71).expect_err("unknown filters").message(),
            "Invalid filters limit,sort_key are found in query options."
        );
        assert_eq!(keys(&read(30).expect("capabilities")), ["limit", "sort_key"]);
    }

    #[test]
    fn with_count_is_a_filter_below_3_45() {
        assert!(read("with_count=true", 44, false).is_err());
        assert!(read("with_count=true", 45, false).expect("a parameter").with_count);
    }

    #[test]
    fn a_gated_key_is_dropped_below_its_version() {
        assert!(read("group_id=x", 9, true).expect("dropped").list.is_empty());
        assert_eq!(keys(&read("group_id=x", 10, false).expect("kept")), ["group_id"]);
    }
}
