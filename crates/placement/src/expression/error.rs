//! What is wrong with an expression, and where.

use super::value::Kind;
use super::{MAX_DEPTH, MAX_LENGTH};

/// An expression that cannot be read, or has no value for these variables.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem} (column {column})")]
pub struct ExpressionError {
    /// Where, in characters from the start of the text, counted from 1, tabs expanded to every eighth.
    pub column: usize,
    /// What.
    pub problem: Problem,
}

/// What can be wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The text is longer than [`MAX_LENGTH`].
    #[error("the expression is longer than {MAX_LENGTH} bytes")]
    TooLong,
    /// Operands lie deeper in each other than [`MAX_DEPTH`].
    #[error("the expression is nested more than {MAX_DEPTH} deep")]
    TooDeep,
    /// The text is no expression.
    #[error("expected {expected}")]
    Syntax {
        /// What should stand here.
        expected: &'static str,
    },
    /// No variable has this name.
    #[error("there is no variable {name}")]
    UnknownVariable {
        /// As written.
        name: Box<str>,
    },
    /// The variable holds what is neither a number nor a text.
    #[error("the variable {name} holds {holds}, which is neither a number nor a text")]
    NoValue {
        /// The variable.
        name: Box<str>,
        /// What it holds, in words.
        holds: &'static str,
    },
    /// No function has this name; also a word before an operand, such as a forgotten operator.
    #[error("there is no function {name}; there are abs, max and min")]
    UnknownFunction {
        /// As written.
        name: Box<str>,
    },
    /// The operator is not for these two kinds.
    #[error("{operator} is not for {left} and {right}")]
    Operands {
        /// The operator or function.
        operator: &'static str,
        /// What is on its left.
        left: Kind,
        /// What is on its right.
        right: Kind,
    },
    /// The function is not for this argument.
    #[error("{function} is not for {argument}")]
    Argument {
        /// The function.
        function: &'static str,
        /// What kind of argument.
        argument: Kind,
    },
    /// Zero as a divisor, or to a negative power.
    #[error("division by zero")]
    DivisionByZero,
    /// A power of floats that no float can hold.
    #[error("the result is beyond what a float can hold")]
    Overflow,
    /// An integer beyond 128 bits, or texts and lists beyond [`super::MAX_MADE`]; Cinder has no such bound.
    #[error("the value is larger than supported")]
    TooLarge,
    /// A power of a negative number with a fraction as exponent; Cinder goes on with a complex number.
    #[error("a negative number to a fractional power is a complex number, which is not supported")]
    Complex,
}

impl Problem {
    pub(super) fn at(self, offset: u32) -> Fault {
        Fault { offset, problem: self }
    }
}

/// A problem and the byte where it is; turned into an [`ExpressionError`] with the text at hand.
#[derive(Debug)]
pub(super) struct Fault {
    offset: u32,
    problem: Problem,
}

impl Fault {
    pub(super) fn within(self, text: &str) -> ExpressionError {
        let offset = self.offset as usize;
        let before = text.char_indices().take_while(|(at, _)| *at < offset).count();
        ExpressionError { column: before + 1, problem: self.problem }
    }
}
