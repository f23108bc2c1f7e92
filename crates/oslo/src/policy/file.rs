//! `policy.yaml`: a map from rules' names to their texts. JSON is YAML enough to be read here too.
//!
//! Stricter than oslo.policy, for a mistake here opens doors: a name that stands twice, a value that is neither text
//! nor a list of texts (an empty one means "everybody" there), and a rule that is none are refused with their line.

use std::fmt;
use std::io::Read as _;
use std::path::Path;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{MergeKeyPolicy, Spanned, Tagged};

use super::check::Check;
use super::error::{FileError, ParseError};
use super::rules::Definition;

/// Largest file that is read.
const LARGEST: u64 = 1 << 20;

/// A rule of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Line of the name, counted from 1.
    pub line: u64,
    /// What it says.
    pub definition: Definition,
}

/// Reads the file at `path`. Every rule in it parses.
///
/// # Errors
/// It cannot be read, or something in it is wrong: file and line say where.
pub fn read(path: &Path) -> Result<Vec<Entry>, FileError> {
    let unreadable = |cause| FileError::Unreadable { path: path.to_owned(), cause };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut text = String::new();
    file.take(LARGEST + 1).read_to_string(&mut text).map_err(unreadable)?;
    parse(&text).map_err(|(line, problem)| FileError::Content {
        path: path.to_owned(),
        line,
        problem,
    })
}

/// The rules in `text`, or the line and what is wrong there.
///
/// # Errors
/// As [`read`].
pub fn parse(text: &str) -> Result<Vec<Entry>, (u64, String)> {
    if text.len() as u64 > LARGEST {
        return Err((1, format!("the file is larger than {LARGEST} bytes")));
    }
    let options = serde_saphyr::options! {
        merge_keys: MergeKeyPolicy::Error,
        reject_unsupported_tags: true,
    };
    let parsed = serde_saphyr::from_str_with_options::<Option<Content>>(text, options);
    let Content(entries) = parsed.map_err(|error| refusal(&error))?.unwrap_or_default();
    for entry in &entries {
        check(&entry.definition)
            .map_err(|error| (entry.line, format!("rule {}: {error}", entry.name)))?;
    }
    Ok(entries)
}

fn check(definition: &Definition) -> Result<Check, ParseError> {
    match definition {
        Definition::Text(text) => Check::parse(text),
        Definition::Lists(lists) => Check::parse_lists(lists),
    }
}

/// The line, and the reason on one line.
fn refusal(error: &serde_saphyr::Error) -> (u64, String) {
    let line = error.location().map_or(1, |location| location.line().max(1));
    if let serde_saphyr::Error::DuplicateMappingKey { key, .. } = error.without_snippet() {
        let name = key.as_deref().unwrap_or("a rule").escape_debug().to_string();
        return (line, format!("{name} stands twice"));
    }
    let text = error.without_snippet().to_string();
    // The line stands before the colon.
    let text = text.rfind(" at line ").map_or(text.as_str(), |end| &text[..end]);
    let text: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    (line, text.join(" "))
}

#[derive(Default)]
struct Content(Vec<Entry>);

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Content(Vec::new()))
    }
}

impl<'de> Visitor<'de> for Content {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of rules, each as name: text")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self, A::Error> {
        while let Some(name) = map.next_key::<Spanned<String>>()? {
            let Said(definition) = untagged(map.next_value()?)?;
            let line = name.referenced.line();
            self.0.push(Entry { name: name.value, line, definition });
        }
        Ok(self)
    }
}

/// The value, when no tag stands before it: a bare `!` is a tag before an empty text and would mean "everybody".
fn untagged<T, E: de::Error>(tagged: Tagged<T>) -> Result<T, E> {
    match tagged {
        Tagged(value, None) => Ok(value),
        Tagged(_, Some(tag)) => Err(E::custom(format!(
            "'{}' is read as a YAML tag; write a rule in quotes, \"!\" for nobody",
            tag.escape_debug()
        ))),
    }
}

struct Said(Definition);

impl<'de> Deserialize<'de> for Said {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SaidVisitor)
    }
}

struct SaidVisitor;

