//! The tables of a check: cases, deviations, variants, steps, reps and teams, choices.

use rustc_hash::FxHashMap;

use super::align::MoveKind;
use super::alignment::Status;
use super::path::{DeviationKind, NOWHERE, Work};
use super::run::{Check, Inner};
use super::track::Chosen;
use crate::corpus::{Corpus, NONE, Names, OutcomeColumn, OutcomeValue, Unit};
use crate::error::Result;
use crate::sop::{Playbook, Sop};
use crate::table::{Column, Table};
use crate::words::Lang;

/// Sums over cases that share something.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    cases: i64,
    complete: i64,
    conforms: i64,
    fully: i64,
    won: i64,
    lost: i64,
    value: f64,
    valued: i64,
    fitness: f64,
    adherence: f64,
    adhered: i64,
    deviations: i64,
}

impl Check {
    /// The corpus that was checked.
    pub fn corpus(&self) -> &Corpus {
        &self.inner.corpus
    }

    /// What it was checked against.
    pub fn playbook(&self) -> &Playbook {
        &self.inner.playbook
    }

    /// The outcome that says which cases are open and won; `None` where the conversations carry none.
    pub fn outcome(&self) -> Option<&str> {
        self.inner.outcome.as_deref()
    }

    /// Number of cases.
    pub fn len(&self) -> usize {
        self.inner.path_of.len()
    }

    /// Whether there are no cases.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How far a case has come, by its number.
    pub fn status(&self, case: usize) -> Status {
        self.inner.status[case]
    }

    /// No deviation so far but accepted ones; `None` where no SOP takes the case.
    pub fn conforms_so_far(&self, case: usize) -> Option<bool> {
        self.inner.conforms_so_far(case)
    }

    /// Conforming to the end; `None` for a case that did not come to the end.
    pub fn fully_conforms(&self, case: usize) -> Option<bool> {
        self.inner.fully_conforms(case)
    }

    /// Cost of the optimal alignment of a case; `None` where no SOP takes it.
    pub fn cost(&self, case: usize) -> Option<u32> {
        self.inner.figures.get(self.inner.path_of[case] as usize).map(|f| f.cost)
    }

    /// One row a case: figures, status, and the outcome.
    pub fn cases(&self) -> Table {
        let inner = &*self.inner;
        let store = inner.corpus.store();
        let n = self.len();
        let figures = |case: usize| inner.figures.get(inner.path_of[case] as usize);
        let int = |f: &dyn Fn(usize) -> Option<u32>| Column::Int((0..n).map(|c| f(c).map(i64::from)).collect());
        let place = |f: &dyn Fn(usize) -> Option<(usize, u32)>| {
            let mut names = Names::default();
            let codes: Vec<u32> = (0..n)
                .map(|c| f(c).and_then(|(case, node)| Inner::step_of(inner.sop(inner.scenario(case)?), node)).map_or(NONE, |step| names.intern(step)))
                .collect();
            Column::names(&codes, &names)
        };
        let mut table = Table::new("cases");
        table.push("case_id", Column::Text(store.ids.iter().map(|id| Some(id.into())).collect()));
        table.push("rep", Column::names(&inner.rep, &store.reps));
        table.push("team", Column::names(&inner.team, &store.teams));
        let sops: Names = inner.playbook.sops().fold(Names::default(), |mut names, sop| {
            names.intern(sop.name());
            names
        });
        let sop_of = |case: usize| inner.scenario(case).and_then(|s| sops.find(inner.sop(s).name())).unwrap_or(NONE);
        table.push("sop", Column::names(&(0..n).map(sop_of).collect::<Vec<_>>(), &sops));
        table.push("status", Column::names(&inner.status.iter().map(|&s| s as u32).collect::<Vec<_>>(), &status_names()));
        table.push("conforms_so_far", Column::Bool((0..n).map(|c| inner.conforms_so_far(c)).collect()));
        table.push("fully_conforms", Column::Bool((0..n).map(|c| inner.fully_conforms(c)).collect()));
        table.push("fitness", Column::Float((0..n).map(|c| figures(c).map(super::path::PathFigures::fitness)).collect()));
        table.push("adherence", Column::Float((0..n).map(|c| figures(c).and_then(super::path::PathFigures::adherence)).collect()));
        table.push("cost", int(&|c| figures(c).map(|f| f.cost)));
        table.push("prefix_cost", int(&|c| figures(c).map(|f| f.prefix_cost)));
        table.push("prefix_stop", place(&|c| figures(c).map(|f| (c, f.prefix_stop))));
        table.push("stopped_at", place(&|c| figures(c).map(|f| (c, f.stopped_at))));
        table.push("deviations", int(&|c| inner.deviation_count(c)));
        table.push("accepted", int(&|c| inner.deviation_count(c).map(|n| n - inner.unaccepted[c])));
        let failed = inner.failures_by_kind();
        table.push("below_standard", int(&|c| figures(c).map(|_| failed[c][0])));
        table.push("late", int(&|c| figures(c).map(|_| failed[c][1])));
        table.push("events", Column::Int((0..n).map(|c| Some(inner.path(c).len() as i64)).collect()));
        table.push("variant", int(&|c| figures(c).map(|_| inner.path_of[c])));
        self.push_stages(&mut table);
        self.push_uncertainty(&mut table);
        for (name, column) in &store.outcomes {
            table.push(format!("outcome.{name}"), column.to_column());
        }
        table
    }

