//! Where the elements of a process stand: blocks from left to right, branches below each other, loops under what they
//! lead back around.

use super::super::super::Sop;
use super::super::super::model::{Block, Condition, EdgeList, Flow};

/// Width and height of a task, of a gateway, of an event; space between neighbours and between lanes.
const TASK: (f64, f64) = (110.0, 80.0);
const GATE: (f64, f64) = (50.0, 50.0);
const EVENT: (f64, f64) = (36.0, 36.0);
const GAP: f64 = 50.0;
const LANE: f64 = 24.0;
/// Height of a line that leads around or back.
const WAY: f64 = 30.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Start,
    End,
    /// A step, by its number.
    Task(usize),
    Exclusive,
    Parallel,
}

/// What the writer notes of a block at its first gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    AnyOrder,
    OneOf,
    Optional,
    When,
    Repeat(u32, Option<u32>),
}

#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) mark: Option<Mark>,
    /// Sequences written as lists of their own that begin before this element and end behind it.
    pub(super) open: u32,
    pub(super) close: u32,
    /// Centre and size.
    pub(super) at: (f64, f64),
    pub(super) size: (f64, f64),
}

#[derive(Debug, Clone)]
pub(super) struct Arrow {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) when: Option<Condition>,
    /// Taken where no condition holds.
    pub(super) default: bool,
    pub(super) points: Vec<(f64, f64)>,
}

/// The process as it is drawn: elements and flows in the order they are written.
#[derive(Debug, Default)]
pub(super) struct Drawing {
    pub(super) nodes: Vec<Node>,
    pub(super) arrows: Vec<Arrow>,
    open: u32,
}

/// Where the next flow begins, and its condition.
#[derive(Clone)]
struct Tail {
    node: usize,
    when: Option<Condition>,
}

impl From<usize> for Tail {
    fn from(node: usize) -> Self {
        Self { node, when: None }
    }
}

/// How far a part reaches: its width, and above and below the line it hangs on.
#[derive(Clone, Copy, Default)]
struct Size {
    w: f64,
    up: f64,
    down: f64,
}

pub(super) fn draw(sop: &Sop) -> Drawing {
    let mut drawing = Drawing::default();
    match sop.flow() {
        Flow::Flow(blocks) => {
            let start = drawing.node(Kind::Start, EVENT, 0.0, 0.0);
            let (tail, end) = drawing.chain(sop, start.into(), blocks, EVENT.0 + GAP, 0.0);
            let last = drawing.node(Kind::End, EVENT, end + GAP, 0.0);
            drawing.connect(tail, last);
        }
        Flow::Graph(list) => drawing.graph(sop, list),
    }
    drawing.shift();
    drawing
}

fn size(block: &Block) -> Size {
    let inside = |inner: Size| Size { w: inner.w + 2.0 * (GATE.0 + GAP), up: inner.up.max(GATE.1 / 2.0), down: inner.down.max(GATE.1 / 2.0) };
    match block {
        Block::Step(_) => Size { w: TASK.0, up: TASK.1 / 2.0, down: TASK.1 / 2.0 },
        Block::Sequence(members) => row(members),
        Block::AnyOrder { any_order: members } | Block::OneOf { one_of: members } => {
            let all: Vec<Size> = members.iter().map(size).collect();
            let tall: f64 = all.iter().map(|s| s.up + s.down + LANE).sum::<f64>() - LANE;
            let up = all.first().map_or(0.0, |s| s.up);
            inside(Size { w: all.iter().map(|s| s.w).fold(0.0, f64::max), up, down: tall - up })
        }
        Block::Optional { optional: members } | Block::When { then: members, .. } => {
            let inner = inside(row(members));
            Size { down: inner.down + WAY, ..inner }
        }
        Block::Repeat { repeat, at_least, .. } => {
            let inner = row(repeat);
            let around = inside(inner);
            if *at_least == 0 {
                Size { up: GATE.1 / 2.0, down: GATE.1 / 2.0 + LANE + inner.up + inner.down, ..around }
            } else {
                Size { down: around.down + WAY, ..around }
            }
        }
    }
}

