//! The scheduler hint `query`: a condition on pools that a user writes as JSON, such as
//! `[">=", "$free_capacity_gb", 100]`; what Cinder's `JsonFilter` understands.
//!
//! - A condition is a list: an operator and its arguments. `=`, `<`, `>`, `<=` and `>=` hold their first argument against
//!   each of the others; `in` looks for the first among the others; `and` and `or` take any number; `not` negates each of
//!   its arguments and gives a list, which counts as true when any of its items does. A comparison of fewer than two
//!   arguments is false, an empty list is true.
//! - An argument that is a list is a condition of its own. A text that begins with `$` reads an attribute of the pool,
//!   and with dots an entry of a map: `$capabilities.vendor_name`. Whatever is not there, is null or is an empty text is left
//!   out of the arguments.
//! - Values are compared as Python compares them ([`Datum`]): texts against numbers are unequal, and have no order.
//! - Every argument is worked out, even when the answer is clear before: an error is an error in any order.
//!
//! [`Query::compile`] reads a hint once per request; [`Query::passes`] judges a pool. What makes Cinder raise an exception
//! is a [`QueryError`] here.
//!
//! # Where we differ from Cinder
//!
//! - A text may have [`MOST_BYTES`] bytes, and lists in it at most 127 levels: longer and deeper ones are errors. (Python
//!   ends at about 1000 levels.)
//! - `NaN`, `Infinity`, numbers beyond a float's range and half surrogates (`"\ud800"`) are no JSON; Python reads them.
//! - A whole number beyond 64 bits counts as the nearest float. Python keeps all its digits.
//! - Only attributes that hold data can be read: `$update_pools` or `$__dict__`, which Python finds on its object, are not
//!   there.

mod compile;
mod datum;
mod error;
#[cfg(test)]
mod tests;

use serde_json::Value;

pub use self::compile::MOST_BYTES;
pub use self::datum::{Datum, Kind};
pub use self::error::QueryError;

/// A pool as a query sees it.
pub trait Attributes {
    /// The attribute of this name (the text between `$` and the first dot; never empty): one of those that Cinder's pool
    /// state has, such as `host`, `backend_id`, `free_capacity_gb`, `capabilities`. [`None`] when there is none.
    fn attribute(&self, name: &str) -> Option<Datum<'_>>;
}

/// A compiled query.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// None: every pool passes.
    root: Option<Condition>,
}

/// An operator and its arguments.
#[derive(Debug, Clone, PartialEq)]
struct Condition {
    operator: Operator,
    /// Without those that can only be left out: null and empty texts.
    arguments: Vec<Argument>,
}

#[derive(Debug, Clone, PartialEq)]
enum Argument {
    /// The same for every pool.
    Value(Value),
    Attribute(Path),
    Condition(Condition),
}

/// `$name.key.key`
#[derive(Debug, Clone, PartialEq)]
struct Path {
    name: Box<str>,
    keys: Box<[Box<str>]>,
}

/// What a condition does with its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Compare(Comparison),
    In,
    Not,
    And,
    Or,
}

/// An operator that holds two values against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
}

/// What a condition or an argument comes to.
enum Outcome<'a> {
    Datum(Datum<'a>),
    /// From `not`: truth values.
    List(Vec<Value>),
}

impl Outcome<'_> {
    fn datum(&self) -> Datum<'_> {
        match self {
            Self::Datum(datum) => *datum,
            Self::List(list) => Datum::List(list),
        }
    }
}

impl Query {
    /// Reads a hint: a text of JSON. One that is null, false, zero or empty asks for nothing: every pool passes.
    ///
    /// # Errors
    /// When it is anything else than a text, no JSON, too long, or no condition. Cinder fails the request on the first
    /// pool that it would judge.
    pub fn compile(hint: &Value) -> Result<Self, QueryError> {
        compile::root(hint).map(|root| Self { root })
    }

    /// Whether the pool meets the query.
    ///
    /// # Errors
    /// When values without an order are to be ordered, or a path goes on beneath what is no map.
    pub fn passes(&self, pool: &dyn Attributes) -> Result<bool, QueryError> {
        let Some(root) = &self.root else { return Ok(true) };
        Ok(match root.evaluate(pool)? {
            Outcome::Datum(datum) => datum.truth(),
            Outcome::List(list) => list.iter().any(|item| Datum::from(item).truth()),
        })
    }
}

