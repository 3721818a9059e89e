//! Slips: where a team, a segment or all keep to the SOP less than they did, each matter told of those it is about.
//!
//! Adherence and each deviation are followed week by week in each group as shares are in [`Drift`]: the week by PELT, its
//! probability by a G test with noise between weeks and the weeks searched over allowed for, the false discovery rate over all
//! groups and shares. What all do is told once, of all; what only one team does is told of that team, and not of all besides.

use jiff::civil::Date;
use serde::Serialize;

use super::alerts::{Action, Alert, AlertKind};
use super::calendar::{monday, week};
use super::chances::ChanceKind;
use super::drift::{Drift, DriftOptions, Series, Split, splits};
use super::execution::{Execution, Group};
use crate::check::DeviationKind;
use crate::stats::{benjamini_hochberg, chi2_sf, g_test};

/// What slipped.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum SlipOf {
    /// Steps done, of those due.
    Adherence,
    /// Cases with a deviation.
    Deviation {
        /// Its kind.
        kind: DeviationKind,
        /// Step or label.
        step: String,
        /// Name of the SOP.
        sop: String,
    },
}

/// A group that keeps to the SOP less, or otherwise, than it did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Slip {
    /// Whose.
    pub group: Group,
    /// What.
    pub of: SlipOf,
    /// What people read of the step; `adherence` for that.
    pub title: String,
    /// Monday of the week from which on it was otherwise.
    pub since: Date,
    /// The change may as well have been this early…
    pub since_low: Date,
    /// …or this late (95 %).
    pub since_high: Date,
    /// When it was over; `None` while it lasts.
    pub until: Option<Date>,
    /// Steps done of those due, or cases with the deviation of all, before…
    pub before: (u64, u64),
    /// …and since.
    pub after: (u64, u64),
    /// Probability of such a change by chance, the weeks searched over allowed for.
    pub p_value: f64,
    /// The same, all groups and shares looked at allowed for.
    pub q_value: f64,
    /// It is worse than it was: not by chance alone, and not the same matter as one that is told.
    pub told: bool,
}

/// A slip with what is needed to tell matters apart.
struct Found {
    slip: Slip,
    split: Split,
}

/// Below which a change elsewhere counts as there.
const ALSO: f64 = 0.05;

impl Execution {
    /// Each change of adherence and of each deviation in each group, those that are told first, the surest before the others.
    pub fn slips(&self, options: &DriftOptions) -> Vec<Slip> {
        let shares = self.shares();
        let mut found: Vec<Found> = vec![];
        for (of, title, group, series) in &shares {
            let slip = |s: Split| Slip {
                group: (*group).clone(),
                of: of.clone(),
                title: (*title).to_owned(),
                since: s.since,
                since_low: s.since_low,
                since_high: s.since_high,
                until: until(series, &s),
                before: s.before,
                after: s.after,
                p_value: s.p_value,
                q_value: s.p_value,
                told: false,
            };
            found.extend(splits(series, options).into_iter().map(|split| Found { slip: slip(split), split }));
        }
        let p: Vec<f64> = found.iter().map(|f| f.slip.p_value).collect();
        let q = benjamini_hochberg(&p).unwrap_or(p);
        for (f, q) in found.iter_mut().zip(q) {
            f.slip.q_value = q;
            f.slip.told = q <= options.false_share && f.slip.worse();
        }
        let series = |slip: &Slip, by: &str| shares.iter().find(|s| s.0 == slip.of && s.2.by == by && (by == "all" || *s.2 == slip.group)).map(|s| &s.3);
        settle(&mut found, &series);
        let mut slips: Vec<Slip> = found.into_iter().map(|f| f.slip).collect();
        slips.sort_by(|a, b| {
            (b.told, a.p_value)
                .partial_cmp(&(a.told, b.p_value))
                .unwrap_or(std::cmp::Ordering::Equal)
                .then_with(|| (&a.group, &a.of, a.since).cmp(&(&b.group, &b.of, b.since)))
        });
        slips
    }

