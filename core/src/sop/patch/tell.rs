//! What an edit means: the steps it is about, by their titles, and where it puts them. Sentences are made in `words`.

use serde::Serialize;

use super::edit::{Around, At, Edit, StepChange, Where};
use super::error;
use super::state::{Body, State};
use super::tree::Tree;
use crate::error::Result;
use crate::sop::{Accepted, Block, Condition, Sop, Standard, Version, standard_names};

/// What one edit means for the SOP it is made on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Which edit it is: `insert`, `drop`, `move`, `wrap`, … ([`Edit::kind`]).
    pub kind: &'static str,
    /// Ids of the steps it is about, in their order.
    pub steps: Vec<String>,
    /// Place in the flow it is about, as the flow was before the edit; of what is put in or moved, the place it has then.
    pub place: Option<String>,
    /// Whether it says nothing by itself: another edit of the patch says it (a step that becomes known and is put in), or it
    /// only groups what runs as before.
    pub implied: bool,
    #[serde(skip)]
    pub(crate) titles: Vec<String>,
    #[serde(skip)]
    pub(crate) about: About,
}

/// Beside what something is put.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Beside {
    After(Vec<String>),
    Before(Vec<String>),
    AnyOrder(Vec<String>),
    OneOf(Vec<String>),
    Place(String),
}

/// What is said of an edit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum About {
    Insert(Beside),
    Drop,
    Move(Beside),
    Replace { with: Vec<String> },
    Wrap(Around),
    Unwrap(Around),
    Reshape { was: Around, now: Around },
    Split { cases: Vec<(Condition, Vec<String>)> },
    Prefer { others: Vec<String>, only: bool },
    Flow { graph: bool },
    AddEdge { from: String, to: String },
    DropEdge { from: String, to: String },
    Start,
    End,
    AddStep,
    RemoveStep,
    Reorder { before: Option<String> },
    Step { change: StepChange, was: StepChange },
    AddStandard(Standard),
    DropStandard(Standard),
    SetStandard { was: Standard, now: Standard },
    Name { was: String, now: String },
    Version { was: Option<Version>, now: Option<Version> },
    AddAnytime,
    DropAnytime,
    AddAccepted(Accepted),
    DropAccepted(Accepted),
}

pub(super) fn changes(base: &Sop, edits: &[Edit]) -> Result<Vec<Change>> {
    let (mut state, mut changes, mut faults) = (State::of(base), Vec::with_capacity(edits.len()), Vec::new());
    for (i, edit) in edits.iter().enumerate() {
        let mut change = tell(&state, edit);
        if let Err(fault) = state.edit(edit) {
            faults.push(fault.at_place(format!("edits[{i}].{}", edit.kind())));
            continue;
        }
        change.settle(&state, edit);
        changes.push(change);
    }
    if !faults.is_empty() {
        return Err(error(faults));
    }
    let of = |kinds: &[&str], changes: &[Change]| -> Vec<String> {
        changes.iter().filter(|change| kinds.contains(&change.kind)).flat_map(|change| change.steps.clone()).collect()
    };
    let (put_in, dropped) =
        (of(&["insert", "replace", "split", "add_anytime", "set_flow"], &changes), of(&["drop", "replace", "prefer", "drop_anytime", "set_flow"], &changes));
    for change in &mut changes {
        let by = match change.kind {
            "add_step" => &put_in,
            "remove_step" => &dropped,
            _ => continue,
        };
        change.implied = change.steps.iter().all(|step| by.contains(step));
    }
    Ok(changes)
}

fn titles(state: &State, ids: &[String]) -> Vec<String> {
    ids.iter().map(|id| state.steps.get(id).and_then(|step| step.title.clone()).unwrap_or_else(|| id.clone())).collect()
}