    /// One row a deviation, cases in their order, deviations in the order of the path, with its sentence.
    ///
    /// # Errors
    /// As [`Corpus::check`].
    pub fn deviations(&self) -> Result<Table> {
        let inner = &*self.inner;
        let store = inner.corpus.store();
        let mut work = Work::new();
        let mut list = Vec::new();
        let mut owner: Vec<u32> = Vec::new();
        for case in 0..self.len() {
            let Some(scenario) = inner.scenario(case) else { continue };
            inner.case_deviations(case, &mut work)?;
            let sop = inner.sop(scenario);
            list.extend(work.deviations.iter().map(|d| inner.deviation(case, sop, d)));
            owner.resize(list.len(), case as u32);
        }
        let text = |f: &dyn Fn(&super::Deviation) -> Option<&str>| {
            let mut names = Names::default();
            let codes: Vec<u32> = list.iter().map(|d| f(d).map_or(NONE, |t| names.intern(t))).collect();
            Column::names(&codes, &names)
        };
        let int = |f: &dyn Fn(&super::Deviation) -> Option<u32>| Column::Int(list.iter().map(|d| f(d).map(i64::from)).collect());
        let mut table = Table::new("deviations");
        table.push("case_id", Column::Text(owner.iter().map(|&c| store.ids.get(c).map(Into::into)).collect()));
        table.push("rep", Column::names(&owner.iter().map(|&c| inner.rep[c as usize]).collect::<Vec<_>>(), &store.reps));
        table.push("kind", text(&|d| Some(d.kind.name())));
        table.push("step", text(&|d| Some(&d.step)));
        table.push("title", text(&|d| Some(&d.title)));
        table.push("after", text(&|d| d.after.as_deref()));
        table.push("due_after", text(&|d| d.due_after.as_deref()));
        table.push("place", text(&|d| d.place.as_deref()));
        table.push("event", int(&|d| d.event));
        table.push("due", int(&|d| d.due));
        table.push("turns", Column::IntList(list.iter().map(|d| d.turns.map_or_else(Vec::new, |(a, b)| (i64::from(a)..=i64::from(b)).collect())).collect()));
        if inner.corpus.unit() == Unit::Deal {
            table.push("conversation", text(&|d| d.origin.as_ref().map(|origin| &*origin.conversation)));
        }
        table.push("cost", int(&|d| Some(d.cost)));
        table.push("accepted", Column::Bool(list.iter().map(|d| Some(d.accepted)).collect()));
        table.push("disputed", Column::Bool(list.iter().map(|d| Some(d.disputed)).collect()));
        let standard = |d: &super::Deviation, f: fn(&super::StandardResult) -> Option<f64>| d.standard.as_ref().and_then(f);
        let float = |f: fn(&super::StandardResult) -> Option<f64>| Column::Float(list.iter().map(|d| standard(d, f)).collect());
        table.push("standard", text(&|d| d.standard.as_ref().map(|s| s.name.as_str())));
        table.push("measure", text(&|d| d.standard.as_ref().map(|s| s.measure)));
        table.push("value", float(|s| s.value));
        table.push("unit", text(&|d| d.standard.as_ref().map(|s| s.unit.name())));
        table.push("at_least", float(|s| s.at_least));
        table.push("at_most", float(|s| s.at_most));
        for (name, lang) in [("sentence_en", Lang::En), ("sentence_zh", Lang::Zh)] {
            let mut names = Names::default();
            let codes: Vec<u32> = list.iter().map(|d| names.intern(&d.sentence(lang))).collect();
            table.push(name, Column::names(&codes, &names));
        }
        Ok(table)
    }