    /// Every share of every group that is not too large to be told apart from all, by week.
    fn shares(&self) -> Vec<(SlipOf, &str, &Group, Series)> {
        let mut shares: Vec<(SlipOf, &str, &Group, Series)> = vec![];
        for w in &self.weeks {
            let Some(monday) = w.week else { continue };
            if shares.last().is_none_or(|s| *s.2 != w.group) {
                shares.push((SlipOf::Adherence, "adherence", &w.group, vec![]));
            }
            let Some(last) = shares.last_mut() else { continue };
            if w.due > 0 {
                last.3.push((week(monday), w.adhered, w.due));
            }
        }
        let groups: Vec<(&Group, Series)> = {
            let mut groups: Vec<(&Group, Series)> = vec![];
            for w in self.weeks.iter().filter(|w| w.week.is_some()) {
                if groups.last().is_none_or(|g| *g.0 != w.group) {
                    groups.push((&w.group, vec![]));
                }
                if let (Some(last), Some(monday)) = (groups.last_mut(), w.week) {
                    last.1.push((week(monday), 0, w.cases));
                }
            }
            groups
        };
        // Weeks without the deviation count as well: the series begins as that of the group's cases.
        for one in self.deviations.chunk_by(|a, b| a.group == b.group && a.kind == b.kind && a.step == b.step && a.sop == b.sop) {
            let (first, Some((group, cases))) = (&one[0], groups.iter().find(|g| *g.0 == one[0].group)) else { continue };
            let mut series = cases.clone();
            for d in one {
                let at = d.week.and_then(|monday| series.binary_search_by_key(&week(monday), |w| w.0).ok());
                if let Some(at) = at {
                    series[at].1 = d.cases;
                }
            }
            let of = SlipOf::Deviation { kind: first.kind, step: first.step.clone(), sop: first.sop.clone() };
            shares.push((of, first.title.as_str(), group, series));
        }
        shares
    }
}

/// Leaves one of those that are the same matter.
fn settle<'s>(found: &mut [Found], series: &dyn Fn(&Slip, &str) -> Option<&'s Series>) {
    let told = |found: &[Found]| -> Vec<usize> { (0..found.len()).filter(|&i| found[i].slip.told).collect() };
    // Of several falls of one share, one that lasts, and the surest.
    let falls: Vec<Slip> = told(found).into_iter().map(|i| found[i].slip.clone()).collect();
    for i in told(found) {
        let own = &found[i].slip;
        let order = |slip: &Slip| (slip.until.is_some(), slip.p_value, slip.since);
        let other = falls.iter().any(|other| other.group == own.group && other.of == own.of && order(other) < order(own));
        found[i].slip.told = !other;
    }
    // A group whose change is that of all others as well: told of all.
    for i in told(found) {
        let f = &found[i];
        let all = told(found).into_iter().find(|&j| found[j].slip.group.by == "all" && found[j].slip.of == f.slip.of && near(&found[j].slip, &f.slip));
        if f.slip.group.by == "all" || all.is_none() {
            continue;
        }
        let (Some(whole), Some(own)) = (series(&f.slip, "all"), series(&f.slip, &f.slip.group.by)) else { continue };
        found[i].slip.told = !also(whole, &[own], &f.split, &f.slip);
    }
    // All, where without the groups that are told nothing changed: told of these.
    for i in told(found) {
        if found[i].slip.group.by != "all" {
            continue;
        }
        let f = &found[i];
        let mut groups: Vec<&str> = told(found).into_iter().map(|j| found[j].slip.group.by.as_str()).filter(|by| *by != "all").collect();
        groups.dedup();
        let Some(whole) = series(&f.slip, "all") else { continue };
        let of_groups = groups.iter().any(|by| {
            let own: Vec<&Series> = (told(found).into_iter().map(|j| &found[j].slip))
                .filter(|slip| slip.group.by == *by && slip.of == f.slip.of && near(slip, &f.slip))
                .filter_map(|slip| series(slip, by))
                .collect();
            !own.is_empty() && !also(whole, &own, &f.split, &f.slip)
        });
        found[i].slip.told = !of_groups;
    }
    // Of groups of several kinds (teams, segments) the surest; and of adherence and a deviation, the deviation.
    let before: Vec<Slip> = told(found).into_iter().map(|i| found[i].slip.clone()).collect();
    for i in told(found) {
        let own = &found[i].slip;
        let general = own.of == SlipOf::Adherence && before.iter().any(|other| other.group == own.group && other.of != own.of && near(other, own));
        let surer = |other: &Slip| (other.p_value, other.group.by != "team", &other.group) < (own.p_value, own.group.by != "team", &own.group);
        let second = before.iter().any(|other| {
            other.of == own.of
                && ![&other.group.by, &own.group.by].contains(&&"all".to_owned())
                && other.group.by != own.group.by
                && near(other, own)
                && surer(other)
        });
        found[i].slip.told = !general && !second;
    }
}