impl Change {
    /// What can be said only once the edit is made.
    fn settle(&mut self, after: &State, edit: &Edit) {
        match edit {
            Edit::Insert { to, .. } | Edit::Move { to, .. } => {
                self.place = place_to(after, to, &self.steps);
                if let Where::At(place) = to {
                    let beside = beside_place(after, place, &self.steps);
                    self.about = if matches!(edit, Edit::Insert { .. }) { About::Insert(beside) } else { About::Move(beside) };
                }
            }
            Edit::SetFlow { .. } => {
                let steps = match &after.body {
                    Body::Blocks(tree) => tree.steps().into_iter().filter_map(|node| tree.step(node)).map(ToOwned::to_owned).collect(),
                    Body::Graph(graph) => graph.steps().map(ToOwned::to_owned).collect(),
                };
                self.steps = distinct(steps);
            }
            Edit::AddStep { .. } => self.titles = titles(after, &self.steps),
            _ => {}
        }
    }
}

/// What can be said before the edit is made.
fn tell(before: &State, edit: &Edit) -> Change {
    let titles = |ids: &[String]| titles(before, ids);
    let title = |id: &str| titles(&[id.to_owned()]).concat();
    let at = |at: &At| steps_at(before, at);
    let beside = |to: &Where| match to {
        Where::After(at) => Beside::After(titles(&steps_at(before, at))),
        Where::Before(at) => Beside::Before(titles(&steps_at(before, at))),
        Where::At(place) => Beside::Place(place.clone()),
    };
    let place = |at: &At| match &before.body {
        Body::Blocks(tree) => tree.find(at).ok().map(|node| tree.place(node)),
        Body::Graph(_) => None,
    };
    let implied = only_groups(before, edit);
    let (steps, place, about) = match edit {
        Edit::Insert { insert, to } => (steps_of(insert), None, About::Insert(beside(to))),
        Edit::Drop { drop } => (at(drop), place(drop), About::Drop),
        Edit::Move { from, to } => (at(from), None, About::Move(beside(to))),
        Edit::Replace { replace, with } => {
            let with = steps_of(with);
            let mut steps = at(replace);
            let about = About::Replace { with: titles(&with) };
            let was = titles(&steps);
            steps.extend(with);
            let change = Change { kind: edit.kind(), steps, place: place(replace), implied: false, titles: was, about };
            return change;
        }
        Edit::Wrap { wrap, through, around } => {
            let steps = match (&before.body, through) {
                (Body::Blocks(tree), Some(last)) => between(tree, wrap, last),
                _ => at(wrap),
            };
            (steps, place(wrap), About::Wrap(around.clone()))
        }
        Edit::Unwrap { unwrap } => (at(unwrap), place(unwrap), About::Unwrap(kind_at(before, unwrap))),
        Edit::Reshape { reshape, around } => (at(reshape), place(reshape), About::Reshape { was: kind_at(before, reshape), now: around.clone() }),
        Edit::Split { split, by } => {
            let had = at(split);
            let cases = by.iter().map(|part| {
                let steps = part.then.as_ref().map_or_else(|| had.clone(), |blocks| blocks.iter().flat_map(steps_of).collect());
                (part.when.clone(), titles(&steps))
            });
            let cases = cases.collect();
            let mut steps = had;
            steps.extend(by.iter().flat_map(|part| part.then.iter().flatten().flat_map(steps_of)));
            (distinct(steps), place(split), About::Split { cases })
        }
        Edit::Prefer { prefer, only } => {
            let (branch, others) = branches(before, prefer);
            let about = About::Prefer { others: titles(&others), only: *only };
            let named = titles(&branch);
            let steps = if *only { branch.into_iter().chain(others).collect() } else { branch };
            return Change { kind: edit.kind(), steps, place: place(prefer), implied: false, titles: named, about };
        }
        Edit::SetFlow { set_flow } => (Vec::new(), None, About::Flow { graph: matches!(set_flow, crate::sop::Flow::Graph(_)) }),
        Edit::AddEdge { add_edge: (a, b), .. } => (vec![a.clone(), b.clone()], None, About::AddEdge { from: title(a), to: title(b) }),
        Edit::DropEdge { drop_edge: (a, b) } => (vec![a.clone(), b.clone()], None, About::DropEdge { from: title(a), to: title(b) }),
        Edit::SetStart { set_start } => (vec![set_start.clone()], None, About::Start),
        Edit::SetEnd { set_end } => (vec![set_end.clone()], None, About::End),
        Edit::AddStep { add_step, .. } => (vec![add_step.clone()], None, About::AddStep),
        Edit::RemoveStep { remove_step } => (vec![remove_step.clone()], None, About::RemoveStep),
        Edit::ReorderStep { reorder_step, before } => (vec![reorder_step.clone()], None, About::Reorder { before: before.as_deref().map(title) }),
        Edit::SetStep { set_step, change } => {
            let step = before.steps.get(set_step).cloned().unwrap_or_default();
            let was = StepChange {
                title: Some(step.title),
                stage: Some(step.stage),
                guidance: Some(step.guidance),
                by: Some(step.by),
                cost: Some(step.cost),
                unplanned: Some(step.unplanned),
            };
            (vec![set_step.clone()], None, About::Step { change: change.clone(), was })
        }
        Edit::AddStandard { add_standard, standard, .. } => (vec![add_standard.clone()], None, About::AddStandard(standard.clone())),
        Edit::DropStandard { drop_standard, name } => (vec![drop_standard.clone()], None, About::DropStandard(standard(before, drop_standard, name))),
        Edit::SetStandard { set_standard, name, standard: now } => {
            (vec![set_standard.clone()], None, About::SetStandard { was: standard(before, set_standard, name), now: now.clone() })
        }
        Edit::SetBounds { set_bounds, name, bounds } => {
            let was = standard(before, set_bounds, name);
            let now = Standard { measure: was.measure.with_bounds(*bounds).unwrap_or_else(|| was.measure.clone()), ..was.clone() };
            (vec![set_bounds.clone()], None, About::SetStandard { was, now })
        }
        Edit::SetName { set_name } => (Vec::new(), None, About::Name { was: before.name.clone(), now: set_name.clone() }),
        Edit::SetVersion { set_version } => (Vec::new(), None, About::Version { was: before.version.clone(), now: set_version.clone() }),
        Edit::AddAnytime { add_anytime, .. } => (vec![add_anytime.clone()], None, About::AddAnytime),
        Edit::DropAnytime { drop_anytime } => (vec![drop_anytime.clone()], None, About::DropAnytime),
        Edit::AddAccepted { add_accepted, .. } => (vec![add_accepted.step.clone()], None, About::AddAccepted(add_accepted.clone())),
        Edit::DropAccepted { drop_accepted, .. } => (vec![drop_accepted.step.clone()], None, About::DropAccepted(drop_accepted.clone())),
    };
    let named = titles(&steps);
    Change { kind: edit.kind(), steps, place, implied, titles: named, about }
}

