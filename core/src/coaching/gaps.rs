//! Weaknesses (弱项): where a rep falls behind, in the order of what closing the gap would be worth; and what top people do there.

use serde::{Deserialize, Serialize};

use super::fit::Fit;
use super::people::People;
use crate::check::{Account, DeviationKind, NOWHERE};
use crate::corpus::OutcomeValue;
use crate::error::Result;
use crate::evidence::{ChoiceKind, Finding, Verdict};
use crate::monitor::{ChanceId, ChanceKind, week_of_day};
use crate::stats::{Interval, normal_cdf};

/// Weeks whose chances say how often a skill is needed.
const VOLUME: i32 = 12;
/// Own turns shown.
const EXAMPLES: usize = 5;

/// Where a rep's own conversation shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// Id of the conversation or deal.
    pub case: String,
    /// First and last turn, counted from 0; `None` where the conversation has none.
    pub turns: Option<(u32, u32)>,
}

/// Something people do at a point, and how often: top people, and this rep (工作模式).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkPattern {
    /// Step or label.
    pub step: String,
    /// Its title.
    pub title: String,
    /// Times top people did it, of how many.
    pub top: (u64, u64),
    /// Times this rep did it, of how many.
    pub own: (u64, u64),
}

/// What the effect of a step on results was taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectFrom {
    /// A finding of the evidence engine.
    Finding,
    /// The share of the cases that went on from there and were won: an association.
    LaterWins,
}

/// A gap of a rep.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SkillGap {
    /// The rep.
    pub rep: String,
    /// Key of the skill.
    pub skill: String,
    /// The chance it is about.
    pub chance: ChanceId,
    /// Share the rep comes to, with the cases of all.
    pub rate: Interval,
    /// Share an average rep comes to.
    pub average: f64,
    /// How far below, drawn to 0 by as much as chance is in it.
    pub gap: f64,
    /// Probability that the rep is below the average.
    pub p_below: f64,
    /// What one more time it is done goes with, in the share won; `None` where nothing can be said.
    pub effect: Option<f64>,
    /// Where that is from.
    pub effect_from: Option<EffectFrom>,
    /// Chances in twelve weeks.
    pub volume: f64,
    /// Effect × gap × volume: wins in twelve weeks that go with the gap; `None` without an effect.
    pub worth: Option<f64>,
    /// Own turns that show it.
    pub examples: Vec<Example>,
    /// What top people do next there, and this rep less often.
    pub patterns: Vec<WorkPattern>,
}

impl SkillGap {
    /// One sentence about it.
    pub fn sentence(&self, lang: crate::words::Lang) -> String {
        crate::words::people::gap(self, lang)
    }
}

impl People {
    /// The gaps of a rep: those with a known worth first, the largest before the others, then the rest by size. Only those are named
    /// in which the rep is below the average with a probability of 0.8.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) for a rep that is not there.
    pub fn gaps(&self, rep: &str) -> Result<Vec<SkillGap>> {
        let number = self.skills().rep(rep)?;
        let mut list = self.gaps_without_examples(rep)?;
        self.add_examples(number, &mut list)?;
        for gap in &mut list {
            gap.patterns = self.patterns(number, &gap.chance);
        }
        Ok(list)
    }

    /// The gaps as such.
    pub(super) fn gaps_without_examples(&self, rep: &str) -> Result<Vec<SkillGap>> {
        let skills = self.skills();
        let number = skills.rep(rep)?;
        let mut list: Vec<SkillGap> = vec![];
        for (at, skill) in skills.skills().iter().enumerate() {
            let (Some(chance), Some(row)) = (&skill.chance, skills.row(number, at)) else { continue };
            let fit = &skills.0.fits[at];
            let p_below = if row.level_se > 0.0 { normal_cdf(-row.level / row.level_se) } else { 0.5 };
            if p_below < 0.8 || fit.spread == 0.0 {
                continue;
            }
            let (average, volume) = (fit.rate(0.0), self.volume(fit, number));
            let gap = (average - row.rate.estimate).max(0.0);
            let (effect, effect_from) = self.effect_of(chance).map_or((None, None), |(effect, from)| (Some(effect), Some(from)));
            list.push(SkillGap {
                rep: rep.to_owned(),
                skill: skill.key.clone(),
                chance: chance.clone(),
                rate: row.rate,
                average,
                gap,
                p_below,
                effect,
                effect_from,
                volume,
                worth: effect.map(|effect| effect.max(0.0) * gap * volume),
                examples: vec![],
                patterns: vec![],
            });
        }
        list.sort_by(|a, b| {
            let order = |g: &SkillGap| (g.worth.unwrap_or(-1.0), g.gap);
            let ((aw, ag), (bw, bg)) = (order(a), order(b));
            bw.total_cmp(&aw).then(bg.total_cmp(&ag)).then_with(|| a.skill.cmp(&b.skill))
        });
        Ok(list)
    }

