//! What can be wrong with a configuration: always one line with the place, the option and the reason.

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

/// Where a value was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A line of a configuration file, counted from 1.
    File {
        /// The file as the user named it.
        path: PathBuf,
        /// Its line; of a value over several lines, the first.
        line: usize,
    },
    /// A command line flag (or the environment variable that stands for it).
    Flag(&'static str),
    /// Nobody gave it: the built-in default.
    Default,
}

impl Origin {
    /// The place and a colon; nothing for what nobody gave.
    fn prefix(&self) -> String {
        match self {
            Self::Default => String::new(),
            given => format!("{given}: "),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Flag(flag) => f.write_str(flag),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A configuration that cannot be used; the process ends with status 2.
///
/// No variant carries the value of a secret option.
#[derive(Debug, Error)]
pub(crate) enum ConfigError {
    /// A file cannot be opened or read.
    #[error("{}: cannot be read: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// A file is not an INI file as oslo.config understands it.
    #[error("{}:{line}: {problem}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong there.
        problem: &'static str,
    },
    /// A file of policy rules cannot be used.
    #[error(transparent)]
    Policy(#[from] ashlar_oslo::policy::FileError),
    /// An option has a value that cannot be used, or lacks one.
    #[error("{}[{section}] {option}: {problem}", origin.prefix())]
    Option {
        /// Where the value was given.
        origin: Origin,
        /// Section, without brackets.
        section: String,
        /// Option.
        option: String,
        /// What is wrong with it, and what would be right.
        problem: String,
    },
}
