//! The scheduler hint `query`: thousands of queries, judged by us and by Cinder's own `JsonFilter`
//! (`tests/conformance/placement/queries.py`). Both must let the same pools pass, and refuse the same queries.

use std::io::{BufWriter, Seek, Write};
use std::path::Path;
use std::process::Command;

use ashlar_placement::query::{Attributes, Datum, Query};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::{Map, Value, json};

/// Where `cargo xtask test` has put the Python that Cinder runs in.
const CINDER: &str = "ASHLAR_TEST_CINDER";
const CASES: usize = 24_000;
const SEED: u64 = 0x00c1_4de7;

/// A pool's attributes, all that it has.
struct Pool(Map<String, Value>);

impl Attributes for Pool {
    fn attribute(&self, name: &str) -> Option<Datum<'_>> {
        // a property of Cinder's object
        if name == "backend_id" {
            let cluster = self.0.get("cluster_name")?;
            let unset = matches!(cluster, Value::Null) || cluster == "";
            return if unset { self.attribute("host") } else { Some(cluster.into()) };
        }
        self.0.get(name).map(Datum::from)
    }
}

struct Case {
    hint: Value,
    pool: Pool,
}

impl Case {
    /// As Cinder's side says it.
    fn answer(&self) -> &'static str {
        match Query::compile(&self.hint).and_then(|query| query.passes(&self.pool)) {
            Ok(true) => "pass",
            Ok(false) => "fail",
            Err(_) => "error",
        }
    }
}

