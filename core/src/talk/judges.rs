//! Human marks: whether what judges call good goes with results, how far they agree, and who is harsher than the others.
//!
//! A judge who marks one conversation in five says nothing of the rest but that they were looked at: a mark says yes *or no*.
//! Whether yes goes with results is judged as every choice is, by the evidence engine, among cases of one kind and rep; agreement
//! and lean are taken from the cases that several judges looked at.

use std::collections::BTreeMap;

use indexmap::{IndexMap, IndexSet};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::check::{Check, MoveKind};
use crate::corpus::{OutcomeValue, day_of};
use crate::error::{Error, Fault, Result};
use crate::evidence::{ChoiceCase, ChoiceRow, ChoiceTable, EvidenceOptions, Finding, default_adjustment, profiles};
use crate::stats::{Interval, Moments, benjamini_hochberg, cohen_kappa, level_t, matched_difference, newcombe, t_two_sided};
use crate::table::{Column, Table};

/// Level of the intervals.
const LEVEL: f64 = 0.95;
/// Fewest cases that a judge has in common with others for a lean to be named.
const LEAST: u64 = 10;

/// What a judge says of a case, or of some turns of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// Who.
    pub judge: String,
    /// Id of the conversation or deal.
    pub case: String,
    /// Whether it is good.
    pub good: bool,
    /// First and last turn it is about, from 0; the whole case where nothing is said.
    #[serde(default)]
    pub turns: Option<(u32, u32)>,
}

/// Whether a judge says yes less often than others of the same cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lean {
    /// Less often.
    Harsher,
    /// More often.
    Milder,
    /// No difference is shown.
    NoDifferenceShown,
    /// Too few cases in common with others.
    NotEnoughData,
}

impl Lean {
    /// The name, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Harsher => "harsher",
            Self::Milder => "milder",
            Self::NoDifferenceShown => "no_difference_shown",
            Self::NotEnoughData => "not_enough_data",
        }
    }
}

/// One judge.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judge {
    /// Who.
    pub judge: String,
    /// Cases judged.
    pub judged: u64,
    /// Of these, called good: of several marks of a case, one.
    pub good: u64,
    /// Of the cases called good that are decided, those won: (won, decided).
    pub won_good: (u64, u64),
    /// The same of the other cases judged.
    pub won_other: (u64, u64),
    /// Share won of the good minus that of the others, as it stands.
    pub won_difference: Option<Interval>,
    /// Of the turns called good, those after which the case went on to a planned step: (went on, marks with turns).
    pub advanced_good: (u64, u64),
    /// The same of the other turns judged.
    pub advanced_other: (u64, u64),
    /// Share that went on of the good minus that of the others.
    pub advanced_difference: Option<Interval>,
    /// Whether good goes with winning among cases of one kind and rep, with all guards; `None` where the outcome says nothing.
    pub finding: Option<Finding>,
    /// Cases that others judged as well.
    pub shared: u64,
    /// Share called good minus what the others said of the same cases.
    pub lean_by: Option<Interval>,
    /// Probability of so large a lean by chance, all judges allowed for.
    pub lean_q: Option<f64>,
    /// What may be said of it.
    pub lean: Lean,
}

/// Two judges on the cases that both judged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Agreement {
    /// Who, and who else.
    pub judges: (String, String),
    /// Cases both judged.
    pub both: u64,
    /// Of these, judged alike.
    pub alike: u64,
    /// Cohen's kappa; `None` where both said the same of everything.
    pub kappa: Option<Interval>,
    /// Share good by the first minus that by the second.
    pub difference: Option<Interval>,
}

/// What marks of judges are worth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judging {
    /// Judge by judge, in the order in which they were met.
    pub judges: Vec<Judge>,
    /// Each two judges with cases in common.
    pub agreements: Vec<Agreement>,
}

impl Judge {
    /// What they are worth, in a sentence or two.
    pub fn sentence(&self, lang: crate::words::Lang) -> String {
        crate::words::judges::judge(self, lang)
    }
}

