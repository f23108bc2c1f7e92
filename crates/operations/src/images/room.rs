//! Room for images that are being converted. Such a file has no name, so a crash leaves nothing of it.

use std::fs::DirBuilder;
use std::fs::File;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::ImageError;

/// The bytes of one block as `stat` counts them.
const BLOCK: u64 = 512;

/// What is promised to the files of one directory: each, and how many bytes it may come to. A promise lasts as long as
/// its file, so many that come at once do not all count on the same free space.
#[derive(Clone, Default)]
pub(super) struct Rooms(Arc<Mutex<Vec<Promise>>>);

/// Room for a file.
struct Promise {
    file: Weak<File>,
    /// All of it, in bytes.
    wanted: u64,
}

impl Rooms {
    /// A nameless file in `directory`, which is made when it is not there. `wanted` bytes must be free beside those that
    /// others were promised, when that is known.
    ///
    /// # Errors
    /// [`ImageError::NoRoom`].
    pub(super) async fn temporary(
        &self,
        directory: &Path,
        wanted: Option<u64>,
    ) -> Result<Arc<File>, ImageError> {
        let (rooms, directory) = (self.clone(), directory.to_owned());
        let made = tokio::task::spawn_blocking(move || rooms.make(&directory, wanted));
        match made.await.map_err(io::Error::other) {
            Ok(Ok(Some(file))) => Ok(file),
            Ok(Ok(None)) => Err(ImageError::NoRoom),
            Ok(Err(error)) | Err(error) => Err(ImageError::of_directory(error)),
        }
    }

    fn make(&self, directory: &Path, wanted: Option<u64>) -> io::Result<Option<Arc<File>>> {
        // Images of all projects pass through it.
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        let mut promised = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        promised.retain(|promise| promise.file.strong_count() > 0);
        let stat = rustix::fs::statvfs(directory)?;
        let free = stat.f_bavail.saturating_mul(stat.f_frsize);
        let free = promised.iter().map(Promise::to_come).fold(free, u64::saturating_sub);
        if wanted.is_some_and(|wanted| free <= wanted) {
            return Ok(None);
        }
        let file = Arc::new(tempfile::tempfile_in(directory)?);
        promised.push(Promise { file: Arc::downgrade(&file), wanted: wanted.unwrap_or_default() });
        Ok(Some(file))
    }
}

impl Promise {
    /// The part of it that its file does not take up yet.
    fn to_come(&self) -> u64 {
        let taken = self.file.upgrade().and_then(|file| allocated(&file));
        taken.map_or(0, |taken| self.wanted.saturating_sub(taken))
    }
}

/// How much of the disk the file takes up; not known of a device.
pub(crate) fn allocated(file: &File) -> Option<u64> {
    let metadata = file.metadata().ok().filter(std::fs::Metadata::is_file)?;
    Some(metadata.blocks().saturating_mul(BLOCK))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_promised_to_one_file_is_not_free_for_another() {
        let directory = tempfile::tempdir().expect("a directory");
        let stat = rustix::fs::statvfs(directory.path()).expect("it has a file system");
        let most = stat.f_bavail * stat.f_frsize / 5 * 3;
        let rooms = Rooms::default();
        let one = rooms.temporary(directory.path(), Some(most)).await.expect("room");
        let other = rooms.temporary(directory.path(), Some(most)).await;
        assert!(matches!(other, Err(ImageError::NoRoom)), "{other:?}");
        let any = rooms.temporary(directory.path(), None).await;
        any.expect("of unknown size, it is not refused");
        drop(one);
        rooms.temporary(directory.path(), Some(most)).await.expect("room again");
    }
}
