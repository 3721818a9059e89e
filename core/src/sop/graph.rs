//! One `petgraph` graph behind both ways of writing a flow: what is drawn, exported and walked by people.

use petgraph::graph::{DiGraph, NodeIndex};

use super::{Block, Flow, Sop};

/// Kind of a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Gateway {
    /// One way out is taken (`one_of`, `optional`, `repeat`).
    Choice,
    /// All ways out are taken, interleaved freely (`any_order`).
    Parallel,
}

/// A node of the graph.
#[derive(Debug, Clone, PartialEq)]
pub enum GraphNode {
    /// Where every run begins.
    Start,
    /// Where every full run ends.
    End,
    /// A planned step, by its id and its place among the places of the flow.
    Step {
        /// Step id.
        id: String,
        /// Number of the place, in the order of the file.
        node: u32,
    },
    /// Where ways part.
    Split(Gateway),
    /// Where ways meet again.
    Join(Gateway),
}

/// The graph of an SOP. An edge carries the condition of a `when` block that guards it, as text, or nothing.
#[derive(Debug, Clone)]
pub struct SopGraph {
    /// Nodes and edges.
    pub graph: DiGraph<GraphNode, Option<String>>,
    /// The node every run begins at.
    pub start: NodeIndex,
    /// The node every full run ends at.
    pub end: NodeIndex,
}

impl SopGraph {
    pub(super) fn of(sop: &Sop) -> Self {
        let mut graph = DiGraph::new();
        let start = graph.add_node(GraphNode::Start);
        let mut made = Builder { graph, node: 0 };
        let end = match sop.flow() {
            Flow::Flow(blocks) => {
                let last = made.sequence(start, blocks);
                let end = made.graph.add_node(GraphNode::End);
                made.graph.add_edge(last, end, None);
                end
            }
            Flow::Graph(list) => {
                let at: Vec<NodeIndex> =
                    (sop.nodes().iter().zip(0..)).map(|(node, i)| made.step(sop.steps().get_index(node.step as usize).map_or("", |(id, _)| id), i)).collect();
                let find = |id: &str| {
                    let step = sop.steps().get_index_of(id).unwrap_or(usize::MAX) as u32;
                    at[sop.nodes().iter().position(|n| n.step == step).unwrap_or(0)]
                };
                let end = made.graph.add_node(GraphNode::End);
                made.graph.add_edge(start, find(&list.start), None);
                for (a, b) in &list.edges {
                    made.graph.add_edge(find(a), find(b), None);
                }
                made.graph.add_edge(find(&list.end), end, None);
                end
            }
        };
        Self { graph: made.graph, start, end }
    }
}

struct Builder {
    graph: DiGraph<GraphNode, Option<String>>,
    node: u32,
}

impl Builder {
    fn step(&mut self, id: &str, node: u32) -> NodeIndex {
        self.graph.add_node(GraphNode::Step { id: id.to_owned(), node })
    }

    fn sequence(&mut self, mut from: NodeIndex, blocks: &[Block]) -> NodeIndex {
        for block in blocks {
            from = self.block(from, block);
        }
        from
    }

    /// Appends a block after `from`; gives the node it ends at.
    fn block(&mut self, from: NodeIndex, block: &Block) -> NodeIndex {
        match block {
            Block::Step(id) => {
                let node = self.node;
                self.node += 1;
                let step = self.step(id, node);
                self.graph.add_edge(from, step, None);
                step
            }
            Block::Sequence(members) => self.sequence(from, members),
            Block::AnyOrder { any_order } => self.branches(from, any_order, Gateway::Parallel),
            Block::OneOf { one_of } => self.branches(from, one_of, Gateway::Choice),
            Block::Optional { optional } => self.bypassed(from, None, |b, split| b.sequence(split, optional)),
            Block::When { when, then } => self.bypassed(from, Some(when.to_string()), |b, split| b.sequence(split, then)),
            Block::Repeat { repeat, at_least, .. } => {
                let enter = self.graph.add_node(GraphNode::Join(Gateway::Choice));
                self.graph.add_edge(from, enter, None);
                let last = self.sequence(enter, repeat);
                let leave = self.graph.add_node(GraphNode::Split(Gateway::Choice));
                self.graph.add_edge(last, leave, None);
                self.graph.add_edge(leave, enter, None);
                if *at_least == 0 {
                    self.graph.add_edge(enter, leave, None);
                }
                leave
            }
        }
    }

    fn branches(&mut self, from: NodeIndex, members: &[Block], kind: Gateway) -> NodeIndex {
        let split = self.graph.add_node(GraphNode::Split(kind));
        self.graph.add_edge(from, split, None);
        let ends: Vec<NodeIndex> = members.iter().map(|member| self.block(split, member)).collect();
        let join = self.graph.add_node(GraphNode::Join(kind));
        for end in ends {
            self.graph.add_edge(end, join, None);
        }
        join
    }

    fn bypassed(&mut self, from: NodeIndex, guard: Option<String>, inside: impl FnOnce(&mut Self, NodeIndex) -> NodeIndex) -> NodeIndex {
        let split = self.graph.add_node(GraphNode::Split(Gateway::Choice));
        self.graph.add_edge(from, split, None);
        let first = self.graph.edge_count();
        let last = inside(self, split);
        if let Some(edge) = self.graph.edge_indices().nth(first) {
            self.graph[edge].clone_from(&guard);
        }
        let join = self.graph.add_node(GraphNode::Join(Gateway::Choice));
        self.graph.add_edge(last, join, None);
        self.graph.add_edge(split, join, None);
        join
    }
}
