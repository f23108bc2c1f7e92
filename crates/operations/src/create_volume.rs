//! Create a volume: blank, from a snapshot, from another volume, or from an image.
//!
//! | task | role | does | when it fails |
//! |---|---|---|---|
//! | (accept) | api | quota, row `creating`, this flow: one transaction | nothing is written |
//! | place | scheduler | chooses a pool, holds the capacity, writes the host | row `error`, user message |
//! | provision | volume | makes it on the backend | back to place, or destroyed again |
//! | publish | volume | hold becomes allocation, row `available` | retried, for ever |

mod accept;
mod group;
mod place;
mod plan;
mod provision;
mod publish;

pub use accept::accept;
pub(crate) use accept::{check, default_type, missing_type, visible_type};
pub(crate) use plan::check_type_bounds;
pub use plan::{ForCache, ImageWish, Request};

use ashlar_clients::glance::Image;
use ashlar_flow::{Flow, Retry, Task, Work};
use ashlar_types::{FlowId, GroupId, PoolName, RequestSpec, VolumeId};
use serde::{Deserialize, Serialize};

use crate::context::House;

/// The tasks of creating a volume.
pub static CREATE_VOLUME: Flow<State, House> = Flow {
    name: "create-volume",
    version: 1,
    tasks: &[
        Task {
            name: PLACE,
            work: Work::Scheduler { execute: place::execute, revert: Some(place::revert) },
            retry: Retry::USUAL,
        },
        Task {
            name: "provision",
            work: Work::Volume { execute: provision::execute, revert: Some(provision::revert) },
            retry: Retry::USUAL,
        },
        Task {
            name: "publish",
            work: Work::Volume { execute: publish::execute, revert: None },
            retry: Retry::FOREVER,
        },
    ],
};

/// The back-arrow leads here.
const PLACE: &str = "place";

/// What the flow remembers between its tasks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The flow itself, by which the hold is known.
    pub flow: FlowId,
    /// What to make.
    pub spec: RequestSpec,
    /// Where the source lives, for the driver.
    pub source_pool: Option<PoolName>,
    /// Size of the source.
    pub source_size: Option<ashlar_types::Gib>,
    /// The snapshot's volume, when the source is a snapshot.
    pub source_volume: Option<VolumeId>,
    /// Where it was placed.
    pub placed: Option<PoolName>,
    /// Pools on which it failed, with the reason.
    pub tried: Vec<Tried>,
    /// What the driver said of it.
    pub made: Made,
    /// The image, when that is the source, as Glance described it to the user.
    #[serde(default)]
    pub image: Option<Box<Image>>,
    /// How it uses the image cache.
    #[serde(default)]
    pub cache: CacheUse,
    /// The group that it belongs to, on whose backend it lives.
    #[serde(default)]
    pub group: Option<GroupId>,
}

/// How a volume from an image uses its backend's image cache.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CacheUse {
    /// Not at all, or no more.
    pub off: bool,
    /// The volume of the cache that it waits for.
    pub awaited: Option<VolumeId>,
}

/// A pool on which making the volume failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// The pool.
    pub pool: PoolName,
    /// Why it failed there.
    pub cause: String,
}

/// What the driver said of the volume that it made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// Where the backend has it, in the driver's words.
    pub provider_location: Option<String>,
    /// Backend's own identity for it.
    pub provider_id: Option<String>,
}

impl ashlar_flow::State for State {
    fn target(&self) -> Option<String> {
        self.placed.as_ref().map(|pool| pool.backend().0)
    }
}
