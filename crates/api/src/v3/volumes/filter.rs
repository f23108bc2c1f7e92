//! From the query's filters to the database's: what each key means for volumes.

use ashlar_db::listing::{Columns as _, Comparison, Kind, Test};
use ashlar_db::volume_details::{VolumeColumn, VolumeFilter};
use ashlar_types::{Metadata, Timestamp};
use serde_json::Value;

use crate::body::python::display;
use crate::fault::Fault;
use crate::filters::{Filter, Filters, Rules, ensure_bounded, literal};
use crate::query::read_boolean;
use crate::request::Request;
use crate::version::{Version, v3};

/// Which filters count from when. Gates hold only below 3.31, as in Cinder.
pub const RULES: Rules = Rules {
    resource: "volume",
    since: &[
        ("glance_metadata", 4),
        ("group_id", 10),
        ("created_at", 60),
        ("updated_at", 60),
        ("use_quota", 65),
    ],
    counts: true,
};

/// The database's filter; none when some key is no column or some value cannot match, which Cinder answers
/// by an empty list.
///
/// # Errors
/// 400 for a boolean (from 3.2) or a comparison of times that is none, and for too many conditions.
pub fn build(request: &Request, mut filters: Filters) -> Result<Option<VolumeFilter>, Fault> {
    let project = filters.project(&request.caller);
    translate(request.version, project, filters.list)
}

fn translate(
    version: Version,
    project: Option<&str>,
    list: Vec<Filter>,
) -> Result<Option<VolumeFilter>, Fault> {
    let mut built =
        VolumeFilter { project_id: project.map(str::to_owned), ..VolumeFilter::default() };
    for filter in list {
        if !add(&mut built, version, filter)? {
            return Ok(None);
        }
    }
    ensure_bounded(&built)?;
    Ok(Some(built))
}

/// Adds one condition; false when nothing can meet it.
fn add(built: &mut VolumeFilter, version: Version, filter: Filter) -> Result<bool, Fault> {
    let Filter { key, value, like } = filter;
    let name = match key.as_str() {
        "name" => "display_name",
        "description" if like => "display_description",
        "consumes_quota" if version >= v3(31) => "use_quota",
        other => other,
    };
    match name {
        "metadata" | "glance_metadata" if !like => {
            let Some(pairs) = literal::parse(&value).and_then(pairs) else { return Ok(false) };
            if name == "metadata" {
                built.metadata = pairs;
            } else {
                built.image_metadata = pairs;
            }
        }
        "host" if !like => built.host = Some(value),
        "cluster_name" if !like => built.cluster_name = Some(value),
        // Always so in a list.
        "no_migration_targets" => {}
        _ => {
            let Some(column) = VolumeColumn::named(name) else { return Ok(false) };
            let tests = if like {
                vec![Test::Contains(value)]
            } else {
                tests(column, &key, value, version)?
            };
            built.tests.extend(tests.into_iter().map(|test| (column, test)));
        }
    }
    Ok(true)
}

fn tests(
    column: VolumeColumn,
    key: &str,
    value: String,
    version: Version,
) -> Result<Vec<Test>, Fault> {
    match column {
        VolumeColumn::CreatedAt | VolumeColumn::UpdatedAt => comparisons(key, &value),
        VolumeColumn::Name => Ok(vec![Test::Is(value)]),
        _ if column.kind() == Kind::Bool => Ok(vec![Test::Is(boolean(key, &value, version)?)]),
        _ => Ok(vec![match literal::parse(&value) {
            Some(Value::Array(items)) => Test::In(items.iter().map(display).collect()),
            Some(Value::Null) => Test::Null(true),
            Some(single) => Test::Is(display(&single)),
            None => Test::Is(value),
        }]),
    }
}

/// Below 3.2 everything but `false` is true; from then on a boolean must be one.
fn boolean(key: &str, value: &str, version: Version) -> Result<String, Fault> {
    let truth = if key == "consumes_quota" || key == "use_quota" {
        read_boolean(value).ok_or_else(|| {
            Fault::bad_request(format!("Value '{value}' for 'use_quota' is not a boolean."))
        })?
    } else if version >= v3(2) {
        read_boolean(value).ok_or_else(|| Fault::invalid_input(format!("'{key} = {value}'")))?
    } else {
        !value.is_empty() && !matches!(value, "False" | "false" | "FALSE")
    };
    Ok(truth.to_string())
}

