//! Checks: a rule, compiled.

use std::fmt;

use super::facts::{Fact, Facts};
use super::left::Left;
use super::rules::Rules;
use super::template::Template;

/// A rule or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check(pub(super) Node);

/// What a check says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// `@`: everybody.
    Always,
    /// `!`: nobody.
    Never,
    /// `not`.
    Not(Box<Check>),
    /// `and`.
    All(Vec<Check>),
    /// `or`.
    Any(Vec<Check>),
    /// A leaf with its text.
    Leaf(Box<str>, Leaf),
}

/// `kind:match`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Leaf {
    /// One of the caller's roles, in any case.
    Role(Template),
    /// What the rule of this name says; the number is its place, once the rules are put together.
    Rule(Option<usize>),
    /// Left and right read the same.
    Compare(Left, Template),
}

impl Check {
    pub(super) fn always() -> Self {
        Self(Node::Always)
    }

    /// Whether the caller passes, with the rules that it may refer to.
    pub(super) fn passes(
        &self,
        rules: &Rules,
        credentials: &dyn Facts,
        target: &dyn Facts,
    ) -> bool {
        match &self.0 {
            Node::Always => true,
            Node::Never => false,
            Node::Not(inner) => !inner.passes(rules, credentials, target),
            Node::All(parts) => parts.iter().all(|part| part.passes(rules, credentials, target)),
            Node::Any(parts) => parts.iter().any(|part| part.passes(rules, credentials, target)),
            Node::Leaf(_, leaf) => leaf.passes(rules, credentials, target),
        }
    }

    /// The parts of `and`, `or` and `not`.
    pub(super) fn parts(&self) -> &[Self] {
        match &self.0 {
            Node::Not(inner) => std::slice::from_ref(inner),
            Node::All(parts) | Node::Any(parts) => parts,
            Node::Always | Node::Never | Node::Leaf(..) => &[],
        }
    }

    /// The same, to be changed.
    pub(super) fn parts_mut(&mut self) -> &mut [Self] {
        match &mut self.0 {
            Node::Not(inner) => std::slice::from_mut(inner),
            Node::All(parts) | Node::Any(parts) => parts,
            Node::Always | Node::Never | Node::Leaf(..) => &mut [],
        }
    }

    /// Calls `visit` with each leaf.
    pub(super) fn each_leaf(&self, visit: &mut dyn FnMut(&str, &Leaf)) {
        if let Node::Leaf(text, leaf) = &self.0 {
            visit(text, leaf);
        }
        for part in self.parts() {
            part.each_leaf(visit);
        }
    }
}

impl Leaf {
    fn passes(&self, rules: &Rules, credentials: &dyn Facts, target: &dyn Facts) -> bool {
        match self {
            Self::Role(wanted) => has_role(wanted, credentials, target),
            Self::Rule(Some(at)) => rules.at(*at).check.passes(rules, credentials, target),
            Self::Rule(None) => false,
            Self::Compare(left, right) => left.any(credentials, &|text| right.is(target, text)),
        }
    }
}

fn has_role(wanted: &Template, credentials: &dyn Facts, target: &dyn Facts) -> bool {
    let Some(Fact::List(roles)) = credentials.look_up("roles") else { return false };
    let filled;
    let wanted = match wanted.plain() {
        Some(plain) => plain,
        None => match wanted.fill(target) {
            Some(text) => {
                filled = text;
                filled.as_str()
            }
            None => return false,
        },
    };
    roles.any(&mut |role| matches!(role, Fact::Text(role) if same_in_any_case(role, wanted)))
}

/// As Python compares after `lower()`.
fn same_in_any_case(one: &str, other: &str) -> bool {
    if one.is_ascii() && other.is_ascii() {
        return one.eq_ignore_ascii_case(other);
    }
    one.to_lowercase() == other.to_lowercase()
}

/// As oslo.policy prints it: parentheses around every `and` and `or`.
impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (parts, word) = match &self.0 {
            Node::Always => return f.write_str("@"),
            Node::Never => return f.write_str("!"),
            Node::Leaf(text, _) => return f.write_str(text),
            Node::Not(inner) => return write!(f, "not {inner}"),
            Node::All(parts) => (parts, " and "),
            Node::Any(parts) => (parts, " or "),
        };
        f.write_str("(")?;
        for (number, part) in parts.iter().enumerate() {
            if number > 0 {
                f.write_str(word)?;
            }
            write!(f, "{part}")?;
        }
        f.write_str(")")
    }
}
