//! One broken rule: where, which, and what to do about it.

use std::fmt;
use std::path::{Path, PathBuf};

/// Whether a finding stops the build. Ordered so that sorting by it keeps warnings together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Severity {
    /// Worth a look.
    Warning,
    /// Must go away.
    Failure,
}

/// One broken rule. The order is that of files and lines.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Finding {
    /// The file, relative to the top of the checkout.
    pub(super) file: PathBuf,
    /// The line, from 1.
    pub(super) line: usize,
    /// The rule's name, as the allow-list writes it.
    pub(super) rule: &'static str,
    /// Whether it stops the build.
    pub(super) severity: Severity,
    /// What to do.
    pub(super) advice: String,
}

impl Finding {
    /// A finding that stops the build.
    pub(super) fn failure(
        file: &Path,
        line: usize,
        rule: &'static str,
        advice: impl Into<String>,
    ) -> Self {
        let advice = advice.into();
        Self { file: file.to_path_buf(), line, rule, severity: Severity::Failure, advice }
    }

    /// A finding that is worth a look.
    pub(super) fn warning(
        file: &Path,
        line: usize,
        rule: &'static str,
        advice: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Warning, ..Self::failure(file, line, rule, advice) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = match self.severity {
            Severity::Warning => "warning: ",
            Severity::Failure => "",
        };
        let Self { file, line, rule, advice, .. } = self;
        write!(f, "{prefix}{}:{line}: {rule}: {advice}", file.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_reads_as_file_line_rule_advice() {
        let finding = Finding::failure(Path::new("a/b.rs"), 7, "header", "say what it is for");
        assert_eq!(finding.to_string(), "a/b.rs:7: header: say what it is for");
        let warning = Finding::warning(Path::new("a/b.rs"), 7, "file-size", "split it");
        assert_eq!(warning.to_string(), "warning: a/b.rs:7: file-size: split it");
    }
}
