//! The log of this very process, as far as the API may change it.

use std::fmt;
use std::sync::Arc;

use ashlar_types::LogLevels;

/// Changes what the process logs. Cheap to clone.
#[derive(Clone)]
pub struct OwnLog {
    process: Arc<str>,
    apply: Arc<dyn Fn(&LogLevels) + Send + Sync>,
}

impl OwnLog {
    /// Of the process with this name in the table `ashlar_log_levels`.
    #[must_use]
    pub fn new(process: &str, apply: Arc<dyn Fn(&LogLevels) + Send + Sync>) -> Self {
        Self { process: process.into(), apply }
    }

    /// Name of the process.
    pub(crate) fn process(&self) -> &str {
        &self.process
    }

    /// This is logged from now on.
    pub(crate) fn apply(&self, levels: &LogLevels) {
        (self.apply)(levels);
    }
}

impl fmt::Debug for OwnLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OwnLog").field(&self.process).finish()
    }
}
