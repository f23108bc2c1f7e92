//! Group types: what kind of group, as the operator named it.

use serde::{Deserialize, Serialize};

use crate::volume_type::ExtraSpecs;
use crate::{GroupTypeId, Timestamp};

/// Name of the group type that consistency groups of old were moved to.
pub const DEFAULT_CGSNAPSHOT_TYPE: &str = "default_cgsnapshot_type";

/// One group type with its specs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupType {
    /// Identity.
    pub id: GroupTypeId,
    /// Unique name.
    pub name: String,
    /// Operator's words about it.
    pub description: Option<String>,
    /// Whether every project sees it.
    pub is_public: bool,
    /// What the backend of a group must be able to do.
    pub group_specs: ExtraSpecs,
    /// When the row was made.
    pub created_at: Option<Timestamp>,
    /// When the row last changed.
    pub updated_at: Option<Timestamp>,
}

impl GroupType {
    /// The spec's value, when it is there and not null.
    #[must_use]
    pub fn spec(&self, key: &str) -> Option<&str> {
        self.group_specs.get(key).and_then(Option::as_deref)
    }
}
