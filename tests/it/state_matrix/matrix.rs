//! The measured rows: `tests/state-matrix.tsv`, and the operations that are not replayed yet.

use std::collections::BTreeSet;

use ashlar_types::VolumeStatus;

const ROWS: &str = include_str!("../../state-matrix.tsv");
const NOT_COVERED: &str = include_str!("../../state-matrix-not-covered.txt");

/// One measured answer of Cinder.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// What was acted upon: "volume", "snapshot", …
    pub(super) resource: &'static str,
    /// What was asked for, in the words of whoever measured.
    pub(super) operation: &'static str,
    /// Status before.
    pub(super) before: &'static str,
    /// HTTP status of the answer.
    pub(super) code: u16,
    /// Status after: "status", or "status/attach status/migration status".
    pub(super) after: &'static str,
    /// Another column of the table after it, as `column=value`; mostly empty.
    pub(super) note: &'static str,
}

impl Row {
    /// For a row about an attachment: the status of its volume.
    pub(super) fn attachments_volume(&self) -> Option<VolumeStatus> {
        if self.resource == "attachment" {
            // Not measured; what suits most of them.
            return Some(VolumeStatus::Attaching);
        }
        let status = self.resource.strip_prefix("attachment vol=")?;
        Some(status.parse().expect("a volume's status"))
    }

    /// The status before in the spelling of the status after.
    pub(super) fn unchanged(&self) -> String {
        match self.resource.strip_prefix("attachment vol=") {
            Some(volume) => format!("{}/{volume}", self.before),
            None => self.before.to_owned(),
        }
    }
}

/// An operation that is not replayed, because the route it needs is not served yet.
#[derive(Debug)]
pub(super) struct NotCovered {
    /// As in the matrix.
    pub(super) resource: &'static str,
    /// As in the matrix.
    pub(super) operation: &'static str,
    /// `METHOD /path` or `METHOD /path action`: once this is served, the operation must be replayed.
    pub(super) route: &'static str,
}

/// Every row.
pub(super) fn rows() -> Vec<Row> {
    ROWS.lines().skip(1).map(row).collect()
}

fn row(line: &'static str) -> Row {
    let cells: Vec<&str> = line.split('\t').collect();
    let [resource, operation, before, code, after, note] = cells[..] else {
        panic!("a row has six columns: {line}");
    };
    let code = code.parse().expect("a status code");
    Row { resource, operation, before, code, after, note }
}

/// Resource and operation of every row, each pair once.
pub(super) fn operations() -> BTreeSet<(&'static str, &'static str)> {
    rows().iter().map(|row| (row.resource, row.operation)).collect()
}

/// The list of what is not replayed.
pub(super) fn not_covered() -> Vec<NotCovered> {
    let entry = |line: &'static str| {
        let cells: Vec<&str> = line.split('\t').collect();
        let [resource, operation, route] = cells[..] else {
            panic!("an entry has three columns: {line}");
        };
        NotCovered { resource, operation, route }
    };
    NOT_COVERED.lines().map(entry).collect()
}
