//! Days and weeks: whole numbers, so that neither time zones nor changes of the clock can lose or double one.

use jiff::civil::Date;

use crate::corpus::{DAY, NO_TIME};
pub(crate) use crate::corpus::{date_of_day as date, day_of_date as day};
use crate::error::{Error, Result};

/// No week.
pub(crate) const NO_WEEK: i32 = i32::MIN;
/// A gap of this many days before the last dates, where few lie behind it, is a slip of the pen and not the course of time.
const GAP: i64 = 400;

/// A week, numbered from the Monday before 1970: the unit in which people and behaviour are followed.
pub(crate) fn week_of_day(day: i64) -> i32 {
    (day + 3).div_euclid(7) as i32
}

/// The day (since 1970) a week begins on.
pub(crate) fn first_day(week: i32) -> i64 {
    i64::from(week) * 7 - 3
}

/// The week of a date.
pub(crate) fn week(date: Date) -> i32 {
    week_of_day(day(date))
}

/// The first week that begins on a date or after it.
pub(crate) fn first_week(date: Date) -> i32 {
    week_of_day(day(date).saturating_add(6))
}

/// The Monday a week begins on.
pub(crate) fn monday(week: i32) -> Date {
    date(first_day(week))
}

/// Weeks of cases, and which lie after the day on which things are looked at.
pub(crate) struct Calendar {
    offset: i64,
    /// The day on which things are looked at; `None` where nothing is dated.
    pub(crate) as_of: Option<i64>,
    /// Cases without a date.
    pub(crate) undated: u64,
    /// Cases dated after it: left out.
    pub(crate) future: u64,
}

impl Calendar {
    /// `offset` shifts days from UTC, in minutes. Without a stated day the last day there is counts; but dates that lie more than
    /// 400 days after all others, and are at most one in a hundred, count as future.
    pub(crate) fn of(started: &[i64], as_of: Option<Date>, offset: i32) -> Result<Self> {
        if offset.abs() > 18 * 60 {
            return Err(Error::argument("utc_offset", format!("{offset} minutes are no offset from UTC"), "a number of minutes from -1080 to 1080"));
        }
        let offset = i64::from(offset) * 60_000;
        let mut days: Vec<i64> = started.iter().filter(|&&t| t != NO_TIME).map(|&t| t.saturating_add(offset).div_euclid(DAY)).collect();
        days.sort_unstable();
        let undated = (started.len() - days.len()) as u64;
        let as_of = as_of.map(day).or_else(|| {
            let few = days.len() / 100;
            let slip = (days.len().saturating_sub(few).max(1)..days.len()).find(|&i| days[i] - days[i - 1] > GAP);
            days.get(slip.map_or(days.len().saturating_sub(1), |i| i - 1)).copied()
        });
        let future = as_of.map_or(0, |last| days.len() - days.partition_point(|&d| d <= last)) as u64;
        Ok(Self { offset, as_of, undated, future })
    }

    /// The week of a moment; [`NO_WEEK`] without one, `None` where it lies in the future.
    pub(crate) fn week(&self, started: i64) -> Option<i32> {
        if started == NO_TIME {
            return Some(NO_WEEK);
        }
        let day = started.saturating_add(self.offset).div_euclid(DAY);
        self.as_of.is_none_or(|last| day <= last).then(|| week_of_day(day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_mondays() {
        let monday_2024: Date = "2024-01-01".parse().unwrap();
        assert_eq!(monday(week(monday_2024)), monday_2024);
        assert_eq!(week("2024-01-07".parse().unwrap()) + 1, week("2024-01-08".parse().unwrap()));
        assert_eq!(monday(week("1969-12-30".parse().unwrap())).to_string(), "1969-12-29");
        // Days on which clocks change are days like others.
        for day_of_change in ["2024-03-31", "2024-10-27", "2024-03-10"] {
            let at: Date = day_of_change.parse().unwrap();
            assert_eq!(date(day(at)), at);
        }
    }

    #[test]
    fn a_slip_of_the_pen_is_not_today() {
        let mut started: Vec<i64> = (0..300).map(|d| d * DAY).collect();
        started.push(40_000 * DAY);
        started.push(NO_TIME);
        let calendar = Calendar::of(&started, None, 0).unwrap();
        assert_eq!((calendar.as_of, calendar.undated, calendar.future), (Some(299), 1, 1));
        assert_eq!(calendar.week(40_000 * DAY), None);
        assert_eq!(calendar.week(NO_TIME), Some(NO_WEEK));
        let all = Calendar::of(&started, Some(date(50_000)), 0).unwrap();
        assert_eq!(all.future, 0);
        assert_eq!(Calendar::of(&[], None, 0).unwrap().as_of, None);
        assert!(Calendar::of(&[], None, 5_000).is_err());
        // In Shanghai the day begins eight hours before that of UTC.
        let sunday_evening = 3 * DAY + 17 * 3_600_000;
        let week = |offset| Calendar::of(&[sunday_evening], None, offset).unwrap().week(sunday_evening).unwrap();
        assert_eq!(week(480), week(0) + 1);
    }
}
