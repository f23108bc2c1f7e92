//! Accepting a change of a group, in the API's process.

mod check;

use ashlar_db::groups::{self, Change, Membership};
use ashlar_db::{Moved, Tx, flows, transact};
use ashlar_flow::NewFlow;
use ashlar_types::{Caller, FlowId, Group, GroupId, GroupStatus};

use super::{State, UPDATE_GROUP};
use crate::submit::{Place, to_the_end};
use crate::{ApiContext, Refusal, subjects};

/// What a client asks for. `None` leaves a text.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// New name.
    pub name: Option<String>,
    /// New description.
    pub description: Option<String>,
    /// Volumes to take in, as the client wrote them.
    pub add: Vec<String>,
    /// Volumes to let go, as the client wrote them.
    pub remove: Vec<String>,
}

/// Accepts the change, or says why not.
///
/// # Errors
/// [`Refusal`]; nothing is written.
pub async fn accept(
    cx: &ApiContext,
    caller: &Caller,
    id: GroupId,
    mut request: Request,
) -> Result<(), Refusal> {
    check::lists(&mut request)?;
    let (cx, caller, flow) = (cx.clone(), caller.clone(), FlowId::fresh());
    to_the_end(async move {
        let place = cx.place();
        let new =
            transact!(cx.db, tx => store(&cx, tx, &caller, (id, flow), &request, &place).await)?;
        if let Some(new) = new {
            cx.start_flow(&new, place);
        }
        Ok(())
    })
    .await
}

/// The one transaction. Answers the flow, when volumes join or leave.
async fn store(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    (id, flow): (GroupId, FlowId),
    request: &Request,
    place: &Place,
) -> Result<Option<NewFlow>, Refusal> {
    let now = tx.engine().storable(cx.clock.now());
    let group = groups::get_for_update(tx, id).await?;
    let group = group
        .filter(|group| caller.may_see(&group.project_id))
        .ok_or_else(|| Refusal::no_group(id))?;
    let change = texts(request, &group);
    let (joining, leaving) = check::volumes(tx, caller, &group, request).await?;
    let moves = !joining.is_empty() || !leaving.is_empty();
    if change == Change::default() && !moves {
        return Err(Refusal::invalid_group(format!(
            "Cannot update group {id} because no valid name, description, add_volumes, or \
             remove_volumes were provided."
        )));
    }
    groups::update(tx, id, change, now).await?;
    if !moves {
        // Cinder makes it available whatever it is. What is at work on it sets the status itself.
        if flows::under_way(tx, &id.to_string()).await?.is_empty() {
            groups::set_status(tx, id, GroupStatus::Available, now).await?;
        }
        return Ok(None);
    }
    let (from, to) = ([GroupStatus::Available], GroupStatus::Updating);
    match groups::transition(tx, id, &from, to, now).await? {
        Moved::Done => {}
        Moved::Gone => return Err(Refusal::no_group(id)),
        Moved::Refused { .. } => {
            return Err(Refusal::invalid_group("Group status must be available."));
        }
    }
    groups::join(tx, Membership { group: id, volumes: &joining }, now).await?;
    let state = State { flow, group: id, leaving };
    let mut new = UPDATE_GROUP.new_row(flow, &state, subjects::group(&group, caller), now);
    cx.store_next_flow(tx, &mut new, place).await?;
    Ok(Some(new))
}

/// What is new about the texts.
fn texts<'r>(request: &'r Request, group: &Group) -> Change<'r> {
    let new = |asked: &'r Option<String>, now: &Option<String>| {
        asked.as_deref().filter(|asked| Some(*asked) != now.as_deref())
    };
    Change {
        name: new(&request.name, &group.name),
        description: new(&request.description, &group.description),
    }
}
