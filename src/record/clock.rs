//! Time and randomness as values that are handed in.
//!
//! Nothing in the library asks the system what time it is or for a random
//! number. The program hands in a [`Clock`] and a [`Random`]; no flag or
//! variable of the shipped program replaces them, because in an evidence kit
//! that would be a switch for forging.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, TimeZone, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What time it is, twice: as the computer claims, and as it passes.
pub trait Clock: Send + Sync {
    /// The computer's claim of the time in UTC.
    fn now(&self) -> Time;

    /// Time since some fixed moment of this process, never running backwards.
    fn since_start(&self) -> Duration;
}

/// A source of random bytes fit for keys.
pub trait Random: Send + Sync {
    /// Fills `bytes`. An error is the operating system's.
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()>;
}

/// A moment in UTC, to the millisecond, in the years 1970 to 9999.
///
/// Written as RFC 3339 with exactly three decimals and `Z`
/// (`2026-11-22T14:30:00.000Z`), and read back only from that spelling.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(DateTime<Utc>);

impl Time {
    /// The moment `ms` milliseconds after 1970-01-01T00:00:00Z, if it is in
    /// the years that the format can write.
    pub fn from_unix_ms(ms: i64) -> Option<Time> {
        let time = Utc.timestamp_millis_opt(ms).single()?;
        (1970..=9999).contains(&time.year()).then_some(Time(time))
    }

    /// Reads the one spelling that [`Time`] is written in.
    pub fn parse(text: &str) -> Result<Time, TimeError> {
        let wrong = || TimeError(text.chars().take(40).collect());
        let time = DateTime::parse_from_rfc3339(text).map_err(|_| wrong())?;
        let time = Time::from_unix_ms(time.timestamp_millis()).ok_or_else(wrong)?;
        if time.to_string() == text { Ok(time) } else { Err(wrong()) }
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn unix_ms(self) -> i64 {
        self.0.timestamp_millis()
    }

    /// The year, for case references.
    pub fn year(self) -> i32 {
        self.0.year()
    }

    /// The calendar day in UTC.
    pub fn day(self) -> NaiveDate {
        self.0.date_naive()
    }

    /// As people read it, in UTC: `22 November 2026 at 14:30:05 UTC`.
    pub fn in_words(self) -> String {
        self.0.format("%-d %B %Y at %H:%M:%S UTC").to_string()
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        let text = String::deserialize(deserializer)?;
        Time::parse(&text).map_err(de::Error::custom)
    }
}

/// A text that is not a time in the format's one spelling.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a time like 2026-11-22T14:30:00.000Z")]
pub struct TimeError(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_only() {
        let time = Time::parse("2026-11-22T14:30:05.120Z").expect("the format's spelling");
        assert_eq!(time.to_string(), "2026-11-22T14:30:05.120Z");
        assert_eq!(time.in_words(), "22 November 2026 at 14:30:05 UTC");
        for other in [
            "2026-11-22T14:30:05Z",
            "2026-11-22T14:30:05.12Z",
            "2026-11-22T14:30:05.1200Z",
            "2026-11-22T14:30:05.120+00:00",
            "2026-11-22t14:30:05.120Z",
            "2026-11-22T15:30:05.120+01:00",
            "2026-11-22T23:59:60.000Z",
            "1969-12-31T23:59:59.999Z",
            "10000-01-01T00:00:00.000Z",
            "",
        ] {
            assert!(Time::parse(other).is_err(), "{other}");
        }
    }
}
