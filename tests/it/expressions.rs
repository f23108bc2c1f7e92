//! Filter and goodness functions by Cinder's evaluator and by ours: the same value, or an error from both.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use ashlar_placement::expression::{Expression, Problem, Value, Variable, Variables};
use serde_json::{Value as Json, json};

mod write;

use write::{Case, Writer};

/// Where `cargo xtask test` has put the Python that Cinder runs in.
const CINDER: &str = "ASHLAR_TEST_CINDER";
const SEED: u64 = 0x0a5b_1a5e;
const CASES: usize = 20_000;
/// Cinder's evaluator takes milliseconds for each.
const PROCESSES: usize = 2;

struct Given<'a>(&'a Json);

impl Variables for Given<'_> {
    fn lookup(&self, namespace: &str, key: &str) -> Option<Variable<'_>> {
        self.0.get(namespace)?.get(key).map(Variable::from)
    }
}

/// How one case came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    SameValue,
    BothErr,
    /// We refuse what Python can hold: integers beyond 128 bits, complex numbers, very long texts.
    Refused,
    /// Cinder's parser has run out of Python's stack.
    OutOfStack,
    Different,
}

#[test]
fn cinder_and_ashlar_evaluate_expressions_alike() {
    let Some(bin) = std::env::var_os(CINDER) else {
        tell(&format!("left out: {CINDER} is not set; `cargo xtask test` installs Cinder"));
        return;
    };
    let scratch = tempfile::tempdir().expect("a directory can be made");
    let mut writer = Writer::new(SEED);
    let cases: Vec<Case> = (0..CASES).map(|_| writer.case()).collect();
    let python = Path::new(&bin).join("python");
    let shares: Vec<&[Case]> = cases.chunks(CASES.div_ceil(PROCESSES)).collect();
    let asked: Vec<(Child, PathBuf)> = shares
        .iter()
        .enumerate()
        .map(|(number, share)| ask(&python, scratch.path(), number, share))
        .collect();
    let ours: Vec<_> = cases.iter().map(evaluate).collect();
    let theirs: Vec<Json> = asked.into_iter().flat_map(answers).collect();
    assert_eq!(theirs.len(), CASES, "an answer for each case");

    let outcomes: Vec<Outcome> =
        ours.iter().zip(&theirs).map(|(ours, theirs)| compare(ours, theirs)).collect();
    let count = |wanted| outcomes.iter().filter(|outcome| **outcome == wanted).count();
    let table = [Outcome::SameValue, Outcome::BothErr, Outcome::Refused, Outcome::OutOfStack];
    tell(&format!("{:?}", table.map(|outcome| (outcome, count(outcome)))));
    let different: Vec<String> = (0..CASES)
        .filter(|at| outcomes[*at] == Outcome::Different)
        .map(|at| {
            let Case { expression, variables } = &cases[at];
            format!("{expression:?}\n  {variables}\n  Cinder {}\n  ours {:?}", theirs[at], ours[at])
        })
        .collect();
    let shown = different.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
    assert!(different.is_empty(), "{} differ:\n{shown}", different.len());
    assert!(count(Outcome::SameValue) > CASES / 2, "half of the cases have a value");
    assert!(count(Outcome::Refused) < CASES / 50, "few cases are beyond our bounds");
    assert!(count(Outcome::OutOfStack) < CASES / 200, "hardly any case is beyond Python's stack");
}

/// Starts Cinder's evaluator on some cases; its answers go to the file.
fn ask(python: &Path, scratch: &Path, number: usize, cases: &[Case]) -> (Child, PathBuf) {
    let (input, output) =
        (scratch.join(format!("{number}.in")), scratch.join(format!("{number}.out")));
    let mut lines = BufWriter::new(File::create(&input).expect("a file can be made"));
    for Case { expression, variables } in cases {
        let line = json!({ "expression": expression, "variables": variables });
        writeln!(lines, "{line}").expect("a file can be written");
    }
    lines.flush().expect("a file can be written");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/placement/expressions.py");
    let child = Command::new(python)
        .arg("-B") // no byte code among the sources
        .arg(script)
        .env("PYTHONWARNINGS", "ignore")
        .stdin(File::open(&input).expect("a file can be read"))
        .stdout(File::create(&output).expect("a file can be made"))
        .spawn()
        .expect("Python can be run");
    (child, output)
}

/// Waits; the script ends itself when it takes too long.
fn answers((mut child, output): (Child, PathBuf)) -> Vec<Json> {
    let status = child.wait().expect("Python ends");
    assert!(status.success(), "expressions.py: {status}");
    let text = std::fs::read_to_string(output).expect("the answers can be read");
    text.lines().map(|line| serde_json::from_str(line).expect("an answer is JSON")).collect()
}

fn evaluate(case: &Case) -> Result<Value<'static>, Problem> {
    let given = Given(&case.variables);
    let expression = Expression::parse(&case.expression).map_err(|error| error.problem)?;
    let value = expression.evaluate(&given).map_err(|error| error.problem)?;
    Ok(value.into_owned())
}

fn compare(ours: &Result<Value<'static>, Problem>, theirs: &Json) -> Outcome {
    let failed = theirs[0] == "error";
    match ours {
        Ok(_) if failed && theirs[1].as_str().is_some_and(|why| why.starts_with("Recursion")) => {
            Outcome::OutOfStack
        }
        Ok(value) if !failed && same(value, theirs) => Outcome::SameValue,
        Ok(_) => Outcome::Different,
        Err(_) if failed => Outcome::BothErr,
        Err(Problem::TooLarge | Problem::Complex) => Outcome::Refused,
        Err(_) => Outcome::Different,
    }
}

fn same(ours: &Value<'_>, theirs: &Json) -> bool {
    let said = &theirs[1];
    match (ours, theirs[0].as_str()) {
        (Value::Int(number), Some("int")) => said.as_str() == Some(number.to_string().as_str()),
        (Value::Bool(truth), Some("bool")) => said.as_bool() == Some(*truth),
        (Value::Text(text), Some("text")) => said.as_str() == Some(text),
        (Value::Float(number), Some("float")) => {
            said.as_str().and_then(|text| text.parse().ok()).is_some_and(|said| near(*number, said))
        }
        (Value::List(items), Some("list")) => said.as_array().is_some_and(|said| {
            said.len() == items.len() && items.iter().zip(said).all(|(item, said)| same(item, said))
        }),
        _ => false,
    }
}

/// Two libraries' powers may differ in the last digits.
fn near(ours: f64, theirs: f64) -> bool {
    ours == theirs
        || (ours.is_nan() && theirs.is_nan())
        || (ours - theirs).abs() <= 1e-9 * ours.abs().max(theirs.abs())
            && ours.is_finite()
            && theirs.is_finite()
}

/// Into the test's own output.
#[expect(clippy::print_stdout, reason = "the runner shows it to whoever asks")]
fn tell(text: &str) {
    println!("{text}");
}
