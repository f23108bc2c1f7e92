//! JSON values as Python prints them, because Cinder's messages quote them so.

use std::fmt::Write as _;

use serde_json::Value;

/// As `repr` would print `value`.
#[must_use]
pub fn repr(value: &Value) -> String {
    let mut text = String::new();
    write_repr(&mut text, value);
    text
}

/// As `str` would: strings bare, everything else as by [`repr`].
#[must_use]
pub fn display(value: &Value) -> String {
    value.as_str().map_or_else(|| repr(value), str::to_owned)
}

/// As `repr` would print a string.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    write_quoted(&mut quoted, text);
    quoted
}

fn write_repr(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("None"),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) => write_quoted(out, text),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                write_repr(out, item);
            }
            out.push(']');
        }
        Value::Object(pairs) => {
            out.push('{');
            for (index, (key, item)) in pairs.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                write_quoted(out, key);
                out.push_str(": ");
                write_repr(out, item);
            }
            out.push('}');
        }
    }
}

fn write_quoted(out: &mut String, text: &str) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(quote);
    for sign in text.chars() {
        match sign {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            _ if sign == quote => {
                out.push('\\');
                out.push(sign);
            }
            // Writing to a string cannot fail.
            _ if sign.is_control() => drop(write!(out, "\\x{:02x}", u32::from(sign))),
            _ => out.push(sign),
        }
    }
    out.push(quote);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_print_as_in_python() {
        assert_eq!(repr(&json!({"a": [1, true, null, "x"]})), "{'a': [1, True, None, 'x']}");
        assert_eq!(repr(&json!("it's")), "\"it's\"");
        assert_eq!(repr(&json!("a\n'\"\u{1}")), "'a\\n\\'\"\\x01'");
        assert_eq!(display(&json!("plain")), "plain");
        assert_eq!(display(&json!(1.5)), "1.5");
    }
}
