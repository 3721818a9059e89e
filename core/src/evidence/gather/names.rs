//! One thread's part of the table: risk sets, choices and what is known, numbered as they come and named once each.

use std::sync::Arc;

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::rows::{Came, Drafts, Follow, Sequence};
use super::story::Story;
use super::{Asked, step_id};
use crate::check::{Check, NOWHERE, Point};
use crate::corpus::Store;
use crate::evidence::choices::{ChoiceId, ChoiceKind, ChoiceTable, Known, Reading, at};
use crate::evidence::scenes::{Numbers, Scenes, Stories};
use crate::sop::{Actor, Sop};

/// A decision point of one SOP with what is open there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Risk {
    /// Something unplanned may be added.
    At { sop: u32, point: Point },
    /// A planned place may be done or left out; from which place it was.
    Due { sop: u32, node: u32, after: u32 },
    /// A place left out before may be caught up with.
    Open { sop: u32, node: u32, point: Point },
    /// An optional place may be entered.
    May { sop: u32, node: u32, point: Point },
    /// One of several places is entered.
    Fork { sop: u32, point: Point },
    /// A place was done.
    Conforming { sop: u32, node: u32 },
    /// A place was done, and a standard of its step measured.
    Standard { sop: u32, node: u32, rule: u32 },
    /// A standard was measured, and the looser of its present bound and another one met.
    Bound { sop: u32, node: u32, bound: u32 },
    /// Part of a sequence was done: it may be made whole.
    Part { sop: u32, point: Point, part: u32 },
}

impl Risk {
    /// The SOP's number in the playbook.
    pub(super) fn entry(self) -> u32 {
        match self {
            Self::At { sop, .. } | Self::Due { sop, .. } | Self::Open { sop, .. } | Self::May { sop, .. } | Self::Fork { sop, .. } => sop,
            Self::Conforming { sop, .. } | Self::Standard { sop, .. } | Self::Bound { sop, .. } | Self::Part { sop, .. } => sop,
        }
    }

    /// The planned place that is done or not.
    pub(super) fn node(self) -> u32 {
        match self {
            Self::Due { node, .. }
            | Self::Open { node, .. }
            | Self::May { node, .. }
            | Self::Conforming { node, .. }
            | Self::Standard { node, .. }
            | Self::Bound { node, .. } => node,
            Self::At { .. } | Self::Fork { .. } | Self::Part { .. } => NOWHERE,
        }
    }
}

/// What is done or known: a place of the flow, or a label that is not planned where it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Subject {
    Place(u32),
    Label(u32),
}

/// What a label is to an SOP.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label {
    /// The step it is, if the flow plans that.
    pub(super) planned: Option<u32>,
    /// It is no act of the customer.
    pub(super) by_agent: bool,
}

/// One thread's part of the table: names are numbered as they come, and once a thing.
pub(super) struct Gather<'a> {
    pub(super) asked: &'a Asked<'a>,
    pub(super) check: &'a Check,
    pub(super) store: &'a Store,
    pub(super) table: ChoiceTable,
    pub(super) scenes: Scenes,
    pub(super) stories: Stories,
    /// Memory for the path at hand.
    pub(super) story: Story,
    pub(super) drafts: Drafts,
    pub(super) came: Vec<Came>,
    /// Number of each risk set, and the place that is done or not in it.
    risks: FxHashMap<Risk, u32>,
    nodes: Vec<u32>,
    /// Branches and optional parts that may follow a place, by scenario and place.
    pub(super) follow: FxHashMap<(u32, u32), Arc<Follow>>,
    /// Parts of sequences, which have risk sets of their own.
    pub(super) parts: IndexSet<Vec<u32>, FxBuildHasher>,
    /// Numbers of choices and of things known, so that their names are made once.
    choices: FxHashMap<(u32, ChoiceKind, Subject, Point), u32>,
    known: FxHashMap<(u32, Option<ChoiceKind>, Subject, Point), u32>,
    labels: FxHashMap<(u32, u32), Label>,
    pub(super) standards: FxHashMap<(u32, u32, u32), (u32, u32)>,
    pub(super) bounds: FxHashMap<(u32, u32), (u32, u32)>,
    /// Other bounds of a standard, by SOP, place and rule.
    pub(super) bounds_of: FxHashMap<(u32, u32, u32), Arc<[u32]>>,
    pub(super) sequences: FxHashMap<(u32, Point), Arc<Vec<Sequence>>>,
}

impl<'a> Gather<'a> {
    pub(super) fn new(asked: &'a Asked<'a>) -> Self {
        Self {
            asked,
            check: asked.check,
            store: asked.store,
            table: ChoiceTable::default(),
            scenes: Scenes::default(),
            stories: Stories::default(),
            story: Story::default(),
            drafts: Drafts::default(),
            came: Vec::new(),
            risks: FxHashMap::default(),
            nodes: Vec::new(),
            follow: FxHashMap::default(),
            parts: IndexSet::default(),
            choices: FxHashMap::default(),
            known: FxHashMap::default(),
            labels: FxHashMap::default(),
            standards: FxHashMap::default(),
            bounds: FxHashMap::default(),
            bounds_of: FxHashMap::default(),
            sequences: FxHashMap::default(),
        }
    }

