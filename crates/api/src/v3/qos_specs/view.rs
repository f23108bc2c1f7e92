//! QoS specs as JSON.

use std::collections::BTreeMap;

use ashlar_types::{QosSpecs, QosSpecsId};
use serde::Serialize;

use crate::links::Link;
use crate::request::Request;

/// The collection in links.
pub const COLLECTION: &str = "qos-specs";

/// One set of specs.
#[derive(Serialize)]
pub struct QosView<'s> {
    id: QosSpecsId,
    name: &'s str,
    consumer: &'static str,
    specs: &'s BTreeMap<String, Option<String>>,
}

/// `{"qos_specs": …, "links": …}`: Cinder has the links beside the specs.
#[derive(Serialize)]
pub struct Wrapped<'s> {
    qos_specs: QosView<'s>,
    links: [Link; 2],
}

impl<'s> QosView<'s> {
    /// The specs alone, for a list.
    #[must_use]
    pub fn of(specs: &'s QosSpecs) -> Self {
        Self {
            id: specs.id,
            name: &specs.name,
            consumer: specs.consumer.as_str(),
            specs: &specs.specs,
        }
    }
}

/// `{"qos_specs": …, "links": …}`
#[must_use]
pub fn wrapped<'s>(request: &Request, specs: &'s QosSpecs) -> Wrapped<'s> {
    let links = request.links().resource(COLLECTION, specs.id);
    Wrapped { qos_specs: QosView::of(specs), links }
}