    /// One row a distinct path (变体), the most frequent first, equal ones in the order they were met.
    pub fn variants(&self) -> Table {
        let inner = &*self.inner;
        let store = inner.corpus.store();
        let sums = self.sums(inner.figures.len(), |case| inner.path_of[case]);
        let mut order: Vec<usize> = (0..sums.len()).collect();
        order.sort_by_key(|&path| (std::cmp::Reverse(sums[path].cases), path));
        let mut table = Table::new("variants");
        let steps =
            |&path: &usize| inner.path(inner.first_case[path] as usize).iter().map(|&label| store.steps.get(label).unwrap_or_default().into()).collect();
        table.push("variant", Column::Int(order.iter().map(|&path| Some(path as i64)).collect()));
        table.push("steps", Column::TextList(order.iter().map(steps).collect()));
        push_sums(&mut table, &order.iter().map(|&path| sums[path]).collect::<Vec<_>>());
        table.push("cost", Column::Int(order.iter().map(|&path| Some(i64::from(inner.figures[path].cost))).collect()));
        table.push("example", Column::Text(order.iter().map(|&path| store.ids.get(inner.first_case[path]).map(Into::into)).collect()));
        table
    }

    /// One row a rep, in the order they were met, with the figures of their cases.
    pub fn reps(&self) -> Table {
        self.people("reps", "rep", &self.inner.rep, &self.inner.corpus.store().reps)
    }

    /// One row a team.
    pub fn teams(&self) -> Table {
        let store = self.inner.corpus.store();
        self.people("teams", "team", &self.inner.team, &store.teams)
    }

    fn people(&self, name: &'static str, column: &str, codes: &[u32], names: &Names) -> Table {
        let sums = self.sums(names.len(), |case| codes[case]);
        let rows: Vec<usize> = (0..sums.len()).filter(|&i| sums[i].cases > 0).collect();
        let mut table = Table::new(name);
        table.push(column, Column::Text(rows.iter().map(|&i| names.get(i as u32).map(Into::into)).collect()));
        push_sums(&mut table, &rows.iter().map(|&i| sums[i]).collect::<Vec<_>>());
        table
    }

    fn sums(&self, n: usize, of: impl Fn(usize) -> u32) -> Vec<Sum> {
        let inner = &*self.inner;
        let outcome = inner.outcome_column();
        let mut sums = vec![Sum::default(); n];
        for case in 0..self.len() {
            let (Some(sum), Some(figures)) = (sums.get_mut(of(case) as usize), inner.figures.get(inner.path_of[case] as usize)) else { continue };
            sum.cases += 1;
            sum.complete += i64::from(inner.status[case] == Status::Complete);
            sum.conforms += i64::from(inner.conforms_so_far(case) == Some(true));
            sum.fully += i64::from(inner.fully_conforms(case) == Some(true));
            sum.fitness += figures.fitness();
            if let Some(adherence) = figures.adherence() {
                sum.adherence += adherence;
                sum.adhered += 1;
            }
            sum.deviations += i64::from(inner.unaccepted[case]);
            match outcome.and_then(|column: &OutcomeColumn| column.get(case)) {
                Some(OutcomeValue::Bool(true)) => sum.won += 1,
                Some(OutcomeValue::Bool(false)) => sum.lost += 1,
                Some(OutcomeValue::Number(x)) => {
                    sum.value += x;
                    sum.valued += 1;
                }
                None => {}
            }
        }
        sums
    }

