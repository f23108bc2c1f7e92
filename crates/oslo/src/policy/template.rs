//! Templates: the right side of a check, a text with `%(name)s` where the target's values go.

use super::error::ParseError;
use super::facts::Facts;

/// A text with places for the target's values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Box<[Piece]>);

/// A part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// As it is.
    Text(Box<str>),
    /// The target's value of this name.
    Value(Box<str>),
}

impl Template {
    /// Reads `text`, which begins at `column` of its rule. Python's `%` operator knows more forms; those would print the
    /// whole target or fail at every request, and no rule wants them.
    pub(super) fn parse(text: &str, column: usize) -> Result<Self, ParseError> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('%') {
            let here = column + text[..text.len() - rest.len() + at].chars().count();
            plain.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('%') {
                plain.push('%');
                rest = after;
                continue;
            }
            let (name, after) = value(rest).ok_or_else(|| {
                let wanted = "a % begins a value of the target and needs the form %(name)s; write %% for the sign itself";
                ParseError::new(here, wanted)
            })?;
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain).into()));
            }
            pieces.push(Piece::Value(name.into()));
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain.into()));
        }
        Ok(Self(pieces.into()))
    }

    /// Whether the text reads as `wanted` with the target's values in it. A value that the target does not have is
    /// like nothing.
    pub(super) fn is(&self, target: &dyn Facts, wanted: &str) -> bool {
        let mut rest = wanted;
        for piece in &self.0 {
            let after = match piece {
                Piece::Text(text) => rest.strip_prefix(&**text),
                Piece::Value(name) => target
                    .look_up(name)
                    .and_then(|value| value.with_text(|text| rest.strip_prefix(text)).flatten()),
            };
            match after {
                Some(after) => rest = after,
                None => return false,
            }
        }
        rest.is_empty()
    }

    /// The text with the target's values in it; none when the target lacks one.
    pub(super) fn fill(&self, target: &dyn Facts) -> Option<String> {
        let mut filled = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Value(name) => {
                    target.look_up(name)?.with_text(|text| filled.push_str(text))?;
                }
            }
        }
        Some(filled)
    }

    /// The text when no value goes into it.
    pub(super) fn plain(&self) -> Option<&str> {
        match &*self.0 {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The names of the values that go into it.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Value(name) => Some(&**name),
        })
    }
}

/// The name in `(name)s…`, and what follows.
fn value(text: &str) -> Option<(&str, &str)> {
    let (name, after) = text.strip_prefix('(')?.split_once(')')?;
    let fits = !name.is_empty() && !name.contains('(');
    fits.then_some(()).and_then(|()| Some((name, after.strip_prefix('s')?)))
}

#[cfg(test)]
mod tests {
    use super::super::facts::{Fact, Nothing};
    use super::*;

    struct One;

    impl Facts for One {
        fn look_up(&self, name: &str) -> Option<Fact<'_>> {
            match name {
                "a" => Some(Fact::Text("xy")),
                "n" => Some(Fact::Null),
                _ => None,
            }
        }
    }

    #[test]
    fn values_go_where_their_names_stand() {
        let template = Template::parse("<%(a)s%%%(n)s>", 1).expect("a template");
        assert!(template.is(&One, "<xy%None>"));
        assert!(!template.is(&One, "<xy%None>>"));
        assert!(!template.is(&One, "<xy%Non"));
        assert_eq!(template.fill(&One).as_deref(), Some("<xy%None>"));
        assert_eq!(template.names().collect::<Vec<_>>(), ["a", "n"]);
    }

    #[test]
    fn what_the_target_lacks_is_like_nothing() {
        let template = Template::parse("%(a)s", 1).expect("a template");
        assert!(!template.is(&Nothing, ""));
        assert_eq!(template.fill(&Nothing), None);
    }

    #[test]
    fn other_forms_of_the_percent_sign_are_refused_where_they_stand() {
        for (text, column) in [("50%", 12), ("é%s", 11), ("%(a)d", 10), ("%()s", 10), ("%(a", 10)]
        {
            assert_eq!(Template::parse(text, 10).expect_err("no form").column, column, "{text}");
        }
    }
}
