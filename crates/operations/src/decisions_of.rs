//! The decisions about a volume, read back from the pages that they were written on.

use ashlar_db::decisions::{self, Decision, Told};
use ashlar_db::{Db, DbError};
use ashlar_placement::page::Page;
use ashlar_types::{DecisionId, FlowId, PoolName, Timestamp, VolumeId};

use crate::submit::computed;

pub use ashlar_placement::Verdict;
pub use ashlar_placement::nearest::Miss;
pub use ashlar_placement::page::Case;

/// A decision, explained.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// Identity.
    pub id: DecisionId,
    /// Flow that asked.
    pub flow_id: FlowId,
    /// Volume to place.
    pub volume_id: VolumeId,
    /// How often the flow had asked, with this time: from 1.
    pub attempt: u32,
    /// The pool; none when none was fit.
    pub chosen: Option<PoolName>,
    /// When.
    pub created_at: Timestamp,
    /// Why.
    pub why: Why,
}

/// What is known of a decision's reasons.
#[derive(Debug, Clone, PartialEq)]
pub enum Why {
    /// Every pool's verdict and what it was made from.
    Known(Box<Case>),
    /// Every pool's verdict; the first versions of this program kept no more.
    Verdict(Verdict),
    /// It is stored, but in a form that cannot be read; why not.
    Unreadable(String),
}

impl Why {
    /// Every pool's verdict.
    #[must_use]
    pub fn verdict(&self) -> Option<&Verdict> {
        match self {
            Self::Known(case) => Some(&case.verdict),
            Self::Verdict(verdict) => Some(verdict),
            Self::Unreadable(_) => None,
        }
    }
}

/// The decisions about the volume, oldest first.
///
/// # Errors
/// [`DbError`], classified.
pub async fn decisions_of(db: &Db, id: VolumeId) -> Result<Vec<Explained>, DbError> {
    let mut tx = db.read().await?;
    let found = decisions::of_volume(&mut tx, id).await?;
    drop(tx);
    // A page about thousands of pools takes some milliseconds, which other requests are not to wait for.
    Ok(computed(|| found.into_iter().map(explained).collect()).await)
}

fn explained(decision: Decision) -> Explained {
    let Decision { id, flow_id, volume_id, attempt, chosen, told, created_at } = decision;
    let why = read(told).unwrap_or_else(Why::Unreadable);
    Explained { id, flow_id, volume_id, attempt, chosen, created_at, why }
}

fn read(told: Told) -> Result<Why, String> {
    match told {
        Told::Alone(verdict) => {
            serde_json::from_value(verdict).map(Why::Verdict).map_err(|error| error.to_string())
        }
        Told::OnPage { pools, body, slot } => {
            let names: Vec<PoolName> =
                serde_json::from_str(&pools).map_err(|error| error.to_string())?;
            let case = Page::read(&body, &names).and_then(|page| page.case(slot));
            case.map(|case| Why::Known(Box::new(case))).map_err(|error| error.to_string())
        }
    }
}
