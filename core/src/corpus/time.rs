//! Points in time from bytes, fast: RFC 3339 and what tables and logs write in its place.

use jiff::Timestamp;

use super::model::shorten;

/// Milliseconds of a day.
pub(crate) const DAY: i64 = 86_400_000;

/// Milliseconds since 1970 UTC of a text: RFC 3339, without a zone as UTC, or a date alone. Year, month and day may also
/// stand between slashes or dots or be followed by 年, 月 and 日, and may lack leading zeros.
pub(crate) fn parse_millis(text: &str) -> Result<i64, String> {
    let text = text.trim();
    quick(text.as_bytes()).map_or_else(|| slow(text).map(Timestamp::as_millisecond), Ok)
}

/// As [`parse_millis`], in full resolution where the text is RFC 3339.
pub(crate) fn parse_time(text: &str) -> Result<Timestamp, String> {
    let text = text.trim();
    slow(text).or_else(|error| quick(text.as_bytes()).and_then(|ms| Timestamp::from_millisecond(ms).ok()).ok_or(error))
}

fn slow(text: &str) -> Result<Timestamp, String> {
    let utc = jiff::tz::TimeZone::UTC;
    text.parse::<Timestamp>()
        .or_else(|_| text.parse::<jiff::civil::DateTime>().and_then(|civil| utc.to_timestamp(civil)))
        .or_else(|_| text.parse::<jiff::civil::Date>().and_then(|date| utc.to_timestamp(date.at(0, 0, 0, 0))))
        .map_err(|_| format!("`{}` is not a time; write RFC 3339 such as 2026-03-01T09:30:00Z", shorten(text)))
}

/// The bytes that are still to be read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    /// A number of at least one and at most `most` digits.
    #[inline]
    fn number(&mut self, most: usize) -> Option<i64> {
        let (mut value, mut n) = (0, 0);
        while n < most
            && let Some(digit) = self.0.get(n).filter(|b| b.is_ascii_digit())
        {
            value = value * 10 + i64::from(digit - b'0');
            n += 1;
        }
        self.0 = &self.0[n..];
        (n > 0).then_some(value)
    }

    #[inline]
    fn takes(&mut self, what: &[u8]) -> bool {
        let found = self.0.starts_with(what);
        if found {
            self.0 = &self.0[what.len()..];
        }
        found
    }

    #[inline]
    fn one_of(&mut self, which: &[u8]) -> Option<u8> {
        let found = *self.0.first().filter(|b| which.contains(b))?;
        self.0 = &self.0[1..];
        Some(found)
    }
}

/// `None` for what it does not know, and for what is no time.
fn quick(bytes: &[u8]) -> Option<i64> {
    let mut rest = Rest(bytes);
    let before = rest.0.len();
    let year = rest.number(4)?;
    if before - rest.0.len() != 4 {
        return None;
    }
    let (month, day) = if rest.takes("年".as_bytes()) {
        let month = rest.number(2).filter(|_| rest.takes("月".as_bytes()))?;
        (month, rest.number(2).filter(|_| rest.takes("日".as_bytes()))?)
    } else {
        let between = rest.one_of(b"-/.")?;
        let month = rest.number(2).filter(|_| rest.takes(&[between]))?;
        (month, rest.number(2)?)
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return None,
    };
    if !(1..=days).contains(&day) {
        return None;
    }
    let mut ms = days_since_1970(year, month, day) * DAY;
    if rest.0.is_empty() {
        return Some(ms);
    }
    rest.one_of(b"T ")?;
    let hour = rest.number(2).filter(|&hour| hour < 24 && rest.takes(b":"))?;
    let minute = rest.number(2).filter(|&minute| minute < 60)?;
    // A leap second, and any other rare thing, is left to the slow way.
    let second = if rest.takes(b":") { rest.number(2).filter(|&second| second < 60)? } else { 0 };
    let (mut fraction, mut beyond) = (0, false);
    if rest.one_of(b".,").is_some() {
        let digits = rest.0.iter().take_while(|b| b.is_ascii_digit()).count();
        if !(1..=9).contains(&digits) {
            return None;
        }
        for i in 0..3 {
            fraction = fraction * 10 + rest.0[..digits].get(i).map_or(0, |b| i64::from(b - b'0'));
        }
        beyond = rest.0[..digits].iter().skip(3).any(|&b| b != b'0');
        rest.0 = &rest.0[digits..];
    }
    ms += ((hour * 60 + minute) * 60 + second) * 1000 + fraction;
    ms -= offset(&mut rest)?;
    if !rest.0.is_empty() {
        return None;
    }
    // Before 1970 the milliseconds are cut towards 1970, as after it.
    Some(ms + i64::from(ms < 0 && beyond))
}

