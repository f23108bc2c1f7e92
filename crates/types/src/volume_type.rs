//! Volume types: what kind of volume, as the operator named it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Timestamp, VolumeTypeId};

/// Requirements of a type: keys to values, some of which may be null.
pub type ExtraSpecs = BTreeMap<String, Option<String>>;

/// One volume type with its extra specs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeType {
    /// Identity.
    pub id: VolumeTypeId,
    /// Unique name.
    pub name: String,
    /// Operator's words about it.
    pub description: Option<String>,
    /// Whether every project sees it.
    pub is_public: bool,
    /// QoS specs that go with it.
    pub qos_specs_id: Option<String>,
    /// Extra specs.
    pub extra_specs: ExtraSpecs,
    /// When the row was made.
    pub created_at: Option<Timestamp>,
    /// When the row last changed.
    pub updated_at: Option<Timestamp>,
}

impl VolumeType {
    /// The spec's value, when it is there and not null.
    #[must_use]
    pub fn spec(&self, key: &str) -> Option<&str> {
        self.extra_specs.get(key).and_then(Option::as_deref)
    }

    /// The boolean spec `key` reads `<is> True`.
    #[must_use]
    pub fn spec_is_true(&self, key: &str) -> bool {
        self.spec(key).is_some_and(|value| value.eq_ignore_ascii_case("<is> true"))
    }
}
