//! Reads one INI file of the configuration, with bounds. What stands in it is taken apart by `ashlar_oslo::ini`.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use ashlar_oslo::ini;
pub(crate) use ashlar_oslo::ini::Assignment;

use super::error::ConfigError;

/// The largest file that is read. Cinder's sample with every option is 300 KiB.
const MAX_BYTES: u64 = 8 << 20;

/// A file in its own order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct IniFile {
    /// The file as the user named it.
    pub(crate) path: PathBuf,
    /// Section headers with their lines; a section may occur more than once.
    pub(crate) sections: Vec<(String, usize)>,
    /// All assignments.
    pub(crate) assignments: Vec<Assignment>,
}

/// Reads and takes apart the file at `path`.
pub(crate) fn read(path: &Path) -> Result<IniFile, ConfigError> {
    let unreadable = |cause| ConfigError::Unreadable { path: path.to_owned(), cause };
    let file = File::open(path).map_err(unreadable)?;
    let mut text = String::new();
    file.take(MAX_BYTES + 1).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > MAX_BYTES {
        return Err(unreadable(std::io::Error::other("it is larger than 8 MiB")));
    }
    parse(path, &text)
}

/// Takes `text` apart; `path` is for messages.
pub(crate) fn parse(path: &Path, text: &str) -> Result<IniFile, ConfigError> {
    let wrong = |ini::Syntax { line, problem }| ConfigError::Syntax {
        path: path.to_owned(),
        line,
        problem,
    };
    let ini::Ini { sections, assignments } = ini::parse(text).map_err(wrong)?;
    Ok(IniFile { path: path.to_owned(), sections, assignments })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_line_is_named_by_file_and_number() {
        let refused = parse(Path::new("cinder.conf"), "[a]\nb\n").expect_err("a broken file");
        assert_eq!(refused.to_string(), "cinder.conf:2: neither a [section] nor option = value");
    }

    #[test]
    fn a_file_that_is_not_there_says_so() {
        let error = read(Path::new("no/such/cinder.conf")).expect_err("no file").to_string();
        assert!(error.starts_with("no/such/cinder.conf: cannot be read: "), "{error}");
    }
}
