//! Where everything of the map stands: one endless strip from left to right, built from the blocks of the flow.

use std::fmt::Write;

use petgraph::graph::NodeIndex;

use super::layered;
use crate::sop::{Block, Flow, GraphNode, Sop, SopGraph};
use crate::words::{Labels, fill};

/// Width and height of a step, space between neighbours, width of a gateway.
pub(super) const STEP: (f64, f64) = (130.0, 58.0);
pub(super) const GAP: f64 = 30.0;
pub(super) const GATE: f64 = 10.0;
/// Height of the label of a frame, and of the line that leads around or back.
const LABEL: f64 = 20.0;
const AROUND: f64 = 18.0;

/// A node with its centre.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed {
    pub(super) node: NodeIndex,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) w: f64,
}

/// An edge of the graph as a path.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) edge: usize,
    pub(super) path: String,
    pub(super) span: (f64, f64),
    points: Vec<(f64, f64)>,
}

impl Line {
    /// How high and low its parts between two places run.
    pub(super) fn rows(&self, from: f64, to: f64) -> impl Iterator<Item = (f64, f64)> {
        let inside = move |pair: &&[(f64, f64)]| pair[0].0.min(pair[1].0) < to && pair[0].0.max(pair[1].0) > from;
        self.points.windows(2).filter(inside).map(|pair| (pair[0].1.min(pair[1].1), pair[0].1.max(pair[1].1)))
    }
}

/// A block that is framed, with what it means.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) x: (f64, f64),
    pub(super) y: (f64, f64),
    pub(super) label: String,
}

/// The strip.
#[derive(Debug, Clone, Default)]
pub(super) struct Strip {
    pub(super) nodes: Vec<Placed>,
    pub(super) lines: Vec<Line>,
    pub(super) frames: Vec<Frame>,
}

/// How far a part reaches: its width, and above and below the line it hangs on.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    w: f64,
    up: f64,
    down: f64,
}

/// Lays a flow out; `room` is what a step needs above and below for its shares.
pub(super) fn strip(sop: &Sop, drawn: &SopGraph, room: f64, labels: &Labels) -> Strip {
    match sop.flow() {
        Flow::Flow(blocks) => {
            let mut placer = Placer { room, labels, next: 1, strip: Strip::default(), ways: Vec::new() };
            placer.put(NodeIndex::new(0), 0.0, 0.0, GATE);
            let end = placer.sequence(blocks, GATE + GAP, 0.0);
            placer.put(drawn.end, end + GAP, 0.0, GATE);
            let Placer { mut strip, ways, .. } = placer;
            strip.lines = lines(drawn, &strip.nodes, &ways);
            strip
        }
        Flow::Graph(_) => layered::strip(drawn, room),
    }
}

struct Placer<'a> {
    room: f64,
    labels: &'a Labels,
    next: usize,
    strip: Strip,
    /// Edges that lead around a block or back: their ends and the height they run at.
    ways: Vec<(NodeIndex, NodeIndex, f64)>,
}

impl Placer<'_> {
    fn node(&mut self) -> NodeIndex {
        self.next += 1;
        NodeIndex::new(self.next - 1)
    }

    /// Places a node whose left side is at `x`.
    fn put(&mut self, node: NodeIndex, x: f64, y: f64, w: f64) {
        self.strip.nodes.push(Placed { node, x: x + w / 2.0, y, w });
    }

    fn size(&self, block: &Block) -> Size {
        let row = |blocks: &[Block]| {
            blocks.iter().map(|block| self.size(block)).enumerate().fold(Size::default(), |a, (i, b)| Size {
                w: a.w + b.w + if i > 0 { GAP } else { 0.0 },
                up: a.up.max(b.up),
                down: a.down.max(b.down),
            })
        };
        let framed =
            |inner: Size, around: f64, back: f64| Size { w: inner.w + 2.0 * (GATE + GAP), up: inner.up + LABEL + around, down: inner.down + 6.0 + back };
        match block {
            Block::Step(_) => Size { w: STEP.0, up: STEP.1 / 2.0 + self.room, down: STEP.1 / 2.0 + self.room },
            Block::Sequence(members) => row(members),
            Block::AnyOrder { any_order: members } | Block::OneOf { one_of: members } => {
                let all: Vec<Size> = members.iter().map(|m| self.size(m)).collect();
                let w = all.iter().map(|s| s.w).fold(0.0, f64::max);
                let tall: f64 = all.iter().map(|s| s.up + s.down).sum();
                let up = all.first().map_or(0.0, |s| s.up);
                framed(Size { w, up, down: tall - up }, 0.0, 0.0)
            }
            Block::Optional { optional: members } | Block::When { then: members, .. } => framed(row(members), AROUND, 0.0),
            Block::Repeat { repeat, at_least, .. } => framed(row(repeat), if *at_least == 0 { AROUND } else { 0.0 }, AROUND),
        }
    }

    /// Places blocks one after the other; gives where they end.
    fn sequence(&mut self, blocks: &[Block], mut x: f64, y: f64) -> f64 {
        for (i, block) in blocks.iter().enumerate() {
            if i > 0 {
                x += GAP;
            }
            x = self.block(block, x, y);
        }
        x
    }

    fn block(&mut self, block: &Block, x: f64, y: f64) -> f64 {
        let size = self.size(block);
        let (inside, end) = (x + GATE + GAP, x + size.w);
        let labels = self.labels;
        match block {
            Block::Step(_) => {
                let node = self.node();
                self.put(node, x, y, STEP.0);
            }
            Block::Sequence(members) => return self.sequence(members, x, y),
            Block::AnyOrder { any_order: members } | Block::OneOf { one_of: members } => {
                let split = self.node();
                self.put(split, x, y, GATE);
                let mut lane = y;
                let mut before: Option<f64> = None;
                for member in members {
                    let size = self.size(member);
                    lane += before.map_or(0.0, |down| down + size.up);
                    self.block(member, inside, lane);
                    before = Some(size.down);
                }
                let join = self.node();
                self.put(join, end - GATE, y, GATE);
                let label = if matches!(block, Block::AnyOrder { .. }) { labels.any_order } else { labels.one_of };
                self.frame((inside, end), (y - size.up, y + size.down), label.to_owned());
            }
            Block::Optional { optional: members } => self.around((x, y, end), size, members, labels.optional.to_owned()),
            Block::When { when, then } => self.around((x, y, end), size, then, fill(labels.only_when, &[&when.to_string()])),
            Block::Repeat { repeat, at_least, at_most } => {
                let enter = self.node();
                self.put(enter, x, y, GATE);
                self.sequence(repeat, inside, y);
                let leave = self.node();
                self.put(leave, end - GATE, y, GATE);
                let above = if *at_least == 0 { AROUND } else { 0.0 };
                self.frame((inside, end), (y - size.up + above, y + size.down - AROUND), labels.rounds(*at_least, *at_most));
                self.ways.push((leave, enter, y + size.down - AROUND / 2.0));
                self.ways.push((enter, leave, y - size.up + AROUND / 2.0));
            }
        }
        end
    }

    fn around(&mut self, (x, y, end): (f64, f64, f64), size: Size, members: &[Block], label: String) {
        let split = self.node();
        self.put(split, x, y, GATE);
        self.sequence(members, x + GATE + GAP, y);
        let join = self.node();
        self.put(join, end - GATE, y, GATE);
        self.frame((x + GATE + GAP, end), (y - size.up + AROUND, y + size.down), label);
        self.ways.push((split, join, y - size.up + AROUND / 2.0));
    }

    fn frame(&mut self, x: (f64, f64), y: (f64, f64), label: String) {
        self.strip.frames.push(Frame { x: (x.0 - 14.0, x.1 - GATE - GAP + 14.0), y: (y.0 + 3.0, y.1 - 3.0), label });
    }
}

