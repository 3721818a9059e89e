//! From fragments and rules to an SOP: what is one step, what is one part of the flow, in which order the parts come.

use std::collections::BTreeSet;

use indexmap::{IndexMap, IndexSet};

use super::fragment::FragmentStep;
use super::order::{Part, Why, order};
use super::rules::Target;
use super::{Composed, Composition, Source, SourceStep};
use crate::error::{Error, Fault, Result};
use crate::sop::hint::{About, Hint};
use crate::sop::model::SopFile;
use crate::sop::{Block, Flow, Measure, Sop, Step, limits};
use crate::text::squeezed;

/// A step of a fragment.
struct Member<'a> {
    fragment: usize,
    id: &'a str,
    step: &'a FragmentStep,
    name: String,
}

/// Steps that are one: the first of its members gives the name.
struct Group {
    members: Vec<usize>,
    id: String,
    stage: Option<String>,
    /// Another fragment stands in its place.
    filled: bool,
}

/// A part of a fragment's flow, with its number there.
struct Unit {
    fragment: usize,
    number: usize,
    /// Nothing at the beginning of a step that is filled by a fragment.
    block: Option<Block>,
}

/// The step that a unit without a block is the beginning of.
type Beginnings = IndexMap<usize, usize>;

pub(super) fn compose(composition: &Composition, name: &str) -> Result<Composed> {
    let mut merge = Merge::new(composition);
    merge.run(name).map_err(|fault| {
        merge.faults.extend(fault);
        Error::Compose(std::mem::take(&mut merge.faults))
    })
}

struct Merge<'a> {
    composition: &'a Composition,
    members: Vec<Member<'a>>,
    names: IndexMap<String, usize>,
    dropped: Vec<bool>,
    /// Group of each member.
    group_of: Vec<usize>,
    groups: Vec<Group>,
    units: Vec<Unit>,
    /// The unit that a unit became part of.
    alias: Vec<usize>,
    hard: Vec<(usize, usize, Why)>,
    /// Of each unit that is filled, the unit that stands for its beginning.
    beginnings: Beginnings,
    hints: Vec<(String, About)>,
    faults: Vec<Fault>,
}

type Done<T = ()> = std::result::Result<T, Option<Fault>>;

impl<'a> Merge<'a> {
    fn new(composition: &'a Composition) -> Self {
        let mut members = Vec::new();
        for (i, fragment) in composition.fragments.iter().enumerate() {
            for (id, step) in &fragment.steps {
                members.push(Member { fragment: i, id, step, name: format!("{}.{id}", fragment.fragment) });
            }
        }
        let names = members.iter().enumerate().map(|(i, member)| (member.name.clone(), i)).collect();
        let n = members.len();
        Self {
            composition,
            members,
            names,
            dropped: vec![false; n],
            group_of: vec![0; n],
            groups: Vec::new(),
            units: Vec::new(),
            alias: Vec::new(),
            hard: Vec::new(),
            beginnings: Beginnings::new(),
            hints: Vec::new(),
            faults: Vec::new(),
        }
    }

    fn run(&mut self, name: &str) -> Done<Composed> {
        let mut ids = IndexSet::new();
        for fragment in &self.composition.fragments {
            if !ids.insert(fragment.id()) {
                self.fault("compose.twice", "", format!("fragment `{}` is there twice", fragment.id()), "compose each once, or give one of them another id");
            }
        }
        if ids.is_empty() {
            self.fault("compose.empty", "", "there are no fragments".to_owned(), "name at least one");
        }
        if self.members.len() > limits::NODES {
            self.fault("compose.too_large", "", format!("the fragments have {} steps; the limit is {}", self.members.len(), limits::NODES), "compose fewer");
        }
        self.stop()?;
        self.drops();
        self.group();
        self.stop()?;
        self.ids();
        self.cut();
        self.place();
        self.stages();
        self.stop()?;
        let order = self.arrange()?;
        self.build(name, &order)
    }

