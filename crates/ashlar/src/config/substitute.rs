//! `$name`, `${name}` and `$section.name` in values; `$$` and `\$` are a dollar sign.
//!
//! Names follow oslo.config: a letter or `_`, then letters, digits, `_` and dots. A dollar sign before anything
//! else stays as it is.

/// Replaces every reference in `text` by what `lookup` has for it.
pub(crate) fn expand<E>(
    text: &str,
    mut lookup: impl FnMut(&str) -> Result<String, E>,
) -> Result<String, E> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, after) = (&rest[..at], &rest[at + 1..]);
        if let Some(before) = before.strip_suffix('\\') {
            out.push_str(before);
            out.push('$');
            rest = after;
            continue;
        }
        out.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some((name, after)) = reference(after) {
            out.push_str(&lookup(name)?);
            rest = after;
        } else {
            out.push('$');
            rest = after;
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// The name at the start of `text`, with or without braces, and what follows it.
fn reference(text: &str) -> Option<(&str, &str)> {
    if let Some(inner) = text.strip_prefix('{') {
        let (name, rest) = inner.split_once('}')?;
        return (name_length(name) == name.len() && !name.is_empty()).then_some((name, rest));
    }
    let length = name_length(text);
    (length > 0).then(|| text.split_at(length))
}

fn name_length(text: &str) -> usize {
    if !text.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic()) {
        return 0;
    }
    text.find(|c: char| !(c == '_' || c == '.' || c.is_ascii_alphanumeric())).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(text: &str) -> Result<String, String> {
        expand(text, |name| match name {
            "state_path" => Ok("/var/lib".to_owned()),
            "database.user" => Ok("cinder".to_owned()),
            other => Err(other.to_owned()),
        })
    }

    #[test]
    fn names_are_replaced_in_each_form() {
        assert_eq!(expanded("$state_path/volumes"), Ok("/var/lib/volumes".to_owned()));
        assert_eq!(expanded("${state_path}2"), Ok("/var/lib2".to_owned()));
        assert_eq!(expanded("u=$database.user;"), Ok("u=cinder;".to_owned()));
    }

    #[test]
    fn a_doubled_or_escaped_dollar_is_a_dollar() {
        assert_eq!(expanded("a$$state_path"), Ok("a$state_path".to_owned()));
        assert_eq!(expanded(r"a\$state_path"), Ok("a$state_path".to_owned()));
        assert_eq!(expanded("5$ $1 ${} ${a b} $"), Ok("5$ $1 ${} ${a b} $".to_owned()));
    }

    #[test]
    fn an_unknown_name_is_given_to_the_caller() {
        assert_eq!(expanded("x$nothing"), Err("nothing".to_owned()));
    }
}
