//! What commands print: tables for people, JSON for machines, and no complaint when the reader has gone.

use std::io::{ErrorKind, Write as _};
use std::time::Duration;

use anyhow::Context as _;
use ashlar_types::Timestamp;
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

/// Writes `text` to standard output. A reader that has seen enough (`ashlar flow list | head`) is no error.
pub(super) fn text(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        _ => Ok(()),
    }
}

/// Writes the line that says that a service is ready. It works all the same when nobody reads it.
pub(super) fn ready(line: &str) {
    if let Err(error) = text(&format!("{line}\n")) {
        tracing::warn!(%error, "nobody reads what is printed");
    }
}

/// Writes `value` as JSON for people's eyes.
pub(super) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    text(&format!("{}\n", serde_json::to_string_pretty(value)?))
}

/// A table with these headings, as wide as the terminal allows.
pub(super) fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(headings.iter().copied());
    table
}

/// A moment to the millisecond, which is what a person compares.
pub(super) fn moment(moment: Timestamp) -> String {
    let text = moment.to_string();
    format!("{} UTC", text.get(..23).unwrap_or(&text).replace('T', " "))
}

/// A span of time in its two largest units: `3.2 ms`, `41.0 s`, `5 m 12 s`, `2 h 3 m`, `4 d 1 h`.
pub(super) fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0 => format!("{:.1} ms", span.as_secs_f64() * 1000.0),
        1..60 => format!("{:.1} s", span.as_secs_f64()),
        60..3600 => format!("{} m {} s", seconds / 60, seconds % 60),
        3600..86400 => format!("{} h {} m", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} d {} h", seconds / 86400, seconds % 86400 / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_units_that_fit() {
        let told = |millis| span(Duration::from_millis(millis));
        assert_eq!(told(3), "3.0 ms");
        assert_eq!(told(41_040), "41.0 s");
        assert_eq!(told(312_000), "5 m 12 s");
        assert_eq!(told(7_380_000), "2 h 3 m");
        assert_eq!(told(350_000_000), "4 d 1 h");
    }

    #[test]
    fn a_moment_is_told_to_the_millisecond() {
        let told = moment(Timestamp::from_micros(1_795_342_272_000_345));
        assert_eq!(told, "2026-11-22 10:11:12.000 UTC");
    }
}
