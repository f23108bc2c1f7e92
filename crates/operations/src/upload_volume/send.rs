//! Sending the volume's bytes, as they are or converted, and taking the image back when that fails.
//!
//! Glance takes an image's bytes once. How many there are to be is noted before the first one goes, so that whoever
//! repeats this after a crash can tell an image that is complete from one that ended early.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use ashlar_clients::ClientError;
use ashlar_clients::glance::{As, Image};
use ashlar_db::flows::{self, Progress};
use ashlar_drivers::{Reading, VolumeRef};
use ashlar_flow::TaskError;
use ashlar_flow::record::Failure;
use ashlar_images::convert::{Limits, Shape};
use ashlar_images::{Format, convert, stream};
use ashlar_types::{Timestamp, metric};
use futures::StreamExt as _;

use super::quiesce::NOT_UPLOADED;
use super::{State, remove};
use crate::classify::{self, database};
use crate::images::{ImageError, Reporter, allocated, note, tell_unseen};
use crate::{Doing, Done, Images, Undoing, Undone, VolumeContext};

/// What the metrics call the direction, and the flow's progress its last part.
const DIRECTION: &str = "upload";
const UPLOADING: &str = "uploading";
/// How long Glance may take to notice that an earlier upload has ended, and how often it is asked.
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
const PAUSE: Duration = Duration::from_secs(2);

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let images = images(cx)?;
        let image = images.glance.show(As::Service, state.image).await.map_err(|error| {
            tell_unseen(&error, state.image);
            glance(error)
        })?;
        match image.status.as_str() {
            "queued" => state.wait_until = None,
            "active" => return sent_before(cx, state, &image).await,
            // Somebody before us died in the midst; Glance gives it back when it has noticed.
            "saving" | "importing" | "uploading" => return wait(state, cx.clock.now()),
            other => return Err(rejected(format!("the image is {other} by now"))),
        }
        let volume = VolumeRef {
            name: &state.name,
            pool: state.pool.pool().unwrap_or_default(),
            size: state.size,
        };
        let reading = cx.driver.open_volume(volume).await;
        let reading = reading.map_err(|error| classify::driver(error, NOT_UPLOADED))?;
        let format: Format =
            state.disk_format.parse().map_err(|error| rejected(format!("{error}")))?;
        let reading = match format {
            Format::Raw => reading,
            format => converted(cx, state, &images, reading, format).await?,
        };
        send(cx, state, &images, reading).await?;
        Ok(Done::unrecorded())
    })
}

/// Not yet, for a while.
fn wait(state: &mut State, now: Timestamp) -> Result<Done, TaskError> {
    let until = *state.wait_until.get_or_insert(now.after(LONGEST_WAIT));
    if now >= until {
        return Err(rejected("Glance does not end an earlier upload".to_owned()));
    }
    Ok(Done::wait(PAUSE, "Glance still takes an earlier upload"))
}

fn images(cx: &VolumeContext) -> Result<Arc<Images>, TaskError> {
    let images = cx.images.clone();
    images.ok_or_else(|| TaskError::Broken("Glance is not configured here".into()))
}

fn rejected(cause: String) -> TaskError {
    TaskError::Reject(NOT_UPLOADED, cause.into())
}

/// Glance: absent may pass, the rest does not.
fn glance(error: ClientError) -> TaskError {
    match error {
        ClientError::Unreachable { .. } => TaskError::Retry(error.into()),
        _ => rejected(error.to_string()),
    }
}

/// An attempt before this one came to its end, or so Glance says.
async fn sent_before(cx: &VolumeContext, state: &State, image: &Image) -> Result<Done, TaskError> {
    let total = total(cx, state).await?;
    if total.is_some() && image.size == total {
        return Ok(Done::unrecorded());
    }
    Err(rejected(format!(
        "the image has {} bytes where {} were to be",
        image.size.unwrap_or_default(),
        total.unwrap_or_default()
    )))
}

/// How many bytes there are to be, once the first may have been sent.
pub(super) async fn total(cx: &VolumeContext, state: &State) -> Result<Option<u64>, TaskError> {
    let mut tx = cx.db.read().await.map_err(database)?;
    let noted = flows::progress(&mut tx, state.flow).await.map_err(database)?;
    Ok(noted.filter(|noted| noted.what == UPLOADING).and_then(|noted| noted.total))
}