fn row(blocks: &[Block]) -> Size {
    blocks.iter().map(size).enumerate().fold(Size::default(), |a, (i, b)| Size {
        w: a.w + b.w + if i > 0 { GAP } else { 0.0 },
        up: a.up.max(b.up),
        down: a.down.max(b.down),
    })
}

impl Drawing {
    /// Adds an element whose left side is at `x`.
    fn node(&mut self, kind: Kind, size: (f64, f64), x: f64, y: f64) -> usize {
        let open = if matches!(kind, Kind::Task(_)) { std::mem::take(&mut self.open) } else { 0 };
        self.nodes.push(Node { kind, mark: None, open, close: 0, at: (x + size.0 / 2.0, y), size });
        self.nodes.len() - 1
    }

    /// Adds the first gateway of a block, which carries what is noted of the block.
    fn first(&mut self, kind: Kind, mark: Mark, x: f64, y: f64) -> usize {
        let node = self.node(kind, GATE, x, y);
        self.nodes[node].mark = Some(mark);
        self.nodes[node].open = std::mem::take(&mut self.open);
        node
    }

    fn arrow(&mut self, from: impl Into<Tail>, to: usize, points: Vec<(f64, f64)>) -> usize {
        let Tail { node, when } = from.into();
        self.arrows.push(Arrow { from: node, to, when, default: false, points });
        self.arrows.len() - 1
    }

    fn connect(&mut self, from: impl Into<Tail>, to: usize) {
        let from = from.into();
        let (a, b) = (&self.nodes[from.node], &self.nodes[to]);
        let (right, left) = ((a.at.0 + a.size.0 / 2.0, a.at.1), (b.at.0 - b.size.0 / 2.0, b.at.1));
        let side = |node: &Node, other: f64| node.at.1 + node.size.1 / 2.0 * if other > node.at.1 { 1.0 } else { -1.0 };
        let gate = |node: &Node| matches!(node.kind, Kind::Exclusive | Kind::Parallel);
        let points = if right.1 == left.1 {
            vec![right, left]
        } else if gate(a) {
            vec![(a.at.0, side(a, left.1)), (a.at.0, left.1), left]
        } else if gate(b) {
            vec![right, (b.at.0, right.1), (b.at.0, side(b, right.1))]
        } else {
            vec![right, left]
        };
        self.arrow(from, to, points);
    }

    /// Connects two gateways by a line that runs at a height of its own, under both.
    fn around(&mut self, from: usize, to: usize, height: f64) -> usize {
        let (a, b) = (&self.nodes[from], &self.nodes[to]);
        let low = |node: &Node| (node.at.0, node.at.1 + node.size.1 / 2.0);
        let points = vec![low(a), (a.at.0, height), (b.at.0, height), low(b)];
        self.arrow(from, to, points)
    }

    /// Draws blocks one after the other; gives where the next flow begins and where they end.
    fn chain(&mut self, sop: &Sop, mut tail: Tail, blocks: &[Block], mut x: f64, y: f64) -> (Tail, f64) {
        for (i, block) in blocks.iter().enumerate() {
            if i > 0 {
                x += GAP;
            }
            (tail, _) = self.block(sop, tail, block, x, y);
            x += size(block).w;
        }
        (tail, x)
    }

    /// A branch: a list of several members needs no brackets, since branches end at their gateways.
    fn branch(&mut self, sop: &Sop, tail: Tail, block: &Block, x: f64, y: f64) -> Tail {
        match block {
            Block::Sequence(members) if members.len() > 1 => self.chain(sop, tail, members, x, y).0,
            _ => self.block(sop, tail, block, x, y).0,
        }
    }

