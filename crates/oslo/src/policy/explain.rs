//! Why a caller passes a rule or does not, part by part.

use std::fmt::Write as _;

use super::check::{Check, Leaf, Node};
use super::facts::Facts;
use super::rules::{Rule, Rules};

/// Most lines; a rule that refers to many others would fill the screen.
const LONGEST: usize = 400;

struct Telling<'a> {
    rules: &'a Rules,
    credentials: &'a dyn Facts,
    target: &'a dyn Facts,
    lines: usize,
    text: String,
}

/// A line for each part: two spaces for each level, `yes` or `no`, and what was asked.
pub(super) fn explain(
    rules: &Rules,
    rule: &Rule,
    credentials: &dyn Facts,
    target: &dyn Facts,
) -> String {
    let mut telling = Telling { rules, credentials, target, lines: 0, text: String::new() };
    let passed = rule.check.passes(rules, credentials, target);
    telling.line(0, passed, &rule.name);
    telling.check(&rule.check, 1);
    telling.text
}

impl Telling<'_> {
    fn check(&mut self, check: &Check, level: usize) {
        if self.lines > LONGEST {
            return;
        }
        let passed = check.passes(self.rules, self.credentials, self.target);
        match &check.0 {
            Node::Always => self.line(level, passed, "@ (everybody)"),
            Node::Never => self.line(level, passed, "! (nobody)"),
            Node::Leaf(text, Leaf::Rule(None)) => {
                self.line(level, passed, &format!("{text} (there is no such rule)"));
            }
            Node::Leaf(text, Leaf::Rule(Some(at))) => {
                let rule = self.rules.at(*at);
                let stands_in = text.strip_prefix("rule:") != Some(rule.name.as_str());
                match stands_in {
                    true => self.line(
                        level,
                        passed,
                        &format!("{text} (not there; rule:{} counts)", rule.name),
                    ),
                    false => self.line(level, passed, text),
                }
                self.check(&rule.check, level + 1);
            }
            Node::Leaf(text, _) => self.line(level, passed, text),
            Node::Not(_) => self.group(check, level, passed, "not:"),
            Node::All(_) => self.group(check, level, passed, "all of:"),
            Node::Any(_) => self.group(check, level, passed, "one of:"),
        }
    }

    fn group(&mut self, check: &Check, level: usize, passed: bool, word: &str) {
        self.line(level, passed, word);
        for part in check.parts() {
            self.check(part, level + 1);
        }
    }

    fn line(&mut self, level: usize, passed: bool, what: &str) {
        self.lines += 1;
        if self.lines <= LONGEST {
            let answer = if passed { "yes" } else { "no " };
            let _ = writeln!(self.text, "{:indent$}{answer} {what}", "", indent = level * 2);
        } else if self.lines == LONGEST + 1 {
            self.text.push_str("…\n");
        }
    }
}