/// `gt:2026-01-01T00:00:00,lt:…`: all must hold.
fn comparisons(key: &str, value: &str) -> Result<Vec<Test>, Fault> {
    let bad = |text: &str, what: &str| Fault::bad_request(format!("Invalid {text} {what}"));
    value
        .split(',')
        .map(|part| {
            let (name, time) = part.split_once(':').unwrap_or((part, ""));
            let comparison = Comparison::named(name).ok_or_else(|| bad(name, "operator"))?;
            if time.is_empty() {
                return Err(bad(key, "value"));
            }
            let moment = moment(time).ok_or_else(|| bad(time, "value"))?;
            Ok(Test::Time(comparison, moment))
        })
        .collect()
}

/// A moment, or the beginning of a day.
fn moment(text: &str) -> Option<Timestamp> {
    Timestamp::parse(text).or_else(|| Timestamp::parse(&format!("{text}T00:00:00")))
}

fn pairs(value: Value) -> Option<Metadata> {
    let Value::Object(pairs) = value else { return None };
    Some(pairs.into_iter().map(|(key, value)| (key, display(&value))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(minor: u16, key: &str, value: &str) -> Result<Option<VolumeFilter>, String> {
        let (name, like) = key.strip_suffix('~').map_or((key, false), |name| (name, true));
        let filter = Filter { key: name.to_owned(), value: value.to_owned(), like };
        translate(v3(minor), Some("p"), vec![filter]).map_err(|fault| fault.message().to_owned())
    }

    fn one(minor: u16, key: &str, value: &str) -> (VolumeColumn, Test) {
        let built = build(minor, key, value).expect("legal").expect("something can match");
        built.tests.into_iter().next().expect("one test")
    }

    #[test]
    fn values_are_python_literals_but_for_the_name() {
        use VolumeColumn::{Name, Size, Status};
        assert_eq!(one(0, "status", "available"), (Status, Test::Is("available".into())));
        assert_eq!(one(0, "status", "'error'"), (Status, Test::Is("error".into())));
        assert_eq!(
            one(0, "status", "['available', 'error']"),
            (Status, Test::In(vec!["available".into(), "error".into()]))
        );
        assert_eq!(one(0, "size", "2"), (Size, Test::Is("2".into())));
        assert_eq!(one(0, "name", "'x'"), (Name, Test::Is("'x'".into())));
        assert_eq!(one(34, "name~", "x"), (Name, Test::Contains("x".into())));
    }

    #[test]
    fn a_filter_that_cannot_match_gives_an_empty_list() {
        assert_eq!(build(0, "colour", "red"), Ok(None));
        assert_eq!(build(0, "metadata", "no dictionary"), Ok(None));
        assert_eq!(build(30, "consumes_quota", "true"), Ok(None));
    }

    #[test]
    fn metadata_is_a_dictionary() {
        let built = build(0, "metadata", "{'k': 'v', 'n': 1}").expect("legal").expect("can match");
        let pairs: Vec<_> = built.metadata.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(pairs, [("k", "v"), ("n", "1")]);
    }

    #[test]
    fn booleans_are_strict_from_3_2_on() {
        let is = |text: &str| (VolumeColumn::Bootable, Test::Is(text.into()));
        assert_eq!(one(1, "bootable", "anything"), is("true"));
        assert_eq!(one(1, "bootable", "False"), is("false"));
        assert_eq!(one(2, "bootable", "T"), is("true"));
        assert_eq!(
            build(2, "bootable", "anything"),
            Err("Invalid input received: 'bootable = anything'".to_owned())
        );
    }

    #[test]
    fn times_are_compared_by_name() {
        let built = build(60, "created_at", "gt:2026-01-01T10:00:00,lte:2026-02-01");
        let tests = built.expect("legal").expect("can match").tests;
        let day = Timestamp::parse("2026-02-01T00:00:00").expect("a moment");
        assert_eq!(tests.len(), 2);
        assert_eq!(tests[1], (VolumeColumn::CreatedAt, Test::Time(Comparison::Lte, day)));
        for (value, message) in [
            ("2026-01-01", "Invalid 2026-01-01 operator"),
            ("gt", "Invalid created_at value"),
            ("gt:yesterday", "Invalid yesterday value"),
        ] {
            assert_eq!(build(60, "created_at", value), Err(message.to_owned()));
        }
    }
}
