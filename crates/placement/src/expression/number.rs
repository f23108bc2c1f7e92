//! Numbers in texts, read as Python's `int()` and `float()` read them.

use std::borrow::Cow;

use super::error::Problem;
use super::value::Value;

/// What a variable's text is worth: an integer, a float, or the text without any quotes.
pub(super) fn value_of(text: Cow<'_, str>) -> Result<Value<'_>, Problem> {
    match number_in(&text)? {
        Some(value) => Ok(value),
        None if text.contains(['"', '\'']) => {
            Ok(Value::Text(Cow::Owned(text.replace(['"', '\''], ""))))
        }
        None => Ok(Value::Text(text)),
    }
}

/// The number that a bare word is (`nan`, `inf`, `infinity`), or a text says.
pub(super) fn number_in(text: &str) -> Result<Option<Value<'static>>, Problem> {
    let text = trim(text);
    // Most texts end here.
    let Some(b'0'..=b'9' | b'+' | b'-' | b'.' | b'i' | b'I' | b'n' | b'N') = text.bytes().next()
    else {
        return Ok(None);
    };
    let Some(text) = without_separators(text) else { return Ok(None) };
    let digits = text.strip_prefix(['+', '-']).unwrap_or(&text);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().map(|number| Some(Value::Int(number))).map_err(|_| Problem::TooLarge);
    }
    Ok(text.parse().ok().map(Value::Float))
}

/// A text as a float, or not.
pub(super) fn float_of(text: &str) -> Option<f64> {
    without_separators(trim(text))?.parse().ok()
}

/// Without the space around it: what C calls space, and beyond ASCII what Unicode does.
fn trim(text: &str) -> &str {
    text.trim_matches(|letter: char| match letter {
        ' ' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' => true,
        other => !other.is_ascii() && other.is_whitespace(),
    })
}

/// Without the underscores, each of which must be between two digits.
fn without_separators(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('_') {
        return Some(Cow::Borrowed(text));
    }
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let between = |at: usize| at > 0 && digit(at - 1) && digit(at + 1);
    let fits = bytes.iter().enumerate().all(|(at, byte)| *byte != b'_' || between(at));
    fits.then(|| Cow::Owned(text.replace('_', "")))
}
