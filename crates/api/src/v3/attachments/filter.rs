//! From the query's filters to the database's: what each key means for attachments.

use ashlar_db::attachments::{AttachmentColumn, AttachmentFilter};
use ashlar_db::listing::{Columns as _, Test};

use crate::fault::Fault;
use crate::filters::{Filter, Filters, Rules, ensure_bounded};
use crate::request::Request;
use crate::version::{Version, v3};

/// Which filters count from when.
pub const RULES: Rules = Rules { resource: "attachment", since: &[], counts: false };

/// From here on the configuration says what members may use.
const CONFIGURED: Version = v3(31);
/// What members may use before that, whatever the configuration says.
const EARLY: [&str; 4] = ["volume_id", "status", "instance_id", "attach_status"];

/// The database's filter; none when some key is no column, which Cinder answers by an empty list.
///
/// # Errors
/// 400 for too many conditions.
pub fn build(request: &Request, mut filters: Filters) -> Result<Option<AttachmentFilter>, Fault> {
    let own = filters.project(&request.caller).map(str::to_owned);
    // Without an own project the list is an administrator's, who may ask for any one.
    let project = own.or_else(|| filters.take("project_id"));
    let mut list = filters.list;
    if request.version < CONFIGURED && !request.caller.is_admin {
        list.retain(|filter| EARLY.contains(&filter.key.as_str()));
    }
    translate(project, list)
}

fn translate(
    project: Option<String>,
    list: Vec<Filter>,
) -> Result<Option<AttachmentFilter>, Fault> {
    let mut built = AttachmentFilter { project_id: project, ..AttachmentFilter::default() };
    for Filter { key, value, like } in list {
        let name = match key.as_str() {
            // An empty server asks for nothing.
            "instance_id" if !like && value.is_empty() => continue,
            "instance_id" => "instance_uuid",
            // What the answer calls it. Cinder allows the filter and then finds no column of that name, so that its
            // own client's `attachment-list --status` shows nothing, ever.
            "status" => "attach_status",
            other => other,
        };
        let Some(column) = AttachmentColumn::named(name) else { return Ok(None) };
        let test = if like { Test::Contains(value) } else { Test::Is(value) };
        built.tests.push((column, test));
    }
    ensure_bounded(&built)?;
    Ok(Some(built))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(key: &str, value: &str) -> Option<AttachmentFilter> {
        let (name, like) = key.strip_suffix('~').map_or((key, false), |name| (name, true));
        let filter = Filter { key: name.to_owned(), value: value.to_owned(), like };
        translate(Some("p".to_owned()), vec![filter]).expect("legal")
    }

    #[test]
    fn the_apis_names_stand_for_columns() {
        use AttachmentColumn::{AttachStatus, AttachedHost, InstanceUuid};
        let is = |value: &str| Test::Is(value.to_owned());
        for (key, value, wanted) in [
            ("instance_id", "s", (InstanceUuid, is("s"))),
            ("status", "attached", (AttachStatus, is("attached"))),
            ("attach_status", "attached", (AttachStatus, is("attached"))),
            ("attached_host~", "c", (AttachedHost, Test::Contains("c".to_owned()))),
        ] {
            assert_eq!(build(key, value).expect("a column").tests, [wanted], "{key}");
        }
    }

    #[test]
    fn what_is_no_column_finds_nothing_and_an_empty_server_asks_for_nothing() {
        assert_eq!(build("colour", "red"), None);
        assert_eq!(build("instance_id", "").expect("nothing asked").tests, []);
    }
}
