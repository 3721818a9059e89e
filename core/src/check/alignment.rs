//! One case laid out for people: moves, deviations with their sentences, and figures.

use serde::Serialize;

use super::align::MoveKind;
use super::parts::Origin;
use super::path::{DeviationKind, NOWHERE, PathDeviation, Work, step_of};
use super::run::{Check, Inner};
use super::standards::StandardResult;
use crate::error::{Error, Fault, Result};
use crate::sop::Sop;
use crate::words::{self, Lang};

/// How far a case has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It reached the end of the SOP.
    Complete,
    /// It ended before.
    Stopped,
    /// It has not come to the end, and there is no outcome yet.
    Open,
    /// No SOP of the playbook takes it.
    Unchecked,
}

impl Status {
    /// The name of the status, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Stopped => "stopped",
            Self::Open => "open",
            Self::Unchecked => "unchecked",
        }
    }
}

/// A deviation of a case from its SOP (偏差).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Deviation {
    /// What kind it is.
    pub kind: DeviationKind,
    /// Step or label it is about.
    pub step: String,
    /// Title of the step.
    pub title: String,
    /// Title of the planned step last reached before it; `None` at the start.
    pub after: Option<String>,
    /// For an out-of-order step: title of the step it was due after; `None` at the start.
    pub due_after: Option<String>,
    /// Place in the SOP file: of the planned step, or of the standard.
    pub place: Option<String>,
    /// Number of the event, from 0; `None` for a skipped step.
    pub event: Option<u32>,
    /// Before which event the step was due, for skipped and out-of-order steps.
    pub due: Option<u32>,
    /// First and last turn it rests on.
    pub turns: Option<(u32, u32)>,
    /// Where a case is a deal: the conversation it happened in, and the turns counted there; a step that was left out is
    /// placed in the conversation of the event before which it was due.
    pub origin: Option<Origin>,
    /// What it costs in the alignment.
    pub cost: u32,
    /// The company accepts it.
    pub accepted: bool,
    /// As the beginning of a run the path is explained differently: the step lies ahead of its place, or the path stopped.
    pub disputed: bool,
    /// Of a conversation that is still running: what comes next may show it in another light.
    pub provisional: bool,
    /// For `below_standard` and `late`: the standard, and what was measured.
    pub standard: Option<StandardResult>,
}

impl Deviation {
    /// A deviation about a step, named; which turns it rests on and whether it is accepted is not known yet.
    pub(super) fn of(sop: &Sop, d: &PathDeviation, step: &str) -> Self {
        let title_of = |node: u32| step_of(sop, node).map(|step| sop.title(step).to_owned());
        let number = |n: u32| (n != NOWHERE).then_some(n);
        Self {
            kind: d.kind,
            step: step.to_owned(),
            title: sop.title(step).to_owned(),
            after: title_of(d.after),
            due_after: title_of(d.due_after),
            place: sop.nodes().get(d.node as usize).map(|node| node.place.clone()),
            event: number(d.event),
            due: number(d.due),
            turns: None,
            origin: None,
            cost: d.cost,
            accepted: false,
            disputed: d.disputed,
            provisional: false,
            standard: None,
        }
    }

    /// One sentence about it.
    pub fn sentence(&self, lang: Lang) -> String {
        words::deviation(self, lang)
    }

    /// The sentence in English.
    pub fn sentence_en(&self) -> String {
        self.sentence(Lang::En)
    }

    /// The sentence in Chinese.
    pub fn sentence_zh(&self) -> String {
        self.sentence(Lang::Zh)
    }
}

/// One move of an alignment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AlignmentMove {
    /// How event and plan go together.
    pub kind: MoveKind,
    /// Step or label.
    pub step: String,
    /// Number of the event, from 0; `None` for a skipped step.
    pub event: Option<u32>,
    /// Number of the place in the flow, in file order; `None` for events that are not planned there.
    pub node: Option<u32>,
    /// First and last turn of the event.
    pub turns: Option<(u32, u32)>,
    /// Where a case is a deal: the conversation of the event, and the turns counted there.
    pub origin: Option<Origin>,
    /// Behind the last event: still to come when the path stopped, not skipped.
    pub trailing: bool,
}

/// The actual path of a case beside the preset one (对齐).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alignment {
    /// Id of the case.
    pub case: String,
    /// Name of the SOP it was held against.
    pub sop: String,
    /// Moves from the beginning of the path to its end.
    pub moves: Vec<AlignmentMove>,
    /// Deviations in the order of the path.
    pub deviations: Vec<Deviation>,
    /// Cost of the optimal alignment.
    pub cost: u32,
    /// Cost of the path as the beginning of a run.
    pub prefix_cost: u32,
    /// Step last reached as the beginning of a run; `None` at the start.
    pub prefix_stop: Option<String>,
    /// First step that was still to come; `None` for a complete path.
    pub stopped_at: Option<String>,
    /// How far the case has come.
    pub status: Status,
    /// 1 − cost ÷ what nothing matched would cost.
    pub fitness: f64,
    /// Share of due steps done; `None` where none was due.
    pub adherence: Option<f64>,
    /// No deviation so far but accepted ones.
    pub conforms_so_far: bool,
    /// The same for a complete path; `None` for others.
    pub fully_conforms: Option<bool>,
}

