//! A volume with an image's content. The user sees `downloading` meanwhile, as in Cinder.

use std::sync::Arc;

use ashlar_db::{DbError, transact, volumes};
use ashlar_drivers::{DriverError, FillError, Made};
use ashlar_flow::TaskError;
use ashlar_types::{PoolName, VolumeStatus};

use super::super::State;
use super::{Trouble, name_of, reference};
use crate::VolumeContext;
use crate::classify::database;
use crate::images::{self, Filling, ImageError};

/// Makes it; `None` when it is to wait for the cache.
pub(super) async fn make(
    cx: &VolumeContext,
    state: &mut State,
    pool: &PoolName,
) -> Result<Option<Made>, Trouble> {
    match from_cache(cx, state, pool).await? {
        FromCache::Made(made) => Ok(Some(made)),
        FromCache::Wait => Ok(None),
        FromCache::No => filled(cx, state, pool).await.map(Some),
    }
}

/// What the cache comes to.
enum FromCache {
    Made(Made),
    Wait,
    No,
}

/// A clone of what the image cache has. Whatever fails about the cache, the image itself will do.
async fn from_cache(
    cx: &VolumeContext,
    state: &mut State,
    pool: &PoolName,
) -> Result<FromCache, Trouble> {
    let (false, Some(cache), Some(image)) = (state.cache.off, &cx.cache, &state.image) else {
        return Ok(FromCache::No);
    };
    let mut tx = cx.db.read().await.map_err(|error| Trouble::Task(database(error)))?;
    let id = state.spec.volume_id;
    let row = volumes::get(&mut tx, id).await.map_err(|error| Trouble::Task(database(error)))?;
    drop(tx);
    let format = image.disk_format.as_deref().unwrap_or_default().parse();
    let (Some(volume), Ok(format)) = (row, format) else { return Ok(FromCache::No) };
    let awaited = state.cache.awaited;
    let wanted = images::Wanted { image, format, pool, volume: &volume, awaited };
    match cache.look(&wanted).await {
        Ok(images::Found::Ready(kept)) => {
            let (name, source) = (name_of(id), kept.backend_name());
            let volume = reference(&name, pool, state.spec.size);
            match cx.driver.ensure_clone(volume, reference(&source, pool, kept.size)).await {
                Ok(made) => return Ok(FromCache::Made(made)),
                Err(error) => tracing::warn!(%error, volume = %id, "not cloned from the cache"),
            }
        }
        Ok(images::Found::Coming(kept)) => {
            state.cache.awaited = Some(kept);
            return Ok(FromCache::Wait);
        }
        Ok(images::Found::Nothing) => {}
        Err(refusal) => tracing::warn!(%refusal, volume = %id, "the image cache is not used"),
    }
    state.cache.off = true;
    Ok(FromCache::No)
}

/// Filled with the image's bytes.
async fn filled(cx: &VolumeContext, state: &State, pool: &PoolName) -> Result<Made, Trouble> {
    let broken = |text: &str| Trouble::Task(TaskError::Broken(text.into()));
    let image = state.image.as_deref().ok_or_else(|| broken("the image is not described"))?;
    let glance = cx.images.as_ref().ok_or_else(|| broken("Glance is not configured here"))?;
    let format = image.disk_format.as_deref().unwrap_or_default().parse();
    let format = format.map_err(|_| broken("the image is of a format that is not known here"))?;
    let id = state.spec.volume_id;
    let now = cx.clock.now();
    let begun: Result<_, DbError> = transact!(cx.db, tx => {
        // Whatever else it is by now is another's doing, and stays.
        let from = [VolumeStatus::Creating];
        volumes::transition(tx, id, &from, VolumeStatus::Downloading, now).await
    });
    begun.map_err(|error| Trouble::Task(database(error)))?;
    let filling = Filling {
        images: Arc::clone(glance),
        image: image.clone(),
        format,
        db: cx.db.clone(),
        flow: state.flow,
    };
    let name = name_of(id);
    let volume = reference(&name, pool, state.spec.size);
    let filled = cx.driver.ensure_filled_volume(volume, images::content(filling)).await;
    filled.map_err(|error| match error {
        FillError::Driver(error) => Trouble::Driver(shared(&error)),
        FillError::Content(error) => match error.downcast_ref::<ImageError>() {
            Some(error) => match error.of_driver() {
                Some(error) => Trouble::Driver(error),
                None => Trouble::Task(images::classify(error)),
            },
            None => Trouble::Task(TaskError::Broken(error.to_string().into())),
        },
    })
}

/// The driver's error, of which every volume that waited for the same content needs its own.
fn shared(error: &Arc<DriverError>) -> DriverError {
    DriverError::new(error.kind, error.to_string())
}