/// Whether an edit only groups what runs as before: a block of one member, or a sequence within a sequence.
fn only_groups(before: &State, edit: &Edit) -> bool {
    let Body::Blocks(tree) = &before.body else { return false };
    let (at, around, several) = match edit {
        Edit::Wrap { wrap, through, around } => (wrap, around.clone(), through.is_some()),
        Edit::Unwrap { unwrap } => (unwrap, kind_at(before, unwrap), tree.find(unwrap).is_ok_and(|node| tree.members(node).len() > 1)),
        _ => return false,
    };
    let inside = tree.find(at).is_ok_and(|node| tree.ordered(tree.parent(node)));
    match around {
        Around::Sequence => inside || !several,
        Around::AnyOrder | Around::OneOf => !several,
        _ => false,
    }
}

fn distinct(ids: Vec<String>) -> Vec<String> {
    ids.into_iter().collect::<indexmap::IndexSet<_>>().into_iter().collect()
}

fn steps_of(block: &Block) -> Vec<String> {
    let mut steps = Vec::new();
    let mut open = vec![block];
    while let Some(block) = open.pop() {
        if let Block::Step(id) = block {
            steps.push(id.clone());
        }
        open.extend(block.members().iter().rev());
    }
    distinct(steps)
}

fn steps_under(tree: &Tree, node: usize) -> Vec<String> {
    distinct(tree.under(node).into_iter().filter_map(|node| tree.step(node)).map(ToOwned::to_owned).collect())
}

