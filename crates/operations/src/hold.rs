//! Holding capacity on a pool that leaves no choice: the one where the volume lives.

use ashlar_db::{Tx, holds, pools};
use ashlar_flow::TaskError;
use ashlar_placement::{Provisioning, Reason};
use ashlar_types::{FlowId, Gib, PoolName, UserMessage};

use crate::SchedulerContext;
use crate::classify::database;

/// What to hold, and for whom.
pub(crate) struct Wanted<'a> {
    /// The flow that the hold belongs to.
    pub flow: FlowId,
    /// The volume or snapshot.
    pub resource_id: &'a str,
    /// The pool.
    pub pool: &'a PoolName,
    /// How much.
    pub size: Gib,
    /// The type asks for full backing.
    pub thick: bool,
    /// It is for a volume that grows while it is attached, which not every backend can do.
    pub online: bool,
}

/// Holds it in `tx`, if the pool has room by placement's own arithmetic; `refusal` is what the user is
/// told otherwise.
pub(crate) async fn on_its_pool(
    cx: &SchedulerContext,
    tx: &mut Tx,
    wanted: &Wanted<'_>,
    refusal: UserMessage,
) -> Result<(), TaskError> {
    let name = wanted.pool;
    let Some(pool) = pools::lock(tx, name).await.map_err(database)? else {
        return Err(TaskError::Retry(format!("pool {name} is not reported").into()));
    };
    // Only a plain `false` counts; every backend is taken to be able to, as in Cinder.
    if wanted.online && pool.stats.get("online_extend_support") == Some(&false.into()) {
        let cause = format!("{name}: {}", Reason::OnlineExtend);
        return Err(TaskError::Reject(refusal, cause.into()));
    }
    let provisioning = if wanted.thick { Provisioning::Thick } else { Provisioning::Thin };
    if let Err(reason) = cx.rules.admit(&pool, wanted.size, provisioning) {
        return Err(TaskError::Reject(refusal, format!("{name}: {reason}").into()));
    }
    let taking = holds::Taking {
        flow: wanted.flow,
        resource_id: wanted.resource_id,
        pool: name,
        gib: wanted.size,
        volumes: 0,
    };
    holds::take(tx, &taking, cx.clock.now()).await.map_err(database)
}
