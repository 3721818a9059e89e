//! Does the SOP make sense? Every fault is reported with its place; and the places of steps in the flow are numbered.

use petgraph::algo::has_path_connecting;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Bfs, NodeFiltered, Reversed};
use rustc_hash::{FxHashMap, FxHashSet};

use super::Measure;
use super::limits;
use super::model::{Actor, Block, Condition, EdgeList, Flow};
use super::read::{Draft, Reader};

/// A place in the flow where a step is planned.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FlowNode {
    /// Index of the step in the file.
    pub(crate) step: u32,
    /// Where it stands in the file, such as `flow[2].any_order[0]`.
    pub(crate) place: String,
    /// Inside an `optional` block: left out of adherence.
    pub(crate) optional: bool,
    /// Not on the way of every full run: inside `optional`, `one_of`, `when`, or a `repeat` that may be left out.
    pub(crate) avoidable: bool,
    /// The outermost `any_order` block around it, numbered in file order.
    pub(crate) any_order: Option<u32>,
}

struct Walk<'a> {
    draft: &'a Draft,
    reader: &'a mut Reader,
    nodes: Vec<FlowNode>,
    whens: Vec<Condition>,
    any_orders: u32,
}

/// Checks the draft; gives the places of steps and the conditions of the `when` blocks, both in file order.
pub(crate) fn validate(draft: &Draft, reader: &mut Reader) -> (Vec<FlowNode>, Vec<Condition>) {
    let mut walk = Walk { draft, reader, nodes: Vec::new(), whens: Vec::new(), any_orders: 0 };
    match &draft.body {
        Some(Flow::Flow(blocks)) => {
            if blocks.is_empty() {
                walk.reader.fault("flow", "sop.empty_block", "the flow is empty", "say which steps follow each other");
            }
            walk.members("flow", blocks, Around { depth: 1, optional: false, avoidable: false, any_order: None, never: false });
        }
        Some(Flow::Graph(edges)) => walk.graph(edges),
        None => {}
    }
    if walk.nodes.len() > limits::NODES {
        let message = format!("the flow has {} places of steps; the limit is {}", walk.nodes.len(), limits::NODES);
        walk.reader.fault("flow", "sop.too_large", message, "split it into several SOPs of a Playbook");
    }
    walk.lists();
    (walk.nodes, walk.whens)
}

/// What is known of a block from the blocks around it.
#[derive(Clone, Copy)]
struct Around {
    depth: usize,
    optional: bool,
    avoidable: bool,
    any_order: Option<u32>,
    never: bool,
}

