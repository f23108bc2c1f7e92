//! What answers look like: for each operation the status when all is well, and the body. The tables are in [`super::shapes`].

use super::shapes::{
    Kind, attachments, clusters, groups, manageable, messages, operators, qos, quotas, snapshots,
    transfers, types, volumes,
};

/// What an operation answers when all is well.
#[derive(Debug)]
pub struct Answer {
    /// Name of the operation.
    pub op: &'static str,
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub shape: Shape,
}

/// A body.
#[derive(Debug)]
pub enum Shape {
    /// None.
    Empty,
    /// JSON of this kind.
    Json(&'static Kind),
    /// Plain text.
    Text,
}

/// The operation `op` answers JSON.
#[must_use]
pub const fn json(op: &'static str, status: u16, kind: &'static Kind) -> Answer {
    Answer { op, status, shape: Shape::Json(kind) }
}

/// The operation `op` answers a status alone.
#[must_use]
pub const fn empty(op: &'static str, status: u16) -> Answer {
    Answer { op, status, shape: Shape::Empty }
}

/// The operation `op` answers plain text.
#[must_use]
pub const fn text(op: &'static str, status: u16) -> Answer {
    Answer { op, status, shape: Shape::Text }
}

/// The answer of the operation `op`.
#[must_use]
pub fn of(op: &str) -> Option<&'static Answer> {
    all().find(|answer| answer.op == op)
}

/// Every operation.
pub fn all() -> impl Iterator<Item = &'static Answer> {
    TABLES.iter().copied().flatten()
}

/// The tables of all resources. A new resource adds a line.
static TABLES: &[&[Answer]] = &[
    volumes::ANSWERS,
    snapshots::ANSWERS,
    attachments::ANSWERS,
    types::ANSWERS,
    qos::ANSWERS,
    quotas::ANSWERS,
    groups::ANSWERS,
    messages::ANSWERS,
    transfers::ANSWERS,
    manageable::ANSWERS,
    operators::ANSWERS,
    clusters::ANSWERS,
];
