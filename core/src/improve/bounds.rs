//! Other bounds for the standards there are: asked for where meeting them goes with better results, given up where missing the
//! present one is known to cost next to nothing.

use std::collections::BTreeMap;

use super::mine::Mine;
use crate::check::{Check, State};
use crate::evidence::{BoundAt, ChoiceId, ChoiceKind, Finding, Verdict};
use crate::sop::{Bounds, Patch, Sop, standard_keys, standard_names};

/// Shares of the values on a side of the present bound at which another one is looked for.
const QUANTILES: [f64; 3] = [0.25, 0.5, 0.75];
/// Fewest values on a side.
const FEW: usize = 60;

/// Bounds to be looked at: at quartiles of the values that meet the present bound, and of those that miss it.
pub(super) fn candidates(check: &Check) -> Vec<BoundAt> {
    let mut values: BTreeMap<(u32, u32), Vec<f64>> = BTreeMap::new();
    for case in 0..check.len() {
        let Some(path) = check.path_of(case) else { continue };
        let entry = check.sop_of_path(path).0;
        for m in check.measured(case).filter(|m| m.state != State::NotMeasured) {
            values.entry((entry, m.rule)).or_default().push(m.value);
        }
    }
    let mut found = Vec::new();
    for ((entry, rule), mut values) in values {
        let Some(standard) = check.standard(entry, rule) else { continue };
        let bounds = standard.standard.measure.bounds();
        // Only where values and bounds are in the unit of the file.
        if (bounds.at_least, bounds.at_most) != (standard.at_least, standard.at_most) || standard.standard.measure.with_bounds(bounds).is_none() {
            continue;
        }
        let Some(step) = check.step_of_rule(entry, rule) else { continue };
        values.sort_by(f64::total_cmp);
        for (least, old) in [(true, bounds.at_least), (false, bounds.at_most)].into_iter().filter_map(|(least, bound)| Some((least, bound?))) {
            let parts = values.split_at(values.partition_point(|value| if least { *value < old } else { *value <= old }));
            for side in [parts.0, parts.1].into_iter().filter(|side| side.len() >= FEW) {
                // A bound that all meet asks for nothing.
                let asks = |new: &f64| *new != old && if least { values.first() < Some(new) } else { values.last() > Some(new) };
                let mut new: Vec<f64> = QUANTILES.iter().map(|share| side[(share * side.len() as f64) as usize]).filter(asks).collect();
                new.dedup();
                found.extend(new.into_iter().map(|new| BoundAt { entry, step: step.clone(), key: standard.key.clone(), least, old, new }));
            }
        }
    }
    found
}

/// The bound a choice is about.
pub(super) fn bound_of(id: &ChoiceId) -> Option<BoundAt> {
    let [side, old, new] = id.given.as_slice() else { return None };
    if id.kind != ChoiceKind::Standard {
        return None;
    }
    let key = id.standard.as_ref()?.key.clone();
    Some(BoundAt { entry: id.entry, step: id.step.clone(), key, least: side == "at_least", old: old.parse().ok()?, new: new.parse().ok()? })
}

/// The patch that puts another bound in the place of the present one.
pub(super) fn edit(sop: &Sop, bound: &BoundAt) -> Option<Patch> {
    let standards = &sop.steps().get(&bound.step)?.standards;
    let at = standard_keys(standards).iter().position(|key| *key == bound.key)?;
    let present = standards[at].measure.bounds();
    let bounds = if bound.least { Bounds { at_least: Some(bound.new), ..present } } else { Bounds { at_most: Some(bound.new), ..present } };
    Some(Patch::new().set_bounds(bound.step.clone(), standard_names(standards).swap_remove(at), bounds))
}

/// What the evidence says of other bounds: stricter ones that missing hurts, by the earlier cases, the later ones and all; and of
/// looser ones the loosest for which missing the present bound costs no more than the margin. One a side.
pub(super) fn found(mine: &Mine, harmless: impl Fn(&Finding) -> bool) -> crate::error::Result<Vec<ChoiceId>> {
    let mut stricter: BTreeMap<(u32, String, String, bool), (f64, ChoiceId)> = BTreeMap::new();
    let mut looser: BTreeMap<(u32, String, String, bool), (f64, ChoiceId)> = BTreeMap::new();
    for (planned, finding) in mine.whole.choices.iter().zip(&mine.all) {
        let (Some(bound), Some(finding)) = (bound_of(&planned.choice), finding) else { continue };
        let place = (bound.entry, bound.step.clone(), bound.key.clone(), bound.least);
        let far = (bound.new - bound.old).abs();
        if bound.stricter() {
            let hurts = |f: &Finding| mine.against(f);
            let clear =
                finding.verdict == Verdict::Hurts && mine.mined(&planned.choice).is_some_and(hurts) && mine.later(&planned.choice)?.is_some_and(|f| hurts(&f));
            if clear && stricter.get(&place).is_none_or(|(size, _)| finding.estimate.is_some_and(|e| e.abs() > *size)) {
                stricter.insert(place, (finding.estimate.map_or(0.0, f64::abs), planned.choice.clone()));
            }
        } else if harmless(finding) && looser.get(&place).is_none_or(|(size, _)| far > *size) {
            looser.insert(place, (far, planned.choice.clone()));
        }
    }
    // A bound that should be stricter is not given up.
    looser.retain(|place, _| !stricter.contains_key(place));
    Ok(stricter.into_values().chain(looser.into_values()).map(|(_, id)| id).collect())
}