    fn fault(&mut self, code: &'static str, place: &str, message: String, help: &str) {
        let fault = Fault::new(code, message).help(help);
        self.faults.push(if place.is_empty() { fault } else { fault.at_place(place) });
    }

    fn stop(&self) -> Done {
        if self.faults.is_empty() { Ok(()) } else { Err(None) }
    }

    fn fragment(&self, member: usize) -> &str {
        self.composition.fragments[self.members[member].fragment].id()
    }

    /// Members that a name means: a step, or all steps of a fragment.
    fn named(&self, name: &str) -> Option<Vec<usize>> {
        if let Some(&member) = self.names.get(name) {
            return Some(vec![member]);
        }
        let fragment = self.composition.fragments.iter().position(|fragment| fragment.id() == name)?;
        Some((0..self.members.len()).filter(|&i| self.members[i].fragment == fragment).collect())
    }

    fn unknown(&mut self, place: &str, name: &str) {
        let ids: Vec<&str> = self.composition.fragments.iter().map(|fragment| fragment.id()).collect();
        let help = format!(
            "steps are named with their fragment, such as `{}`; the fragments are {}",
            self.names.keys().next().map_or("", String::as_str),
            ids.join(", ")
        );
        self.fault("compose.unknown", place, format!("`{}` is not known", crate::text::cut(name, 80)), &help);
    }

    fn drops(&mut self) {
        for (i, name) in self.composition.rules.drop.iter().enumerate() {
            match self.named(name) {
                Some(members) => members.into_iter().for_each(|member| self.dropped[member] = true),
                None => self.unknown(&format!("drop[{i}]"), name),
            }
        }
    }

    /// Which members are one step.
    fn group(&mut self) {
        let mut links: Vec<Vec<usize>> = vec![Vec::new(); self.members.len()];
        for (name, other) in &self.composition.rules.same {
            let place = format!("same.{name}");
            match (self.names.get(name).copied(), self.names.get(other).copied()) {
                (Some(from), Some(to)) => links[from].push(to),
                (from, _) => self.unknown(&place, if from.is_none() { name } else { other }),
            }
        }
        for (i, member) in self.members.iter().enumerate() {
            // What the rules say of a step stands for what its file says of it.
            if links[i].is_empty() {
                links[i].extend(member.step.same_as.iter().filter_map(|name| self.names.get(name).copied()));
            }
        }
        for (from, to) in links.iter_mut().enumerate() {
            to.retain(|&to| !self.dropped[from] && !self.dropped[to]);
        }
        if let Some(circle) = circle(&links) {
            let names: Vec<&str> = circle.iter().map(|&i| self.members[i].name.as_str()).collect();
            let message = format!("the equivalences go in a circle: {}", names.join(" is "));
            self.fault("compose.circle", "same", message, "say of each step once which other it is; the last of them keeps its name");
            return;
        }
        self.group_of = (0..self.members.len()).collect();
        for (from, to) in links.iter().enumerate().flat_map(|(from, to)| to.iter().map(move |&to| (from, to))) {
            let (old, new) = (self.group_of[from], self.group_of[to]);
            self.group_of.iter_mut().filter(|group| **group == old).for_each(|group| *group = new);
        }
        let mut of: IndexMap<usize, Vec<usize>> = IndexMap::new();
        for (i, &group) in self.group_of.iter().enumerate().filter(|(i, _)| !self.dropped[*i]) {
            of.entry(group).or_default().push(i);
        }
        for mut members in of.into_values() {
            // Those that are no other step come first: the first of them gives the name.
            members.sort_by_key(|&i| (!links[i].is_empty(), i));
            let number = self.groups.len();
            members.iter().for_each(|&i| self.group_of[i] = number);
            self.check_group(&members);
            let stage = members.iter().find_map(|&i| self.members[i].step.step.stage.clone());
            self.groups.push(Group { members, id: String::new(), stage, filled: false });
        }
        self.contradictions();
    }