    /// Chances in twelve weeks, from the last twelve before the day looked at; from all weeks where none is dated.
    fn volume(&self, fit: &Fit, rep: u32) -> f64 {
        let chances = &self.skills().chances().0;
        let weeks = fit.weeks(chances, rep, 0.0);
        let Some(last) = chances.as_of.map(week_of_day) else { return fit.counts[rep as usize].0 as f64 };
        if weeks.is_empty() {
            return fit.counts[rep as usize].0 as f64;
        }
        weeks.iter().filter(|w| w.week > last.saturating_sub(VOLUME)).map(|w| f64::from(w.n)).sum()
    }

    /// What doing it once more goes with.
    fn effect_of(&self, chance: &ChanceId) -> Option<(f64, EffectFrom)> {
        let clear =
            |f: &&Finding| f.sop == chance.sop && f.step() == chance.step && matches!(f.verdict, Verdict::Helps | Verdict::Hurts | Verdict::NoClearEffect);
        let of = |kind: ChoiceKind, standard: Option<&str>| {
            let same = |f: &&Finding| clear(f) && f.what.kind == kind && f.what.standard.as_ref().map(|s| s.key.as_str()) == standard;
            // The place with the most cases speaks for the step.
            self.findings().iter().filter(same).max_by_key(|f| f.comparable.treated + f.comparable.control)?.estimate
        };
        match chance.kind {
            // Both are judged by what leaving it out, or failing it, goes with.
            ChanceKind::Step => of(ChoiceKind::Skip, None).map(|e| (-e, EffectFrom::Finding)),
            ChanceKind::Standard => of(ChoiceKind::Standard, chance.standard.as_deref()).map(|e| (-e, EffectFrom::Finding)),
            ChanceKind::Result => self.later_wins(chance).map(|share| (share, EffectFrom::LaterWins)),
            _ => None,
        }
    }

    /// Of the cases that went on from a step, the share won.
    fn later_wins(&self, chance: &ChanceId) -> Option<f64> {
        let &(hits, won) = self.wins().get(&(chance.entry, chance.step.clone()))?;
        (hits > 0).then(|| won as f64 / hits as f64)
    }

    /// Wins by SOP and step: cases that performed it, and of these those won.
    pub(super) fn count_wins(&self) -> std::collections::BTreeMap<(u32, String), (u64, u64)> {
        let check = self.check();
        let mut wins = std::collections::BTreeMap::new();
        let Some(column) = check.outcome_column() else { return wins };
        for case in 0..check.len() {
            let (Some(path), Some(OutcomeValue::Bool(won))) = (check.path_of(case), column.get(case)) else { continue };
            let (entry, sop) = check.sop_of_path(path);
            let done: Vec<u32> = (check.choices_of(path).choices.iter())
                .filter_map(|choice| match choice.chosen {
                    crate::check::Chosen::Done(node) | crate::check::Chosen::DoneLate(node) => Some(sop.nodes()[node as usize].step),
                    _ => None,
                })
                .collect();
            // The last of them was not gone on from.
            let gone_on = if check.ends_flow(path) { done.len() } else { done.len().saturating_sub(1) };
            let mut seen: Vec<u32> = vec![];
            for &step in &done[..gone_on] {
                if !seen.contains(&step) {
                    seen.push(step);
                    let id = sop.steps().get_index(step as usize).map_or("", |(id, _)| id.as_str());
                    let of: &mut (u64, u64) = wins.entry((entry, id.to_owned())).or_default();
                    (of.0, of.1) = (of.0 + 1, of.1 + u64::from(won));
                }
            }
        }
        wins
    }

