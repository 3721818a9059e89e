//! Applying a patch: edit by edit, on the SOP as the edits before left it.

use super::edit::{Around, At, Edit, Split, StepChange, Where};
use super::lists;
use super::state::{Body, State};
use super::tree::{ROOT, Says, Tree};
use super::{EDITS, Patch, error};
use crate::error::{Fault, Result};
use crate::sop::{Block, Sop, standard_names};

type Edited = std::result::Result<(), Fault>;

pub(super) fn apply(sop: &Sop, patch: &Patch) -> Result<Sop> {
    let (mut state, mut faults) = (State::of(sop), Vec::new());
    if let Some(base) = patch.base().filter(|base| base.hash != sop.hash()) {
        let message = format!("the patch was made for {base}; this is {}", super::Base::of(sop));
        faults.push(
            Fault::new("patch.other_base", message).at_place("base").help("apply it to the SOP it was made for, or unbind it if its edits fit this one too"),
        );
    }
    if patch.edits().len() > EDITS {
        let message = format!("the patch has {} edits; the limit is {EDITS}", patch.edits().len());
        return Err(error(vec![Fault::new("patch.too_large", message).help("make smaller patches, and apply one after the other")]));
    }
    for (i, edit) in patch.edits().iter().enumerate() {
        if let Err(fault) = state.edit(edit) {
            faults.push(fault.at_place(format!("edits[{i}].{}", edit.kind())));
        }
    }
    if faults.is_empty() { state.finish() } else { Err(error(faults)) }
}

impl State {
    /// Makes one edit, or none of it.
    pub(super) fn edit(&mut self, edit: &Edit) -> Edited {
        match edit {
            Edit::Insert { insert, to } => match &mut self.body {
                Body::Blocks(tree) => insert_block(tree, insert, to),
                Body::Graph(graph) => graph.insert(insert, to),
            },
            Edit::Drop { drop } => match &mut self.body {
                Body::Blocks(tree) => tree.find(drop).map(|node| _ = tree.detach(node)),
                Body::Graph(graph) => graph.drop(drop),
            },
            Edit::Move { from, to } => match &mut self.body {
                Body::Blocks(tree) => relocate(tree, from, to),
                Body::Graph(graph) => graph.relocate(from, to),
            },
            Edit::Wrap { wrap: at, through, around } => match &mut self.body {
                Body::Blocks(tree) => wrap(tree, at, through.as_ref(), around),
                Body::Graph(graph) => graph.wrap(at, through.as_ref(), around),
            },
            Edit::Replace { replace, with } => {
                let tree = self.tree()?;
                let node = tree.find(replace)?;
                exchange(tree, node, with)
            }
            Edit::Unwrap { unwrap } => {
                let tree = self.tree()?;
                let node = block_at(tree, unwrap)?;
                tree.unwrap(node);
                Ok(())
            }
            Edit::Reshape { reshape, around } => {
                let tree = self.tree()?;
                let node = block_at(tree, reshape)?;
                tree.set(node, around.clone());
                Ok(())
            }
            Edit::Split { split: at, by } => split(self.tree()?, at, by),
            Edit::Prefer { prefer: at, only } => prefer(self.tree()?, at, *only),
            Edit::SetFlow { set_flow } => {
                self.body = Body::of(set_flow);
                Ok(())
            }
            Edit::AddEdge { add_edge: (a, b), at } => self.graph()?.add_edge(a, b, *at),
            Edit::DropEdge { drop_edge: (a, b) } => self.graph()?.drop_edge(a, b),
            Edit::SetStart { set_start } => {
                self.graph()?.0.start.clone_from(set_start);
                Ok(())
            }
            Edit::SetEnd { set_end } => {
                self.graph()?.0.end.clone_from(set_end);
                Ok(())
            }
            _ => self.edit_lists(edit),
        }
    }

