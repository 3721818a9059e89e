//! Where the steps of a log fall apart: into alternatives, a sequence, parts side by side, or a loop.
//!
//! Source: S. J. J. Leemans, D. Fahland and W. M. P. van der Aalst, *Discovering block-structured process models from event
//! logs*, Petri Nets 2013, LNCS 7927, 311–329; with rare edges left out, *… containing infrequent behaviour*, BPM Workshops
//! 2013, LNBIP 171, 66–78.

use super::log::{Follows, Log};

/// What kind of cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Choice,
    Sequence,
    Parallel,
    /// The first part is what is done, the others lead back to it.
    Loop,
}

/// A cut: the part of each local step, and how many parts there are.
#[derive(Debug, Clone)]
pub(super) struct Cut {
    pub(super) kind: Kind,
    pub(super) part: Vec<usize>,
    pub(super) parts: usize,
}

/// Disjoint sets.
struct Sets(Vec<usize>);

impl Sets {
    fn new(n: usize) -> Self {
        Self((0..n).collect())
    }

    fn find(&mut self, mut i: usize) -> usize {
        while self.0[i] != i {
            self.0[i] = self.0[self.0[i]];
            i = self.0[i];
        }
        i
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.find(a), self.find(b));
        self.0[a.max(b)] = a.min(b);
    }

    /// Numbers of the sets in the order of their first members.
    fn parts(mut self) -> (Vec<usize>, usize) {
        let mut number = vec![usize::MAX; self.0.len()];
        let mut parts = 0;
        let part = (0..self.0.len())
            .map(|i| {
                let root = self.find(i);
                if number[root] == usize::MAX {
                    number[root] = parts;
                    parts += 1;
                }
                number[root]
            })
            .collect();
        (part, parts)
    }
}

/// The first cut there is: alternatives or a sequence, parallel, loop; each on the graph as it is, then on the one without
/// what is rare, because rare paths make any two steps look as if they stood side by side or in a loop.
pub(super) fn cut(follows: &Follows, noise: f64) -> Option<Cut> {
    if follows.len() < 2 {
        return None;
    }
    let clean = (noise > 0.0).then(|| follows.without_rare(noise));
    let ordered = |follows: &Follows| choice(follows).or_else(|| sequence(follows));
    let ways: [&dyn Fn(&Follows) -> Option<Cut>; 3] = [&ordered, &parallel, &again];
    ways.iter().find_map(|way| way(follows).or_else(|| clean.as_ref().and_then(way)))
}

/// Parts between which nothing leads.
fn choice(follows: &Follows) -> Option<Cut> {
    let mut sets = Sets::new(follows.len());
    for a in 0..follows.len() {
        for b in 0..follows.len() {
            if follows.has(a, b) {
                sets.join(a, b);
            }
        }
    }
    let (part, parts) = sets.parts();
    (parts > 1).then_some(Cut { kind: Kind::Choice, part, parts })
}

/// Parts of which each leads to all later ones and to no earlier one.
fn sequence(follows: &Follows) -> Option<Cut> {
    let k = follows.len();
    let reach = follows.reach();
    let mut sets = Sets::new(k);
    loop {
        // Steps that lead to each other, or of which neither leads to the other, are of one part; so are parts, step by step.
        let before: Vec<usize> = (0..k).map(|i| sets.find(i)).collect();
        let leads = |of: &[usize], a: usize, b: usize| (0..k).any(|x| of[x] == a && (0..k).any(|y| of[y] == b && reach[x * k + y]));
        let mut roots = before.clone();
        roots.sort_unstable();
        roots.dedup();
        for (i, &a) in roots.iter().enumerate() {
            for &b in &roots[i + 1..] {
                if leads(&before, a, b) == leads(&before, b, a) {
                    sets.join(a, b);
                }
            }
        }
        if (0..k).map(|i| sets.find(i)).eq(before) {
            break;
        }
    }
    let (part, parts) = sets.parts();
    if parts < 2 {
        return None;
    }
    // In the order in which they lead to each other: the more steps lead to a part, the later it comes.
    let mut rank: Vec<(usize, usize)> = (0..parts)
        .map(|p| {
            let first = part.iter().position(|&q| q == p).unwrap_or_default();
            ((0..k).filter(|&x| part[x] != p && reach[x * k + first]).count(), p)
        })
        .collect();
    rank.sort_unstable();
    let mut place = vec![0; parts];
    rank.iter().enumerate().for_each(|(i, &(_, p))| place[p] = i);
    Some(Cut { kind: Kind::Sequence, part: part.into_iter().map(|p| place[p]).collect(), parts })
}

