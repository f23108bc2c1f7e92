//! What a process logs: a level, and other levels for what comes from certain places.
//!
//! The text of it is that of `ASHLAR_LOG`: `info,ashlar_db=debug`. A name stands for every place whose name begins
//! with it, and of several that do the longest counts.

use std::fmt;
use std::str::FromStr;

/// The places that are always shown: the crates of the house.
const LOGGERS: [&str; 11] = [
    "ashlar",
    "ashlar_api",
    "ashlar_bus",
    "ashlar_clients",
    "ashlar_db",
    "ashlar_drivers",
    "ashlar_flow",
    "ashlar_images",
    "ashlar_operations",
    "ashlar_scheduler",
    "ashlar_volume",
];
/// No more names than this are kept, so that whoever invents names cannot fill a row.
const MOST: usize = 200;

/// Levels that can be set, by the names that Cinder has for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// Everything that helps to find a defect.
    Debug,
    /// What happens.
    Info,
    /// What an operator should look at.
    Warning,
    /// What failed.
    Error,
}

impl LogLevel {
    /// As Cinder writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
        }
    }

    const fn directive(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warn",
            Self::Error => "error",
        }
    }
}

/// In any case of letters.
impl FromStr for LogLevel {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Debug, Self::Info, Self::Warning, Self::Error]
            .into_iter()
            .find(|level| level.as_str().eq_ignore_ascii_case(text))
            .ok_or(())
    }
}

/// The levels of one process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLevels {
    /// Place and what is logged of it, as they are written; an empty place is for everything else.
    directives: Vec<(String, String)>,
}

/// Reads the text of `ASHLAR_LOG`. Whether each part can be understood is found out by whoever logs.
impl From<&str> for LogLevels {
    fn from(text: &str) -> Self {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let directives = parts.map(|part| match part.split_once('=') {
            // A span's fields have signs of equality too; they stand in brackets.
            Some((place, level)) if !part.contains('[') => (place.to_owned(), level.to_owned()),
            _ if part.contains('[') => (part.to_owned(), String::new()),
            _ if read(part).is_some() => (String::new(), part.to_owned()),
            _ => (part.to_owned(), String::new()),
        });
        Self { directives: directives.collect() }
    }
}

/// The text again.
impl fmt::Display for LogLevels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (place, level)) in self.directives.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let sign = if place.is_empty() || level.is_empty() { "" } else { "=" };
            write!(f, "{comma}{place}{sign}{level}")?;
        }
        Ok(())
    }
}

impl LogLevels {
    /// The same with `level` for every place whose name begins with `prefix`; an empty one means all. Cinder's names
    /// are understood: `cinder.volume` is `ashlar_volume`. A prefix that no place can have changes nothing.
    #[must_use]
    pub fn with(mut self, prefix: &str, level: LogLevel) -> Self {
        let prefix = ours(prefix);
        if !is_possible(&prefix) {
            return self;
        }
        self.directives.retain(|(place, _)| !place.starts_with(&prefix));
        if self.directives.len() < MOST {
            self.directives.push((prefix, level.directive().to_owned()));
        }
        self
    }

    /// The level of each place whose name begins with `prefix`: those of the house, and those that something was said
    /// about.
    #[must_use]
    pub fn shown(&self, prefix: &str) -> Vec<(String, &'static str)> {
        let prefix = ours(prefix);
        let said = self.directives.iter().map(|(place, _)| place.as_str());
        let said = said.filter(|place| !place.is_empty() && is_possible(place));
        let mut names: Vec<&str> = LOGGERS.into_iter().chain(said).collect();
        names.sort_unstable();
        names.dedup();
        let names = names.into_iter().filter(|name| name.starts_with(&prefix));
        names.map(|name| (name.to_owned(), self.level_of(name))).collect()
    }

    /// Of the directives for it the longest counts, and of those as long the last. What nothing is said about is not
    /// logged at all.
    fn level_of(&self, name: &str) -> &'static str {
        let fitting = self
            .directives
            .iter()
            .filter(|(place, _)| is_possible(place) && name.starts_with(place));
        let longest = fitting.max_by_key(|(place, _)| place.len());
        longest.and_then(|(_, level)| read(level)).unwrap_or("CRITICAL")
    }
}

/// A level of ours by Cinder's name for it. A place without one is logged whole.
fn read(level: &str) -> Option<&'static str> {
    match level.to_ascii_lowercase().as_str() {
        "" | "trace" | "debug" | "5" | "4" => Some("DEBUG"),
        "info" | "3" => Some("INFO"),
        "warn" | "2" => Some("WARNING"),
        "error" | "1" => Some("ERROR"),
        "off" | "0" => Some("CRITICAL"),
        _ => None,
    }
}

/// Cinder's names are of Python's modules: `cinder.volume.api` is `ashlar_volume::api`.
fn ours(prefix: &str) -> String {
    let place = match prefix.strip_prefix("cinder") {
        Some(rest) if rest.starts_with('.') => format!("ashlar_{}", &rest[1..]),
        Some("") => "ashlar".to_owned(),
        _ => prefix.to_owned(),
    };
    place.replace('.', "::")
}

fn is_possible(place: &str) -> bool {
    place.chars().all(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '_' | ':' | '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(text: &str) -> LogLevels {
        LogLevels::from(text)
    }

    #[test]
    fn the_text_comes_back_as_it_was() {
        for text in ["info", "info,ashlar_db=debug", "ashlar_api", "off,a[span{id=1}]=trace", ""] {
            assert_eq!(levels(text).to_string(), text);
        }
    }

    #[test]
    fn a_prefix_takes_the_place_of_all_that_begin_with_it() {
        let before = "info,ashlar_db::flows=trace,ashlar_db=warn,hyper=error";
        let after = |prefix, level| levels(before).with(prefix, level).to_string();
        assert_eq!(after("ashlar_db", LogLevel::Debug), "info,hyper=error,ashlar_db=debug");
        assert_eq!(after("cinder.db", LogLevel::Debug), after("ashlar_db", LogLevel::Debug));
        assert_eq!(after("cinder", LogLevel::Info), "info,hyper=error,ashlar=info");
        assert_eq!(after("", LogLevel::Warning), "warn");
        assert_eq!(after("x,off", LogLevel::Error), before, "a name is no way to say more");
    }

    #[test]
    fn the_longest_name_that_fits_says_the_level() {
        let levels = levels("warn,ashlar=info,ashlar_db=trace,ashlar_flow=off,hyper=error");
        let shown = |prefix| levels.shown(prefix);
        assert_eq!(shown("ashlar_db"), [("ashlar_db".to_owned(), "DEBUG")]);
        assert_eq!(shown("cinder.flow"), [("ashlar_flow".to_owned(), "CRITICAL")]);
        assert_eq!(shown("h"), [("hyper".to_owned(), "ERROR")]);
        assert!(shown("").contains(&("ashlar_api".to_owned(), "INFO")));
        assert_eq!(shown("nothing"), []);
        assert_eq!(
            LogLevels::from("").shown("ashlar_api"),
            [("ashlar_api".to_owned(), "CRITICAL")]
        );
    }

    #[test]
    fn levels_are_read_in_any_case() {
        assert_eq!("Warning".parse(), Ok(LogLevel::Warning));
        assert_eq!("TRACE".parse::<LogLevel>(), Err(()));
    }
}
