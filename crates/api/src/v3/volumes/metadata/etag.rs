//! The tag of a volume's metadata, and the condition that a writer may put on it.
//!
//! The tag is the MD5 of the answer's text as Python writes JSON: one blank after each colon and comma,
//! nothing but ASCII. Clients of Cinder compute it from what they read.

use std::fmt::Write as _;

use ashlar_types::Metadata;
use http::HeaderMap;
use http::header::{HeaderValue, IF_MATCH};
use md5::{Digest as _, Md5};

use crate::request::Request;
use crate::version::{Version, v3};

/// From this microversion on there are tags and conditions.
const SINCE: Version = v3(15);

/// Whether answers at `version` carry a tag.
pub(super) fn is_sent(version: Version) -> bool {
    version >= SINCE
}

/// `{"metadata": {…}}` in the form that the tag is computed from.
pub(super) fn text(metadata: &Metadata) -> String {
    let mut text = String::from("{\"metadata\": {");
    for (index, (key, value)) in metadata.iter().enumerate() {
        text.push_str(if index == 0 { "" } else { ", " });
        quote(&mut text, key);
        text.push_str(": ");
        quote(&mut text, value);
    }
    text.push_str("}}");
    text
}

/// The tag of [`text`], in hexadecimal digits without quotes, as Cinder sends it.
pub(super) fn tag(text: &str) -> String {
    format!("{:x}", Md5::digest(text))
}

fn quote(out: &mut String, text: &str) {
    out.push('"');
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(sign @ (b'"' | b'\\')) => {
                out.push('\\');
                out.push(char::from(sign));
            }
            Ok(b'\n') => out.push_str("\\n"),
            Ok(b'\r') => out.push_str("\\r"),
            Ok(b'\t') => out.push_str("\\t"),
            Ok(0x08) => out.push_str("\\b"),
            Ok(0x0c) => out.push_str("\\f"),
            Ok(sign @ b' '..=b'~') => out.push(char::from(sign)),
            // Writing to a string cannot fail.
            _ => drop(write!(out, "\\u{unit:04x}")),
        }
    }
    out.push('"');
}

/// What a writer wants the metadata to be before it writes (`If-Match`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::v3::volumes) enum Condition {
    /// Whatever it is.
    None,
    /// It has one of these tags.
    Tags(Vec<String>),
}

impl Condition {
    /// The condition of `request`; none below 3.15.
    pub(super) fn of(request: &Request) -> Self {
        if is_sent(request.version) { Self::read(&request.headers) } else { Self::None }
    }

    /// Reads the header as Cinder does: `*` and nothing stand for no condition, a list has tags in
    /// quotes, of which weak ones never match, and a value without quotes is one tag.
    fn read(headers: &HeaderMap) -> Self {
        let values = headers.get_all(IF_MATCH).iter().map(HeaderValue::as_bytes);
        let text = values.map(String::from_utf8_lossy).collect::<Vec<_>>().join(", ");
        let text = text.trim();
        if text.is_empty() || text == "*" {
            return Self::None;
        }
        if !text.contains('"') {
            return Self::Tags(vec![text.to_owned()]);
        }
        // Every second piece stood between quotes; tags of ours have no quote in them.
        let pieces: Vec<&str> = text.split('"').collect();
        let tags = pieces.chunks_exact(2).filter(|pair| !pair[0].ends_with("W/"));
        Self::Tags(tags.map(|pair| pair[1].to_owned()).collect())
    }

    /// Whether `metadata` meets it.
    pub(super) fn admits(&self, metadata: &Metadata) -> bool {
        match self {
            Self::None => true,
            Self::Tags(tags) => tags.contains(&tag(&text(metadata))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(value: &str) -> Condition {
        let value = HeaderValue::from_str(value).expect("a header");
        Condition::read(&HeaderMap::from_iter([(IF_MATCH, value)]))
    }

    #[test]
    fn the_text_is_what_python_writes() {
        let metadata = Metadata::from([
            ("a".to_owned(), "ü\u{1f600}\"\\\n\u{7f}".to_owned()),
            ("b c".to_owned(), String::new()),
        ]);
        assert_eq!(
            text(&metadata),
            r#"{"metadata": {"a": "\u00fc\ud83d\ude00\"\\\n\u007f", "b c": ""}}"#
        );
        // From Python: hashlib.md5(json.dumps({"metadata": {}}).encode()).hexdigest()
        assert_eq!(tag(&text(&Metadata::new())), "28ea041cc3f26b287319d2de3c107b50");
    }

    #[test]
    fn a_condition_is_read_as_cinder_reads_it() {
        let tags = |tags: &[&str]| Condition::Tags(tags.iter().map(|&t| t.to_owned()).collect());
        assert_eq!(Condition::read(&HeaderMap::new()), Condition::None);
        assert_eq!(condition("*"), Condition::None);
        assert_eq!(condition(""), Condition::None);
        assert_eq!(condition("abc"), tags(&["abc"]));
        assert_eq!(condition("\"abc\""), tags(&["abc"]));
        assert_eq!(condition("\"abc\", W/\"d\", \"e\""), tags(&["abc", "e"]));
    }

    #[test]
    fn a_condition_admits_only_the_tagged_metadata() {
        let metadata = Metadata::from([("a".to_owned(), "b".to_owned())]);
        let tag = tag(&text(&metadata));
        assert!(condition(&tag).admits(&metadata));
        assert!(condition(&format!("\"x\", \"{tag}\"")).admits(&metadata));
        assert!(!condition(&tag).admits(&Metadata::new()));
    }
}
