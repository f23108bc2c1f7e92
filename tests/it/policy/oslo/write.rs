//! Random rules, callers and targets.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

/// A question.
#[derive(Debug)]
pub(super) struct Case {
    /// The rules with their texts or lists; the first is asked.
    pub(super) rules: Vec<(String, Value)>,
    /// The caller.
    pub(super) creds: Value,
    /// What it is about.
    pub(super) target: Value,
}

pub(super) struct Writer(StdRng);

const ROLES: &[&str] = &["admin", "Member", "reader", "ÄRGER", "straße", "a b", "50%"];
const LEFT: &[&str] = &[
    "user_id",
    "project_id",
    "is_admin",
    "domain_id",
    "roles",
    "number",
    "nobody",
    "token.project.id",
    "token.owners.name",
    "token.project",
    "user_id.more",
    "'literal'",
    "\"p1\"",
    "True",
    "False",
    "None",
    "12",
    "-3",
    "user_domain_id",
    "Role",
    "_x",
];
const RIGHT: &[&str] = &[
    "%(project_id)s",
    "%(user_id)s",
    "%(target.user.id)s",
    "%(missing)s",
    "%(flag)s",
    "%(number)s",
    "%(none)s",
    "p1",
    "u1",
    "True",
    "False",
    "None",
    "literal",
    "12",
    "-3",
    "x%%y",
    "p%(number)s",
    "%(prefix)s1",
    "",
    "admin",
    "a:b",
    "%(project_id)s%(user_id)s",
];
/// What is no check.
const BROKEN: &[&str] = &[
    "member",
    "'quoted'",
    "1a:x",
    "'x:y",
    "role:%(x",
    "is_admin:50%",
    "user_id:%(project_id)",
    ":x",
    "class:x",
    "not(role:admin)",
    "x.:y",
    "\"a'b:c",
];

impl Writer {
    pub(super) fn new(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    pub(super) fn case(&mut self) -> Case {
        let names = ["asked", "one", "two", "three", "default"];
        let most = names.len() - usize::from(self.odds(2));
        let rules = (0..most).map(|at| {
            // Only later ones: no circles.
            let others: Vec<&str> = names[at + 1..].to_vec();
            let missing = at + 1 < most && names[most - 1] != "default";
            (names[at].to_owned(), self.rule(&others, missing || at == 0))
        });
        Case { rules: rules.collect(), creds: self.creds(), target: self.target() }
    }

    fn odds(&mut self, of: u32) -> bool {
        self.0.random_ratio(1, of)
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.0.random_range(0..from.len())]
    }

    fn rule(&mut self, others: &[&str], may_miss: bool) -> Value {
        if self.odds(8) {
            return self.lists(others, may_miss);
        }
        if self.odds(60) {
            return json!(self.pick(&["", " ", "\t", "()", "(", "and", "not"]));
        }
        let depth = self.0.random_range(0..4);
        let mut words = Vec::new();
        self.expression(depth, others, may_miss, &mut words);
        if self.odds(80) {
            self.spoil(&mut words);
        }
        let mut text = String::new();
        for (at, word) in words.iter().enumerate() {
            let tight = at == 0 || words[at - 1] == "(" || word == ")";
            if !tight || self.odds(4) {
                text.push_str(self.pick(&[" ", " ", "  ", "\n", "\t"]));
            }
            text.push_str(word);
        }
        json!(text)
    }

    fn lists(&mut self, others: &[&str], may_miss: bool) -> Value {
        let outer = self.0.random_range(0..4);
        let lists: Vec<Vec<String>> = (0..outer)
            .map(|_| (0..self.0.random_range(0..3)).map(|_| self.check(others, may_miss)).collect())
            .collect();
        json!(lists)
    }

    fn expression(&mut self, depth: u32, others: &[&str], may_miss: bool, words: &mut Vec<String>) {
        if depth == 0 {
            words.push(self.check(others, may_miss));
            return;
        }
        match self.0.random_range(0..6) {
            0 => {
                words.push(self.pick(&["not", "NOT", "Not"]).to_owned());
                self.operand(depth, others, may_miss, words);
            }
            1 => {
                words.push("(".to_owned());
                self.expression(depth - 1, others, may_miss, words);
                words.push(")".to_owned());
            }
            _ => {
                self.operand(depth, others, may_miss, words);
                for _ in 0..self.0.random_range(1..4) {
                    words.push(self.pick(&["and", "or", "AND", "Or"]).to_owned());
                    self.operand(depth, others, may_miss, words);
                }
            }
        }
    }

    /// A check, or an expression in parentheses.
    fn operand(&mut self, depth: u32, others: &[&str], may_miss: bool, words: &mut Vec<String>) {
        if self.odds(2) {
            words.push(self.check(others, may_miss));
            return;
        }
        words.push("(".to_owned());
        self.expression(depth - 1, others, may_miss, words);
        words.push(")".to_owned());
    }

    fn check(&mut self, others: &[&str], may_miss: bool) -> String {
        if self.odds(400) {
            return self.pick(BROKEN).to_owned();
        }
        match self.0.random_range(2..100) {
            2..5 => "@".to_owned(),
            5..8 => "!".to_owned(),
            8..25 if !others.is_empty() => format!("rule:{}", self.pick(others)),
            25..28 if may_miss => "rule:missing".to_owned(),
            28..55 => {
                let role = self.pick(&[
                    "admin",
                    "member",
                    "READER",
                    "ärger",
                    "STRASSE",
                    "%(role)s",
                    "%(missing)s",
                    "other",
                ]);
                format!("role:{role}")
            }
            _ => format!("{}:{}", self.pick(LEFT), self.pick(RIGHT)),
        }
    }

    /// Leaves a word out, doubles one, or puts one where it does not belong.
    fn spoil(&mut self, words: &mut Vec<String>) {
        let at = self.0.random_range(0..words.len());
        match self.0.random_range(0..3) {
            0 => drop(words.remove(at)),
            1 => words.insert(at, words[at].clone()),
            _ => {
                let word = self.pick(&["and", "or", "not", "(", ")", "'x'"]).to_owned();
                words.insert(at, word);
            }
        }
    }

    fn creds(&mut self) -> Value {
        let roles: Vec<&str> = ROLES.iter().copied().filter(|_| self.odds(2)).collect();
        let mut creds = json!({ "is_admin": self.odds(2), "number": 12, "domain_id": null });
        if !self.odds(20) {
            creds["roles"] = json!(roles);
        }
        for (name, values) in [
            ("user_id", [json!("u1"), json!("u2"), json!(null)]),
            ("project_id", [json!("p1"), json!("p2"), json!("literal")]),
            ("user_domain_id", [json!("default"), json!("None"), json!(true)]),
        ] {
            if !self.odds(8) {
                creds[name] = values[self.0.random_range(0..3)].clone();
            }
        }
        if self.odds(2) {
            creds["token"] = json!({
                "project": { "id": self.pick(&["p1", "p2"]) },
                "owners": [{ "name": "u1" }, { "name": self.pick(&["u2", "admin"]) }],
            });
        }
        creds
    }

    fn target(&mut self) -> Value {
        let mut target = json!({ "flag": self.odds(2), "number": 1, "none": null, "prefix": "p" });
        for (name, values) in [
            ("user_id", ["u1", "u2"]),
            ("project_id", ["p1", "p2"]),
            ("target.user.id", ["u1", "admin"]),
            ("role", ["Admin", "nothing"]),
        ] {
            if !self.odds(6) {
                target[name] = json!(values[self.0.random_range(0..2)]);
            }
        }
        target
    }
}
