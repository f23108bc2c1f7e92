//! The choice with exact admission, as a scheduler does it: requests whose volumes and flows are in the tables wait
//! together, and those that are placed have their capacity held, their row changed and their decision stored.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use ashlar_db::{DatabaseUrl, Db, flows, migrate, pools, services, volume_types, volumes};
use ashlar_operations::create_volume::{CREATE_VOLUME, Made, State};
use ashlar_operations::placing::{Placed, Placer, Wanted};
use ashlar_operations::pool_table::PoolTable;
use ashlar_placement::Facts;
use ashlar_types::{
    AttachStatus, BackendName, Clock, FlowId, Metadata, Pool, PoolStats, RequestSpec, Timestamp,
    Volume, VolumeId, VolumeStatus,
};
use futures::{StreamExt, stream};

use super::alone;
use super::figures::{Latencies, Row, Stage};
use super::ground::Ground;
use crate::test;

/// Requests that wait at once: what 256 clients bring who wait for each answer.
const IN_FLIGHT: usize = 256;
/// Requests that are prepared for one measurement.
const PREPARED: usize = 24 * IN_FLIGHT;
/// Rows in one transaction while preparing.
const ROWS: usize = 512;
/// A service is not to count as down however long the preparing takes.
const DOWN_TIME: Duration = Duration::from_secs(24 * 3600);

/// Places for `time`, or until all that is prepared is placed.
pub(super) fn measure(ground: &Ground, stage: Stage, time: Duration) -> Result<Row> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    if stage == Stage::Postgres {
        let server = test::DurablePostgres::start()?;
        let url = DatabaseUrl::parse(server.url())?;
        runtime.block_on(on(ground, stage, &url, time))
    } else {
        let place = tempfile::tempdir()?;
        let url = DatabaseUrl::Sqlite(place.path().join("ashlar.db"));
        runtime.block_on(on(ground, stage, &url, time))
    }
}

async fn on(ground: &Ground, stage: Stage, url: &DatabaseUrl, time: Duration) -> Result<Row> {
    let db = Db::connect(url, &ashlar_db::Options::default()).await?;
    migrate::sync(&db).await?;
    let clock = Clock::System;
    report(&db, ground, clock.now()).await?;
    let wanted = prepare(&db, ground, clock.now()).await?;
    let ratio = ground.rules.max_over_subscription_ratio();
    let table = PoolTable::new(db.clone(), clock.clone(), DOWN_TIME, ratio);
    table.ensure_fresh().await?;
    let placer = Placer::new(db.clone(), clock, ground.rules.clone(), table);
    let start = Instant::now();
    let placing = wanted.into_iter().take_while(|_| start.elapsed() < time).map(|wanted| {
        let placer = placer.clone();
        async move {
            let asked = Instant::now();
            (placer.place(wanted).await, asked.elapsed())
        }
    });
    let mut placing = stream::iter(placing).buffer_unordered(IN_FLIGHT);
    let mut latencies = Latencies::default();
    while let Some((outcome, took)) = placing.next().await {
        // Who is refused is no committed decision in the sense of the aim.
        if let Placed::At(_) = outcome? {
            latencies.add(took);
        }
    }
    let took = start.elapsed();
    ensure_held(&db, latencies.count()).await?;
    let per_second = latencies.count() as f64 / took.as_secs_f64();
    Ok(Row::admitted(ground, stage, per_second, latencies))
}

