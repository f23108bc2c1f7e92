//! What comes back: rows of cells, read by position into domain types.

use ashlar_types::{
    AttachStatus, AttachmentId, DecisionId, FlowId, Gib, GroupId, GroupSnapshotId,
    GroupSnapshotStatus, GroupStatus, GroupTypeId, HoldId, ImageId, MessageId, NotificationId,
    PageId, PoolName, QosSpecsId, SnapshotId, SnapshotStatus, Timestamp, TransferId, VolumeId,
    VolumeStatus, VolumeTypeId,
};

use crate::DbError;

/// One value as the engine gave it.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A whole number, or a truth as 0 and 1.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// A text; on SQLite also a moment.
    Text(String),
    /// A moment.
    Time(Timestamp),
}

/// One row. Columns are read by their position in the statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Row(pub(crate) Vec<Cell>);

impl Row {
    /// Takes the value of column `index` (from 0) out of the row.
    ///
    /// # Errors
    /// [`DbError::Row`] when the column is missing or holds something else.
    pub fn take<T: FromCell>(&mut self, index: usize) -> Result<T, DbError> {
        let cell = self.0.get_mut(index).map(|cell| std::mem::replace(cell, Cell::Null));
        let cell = cell.ok_or_else(|| DbError::row(index, "no such column"))?;
        T::from_cell(cell).map_err(|wrong| DbError::row(index, wrong))
    }

    /// Reads the value of column `index` (from 0).
    ///
    /// # Errors
    /// [`DbError::Row`] when the column is missing or holds something else.
    pub fn get<T: FromCell>(&self, index: usize) -> Result<T, DbError> {
        let cell = self.0.get(index).ok_or_else(|| DbError::row(index, "no such column"))?;
        T::from_cell(cell.clone()).map_err(|wrong| DbError::row(index, wrong))
    }

    /// Forgets the first `count` columns, once they are taken.
    pub fn drop_front(&mut self, count: usize) {
        self.0.drain(..count.min(self.0.len()));
    }

    /// Hands out the columns one after the other, in the statement's order.
    #[must_use]
    pub fn reader(self) -> Reader {
        Reader { cells: self.0.into_iter(), index: 0 }
    }
}

/// Reads a row's columns in order.
#[derive(Debug)]
pub struct Reader {
    cells: std::vec::IntoIter<Cell>,
    index: usize,
}

impl Reader {
    /// The next column.
    ///
    /// # Errors
    /// [`DbError::Row`] when there is none or it holds something else.
    #[expect(clippy::should_implement_trait, reason = "each column is of a type of its own")]
    pub fn next<T: FromCell>(&mut self) -> Result<T, DbError> {
        let index = self.index;
        self.index += 1;
        let cell = self.cells.next().ok_or_else(|| DbError::row(index, "no such column"))?;
        T::from_cell(cell).map_err(|wrong| DbError::row(index, wrong))
    }
}

/// A type that a column can be read as.
pub trait FromCell: Sized {
    /// Reads it, or says what stood there instead.
    ///
    /// # Errors
    /// A short description of the mismatch.
    fn from_cell(cell: Cell) -> Result<Self, String>;
}

impl<T: FromCell> FromCell for Option<T> {
    fn from_cell(cell: Cell) -> Result<Self, String> {
        match cell {
            Cell::Null => Ok(None),
            other => T::from_cell(other).map(Some),
        }
    }
}

impl FromCell for Cell {
    fn from_cell(cell: Cell) -> Result<Self, String> {
        Ok(cell)
    }
}

impl FromCell for String {
    fn from_cell(cell: Cell) -> Result<Self, String> {
        match cell {
            Cell::Text(text) => Ok(text),
            Cell::Int(number) => Ok(number.to_string()),
            other => Err(format!("{other:?} is no text")),
        }
    }
}

impl FromCell for i64 {
    fn from_cell(cell: Cell) -> Result<Self, String> {
        match cell {
            Cell::Int(number) => Ok(number),
            #[expect(clippy::cast_possible_truncation, reason = "sums of whole numbers")]
            Cell::Float(number) if number.fract() == 0.0 => Ok(number as Self),
            other => Err(format!("{other:?} is no whole number")),
        }
    }
}

impl FromCell for u64 {
    fn from_cell(cell: Cell) -> Result<Self, String> {
        Ok(Self::try_from(i64::from_cell(cell)?).unwrap_or(0))
    }
}

impl FromCell for f64 {
    fn from_cell(cell: Cell) -> Result<Self, String> {
        match cell {
            Cell::Float(number) => Ok(number),
            #[expect(clippy::cast_precision_loss, reason = "a number of that size is exact enough")]
            Cell::Int(number) => Ok(number as Self),
            other => Err(format!("{other:?} is no number")),
        }
    }
}

impl FromCell for bool {
    fn from_cell(cell: Cell) -> Result<Self, String> {
        match cell {
            Cell::Int(number) => Ok(number != 0),
            other => Err(format!("{other:?} is no truth")),
        }
    }
}

impl FromCell for Gib {
    fn from_cell(cell: Cell) -> Result<Self, String> {
        u64::from_cell(cell).map(Self)
    }
}

impl FromCell for Timestamp {
    fn from_cell(cell: Cell) -> Result<Self, String> {
        match cell {
            Cell::Time(moment) => Ok(moment),
            Cell::Text(text) => Self::parse(&text).ok_or_else(|| format!("'{text}' is no moment")),
            other => Err(format!("{other:?} is no moment")),
        }
    }
}

impl FromCell for PoolName {
    fn from_cell(cell: Cell) -> Result<Self, String> {
        String::from_cell(cell).map(Self)
    }
}

macro_rules! parsed {
    ($($kind:ty),*) => {$(
        impl FromCell for $kind {
            fn from_cell(cell: Cell) -> Result<Self, String> {
                match &cell {
                    Cell::Text(text) => {
                        text.parse().map_err(|wrong| format!("{wrong}"))
                    }
                    other => Err(format!("{other:?} is no {}", stringify!($kind))),
                }
            }
        }
    )*};
}

parsed!(
    AttachStatus,
    AttachmentId,
    DecisionId,
    FlowId,
    GroupId,
    GroupSnapshotId,
    GroupSnapshotStatus,
    GroupStatus,
    GroupTypeId,
    HoldId,
    MessageId,
    NotificationId,
    PageId,
    QosSpecsId,
    SnapshotId,
    SnapshotStatus,
    TransferId,
    ImageId,
    VolumeId,
    VolumeStatus,
    VolumeTypeId
);