/// Parts of which every step leads to every step of the others and back, each with a start and an end.
fn parallel(follows: &Follows) -> Option<Cut> {
    let k = follows.len();
    let mut sets = Sets::new(k);
    for a in 0..k {
        for b in a + 1..k {
            if !(follows.has(a, b) && follows.has(b, a)) {
                sets.join(a, b);
            }
        }
    }
    // A part without a start or an end joins the first one.
    loop {
        let roots: Vec<usize> = (0..k).map(|i| sets.find(i)).collect();
        let whole = |root: usize| {
            let any = |list: &[u64]| (0..k).any(|i| roots[i] == root && list[i] > 0);
            any(&follows.start) && any(&follows.end)
        };
        let Some(lacking) = (0..k).find(|&i| roots[i] == i && !whole(i)) else { break };
        let Some(other) = (0..k).find(|&i| roots[i] == i && i != lacking) else { break };
        sets.join(lacking, other);
    }
    let (part, parts) = sets.parts();
    (parts > 1).then_some(Cut { kind: Kind::Parallel, part, parts })
}

/// What is done, with every start and end; and what leads from its ends back to its starts.
fn again(follows: &Follows) -> Option<Cut> {
    let k = follows.len();
    let (start, end) = (|i: usize| follows.start[i] > 0, |i: usize| follows.end[i] > 0);
    let mut sets = Sets::new(k);
    let body = (0..k).find(|&i| start(i) || end(i))?;
    (0..k).filter(|&i| start(i) || end(i)).for_each(|i| sets.join(body, i));
    let outer: Vec<usize> = (0..k).filter(|&i| !start(i) && !end(i)).collect();
    for &a in &outer {
        for &b in &outer {
            if follows.has(a, b) {
                sets.join(a, b);
            }
        }
    }
    let (starts, ends): (Vec<usize>, Vec<usize>) = ((0..k).filter(|&i| start(i)).collect(), (0..k).filter(|&i| end(i)).collect());
    for &i in &outer {
        for j in 0..k {
            // From a start that is no end, or to an end that is no start: within the body.
            if (start(j) && !end(j) && follows.has(j, i)) || (end(j) && !start(j) && follows.has(i, j)) {
                sets.join(body, i);
            }
        }
    }
    // Who leads back does so to every start, and is come to from every end.
    for &i in &outer {
        let back = starts.iter().filter(|&&s| follows.has(i, s)).count();
        let from = ends.iter().filter(|&&e| follows.has(e, i)).count();
        if (back > 0 && back < starts.len()) || (from > 0 && from < ends.len()) {
            sets.join(body, i);
        }
    }
    let root = sets.find(body);
    let (part, parts) = sets.parts();
    if parts < 2 {
        return None;
    }
    // The body first.
    let of_body = part[root];
    let number = |p: usize| match p {
        p if p == of_body => 0,
        p if p < of_body => p + 1,
        p => p,
    };
    Some(Cut { kind: Kind::Loop, part: part.into_iter().map(number).collect(), parts })
}

