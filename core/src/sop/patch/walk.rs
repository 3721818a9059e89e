//! The way from one flow of blocks to another, written down as edits.
//!
//! The parts of both are paired first (steps by id and order, blocks by the steps they share). Then the first flow is
//! walked towards the second: what has no partner is dropped or unwrapped, and from the outermost list inwards, blocks are
//! put around, parts put in and moved, until each list is that of its partner.

use rustc_hash::{FxHashMap, FxHashSet};

use super::edit::{At, Edit, Where};
use super::lists::{by_turns, in_common, rising};
use super::tree::{ROOT, Tree};
use crate::sop::Block;

fn steps_under(tree: &Tree, node: usize) -> Vec<usize> {
    tree.under(node).into_iter().filter(|&node| tree.step(node).is_some()).collect()
}

/// A flow on its way to another.
pub(super) struct Walk {
    pub(super) tree: Tree,
    pub(super) goal: Tree,
    /// Of each node of the goal, the node of the tree that is it.
    pub(super) partner: Vec<Option<usize>>,
    /// The other way round.
    pub(super) back: FxHashMap<usize, usize>,
    pub(super) edits: Vec<Edit>,
    pub(super) moved: Vec<usize>,
}

impl Walk {
    pub(super) fn new(tree: Tree, goal: Tree) -> Self {
        let mut walk = Self { partner: vec![None; goal.len()], back: FxHashMap::default(), edits: Vec::new(), moved: Vec::new(), tree, goal };
        walk.pair(ROOT, ROOT);
        walk.pair_steps();
        walk.pair_blocks();
        walk
    }

    fn pair(&mut self, node: usize, goal: usize) {
        self.partner[goal] = Some(node);
        self.back.insert(node, goal);
    }

    /// Steps of one id: those that come in the same order in both, then the others in turn.
    fn pair_steps(&mut self) {
        let (have, want) = (self.tree.steps(), self.goal.steps());
        let id = |tree: &Tree, nodes: &[usize]| -> Vec<String> { nodes.iter().filter_map(|&node| tree.step(node)).map(ToOwned::to_owned).collect() };
        let (a, b) = (id(&self.tree, &have), id(&self.goal, &want));
        for (i, j) in in_common(&a, &b) {
            self.pair(have[i], want[j]);
        }
        let left = |nodes: &[usize], ids: &[String], paired: &dyn Fn(usize) -> bool| -> Vec<(usize, String)> {
            nodes.iter().copied().zip(ids.iter().cloned()).filter(|(node, _)| !paired(*node)).collect()
        };
        let rest_a = left(&have, &a, &|node| self.back.contains_key(&node));
        let rest_b = left(&want, &b, &|node| self.partner[node].is_some());
        let ids = |rest: &[(usize, String)]| -> Vec<String> { rest.iter().map(|(_, id)| id.clone()).collect() };
        for (i, j) in by_turns(&ids(&rest_a), &ids(&rest_b)) {
            self.pair(rest_a[i].0, rest_b[j].0);
        }
    }

    /// Blocks by the steps they share, at least half of what both hold: first those of one kind, then the others.
    fn pair_blocks(&mut self) {
        let mut goals = self.goal.under(ROOT);
        goals.reverse();
        goals.retain(|&node| node != ROOT && self.goal.around(node).is_some());
        for same_kind in [true, false] {
            for &goal in &goals {
                if self.partner[goal].is_none()
                    && let Some(node) = self.closest(goal, same_kind)
                {
                    self.pair(node, goal);
                }
            }
        }
    }

    /// The free block that shares most with a block of the goal; among equals one that says the same, then the outermost.
    fn closest(&self, goal: usize, same_kind: bool) -> Option<usize> {
        let inside = steps_under(&self.goal, goal);
        let mut shared: FxHashMap<usize, usize> = FxHashMap::default();
        for node in inside.iter().filter_map(|&node| self.partner[node]) {
            let mut up = self.tree.parent(node);
            while up != ROOT {
                *shared.entry(up).or_default() += 1;
                up = self.tree.parent(up);
            }
        }
        let wanted = self.goal.around(goal);
        let kind = |node: usize| self.tree.around(node).map(std::mem::discriminant);
        let mut candidates: Vec<(usize, usize)> = shared.into_iter().filter(|(node, _)| !self.back.contains_key(node)).collect();
        candidates.retain(|(node, _)| (kind(*node) == wanted.map(std::mem::discriminant)) == same_kind);
        candidates.sort_unstable();
        let mut best: Option<(f64, bool, usize)> = None;
        for (node, shared) in candidates {
            let share = 2.0 * shared as f64 / (inside.len() + steps_under(&self.tree, node).len()) as f64;
            let equal = self.tree.around(node) == wanted;
            if share >= 0.5 && best.is_none_or(|(s, e, _)| (share, equal) > (s, e)) {
                best = Some((share, equal, node));
            }
        }
        best.map(|(.., node)| node)
    }

    pub(super) fn run(&mut self) {
        self.clear();
        let mut open = vec![ROOT];
        while let Some(goal) = open.pop() {
            let node = self.partner[goal].unwrap_or(ROOT);
            self.level(node, goal);
            open.extend(self.goal.members(goal).iter().rev().filter(|&&member| self.goal.around(member).is_some()));
        }
    }

