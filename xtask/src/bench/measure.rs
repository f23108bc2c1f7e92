//! The measurement, step by step, in the order in which the table fills.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use super::figures::{Figure, Report};
use super::load::{self, Load, Until};
use super::own_server::OwnServer;
use super::target::Target;
use super::{process, volumes};

/// The clients of the loads with more than one; Cinder's figures were taken with as many.
pub(super) const CLIENTS: usize = 16;
/// Volumes that are made one after the other, each waited for.
const ONE_BY_ONE: usize = 50;
/// Rows in the table, and in one answer, when lists are measured first.
pub(super) const PAGE: usize = 1_000;
/// Lists whose times make the median.
const LISTS: usize = 30;
/// Starts whose times make the median.
const STARTS: usize = 7;

/// A measurement under way.
pub(super) struct Bench {
    /// What was measured so far.
    pub(super) report: Report,
    /// Where the requests go.
    pub(super) target: Arc<Target>,
    /// The process id of our own server.
    pub(super) server: Option<u32>,
    /// Volumes made so far.
    pub(super) rows: usize,
    /// Volumes to create with many clients.
    pub(super) creates: usize,
    /// How long each measurement of GET takes.
    pub(super) seconds: Duration,
}

impl Bench {
    /// Everything that can be measured while the server runs; `rows` is how many volumes there are in the
    /// end.
    pub(super) async fn measure(&mut self, rows: usize) -> Result<()> {
        self.memory("memory, idle on a new state directory", process::Memory::resident)?;
        if let Err(error) = volumes::lift_quota(&self.target).await {
            println!("the project's quota stays as it is: {error:#}");
        }
        self.create_one_by_one().await?;
        self.create_with_one_client().await?;
        self.fill(PAGE).await?;
        self.list().await?;
        self.create_with_many_clients().await?;
        self.get_one().await?;
        if rows > self.rows {
            self.fill(rows).await?;
            self.list().await?;
        }
        self.memory("memory, after the load", process::Memory::resident)?;
        self.memory("memory, peak", process::Memory::peak)
    }

    async fn create_one_by_one(&mut self) -> Result<()> {
        say("creating volumes one by one");
        let times = volumes::until_available(&self.target, ONE_BY_ONE).await?;
        self.rows += ONE_BY_ONE;
        let name = "create to available, one at a time, p50";
        self.report.add(Figure::milliseconds(name, times.percentile(50)).against(199.0));
        Ok(())
    }

    async fn create_with_one_client(&mut self) -> Result<()> {
        let count = self.creates.min(PAGE.saturating_sub(self.rows));
        let (load, _) = self.create(1, count).await?;
        self.report.add(Figure::rate("creates accepted, 1 client", load.rate()));
        self.report.add(
            Figure::milliseconds("create, 1 client, p50", load.times.percentile(50)).against(87.0),
        );
        self.report.add(Figure::milliseconds("create, 1 client, p99", load.times.percentile(99)));
        Ok(())
    }

    async fn create_with_many_clients(&mut self) -> Result<()> {
        let (load, until_available) = self.create(CLIENTS, self.creates).await?;
        let seconds = until_available.as_secs_f64();
        let report = &mut self.report;
        report.add(Figure::rate("creates accepted, 16 clients", load.rate()).against(11.0));
        let times = &load.times;
        report.add(Figure::milliseconds("create, 16 clients, p50", times.percentile(50)));
        report.add(Figure::milliseconds("create, 16 clients, p99", times.percentile(99)));
        let name = format!("seconds until all {} are available", load.done);
        report.add(Figure::seconds(&name, seconds));
        let rate = load.done as f64 / seconds;
        report.add(Figure::rate("volumes available, 16 clients", rate).against(9.5));
        self.cores("creates, 16 clients", &load);
        Ok(())
    }

