//! The requests of the Block Storage API that the measurement needs, and waiting for their outcome.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::http::{Answer, Connection};
use super::load::{self, Times, Until};
use super::target::Target;

/// Shortest pause between two looks at the same thing.
const PAUSE: Duration = Duration::from_millis(10);
/// Pause between two looks at one volume whose becoming available is measured.
const SHORT_PAUSE: Duration = Duration::from_millis(1);
/// How long nothing may change before waiting is given up.
const PATIENCE: Duration = Duration::from_secs(600);
/// Volumes among which GET chooses.
const SOME: usize = 1_000;

/// A request for a volume of 1 GiB.
pub(super) fn create(target: &Target, number: usize) -> Vec<u8> {
    let body = json!({"volume": {"size": 1, "name": format!("bench-{number}")}});
    target.request("POST", "/volumes", &body.to_string())
}

/// How long it takes from the first request until so many volumes of an image are there.
pub(super) async fn from_image(
    target: &Arc<Target>,
    image: &str,
    gib: u64,
    count: usize,
) -> Result<Duration> {
    let mut connection = Connection::new(target);
    let body = json!({"volume": {"size": gib, "imageRef": image}}).to_string();
    let request = target.request("POST", "/volumes", &body);
    let start = Instant::now();
    for _ in 0..count {
        expect(&connection.send(&request).await?, 202)?;
    }
    loop {
        let list = connection.send(&target.get("/volumes/detail")).await?;
        let list = expect(&list, 200)?;
        let volumes = list["volumes"].as_array().context("a list without volumes")?;
        let are = |status: &str| volumes.iter().filter(|one| one["status"] == status).count();
        if are("available") == count {
            return Ok(start.elapsed());
        }
        if are("error") > 0 || start.elapsed() > PATIENCE {
            bail!("{} of {count} volumes are in error", are("error"));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Takes the limits off the project; the caller must be an administrator.
pub(super) async fn lift_quota(target: &Arc<Target>) -> Result<()> {
    let path = format!("/os-quota-sets/{}", target.project());
    let body = json!({"quota_set": {"volumes": -1, "gigabytes": -1, "per_volume_gigabytes": -1}});
    let request = target.request("PUT", &path, &body.to_string());
    let answer = Connection::new(target).send(&request).await?;
    expect(&answer, 200).map(drop)
}

/// Makes so many volumes, each after the one before is there; says how long each took.
pub(super) async fn until_available(target: &Arc<Target>, count: usize) -> Result<Times> {
    let mut connection = Connection::new(target);
    let mut times = Times::default();
    for number in 0..count {
        let start = Instant::now();
        let made = connection.send(&create(target, number)).await?;
        let made = expect(&made, 202)?;
        let id = made["volume"]["id"].as_str().context("a volume without an id")?;
        let look = target.get(&format!("/volumes/{id}"));
        loop {
            let volume = connection.send(&look).await?;
            let volume = expect(&volume, 200)?;
            match volume["volume"]["status"].as_str() {
                Some("available") => break,
                Some("creating") if start.elapsed() < PATIENCE => {}
                status => bail!("volume {id} is {status:?} after {:?}", start.elapsed()),
            }
            tokio::time::sleep(SHORT_PAUSE).await;
        }
        times.add(start.elapsed());
    }
    Ok(times)
}

/// Waits until no volume of the project is being made; says how many are in `error`.
pub(super) async fn wait_until_made(target: &Arc<Target>) -> Result<usize> {
    let mut connection = Connection::new(target);
    let start = Instant::now();
    loop {
        let look = Instant::now();
        if ids(&mut connection, target, "?status=creating&limit=1").await?.is_empty() {
            break;
        }
        if start.elapsed() > PATIENCE {
            bail!("volumes are still being made after {} s", PATIENCE.as_secs());
        }
        // A look may be dear; it should not become the load.
        tokio::time::sleep(PAUSE.max(look.elapsed() * 4)).await;
    }
    Ok(ids(&mut connection, target, "?status=error&limit=1000").await?.len())
}

/// The paths of some volumes of the project.
pub(super) async fn some_paths(target: &Arc<Target>) -> Result<Vec<String>> {
    let found = ids(&mut Connection::new(target), target, &format!("?limit={SOME}")).await?;
    if found.is_empty() {
        bail!("there is no volume to get");
    }
    Ok(found.into_iter().map(|id| format!("/volumes/{id}")).collect())
}

/// Deletes all volumes of the project and waits until they are gone.
pub(super) async fn delete_all(target: &Arc<Target>, clients: usize) -> Result<()> {
    let mut connection = Connection::new(target);
    let start = Instant::now();
    loop {
        let found = ids(&mut connection, target, "?status=available&limit=1000").await?;
        if found.is_empty() {
            let left = ids(&mut connection, target, "?status=deleting&limit=1").await?;
            if left.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(PAUSE * 10).await;
        }
        if start.elapsed() > PATIENCE * 6 {
            bail!("the volumes of project {} do not go away", target.project());
        }
        let delete =
            |number: usize| target.request("DELETE", &format!("/volumes/{}", found[number]), "");
        let load = load::run(target, clients, Until::Count(found.len()), 202, delete).await;
        if let Some(error) = load.first_error {
            bail!("{} volumes cannot be deleted: {error}", load.errors);
        }
    }
}

async fn ids(connection: &mut Connection, target: &Target, query: &str) -> Result<Vec<String>> {
    let answer = connection.send(&target.get(&format!("/volumes{query}"))).await?;
    let list = expect(&answer, 200)?;
    let volumes = list["volumes"].as_array().context("a list without volumes")?;
    Ok(volumes.iter().filter_map(|volume| Some(volume["id"].as_str()?.to_owned())).collect())
}

fn expect(answer: &Answer, status: u16) -> Result<Value> {
    if answer.status != status {
        let body = String::from_utf8_lossy(&answer.body);
        bail!("{} instead of {status}: {body}", answer.status);
    }
    Ok(serde_json::from_slice(&answer.body)?)
}
