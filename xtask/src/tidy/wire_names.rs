//! Names of the API's wire stay in the crates that speak to it.
//!
//! `display_name` is a column and a JSON key; below `api` and `db` the thing has a name of its own, so
//! that a microversion never reaches an operation. Comments may say where a word comes from.

use std::path::Path;

use super::finding::Finding;
use super::source::Source;

/// Crates in which no name of the wire may stand.
const BELOW: [&str; 10] = [
    "types",
    "flow",
    "placement",
    "drivers",
    "bus",
    "clients",
    "operations",
    "scheduler",
    "volume",
    "backup",
];

/// Keys and columns that have another name in the domain. Some are quoted here because messages to users
/// may name them, as Cinder's do.
const KEYS: [&str; 4] = ["display_name", "display_description", "\"imageRef\"", "os-vol-"];

/// Actions of the API, each a key of `POST …/action`.
const ACTIONS: [&str; 18] = [
    "os-attach",
    "os-begin_detaching",
    "os-detach",
    "os-extend",
    "os-force_delete",
    "os-force_detach",
    "os-initialize_connection",
    "os-migrate_volume",
    "os-reimage",
    "os-reserve",
    "os-reset_status",
    "os-retype",
    "os-set_bootable",
    "os-set_image_metadata",
    "os-show_image_metadata",
    "os-terminate_connection",
    "os-update_readonly_flag",
    "os-volume_upload_image",
];

/// What notifications carry is a wire too, with the same names.
const MESSAGES: [&str; 2] =
    ["crates/operations/src/notify/payload.rs", "crates/operations/src/notify/placement.rs"];

/// A name of the wire in production code of a crate that must not know it fails.
pub(super) fn check(source: &Source) -> Vec<Finding> {
    if !source.is_rust() || !is_below(&source.path) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (number, line) in source.uncommented.lines().enumerate() {
        let name = KEYS.iter().chain(&ACTIONS).find(|name| line.contains(*name));
        if let Some(name) = name.filter(|_| !source.is_test_line(number)) {
            let advice = format!("`{name}` belongs to `api` and `db`: use the domain's word");
            found.push(Finding::failure(&source.path, number + 1, "wire-name", advice));
        }
    }
    found
}

fn is_below(path: &Path) -> bool {
    !MESSAGES.iter().any(|messages| path == Path::new(messages))
        && BELOW.iter().any(|room| path.starts_with(Path::new("crates").join(room)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        let source = Source::new(Path::new(path), text.to_owned());
        check(&source).into_iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn wire_names_fail_below_api_and_db_only() {
        let text = "let a = 1;\nlet b = json[\"display_name\"];\n";
        assert_eq!(lines("crates/operations/src/a.rs", text), vec![2]);
        assert_eq!(lines("crates/api/src/a.rs", text), Vec::<usize>::new());
        assert_eq!(lines("crates/db/src/a.rs", text), Vec::<usize>::new());
        assert_eq!(lines(MESSAGES[0], text), Vec::<usize>::new());
    }

    #[test]
    fn a_comment_may_name_the_wire() {
        let text = "/// Cinder's `os-extend`.\nfn extend() {}\n";
        assert_eq!(lines("crates/operations/src/a.rs", text), Vec::<usize>::new());
    }
}
