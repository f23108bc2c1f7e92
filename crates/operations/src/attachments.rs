//! Attaching volumes to servers and hosts, and detaching them.
//!
//! What touches rows alone is one transaction. What touches the backend is a flow: [`CONNECT_VOLUME`] and
//! [`DISCONNECT_VOLUME`]. The API stores it with the request's rows and waits for its end, so that a process that dies
//! in the middle costs time and nothing else. Flows on one volume take turns.
//!
//! | request | file | flow |
//! |---|---|---|
//! | `POST /attachments` | `create` | connect, when the host is named |
//! | `PUT /attachments/{id}` | `update` | connect |
//! | `os-complete` | `update` | – |
//! | `DELETE /attachments/{id}` | `remove` | disconnect, unless it was only reserved |
//! | `os-reserve`, `os-unreserve`, `os-begin_detaching`, `os-roll_detaching` | `reserve` | – |
//! | `os-initialize_connection` | `initialize` | connect |
//! | `os-terminate_connection` | `remove` | disconnect |
//! | `os-attach` | `attach` | – |
//! | `os-detach`, `os-force_detach` | `remove` | disconnect |

mod attach;
mod connect;
mod connector;
mod create;
mod disconnect;
pub(crate) mod exports;
mod find;
mod guard;
mod inform;
mod initialize;
mod remove;
mod reserve;
mod run;
mod turn;
mod update;

use ashlar_types::{Connector, VolumeId};

pub use attach::attach;
pub use connect::CONNECT_VOLUME;
pub use create::create;
pub use disconnect::DISCONNECT_VOLUME;
pub use exports::see_to;
pub use initialize::initialize_connection;
pub use remove::{delete, detach, force_detach, terminate_connection};
pub use reserve::{begin_detaching, reserve, roll_detaching, unreserve};
pub use update::{complete, update};

/// An attachment that is asked for.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The volume.
    pub volume: VolumeId,
    /// The server that is to have it.
    pub instance: Option<String>,
    /// `rw` or `ro`; none leaves it to the connector.
    pub mode: Option<String>,
    /// The host that is to be connected at once.
    pub connector: Option<Connector>,
}

/// What `os-attach` says: a volume is in use by a server, or by a host for itself.
#[derive(Debug, Clone)]
pub struct Attach {
    /// The server.
    pub instance: Option<String>,
    /// The host.
    pub host: Option<String>,
    /// Device as the server sees it.
    pub mountpoint: String,
    /// `rw` or `ro`.
    pub mode: String,
}
