//! Settings of the `file` driver. The binary reads them from the backend's section of the configuration.

use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::export::ExportSettings;

/// How one `file` backend is configured.
#[derive(Debug, Clone, PartialEq)]
pub struct FileSettings {
    /// Where the files are. Made, with mode 0700, when it is not there.
    pub directory: PathBuf,
    /// `volume_backend_name`, which volume types ask for.
    pub backend_name: String,
    /// The only pool's name, after the `#`. As in Cinder, the backend's name unless told otherwise.
    pub pool_name: String,
    /// Percentage of the file system that is not handed out. Default 0, as in Cinder.
    pub reserved_percentage: u32,
    /// How often the capacity may be sold; `None` is `auto`. Default 20, as in Cinder.
    pub max_over_subscription_ratio: Option<f64>,
    /// Capabilities to report besides the driver's own, which they override: `filter_function`,
    /// `goodness_function` and whatever else volume types should match.
    pub capabilities: Map<String, Value>,
    /// How hosts reach the volumes. Default: only from this machine.
    pub export: ExportSettings,
}

impl FileSettings {
    /// The defaults for a backend of this name.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>, backend_name: impl Into<String>) -> Self {
        let backend_name = backend_name.into();
        Self {
            directory: directory.into(),
            pool_name: backend_name.clone(),
            backend_name,
            reserved_percentage: 0,
            max_over_subscription_ratio: Some(20.0),
            capabilities: Map::new(),
            export: ExportSettings::default(),
        }
    }
}