    /// Edits of what is not the flow.
    fn edit_lists(&mut self, edit: &Edit) -> Edited {
        match edit {
            Edit::AddStep { add_step, step, before } => self.steps.add(add_step, step.clone(), before.as_deref()),
            Edit::RemoveStep { remove_step } => self.steps.remove(remove_step).map(|_| ()),
            Edit::ReorderStep { reorder_step, before } => {
                if before.as_ref() == Some(reorder_step) {
                    return Err(Fault::new("patch.other_content", format!("`{reorder_step}` cannot be listed before itself")).help("name another step"));
                }
                if let Some(before) = before {
                    self.steps.get_mut(before)?;
                }
                let step = self.steps.remove(reorder_step)?;
                self.steps.add(reorder_step, step, before.as_deref())
            }
            Edit::SetStep { set_step, change } => {
                change.apply_to(self.steps.get_mut(set_step)?);
                Ok(())
            }
            Edit::AddStandard { add_standard, standard, at } => lists::add(&mut self.steps.get_mut(add_standard)?.standards, standard.clone(), *at),
            Edit::DropStandard { drop_standard, name } => self.standard(drop_standard, name).map(|(list, at)| _ = list.remove(at)),
            Edit::SetStandard { set_standard, name, standard } => self.standard(set_standard, name).map(|(list, at)| list[at] = standard.clone()),
            Edit::SetBounds { set_bounds, name, bounds } => {
                let (list, at) = self.standard(set_bounds, name)?;
                let measure = list[at].measure.with_bounds(*bounds).ok_or_else(|| {
                    Fault::new("patch.no_bounds", format!("the standard `{name}` of `{set_bounds}` cannot have these bounds"))
                        .help("write the standard anew by `set_standard`")
                })?;
                list[at].measure = measure;
                Ok(())
            }
            Edit::SetName { set_name } => {
                self.name.clone_from(set_name);
                Ok(())
            }
            Edit::SetVersion { set_version } => {
                self.version.clone_from(set_version);
                Ok(())
            }
            Edit::AddAnytime { add_anytime, at } => {
                if self.anytime.contains(add_anytime) {
                    return Err(Fault::new("patch.duplicate", format!("`{add_anytime}` is allowed at any time already")).help("remove the edit"));
                }
                lists::add(&mut self.anytime, add_anytime.clone(), *at)
            }
            Edit::DropAnytime { drop_anytime } => lists::remove(&mut self.anytime, drop_anytime, None, || format!("`{drop_anytime}` is not in anytime")),
            Edit::AddAccepted { add_accepted, at } => lists::add(&mut self.accepted, add_accepted.clone(), *at),
            Edit::DropAccepted { drop_accepted, at } => {
                lists::remove(&mut self.accepted, drop_accepted, *at, || format!("no such deviation of `{}` is accepted", drop_accepted.step))
            }
            _ => Ok(()),
        }
    }

    fn standard(&mut self, step: &str, name: &str) -> std::result::Result<(&mut Vec<crate::sop::Standard>, usize), Fault> {
        let list = &mut self.steps.get_mut(step)?.standards;
        let names = standard_names(list);
        match names.iter().position(|other| other == name) {
            Some(at) => Ok((list, at)),
            None => {
                let help = if names.is_empty() { "the step has none".to_owned() } else { format!("it has: {}", names.join(", ")) };
                Err(Fault::new("patch.unknown_standard", format!("step `{step}` has no standard `{name}`")).help(help))
            }
        }
    }
}

impl StepChange {
    pub(super) fn apply_to(&self, step: &mut crate::sop::Step) {
        let texts = [(&self.title, &mut step.title), (&self.stage, &mut step.stage), (&self.guidance, &mut step.guidance)];
        for (new, old) in texts {
            if let Some(new) = new {
                old.clone_from(new);
            }
        }
        step.by = self.by.unwrap_or(step.by);
        step.cost = self.cost.unwrap_or(step.cost);
        step.unplanned = self.unplanned.unwrap_or(step.unplanned);
    }
}

