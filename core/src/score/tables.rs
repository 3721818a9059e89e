//! The tables of scores: cases, reps, teams, parts, the best conversations, and where points are lost.

use super::mark::{Part, PartKind};
use super::scores::{Scores, Sum};
use crate::check::NOWHERE;
use crate::corpus::{NONE, Names};
use crate::error::Result;
use crate::sop::Sop;
use crate::table::{Column, Table};

/// A conversation is among the best only if what counted in it is worth at least this share of the whole scorecard: who
/// says good morning and hangs up has done everything that was due.
const ENOUGH: f64 = 0.5;

impl Scores {
    fn sops(&self) -> Vec<&Sop> {
        self.0.check.playbook().sops().collect()
    }

    /// One row a case: its score of 100, and the points it is made of.
    pub fn cases(&self) -> Table {
        let inner = &*self.0;
        let store = inner.check.corpus().store();
        let n = self.len();
        let taken = |case: usize| (inner.cases[case].sop != NOWHERE).then_some(&inner.cases[case]);
        let float = |f: &dyn Fn(&super::scores::CaseTotal) -> Option<f64>| Column::Float((0..n).map(|case| taken(case).and_then(f)).collect());
        let int = |f: &dyn Fn(&super::scores::CaseTotal) -> u32| Column::Int((0..n).map(|case| taken(case).map(|c| f(c).into())).collect());
        let mut table = Table::new("score_cases");
        table.push("case_id", Column::Text(store.ids.iter().map(|id| Some(id.into())).collect()));
        table.push("rep", Column::names(&(0..n).map(|case| inner.check.rep_of(case)).collect::<Vec<_>>(), &store.reps));
        table.push("team", Column::names(&store.team, &store.teams));
        let mut names = Names::default();
        let sops: Vec<u32> = self.sops().iter().map(|sop| names.intern(sop.name())).collect();
        table.push("sop", Column::names(&(0..n).map(|case| taken(case).map_or(NONE, |c| sops[c.sop as usize])).collect::<Vec<_>>(), &names));
        table.push("score", float(&|c| c.total.score()));
        table.push("got", float(&|c| Some(c.total.got)));
        table.push("possible", float(&|c| Some(c.total.possible)));
        table.push("penalty", float(&|c| Some(c.total.penalty)));
        table.push("counted", int(&|c| c.counted));
        table.push("left_out", int(&|c| c.left_out));
        table
    }

    /// One row a rep: the mean score of their cases, and what loses them most.
    pub fn reps(&self) -> Table {
        let inner = &*self.0;
        let store = inner.check.corpus().store();
        let of: Vec<u32> = (0..self.len()).map(|case| inner.check.rep_of(case)).collect();
        let (mut table, rows) = self.people("score_reps", "rep", &of, &store.reps);
        // Of each rep the part that costs the most points; of equal ones the first in the order of the SOPs.
        let mut most: Vec<Option<(u32, u32, &Sum)>> = vec![None; store.reps.len()];
        for ((rep, sop, part), sum) in &inner.reps {
            if let Some(slot) = most.get_mut(*rep as usize)
                && sum.lost > slot.map_or(0.0, |(_, _, have)| have.lost)
            {
                *slot = Some((*sop, *part, sum));
            }
        }
        let sops = self.sops();
        let named = |row: &usize| most[*row].map(|(sop, part, _)| label(sops[sop as usize], &inner.sheets[sop as usize].parts[part as usize]).into());
        table.push("most_lost", Column::Text(rows.iter().map(named).collect()));
        table.push("most_lost_points", Column::Float(rows.iter().map(|row| most[*row].map(|(_, _, sum)| sum.lost)).collect()));
        table
    }

    /// One row a team: the mean score of its cases.
    pub fn teams(&self) -> Table {
        let store = self.0.check.corpus().store();
        self.people("score_teams", "team", &store.team, &store.teams).0
    }

