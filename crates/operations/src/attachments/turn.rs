//! Taking turns on a volume: an operation begins when all older ones are over.

use std::time::Duration;

use ashlar_db::{DbError, Tx, flows};
use ashlar_types::{FlowId, Timestamp, VolumeId};

use crate::Done;

/// Between two looks: somebody waits, at first.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// Between two looks after a long time, when nobody does any more: each is a commit.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// It reads the volume, and minds no host that writes to it meanwhile.
const UPLOAD: &str = "upload-volume";

/// Not yet, when an older operation is under way on the volume.
pub(super) async fn wait(
    tx: &mut Tx,
    volume: VolumeId,
    me: FlowId,
    now: Timestamp,
) -> Result<Option<Done>, DbError> {
    let all = flows::under_way(tx, &volume.to_string()).await?;
    let age = all.iter().find(|flow| flow.id == me).map_or(Duration::ZERO, |me| now.since(me.turn));
    let mut older = all.iter().take_while(|flow| flow.id != me);
    let first = older.find(|flow| flow.name != UPLOAD);
    Ok(first.map(|flow| Done::wait(pause(age), format!("{} {} goes first", flow.name, flow.id))))
}

/// Until the next look of a flow of this age.
fn pause(age: Duration) -> Duration {
    (age / 10).clamp(FIRST_PAUSE, LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_long_looks_seldom() {
        let seconds = Duration::from_secs;
        assert_eq!(pause(Duration::ZERO), FIRST_PAUSE);
        assert_eq!(pause(seconds(5)), Duration::from_millis(500));
        assert_eq!(pause(seconds(3600)), LONGEST_PAUSE);
    }
}
