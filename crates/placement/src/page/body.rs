//! What a page is as JSON.

use ashlar_types::{PoolName, Timestamp, VolumeTypeId};
use serde::{Deserialize, Serialize};

use super::refused::Shared;
use crate::nearest::Miss;
use crate::request::Operation;
use crate::rules::{Handler, Rule, Rules, Strategy};
use crate::{Provisioning, Request};

/// The form that is written; others are refused.
pub(super) const VERSION: u32 = 1;

/// A whole page.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Body {
    /// Its form: [`VERSION`].
    pub(super) v: u32,
    /// Number of pools.
    pub(super) pools: usize,
    /// When the picture was taken.
    pub(super) at: Timestamp,
    /// What was decided by.
    pub(super) rules: Applied,
    /// Why pools were refused; cells count from 0.
    pub(super) refused: Vec<Shared>,
    /// What was asked for, but for the size; cases count from 0.
    pub(super) asked: Vec<Asked>,
    /// The cases.
    pub(super) cases: Vec<CaseText>,
}

/// The rules that a decision was made by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Applied {
    /// `filter`, `chance` or `simple`: the scheduler's driver.
    pub strategy: String,
    /// Filters in the order in which they were asked.
    pub filters: Vec<String>,
    /// Weighers with their multipliers.
    pub weighers: Vec<(String, f64)>,
    /// How weighed pools were put in order: `ordered`, `stochastic` or `one_after_another`.
    pub handler: String,
}

/// What was asked for, but for the size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// `create`, `extend` or `extend_attached`.
    pub operation: String,
    /// Name of the volume type.
    pub volume_type: String,
    /// Its identity.
    pub volume_type_id: VolumeTypeId,
    /// `thin` or `thick`.
    pub provisioning: String,
    /// Zones that would do; any when empty.
    pub availability_zones: Vec<String>,
    /// Where it had to live, with its source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned: Option<String>,
    /// The host that an administrator named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forced: Option<String>,
    /// Where it had failed before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tried: Vec<PoolName>,
    /// Names of the scheduler hints that came with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<String>,
}

/// One case: whole, or what differs from an earlier one.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct CaseText {
    /// Slot of the case that this one is like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) like: Option<u32>,
    /// Which of [`Body::asked`].
    pub(super) asked: usize,
    /// Size of the volume, GiB.
    pub(super) size: u64,
    /// What is needed, GiB, when it is not the size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) needed: Option<u64>,
    /// When the picture was taken, when it is not the page's moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<Timestamp>,
    /// Column of what was decided about each pool.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) cells: String,
    /// Column of the versions of the pools' rows.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) rows: String,
    /// Of the weighed, who won the draw.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) winner: usize,
    /// What would have fitted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) misses: Vec<Miss>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

const HANDLERS: &[(Handler, &str)] = &[
    (Handler::Ordered, "ordered"),
    (Handler::Stochastic, "stochastic"),
    (Handler::OneAfterAnother, "one_after_another"),
];

impl Applied {
    /// These rules in words.
    #[must_use]
    pub fn new(rules: &Rules) -> Self {
        let handler = HANDLERS.iter().find(|(handler, _)| *handler == rules.handler());
        let weighers = rules.weighers().iter();
        Self {
            strategy: match rules.strategy() {
                Strategy::Filter => "filter",
                Strategy::Chance => "chance",
                Strategy::Simple { .. } => "simple",
            }
            .to_owned(),
            filters: rules.filters().iter().map(Rule::name).map(str::to_owned).collect(),
            weighers: weighers.map(|it| (it.weigher.name.to_owned(), it.multiplier)).collect(),
            handler: handler.map(|(_, word)| (*word).to_owned()).unwrap_or_default(),
        }
    }

    /// Rules that put figures in the same order. `None` for what this version does not know.
    pub(super) fn order(&self) -> Option<Rules> {
        let (handler, _) = HANDLERS.iter().find(|(_, word)| *word == self.handler)?;
        Rules::recalled(&self.weighers, *handler)
    }
}

impl Asked {
    pub(super) fn new(request: &Request<'_>) -> Self {
        let spec = request.spec;
        Self {
            operation: match request.operation {
                Operation::Create => "create",
                Operation::Extend { attached: false } => "extend",
                Operation::Extend { attached: true } => "extend_attached",
            }
            .to_owned(),
            volume_type: spec.volume_type.name.clone(),
            volume_type_id: spec.volume_type.id,
            provisioning: match request.provisioning {
                Provisioning::Thin => "thin",
                Provisioning::Thick => "thick",
            }
            .to_owned(),
            availability_zones: spec.availability_zones.clone(),
            pinned: spec.pinned.as_ref().map(|pin| pin.as_str().to_owned()),
            forced: spec.forced.clone(),
            tried: request.tried.to_vec(),
            hints: spec.hints.keys().cloned().collect(),
        }
    }
}
