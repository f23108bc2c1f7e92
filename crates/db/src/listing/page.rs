//! Which part of a list, and in which order.

use super::Columns;

/// Smaller first, or larger first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smaller first; NULL before everything.
    Asc,
    /// Larger first; NULL behind everything.
    Desc,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<C> {
    /// Order; empty for newest first. Whatever it is, time of creation and id decide last, in the
    /// first one's direction, as Cinder adds them.
    pub sort: Vec<(C, Direction)>,
    /// Id of the last row of the page before. The list is `None` when there is no such row, or not in
    /// the filter's project.
    pub marker: Option<String>,
    /// At most so many rows.
    pub limit: Option<u64>,
    /// Rows to leave out first.
    pub offset: u64,
}

impl<C> Default for Page<C> {
    fn default() -> Self {
        Self { sort: Vec::new(), marker: None, limit: None, offset: 0 }
    }
}

impl<C: Columns> Page<C> {
    /// The first `limit` rows, newest first.
    #[must_use]
    pub fn first(limit: u64) -> Self {
        Self { limit: Some(limit), ..Self::default() }
    }

    /// The whole order: what was asked, then time of creation, then id, each column once.
    pub(crate) fn order(&self) -> Vec<(C, Direction)> {
        let last = self.sort.first().map_or(Direction::Desc, |(_, direction)| *direction);
        let mut order: Vec<(C, Direction)> = Vec::with_capacity(self.sort.len() + 2);
        let added = [(C::CREATED_AT, last), (C::ID, last)];
        for (column, direction) in self.sort.iter().copied().chain(added) {
            if order.iter().all(|(known, _)| *known != column) {
                order.push((column, direction));
            }
            if column == C::ID {
                break;
            }
        }
        order
    }
}
