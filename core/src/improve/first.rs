//! Who used a choice first.

use std::collections::BTreeMap;

use crate::evidence::{ChoiceTable, Use};

/// Uses that count as the first ones: as many as make minimum evidence, or a tenth of all.
const FIRST: usize = 30;
/// Share of the first uses from which a rep counts as a first user.
const FAIR: usize = 10;

/// A choice by rep: uses and chances, and the days of the first uses.
#[derive(Debug, Clone, Default)]
pub(super) struct RepUses {
    /// Cases that stood there.
    pub(super) chances: u64,
    /// Cases that made the choice.
    pub(super) uses: u64,
    /// Days of its dated uses, sorted.
    pub(super) days: Vec<i32>,
    /// Uses among the first ones of all reps.
    pub(super) first: u64,
    /// Chances by the day of the last of the first uses.
    pub(super) first_chances: u64,
}

/// Uses by rep, and the day up to which uses are the first ones; `None` where no use is dated.
pub(super) fn by_rep(table: &ChoiceTable, uses: &[Use]) -> (BTreeMap<String, RepUses>, Option<i32>) {
    let mut reps: BTreeMap<String, RepUses> = BTreeMap::new();
    let mut days: Vec<i32> = Vec::new();
    for used in uses {
        let Some(rep) = table.rep_of(used.case) else { continue };
        let of = reps.entry(rep.to_owned()).or_default();
        of.chances += 1;
        of.uses += u64::from(used.made);
        if let Some(day) = table.day_of(used.case).filter(|_| used.made) {
            of.days.push(day);
            days.push(day);
        }
    }
    days.sort_unstable();
    reps.values_mut().for_each(|of| of.days.sort_unstable());
    let first = FIRST.max(days.len().div_ceil(10)).min(days.len());
    let until = first.checked_sub(1).map(|last| days[last]);
    if let Some(until) = until {
        for used in uses {
            let (Some(rep), Some(day)) = (table.rep_of(used.case), table.day_of(used.case)) else { continue };
            if let Some(of) = reps.get_mut(rep).filter(|_| day <= until) {
                of.first_chances += 1;
                of.first += u64::from(used.made);
            }
        }
    }
    (reps, until)
}

/// Reps with at least a tenth of the first uses, and more than twice what their chances then would give; most first. Without
/// dates, the rep with the most uses. At least the rep of the very first use where nobody stands out.
pub(super) fn first_users(reps: &BTreeMap<String, RepUses>, dated: bool) -> Vec<String> {
    if !dated {
        let most = reps.iter().filter(|(_, of)| of.uses > 0).max_by_key(|(name, of)| (of.uses, std::cmp::Reverse((*name).clone())));
        return most.map(|(name, _)| name.clone()).into_iter().collect();
    }
    let mut first = leaders(reps);
    if first.is_empty() {
        let earliest = reps.iter().filter(|(_, of)| !of.days.is_empty()).min_by_key(|(name, of)| (of.days[0], (*name).clone()));
        first.extend(earliest.map(|(name, _)| name.clone()));
    }
    first
}

/// Reps that used it much and early, those with the most first uses first.
pub(super) fn leaders(reps: &BTreeMap<String, RepUses>) -> Vec<String> {
    let all: u64 = reps.values().map(|of| of.first).sum();
    let chances: u64 = reps.values().map(|of| of.first_chances).sum();
    let mut found: Vec<(&String, &RepUses)> =
        (reps.iter()).filter(|(_, of)| of.first > 0 && of.first * FAIR as u64 >= all && of.first * chances > 2 * all * of.first_chances).collect();
    found.sort_by(|a, b| b.1.first.cmp(&a.1.first).then_with(|| a.1.days.cmp(&b.1.days)).then_with(|| a.0.cmp(b.0)));
    found.into_iter().map(|(name, _)| name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_first() {
        let rep = |uses, days: &[i32], first, first_chances| RepUses { chances: 100, uses, days: days.to_vec(), first, first_chances };
        let mut reps: BTreeMap<String, RepUses> = BTreeMap::new();
        reps.insert("ann".into(), rep(40, &[3], 20, 30));
        reps.insert("bob".into(), rep(60, &[1], 2, 300));
        reps.insert("cyd".into(), rep(5, &[], 8, 20));
        assert_eq!(leaders(&reps), ["ann", "cyd"]);
        assert_eq!(first_users(&reps, false), ["bob"]);
        // Nobody stands out: the very first use.
        let even: BTreeMap<String, RepUses> = [("ann".to_owned(), rep(9, &[4], 9, 30)), ("bob".to_owned(), rep(9, &[2], 9, 30))].into();
        assert!(leaders(&even).is_empty());
        assert_eq!(first_users(&even, true), ["bob"]);
    }
}
