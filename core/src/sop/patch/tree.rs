//! A flow of blocks in which parts keep their identity while they are moved, and every part can say its place.

use super::edit::{Around, At, Where};
use crate::error::Fault;
use crate::sop::{Block, limits};

/// Number of the node that holds the flow.
pub(super) const ROOT: usize = 0;
/// Most nodes of a flow while it is edited, and deepest nesting: what the edits end in has to keep the limits of an SOP.
const NODES: usize = 16 * limits::NODES;
const DEPTH: usize = 4 * limits::DEPTH;

/// A step, or a block with members.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Says {
    Step(String),
    Block(Around),
}

#[derive(Debug, Clone)]
struct Node {
    says: Says,
    parent: usize,
    members: Vec<usize>,
}

/// The flow. Nodes taken out stay in the arena; they are reached from nowhere.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    nodes: Vec<Node>,
}

impl Around {
    /// The key of its members in a place, nothing for a sequence.
    fn key(&self) -> &'static str {
        match self {
            Self::Sequence => "",
            Self::AnyOrder => "any_order",
            Self::Optional => "optional",
            Self::OneOf => "one_of",
            Self::Repeat { .. } => "repeat",
            Self::When(_) => "then",
        }
    }

    /// Whether its members come one after the other.
    fn ordered(&self) -> bool {
        !matches!(self, Self::AnyOrder | Self::OneOf)
    }

    /// What a block is around its members.
    pub(super) fn of(block: &Block) -> Self {
        match block {
            Block::Step(_) | Block::Sequence(_) => Self::Sequence,
            Block::AnyOrder { .. } => Self::AnyOrder,
            Block::Optional { .. } => Self::Optional,
            Block::OneOf { .. } => Self::OneOf,
            Block::Repeat { at_least, at_most, .. } => Self::Repeat { at_least: *at_least, at_most: *at_most },
            Block::When { when, .. } => Self::When(when.clone()),
        }
    }

    fn block(&self, members: Vec<Block>) -> Block {
        match self.clone() {
            Self::Sequence => Block::Sequence(members),
            Self::AnyOrder => Block::AnyOrder { any_order: members },
            Self::Optional => Block::Optional { optional: members },
            Self::OneOf => Block::OneOf { one_of: members },
            Self::Repeat { at_least, at_most } => Block::Repeat { repeat: members, at_least, at_most },
            Self::When(when) => Block::When { when, then: members },
        }
    }
}

impl Tree {
    pub(super) fn new(blocks: &[Block]) -> Self {
        let mut tree = Self { nodes: vec![Node { says: Says::Block(Around::Sequence), parent: ROOT, members: Vec::new() }] };
        for block in blocks {
            let node = tree.add(block);
            tree.attach(ROOT, tree.members(ROOT).len(), node);
        }
        tree
    }

    pub(super) fn says(&self, node: usize) -> &Says {
        &self.nodes[node].says
    }

    pub(super) fn step(&self, node: usize) -> Option<&str> {
        if let Says::Step(id) = &self.nodes[node].says { Some(id) } else { None }
    }

    pub(super) fn around(&self, node: usize) -> Option<&Around> {
        if let Says::Block(around) = &self.nodes[node].says { Some(around) } else { None }
    }

    pub(super) fn members(&self, node: usize) -> &[usize] {
        &self.nodes[node].members
    }