/// Paths of all edges between placed nodes.
fn lines(drawn: &SopGraph, nodes: &[Placed], ways: &[(NodeIndex, NodeIndex, f64)]) -> Vec<Line> {
    let mut at = vec![None; drawn.graph.node_count()];
    for placed in nodes {
        at[placed.node.index()] = Some(*placed);
    }
    (drawn.graph.edge_indices())
        .filter_map(|edge| {
            let (a, b) = drawn.graph.edge_endpoints(edge)?;
            let (from, to) = (at[a.index()]?, at[b.index()]?);
            let splits = matches!(drawn.graph[a], GraphNode::Split(_));
            let way = ways.iter().find(|(x, y, _)| (*x, *y) == (a, b)).map(|(.., height)| *height);
            Some(match way {
                Some(height) if to.x < from.x => back(edge.index(), &from, &to, height),
                Some(height) => {
                    let (x, end) = (from.x + from.w / 2.0, to.x - to.w / 2.0);
                    curve(edge.index(), &[(x, from.y), (x + GAP, height), (end - GAP, height), (end, to.y)])
                }
                None => {
                    let (x, end) = (from.x + from.w / 2.0, to.x - to.w / 2.0);
                    let bend = if splits { (x + GAP, to.y) } else { (end - GAP, from.y) };
                    curve(edge.index(), &[(x, from.y), bend, (end, to.y)])
                }
            })
        })
        .collect()
}

/// A line through points, level at each of them.
pub(super) fn curve(edge: usize, points: &[(f64, f64)]) -> Line {
    let mut path = String::new();
    for (i, &(x, y)) in points.iter().enumerate() {
        match i.checked_sub(1).map(|before| points[before]) {
            None => _ = write!(path, "M{x:.1} {y:.1}"),
            Some((_, level)) if level == y => _ = write!(path, "L{x:.1} {y:.1}"),
            Some((left, level)) => {
                let middle = f64::midpoint(left, x);
                _ = write!(path, "C{middle:.1} {level:.1} {middle:.1} {y:.1} {x:.1} {y:.1}");
            }
        }
    }
    let span = points.iter().fold((f64::MAX, f64::MIN), |(low, high), p| (low.min(p.0), high.max(p.0)));
    Line { edge, path, span, points: points.to_vec() }
}

/// A line that leads back, under what it leads around.
pub(super) fn back(edge: usize, from: &Placed, to: &Placed, height: f64) -> Line {
    let (x, end, out) = (from.x + from.w / 2.0, to.x - to.w / 2.0, GAP * 0.45);
    let (a, b) = (from.y, to.y);
    let path = format!(
        "M{x:.1} {a:.1}C{:.1} {a:.1} {:.1} {height:.1} {x:.1} {height:.1}L{end:.1} {height:.1}C{:.1} {height:.1} {:.1} {b:.1} {end:.1} {b:.1}",
        x + out,
        x + out,
        end - out,
        end - out
    );
    Line { edge, path, span: (end - out, x + out), points: vec![(x + out, a), (x, height), (end, height), (end - out, b)] }
}
