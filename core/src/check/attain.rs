//! How often each standard is met, by whom, and whether it can be met at all.

use rustc_hash::FxHashMap;

use super::meter::Rule;
use super::run::{Check, Inner};
use super::standards::State;
use crate::corpus::NONE;
use crate::sop::Sop;
use crate::stats::{Interval, wilson};
use crate::table::{Column, Table};
use crate::words::{Lang, requirement};

/// A rep counts among the best only with at least so many measurements.
const LEAST: u64 = 10;
/// The best so-manieth of the reps, at least one.
const TENTH: usize = 10;

/// How often a standard was met and failed.
#[derive(Debug, Clone, Default)]
struct Attained {
    met: u64,
    failed: u64,
    not_measured: u64,
    /// Met and measured, by rep.
    reps: FxHashMap<u32, (u64, u64)>,
}

impl Attained {
    /// The share met by the best tenth of the reps, and how many those are: those with at least [`LEAST`] measurements,
    /// the highest shares first, of equal ones those with more measurements, then those met first in the corpus.
    fn best(&self) -> Option<(f64, u64)> {
        let mut reps: Vec<(u32, u64, u64)> = self.reps.iter().map(|(&rep, &(met, n))| (rep, met, n)).filter(|&(_, _, n)| n >= LEAST).collect();
        // met/n in descending order, without rounding.
        reps.sort_by(|a, b| (b.1 * a.2).cmp(&(a.1 * b.2)).then(b.2.cmp(&a.2)).then(a.0.cmp(&b.0)));
        reps.truncate(reps.len().div_ceil(TENTH));
        let (met, n) = reps.iter().fold((0, 0), |sum, rep| (sum.0 + rep.1, sum.1 + rep.2));
        (n > 0).then(|| (met as f64 / n as f64, reps.len() as u64))
    }
}

impl Inner {
    /// Failed standards of each case: below standard, late.
    pub(super) fn failures_by_kind(&self) -> Vec<[u32; 2]> {
        let mut failed = vec![[0; 2]; self.path_of.len()];
        let Some(standards) = &self.standards else { return failed };
        for (case, failed) in failed.iter_mut().enumerate().filter(|&(case, _)| standards.failed[case] > 0) {
            let Some(scenario) = self.scenario(case) else { continue };
            for m in standards.of(case).iter().filter(|m| m.performed && m.state == State::Failed) {
                failed[usize::from(standards.rules[scenario.sop as usize].list[m.rule as usize].standard.measure.is_time_limit())] += 1;
            }
        }
        failed
    }

    /// By SOP and step, cases that met all standards that could be measured, failed one, had none that could be measured.
    pub(super) fn standards_by_step(&self) -> FxHashMap<(u32, u32), [i64; 3]> {
        let mut counts: FxHashMap<(u32, u32), [i64; 3]> = FxHashMap::default();
        let Some(standards) = &self.standards else { return counts };
        let mut mine: FxHashMap<u32, State> = FxHashMap::default();
        for case in 0..self.path_of.len() {
            let Some(scenario) = self.scenario(case) else { continue };
            mine.clear();
            for m in standards.of(case).iter().filter(|m| m.performed) {
                let step = standards.rules[scenario.sop as usize].list[m.rule as usize].step;
                let state = mine.entry(step).or_insert(State::NotMeasured);
                *state = match (*state, m.state) {
                    (State::Failed, _) | (_, State::Failed) => State::Failed,
                    (State::Met, _) | (_, State::Met) => State::Met,
                    _ => State::NotMeasured,
                };
            }
            for (&step, &state) in &mine {
                counts.entry((scenario.sop, step)).or_default()[state as usize] += 1;
            }
        }
        counts
    }

    /// How often each standard was met, in the order of [`Inner::rules`].
    fn attained(&self) -> Vec<Attained> {
        let mut all = vec![Attained::default(); self.rules().count()];
        let Some(standards) = &self.standards else { return all };
        for case in 0..self.path_of.len() {
            let Some(scenario) = self.scenario(case) else { continue };
            let first = self.rule_number(scenario.sop, 0);
            let events = self.corpus.store().events(case).start;
            for m in standards.of(case).iter().filter(|m| m.performed) {
                let one = &mut all[first + m.rule as usize];
                match m.state {
                    State::Met => one.met += 1,
                    State::Failed => one.failed += 1,
                    State::NotMeasured => {
                        one.not_measured += 1;
                        continue;
                    }
                }
                let event = self.used.event(self.corpus.store(), case, m.event);
                let rep = self.corpus.store().event_rep(case, events + event as usize);
                if rep != NONE {
                    let (met, n) = one.reps.entry(rep).or_default();
                    *met += u64::from(m.state == State::Met);
                    *n += 1;
                }
            }
        }
        all
    }
}