impl Condition {
    fn evaluate<'a>(&'a self, pool: &'a dyn Attributes) -> Result<Outcome<'a>, QueryError> {
        let truth = match self.operator {
            Operator::Compare(comparison) => self.compare(comparison, pool)?,
            Operator::In => self.find(pool)?,
            Operator::Not => return self.negate(pool),
            Operator::And => self.fold(pool, true, |all, item| all & item)?,
            Operator::Or => self.fold(pool, false, |any, item| any | item)?,
        };
        Ok(Outcome::Datum(Datum::Bool(truth)))
    }

    /// Each argument that is there, in order.
    fn outcomes<'a>(
        &'a self,
        pool: &'a dyn Attributes,
    ) -> impl Iterator<Item = Result<Outcome<'a>, QueryError>> {
        self.arguments.iter().filter_map(|argument| argument.evaluate(pool).transpose())
    }

    /// Over the truth of each argument.
    fn fold(
        &self,
        pool: &dyn Attributes,
        start: bool,
        step: impl Fn(bool, bool) -> bool,
    ) -> Result<bool, QueryError> {
        self.outcomes(pool)
            .try_fold(start, |so_far, outcome| Ok(step(so_far, outcome?.datum().truth())))
    }

    /// The first argument against each of the others.
    fn compare(&self, comparison: Comparison, pool: &dyn Attributes) -> Result<bool, QueryError> {
        let mut outcomes = self.outcomes(pool);
        let Some(first) = outcomes.next().transpose()? else { return Ok(false) };
        let (mut others, mut holds) = (false, true);
        for other in outcomes {
            others = true;
            holds &= first.datum().compare(comparison, other?.datum())?;
        }
        Ok(others && holds)
    }

    /// The first argument among the others.
    fn find(&self, pool: &dyn Attributes) -> Result<bool, QueryError> {
        let mut outcomes = self.outcomes(pool);
        let Some(first) = outcomes.next().transpose()? else { return Ok(false) };
        let mut found = false;
        for other in outcomes {
            found |= first.datum().equals(other?.datum());
        }
        Ok(found)
    }

    fn negate<'a>(&'a self, pool: &'a dyn Attributes) -> Result<Outcome<'a>, QueryError> {
        self.outcomes(pool)
            .map(|outcome| Ok(Value::Bool(!outcome?.datum().truth())))
            .collect::<Result<_, _>>()
            .map(Outcome::List)
    }
}

impl Argument {
    /// [`None`] when it is to be left out.
    fn evaluate<'a>(&'a self, pool: &'a dyn Attributes) -> Result<Option<Outcome<'a>>, QueryError> {
        match self {
            Self::Value(value) => Ok(Some(Outcome::Datum(value.into()))),
            Self::Attribute(path) => Ok(path.read(pool)?.map(Outcome::Datum)),
            Self::Condition(condition) => condition.evaluate(pool).map(Some),
        }
    }
}

impl Path {
    /// [`None`] when there is no such thing or it is null. Emptiness is something: an attribute that is an empty text
    /// stays among the arguments, other than an empty text in the query.
    fn read<'a>(&self, pool: &'a dyn Attributes) -> Result<Option<Datum<'a>>, QueryError> {
        let mut found = pool.attribute(&self.name);
        for (depth, key) in self.keys.iter().enumerate() {
            found = match found {
                None | Some(Datum::Null) => return Ok(None),
                Some(Datum::Map(map)) => map.get(&**key).map(Datum::from),
                Some(other) => return Err(self.no_map(depth, other.kind())),
            };
        }
        Ok(found.filter(|datum| !matches!(datum, Datum::Null)))
    }

    #[cold]
    fn no_map(&self, depth: usize, kind: Kind) -> QueryError {
        let above = self.keys[..depth].iter();
        let path = above.fold(format!("${}", self.name), |path, key| format!("{path}.{key}"));
        QueryError::NoMap { path: error::shortened(&path), kind }
    }
}
