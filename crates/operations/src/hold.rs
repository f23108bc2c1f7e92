//! Holding capacity on a pool that leaves no choice: the one where the volume lives.

use ashlar_db::{Tx, holds, pools};
use ashlar_flow::TaskError;
use ashlar_placement::{Provisioning, Reason};
use ashlar_types::{Availability, FlowId, Gib, PoolName, UserMessage};

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
    for_volumes(cx, tx, wanted, 0, refusal).await
}

/// The same for so many volumes, which will become volumes of the pool together.
pub(crate) async fn for_volumes(
    cx: &SchedulerContext,
    tx: &mut Tx,
    wanted: &Wanted<'_>,
    volumes: u64,
    refusal: UserMessage,
) -> Result<(), TaskError> {
    let name = wanted.pool;
    let Some(pool) = pools::lock(tx, name).await.map_err(database)? else {
        return Err(TaskError::Retry(format!("pool {name} is not reported").into()));
    };
    if pool.availability != Availability::Up {
        // What it said last may be from before an upgrade or of a disk that is gone: nothing can be counted on it.
        return Err(TaskError::Retry(format!("pool {name} is not in its backend's report").into()));
    }
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
        volumes,
    };
    holds::take(tx, &taking, cx.clock.now()).await.map_err(database)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use ashlar_db::testing::databases;
    use ashlar_placement::Rules;
    use ashlar_types::message::{Action, Detail, Subject};
    use ashlar_types::{BackendName, Capacity, Clock, PoolStats, Timestamp};

    use super::*;
    use crate::Settings;
    use crate::facts::Sources;
    use crate::placing::Placer;
    use crate::pool_table::PoolTable;

    fn context(db: &ashlar_db::Db, clock: &Clock) -> SchedulerContext {
        let rules = Rules::default();
        let table = PoolTable::new(db.clone(), clock.clone(), Duration::from_secs(60), None);
        SchedulerContext {
            db: db.clone(),
            clock: clock.clone(),
            settings: Arc::new(Settings::default()),
            rules: rules.clone(),
            host: "h".to_owned(),
            sources: Sources::none(clock.clone()),
            placer: Placer::new(db.clone(), clock.clone(), rules, table),
        }
    }

    /// The backend reports pools of 100 GiB.
    async fn report(tx: &mut Tx, names: &[&str], now: Timestamp) {
        let stats = |name: &&str| PoolStats {
            pool_name: (*name).to_owned(),
            total: Capacity::Gib(100.0),
            free: Capacity::Gib(100.0),
            reserved_percentage: 0,
            max_over_subscription_ratio: None,
            thin: false,
            thick: true,
            capabilities: serde_json::Map::new(),
        };
        let stats: Vec<PoolStats> = names.iter().map(stats).collect();
        let backend = BackendName("h@b".to_owned());
        let asked = pools::ask(tx, &backend, now).await.expect("asked");
        pools::report(tx, &backend, "nova", &stats, &asked, now).await.expect("reported");
    }

    #[tokio::test]
    async fn a_pool_that_its_backend_no_longer_reports_promises_nothing() {
        for test in databases().await {
            let now = Timestamp::parse("2026-11-22T12:00:00").expect("a moment");
            let cx = context(&test.db, &Clock::manual(now));
            let pool = BackendName("h@b".to_owned()).pool("p");
            let refusal = UserMessage {
                action: Action::ExtendVolume,
                detail: Detail::NoValidBackend,
                subject: Subject::Volume,
            };
            let wanted = |flow| Wanted {
                flow,
                resource_id: "v",
                pool: &pool,
                size: Gib(10),
                thick: false,
                online: false,
            };
            let mut tx = test.db.begin().await.expect("begins");
            report(&mut tx, &["p"], now).await;
            on_its_pool(&cx, &mut tx, &wanted(FlowId::fresh()), refusal).await.expect("room");
            report(&mut tx, &["other"], now).await;
            let outcome = on_its_pool(&cx, &mut tx, &wanted(FlowId::fresh()), refusal).await;
            assert!(matches!(outcome, Err(TaskError::Retry(_))), "{outcome:?}");
            let stored = pools::lock(&mut tx, &pool).await.expect("locked").expect("there");
            assert_eq!(stored.held, 10);
        }
    }
}