    /// One row a step of the SOPs and a label met: how many cases reached it, did it, skipped it, did it out of order,
    /// repeated it, added it unplanned, or stopped before it; and of those that did it, how many met all of its standards
    /// that could be measured, failed one, or had none that could be measured (no value where the step has no standards).
    ///
    /// # Errors
    /// As [`Corpus::check`].
    pub fn steps(&self) -> Result<Table> {
        let inner = &*self.inner;
        let store = inner.corpus.store();
        let mut rows: Vec<(u32, String)> = Vec::new();
        let mut index: FxHashMap<(u32, String), usize> = FxHashMap::default();
        let mut counts: Vec<[i64; 7]> = Vec::new();
        let mut cases_of = vec![0i64; inner.figures.len()];
        for &path in inner.path_of.iter().filter(|&&path| path != NONE) {
            cases_of[path as usize] += 1;
        }
        for (i, sop) in inner.playbook.sops().enumerate() {
            for id in sop.steps().keys() {
                index.insert((i as u32, id.clone()), rows.len());
                rows.push((i as u32, id.clone()));
                counts.push([0; 7]);
            }
        }
        let mut work = Work::new();
        let mut marked: FxHashMap<usize, u8> = FxHashMap::default();
        for path in 0..inner.figures.len() {
            let case = inner.first_case[path] as usize;
            let Some(scenario) = inner.scenario(case) else { continue };
            let sop = inner.sop(scenario);
            inner.deviations(path, &mut work)?;
            marked.clear();
            let mut mark = |id: &str, what: u8| {
                let key = (scenario.sop, id.to_owned());
                let row = *index.entry(key.clone()).or_insert_with(|| {
                    rows.push(key);
                    counts.push([0; 7]);
                    rows.len() - 1
                });
                *marked.entry(row).or_default() |= 1 << what;
            };
            for m in inner.moves(path).iter().filter(|m| m.kind() == MoveKind::Matched) {
                mark(Inner::step_of(sop, m.node()).unwrap_or_default(), 0);
            }
            let labels = inner.path(case);
            let mut event = 0;
            for m in inner.moves(path) {
                if m.kind() == MoveKind::Anytime {
                    mark(store.steps.get(labels[event]).unwrap_or_default(), 6);
                }
                event += usize::from(m.kind() != MoveKind::Skipped);
            }
            for d in &work.deviations {
                let (id, what) = match d.kind {
                    DeviationKind::Skipped => (Inner::step_of(sop, d.node), 1),
                    DeviationKind::OutOfOrder => (store.steps.get(d.label), 2),
                    DeviationKind::Repeated => (store.steps.get(d.label), 3),
                    DeviationKind::Extra => (store.steps.get(d.label), 4),
                    // Found a case, below.
                    DeviationKind::BelowStandard | DeviationKind::Late => continue,
                };
                mark(id.unwrap_or_default(), what);
            }
            if inner.figures[path].stopped_at != NOWHERE {
                mark(Inner::step_of(sop, inner.figures[path].stopped_at).unwrap_or_default(), 5);
            }
            for (&row, &what) in &marked {
                for (bit, count) in counts[row].iter_mut().enumerate() {
                    *count += i64::from(what >> bit & 1) * cases_of[path];
                }
            }
        }
        let sops: Vec<&Sop> = inner.playbook.sops().collect();
        let step = |row: &(u32, String)| sops[row.0 as usize].steps().get(&row.1);
        let text = |f: &dyn Fn(&(u32, String)) -> Option<String>| Column::Text(rows.iter().map(|row| f(row).map(Into::into)).collect());
        let mut table = Table::new("steps");
        table.push("sop", text(&|row| Some(sops[row.0 as usize].name().to_owned())));
        table.push("step", text(&|row| Some(row.1.clone())));
        table.push("title", text(&|row| Some(sops[row.0 as usize].title(&row.1).to_owned())));
        table.push("stage", text(&|row| step(row).and_then(|s| s.stage.clone())));
        let planned =
            |row: &(u32, String)| sops[row.0 as usize].nodes().iter().any(|n| sops[row.0 as usize].steps().get_index_of(&row.1) == Some(n.step as usize));
        table.push("planned", Column::Bool(rows.iter().map(|row| Some(planned(row))).collect()));
        // A case reached a step when it did it, passed it, or stopped right before it.
        let reached = |c: &[i64; 7]| c[0] + c[1] + c[2] + c[5];
        table.push("reached", Column::Int(counts.iter().map(|c| Some(reached(c))).collect()));
        for (name, i) in [("done", 0), ("skipped", 1), ("out_of_order", 2), ("repeated", 3), ("extra", 4), ("stopped_before", 5), ("anytime", 6)] {
            table.push(name, Column::Int(counts.iter().map(|c| Some(c[i])).collect()));
        }
        let standards = inner.standards_by_step();
        let of_standards = |row: &(u32, String), i: usize| {
            let step = sops[row.0 as usize].steps().get_index_of(&row.1)?;
            step_has_standards(sops[row.0 as usize], step).then(|| standards.get(&(row.0, step as u32)).map_or(0, |counts| counts[i]))
        };
        for (i, name) in ["standards_met", "standards_failed", "standards_not_measured"].into_iter().enumerate() {
            table.push(name, Column::Int(rows.iter().map(|row| of_standards(row, i)).collect()));
        }
        Ok(table)
    }

