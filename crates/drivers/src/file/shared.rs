//! What all handles on one `file` backend share: above all the directory, opened once and watched ever after.

use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use super::directory::Directory;
use super::turns::Turns;
use super::{FileSettings, blocking};
use crate::driver::Made;
use crate::error::DriverError;
use crate::export::Exporter;
use crate::filling::Fillings;

/// Longest text that the column `provider_location` takes.
const LONGEST_LOCATION: usize = 255;

/// The settings, the directory as it was opened, and who is at work on what.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) settings: FileSettings,
    /// The directory as an absolute path.
    pub(super) path: PathBuf,
    directory: RwLock<Option<Arc<Directory>>>,
    pub(super) turns: Turns,
    pub(super) exporter: Exporter,
    pub(super) fillings: Fillings<OwnedFd>,
}

impl Shared {
    /// With nothing opened yet.
    pub(super) fn new(settings: FileSettings) -> Self {
        let path =
            std::path::absolute(&settings.directory).unwrap_or_else(|_| settings.directory.clone());
        Self {
            exporter: Exporter::new(&settings.export),
            settings,
            path,
            directory: RwLock::default(),
            turns: Turns::default(),
            fillings: Fillings::default(),
        }
    }

    /// Takes the turn for `name`, changes the directory and waits until that is on disk.
    pub(super) async fn change(
        self: &Arc<Self>,
        name: String,
        change: impl FnOnce(&Directory) -> Result<(), DriverError> + Send + 'static,
    ) -> Result<(), DriverError> {
        let _turn = self.turns.take(&name).await;
        self.change_in_turn(change).await
    }

    /// The same, for who has the turn.
    pub(super) async fn change_in_turn(
        self: &Arc<Self>,
        change: impl FnOnce(&Directory) -> Result<(), DriverError> + Send + 'static,
    ) -> Result<(), DriverError> {
        let directory = self
            .on_directory(move |directory| change(directory).map(|()| Arc::clone(directory)))
            .await?;
        // Also when nothing was to be done: an attempt that was cut short may not have come this far.
        directory.commits.commit(&directory).await
    }

    /// Runs `work` on the directory, where it may block.
    pub(super) async fn on_directory<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Arc<Directory>) -> Result<T, DriverError> + Send + 'static,
    ) -> Result<T, DriverError> {
        blocking(Arc::clone(self), |shared| work(&shared.directory()?)).await
    }

    /// The directory, made when it is not there, and locked for as long as the driver lives. Blocking.
    pub(super) fn set_up(&self) -> Result<Arc<Directory>, DriverError> {
        let made = Directory::ensure(&self.path)?;
        let kept = self.directory.read().unwrap_or_else(PoisonError::into_inner).clone();
        // The lock belongs to the handle: a second handle on the same directory would be refused by our own.
        if let Some(kept) = kept
            && kept.is_at(&self.path)?
        {
            kept.lock(&self.path)?;
            return Ok(kept);
        }
        made.lock(&self.path)?;
        let made = Arc::new(made);
        self.keep(&made);
        Ok(made)
    }

    /// The open directory, opened now when no `check_setup` has done so. Blocking.
    ///
    /// The path decides: when it leads elsewhere by now (a disk was mounted there, the directory was made
    /// again), the open handle would go on in what nobody sees any more, and find nothing to remove there.
    fn directory(&self) -> Result<Arc<Directory>, DriverError> {
        let kept = self.directory.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(directory) = &kept
            && directory.is_at(&self.path)?
        {
            return Ok(Arc::clone(directory));
        }
        let directory = Arc::new(Directory::open(&self.path)?);
        if let Some(kept) = kept {
            if kept.is_locked() {
                directory.lock(&self.path)?;
            }
            tracing::warn!(
                backend = self.settings.backend_name,
                "another directory lies where the volumes were; going on with what is there now"
            );
        }
        self.keep(&directory);
        Ok(directory)
    }

    fn keep(&self, directory: &Arc<Directory>) {
        let mut kept = self.directory.write().unwrap_or_else(PoisonError::into_inner);
        *kept = Some(Arc::clone(directory));
    }

    /// What the tables should keep of the file of this name.
    pub(super) fn made(&self, name: &str) -> Made {
        let path = self.path.join(name);
        let location = path.to_str().filter(|path| path.chars().count() <= LONGEST_LOCATION);
        Made { provider_location: location.map(str::to_owned), provider_id: None }
    }
}