    /// Hands what was found to the table; gives the stories, and the numbers that things have there.
    pub(super) fn give_to(self, table: &mut ChoiceTable, nodes: &mut Vec<u32>) -> (Stories, Numbers) {
        let mut numbers = table.take_names(self.table);
        numbers.scenes = table.scenes.take(&self.scenes, &numbers);
        nodes.resize(table.risks.len(), NOWHERE);
        numbers.risks.iter().zip(self.nodes).for_each(|(&risk, node)| nodes[risk as usize] = node);
        (self.stories, numbers)
    }

    pub(super) fn risk(&mut self, sop: &Sop, risk: Risk) -> u32 {
        if let Some(&number) = self.risks.get(&risk) {
            return number;
        }
        let place = |node: u32| sop.nodes().get(node as usize).map_or("start", |n| n.place.as_str());
        let name = match risk {
            Risk::At { point, .. } => format!("at {} {}", place(point.node), point.visit),
            Risk::Due { node, after, .. } => format!("due {} after {}", place(node), place(after)),
            Risk::Open { node, point, .. } => format!("open {} at {} {}", place(node), place(point.node), point.visit),
            Risk::May { node, point, .. } => format!("may {} at {} {}", place(node), place(point.node), point.visit),
            Risk::Fork { point, .. } => format!("fork at {} {}", place(point.node), point.visit),
            Risk::Conforming { node, .. } => format!("conforming {}", place(node)),
            Risk::Part { point, part, .. } => {
                let labels = self.parts.get_index(part as usize).map_or(&[][..], Vec::as_slice);
                let steps: Vec<&str> = labels.iter().map(|&label| self.store.steps.get(label).unwrap_or_default()).collect();
                format!("part {steps:?} at {} {}", place(point.node), point.visit)
            }
            Risk::Bound { node, bound, .. } => {
                let bound = &self.asked.bounds[bound as usize];
                format!("bound {} {} {} of {}", bound.key, bound.names().join(" "), bound.step, place(node))
            }
            Risk::Standard { sop, node, rule } => {
                format!("standard {} of {}", self.check.standard(sop, rule).map(|s| s.key).unwrap_or_default(), place(node))
            }
        };
        let reading = Reading { not_done: matches!(risk, Risk::Due { .. }), by_case: matches!(risk, Risk::Conforming { .. }) };
        let number = self.table.risks.insert_full(format!("{} {} | {name}", risk.entry(), sop.name()), reading).0;
        self.nodes.resize(self.table.risks.len(), NOWHERE);
        self.nodes[number] = risk.node();
        self.risks.insert(risk, number as u32);
        number as u32
    }

    /// The number of a choice about a place or a label, open in a risk set.
    pub(super) fn choice(&mut self, entry: u32, sop: &Sop, kind: ChoiceKind, subject: Subject, point: Point, risk: u32) -> u32 {
        if let Some(&number) = self.choices.get(&(entry, kind, subject, point)) {
            return number;
        }
        let (step, node) = self.step(sop, subject);
        let number = self.table.choice(Self::id(entry, sop, kind, step, node, point), risk);
        self.choices.insert((entry, kind, subject, point), number);
        number
    }

    /// The number of what is known once something happened at a point; `None` for a planned step that was done.
    pub(super) fn known(&mut self, entry: u32, sop: &Sop, kind: Option<ChoiceKind>, subject: Subject, point: Point) -> u32 {
        if let Some(&number) = self.known.get(&(entry, kind, subject, point)) {
            return number;
        }
        let by_customer = match subject {
            Subject::Place(node) => sop.steps()[sop.nodes()[node as usize].step as usize].by == Actor::Customer,
            Subject::Label(label) => !self.label(entry, sop, label).by_agent,
        };
        let (step, _) = self.step(sop, subject);
        let what = format!("{} {step}", kind.map_or("do", ChoiceKind::name));
        let number = self.table.known_names.insert_full(Known { by_customer, what, at: at(step_id(sop, point.node), point.visit) }).0 as u32;
        self.known.insert((entry, kind, subject, point), number);
        number
    }

    /// The step of a place or label, and the place.
    fn step<'b>(&self, sop: &'b Sop, subject: Subject) -> (&'b str, u32)
    where
        'a: 'b,
    {
        match subject {
            Subject::Place(node) => (step_id(sop, node).unwrap_or_default(), node),
            Subject::Label(label) => (self.store.steps.get(label).unwrap_or_default(), NOWHERE),
        }
    }

    /// What a label is to an SOP.
    pub(super) fn label(&mut self, entry: u32, sop: &Sop, label: u32) -> Label {
        let check = self.check;
        *self.labels.entry((entry, label)).or_insert_with(|| {
            let step = check.step_of_label(sop, label);
            Label {
                planned: step.filter(|&step| sop.nodes().iter().any(|node| node.step == step)),
                by_agent: step.is_none_or(|step| sop.steps()[step as usize].by == Actor::Agent),
            }
        })
    }

    pub(super) fn id(entry: u32, sop: &Sop, kind: ChoiceKind, step: &str, node: u32, point: Point) -> ChoiceId {
        let place = |node: u32| sop.nodes().get(node as usize).map_or_else(String::new, |n| n.place.clone());
        let at = step_id(sop, point.node);
        ChoiceId {
            kind,
            sop: sop.name().to_owned(),
            entry,
            step: step.to_owned(),
            place: place(node),
            point: at.map(ToOwned::to_owned),
            point_place: place(point.node),
            visit: point.visit,
            standard: None,
            members: Vec::new(),
            given: Vec::new(),
            title: sop.title(step).to_owned(),
            point_title: at.map(|id| sop.title(id).to_owned()),
            wording: None,
        }
    }
}
