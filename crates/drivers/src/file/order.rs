//! What a file is to be, and making it so. Blocking: runs on the threads meant for that.

use std::os::fd::AsFd;

use ashlar_types::Gib;
use rustix::fs::{fsync, ftruncate};

use super::copy::copy;
use super::directory::{Directory, length};
use super::draft::Draft;
use super::fault::fault;
use crate::driver::{Kind, SnapshotRef, VolumeRef};
use crate::error::{DriverError, FailureKind};
use crate::refusal;

/// A file that is wanted: checked, complete, owned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Order {
    /// Its name.
    pub(super) name: String,
    /// Length in bytes.
    pub(super) length: u64,
    /// Name of the file whose content it gets; zeros without one.
    pub(super) source: Option<String>,
    /// It takes the place of the file of that name, which must be there; otherwise one that is there stays.
    pub(super) replaces: bool,
}

impl Order {
    /// An empty volume.
    pub(super) fn blank(volume: VolumeRef<'_>) -> Result<Self, DriverError> {
        refusal::check(Kind::Volume, volume.name)?;
        let length = bytes(volume.name, volume.size)?;
        Ok(Self { name: volume.name.to_owned(), length, source: None, replaces: false })
    }

    /// The same in place of what is there.
    pub(super) fn in_its_place(self) -> Self {
        Self { replaces: true, ..self }
    }

    /// A volume with the content of something of size `from`.
    pub(super) fn copy(
        volume: VolumeRef<'_>,
        kind: Kind,
        source: &str,
        from: Gib,
    ) -> Result<Self, DriverError> {
        refusal::check(kind, source)?;
        refusal::check_holds(volume, source, from)?;
        Ok(Self { source: Some(source.to_owned()), ..Self::blank(volume)? })
    }

    /// A snapshot.
    pub(super) fn snapshot(snapshot: SnapshotRef<'_>) -> Result<Self, DriverError> {
        refusal::check(Kind::Snapshot, snapshot.name)?;
        refusal::check(Kind::Volume, snapshot.volume_name)?;
        Ok(Self {
            name: snapshot.name.to_owned(),
            length: bytes(snapshot.name, snapshot.size)?,
            source: Some(snapshot.volume_name.to_owned()),
            replaces: false,
        })
    }

    /// Whether there is something to do: what is complete under its own name is left alone, whatever has become of its
    /// source since, unless it is to be replaced.
    pub(super) fn is_to_be_made(&self, directory: &Directory) -> Result<bool, DriverError> {
        match (directory.file(&self.name)?, self.replaces) {
            (None, true) => Err(not_found(&self.name)),
            (None, false) | (Some(_), true) => Ok(true),
            (Some(_), false) => Ok(false),
        }
    }

    /// Gives the draft its name.
    pub(super) fn finish(&self, draft: Draft<'_>) -> Result<(), DriverError> {
        if self.replaces { draft.replace() } else { draft.finish() }
    }

    /// Makes it, or makes sure that it is there.
    pub(super) fn ensure(&self, directory: &Directory) -> Result<(), DriverError> {
        let name = self.name.as_str();
        if !self.is_to_be_made(directory)? {
            return Ok(());
        }
        let source = match &self.source {
            Some(source) => Some(directory.file(source)?.ok_or_else(|| not_found(source))?),
            None => None,
        };
        let draft = Draft::begin(directory.as_fd(), name)?;
        let broken = |errno| fault(&format!("make {name}"), errno);
        match source {
            Some(source) => {
                let how = copy(source.as_fd(), draft.file(), self.length).map_err(broken)?;
                tracing::debug!(name, source = self.source, ?how, "copied");
            }
            None => ftruncate(draft.file(), self.length).map_err(broken)?,
        }
        self.finish(draft)
    }
}

/// Makes a volume's file at least as long as `size`.
pub(super) fn ensure_size(directory: &Directory, name: &str, size: Gib) -> Result<(), DriverError> {
    let wanted = bytes(name, size)?;
    let file = directory.file(name)?.ok_or_else(|| not_found(name))?;
    let broken = |errno| fault(&format!("extend {name}"), errno);
    if length(file.as_fd()).map_err(broken)? < wanted {
        ftruncate(&file, wanted).map_err(broken)?;
    }
    // Also when it was long enough: an attempt that was cut short may not have come this far.
    fsync(&file).map_err(broken)
}

fn bytes(name: &str, size: Gib) -> Result<u64, DriverError> {
    refusal::check_size(name, size)?;
    Ok(size.bytes())
}

/// Nothing of that name is there.
pub(super) fn not_found(name: &str) -> DriverError {
    DriverError::new(FailureKind::NotFound, format!("{name} is not on the backend"))
}
