//! `POST /consistencygroups/create_from_src`.

use ashlar_operations::create_group_from_source::{self, From};
use serde_json::Value;

use super::view::{brief, wrapped};
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::request::Request;
use crate::v3::groups::create::trimmed;
use crate::v3::groups::create_from_src::{accept, see_group_of};
use crate::v3::{group_snapshots, groups};

/// Accepts a group with a copy of each volume of the source.
pub(super) async fn create(request: &Request) -> Outcome {
    let wish = request.object("consistencygroup-from-src");
    let text = |key| wish.get(key).and_then(Value::as_str).filter(|id| !id.is_empty());
    let name = trimmed(wish, "name");
    let mut tx = request.app.db.read().await?;
    let from = match (text("cgsnapshot_id"), text("source_cgid")) {
        (Some(id), None) => {
            From::Snapshot(group_snapshots::load::named(request, &mut tx, id).await?.id)
        }
        (None, Some(id)) => From::Group(groups::load::named(request, &mut tx, id).await?.id),
        (both, _) => {
            let name = name.as_deref().unwrap_or("None");
            return Err(Fault::bad_request(match both {
                None => format!(
                    "Either 'cgsnapshot_id' or 'source_cgid' must be provided to create consistency \
                     group {name} from source."
                ),
                Some(_) => format!(
                    "Cannot provide both 'cgsnapshot_id' and 'source_cgid' to create consistency \
                     group {name} from source."
                ),
            }));
        }
    };
    see_group_of(request, &mut tx, from).await?;
    drop(tx);
    let description = trimmed(wish, "description");
    let asked = create_group_from_source::Request { name, description, from };
    let made = accept(request, asked).await?;
    Ok(Answer::accepted(&wrapped(brief(&made))))
}