impl Walk<'_> {
    fn step_index(&mut self, place: &str, id: &str) -> Option<u32> {
        let found = self.draft.steps.get_index_of(id);
        if found.is_none() {
            let help = format!("add `{id}` to steps, or mend the name");
            self.reader.fault(place, "sop.unknown_step", format!("step `{id}` is not known"), help);
        }
        found.map(|i| i as u32)
    }

    fn members(&mut self, place: &str, blocks: &[Block], around: Around) {
        for (i, block) in blocks.iter().enumerate() {
            self.block(&format!("{place}[{i}]"), block, around);
        }
    }

    fn block(&mut self, place: &str, block: &Block, mut around: Around) {
        if around.depth > limits::DEPTH {
            // Reported once: blocks further down are not looked at.
            if !self.reader.faults.iter().any(|f| f.code == "sop.too_deep") {
                let message = format!("blocks are nested more than {} deep", limits::DEPTH);
                self.reader.fault(place, "sop.too_deep", message, "flatten the flow");
            }
            return;
        }
        if let Block::Step(id) = block {
            if let Some(step) = self.step_index(place, id) {
                if around.never {
                    let message = format!("step `{id}` can never be reached: the block around it is repeated at most 0 times");
                    self.reader.fault(place, "sop.unreachable", message, "raise `at_most`, or remove the block");
                }
                self.nodes.push(FlowNode {
                    step,
                    place: place.to_owned(),
                    optional: around.optional,
                    avoidable: around.avoidable,
                    any_order: around.any_order,
                });
            }
            return;
        }
        let (name, members) = match block {
            Block::Step(_) | Block::Sequence(_) => ("sequence", block.members()),
            Block::AnyOrder { any_order } => {
                if around.any_order.is_none() {
                    around.any_order = Some(self.any_orders);
                    self.any_orders += 1;
                }
                ("any_order", &any_order[..])
            }
            Block::Optional { optional } => {
                around.optional = true;
                around.avoidable = true;
                ("optional", &optional[..])
            }
            Block::OneOf { one_of } => {
                around.avoidable |= one_of.len() > 1;
                ("one_of", &one_of[..])
            }
            Block::Repeat { repeat, at_least, at_most } => {
                if at_most.is_some_and(|most| most < *at_least) {
                    let message = format!("the bounds are reversed: at_least {at_least} > at_most {}", at_most.unwrap_or(0));
                    self.reader.fault(place, "sop.reversed_bounds", message, "swap them");
                }
                around.never |= *at_most == Some(0);
                around.avoidable |= *at_least == 0;
                ("repeat", &repeat[..])
            }
            Block::When { when, then } => {
                self.whens.push(when.clone());
                ("then", &then[..])
            }
        };
        let inside = if matches!(block, Block::Sequence(_)) { place.to_owned() } else { format!("{place}.{name}") };
        if members.is_empty() && !self.reader.blamed(&inside) {
            let (code, what) = if name == "one_of" { ("sop.empty_choice", "the choice has no branch") } else { ("sop.empty_block", "the block is empty") };
            self.reader.fault(&inside, code, what, "add a step, or remove the block");
        }
        around.depth += 1;
        self.members(&inside, members, around);
    }

    fn graph(&mut self, list: &EdgeList) {
        let max = limits::NODES * 8;
        if list.edges.len() > max {
            self.reader.fault("graph.edges", "sop.too_large", format!("the graph has {} edges; the limit is {max}", list.edges.len()), "");
            return;
        }
        let mut graph = DiGraph::<(), ()>::new();
        let mut places: FxHashMap<u32, (String, NodeIndex)> = FxHashMap::default();
        let mut visit = |walk: &mut Self, place: String, id: &str| {
            let step = walk.step_index(&place, id)?;
            Some(places.entry(step).or_insert_with(|| (place, graph.add_node(()))).1)
        };
        let start = visit(self, "graph.start".into(), &list.start);
        let end = visit(self, "graph.end".into(), &list.end);
        let mut edges = Vec::new();
        for (i, (a, b)) in list.edges.iter().enumerate() {
            let (a, b) = (visit(self, format!("graph.edges[{i}]"), a), visit(self, format!("graph.edges[{i}]"), b));
            edges.extend(a.zip(b));
        }
        let mut seen = FxHashSet::default();
        for (i, &(a, b)) in edges.iter().enumerate() {
            if seen.insert((a, b)) {
                graph.add_edge(a, b, ());
            } else {
                let (a, b) = &list.edges[i];
                self.reader.fault(&format!("graph.edges[{i}]"), "sop.duplicate_edge", format!("the edge {a} → {b} stands twice"), "remove one");
            }
        }
        let mut nodes: Vec<_> = places.into_iter().map(|(step, (place, index))| (step, place, index)).collect();
        nodes.sort_by_key(|(step, ..)| *step);
        if let (Some(start), Some(end)) = (start, end) {
            let reached = reach(Bfs::new(&graph, start), |bfs| bfs.next(&graph));
            let reversed = Reversed(&graph);
            let leads = reach(Bfs::new(reversed, end), |bfs| bfs.next(reversed));
            if !has_path_connecting(&graph, start, end, None) {
                let message = format!("there is no way from `{}` to `{}`", list.start, list.end);
                self.reader.fault("graph.end", "sop.no_end", message, "add the missing edges");
            }
            for (step, place, index) in &nodes {
                let id = self.draft.steps.get_index(*step as usize).map_or("", |(id, _)| id);
                if !reached.contains(index) {
                    let message = format!("step `{id}` cannot be reached from `{}`", list.start);
                    self.reader.fault(place, "sop.unreachable", message, "add an edge to it, or remove it");
                } else if !leads.contains(index) && *index != start {
                    let message = format!("there is no way from `{id}` to the end `{}`", list.end);
                    self.reader.fault(place, "sop.no_end", message, "add an edge onward, or remove it");
                }
            }
        }
        // A node is avoidable if there is a way to the end without it.
        let avoidable = |index: NodeIndex| {
            let (Some(start), Some(end)) = (start, end) else { return true };
            let without = NodeFiltered::from_fn(&graph, |node| node != index);
            index != start && index != end && has_path_connecting(&without, start, end, None)
        };
        self.nodes =
            (nodes.into_iter()).map(|(step, place, index)| FlowNode { step, place, optional: false, avoidable: avoidable(index), any_order: None }).collect();
    }

    /// `anytime`, `accepted`, and steps that stand nowhere.
    fn lists(&mut self) {
        let mut placed: FxHashMap<u32, String> = FxHashMap::default();
        for node in &self.nodes {
            placed.entry(node.step).or_insert_with(|| node.place.clone());
        }
        let mut anytime = FxHashSet::default();
        for (i, id) in self.draft.anytime.iter().enumerate() {
            let place = format!("anytime[{i}]");
            let Some(step) = self.step_index(&place, id) else { continue };
            if let Some(other) = placed.get(&step) {
                let message = format!("step `{id}` is in the flow (at {other}) and in anytime");
                self.reader.fault(&place, "sop.flow_and_anytime", message, "keep it in one of them");
            }
            if !anytime.insert(step) {
                self.reader.fault(&place, "sop.duplicate_id", format!("`{id}` stands twice in anytime"), "remove one");
            }
        }
        for (i, rule) in self.draft.accepted.iter().enumerate() {
            let place = format!("accepted[{i}]");
            // Unplanned steps need not be known to be accepted as extra.
            if rule.kind != super::AcceptedKind::Extra {
                self.step_index(&place, &rule.step);
            }
            if rule.from.zip(rule.until).is_some_and(|(from, until)| until < from) {
                self.reader.fault(&place, "sop.reversed_bounds", "`until` is before `from`", "swap them");
            }
        }
        self.standards();
        // Where part of the flow could not be read, a step may well stand in that part.
        let partly_read = self.draft.body.is_none()
            || self.reader.faults.iter().any(|f| matches!(f.code, "sop.block_kind" | "sop.wrong_type" | "sop.unknown_key" | "sop.too_deep" | "sop.wrong_edge"));
        for (i, (id, step)) in self.draft.steps.iter().enumerate() {
            let stands = placed.contains_key(&(i as u32)) || anytime.contains(&(i as u32));
            let place = format!("steps.{id}");
            if step.unplanned && stands {
                self.reader.fault(&place, "sop.unplanned_in_flow", format!("step `{id}` is marked unplanned but stands in the flow"), "remove the mark");
            }
            // What a customer does may come up without being planned; an act of the agent that stands nowhere is a slip.
            if !stands && !step.unplanned && step.by == Actor::Agent && !partly_read {
                let message = format!("step `{id}` can never be reached: it stands neither in the flow nor in anytime");
                self.reader.fault(&place, "sop.unreachable", message, "place it, remove it, or mark it `unplanned: true`");
            }
        }
    }
}

impl Walk<'_> {
    /// What standards say of other steps, and how much they say.
    fn standards(&mut self) {
        let mut phrases = 0;
        for (id, step) in &self.draft.steps {
            for (i, standard) in step.standards.iter().enumerate() {
                match &standard.measure {
                    Measure::After(after) => {
                        self.step_index(&format!("steps.{id}.standards[{i}].after.step"), &after.step);
                    }
                    Measure::AgentSays(said) | Measure::CustomerSays(said) => phrases += said.phrases().len(),
                    _ => {}
                }
            }
        }
        if phrases > limits::PHRASES {
            let message = format!("the standards name {phrases} phrases; the limit is {}", limits::PHRASES);
            self.reader.fault("steps", "sop.too_large", message, "keep those that matter");
        }
    }
}

fn reach<B>(mut bfs: B, mut next: impl FnMut(&mut B) -> Option<NodeIndex>) -> FxHashSet<NodeIndex> {
    let mut seen = FxHashSet::default();
    while let Some(node) = next(&mut bfs) {
        seen.insert(node);
    }
    seen
}
