//! What differs between two SOPs, as edits.
//!
//! Steps keep their identity by their id. Every edit is made on a working copy as it is written down, so that the patch
//! replays by construction. The flow is compared in `walk`.

use rustc_hash::FxHashMap;

use super::edit::{Edit, StepChange};
use super::lists::{in_common, rising};
use super::state::{Body, State};
use super::tree::Tree;
use super::walk::Walk;
use super::{Base, Patch};
use crate::sop::{Actor, Block, Flow, Sop, Standard, Step, standard_names};

/// What differs between two SOPs: the edits, and what they mean.
#[derive(Debug, Clone)]
pub struct Diff {
    from: Sop,
    to: Sop,
    patch: Patch,
    marks: (Vec<Mark>, Vec<Mark>),
}

/// What became of a place of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// It stands as before.
    Same,
    /// It is new here.
    Added,
    /// It was taken out.
    Dropped,
    /// It was moved.
    Moved,
    /// It stands as before, but the SOP says something else of the step.
    Changed,
}

impl std::str::FromStr for Mark {
    type Err = crate::Error;

    fn from_str(name: &str) -> crate::Result<Self> {
        match name {
            "same" => Ok(Self::Same),
            "added" => Ok(Self::Added),
            "dropped" => Ok(Self::Dropped),
            "moved" => Ok(Self::Moved),
            "changed" => Ok(Self::Changed),
            other => Err(crate::Error::argument("mark", format!("`{}` is no mark", crate::text::cut(other, 60)), "same, added, dropped, moved or changed")),
        }
    }
}

impl Diff {
    /// The SOP before.
    pub fn from(&self) -> &Sop {
        &self.from
    }

    /// The SOP after.
    pub fn to(&self) -> &Sop {
        &self.to
    }

    /// The edits that lead from the one to the other, bound to the one before.
    pub fn patch(&self) -> &Patch {
        &self.patch
    }

    /// Whether both say the same.
    pub fn is_empty(&self) -> bool {
        self.patch.is_empty()
    }

    /// What each edit means, in order.
    pub fn changes(&self) -> Vec<super::Change> {
        self.patch.changes(&self.from).unwrap_or_default()
    }

    /// What differs, each thing in one sentence; empty where nothing does.
    pub fn sentences(&self, lang: crate::words::Lang) -> Vec<String> {
        let changes = self.changes();
        let all = changes.iter().all(|change| change.implied);
        changes.iter().filter(|change| all || !change.implied).map(|change| change.sentence(lang)).collect()
    }

    /// What became of each place of a step, in the order of the file, before and after.
    pub fn marks(&self) -> (&[Mark], &[Mark]) {
        (&self.marks.0, &self.marks.1)
    }

    /// Ids of the steps with such a place, each once, in the order of the SOP after (before, for what was dropped).
    pub fn steps(&self, mark: Mark) -> Vec<&str> {
        let (sop, marks) = if mark == Mark::Dropped { (&self.from, &self.marks.0) } else { (&self.to, &self.marks.1) };
        let mut found: Vec<&str> = Vec::new();
        for (node, _) in sop.nodes().iter().zip(marks).filter(|(_, have)| **have == mark) {
            if let Some((id, _)) = sop.steps().get_index(node.step as usize)
                && !found.contains(&id.as_str())
            {
                found.push(id);
            }
        }
        found
    }
}

pub(super) fn diff(from: &Sop, to: &Sop) -> Diff {
    let mut work = Work { state: State::of(from), edits: Vec::new() };
    let mut marks = (vec![Mark::Same; from.nodes().len()], vec![Mark::Same; to.nodes().len()]);
    // Steps first that the flow will name: a reader of the patch meets each before it is used.
    work.add_steps(from, to);
    if from.flow() != to.flow() {
        match (from.flow(), to.flow()) {
            (Flow::Flow(_), Flow::Flow(blocks)) => marks = work.blocks(blocks),
            (Flow::Graph(a), Flow::Graph(b)) => {
                work.ends(a, b);
                work.edges(a, b);
                mark_by_id(from, to, &mut marks);
            }
            _ => {
                work.make(Edit::SetFlow { set_flow: to.flow().clone() });
                mark_by_id(from, to, &mut marks);
            }
        }
    }
    work.anytime(to);
    work.steps(from, to);
    work.accepted(to);
    if from.name() != to.name() {
        work.make(Edit::SetName { set_name: to.name().to_owned() });
    }
    if from.version() != to.version() {
        work.make(Edit::SetVersion { set_version: to.version().cloned() });
    }
    for (node, mark) in to.nodes().iter().zip(&mut marks.1).filter(|(_, mark)| **mark == Mark::Same) {
        let after = to.steps().get_index(node.step as usize);
        if let Some((before, (_, after))) = after.and_then(|after| Some((from.steps().get(after.0)?, after)))
            && *before != *after
        {
            *mark = Mark::Changed;
        }
    }
    let patch = Patch { base: Some(Base::of(from)), edits: work.edits };
    Diff { from: from.clone(), to: to.clone(), patch, marks }
}

