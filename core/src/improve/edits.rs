//! What a choice that should be made asks the SOP to say.

use indexmap::IndexMap;

use super::proposal::ProposalKind;
use crate::evidence::{ChoiceId, ChoiceKind};
use crate::sop::{At, Block, Condition, Edit, OneOrMany, Patch, Sop, Step, Where};

/// A patch and the SOP it makes.
pub(super) struct Edited {
    pub(super) patch: Patch,
    pub(super) next: Sop,
}

/// The patch that makes a choice part of an SOP; `None` where none can: at the second time at a step, or where the SOP would
/// not hold together. `words` are those of a wording in full.
pub(super) fn edits(sop: &Sop, kind: ProposalKind, id: &ChoiceId, segment: Option<&(String, Vec<String>)>, words: Option<&str>) -> Option<Edited> {
    if id.visit > 1 {
        return None;
    }
    let patch = match kind {
        ProposalKind::Insert => insert(sop, id, None),
        ProposalKind::Reorder => reorder(sop, id)?,
        ProposalKind::Drop => Patch::new().drop(at(sop, &id.place)),
        ProposalKind::MakeOptional => Patch::new().make_optional(at(sop, &id.place)),
        ProposalKind::MakeRequired => {
            let block = id.place.rfind(".optional[").map(|at| &id.place[..at])?;
            Patch::new().unwrap_block(At::place(block))
        }
        ProposalKind::Prefer => Patch::new().prefer_branch(at(sop, &id.place)),
        ProposalKind::SetBound => super::bounds::edit(sop, &super::bounds::bound_of(id)?)?,
        ProposalKind::SetWording => Patch::new().set_guidance(id.step.clone(), sop.steps().get(&id.step)?.with_script(words?)),
        ProposalKind::Split => {
            let (name, values) = segment?;
            let when = Condition(IndexMap::from([(name.clone(), OneOrMany::Many(values.clone()))]));
            if id.kind == ChoiceKind::Skip { Patch::new().only_when(at(sop, &id.place), when) } else { insert(sop, id, Some(when)) }
        }
    };
    let patch = patch.bound_to(sop);
    let next = sop.apply(&patch).ok()?;
    (next != *sop).then_some(Edited { patch, next })
}

/// Plans a step or a sequence after the point.
fn insert(sop: &Sop, id: &ChoiceId, when: Option<Condition>) -> Patch {
    let steps: Vec<&String> = if id.members.is_empty() { vec![&id.step] } else { id.members.iter().collect() };
    let mut patch = Patch::new();
    for step in &steps {
        if !sop.steps().contains_key(*step) {
            patch = patch.add_step((*step).clone(), Step::default());
        }
        if sop.anytime().contains(*step) {
            patch = patch.drop_anytime((*step).clone());
        }
    }
    let blocks: Vec<Block> = steps.into_iter().map(|step| Block::Step(step.clone())).collect();
    let to = after(sop, id);
    if let Some(when) = when {
        return patch.insert(Block::When { when, then: blocks }, to);
    }
    // The last one first: each is put right after the point.
    blocks.into_iter().rev().fold(patch, |patch, block| patch.insert(block, to.clone()))
}

/// A place by its step where that stands once: such an edit still fits when others were made before it.
fn at(sop: &Sop, place: &str) -> At {
    let Some(node) = sop.nodes().iter().find(|node| node.place == place) else { return At::place(place) };
    let Some((step, _)) = sop.steps().get_index(node.step as usize) else { return At::place(place) };
    let once = sop.nodes().iter().filter(|other| other.step == node.step).count() == 1;
    if once { At::Step(step.clone()) } else { At::Place { place: place.to_owned(), step: Some(step.clone()) } }
}

fn after(sop: &Sop, id: &ChoiceId) -> Where {
    match &id.point {
        Some(_) => Where::After(at(sop, &id.point_place)),
        None => Where::At("flow[0]".to_owned()),
    }
}

/// Plans a step right after the point at which it was done ahead of its place.
fn reorder(sop: &Sop, id: &ChoiceId) -> Option<Patch> {
    let step = sop.steps().get_index_of(&id.step)?;
    // A step of a branch, or one that is left to the rep, was chosen early rather than moved.
    let mut places = sop.nodes().iter().filter(|node| node.step as usize == step);
    let from = places.next()?;
    if places.next().is_some() || from.avoidable {
        return None;
    }
    let edit = Edit::Move { from: at(sop, &from.place), to: after(sop, id) };
    Some(Patch::new().with(edit))
}
