//! Lists that keep their order: putting in, taking out, and what stays where of two of them.

use std::hash::Hash;

use rustc_hash::FxHashMap;

use crate::error::Fault;

pub(super) fn add<T>(list: &mut Vec<T>, value: T, at: Option<usize>) -> Result<(), Fault> {
    let n = list.len();
    let at = at.unwrap_or(n);
    if at > n {
        return Err(
            Fault::new("patch.no_place", format!("the list has {n} entries: none can be put in as number {at}")).help("leave `at` out to add it at the end")
        );
    }
    list.insert(at, value);
    Ok(())
}

pub(super) fn remove<T: PartialEq>(list: &mut Vec<T>, value: &T, at: Option<usize>, missing: impl FnOnce() -> String) -> Result<(), Fault> {
    let found = match at {
        Some(at) => list.get(at).filter(|there| *there == value).map(|_| at),
        None => list.iter().position(|there| there == value),
    };
    let at = found.ok_or_else(|| Fault::new("patch.other_content", missing()).help("see the list in the SOP, as earlier edits left it"))?;
    list.remove(at);
    Ok(())
}

/// Cells of the table beyond which two lists are not compared in full.
const CELLS: usize = 8_000_000;

/// Pairs of equal entries that come in the same order in both: as many as can be, where the lists are not very long.
pub(super) fn in_common<T: Eq + Hash>(a: &[T], b: &[T]) -> Vec<(usize, usize)> {
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let tail = a[head..].iter().rev().zip(b[head..].iter().rev()).take_while(|(x, y)| x == y).count();
    let (inner_a, inner_b) = (&a[head..a.len() - tail], &b[head..b.len() - tail]);
    let mut pairs: Vec<(usize, usize)> = (0..head).map(|i| (i, i)).collect();
    let inner = if inner_a.len().saturating_mul(inner_b.len()) <= CELLS { longest(inner_a, inner_b) } else { rising(&by_turns(inner_a, inner_b)) };
    pairs.extend(inner.into_iter().map(|(i, j)| (i + head, j + head)));
    pairs.extend((0..tail).map(|i| (a.len() - tail + i, b.len() - tail + i)));
    pairs
}

/// The longest common subsequence; among equal ones that which takes the earliest entries of the first list.
fn longest<T: Eq>(a: &[T], b: &[T]) -> Vec<(usize, usize)> {
    let width = b.len() + 1;
    let mut best = vec![0u32; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            best[i * width + j] = if a[i] == b[j] { best[(i + 1) * width + j + 1] + 1 } else { best[(i + 1) * width + j].max(best[i * width + j + 1]) };
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < a.len() && j < b.len() {
        if a[i] == b[j] {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if best[i * width + j + 1] >= best[(i + 1) * width + j] {
            j += 1;
        } else {
            i += 1;
        }
    }
    pairs
}

/// Each entry with the equal one of the other list that comes as often there before it, in the order of the second.
pub(super) fn by_turns<T: Eq + Hash>(a: &[T], b: &[T]) -> Vec<(usize, usize)> {
    let mut places: FxHashMap<&T, std::collections::VecDeque<usize>> = FxHashMap::default();
    for (i, entry) in a.iter().enumerate() {
        places.entry(entry).or_default().push_back(i);
    }
    b.iter().enumerate().filter_map(|(j, entry)| Some((places.get_mut(entry)?.pop_front()?, j))).collect()
}

/// The longest part of pairs (in the order of the second list) that rises in the first as well.
pub(super) fn rising(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let (mut ends, mut before): (Vec<usize>, Vec<Option<usize>>) = (Vec::new(), Vec::with_capacity(pairs.len()));
    for (n, &(i, _)) in pairs.iter().enumerate() {
        let at = ends.partition_point(|&end| pairs[end].0 < i);
        before.push(at.checked_sub(1).map(|at| ends[at]));
        if at == ends.len() { ends.push(n) } else { ends[at] = n }
    }
    let mut chain = Vec::with_capacity(ends.len());
    let mut at = ends.last().copied();
    while let Some(n) = at {
        chain.push(pairs[n]);
        at = before[n];
    }
    chain.reverse();
    chain
}
