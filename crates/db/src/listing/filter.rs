//! Which rows a list is to have.

use ashlar_types::{Metadata, Timestamp};

/// How a moment is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Later than.
    Gt,
    /// Later than or at.
    Gte,
    /// At.
    Eq,
    /// Not at.
    Neq,
    /// Earlier than.
    Lt,
    /// Earlier than or at.
    Lte,
}

impl Comparison {
    /// The API's word: `gt`, `gte`, `eq`, `neq`, `lt`, `lte`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "gt" => Self::Gt,
            "gte" => Self::Gte,
            "eq" => Self::Eq,
            "neq" => Self::Neq,
            "lt" => Self::Lt,
            "lte" => Self::Lte,
            _ => return None,
        })
    }

    pub(crate) const fn sql(self) -> &'static str {
        match self {
            Self::Gt => ">",
            Self::Gte => ">=",
            Self::Eq => "=",
            Self::Neq => "<>",
            Self::Lt => "<",
            Self::Lte => "<=",
        }
    }
}

/// What is asked of a column. Texts are read by the column's kind; one that it cannot hold matches no
/// row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// Equal.
    Is(String),
    /// Equal to one of these.
    In(Vec<String>),
    /// Has this part somewhere (`key~=part`). Signs that SQL takes for wildcards stand for themselves.
    Contains(String),
    /// Compared as a moment.
    Time(Comparison, Timestamp),
    /// NULL, or not.
    Null(bool),
}

/// Which rows: all conditions must hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter<C> {
    /// Only of this project; of all when none.
    pub project_id: Option<String>,
    /// Tests on columns.
    pub tests: Vec<(C, Test)>,
    /// Pairs of the user's metadata that must be there.
    pub metadata: Metadata,
    /// Pairs of the image metadata that must be there.
    pub image_metadata: Metadata,
    /// Lives on this host, backend or pool: `h`, `h@b` and `h@b#p` each match what lies within.
    pub host: Option<String>,
    /// Lives in this cluster, by the same rule.
    pub cluster_name: Option<String>,
    /// Lives in this zone.
    pub availability_zone: Option<String>,
}

impl<C> Default for Filter<C> {
    fn default() -> Self {
        Self {
            project_id: None,
            tests: Vec::new(),
            metadata: Metadata::new(),
            image_metadata: Metadata::new(),
            host: None,
            cluster_name: None,
            availability_zone: None,
        }
    }
}

impl<C> Filter<C> {
    /// Everything of one project.
    #[must_use]
    pub fn of_project(project_id: &str) -> Self {
        Self { project_id: Some(project_id.to_owned()), ..Self::default() }
    }

    /// And this column passes this test.
    #[must_use]
    pub fn and(mut self, column: C, test: Test) -> Self {
        self.tests.push((column, test));
        self
    }
}
