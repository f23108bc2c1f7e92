//! What an option is: its name and section, how its text is read, its default, and a sentence for the reference.

use std::fmt;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

/// The section name under which options of all backends are listed; they are read from the backend's own
/// section first and from this one second.
pub(crate) const BACKEND: &str = "backend_defaults";

/// What texts an option admits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// Any text.
    Text,
    /// A path; relative ones start at the working directory.
    Path,
    /// 1/0, true/false, yes/no, on/off in any case.
    Flag,
    /// A whole number within bounds, both included.
    Integer(i64, i64),
    /// A finite number.
    Float,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Texts with commas between them.
    List,
    /// A text of its own kind, described by these words ("an address", …).
    Own(&'static str),
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Text => f.write_str("a text"),
            Self::Path => f.write_str("a path"),
            Self::Flag => f.write_str("true or false"),
            Self::Integer(i64::MIN, i64::MAX) => f.write_str("a whole number"),
            Self::Integer(min, i64::MAX) => write!(f, "a whole number from {min}"),
            Self::Integer(min, max) => write!(f, "a whole number from {min} to {max}"),
            Self::Float => f.write_str("a number"),
            Self::Choice(words) => write!(f, "one of: {}", words.join(", ")),
            Self::List => f.write_str("a list with commas"),
            Self::Own(words) => f.write_str(words),
        }
    }
}

/// An option without its type: what the reference and the check of files need.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Section, or [`BACKEND`].
    pub(crate) section: &'static str,
    /// Name in Cinder's spelling; our own options follow its style.
    pub(crate) name: &'static str,
    /// What it admits.
    pub(crate) kind: Kind,
    /// Default before substitution; `None` where "not set" is a value of its own.
    pub(crate) default: Option<&'static str>,
    /// Older names (section and option) that are still read.
    pub(crate) deprecated: &'static [(&'static str, &'static str)],
    /// May stand several times.
    pub(crate) repeats: bool,
    /// Holds a password: never shown.
    pub(crate) secret: bool,
    /// What it does; says where Ashlar differs from Cinder.
    pub(crate) help: &'static str,
}

/// An option whose value is a `T`.
#[derive(Debug)]
pub(crate) struct Opt<T> {
    /// The rest of it.
    pub(crate) entry: Entry,
    value: PhantomData<fn() -> T>,
}

impl<T> Opt<T> {
    /// An option without default.
    pub(crate) const fn new(
        section: &'static str,
        name: &'static str,
        kind: Kind,
        help: &'static str,
    ) -> Self {
        let entry = Entry {
            section,
            name,
            kind,
            default: None,
            deprecated: &[],
            repeats: false,
            secret: false,
            help,
        };
        Self { entry, value: PhantomData }
    }

    /// With this default; `$name` is substituted in it.
    pub(crate) const fn default(mut self, text: &'static str) -> Self {
        self.entry.default = Some(text);
        self
    }

    /// With older names.
    pub(crate) const fn deprecated(
        mut self,
        names: &'static [(&'static str, &'static str)],
    ) -> Self {
        self.entry.deprecated = names;
        self
    }

    /// May stand several times (oslo.config's MultiOpt).
    pub(crate) const fn repeats(mut self) -> Self {
        self.entry.repeats = true;
        self
    }

    /// Its value is never shown.
    pub(crate) const fn secret(mut self) -> Self {
        self.entry.secret = true;
        self
    }
}

/// A type that can be read from an option's text.
pub(crate) trait FromText: Sized {
    /// The value, or `None` when `text` is none that `kind` admits.
    fn from_text(kind: Kind, text: &str) -> Option<Self>;
}

impl FromText for String {
    fn from_text(kind: Kind, text: &str) -> Option<Self> {
        match kind {
            Kind::Choice(words) => words.contains(&text).then(|| text.to_owned()),
            _ => Some(text.to_owned()),
        }
    }
}

impl FromText for SecretString {
    fn from_text(_: Kind, text: &str) -> Option<Self> {
        Some(text.into())
    }
}

impl FromText for PathBuf {
    fn from_text(_: Kind, text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self::from(text))
    }
}

impl FromText for bool {
    fn from_text(_: Kind, text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "on" | "yes" => Some(true),
            "false" | "0" | "off" | "no" => Some(false),
            _ => None,
        }
    }
}

fn integer(kind: Kind, text: &str) -> Option<i64> {
    let number = text.trim().parse().ok()?;
    match kind {
        Kind::Integer(min, max) if !(min..=max).contains(&number) => None,
        _ => Some(number),
    }
}

impl FromText for i64 {
    fn from_text(kind: Kind, text: &str) -> Option<Self> {
        integer(kind, text)
    }
}

impl FromText for u64 {
    fn from_text(kind: Kind, text: &str) -> Option<Self> {
        Self::try_from(integer(kind, text)?).ok()
    }
}

impl FromText for u32 {
    fn from_text(kind: Kind, text: &str) -> Option<Self> {
        Self::try_from(integer(kind, text)?).ok()
    }
}

impl FromText for u16 {
    fn from_text(kind: Kind, text: &str) -> Option<Self> {
        Self::try_from(integer(kind, text)?).ok()
    }
}

/// Spans are whole seconds, as in all of Cinder's options.
impl FromText for Duration {
    fn from_text(kind: Kind, text: &str) -> Option<Self> {
        Some(Self::from_secs(u64::from_text(kind, text)?))
    }
}

impl FromText for f64 {
    fn from_text(_: Kind, text: &str) -> Option<Self> {
        text.trim().parse().ok().filter(|number: &Self| number.is_finite())
    }
}

/// Commas separate; white space around an item goes away, and so do commas at the end.
impl FromText for Vec<String> {
    fn from_text(_: Kind, text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches(',');
        if text.is_empty() {
            return Some(Self::new());
        }
        Some(text.split(',').map(|item| item.trim().to_owned()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booleans_have_eight_spellings_in_any_case() {
        for text in ["1", "True", "YES", "on"] {
            assert_eq!(bool::from_text(Kind::Flag, text), Some(true), "{text}");
        }
        for text in ["0", "False", "no", "OFF"] {
            assert_eq!(bool::from_text(Kind::Flag, text), Some(false), "{text}");
        }
        for text in ["", "maybe", "t", "2"] {
            assert_eq!(bool::from_text(Kind::Flag, text), None, "{text}");
        }
    }

    #[test]
    fn numbers_keep_to_their_bounds() {
        let kind = Kind::Integer(3, 9);
        assert_eq!(i64::from_text(kind, " 3 "), Some(3));
        assert_eq!(i64::from_text(kind, "10"), None);
        assert_eq!(i64::from_text(kind, ""), None);
        assert_eq!(u32::from_text(Kind::Integer(i64::MIN, i64::MAX), "-1"), None);
        assert_eq!(f64::from_text(Kind::Float, "-1.5e1"), Some(-15.0));
        assert_eq!(f64::from_text(Kind::Float, "nan"), None);
    }

    #[test]
    fn a_list_loses_space_and_trailing_commas() {
        let read = |text: &str| Vec::<String>::from_text(Kind::List, text).expect("a list");
        assert_eq!(read("a, b ,\nc,"), ["a", "b", "c"]);
        assert!(read("").is_empty());
    }

    #[test]
    fn a_choice_is_exact() {
        let kind = Kind::Choice(&["noauth", "keystone"]);
        assert_eq!(String::from_text(kind, "keystone").as_deref(), Some("keystone"));
        assert_eq!(String::from_text(kind, "Keystone"), None);
        assert_eq!(kind.to_string(), "one of: noauth, keystone");
    }
}