/// The image in its format, in a nameless file.
async fn converted(
    cx: &VolumeContext,
    state: &State,
    images: &Images,
    volume: Reading,
    format: Format,
) -> Result<Reading, TaskError> {
    let failed = |error: ImageError| rejected(error.to_string());
    let file = images.temporary(allocated(&volume.file)).await.map_err(failed)?;
    let _turn = images.turn().await;
    let limits = &images.limits;
    // The largest of the formats adds tables of less than a hundredth, and some fixed parts.
    let most = volume.length.saturating_add(volume.length / 64).saturating_add(64 << 20);
    let limits = Limits { output: limits.output.min(most), ..limits.clone() };
    let total = volume.length;
    let reporter = Reporter::start(&cx.db, state.flow, "converting", Some(total), None);
    let progress = |part: f32| reporter.come_to((f64::from(part) * total as f64) as u64);
    let compress = format == Format::Qcow2 && cx.settings.image_compress_on_upload;
    let (source, shape) = (&volume.file, Shape { format, compress });
    let made = convert::from_raw(source, total, &file, shape, &limits, progress).await;
    reporter.end().await;
    let outcome = if made.is_ok() { "done" } else { "failed" };
    metrics::counter!(metric::IMAGE_CONVERSIONS, "direction" => DIRECTION, "outcome" => outcome)
        .increment(1);
    made.map_err(|error| rejected(error.to_string()))?;
    reading_of(&file).map_err(|error| rejected(error.to_string()))
}

fn reading_of(file: &File) -> std::io::Result<Reading> {
    let (length, file) = (file.metadata()?.len(), file.try_clone()?);
    Ok(Reading { file, length })
}

async fn send(
    cx: &VolumeContext,
    state: &State,
    images: &Images,
    Reading { file, length }: Reading,
) -> Result<(), TaskError> {
    let progress = Progress { what: UPLOADING.to_owned(), done: 0, total: Some(length) };
    note(&cx.db, state.flow, &progress).await.map_err(database)?;
    let reporter = Reporter::start(&cx.db, state.flow, UPLOADING, Some(length), Some(DIRECTION));
    let mut done = 0;
    let bytes = stream::read(file, length).inspect(move |piece| {
        if let Ok(piece) = piece {
            done += piece.len() as u64;
            reporter.come_to(done);
        }
    });
    let id = state.image;
    images.glance.upload(As::Service, id, bytes.boxed()).await.map_err(glance)?;
    let image = images.glance.show(As::Service, id).await.map_err(glance)?;
    if image.status == "active" && image.size == Some(length) {
        return Ok(());
    }
    Err(rejected(format!(
        "Glance took the image, but it is {} and has {:?} of {length} bytes",
        image.status, image.size
    )))
}

/// The image goes, as in Cinder.
pub(super) fn revert<'a>(
    cx: &'a VolumeContext,
    state: &'a mut State,
    _failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        remove::image(cx, state).await?;
        Ok(Undone::nothing())
    })
}

#[cfg(test)]
mod tests {
    use ashlar_flow::outcome::Then;
    use ashlar_types::{BackendName, FlowId, Gib, ImageId, VolumeId};

    use super::*;

    #[test]
    fn an_earlier_upload_is_waited_for_but_not_for_ever() {
        let mut state = State {
            flow: FlowId::fresh(),
            volume: VolumeId::random(),
            project_id: "p".to_owned(),
            request_id: "r".to_owned(),
            name: "n".to_owned(),
            pool: BackendName::new("h", "b").pool("p"),
            size: Gib(1),
            image: ImageId::random(),
            disk_format: "raw".to_owned(),
            wait_until: None,
        };
        let noon = Timestamp::parse("2026-11-22T12:00:00").expect("a moment");
        for minute in [0, 1, 14] {
            let now = noon.after(Duration::from_secs(60 * minute));
            let done = wait(&mut state, now).expect("it waits");
            assert_eq!(done.then, Then::Wait(PAUSE), "after {minute} minutes");
        }
        let end = wait(&mut state, noon.after(LONGEST_WAIT)).expect_err("no longer");
        assert!(matches!(end, TaskError::Reject(NOT_UPLOADED, _)), "{end}");
    }
}
