//! What operations do with images: find one, judge it, fill a volume with it, and send a volume to one.

mod bounds;
mod cache;
mod failure;
mod fill;
mod find;
mod kept;
mod progress;
mod room;
#[cfg(test)]
pub(crate) mod samples;

use std::fmt;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use ashlar_clients::glance::Glance;
use ashlar_images::convert::Limits;
use tokio::sync::{Semaphore, SemaphorePermit};

use room::Rooms;

pub use cache::{CacheLimits, ImageCache};

pub(crate) use bounds::{check, check_conversion};
pub(crate) use cache::{Found, Wanted};
pub(crate) use failure::{ImageError, classify};
pub(crate) use fill::{Filling, content};
pub(crate) use find::{boot_snapshot, require, tell_unseen};
pub(crate) use kept::{of_image, of_volume};
pub(crate) use progress::{Reporter, note};
pub(crate) use room::allocated;

/// Glance, and what is needed to read and write what it has. One for a process.
pub struct Images {
    /// Who has the images.
    pub glance: Glance,
    /// `image_conversion_dir`: where images lie that are being converted. Made when it is not there.
    pub conversion_dir: PathBuf,
    /// What one conversion may use; its output is bound by the volume's size too.
    pub limits: Limits,
    /// What the look at one image before its conversion may use.
    pub inspection: Limits,
    /// `image_conversion_disable`: nothing but plain bytes comes and goes.
    pub conversion_disabled: bool,
    /// Conversions that run at once; the others wait.
    conversions: Semaphore,
    /// The room that is promised to files in `conversion_dir`.
    rooms: Rooms,
}

impl Images {
    /// Images of `glance`. As many are converted at once as the machine has processors. A look at an image may use as
    /// much as a conversion.
    #[must_use]
    pub fn new(glance: Glance, conversion_dir: PathBuf, limits: Limits) -> Self {
        let at_once = std::thread::available_parallelism().map_or(1, usize::from);
        let conversions = Semaphore::new(at_once);
        let inspection = limits.clone();
        Self {
            glance,
            conversion_dir,
            limits,
            inspection,
            conversion_disabled: false,
            conversions,
            rooms: Rooms::default(),
        }
    }

    /// A nameless file in `conversion_dir` that may come to `wanted` bytes, where that is known.
    ///
    /// # Errors
    /// [`ImageError::NoRoom`] as Cinder has it, before a byte was asked for.
    pub(crate) async fn temporary(&self, wanted: Option<u64>) -> Result<Arc<File>, ImageError> {
        self.rooms.temporary(&self.conversion_dir, wanted).await
    }

    /// A turn at converting, as long as it lives. There is always one to come: the turns are never closed.
    pub(crate) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.conversions.acquire().await.ok()
    }
}

impl fmt::Debug for Images {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Images")
            .field("conversion_dir", &self.conversion_dir)
            .finish_non_exhaustive()
    }
}
