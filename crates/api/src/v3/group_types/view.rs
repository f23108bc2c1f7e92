//! Group types as JSON; specs only for whom they may be shown.

use ashlar_types::volume_type::ExtraSpecs;
use ashlar_types::{GroupType, GroupTypeId};
use serde::Serialize;

use crate::request::Request;

/// The rule that lets a caller see specs.
const SPECS: &str = "group:access_group_types_specs";

/// What a caller sees of group types. Made once for a list.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    specs: bool,
}

/// `{"group_type": …}`
#[derive(Serialize)]
pub struct Wrapped<'t> {
    group_type: GroupTypeView<'t>,
}

/// One group type.
#[derive(Serialize)]
pub struct GroupTypeView<'t> {
    id: GroupTypeId,
    name: &'t str,
    description: Option<&'t str>,
    is_public: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_specs: Option<&'t ExtraSpecs>,
}

impl Shown {
    /// What the request's caller sees.
    #[must_use]
    pub fn to(request: &Request) -> Self {
        Self { specs: request.allows(SPECS) }
    }

    /// `{"group_type": …}`
    #[must_use]
    pub fn wrapped<'t>(&self, found: &'t GroupType) -> Wrapped<'t> {
        Wrapped { group_type: self.view(found) }
    }

    /// The type alone, for a list.
    #[must_use]
    pub fn view<'t>(&self, found: &'t GroupType) -> GroupTypeView<'t> {
        GroupTypeView {
            id: found.id,
            name: &found.name,
            description: found.description.as_deref(),
            is_public: found.is_public,
            group_specs: self.specs.then_some(&found.group_specs),
        }
    }
}
