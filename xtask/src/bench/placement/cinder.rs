//! Cinder's own scheduler on the same pools, with the same requests in the same order.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use ashlar_types::RequestSpec;
use serde::Deserialize;
use serde_json::{Value, json};

use super::alone;
use super::figures::{Agreement, Latencies, Row};
use super::ground::{Ground, Kind};
use crate::{test, workspace};

/// The program that asks Cinder.
const PROGRAM: &str = "tests/conformance/placement/bench.py";
/// The list of packages that it needs.
const PACKAGES: &str = "cinder";
/// What Cinder's libraries say of their future is of no interest here.
const QUIETLY: [&str; 2] = ["-W", "ignore"];
/// The longest decision that is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// An installed Cinder.
pub(super) struct Cinder {
    python: PathBuf,
    program: PathBuf,
    /// The last ground and how long a decision took there, the longest of them.
    last: Option<(Kind, usize, Duration)>,
}

/// What the program answers.
#[derive(Deserialize)]
struct Answer {
    /// Seconds that each decision took.
    seconds: Vec<f64>,
    /// Name of the pool that each chose.
    chosen: Vec<Option<String>>,
}

impl Cinder {
    /// Installs it where that has not been done.
    pub(super) fn prepare() -> Result<Self> {
        let root = workspace::root()?;
        let python = test::programs_of(&root, PACKAGES)?.join("python");
        Ok(Self { python, program: root.join(PROGRAM), last: None })
    }

    /// Lets it decide for about `time`, at least once, and compares its choices with ours. None when even one
    /// decision would take too long.
    pub(super) fn measure(
        &mut self,
        ground: &Ground,
        time: Duration,
        ours: Option<f64>,
    ) -> Result<Option<(Row, Agreement)>> {
        if self.foreseen(ground) > PATIENCE {
            return Ok(None);
        }
        let answer = self.ask(ground, time)?;
        let mut latencies = Latencies::default();
        let times = answer.seconds.iter().map(|&seconds| Duration::from_secs_f64(seconds));
        let longest = times.clone().max().unwrap_or_default();
        times.for_each(|time| latencies.add(time));
        let per_second = answer.seconds.len() as f64 / answer.seconds.iter().sum::<f64>();
        let agreement = compare(ground, &answer.chosen);
        self.last = Some((ground.kind, ground.pools.len(), longest));
        let row = Row::new(ground, "Cinder 29.0.0, 1 process".to_owned(), per_second, latencies);
        Ok(Some((row.against(ours), agreement)))
    }

    /// How long a decision will take, from how long it took with fewer pools.
    fn foreseen(&self, ground: &Ground) -> Duration {
        match self.last {
            Some((kind, pools, took)) if kind == ground.kind => {
                took.mul_f64(ground.pools.len() as f64 / pools.max(1) as f64)
            }
            _ => Duration::ZERO,
        }
    }

    fn ask(&self, ground: &Ground, time: Duration) -> Result<Answer> {
        let mut asked = tempfile::NamedTempFile::new()?;
        serde_json::to_writer(&mut asked, &case(ground, time))?;
        asked.flush()?;
        let output = Command::new(&self.python)
            .args(QUIETLY)
            .arg(&self.program)
            .arg(asked.path())
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .context("cannot run Cinder's Python")?;
        if !output.status.success() {
            bail!("{PROGRAM} failed, see above");
        }
        serde_json::from_slice(&output.stdout)
            .with_context(|| format!("{PROGRAM} printed something unexpected"))
    }
}

fn case(ground: &Ground, time: Duration) -> Value {
    let (filters, weighers) = ground.kind.asked();
    let pools = ground.pools.iter().map(
        |pool| json!({"name": pool.name, "zone": pool.availability_zone, "report": *pool.stats}),
    );
    let request = |spec: &RequestSpec| {
        json!({
            "volume_id": spec.volume_id,
            "size": spec.size,
            "zones": spec.availability_zones,
            "extra_specs": spec.volume_type.extra_specs,
        })
    };
    json!({
        "seconds": time.as_secs_f64(),
        "filters": filters,
        "weighers": weighers,
        "pools": pools.collect::<Vec<_>>(),
        "requests": ground.requests.iter().map(request).collect::<Vec<_>>(),
    })
}

/// Decides the same requests on a new picture.
fn compare(ground: &Ground, chosen: &[Option<String>]) -> Agreement {
    let mut picture = ground.picture();
    let mut agreement = Agreement { same: 0, asked: chosen.len() };
    for (spec, theirs) in ground.requests.iter().cycle().zip(chosen) {
        let (_, best) = alone::decide(ground, &mut picture, spec);
        let ours =
            best.and_then(|best| picture.candidates().get(best)).map(|it| it.pool.name.as_str());
        agreement.same += usize::from(ours == theirs.as_deref());
    }
    agreement
}
