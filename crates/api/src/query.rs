//! Query strings: an ordered multi-map, decoded once.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};

use crate::fault::Fault;

/// What `application/x-www-form-urlencoded` leaves as it is, in Python's spelling (blanks become `+`).
const FORM: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'_').remove(b'.').remove(b'-').remove(b'~').remove(b' ');

/// The parameters of a request in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    /// Reads the part after the question mark.
    ///
    /// # Errors
    /// 400 when it is not UTF-8 after decoding.
    pub fn parse(raw: &str) -> Result<Self, Fault> {
        let mut pairs = Vec::new();
        for part in raw.split('&').filter(|part| !part.is_empty()) {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            pairs.push((decode(key)?, decode(value)?));
        }
        Ok(Self { pairs })
    }

    /// The last value of `key`, as Cinder reads repeated parameters.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.pairs.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// Whether `key` occurs.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.pairs.iter().any(|(name, _)| name == key)
    }

    /// The same query but for the parameter `key`.
    #[must_use]
    pub fn without(&self, key: &str) -> Self {
        Self { pairs: self.pairs.iter().filter(|(name, _)| name != key).cloned().collect() }
    }

    /// All pairs in order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The boolean parameter `key`; `default` when it is absent.
    ///
    /// # Errors
    /// 400 "Value 'x' for 'P' is not a boolean."
    pub fn boolean(&self, key: &str, default: bool) -> Result<bool, Fault> {
        self.get(key).map_or(Ok(default), |text| {
            read_boolean(text).ok_or_else(|| {
                Fault::bad_request(format!("Value '{text}' for '{key}' is not a boolean."))
            })
        })
    }

    /// The query written again with `marker` in place of the old one, for a link to the next page.
    #[must_use]
    pub fn with_marker(&self, marker: &str) -> String {
        let mut text = String::new();
        let kept = self.pairs().filter(|(key, _)| *key != "marker");
        for (key, value) in kept.chain([("marker", marker)]) {
            if !text.is_empty() {
                text.push('&');
            }
            encode_into(&mut text, key);
            text.push('=');
            encode_into(&mut text, value);
        }
        text
    }
}

/// The words that OpenStack takes for true and false, in any case, blanks around them allowed.
#[must_use]
pub fn read_boolean(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "t" | "true" | "on" | "y" | "yes" => Some(true),
        "0" | "f" | "false" | "off" | "n" | "no" => Some(false),
        _ => None,
    }
}

fn decode(raw: &str) -> Result<String, Fault> {
    let spaced: Cow<'_, str> =
        if raw.contains('+') { raw.replace('+', " ").into() } else { raw.into() };
    percent_decode(spaced.as_bytes()).decode_utf8().map(Cow::into_owned).map_err(|_| {
        Fault::bad_request("Error decoding your request. The query string is not valid UTF-8.")
    })
}

fn encode_into(text: &mut String, value: &str) {
    for piece in utf8_percent_encode(value, FORM) {
        if piece.contains(' ') {
            text.push_str(&piece.replace(' ', "+"));
        } else {
            text.push_str(piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_decoded_in_order_and_the_last_value_counts() {
        let query = Query::parse("a=1&name=b%20c+d&a=2&&flag").expect("legal");
        assert_eq!(query.get("a"), Some("2"));
        assert_eq!(query.get("name"), Some("b c d"));
        assert_eq!(query.get("flag"), Some(""));
        assert_eq!(query.pairs().count(), 4);
        assert!(!query.without("a").has("a") && query.without("a").has("flag"));
        assert_eq!(Query::parse("a=%ff").expect_err("not UTF-8").status().as_u16(), 400);
    }

    #[test]
    fn the_next_page_keeps_every_parameter_but_the_marker() {
        let query = Query::parse("limit=2&marker=x&name=a%26b+c").expect("legal");
        assert_eq!(query.with_marker("y"), "limit=2&name=a%26b+c&marker=y");
    }

    #[test]
    fn booleans_have_openstacks_words() {
        let query = Query::parse("a=YES&b=0&c=maybe").expect("legal");
        assert!(query.boolean("a", false).expect("a boolean"));
        assert!(!query.boolean("b", true).expect("a boolean"));
        assert!(query.boolean("absent", true).expect("the default"));
        assert_eq!(
            query.boolean("c", true).expect_err("no boolean").message(),
            "Value 'maybe' for 'c' is not a boolean."
        );
    }
}