fn mark_by_id(from: &Sop, to: &Sop, marks: &mut (Vec<Mark>, Vec<Mark>)) {
    let ids = |sop: &Sop| -> Vec<String> { sop.nodes().iter().filter_map(|n| sop.steps().get_index(n.step as usize)).map(|(id, _)| id.clone()).collect() };
    let (a, b) = (ids(from), ids(to));
    for (id, mark) in a.iter().zip(&mut marks.0).filter(|(id, _)| !b.contains(id)) {
        let _ = id;
        *mark = Mark::Dropped;
    }
    for (id, mark) in b.iter().zip(&mut marks.1).filter(|(id, _)| !a.contains(id)) {
        let _ = id;
        *mark = Mark::Added;
    }
}

/// The working copy, and the edits made on it.
struct Work {
    state: State,
    edits: Vec<Edit>,
}

impl Work {
    /// Makes an edit and writes it down.
    fn make(&mut self, edit: Edit) {
        let made = self.state.edit(&edit);
        debug_assert!(made.is_ok(), "{edit:?}: {made:?}");
        self.edits.push(edit);
    }

    fn add_steps(&mut self, from: &Sop, to: &Sop) {
        for (i, (id, step)) in to.steps().iter().enumerate().filter(|(_, (id, _))| !from.steps().contains_key(*id)) {
            // Before the next one that stays, so that little is left to reorder.
            let before = to.steps().keys().skip(i + 1).find(|id| from.steps().contains_key(*id)).cloned();
            self.make(Edit::AddStep { add_step: id.clone(), step: step.clone(), before });
        }
    }

    /// What the SOP says of steps, and their order.
    fn steps(&mut self, from: &Sop, to: &Sop) {
        let placed: Vec<bool> = {
            let mut placed = vec![false; to.steps().len()];
            to.nodes().iter().for_each(|node| placed[node.step as usize] = true);
            to.anytime().iter().filter_map(|id| to.steps().get_index_of(id)).for_each(|i| placed[i] = true);
            placed
        };
        for id in from.steps().keys().filter(|id| !to.steps().contains_key(*id)) {
            self.make(Edit::RemoveStep { remove_step: id.clone() });
        }
        for (i, (id, after)) in to.steps().iter().enumerate() {
            let Some(before) = from.steps().get(id) else { continue };
            let change = StepChange::between(before, after, placed[i]);
            if change != StepChange::default() {
                self.make(Edit::SetStep { set_step: id.clone(), change });
            }
            if before.standards != after.standards {
                self.standards(id, before, after);
            }
        }
        let wanted: Vec<&str> = to.steps().keys().map(String::as_str).collect();
        let have: Vec<String> = self.state.steps.ids().map(ToOwned::to_owned).collect();
        let number: FxHashMap<&str, usize> = have.iter().enumerate().map(|(i, id)| (id.as_str(), i)).collect();
        let pairs: Vec<(usize, usize)> = wanted.iter().enumerate().filter_map(|(j, id)| Some((*number.get(id)?, j))).collect();
        let mut stays = vec![false; wanted.len()];
        rising(&pairs).into_iter().for_each(|(_, j)| stays[j] = true);
        // From the last to the first: what a step is put before is in its place already.
        for j in (0..wanted.len()).rev().filter(|&j| !stays[j]) {
            let before = wanted.get(j + 1).map(|id| (*id).to_owned());
            self.make(Edit::ReorderStep { reorder_step: wanted[j].to_owned(), before });
        }
    }

    fn standards(&mut self, id: &str, before: &Step, after: &Step) {
        let keys = |standards: &[Standard]| standard_names(standards);
        let (old, new) = (keys(&before.standards), keys(&after.standards));
        let kept = in_common(&old, &new);
        let mut list: Vec<(Option<usize>, Standard)> =
            before.standards.iter().enumerate().map(|(i, s)| (kept.iter().find(|(a, _)| *a == i).map(|(_, b)| *b), s.clone())).collect();
        let name = |list: &[(Option<usize>, Standard)], at: usize| {
            let standards: Vec<Standard> = list.iter().map(|(_, standard)| standard.clone()).collect();
            standard_names(&standards).swap_remove(at)
        };
        while let Some(at) = list.iter().position(|(to, _)| to.is_none()) {
            let name = name(&list, at);
            list.remove(at);
            self.make(Edit::DropStandard { drop_standard: id.to_owned(), name });
        }
        for (j, standard) in after.standards.iter().enumerate() {
            match list.get(j) {
                Some((Some(to), have)) if *to == j => {
                    if have == standard {
                        continue;
                    }
                    let name = name(&list, j);
                    let bounded =
                        Standard { measure: have.measure.with_bounds(standard.measure.bounds()).unwrap_or_else(|| have.measure.clone()), ..have.clone() };
                    list[j].1 = standard.clone();
                    let set_bounds = bounded == *standard;
                    self.make(if set_bounds {
                        Edit::SetBounds { set_bounds: id.to_owned(), name, bounds: standard.measure.bounds() }
                    } else {
                        Edit::SetStandard { set_standard: id.to_owned(), name, standard: standard.clone() }
                    });
                }
                _ => {
                    let at = (j < list.len()).then_some(j);
                    list.insert(j, (Some(j), standard.clone()));
                    self.make(Edit::AddStandard { add_standard: id.to_owned(), standard: standard.clone(), at });
                }
            }
        }
    }

