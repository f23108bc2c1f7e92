//! Reading texts as Python and its oslo libraries read them, since extra specs were written for those.

/// The words of a text, by Python's idea of white space (which has four control characters more than Unicode's).
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_space).filter(|word| !word.is_empty())
}

/// The number that a text stands for, as Python's `float()` reads it: white space around it, digits grouped by `_`,
/// `inf` and `nan` are all well. Digits other than 0 to 9 are not read.
pub(crate) fn float(text: &str) -> Option<f64> {
    // Python folds the rarer white space only when it has to fold something: `float("\x1c5")` is an error.
    let ascii = text.is_ascii();
    let text = text.trim_matches(|c| if ascii { is_ascii_space(c) } else { is_space(c) });
    if !text.contains('_') {
        return text.parse().ok();
    }
    let bytes = text.as_bytes();
    let is_digit = |at: Option<&u8>| at.is_some_and(u8::is_ascii_digit);
    let grouped = (0..bytes.len())
        .filter(|&at| bytes[at] == b'_')
        .all(|at| at > 0 && is_digit(bytes.get(at - 1)) && is_digit(bytes.get(at + 1)));
    if grouped { text.replace('_', "").parse().ok() } else { None }
}

/// The truth value that a text stands for, as oslo's `bool_from_string` reads it; anything unknown is false.
pub(crate) fn truth(text: &str) -> bool {
    let word = text.trim_matches(is_space);
    ["1", "t", "true", "on", "y", "yes"].iter().any(|yes| word.eq_ignore_ascii_case(yes))
}

fn is_ascii_space(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r')
}

fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_python_reads_them() {
        for (text, number) in [
            (" 12 ", 12.0),
            ("1_000.5", 1000.5),
            ("+.5e1", 5.0),
            ("5.", 5.0),
            ("-Infinity", f64::NEG_INFINITY),
        ] {
            assert_eq!(float(text), Some(number), "{text}");
        }
        for text in ["", "\u{1c}5", "_1", "1_", "1__0", "1_.0", "0x10", "1 2", "ten", "1e"] {
            assert_eq!(float(text), None, "{text}");
        }
        assert!(float("nan").is_some_and(f64::is_nan));
    }

    #[test]
    fn truth_is_one_of_six_words() {
        for text in ["1", "T", " True ", "ON", "y", "yes"] {
            assert!(truth(text), "{text}");
        }
        for text in ["", "0", "false", "1.0", "enabled", "truee"] {
            assert!(!truth(text), "{text}");
        }
    }
}
