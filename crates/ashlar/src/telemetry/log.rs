//! The log: lines for people or JSON for machines, on standard error or added to a file.
//!
//! ASHLAR_LOG chooses what is logged (`info`, `info,ashlar_db=debug`, …), else `debug` of the configuration does.
//! Fields of spans, the request id among them, stand in every line within the span.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, IsTerminal as _, stderr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ashlar_types::LogLevels;
use rustix::fs::{Access, access};
use tracing::Subscriber;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt, reload};

use crate::config::{ConfigError, Loaded, LogSettings};

/// Which lines are logged.
const VARIABLE: &str = "ASHLAR_LOG";

/// What RabbitMQ's library says of a message that comes back holds the whole message, byte by byte. That it came back is
/// said by whoever sent it.
const SILENT: &str = "lapin::returned_messages=off";

/// How lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// Text for people.
    Human,
    /// One JSON object a line.
    Json,
}

/// Changes what is logged while the process runs. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Control {
    handle: reload::Handle<EnvFilter, Registry>,
    now: Arc<Mutex<LogLevels>>,
}

impl Control {
    /// What is logged now.
    pub(crate) fn levels(&self) -> LogLevels {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Logs this from now on. What cannot be read is said in the log and changes nothing.
    pub(crate) fn apply(&self, levels: &LogLevels) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        if *now == *levels {
            return;
        }
        let text = levels.to_string();
        match read(&text) {
            Ok(filter) => match self.handle.reload(filter) {
                Ok(()) => {
                    now.clone_from(levels);
                    tracing::info!(levels = %text, "what is logged has changed");
                }
                Err(error) => tracing::error!(%error, "the levels of the log cannot be changed"),
            },
            Err(error) => {
                tracing::error!(%error, levels = %text, "levels of the log that cannot be read")
            }
        }
    }
}

/// Starts the log of `command`; `format` is the flag, which comes before `use_json`.
///
/// # Errors
/// The log file cannot be opened, or a log was started before.
pub(crate) fn start(
    loaded: &Loaded,
    format: Option<Format>,
    command: &str,
) -> anyhow::Result<Control> {
    let settings = &loaded.settings.log;
    let format = format.unwrap_or(if settings.json { Format::Json } else { Format::Human });
    let layer = match file(settings, command) {
        Some(path) => {
            let file = open(&path).map_err(|error| refused(loaded, &path, &error))?;
            layer(format, false, Mutex::new(file))
        }
        None => layer(format, stderr().is_terminal(), stderr),
    };
    let text = wanted(settings.debug);
    let (filter, handle) = reload::Layer::new(filter(&text)?);
    Registry::default().with(layer.with_filter(filter)).try_init()?;
    Ok(Control { handle, now: Arc::new(Mutex::new(LogLevels::from(text.as_str()))) })
}

/// Whether [`start`] would find its file usable; makes and opens nothing.
///
/// # Errors
/// The log file could not be opened or made.
pub(crate) fn ensure_usable(loaded: &Loaded, command: &str) -> Result<(), ConfigError> {
    match file(&loaded.settings.log, command) {
        Some(path) => probe(&path).map_err(|error| refused(loaded, &path, &error)),
        None => Ok(()),
    }
}

fn probe(path: &Path) -> std::io::Result<()> {
    match path.metadata() {
        Ok(found) if found.is_dir() => Err(ErrorKind::IsADirectory.into()),
        Ok(_) => Ok(access(path, Access::WRITE_OK)?),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            let directory = directory.unwrap_or(Path::new("."));
            Ok(access(directory, Access::WRITE_OK | Access::EXEC_OK)?)
        }
        Err(error) => Err(error),
    }
}

fn refused(loaded: &Loaded, path: &Path, error: &std::io::Error) -> ConfigError {
    loaded.refuse_log_file(&format!("{} cannot be opened: {error}", path.display()))
}

/// The levels to log, as they are written.
fn wanted(debug: bool) -> String {
    let text = std::env::var(VARIABLE).unwrap_or_default();
    match (text.is_empty(), debug) {
        (false, _) => text,
        (true, true) => "debug".to_owned(),
        (true, false) => "info".to_owned(),
    }
}

/// The same, read. A directive that cannot be read is an error, since a log without it looks like silence.
fn filter(text: &str) -> anyhow::Result<EnvFilter> {
    read(text).map_err(|error| anyhow::anyhow!("{VARIABLE}: {error}"))
}

fn read(text: &str) -> Result<EnvFilter, ParseError> {
    Ok(EnvFilter::try_new(text)?.add_directive(SILENT.parse()?))
}

fn layer<S, W>(format: Format, colours: bool, writer: W) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    match format {
        Format::Human => fmt::layer().with_ansi(colours).with_writer(writer).boxed(),
        Format::Json => fmt::layer()
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_writer(writer)
            .boxed(),
    }
}

/// Where lines go: `log_file`, in `log_dir` when that is relative; with `log_dir` alone, a file named after the
/// command. `None` is standard error. (oslo.log's rules.)
fn file(settings: &LogSettings, command: &str) -> Option<PathBuf> {
    match (&settings.directory, &settings.file) {
        (Some(directory), Some(file)) => Some(directory.join(file)),
        (Some(directory), None) => Some(directory.join(format!("ashlar-{command}.log"))),
        (None, file) => file.clone(),
    }
}

/// Opened for adding only, so that several processes and `copytruncate` of logrotate do no harm.
fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(directory: Option<&str>, file_name: Option<&str>) -> Option<PathBuf> {
        let settings = LogSettings {
            debug: false,
            json: false,
            file: file_name.map(PathBuf::from),
            directory: directory.map(PathBuf::from),
        };
        file(&settings, "serve")
    }

    #[test]
    fn lines_go_where_oslo_log_would_put_them() {
        assert_eq!(place(None, None), None);
        assert_eq!(place(None, Some("a.log")), Some("a.log".into()));
        assert_eq!(place(Some("/l"), Some("a.log")), Some("/l/a.log".into()));
        assert_eq!(place(Some("/l"), Some("/m/a.log")), Some("/m/a.log".into()));
        assert_eq!(place(Some("/l"), None), Some("/l/ashlar-serve.log".into()));
    }
}
