//! Scheduler hints, read once per request.

use std::collections::HashSet;

use ashlar_types::PoolName;
use serde_json::Value;

use crate::figures::is_truthy;
use crate::request::Facts;

/// Volumes that a hint names.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Volumes<'a> {
    /// No hint, or an empty list.
    None,
    /// These.
    Named(Vec<&'a str>),
    /// Something in the hint is no volume's identity. Cinder passes no pool then, so as not to serve a request wrongly.
    Bad,
}

/// The instance that a hint names.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Instance<'a> {
    /// No hint.
    None,
    /// It runs on this host.
    On(&'a str),
    /// The hint is no instance's identity.
    Bad,
    /// Its host is not known.
    Unknown,
}

/// Reads `same_host` or `different_host`: an identity, or a list of them.
pub(crate) fn volumes(hint: Option<&Value>) -> Volumes<'_> {
    let named = match hint {
        None => return Volumes::None,
        Some(Value::Array(list)) => list.iter().map(Value::as_str).collect::<Option<Vec<_>>>(),
        Some(single) => single.as_str().map(|text| vec![text]),
    };
    match named {
        Some(named) if named.iter().any(|text| !is_uuid_like(text)) => Volumes::Bad,
        Some(named) if named.is_empty() => Volumes::None,
        Some(named) => Volumes::Named(named),
        None => Volumes::Bad,
    }
}

/// Reads `local_to_instance`.
pub(crate) fn instance<'a>(hint: Option<&Value>, facts: &'a Facts) -> Instance<'a> {
    match hint {
        None => Instance::None,
        Some(hint) if !is_truthy(hint) => Instance::None,
        Some(Value::String(text)) if is_uuid_like(text) => match &facts.instance {
            Some(Ok(host)) => Instance::On(host),
            _ => Instance::Unknown,
        },
        Some(_) => Instance::Bad,
    }
}

impl Volumes<'_> {
    /// The pools that they live in; worked out once, as a hint may name thousands and there may be thousands of pools.
    pub(crate) fn places<'f>(&self, facts: &'f Facts) -> HashSet<&'f PoolName> {
        match self {
            Self::Named(named) => {
                named.iter().filter_map(|name| facts.located.get(*name)).collect()
            }
            Self::None | Self::Bad => HashSet::new(),
        }
    }
}

/// Whether oslo takes the text for a UUID: 32 hexadecimal digits, with dashes anywhere, in any case, also in braces or
/// after `urn:uuid:`.
#[must_use]
pub fn is_uuid_like(text: &str) -> bool {
    let text = text.replace("urn:", "").replace("uuid:", "");
    let digits = text.trim_matches(['{', '}']).chars().filter(|c| *c != '-');
    let mut count = 0;
    for digit in digits {
        count += 1;
        if !digit.is_ascii_hexdigit() || count > 32 {
            return false;
        }
    }
    count == 32
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "6f70656e-7374-4163-8b21-c0ffee000001";

    #[test]
    fn one_volume_or_a_list_of_them_may_be_named_and_nothing_else() {
        assert_eq!(volumes(None), Volumes::None);
        assert_eq!(volumes(Some(&json!([]))), Volumes::None);
        assert_eq!(volumes(Some(&json!(ID))), Volumes::Named(vec![ID]));
        assert_eq!(volumes(Some(&json!([ID, ID]))), Volumes::Named(vec![ID, ID]));
        for odd in [json!(null), json!(""), json!("x"), json!([ID, 5]), json!([ID, "x"]), json!({})]
        {
            assert_eq!(volumes(Some(&odd)), Volumes::Bad, "{odd}");
        }
    }

    #[test]
    fn an_identity_may_be_written_in_all_ways_that_oslo_knows() {
        for text in [
            ID,
            &ID.replace('-', ""),
            &ID.to_uppercase(),
            &format!("urn:uuid:{ID}"),
            &format!("{{{ID}}}"),
        ] {
            assert!(is_uuid_like(text), "{text}");
        }
        for text in ["", "x", &ID[1..], &format!("{ID}0"), &ID.replace('6', "g")] {
            assert!(!is_uuid_like(text), "{text}");
        }
    }
}
