//! Room for images that are being converted. Such a file has no name, so a crash leaves nothing of it.

use std::fs::File;
use std::io;
use std::path::Path;

use super::ImageError;

/// A nameless file in `directory`, which is made when it is not there. `wanted` bytes must be free, when that is known.
///
/// # Errors
/// [`ImageError::NoRoom`] as Cinder has it, before a byte was asked for.
pub(crate) async fn temporary(directory: &Path, wanted: Option<u64>) -> Result<File, ImageError> {
    let directory = directory.to_owned();
    let made = tokio::task::spawn_blocking(move || {
        std::fs::create_dir_all(&directory)?;
        let stat = rustix::fs::statvfs(&directory)?;
        let free = stat.f_bavail.saturating_mul(stat.f_frsize);
        if wanted.is_some_and(|wanted| free <= wanted) {
            return Ok(None);
        }
        tempfile::tempfile_in(&directory).map(Some)
    });
    match made.await.map_err(io::Error::other) {
        Ok(Ok(Some(file))) => Ok(file),
        Ok(Ok(None)) => Err(ImageError::NoRoom),
        Ok(Err(error)) | Err(error) => Err(ImageError::of_directory(error)),
    }
}
