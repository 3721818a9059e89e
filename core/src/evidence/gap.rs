//! The gap waterfall: where the difference in results between one group of cases and a better one comes from.
//!
//! In: two groups of decided cases, the choices of each, and the findings. What a choice changes is taken from its finding, and
//! only from findings with a verdict; the groups differ in how often they made it, segment by segment, and in their mix of
//! segments. Out: the gap in seven parts that sum to it to the last bit.

use std::collections::BTreeMap;

use serde::Serialize;

use super::choices::{ChoiceKind, ChoiceTable};
use super::effects::LEVEL;
use super::finding::{Arm, Finding, Verdict};
use super::plan::Plan;
use crate::check::{Check, Status};
use crate::corpus::{NONE, Names};
use crate::error::{Error, Result};
use crate::stats::{Interval, Moments, newcombe, welch, wilson};
use crate::table::{Column, Table};
use crate::words::{self, Lang};

/// Fewest decided cases of a rep or team to be among the top.
pub(crate) const TOP_CASES: u64 = 30;
/// Fewest decided cases of a side.
const FEW: u64 = 20;
/// z of the 95 % level.
const Z: f64 = 1.959_963_984_540_054;

/// Whose gap is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GapOf {
    /// That of a rep to the top reps, or to one that is named.
    Rep(String),
    /// That of a team.
    Team(String),
    /// That of the cases that came to the end of the SOP with deviations, to those that did without.
    NotConforming,
}

/// What a part of a gap is owed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GapPart {
    /// Planned steps left out.
    Skipped,
    /// Steps done ahead of their place, or made up for.
    Order,
    /// Steps done later than a time standard allows.
    Late,
    /// Steps done below another standard.
    BelowStandard,
    /// Something unplanned added or repeated.
    Unplanned,
    /// Which cases they were: the attributes adjusted for.
    Mix,
    /// Everything else.
    Unexplained,
}

impl GapPart {
    /// All parts, in their order.
    pub const ALL: [Self; 7] = [Self::Skipped, Self::Order, Self::Late, Self::BelowStandard, Self::Unplanned, Self::Mix, Self::Unexplained];

    /// The name of the part, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Skipped => "skipped",
            Self::Order => "order",
            Self::Late => "late",
            Self::BelowStandard => "below_standard",
            Self::Unplanned => "unplanned",
            Self::Mix => "mix",
            Self::Unexplained => "unexplained",
        }
    }

    fn of(finding: &Finding) -> Option<Self> {
        match finding.what.kind {
            ChoiceKind::Skip => Some(Self::Skipped),
            ChoiceKind::OutOfOrder | ChoiceKind::CatchUp => Some(Self::Order),
            ChoiceKind::Standard => Some(if finding.what.standard.as_ref().is_some_and(|s| s.time_limit) { Self::Late } else { Self::BelowStandard }),
            ChoiceKind::Add | ChoiceKind::Repeat => Some(Self::Unplanned),
            // Planned ways, and what is made of the others.
            ChoiceKind::Branch | ChoiceKind::Include | ChoiceKind::Conforming | ChoiceKind::Sequence | ChoiceKind::Wording => None,
        }
    }
}

/// One part of a gap.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GapShare {
    /// What it is owed to.
    pub part: GapPart,
    /// How much of the gap, with its sign: the parts sum to the gap exactly.
    pub share: f64,
    /// Lower end of the 95 % interval, for these cases: what is uncertain are the effects.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// The choices behind it, as `kind step`, those that say most first.
    pub choices: Vec<String>,
}

/// A gap and its parts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gap {
    /// Whose it is.
    pub of: GapOf,
    /// Reps or teams it is held against; empty for conformity.
    pub against: Vec<String>,
    /// Outcome.
    pub outcome: String,
    /// Whether it is a number; a share won else.
    pub numeric: bool,
    /// Decided cases of the group.
    pub own: Arm,
    /// Decided cases it is held against.
    pub other: Arm,
    /// The result of the group minus that of the others, with its 95 % interval; `None` where a side has fewer than 20 decided
    /// cases.
    pub gap: Option<Interval>,
    /// The seven parts in their order; empty without a gap.
    pub parts: Vec<GapShare>,
}

