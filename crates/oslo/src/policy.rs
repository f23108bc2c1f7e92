//! The policy language of oslo.policy: rules such as `role:admin or project_id:%(project_id)s`, compiled once and
//! asked often.
//!
//! [`Check`] is one rule, parsed; [`Rules`] is all rules of a service with the references among them resolved; [`file`]
//! reads `policy.yaml`. Who asks and what about comes in as [`Facts`]. Asking allocates nothing, unless a rule puts
//! a role's name together out of the target.
//!
//! A text that oslo.policy would log and take as "nobody" is an error here, and so is one with which it would fail at the
//! first request. All others mean what they mean there, which a test against oslo.policy itself holds.

mod check;
mod error;
mod explain;
mod facts;
pub mod file;
mod left;
mod parse;
mod rules;
mod template;

pub use check::Check;
pub use error::{FileError, ParseError, RulesError};
pub use facts::{Fact, Facts, Nothing, Series};
pub use rules::{Definition, Rule, Rules};
