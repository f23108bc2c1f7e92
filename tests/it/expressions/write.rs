//! Writes expressions: most by the grammar, of kinds that fit; some with operands of other kinds; some spoilt.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Map, Value as Json, json};

/// An expression and what its variables hold.
pub(super) struct Case {
    pub(super) expression: String,
    /// `{namespace: {key: value}}`.
    pub(super) variables: Json,
}

/// What an operand should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Want {
    Number,
    Truth,
    Text,
}

const KEYS: [&str; 6] = ["size", "free_capacity_gb", "name", "A", "_x", "note"];
const NAMESPACES: [&str; 5] = ["stats", "capabilities", "extra", "volume", "qos"];
const COMPARISONS: [&str; 7] = ["<", "<=", ">", ">=", "==", "!=", "<>"];
const NUMBERS: [&str; 14] =
    ["0", "1", "2", "3", "7", "10", "42", "100", "007", "0.5", "12.70", "3.0", "9999999999", "nan"];
const TEXTS: [&str; 15] = [
    "\"iSCSI\"",
    "'FC'",
    "\"\"",
    "''",
    "\"1\"",
    "'12 '",
    "\"it's\"",
    "'a\"b'",
    "\"a.b\"",
    "\"say \"\"x\"\"\"",
    "'\\x41'",
    "\"\\\"\"",
    "\"a\tb\"",
    "'é'",
    "\"stats.size\"",
];
const BARE: [&str; 8] = ["thin", "x", "_", "a..b", "inf", "Infinity", "not", "or"];
/// What may follow `^`: small, since Python would count for hours.
const EXPONENTS: [&str; 8] = ["0", "1", "2", "3", "0.5", "(-1)", "(-2)", "1.5"];
const SPOIL: [&str; 34] = [
    "(", ")", "+", "-", "*", "/", "<", ">", "=", "!", "?", ":", ",", "&", "|", ".", "\"", "'",
    "\\", " ", "not", "and", "or", "NOT", "AND", "OR", "max", "abs ", "5", "0.", "a", "é", "\t",
    "==",
];
const TEXT_VALUES: [&str; 34] = [
    "thin",
    "iSCSI",
    "FC",
    "",
    " ",
    "12",
    " 12 ",
    "1_000",
    "1__0",
    "_1",
    "1_",
    "1e3",
    "1_0e1_0",
    "nan",
    "inf",
    "-inf",
    "Infinity",
    "+5",
    "- 5",
    "-7",
    "0x10",
    "1.",
    ".5",
    "1_0.2_5",
    "True",
    "None",
    "it's",
    "a\"b",
    "\u{a0}5",
    "\u{1c}5",
    "\u{1c}5\u{a0}",
    "é",
    "<is> True",
    "stats.size",
];

/// Beyond these Cinder's evaluator takes seconds: each parenthesis multiplies its time.
const MOST_TOKENS: usize = 24;
const DEEPEST: i32 = 3;

/// A source of cases, always the same for a seed.
pub(super) struct Writer {
    random: StdRng,
    tokens: Vec<String>,
    variables: Map<String, Json>,
}

impl Writer {
    pub(super) fn new(seed: u64) -> Self {
        let random = StdRng::seed_from_u64(seed);
        Self { random, tokens: Vec::new(), variables: Map::new() }
    }

    /// The next case.
    pub(super) fn case(&mut self) -> Case {
        loop {
            self.tokens.clear();
            self.variables =
                NAMESPACES.map(|name| (name.to_owned(), json!({}))).into_iter().collect();
            let depth = self.random.random_range(1..=4);
            match self.random.random_range(0..20) {
                0 => self.list(depth),
                1..=3 => self.operand(Want::Text, depth),
                4..=10 => self.operand(Want::Number, depth),
                _ => self.operand(Want::Truth, depth),
            }
            if self.tokens.len() > MOST_TOKENS || self.nesting() > DEEPEST {
                continue;
            }
            let mut expression = self.joined();
            if self.chance(20) {
                expression = self.spoilt(expression);
            }
            if has_small_powers(&expression) {
                let variables = Json::Object(std::mem::take(&mut self.variables));
                return Case { expression, variables };
            }
        }
    }

