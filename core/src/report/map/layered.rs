//! Layout of a flow written as a graph: layers by the longest way from the start, lanes by the middle of the neighbours.

use petgraph::graph::NodeIndex;

use super::layout::{GAP, GATE, Line, Placed, STEP, Strip, back, curve};
use crate::sop::{GraphNode, SopGraph};

/// Space between layers.
const BETWEEN: f64 = GAP * 1.8;
/// Sweeps that sort the lanes.
const SWEEPS: usize = 6;

/// A place in a layer: a node, or an edge that passes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Item {
    Node(usize),
    Edge(usize),
}

pub(super) fn strip(drawn: &SopGraph, room: f64) -> Strip {
    let n = drawn.graph.node_count();
    let ends: Vec<(usize, usize)> = drawn.graph.raw_edges().iter().map(|e| (e.source().index(), e.target().index())).collect();
    let backward = backward(n, drawn.start.index(), &ends);
    let layer = layers(n, &ends, &backward);
    let count = layer.iter().max().map_or(0, |last| last + 1);
    let mut order: Vec<Vec<Item>> = vec![Vec::new(); count];
    for node in 0..n {
        order[layer[node]].push(Item::Node(node));
    }
    for (edge, &(a, b)) in ends.iter().enumerate().filter(|&(edge, _)| !backward[edge]) {
        for between in &mut order[layer[a] + 1..layer[b].max(layer[a] + 1)] {
            between.push(Item::Edge(edge));
        }
    }
    sort_lanes(&mut order, &ends, &backward);
    let width = |item: &Item| match item {
        Item::Node(node) if matches!(drawn.graph[NodeIndex::new(*node)], GraphNode::Step { .. }) => STEP.0,
        _ => GATE,
    };
    let tall = |item: &Item| if width(item) > GATE { STEP.1 + 2.0 * room } else { 22.0 };
    let mut made = Strip::default();
    let mut at = vec![Placed { node: NodeIndex::new(0), x: 0.0, y: 0.0, w: 0.0 }; n];
    let mut through: Vec<Vec<(f64, f64)>> = vec![Vec::new(); ends.len()];
    let (mut x, mut low) = (0.0, 0.0_f64);
    for items in &order {
        let column = items.iter().map(width).fold(0.0, f64::max);
        let height: f64 = items.iter().map(tall).sum();
        let mut y = -height / 2.0;
        for item in items {
            let middle = y + tall(item) / 2.0;
            match *item {
                Item::Node(node) => {
                    at[node] = Placed { node: NodeIndex::new(node), x: x + column / 2.0, y: middle, w: width(item) };
                    made.nodes.push(at[node]);
                }
                Item::Edge(edge) => through[edge].extend([(x, middle), (x + column, middle)]),
            }
            y += tall(item);
        }
        low = low.max(height / 2.0);
        x += column + BETWEEN;
    }
    let mut tracks = 0.0;
    for (edge, &(a, b)) in ends.iter().enumerate() {
        let (from, to) = (at[a], at[b]);
        let line: Line = if backward[edge] {
            tracks += 1.0;
            back(edge, &from, &to, low + 6.0 + 10.0 * tracks)
        } else {
            let mut points = vec![(from.x + from.w / 2.0, from.y)];
            points.extend(&through[edge]);
            points.push((to.x - to.w / 2.0, to.y));
            curve(edge, &points)
        };
        made.lines.push(line);
    }
    made
}

/// Which edges lead back to a node that is still open when the graph is walked from its start.
fn backward(n: usize, start: usize, ends: &[(usize, usize)]) -> Vec<bool> {
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); n];
    for (edge, &(a, _)) in ends.iter().enumerate() {
        out[a].push(edge);
    }
    let mut back = vec![false; ends.len()];
    // 0 not seen, 1 open, 2 done.
    let mut state = vec![0u8; n];
    for root in std::iter::once(start).chain(0..n) {
        if state[root] != 0 {
            continue;
        }
        state[root] = 1;
        let mut stack = vec![(root, 0)];
        while let Some((node, next)) = stack.last_mut() {
            let Some(&edge) = out[*node].get(*next) else {
                state[*node] = 2;
                stack.pop();
                continue;
            };
            *next += 1;
            let to = ends[edge].1;
            match state[to] {
                0 => {
                    state[to] = 1;
                    stack.push((to, 0));
                }
                1 => back[edge] = true,
                _ => {}
            }
        }
    }
    back
}

fn layers(n: usize, ends: &[(usize, usize)], backward: &[bool]) -> Vec<usize> {
    let mut layer = vec![0; n];
    for _ in 0..n {
        let mut moved = false;
        for (edge, &(a, b)) in ends.iter().enumerate() {
            if !backward[edge] && layer[b] <= layer[a] {
                layer[b] = layer[a] + 1;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    layer
}

/// Sorts each layer by the mean lane of its neighbours in the layer before, then in the one behind, in turn.
fn sort_lanes(order: &mut [Vec<Item>], ends: &[(usize, usize)], backward: &[bool]) {
    let mut links: Vec<Vec<usize>> = Vec::new();
    for (edge, &(a, b)) in ends.iter().enumerate().filter(|&(edge, _)| !backward[edge]) {
        for node in [a, b] {
            if links.len() <= node {
                links.resize(node + 1, Vec::new());
            }
            links[node].push(edge);
        }
    }
    for sweep in 0..SWEEPS {
        for step in 1..order.len() {
            let (here, there) = if sweep % 2 == 0 { (step, step - 1) } else { (order.len() - 1 - step, order.len() - step) };
            let beside = order[there].clone();
            let lane = |wanted: &dyn Fn(&Item) -> bool| beside.iter().position(wanted);
            let touches = |item: &Item, edge: usize| match *item {
                Item::Edge(other) => other == edge,
                Item::Node(node) => ends[edge].0 == node || ends[edge].1 == node,
            };
            let mut keyed: Vec<(f64, usize, Item)> = (order[here].iter().enumerate())
                .map(|(lane_now, item)| {
                    let edges: Vec<usize> = match *item {
                        Item::Edge(edge) => vec![edge],
                        Item::Node(node) => links.get(node).cloned().unwrap_or_default(),
                    };
                    let lanes: Vec<f64> = edges.iter().filter_map(|&edge| lane(&|other| touches(other, edge))).map(|l| l as f64).collect();
                    let mean = if lanes.is_empty() { lane_now as f64 } else { lanes.iter().sum::<f64>() / lanes.len() as f64 };
                    (mean, lane_now, *item)
                })
                .collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            order[here] = keyed.into_iter().map(|(.., item)| item).collect();
        }
    }
}