impl Gap {
    /// It in one sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        words::gap(self, lang)
    }

    /// The parts as a table, a row each.
    pub fn table(&self) -> Table {
        let text = |of: &dyn Fn(&GapShare) -> String| Column::Text(self.parts.iter().map(|part| Some(of(part).into())).collect());
        let float = |of: fn(&GapShare) -> f64| Column::Float(self.parts.iter().map(|part| Some(of(part))).collect());
        let mut table = Table::new("gap");
        table.push("part", text(&|part| part.part.name().to_owned()));
        table.push("share", float(|part| part.share));
        table.push("low", float(|part| part.low));
        table.push("high", float(|part| part.high));
        table.push("choices", Column::TextList(self.parts.iter().map(|part| part.choices.iter().map(|c| c.as_str().into()).collect()).collect()));
        table.push("title_en", text(&|part| words::gap_part(part.part, Lang::En).to_owned()));
        table.push("title_zh", text(&|part| words::gap_part(part.part, Lang::Zh).to_owned()));
        table
    }
}

/// Which side a case is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Own,
    Other,
    Neither,
}

/// The gaps of groups of the cases of a check, each to the top of its kind or to one that is named.
///
/// # Errors
/// [`Error::Argument`] for a rep or team that no case names.
pub(crate) fn gaps(
    check: &Check,
    findings: &[Finding],
    plan: &Plan,
    (never_choices, higher_is_better): (&[String], bool),
    asked: &[(GapOf, Option<&str>)],
) -> Result<Vec<Gap>> {
    let table = ChoiceTable::of(check, &plan.adjust_for, never_choices)?;
    let one = |(of, against): &(GapOf, Option<&str>)| {
        let (sides, names) = sides(check, &table, (plan, higher_is_better), of, *against)?;
        Ok(split(&table, findings, plan, &sides, of, names))
    };
    asked.iter().map(one).collect()
}

fn sides(check: &Check, table: &ChoiceTable, better: (&Plan, bool), of: &GapOf, against: Option<&str>) -> Result<(Vec<Side>, Vec<String>)> {
    let cases = 0..check.len();
    let store = check.corpus().store();
    let (who, list): (Vec<u32>, &Names) = match of {
        GapOf::Rep(_) => (cases.clone().map(|case| check.rep_of(case)).collect(), &store.reps),
        GapOf::Team(_) => (cases.clone().map(|case| check.team_of(case)).collect(), &store.teams),
        GapOf::NotConforming => {
            let side = |case: usize| match check.fully_conforms(case).filter(|_| check.status(case) == Status::Complete) {
                Some(true) => Side::Other,
                Some(false) => Side::Own,
                None => Side::Neither,
            };
            return Ok((cases.map(side).collect(), Vec::new()));
        }
    };
    let (GapOf::Rep(name) | GapOf::Team(name)) = of else { return Ok((Vec::new(), Vec::new())) };
    let place = if matches!(of, GapOf::Rep(_)) { "rep" } else { "team" };
    let find = |role: &str, name: &str| {
        let missing = || {
            Error::argument(role, format!("no case names the {place} `{name}`"), format!("{place}s: {}", list.iter().take(20).collect::<Vec<_>>().join(", ")))
        };
        list.find(name).filter(|number| who.contains(number)).ok_or_else(missing)
    };
    let own = find(place, name)?;
    let top: Vec<u32> = match against {
        Some(name) => vec![find("against", name)?],
        None => top(table, better, &who, list, own),
    };
    let side = |&number: &u32| {
        if number == own {
            Side::Own
        } else if top.contains(&number) {
            Side::Other
        } else {
            Side::Neither
        }
    };
    let mut names: Vec<String> = top.iter().filter_map(|&number| list.get(number).map(ToOwned::to_owned)).collect();
    names.sort();
    Ok((who.iter().map(side).collect(), names))
}

impl ChoiceTable {
    /// Names of the best quarter of reps, as gaps are held against them.
    pub(crate) fn top_reps(&self, plan: &Plan, higher_is_better: bool) -> Vec<String> {
        let best = top(self, (plan, higher_is_better), &self.rep, &self.reps, NONE);
        best.into_iter().filter_map(|number| self.reps.get(number).map(ToOwned::to_owned)).collect()
    }
}