    /// How many parentheses are open at once.
    fn nesting(&self) -> i32 {
        let mut open = 0;
        let steps = self.tokens.iter().map(|token| match token.as_str() {
            "(" => 1,
            ")" => -1,
            _ => 0,
        });
        steps
            .map(|step| {
                open += step;
                open
            })
            .max()
            .unwrap_or_default()
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.random.random_range(0..100) < percent
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from.choose(&mut self.random).expect("something to choose from")
    }

    fn put(&mut self, token: &str) {
        self.tokens.push(token.to_owned());
    }

    fn put_one(&mut self, from: &[&str]) {
        let token = self.pick(from);
        self.put(token);
    }

    /// An operand, mostly in parentheses when it is made of others.
    fn operand(&mut self, want: Want, depth: u32) {
        let want = if self.chance(2) { Want::Text } else { want };
        let depth = self.random.random_range(0..=depth);
        if depth == 0 {
            return self.leaf(want);
        }
        let nested = self.chance(50);
        if nested {
            self.put("(");
        }
        match want {
            Want::Number => self.number(depth - 1),
            Want::Truth => self.truth(depth - 1),
            Want::Text => self.text(depth - 1),
        }
        if nested {
            self.put(")");
        }
    }

    fn leaf(&mut self, want: Want) {
        match (want, self.random.random_range(0..10)) {
            (Want::Text, 0..=5) => self.put_one(&TEXTS),
            (Want::Text, 6) => self.put_one(&BARE),
            (_, 0..=4) => self.put_one(&NUMBERS),
            (Want::Truth, 5) => self.put_one(&["not 0", "!1", "not ''", "NOT 5", "!!7"]),
            _ => self.variable(want),
        }
    }

    /// A variable, in parentheses often enough that words can follow it.
    fn variable(&mut self, want: Want) {
        let namespace = self.pick(&NAMESPACES);
        let key = self.pick(&KEYS);
        let value = self.value(want);
        if !self.chance(1) {
            let held = self.variables[namespace].as_object_mut().expect("an object");
            held.entry(key).or_insert(value);
        }
        let name = format!("{namespace}.{key}");
        let name = if self.chance(60) { format!("({name})") } else { name };
        self.put(&name);
    }

    fn value(&mut self, want: Want) -> Json {
        let text = json!(self.pick(&TEXT_VALUES));
        match (want, self.random.random_range(0..40)) {
            (_, 0) => [json!(null), json!([1, "a"]), json!({ "a": 1 })]
                .choose(&mut self.random)
                .cloned()
                .unwrap_or_default(),
            (_, 1) => json!(self.random.random_range(i64::MIN..=i64::MAX)),
            (_, 2) => json!(1e300),
            (_, 3 | 4) | (Want::Text, 5..=30) => text,
            (Want::Text, _) => json!(self.pick(&["thin", "FC", "a"])),
            (_, 5..=8) => json!(self.chance(50)),
            (_, 9..=14) => json!(self.pick(&["12", " 7 ", "1_000", "1e3", "+5", "-7", ".5"])),
            (_, 15..=20) => json!(f64::from(self.random.random_range(-400..4000)) / 16.0),
            _ => json!(self.random.random_range(-20..200)),
        }
    }

    fn number(&mut self, depth: u32) {
        match self.random.random_range(0..12) {
            0..=3 => self.chain(&["+", "-", "*", "+", "-", "/"], Want::Number, depth),
            4 => self.chain(&["*", "/"], Want::Number, depth),
            5 => {
                self.put_one(&["+", "-"]);
                self.operand(Want::Number, depth);
            }
            6 => self.power(depth),
            7 => {
                self.put("abs");
                self.put("(");
                self.operand(Want::Number, depth);
                self.put(")");
            }
            8 | 9 => {
                self.put_one(&["max", "min"]);
                self.put("(");
                self.list(depth);
                self.put(")");
            }
            10 => self.choice(Want::Number, depth),
            _ => self.leaf(Want::Number),
        }
    }

