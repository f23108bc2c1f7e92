//! `[DEFAULT]`: what is logged and where, oslo.log's names.

use std::path::PathBuf;

use super::options;
use crate::config::option::{Kind, Opt};

const SECTION: &str = "DEFAULT";

options! {
    DEBUG: bool = Opt::new(SECTION, "debug", Kind::Flag,
        "Log at level debug instead of info. ASHLAR_LOG comes before it.")
        .default("false");
    USE_JSON: bool = Opt::new(SECTION, "use_json", Kind::Flag,
        "One JSON object a line instead of text. `--log-format` comes before it.")
        .default("false");
    LOG_FILE: PathBuf = Opt::new(SECTION, "log_file", Kind::Path,
        "File that log lines are added to. Default: standard error.")
        .deprecated(&[(SECTION, "logfile")]);
    LOG_DIR: PathBuf = Opt::new(SECTION, "log_dir", Kind::Path,
        "Directory of a relative log_file; alone, log lines go to ashlar-<command>.log there.")
        .deprecated(&[(SECTION, "logdir")]);
}