    /// One row a choice at a decision point, cases in their order.
    pub fn choices(&self) -> Table {
        let inner = &*self.inner;
        let store = inner.corpus.store();
        let choices = inner.choices();
        let (mut ids, mut points, mut visits, mut chosen, mut steps, mut events) = (vec![], vec![], vec![], vec![], vec![], vec![]);
        let (mut point_names, mut step_names) = (Names::default(), Names::default());
        for case in 0..self.len() {
            let Some(scenario) = inner.scenario(case) else { continue };
            let sop = inner.sop(scenario);
            for choice in choices.of(inner.path_of[case] as usize) {
                ids.push(store.ids.get(case as u32).map(Into::into));
                points.push(Inner::step_of(sop, choice.point.node).map_or(NONE, |step| point_names.intern(step)));
                visits.push(Some(i64::from(choice.point.visit)));
                let (what, step) = match choice.chosen {
                    Chosen::Done(node) => (0, Inner::step_of(sop, node)),
                    Chosen::Skipped(node) => (1, Inner::step_of(sop, node)),
                    Chosen::DoneLate(node) => (2, Inner::step_of(sop, node)),
                    Chosen::Added(label) => (3, store.steps.get(label)),
                };
                chosen.push(what);
                steps.push(step.map_or(NONE, |step| step_names.intern(step)));
                events.push(Some(i64::from(inner.used.event(store, case, choice.event))));
            }
        }
        let mut kinds = Names::default();
        for kind in ["done", "skipped", "done_late", "added"] {
            kinds.intern(kind);
        }
        let mut table = Table::new("choices");
        table.push("case_id", Column::Text(ids));
        table.push("point", Column::names(&points, &point_names));
        table.push("visit", Column::Int(visits));
        table.push("chosen", Column::names(&chosen, &kinds));
        table.push("step", Column::names(&steps, &step_names));
        table.push("event", Column::Int(events));
        table
    }
}

fn step_has_standards(sop: &Sop, step: usize) -> bool {
    sop.steps().get_index(step).is_some_and(|(_, step)| !step.standards.is_empty())
}

fn status_names() -> Names {
    [Status::Complete, Status::Stopped, Status::Open, Status::Unchecked].iter().fold(Names::default(), |mut names, status| {
        names.intern(status.name());
        names
    })
}

fn push_sums(table: &mut Table, sums: &[Sum]) {
    let int = |f: fn(&Sum) -> i64| Column::Int(sums.iter().map(|s| Some(f(s))).collect());
    let mean = |f: fn(&Sum) -> (f64, i64)| {
        Column::Float(
            sums.iter()
                .map(|s| {
                    let (sum, n) = f(s);
                    (n > 0).then(|| sum / n as f64)
                })
                .collect(),
        )
    };
    table.push("cases", int(|s| s.cases));
    table.push("complete", int(|s| s.complete));
    table.push("conforms_so_far", int(|s| s.conforms));
    table.push("fully_conforms", int(|s| s.fully));
    table.push("deviations_per_case", mean(|s| (s.deviations as f64, s.cases)));
    table.push("fitness", mean(|s| (s.fitness, s.cases)));
    table.push("adherence", mean(|s| (s.adherence, s.adhered)));
    table.push("decided", int(|s| s.won + s.lost + s.valued));
    table.push("won", int(|s| s.won));
    table.push("win_rate", mean(|s| (s.won as f64, s.won + s.lost)));
    table.push("mean_outcome", mean(|s| (s.value, s.valued)));
}

impl std::fmt::Display for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let count = |status: Status| self.inner.status.iter().filter(|&&s| s == status).count();
        let conforming = (0..self.len()).filter(|&case| self.conforms_so_far(case) == Some(true)).count();
        write!(
            f,
            "Check({} cases: {conforming} conform so far; {} complete, {} stopped, {} open",
            self.len(),
            count(Status::Complete),
            count(Status::Stopped),
            count(Status::Open)
        )?;
        if count(Status::Unchecked) > 0 {
            write!(f, ", {} taken by no SOP", count(Status::Unchecked))?;
        }
        f.write_str(")")
    }
}
