//! What Tempest found of one server: the outcome of each test, and why.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

/// How a test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Everything was as it should be.
    Passed,
    /// Something was not.
    Failed,
    /// It was left out, by its own decision.
    Skipped,
}

impl Outcome {
    fn parse(word: &str) -> Result<Self> {
        Ok(match word {
            "passed" => Self::Passed,
            "failed" => Self::Failed,
            "skipped" => Self::Skipped,
            _ => bail!("no outcome: {word}"),
        })
    }

    /// As people read it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// The outcome of one test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// How it ended.
    pub(super) outcome: Outcome,
    /// Why it failed or was left out, as the test says it.
    pub(super) why: String,
}

/// All outcomes by the names of the tests. A class that never began has one, by the name `setUpClass (class)`.
#[derive(Debug, Default)]
pub(super) struct Findings(BTreeMap<String, Finding>);

impl Findings {
    /// The list that is kept of Cinder: lines of a test and its outcome.
    pub(super) fn of_cinder(table: &str) -> Result<Self> {
        lines(table)
            .map(|line| {
                let (test, outcome) = line.split_once('\t').context("a line has two columns")?;
                finding(test, outcome, "")
            })
            .collect::<Result<_>>()
            .map(Self)
    }

    /// What a run has written: lines of an outcome, seconds, a test and why.
    pub(super) fn of_a_run(table: &str) -> Result<Self> {
        lines(table)
            .map(|line| match line.split('\t').collect::<Vec<_>>()[..] {
                [outcome, _, test, why] => finding(test, outcome, why),
                _ => bail!("a line has four columns: {line}"),
            })
            .collect::<Result<_>>()
            .map(Self)
    }

    /// The outcome of this very test.
    pub(super) fn get(&self, test: &str) -> Option<&Finding> {
        self.0.get(test)
    }

    /// The outcome of a test, or that of its class when the class was left out or failed as a whole.
    pub(super) fn of_test_or_class(&self, test: &str) -> Option<&Finding> {
        let class = test.rsplit_once('.').map(|(class, _)| class);
        self.get(test).or_else(|| self.get(&format!("setUpClass ({})", class?)))
    }

    /// Names and outcomes, in order of the names.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Finding)> {
        self.0.iter().map(|(test, finding)| (test.as_str(), finding))
    }

    /// How many passed, failed and were left out.
    pub(super) fn sums(&self) -> [usize; 3] {
        let count = |outcome| self.0.values().filter(|finding| finding.outcome == outcome).count();
        [Outcome::Passed, Outcome::Failed, Outcome::Skipped].map(count)
    }
}

/// The lines of a table without comments and the line that names the columns.
pub(super) fn lines(table: &str) -> impl Iterator<Item = &str> {
    let names = |line: &&str| !line.starts_with("test\t") && !line.starts_with("tests\t");
    table.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()).filter(names)
}

fn finding(test: &str, outcome: &str, why: &str) -> Result<(String, Finding)> {
    let outcome = Outcome::parse(outcome).with_context(|| test.to_owned())?;
    Ok((test.to_owned(), Finding { outcome, why: why.to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_of_a_class_that_never_began_ended_as_its_class() {
        let table = "failed\t0.1\tsetUpClass (a.B)\tno quota\npassed\t1.0\ta.C.test_c\t\n";
        let findings = Findings::of_a_run(table).expect("a table");
        let found = findings.of_test_or_class("a.B.test_b").expect("by its class");
        assert_eq!((found.outcome, found.why.as_str()), (Outcome::Failed, "no quota"));
        assert_eq!(findings.of_test_or_class("a.D.test_d"), None);
        assert_eq!(findings.sums(), [1, 1, 0]);
    }

    #[test]
    fn the_list_of_cinder_is_without_comments() {
        let findings = Findings::of_cinder("# why\ntest\tresult\na.B.c\tpassed\n").expect("a list");
        assert_eq!(findings.iter().map(|(test, _)| test).collect::<Vec<_>>(), ["a.B.c"]);
        assert!(Findings::of_cinder("a.B.c\tperhaps\n").is_err());
    }
}
