//! Transfers: volumes offered to whoever knows the key. They are served on two paths; the older one never learned of
//! pages, and of offers without snapshots or of encrypted volumes.

pub mod accept;
pub mod body;
pub mod create;
pub mod delete;
pub mod list;
pub mod load;
pub mod show;
pub mod view;

use crate::endpoint::Endpoint;
use crate::run;

const TRANSFERS: &str = "/volume-transfers";
const DETAIL: &str = "/volume-transfers/detail";
const TRANSFER: &str = "/volume-transfers/{transfer_id}";
const ACCEPT: &str = "/volume-transfers/{transfer_id}/accept";
const OLDER: &str = "/os-volume-transfer";
const OLDER_DETAIL: &str = "/os-volume-transfer/detail";
const OLDER_ONE: &str = "/os-volume-transfer/{transfer_id}";
const OLDER_ACCEPT: &str = "/os-volume-transfer/{transfer_id}/accept";

const LIST_RULE: &str = "volume:get_all_transfers";
const SHOW_RULE: &str = "volume:get_transfer";
const CREATE_RULE: &str = "volume:create_transfer";
const ACCEPT_RULE: &str = "volume:accept_transfer";
const DELETE_RULE: &str = "volume:delete_transfer";

/// Endpoints of the resource. The newer path is documented from 3.55 on and answers at every version, as in Cinder.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("transfer.list", TRANSFERS, run!(list::brief)).rule(LIST_RULE),
    Endpoint::get("transfer.detail", DETAIL, run!(list::detailed)).rule(LIST_RULE),
    Endpoint::get("transfer.show", TRANSFER, run!(show::show)).rule(SHOW_RULE),
    Endpoint::post("transfer.create", TRANSFERS, run!(create::create))
        .rule_after_load(CREATE_RULE)
        .body(&body::CREATE),
    Endpoint::post("transfer.accept", ACCEPT, run!(accept::accept))
        .rule(ACCEPT_RULE)
        .body(&body::ACCEPT),
    Endpoint::delete("transfer.delete", TRANSFER, run!(delete::delete))
        .rule_after_load(DELETE_RULE),
    Endpoint::get("transfer-legacy.list", OLDER, run!(list::older_brief)).rule(LIST_RULE),
    Endpoint::get("transfer-legacy.detail", OLDER_DETAIL, run!(list::older_detailed))
        .rule(LIST_RULE),
    Endpoint::get("transfer-legacy.show", OLDER_ONE, run!(show::show)).rule(SHOW_RULE),
    Endpoint::post("transfer-legacy.create", OLDER, run!(create::older))
        .rule_after_load(CREATE_RULE)
        .body(&body::OLDER_CREATE),
    Endpoint::post("transfer-legacy.accept", OLDER_ACCEPT, run!(accept::accept))
        .rule(ACCEPT_RULE)
        .body(&body::ACCEPT),
    Endpoint::delete("transfer-legacy.delete", OLDER_ONE, run!(delete::delete))
        .rule_after_load(DELETE_RULE),
];

#[cfg(test)]
mod tests;
