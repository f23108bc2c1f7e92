//! What was measured, as it is printed: a line for each measurement, as soon as it is there.

use std::fmt::Write;
use std::time::Duration;

use super::ground::{Ground, Kind};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Stage {
    /// The choice alone.
    Choice,
    /// With exact admission in SQLite.
    Sqlite,
    /// With exact admission in PostgreSQL.
    Postgres,
}

/// How long each of many things took.
#[derive(Debug, Default)]
pub(super) struct Latencies(Vec<Duration>);

impl Latencies {
    pub(super) fn add(&mut self, took: Duration) {
        self.0.push(took);
    }

    pub(super) fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// The median and the one that one in a hundred exceeds.
    fn percentiles(mut self) -> (Duration, Duration) {
        self.0.sort_unstable();
        let at = |part: usize| {
            self.0.get((self.0.len() * part / 100).min(self.0.len().saturating_sub(1)))
        };
        (at(50).copied().unwrap_or_default(), at(99).copied().unwrap_or_default())
    }
}

/// One measurement.
#[derive(Debug)]
pub(super) struct Row {
    kind: Kind,
    pools: usize,
    what: String,
    pub(super) per_second: f64,
    /// Decisions per second on a processor: what there would be if nothing else ran.
    per_core: Option<f64>,
    p50: Duration,
    p99: Duration,
    /// Decisions per second that there should be.
    aim: Option<f64>,
    /// How many times faster ours is.
    ratio: Option<f64>,
}

impl Row {
    pub(super) fn new(
        ground: &Ground,
        what: String,
        per_second: f64,
        latencies: Latencies,
    ) -> Self {
        let (p50, p99) = latencies.percentiles();
        let (kind, pools) = (ground.kind, ground.pools.len());
        let per_core = None;
        Self { kind, pools, what, per_second, per_core, p50, p99, aim: None, ratio: None }
    }

    /// The choice alone. The aims are meant for two cores.
    pub(super) fn choice(
        ground: &Ground,
        threads: usize,
        per_second: f64,
        busy: Option<Duration>,
        latencies: Latencies,
    ) -> Self {
        let decisions = latencies.count() as f64;
        let threads_word = if threads == 1 { "thread" } else { "threads" };
        let what = format!("choice, {threads} {threads_word}");
        let mut row = Self::new(ground, what, per_second, latencies);
        row.per_core = busy.map(|busy| decisions / busy.as_secs_f64());
        row.aim = match (threads, row.pools) {
            (2, 100) => Some(100_000.0),
            (2, 1_000) => Some(10_000.0),
            (2, 10_000) => Some(1_000.0),
            _ => None,
        };
        row
    }

    /// With admission.
    pub(super) fn admitted(
        ground: &Ground,
        stage: Stage,
        per_second: f64,
        latencies: Latencies,
    ) -> Self {
        let database = if stage == Stage::Postgres { "PostgreSQL" } else { "SQLite" };
        let mut row = Self::new(ground, format!("admitted in {database}"), per_second, latencies);
        row.aim = (stage == Stage::Postgres && row.pools == 1_000).then_some(2_000.0);
        row
    }

    /// Cinder's figures; `ours` is what one thread of ours did.
    pub(super) fn against(mut self, ours: Option<f64>) -> Self {
        self.ratio = ours.map(|ours| ours / self.per_second);
        self
    }
}

/// How many of Cinder's choices were the same pools as ours.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Agreement {
    pub(super) same: usize,
    pub(super) asked: usize,
}

/// All measurements so far.
#[derive(Debug, Default)]
pub(super) struct Figures {
    met: usize,
    missed: usize,
    agreement: Agreement,
}

impl Figures {
    /// Names of the columns.
    pub(super) const HEADER: &str = "judged by     pools  measured                       \
        decisions/s    /core-second         p50         p99  beside it";

    /// Prints a line.
    pub(super) fn print(&mut self, row: Row) {
        println!("{}", self.line(&row).trim_end());
    }

    /// Says that something was not measured, and why.
    pub(super) fn leave_out(&self, ground: &Ground, why: &str) {
        println!("{:<12} {:>6}  {why}", ground.kind.name(), ground.pools.len());
    }

    fn line(&mut self, row: &Row) -> String {
        let beside = match (row.aim, row.ratio) {
            (Some(aim), _) if row.per_second >= aim => {
                self.met += 1;
                format!("aim {aim}: met")
            }
            (Some(aim), _) => {
                self.missed += 1;
                format!("aim {aim}: not met")
            }
            (None, Some(ratio)) => format!("ours is {} times as fast", short(ratio)),
            (None, None) => String::new(),
        };
        let Row { kind, pools, what, per_second, per_core, p50, p99, .. } = row;
        format!(
            "{:<12} {pools:>6}  {what:<28} {:>13} {:>15} {:>11} {:>11}  {beside}",
            kind.name(),
            short(*per_second),
            per_core.map_or_else(String::new, short),
            time(*p50),
            time(*p99),
        )
    }

    pub(super) fn agree(&mut self, agreement: Agreement) {
        self.agreement.same += agreement.same;
        self.agreement.asked += agreement.asked;
    }

    /// Cinder and we always chose the same.
    pub(super) fn is_clean(&self) -> bool {
        self.agreement.same == self.agreement.asked
    }

    /// What all lines come to.
    pub(super) fn conclusion(&self) -> String {
        let mut text = String::new();
        if self.met + self.missed > 0 {
            let _ = writeln!(text, "aims: {} met, {} not met", self.met, self.missed);
        }
        let Agreement { same, asked } = self.agreement;
        if asked > 0 {
            let _ = writeln!(text, "Cinder chose the same pool in {same} of {asked} decisions");
        }
        text
    }
}

/// Four digits that matter at most.
fn short(value: f64) -> String {
    let decimals = match value.abs() {
        value if value >= 100.0 => 0,
        value if value >= 10.0 => 1,
        value if value >= 1.0 => 2,
        _ => 3,
    };
    format!("{value:.decimals$}")
}

fn time(took: Duration) -> String {
    let micros = took.as_secs_f64() * 1e6;
    if micros >= 1e6 {
        format!("{} s", short(micros / 1e6))
    } else if micros >= 1e3 {
        format!("{} ms", short(micros / 1e3))
    } else {
        format!("{} µs", short(micros))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_whether_its_aim_was_met() {
        let ground = Ground::new(Kind::Defaults, 100).expect("pools");
        let mut latencies = Latencies::default();
        (1..=200).for_each(|micros| latencies.add(Duration::from_micros(micros)));
        let mut figures = Figures::default();
        let line = figures.line(&Row::choice(
            &ground,
            2,
            123_456.0,
            Some(Duration::from_millis(4)),
            latencies,
        ));
        let words: Vec<_> = line.split_whitespace().collect();
        let expected = "defaults 100 choice, 2 threads 123456 50000 101 µs 199 µs aim 100000: met";
        assert_eq!(words.join(" "), expected);
        let slow = Row::choice(&ground, 2, 99_999.0, None, Latencies::default());
        assert!(figures.line(&slow).ends_with("aim 100000: not met"));
        assert_eq!(figures.conclusion(), "aims: 1 met, 1 not met\n");
    }

    #[test]
    fn another_choice_than_cinders_is_not_clean() {
        let mut figures = Figures::default();
        figures.agree(Agreement { same: 3, asked: 3 });
        assert!(figures.is_clean());
        figures.agree(Agreement { same: 1, asked: 2 });
        assert!(!figures.is_clean());
        assert!(figures.conclusion().contains("4 of 5"));
    }
}
