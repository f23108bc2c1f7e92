//! Which part of the list is asked for, and in which order.

use ashlar_drivers::Manageable;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a list may be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// The name on the backend.
    Reference,
    /// The size.
    Size,
}

/// Which part, in which order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Longest answer.
    pub limit: usize,
    /// Reference of the last item of the page before.
    pub marker: Option<Value>,
    /// Items to skip after the marker.
    pub offset: usize,
    /// Keys, and whether the largest comes first.
    pub sort: Vec<(Key, bool)>,
}

impl Page {
    /// The part that is asked for; `None` when the marker names nothing that is there.
    pub(super) fn of(&self, mut all: Vec<Manageable>) -> Option<Vec<Manageable>> {
        // What the keys do not tell apart stands in the order of names, so that pages do not overlap.
        all.sort_by(|a, b| {
            let by = |(key, descending): &(Key, bool)| {
                let order = match key {
                    Key::Reference => a.reference.cmp(&b.reference),
                    Key::Size => a.size.cmp(&b.size),
                };
                if *descending { order.reverse() } else { order }
            };
            let keys = self.sort.iter().map(by).find(|order| order.is_ne());
            keys.unwrap_or_else(|| (&a.reference, &a.pool).cmp(&(&b.reference, &b.pool)))
        });
        let start = match &self.marker {
            None => 0,
            Some(marker) => 1 + all.iter().position(|it| is_at(it, marker))?,
        };
        Some(all.into_iter().skip(start).skip(self.offset).take(self.limit).collect())
    }
}

fn is_at(item: &Manageable, marker: &Value) -> bool {
    let name = marker.as_object().filter(|members| members.len() == 1);
    let name = name.and_then(|members| members.get("source-name")).and_then(Value::as_str);
    name == Some(item.reference.source_name())
}

#[cfg(test)]
mod tests {
    use ashlar_drivers::Reference;
    use ashlar_types::Gib;
    use serde_json::json;

    use super::*;

    fn all() -> Vec<Manageable> {
        let item = |(name, size): &(&str, u64)| Manageable {
            reference: Reference::named(name).expect("a name"),
            pool: "p".to_owned(),
            size: Gib(*size),
            unfit: None,
            extra_info: None,
        };
        [("b", 2), ("a", 1), ("d", 1), ("c", 3)].iter().map(item).collect()
    }

    fn names(page: &Page) -> Option<String> {
        let items = page.of(all())?;
        Some(items.iter().map(|it| it.reference.source_name()).collect())
    }

    fn page(sort: &[(Key, bool)]) -> Page {
        Page { limit: 10, marker: None, offset: 0, sort: sort.to_vec() }
    }

    #[test]
    fn a_list_is_sorted_by_its_keys_one_after_the_other() {
        let told = |sort: &[(Key, bool)]| names(&page(sort)).expect("no marker");
        assert_eq!(told(&[(Key::Reference, true)]), "dcba");
        assert_eq!(told(&[(Key::Reference, false)]), "abcd");
        assert_eq!(told(&[(Key::Size, true)]), "cbad");
        assert_eq!(told(&[(Key::Size, false), (Key::Reference, true)]), "dabc");
    }

    #[test]
    fn a_page_begins_after_its_marker() {
        let page = page(&[(Key::Reference, false)]);
        let from = |marker: Value, offset, limit| {
            names(&Page { marker: Some(marker), offset, limit, ..page.clone() })
        };
        let at = |name: &str| json!({ "source-name": name });
        assert_eq!(from(at("b"), 0, 10), Some("cd".to_owned()));
        assert_eq!(from(at("a"), 1, 1), Some("c".to_owned()));
        assert_eq!(from(at("d"), 0, 10), Some(String::new()));
        assert_eq!(from(at("x"), 0, 10), None);
        assert_eq!(from(json!("b"), 0, 10), None, "a marker is a whole reference");
        assert_eq!(names(&Page { limit: 0, ..page.clone() }), Some(String::new()));
        assert_eq!(names(&Page { offset: 3, ..page }), Some("d".to_owned()));
    }
}
