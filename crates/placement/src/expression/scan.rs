//! The letters of an expression: words, numbers, texts and operators, one after another.

use std::borrow::Cow;

use super::tree::Operator;

/// How tight operators bind, from the loosest; an operand of a level is made of tighter ones only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    List,
    Disjunction,
    Conjunction,
    Choice,
    Comparison,
    Negation,
    Sum,
    Product,
    Sign,
    Power,
    Call,
}

/// All operators between operands. Of two that begin alike the longer one is first. No space is needed around words.
const OPERATORS: [(&str, Level, Operator); 20] = [
    ("^", Level::Power, Operator::Power),
    ("*", Level::Product, Operator::Multiply),
    ("/", Level::Product, Operator::Divide),
    ("+", Level::Sum, Operator::Add),
    ("-", Level::Sum, Operator::Subtract),
    ("<=", Level::Comparison, Operator::LessOrEqual),
    ("<>", Level::Comparison, Operator::Unequal),
    ("<", Level::Comparison, Operator::Less),
    (">=", Level::Comparison, Operator::GreaterOrEqual),
    (">", Level::Comparison, Operator::Greater),
    ("!=", Level::Comparison, Operator::Unequal),
    ("==", Level::Comparison, Operator::Equal),
    ("?", Level::Choice, Operator::Choice),
    ("and", Level::Conjunction, Operator::And),
    ("AND", Level::Conjunction, Operator::And),
    ("&&", Level::Conjunction, Operator::And),
    ("or", Level::Disjunction, Operator::Or),
    ("OR", Level::Disjunction, Operator::Or),
    ("||", Level::Disjunction, Operator::Or),
    (",", Level::List, Operator::Comma),
];

/// A place in the text of an expression.
#[derive(Debug)]
pub(super) struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// The next byte that is not space, not taken; zero at the end.
    pub(super) fn peek(&mut self) -> u8 {
        while matches!(self.byte(), b' ' | b'\n' | b'\t' | b'\r') {
            self.at += 1;
        }
        self.byte()
    }

    /// Where the scanner stands, in bytes.
    pub(super) fn offset(&self) -> u32 {
        // The text is bounded, even with its tabs expanded.
        u32::try_from(self.at).unwrap_or(u32::MAX)
    }

    /// Whether nothing but space is left.
    pub(super) fn is_at_end(&mut self) -> bool {
        self.peek();
        self.at >= self.text.len()
    }

    /// Takes this text, if it comes next.
    pub(super) fn take(&mut self, wanted: &str) -> bool {
        self.peek();
        let found = self.rest().starts_with(wanted);
        if found {
            self.at += wanted.len();
        }
        found
    }

    /// The operator between operands that comes next; not taken.
    pub(super) fn operator(&mut self) -> Option<(&'static str, Level, Operator)> {
        self.peek();
        let rest = self.rest();
        OPERATORS.into_iter().find(|(sign, ..)| rest.starts_with(sign))
    }

    /// Takes a negation: a sign or word that an operand follows. No space is needed after the word.
    pub(super) fn take_negation(&mut self) -> bool {
        self.peek();
        let before = self.at;
        if !["NOT", "not", "!"].into_iter().any(|sign| self.take(sign)) {
            return false;
        }
        if begins_operand(self.peek()) || matches!(self.byte(), b'+' | b'-') {
            return true;
        }
        if self.byte() == b'!' && !self.rest().starts_with("!=") {
            return true;
        }
        // A word `not` that nothing follows is a text, and a lonely `!` an error.
        self.at = before;
        false
    }

    /// Takes the letters, underscores and dots that come next, perhaps none.
    pub(super) fn word(&mut self) -> &'t str {
        self.peek();
        self.take_while(is_letter)
    }

    /// Takes digits, perhaps with a dot and more digits. No sign, no exponent, no dot at either end.
    pub(super) fn number(&mut self) -> &'t str {
        self.peek();
        let start = self.at;
        self.take_while(|byte| byte.is_ascii_digit());
        if self.rest().as_bytes().get(1).is_some_and(u8::is_ascii_digit) && self.byte() == b'.' {
            self.at += 1;
            self.take_while(|byte| byte.is_ascii_digit());
        }
        &self.text[start..self.at]
    }

    /// Takes a text in quotes, with its quotes: none when it has no end.
    ///
    /// A quote within is written twice or behind a backslash; a backslash and `x` want hexadecimal digits. Line breaks are
    /// possible only behind a backslash.
    pub(super) fn quoted(&mut self) -> Option<&'t str> {
        let quote = self.peek();
        let bytes = self.text.as_bytes();
        let start = self.at;
        let mut at = start + 1;
        loop {
            let next = bytes.get(at + 1).copied();
            at += match *bytes.get(at)? {
                byte if byte == quote && next == Some(quote) => 2,
                byte if byte == quote => break,
                b'\n' | b'\r' => return None,
                b'\\' if next == Some(b'x') => {
                    let digits = bytes[at + 2..].iter().take_while(|byte| byte.is_ascii_hexdigit());
                    match digits.count() {
                        0 => return None,
                        count => 2 + count,
                    }
                }
                // Of a longer letter the first byte is skipped here, the others are like any.
                b'\\' => 2,
                _ => 1,
            };
        }
        self.at = at + 1;
        Some(&self.text[start..self.at])
    }

    fn byte(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn rest(&self) -> &'t str {
        // Every step taken ends behind an ASCII letter, so this is never within a longer one.
        self.text.get(self.at..).unwrap_or_default()
    }

    fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'t str {
        let start = self.at;
        while wanted(self.byte()) {
            self.at += 1;
        }
        &self.text[start..self.at]
    }
}

/// Whether an operand without sign or negation begins so.
pub(super) fn begins_operand(byte: u8) -> bool {
    is_letter(byte) || byte.is_ascii_digit() || matches!(byte, b'(' | b'"' | b'\'')
}

/// Whether words are made of it.
pub(super) fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.')
}

/// The text with each tab replaced by spaces up to the next eighth column: quoted texts have them so, too.
pub(super) fn expand_tabs(text: &str) -> Cow<'_, str> {
    if !text.contains('\t') {
        return Cow::Borrowed(text);
    }
    let mut expanded = String::with_capacity(text.len() + 64);
    let mut column = 0;
    for letter in text.chars() {
        match letter {
            '\t' => {
                let width = 8 - column % 8;
                expanded.extend(std::iter::repeat_n(' ', width));
                column += width;
            }
            other => {
                expanded.push(other);
                column = if matches!(other, '\n' | '\r') { 0 } else { column + 1 };
            }
        }
    }
    Cow::Owned(expanded)
}