/// The best quarter by the end of the 95 % interval of their results that is worse, which a few lucky cases do not lift.
fn top(table: &ChoiceTable, (plan, higher_is_better): (&Plan, bool), who: &[u32], list: &Names, own: u32) -> Vec<u32> {
    let mut sums: BTreeMap<u32, Moments> = BTreeMap::new();
    for (case, &number) in who.iter().enumerate().filter(|(_, number)| **number != NONE) {
        let value = table.value[case];
        if !value.is_nan() {
            sums.entry(number).or_default().push(value);
        }
    }
    let sure = |m: &Moments| {
        let sign = if higher_is_better { 1.0 } else { -1.0 };
        if plan.numeric {
            sign * m.mean - Z * (m.variance().unwrap_or(0.0) / m.n as f64).sqrt()
        } else {
            wilson((m.mean * m.n as f64).round() as u64, m.n, LEVEL).map_or(0.0, |i| if higher_is_better { i.low } else { -i.high })
        }
    };
    let mut ranked: Vec<(f64, &str, u32)> =
        sums.iter().filter(|(_, m)| m.n >= TOP_CASES).map(|(&number, m)| (sure(m), list.get(number).unwrap_or_default(), number)).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let most = ranked.len().div_ceil(4);
    ranked.into_iter().map(|(.., number)| number).filter(|&number| number != own).take(most).collect()
}

/// What is counted of one segment.
#[derive(Clone, Default)]
struct Segment {
    /// Cases of the group, of the others, and all.
    n: [u64; 3],
    /// Outcomes of all.
    sum: f64,
    squares: f64,
    /// For each finding: how many of these made its choice.
    made: Vec<[u64; 3]>,
}

/// How much a unit of each effect moves the part of its choice and that of the mix, and what the mix moves by itself.
struct Weights {
    by_choice: Vec<f64>,
    by_mix: Vec<f64>,
    mix: f64,
    mix_variance: f64,
}

impl Weights {
    fn of<'a>(segments: impl Iterator<Item = &'a Segment>, cases: [u64; 2], choices: usize) -> Self {
        let mut weights = Self { by_choice: vec![0.0; choices], by_mix: vec![0.0; choices], mix: 0.0, mix_variance: 0.0 };
        for s in segments {
            let (w, v) = (s.n[0] as f64 / cases[0] as f64, s.n[1] as f64 / cases[1] as f64);
            let all = s.n[2] as f64;
            let mean = s.sum / all;
            weights.mix += (w - v) * mean;
            weights.mix_variance += (w - v).powi(2) * (s.squares / all - mean * mean).max(0.0) / all;
            for at in 0..choices {
                let (Some([x, y]), all) = (s.shares(at), s.made[at][2] as f64 / all) else { continue };
                weights.by_choice[at] += f64::midpoint(w, v) * (x - y);
                weights.by_mix[at] += (w - v) * (f64::midpoint(x, y) - all);
            }
        }
        weights
    }
}

impl Segment {
    /// How often the group and the others made a choice. In a segment that only one of them has, no difference can be told.
    fn shares(&self, at: usize) -> Option<[f64; 2]> {
        let share = |side: usize| (self.n[side] > 0).then(|| self.made[at][side] as f64 / self.n[side] as f64);
        Some([share(0).or(share(1))?, share(1).or(share(0))?])
    }
}