    fn people(&self, name: &'static str, column: &str, of: &[u32], names: &Names) -> (Table, Vec<usize>) {
        let mut sums = vec![(0i64, 0i64, 0.0, f64::INFINITY, f64::NEG_INFINITY); names.len()];
        for (case, c) in self.0.cases.iter().enumerate().filter(|(_, c)| c.sop != NOWHERE) {
            let Some(sum) = sums.get_mut(of[case] as usize) else { continue };
            sum.0 += 1;
            if let Some(score) = c.total.score() {
                *sum = (sum.0, sum.1 + 1, sum.2 + score, sum.3.min(score), sum.4.max(score));
            }
        }
        let rows: Vec<usize> = (0..sums.len()).filter(|&i| sums[i].0 > 0).collect();
        /// Cases, scored ones, sum, lowest and highest score.
        type Sum = (i64, i64, f64, f64, f64);
        let float = |f: &dyn Fn(&Sum) -> f64| Column::Float(rows.iter().map(|&i| (sums[i].1 > 0).then(|| f(&sums[i]))).collect());
        let mut table = Table::new(name);
        table.push(column, Column::Text(rows.iter().map(|&i| names.get(i as u32).map(Into::into)).collect()));
        table.push("cases", Column::Int(rows.iter().map(|&i| Some(sums[i].0)).collect()));
        table.push("scored", Column::Int(rows.iter().map(|&i| Some(sums[i].1)).collect()));
        table.push("score", float(&|sum| sum.2 / sum.1 as f64));
        table.push("lowest", float(&|sum| sum.3));
        table.push("highest", float(&|sum| sum.4));
        (table, rows)
    }

    /// One row a part of the scorecard: how often it counted, was not due, could not be measured or is accepted, the share
    /// of its points that was earned, and what it costs in points of 100 over all cases.
    pub fn parts(&self) -> Table {
        let inner = &*self.0;
        let rows: Vec<(u32, &Part, &Sum)> = (inner.sheets.iter().zip(&inner.parts).enumerate())
            .flat_map(|(sop, (sheet, sums))| sheet.parts.iter().zip(sums).map(move |(part, sum)| (sop as u32, part, sum)))
            .collect();
        let int = |f: &dyn Fn(&Sum) -> u64| Column::Int(rows.iter().map(|(_, _, sum)| Some(f(sum) as i64)).collect());
        let mut table = Table::new("score_parts");
        self.name_parts(&mut table, &rows.iter().map(|(sop, part, _)| (*sop, *part)).collect::<Vec<_>>());
        table.push("weight", Column::Float(rows.iter().map(|(_, part, _)| Some(part.weight)).collect()));
        table.push("counted", int(&|sum| sum.counted));
        table.push("not_due", int(&|sum| sum.not_due));
        table.push("not_measured", int(&|sum| sum.not_measured));
        table.push("accepted", int(&|sum| sum.accepted));
        table.push("earned_share", Column::Float(rows.iter().map(|(_, _, sum)| (sum.possible > 0.0).then(|| sum.got / sum.possible)).collect()));
        table.push("cases_lost", int(&|sum| sum.cases_lost));
        table.push("lost", Column::Float(rows.iter().map(|(_, _, sum)| Some(sum.lost)).collect()));
        table
    }

