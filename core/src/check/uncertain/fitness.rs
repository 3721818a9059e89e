//! The fitness of a case over all the ways its uncertain events may turn out.
//!
//! Fitness is 1 − cost ÷ worst, and both depend on which events are there. With few uncertain events all ways are gone
//! through: rows of costs from the left for each way the first half may turn out, rows from the right for each way of the
//! second, and one sum of two rows for each pair. With more of them the highest fitness is still exact: the least ratio of
//! cost and worst over all ways and all explanations, by Dinkelbach's method. The lowest is bounded: an explanation of one
//! way explains every other, with what is missing left out and what is more as extras.

use super::Item;
use crate::check::align::{Aligner, Event, Goal, Move, MoveKind, Path, Scratch};
use crate::check::kernel::Forward;
use crate::check::path::fitness;

/// Most uncertain events of which all ways are gone through.
pub(super) const EXACT: usize = 16;
/// The same for flows beyond the tabulated size, where each way takes a search.
pub(super) const EXACT_BY_SEARCH: usize = 8;

/// How the fitness spreads.
pub(super) struct Spread {
    pub(super) low: f64,
    pub(super) high: f64,
    /// Its mean, where all ways were gone through.
    pub(super) expected: Option<f64>,
    /// How far the mean differs between each event's being there and not, by its number; empty where not all were.
    pub(super) influence: Vec<f64>,
}

/// Half of a path with its uncertain events turned out in one way.
struct Half {
    /// Costs to or from each state, without events that are not planned.
    row: Vec<u32>,
    /// Numbers of the uncertain events that are there.
    with: Vec<bool>,
    prob: f64,
    /// What the events cost as extras; and those that are not planned.
    extra: u32,
    unplanned: u32,
}

pub(super) fn spread(aligner: &Aligner, items: &[Item], scratch: &mut Scratch) -> Spread {
    let open: Vec<usize> = (0..items.len()).filter(|&i| items[i].open()).collect();
    if aligner.dense && open.len() <= EXACT {
        return by_halves(aligner, items, &open);
    }
    if open.len() <= EXACT_BY_SEARCH
        && let Some(found) = by_search(aligner, items, &open, scratch)
    {
        return found;
    }
    Spread { low: lowest(aligner, items, scratch), high: if aligner.dense { highest(aligner, items) } else { 1.0 }, expected: None, influence: Vec::new() }
}

/// Costs from `u32::MAX / 2` on mean "no way": two of them still add up.
const NO_WAY: u32 = u32::MAX / 2;

fn by_halves(aligner: &Aligner, items: &[Item], open: &[usize]) -> Spread {
    let (kernel, automaton) = (aligner.wide(), &*aligner.automaton);
    let middle = open.get(open.len() / 2).copied().unwrap_or(items.len());
    let mut first = Forward::new();
    first.start(kernel);
    let mut left = Vec::new();
    let begin = Half { row: Vec::new(), with: vec![false; items.len()], prob: 1.0, extra: 0, unplanned: 0 };
    let mut take_left = |row: &mut Forward<u32>, step: u32| row.push(kernel, automaton, step);
    ways(aligner, items, 0..middle, false, first, begin.again(), &mut take_left, &mut |row, half| {
        left.push(Half { row: row.closed().iter().map(|&cost| cost.min(NO_WAY)).collect(), ..half });
    });
    let mut right = Vec::new();
    let mut take_right = |row: &mut Vec<u32>, step: u32| {
        let behind = row.clone();
        kernel.back(automaton, step, &behind, row);
    };
    ways(aligner, items, middle..items.len(), true, kernel.to_end.clone(), begin, &mut take_right, &mut |row, half| {
        right.push(Half { row: row.iter().map(|&cost| cost.min(NO_WAY)).collect(), ..half });
    });
    let cost = |a: &Half, b: &Half| a.row.iter().zip(&b.row).map(|(x, y)| x + y).min().unwrap_or(0);
    sum_up(aligner.automaton.empty_run, items, open, &left, &right, cost)
}

