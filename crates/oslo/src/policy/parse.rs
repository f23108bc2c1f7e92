//! From a rule's text to a [`Check`]. `not` binds closest, then `and`, then `or`, as oslo.policy's parser has it.

use super::check::{Check, Leaf, Node};
use super::error::ParseError;
use super::left::Left;
use super::template::Template;

/// Longest text of a rule, in bytes.
const LONGEST: usize = 16_384;
/// Parentheses and `not` within each other.
const DEEPEST: usize = 64;

const OPERAND: &str = "expected a check such as role:admin, 'not' or '('";

impl Check {
    /// Reads a rule in the policy language. An empty text is "everybody".
    ///
    /// # Errors
    /// The text is no rule; the error says where and what was expected.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        bounded(text)?;
        if text.is_empty() {
            return Ok(Self::always());
        }
        let tokens = tokens(text);
        let mut parser = Parser { tokens: &tokens, at: 0, end: text.chars().count() + 1 };
        let check = parser.any(0)?;
        match parser.peek() {
            None => Ok(check),
            Some((column, Token::Close)) => Err(ParseError::new(column, "this ')' closes nothing")),
            Some((column, _)) => {
                Err(ParseError::new(column, "expected 'and', 'or' or the end of the rule"))
            }
        }
    }

    /// Reads a rule in the older form: lists of checks. One of the outer list has to pass, and of an inner list all. No
    /// list is "everybody", lists without anything in them are "nobody", as in oslo.policy.
    ///
    /// # Errors
    /// A text in it is no check; the error's column counts within that text.
    pub fn parse_lists(lists: &[Vec<String>]) -> Result<Self, ParseError> {
        if lists.is_empty() {
            return Ok(Self::always());
        }
        let all = |list: &Vec<String>| {
            let mut checks = list.iter().map(|text| bounded(text).and_then(|()| leaf(text, 1)));
            let checks: Vec<Self> = checks.by_ref().collect::<Result<_, _>>()?;
            Ok(joined(checks, Node::All))
        };
        let filled = lists.iter().filter(|list| !list.is_empty());
        let any: Vec<Self> = filled.map(all).collect::<Result<_, ParseError>>()?;
        Ok(if any.is_empty() { Self(Node::Never) } else { joined(any, Node::Any) })
    }
}

fn bounded(text: &str) -> Result<(), ParseError> {
    if text.len() > LONGEST {
        return Err(ParseError::new(1, format!("the rule is longer than {LONGEST} bytes")));
    }
    Ok(())
}

/// One check stands for itself.
fn joined(mut checks: Vec<Check>, join: fn(Vec<Check>) -> Node) -> Check {
    match checks.pop() {
        Some(only) if checks.is_empty() => only,
        last => {
            checks.extend(last);
            Check(join(checks))
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Open,
    Close,
    And,
    Or,
    Not,
    Check(&'a str),
}

/// Words between white space; parentheses count at a word's ends only, for `%(name)s` has some within.
fn tokens(text: &str) -> Vec<(usize, Token<'_>)> {
    let mut found = Vec::new();
    let mut column = 1;
    for word in text.split(is_space) {
        let mut here = column;
        column += word.chars().count() + 1;
        let inner = word.trim_start_matches('(');
        for _ in 0..word.len() - inner.len() {
            found.push((here, Token::Open));
            here += 1;
        }
        let core = inner.trim_end_matches(')');
        if !core.is_empty() {
            let token = match core {
                _ if core.eq_ignore_ascii_case("and") => Token::And,
                _ if core.eq_ignore_ascii_case("or") => Token::Or,
                _ if core.eq_ignore_ascii_case("not") => Token::Not,
                _ => Token::Check(core),
            };
            found.push((here, token));
            here += core.chars().count();
        }
        for _ in 0..inner.len() - core.len() {
            found.push((here, Token::Close));
            here += 1;
        }
    }
    found
}

/// What Python's `\s` matches.
fn is_space(sign: char) -> bool {
    sign.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&sign)
}

struct Parser<'t> {
    tokens: &'t [(usize, Token<'t>)],
    at: usize,
    /// The column after the last character.
    end: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<(usize, Token<'t>)> {
        self.tokens.get(self.at).copied()
    }

    fn take(&mut self, wanted: Token<'_>) -> bool {
        let there = self.peek().is_some_and(|(_, token)| token == wanted);
        self.at += usize::from(there);
        there
    }

    fn any(&mut self, depth: usize) -> Result<Check, ParseError> {
        let mut parts = vec![self.all(depth)?];
        while self.take(Token::Or) {
            parts.push(self.all(depth)?);
        }
        Ok(joined(parts, Node::Any))
    }

    fn all(&mut self, depth: usize) -> Result<Check, ParseError> {
        let mut parts = vec![self.one(depth)?];
        while self.take(Token::And) {
            parts.push(self.one(depth)?);
        }
        Ok(joined(parts, Node::All))
    }

    fn one(&mut self, depth: usize) -> Result<Check, ParseError> {
        let Some((column, token)) = self.peek() else {
            return Err(ParseError::new(self.end, OPERAND));
        };
        if depth >= DEEPEST {
            let problem = format!("more than {DEEPEST} parentheses and 'not' within each other");
            return Err(ParseError::new(column, problem));
        }
        self.at += 1;
        match token {
            Token::Check(text) => leaf(text, column),
            Token::Not => Ok(Check(Node::Not(Box::new(self.one(depth + 1)?)))),
            Token::Open => {
                let inner = self.any(depth + 1)?;
                if self.take(Token::Close) {
                    return Ok(inner);
                }
                let at = self.peek().map_or(self.end, |(column, _)| column);
                let problem =
                    format!("expected 'and', 'or' or the ')' for the '(' at column {column}");
                Err(ParseError::new(at, problem))
            }
            Token::Close | Token::And | Token::Or => Err(ParseError::new(column, OPERAND)),
        }
    }
}

/// Reads `kind:match`, `@` or `!`.
fn leaf(text: &str, column: usize) -> Result<Check, ParseError> {
    let node = match text {
        "@" => Node::Always,
        "!" => Node::Never,
        _ => {
            let (kind, wanted) = text.split_once(':').ok_or_else(|| {
                let problem = format!(
                    "'{}' is no check; expected kind:match such as role:admin, or @ or !",
                    text.escape_debug()
                );
                ParseError::new(column, problem)
            })?;
            let after = column + kind.chars().count() + 1;
            let leaf = match kind {
                "rule" => Leaf::Rule(None),
                "role" => Leaf::Role(Template::parse(wanted, after)?),
                "http" | "https" => {
                    let problem = "checks by http: and https: ask another server at every request and are not built; \
                                   say it with roles and rules";
                    return Err(ParseError::new(column, problem));
                }
                _ => Leaf::Compare(Left::parse(kind, column)?, Template::parse(wanted, after)?),
            };
            Node::Leaf(text.into(), leaf)
        }
    };
    Ok(Check(node))
}

#[cfg(test)]
mod tests;
