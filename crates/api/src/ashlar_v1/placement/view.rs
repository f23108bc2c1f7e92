//! What is answered about placement; `ashlar explain --json` prints the same.

use std::collections::BTreeMap;

use ashlar_operations::decisions_of::{Case, Explained, Miss, Verdict, Why};
use serde_json::{Map, Value, json};

/// A decision. What the first versions of this program decided has the verdict alone; what cannot be read has
/// `unreadable` with the cause instead of all that.
#[must_use]
pub fn decision(decision: &Explained) -> Value {
    let Explained { id, flow_id, volume_id, attempt, chosen, created_at, why } = decision;
    let mut view = match why {
        Why::Known(known) => case(known),
        Why::Verdict(alone) => Map::from_iter([("verdict".to_owned(), verdict(alone))]),
        Why::Unreadable(cause) => Map::from_iter([("unreadable".to_owned(), json!(cause))]),
    };
    let mut put = |key: &str, value: Value| view.insert(key.to_owned(), value);
    put("id", json!(id));
    put("flow_id", json!(flow_id));
    put("volume_id", json!(volume_id));
    put("attempt", json!(attempt));
    put("chosen", json!(chosen));
    put("created_at", json!(created_at.to_string()));
    Value::Object(view)
}

/// What was asked for, what it was decided by, every pool's verdict, and what would have fitted.
#[must_use]
pub fn case(case: &Case) -> Map<String, Value> {
    let Case { size, needed, asked, rules, taken_at, rows, verdict: told, misses } = case;
    let rows: BTreeMap<&str, i64> = rows.iter().map(|(name, row)| (name.as_str(), *row)).collect();
    let request = json!({
        "operation": asked.operation,
        "size": size,
        "needed": needed,
        "volume_type": asked.volume_type,
        "volume_type_id": asked.volume_type_id,
        "provisioning": asked.provisioning,
        "availability_zones": asked.availability_zones,
        "pinned": asked.pinned,
        "forced": asked.forced,
    });
    let weigher =
        |(name, multiplier): &(String, f64)| json!({ "name": name, "multiplier": multiplier });
    let rules = json!({
        "strategy": rules.strategy,
        "filters": rules.filters,
        "weighers": rules.weighers.iter().map(weigher).collect::<Vec<_>>(),
        "handler": rules.handler,
    });
    let misses: Vec<Value> = misses.iter().map(miss).collect();
    Map::from_iter([
        ("request".to_owned(), request),
        ("rules".to_owned(), rules),
        ("pools".to_owned(), json!({ "taken_at": taken_at.to_string(), "versions": rows })),
        ("verdict".to_owned(), verdict(told)),
        ("nearest_misses".to_owned(), misses.into()),
    ])
}

/// The verdict as it is stored, each reason also in words.
fn verdict(verdict: &Verdict) -> Value {
    let rejected = verdict.rejected.iter().map(|rejected| {
        json!({
            "pool": rejected.pool,
            "filter": rejected.filter,
            "reason": rejected.reason,
            "text": rejected.reason.to_string(),
        })
    });
    json!({ "ranked": verdict.ranked, "rejected": rejected.collect::<Vec<_>>() })
}

fn miss(miss: &Miss) -> Value {
    json!({
        "size": miss.size,
        "volume_type": miss.volume_type,
        "availability_zone": miss.zone,
        "text": miss.to_string(),
    })
}
