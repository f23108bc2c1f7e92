//! An expression as a tree.

/// A part of an expression that has a value.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Integer(i128),
    Real(f64),
    /// Only made beforehand, from what is known.
    Truth(bool),
    Text(Box<str>),
    Variable(Box<Name>),
    Signed {
        negative: bool,
        operand: Box<Node>,
        offset: u32,
    },
    Not(Box<Node>),
    /// Sums and products, folded from the left.
    Fold(Box<Chain>),
    /// Base and exponent.
    Power {
        operands: Box<[Node; 2]>,
        offset: u32,
    },
    /// True when each neighbouring pair compares so.
    Compare(Box<Chain>),
    /// Condition, value if it holds, value if not.
    Choice(Box<[Node; 3]>),
    And(Box<[Node; 2]>),
    Or(Box<[Node; 2]>),
    List {
        items: Vec<Node>,
        offset: u32,
    },
    Call {
        function: Function,
        argument: Box<Node>,
        offset: u32,
    },
}

/// A first operand, and others behind operators of the same level.
#[derive(Debug, Clone)]
pub(super) struct Chain {
    pub(super) first: Node,
    pub(super) steps: Vec<Step>,
}

/// An operator and what is on its right.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) operator: Operator,
    pub(super) offset: u32,
    pub(super) operand: Node,
}

/// A variable's name.
#[derive(Debug, Clone)]
pub(super) struct Name {
    pub(super) namespace: Box<str>,
    pub(super) key: Box<str>,
    pub(super) offset: u32,
}

impl Name {
    /// As written.
    pub(super) fn whole(&self) -> Box<str> {
        format!("{}.{}", self.namespace, self.key).into()
    }
}

/// A word before an operand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Function {
    Abs,
    Max,
    Min,
    /// An error, but only once it is called: it may stand in a branch that never is.
    Unknown(Box<str>),
}

impl Function {
    pub(super) fn named(word: &str) -> Self {
        match word {
            "abs" => Self::Abs,
            "max" => Self::Max,
            "min" => Self::Min,
            other => Self::Unknown(other.into()),
        }
    }
}

/// What stands between operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    Unequal,
    Choice,
    And,
    Or,
    Comma,
}

impl Operator {
    /// As written, for errors.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Power => "^",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Equal => "==",
            Self::Unequal => "!=",
            Self::Choice => "?",
            Self::And => "and",
            Self::Or => "or",
            Self::Comma => ",",
        }
    }
}
