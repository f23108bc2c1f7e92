//! `ashlar explain`: why a volume is where it is, or nowhere.

use std::fmt::Write as _;

use anyhow::{Context as _, bail};
use ashlar_db::decisions::{self, Decision};
use ashlar_placement::{Verdict, explain};
use ashlar_types::VolumeId;
use serde_json::{Value, json};

use super::{look, print};
use crate::cli::{ExplainArgs, Global};

/// Said when no pool would do, since the one that is looked for may not be in the table at all.
const NOT_LISTED: &str = "pools whose service is down, disabled or frozen are not considered; \
                          `ashlar service list` shows them";

/// Prints the decisions about a volume, oldest first.
pub(crate) fn run(global: &Global, args: &ExplainArgs) -> anyhow::Result<()> {
    let id = args.volume;
    let found = look(global, "explain", |db, _| async move {
        let mut tx = db.read().await?;
        Ok(decisions::of_volume(&mut tx, id).await?)
    })?;
    if found.is_empty() {
        bail!("{}", nothing_about(id));
    }
    match args.json {
        true => print::json(&found.iter().map(as_json).collect::<Vec<_>>()),
        false => print::text(&as_text(&found)?),
    }
}

fn nothing_about(id: VolumeId) -> String {
    format!(
        "no decision about volume {id} is known: it was never placed here, or that was more than 30 days ago"
    )
}

fn as_json(decision: &Decision) -> Value {
    json!({
        "id": decision.id,
        "flow_id": decision.flow_id,
        "volume_id": decision.volume_id,
        "attempt": decision.attempt,
        "chosen": decision.chosen,
        "created_at": decision.created_at.to_string(),
        "verdict": decision.verdict,
    })
}

fn as_text(decisions: &[Decision]) -> anyhow::Result<String> {
    let mut text = String::new();
    for decision in decisions {
        let verdict: Verdict = serde_json::from_value(decision.verdict.clone())
            .with_context(|| format!("decision {} was stored by another version", decision.id))?;
        let Decision { attempt, flow_id, chosen, .. } = decision;
        let moment = print::moment(decision.created_at);
        writeln!(text, "{moment}, attempt {attempt} of flow {flow_id}")?;
        writeln!(text, "{}", explain::summary(&verdict, chosen.as_ref()))?;
        let mut table = print::table(&["pool", "verdict", "detail"]);
        for row in explain::rows(&verdict, chosen.as_ref()) {
            table.add_row([row.pool.as_str(), row.verdict, row.detail.as_str()]);
        }
        writeln!(text, "{table}")?;
        if verdict.ranked.is_empty() {
            writeln!(text, "{NOT_LISTED}")?;
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use ashlar_types::{DecisionId, FlowId, Timestamp};

    use super::*;

    #[test]
    fn when_no_pool_fits_it_is_said_which_are_not_listed() {
        let decision = Decision {
            id: DecisionId::random(),
            flow_id: FlowId::random(),
            volume_id: VolumeId::random(),
            attempt: 1,
            chosen: None,
            verdict: serde_json::to_value(Verdict::default()).expect("it is data"),
            created_at: Timestamp::from_micros(0),
        };
        let text = as_text(&[decision]).expect("it can be read");
        assert!(text.contains("none of 0 pools fits\n"), "{text}");
        assert!(text.ends_with("`ashlar service list` shows them\n"), "{text}");
    }
}
