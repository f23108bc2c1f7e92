//! What can be wrong with rules and with the files that they stand in.

use std::path::PathBuf;

use thiserror::Error;

/// A rule's text that is no rule.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("column {column}: {problem}")]
pub struct ParseError {
    /// Where in the rule's text, in characters, counted from 1.
    pub column: usize,
    /// What is wrong there and what would be right.
    pub problem: String,
}

impl ParseError {
    pub(super) fn new(column: usize, problem: impl Into<String>) -> Self {
        Self { column, problem: problem.into() }
    }
}

/// Rules that do not go together.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RulesError {
    /// A rule's text is no rule.
    #[error("rule {rule}: {error}")]
    Parse {
        /// Its name.
        rule: String,
        /// What is wrong.
        error: ParseError,
    },
    /// Rules that refer to each other in a circle.
    #[error("rule {rule}: refers to itself in a circle: {circle}")]
    Circle {
        /// The first of them.
        rule: String,
        /// All of them with arrows between.
        circle: String,
    },
    /// A rule that could take too long to answer.
    #[error("rule {rule}: is too large with all the rules that it refers to")]
    TooLarge {
        /// Its name.
        rule: String,
    },
}

impl RulesError {
    /// The name of the rule that it is about.
    #[must_use]
    pub fn rule(&self) -> &str {
        match self {
            Self::Parse { rule, .. } | Self::Circle { rule, .. } | Self::TooLarge { rule } => rule,
        }
    }
}

/// A file of rules that cannot be used.
#[derive(Debug, Error)]
pub enum FileError {
    /// It cannot be opened or read.
    #[error("{}: cannot be read: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// What stands there is no YAML, no map of rules, or no rule.
    #[error("{}:{line}: {problem}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// What is wrong there and what would be right.
        problem: String,
    },
}