impl Agreement {
    /// One sentence about it.
    pub fn sentence(&self, lang: crate::words::Lang) -> String {
        crate::words::judges::agreement(self, lang)
    }
}

/// Hits of n.
fn hit(counts: &mut (u64, u64), hit: bool) {
    (counts.0, counts.1) = (counts.0 + u64::from(hit), counts.1 + 1);
}

fn apart(a: (u64, u64), b: (u64, u64)) -> Option<Interval> {
    newcombe(a.0, a.1, b.0, b.1, LEVEL)
}

impl Judging {
    /// Holds the marks of judges against the outcome of a check. `adjust_for` names what cases are alike in; as
    /// [`default_adjustment`] where nothing is said.
    ///
    /// ```
    /// use goldpath::talk::{Judging, Mark};
    /// let sop = goldpath::Sop::parse("{format: goldpath/1, name: demo, steps: [open, close], flow: [open, close]}")?;
    /// let corpus = goldpath::Corpus::parse(br#"{"id": "c1", "steps": ["open", "close"], "outcome": {"won": true}}
    /// {"id": "c2", "steps": ["open"], "outcome": {"won": false}}"#)?;
    /// let mark = |judge: &str, case: &str, good| Mark { judge: judge.into(), case: case.into(), good, turns: None };
    /// let marks = [mark("Li", "c1", true), mark("Li", "c2", false), mark("Wang", "c1", true), mark("Wang", "c2", true)];
    /// let found = Judging::of(&corpus.check(&sop)?, &marks, None)?;
    /// assert_eq!((found.judges[0].won_good, found.judges[0].won_other), ((1, 1), (0, 1)));
    /// assert_eq!((found.agreements[0].both, found.agreements[0].alike), (2, 1));
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`]: `check.unknown_case` for a mark of a case that is not there, `marks.judge` for one of nobody, `marks.turns`
    /// for turns in the wrong order, `marks.twice` for a judge who says both yes and no of the same turns or case; for an attribute that is
    /// not there.
    pub fn of(check: &Check, marks: &[Mark], adjust_for: Option<&[String]>) -> Result<Self> {
        let corpus = check.corpus();
        let mut judges: IndexMap<&str, IndexMap<usize, bool>> = IndexMap::new();
        let mut advanced: FxHashMap<&str, [(u64, u64); 2]> = FxHashMap::default();
        let mut said: FxHashMap<(&str, usize, Option<(u32, u32)>), bool> = FxHashMap::default();
        for (number, mark) in marks.iter().enumerate() {
            let wrong = |code: &'static str, place: &str, message: String, help: &str| {
                Err(Error::Argument(Box::new(Fault::new(code, message).at_place(format!("marks[{number}].{place}")).help(help))))
            };
            if mark.judge.trim().is_empty() {
                return wrong("marks.judge", "judge", "a mark of nobody".into(), "name the judge");
            }
            if mark.turns.is_some_and(|(first, last)| first > last) {
                return wrong("marks.turns", "turns", "the last turn is before the first".into(), "the first turn, then the last, counted from 0");
            }
            let Some(case) = corpus.find(&mark.case) else {
                let message = format!("there is no case `{}`", crate::text::short(&mark.case, 60));
                return wrong("check.unknown_case", "case", message, "an id of a conversation, or of a deal where cases are deals");
            };
            match said.insert((&mark.judge, case, mark.turns), mark.good) {
                Some(before) if before != mark.good => {
                    let message = format!("`{}` says both yes and no of `{}`", crate::text::short(&mark.judge, 60), crate::text::short(&mark.case, 60));
                    return wrong("marks.twice", "good", message, "one mark of a judge for each case or span of turns");
                }
                Some(_) => continue,
                None => {}
            }
            *judges.entry(&mark.judge).or_default().entry(case).or_default() |= mark.good;
            if let Some(went_on) = mark.turns.map(|turns| went_on(check, case, turns)).transpose()?.flatten() {
                hit(&mut advanced.entry(&mark.judge).or_default()[usize::from(mark.good)], went_on);
            }
        }
        let findings = findings(check, &judges, adjust_for)?;
        let mut list: Vec<Judge> = judges.iter().map(|(name, cases)| judge(check, name, cases, advanced.get(name).copied().unwrap_or_default())).collect();
        let leans = leans(&judges);
        let p: Vec<f64> = leans.iter().filter_map(|lean| lean.2).collect();
        let mut q = benjamini_hochberg(&p).unwrap_or(p).into_iter();
        for (one, (shared, by, p)) in list.iter_mut().zip(leans) {
            one.finding = findings.iter().find(|finding| finding.step() == one.judge).cloned();
            (one.shared, one.lean_by, one.lean_q) = (shared, by, p.and_then(|_| q.next()));
            one.lean = match (by, one.lean_q) {
                (Some(by), Some(q)) if shared >= LEAST && q <= 1.0 - LEVEL => {
                    if by.estimate < 0.0 {
                        Lean::Harsher
                    } else {
                        Lean::Milder
                    }
                }
                (Some(_), _) if shared >= LEAST => Lean::NoDifferenceShown,
                _ => Lean::NotEnoughData,
            };
        }
        Ok(Self { judges: list, agreements: agreements(&judges) })
    }

    /// The judges as a table, a row each.
    pub fn table(&self) -> Table {
        let rows = &self.judges;
        let int = |f: &dyn Fn(&Judge) -> u64| Column::Int(rows.iter().map(|x| Some(f(x) as i64)).collect());
        let float = |f: &dyn Fn(&Judge) -> Option<f64>| Column::Float(rows.iter().map(f).collect());
        let text = |f: &dyn Fn(&Judge) -> Option<String>| Column::Text(rows.iter().map(|x| f(x).map(Into::into)).collect());
        let share = |part: (u64, u64)| (part.1 > 0).then(|| part.0 as f64 / part.1 as f64);
        let mut table = Table::new("judges");
        table.push("judge", text(&|j| Some(j.judge.clone())));
        table.push("judged", int(&|j| j.judged));
        table.push("good", int(&|j| j.good));
        type Part = fn(&Judge) -> ((u64, u64), (u64, u64), Option<Interval>);
        let parts: [(&str, Part); 2] =
            [("won", |j| (j.won_good, j.won_other, j.won_difference)), ("advanced", |j| (j.advanced_good, j.advanced_other, j.advanced_difference))];
        for (name, of) in parts {
            table.push(format!("{name}_good"), float(&|j| share(of(j).0)));
            table.push(format!("n_{name}_good"), int(&|j| of(j).0.1));
            table.push(format!("{name}_other"), float(&|j| share(of(j).1)));
            table.push(format!("n_{name}_other"), int(&|j| of(j).1.1));
            table.push(format!("{name}_difference"), float(&|j| of(j).2.map(|i| i.estimate)));
            table.push(format!("{name}_difference_low"), float(&|j| of(j).2.map(|i| i.low)));
            table.push(format!("{name}_difference_high"), float(&|j| of(j).2.map(|i| i.high)));
        }
        let finding = |f: &dyn Fn(&Finding) -> Option<f64>| float(&|j: &Judge| j.finding.as_ref().and_then(f));
        table.push("effect", finding(&|f| f.estimate));
        table.push("effect_low", finding(&|f| f.interval().map(|i| i.low)));
        table.push("effect_high", finding(&|f| f.interval().map(|i| i.high)));
        table.push("verdict", text(&|j| j.finding.as_ref().map(|f| f.verdict.name().to_owned())));
        table.push("shared", int(&|j| j.shared));
        table.push("lean_by", float(&|j| j.lean_by.map(|i| i.estimate)));
        table.push("lean_low", float(&|j| j.lean_by.map(|i| i.low)));
        table.push("lean_high", float(&|j| j.lean_by.map(|i| i.high)));
        table.push("lean_q", float(&|j| j.lean_q));
        table.push("lean", text(&|j| Some(j.lean.name().to_owned())));
        table.push("sentence_en", text(&|j| Some(j.sentence(crate::words::Lang::En))));
        table.push("sentence_zh", text(&|j| Some(j.sentence(crate::words::Lang::Zh))));
        table
    }

    /// Each two judges as a table, a row each.
    pub fn agreements_table(&self) -> Table {
        let rows = &self.agreements;
        let text = |f: &dyn Fn(&Agreement) -> String| Column::Text(rows.iter().map(|x| Some(f(x).into())).collect());
        let float = |f: &dyn Fn(&Agreement) -> Option<f64>| Column::Float(rows.iter().map(f).collect());
        let mut table = Table::new("judges_agree");
        table.push("judge", text(&|a| a.judges.0.clone()));
        table.push("other", text(&|a| a.judges.1.clone()));
        table.push("both", Column::Int(rows.iter().map(|a| Some(a.both as i64)).collect()));
        table.push("alike", Column::Int(rows.iter().map(|a| Some(a.alike as i64)).collect()));
        table.push("kappa", float(&|a| a.kappa.map(|i| i.estimate)));
        table.push("kappa_low", float(&|a| a.kappa.map(|i| i.low)));
        table.push("kappa_high", float(&|a| a.kappa.map(|i| i.high)));
        table.push("difference", float(&|a| a.difference.map(|i| i.estimate)));
        table.push("difference_low", float(&|a| a.difference.map(|i| i.low)));
        table.push("difference_high", float(&|a| a.difference.map(|i| i.high)));
        table.push("sentence_en", text(&|a| a.sentence(crate::words::Lang::En)));
        table.push("sentence_zh", text(&|a| a.sentence(crate::words::Lang::Zh)));
        table
    }
}

impl std::fmt::Display for Judging {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Judging({} judges, {} marks)", self.judges.len(), self.judges.iter().map(|j| j.judged).sum::<u64>())
    }
}

/// Whether a case went on to a planned step after some turns; `None` where its steps name no turns.
fn went_on(check: &Check, case: usize, turns: (u32, u32)) -> Result<Option<bool>> {
    let Some(alignment) = check.alignment_of(case)? else { return Ok(None) };
    let places: Vec<u32> = alignment.moves.iter().filter(|m| m.kind == MoveKind::Matched).filter_map(|m| Some(m.turns?.0)).collect();
    Ok((!places.is_empty()).then(|| places.iter().any(|&turn| turn > turns.1)))
}

/// One judge, but for what the others say.
fn judge(check: &Check, name: &str, cases: &IndexMap<usize, bool>, advanced: [(u64, u64); 2]) -> Judge {
    let mut won = [(0, 0); 2];
    for (&case, &good) in cases {
        if let Some(OutcomeValue::Bool(result)) = check.outcome_column().and_then(|column| column.get(case)) {
            hit(&mut won[usize::from(good)], result);
        }
    }
    Judge {
        judge: name.to_owned(),
        judged: cases.len() as u64,
        good: cases.values().filter(|good| **good).count() as u64,
        won_good: won[1],
        won_other: won[0],
        won_difference: apart(won[1], won[0]),
        advanced_good: advanced[1],
        advanced_other: advanced[0],
        advanced_difference: apart(advanced[1], advanced[0]),
        finding: None,
        shared: 0,
        lean_by: None,
        lean_q: None,
        lean: Lean::NotEnoughData,
    }
}

/// Whether good goes with the outcome: each judge a choice of the cases they judged.
fn findings(check: &Check, judges: &IndexMap<&str, IndexMap<usize, bool>>, adjust_for: Option<&[String]>) -> Result<Vec<Finding>> {
    let (Some(outcome), Some(column)) = (check.outcome(), check.outcome_column()) else { return Ok(vec![]) };
    let store = check.corpus().store();
    let adjust_for = adjust_for.map_or_else(|| default_adjustment(check), <[String]>::to_vec);
    let mut texts = IndexSet::default();
    let of_case = profiles(store, &adjust_for, &mut texts)?;
    let numbers: IndexSet<usize> = judges.values().flat_map(|cases| cases.keys().copied()).collect();
    let mut numeric = false;
    let cases: Vec<ChoiceCase> = (numbers.iter())
        .map(|&case| {
            let value = column.get(case).map(|value| match value {
                OutcomeValue::Bool(won) => f64::from(u8::from(won)),
                OutcomeValue::Number(x) => {
                    numeric = true;
                    x
                }
            });
            ChoiceCase {
                id: store.ids.get(case as u32).unwrap_or_default().to_owned(),
                rep: store.reps.get(check.rep_of(case)).map(ToOwned::to_owned),
                attributes: texts.get_index(of_case[case] as usize).cloned().unwrap_or_default(),
                outcome: value,
                day: day_of(store.started_at[case]),
            }
        })
        .collect();
    let row = |name: &&str, case: usize, good: bool| ChoiceRow { case, point: String::new(), choice: (*name).to_owned(), made: good, ..ChoiceRow::default() };
    let rows: Vec<ChoiceRow> = (judges.iter())
        .flat_map(|(name, cases)| cases.iter().filter_map(|(case, &good)| Some(row(name, numbers.get_index_of(case)?, good))).collect::<Vec<_>>())
        .collect();
    Ok(ChoiceTable::from_rows(outcome, numeric, &adjust_for, &cases, &rows)?.findings(&EvidenceOptions::default())?.0)
}

/// Of each judge: cases that others judged as well, how much more often they are called good than by the others, and its p-value.
fn leans(judges: &IndexMap<&str, IndexMap<usize, bool>>) -> Vec<(u64, Option<Interval>, Option<f64>)> {
    // Judges and yeses of each case.
    let mut cases: BTreeMap<usize, (u64, u64)> = BTreeMap::new();
    for (&case, &good) in judges.values().flatten() {
        hit(cases.entry(case).or_default(), good);
    }
    (judges.values())
        .map(|mine| {
            let mut apart = Moments::default();
            for (case, &good) in mine {
                let (yes, all) = cases[case];
                if all > 1 {
                    let own = u64::from(good);
                    apart.push(own as f64 - (yes - own) as f64 / (all - 1) as f64);
                }
            }
            let Some(variance) = apart.variance().filter(|v| *v > 0.0) else { return (apart.n, None, None) };
            let (n, mean) = (apart.n as f64, apart.mean);
            let se = (variance / n).sqrt();
            let interval = level_t(LEVEL, n - 1.0).map(|t| Interval { estimate: mean, low: (mean - t * se).max(-1.0), high: (mean + t * se).min(1.0) });
            (apart.n, interval, interval.map(|_| t_two_sided(mean / se, n - 1.0)))
        })
        .collect()
}

/// Each two judges with cases in common.
fn agreements(judges: &IndexMap<&str, IndexMap<usize, bool>>) -> Vec<Agreement> {
    let mut list = vec![];
    for (number, (name, mine)) in judges.iter().enumerate() {
        for (other, theirs) in judges.iter().skip(number + 1) {
            let mut counts = [[0u64; 2]; 2];
            for (case, &good) in mine {
                if let Some(&second) = theirs.get(case) {
                    counts[usize::from(!good)][usize::from(!second)] += 1;
                }
            }
            let both: u64 = counts.iter().flatten().sum();
            if both > 0 {
                list.push(Agreement {
                    judges: ((*name).to_owned(), (*other).to_owned()),
                    both,
                    alike: counts[0][0] + counts[1][1],
                    kappa: cohen_kappa(counts, LEVEL),
                    difference: matched_difference(counts, LEVEL),
                });
            }
        }
    }
    list
}
