//! Holds what Tempest found of Ashlar against what it found of Cinder.

use anyhow::{Context, Result};

use super::findings::{Finding, Findings, Outcome, lines};

/// What a test says about Ashlar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Cinder passes and so do we.
    Kept,
    /// Cinder passes, we do not, and a reason is written down.
    Excepted,
    /// Cinder passes and we do not.
    Missed,
    /// Cinder does not pass either, or was never asked.
    Beyond,
}

/// One test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// Its name, or `setUpClass (class)`.
    pub(super) test: String,
    /// How it ended with Cinder, if it was run there.
    pub(super) cinder: Option<Outcome>,
    /// How it ended with us, if it ran.
    pub(super) ashlar: Option<Outcome>,
    /// What follows.
    pub(super) verdict: Verdict,
    /// Why it did not pass with us.
    pub(super) why: String,
}

impl Row {
    /// Our outcome, as people read it.
    pub(super) fn ours(&self) -> &'static str {
        self.ashlar.map_or("not run", Outcome::word)
    }
}

/// Beginnings of the names of tests that need not pass yet, and why.
#[derive(Debug)]
pub(super) struct Exceptions(Vec<(String, String)>);

impl Exceptions {
    /// Reads lines of a beginning and a reason.
    pub(super) fn parse(table: &str) -> Result<Self> {
        let pair = |line: &str| {
            let (beginning, why) = line.split_once('\t')?;
            let full = !beginning.is_empty() && !why.trim().is_empty();
            full.then(|| (beginning.to_owned(), why.to_owned()))
        };
        lines(table)
            .map(|line| pair(line).with_context(|| format!("a test and a reason: {line}")))
            .collect::<Result<_>>()
            .map(Self)
    }

    /// The beginnings of names.
    pub(super) fn beginnings(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(beginning, _)| beginning.as_str())
    }

    fn why(&self, test: &str) -> Option<&str> {
        let hit = self.0.iter().find(|(beginning, _)| test.starts_with(beginning.as_str()));
        hit.map(|(_, why)| why.as_str())
    }

    /// Those all of whose tests pass, as far as they were run.
    pub(super) fn idle<'a>(&'a self, rows: &'a [Row]) -> impl Iterator<Item = &'a str> {
        self.beginnings().filter(|beginning| {
            let mut hit = rows.iter().filter(|row| row.test.starts_with(beginning)).peekable();
            hit.peek().is_some() && hit.all(|row| row.verdict == Verdict::Kept)
        })
    }
}

/// A row for each test that was run, in order; when `everything` was to be run, for each that Cinder knows too.
pub(super) fn compare(
    cinder: &Findings,
    ashlar: &Findings,
    exceptions: &Exceptions,
    everything: bool,
) -> Vec<Row> {
    let mut rows: Vec<Row> = cinder
        .iter()
        .map(|(test, reference)| (test, reference, ashlar.of_test_or_class(test)))
        .filter(|(.., found)| everything || found.is_some())
        .map(|(test, reference, found)| row(test, Some(reference), found, exceptions))
        .collect();
    let more = ashlar.iter().filter(|(test, _)| {
        let known = cinder.get(test).is_some();
        !known && !stands_for_its_tests(cinder, test)
    });
    rows.extend(
        more.map(|(test, found)| row(test, cinder.of_test_or_class(test), Some(found), exceptions)),
    );
    // A class that Cinder's run left out and that ran here is shown by its tests.
    rows.retain(|row| row.ashlar.is_some() || !is_class_that_ran(ashlar, &row.test));
    rows.sort_by(|one, other| one.test.cmp(&other.test));
    rows
}

/// Whether this is the row of a class whose tests Cinder's list has one by one.
fn stands_for_its_tests(cinder: &Findings, test: &str) -> bool {
    class_of(test).is_some_and(|class| has_tests_of(cinder, class))
}

/// Whether this is the row of a class of which single tests ran.
fn is_class_that_ran(ashlar: &Findings, test: &str) -> bool {
    class_of(test).is_some_and(|class| has_tests_of(ashlar, class))
}