    /// Draws a block; gives where the next flow begins, and the element that carries what is noted of the block.
    fn block(&mut self, sop: &Sop, tail: Tail, block: &Block, x: f64, y: f64) -> (Tail, usize) {
        let size = size(block);
        let (inside, last) = (x + GATE.0 + GAP, x + size.w - GATE.0);
        match block {
            Block::Step(id) => {
                let task = self.node(Kind::Task(sop.steps().get_index_of(id).unwrap_or_default()), TASK, x, y);
                self.connect(tail, task);
                (task.into(), task)
            }
            Block::Sequence(members) => {
                self.open += 1;
                let (mut tail, mut x, mut carrier) = (tail, x, 0);
                for member in members {
                    (tail, carrier) = self.block(sop, tail, member, x, y);
                    x += self::size(member).w + GAP;
                }
                self.nodes[carrier].close += 1;
                (tail, carrier)
            }
            Block::AnyOrder { any_order: members } | Block::OneOf { one_of: members } => {
                let (kind, mark) = if matches!(block, Block::OneOf { .. }) { (Kind::Exclusive, Mark::OneOf) } else { (Kind::Parallel, Mark::AnyOrder) };
                let split = self.first(kind, mark, x, y);
                self.connect(tail, split);
                let (mut lane, mut ends, mut before) = (y, Vec::new(), None);
                for member in members {
                    let size = self::size(member);
                    lane += before.map_or(0.0, |down: f64| down + LANE + size.up);
                    ends.push(match member {
                        Block::When { when, then } if kind == Kind::Exclusive => {
                            self.chain(sop, Tail { node: split, when: Some(when.clone()) }, then, inside, lane).0
                        }
                        _ => self.branch(sop, split.into(), member, inside, lane),
                    });
                    before = Some(size.down);
                }
                let join = self.node(kind, GATE, last, y);
                for end in ends {
                    self.connect(end, join);
                }
                (join.into(), split)
            }
            Block::Optional { optional: members } | Block::When { then: members, .. } => {
                let when = if let Block::When { when, .. } = block { Some(when.clone()) } else { None };
                let split = self.first(Kind::Exclusive, if when.is_some() { Mark::When } else { Mark::Optional }, x, y);
                self.connect(tail, split);
                let (tail, _) = self.chain(sop, Tail { node: split, when: when.clone() }, members, inside, y);
                let join = self.node(Kind::Exclusive, GATE, last, y);
                self.connect(tail, join);
                let bypass = self.around(split, join, y + size.down - 5.0);
                self.arrows[bypass].default = when.is_some();
                (join.into(), split)
            }
            Block::Repeat { repeat, at_least, at_most } => {
                let enter = self.first(Kind::Exclusive, Mark::Repeat(*at_least, *at_most), x, y);
                self.connect(tail, enter);
                if *at_least > 0 {
                    let (tail, _) = self.chain(sop, enter.into(), repeat, inside, y);
                    let leave = self.node(Kind::Exclusive, GATE, last, y);
                    self.connect(tail, leave);
                    self.around(leave, enter, y + size.down - 5.0);
                    return (leave.into(), enter);
                }
                let leave = self.node(Kind::Exclusive, GATE, last, y);
                self.connect(enter, leave);
                // The body leads back, so it is drawn from left to right and then turned around.
                let (nodes, arrows) = (self.nodes.len(), self.arrows.len());
                let (middle, low) = (x + size.w / 2.0, y + GATE.1 / 2.0 + LANE + row(repeat).up);
                let turn = |at: &mut (f64, f64)| at.0 = 2.0 * middle - at.0;
                turn(&mut self.nodes[enter].at);
                turn(&mut self.nodes[leave].at);
                let (tail, _) = self.chain(sop, leave.into(), repeat, inside, low);
                self.connect(tail, enter);
                self.nodes[nodes..].iter_mut().for_each(|node| turn(&mut node.at));
                self.arrows[arrows..].iter_mut().flat_map(|arrow| &mut arrow.points).for_each(turn);
                turn(&mut self.nodes[enter].at);
                turn(&mut self.nodes[leave].at);
                (leave.into(), enter)
            }
        }
    }

