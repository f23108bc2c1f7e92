//! Transfers as JSON. What salt and digest are nobody is shown, and the key only its maker, once.

use ashlar_operations::transfers::AuthKey;
use ashlar_types::{Transfer, TransferId, VolumeId};
use serde::Serialize;

use crate::links::Link;
use crate::request::Request;
use crate::version::v3;

/// From here on it is shown whether snapshots stay.
const NO_SNAPSHOTS: u16 = 55;
/// From here on the projects are shown.
const HISTORY: u16 = 57;

/// `{"transfer": …}`
#[derive(Serialize)]
pub struct Wrapped<'t> {
    transfer: TransferView<'t>,
}

/// One transfer.
#[derive(Serialize)]
pub struct TransferView<'t> {
    id: TransferId,
    volume_id: VolumeId,
    name: Option<&'t str>,
    // always on the older path, as in Cinder
    links: [Link; 2],
    #[serde(flatten)]
    details: Option<Details<'t>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_key: Option<&'t str>,
}

#[derive(Serialize)]
struct Details<'t> {
    created_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    no_snapshots: Option<bool>,
    #[serde(flatten)]
    history: Option<History<'t>>,
}

#[derive(Serialize)]
struct History<'t> {
    source_project_id: Option<&'t str>,
    destination_project_id: Option<&'t str>,
    accepted: bool,
}

/// Identities, name and links.
#[must_use]
pub fn brief<'t>(request: &Request, transfer: &'t Transfer) -> TransferView<'t> {
    TransferView {
        id: transfer.id,
        volume_id: transfer.volume_id,
        name: transfer.name.as_deref(),
        links: request.links().resource("os-volume-transfer", transfer.id),
        details: None,
        auth_key: None,
    }
}

/// Everything that the request's microversion shows.
#[must_use]
pub fn detailed<'t>(request: &Request, transfer: &'t Transfer) -> TransferView<'t> {
    let history = (request.version >= v3(HISTORY)).then_some(History {
        source_project_id: transfer.source_project_id.as_deref(),
        destination_project_id: transfer.destination_project_id.as_deref(),
        accepted: transfer.accepted,
    });
    let details = Details {
        created_at: transfer.created_at.map(|at| at.to_string()),
        no_snapshots: (request.version >= v3(NO_SNAPSHOTS)).then_some(transfer.no_snapshots),
        history,
    };
    TransferView { details: Some(details), ..brief(request, transfer) }
}

/// The answer to a create, which alone tells the key.
#[must_use]
pub fn created<'t>(request: &Request, transfer: &'t Transfer, key: &'t AuthKey) -> Wrapped<'t> {
    let view = detailed(request, transfer);
    Wrapped { transfer: TransferView { auth_key: Some(key.expose()), ..view } }
}

impl<'t> From<TransferView<'t>> for Wrapped<'t> {
    fn from(transfer: TransferView<'t>) -> Self {
        Self { transfer }
    }
}