impl<'de> Visitor<'de> for SaidVisitor {
    type Value = Said;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a rule as text in quotes (\"\" for everybody, \"!\" for nobody) or as lists of checks",
        )
    }

    fn visit_str<E>(self, text: &str) -> Result<Said, E> {
        Ok(Said(Definition::Text(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut lists: A) -> Result<Said, A::Error> {
        let mut found = Vec::new();
        while let Some(inner) = lists.next_element()? {
            let Inner(list) = untagged(inner)?;
            found.push(list);
        }
        Ok(Said(Definition::Lists(found)))
    }
}

/// A list of checks, or one check alone.
struct Inner(Vec<String>);

impl<'de> Deserialize<'de> for Inner {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(InnerVisitor)
    }
}

struct InnerVisitor;

impl<'de> Visitor<'de> for InnerVisitor {
    type Value = Inner;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a check as text, or a list of checks")
    }

    fn visit_str<E>(self, text: &str) -> Result<Inner, E> {
        // As an empty list: oslo.policy leaves both out.
        Ok(Inner(if text.is_empty() { Vec::new() } else { vec![text.to_owned()] }))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Inner, A::Error> {
        let mut checks = Vec::new();
        while let Some(text) = list.next_element()? {
            let Text(text) = untagged(text)?;
            checks.push(text);
        }
        Ok(Inner(checks))
    }
}

/// A text that is written as one: a bare `true` or `1` is none.
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a check as text")
    }

    fn visit_str<E>(self, text: &str) -> Result<Text, E> {
        Ok(Text(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> (u64, String) {
        parse(text).expect_err(text)
    }

    #[test]
    fn a_file_is_a_map_of_texts_and_lists() {
        let text = "# ours\n\"volume:create\": \"role:member\"\n\nvolume:delete: \"!\"\n\
                    volume:get: [[\"role:a\", \"role:b\"], \"role:c\"]\n";
        let entries = parse(text).expect("a good file");
        let lists = vec![vec!["role:a".to_owned(), "role:b".to_owned()], vec!["role:c".to_owned()]];
        let entry =
            |name: &str, line, definition| Entry { name: name.to_owned(), line, definition };
        assert_eq!(
            entries,
            [
                entry("volume:create", 2, Definition::Text("role:member".to_owned())),
                entry("volume:delete", 4, Definition::Text("!".to_owned())),
                entry("volume:get", 5, Definition::Lists(lists)),
            ]
        );
        for empty in ["", "# nothing\n", "{}", "---\n"] {
            assert_eq!(parse(empty), Ok(Vec::new()), "{empty:?}");
        }
    }

    #[test]
    fn json_is_read_too() {
        let entries =
            parse("{\n  \"a:b\": \"role:x\",\n  \"c\": [[\"role:y\"]]\n}\n").expect("a good file");
        assert_eq!(entries.iter().map(|entry| entry.line).collect::<Vec<_>>(), [2, 3]);
    }

    #[test]
    fn what_is_wrong_is_refused_with_its_line() {
        for (text, line, wanted) in [
            ("a: role:x\nb: role:y\na: role:z\n", 3, "a stands twice"),
            ("a: role:x\nb:\n", 2, "quotes"),
            ("a: role:x\nb: true\n", 2, "quotes"),
            ("a: role:x\n\nb: {c: d}\n", 3, "quotes"),
            ("a: [[1]]\n", 1, "text"),
            ("- a\n- b\n", 1, ""),
            ("a\n", 1, ""),
            ("a: \"x\n", 1, ""),
            ("a: role:x\nb: role:x and\n", 2, "rule b: column 11: expected"),
            ("a: role:x\n\nb:\n  - [\"http:x\"]\n", 3, "rule b: column 1: checks by http"),
        ] {
            let (at, problem) = refused(text);
            assert_eq!(at, line, "{text:?}: {problem}");
            assert!(problem.to_lowercase().contains(wanted), "{text:?}: {problem}");
            assert!(!problem.contains('\n'), "{problem}");
        }
    }

    #[test]
    fn a_bare_exclamation_mark_never_means_everybody() {
        // YAML takes it for a tag before an empty text.
        for text in ["a: !\n", "a: !\nb: role:x\n", "a: [!]\n", "a: !foo bar\n"] {
            let (line, problem) = refused(text);
            assert_eq!(line, 1, "{text:?}: {problem}");
        }
    }
}
