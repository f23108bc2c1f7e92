//! `ashlar explain`: why a volume is where it is, or nowhere.

use std::fmt::Write as _;

use anyhow::{Context as _, bail};
use ashlar_db::decisions::{self, Decision};
use ashlar_placement::{Verdict, explain};
use ashlar_types::VolumeId;
use serde_json::{Value, json};

use super::{look, print};
use crate::cli::{ExplainArgs, Global};

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
        let Decision { attempt, flow_id, .. } = decision;
        let moment = print::moment(decision.created_at);
        writeln!(text, "{moment}, attempt {attempt} of flow {flow_id}")?;
        writeln!(text, "{}", explain::summary(&verdict))?;
        let mut table = print::table(&["pool", "verdict", "detail"]);
        for row in explain::rows(&verdict) {
            table.add_row([row.pool.as_str(), row.verdict, row.detail.as_str()]);
        }
        writeln!(text, "{table}")?;
    }
    Ok(text)
}
