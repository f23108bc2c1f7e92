//! How hosts reach the volumes of the `file` driver: `target_helper` chooses.
//!
//! `local` is the default: this machine alone, by the file's path. `tgt` (`target_helper = tgtadm`) exports each volume as
//! an iSCSI target of its own.

use std::path::Path;

use ashlar_types::{ConnectionInfo, Connector, Export};

use crate::error::DriverError;

mod chap;
mod local;
mod location;
#[cfg(any(test, feature = "contract"))]
pub mod testing;
mod tgt;

pub use local::LocalSettings;
pub use tgt::TgtSettings;

use tgt::{Backing, Tgt};

/// How volumes are exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportSettings {
    /// Not at all: hosts on this machine open the files.
    Local(LocalSettings),
    /// Over iSCSI, by tgt.
    Tgt(TgtSettings),
}

impl Default for ExportSettings {
    fn default() -> Self {
        Self::Local(LocalSettings::default())
    }
}

impl ExportSettings {
    /// Whether hosts see it at once when a volume grows that they use. tgt keeps the size with which it opened the file.
    #[must_use]
    pub const fn grows_in_use(&self) -> bool {
        matches!(self, Self::Local(_))
    }

    /// The capability `storage_protocol`.
    #[must_use]
    pub const fn protocol(&self) -> &'static str {
        match self {
            Self::Local(_) => "file",
            Self::Tgt(_) => "iSCSI",
        }
    }
}

/// Exports the files of one directory.
#[derive(Debug)]
pub(crate) enum Exporter {
    Local(LocalSettings),
    Tgt(Tgt),
}

impl Exporter {
    pub(crate) fn new(settings: &ExportSettings) -> Self {
        match settings {
            ExportSettings::Local(settings) => Self::Local(settings.clone()),
            ExportSettings::Tgt(settings) => Self::Tgt(Tgt::new(settings.clone())),
        }
    }

    /// Whether exports can be lost while we run: they are in another program's memory.
    pub(crate) const fn can_lose(&self) -> bool {
        matches!(self, Self::Tgt(_))
    }

    /// Whether it can work at present.
    pub(crate) async fn check(&self) -> Result<(), DriverError> {
        match self {
            Self::Local(_) => Ok(()),
            Self::Tgt(tgt) => tgt.check().await,
        }
    }

    /// Exports the file of `length` bytes at `path`, which is there; nothing to keep when that needs no export.
    pub(crate) async fn ensure(
        &self,
        name: &str,
        path: &Path,
        length: u64,
        kept: Option<&Export>,
    ) -> Result<Option<Export>, DriverError> {
        match self {
            Self::Local(_) => Ok(None),
            Self::Tgt(tgt) => tgt.ensure(Backing { name, path }, length, kept).await.map(Some),
        }
    }

    /// Exports it no more; fine when it is not exported.
    pub(crate) async fn destroy(&self, name: &str, path: &Path) -> Result<(), DriverError> {
        match self {
            Self::Local(_) => Ok(()),
            Self::Tgt(tgt) => tgt.destroy(Backing { name, path }).await,
        }
    }

    /// How the host reaches it.
    pub(crate) async fn connect(
        &self,
        name: &str,
        path: &Path,
        export: Option<&Export>,
        connector: &Connector,
    ) -> Result<ConnectionInfo, DriverError> {
        match self {
            Self::Local(local) => local.connect(path, connector),
            Self::Tgt(tgt) => tgt.connect(Backing { name, path }, export, connector).await,
        }
    }

    /// The host, or every host, reaches it no more.
    pub(crate) async fn disconnect(
        &self,
        name: &str,
        path: &Path,
        connector: Option<&Connector>,
    ) -> Result<(), DriverError> {
        match self {
            Self::Local(_) => Ok(()),
            Self::Tgt(tgt) => tgt.disconnect(Backing { name, path }, connector).await,
        }
    }
}
