//! Manageable volumes and snapshots as JSON. Only a snapshot has a source, and only the long list says why not.

use ashlar_operations::list_manageable::{Item, Of};
use serde_json::{Value, json};

/// `{"manageable-volumes": […]}` or `{"manageable-snapshots": […]}`.
pub(super) fn shown(of: Of, items: &[Item], detailed: bool) -> Value {
    let name = match of {
        Of::Volumes => "manageable-volumes",
        Of::Snapshots => "manageable-snapshots",
    };
    let list: Vec<Value> = items.iter().map(|item| one(of, item, detailed)).collect();
    json!({ name: list })
}

fn one(of: Of, item: &Item, detailed: bool) -> Value {
    let mut shown = json!({
        "reference": item.reference,
        "size": item.size,
        "safe_to_manage": item.reason_not_safe.is_none(),
    });
    if of == Of::Snapshots {
        shown["source_reference"] = json!(item.source_reference);
    }
    if detailed {
        shown["reason_not_safe"] = json!(item.reason_not_safe);
        shown["cinder_id"] = json!(item.cinder_id);
        shown["extra_info"] = json!(item.extra_info);
    }
    shown
}
