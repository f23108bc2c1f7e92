//! Moments: microseconds since the Unix epoch, UTC, as the tables and the API have them.

use std::fmt;
use std::time::Duration;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// A moment in UTC with microsecond resolution.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since the Unix epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the Unix epoch.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The moment `span` later.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }

    /// The moment `span` earlier.
    #[must_use]
    pub fn before(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }

    /// How long ago `earlier` was; nothing when it lies ahead.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The calendar reading, without zone.
    #[must_use]
    pub fn civil(self) -> DateTime {
        jiff::Timestamp::from_microsecond(self.0)
            .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
            .to_zoned(TimeZone::UTC)
            .datetime()
    }

    /// From a calendar reading taken as UTC.
    #[must_use]
    pub fn from_civil(civil: DateTime) -> Option<Self> {
        civil.to_zoned(TimeZone::UTC).ok().map(|zoned| Self(zoned.timestamp().as_microsecond()))
    }

    /// Reads `YYYY-MM-DD[T ]HH:MM:SS[.ffffff]`, with or without a zone (`Z`, `+01:00`).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(instant) = text.parse::<jiff::Timestamp>() {
            return Some(Self(instant.as_microsecond()));
        }
        text.parse::<DateTime>().ok().and_then(Self::from_civil)
    }
}

/// `2026-11-22T10:11:12.000345`: the form that Cinder answers, always six digits, no zone.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let civil = self.civil();
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}",
            civil.year(),
            civil.month(),
            civil.day(),
            civil.hour(),
            civil.minute(),
            civil.second(),
            civil.subsec_nanosecond() / 1000
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_prints_as_cinder_prints_it_and_reads_back() {
        let moment = Timestamp::from_micros(1_795_342_272_000_345);
        let text = moment.to_string();
        assert_eq!(text, "2026-11-22T10:11:12.000345");
        assert_eq!(Timestamp::parse(&text), Some(moment));
        assert_eq!(Timestamp::parse("2026-11-22 10:11:12.000345"), Some(moment));
        assert_eq!(Timestamp::parse("2026-11-22T11:11:12.000345+01:00"), Some(moment));
        assert_eq!(Timestamp::parse("yesterday"), None);
    }
}