    fn check_group(&mut self, members: &[usize]) {
        for (k, &a) in members.iter().enumerate() {
            for &b in &members[..k] {
                let (one, other) = (self.members[b].name.clone(), self.members[a].name.clone());
                if self.members[a].fragment == self.members[b].fragment {
                    let message = format!("`{one}` and `{other}` would be one step, but `{}` has them as two", self.fragment(a));
                    self.fault("compose.same_fragment", "same", message, "take one of the equivalences back");
                } else if self.members[a].step.step.by != self.members[b].step.step.by {
                    let message = format!("`{one}` and `{other}` would be one step, but one is the agent's and one the customer's");
                    self.fault("compose.actor", "same", message, "take the equivalence back, or mend `by`");
                }
            }
        }
    }

    /// Steps that say they cannot be with others.
    fn contradictions(&mut self) {
        for i in 0..self.members.len() {
            if self.dropped[i] {
                continue;
            }
            for name in &self.members[i].step.never_with {
                let there = self.named(name).is_some_and(|members| members.iter().any(|&other| !self.dropped[other] && other != i));
                if there {
                    let message = format!("`{}` contradicts `{name}`: they cannot be in one SOP", self.members[i].name);
                    self.fault("compose.contradiction", "", message, "drop one of them");
                }
            }
        }
    }

    /// Ids of the steps of the SOP: that of the step that gives the name, with its fragment before it where two would have one.
    fn ids(&mut self) {
        let mut taken: IndexSet<String> = IndexSet::new();
        let mut own: IndexMap<&str, usize> = IndexMap::new();
        for group in &self.groups {
            *own.entry(self.members[group.members[0]].id).or_default() += 1;
        }
        let mut ids = Vec::with_capacity(self.groups.len());
        for group in &self.groups {
            let first = group.members[0];
            let id = self.members[first].id;
            let mut made = if own[id] == 1 || !taken.contains(id) { id.to_owned() } else { format!("{}_{id}", self.fragment(first)) };
            while taken.contains(&made) {
                made.push('_');
            }
            taken.insert(made.clone());
            ids.push(made);
        }
        let title =
            |group: &Group| group.members.iter().find_map(|&i| self.members[i].step.step.title.as_deref()).map(squeezed).filter(|title| !title.is_empty());
        let titles: Vec<Option<String>> = self.groups.iter().map(title).collect();
        let mut seen: IndexMap<&str, usize> = IndexMap::new();
        for (number, (group, title)) in self.groups.iter().zip(&titles).enumerate() {
            // One hint a step: with the first that has its id, or else its title.
            let id = self.members[group.members[0]].id;
            let other = seen.get(id).copied().or_else(|| titles[..number].iter().position(|other| other.is_some() && other == title));
            if let Some(other) = other {
                self.hints.push((ids[number].clone(), About::Duplicate { other: ids[other].clone() }));
            }
            seen.entry(id).or_insert(number);
        }
        for (group, id) in self.groups.iter_mut().zip(ids) {
            group.id = id;
        }
    }

    fn find(&self, mut unit: usize) -> usize {
        while self.alias[unit] != unit {
            unit = self.alias[unit];
        }
        unit
    }

