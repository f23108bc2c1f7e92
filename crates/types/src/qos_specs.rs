//! QoS specs: limits and promises on the traffic of volumes, for one or several volume types.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{QosSpecsId, Timestamp};

/// Who applies the specs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QosConsumer {
    /// The server's host, which is told of them with the connection.
    FrontEnd,
    /// The storage.
    #[default]
    BackEnd,
    /// Both.
    Both,
}

impl QosConsumer {
    /// Every consumer, in the order in which a refusal names them.
    pub const ALL: &'static [Self] = &[Self::FrontEnd, Self::BackEnd, Self::Both];

    /// Cinder's spelling.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FrontEnd => "front-end",
            Self::BackEnd => "back-end",
            Self::Both => "both",
        }
    }

    /// The consumer of that spelling.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|consumer| consumer.as_str() == text)
    }
}

/// One set of QoS specs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QosSpecs {
    /// Identity.
    pub id: QosSpecsId,
    /// Unique name.
    pub name: String,
    /// Who applies them.
    pub consumer: QosConsumer,
    /// Keys to values, some of which may be null.
    pub specs: BTreeMap<String, Option<String>>,
    /// When they were made.
    pub created_at: Option<Timestamp>,
}
