//! Policy rules by oslo.policy and by ours: the same answers to random callers and targets.

mod write;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Child, Command};

use ashlar_oslo::policy::{Definition, Fact, Facts, Rules, Series};
use serde_json::{Value, json};

use write::{Case, Writer};

/// Where `cargo xtask test` has put the Python that Cinder runs in.
const CINDER: &str = "ASHLAR_TEST_CINDER";
const SEED: u64 = 29;
/// oslo.policy takes a millisecond for each.
const CASES: usize = 6000;

/// A value of a credential or a target.
#[derive(Debug)]
enum Tree {
    Leaf(Value),
    List(Vec<Tree>),
    Map(Map),
}

#[derive(Debug)]
struct Map(BTreeMap<String, Tree>);

struct Items<'a>(&'a [Tree]);

impl Tree {
    fn of(value: &Value) -> Self {
        match value {
            Value::Array(items) => Self::List(items.iter().map(Self::of).collect()),
            Value::Object(_) => Self::Map(Map::of(value)),
            leaf => Self::Leaf(leaf.clone()),
        }
    }

    fn fact(&self) -> Fact<'_> {
        match self {
            Self::Leaf(Value::Bool(flag)) => Fact::Flag(*flag),
            Self::Leaf(Value::Number(number)) => {
                Fact::Number(number.as_i64().expect("a whole number"))
            }
            Self::Leaf(Value::String(text)) => Fact::Text(text),
            Self::Leaf(_) => Fact::Null,
            Self::List(_) => Fact::List(self),
            Self::Map(map) => Fact::Map(map),
        }
    }
}

impl Map {
    fn of(value: &Value) -> Self {
        let pairs = value.as_object().expect("an object").iter();
        Self(pairs.map(|(name, value)| (name.clone(), Tree::of(value))).collect())
    }
}

impl Facts for Map {
    fn look_up(&self, name: &str) -> Option<Fact<'_>> {
        self.0.get(name).map(Tree::fact)
    }
}

impl Series for Tree {
    fn any(&self, check: &mut dyn FnMut(Fact<'_>) -> bool) -> bool {
        match self {
            Self::List(items) => Items(items).any(check),
            _ => false,
        }
    }
}

impl Series for Items<'_> {
    fn any(&self, check: &mut dyn FnMut(Fact<'_>) -> bool) -> bool {
        self.0.iter().any(|item| check(item.fact()))
    }
}

/// How one case came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    BothLetIn,
    BothRefuse,
    /// We refuse to start with it; oslo.policy complains in its log and lets nobody in, or breaks at the request.
    NoRule,
    /// A rule looks for a part of a text: that part never holds here, and oslo.policy breaks at the request, a 500.
    TheirsBreaks,
    Different,
}

#[test]
fn oslo_policy_and_ashlar_answer_alike() {
    let Some(bin) = std::env::var_os(CINDER) else {
        tell(&format!("left out: {CINDER} is not set; `cargo xtask test` installs Cinder"));
        return;
    };
    let scratch = tempfile::tempdir().expect("a directory can be made");
    let mut writer = Writer::new(SEED);
    let cases: Vec<Case> = (0..CASES).map(|_| writer.case()).collect();
    let theirs = ask(&Path::new(&bin).join("python"), scratch.path(), &cases);
    assert_eq!(theirs.len(), CASES, "an answer for each case");
    let ours: Vec<_> = cases.iter().map(answer).collect();
    let outcomes: Vec<Outcome> =
        ours.iter().zip(&theirs).map(|(ours, theirs)| compare(ours, theirs)).collect();
    let different: Vec<String> = (0..CASES)
        .filter(|&at| outcomes[at] == Outcome::Different)
        .map(|at| {
            format!("{}\n  oslo.policy {}\n  ours {:?}", line(&cases[at]), theirs[at], ours[at])
        })
        .collect();
    let shown = different.iter().take(10).cloned().collect::<Vec<_>>().join("\n");
    assert!(different.is_empty(), "{} differ:\n{shown}", different.len());
    let count = |wanted| outcomes.iter().filter(|outcome| **outcome == wanted).count();
    let kinds = [Outcome::BothLetIn, Outcome::BothRefuse, Outcome::NoRule, Outcome::TheirsBreaks];
    tell(&format!("{:?}", kinds.map(|kind| (kind, count(kind)))));
    for kind in [Outcome::BothLetIn, Outcome::BothRefuse] {
        assert!(count(kind) > CASES / 6, "too few cases of {kind:?}");
    }
    assert!(count(Outcome::NoRule) > CASES / 50, "too few rules that are none");
    assert!(
        count(Outcome::TheirsBreaks) < CASES / 20,
        "too many cases at which oslo.policy breaks"
    );
}

fn line(case: &Case) -> Value {
    let rules: serde_json::Map<String, Value> = case.rules.iter().cloned().collect();
    json!({
        "rules": rules, "rule": case.rules[0].0, "creds": case.creds, "target": case.target,
        "default_rule": "default",
    })
}

fn ask(python: &Path, scratch: &Path, cases: &[Case]) -> Vec<Value> {
    let (input, output) = (scratch.join("in"), scratch.join("out"));
    let mut lines = BufWriter::new(File::create(&input).expect("a file can be made"));
    for case in cases {
        writeln!(lines, "{}", line(case)).expect("a file can be written");
    }
    lines.flush().expect("a file can be written");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/policy/rules.py");
    let mut child: Child = Command::new(python)
        .arg("-B") // no byte code among the sources
        .arg(script)
        .env("PYTHONWARNINGS", "ignore")
        .stdin(File::open(&input).expect("a file can be read"))
        .stdout(File::create(&output).expect("a file can be made"))
        .spawn()
        .expect("Python can be run");
    let status = child.wait().expect("Python ends");
    assert!(status.success(), "rules.py: {status}");
    let text = std::fs::read_to_string(output).expect("the answers can be read");
    text.lines().map(|line| serde_json::from_str(line).expect("an answer is JSON")).collect()
}

/// Ours; none when the rules cannot be used.
fn answer(case: &Case) -> Option<bool> {
    let definition = |value: &Value| match value {
        Value::String(text) => Definition::Text(text.clone()),
        lists => Definition::Lists(serde_json::from_value(lists.clone()).expect("lists of texts")),
    };
    let rules: Vec<(&str, Definition)> =
        case.rules.iter().map(|(name, value)| (name.as_str(), definition(value))).collect();
    let rules = Rules::compile(rules.iter().map(|(name, value)| (*name, value)), "default").ok()?;
    rules.passes(&case.rules[0].0, &Map::of(&case.creds), &Map::of(&case.target))
}

fn compare(ours: &Option<bool>, theirs: &Value) -> Outcome {
    let complaint = theirs["complaint"] == true;
    match (ours, theirs["answer"].as_bool()) {
        (None, theirs) if complaint || theirs.is_none() => Outcome::NoRule,
        (Some(_), None) if !complaint => Outcome::TheirsBreaks,
        (Some(true), Some(true)) if !complaint => Outcome::BothLetIn,
        (Some(false), Some(false)) if !complaint => Outcome::BothRefuse,
        _ => Outcome::Different,
    }
}

/// Into the test's own output.
#[expect(clippy::print_stdout, reason = "the runner shows it to whoever asks")]
fn tell(text: &str) {
    println!("{text}");
}