impl Half {
    fn again(&self) -> Self {
        Self { row: Vec::new(), with: self.with.clone(), ..*self }
    }
}

/// Goes through all ways the uncertain events of a part may turn out, from its first event or from its last.
fn ways<R: Clone>(
    aligner: &Aligner,
    items: &[Item],
    mut part: std::ops::Range<usize>,
    backward: bool,
    mut row: R,
    mut half: Half,
    take: &mut impl FnMut(&mut R, u32),
    found: &mut impl FnMut(R, Half),
) {
    while let Some(i) = if backward { part.next_back() } else { part.next() } {
        let item = &items[i];
        if item.open() {
            let without = Half { prob: half.prob * (1.0 - item.prob), ..half.again() };
            ways(aligner, items, part.clone(), backward, row.clone(), without, take, found);
            half.prob *= item.prob;
            half.with[i] = true;
        }
        match item.event {
            Event::Planned(step) => {
                take(&mut row, step);
                half.extra += u32::from(aligner.automaton.extra[step as usize]);
            }
            Event::Unplanned(cost) => half.unplanned += u32::from(cost),
            Event::Anytime => {}
        }
    }
    found(row, half);
}

fn by_search(aligner: &Aligner, items: &[Item], open: &[usize], scratch: &mut Scratch) -> Option<Spread> {
    let mut all = Vec::new();
    let begin = Half { row: Vec::new(), with: vec![false; items.len()], prob: 1.0, extra: 0, unplanned: 0 };
    let rest = Half { row: Vec::new(), ..begin.again() };
    ways(aligner, items, 0..items.len(), false, (), begin, &mut |(), _| {}, &mut |(), half| all.push(half));
    for half in &mut all {
        let (path, _) = chosen(aligner, items, |i| items[i].prob == 1.0 || half.with[i] || !items[i].open());
        let mut moves = Vec::new();
        half.row = vec![aligner.align(&path, Goal::End, scratch, &mut moves).ok()?.whole - half.unplanned];
    }
    Some(sum_up(aligner.automaton.empty_run, items, open, &all, &[rest], |a, _| a.row[0]))
}

fn sum_up(empty_run: u32, items: &[Item], open: &[usize], left: &[Half], right: &[Half], cost: impl Fn(&Half, &Half) -> u32) -> Spread {
    let (mut low, mut high) = (1.0f64, 0.0f64);
    // The mean fitness of each way of one half, over the ways of the other.
    let mut means = (vec![0.0; left.len()], vec![0.0; right.len()]);
    for (l, a) in left.iter().enumerate() {
        for (r, b) in right.iter().enumerate() {
            let unplanned = a.unplanned + b.unplanned;
            let fitness = fitness(cost(a, b) + unplanned, a.extra + b.extra + unplanned + empty_run);
            (low, high) = (low.min(fitness), high.max(fitness));
            means.0[l] += b.prob * fitness;
            means.1[r] += a.prob * fitness;
        }
    }
    let expected = left.iter().zip(&means.0).fold(0.0, |sum, (half, mean)| sum + half.prob * mean);
    let mut influence = vec![0.0; items.len()];
    for &i in open {
        let side = |halves: &[Half], means: &[f64]| {
            let mean = |with: bool| halves.iter().zip(means).filter(|(half, _)| half.with[i] == with).map(|(half, mean)| half.prob * mean).sum::<f64>();
            (mean(true) / items[i].prob - mean(false) / (1.0 - items[i].prob)).abs()
        };
        influence[i] = if left.iter().any(|half| half.with[i]) { side(left, &means.0) } else { side(right, &means.1) };
    }
    Spread { low, high, expected: Some(expected.clamp(low, high)), influence }
}