fn steps_at(state: &State, at: &At) -> Vec<String> {
    match &state.body {
        Body::Blocks(tree) => tree.find(at).map(|node| steps_under(tree, node)).unwrap_or_default(),
        Body::Graph(graph) => graph.find(at).into_iter().collect(),
    }
}

fn between(tree: &Tree, first: &At, last: &At) -> Vec<String> {
    let (Ok(first), Ok(last)) = (tree.find(first), tree.find(last)) else { return Vec::new() };
    let members = tree.members(tree.parent(first));
    let (from, to) = (tree.index(first), tree.index(last));
    distinct(members.get(from..=to).unwrap_or_default().iter().flat_map(|&node| steps_under(tree, node)).collect())
}

fn kind_at(state: &State, at: &At) -> Around {
    match &state.body {
        Body::Blocks(tree) => tree.find(at).ok().and_then(|node| tree.around(node)).cloned().unwrap_or(Around::Sequence),
        Body::Graph(_) => Around::Sequence,
    }
}

fn branches(state: &State, at: &At) -> (Vec<String>, Vec<String>) {
    let Body::Blocks(tree) = &state.body else { return Default::default() };
    let Ok(mut branch) = tree.find(at) else { return Default::default() };
    while branch != super::tree::ROOT && tree.around(tree.parent(branch)) != Some(&Around::OneOf) {
        branch = tree.parent(branch);
    }
    let others = tree.members(tree.parent(branch)).iter().filter(|&&other| other != branch);
    (steps_under(tree, branch), distinct(others.flat_map(|&other| steps_under(tree, other)).collect()))
}

fn standard(state: &State, step: &str, name: &str) -> Standard {
    let standards = state.steps.get(step).map_or(&[][..], |step| &step.standards);
    let at = standard_names(standards).iter().position(|other| other == name);
    at.and_then(|at| standards.get(at)).cloned().unwrap_or_else(|| Standard::new(crate::sop::Measure::Questions(crate::sop::Bounds::default())))
}

/// The place that what was put in has now.
fn place_to(after: &State, to: &Where, steps: &[String]) -> Option<String> {
    if let Where::At(place) = to {
        return Some(place.clone());
    }
    let Body::Blocks(tree) = &after.body else { return None };
    tree.find(&At::Step(steps.first()?.clone())).ok().map(|node| tree.place(node))
}

/// What stands beside a place now.
fn beside_place(after: &State, place: &str, ids: &[String]) -> Beside {
    let Body::Blocks(tree) = &after.body else { return Beside::Place(place.to_owned()) };
    let Ok(node) = tree.find(&At::place(place)) else { return Beside::Place(place.to_owned()) };
    let parent = tree.parent(node);
    let (members, index) = (tree.members(parent), tree.index(node));
    let of = |nodes: &[usize]| -> Vec<String> {
        titles(after, &distinct(nodes.iter().flat_map(|&node| steps_under(tree, node)).filter(|id| !ids.contains(id)).collect()))
    };
    let others: Vec<usize> = members.iter().copied().filter(|&other| other != node).collect();
    let named = |found: Vec<String>, beside: fn(Vec<String>) -> Beside| if found.is_empty() { None } else { Some(beside(found)) };
    let found = match tree.around(parent) {
        Some(Around::AnyOrder) => named(of(&others), Beside::AnyOrder),
        Some(Around::OneOf) => named(of(&others), Beside::OneOf),
        _ => {
            let before = index.checked_sub(1).map(|i| of(&members[i..=i])).and_then(|found| named(found, Beside::After));
            before.or_else(|| members.get(index + 1).map(|&next| of(&[next])).and_then(|found| named(found, Beside::Before)))
        }
    };
    found.unwrap_or_else(|| Beside::Place(place.to_owned()))
}
