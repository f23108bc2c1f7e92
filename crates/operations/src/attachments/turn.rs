//! Taking turns on a volume: an operation begins when all older ones are over.

use std::time::Duration;

use ashlar_db::{DbError, Tx, flows};
use ashlar_types::{FlowId, VolumeId};

use crate::Done;

/// Between two looks: somebody waits.
const PAUSE: Duration = Duration::from_millis(50);
/// It reads the volume, and minds no host that writes to it meanwhile.
const UPLOAD: &str = "upload-volume";

/// Not yet, when an older operation is under way on the volume.
pub(super) async fn wait(
    tx: &mut Tx,
    volume: VolumeId,
    me: FlowId,
) -> Result<Option<Done>, DbError> {
    let all = flows::under_way(tx, &volume.to_string()).await?;
    let mut older = all.iter().take_while(|flow| flow.id != me);
    let first = older.find(|flow| flow.name != UPLOAD);
    Ok(first.map(|flow| Done::wait(PAUSE, format!("{} {} goes first", flow.name, flow.id))))
}