    /// The best conversations, at most so many: highest scores first, of equal ones those in which more was at stake, then
    /// in their order. Only those in which what counted is worth at least half of the whole scorecard.
    pub fn best(&self, most: usize) -> Table {
        let inner = &*self.0;
        let store = inner.check.corpus().store();
        let mut best: Vec<(f64, f64, u32)> = (inner.cases.iter().enumerate())
            .filter(|(_, c)| c.sop != NOWHERE && c.total.possible >= ENOUGH * inner.sheets[c.sop as usize].total)
            .filter_map(|(case, c)| Some((c.total.score()?, c.total.possible, case as u32)))
            .collect();
        best.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1)).then(a.2.cmp(&b.2)));
        best.truncate(most);
        let rep = |case: u32| inner.check.rep_of(case as usize);
        let sops = self.sops();
        let mut table = Table::new("best_conversations");
        table.push("rank", Column::Int((1..=best.len() as i64).map(Some).collect()));
        table.push("case_id", Column::Text(best.iter().map(|&(_, _, case)| store.ids.get(case).map(Into::into)).collect()));
        table.push("rep", Column::names(&best.iter().map(|&(_, _, case)| rep(case)).collect::<Vec<_>>(), &store.reps));
        table.push("team", Column::names(&best.iter().map(|&(_, _, case)| store.team[case as usize]).collect::<Vec<_>>(), &store.teams));
        let sop = |case: u32| sops[inner.cases[case as usize].sop as usize].name();
        table.push("sop", Column::Text(best.iter().map(|&(_, _, case)| Some(sop(case).into())).collect()));
        table.push("score", Column::Float(best.iter().map(|&(score, ..)| Some(score)).collect()));
        table.push("possible", Column::Float(best.iter().map(|&(_, possible, _)| Some(possible)).collect()));
        table
    }

    /// Coaching opportunities (机会点): one row a rep and part that lost points, the most points first, with the cases that
    /// lost most by it, and of the first of them the turns and what is said of it.
    ///
    /// # Errors
    /// As [`Corpus::check`](crate::Corpus::check).
    pub fn opportunities(&self) -> Result<Table> {
        let inner = &*self.0;
        let store = inner.check.corpus().store();
        let mut rows: Vec<&((u32, u32, u32), Sum)> = inner.reps.iter().filter(|(_, sum)| sum.cases_lost > 0).collect();
        rows.sort_by(|a, b| b.1.lost.total_cmp(&a.1.lost).then(a.0.cmp(&b.0)));
        let card = self.laid()?;
        let sops = self.sops();
        let (mut turns, mut en, mut zh) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
        for ((_, sop, part), sum) in rows.iter().copied() {
            let part = &inner.sheets[*sop as usize].parts[*part as usize];
            let score = sum.worst.first().map(|&(_, case)| self.explain_by(&card, case as usize)).transpose()?.flatten();
            let told = score.and_then(|score| {
                let step = |step: &Option<String>| sops[*sop as usize].steps().get_index(part.step as usize).is_none_or(|(id, _)| step.as_ref() == Some(id));
                let lost = |p: &super::ScorePart| p.kind == part.kind && p.lost > 0.0 && step(&p.step) && (part.kind == PartKind::Step || p.name == part.key);
                score.parts.into_iter().find(lost)
            });
            turns.push(told.as_ref().and_then(|part| part.turns).map_or_else(Vec::new, |(a, b)| (i64::from(a)..=i64::from(b)).collect()));
            en.push(told.as_ref().map(|part| part.sentence_en().into()));
            zh.push(told.as_ref().map(|part| part.sentence_zh().into()));
        }
        let mut table = Table::new("opportunities");
        table.push("rep", Column::names(&rows.iter().map(|(key, _)| key.0).collect::<Vec<_>>(), &store.reps));
        let named: Vec<(u32, &Part)> = rows.iter().map(|(key, _)| (key.1, &inner.sheets[key.1 as usize].parts[key.2 as usize])).collect();
        self.name_parts(&mut table, &named);
        table.push("counted", Column::Int(rows.iter().map(|(_, sum)| Some(sum.counted as i64)).collect()));
        table.push("cases_lost", Column::Int(rows.iter().map(|(_, sum)| Some(sum.cases_lost as i64)).collect()));
        table.push("lost", Column::Float(rows.iter().map(|(_, sum)| Some(sum.lost)).collect()));
        let id = |&(_, case): &(f64, u32)| store.ids.get(case).map(Into::into);
        table.push("cases", Column::TextList(rows.iter().map(|(_, sum)| sum.worst.iter().filter_map(id).collect()).collect()));
        table.push("turns", Column::IntList(turns));
        table.push("sentence_en", Column::Text(en));
        table.push("sentence_zh", Column::Text(zh));
        Ok(table)
    }

    /// SOP, kind, step, title and name of parts.
    fn name_parts(&self, table: &mut Table, parts: &[(u32, &Part)]) {
        let sops = self.sops();
        let step = |sop: u32, part: &Part| sops[sop as usize].steps().get_index(part.step as usize).map(|(id, _)| id.as_str());
        let text = |f: &dyn Fn(u32, &Part) -> Option<String>| Column::Text(parts.iter().map(|(sop, part)| f(*sop, part).map(Into::into)).collect());
        table.push("sop", text(&|sop, _| Some(sops[sop as usize].name().to_owned())));
        table.push("kind", text(&|_, part| Some(part.kind.name().to_owned())));
        table.push("step", text(&|sop, part| step(sop, part).map(ToOwned::to_owned)));
        table.push("title", text(&|sop, part| step(sop, part).map(|step| sops[sop as usize].title(step).to_owned())));
        table.push("name", text(&|_, part| Some(if part.kind == PartKind::Step { part.name.clone() } else { part.key.clone() })));
    }
}

/// A part in few words.
fn label(sop: &Sop, part: &Part) -> String {
    match (part.kind, sop.steps().get_index(part.step as usize)) {
        (PartKind::Standard, Some((id, _))) => format!("{}: {}", sop.title(id), part.name),
        _ => part.name.clone(),
    }
}
