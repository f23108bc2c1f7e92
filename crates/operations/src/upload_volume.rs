//! Send a volume to Glance as an image (`os-volume_upload_image`).
//!
//! | task | role | does | when it fails |
//! |---|---|---|---|
//! | (accept) | api | the image's record with the user's rights, status `uploading`, this flow | nothing is left |
//! | quiesce | volume | waits for older operations on the volume | as before, message, no record |
//! | send | volume | converts where that is asked for, and sends | what is incomplete goes |
//! | publish | volume | previous status | retried, for ever |

mod accept;
mod publish;
mod quiesce;
mod remove;
mod send;

pub use accept::{Accepted, Request, accept};

use ashlar_flow::{Flow, Retry, Task, Work};
use ashlar_types::{FlowId, Gib, ImageId, PoolName, Timestamp, VolumeId};
use serde::{Deserialize, Serialize};

use crate::context::House;

/// The tasks of uploading a volume.
pub static UPLOAD_VOLUME: Flow<State, House> = Flow {
    name: "upload-volume",
    version: 1,
    tasks: &[
        Task {
            name: quiesce::QUIESCE,
            // Not the scheduler's: whoever takes this back asks Glance.
            work: Work::Volume { execute: quiesce::execute, revert: Some(quiesce::revert) },
            retry: Retry::USUAL,
        },
        Task {
            name: "send",
            work: Work::Volume { execute: send::execute, revert: Some(send::revert) },
            retry: Retry::USUAL,
        },
        Task {
            name: "publish",
            work: Work::Volume { execute: publish::execute, revert: None },
            retry: Retry::FOREVER,
        },
    ],
};

/// What the flow remembers between its tasks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The flow itself.
    pub flow: FlowId,
    /// The volume.
    pub volume: VolumeId,
    /// Its owner.
    pub project_id: String,
    /// The request that asked.
    pub request_id: String,
    /// Its name on the backend.
    pub name: String,
    /// Where it lives.
    pub pool: PoolName,
    /// Its size.
    pub size: Gib,
    /// The image, whose record is there already.
    pub image: ImageId,
    /// Glance's name for the format that the image is to have.
    pub disk_format: String,
    /// Until when to wait for Glance to end an upload that somebody before us began.
    #[serde(default)]
    pub wait_until: Option<Timestamp>,
}

impl ashlar_flow::State for State {
    fn target(&self) -> Option<String> {
        Some(self.pool.backend().0)
    }
}
