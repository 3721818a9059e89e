//! A process of exclusive gateways alone as a graph over steps: which step may follow which.

use std::collections::VecDeque;

use super::web::{END, Kind, START, Web};

/// A graph over steps by their numbers.
pub(super) struct Paths {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) edges: Vec<(usize, usize)>,
}

/// The graph, if there is one first task, one last task, no condition and no parallel gateway. Edges are in the order of
/// the flows, tasks by their spots.
pub(super) fn paths(web: &Web) -> Option<Paths> {
    let plain = web.spots.iter().all(|spot| !matches!(spot.kind, Kind::Parallel)) && web.ways.iter().flatten().all(|way| way.when.is_none());
    if !plain {
        return None;
    }
    let (mut edges, mut last) = (Vec::new(), Vec::new());
    let first = after(web, START);
    for task in (0..web.spots.len()).filter(|&spot| matches!(web.spots[spot].kind, Kind::Task(_))) {
        for (to, key) in after(web, task) {
            if to == END { last.push(task) } else { edges.push((key, (task, to))) }
        }
    }
    edges.sort_unstable();
    let edges = edges.into_iter().map(|(_, edge)| edge).collect();
    match (&first[..], &last[..]) {
        (&[(start, _)], &[end]) if start != END => Some(Paths { start, end, edges }),
        _ => None,
    }
}

/// Tasks (or the end) reached next, each with the latest of the flows that lead there.
fn after(web: &Web, spot: usize) -> Vec<(usize, usize)> {
    let (mut found, mut seen) = (Vec::new(), std::collections::HashSet::from([]));
    let mut open = VecDeque::from([(spot, 0)]);
    while let Some((spot, key)) = open.pop_front() {
        for way in web.spots[spot].outs.iter().map(|&way| web.at(way)) {
            let key = key.max(way.order.0);
            if !seen.insert(way.to) {
                continue;
            }
            match web.spots[way.to].kind {
                Kind::Task(_) | Kind::End => found.push((way.to, key)),
                _ => open.push_back((way.to, key)),
            }
        }
    }
    found
}
