//! How far the longest task of a flow has come, for whoever looks. It is beside the flow's record and decides nothing:
//! what is written last stays, whoever wrote it.

use ashlar_types::FlowId;
use serde::{Deserialize, Serialize};

use crate::{DbError, Tx, args};

/// How far it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What is being done: `downloading`, `converting`, `uploading`.
    pub what: String,
    /// Bytes that are done.
    pub done: u64,
    /// Of so many, where that is known.
    pub total: Option<u64>,
}

/// Notes it. A flow that is gone is passed over.
///
/// # Errors
/// [`DbError`], classified.
pub async fn set_progress(tx: &mut Tx, id: FlowId, progress: &Progress) -> Result<(), DbError> {
    let text = serde_json::to_string(progress).expect("progress is plain data");
    tx.execute("UPDATE ashlar_flows SET progress = ? WHERE id = ?", args![text, id]).await.map(drop)
}

/// What was noted last.
///
/// # Errors
/// [`DbError`], classified.
pub async fn progress(tx: &mut Tx, id: FlowId) -> Result<Option<Progress>, DbError> {
    let row = tx.row("SELECT progress FROM ashlar_flows WHERE id = ?", args![id]).await?;
    let text: Option<String> = row.map(|row| row.get(0)).transpose()?.flatten();
    Ok(read(text.as_deref()))
}

/// A text that another version wrote is as good as none.
pub(super) fn read(text: Option<&str>) -> Option<Progress> {
    serde_json::from_str(text?).ok()
}
