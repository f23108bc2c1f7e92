//! The table of OpenStack's own tests for people: Cinder beside Ashlar.

use std::fmt::Write as _;

use super::findings::Outcome;
use super::verdict::{Row, Verdict};

const HEAD: &str = "\
# OpenStack's own tests

`tempest.api.volume` and `cinder_tempest_plugin`, with a real Keystone and a real Glance and without Nova, Swift and
Barbican; versions in `tests/conformance/tempest/requirements.txt`. Written by `cargo xtask conformance`.
";

/// The whole document.
pub(super) fn write(rows: &[Row]) -> String {
    let mut text = HEAD.to_owned();
    let count = |verdict| rows.iter().filter(|row| row.verdict == verdict).count();
    let [kept, excepted, missed] = [Verdict::Kept, Verdict::Excepted, Verdict::Missed].map(count);
    let more = rows
        .iter()
        .filter(|row| row.verdict == Verdict::Beyond && row.ashlar == Some(Outcome::Passed))
        .count();
    let all = kept + excepted + missed;
    // Writing to a text does not fail.
    let _ = writeln!(
        text,
        "\nOf {all} tests that Cinder 29.0.0 passes Ashlar passes {kept}; {excepted} are excepted with a reason, {missed} \
         fail. It passes {more} that Cinder was not asked or does not pass.\n"
    );
    text.push_str("| test | Cinder | Ashlar | why |\n|---|---|---|---|\n");
    for row in rows {
        let cinder = row.cinder.map_or("–", Outcome::word);
        let _ = writeln!(
            text,
            "| {} | {cinder} | {} | {} |",
            cell(&row.test),
            row.ours(),
            cell(&row.why)
        );
    }
    text
}

/// Text that does not end its cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_are_those_of_the_rows() {
        let row = |cinder, ashlar, verdict, why: &str| Row {
            test: "a.B.c".to_owned(),
            cinder: Some(cinder),
            ashlar: Some(ashlar),
            verdict,
            why: why.to_owned(),
        };
        let text = write(&[
            row(Outcome::Passed, Outcome::Passed, Verdict::Kept, ""),
            row(Outcome::Passed, Outcome::Skipped, Verdict::Excepted, "no a|b"),
            row(Outcome::Skipped, Outcome::Passed, Verdict::Beyond, ""),
        ]);
        assert!(
            text.contains("Of 2 tests that Cinder 29.0.0 passes Ashlar passes 1; 1 are"),
            "{text}"
        );
        assert!(text.contains("It passes 1 that Cinder"), "{text}");
        assert!(text.contains("| a.B.c | passed | skipped | no a\\|b |"), "{text}");
    }
}