/// The path of some of the events, and their numbers.
fn chosen(aligner: &Aligner, items: &[Item], takes: impl Fn(usize) -> bool) -> (Path, Vec<usize>) {
    let mut path = Path::default();
    let numbers: Vec<usize> = (0..items.len()).filter(|&i| takes(i)).collect();
    for &i in &numbers {
        path.push(&aligner.automaton, items[i].event);
    }
    (path, numbers)
}

/// A bound below which the fitness cannot fall: from explanations of three ways, the best.
fn lowest(aligner: &Aligner, items: &[Item], scratch: &mut Scratch) -> f64 {
    let ways: [&dyn Fn(usize) -> bool; 3] = [&|_| true, &|i| !items[i].open(), &|i| items[i].prob >= 0.5];
    ways.iter().map(|takes| lowest_by(aligner, items, takes, scratch)).fold(0.0, f64::max)
}

/// How badly the explanation of one way may explain another.
fn lowest_by(aligner: &Aligner, items: &[Item], takes: &dyn Fn(usize) -> bool, scratch: &mut Scratch) -> f64 {
    let automaton = &aligner.automaton;
    let (path, numbers) = chosen(aligner, items, takes);
    let mut moves: Vec<Move> = Vec::new();
    if aligner.align(&path, Goal::End, scratch, &mut moves).is_err() {
        return 0.0;
    }
    let extra = |i: usize| items[i].extra(automaton);
    // An event that the explanation does not know is worst when it is there, as an extra.
    let more: u32 = (0..items.len()).filter(|&i| !takes(i)).map(extra).sum();
    let (mut cost, mut worst) = (more, automaton.empty_run + more);
    let mut events = numbers.into_iter();
    for m in &moves {
        let event = if m.kind() == MoveKind::Skipped { None } else { events.next() };
        match (m.kind(), event) {
            (MoveKind::Skipped, _) => cost += u32::from(automaton.node_skip[m.node() as usize]),
            // One that it matches is worst when it is missing: the step is then left out.
            (MoveKind::Matched, Some(i)) if items[i].open() => cost += u32::from(automaton.node_skip[m.node() as usize]),
            (MoveKind::Matched, Some(i)) => worst += extra(i),
            (MoveKind::Extra, Some(i)) => (cost, worst) = (cost + extra(i), worst + extra(i)),
            _ => {}
        }
    }
    fitness(cost.min(worst), worst)
}

/// The highest fitness of all ways.
fn highest(aligner: &Aligner, items: &[Item]) -> f64 {
    // A way in which nothing costs anything has a fitness of 1 by definition.
    let sure: u32 = items.iter().filter(|item| !item.open()).map(|item| item.extra(&aligner.automaton)).sum();
    if aligner.automaton.empty_run + sure == 0 {
        return 1.0;
    }
    // Each round finds the way and the explanation with the least `cost · of − ratio · worst`; less than nothing is a
    // better ratio. A way may only be missing or match: as an extra, an event never betters the ratio.
    let (mut cost, mut worst) = least(aligner, items, 1, 1);
    for _ in 0..64 {
        if worst == 0 {
            return 1.0;
        }
        let (next_cost, next_worst) = least(aligner, items, cost, worst);
        if next_cost * worst >= cost * next_worst {
            return 1.0 - cost as f64 / worst as f64;
        }
        (cost, worst) = (next_cost, next_worst);
    }
    1.0
}