/// Splits the gap. With w the share of a segment, b what a case of it brings apart from these choices, x how often a
/// choice was made there and e what it changes, a group brings Σ w(b + Σ e·x), and the rest is unexplained. Turning w and the x
/// of each kind of choice from the one group to the other, in every order, gives Shapley's shares: because choices add up, a
/// choice gets e·Σ ½(w + w′)(x − x′), and the mix Σ (w − w′)(b + ½Σ e(x + x′)).
fn split(table: &ChoiceTable, findings: &[Finding], plan: &Plan, sides: &[Side], of: &GapOf, against: Vec<String>) -> Gap {
    let used: Vec<(&Finding, GapPart, u32, u32)> = (findings.iter())
        .filter(|f| matches!(f.verdict, Verdict::Helps | Verdict::Hurts))
        .filter_map(|f| {
            let (choice, _, &risk) = table.choices.get_full(&f.choice)?;
            Some((f, GapPart::of(f)?, choice as u32, risk))
        })
        .collect();
    let mut segments: BTreeMap<Vec<String>, Segment> = BTreeMap::new();
    let mut arms = [Moments::default(); 2];
    let mut reps = [std::collections::BTreeSet::new(), std::collections::BTreeSet::new()];
    for case in 0..table.len() {
        let value = table.value[case];
        if value.is_nan() {
            continue;
        }
        let segment = segments.entry(plan.profile(&table.profiles[table.profile[case] as usize])).or_default();
        segment.made.resize(used.len(), [0; 3]);
        let side = match sides[case] {
            Side::Own => Some(0),
            Side::Other => Some(1),
            Side::Neither => None,
        };
        if let Some(side) = side {
            arms[side].push(value);
            reps[side].extend(Some(table.rep[case]).filter(|&rep| rep != NONE));
        }
        segment.sum += value;
        segment.squares += value * value;
        let counted = [side, Some(2)].into_iter().flatten();
        counted.clone().for_each(|at| segment.n[at] += 1);
        for row in table.counting(case) {
            for (at, (finding, _, choice, risk)) in used.iter().enumerate() {
                if row.risk == *risk
                    && table.made(case, &row, *choice, finding.landmark.map(|landmark| landmark.wait), finding.later_conversation) == (true, true)
                {
                    counted.clone().for_each(|side| segment.made[at][side] += 1);
                }
            }
        }
    }
    let arm = |m: &Moments, reps: usize| Arm {
        n: m.n,
        won: if plan.numeric { 0 } else { (m.mean * m.n as f64).round() as u64 },
        rate: (m.n > 0).then_some(m.mean),
        reps: reps as u64,
    };
    let (own, other) = (arm(&arms[0], reps[0].len()), arm(&arms[1], reps[1].len()));
    let mut gap = Gap { of: of.clone(), against, outcome: plan.outcome.clone(), numeric: plan.numeric, own, other, gap: None, parts: Vec::new() };
    if own.n.min(other.n) < FEW {
        return gap;
    }
    let Some(whole) = (if plan.numeric { welch(arms[0], arms[1], LEVEL) } else { newcombe(own.won, own.n, other.won, other.n, LEVEL) }) else { return gap };

    let weights = Weights::of(segments.values(), [own.n, other.n], used.len());
    let Weights { by_choice, by_mix, mut mix, mut mix_variance } = weights;
    let effects: Vec<Interval> = used.iter().map(|(f, ..)| f.interval().unwrap_or(Interval { estimate: 0.0, low: 0.0, high: 0.0 })).collect();
    let se = |i: &Interval| (i.high - i.low) / (2.0 * Z);
    mix += effects.iter().zip(&by_mix).map(|(e, d)| e.estimate * d).sum::<f64>();
    mix_variance += effects.iter().zip(&by_mix).map(|(e, d)| (se(e) * d).powi(2)).sum::<f64>();
    let together: f64 = effects.iter().zip(by_choice.iter().zip(&by_mix)).map(|(e, (c, m))| (se(e) * (c + m)).powi(2)).sum();

    // In whole multiples of a power of two, so that sums are exact in every language.
    let largest = [whole.estimate, mix, own.rate.unwrap_or(0.0), other.rate.unwrap_or(0.0)].into_iter().map(f64::abs).fold(f64::MIN_POSITIVE, f64::max);
    let unit = 2f64.powi(largest.log2().ceil() as i32 - 36);
    let whole_units = (whole.estimate / unit).round();
    let mut left = whole_units;
    for part in GapPart::ALL {
        let (share, variance) = match part {
            GapPart::Mix => (mix, mix_variance),
            GapPart::Unexplained => (left * unit, se(&whole).powi(2) + together + mix_variance),
            _ => (used.iter().enumerate().filter(|(_, (_, of, ..))| *of == part))
                .map(|(at, _)| (effects[at].estimate * by_choice[at], (se(&effects[at]) * by_choice[at]).powi(2)))
                .fold((0.0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1)),
        };
        let units = if part == GapPart::Unexplained { left } else { (share / unit).round() };
        left -= units;
        let mut behind: Vec<(f64, String)> = (used.iter().enumerate())
            .filter(|(_, (_, of, ..))| *of == part)
            .map(|(at, (f, ..))| (effects[at].estimate * by_choice[at], format!("{} {}", f.kind(), f.step())))
            .collect();
        behind.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()).then_with(|| a.1.cmp(&b.1)));
        behind.dedup_by(|a, b| a.1 == b.1);
        let (share, half) = (units * unit, Z * variance.sqrt());
        gap.parts.push(GapShare { part, share, low: share - half, high: share + half, choices: behind.into_iter().map(|(_, choice)| choice).collect() });
    }
    gap.gap = Some(Interval { estimate: whole_units * unit, ..whole });
    gap
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a group brings whose segments are those of the group or of the others, and likewise each of its choices.
    fn brings(segments: &[Segment], cases: [u64; 2], effects: &[f64], mix: usize, choices: &[usize]) -> f64 {
        (segments.iter())
            .map(|s| {
                let all = s.n[2] as f64;
                let base = s.sum / all - effects.iter().enumerate().map(|(at, e)| e * s.made[at][2] as f64 / all).sum::<f64>();
                let made: f64 = effects.iter().enumerate().filter_map(|(at, e)| Some(e * s.shares(at)?[choices[at]])).sum();
                s.n[mix] as f64 / cases[mix] as f64 * (base + made)
            })
            .sum()
    }

    /// Shapley's shares by every order of turning the mix and each choice.
    fn by_orders(segments: &[Segment], cases: [u64; 2], effects: &[f64]) -> Vec<f64> {
        let players = effects.len() + 1;
        let mut order: Vec<usize> = (0..players).collect();
        let (mut shares, mut orders) = (vec![0.0; players], 0.0);
        // Heap's algorithm.
        let mut c = vec![0; players];
        let mut note = |order: &[usize]| {
            let mut own = vec![false; players];
            let value = |own: &[bool]| {
                let side = |is_own: bool| usize::from(!is_own);
                let choices: Vec<usize> = own[1..].iter().map(|&is_own| side(is_own)).collect();
                brings(segments, cases, effects, side(own[0]), &choices)
            };
            for &player in order {
                let before = value(&own);
                own[player] = true;
                shares[player] += value(&own) - before;
            }
            orders += 1.0;
        };
        note(&order);
        let mut i = 0;
        while i < players {
            if c[i] < i {
                order.swap(if i % 2 == 0 { 0 } else { c[i] }, i);
                note(&order);
                c[i] += 1;
                i = 0;
            } else {
                c[i] = 0;
                i += 1;
            }
        }
        shares.iter().map(|share| share / orders).collect()
    }

    proptest! {
        #[test]
        fn shares_are_shapleys(counts in proptest::collection::vec((0u64..30, 0u64..30, 1u64..20, 0.0f64..1.0, [0.0f64..1.0, 0.0..1.0, 0.0..1.0]), 1..5),
                               effects in [-0.3f64..0.3, -0.3..0.3, -0.3..0.3]) {
            let segments: Vec<Segment> = counts.iter().map(|&(own, other, rest, rate, made)| {
                let n = [own, other, own + other + rest];
                let of = |share: f64, skew: f64| n.map(|n| ((n as f64) * share * skew).floor() as u64);
                let made = made.iter().enumerate().map(|(i, &m)| { let [a, b, c] = of(m, 1.0); [a, (b as f64 * (0.4 + 0.2 * i as f64)) as u64, c] }).collect();
                Segment { n, sum: rate * n[2] as f64, squares: rate * n[2] as f64, made }
            }).collect();
            let cases = [0, 1].map(|side| segments.iter().map(|s| s.n[side]).sum::<u64>());
            prop_assume!(!cases.contains(&0));
            let found = Weights::of(segments.iter(), cases, effects.len());
            let want = by_orders(&segments, cases, &effects);
            let mix = found.mix + effects.iter().zip(&found.by_mix).map(|(e, d)| e * d).sum::<f64>();
            prop_assert!((mix - want[0]).abs() < 1e-9, "{} {}", mix, want[0]);
            for (at, e) in effects.iter().enumerate() {
                prop_assert!((e * found.by_choice[at] - want[at + 1]).abs() < 1e-9);
            }
        }
    }
}