/// Milliseconds that a zone is ahead of UTC; 0 where there is none.
fn offset(rest: &mut Rest<'_>) -> Option<i64> {
    if rest.takes(b"Z") {
        return Some(0);
    }
    rest.takes(b" ");
    let Some(sign) = rest.one_of(b"+-") else { return Some(0) };
    let two = |rest: &mut Rest<'_>| rest.0.get(..2).is_some_and(|b| b.iter().all(u8::is_ascii_digit)).then(|| rest.number(2)).flatten();
    let hours = two(rest).filter(|&hours| hours < 24)?;
    let minutes = if rest.takes(b":") || !rest.0.is_empty() { two(rest).filter(|&minutes| minutes < 60)? } else { 0 };
    let ahead = (hours * 60 + minutes) * 60_000;
    Some(if sign == b'-' { -ahead } else { ahead })
}

/// Days from 1 January 1970, in the Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms").
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date of a day since 1970; the last date there is where it lies beyond.
pub(crate) fn date_of_day(day: i64) -> jiff::civil::Date {
    let seconds = day.saturating_mul(86_400);
    Timestamp::from_second(seconds)
        .map_or(if day < 0 { jiff::civil::Date::MIN } else { jiff::civil::Date::MAX }, |t| jiff::tz::TimeZone::UTC.to_datetime(t).date())
}

/// The day since 1970 of a date.
pub(crate) fn day_of_date(date: jiff::civil::Date) -> i64 {
    jiff::tz::TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).map_or(0, |t| t.as_second().div_euclid(86_400))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_of_tables_and_logs() {
        let at = |text: &str| parse_millis(text).unwrap_or_else(|e| panic!("{e}"));
        let morning = at("2024-03-01T09:30:00Z");
        for same in [
            "2024-03-01T17:30:00+08:00",
            "2024-03-01 09:30:00",
            "2024-03-01 09:30",
            "2024/03/01 09:30",
            "2024/3/1 9:30",
            "2024年3月1日 9:30",
            "2024.03.01 09:30:00",
            "2024-03-01 09:30:00+0000",
            "2024-03-01 09:30:00 +0000",
            "2024-03-01T09:30:00.000000Z",
            "2024-03-01T04:30:00-05",
        ] {
            assert_eq!(at(same), morning, "{same}");
            assert_eq!(parse_time(same).map(Timestamp::as_millisecond), Ok(morning), "{same}");
        }
        assert_eq!((at("1970-01-01"), at("1969-12-31T23:59:59.5Z"), at("1900/1/1")), (0, -500, -2_208_988_800_000));
        for wrong in
            ["", "soon", "03/01/2024", "2024-13-01", "2023-02-29", "2024-03-01 25:00", "2024-03-01T09:30:00+8", "1700000000", "2024-03-01 9", "2024-1/2"]
        {
            assert!(parse_millis(wrong).is_err() && parse_time(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn quick_is_what_the_library_of_time_says(ms in -62_000_000_000_000i64..200_000_000_000_000, nanos in 0u32..1_000_000, cut in 0usize..=9, ahead in -1439i64..1440) {
            let time = Timestamp::from_millisecond(ms).unwrap() + jiff::SignedDuration::from_nanos(i64::from(nanos));
            let offset = jiff::tz::Offset::from_seconds(ahead as i32 * 60).unwrap();
            let civil = offset.to_datetime(time).strftime("%Y-%m-%dT%H:%M:%S.%9f").to_string();
            let zone = format!("{}{:02}:{:02}", if ahead < 0 { '-' } else { '+' }, ahead.abs() / 60, ahead.abs() % 60);
            let text = format!("{}{zone}", if cut == 0 { &civil[..civil.len() - 10] } else { &civil[..civil.len() - 9 + cut] });
            prop_assert_eq!(quick(text.as_bytes()), slow(&text).ok().map(Timestamp::as_millisecond), "{}", text);
        }
    }
}