fn unknown_case(message: &str, id: &str) -> Error {
    Error::Argument(Box::new(Fault::new("check.unknown_case", format!("{message} `{id}`")).at_place("case_id")))
}

fn no_sop(id: &str) -> Error {
    unknown_case("no SOP of the playbook takes conversation", id)
}

impl Inner {
    pub(super) fn step_of(sop: &Sop, node: u32) -> Option<&str> {
        step_of(sop, node)
    }

    pub(super) fn conforms_so_far(&self, case: usize) -> Option<bool> {
        let figures = self.figures.get(self.path_of[case] as usize)?;
        let failed = self.standards.as_ref().is_some_and(|standards| standards.unaccepted[case] > 0);
        Some(if failed { false } else { figures.conforms_so_far(self.unaccepted[case]) })
    }

    pub(super) fn fully_conforms(&self, case: usize) -> Option<bool> {
        (self.status[case] == Status::Complete).then(|| self.unaccepted[case] == 0)
    }

    pub(super) fn deviation(&self, case: usize, sop: &Sop, d: &PathDeviation) -> Deviation {
        let store = self.corpus.store();
        let number = |event: u32| if event == NOWHERE { NOWHERE } else { self.used.event(store, case, event) };
        let standard = self.standard_result(case, d);
        let accepted = self.is_accepted(case, sop, d);
        let d = PathDeviation { event: number(d.event), due: number(d.due), ..*d };
        let known = |event: u32| (event != NOWHERE).then_some(event);
        let turns = known(d.event).and_then(|event| store.turns_of(store.events(case).start + event as usize));
        let origin = self.origin(case, known(d.event), known(d.due));
        let step = d.step(sop, &store.steps);
        let named = Deviation::of(sop, &d, step);
        let place = self.standard_place(case, step, &d).or_else(|| named.place.clone());
        Deviation { place, turns, origin, accepted, standard, ..named }
    }
}

impl Check {
    /// The alignment of one case.
    ///
    /// # Errors
    /// [`Error::Argument`] if there is no such case, or no SOP takes it.
    pub fn alignment(&self, id: &str) -> Result<Alignment> {
        let case = self.find(id)?;
        self.alignment_of(case)?.ok_or_else(|| no_sop(id))
    }

    /// The number of a case that an SOP takes.
    pub(crate) fn find(&self, id: &str) -> Result<usize> {
        let case = self.inner.corpus.find(id).ok_or_else(|| unknown_case("there is no conversation", id))?;
        if self.inner.scenario(case).is_some() { Ok(case) } else { Err(no_sop(id)) }
    }

    /// The alignment of a case by its number; `None` where no SOP takes it.
    pub fn alignment_of(&self, case: usize) -> Result<Option<Alignment>> {
        let inner = &*self.inner;
        let (Some(scenario), path) = (inner.scenario(case), inner.path_of[case] as usize) else { return Ok(None) };
        let (store, sop, figures) = (inner.corpus.store(), inner.sop(scenario), &inner.figures[path]);
        let mut work = Work::new();
        inner.case_deviations(case, &mut work)?;
        let moves = inner.moves(path);
        let body = moves.iter().rposition(|m| m.kind() != MoveKind::Skipped).map_or(0, |last| last + 1);
        let first = store.events(case).start;
        let mut event = 0;
        let moves = (moves.iter().enumerate())
            .map(|(i, m)| {
                let planned = matches!(m.kind(), MoveKind::Matched | MoveKind::Skipped);
                let at = (m.kind() != MoveKind::Skipped).then(|| inner.used.event(store, case, event));
                event += u32::from(at.is_some());
                let label = at.and_then(|at| store.steps.get(store.step[first + at as usize]));
                AlignmentMove {
                    kind: m.kind(),
                    step: label.or_else(|| Inner::step_of(sop, m.node())).unwrap_or_default().to_owned(),
                    event: at,
                    node: planned.then(|| m.node()),
                    turns: at.and_then(|at| store.turns_of(first + at as usize)),
                    origin: inner.origin(case, at, None),
                    trailing: i >= body,
                }
            })
            .collect();
        Ok(Some(Alignment {
            case: store.ids.get(case as u32).unwrap_or_default().to_owned(),
            sop: sop.name().to_owned(),
            moves,
            deviations: work.deviations.iter().map(|d| inner.deviation(case, sop, d)).collect(),
            cost: figures.cost,
            prefix_cost: figures.prefix_cost,
            prefix_stop: Inner::step_of(sop, figures.prefix_stop).map(ToOwned::to_owned),
            stopped_at: Inner::step_of(sop, figures.stopped_at).map(ToOwned::to_owned),
            status: inner.status[case],
            fitness: figures.fitness(),
            adherence: figures.adherence(),
            conforms_so_far: inner.conforms_so_far(case).unwrap_or(false),
            fully_conforms: inner.fully_conforms(case),
        }))
    }
}
