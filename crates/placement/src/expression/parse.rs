//! From the text to the tree.
//!
//! One pass, one byte of foresight: wherever Cinder's parser could take a wrong turn and try again, what it then finds
//! ends in an error too, so nothing has to be tried twice.

use super::error::{Fault, Problem};
use super::scan::{Level, Scanner, begins_operand, is_letter};
use super::tree::{Chain, Function, Name, Node, Operator, Step};
use super::value::Value;
use super::{MAX_DEPTH, number};

pub(super) const OPERAND: &str = "a number, a quoted text, a variable, a function or '('";

/// Reads a whole expression.
pub(super) fn parse(text: &str) -> Result<Node, Fault> {
    let mut parser = Parser { scanner: Scanner::new(text), depth: 0 };
    let root = parser.read(Level::List)?;
    if parser.scanner.is_at_end() {
        Ok(root)
    } else {
        Err(parser.expected("an operator or the end"))
    }
}

struct Parser<'t> {
    scanner: Scanner<'t>,
    depth: usize,
}

impl Parser<'_> {
    /// Reads an operand and the operators of this level and tighter ones that follow it.
    fn read(&mut self, loosest: Level) -> Result<Node, Fault> {
        self.depth += 1;
        self.bound(0)?;
        let mut node = self.operand(loosest)?;
        while let Some((_, level, _)) = self.scanner.operator()
            && level >= loosest
        {
            node = self.combine(node, level)?;
        }
        self.depth -= 1;
        Ok(node)
    }

    /// What may stand where an operand of this level is wanted.
    fn operand(&mut self, loosest: Level) -> Result<Node, Fault> {
        let first = self.scanner.peek();
        let offset = self.scanner.offset();
        if loosest <= Level::Sign && matches!(first, b'+' | b'-') {
            self.scanner.take(if first == b'-' { "-" } else { "+" });
            let operand = Box::new(self.read(Level::Sign)?);
            return Ok(Node::Signed { negative: first == b'-', operand, offset });
        }
        if loosest <= Level::Negation && self.scanner.take_negation() {
            return Ok(Node::Not(Box::new(self.read(Level::Negation)?)));
        }
        match first {
            _ if is_letter(first) => self.words(),
            b'0'..=b'9' => self.number(),
            b'"' | b'\'' => match self.scanner.quoted() {
                Some(text) => Ok(Node::Text(text.replace(['"', '\''], "").into())),
                None => Err(self.expected("the end of the quoted text")),
            },
            b'(' => {
                self.scanner.take("(");
                let inner = self.read(Level::List)?;
                if self.scanner.take(")") {
                    Ok(inner)
                } else {
                    Err(self.expected("an operator or ')'"))
                }
            }
            _ => Err(self.expected(OPERAND)),
        }
    }

    /// Words are functions, each of the next, if an operand follows; otherwise the last one is the operand.
    fn words(&mut self) -> Result<Node, Fault> {
        let mut words = Vec::new();
        while is_letter(self.scanner.peek()) {
            let offset = self.scanner.offset();
            words.push((offset, self.scanner.word()));
        }
        self.bound(words.len())?;
        let nested = words.len();
        let mut node = if begins_operand(self.scanner.peek()) {
            self.depth += nested;
            let argument = self.read(Level::Call)?;
            self.depth -= nested;
            argument
        } else {
            match words.pop() {
                Some((offset, word)) => constant(offset, word)?,
                None => return Err(self.expected(OPERAND)),
            }
        };
        for (offset, word) in words.into_iter().rev() {
            let function = Function::named(word);
            node = Node::Call { function, argument: Box::new(node), offset };
        }
        Ok(node)
    }

    fn number(&mut self) -> Result<Node, Fault> {
        let offset = self.scanner.offset();
        constant(offset, self.scanner.number())
    }

    /// Reads the operators of one level that follow an operand, with their other operands.
    fn combine(&mut self, first: Node, level: Level) -> Result<Node, Fault> {
        match level {
            Level::List => {
                let offset = self.scanner.offset();
                let mut items = vec![first];
                while self.take(level).is_some() {
                    items.push(self.read(Level::Disjunction)?);
                }
                Ok(Node::List { items, offset })
            }
            Level::Disjunction => Ok(Node::Or(self.pair(first, level, Level::Conjunction)?)),
            Level::Conjunction => Ok(Node::And(self.pair(first, level, Level::Choice)?)),
            Level::Choice => self.choice(first),
            Level::Comparison => Ok(Node::Compare(self.chain(first, level, Level::Negation)?)),
            Level::Sum => Ok(Node::Fold(self.chain(first, level, Level::Product)?)),
            Level::Product => Ok(Node::Fold(self.chain(first, level, Level::Sign)?)),
            Level::Power => {
                let offset = self.scanner.offset();
                self.take(level);
                let operands = Box::new([first, self.read(Level::Power)?]);
                Ok(Node::Power { operands, offset })
            }
            Level::Negation | Level::Sign | Level::Call => Err(self.expected("an operator")),
        }
    }

    /// Cinder looks at the first two operands only; the others must be expressions all the same.
    fn pair(&mut self, first: Node, level: Level, tighter: Level) -> Result<Box<[Node; 2]>, Fault> {
        self.take(level);
        let second = self.read(tighter)?;
        while self.take(level).is_some() {
            self.read(tighter)?;
        }
        Ok(Box::new([first, second]))
    }

    /// Likewise: only the first choice of several on one level counts.
    fn choice(&mut self, condition: Node) -> Result<Node, Fault> {
        let (yes, no) = self.branches()?;
        while let Some((_, Level::Choice, _)) = self.scanner.operator() {
            self.branches()?;
        }
        Ok(Node::Choice(Box::new([condition, yes, no])))
    }

    fn branches(&mut self) -> Result<(Node, Node), Fault> {
        self.take(Level::Choice);
        let yes = self.read(Level::Comparison)?;
        if !self.scanner.take(":") {
            return Err(self.expected("an operator or ':'"));
        }
        Ok((yes, self.read(Level::Comparison)?))
    }

    fn chain(&mut self, first: Node, level: Level, tighter: Level) -> Result<Box<Chain>, Fault> {
        let mut steps = Vec::new();
        while let Some((operator, offset)) = self.take(level) {
            steps.push(Step { operator, offset, operand: self.read(tighter)? });
        }
        Ok(Box::new(Chain { first, steps }))
    }

    /// Takes an operator of this level, if one comes next.
    fn take(&mut self, level: Level) -> Option<(Operator, u32)> {
        let (sign, found, operator) = self.scanner.operator()?;
        let offset = self.scanner.offset();
        (found == level && self.scanner.take(sign)).then_some((operator, offset))
    }

    /// Refuses to go deeper than the stack can bear.
    fn bound(&self, more: usize) -> Result<(), Fault> {
        if self.depth + more > MAX_DEPTH {
            return Err(Problem::TooDeep.at(self.scanner.offset()));
        }
        Ok(())
    }

    fn expected(&self, expected: &'static str) -> Fault {
        Problem::Syntax { expected }.at(self.scanner.offset())
    }
}

/// What a word or number without operand stands for.
fn constant(offset: u32, word: &str) -> Result<Node, Fault> {
    if let Some((namespace, key)) = word.split_once('.')
        && !namespace.is_empty()
        && !key.is_empty()
        && !key.contains('.')
        && !word.starts_with(|letter: char| letter.is_ascii_digit())
    {
        let (namespace, key) = (namespace.into(), key.into());
        return Ok(Node::Variable(Box::new(Name { namespace, key, offset })));
    }
    match number::number_in(word).map_err(|problem| problem.at(offset))? {
        Some(Value::Int(number)) => Ok(Node::Integer(number)),
        Some(Value::Float(number)) => Ok(Node::Real(number)),
        _ => Ok(Node::Text(word.into())),
    }
}
