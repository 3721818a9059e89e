//! An SOP while it is edited: not checked, and quick to change.

use indexmap::IndexMap;

use super::graph::Graph;
use super::tree::Tree;
use crate::error::{Error, Fault, Result};
use crate::sop::model::{AcceptedFile, SopFile};
use crate::sop::{Accepted, Actor, Flow, Sop, Step, Version};

/// The flow, in the shape in which it is edited.
#[derive(Debug, Clone)]
pub(super) enum Body {
    Blocks(Tree),
    Graph(Graph),
}

impl Body {
    pub(super) fn of(flow: &Flow) -> Self {
        match flow {
            Flow::Flow(blocks) => Self::Blocks(Tree::new(blocks)),
            Flow::Graph(list) => Self::Graph(Graph(list.clone())),
        }
    }
}

/// Steps by id, in an order that is quick to change.
#[derive(Debug, Clone, Default)]
pub(super) struct Steps {
    /// Every step there is or was; those taken out are `None`.
    all: IndexMap<String, Option<Step>>,
    order: Vec<u32>,
}

impl Steps {
    fn of(steps: &IndexMap<String, Step>) -> Self {
        Self { all: steps.iter().map(|(id, step)| (id.clone(), Some(step.clone()))).collect(), order: (0..steps.len() as u32).collect() }
    }

    pub(super) fn get(&self, id: &str) -> Option<&Step> {
        self.all.get(id)?.as_ref()
    }

    pub(super) fn get_mut(&mut self, id: &str) -> std::result::Result<&mut Step, Fault> {
        self.all.get_mut(id).and_then(Option::as_mut).ok_or_else(|| unknown(id))
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.order.iter().filter_map(|&i| self.all.get_index(i as usize)).map(|(id, _)| id.as_str())
    }

    fn position(&self, id: &str) -> std::result::Result<usize, Fault> {
        let index = self.all.get_index_of(id).filter(|&i| self.all[i].is_some()).ok_or_else(|| unknown(id))?;
        Ok(self.order.iter().position(|&i| i as usize == index).unwrap_or(self.order.len()))
    }

    /// Adds a step before another, or as the last.
    pub(super) fn add(&mut self, id: &str, step: Step, before: Option<&str>) -> std::result::Result<(), Fault> {
        if self.get(id).is_some() {
            let help = "change it by `set_step`, or give the new one another id";
            return Err(Fault::new("patch.duplicate", format!("step `{id}` is known already")).help(help));
        }
        let at = before.map_or(Ok(self.order.len()), |before| self.position(before))?;
        let (index, _) = self.all.insert_full(id.to_owned(), Some(step));
        self.order.insert(at, index as u32);
        Ok(())
    }

    pub(super) fn remove(&mut self, id: &str) -> std::result::Result<Step, Fault> {
        let at = self.position(id)?;
        self.order.remove(at);
        self.all.get_mut(id).and_then(Option::take).ok_or_else(|| unknown(id))
    }
}

fn unknown(id: &str) -> Fault {
    Fault::new("patch.unknown_step", format!("step `{id}` is not known")).help("add it by `add_step`, or mend the name")
}

/// All that an SOP says, while it is edited.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) name: String,
    pub(super) version: Option<Version>,
    pub(super) steps: Steps,
    pub(super) body: Body,
    pub(super) anytime: Vec<String>,
    pub(super) accepted: Vec<Accepted>,
}

impl State {
    pub(super) fn of(sop: &Sop) -> Self {
        Self {
            name: sop.name().to_owned(),
            version: sop.version().cloned(),
            steps: Steps::of(sop.steps()),
            body: Body::of(sop.flow()),
            anytime: sop.anytime().to_vec(),
            accepted: sop.accepted().to_vec(),
        }
    }

    /// Ids of the steps that stand in the flow.
    fn placed(&self) -> rustc_hash::FxHashSet<&str> {
        match &self.body {
            Body::Blocks(tree) => tree.steps().into_iter().filter_map(|node| tree.step(node)).collect(),
            Body::Graph(graph) => graph.steps().collect(),
        }
    }

    /// The SOP, checked.
    pub(super) fn finish(self) -> Result<Sop> {
        let placed = self.placed();
        let steps = (self.steps.ids())
            .filter_map(|id| {
                let mut step = self.steps.get(id)?.clone();
                let stands = placed.contains(id) || self.anytime.iter().any(|other| other == id);
                step.unplanned = !stands && (step.by == Actor::Agent || step.unplanned);
                Some((id.to_owned(), step))
            })
            .collect();
        let body = match &self.body {
            Body::Blocks(tree) => Flow::Flow(tree.blocks()),
            Body::Graph(graph) => Flow::Graph(graph.0.clone()),
        };
        drop(placed);
        let accepted = self.accepted.iter().map(AcceptedFile::from).collect();
        let file = SopFile { format: "goldpath/1", name: self.name, version: self.version, steps, body, anytime: self.anytime, accepted };
        let value = serde_json::to_value(&file).map_err(|error| Error::argument("patch", error.to_string(), "give finite numbers"))?;
        Sop::from_value(value).map_err(|error| match error {
            Error::Sop(faults) => {
                let named = |fault: Fault| Fault { source: Some("the SOP that would come out".to_owned()), ..fault };
                super::error(faults.into_iter().map(named).collect())
            }
            other => other,
        })
    }

    /// The flow as blocks.
    pub(super) fn tree(&mut self) -> std::result::Result<&mut Tree, Fault> {
        match &mut self.body {
            Body::Blocks(tree) => Ok(tree),
            Body::Graph(_) => Err(Fault::new("patch.graph", "the flow is a graph, which has no blocks")
                .help("use `insert`, `drop`, `move` or `wrap … in: optional` of a step, or edit its edges")),
        }
    }

    /// The flow as a graph.
    pub(super) fn graph(&mut self) -> std::result::Result<&mut Graph, Fault> {
        match &mut self.body {
            Body::Graph(graph) => Ok(graph),
            Body::Blocks(_) => Err(Fault::new("patch.no_graph", "the flow is written as blocks and has no edges").help("edit its blocks")),
        }
    }
}