    /// The parts of all flows; those that share a step are one.
    fn cut(&mut self) {
        let mut owner: Vec<Option<usize>> = vec![None; self.groups.len()];
        let mut pairs: Vec<(usize, usize, Vec<usize>, Vec<usize>)> = Vec::new();
        for (i, fragment) in self.composition.fragments.iter().enumerate() {
            let mut parts = Vec::new();
            for block in &fragment.flow {
                flatten(block, &mut parts);
            }
            let blocks: Vec<Block> = parts.into_iter().filter_map(|block| self.renamed(i, block)).collect();
            let mut before: Option<(usize, Vec<usize>)> = None;
            for (number, block) in blocks.into_iter().enumerate() {
                let groups = self.groups_in(&block);
                let unit = self.units.len();
                self.units.push(Unit { fragment: i, number, block: Some(block) });
                self.alias.push(unit);
                for &group in &groups {
                    match owner[group] {
                        Some(other) if self.units[other].fragment != i && self.find(other) != self.find(unit) => self.join(self.find(unit), self.find(other)),
                        Some(_) => {}
                        None => owner[group] = Some(unit),
                    }
                }
                if let Some((last, earlier)) = before.replace((unit, groups.clone())) {
                    self.hard.push((last, unit, Why::Flow(fragment.id().to_owned())));
                    pairs.push((last, unit, earlier, groups));
                }
            }
        }
        for (last, unit, earlier, later) in pairs {
            if self.find(last) == self.find(unit) {
                let fragment = self.composition.fragments[self.units[unit].fragment].id();
                self.within(unit, &earlier, &later, fragment);
            }
        }
    }

    /// A block with the ids of the SOP, without steps that are left out.
    fn renamed(&self, fragment: usize, block: &Block) -> Option<Block> {
        let inner = |blocks: &[Block]| blocks.iter().filter_map(|block| self.renamed(fragment, block)).collect::<Vec<_>>();
        let made = match block {
            Block::Step(id) => {
                let member = self.names[&format!("{}.{id}", self.composition.fragments[fragment].id())];
                return (!self.dropped[member]).then(|| Block::Step(self.groups[self.group_of[member]].id.clone()));
            }
            Block::Sequence(members) => Block::Sequence(inner(members)),
            Block::AnyOrder { any_order } => Block::AnyOrder { any_order: inner(any_order) },
            Block::Optional { optional } => Block::Optional { optional: inner(optional) },
            Block::OneOf { one_of } => Block::OneOf { one_of: inner(one_of) },
            Block::Repeat { repeat, at_least, at_most } => Block::Repeat { repeat: inner(repeat), at_least: *at_least, at_most: *at_most },
            Block::When { when, then } => Block::When { when: when.clone(), then: inner(then) },
        };
        (!made.members().is_empty()).then_some(made)
    }

    fn group_named(&self, id: &str) -> usize {
        self.groups.iter().position(|group| group.id == id).unwrap_or_default()
    }

    fn groups_in(&self, block: &Block) -> Vec<usize> {
        leaves(block).into_iter().map(|id| self.group_named(id)).collect::<IndexSet<_>>().into_iter().collect()
    }

    /// Makes one part of two that share a step.
    fn join(&mut self, new: usize, old: usize) {
        let (Some(a), Some(b)) = (self.units[new].block.clone(), self.units[old].block.clone()) else { return };
        let made = match (&a, &b) {
            (Block::Step(_), b) => Some(b.clone()),
            (a, Block::Step(_)) => Some(a.clone()),
            (a, b) if a == b => Some(a.clone()),
            (Block::AnyOrder { any_order: more }, Block::AnyOrder { any_order }) => {
                let have = leaves(&b);
                let clean = |member: &&Block| leaves(member).iter().all(|id| !have.contains(id));
                let fits = more.iter().all(|member| matches!(member, Block::Step(_)) || clean(&member));
                fits.then(|| Block::AnyOrder { any_order: any_order.iter().cloned().chain(more.iter().filter(clean).cloned()).collect() })
            }
            _ => None,
        };
        if let Some(block) = made {
            self.alias[new] = old;
            self.units[old].block = Some(block);
            return;
        }
        let fragments: Vec<&str> = [old, new].into_iter().map(|unit| self.composition.fragments[self.units[unit].fragment].id()).collect();
        let shared: Vec<&str> = leaves(&a).into_iter().filter(|id| leaves(&b).contains(id)).collect();
        let message = format!("`{}` stands in a block of `{}` and in another of `{}`", shared.join("`, `"), fragments[0], fragments[1]);
        self.fault("compose.blocks", "", message, "drop one of the blocks, or take the equivalence back");
        self.alias[new] = old;
    }

