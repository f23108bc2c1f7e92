//! Whether a flow is over, for whoever waits for it.

use ashlar_flow::Phase;
use ashlar_flow::record::Failure;
use ashlar_types::FlowId;

use super::parse;
use crate::{DbError, Tx, args};

/// How a flow stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// There is none of this identity, or none any more.
    Unknown,
    /// It is under way.
    UnderWay,
    /// It did what it was to do.
    Succeeded,
    /// It could not, for this reason.
    Reverted(Option<Failure>),
}

/// How the flow stands.
///
/// # Errors
/// [`DbError`], classified.
pub async fn standing(tx: &mut Tx, id: FlowId) -> Result<Standing, DbError> {
    let sql = "SELECT direction, cause FROM ashlar_flows WHERE id = ?";
    let Some(mut row) = tx.row(sql, args![id]).await? else { return Ok(Standing::Unknown) };
    let phase: String = row.take(0)?;
    let wrong = |what: String| DbError::Row { index: 0, wrong: format!("flow {id}: {what}") };
    Ok(match phase.parse::<Phase>().map_err(&wrong)? {
        Phase::Executing | Phase::Reverting => Standing::UnderWay,
        Phase::Succeeded => Standing::Succeeded,
        Phase::Reverted => {
            let failure: Option<String> = row.take(1)?;
            Standing::Reverted(failure.as_deref().map(parse).transpose().map_err(&wrong)?)
        }
    })
}
