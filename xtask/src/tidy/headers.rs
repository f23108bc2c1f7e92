//! Every Rust file says first what it is for.

use super::finding::Finding;
use super::source::Source;

/// A file whose first line is not `//!` fails.
pub(super) fn check(source: &Source) -> Option<Finding> {
    if !source.is_rust() || source.text.starts_with("//! ") {
        return None;
    }
    let advice = "begin the file with `//! ` and one sentence that says what it is for";
    Some(Finding::failure(&source.path, 1, "header", advice))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn checks(path: &str, text: &str) -> bool {
        check(&Source::new(Path::new(path), text.to_owned())).is_none()
    }

    #[test]
    fn a_rust_file_without_a_header_fails() {
        assert!(checks("a.rs", "//! What it is for.\nfn a() {}\n"));
        assert!(!checks("a.rs", "fn a() {}\n"));
        assert!(!checks("a.rs", "/// A function.\nfn a() {}\n"));
        assert!(checks("a.md", "No header.\n"));
    }
}