    /// The latest own conversations that show a gap.
    fn add_examples(&self, rep: u32, gaps: &mut [SkillGap]) -> Result<()> {
        let check = self.check();
        let mut account = Account::default();
        for &case in self.cases_of(rep).iter().rev() {
            if gaps.iter().all(|gap| gap.examples.len() >= EXAMPLES) {
                break;
            }
            let case = case as usize;
            let Some(entry) = check.account(case, &mut account)? else { continue };
            let Some(sop) = check.sop_of(case) else { continue };
            let id = check.corpus().store().ids.get(case as u32).unwrap_or_default();
            for gap in gaps.iter_mut().filter(|gap| gap.examples.len() < EXAMPLES && gap.chance.entry == entry) {
                let step = sop.steps().get_index_of(&gap.chance.step).map_or(NOWHERE, |i| i as u32);
                let turns = |event: u32| if event == NOWHERE { None } else { check.event(case, event).1 };
                let found = match gap.chance.kind {
                    ChanceKind::Step => {
                        account.deviations.iter().find(|d| d.kind == DeviationKind::Skipped && d.step == step && !d.accepted).map(|d| turns(d.event))
                    }
                    ChanceKind::Standard => (account.deviations.iter())
                        .find(|d| matches!(d.kind, DeviationKind::BelowStandard | DeviationKind::Late) && d.step == step && !d.accepted)
                        .map(|d| turns(d.event)),
                    ChanceKind::Result => {
                        account.performed.last().filter(|last| last.0 == step && check.status(case) == crate::check::Status::Stopped).map(|last| turns(last.1))
                    }
                    _ => None,
                };
                gap.examples.extend(found.map(|turns| Example { case: id.to_owned(), turns }));
            }
        }
        Ok(())
    }

    /// What the best in going on from a step do at it, where this rep does it less.
    fn patterns(&self, rep: u32, chance: &ChanceId) -> Vec<WorkPattern> {
        const SHOWN: usize = 3;
        let skills = self.skills();
        let inner = &skills.chances().0;
        let result = ChanceId { kind: ChanceKind::Result, standard: None, ..chance.clone() };
        let Some(fit) = skills.skills().iter().position(|s| s.chance.as_ref() == Some(&result)).map(|at| &skills.0.fits[at]) else { return vec![] };
        let mut order: Vec<u32> = (0..inner.reps.len() as u32).filter(|&r| r != rep && fit.counts[r as usize].0 >= 30).collect();
        order.sort_by(|&a, &b| fit.level(b).total_cmp(&fit.level(a)).then(a.cmp(&b)));
        order.truncate(order.len().div_ceil(3));
        let count = |chance: u32, reps: &[u32], hits: bool| -> u64 {
            reps.iter().flat_map(|&r| inner.of_rep(chance, r)).map(|row| u64::from(if hits { row.hits } else { row.n })).sum()
        };
        let here = inner
            .ids
            .iter()
            .enumerate()
            .filter(|(_, id)| id.kind == ChanceKind::Choice && id.entry == chance.entry && id.point.as_deref() == Some(&chance.step));
        let mut list: Vec<(f64, WorkPattern)> = here
            .filter_map(|(number, id)| {
                let (number, base) = (number as u32, inner.base[number]);
                let top = (count(number, &order, true), count(base, &order, false));
                let own = (count(number, &[rep], true), count(base, &[rep], false));
                if top.1 < 30 || own.1 == 0 {
                    return None;
                }
                let (p, q) = (top.0 as f64 / top.1 as f64, own.0 as f64 / own.1 as f64);
                let pooled = (top.0 + own.0) as f64 / (top.1 + own.1) as f64;
                let z = (p - q) / (pooled * (1.0 - pooled) * (1.0 / top.1 as f64 + 1.0 / own.1 as f64)).sqrt();
                (z > 2.0).then(|| (p - q, WorkPattern { step: id.step.clone(), title: id.title.clone(), top, own }))
            })
            .collect();
        list.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.step.cmp(&b.1.step)));
        list.into_iter().take(SHOWN).map(|(_, pattern)| pattern).collect()
    }
}
