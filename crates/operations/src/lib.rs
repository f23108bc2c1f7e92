//! What we do: each operation is one file, its table of tasks, and one directory with its steps in order.
//!
//! Whoever asks "how is a volume made?" opens `create_volume/` and reads. An operation begins with
//! `accept`, called in the API's process: one transaction in which quota, row and flow come to be. From
//! then on the flow engine carries it through its tasks, each in the role that its table names.

pub mod attachments;
pub mod classify;
pub mod context;
pub mod create_group;
pub mod create_group_from_source;
pub mod create_group_snapshot;
pub mod create_snapshot;
pub mod create_volume;
pub mod decisions_of;
pub mod delete_group;
pub mod delete_group_snapshot;
pub mod delete_snapshot;
pub mod delete_volume;
pub mod dry_run;
pub mod encrypted_types;
pub mod extend_volume;
pub mod facts;
pub mod images;
pub mod list_manageable;
pub mod manage;
pub mod manage_snapshot;
pub mod manage_volume;
pub mod notify;
pub mod options_file;
pub mod placing;
pub mod pool_table;
pub mod quiesce;
pub mod refusal;
pub mod registry;
pub mod reimage_volume;
pub mod replicate_group;
pub mod retype_volume;
pub mod revert_volume;
pub mod settings;
pub mod standing;
pub mod subjects;
pub mod submit;
pub mod suitable_pools;
pub mod transfers;
pub mod turns;
pub mod unmanage_snapshot;
pub mod unmanage_volume;
pub mod update_group;
pub mod upload_volume;
pub mod waiting;
pub mod worker;
pub mod zones;

mod hold;
mod tell;

pub use context::{ApiContext, House, SchedulerContext, VolumeContext};
pub use images::{CacheLimits, ImageCache, Images};
pub use refusal::{OverQuota, Refusal};
pub use settings::Settings;

/// The future that a task's function returns.
pub type Doing<'a> = ashlar_flow::BoxFuture<'a, Result<Done, ashlar_flow::TaskError>>;

/// The future that a task's revert returns.
pub type Undoing<'a> = ashlar_flow::BoxFuture<'a, Result<Undone, ashlar_flow::TaskError>>;

/// An executed task, with its open transaction.
pub type Done = ashlar_flow::Done<ashlar_db::Tx>;

/// A reverted task, with its open transaction.
pub type Undone = ashlar_flow::Undone<ashlar_db::Tx>;
