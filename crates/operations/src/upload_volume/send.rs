//! Sending the volume's bytes, as they are or converted, and taking the image back when that fails.
//!
//! Glance takes an image's bytes once. How many there are to be is noted before the first one goes, so that whoever
//! repeats this after a crash can tell an image that is complete from one that ended early.

use std::fs::File;
use std::sync::Arc;

use ashlar_clients::ClientError;
use ashlar_clients::glance::{As, Image};
use ashlar_db::flows::{self, Progress};
use ashlar_drivers::{Reading, VolumeRef};
use ashlar_flow::TaskError;
use ashlar_flow::record::Failure;
use ashlar_images::convert::{Limits, Shape};
use ashlar_images::{Format, convert, stream};
use ashlar_types::metric;
use futures::StreamExt as _;

use super::State;
use super::quiesce::NOT_UPLOADED;
use crate::classify::{self, database};
use crate::images::{ImageError, Reporter, note, temporary};
use crate::{Doing, Done, Images, Undoing, Undone, VolumeContext};

/// What the metrics call the direction, and the flow's progress its last part.
const DIRECTION: &str = "upload";
const UPLOADING: &str = "uploading";

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let images = images(cx)?;
        let image = images.glance.show(As::Service, state.image).await.map_err(glance)?;
        match image.status.as_str() {
            "queued" => {}
            "active" => return sent_before(cx, state, &image).await,
            // Somebody before us died in the midst; Glance gives it back when it has noticed.
            "saving" | "importing" | "uploading" => {
                return Err(TaskError::Retry("Glance still takes an earlier upload".into()));
            }
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
    let mut tx = cx.db.read().await.map_err(database)?;
    let noted = flows::progress(&mut tx, state.flow).await.map_err(database)?;
    let total = noted.filter(|noted| noted.what == UPLOADING).and_then(|noted| noted.total);
    if total.is_some() && image.size == total {
        return Ok(Done::unrecorded());
    }
    Err(rejected(format!(
        "the image has {} bytes where {} were to be",
        image.size.unwrap_or_default(),
        total.unwrap_or_default()
    )))
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
    let file = temporary(&images.conversion_dir, None).await.map_err(failed)?;
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
    let outcome = if made.is_ok() { "done" } else { "failed" };
    metrics::counter!(metric::IMAGE_CONVERSIONS, "direction" => DIRECTION, "outcome" => outcome)
        .increment(1);
    made.map_err(|error| rejected(error.to_string()))?;
    reading_of(file).map_err(|error| rejected(error.to_string()))
}

fn reading_of(file: File) -> std::io::Result<Reading> {
    let length = file.metadata()?.len();
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

/// The image goes, as in Cinder: it has no content, or not all of it. When Glance does not let us, or cannot be
/// asked, it stays there; the volume must be free again all the same.
pub(super) fn revert<'a>(
    cx: &'a VolumeContext,
    state: &'a mut State,
    _failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        let Ok(images) = images(cx) else { return Ok(Undone::nothing()) };
        let (glance, id) = (&images.glance, state.image);
        let deleted = match glance.show(As::Service, id).await {
            Err(ClientError::NotFound { .. }) => Ok(()),
            Ok(image) if image.protected => {
                // Asked for with the upload; what is not there is not to be kept.
                match glance.update(As::Service, id, &[("protected", "false")]).await {
                    Ok(()) => glance.delete(As::Service, id).await,
                    Err(error) => Err(error),
                }
            }
            Ok(_) => glance.delete(As::Service, id).await,
            Err(error) => Err(error),
        };
        if let Err(error) = deleted {
            tracing::warn!(%error, image = %id, "an image without content stays in Glance");
        }
        Ok(Undone::nothing())
    })
}
