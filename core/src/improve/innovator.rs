//! Who found what works: early and often, apart from who merely wins much.

use std::collections::BTreeMap;

use serde::Serialize;

use super::first::{RepUses, by_rep, leaders};
use super::innovation::{Innovation, InnovationStatus};
use super::mine::Mines;
use crate::evidence::{ChoiceTable, OfRep, Use};
use crate::stats::Interval;
use crate::words::{self, Lang};

/// The use from which a rep has taken a choice up: once or twice may be chance.
const TAKEN_UP: usize = 3;
/// Periods of an adoption curve, and the shortest.
const PERIODS: i32 = 12;
const SHORTEST: i32 = 7;

/// What one rep made of an innovation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RepUse {
    /// The rep.
    pub rep: String,
    /// Cases that stood where it may be done.
    pub chances: u64,
    /// Cases that did it.
    pub uses: u64,
    /// Day of the first use, in days since 1970-01-01.
    pub first_use: Option<i32>,
    /// Day of the third use: from then on the rep has taken it up.
    pub taken_up: Option<i32>,
    /// Uses among the first ones of all reps.
    pub first_uses: u64,
    /// The effect within the cases of this rep, where both arms are there.
    pub effect: Option<Interval>,
}

/// A period of an adoption curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Adoption {
    /// First day, in days since 1970-01-01.
    pub from: i32,
    /// Days.
    pub days: i32,
    /// Cases that stood where it may be done, of all reps.
    pub chances: u64,
    /// Cases that did it.
    pub uses: u64,
    /// Reps that did it.
    pub users: u64,
    /// The same cases, of the first users.
    pub first_chances: u64,
    /// Cases of the first users that did it.
    pub first_uses: u64,
}

/// A rep who led the way to a proven innovation (创新者).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Innovator {
    /// The rep.
    pub rep: String,
    /// Number of the innovation in the list.
    pub innovation: usize,
    /// Place among those who led the way to it: 1 for the one with the most first uses.
    pub place: usize,
    /// What the rep made of it.
    pub use_of_it: RepUse,
    /// Days between taking it up and the median of the other reps who ever did; `None` without dates, or where nobody
    /// followed.
    pub days_before_others: Option<i32>,
    /// Other reps who took it up.
    pub followers: u64,
    /// Win rate, or mean outcome, over all decided cases of the rep.
    pub rate: Option<f64>,
    /// Place of the rep by that rate, 1 for the best, among reps with decided cases.
    pub rate_place: usize,
    /// Reps with decided cases.
    pub reps: usize,
}

impl Innovator {
    /// One sentence about the rep.
    pub fn sentence(&self, innovation: &Innovation, lang: Lang) -> String {
        words::innovator(self, innovation, lang)
    }
}

pub(super) fn rep_uses(reps: &BTreeMap<String, RepUses>, effects: &[OfRep]) -> Vec<RepUse> {
    (reps.iter())
        .map(|(rep, of)| RepUse {
            rep: rep.clone(),
            chances: of.chances,
            uses: of.uses,
            first_use: of.days.first().copied(),
            taken_up: of.days.get(TAKEN_UP - 1).copied(),
            first_uses: of.first,
            effect: effects.iter().find(|of| of.rep.as_ref() == Some(rep)).and_then(|of| of.effect),
        })
        .collect()
}

/// At most twelve periods of equal length, none shorter than a week.
pub(super) fn adoption(table: &ChoiceTable, uses: &[Use], first_users: &[String]) -> Vec<Adoption> {
    let dated = || uses.iter().filter_map(|used| Some((table.day_of(used.case)?, used)));
    let (Some(from), Some(to)) = (dated().map(|d| d.0).min(), dated().map(|d| d.0).max()) else { return Vec::new() };
    let days = ((to - from) / PERIODS + 1).max(SHORTEST);
    let count = ((to - from) / days + 1) as usize;
    let mut periods: Vec<Adoption> =
        (0..count).map(|i| Adoption { from: from + i as i32 * days, days, chances: 0, uses: 0, users: 0, first_chances: 0, first_uses: 0 }).collect();
    let mut users: Vec<std::collections::BTreeSet<&str>> = vec![std::collections::BTreeSet::new(); count];
    for (day, used) in dated() {
        let at = ((day - from) / days) as usize;
        let (period, rep) = (&mut periods[at], table.rep_of(used.case));
        let first = rep.is_some_and(|rep| first_users.iter().any(|name| name == rep));
        period.chances += 1;
        period.uses += u64::from(used.made);
        period.first_chances += u64::from(first);
        period.first_uses += u64::from(first && used.made);
        if used.made {
            users[at].extend(rep);
        }
    }
    periods.iter_mut().zip(users).for_each(|(period, users)| period.users = users.len() as u64);
    periods
}

/// Those who led the way to each proven innovation.
pub(super) fn innovators(mines: &Mines, innovations: &[Innovation]) -> Vec<Innovator> {
    let rates = rates(&mines.paths.table);
    let mut found = Vec::new();
    for (number, innovation) in innovations.iter().enumerate().filter(|(_, i)| i.status == InnovationStatus::Proven) {
        let table = &mines.at(&innovation.choice).table;
        let (reps, _) = by_rep(table, &table.uses(&innovation.choice));
        for (place, rep) in leaders(&reps).into_iter().enumerate() {
            let Some(use_of_it) = innovation.reps.iter().find(|of| of.rep == rep).cloned() else { continue };
            let mut others: Vec<i32> = innovation.reps.iter().filter(|of| of.rep != rep).filter_map(|of| of.taken_up).collect();
            others.sort_unstable();
            let median = others.get(others.len().saturating_sub(1) / 2);
            let rate_place = rates.iter().position(|(name, _)| *name == rep);
            found.push(Innovator {
                days_before_others: use_of_it.taken_up.zip(median).map(|(own, others)| others - own),
                followers: others.len() as u64,
                rate: rate_place.map(|at| rates[at].1),
                rate_place: rate_place.map_or(0, |at| at + 1),
                reps: rates.len(),
                use_of_it,
                innovation: number,
                place: place + 1,
                rep,
            });
        }
    }
    found
}

/// Mean outcomes of the reps, highest first.
fn rates(table: &ChoiceTable) -> Vec<(String, f64)> {
    let mut sums: BTreeMap<&str, (u64, f64)> = BTreeMap::new();
    for case in 0..table.len() {
        if let (Some(rep), Some(value)) = (table.rep_of(case), table.value_of(case)) {
            let of = sums.entry(rep).or_default();
            *of = (of.0 + 1, of.1 + value);
        }
    }
    let mut rates: Vec<(String, f64)> = sums.into_iter().map(|(rep, (n, sum))| (rep.to_owned(), sum / n as f64)).collect();
    rates.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    rates
}
