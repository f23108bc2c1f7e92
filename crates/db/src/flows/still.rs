//! Making sure of flows before something is written for many of them at once.

use ashlar_flow::Phase;
use ashlar_types::FlowId;

use crate::{Arg, DbError, Tx, sql};

/// Those of the flows that are unfinished, go forward and are at the task `position`. They stay so until
/// the transaction ends: their rows are locked, in the order of their identities.
///
/// # Errors
/// [`DbError`], classified.
pub async fn still_at(
    tx: &mut Tx,
    flows: &[FlowId],
    position: usize,
) -> Result<Vec<FlowId>, DbError> {
    let mut flows = flows.to_vec();
    flows.sort_unstable();
    flows.dedup();
    let mut found = Vec::with_capacity(flows.len());
    for part in flows.chunks(sql::IN_LIST) {
        let part = sql::pad(part);
        let sql = format!(
            "SELECT id FROM ashlar_flows WHERE id IN ({}) AND finished = FALSE AND direction = ? AND \
             position = ? ORDER BY id{}",
            sql::places(part.len()),
            tx.engine().for_update()
        );
        let mut values: Vec<Arg<'_>> = part.into_iter().map(Arg::from).collect();
        values.push(Arg::from(Phase::Executing.as_str()));
        values.push(Arg::from(position));
        for row in tx.rows(&sql, &values).await? {
            found.push(row.get(0)?);
        }
    }
    Ok(found)
}
