//! Reads one INI file the way oslo.config does, and keeps the line of every value.
//!
//! An assignment splits at the first `=` or `:`; a pair of quotes around a value goes away; a line that starts
//! with white space continues the value above it; `#` and `;` in the first column start a comment; an empty
//! line ends a value. Options must stand in a section. Substitution of `$name` comes later, see `values`.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::error::ConfigError;

/// The largest file that is read. Cinder's sample with every option is 300 KiB.
const MAX_BYTES: u64 = 8 << 20;

/// One `option = value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assignment {
    /// Section, as written.
    pub(crate) section: String,
    /// Option, with `-` read as `_` (oslo.log's options may be written either way).
    pub(crate) option: String,
    /// Value without quotes; continuation lines are joined by line feeds.
    pub(crate) value: String,
    /// The line where it starts, counted from 1.
    pub(crate) line: usize,
}

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
    let mut file = IniFile { path: path.to_owned(), ..IniFile::default() };
    // Whether the next indented line continues the last assignment.
    let mut open = false;
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let number = index + 1;
        let wrong = |problem| ConfigError::Syntax { path: path.to_owned(), line: number, problem };
        let line = line.trim_end();
        if line.is_empty() {
            open = false;
        } else if line.starts_with([' ', '\t']) {
            let more = line.trim_start();
            match file.assignments.last_mut().filter(|_| open) {
                Some(last) => {
                    last.value.push('\n');
                    last.value.push_str(more);
                }
                None if more.starts_with(['#', ';']) => {}
                None => return Err(wrong("an indented line, but no option above it to continue")),
            }
        } else if let Some(rest) = line.strip_prefix('[') {
            open = false;
            let name = rest.strip_suffix(']').ok_or_else(|| wrong("a section must end with ]"))?;
            if name.is_empty() {
                return Err(wrong("a section without a name"));
            }
            file.sections.push((name.to_owned(), number));
        } else if line.starts_with(['#', ';']) {
            open = false;
        } else {
            let (option, value) = split(line).map_err(wrong)?;
            let section = file.sections.last().map(|(name, _)| name.clone());
            let section = section.ok_or_else(|| wrong("an option above the first [section]"))?;
            file.assignments.push(Assignment { section, option, value, line: number });
            open = true;
        }
    }
    Ok(file)
}

/// Splits `option = value`, and takes the quotes off the value when it has a pair.
fn split(line: &str) -> Result<(String, String), &'static str> {
    let (option, value) =
        line.split_once(['=', ':']).ok_or("neither a [section] nor option = value")?;
    let option = option.trim();
    if option.is_empty() {
        return Err("a value without an option's name");
    }
    let value = value.trim();
    let bare = ['"', '\'']
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(value);
    Ok((option.replace('-', "_"), bare.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> IniFile {
        parse(Path::new("cinder.conf"), text).expect("a readable file")
    }

    fn refused(text: &str) -> String {
        parse(Path::new("cinder.conf"), text).expect_err("a broken file").to_string()
    }

    #[test]
    fn values_keep_their_lines_and_lose_their_quotes() {
        let file =
            read_text("# top\n[DEFAULT]\ndebug = true\n\n; more\nhost:'a = b'\nlog-file = x\r\n");
        let seen: Vec<_> = file
            .assignments
            .iter()
            .map(|a| (a.option.as_str(), a.value.as_str(), a.line))
            .collect();
        assert_eq!(seen, [("debug", "true", 3), ("host", "a = b", 6), ("log_file", "x", 7)]);
        assert_eq!(file.sections, [("DEFAULT".to_owned(), 2)]);
    }

    #[test]
    fn an_indented_line_continues_the_value_until_an_empty_line() {
        let file =
            read_text("[DEFAULT]\nenabled_backends = a,\n  b,\n\tc\n\n  # remark\nhost = h\n");
        assert_eq!(file.assignments[0].value, "a,\nb,\nc");
        assert_eq!(file.assignments[1].value, "h");
    }

    #[test]
    fn a_lone_quote_stays() {
        assert_eq!(read_text("[a]\nb = \"\n").assignments[0].value, "\"");
        assert_eq!(read_text("[a]\nb = 'x\"\n").assignments[0].value, "'x\"");
        assert_eq!(read_text("[a]\nb =\n").assignments[0].value, "");
    }

    #[test]
    fn broken_lines_are_named_by_number() {
        assert_eq!(refused("[a]\nb\n"), "cinder.conf:2: neither a [section] nor option = value");
        assert_eq!(refused("a = b\n"), "cinder.conf:1: an option above the first [section]");
        assert_eq!(refused("[a\n"), "cinder.conf:1: a section must end with ]");
        assert_eq!(refused("[]\n"), "cinder.conf:1: a section without a name");
        assert_eq!(
            refused("[a]\n = b\n"),
            "cinder.conf:2: an indented line, but no option above it to continue"
        );
        assert_eq!(refused("[a]\n=b\n"), "cinder.conf:2: a value without an option's name");
    }

    #[test]
    fn a_file_that_is_not_there_says_so() {
        let error = read(Path::new("no/such/cinder.conf")).expect_err("no file").to_string();
        assert!(error.starts_with("no/such/cinder.conf: cannot be read: "), "{error}");
    }
}
