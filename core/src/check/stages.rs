//! How far conversations bring their deal: the furthest stage of the steps matched, and whether that is new to the deal.

use indexmap::IndexSet;

use super::align::{Move, MoveKind};
use super::run::{Check, Inner};
use super::scenario::Scenario;
use crate::corpus::{NO_TIME, NONE, Names, OutcomeColumn, deal_order};
use crate::sop::Sop;
use crate::table::{Column, Table};

/// The outcome a check can give itself.
pub(super) const STAGE_ADVANCED: &str = "stage_advanced";

/// The stage of each step of an SOP, by its number in the order of the steps.
fn stage_of_step(sop: &Sop) -> Vec<u32> {
    let stages: IndexSet<&str> = sop.stages().into_iter().collect();
    let stage = |step: &crate::sop::Step| step.stage.as_deref().and_then(|name| stages.get_index_of(name)).map_or(NONE, |stage| stage as u32);
    sop.steps().values().map(stage).collect()
}

/// What one conversation did.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    case: u32,
    /// Number among the parts of a joined corpus, or of the conversation.
    part: u32,
    /// Stages by their number in the SOP of the case; `NONE` for none.
    before: u32,
    reached: u32,
}

impl Row {
    fn advanced(&self) -> bool {
        later(self.reached, self.before)
    }
}

/// Whether a stage lies behind another; none lies before all.
fn later(stage: u32, than: u32) -> bool {
    stage != NONE && (than == NONE || stage > than)
}

fn further(a: u32, b: u32) -> u32 {
    if later(b, a) { b } else { a }
}

/// The stages of all cases.
pub(super) struct Stages {
    /// Conversations by deal, those of a deal in their order.
    rows: Vec<Row>,
    /// For each case the stage before it and the furthest it reached.
    cases: Vec<(u32, u32)>,
    /// For each SOP the stage of each step; empty where no step has one.
    of_step: Vec<Vec<u32>>,
}

impl Inner {
    pub(super) fn stages(&self) -> &Stages {
        self.stages.get_or_init(|| self.find_stages())
    }

    fn find_stages(&self) -> Stages {
        let store = self.corpus.store();
        let of_step = self.playbook.sops().map(stage_of_step).map(|list| if list.iter().all(|&stage| stage == NONE) { Vec::new() } else { list });
        let mut made = Stages { rows: Vec::with_capacity(store.len()), cases: vec![(NONE, NONE); store.len()], of_step: of_step.collect() };
        let stage = |scenario: &Scenario, of_step: &[Vec<u32>], m: &Move| {
            let step = || self.sop(scenario).nodes()[m.node() as usize].step as usize;
            if m.kind() == MoveKind::Matched { of_step[scenario.sop as usize].get(step()).copied().unwrap_or(NONE) } else { NONE }
        };
        if let Some(parts) = &store.parts {
            for case in 0..store.len() {
                let of_case = parts.of(case);
                let mut reached = vec![NONE; of_case.len()];
                if let Some(scenario) = self.scenario(case) {
                    let performed = self.moves(self.path_of[case] as usize).iter().filter(|m| m.kind() != MoveKind::Skipped);
                    for (event, m) in (store.events(case).start..).zip(performed) {
                        let part = parts.of_event(case, event) - of_case.start;
                        reached[part] = further(reached[part], stage(scenario, &made.of_step, m));
                    }
                }
                for (part, reached) in of_case.zip(reached) {
                    let before = made.cases[case].1;
                    made.rows.push(Row { case: case as u32, part: part as u32, before, reached });
                    made.cases[case].1 = further(before, reached);
                }
            }
            return made;
        }
        let of_path: Vec<u32> = (self.first_case.iter().enumerate())
            .map(|(path, &case)| {
                let Some(scenario) = self.scenario(case as usize) else { return NONE };
                self.moves(path).iter().fold(NONE, |reached, m| further(reached, stage(scenario, &made.of_step, m)))
            })
            .collect();
        let names: Vec<Vec<&str>> = self.playbook.sops().map(Sop::stages).collect();
        let (order, ends) = deal_order(store);
        let (mut seen, mut end) = (Vec::new(), ends.iter().copied().peekable());
        for (at, &c) in order.iter().enumerate() {
            let case = c as usize;
            let reached = of_path.get(self.path_of[case] as usize).copied().unwrap_or(NONE);
            // By name: a later conversation may be held against another SOP.
            let names = self.scenario(case).map_or(&[][..], |scenario| &names[scenario.sop as usize]);
            let before = if seen.is_empty() { NONE } else { names.iter().rposition(|name| seen.contains(name)).map_or(NONE, |stage| stage as u32) };
            made.rows.push(Row { case: c, part: c, before, reached });
            made.cases[case] = (before, reached);
            seen.extend(names.get(reached as usize).copied());
            if end.next_if_eq(&(at + 1)).is_some() {
                seen.clear();
            }
        }
        made
    }

    /// The outcome where it is one that the check gives.
    pub(super) fn derived_outcome(&self) -> Option<OutcomeColumn> {
        let name = self.outcome.as_deref().filter(|name| *name == STAGE_ADVANCED)?;
        if self.corpus.store().outcomes.contains_key(name) {
            return None;
        }
        let advanced = |case: usize| self.advanced(case).map_or(2, u8::from);
        Some(OutcomeColumn::Bool((0..self.path_of.len()).map(advanced).collect()))
    }