/// Cost and worst of the way and explanation for which `cost · of − ratio · worst` is least.
fn least(aligner: &Aligner, items: &[Item], ratio: i64, of: i64) -> (i64, i64) {
    let (kernel, automaton) = (aligner.wide(), &aligner.automaton);
    let n = automaton.len();
    type Pair = (i64, i64);
    let value = |(cost, worst): Pair| cost * of - ratio * worst;
    // Least value; of equal ones the least cost, so that the answer does not depend on the order of states.
    let better = |a: Pair, b: Pair| (value(a), a.0) < (value(b), b.0);
    let skip = |from: usize, to: usize| kernel.skipped(from, to).map(i64::from);
    let mut row: Vec<Option<Pair>> = (0..n).map(|s| skip(0, s).map(|cost| (cost, i64::from(automaton.empty_run)))).collect();
    for item in items {
        let step = match item.event {
            Event::Planned(step) => step,
            Event::Unplanned(cost) if !item.open() => {
                for (a, b) in row.iter_mut().flatten() {
                    (*a, *b) = (*a + i64::from(cost), *b + i64::from(cost));
                }
                continue;
            }
            Event::Unplanned(_) | Event::Anytime => continue,
        };
        let extra = i64::from(automaton.extra[step as usize]);
        let left = if item.open() { 0 } else { extra };
        let mut next: Vec<Option<Pair>> = row.iter().map(|pair| pair.map(|(cost, worst)| (cost + left, worst + left))).collect();
        for edge in automaton.step_edges(step) {
            let Some((cost, worst)) = row[edge.from as usize] else { continue };
            for (s, best) in next.iter_mut().enumerate() {
                let Some(skipped) = skip(edge.to as usize, s) else { continue };
                let pair = (cost + skipped, worst + extra);
                if best.is_none_or(|best| better(pair, best)) {
                    *best = Some(pair);
                }
            }
        }
        row = next;
    }
    let ends = (0..n).filter_map(|s| Some((row[s]?, kernel.to_end[s]))).filter(|&(_, rest)| rest < u32::MAX);
    let ends = ends.map(|((cost, worst), rest)| (cost + i64::from(rest), worst));
    ends.reduce(|a, b| if better(b, a) { b } else { a }).unwrap_or((0, 0))
}

#[cfg(all(test, feature = "simulate"))]
mod tests {
    use super::*;
    use crate::check::scenario::event;
    use crate::simulate::{random_path, random_sop};
    use crate::text::stable_hash;

    /// The ways to find the spread agree, and the bounds for many events hold for few of them.
    #[test]
    fn all_ways_agree() {
        let mut scratch = Scratch::new();
        let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
        for seed in 0..1_000 {
            let sop = random_sop(seed, 4 + seed as usize % 12);
            let automaton = sop.automaton(&vec![true; sop.whens().len()]).expect("a small SOP");
            let aligner = Aligner::new(automaton.clone());
            let random = |what: &str, n: usize| stable_hash(&format!("{what} {seed} {n}")) as f64 / u64::MAX as f64;
            let mut open = 0;
            let mut item = |(number, label): (usize, &String)| {
                open += 1;
                let prob = if open <= 9 && random("open", number) < 0.6 { 0.05 + 0.9 * random("prob", number) } else { 1.0 };
                Item { event: event(&sop, &automaton, label), label: 0, prob, number: number as u32 }
            };
            let items: Vec<Item> = random_path(&sop, seed * 3, 0.4).iter().enumerate().map(&mut item).collect();
            let open: Vec<usize> = (0..items.len()).filter(|&i| items[i].open()).collect();
            let exact = by_halves(&aligner, &items, &open);
            let searched = by_search(&aligner, &items, &open, &mut scratch).expect("a small path");
            let said = format!("seed {seed}: {}", sop.to_yaml());
            assert!(exact.low == searched.low && exact.high == searched.high, "{said}");
            assert!(close(exact.expected.unwrap_or(-1.0), searched.expected.unwrap_or(-2.0)), "{said}");
            assert!(exact.influence.iter().zip(&searched.influence).all(|(a, b)| close(*a, *b)), "{said}");
            assert!(close(highest(&aligner, &items), exact.high), "{} {} {said}", highest(&aligner, &items), exact.high);
            let low = lowest(&aligner, &items, &mut scratch);
            assert!((0.0..=exact.low + 1e-12).contains(&low), "{low} {} {said}", exact.low);
            if open.is_empty() {
                assert!(close(low, exact.low), "{low} {} {said}", exact.low);
            }
        }
    }
}
