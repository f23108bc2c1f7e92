//! The words of the domain: identities, sizes, statuses and the things that have them.
//!
//! Nothing here does input or output, reads a clock or draws a random number unless it is handed in.
//! Every other crate speaks in these types; rows and JSON exist only in `db` and `api`.

pub mod attachment;
pub mod caller;
pub mod clock;
pub mod connection;
pub mod id;
pub mod message;
pub mod metric;
pub mod pool;
pub mod quota;
pub mod request_spec;
pub mod service;
pub mod size;
pub mod snapshot;
pub mod status;
pub mod time;
pub mod volume;
pub mod volume_type;

pub use attachment::Attachment;
pub use caller::{Caller, Token};
pub use clock::Clock;
pub use connection::{ConnectionInfo, Connector, Export};
pub use id::{
    AttachmentId, DecisionId, FlowId, GroupId, HoldId, ImageId, MessageId, NotificationId, PageId,
    SnapshotId, VolumeId, VolumeTypeId,
};
pub use message::{Message, UserMessage};
pub use pool::{Availability, BackendName, Capacity, Pool, PoolName, PoolStats, Report};
pub use request_spec::{RequestSpec, Source};
pub use service::Service;
pub use size::Gib;
pub use snapshot::Snapshot;
pub use status::{AttachStatus, SnapshotStatus, VolumeStatus};
pub use time::Timestamp;
pub use volume::Volume;
pub use volume_type::VolumeType;

/// Free-form key and value pairs that users set, in key order.
pub type Metadata = std::collections::BTreeMap<String, String>;