    /// Takes out what has no partner: first steps and blocks of which nothing stays, then blocks around what stays.
    fn clear(&mut self) {
        let mut gone = FxHashSet::default();
        for node in self.tree.under(ROOT) {
            if !gone.contains(&node) && !self.tree.under(node).iter().any(|node| self.back.contains_key(node)) {
                self.edits.push(Edit::Drop { drop: self.at(node) });
                gone.extend(self.tree.under(node));
                self.tree.detach(node);
            }
        }
        for node in self.tree.under(ROOT) {
            if !self.back.contains_key(&node) {
                self.edits.push(Edit::Unwrap { unwrap: self.at(node) });
                self.tree.unwrap(node);
            }
        }
    }

    /// Makes the list of a block that of its partner: the same members in the same order, their own members aside.
    fn level(&mut self, node: usize, goal: usize) {
        let members = self.goal.members(goal).to_vec();
        for &want in members.iter().filter(|&&want| self.partner[want].is_none() && self.goal.around(want).is_some()).collect::<Vec<_>>() {
            self.wrap(node, want);
        }
        let order: Vec<(usize, usize)> = (members.iter().enumerate())
            .filter_map(|(j, &want)| {
                let have = self.partner[want]?;
                Some((self.tree.members(node).iter().position(|&member| member == have)?, j))
            })
            .collect();
        let mut stays = vec![false; members.len()];
        rising(&order).into_iter().for_each(|(_, j)| stays[j] = true);
        let mut before = None;
        for (j, &want) in members.iter().enumerate() {
            let have = match self.partner[want] {
                None => self.insert(node, want, before),
                Some(have) if stays[j] => have,
                Some(have) => {
                    self.relocate(have, node, before);
                    have
                }
            };
            if let Some(around) = self.goal.around(want).filter(|&around| self.tree.around(have) != Some(around)).cloned() {
                self.edits.push(Edit::Reshape { reshape: self.at(have), around: around.clone() });
                self.tree.set(have, around);
            }
            before = Some(have);
        }
    }

    /// The nearest parts of a new block that there are already.
    fn kept(&self, goal: usize) -> Vec<usize> {
        let (mut found, mut open) = (Vec::new(), vec![goal]);
        while let Some(goal) = open.pop() {
            match self.partner[goal] {
                Some(node) => found.push(node),
                None => open.extend(self.goal.members(goal).iter().rev()),
            }
        }
        found
    }

    /// Puts a new block around the longest run of members that belong into it. Where all that belongs into it stands
    /// elsewhere, the first of that is moved here; where nothing does, the block is left to be put in whole.
    fn wrap(&mut self, node: usize, want: usize) {
        let kept = self.kept(want);
        let Some(&first) = kept.first() else { return };
        if !kept.iter().any(|&have| self.tree.parent(have) == node) {
            let before = self.goal.members(self.goal.parent(want)).iter().take_while(|&&member| member != want).last().and_then(|&member| self.partner[member]);
            self.relocate(first, node, before.filter(|&before| self.tree.parent(before) == node));
        }
        let (mut best, mut from) = ((0, 0), 0);
        let members = self.tree.members(node).to_vec();
        for at in 0..=members.len() {
            if at == members.len() || !kept.contains(&members[at]) {
                if at - from > best.1 - best.0 {
                    best = (from, at);
                }
                from = at + 1;
            }
        }
        let (from, to) = (best.0, best.1 - 1);
        let Some(around) = self.goal.around(want).cloned() else { return };
        let through = (to > from).then(|| self.at(members[to]));
        self.edits.push(Edit::Wrap { wrap: self.at(members[from]), through, around: around.clone() });
        let block = self.tree.wrap(node, from, to, around);
        self.pair(block, want);
    }

    fn insert(&mut self, parent: usize, want: usize, before: Option<usize>) -> usize {
        let insert = self.goal.block(want).unwrap_or(Block::Sequence(Vec::new()));
        let to = self.beside(parent, before, None);
        let have = self.tree.add(&insert);
        let index = before.map_or(0, |before| self.tree.index(before) + 1);
        self.tree.attach(parent, index, have);
        let to = to.unwrap_or_else(|| Where::At(self.tree.place(have)));
        for (have, want) in self.tree.under(have).into_iter().zip(self.goal.under(want)) {
            self.pair(have, want);
        }
        self.edits.push(Edit::Insert { insert, to });
        have
    }

    fn relocate(&mut self, have: usize, parent: usize, before: Option<usize>) {
        let from = self.at(have);
        let to = self.beside(parent, before, Some(have));
        self.tree.detach(have);
        let index = before.map_or(0, |before| self.tree.index(before) + 1);
        self.tree.attach(parent, index, have);
        let to = to.unwrap_or_else(|| Where::At(self.tree.place(have)));
        self.edits.push(Edit::Move { from, to });
        self.moved.push(have);
    }

    /// How to name a node: a step that stands once by its id, everything else by its place.
    fn at(&self, node: usize) -> At {
        match self.tree.step(node) {
            Some(id) if self.single(id) => At::Step(id.to_owned()),
            step => At::Place { place: self.tree.place(node), step: step.map(ToOwned::to_owned) },
        }
    }

    fn single(&self, id: &str) -> bool {
        self.tree.steps().into_iter().filter(|&node| self.tree.step(node) == Some(id)).take(2).count() == 1
    }

    /// Behind a step, or before one, where that says it all: in a list whose members follow each other.
    fn beside(&self, parent: usize, before: Option<usize>, but: Option<usize>) -> Option<Where> {
        if !self.tree.ordered(parent) {
            return None;
        }
        let named = |node: usize| match self.at(node) {
            At::Step(id) => Some(At::Step(id)),
            At::Place { .. } => None,
        };
        match before {
            Some(before) => named(before).map(Where::After),
            None => self.tree.members(parent).iter().copied().find(|&member| Some(member) != but).and_then(named).map(Where::Before),
        }
    }
}
