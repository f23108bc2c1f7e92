//! For tests: configurations from a text in place of files.

use std::path::Path;

use super::error::ConfigError;
use super::sources::Sources;
use super::values::Values;
use super::{Flag, Loaded, Settings, ini};

/// What a file `cinder.conf` with this text, on a machine `node-1`, comes to.
pub(super) fn load(text: &str, flags: Vec<Flag>) -> Result<Loaded, ConfigError> {
    let file = ini::parse(Path::new("cinder.conf"), text)?;
    let values = Values::new(Sources { files: vec![file], flags }, "node-1".to_owned());
    Ok(Loaded { settings: Settings::read(&values)?, values })
}

/// The same for a good text.
pub(super) fn loaded(text: &str) -> Loaded {
    load(text, Vec::new()).expect("a good configuration")
}

/// The line that a bad text is refused with.
pub(super) fn refused(text: &str) -> String {
    load(text, Vec::new()).expect_err("a bad configuration").to_string()
}
