//! The language of `filter_function` and `goodness_function`: small formulas in which a driver says which volumes a
//! pool may get, and how gladly.
//!
//! The language is what Cinder's evaluator does with pyparsing up to 3.3.2, oddities included, since functions in
//! use rely on what works there. (3.3.3 reads no variable at all: its `infix_notation` takes each word for a function.)
//! Precedence, from the tightest:
//!
//! | level | operators | notes |
//! |---|---|---|
//! | call | `abs max min` and any word before an operand | no parentheses needed: `abs 3`; an unknown function is an error once it is called |
//! | power | `^` | from the right; `2^-1` is no expression, `2^(-1)` is |
//! | sign | `+ -` | before an operand |
//! | product | `* /` | `/` always gives a float |
//! | sum | `+ -` | |
//! | negation | `not NOT !` | a word that begins with `not` is read as `not` and the rest: `note` is `not e` |
//! | comparison | `< <= > >= == != <>` | chained: `1 < x < 5`; what comes after the first false one is not evaluated |
//! | choice | `c ? a : b` | a second `? :` on the same level is read and ignored |
//! | conjunction | `and AND &&` | gives an operand, evaluates both; the third and later ones are read and ignored |
//! | disjunction | `or OR \|\|` | likewise |
//! | list | `,` | the arguments of a function |
//!
//! A word with exactly one dot is a variable, `namespace.key`; other words and quoted texts are texts, but a bare
//! `nan`, `inf` or `infinity` is a float. Since any word before an operand is a function, `stats.a and stats.b` calls a
//! function named `and`: it has to be written `(stats.a) and stats.b`. What a variable holds is made an integer if
//! Python's `int()` can (12.7 is 12, true is 1, `" 12 "` is 12), else a float, else a text without its quotes.
//!
//! Where this differs from Cinder:
//! - an integer beyond 128 bits is refused ([`Problem::TooLarge`]); so is a text or list beyond [`MAX_MADE`];
//! - a power with a complex result is refused ([`Problem::Complex`]);
//! - nesting is bounded by [`MAX_DEPTH`]; Cinder's bound is Python's stack, which a dozen parentheses fill;
//! - only the digits 0 to 9 make a text a number; Python takes those of other scripts too.

mod arithmetic;
mod bind;
mod compare;
mod error;
mod evaluate;
mod function;
mod number;
mod parse;
mod scan;
#[cfg(test)]
mod tests;
mod tree;
mod value;

pub use error::{ExpressionError, Problem};
pub use value::{Kind, Value, Variable};

use tree::Node;

/// The longest expression that is read, in bytes.
pub const MAX_LENGTH: usize = 65_536;
/// How deep operands may lie in each other: parentheses, signs, functions and operators of different levels.
pub const MAX_DEPTH: usize = 200;
/// How many characters and items the texts and lists made in one evaluation may have, all together.
pub const MAX_MADE: usize = 65_536;

/// What an expression can ask for by name.
pub trait Variables {
    /// What `namespace.key` holds; none when there is no such name, which is an error of the expression.
    ///
    /// Both are letters and underscores only. Cinder's namespaces are `stats`, `capabilities`, `extra`, `volume`, `qos`.
    fn lookup(&self, namespace: &str, key: &str) -> Option<Variable<'_>>;
}

/// An expression, read once and evaluated for every pool.
#[derive(Debug, Clone)]
pub struct Expression {
    /// As written, with tabs expanded: errors are placed in it.
    text: Box<str>,
    root: Node,
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    ///
    /// The text is no expression, is longer than [`MAX_LENGTH`], nests deeper than [`MAX_DEPTH`], or has an integer
    /// beyond 128 bits.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        if text.len() > MAX_LENGTH {
            return Err(ExpressionError { column: MAX_LENGTH, problem: Problem::TooLong });
        }
        let text = scan::expand_tabs(text);
        match parse::parse(&text) {
            Ok(root) => Ok(Self { text: text.into(), root }),
            Err(fault) => Err(fault.within(&text)),
        }
    }

    /// The same expression with the values of those variables that `known` has: they must hold the same at each
    /// evaluation, which then need not look them up.
    #[must_use]
    pub fn bound<V: Variables + ?Sized>(mut self, known: &V) -> Self {
        bind::bind(&mut self.root, known);
        self
    }

    /// The value for these variables; texts in it are borrowed from the expression or the variables where possible.
    ///
    /// # Errors
    ///
    /// Whatever raises an exception in Cinder, where the caller then takes the filter as failed and the goodness as 0:
    /// an unknown variable or function, operands that do not fit, a division by zero. Also the bounds of this module.
    pub fn evaluate<'a, V: Variables + ?Sized>(
        &'a self,
        variables: &'a V,
    ) -> Result<Value<'a>, ExpressionError> {
        evaluate::evaluate(&self.root, variables).map_err(|fault| fault.within(&self.text))
    }
}
