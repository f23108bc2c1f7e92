//! All SQL of the house: the engine that runs it and one file of free functions for each table.
//!
//! Functions take a [`Tx`]; whoever calls decides where the transaction begins and ends. The same text
//! runs on SQLite, PostgreSQL and MariaDB: placeholders are `?`, booleans are `TRUE` and `FALSE`, and
//! the few things that differ are asked of [`Engine`]. Row shapes stay in here; domain types come out.

pub mod answers;
pub mod arg;
pub mod attachments;
pub mod clusters;
pub mod decisions;
pub mod engine;
pub mod error;
pub mod flows;
pub mod group_details;
pub mod group_snapshots;
pub mod group_types;
pub mod groups;
pub mod holds;
pub mod host_usage;
pub mod image_cache;
pub mod leases;
pub mod listing;
pub mod log_levels;
pub mod messages;
pub mod metadata;
pub mod migrate;
pub mod moved;
pub mod notifications;
pub mod once;
pub mod pools;
pub mod precedence;
pub mod qos_specs;
pub mod quotas;
pub mod row;
pub mod schema;
pub mod services;
pub mod snapshot_details;
pub mod snapshots;
pub mod sqlite;
#[cfg(feature = "testing")]
pub mod testing;
pub mod transact;
pub mod transfers;
pub mod tx;
pub mod type_encryption;
pub mod url;
pub mod volume_details;
pub mod volume_types;
pub mod volumes;

mod network;
mod specs;
mod sql;
mod texts;

pub use arg::Arg;
pub use engine::{Db, Engine, Options};
pub use error::DbError;
pub use moved::{Begun, Moved};
pub use row::{Cell, FromCell, Row};
pub use transact::Attempts;
pub use tx::Tx;
pub use url::DatabaseUrl;
