//! Mining: a log is cut into parts and the parts are mined, until only single steps are left.

use super::cuts::{Kind, cut, split};
use super::log::{Follows, Log};
use super::tree::Tree;

/// Deepest nesting; what lies deeper becomes "any of these, any number of times".
const DEPTH: usize = 40;
/// Most steps of which each is tried as standing beside all the others.
const ASIDE: usize = 40;

/// The tree of a log; what is rarer than `noise` times its strongest alternative is left out where no cut is found with it.
pub(super) fn mine(log: &Log, noise: f64, depth: usize) -> Tree {
    let follows = Follows::of(log);
    let cases = log.cases();
    if follows.len() == 0 || cases == 0 {
        return Tree::Nothing;
    }
    if follows.empty > 0 {
        let mut rest = Log::default();
        log.iter().filter(|(trace, _)| !trace.is_empty()).for_each(|(trace, weight)| rest.add(trace, weight));
        let tree = mine(&rest, noise, depth);
        return if (follows.empty as f64) < noise * cases as f64 { tree } else { Tree::Choice(vec![Tree::Nothing, tree]) };
    }
    if follows.len() == 1 {
        let repeated: u64 = log.iter().filter(|(trace, _)| trace.len() > 1).map(|(_, weight)| weight).sum();
        let step = Tree::Step(follows.steps[0]);
        return if repeated == 0 || (repeated as f64) < noise * cases as f64 { step } else { Tree::Loop(Box::new(step), Vec::new()) };
    }
    if depth > DEPTH {
        return any(&follows);
    }
    if let Some(cut) = cut(&follows, noise) {
        let parts: Vec<Tree> = split(log, &follows, &cut).iter().map(|part| mine(part, noise, depth + 1)).collect();
        return whole(cut.kind, parts);
    }
    aside(log, &follows, noise, depth).or_else(|| rounds(log, &follows, noise, depth)).unwrap_or_else(|| any(&follows))
}

fn whole(kind: Kind, mut parts: Vec<Tree>) -> Tree {
    match kind {
        Kind::Choice => Tree::Choice(parts),
        Kind::Sequence => Tree::Sequence(parts),
        Kind::Parallel => Tree::Parallel(parts),
        Kind::Loop => {
            let back = parts.split_off(1);
            Tree::Loop(Box::new(parts.pop().unwrap_or(Tree::Nothing)), back)
        }
    }
}

/// A step that hides the structure of the others stands beside them: one done exactly once in every case, else the first
/// without which a cut is found.
fn aside(log: &Log, follows: &Follows, noise: f64, depth: usize) -> Option<Tree> {
    let once = |step: u16| log.iter().all(|(trace, _)| trace.iter().filter(|&&e| e == step).count() == 1);
    let without = |step: u16| {
        let (mut rest, mut own, mut work) = (Log::default(), Log::default(), Vec::new());
        for (trace, weight) in log.iter() {
            work.clear();
            work.extend(trace.iter().filter(|&&e| e != step));
            rest.add(&work, weight);
            work.clear();
            work.extend(trace.iter().filter(|&&e| e == step));
            own.add(&work, weight);
        }
        (rest, own)
    };
    let steps = || follows.steps.iter().copied().take(ASIDE);
    let beside = |(rest, own): (Log, Log)| Tree::Parallel(vec![mine(&own, noise, depth + 1), mine(&rest, noise, depth + 1)]);
    if let Some(step) = steps().find(|&step| once(step)) {
        return Some(beside(without(step)));
    }
    steps().find_map(|step| {
        let (rest, own) = without(step);
        cut(&Follows::of(&rest), noise).is_some().then(|| beside((rest, own)))
    })
}

/// A case is several rounds, one after the other: cut wherever a start directly follows an end.
fn rounds(log: &Log, follows: &Follows, noise: f64, depth: usize) -> Option<Tree> {
    let local = |e: u16| follows.steps.binary_search(&e).unwrap_or_default();
    let (mut apart, mut more) = (Log::default(), false);
    for (trace, weight) in log.iter() {
        let mut from = 0;
        for i in 1..trace.len() {
            if follows.end[local(trace[i - 1])] > 0 && follows.start[local(trace[i])] > 0 {
                apart.add(&trace[from..i], weight);
                (from, more) = (i, true);
            }
        }
        apart.add(&trace[from..], weight);
    }
    more.then(|| Tree::Loop(Box::new(mine(&apart, noise, depth + 1)), Vec::new()))
}

/// Any of the steps, any number of times.
fn any(follows: &Follows) -> Tree {
    Tree::Loop(Box::new(Tree::Choice(follows.steps.iter().map(|&step| Tree::Step(step)).collect())), Vec::new())
}
