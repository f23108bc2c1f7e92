//! The list of what tidy overlooks, which only shrinks.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use super::finding::Finding;

/// Where the list is, below the top of the checkout.
pub(super) const FILE: &str = "xtask/tidy-allow.toml";

/// The list as it is on disk.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct List {
    /// One entry for each rule and file.
    #[serde(default)]
    allow: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    rule: String,
    file: PathBuf,
    /// Why; tidy insists on it and never reads it.
    #[serde(rename = "reason")]
    _reason: String,
}

impl List {
    /// Reads the list; a file that is not there allows nothing.
    pub(super) fn read(path: &Path) -> Result<Self> {
        if !path.exists() {
            return Ok(Self::default());
        }
        let text =
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("{} is not as it should be", path.display()))
    }

    /// Takes out what the list allows and puts in a failure for each entry that nothing needs.
    pub(super) fn apply(&self, found: Vec<Finding>) -> Vec<Finding> {
        let mut needed = vec![false; self.allow.len()];
        let mut kept = Vec::new();
        for finding in found {
            let allowed = self
                .allow
                .iter()
                .position(|entry| entry.rule == finding.rule && entry.file == finding.file);
            match allowed {
                Some(entry) => needed[entry] = true,
                None => kept.push(finding),
            }
        }
        let unneeded = self.allow.iter().zip(needed).filter(|(_, needed)| !needed);
        kept.extend(unneeded.map(|(entry, _)| {
            let advice = format!(
                "nothing needs the entry {} for {} any more: delete it",
                entry.rule,
                entry.file.display()
            );
            Finding::failure(Path::new(FILE), 1, "allow-list", advice)
        }));
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> List {
        toml::from_str("[[allow]]\nrule = \"header\"\nfile = \"a.rs\"\nreason = \"a test\"\n")
            .expect("well formed")
    }

    #[test]
    fn an_entry_hides_its_finding() {
        let found = vec![Finding::failure(Path::new("a.rs"), 1, "header", "x")];
        assert_eq!(list().apply(found), vec![]);
    }

    #[test]
    fn an_entry_that_nothing_needs_fails() {
        let found = vec![Finding::failure(Path::new("b.rs"), 1, "header", "x")];
        let rules: Vec<&str> = list().apply(found).iter().map(|finding| finding.rule).collect();
        assert_eq!(rules, vec!["header", "allow-list"]);
    }

    #[test]
    fn an_entry_needs_a_reason() {
        let text = "[[allow]]\nrule = \"header\"\nfile = \"a.rs\"\n";
        assert!(toml::from_str::<List>(text).is_err());
    }
}
