//! File names that say nothing are not allowed.

use std::path::Path;

use super::finding::Finding;

/// Names under which anything could hide.
const EMPTY_WORDS: [&str; 9] =
    ["utils", "util", "helpers", "helper", "common", "base", "misc", "manager", "managers"];

/// A file or directory that is called by an empty word, and a `mod.rs`, fail.
pub(super) fn check(path: &Path) -> Option<Finding> {
    if path.file_name().is_some_and(|name| name == "mod.rs") {
        let advice = "name the file after the module: `foo.rs` beside `foo/`";
        return Some(Finding::failure(path, 1, "file-name", advice));
    }
    let stem = path.with_extension("");
    let word =
        stem.iter().filter_map(|part| part.to_str()).find(|part| EMPTY_WORDS.contains(part))?;
    let advice = format!("`{word}` could hold anything: name the file after what it does");
    Some(Finding::failure(path, 1, "file-name", advice))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_words_and_mod_rs_fail() {
        for path in ["a/utils.rs", "common/a.rs", "tests/it/mod.rs", "manager.py", "a/base.rs"] {
            assert!(check(Path::new(path)).is_some(), "{path}");
        }
        for path in ["a/paging.rs", "commonly.rs", "database.rs", "module.rs"] {
            assert!(check(Path::new(path)).is_none(), "{path}");
        }
    }
}