    async fn get_one(&mut self) -> Result<()> {
        say("getting volumes one by one");
        let paths = volumes::some_paths(&self.target).await?;
        for (clients, cinder) in [(1, None), (CLIENTS, Some(95.0))] {
            let before = self.usage()?;
            let request = |number: usize| self.target.get(&paths[number % paths.len()]);
            let mut load =
                load::run(&self.target, clients, Until::Elapsed(self.seconds), 200, request).await;
            load.usage = self.usage()?.since(&before);
            self.report.count_errors("GET one", &load);
            let name = format!("GET one, {}", count_clients(clients));
            let mut rate = Figure::rate(&name, load.rate());
            rate.cinder = cinder;
            self.report.add(rate);
            for percent in [50, 99] {
                let name = format!("{name}, p{percent}");
                self.report.add(Figure::milliseconds(&name, load.times.percentile(percent)));
            }
            self.cores(&name, &load);
        }
        Ok(())
    }

    async fn list(&mut self) -> Result<()> {
        say("listing");
        let request = |_| self.target.get("/volumes/detail?limit=1000");
        let load = load::run(&self.target, 1, Until::Count(LISTS), 200, request).await;
        self.report.count_errors("list", &load);
        let name = format!("list of {} details, {} rows", PAGE.min(self.rows), self.rows);
        let p50 = Figure::milliseconds(&format!("{name}, p50"), load.times.percentile(50));
        self.report.add(p50.against(678.0));
        self.report.add(Figure::milliseconds(&format!("{name}, p99"), load.times.percentile(99)));
        Ok(())
    }

    /// Makes volumes until there are so many, and waits for them.
    async fn fill(&mut self, rows: usize) -> Result<()> {
        let missing = rows.saturating_sub(self.rows);
        if missing == 0 {
            return Ok(());
        }
        let (load, until_available) = self.create(CLIENTS, missing).await?;
        if missing > self.creates {
            let name = format!("creates accepted, 16 clients, {missing} in a row");
            self.report.add(Figure::rate(&name, load.rate()));
            let rate = load.done as f64 / until_available.as_secs_f64();
            let name = format!("volumes available, 16 clients, {missing} in a row");
            self.report.add(Figure::rate(&name, rate));
        }
        Ok(())
    }

    /// Creates volumes and waits for them; says how long it took from the first request until all were
    /// available.
    async fn create(&mut self, clients: usize, count: usize) -> Result<(Load, Duration)> {
        say(&format!("creating {count} volumes, {}", count_clients(clients)));
        let before = self.usage()?;
        let request = |number| volumes::create(&self.target, number);
        let mut load = load::run(&self.target, clients, Until::Count(count), 202, request).await;
        load.usage = self.usage()?.since(&before);
        self.report.count_errors("create", &load);
        self.rows += load.done;
        let failed = volumes::wait_until_made(&self.target).await?;
        let until_available = load.started.elapsed();
        self.report.count_failed_volumes(failed);
        Ok((load, until_available))
    }

    /// How soon it is ready on the state directory that the measurement leaves.
    pub(super) fn measure_starts(&mut self, own: &mut OwnServer) -> Result<()> {
        say("starting it again and again");
        let mut times = load::Times::default();
        for _ in 0..STARTS {
            times.add(own.restart()?);
        }
        let name = format!("start to ready, {} rows, median of {STARTS}", self.rows);
        self.report.add(Figure::milliseconds(&name, times.percentile(50)).against(2_300.0));
        Ok(())
    }

    fn usage(&self) -> Result<process::Usage> {
        process::Usage::now(self.server)
    }

    fn cores(&mut self, name: &str, load: &Load) {
        let seconds = load.lasted.as_secs_f64();
        if let Some(server) = load.usage.server {
            self.report.add(Figure::cores(&format!("{name}: the server's CPU"), server / seconds));
        }
        let client = load.usage.client / seconds;
        self.report.add(Figure::cores(&format!("{name}: this client's CPU"), client));
    }

    fn memory(&mut self, name: &str, which: fn(&process::Memory) -> f64) -> Result<()> {
        if let Some(server) = self.server {
            let memory = process::Memory::of(server)?;
            self.report.add(Figure::mebibytes(name, which(&memory)).against(785.0));
        }
        Ok(())
    }
}

fn count_clients(clients: usize) -> String {
    if clients == 1 { "1 client".to_owned() } else { format!("{clients} clients") }
}

fn say(what: &str) {
    eprintln!("bench: {what}");
}