    /// The values of the outcome, whoever gives them.
    pub(super) fn outcome_column(&self) -> Option<&OutcomeColumn> {
        self.derived.as_ref().or_else(|| self.corpus.store().outcomes.get(self.outcome.as_deref()?))
    }

    /// Whether a case brought its deal to a later stage; `None` where its SOP has no stages or none takes it.
    fn advanced(&self, case: usize) -> Option<bool> {
        let stages = self.stages();
        let staged = self.scenario(case).is_some_and(|scenario| !stages.of_step[scenario.sop as usize].is_empty());
        staged.then(|| later(stages.cases[case].1, stages.cases[case].0))
    }
}

impl Check {
    /// The values of the outcome that was chosen.
    pub(crate) fn outcome_column(&self) -> Option<&OutcomeColumn> {
        self.inner.outcome_column()
    }

    /// Whether the outcome is one that the check gives.
    pub(crate) fn gives_outcome(&self) -> bool {
        self.inner.derived.is_some()
    }

    /// Whether doing what a place of the flow plans is by itself the outcome: then it is no choice that leads to it.
    pub(crate) fn defines_outcome(&self, case: usize, node: u32) -> bool {
        let inner = &*self.inner;
        if inner.derived.is_none() {
            return false;
        }
        let stages = inner.stages();
        let stage = inner.scenario(case).and_then(|scenario| {
            let step = inner.sop(scenario).nodes().get(node as usize)?.step;
            stages.of_step[scenario.sop as usize].get(step as usize).copied()
        });
        stage.is_some_and(|stage| later(stage, stages.cases[case].0))
    }

    /// One row a conversation, those of a deal in their order: the stage its deal had reached before, the furthest stage of
    /// the steps matched in it, and whether that is a later one. Stages are ordered as the steps of the SOP are.
    ///
    /// ```
    /// let sop = goldpath::Sop::parse("
    /// format: goldpath/1
    /// name: demo
    /// steps: {open: {stage: contact}, need: {stage: discovery}, close: {stage: decision}}
    /// flow: [open, need, close]
    /// ")?;
    /// let corpus = goldpath::Corpus::parse(br#"
    /// {"id": "c1", "deal": "d1", "started_at": "2026-03-02", "steps": ["open", "need"]}
    /// {"id": "c2", "deal": "d1", "started_at": "2026-03-05", "steps": ["need"]}
    /// "#)?;
    /// let stages = corpus.check(&sop)?.stages();
    /// assert_eq!(stages.get(0, "stage_reached").to_string(), "discovery");
    /// assert_eq!(stages.get(1, "stage_before").to_string(), "discovery");
    /// assert_eq!(stages.get(1, "stage_advanced").to_string(), "false");
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    pub fn stages(&self) -> Table {
        let inner = &*self.inner;
        let store = inner.corpus.store();
        let rows = &inner.stages().rows;
        let id = |row: &Row| match &store.parts {
            Some(parts) => Some(parts.ids[row.part as usize].clone()),
            None => store.ids.get(row.case).map(Into::into),
        };
        let mut table = Table::new("stages");
        table.push("case_id", Column::Text(rows.iter().map(|row| store.ids.get(row.case).map(Into::into)).collect()));
        table.push("deal", Column::names(&rows.iter().map(|row| store.deal[row.case as usize]).collect::<Vec<_>>(), &store.deals));
        table.push("conversation", Column::Text(rows.iter().map(id).collect()));
        let started = |row: &Row| store.parts.as_ref().map_or_else(|| store.started_at[row.case as usize], |parts| parts.started_at[row.part as usize]);
        table.push("started_at", Column::Time(rows.iter().map(|row| Some(started(row)).filter(|&t| t != NO_TIME)).collect()));
        table.push("stage_before", inner.stage_names(rows.iter().map(|row| (row.case, row.before))));
        table.push("stage_reached", inner.stage_names(rows.iter().map(|row| (row.case, row.reached))));
        let staged = |row: &Row| inner.advanced(row.case as usize).map(|_| row.advanced());
        table.push("stage_advanced", Column::Bool(rows.iter().map(staged).collect()));
        table
    }

    /// Conversations by deal, those of a deal in their order: case, part (its own number where none are joined), and the furthest
    /// stage of the steps matched in it, by its number in the SOP; `NONE` for none.
    pub(crate) fn stage_rows(&self) -> impl Iterator<Item = (u32, u32, u32)> {
        self.inner.stages().rows.iter().map(|row| (row.case, row.part, row.reached))
    }

    /// The furthest stage of each case, and whether it brought its deal there.
    pub(super) fn push_stages(&self, table: &mut Table) {
        let inner = &*self.inner;
        if inner.playbook.sops().any(|sop| sop.steps().values().any(|step| step.stage.is_some())) {
            let reached = inner.stages().cases.iter().enumerate().map(|(case, &(_, reached))| (case as u32, reached));
            table.push("stage_reached", inner.stage_names(reached));
            table.push("stage_advanced", Column::Bool((0..self.len()).map(|case| inner.advanced(case)).collect()));
        }
    }
}

impl Inner {
    fn stage_names(&self, stages: impl Iterator<Item = (u32, u32)>) -> Column {
        let ladders: Vec<Vec<&str>> = self.playbook.sops().map(Sop::stages).collect();
        let mut names = Names::default();
        let codes: Vec<u32> = stages
            .map(|(case, stage)| {
                let name = self.scenario(case as usize).and_then(|scenario| ladders[scenario.sop as usize].get(stage as usize));
                name.map_or(NONE, |name| names.intern(name))
            })
            .collect();
        Column::names(&codes, &names)
    }
}
