//! Working out beforehand what does not change from one evaluation to the next.

use std::borrow::Cow;

use super::tree::{Chain, Name, Node};
use super::value::{Value, Variable};
use super::{Variables, evaluate};

/// Replaces each variable that `known` has, and then whatever has a number or a truth as its value without any other
/// variable. What goes wrong is left as it is, for the evaluation to say.
pub(super) fn bind<V: Variables + ?Sized>(root: &mut Node, known: &V) {
    settle(root, known);
}

/// Answers whether the value of the node is settled.
fn settle<V: Variables + ?Sized>(node: &mut Node, known: &V) -> bool {
    let settled = match node {
        Node::Integer(_) | Node::Real(_) | Node::Truth(_) | Node::Text(_) => return true,
        Node::Variable(name) => {
            let literal = held(name, known);
            return literal.map(|literal| *node = literal).is_some();
        }
        // Not worked out by itself: most lists are a function's arguments.
        Node::List { items, .. } => return settle_all(items, known),
        Node::Signed { operand, .. } | Node::Not(operand) => settle(operand, known),
        Node::Call { argument, .. } => settle(argument, known),
        Node::Fold(chain) | Node::Compare(chain) => {
            let Chain { first, steps } = &mut **chain;
            let operands = steps.iter_mut().map(|step| &mut step.operand);
            settle_all(std::iter::once(first).chain(operands), known)
        }
        Node::Power { operands, .. } | Node::And(operands) | Node::Or(operands) => {
            settle_all(&mut **operands, known)
        }
        Node::Choice(parts) => settle_all(&mut **parts, known),
    };
    if !settled {
        return false;
    }
    let literal = match evaluate::evaluate(node, &Nothing) {
        Ok(Value::Int(number)) => Node::Integer(number),
        Ok(Value::Float(number)) => Node::Real(number),
        Ok(Value::Bool(truth)) => Node::Truth(truth),
        // Rare, and worked out anew each time, so that what is made counts.
        Ok(Value::Text(_) | Value::List(_)) | Err(_) => return false,
    };
    *node = literal;
    true
}

/// Goes through all of them, also after one that is not settled.
fn settle_all<'n, V: Variables + ?Sized>(
    nodes: impl IntoIterator<Item = &'n mut Node>,
    known: &V,
) -> bool {
    let mut settled = true;
    for node in nodes {
        settled &= settle(node, known);
    }
    settled
}

/// What `known` has under this name, as a part of an expression.
fn held<V: Variables + ?Sized>(name: &Name, known: &V) -> Option<Node> {
    match evaluate::held(known.lookup(&name.namespace, &name.key)?, name).ok()? {
        Value::Int(number) => Some(Node::Integer(number)),
        Value::Float(number) => Some(Node::Real(number)),
        Value::Text(Cow::Borrowed(text)) => Some(Node::Text(text.into())),
        Value::Text(Cow::Owned(_)) | Value::Bool(_) | Value::List(_) => None,
    }
}

/// No variables at all.
struct Nothing;

impl Variables for Nothing {
    fn lookup(&self, _: &str, _: &str) -> Option<Variable<'_>> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::Expression;
    use super::*;

    struct Known;

    impl Variables for Known {
        fn lookup(&self, namespace: &str, key: &str) -> Option<Variable<'_>> {
            match (namespace, key) {
                ("capabilities", "load") => Some(Variable::Int(40)),
                ("capabilities", "kind") => Some(Variable::Text(Cow::Borrowed("ssd"))),
                ("capabilities", "nothing") => Some(Variable::Null),
                _ => None,
            }
        }
    }

    struct Asked;

    impl Variables for Asked {
        fn lookup(&self, namespace: &str, key: &str) -> Option<Variable<'_>> {
            if (namespace, key) == ("volume", "size") {
                return Some(Variable::Int(7));
            }
            Known.lookup(namespace, key)
        }
    }

    const EXPRESSIONS: [&str; 14] = [
        "capabilities.load < 50",
        "(capabilities.load < 50) && (volume.size > 3)",
        "max(0, 80 - capabilities.load / 2) + min(volume.size / 10, 20)",
        "(volume.size < 50) ? (100 - capabilities.load) : 1 / 0",
        "(capabilities.load > 50) ? 1 / 0 : 2",
        "(capabilities.load < 50) ? 1 / 0 : 2",
        "capabilities.kind == 'ssd'",
        "capabilities.kind + 'x' + volume.size",
        "capabilities.nothing + 1",
        "capabilities.unknown + 1",
        "nothing(capabilities.load)",
        "!(capabilities.load) || -volume.size ^ 2",
        "capabilities.load, 2 + 3, capabilities.kind",
        "abs(3 - capabilities.load) * 1.5",
    ];

    #[test]
    fn a_bound_expression_has_the_same_value_or_is_as_wrong() {
        for text in EXPRESSIONS {
            let plain = Expression::parse(text).expect("an expression");
            let bound = plain.clone().bound(&Known);
            assert_eq!(bound.evaluate(&Asked), plain.evaluate(&Asked), "{text}");
        }
    }

    #[test]
    fn what_is_known_is_worked_out_and_what_is_not_stays() {
        let root = |text: &str| Expression::parse(text).expect("an expression").bound(&Known).root;
        assert!(matches!(root(EXPRESSIONS[0]), Node::Truth(true)));
        assert!(matches!(root("max(0, 80 - capabilities.load / 2)"), Node::Real(60.0)));
        assert!(matches!(root("volume.size"), Node::Variable(_)));
        let Node::And(operands) = root(EXPRESSIONS[1]) else { panic!("two conditions") };
        assert!(matches!(*operands, [Node::Truth(true), Node::Compare(_)]));
    }
}