    pub(super) fn parent(&self, node: usize) -> usize {
        self.nodes[node].parent
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether the members of a block come one after the other.
    pub(super) fn ordered(&self, node: usize) -> bool {
        self.around(node).is_some_and(Around::ordered)
    }

    pub(super) fn index(&self, node: usize) -> usize {
        self.members(self.parent(node)).iter().position(|&member| member == node).unwrap_or_default()
    }

    /// All nodes under one, itself first, in the order of the file.
    pub(super) fn under(&self, node: usize) -> Vec<usize> {
        let (mut found, mut open) = (Vec::new(), vec![node]);
        while let Some(node) = open.pop() {
            found.push(node);
            open.extend(self.members(node).iter().rev());
        }
        found
    }

    /// The nodes of steps, in the order of the file.
    pub(super) fn steps(&self) -> Vec<usize> {
        self.under(ROOT).into_iter().filter(|&node| self.step(node).is_some()).collect()
    }

    pub(super) fn inside(&self, mut node: usize, outer: usize) -> bool {
        while node != ROOT && node != outer {
            node = self.parent(node);
        }
        node == outer
    }

    /// The place of a node, as the library names places.
    pub(super) fn place(&self, node: usize) -> String {
        if node == ROOT { "flow".to_owned() } else { format!("{}[{}]", self.list(self.parent(node)), self.index(node)) }
    }

    /// The place of the members of a block.
    pub(super) fn list(&self, node: usize) -> String {
        let place = self.place(node);
        match self.around(node).map_or("", Around::key) {
            "" => place,
            key => format!("{place}.{key}"),
        }
    }

    /// Writes a block into the arena; it stands nowhere yet.
    pub(super) fn add(&mut self, block: &Block) -> usize {
        let says = if let Block::Step(id) = block { Says::Step(id.clone()) } else { Says::Block(Around::of(block)) };
        let node = self.push(says);
        for member in block.members() {
            let member = self.add(member);
            self.attach(node, self.members(node).len(), member);
        }
        node
    }

    pub(super) fn push(&mut self, says: Says) -> usize {
        self.nodes.push(Node { says, parent: ROOT, members: Vec::new() });
        self.nodes.len() - 1
    }

    pub(super) fn attach(&mut self, parent: usize, index: usize, node: usize) {
        self.nodes[node].parent = parent;
        self.nodes[parent].members.insert(index, node);
    }

    pub(super) fn detach(&mut self, node: usize) -> (usize, usize) {
        let (parent, index) = (self.parent(node), self.index(node));
        self.nodes[parent].members.remove(index);
        (parent, index)
    }

    pub(super) fn set(&mut self, node: usize, around: Around) {
        self.nodes[node].says = Says::Block(around);
    }

    /// Puts a block around members `first` to `last` of a list.
    pub(super) fn wrap(&mut self, parent: usize, first: usize, last: usize, around: Around) -> usize {
        let block = self.push(Says::Block(around));
        let members: Vec<usize> = self.nodes[parent].members.splice(first..=last, [block]).collect();
        for &member in &members {
            self.nodes[member].parent = block;
        }
        self.nodes[block].members = members;
        self.nodes[block].parent = parent;
        block
    }

    /// Leaves the members of a block where it stood.
    pub(super) fn unwrap(&mut self, node: usize) {
        let (parent, index) = self.detach(node);
        let members = std::mem::take(&mut self.nodes[node].members);
        for &member in &members {
            self.nodes[member].parent = parent;
        }
        self.nodes[parent].members.splice(index..index, members);
    }

    /// The block that a node is, blocks without members left out; nothing if it has none itself.
    pub(super) fn block(&self, node: usize) -> Option<Block> {
        match self.says(node) {
            Says::Step(id) => Some(Block::Step(id.clone())),
            Says::Block(around) => {
                let members: Vec<Block> = self.members(node).iter().filter_map(|&member| self.block(member)).collect();
                (!members.is_empty()).then(|| around.block(members))
            }
        }
    }

    /// The flow, blocks without members left out.
    pub(super) fn blocks(&self) -> Vec<Block> {
        self.members(ROOT).iter().filter_map(|&member| self.block(member)).collect()
    }

    /// Whether a part under a block keeps within what is followed while edits are made.
    pub(super) fn check_size(&self, parent: usize, node: usize) -> Result<(), Fault> {
        let mut depth = 1;
        let mut at = parent;
        while at != ROOT {
            depth += 1;
            at = self.parent(at);
        }
        let (mut deepest, mut open) = (0, vec![(node, 1)]);
        while let Some((node, down)) = open.pop() {
            deepest = deepest.max(down);
            open.extend(self.members(node).iter().map(|&member| (member, down + 1)));
        }
        if depth + deepest > DEPTH || self.nodes.len() > NODES {
            let message = format!("the flow grows beyond {NODES} parts or {DEPTH} levels while it is edited");
            return Err(Fault::new("patch.too_large", message).help("make smaller patches, and apply one after the other"));
        }
        Ok(())
    }

    /// The node that an edit is about.
    pub(super) fn find(&self, at: &At) -> Result<usize, Fault> {
        match at {
            At::Step(id) => self.only(id),
            At::Place { place, step } => {
                let node = self.at_place(place)?;
                let there = self.step(node);
                match step {
                    Some(step) if there != Some(step) => {
                        let there = there.map_or_else(|| "a block".to_owned(), |there| format!("step `{there}`"));
                        let message = format!("{place} is {there}, not step `{step}`");
                        Err(Fault::new("patch.other_content", message).help(self.where_is(step)))
                    }
                    _ => Ok(node),
                }
            }
        }
    }

    /// The only place of a step.
    fn only(&self, id: &str) -> Result<usize, Fault> {
        let found: Vec<usize> = self.steps().into_iter().filter(|&node| self.step(node) == Some(id)).collect();
        match found[..] {
            [node] => Ok(node),
            [] => Err(Fault::new("patch.not_in_flow", format!("step `{id}` does not stand in the flow")).help("insert it first, or mend the name")),
            _ => {
                let places: Vec<String> = found.iter().take(8).map(|&node| self.place(node)).collect();
                let message = format!("step `{id}` stands at {} places", found.len());
                Err(Fault::new("patch.several_places", message).help(format!("name the place: {}", places.join(", "))))
            }
        }
    }

    fn where_is(&self, step: &str) -> String {
        let places: Vec<String> = self.steps().into_iter().filter(|&node| self.step(node) == Some(step)).take(8).map(|node| self.place(node)).collect();
        if places.is_empty() { format!("step `{step}` does not stand in the flow") } else { format!("step `{step}` stands at {}", places.join(", ")) }
    }

    fn at_place(&self, place: &str) -> Result<usize, Fault> {
        let (parent, index) = self.list_place(place)?;
        self.members(parent).get(index).copied().ok_or_else(|| {
            let (list, n) = (self.list(parent), self.members(parent).len());
            Fault::new("patch.no_place", format!("there is no {place}: {list} has {n} members"))
                .help("places are counted from 0, in the SOP as earlier edits left it")
        })
    }

    /// The block whose list a place is in, and its number there; there need not be a member of that number.
    fn list_place(&self, place: &str) -> Result<(usize, usize), Fault> {
        let wrong = |why: String| Fault::new("patch.no_place", why).help("a place is written as the library names it, such as `flow[2].any_order[0]`");
        let mut rest = place.strip_prefix("flow").ok_or_else(|| wrong(format!("`{}` is no place of the flow", crate::text::cut(place, 80))))?;
        let mut node = ROOT;
        loop {
            let key = self.around(node).map_or("", Around::key);
            if !key.is_empty() || self.step(node).is_some() {
                let inner = rest.strip_prefix('.').and_then(|rest| rest.strip_prefix(key)).filter(|_| !key.is_empty());
                rest = inner.ok_or_else(|| {
                    wrong(format!(
                        "there is no {place}: {} {}",
                        self.place(node),
                        if key.is_empty() { "is a step".to_owned() } else { format!("holds its members as `.{key}`") }
                    ))
                })?;
            }
            let (number, after) = rest
                .strip_prefix('[')
                .and_then(|rest| rest.split_once(']'))
                .and_then(|(number, after)| Some((number.parse::<usize>().ok()?, after)))
                .ok_or_else(|| wrong(format!("`{}` is no place of the flow", crate::text::cut(place, 80))))?;
            if after.is_empty() {
                return Ok((node, number));
            }
            node = *self.members(node).get(number).ok_or_else(|| {
                let (list, n) = (self.list(node), self.members(node).len());
                Fault::new("patch.no_place", format!("there is no {place}: {list} has {n} members"))
                    .help("places are counted from 0, in the SOP as earlier edits left it")
            })?;
            rest = after;
        }
    }

    /// Puts a node that stands nowhere where an edit says. An anchor was found before, as the flow stood then.
    pub(super) fn put(&mut self, node: usize, to: &Where, anchor: Option<usize>) -> Result<(), Fault> {
        let (parent, index) = match (to, anchor) {
            (Where::At(place), _) => {
                let (parent, index) = self.list_place(place)?;
                let n = self.members(parent).len();
                if index > n {
                    let message = format!("there is no {place} to put it at: {} has {n} members", self.list(parent));
                    return Err(Fault::new("patch.no_place", message).help("one behind the last is the end of the list"));
                }
                (parent, index)
            }
            (to, Some(anchor)) => {
                let behind = usize::from(matches!(to, Where::After(_)));
                let parent = self.parent(anchor);
                if self.ordered(parent) {
                    (parent, self.index(anchor) + behind)
                } else {
                    let at = self.index(anchor);
                    (self.wrap(parent, at, at, Around::Sequence), behind)
                }
            }
            (Where::After(at) | Where::Before(at), None) => return self.find(at).map(|_| ()),
        };
        self.check_size(parent, node)?;
        self.attach(parent, index, node);
        Ok(())
    }

    /// The anchor of a place to put something.
    pub(super) fn anchor(&self, to: &Where) -> Result<Option<usize>, Fault> {
        match to {
            Where::After(at) | Where::Before(at) => self.find(at).map(Some),
            Where::At(_) => Ok(None),
        }
    }
}
