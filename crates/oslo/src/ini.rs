//! Takes an INI text apart the way oslo.config does, and keeps the line of every value.
//!
//! An assignment splits at the first `=` or `:`; a pair of quotes around a value goes away; a line that starts
//! with white space continues the value above it; `#` and `;` in the first column start a comment; an empty
//! line ends a value. Options must stand in a section. Substitution of `$name` comes later and is not done here.

use thiserror::Error;

/// One `option = value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Section, as written.
    pub section: String,
    /// Option, with `-` read as `_` (oslo.log's options may be written either way).
    pub option: String,
    /// Value without quotes; continuation lines are joined by line feeds.
    pub value: String,
    /// The line where it starts, counted from 1.
    pub line: usize,
}

/// A text in its own order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ini {
    /// Section headers with their lines; a section may occur more than once.
    pub sections: Vec<(String, usize)>,
    /// All assignments.
    pub assignments: Vec<Assignment>,
}

/// The text is not what oslo.config understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{line}: {problem}")]
pub struct Syntax {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: &'static str,
}

/// Takes `text` apart.
///
/// # Errors
/// The first line that is neither a section, a comment, an assignment nor the continuation of one.
pub fn parse(text: &str) -> Result<Ini, Syntax> {
    let mut file = Ini::default();
    // Whether the next indented line continues the last assignment.
    let mut open = false;
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let number = index + 1;
        let wrong = |problem| Syntax { line: number, problem };
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

    fn read_text(text: &str) -> Ini {
        parse(text).expect("a readable text")
    }

    fn refused(text: &str) -> String {
        parse(text).expect_err("a broken text").to_string()
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
        assert_eq!(refused("[a]\nb\n"), "2: neither a [section] nor option = value");
        assert_eq!(refused("a = b\n"), "1: an option above the first [section]");
        assert_eq!(refused("[a\n"), "1: a section must end with ]");
        assert_eq!(refused("[]\n"), "1: a section without a name");
        assert_eq!(
            refused("[a]\n = b\n"),
            "2: an indented line, but no option above it to continue"
        );
        assert_eq!(refused("[a]\n=b\n"), "2: a value without an option's name");
    }
}
