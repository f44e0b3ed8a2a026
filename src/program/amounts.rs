//! Numbers, sizes and times of the day as people read them.

use countersign_record::clock::Time;

/// `1 file`, `3 files`, `2 entries`.
pub fn count(n: u64, thing: &str) -> String {
    match (n, thing.strip_suffix('y')) {
        (1, _) => format!("1 {thing}"),
        (n, Some(stem)) => format!("{n} {stem}ies"),
        (n, None) => format!("{n} {thing}s"),
    }
}

/// The time of the day of an entry: `10:42:07 UTC`.
pub fn time_of_day(time: Time) -> String {
    let whole = time.to_string();
    let clock = whole.split(['T', '.']).nth(1).unwrap_or(&whole);
    format!("{clock} UTC")
}

/// A number of bytes as people read it.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    if n < 1000 {
        return format!("{n} bytes");
    }
    let mut value = n as f64;
    let mut unit = "";
    for name in UNITS {
        if value < 999.5 && !unit.is_empty() {
            break;
        }
        (value, unit) = (value / 1000.0, name);
    }
    if value < 9.95 { format!("{value:.1} {unit}") } else { format!("{value:.0} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_in_words() {
        for (n, words) in [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1000, "1.0 KB"),
            (65_536, "66 KB"),
            (2_000_000, "2.0 MB"),
            (999_999, "1.0 MB"),
            (3_500_000_000, "3.5 GB"),
            (u64::MAX, "18446744 TB"),
        ] {
            assert_eq!(bytes(n), words);
        }
    }
}
