//! From the query's filters to the database's: what each key means for volume types.

use ashlar_db::listing::{Columns as _, Test};
use ashlar_db::volume_types::{TypeColumn, TypeFilter, Visibility};
use serde_json::Value;

use super::view::{USER_VISIBLE_SPECS, sees_all_specs};
use crate::body::python::display;
use crate::fault::Fault;
use crate::filters::{Filter, Filters, Rules, ensure_bounded, literal};
use crate::query::read_boolean;
use crate::request::Request;
use crate::version::v3;

const RULES: Rules = Rules { resource: "volume_type", since: &[], counts: false };

/// From here on the configured filters hold for types; before, a member has none.
const FILTERS: u16 = 52;

/// The database's filter; none when nothing can meet it, which Cinder answers by an empty list.
///
/// # Errors
/// 400 for a filter that the caller may not use, an `is_public` that is neither boolean nor `none`, or too many
/// conditions.
pub fn build(request: &Request) -> Result<Option<TypeFilter>, Fault> {
    let is_admin = request.caller.is_admin;
    let gated = request.version < v3(FILTERS);
    let version = if gated { request.version.min(v3(30)) } else { request.version };
    let configured = &request.app.settings.resource_filters;
    let mut filters = Filters::read(&request.query, version, is_admin, configured, &RULES)?;
    let is_public = filters.take("is_public");
    if gated && !is_admin {
        filters.list.clear();
    }
    let project = &request.caller.project_id;
    let visibility = visibility(project, if is_admin { is_public.as_deref() } else { None })?;
    let built = translate(visibility, filters.list, sees_all_specs(request));
    built.as_ref().map_or(Ok(()), |filter| ensure_bounded(&filter.columns))?;
    Ok(built)
}

/// Whom the list is for. `is_public` is an administrator's wish; without one the list is as a member sees it.
pub(crate) fn visibility(project: &str, is_public: Option<&str>) -> Result<Visibility, Fault> {
    let Some(text) = is_public else { return Ok(Visibility::Project(project.to_owned())) };
    if text.eq_ignore_ascii_case("none") {
        return Ok(Visibility::All);
    }
    match read_boolean(text) {
        Some(true) => Ok(Visibility::Project(project.to_owned())),
        Some(false) => Ok(Visibility::Private),
        None => Err(Fault::bad_request(format!("Invalid is_public filter [{text}]"))),
    }
}

fn translate(visibility: Visibility, list: Vec<Filter>, sees_all: bool) -> Option<TypeFilter> {
    let mut columns = ashlar_db::listing::Filter::default();
    for Filter { key, value, like } in list {
        if key == "extra_specs" && !like {
            let Some(Value::Object(pairs)) = literal::parse(&value) else { return None };
            // Whether a hidden spec matches would tell what it is.
            if !sees_all && pairs.keys().any(|key| !USER_VISIBLE_SPECS.contains(&key.as_str())) {
                return None;
            }
            columns.metadata =
                pairs.into_iter().map(|(key, value)| (key, display(&value))).collect();
            continue;
        }
        let column = TypeColumn::named(&key)?;
        columns.tests.push((column, if like { Test::Contains(value) } else { Test::Is(value) }));
    }
    Some(TypeFilter { visibility, columns })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(key: &str, value: &str) -> Filter {
        Filter { key: key.to_owned(), value: value.to_owned(), like: false }
    }

    #[test]
    fn is_public_has_three_answers_and_a_refusal() {
        let mine = Visibility::Project("p".to_owned());
        let read = |text| visibility("p", text).map_err(|fault| fault.message().to_owned());
        assert_eq!(read(None), Ok(mine.clone()));
        assert_eq!(read(Some("True")), Ok(mine));
        assert_eq!(read(Some("0")), Ok(Visibility::Private));
        assert_eq!(read(Some("None")), Ok(Visibility::All));
        assert_eq!(read(Some("x")), Err("Invalid is_public filter [x]".to_owned()));
    }

    #[test]
    fn a_hidden_spec_in_a_filter_matches_nothing_for_whom_it_is_hidden() {
        let specs = |text: &str, sees_all| {
            translate(Visibility::All, vec![filter("extra_specs", text)], sees_all)
        };
        assert!(specs("{'vendor:secret': 'x'}", false).is_none());
        assert!(specs("{'multiattach': '<is> True'}", false).is_some());
        let found = specs("{'vendor:secret': 'x'}", true).expect("an administrator's");
        assert_eq!(found.columns.metadata["vendor:secret"], "x");
        assert!(specs("no dictionary", true).is_none());
    }

    #[test]
    fn a_key_that_is_no_column_matches_nothing() {
        assert!(translate(Visibility::All, vec![filter("colour", "red")], true).is_none());
        let named = translate(Visibility::All, vec![filter("name", "gold")], true);
        let tests = named.expect("a column").columns.tests;
        assert_eq!(tests, [(TypeColumn::Name, Test::Is("gold".to_owned()))]);
    }
}
