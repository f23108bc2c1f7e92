//! From the query's filters to the database's: what each key means for snapshots.

use ashlar_db::listing::{Columns as _, Test};
use ashlar_db::snapshot_details::{SnapshotColumn, SnapshotFilter};
use ashlar_types::Metadata;
use serde_json::Value;

use crate::body::python::display;
use crate::fault::Fault;
use crate::filters::{Filter, Filters, Rules, ensure_bounded, literal};
use crate::query::read_boolean;
use crate::request::Request;
use crate::version::{Version, v3};

/// Which filters count from when. Gates hold only below 3.31, as in Cinder.
pub const RULES: Rules =
    Rules { resource: "snapshot", since: &[("metadata", 22), ("use_quota", 65)], counts: true };

/// From here on the configuration says what members may use.
const CONFIGURED: Version = v3(31);
/// What members may use before that, whatever the configuration says.
const EARLY: [&str; 4] = ["status", "volume_id", "name", "metadata"];

/// The database's filter; none when some key is no column or some value cannot match, which Cinder answers
/// by an empty list.
///
/// # Errors
/// 400 for a `consumes_quota` that is no boolean, and for too many conditions.
pub fn build(request: &Request, mut filters: Filters) -> Result<Option<SnapshotFilter>, Fault> {
    let project = filters.project(&request.caller);
    let mut list = filters.list;
    if request.version < CONFIGURED && !request.caller.is_admin {
        list.retain(|filter| EARLY.contains(&filter.key.as_str()));
    }
    translate(request.version, project, list)
}

fn translate(
    version: Version,
    project: Option<&str>,
    list: Vec<Filter>,
) -> Result<Option<SnapshotFilter>, Fault> {
    let mut built =
        SnapshotFilter { project_id: project.map(str::to_owned), ..SnapshotFilter::default() };
    for filter in list {
        if !add(&mut built, version, filter)? {
            return Ok(None);
        }
    }
    ensure_bounded(&built)?;
    Ok(Some(built))
}

/// Adds one condition; false when nothing can meet it.
fn add(built: &mut SnapshotFilter, version: Version, filter: Filter) -> Result<bool, Fault> {
    let Filter { key, value, like } = filter;
    let name = match key.as_str() {
        "name" => "display_name",
        "description" if like => "display_description",
        "consumes_quota" if version >= CONFIGURED => "use_quota",
        other => other,
    };
    match name {
        "metadata" if !like => {
            let Some(pairs) = literal::parse(&value).and_then(pairs) else { return Ok(false) };
            built.metadata = pairs;
        }
        // These three are the volume's; an empty one asks for nothing.
        "host" if !like => built.host = wanted(value),
        "cluster_name" if !like => built.cluster_name = wanted(value),
        "availability_zone" if !like => built.availability_zone = wanted(value),
        _ => {
            let Some(column) = SnapshotColumn::named(name) else { return Ok(false) };
            let test = if like {
                Test::Contains(value)
            } else if column == SnapshotColumn::UseQuota {
                Test::Is(boolean(&value)?)
            } else {
                Test::Is(value)
            };
            built.tests.push((column, test));
        }
    }
    Ok(true)
}

fn wanted(value: String) -> Option<String> {
    (!value.is_empty()).then_some(value)
}

fn boolean(value: &str) -> Result<String, Fault> {
    read_boolean(value).map(|truth| truth.to_string()).ok_or_else(|| {
        Fault::bad_request(format!("Value '{value}' for 'use_quota' is not a boolean."))
    })
}

fn pairs(value: Value) -> Option<Metadata> {
    let Value::Object(pairs) = value else { return None };
    Some(pairs.into_iter().map(|(key, value)| (key, display(&value))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(minor: u16, key: &str, value: &str) -> Result<Option<SnapshotFilter>, String> {
        let (name, like) = key.strip_suffix('~').map_or((key, false), |name| (name, true));
        let filter = Filter { key: name.to_owned(), value: value.to_owned(), like };
        translate(v3(minor), Some("p"), vec![filter]).map_err(|fault| fault.message().to_owned())
    }

    fn one(minor: u16, key: &str, value: &str) -> (SnapshotColumn, Test) {
        let built = build(minor, key, value).expect("legal").expect("something can match");
        built.tests.into_iter().next().expect("one test")
    }

    #[test]
    fn values_are_taken_as_they_are() {
        use SnapshotColumn::{Name, Status, UseQuota};
        assert_eq!(one(0, "status", "['error']"), (Status, Test::Is("['error']".into())));
        assert_eq!(one(34, "name~", "x"), (Name, Test::Contains("x".into())));
        assert_eq!(one(31, "consumes_quota", "Yes"), (UseQuota, Test::Is("true".into())));
        assert_eq!(
            build(65, "consumes_quota", "maybe"),
            Err("Value 'maybe' for 'use_quota' is not a boolean.".to_owned())
        );
    }

    #[test]
    fn a_filter_that_cannot_match_gives_an_empty_list() {
        assert_eq!(build(0, "colour", "red"), Ok(None));
        assert_eq!(build(22, "metadata", "no dictionary"), Ok(None));
        assert_eq!(build(30, "consumes_quota", "true"), Ok(None));
        assert_eq!(build(34, "availability_zone~", "n"), Ok(None));
    }

    #[test]
    fn the_zone_is_the_volumes() {
        let built = build(71, "availability_zone", "nova").expect("legal").expect("can match");
        assert_eq!(built.availability_zone.as_deref(), Some("nova"));
        let built = build(71, "host", "").expect("legal").expect("can match");
        assert_eq!(built, SnapshotFilter::of_project("p"));
    }
}
