//! A text file as the rules look at it: its lines, which of them are tests, and for Rust the same lines
//! without comments and without literals.

mod mask;

use std::fs;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};

/// Endings of the files whose content is looked at.
const TEXT: [&str; 7] = ["rs", "md", "sh", "py", "toml", "yml", "yaml"];

/// Whether the rules look into this file: by its ending, or because it is a program in `.ci`.
pub(super) fn is_text(path: &Path) -> bool {
    let known = path.extension().is_some_and(|ending| TEXT.iter().any(|text| ending == *text));
    known || path.starts_with(".ci")
}

/// A file's text, prepared.
pub(super) struct Source {
    /// Relative to the top of the checkout.
    pub(super) path: PathBuf,
    /// As it is on disk.
    pub(super) text: String,
    /// Rust with comments blanked; elsewhere the text itself. Line for line like `text`.
    pub(super) uncommented: String,
    /// Rust with comments and the inside of literals blanked; elsewhere the text itself.
    pub(super) code: String,
    /// The lines (from 0) of each item under `#[cfg(test)]`.
    pub(super) inline_tests: Vec<Range<usize>>,
}

impl Source {
    /// Reads one file of the checkout.
    pub(super) fn read(root: &Path, path: &Path) -> Result<Self> {
        let text = fs::read_to_string(root.join(path))
            .with_context(|| format!("cannot read {} as UTF-8", path.display()))?;
        Ok(Self::new(path, text))
    }

    /// Prepares a text that is already read.
    pub(super) fn new(path: &Path, text: String) -> Self {
        let path = path.to_path_buf();
        if path.extension().is_some_and(|ending| ending == "rs") {
            let mask::Masked { uncommented, code } = mask::mask(&text);
            let inline_tests = inline_tests(&code);
            return Self { path, text, uncommented, code, inline_tests };
        }
        let (uncommented, code) = (text.clone(), text.clone());
        Self { path, text, uncommented, code, inline_tests: Vec::new() }
    }

    /// Whether this is Rust.
    pub(super) fn is_rust(&self) -> bool {
        self.path.extension().is_some_and(|ending| ending == "rs")
    }

    /// Whether the whole file is tests: it lies below a `tests` directory or is a `tests.rs`.
    pub(super) fn is_test_file(&self) -> bool {
        self.path.components().any(|part| {
            part == Component::Normal("tests".as_ref())
                || part == Component::Normal("tests.rs".as_ref())
        })
    }

    /// Whether the line (from 0) is only compiled into tests.
    pub(super) fn is_test_line(&self, line: usize) -> bool {
        self.is_test_file() || self.inline_tests.iter().any(|range| range.contains(&line))
    }
}

/// Finds the items under `#[cfg(test)]`: from the attribute to the brace or semicolon that ends the item.
fn inline_tests(code: &str) -> Vec<Range<usize>> {
    let lines: Vec<&str> = code.lines().collect();
    let mut found = Vec::new();
    let mut line = 0;
    while line < lines.len() {
        if is_test_attribute(lines[line]) {
            let end = end_of_item(&lines, line);
            found.push(line..end);
            line = end;
        } else {
            line += 1;
        }
    }
    found
}

fn is_test_attribute(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("#[cfg(test)]") || line.starts_with("#[cfg(all(test")
}

/// The line after the item that starts at `start`.
fn end_of_item(lines: &[&str], start: usize) -> usize {
    let mut depth = 0_i32;
    for (number, line) in lines.iter().enumerate().skip(start) {
        for letter in line.chars() {
            match letter {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' => depth -= 1,
                '}' => {
                    depth -= 1;
                    if depth <= 0 {
                        return number + 1;
                    }
                }
                ';' if depth == 0 => return number + 1,
                _ => {}
            }
        }
    }
    lines.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rust(text: &str) -> Source {
        Source::new(Path::new("crates/x/src/y.rs"), text.to_owned())
    }

    #[test]
    fn the_inline_test_module_ends_with_its_own_brace() {
        let source =
            rust("fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() { \"}\"; }\n}\nfn c() {}\n");
        assert_eq!(source.inline_tests, vec![1..5]);
        assert!(source.is_test_line(3));
        assert!(!source.is_test_line(5));
    }

    #[test]
    fn a_test_module_in_its_own_file_is_one_declaration_here() {
        let source = rust("#[cfg(test)]\nmod tests;\nfn a() {}\n");
        assert_eq!(source.inline_tests, vec![0..2]);
    }

    #[test]
    fn files_below_tests_are_tests_throughout() {
        for path in ["tests/it/main.rs", "crates/db/tests/cas.rs", "crates/db/src/tx/tests.rs"] {
            assert!(Source::new(Path::new(path), String::new()).is_test_file(), "{path}");
        }
        assert!(!Source::new(Path::new("crates/testkit/src/lib.rs"), String::new()).is_test_file());
    }
}
