//! `ashlar explain`: why a volume is where it is, or nowhere.

use std::fmt::Write as _;

use anyhow::bail;
use ashlar_api::ashlar_v1::placement::view;
use ashlar_operations::decisions_of::{Case, Explained, Why, decisions_of};
use ashlar_placement::{Verdict, explain};
use ashlar_types::{PoolName, VolumeId};
use comfy_table::{ColumnConstraint, Width};

use super::{look, print};
use crate::cli::{ExplainArgs, Global};

/// Said when nothing at all could be judged.
const NO_POOLS: &str = "no backend had reported a pool; `ashlar service list` shows the services";

/// Widest column of pools' names: what is beside it needs the room more.
const WIDEST_NAME: u16 = 48;

/// Prints the decisions about a volume, oldest first.
pub(crate) fn run(global: &Global, args: &ExplainArgs) -> anyhow::Result<()> {
    let id = args.volume;
    let found = look(global, "explain", |db, _| async move { Ok(decisions_of(&db, id).await?) })?;
    if found.is_empty() {
        bail!("{}", nothing_about(id));
    }
    match args.json {
        true => print::json(&found.iter().map(view::decision).collect::<Vec<_>>()),
        false => print::text(&as_text(&found, args.all)?),
    }
}

fn nothing_about(id: VolumeId) -> String {
    format!(
        "no decision about volume {id} is known: it was never placed here, or that is too long ago: decisions \
         are kept for 30 days"
    )
}

fn as_text(decisions: &[Explained], all: bool) -> anyhow::Result<String> {
    let mut text = String::new();
    for (at, decision) in decisions.iter().enumerate() {
        if at > 0 {
            text.push('\n');
        }
        let Explained { attempt, flow_id, chosen, .. } = decision;
        let moment = print::moment(decision.created_at);
        writeln!(text, "{moment}, attempt {attempt} of flow {flow_id}")?;
        match &decision.why {
            Why::Known(case) => {
                text.push_str(&asked(case));
                write_verdict(&mut text, &case.verdict, (chosen.as_ref(), all))?;
                let misses: Vec<String> = case.misses.iter().map(ToString::to_string).collect();
                if !misses.is_empty() {
                    writeln!(text, "would fit: {}", misses.join("; "))?;
                }
            }
            Why::Verdict(verdict) => {
                write_verdict(&mut text, verdict, (chosen.as_ref(), all))?;
            }
            Why::Unreadable(cause) => {
                let chosen = chosen.as_ref().map_or("no pool", |pool| pool.as_str());
                writeln!(text, "{chosen} chosen; why is stored, but cannot be read: {cause}")?;
            }
        }
    }
    Ok(text)
}

/// What was asked for and what it was decided by: two lines.
fn asked(case: &Case) -> String {
    let Case { size, needed, asked, rules, taken_at, .. } = case;
    let mut text = match asked.operation.as_str() {
        "create" => format!("{} GiB", size.0),
        _ => format!("{} GiB more for a volume of {} GiB", needed.0, size.0),
    };
    text.push_str(&format!(" of type {}, {}", asked.volume_type, asked.provisioning));
    if let Some(host) = &asked.forced {
        text.push_str(&format!(", on host {host}"));
    } else if !asked.availability_zones.is_empty() {
        text.push_str(&format!(", in zone {}", asked.availability_zones.join(" or ")));
    }
    if let Some(place) = &asked.pinned {
        text.push_str(&format!(", with its source in {place}"));
    }
    if !asked.hints.is_empty() {
        text.push_str(&format!(", with hints {}", asked.hints.join(", ")));
    }
    if !asked.tried.is_empty() {
        let tried: Vec<&str> = asked.tried.iter().map(PoolName::as_str).collect();
        text.push_str(&format!(", after it had failed on {}", tried.join(", ")));
    }
    let weigher = |(name, multiplier): &(String, f64)| format!("{name} × {multiplier}");
    let weighers: Vec<String> = rules.weighers.iter().map(weigher).collect();
    let or_none = |list: String| if list.is_empty() { "none".to_owned() } else { list };
    let (filters, weighers) = (or_none(rules.filters.join(", ")), or_none(weighers.join(", ")));
    let taken = print::moment(*taken_at);
    let order = match rules.handler.as_str() {
        "stochastic" => "; drawn in proportion to the scores",
        "one_after_another" => "; the first weigher decides, the next among equals",
        _ => "",
    };
    format!("{text}; pools as of {taken}\nfilters: {filters}; weighers: {weighers}{order}\n")
}

fn write_verdict(
    text: &mut String,
    verdict: &Verdict,
    (chosen, all): (Option<&PoolName>, bool),
) -> anyhow::Result<()> {
    writeln!(text, "{}", explain::summary(verdict, chosen))?;
    let rows =
        if all { explain::rows(verdict, chosen) } else { explain::brief_rows(verdict, chosen) };
    if rows.is_empty() {
        writeln!(text, "{NO_POOLS}")?;
        return Ok(());
    }
    let mut table = print::table(&["pool", "verdict", "detail"]);
    if let Some(names) = table.column_mut(0) {
        names.set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(WIDEST_NAME)));
    }
    for row in rows {
        table.add_row([row.pool.as_str(), row.verdict, row.detail.as_str()]);
    }
    writeln!(text, "{table}")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use ashlar_types::{DecisionId, FlowId, PoolName, Timestamp};

    use super::*;

    fn told(why: Why) -> String {
        let decision = Explained {
            id: DecisionId::fresh(),
            flow_id: FlowId::fresh(),
            volume_id: VolumeId::random(),
            attempt: 1,
            chosen: Some(PoolName("h@b#p".to_owned())),
            created_at: Timestamp::from_micros(0),
            why,
        };
        as_text(&[decision], false).expect("it can be written")
    }

    #[test]
    fn where_nothing_could_be_judged_it_is_said_where_to_look() {
        let text = told(Why::Verdict(Verdict::default()));
        assert!(text.ends_with("`ashlar service list` shows the services\n"), "{text}");
    }

    #[test]
    fn a_decision_that_cannot_be_read_does_not_hide_where_the_volume_went() {
        let text = told(Why::Unreadable("the page has form 2".to_owned()));
        let wanted = "h@b#p chosen; why is stored, but cannot be read: the page has form 2\n";
        assert!(text.ends_with(wanted), "{text}");
    }
}