/// The week from which on a share was nearer again to what it was before.
fn until(series: &Series, split: &Split) -> Option<Date> {
    let end = split.weeks.2;
    let (hits, n) = series.iter().filter(|w| w.0 >= end).fold((0u64, 0u64), |s, w| (s.0 + w.1, s.1 + w.2));
    let share = |part: (u64, u64)| part.0 as f64 / part.1 as f64;
    let (before, after, now) = (share(split.before), share(split.after), share((hits, n)));
    (n > 0 && (now - before).abs() < (now - after).abs()).then(|| monday(end))
}

/// Whether two changes may be of one week.
fn near(a: &Slip, b: &Slip) -> bool {
    const WEEKS: i32 = 4;
    week(a.since_low) <= week(b.since_high) + WEEKS && week(b.since_low) <= week(a.since_high) + WEEKS
}

/// Whether the share of all without some groups went the same way in the same weeks.
fn also(all: &Series, without: &[&Series], split: &Split, slip: &Slip) -> bool {
    let (from, at, to) = split.weeks;
    let sum = |series: &Series, weeks: std::ops::Range<i32>| series.iter().filter(|w| weeks.contains(&w.0)).fold((0u64, 0u64), |s, w| (s.0 + w.1, s.1 + w.2));
    let rest = |weeks: std::ops::Range<i32>| {
        without.iter().fold(sum(all, weeks.clone()), |s, own| {
            let own = sum(own, weeks.clone());
            (s.0.saturating_sub(own.0), s.1.saturating_sub(own.1))
        })
    };
    let (before, after) = (rest(from..at), rest(at..to));
    if before.1 == 0 || after.1 == 0 {
        return false;
    }
    let share = |part: (u64, u64)| part.0 as f64 / part.1 as f64;
    let (here, there) = (share(slip.after) - share(slip.before), share(after) - share(before));
    let test = g_test(&[before.0, before.1.saturating_sub(before.0)], &[after.0, after.1.saturating_sub(after.0)]);
    // A tenth of the change elsewhere is not the same matter, however many cases show it.
    here * there > 0.0 && there.abs() >= here.abs() / 3.0 && test.is_some_and(|test| chi2_sf(test.statistic / split.dispersion, 1.0) < ALSO)
}

impl Slip {
    /// Whether fewer steps are done, or more cases deviate.
    fn worse(&self) -> bool {
        let share = |part: (u64, u64)| part.0 as f64 / part.1 as f64;
        (share(self.after) > share(self.before)) != (self.of == SlipOf::Adherence)
    }

    /// Whether a change of a planned step, a standard or a choice says the same.
    pub(crate) fn told_by(&self, drift: &Drift) -> bool {
        const WEEKS: i32 = 4;
        let near = week(drift.since_low) <= week(self.since_high) + WEEKS && week(self.since_low) <= week(drift.since_high) + WEEKS;
        let down = drift.share_after() < drift.share_before();
        near && match &self.of {
            SlipOf::Adherence => drift.chance.kind == ChanceKind::Step && down,
            SlipOf::Deviation { kind, step, sop } => {
                let same = drift.chance.step == *step && drift.chance.sop == *sop;
                same && match drift.chance.kind {
                    ChanceKind::Step => *kind == DeviationKind::Skipped && down,
                    ChanceKind::Standard => matches!(kind, DeviationKind::BelowStandard | DeviationKind::Late) && down,
                    ChanceKind::Choice => *kind == DeviationKind::Extra && !down,
                    _ => false,
                }
            }
        }
    }

    /// It as an alert.
    pub(crate) fn alert(&self) -> Alert {
        let (kind, what) = match &self.of {
            SlipOf::Adherence => (AlertKind::Adherence, "adherence".to_owned()),
            SlipOf::Deviation { kind, step, .. } => (AlertKind::Deviation, format!("{}:{step}", kind.name())),
        };
        let share = |part: (u64, u64)| part.0 as f64 / part.1 as f64;
        let sop = if let SlipOf::Deviation { sop, .. } = &self.of { sop.as_str() } else { "" };
        let whose = format!("{what}\n{sop}\n{}\n{}", self.group.by, self.group.value.as_deref().unwrap_or_default());
        Alert {
            id: Alert::id_of(kind, None, &whose, self.since),
            kind,
            rep: None,
            group: Some(self.group.clone()),
            what,
            title: self.title.clone(),
            since: self.since,
            found: self.since_high,
            until: self.until,
            chance_alone: self.p_value,
            before: share(self.before),
            after: share(self.after),
            n: self.after.1,
            action: Action::RemindTeam,
        }
    }
}
