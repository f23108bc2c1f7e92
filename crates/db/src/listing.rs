//! Lists with filters, order and pages, for any table whose columns are an enumeration.
//!
//! The text of a statement comes from the enumerations here and never from a user; a user's values are
//! bound. `NULL` counts as smaller than everything on all engines, so that a page that ends in NULLs
//! goes on where it ended.

mod build;
mod filter;
mod page;

pub use filter::{Comparison, Filter, Test};
pub use page::{Direction, Page};

pub(crate) use build::{Built, count, page, page_with};

use ashlar_types::Timestamp;

use crate::Arg;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A whole number.
    Int,
    /// A truth.
    Bool,
    /// A moment.
    Time,
}

impl Kind {
    /// The value that `text` stands for in a column of this kind; none when it stands for none.
    pub(crate) fn read(self, text: &str) -> Option<Arg<'static>> {
        match self {
            Self::Text => Some(Arg::from(text.to_owned())),
            Self::Int => text.trim().parse::<i64>().ok().map(Arg::from),
            Self::Time => Timestamp::parse(text).map(Arg::from),
            Self::Bool => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "t" | "1" | "yes" | "y" | "on" => Some(Arg::from(true)),
                "false" | "f" | "0" | "no" | "n" | "off" => Some(Arg::from(false)),
                _ => None,
            },
        }
    }
}

/// The columns of a table that may be listed. Made by [`columns_of`].
pub trait Columns: Copy + PartialEq + std::fmt::Debug + Send + Sync + 'static {
    /// The table with alias `t`.
    const TABLE: &'static str;
    /// Conditions that every list has.
    const ALWAYS: &'static str;
    /// The condition that a row belongs to a project, which is bound.
    const OF_PROJECT: &'static str = "t.project_id = ?";
    /// Table of the user's metadata and its column that names the owner.
    const METADATA: (&'static str, &'static str);
    /// Table of more metadata that a metadata filter looks into as well.
    const MORE_METADATA: Option<(&'static str, &'static str)>;
    /// Table of image metadata.
    const IMAGE_METADATA: Option<(&'static str, &'static str)>;
    /// What stands before and behind a condition on host, cluster and zone, whose columns have the
    /// alias `p`.
    const PLACE: (&'static str, &'static str);
    /// The alias of the table that has host, cluster and zone.
    const PLACE_ALIAS: &'static str;
    /// The primary key.
    const ID: Self;
    /// When the row was made.
    const CREATED_AT: Self;

    /// The column by its name in the table.
    fn named(name: &str) -> Option<Self>;
    /// Its name in the table.
    fn name(self) -> &'static str;
    /// `t.` and its name.
    fn sql(self) -> &'static str;
    /// What it holds.
    fn kind(self) -> Kind;
    /// Equality with one value finds a few rows, by an index of its own.
    fn finds_few(self) -> bool {
        matches!(self.name(), "id" | "display_name" | "volume_id")
    }
    /// Never NULL in a row that Cinder or we wrote.
    fn always_set(self) -> bool {
        self == Self::ID || self == Self::CREATED_AT
    }
}

/// Declares an enumeration of columns.
macro_rules! columns_of {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $column:literal $kind:ident,)* } $($rest:tt)*) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$vdoc])* $variant,)*
        }

        impl $crate::listing::Columns for $name {
            const ID: Self = Self::Id;
            const CREATED_AT: Self = Self::CreatedAt;

            fn named(name: &str) -> Option<Self> {
                match name {
                    $($column => Some(Self::$variant),)*
                    _ => None,
                }
            }

            fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $column,)*
                }
            }

            fn sql(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!("t.", $column),)*
                }
            }

            fn kind(self) -> $crate::listing::Kind {
                match self {
                    $(Self::$variant => $crate::listing::Kind::$kind,)*
                }
            }

            $($rest)*
        }
    };
}
pub(crate) use columns_of;