/// A standard that was measured often and never met.
pub(super) struct NeverMet<'a> {
    /// Number of its SOP in the playbook.
    pub(super) sop: usize,
    pub(super) rule: &'a Rule,
    /// How often it was measured.
    pub(super) measured: u64,
}

impl Inner {
    /// Standards with at least [`LEAST`] measurements that nobody ever met.
    pub(super) fn never_met(&self) -> Vec<NeverMet<'_>> {
        let found = self.rules().zip(self.attained()).filter(|(_, attained)| attained.met == 0 && attained.failed >= LEAST);
        found.map(|((sop, _, rule, _), attained)| NeverMet { sop, rule, measured: attained.failed }).collect()
    }
}

impl Check {
    /// One row a standard: how often it was measured and met, with Wilson's 95 % interval; the share that the best tenth
    /// of the reps meet; and whether nobody ever met it. Counted are performances of the step, in place or out of order,
    /// in cases the standard holds for.
    ///
    /// The best tenth: of the reps (of the event) with at least 10 measurements the tenth with the highest shares, at
    /// least one; no value where no rep has so many.
    ///
    /// ```
    /// use goldpath::{Corpus, Sop};
    /// let sop = Sop::parse("{format: goldpath/1, name: x, steps: {need: {standards: [{questions: {at_least: 2}}]}}, flow: [need]}")?;
    /// let corpus = Corpus::parse(r#"{"id": "c1", "turns": [{"speaker": "agent", "text": "几个人用？", "steps": ["need"]}]}"#.as_bytes())?;
    /// let check = corpus.check(&sop)?;
    /// assert_eq!(check.standards().get(0, "failed").to_string(), "1");
    /// assert_eq!(check.alignment("c1")?.deviations[0].sentence_zh(), "“need”未达标：提问 1 个，要求至少 2 个。");
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    pub fn standards(&self) -> Table {
        let inner = &*self.inner;
        let attained = inner.attained();
        let rules: Vec<(&Sop, &Rule)> = inner.rules().map(|(_, sop, rule, _)| (sop, rule)).collect();
        let text = |f: &dyn Fn(&Sop, &Rule) -> String| Column::Text(rules.iter().map(|(sop, rule)| Some(f(sop, rule).into())).collect());
        let float = |f: &dyn Fn(&Rule) -> Option<f64>| Column::Float(rules.iter().map(|(_, rule)| f(rule)).collect());
        let int = |f: &dyn Fn(&Attained) -> u64| Column::Int(attained.iter().map(|a| Some(f(a) as i64)).collect());
        let share = |f: &dyn Fn(Interval) -> f64| Column::Float(attained.iter().map(|a| wilson(a.met, a.met + a.failed, 0.95).map(f)).collect());
        let best: Vec<Option<(f64, u64)>> = attained.iter().map(Attained::best).collect();
        let step = |sop: &Sop, rule: &Rule| sop.steps().get_index(rule.step as usize).map(|(id, _)| id.clone()).unwrap_or_default();
        let mut table = Table::new("standards");
        table.push("sop", text(&|sop, _| sop.name().to_owned()));
        table.push("step", text(&step));
        table.push("title", text(&|sop, rule| sop.title(&step(sop, rule)).to_owned()));
        table.push("key", text(&|_, rule| rule.key.clone()));
        table.push("standard", text(&|_, rule| rule.name.clone()));
        table.push("measure", text(&|_, rule| rule.standard.measure.key().to_owned()));
        table.push("unit", text(&|_, rule| rule.standard.measure.unit().name().to_owned()));
        table.push("at_least", float(&|rule| rule.result().at_least));
        table.push("at_most", float(&|rule| rule.result().at_most));
        table.push("measured", int(&|a| a.met + a.failed));
        table.push("not_measured", int(&|a| a.not_measured));
        table.push("met", int(&|a| a.met));
        table.push("failed", int(&|a| a.failed));
        table.push("met_share", share(&|i| i.estimate));
        table.push("ci_low", share(&|i| i.low));
        table.push("ci_high", share(&|i| i.high));
        table.push("best_tenth_share", Column::Float(best.iter().map(|best| best.map(|(share, _)| share)).collect()));
        table.push("best_tenth_reps", Column::Int(best.iter().map(|best| best.map(|(_, reps)| reps as i64)).collect()));
        table.push("never_met", Column::Bool(attained.iter().map(|a| (a.met + a.failed > 0).then_some(a.met == 0)).collect()));
        table.push("requirement_en", text(&|_, rule| requirement(&rule.result(), Lang::En)));
        table.push("requirement_zh", text(&|_, rule| requirement(&rule.result(), Lang::Zh)));
        table
    }
}