/// The log of each part.
pub(super) fn split(log: &Log, follows: &Follows, cut: &Cut) -> Vec<Log> {
    let mut of = vec![0usize; follows.steps.last().map_or(0, |&last| usize::from(last) + 1)];
    follows.steps.iter().zip(&cut.part).for_each(|(&step, &part)| of[usize::from(step)] = part);
    let mut logs = vec![Log::default(); cut.parts];
    let mut work: Vec<Vec<u16>> = vec![Vec::new(); cut.parts];
    let mut bounds = Vec::new();
    for (trace, weight) in log.iter() {
        match cut.kind {
            Kind::Choice => {
                let mut count = vec![0usize; cut.parts];
                trace.iter().for_each(|&e| count[of[usize::from(e)]] += 1);
                let most = (0..cut.parts).max_by_key(|&p| (count[p], std::cmp::Reverse(p))).unwrap_or_default();
                work[most].clear();
                work[most].extend(trace.iter().filter(|&&e| of[usize::from(e)] == most));
                logs[most].add(&work[most], weight);
            }
            Kind::Parallel => {
                work.iter_mut().for_each(Vec::clear);
                trace.iter().for_each(|&e| work[of[usize::from(e)]].push(e));
                logs.iter_mut().zip(&work).for_each(|(log, part)| log.add(part, weight));
            }
            Kind::Sequence => {
                stretches(trace, &of, cut.parts, &mut bounds);
                for (p, log) in logs.iter_mut().enumerate() {
                    let (from, to) = (if p == 0 { 0 } else { bounds[p - 1] }, bounds[p]);
                    work[0].clear();
                    work[0].extend(trace[from..to].iter().filter(|&&e| of[usize::from(e)] == p));
                    log.add(&work[0], weight);
                }
            }
            Kind::Loop => {
                let mut from = 0;
                let mut last = usize::MAX;
                for i in 0..=trace.len() {
                    let part = trace.get(i).map(|&e| of[usize::from(e)]);
                    if i > from && part != Some(of[usize::from(trace[from])]) {
                        let own = of[usize::from(trace[from])];
                        if own != 0 && last != 0 {
                            logs[0].add(&[], weight);
                        }
                        logs[own].add(&trace[from..i], weight);
                        (last, from) = (own, i);
                    }
                }
                if last != 0 {
                    logs[0].add(&[], weight);
                }
            }
        }
    }
    logs
}

/// Where each part of a sequence ends in a trace, so that as few steps as possible stand in the stretch of another part.
fn stretches(trace: &[u16], of: &[usize], parts: usize, bounds: &mut Vec<usize>) {
    bounds.clear();
    if trace.windows(2).all(|pair| of[usize::from(pair[0])] <= of[usize::from(pair[1])]) {
        bounds.extend((0..parts).map(|p| trace.partition_point(|&e| of[usize::from(e)] <= p)));
        return;
    }
    // best[p][i]: most steps in their place among the first i, when the parts up to p have had them.
    let n = trace.len();
    let mut best = vec![0u32; (parts + 1) * (n + 1)];
    let mut from = vec![0usize; (parts + 1) * (n + 1)];
    for p in 0..parts {
        let (mut top, mut at) = (0, 0);
        let mut own = 0u32;
        // best[p + 1][i] = max over j ≤ i of best[p][j] + own steps in j..i.
        for i in 0..=n {
            if i > 0 && of[usize::from(trace[i - 1])] == p {
                own += 1;
            }
            let here = best[p * (n + 1) + i] + (n as u32) - own;
            if i == 0 || here > top {
                (top, at) = (here, i);
            }
            best[(p + 1) * (n + 1) + i] = top + own - n as u32;
            from[(p + 1) * (n + 1) + i] = at;
        }
    }
    let mut i = n;
    bounds.resize(parts, 0);
    for p in (0..parts).rev() {
        bounds[p] = i;
        i = from[(p + 1) * (n + 1) + i];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_misplace_least() {
        let of = [0, 1, 2];
        let mut bounds = Vec::new();
        stretches(&[0, 1, 0, 1, 2], &of, 3, &mut bounds);
        assert_eq!(bounds.last(), Some(&5));
        let placed: usize = (0..3).map(|p| (if p == 0 { 0 } else { bounds[p - 1] }..bounds[p]).filter(|&i| of[[0, 1, 0, 1, 2][i]] == p).count()).sum();
        assert_eq!(placed, 4);
        stretches(&[0, 2], &of, 3, &mut bounds);
        assert_eq!(bounds, [1, 1, 2]);
        stretches(&[], &of, 3, &mut bounds);
        assert_eq!(bounds, [0, 0, 0]);
    }
}
