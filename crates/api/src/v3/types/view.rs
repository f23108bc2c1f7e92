//! Volume types as JSON: extra specs and other fields only for whom they may be shown.

use std::borrow::Cow;

use ashlar_types::volume_type::ExtraSpecs;
use ashlar_types::{VolumeType, VolumeTypeId};
use serde::Serialize;

use crate::request::Request;

/// Extra specs that every user may see; the others tell of the operator's storage.
pub const USER_VISIBLE_SPECS: [&str; 3] =
    ["RESKEY:availability_zones", "multiattach", "replication_enabled"];

/// The rule that lets a caller see all extra specs.
const READ_SENSITIVE: &str = "volume_extension:types_extra_specs:read_sensitive";

/// What a caller sees of types. Made once for a list.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    specs: Specs,
    qos: bool,
    access: bool,
}

/// Which extra specs are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Specs {
    None,
    UserVisible,
    All,
}

/// `{"volume_type": …}`
#[derive(Serialize)]
pub struct Wrapped<'t> {
    volume_type: TypeView<'t>,
}

/// One type. An outer `None` leaves the field out.
#[derive(Serialize)]
pub struct TypeView<'t> {
    id: VolumeTypeId,
    name: &'t str,
    is_public: bool,
    description: Option<&'t str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra_specs: Option<Cow<'t, ExtraSpecs>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    qos_specs_id: Option<Option<&'t str>>,
    #[serde(rename = "os-volume-type-access:is_public", skip_serializing_if = "Option::is_none")]
    access: Option<bool>,
}

impl Shown {
    /// For lists and for one type.
    #[must_use]
    pub fn in_full(request: &Request) -> Self {
        Self {
            access: request.allows("volume_extension:volume_type_access"),
            ..Self::of_default(request)
        }
    }

    /// For the default type, which Cinder shows without the attribute of the access extension.
    #[must_use]
    pub fn of_default(request: &Request) -> Self {
        let specs = if !request.allows("volume_extension:access_types_extra_specs") {
            Specs::None
        } else if sees_all_specs(request) {
            Specs::All
        } else {
            Specs::UserVisible
        };
        let qos = request.allows("volume_extension:access_types_qos_specs_id");
        Self { specs, qos, access: false }
    }

    /// For the answer to a create: the older shape, without `qos_specs_id`.
    #[must_use]
    pub fn created(request: &Request) -> Self {
        let access = request.allows("volume_extension:volume_type_access");
        Self { specs: Specs::All, qos: false, access }
    }

    /// For the answer to an update: the older shape, without the access extension's attribute.
    #[must_use]
    pub fn updated() -> Self {
        Self { specs: Specs::All, qos: false, access: false }
    }

    /// `{"volume_type": …}`
    #[must_use]
    pub fn wrapped<'t>(&self, found: &'t VolumeType) -> Wrapped<'t> {
        Wrapped { volume_type: self.view(found) }
    }

    /// The type alone, for a list.
    #[must_use]
    pub fn view<'t>(&self, found: &'t VolumeType) -> TypeView<'t> {
        TypeView {
            id: found.id,
            name: &found.name,
            is_public: found.is_public,
            description: found.description.as_deref(),
            extra_specs: match self.specs {
                Specs::None => None,
                Specs::UserVisible => Some(Cow::Owned(user_visible(&found.extra_specs))),
                Specs::All => Some(Cow::Borrowed(&found.extra_specs)),
            },
            qos_specs_id: self.qos.then_some(found.qos_specs_id.as_deref()),
            access: self.access.then_some(found.is_public),
        }
    }
}

/// The caller may see every extra spec.
#[must_use]
pub fn sees_all_specs(request: &Request) -> bool {
    request.allows(READ_SENSITIVE)
}

/// The specs of the type that the caller of the extra specs' own endpoints may see.
#[must_use]
pub fn visible_specs(request: &Request, specs: ExtraSpecs) -> ExtraSpecs {
    if sees_all_specs(request) { specs } else { user_visible(&specs) }
}

fn user_visible(specs: &ExtraSpecs) -> ExtraSpecs {
    let visible = USER_VISIBLE_SPECS.into_iter();
    visible
        .filter_map(|key| specs.get_key_value(key))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect()
}