fn has_tests_of(findings: &Findings, class: &str) -> bool {
    findings.iter().any(|(test, _)| test.rsplit_once('.').is_some_and(|(of, _)| of == class))
}

/// The class of a row that stands for a whole one.
fn class_of(test: &str) -> Option<&str> {
    test.strip_prefix("setUpClass (")?.strip_suffix(')')
}

fn row(
    test: &str,
    reference: Option<&Finding>,
    found: Option<&Finding>,
    exceptions: &Exceptions,
) -> Row {
    let cinder = reference.map(|reference| reference.outcome);
    let ashlar = found.map(|found| found.outcome);
    let excepted = exceptions.why(test);
    let (verdict, why) = match (cinder, ashlar) {
        (_, Some(Outcome::Passed)) if cinder == Some(Outcome::Passed) => (Verdict::Kept, ""),
        (Some(Outcome::Passed), _) => match excepted {
            Some(why) => (Verdict::Excepted, why),
            None => (Verdict::Missed, found.map_or("did not run", |found| &found.why)),
        },
        _ => (Verdict::Beyond, found.map_or("", |found| &found.why)),
    };
    Row { test: test.to_owned(), cinder, ashlar, verdict, why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(cinder: &str, ashlar: &str, everything: bool) -> Vec<(String, Verdict)> {
        let cinder = Findings::of_cinder(cinder).expect("a list");
        let ashlar = Findings::of_a_run(ashlar).expect("a table");
        let exceptions = Exceptions::parse("a.Later.\tcomes next\n").expect("exceptions");
        let rows = compare(&cinder, &ashlar, &exceptions, everything);
        rows.into_iter().map(|row| (row.test, row.verdict)).collect()
    }

    fn row(test: &str, verdict: Verdict) -> (String, Verdict) {
        (test.to_owned(), verdict)
    }

    #[test]
    fn what_cinder_passes_is_kept_excepted_or_missed() {
        let cinder =
            "a.B.c\tpassed\na.B.d\tpassed\na.Later.e\tpassed\na.B.f\tskipped\na.B.g\tpassed\n";
        let ashlar = "passed\t1\ta.B.c\t\nfailed\t1\ta.B.d\tbad\nfailed\t1\ta.Later.e\tno\nskipped\t0\ta.B.f\tno\n";
        let expected = [
            row("a.B.c", Verdict::Kept),
            row("a.B.d", Verdict::Missed),
            row("a.B.f", Verdict::Beyond),
            row("a.B.g", Verdict::Missed),
            row("a.Later.e", Verdict::Excepted),
        ];
        assert_eq!(compared(cinder, ashlar, true), expected);
    }

    #[test]
    fn a_part_is_judged_by_what_ran() {
        let cinder = "a.B.c\tpassed\na.D.e\tpassed\n";
        let ashlar = "passed\t1\ta.B.c\t\n";
        assert_eq!(compared(cinder, ashlar, false), [row("a.B.c", Verdict::Kept)]);
    }

    #[test]
    fn a_class_stands_for_its_tests_and_they_for_it() {
        let cinder = "a.B.c\tpassed\nsetUpClass (a.D)\tskipped\n";
        let ashlar = "failed\t0\tsetUpClass (a.B)\tbroken\npassed\t1\ta.D.e\t\n";
        let expected = [row("a.B.c", Verdict::Missed), row("a.D.e", Verdict::Beyond)];
        assert_eq!(compared(cinder, ashlar, true), expected);
    }

    #[test]
    fn an_exception_whose_tests_pass_is_idle() {
        let exceptions = Exceptions::parse("a.B.\tlater\na.C.\tlater\n").expect("exceptions");
        let cinder = Findings::of_cinder("a.B.c\tpassed\na.C.d\tpassed\n").expect("a list");
        let ashlar = "passed\t1\ta.B.c\t\nfailed\t1\ta.C.d\tno\n";
        let rows =
            compare(&cinder, &Findings::of_a_run(ashlar).expect("a table"), &exceptions, true);
        assert_eq!(exceptions.idle(&rows).collect::<Vec<_>>(), ["a.B."]);
        assert!(Exceptions::parse("a.B.\t\n").is_err());
    }
}