    /// Tasks with an exclusive gateway before and behind each where several ways meet or part. The flows of the edges come
    /// last, in their order, so that reading finds that order again.
    fn graph(&mut self, sop: &Sop, list: &EdgeList) {
        let index = |id: &str| sop.steps().get_index_of(id).unwrap_or_default();
        let (first, last) = (index(&list.start), index(&list.end));
        let mut placed: Vec<usize> = sop.nodes().iter().map(|node| node.step as usize).collect();
        placed.sort_unstable();
        let edges: Vec<(usize, usize)> = list.edges.iter().map(|(a, b)| (index(a), index(b))).collect();
        let start = self.node(Kind::Start, EVENT, 0.0, 0.0);
        let count = |end: usize, of: &dyn Fn(&(usize, usize)) -> usize| edges.iter().filter(|edge| of(edge) == end).count();
        let (mut enter, mut leave) = (vec![start; sop.steps().len()], vec![start; sop.steps().len()]);
        let mut near = Vec::new();
        for &step in &placed {
            let task = self.node(Kind::Task(step), TASK, 0.0, 0.0);
            (enter[step], leave[step]) = (task, task);
            if count(step, &|edge| edge.1) + usize::from(step == first) > 1 {
                enter[step] = self.node(Kind::Exclusive, GATE, 0.0, 0.0);
                near.push((enter[step], task));
            }
            if count(step, &|edge| edge.0) + usize::from(step == last) > 1 {
                leave[step] = self.node(Kind::Exclusive, GATE, 0.0, 0.0);
                near.push((task, leave[step]));
            }
        }
        let end = self.node(Kind::End, EVENT, 0.0, 0.0);
        near.extend([(start, enter[first]), (leave[last], end)]);
        near.extend(edges.iter().map(|&(a, b)| (leave[a], enter[b])));
        self.layers(&near);
        for (a, b) in near {
            let (from, to) = (&self.nodes[a], &self.nodes[b]);
            if to.at.0 <= from.at.0 {
                let height = from.at.1.max(to.at.1) + TASK.1 / 2.0 + 15.0;
                self.around(a, b, height);
            } else {
                self.connect(a, b);
            }
        }
    }

    /// Columns by the fewest flows from the start.
    fn layers(&mut self, flows: &[(usize, usize)]) {
        let mut ahead = vec![Vec::new(); self.nodes.len()];
        for &(a, b) in flows {
            ahead[a].push(b);
        }
        let mut column = vec![None; self.nodes.len()];
        let mut height = vec![0.0; self.nodes.len() + 1];
        let mut queue = std::collections::VecDeque::from([(0, 0)]);
        while let Some((node, layer)) = queue.pop_front() {
            if column[node].is_some() {
                continue;
            }
            column[node] = Some(layer);
            self.nodes[node].at = (layer as f64 * (TASK.0 + GAP), height[layer]);
            height[layer] += TASK.1 + LANE;
            queue.extend(ahead[node].iter().map(|&next| (next, layer + 1)));
        }
    }

    /// Moves everything to where an editor shows it.
    fn shift(&mut self) {
        let (mut left, mut top) = (f64::MAX, f64::MAX);
        for node in &self.nodes {
            left = left.min(node.at.0 - node.size.0 / 2.0);
            top = top.min(node.at.1 - node.size.1 / 2.0);
        }
        let points = self.arrows.iter_mut().flat_map(|arrow| &mut arrow.points);
        for at in self.nodes.iter_mut().map(|node| &mut node.at).chain(points) {
            *at = (at.0 - left + 150.0, at.1 - top + 80.0);
        }
    }
}