/// Cinder's answers, one for each case; [`None`] when Cinder is not there.
fn ask_cinder(cases: &[Case]) -> Option<Vec<String>> {
    let Some(bin) = std::env::var_os(CINDER) else {
        tell(&format!("left out: {CINDER} is not set; `cargo xtask test` installs Cinder"));
        return None;
    };
    let mut lines = BufWriter::new(tempfile::tempfile().expect("a file can be made"));
    for case in cases {
        let line = json!({"hint": case.hint, "attributes": case.pool.0});
        writeln!(lines, "{line}").expect("the file can be written");
    }
    let mut lines = lines.into_inner().expect("the file can be written");
    lines.rewind().expect("the file can be read from its start");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/placement/queries.py");
    let output = Command::new(Path::new(&bin).join("python"))
        .arg("-B") // no byte code among the sources
        .arg(script)
        .stdin(lines)
        .output()
        .expect("Python can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).expect("answers are ASCII");
    let answers: Vec<String> = said.lines().map(str::to_owned).collect();
    assert_eq!(answers.len(), cases.len(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(answers)
}

/// Into the test's own output.
#[expect(clippy::print_stdout, reason = "the runner shows it to whoever asks")]
fn tell(text: &str) {
    println!("{text}");
}

#[test]
fn pools_pass_our_queries_as_they_pass_cinders() {
    let mut maker = Maker(StdRng::seed_from_u64(SEED));
    let cases: Vec<Case> = (0..CASES).map(|_| maker.case()).collect();
    let Some(answers) = ask_cinder(&cases) else { return };
    let mut differences = Vec::new();
    for (case, cinder) in cases.iter().zip(&answers) {
        let ours = case.answer();
        if cinder.split(' ').next() != Some(ours) {
            let attributes = Value::Object(case.pool.0.clone());
            differences
                .push(format!("ours: {ours}, Cinder's: {cinder}: {} of {attributes}", case.hint));
        }
    }
    let shown = differences.len().min(10);
    assert!(
        differences.is_empty(),
        "{} of {CASES} differ (seed {SEED:#x}):\n{}",
        differences.len(),
        differences[..shown].join("\n")
    );
    // the generator is worth something only while it finds all of these
    for outcome in ["pass", "fail", "error KeyError", "error TypeError", "error AttributeError"] {
        let count = answers.iter().filter(|answer| *answer == outcome).count();
        tell(&format!("{outcome}: {count}"));
        assert!(count >= CASES / 50, "only {count} of {CASES} answers are '{outcome}'");
    }
    let broken = answers.iter().filter(|answer| *answer == "error JSONDecodeError").count();
    assert!(broken >= CASES / 100, "only {broken} texts are no JSON");
}

#[test]
fn queries_differ_from_cinders_only_where_it_is_written_down() {
    let nested = format!("{}true{}", r#"["and", "#.repeat(200), "]".repeat(200));
    let long = format!(r#"["or", "{}"]"#, "a".repeat(64 * 1024));
    // what the module `query` lists: hint, Cinder's answer, ours
    let differences: [(&str, &str, &str); 10] = [
        (&nested, "pass", "error"),
        (&long, "pass", "error"),
        (r#"["or", NaN]"#, "pass", "error"),
        (r#"["or", -Infinity]"#, "pass", "error"),
        (r#"["or", 1e999]"#, "pass", "error"),
        (r#"["or", "\ud800"]"#, "pass", "error"),
        (r#"["=", 18446744073709551616, 18446744073709551617]"#, "fail", "pass"),
        (r#"["or", "$update_pools"]"#, "pass", "fail"),
        (r#"["or", "$__dict__.host"]"#, "pass", "fail"),
        (r#"["or", "$update_pools.name"]"#, "error AttributeError", "fail"),
    ];
    let attributes = || {
        Pool(Map::from_iter([
            ("host".to_owned(), json!("node@fast#ssd")),
            ("total_capacity_gb".to_owned(), json!(948_489.474_516_805_3)),
        ]))
    };
    let cases: Vec<Case> = (differences.iter())
        .map(|(hint, ..)| Case { hint: json!(hint), pool: attributes() })
        .collect();
    for (case, (hint, _, ours)) in cases.iter().zip(differences) {
        assert_eq!(case.answer(), ours, "{hint}");
    }
    let Some(answers) = ask_cinder(&cases) else { return };
    for (answer, (hint, cinder, _)) in answers.iter().zip(differences) {
        assert_eq!(answer, cinder, "{hint}");
    }
}

const NUMBERS: [&str; 7] = [
    "total_capacity_gb",
    "free_capacity_gb",
    "allocated_capacity_gb",
    "provisioned_capacity_gb",
    "reserved_percentage",
    "max_over_subscription_ratio",
    "goodness_function",
];
const FLAGS: [&str; 4] =
    ["thin_provisioning_support", "thick_provisioning_support", "multiattach", "QoS_support"];
const TEXTS: [&str; 8] = [
    "host",
    "pool_name",
    "volume_backend_name",
    "vendor_name",
    "driver_version",
    "storage_protocol",
    "filter_function",
    "updated",
];
const KEYS: [&str; 6] = ["vendor_name", "free_capacity_gb", "qos", "location", "a", ""];
const WORDS: [&str; 10] = ["", "a", "A", "b", "ab", "é", "😀", "infinite", "unknown", "1"];
const OPERATORS: [&str; 9] = ["=", "<", ">", "<=", ">=", "in", "not", "and", "or"];
const NO_OPERATORS: [&str; 7] = ["==", "", "IN", "!=", " =", "xor", "$host"];

/// Makes cases, the same ones from the same seed.
struct Maker(StdRng);

impl Maker {
    /// True in one of so many.
    fn one_in(&mut self, many: u32) -> bool {
        self.0.random_ratio(1, many)
    }

    fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end)
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from.choose(&mut self.0).expect("there are some")
    }

    fn case(&mut self) -> Case {
        let pool = self.pool();
        let hint = match self.below(40) {
            0 => self.value(2),
            1..4 => {
                let value = self.value(3);
                self.spaced(&value).into()
            }
            4..6 => {
                let characters = 1 + self.below(4);
                let parts = ["=", "<", ">", "a", "b", "$", "é", "i"];
                let text: String = (0..characters).map(|_| self.pick(&parts)).collect();
                self.spaced(&text.into()).into()
            }
            6..9 => {
                let query = self.query(&pool, 2);
                self.damaged(&query.to_string()).into()
            }
            _ => {
                let query = self.query(&pool, 3);
                self.spaced(&query).into()
            }
        };
        Case { hint, pool }
    }

    fn pool(&mut self) -> Pool {
        let mut attributes = Map::new();
        for name in NUMBERS.iter().chain(&FLAGS).chain(&TEXTS) {
            let value = match self.below(20) {
                0 => continue,
                1 => Value::Null,
                2 => self.value(2),
                _ if NUMBERS.contains(name) => self.number(),
                _ if FLAGS.contains(name) => self.0.random::<bool>().into(),
                _ if *name == "storage_protocol" && self.one_in(2) => json!(["iSCSI", "iscsi"]),
                _ => self.pick(&WORDS).into(),
            };
            attributes.insert((*name).to_owned(), value);
        }
        let cluster = if self.one_in(2) { Value::Null } else { Value::from(self.pick(&WORDS)) };
        attributes.insert("cluster_name".to_owned(), cluster);
        for name in ["capabilities", "service"] {
            attributes.insert(name.to_owned(), self.map(3));
        }
        Pool(attributes)
    }

    /// Few different ones, so that many are equal; and those at which kinds of numbers meet.
    fn number(&mut self) -> Value {
        const FIRST_GAP: u64 = 1 << 53;
        match self.below(16) {
            0..8 => (i64::try_from(self.below(6)).expect("it is small") - 2).into(),
            8..12 => (self.0.random_range(-8..16) as f64 / 4.0).into(),
            12 => [FIRST_GAP - 1, FIRST_GAP, FIRST_GAP + 1][self.below(3)].into(),
            13 => [FIRST_GAP as f64, 1e19, -1e300, 0.1, 18_446_744_073_709_551_615.0]
                [self.below(5)]
            .into(),
            14 => [u64::MAX, u64::MAX - 1, i64::MAX as u64][self.below(3)].into(),
            // not more than 15 digits: see the last of the differences
            _ => (f64::from(self.0.random_range(-1_000_000..1_000_000)) / 1000.0).into(),
        }
    }

    /// Any JSON there is.
    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 7 } else { 10 }) {
            0 => Value::Null,
            1 => self.0.random::<bool>().into(),
            2..5 => self.number(),
            5..7 => self.pick(&WORDS).into(),
            7..9 => (0..self.below(4)).map(|_| self.value(depth - 1)).collect(),
            _ => self.map(depth),
        }
    }

    fn map(&mut self, depth: usize) -> Value {
        let keys: Vec<&str> = (0..self.below(6)).map(|_| self.pick(&KEYS)).collect();
        keys.into_iter().map(|key| (key.to_owned(), self.value(depth - 1))).collect()
    }

    /// A query, seldom a bad one. Most of its comparisons hold values of one kind against each other, as people's do.
    fn query(&mut self, pool: &Pool, depth: usize) -> Value {
        if self.one_in(40) {
            return json!([]);
        }
        if self.one_in(60) {
            return json!([self.pick(&["=", "in"]), self.capabilities(pool), "$capabilities"]);
        }
        let operator = match self.below(60) {
            0 => self.value(2),
            1 => self.pick(&NO_OPERATORS).into(),
            _ => self.pick(&OPERATORS).into(),
        };
        let kind = if self.one_in(8) { None } else { Some(self.below(4)) };
        let count = if self.one_in(10) { self.below(6) } else { 2 + self.below(2) };
        let mut items = vec![operator];
        for _ in 0..count {
            let kind = kind.unwrap_or_else(|| self.below(4));
            items.push(self.argument(kind, pool, depth));
        }
        items.into()
    }

    fn argument(&mut self, kind: usize, pool: &Pool, depth: usize) -> Value {
        if self.one_in(25) {
            return self.odd(pool);
        }
        match (kind, self.one_in(2)) {
            // one that is equal to an attribute, whatever digits it has
            (0, true) if self.one_in(3) => match pool.0.get(self.pick(&NUMBERS)) {
                Some(number @ Value::Number(_)) => number.clone(),
                _ => self.number(),
            },
            (0, true) => self.number(),
            (0, false) => format!("${}", self.pick(&NUMBERS)).into(),
            (1, true) => self.pick(&WORDS).into(),
            (1, false) => format!("${}", self.pick(&TEXTS)).into(),
            (2, true) => self.0.random::<bool>().into(),
            (2, false) => format!("${}", self.pick(&FLAGS)).into(),
            (_, _) if depth == 0 => self.path().into(),
            (_, true) if self.one_in(4) => self.path().into(),
            _ => self.query(pool, depth - 1),
        }
    }

    /// What seldom stands in a query.
    fn odd(&mut self, pool: &Pool) -> Value {
        match self.below(5) {
            0 => self.value(2),
            1 => self.map(2),
            2 => self.capabilities(pool),
            3 => self.pick(&["$", "$.", "$nothing", "$$host", "$host ", "$Host", "$0"]).into(),
            _ => self.path().into(),
        }
    }

    /// Those of the pool, or nearly.
    fn capabilities(&mut self, pool: &Pool) -> Value {
        let mut map = pool.0.get("capabilities").cloned().unwrap_or_default();
        if let (true, Some(entries)) = (self.one_in(2), map.as_object_mut()) {
            entries.remove(self.pick(&KEYS));
        }
        map
    }

    /// To something deeper, or what seems to be.
    fn path(&mut self) -> String {
        let names = ["capabilities", "capabilities", "service", "backend_id", "host", "updated"];
        let name = self.pick(&names);
        (0..self.below(4))
            .fold(format!("${name}"), |path, _| format!("{path}.{}", self.pick(&KEYS)))
    }

    fn spaced(&mut self, query: &Value) -> String {
        let text = if self.one_in(4) { format!("{query:#}") } else { query.to_string() };
        if self.one_in(20) { format!(" \n{text}\t\r") } else { text }
    }

    /// With a few characters gone, doubled or replaced. None of them makes a number longer or gives it an exponent.
    fn damaged(&mut self, text: &str) -> String {
        let mut characters: Vec<char> = text.chars().collect();
        for _ in 0..=self.below(3) {
            let at = self.below(characters.len());
            let new = self.pick(&["[", "]", "\"", ",", ":", "{", "}", " ", "$", "-", "\u{0}"]);
            match (self.below(3), new.chars().next()) {
                (0, _) if characters.len() > 1 => drop(characters.remove(at)),
                (1, Some(new)) => characters[at] = new,
                (_, new) => characters.insert(at, new.unwrap_or(' ')),
            }
        }
        characters.into_iter().collect()
    }
}