/// Service rows and reports of all pools.
async fn report(db: &Db, ground: &Ground, now: Timestamp) -> Result<()> {
    let mut backends: BTreeMap<BackendName, Vec<&Pool>> = BTreeMap::new();
    for pool in &ground.pools {
        backends.entry(pool.name.backend()).or_default().push(pool);
    }
    let backends: Vec<_> = backends.into_iter().collect();
    for part in backends.chunks(ROWS) {
        let mut tx = db.begin().await?;
        for (backend, pools) in part {
            let zone = pools.first().map_or("", |pool| &pool.availability_zone);
            services::heartbeat(&mut tx, backend.as_str(), services::VOLUME, zone, now).await?;
            let stats: Vec<PoolStats> = pools.iter().map(|pool| stats(pool)).collect();
            let asked = pools::ask(&mut tx, backend, now).await?;
            pools::report(&mut tx, backend, zone, &stats, &asked, now).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

fn stats(pool: &Pool) -> PoolStats {
    let report = &pool.stats;
    PoolStats {
        pool_name: pool.name.pool().unwrap_or_default().to_owned(),
        total: report.capacity("total_capacity_gb"),
        free: report.capacity("free_capacity_gb"),
        reserved_percentage: 0,
        max_over_subscription_ratio: None,
        thin: false,
        thick: false,
        // What stands here wins over the fields above.
        capabilities: report.0.clone(),
    }
}

/// Rows of volumes and flows as accepted requests leave them.
async fn prepare(db: &Db, ground: &Ground, now: Timestamp) -> Result<Vec<Wanted>> {
    let types: HashMap<_, _> =
        ground.requests.iter().map(|spec| (spec.volume_type.id, &spec.volume_type)).collect();
    let mut tx = db.begin().await?;
    for volume_type in types.values() {
        volume_types::insert(&mut tx, volume_type, now).await?;
    }
    tx.commit().await?;
    let fitting = fitting(ground);
    if fitting.is_empty() {
        bail!("none of the requests fits any of {} pools", ground.pools.len());
    }
    let asked: Vec<RequestSpec> = fitting
        .into_iter()
        .cycle()
        .take(PREPARED)
        .map(|spec| RequestSpec { volume_id: VolumeId::random(), ..spec.clone() })
        .collect();
    let mut wanted = Vec::with_capacity(PREPARED);
    for part in asked.chunks(ROWS) {
        let mut tx = db.begin().await?;
        for spec in part {
            let flow = FlowId::fresh();
            volumes::insert(&mut tx, &volume(spec, now), &Metadata::new()).await?;
            let new = CREATE_VOLUME.new_row(flow, &state(flow, spec), subject(spec), now);
            flows::insert(&mut tx, &new, None).await?;
            let spec = Arc::new(spec.clone());
            wanted.push(Wanted { flow, spec, tried: Vec::new(), facts: Facts::default() });
        }
        tx.commit().await?;
    }
    Ok(wanted)
}

/// The requests that some pool will do for. With few pools, some name a zone in which no pool meets the type's demands.
fn fitting(ground: &Ground) -> Vec<&RequestSpec> {
    let mut picture = ground.picture();
    let fits = |spec: &&RequestSpec| alone::decide(ground, &mut picture, spec).1.is_some();
    ground.requests.iter().filter(fits).collect()
}

fn volume(spec: &RequestSpec, now: Timestamp) -> Volume {
    Volume {
        id: spec.volume_id,
        name_id: None,
        project_id: spec.project_id.clone(),
        user_id: spec.user_id.clone(),
        host: None,
        cluster_name: None,
        size: spec.size,
        availability_zone: spec.availability_zones.first().cloned(),
        status: VolumeStatus::Creating,
        previous_status: None,
        attach_status: AttachStatus::Detached,
        migration_status: None,
        snapshot_id: None,
        source_volid: None,
        volume_type_id: Some(spec.volume_type.id),
        name: Some(format!("volume of {}", spec.request_id)),
        description: None,
        bootable: false,
        multiattach: false,
        use_quota: true,
        encryption_key_id: None,
        consistencygroup_id: None,
        group_id: None,
        provider_location: None,
        provider_id: None,
        replication_status: None,
        service_uuid: None,
        shared_targets: None,
        scheduled_at: None,
        launched_at: None,
        terminated_at: None,
        created_at: now,
        updated_at: None,
    }
}

fn state(flow: FlowId, spec: &RequestSpec) -> State {
    State {
        flow,
        spec: spec.clone(),
        source_pool: None,
        source_size: None,
        source_volume: None,
        image: None,
        cache: Default::default(),
        placed: None,
        tried: Vec::new(),
        made: Made::default(),
        group: None,
    }
}

fn subject(spec: &RequestSpec) -> ashlar_flow::Subject {
    ashlar_flow::Subject {
        kind: "volume".to_owned(),
        id: spec.volume_id.to_string(),
        project_id: spec.project_id.clone(),
        request_id: spec.request_id.clone(),
    }
}

/// What was counted is what the tables say.
async fn ensure_held(db: &Db, placed: usize) -> Result<()> {
    let mut tx = db.read().await?;
    let row = tx.row("SELECT COUNT(*) FROM ashlar_holds", &[]).await?;
    let held: u64 = row.context("a count has a row")?.get(0)?;
    if held != placed as u64 {
        bail!("{placed} volumes were placed, but {held} are held");
    }
    Ok(())
}
