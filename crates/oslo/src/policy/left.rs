//! The left side of a comparison: a literal, or the name of a credential.

use super::error::ParseError;
use super::facts::{Fact, Facts};

/// What is compared with the right side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Left {
    /// This text.
    Literal(Box<str>),
    /// The credential that these names lead to, from map to map.
    Credential(Box<[Box<str>]>),
}

/// Python's words that can be no name.
const KEYWORDS: &[&str] = &[
    "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif",
    "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda",
    "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

impl Left {
    /// Reads `text`, which begins at `column` of its rule: `'text'`, a whole number, `True`, `False`, `None`, or a name
    /// with dots. Python reads more as a literal; no rule is known that says more.
    pub(super) fn parse(text: &str, column: usize) -> Result<Self, ParseError> {
        if matches!(text, "True" | "False" | "None") || is_number(text) {
            return Ok(Self::Literal(text.into()));
        }
        if let Some(inner) = unquoted(text) {
            return Ok(Self::Literal(inner.into()));
        }
        let names: Box<[Box<str>]> = text.split('.').map(Box::from).collect();
        if names.iter().all(|name| is_name(name)) {
            return Ok(Self::Credential(names));
        }
        let shown = text.escape_debug();
        Err(ParseError::new(
            column,
            format!(
                "'{shown}' can stand before no colon; expected role, rule, a credential such as user_id, a text in \
                 quotes, a number, True, False or None"
            ),
        ))
    }

    /// Whether `check` holds for its text, or for one of several.
    pub(super) fn any(&self, credentials: &dyn Facts, check: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Self::Literal(text) => check(text),
            Self::Credential(names) => match &**names {
                [first, rest @ ..] => {
                    credentials.look_up(first).is_some_and(|fact| descend(fact, rest, check))
                }
                [] => false,
            },
        }
    }

    /// A credential's name, with the dots.
    pub(super) fn name(&self) -> Option<String> {
        match self {
            Self::Literal(_) => None,
            Self::Credential(names) => Some(names.join(".")),
        }
    }
}

fn descend(fact: Fact<'_>, names: &[Box<str>], check: &dyn Fn(&str) -> bool) -> bool {
    match (fact, names) {
        (Fact::List(items), _) => items.any(&mut |item| descend(item, names, check)),
        (fact, []) => fact.with_text(check).unwrap_or(false),
        (Fact::Map(map), [first, rest @ ..]) => {
            map.look_up(first).is_some_and(|fact| descend(fact, rest, check))
        }
        _ => false,
    }
}

/// A whole number as Python would print it again.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    text == "0"
        || (!digits.starts_with('0')
            && !digits.is_empty()
            && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What stands between the quotes; a text with further quotes or escapes is none.
fn unquoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|sign| matches!(sign, '\'' | '"'))?;
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    (!inner.contains([quote, '\\', '\n', '\r'])).then_some(inner)
}

fn is_name(text: &str) -> bool {
    let starts = text.starts_with(|sign: char| sign.is_ascii_alphabetic() || sign == '_');
    starts
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !matches!(text, "True" | "False" | "None")
        && !KEYWORDS.contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_and_names_are_told_apart() {
        let literal = |text: &str| Left::Literal(text.into());
        let read = |text: &str| Left::parse(text, 1).expect("a left side");
        assert_eq!(read("'Member'"), literal("Member"));
        assert_eq!(read("\"it's\""), literal("it's"));
        assert_eq!(read("True"), literal("True"));
        assert_eq!(read("-12"), literal("-12"));
        let names = ["token", "project", "id"].map(Box::from);
        assert_eq!(read("token.project.id"), Left::Credential(names.into()));
    }

    #[test]
    fn what_python_could_not_read_is_refused() {
        for text in ["", "'", "'a", "a b", "1a", "007", "a-b", "a..b", "class", "'a'b'", "[1]", "é"]
        {
            Left::parse(text, 1).expect_err(text);
        }
    }
}