fn insert_block(tree: &mut Tree, block: &Block, to: &Where) -> Edited {
    let anchor = tree.anchor(to)?;
    let node = tree.add(block);
    tree.put(node, to, anchor)
}

fn relocate(tree: &mut Tree, from: &At, to: &Where) -> Edited {
    let (node, anchor) = (tree.find(from)?, tree.anchor(to)?);
    if anchor.is_some_and(|anchor| tree.inside(anchor, node)) {
        return Err(Fault::new("patch.other_content", format!("{} cannot be moved beside itself or into itself", tree.place(node))).help("name another place"));
    }
    let (parent, index) = tree.detach(node);
    let done = tree.put(node, to, anchor);
    if done.is_err() {
        tree.attach(parent, index, node);
    }
    done
}

fn wrap(tree: &mut Tree, at: &At, through: Option<&At>, around: &Around) -> Edited {
    let first = tree.find(at)?;
    let last = through.map_or(Ok(first), |last| tree.find(last))?;
    let parent = tree.parent(first);
    let (from, to) = (tree.index(first), tree.index(last));
    if tree.parent(last) != parent || to < from {
        let message = format!("{} does not follow {} in one list", tree.place(last), tree.place(first));
        return Err(Fault::new("patch.other_content", message).help("wrap members of one list, from the first through the last"));
    }
    let block = tree.wrap(parent, from, to, around.clone());
    tree.check_size(parent, block).inspect_err(|_| tree.unwrap(block))
}

fn block_at(tree: &Tree, at: &At) -> std::result::Result<usize, Fault> {
    let node = tree.find(at)?;
    if tree.step(node).is_some() {
        let message = format!("{} is a step, not a block", tree.place(node));
        return Err(Fault::new("patch.other_content", message).help("name the place of the block"));
    }
    Ok(node)
}

fn exchange(tree: &mut Tree, node: usize, with: &Block) -> Edited {
    let new = tree.add(with);
    tree.check_size(tree.parent(node), new)?;
    let (parent, index) = tree.detach(node);
    tree.attach(parent, index, new);
    Ok(())
}

fn split(tree: &mut Tree, at: &At, by: &[Split]) -> Edited {
    let node = tree.find(at)?;
    let before = tree.block(node).into_iter().collect::<Vec<_>>();
    let part = |split: &Split| Block::When { when: split.when.clone(), then: split.then.clone().unwrap_or_else(|| before.clone()) };
    let parts: Vec<Block> = by.iter().map(part).collect();
    if parts.is_empty() {
        return Err(Fault::new("patch.other_content", "the split has no parts").help("say what is planned for which cases: `by: [{when: …, then: […]}]`"));
    }
    let apart = tree.ordered(tree.parent(node)) || parts.len() == 1;
    if !apart {
        return exchange(tree, node, &Block::Sequence(parts));
    }
    let new: Vec<usize> = parts.iter().map(|part| tree.add(part)).collect();
    for &part in &new {
        tree.check_size(tree.parent(node), part)?;
    }
    let (parent, index) = tree.detach(node);
    for (i, part) in new.into_iter().enumerate() {
        tree.attach(parent, index + i, part);
    }
    Ok(())
}

/// The branch of the nearest choice that a place is in becomes the first, or the only one.
fn prefer(tree: &mut Tree, at: &At, only: bool) -> Edited {
    let start = tree.find(at)?;
    let mut branch = start;
    while branch != ROOT && *tree.says(tree.parent(branch)) != Says::Block(Around::OneOf) {
        branch = tree.parent(branch);
    }
    if branch == ROOT {
        let message = format!("{} does not stand in a branch of a `one_of`", tree.place(start));
        return Err(Fault::new("patch.other_content", message).help("name something that stands in one"));
    }
    let choice = tree.parent(branch);
    if only {
        let (parent, index) = tree.detach(choice);
        tree.attach(parent, index, branch);
    } else {
        tree.detach(branch);
        tree.attach(choice, 0, branch);
    }
    Ok(())
}
