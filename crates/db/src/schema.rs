//! The tables as data: Cinder 29.0.0's own, and the `ashlar_*` tables beside them.
//!
//! Names of tables, columns, constraints and indexes are Cinder's, column for column and in Cinder's
//! order, so that either program can run on what the other made. [`render`] turns the data into
//! statements for an engine; [`crate::migrate`] runs them. `tests/conformance/cinder-db` compares the
//! result with what Cinder's own tool makes.

pub mod ashlar;
pub mod backups;
pub mod cinder;
pub mod groups;
pub mod messages;
pub mod quotas;
pub mod render;
pub mod services;
pub mod snapshots;
pub mod types;
pub mod volumes;

/// A table. Everything is named as in Cinder's migrations.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// In the order in which the catalog lists them.
    pub columns: &'static [Column],
    /// The primary key's columns.
    pub primary_key: &'static [&'static str],
    /// Unique constraints. They carry no name of ours: each engine makes up its usual one, as it does
    /// for Cinder.
    pub uniques: &'static [&'static [&'static str]],
    /// Indexes made with the table.
    pub indexes: &'static [Index],
    /// In the order in which MySQL numbers them (`volumes_ibfk_1`, …).
    pub foreign_keys: &'static [ForeignKey],
    /// MySQL's clause for the table's texts; the other engines have but one kind.
    pub mysql_charset: &'static str,
}

impl Table {
    /// A table of Cinder's: texts of at most three bytes a character, compared without regard to
    /// case on MySQL, as Cinder's migrations have them.
    const fn of_cinder(name: &'static str, primary_key: &'static [&'static str]) -> Self {
        Self {
            name,
            columns: &[],
            primary_key,
            uniques: &[],
            indexes: &[],
            foreign_keys: &[],
            mysql_charset: "DEFAULT CHARSET=utf8mb3",
        }
    }

    /// A table of ours: any character, compared exactly.
    const fn of_ashlar(name: &'static str, primary_key: &'static [&'static str]) -> Self {
        Self {
            mysql_charset: "DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
            ..Self::of_cinder(name, primary_key)
        }
    }
}

/// A column.
#[derive(Debug)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Where it may be NULL.
    pub null: Null,
    /// What the database fills in when an INSERT leaves it out; NULL otherwise.
    pub initial: Option<Initial>,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A number that the database counts up: a primary key.
    Serial,
    /// A text of at most so many characters.
    String(u16),
    /// A longer text; 64 KiB on MySQL.
    Text,
    /// A text without a practical limit.
    LongText,
    /// 32 bits.
    Int,
    /// 64 bits.
    BigInt,
    /// A truth.
    Flag,
    /// A truth with a CHECK constraint where the engine has no type for it.
    CheckedFlag,
    /// A moment: microseconds on SQLite and PostgreSQL, seconds on MySQL.
    Time,
    /// A moment with microseconds on MySQL too.
    FineTime,
}

/// Where a column may be NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Null {
    /// Everywhere.
    Allowed,
    /// Nowhere.
    Never,
    /// On SQLite only: Cinder's migrations are laxer there.
    OnSqlite,
}

/// What the database fills in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Initial {
    /// TRUE.
    True,
    /// FALSE.
    False,
    /// The number 0.
    Zero,
}

/// An index.
#[derive(Debug, Clone, Copy)]
pub struct Index {
    /// Its name.
    pub name: &'static str,
    /// In order.
    pub columns: &'static [&'static str],
    /// No two rows have the same values, NULL apart.
    pub unique: bool,
}

/// A reference to another table's row.
#[derive(Debug)]
pub struct ForeignKey {
    /// The column that refers.
    pub column: &'static str,
    /// The table that it refers to.
    pub table: &'static str,
    /// The column there.
    pub refers: &'static str,
    /// The constraint's name where Cinder gives one; otherwise the engine makes up its usual one.
    pub name: Option<&'static str>,
}

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, null: Null::Allowed, initial: None }
}

const fn serial(name: &'static str) -> Column {
    column(name, Kind::Serial).required()
}

const fn string(name: &'static str, most: u16) -> Column {
    column(name, Kind::String(most))
}

const fn text(name: &'static str) -> Column {
    column(name, Kind::Text)
}

const fn long_text(name: &'static str) -> Column {
    column(name, Kind::LongText)
}

const fn int(name: &'static str) -> Column {
    column(name, Kind::Int)
}

const fn big_int(name: &'static str) -> Column {
    column(name, Kind::BigInt)
}

const fn flag(name: &'static str) -> Column {
    column(name, Kind::Flag)
}

const fn checked_flag(name: &'static str) -> Column {
    column(name, Kind::CheckedFlag)
}

const fn time(name: &'static str) -> Column {
    column(name, Kind::Time)
}

const fn fine_time(name: &'static str) -> Column {
    column(name, Kind::FineTime)
}

impl Column {
    const fn required(self) -> Self {
        Self { null: Null::Never, ..self }
    }

    const fn required_but_on_sqlite(self) -> Self {
        Self { null: Null::OnSqlite, ..self }
    }

    const fn or(self, initial: Initial) -> Self {
        Self { initial: Some(initial), ..self }
    }
}

const fn index(name: &'static str, columns: &'static [&'static str]) -> Index {
    Index { name, columns, unique: false }
}

const fn unique_index(name: &'static str, columns: &'static [&'static str]) -> Index {
    Index { name, columns, unique: true }
}

const fn foreign_key(
    column: &'static str,
    table: &'static str,
    refers: &'static str,
) -> ForeignKey {
    ForeignKey { column, table, refers, name: None }
}

impl ForeignKey {
    const fn named(self, name: &'static str) -> Self {
        Self { name: Some(name), ..self }
    }
}
