//! What was measured, beside what Cinder 29.0.0 sustained on such a machine: uwsgi, MariaDB, RabbitMQ
//! and its fake driver, with 16 clients where there are several.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::load::Load;

/// One measured number.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Figure {
    name: String,
    value: f64,
    unit: Unit,
    /// What Cinder 29.0.0 has here, in the same unit.
    pub(super) cinder: Option<f64>,
    /// How many times better than Cinder.
    #[serde(skip_serializing_if = "Option::is_none")]
    times_better: Option<f64>,
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
enum Unit {
    #[serde(rename = "1/s")]
    PerSecond,
    #[serde(rename = "ms")]
    Milliseconds,
    #[serde(rename = "s")]
    Seconds,
    #[serde(rename = "MiB")]
    Mebibytes,
    #[serde(rename = "cores")]
    Cores,
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Self::PerSecond => "/s",
            Self::Milliseconds => "ms",
            Self::Seconds => "s",
            Self::Mebibytes => "MiB",
            Self::Cores => "cores",
        }
    }
}

impl Figure {
    fn new(name: &str, value: f64, unit: Unit) -> Self {
        Self { name: name.to_owned(), value, unit, cinder: None, times_better: None }
    }

    /// So many in a second.
    pub(super) fn rate(name: &str, value: f64) -> Self {
        Self::new(name, value, Unit::PerSecond)
    }

    /// A time, in milliseconds.
    pub(super) fn milliseconds(name: &str, time: Duration) -> Self {
        Self::new(name, time.as_secs_f64() * 1000.0, Unit::Milliseconds)
    }

    /// A time, in seconds.
    pub(super) fn seconds(name: &str, value: f64) -> Self {
        Self::new(name, value, Unit::Seconds)
    }

    /// Memory, in MiB.
    pub(super) fn mebibytes(name: &str, value: f64) -> Self {
        Self::new(name, value, Unit::Mebibytes)
    }

    /// CPU seconds used in a second.
    pub(super) fn cores(name: &str, value: f64) -> Self {
        Self::new(name, value, Unit::Cores)
    }

    /// The same with Cinder's figure beside it.
    pub(super) fn against(mut self, cinder: f64) -> Self {
        self.cinder = Some(cinder);
        self
    }

    fn compared(mut self) -> Self {
        self.times_better = self.cinder.map(|cinder| match self.unit {
            Unit::PerSecond => self.value / cinder,
            _ => cinder / self.value,
        });
        self
    }
}

/// All that was measured on one server.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    url: String,
    cores: usize,
    figures: Vec<Figure>,
    /// Requests answered otherwise than expected, and volumes in `error`.
    errors: usize,
    /// The first of them, by kind of request.
    first_errors: Vec<String>,
}

impl Report {
    /// An empty report.
    pub(super) fn new(url: &str) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let url = url.to_owned();
        Self { url, cores, figures: Vec::new(), errors: 0, first_errors: Vec::new() }
    }

    /// Adds a number.
    pub(super) fn add(&mut self, figure: Figure) {
        self.figures.push(figure.compared());
    }

    /// Adds the errors of a load.
    pub(super) fn count_errors(&mut self, what: &str, load: &Load) {
        self.errors += load.errors;
        if let Some(error) = &load.first_error {
            self.first_errors.push(format!("{what}: {error}"));
        }
    }

    /// Adds volumes that were accepted and not made.
    pub(super) fn count_failed_volumes(&mut self, failed: usize) {
        if failed > 0 {
            self.errors += failed;
            self.first_errors.push(format!("{failed} volumes are in error"));
        }
    }

    /// Whether every request was answered as expected.
    pub(super) fn is_clean(&self) -> bool {
        self.errors == 0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} · client on the same {} cores if local\n", self.url, self.cores)?;
        let width = self.figures.iter().map(|figure| figure.name.len()).max().unwrap_or(0);
        let header = ("what", "here", "Cinder 29.0.0", "times better");
        writeln!(
            f,
            "| {:width$} | {:>14} | {:>14} | {:>12} |",
            header.0, header.1, header.2, header.3
        )?;
        writeln!(f, "| {:-<width$} | {:->13}: | {:->13}: | {:->11}: |", "", "", "", "")?;
        for Figure { name, value, unit, cinder, times_better } in &self.figures {
            let unit = unit.name();
            let here = format!("{} {unit}", short(*value));
            let cinder =
                cinder.map_or_else(String::new, |cinder| format!("{} {unit}", short(cinder)));
            let ratio = times_better.map_or_else(String::new, short);
            writeln!(f, "| {name:width$} | {here:>14} | {cinder:>14} | {ratio:>12} |")?;
        }
        writeln!(f, "\n{} errors", self.errors)?;
        self.first_errors.iter().try_for_each(|error| writeln!(f, "  {error}"))
    }
}

/// Three digits that matter.
fn short(value: f64) -> String {
    let decimals = match value.abs() {
        value if value >= 100.0 => 0,
        value if value >= 10.0 => 1,
        value if value >= 1.0 => 2,
        _ => 3,
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let mut report = Report::new("http://127.0.0.1:1");
        report.add(Figure::rate("creates", 1_100.0).against(11.0));
        report.add(Figure::milliseconds("create", Duration::from_micros(4_350)).against(87.0));
        report.add(Figure::cores("CPU", 0.25));
        report
    }

    #[test]
    fn more_of_a_rate_and_less_of_a_time_are_better() {
        let text = report().to_string();
        let rows: Vec<String> = text
            .lines()
            .filter(|line| line.starts_with("| c") || line.starts_with("| C"))
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(
            rows,
            [
                "| creates | 1100 /s | 11.0 /s | 100 |",
                "| create | 4.35 ms | 87.0 ms | 20.0 |",
                "| CPU | 0.250 cores | | |",
            ]
        );
    }

    #[test]
    fn the_same_figures_are_in_the_json() {
        let json = serde_json::to_value(report()).expect("serialises");
        assert_eq!(json["figures"][0]["unit"], "1/s");
        assert_eq!(json["figures"][1]["times_better"], 20.0);
        assert_eq!(json["errors"], 0);
    }

    #[test]
    fn an_error_makes_the_report_unclean() {
        let mut report = report();
        report.count_failed_volumes(0);
        assert!(report.is_clean());
        report.count_failed_volumes(2);
        assert!(!report.is_clean());
        assert!(report.to_string().contains("2 errors\n  2 volumes are in error"));
    }
}
