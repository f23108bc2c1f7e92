//! The choice alone: pure computation, every pool's reason or figures kept, no database.

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use ashlar_placement::{Choice, Facts, Picture, Request, choose};
use ashlar_types::RequestSpec;

use super::figures::{Latencies, Row};
use super::ground::Ground;

/// So many volumes are placed before all of them are given back at once, as a report or a newly read table does.
const GIVE_BACK: usize = 1_000;

/// Schedulers side by side, each with a picture of its own, for `time`.
pub(super) fn measure(ground: &Ground, threads: usize, time: Duration) -> Result<Row> {
    let barrier = Barrier::new(threads);
    let started = thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|number| {
                let barrier = &barrier;
                let first = number * ground.requests.len() / threads;
                scope.spawn(move || place(ground, first, time, barrier))
            })
            .collect();
        running.into_iter().map(thread::ScopedJoinHandle::join).collect::<Vec<_>>()
    });
    let mut latencies = Latencies::default();
    let mut per_second = 0.0;
    let mut busy = Some(Duration::ZERO);
    for outcome in started {
        let (own, took, worked) = outcome.ok().context("a scheduler's thread panicked")?;
        per_second += own.count() as f64 / took.as_secs_f64();
        latencies.join(own);
        busy = busy.zip(worked).map(|(busy, worked)| busy + worked);
    }
    Ok(Row::choice(ground, threads, per_second, busy, latencies))
}

/// One scheduler: decides and notes, until the time is over.
fn place(
    ground: &Ground,
    first: usize,
    time: Duration,
    barrier: &Barrier,
) -> (Latencies, Duration, Option<Duration>) {
    let mut picture = ground.picture();
    let mut latencies = Latencies::default();
    barrier.wait();
    let idle = processor_time();
    let start = Instant::now();
    let mut before = start;
    for (number, spec) in ground.requests.iter().cycle().skip(first).enumerate() {
        if number % GIVE_BACK == GIVE_BACK - 1 {
            // It counts as time, but as no decision's.
            picture.update(ground.pools.iter().cloned());
            before = Instant::now();
        }
        black_box(decide(ground, &mut picture, spec));
        let now = Instant::now();
        latencies.add(now - before);
        before = now;
        if now - start >= time {
            break;
        }
    }
    let worked = processor_time().zip(idle).map(|(now, before)| now.saturating_sub(before));
    (latencies, start.elapsed(), worked)
}

/// Time that this thread was on a processor, where the kernel says it.
fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// One decision, noted in the picture.
pub(super) fn decide(
    ground: &Ground,
    picture: &mut Picture,
    spec: &RequestSpec,
) -> (Choice, Option<usize>) {
    let facts = Facts::default();
    let seed = spec.volume_id.0.as_u128() as u64;
    let request = Request::new(spec, &[], &facts, picture, seed);
    let choice = choose(&request, picture, &ground.rules);
    let best = choice.best(&ground.rules);
    if let Some(best) = best {
        picture.note(best, spec.size, 1);
    }
    (choice, best)
}