    fn anytime(&mut self, to: &Sop) {
        let old = self.state.anytime.clone();
        let kept = in_common(&old, to.anytime());
        for (i, id) in old.iter().enumerate() {
            if !kept.iter().any(|(a, _)| *a == i) {
                self.make(Edit::DropAnytime { drop_anytime: id.clone() });
            }
        }
        for (j, id) in to.anytime().iter().enumerate() {
            if !kept.iter().any(|(_, b)| *b == j) {
                let at = (j < self.state.anytime.len()).then_some(j);
                self.make(Edit::AddAnytime { add_anytime: id.clone(), at });
            }
        }
    }

    fn accepted(&mut self, to: &Sop) {
        let text = |rules: &[crate::sop::Accepted]| -> Vec<String> { rules.iter().map(|rule| serde_json::to_string(rule).unwrap_or_default()).collect() };
        let old = self.state.accepted.clone();
        let kept = in_common(&text(&old), &text(to.accepted()));
        for (i, rule) in old.iter().enumerate().rev() {
            if !kept.iter().any(|(a, _)| *a == i) {
                let at = self.state.accepted.iter().position(|other| other == rule).filter(|&first| first != i).map(|_| i);
                self.make(Edit::DropAccepted { drop_accepted: rule.clone(), at });
            }
        }
        for (j, rule) in to.accepted().iter().enumerate() {
            if !kept.iter().any(|(_, b)| *b == j) {
                let at = (j < self.state.accepted.len()).then_some(j);
                self.make(Edit::AddAccepted { add_accepted: rule.clone(), at });
            }
        }
    }

    fn ends(&mut self, a: &crate::sop::EdgeList, b: &crate::sop::EdgeList) {
        if a.start != b.start {
            self.make(Edit::SetStart { set_start: b.start.clone() });
        }
        if a.end != b.end {
            self.make(Edit::SetEnd { set_end: b.end.clone() });
        }
    }

    fn edges(&mut self, a: &crate::sop::EdgeList, b: &crate::sop::EdgeList) {
        let kept = in_common(&a.edges, &b.edges);
        let (mut keep_a, mut keep_b) = (vec![false; a.edges.len()], vec![false; b.edges.len()]);
        kept.into_iter().for_each(|(i, j)| (keep_a[i], keep_b[j]) = (true, true));
        for (edge, _) in a.edges.iter().zip(&keep_a).filter(|(_, keep)| !**keep) {
            self.make(Edit::DropEdge { drop_edge: edge.clone() });
        }
        for (j, edge) in b.edges.iter().enumerate().filter(|(j, _)| !keep_b[*j]) {
            let there = if let Body::Graph(graph) = &self.state.body { graph.0.edges.len() } else { 0 };
            self.make(Edit::AddEdge { add_edge: edge.clone(), at: (j < there).then_some(j) });
        }
    }

    fn blocks(&mut self, goal: &[Block]) -> (Vec<Mark>, Vec<Mark>) {
        let Body::Blocks(tree) = &self.state.body else { return (Vec::new(), Vec::new()) };
        let mut walk = Walk::new(tree.clone(), Tree::new(goal));
        let (first, last) = (walk.tree.steps(), walk.goal.steps());
        walk.run();
        let moved = |node: &usize| walk.moved.iter().any(|&moved| walk.tree.inside(*node, moved));
        let before = first.iter().map(|node| if walk.back.contains_key(node) { if moved(node) { Mark::Moved } else { Mark::Same } } else { Mark::Dropped });
        let before: Vec<Mark> = before.collect();
        let after = last.iter().map(|node| match walk.partner[*node] {
            Some(have) if first.contains(&have) => before[first.iter().position(|&node| node == have).unwrap_or_default()],
            _ => Mark::Added,
        });
        let marks = (before.clone(), after.collect());
        for edit in walk.edits {
            self.make(edit);
        }
        marks
    }
}

impl StepChange {
    /// What changes of a step; whether it is planned follows from where it stands, but for steps of the customer.
    fn between(before: &Step, after: &Step, placed: bool) -> Self {
        let text = |a: &Option<String>, b: &Option<String>| (a != b).then(|| b.clone());
        Self {
            title: text(&before.title, &after.title),
            stage: text(&before.stage, &after.stage),
            guidance: text(&before.guidance, &after.guidance),
            by: (before.by != after.by).then_some(after.by),
            cost: (before.cost != after.cost).then_some(after.cost),
            unplanned: (after.by == Actor::Customer && !placed && before.unplanned != after.unplanned).then_some(after.unplanned),
        }
    }
}
