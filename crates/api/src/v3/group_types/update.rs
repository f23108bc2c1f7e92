//! `PUT /group_types/{group_type_id}`: name, description, whether it is public.

use ashlar_db::group_types::{self, GroupTypeChange, Visibility};
use ashlar_db::{Tx, transact};
use ashlar_operations::notify::events;
use ashlar_types::{GroupType, GroupTypeId, Timestamp};
use serde_json::{Value, json};

use super::load;
use super::view::Shown;
use crate::answer::Answer;
use crate::body::pieces;
use crate::endpoint::Outcome;
use crate::fault::{Fault, TxFault};
use crate::letters;
use crate::request::Request;

/// Changes a type. Null leaves a field as it is.
pub(super) async fn update(request: &Request) -> Outcome {
    let wish = request.object("group_type");
    let text = |key: &str| wish.get(key).and_then(Value::as_str);
    let change = GroupTypeChange {
        name: text("name"),
        description: text("description"),
        is_public: wish.get("is_public").and_then(pieces::truth),
    };
    check(&change)?;
    let id = load::id(request)?;
    let db = &request.app.db;
    let now = db.engine().storable(request.app.clock.now());
    let changed: Result<GroupType, TxFault> =
        transact!(db, tx => apply(request, tx, id, &change, now).await);
    Ok(Answer::ok(&Shown::to(request).wrapped(&changed?)))
}

/// Cinder lets an empty name pass, though not a blank one, and has a type without a name then.
fn check(change: &GroupTypeChange<'_>) -> Result<(), Fault> {
    if change.name.is_some_and(|name| name.trim().is_empty()) {
        return Err(Fault::bad_request("Group type name can not be empty."));
    }
    if *change == GroupTypeChange::default() {
        return Err(Fault::bad_request(
            "Specify group type name, description or a combination thereof.",
        ));
    }
    Ok(())
}

async fn apply(
    request: &Request,
    tx: &mut Tx,
    id: GroupTypeId,
    change: &GroupTypeChange<'_>,
    now: Timestamp,
) -> Result<GroupType, TxFault> {
    group_types::update(tx, id, change, now)
        .await
        .map_err(|error| load::taken(error, change.name.unwrap_or_default()))?;
    let changed = group_types::get(tx, id, &Visibility::All).await?;
    let changed = changed.ok_or_else(|| load::missing(&id.to_string()))?;
    let told = || json!({ "group_types": letters::group_type(&changed) });
    letters::plain(request, tx, events::GROUP_TYPE_UPDATE, told).await?;
    Ok(changed)
}