    fn truth(&mut self, depth: u32) {
        match self.random.random_range(0..12) {
            0..=4 => self.chain(&COMPARISONS, Want::Number, depth),
            5 => self.chain(&COMPARISONS, Want::Text, depth),
            6 => {
                self.put_one(&["not", "NOT", "!"]);
                self.operand(Want::Truth, depth);
            }
            7 | 8 => self.chain(&["and", "AND", "&&"], Want::Truth, depth),
            9 | 10 => self.chain(&["or", "OR", "||"], Want::Truth, depth),
            _ => self.choice(Want::Truth, depth),
        }
    }

    fn text(&mut self, depth: u32) {
        match self.random.random_range(0..8) {
            0..=2 => self.chain(&["+"], Want::Text, depth),
            3 => {
                self.operand(Want::Text, depth);
                self.put("*");
                self.operand(Want::Number, 0);
            }
            4 => self.choice(Want::Text, depth),
            5 => {
                self.put_one(&["max", "min", "abs", "+", "-", "foo", "not"]);
                self.operand(Want::Text, depth);
            }
            _ => self.leaf(Want::Text),
        }
    }

    fn chain(&mut self, operators: &[&str], want: Want, depth: u32) {
        self.operand(want, depth);
        for _ in 0..self.random.random_range(1..=7).max(5) - 4 {
            self.put_one(operators);
            self.operand(want, depth);
        }
    }

    fn power(&mut self, depth: u32) {
        self.operand(Want::Number, depth);
        self.put("^");
        self.put_one(&EXPONENTS);
        if self.chance(15) {
            self.put("^");
            self.put_one(&["0", "1", "2"]);
        }
    }

    fn choice(&mut self, want: Want, depth: u32) {
        self.operand(Want::Truth, depth);
        for _ in 0..self.random.random_range(1..=6).max(5) - 4 {
            self.put("?");
            self.operand(want, depth);
            self.put(":");
            self.operand(want, depth);
        }
    }

    fn list(&mut self, depth: u32) {
        self.operand(Want::Number, depth);
        for _ in 0..self.random.random_range(1..=2) {
            self.put(",");
            self.operand(Want::Number, depth);
        }
    }

    /// The tokens with one space between them, with none, or with any.
    fn joined(&mut self) -> String {
        let style = self.random.random_range(0..3);
        let tokens = std::mem::take(&mut self.tokens);
        let mut text = String::new();
        for token in &tokens {
            text.push_str(match style {
                0 => " ",
                1 => "",
                _ => self.pick(&["", " ", "  ", "\n", "\t", "\r"]),
            });
            text.push_str(token);
        }
        text
    }

    /// With one to three letters or words taken out, put in or put twice.
    fn spoilt(&mut self, text: String) -> String {
        let mut letters: Vec<char> = text.chars().collect();
        for _ in 0..self.random.random_range(1..=3) {
            let at = self.random.random_range(0..=letters.len());
            let end = (at + self.random.random_range(0..=3)).min(letters.len());
            match self.random.random_range(0..3) {
                0 => drop(letters.drain(at..end)),
                1 => drop(letters.splice(at..at, self.pick(&SPOIL).chars())),
                _ => {
                    let twice = letters[at..end].to_vec();
                    letters.splice(at..at, twice);
                }
            }
        }
        letters.into_iter().collect()
    }
}

/// Whether each exponent is a small literal, and no exponent has one that has one.
fn has_small_powers(text: &str) -> bool {
    let packed: String = text.split_whitespace().collect();
    let exponents: Vec<&str> = packed.split('^').skip(1).collect();
    let small = |exponent: &str| {
        let literal = exponent.trim_start_matches(['(', '-']);
        let digits = literal.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(literal.len());
        let alone = exponent.len() == literal.len() || literal[digits..].starts_with(')');
        (1..=2).contains(&digits) && alone
    };
    // Two in a row: what is between them is nothing but a literal.
    let rising = exponents
        .windows(2)
        .filter(|pair| pair[0].trim_matches(['(', ')', '-', '.']).parse::<u32>().is_ok())
        .count();
    exponents.iter().all(|exponent| small(exponent)) && rising <= 1
}