    /// Steps that a flow puts one after the other stand in one block of another fragment.
    fn within(&mut self, unit: usize, earlier: &[usize], later: &[usize], fragment: &str) {
        let Some(block) = self.units[self.find(unit)].block.clone() else { return };
        for (&a, &b) in earlier.iter().flat_map(|a| later.iter().map(move |b| (a, b))).filter(|(a, b)| a != b) {
            let (one, other) = (self.groups[a].id.clone(), self.groups[b].id.clone());
            match ordered(&block, &one, &other) {
                Some(true) => {}
                Some(false) => {
                    let message = format!(
                        "the orders contradict each other: `{one}` comes before `{other}` by the flow of `{fragment}`, and after it in a block of another fragment"
                    );
                    self.fault("compose.contradicting_order", "", message, "take one of the equivalences back, or drop a step");
                }
                None => self.hints.push((other, About::OrderLost { first: one, fragment: fragment.to_owned() })),
            }
        }
    }

    fn unit_of(&self, group: usize) -> Option<usize> {
        let id = self.groups[group].id.as_str();
        (0..self.units.len()).find(|&unit| self.alias[unit] == unit && self.units[unit].block.as_ref().is_some_and(|block| leaves(block).contains(&id)))
    }

    fn units_of(&self, members: &[usize]) -> Vec<usize> {
        let of = |&member: &usize| if self.dropped[member] { None } else { self.unit_of(self.group_of[member]) };
        members.iter().filter_map(of).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// What the rules say of places.
    fn place(&mut self) {
        for (i, rule) in self.composition.rules.place.iter().enumerate() {
            let place = format!("place[{i}]");
            let Some(put) = self.named(&rule.put) else {
                self.unknown(&format!("{place}.put"), &rule.put);
                continue;
            };
            let name = rule.target.name();
            let stage: Vec<usize> =
                (0..self.members.len()).filter(|&m| !self.dropped[m] && self.groups[self.group_of[m]].stage.as_deref() == Some(name)).collect();
            let (target, is_stage) = match self.named(name) {
                Some(target) => (target, false),
                None if !stage.is_empty() || self.composition.rules.stages.iter().any(|known| known == name) => (stage, true),
                None => {
                    self.unknown(&place, name);
                    continue;
                }
            };
            match &rule.target {
                Target::Inside(stage) if is_stage => {
                    for &member in put.iter().filter(|&&member| !self.dropped[member]) {
                        self.groups[self.group_of[member]].stage = Some(stage.clone());
                    }
                }
                Target::Inside(step) => self.fill(i, &put, step),
                before_or_after => {
                    let (put, target) = (self.units_of(&put), self.units_of(&target));
                    let after = matches!(before_or_after, Target::After(_));
                    let pairs = put.iter().flat_map(|&p| target.iter().map(move |&t| if after { (t, p) } else { (p, t) }));
                    let pairs: Vec<(usize, usize)> = pairs.filter(|(a, b)| a != b).collect();
                    if pairs.is_empty() && !put.is_empty() && !target.is_empty() {
                        let message = format!("`{}` and `{name}` are one step, or stand in one block: neither comes before the other", rule.put);
                        self.fault("compose.contradicting_order", &place, message, "remove the rule");
                    }
                    self.hard.extend(pairs.into_iter().map(|(a, b)| (a, b, Why::Rule(i))));
                }
            }
        }
    }

    /// Puts parts in the place of a step that stands alone.
    fn fill(&mut self, rule: usize, put: &[usize], step: &str) {
        let place = &format!("place[{rule}]");
        let Some(&member) = self.names.get(step).filter(|&&member| !self.dropped[member]) else {
            return self.fault(
                "compose.unknown",
                place,
                format!("`{step}` is no step that could be filled"),
                "name a step, such as `pipeline.discovery`, or a stage",
            );
        };
        let group = self.group_of[member];
        let Some(unit) = self.unit_of(group).filter(|&unit| matches!(self.units[unit].block, Some(Block::Step(_))) || self.groups[group].filled) else {
            return self.fault("compose.blocks", place, format!("`{step}` stands in a block"), "name a step that stands alone");
        };
        let inner: Vec<usize> = self.units_of(put).into_iter().filter(|&inner| inner != unit).collect();
        let stage = self.groups[group].stage.clone();
        // What comes before the step comes before its beginning, what is in it comes between, and what comes after it, after.
        let beginning = self.beginnings.get(&unit).copied().unwrap_or_else(|| {
            self.units.push(Unit { fragment: self.units[unit].fragment, number: self.units[unit].number, block: None });
            self.alias.push(self.units.len() - 1);
            self.units.len() - 1
        });
        self.beginnings.insert(unit, beginning);
        self.hard.extend(inner.iter().flat_map(|&inner| [(beginning, inner, Why::Rule(rule)), (inner, unit, Why::Filled(rule))]));
        if let Some(stage) = stage {
            for &member in put.iter().filter(|&&member| !self.dropped[member]) {
                self.groups[self.group_of[member]].stage = Some(stage.clone());
            }
        }
        self.groups[group].filled = true;
    }

    fn needs_of(&self, groups: &[usize]) -> Vec<String> {
        let steps = groups.iter().flat_map(|&group| &self.groups[group].members).map(|&i| self.members[i].step);
        steps.flat_map(|step| &step.needs).cloned().collect::<IndexSet<_>>().into_iter().collect()
    }

    fn gives_of(&self, groups: &[usize]) -> Vec<String> {
        let steps = groups.iter().flat_map(|&group| &self.groups[group].members).map(|&i| self.members[i].step);
        steps.flat_map(|step| &step.gives).cloned().collect::<IndexSet<_>>().into_iter().collect()
    }

    fn stage_of(&self, unit: usize) -> Option<&str> {
        let of = self.beginnings.iter().find(|(_, beginning)| **beginning == unit).map_or(unit, |(of, _)| *of);
        let block = self.units[of].block.as_ref()?;
        leaves(block).into_iter().find_map(|id| self.groups[self.group_named(id)].stage.as_deref())
    }

    /// The unit that what comes before another comes before.
    fn enters(&self, unit: usize, why: &Why) -> usize {
        let unit = self.find(unit);
        if matches!(why, Why::Filled(_)) { unit } else { self.beginnings.get(&unit).copied().unwrap_or(unit) }
    }

    fn roots(&self) -> Vec<usize> {
        (0..self.units.len()).filter(|&unit| self.alias[unit] == unit).collect()
    }

    /// Stages that follow each other strictly.
    fn stages(&mut self) {
        let stages = &self.composition.rules.stages;
        let of = |stage: &String| self.roots().into_iter().filter(|&unit| self.stage_of(unit) == Some(stage)).collect::<Vec<_>>();
        let levels: Vec<Vec<usize>> = stages.iter().map(of).filter(|units| !units.is_empty()).collect();
        for pair in levels.windows(2) {
            self.hard.extend(pair[0].iter().flat_map(|&a| pair[1].iter().map(move |&b| (a, b, Why::Stages))));
        }
    }

    /// The parts in their order.
    fn arrange(&mut self) -> Done<Vec<usize>> {
        let stages: IndexSet<&str> = if self.composition.rules.stages.is_empty() {
            self.composition.fragments.iter().flat_map(|fragment| &fragment.stages).map(String::as_str).collect()
        } else {
            self.composition.rules.stages.iter().map(String::as_str).collect()
        };
        let roots = self.roots();
        let number: IndexMap<usize, usize> = roots.iter().enumerate().map(|(i, &unit)| (unit, i)).collect();
        let mut parts: Vec<Part> = Vec::with_capacity(roots.len());
        for &unit in &roots {
            let of = self.beginnings.iter().find(|(_, beginning)| **beginning == unit).map(|(of, _)| *of);
            let groups = self.units[of.unwrap_or(unit)].block.as_ref().map(|block| self.groups_in(block)).unwrap_or_default();
            let (needs, gives) = (self.needs_of(&groups), if of.is_some() { Vec::new() } else { self.gives_of(&groups) });
            let stage = self.stage_of(unit).and_then(|stage| stages.get_index_of(stage)).unwrap_or(usize::MAX);
            let names: Vec<&str> = groups.iter().map(|&group| self.members[self.groups[group].members[0]].name.as_str()).collect();
            parts.push(Part { name: names.join(", "), needs, gives, rank: (stage, self.units[unit].fragment, self.units[unit].number) });
        }
        let mut given: IndexSet<String> = self.composition.rules.given.iter().cloned().collect();
        let somewhere: IndexSet<String> = parts.iter().flat_map(|part| part.gives.clone()).collect();
        for (part, &unit) in parts.iter().zip(&roots) {
            for need in &part.needs {
                if !somewhere.contains(need) && given.insert(need.clone()) {
                    let step = self.units[unit].block.as_ref().and_then(|block| leaves(block).first().map(|id| (*id).to_owned())).unwrap_or_default();
                    self.hints.push((step, About::NotGiven { need: need.clone() }));
                }
            }
        }
        for part in &mut parts {
            part.needs.retain(|need| !given.contains(need));
        }
        let hard: Vec<(usize, usize, Why)> =
            (self.hard.iter()).map(|(a, b, why)| (number[&self.find(*a)], number[&self.enters(*b, why)], why.clone())).filter(|(a, b, _)| a != b).collect();
        let placed = order(&parts, &hard).map_err(Some)?;
        Ok(placed.into_iter().map(|i| roots[i]).collect())
    }

    fn build(&mut self, name: &str, order: &[usize]) -> Done<Composed> {
        let filled: Vec<&str> = self.groups.iter().filter(|group| group.filled).map(|group| group.id.as_str()).collect();
        let blocks: Vec<Block> = order
            .iter()
            .filter_map(|&unit| self.units[unit].block.clone())
            .filter(|block| !matches!(block, Block::Step(id) if filled.contains(&id.as_str())))
            .collect();
        let mut groups: IndexSet<usize> = blocks.iter().flat_map(|block| self.groups_in(block)).collect();
        groups.extend((0..self.groups.len()).filter(|&group| !self.groups[group].filled));
        let mut steps: IndexMap<String, Step> = IndexMap::with_capacity(groups.len());
        let mut sources = Vec::with_capacity(groups.len());
        for &group in &groups {
            let id = self.groups[group].id.clone();
            steps.insert(id.clone(), self.merged(group));
            let of = self.groups[group].members.iter().map(|&i| SourceStep { fragment: self.fragment(i).to_owned(), step: self.members[i].id.to_owned() });
            sources.push(Source { step: id, of: of.collect() });
        }
        self.stop()?;
        let file =
            SopFile { format: "goldpath/1", name: name.to_owned(), version: None, steps, body: Flow::Flow(blocks), anytime: Vec::new(), accepted: Vec::new() };
        let value = serde_json::to_value(&file).map_err(|error| Some(Fault::new("compose.empty", error.to_string())))?;
        let sop = Sop::from_value(value).map_err(|error| {
            self.faults.extend(error.faults().iter().cloned().map(|fault| Fault { source: Some("the SOP that would come out".to_owned()), ..fault }));
            None
        })?;
        let said = self.hints.drain(..).map(|(step, about)| Hint::at(&sop, "", &format!("steps.{step}"), Some(&step), about));
        let mut hints: Vec<Hint> = said.collect();
        hints.extend(sop.lint());
        Ok(Composed { sop, sources, hints })
    }

    /// What the SOP says of a step that is made of several: titles of the first, guidance and standards of all.
    fn merged(&mut self, group: usize) -> Step {
        let members: Vec<usize> = self.groups[group].members.clone();
        let mut made = self.members[members[0]].step.step.clone();
        made.stage.clone_from(&self.groups[group].stage);
        made.standards.clear();
        for &i in &members {
            let step = &self.members[i].step.step;
            made.title = made.title.or_else(|| step.title.clone());
            made.cost.extra = made.cost.extra.max(step.cost.extra);
            made.cost.skipped = made.cost.skipped.max(step.cost.skipped);
            made.unplanned &= step.unplanned;
            if let Some(more) = step.guidance.as_ref().filter(|_| i != members[0]) {
                let guidance = made.guidance.get_or_insert_default();
                if !guidance.contains(more.as_str()) {
                    *guidance = if guidance.is_empty() { more.clone() } else { format!("{guidance}\n{more}") };
                }
            }
            for standard in &step.standards {
                let mut standard = standard.clone();
                if let Measure::After(after) = &mut standard.measure {
                    let from = self.names[&format!("{}.{}", self.fragment(i), after.step)];
                    let to = &self.groups[self.group_of[from]];
                    if self.dropped[from] || to.filled {
                        let message = format!("a standard of `{}` counts from `{}`, which is left out", self.members[i].name, self.members[from].name);
                        let fault = Fault::new("compose.unknown", message).help("keep that step, or change the standard in the fragment");
                        self.faults.push(fault);
                        continue;
                    }
                    after.step.clone_from(&to.id);
                }
                if made.standards.contains(&standard) {
                    continue;
                }
                while standard.title.is_some() && made.standards.iter().any(|other| other.title == standard.title) {
                    let fragment = self.fragment(i).to_owned();
                    standard.title = standard.title.map(|title| format!("{title} ({fragment})"));
                }
                made.standards.push(standard);
            }
        }
        made
    }
}

/// A circle of links, if there is one: each is the next, the last is the first again.
fn circle(links: &[Vec<usize>]) -> Option<Vec<usize>> {
    let mut done = vec![false; links.len()];
    for start in 0..links.len() {
        let mut way = vec![(start, 0)];
        while let Some(&mut (at, ref mut next)) = way.last_mut() {
            let Some(&to) = links[at].get(*next).filter(|_| !done[at]) else {
                done[at] = true;
                way.pop();
                continue;
            };
            *next += 1;
            if let Some(from) = way.iter().position(|(seen, _)| *seen == to) {
                return Some(way[from..].iter().map(|(node, _)| *node).chain([to]).collect());
            }
            if !done[to] {
                way.push((to, 0));
            }
        }
    }
    None
}

/// The members of a sequence each by itself.
fn flatten<'a>(block: &'a Block, parts: &mut Vec<&'a Block>) {
    if let Block::Sequence(members) = block {
        members.iter().for_each(|member| flatten(member, parts));
    } else {
        parts.push(block);
    }
}

fn leaves(block: &Block) -> Vec<&str> {
    let (mut found, mut open) = (Vec::new(), vec![block]);
    while let Some(block) = open.pop() {
        if let Block::Step(id) = block {
            found.push(id.as_str());
        }
        open.extend(block.members().iter().rev());
    }
    found
}

/// Whether one step comes before another in a block; nothing where either order is fine.
fn ordered(block: &Block, one: &str, other: &str) -> Option<bool> {
    let place = |id: &str| block.members().iter().position(|member| leaves(member).contains(&id));
    let (a, b) = (place(one)?, place(other)?);
    if a == b {
        return ordered(&block.members()[a], one, other);
    }
    (!matches!(block, Block::AnyOrder { .. } | Block::OneOf { .. })).then_some(a < b)
}
