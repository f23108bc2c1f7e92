//! The words of the domain: identities, sizes, statuses and the things that have them.
//!
//! Nothing here does input or output, reads a clock or draws a random number unless it is handed in.
//! Every other crate speaks in these types; rows and JSON exist only in `db` and `api`.

pub mod attachment;
pub mod caller;
pub mod clock;
pub mod cluster;
pub mod connection;
pub mod group;
pub mod group_snapshot;
pub mod group_type;
pub mod id;
pub mod log_levels;
pub mod message;
pub mod metric;
pub mod pool;
pub mod qos_specs;
pub mod quota;
pub mod request_spec;
pub mod service;
pub mod size;
pub mod snapshot;
pub mod status;
pub mod time;
pub mod transfer;
pub mod volume;
pub mod volume_type;

pub use attachment::Attachment;
pub use caller::{Caller, Token};
pub use clock::Clock;
pub use cluster::Cluster;
pub use connection::{ConnectionInfo, Connector, Export};
pub use group::Group;
pub use group_snapshot::GroupSnapshot;
pub use group_type::GroupType;
pub use id::{
    AttachmentId, DecisionId, FlowId, GroupId, GroupSnapshotId, GroupTypeId, HoldId, ImageId,
    MessageId, NotificationId, PageId, QosSpecsId, SnapshotId, TransferId, VolumeId, VolumeTypeId,
};
pub use log_levels::{LogLevel, LogLevels};
pub use message::{Message, UserMessage};
pub use pool::{Availability, BackendName, Capacity, Pool, PoolName, PoolStats, Report};
pub use qos_specs::{QosConsumer, QosSpecs};
pub use request_spec::{RequestSpec, Source};
pub use service::Service;
pub use size::Gib;
pub use snapshot::Snapshot;
pub use status::{AttachStatus, GroupSnapshotStatus, GroupStatus, SnapshotStatus, VolumeStatus};
pub use time::Timestamp;
pub use transfer::Transfer;
pub use volume::Volume;
pub use volume_type::VolumeType;

/// Free-form key and value pairs that users set, in key order.
pub type Metadata = std::collections::BTreeMap<String, String>;
