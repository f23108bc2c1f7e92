//! The value of a tree.

use std::borrow::Cow;

use super::arithmetic::{self, Room};
use super::error::{Fault, Problem};
use super::tree::{Chain, Name, Node, Operator};
use super::value::{Value, Variable};
use super::{Variables, compare, function, number};

/// The value of a tree for these variables.
pub(super) fn evaluate<'a, V: Variables + ?Sized>(
    root: &'a Node,
    variables: &'a V,
) -> Result<Value<'a>, Fault> {
    Evaluator { variables, room: Room::new() }.value(root)
}

struct Evaluator<'a, V: ?Sized> {
    variables: &'a V,
    room: Room,
}

impl<'a, V: Variables + ?Sized> Evaluator<'a, V> {
    /// Recursion is bounded: the parser refuses trees that are too deep.
    fn value(&mut self, node: &'a Node) -> Result<Value<'a>, Fault> {
        match node {
            Node::Integer(number) => Ok(Value::Int(*number)),
            Node::Real(number) => Ok(Value::Float(*number)),
            Node::Truth(truth) => Ok(Value::Bool(*truth)),
            Node::Text(text) => Ok(Value::Text(Cow::Borrowed(text))),
            Node::Variable(name) => self.variable(name).map_err(|problem| problem.at(name.offset)),
            Node::Signed { negative, operand, offset } => {
                let operand = self.value(operand)?;
                arithmetic::sign(*negative, operand, &mut self.room)
                    .map_err(|problem| problem.at(*offset))
            }
            Node::Not(operand) => Ok(Value::Bool(!self.value(operand)?.is_true())),
            Node::Fold(chain) => self.fold(chain),
            Node::Power { operands, offset } => {
                let (base, exponent) = self.both(operands)?;
                arithmetic::apply(Operator::Power, base, exponent, &mut self.room)
                    .map_err(|problem| problem.at(*offset))
            }
            Node::Compare(chain) => self.compare(chain),
            Node::Choice(parts) => {
                let [condition, yes, no] = &**parts;
                let holds = self.value(condition)?.is_true();
                self.value(if holds { yes } else { no })
            }
            Node::And(operands) => {
                let (left, right) = self.both(operands)?;
                Ok(if left.is_true() { right } else { left })
            }
            Node::Or(operands) => {
                let (left, right) = self.both(operands)?;
                Ok(if left.is_true() { left } else { right })
            }
            Node::List { items, offset } => self.list(items, *offset),
            Node::Call { function, argument, offset } => {
                let argument = self.value(argument)?;
                function::call(function, argument).map_err(|problem| problem.at(*offset))
            }
        }
    }

    fn variable(&self, name: &Name) -> Result<Value<'a>, Problem> {
        match self.variables.lookup(&name.namespace, &name.key) {
            Some(variable) => held(variable, name),
            None => Err(Problem::UnknownVariable { name: name.whole() }),
        }
    }

    fn fold(&mut self, chain: &'a Chain) -> Result<Value<'a>, Fault> {
        let mut result = self.value(&chain.first)?;
        for step in &chain.steps {
            let right = self.value(&step.operand)?;
            result = arithmetic::apply(step.operator, result, right, &mut self.room)
                .map_err(|problem| problem.at(step.offset))?;
        }
        Ok(result)
    }

    /// The first pair that does not compare so ends it.
    fn compare(&mut self, chain: &'a Chain) -> Result<Value<'a>, Fault> {
        let mut left = self.value(&chain.first)?;
        for step in &chain.steps {
            let right = self.value(&step.operand)?;
            if !compare::holds(step.operator, &left, &right)
                .map_err(|problem| problem.at(step.offset))?
            {
                return Ok(Value::Bool(false));
            }
            left = right;
        }
        Ok(Value::Bool(true))
    }

    /// Both operands, in this order, whatever the first is worth: an error in the second counts.
    fn both(&mut self, operands: &'a [Node; 2]) -> Result<(Value<'a>, Value<'a>), Fault> {
        Ok((self.value(&operands[0])?, self.value(&operands[1])?))
    }

    /// A list at the end is not an item: its items are.
    fn list(&mut self, items: &'a [Node], offset: u32) -> Result<Value<'a>, Fault> {
        self.room.take(items.len()).map_err(|problem| problem.at(offset))?;
        let mut list = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            match self.value(item)? {
                Value::List(more) if at + 1 == items.len() => list.extend(more),
                value => list.push(value),
            }
        }
        Ok(Value::List(list))
    }
}

/// The value of the variable of this name.
pub(super) fn held<'a>(variable: Variable<'a>, name: &Name) -> Result<Value<'a>, Problem> {
    let nothing = |holds| Err(Problem::NoValue { name: name.whole(), holds });
    match variable {
        Variable::Int(number) => Ok(Value::Int(number)),
        Variable::Bool(truth) => Ok(Value::Int(truth.into())),
        Variable::Float(number) if number.is_nan() => Ok(Value::Float(number)),
        Variable::Float(number) if number.is_infinite() => nothing("an infinite number"),
        Variable::Float(number) => whole(number).map(Value::Int).ok_or(Problem::TooLarge),
        Variable::Text(text) => number::value_of(text),
        Variable::Null => nothing("nothing"),
        Variable::List => nothing("a list"),
        Variable::Object => nothing("an object"),
    }
}

/// The integer part of a float, if it fits.
fn whole(number: f64) -> Option<i128> {
    let whole = number.trunc() as i128;
    // The conversion stops at the ends of the range, which no float but −2^127 itself stands for.
    (whole != i128::MAX && whole != i128::MIN).then_some(whole)
}
