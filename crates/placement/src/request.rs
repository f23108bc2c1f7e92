//! One request, prepared once and shown to every filter and weigher for every pool.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use ashlar_types::{PoolName, RequestSpec};
use serde_json::Value;

use crate::demands::Demands;
use crate::figures::Provisioning;
use crate::hints::{self, Instance, Volumes};
use crate::picture::Picture;
use crate::query::{Query, QueryError};

/// What is to be done with the space.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Operation {
    /// A new volume.
    #[default]
    Create,
    /// A volume grows.
    Extend {
        /// It is attached, so the backend must be able to do that under a client's hands.
        attached: bool,
    },
}

/// What was looked up for a request before pools are judged: placement itself looks nothing up.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// Where the volumes live that the hints `same_host` and `different_host` name, by the name in the hint. One that
    /// the project does not have, or that lives nowhere, is left out.
    pub located: BTreeMap<String, PoolName>,
    /// Host of the instance that the hint `local_to_instance` names; why it is not known.
    pub instance: Option<Result<String, String>>,
    /// QoS specs of the volume type, for expressions.
    pub qos_specs: BTreeMap<String, String>,
    /// What stands in the file `scheduler_json_config_location`.
    pub options: Arc<Value>,
}

/// A request with all that can be worked out before looking at a single pool.
#[derive(Debug)]
pub struct Request<'a> {
    /// What is asked for.
    pub spec: &'a RequestSpec,
    /// Where it was tried before. A name without a pool stands for every pool of that backend.
    pub tried: &'a [PoolName],
    /// What was looked up.
    pub facts: &'a Facts,
    /// What the space is for.
    pub operation: Operation,
    /// How much is needed, in GiB: the size, or the difference when a volume grows.
    pub needed: u64,
    /// Thin or thick, from the type.
    pub provisioning: Provisioning,
    /// For whatever draws lots: the same seed gives the same lots, whatever the order of the pools.
    pub seed: u64,
    pub(crate) demands: Arc<Demands>,
    pub(crate) query: Option<Result<Query, QueryError>>,
    pub(crate) same_host: Volumes<'a>,
    pub(crate) different_host: Volumes<'a>,
    /// Where the volumes of `same_host` live.
    pub(crate) same_places: HashSet<&'a PoolName>,
    /// Where the volumes of `different_host` live.
    pub(crate) different_places: HashSet<&'a PoolName>,
    pub(crate) instance: Instance<'a>,
}

impl<'a> Request<'a> {
    /// Prepares a request to make a volume on one of `picture`'s pools.
    #[must_use]
    pub fn new(
        spec: &'a RequestSpec,
        tried: &'a [PoolName],
        facts: &'a Facts,
        picture: &Picture,
        seed: u64,
    ) -> Self {
        let hint = |name: &str| spec.hints.get(name);
        let same_host = hints::volumes(hint("same_host"));
        let different_host = hints::volumes(hint("different_host"));
        Self {
            spec,
            tried,
            facts,
            operation: Operation::Create,
            needed: spec.size.0,
            provisioning: Provisioning::of(&spec.volume_type),
            seed,
            demands: picture.demands(&spec.volume_type.extra_specs),
            query: hint("query").map(Query::compile),
            same_places: same_host.places(facts),
            different_places: different_host.places(facts),
            same_host,
            different_host,
            instance: hints::instance(hint("local_to_instance"), facts),
        }
    }

    /// The same for a volume that grows by `needed` GiB.
    #[must_use]
    pub fn to_extend(mut self, needed: u64, attached: bool) -> Self {
        self.operation = Operation::Extend { attached };
        self.needed = needed;
        self
    }
}
