//! In which order parts come: each after all that must precede it, and once what it needs is given.
//!
//! A part is ready when every part that must precede it is placed, and each of its needs is given by *some* part placed
//! before. Placing one never makes another unready, so placing whatever is ready finds a complete order exactly if there is
//! one: no search, no going back.

use super::super::limits;
use crate::error::Fault;

/// Why one part comes before another.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Why {
    /// The flow of a fragment says so.
    Flow(String),
    /// A rule says so, by its number.
    Rule(usize),
    /// A rule says that it stands in the place of the other, by its number.
    Filled(usize),
    /// The stages follow each other.
    Stages,
}

impl Why {
    fn text(&self) -> String {
        match self {
            Self::Flow(fragment) => format!("the flow of `{fragment}`"),
            Self::Rule(i) | Self::Filled(i) => format!("place[{i}] of the rules"),
            Self::Stages => "`stages` of the rules".to_owned(),
        }
    }
}

/// A part to be ordered.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    /// How people call it.
    pub(super) name: String,
    pub(super) needs: Vec<String>,
    pub(super) gives: Vec<String>,
    /// Number of its stage, of its fragment, and its number there: the smallest of those that are ready comes first.
    pub(super) rank: (usize, usize, usize),
}

/// Parts in their order. Needs that no part gives have to be taken out before.
pub(super) fn order(parts: &[Part], hard: &[(usize, usize, Why)]) -> Result<Vec<usize>, Fault> {
    debug_assert!(parts.len() <= 8 * limits::NODES);
    let mut waits = vec![0usize; parts.len()];
    let mut behind: Vec<Vec<usize>> = vec![Vec::new(); parts.len()];
    for &(a, b, _) in hard {
        waits[b] += 1;
        behind[a].push(b);
    }
    let mut given: rustc_hash::FxHashSet<&str> = rustc_hash::FxHashSet::default();
    let mut open: std::collections::BTreeSet<((usize, usize, usize), usize)> = parts.iter().enumerate().map(|(i, part)| (part.rank, i)).collect();
    let mut placed = Vec::with_capacity(parts.len());
    let met = |part: &Part, given: &rustc_hash::FxHashSet<&str>| part.needs.iter().all(|need| given.contains(need.as_str()) || part.gives.contains(need));
    while let Some(&next) = open.iter().find(|&&(_, i)| waits[i] == 0 && met(&parts[i], &given)) {
        open.remove(&next);
        let i = next.1;
        placed.push(i);
        given.extend(parts[i].gives.iter().map(String::as_str));
        behind[i].iter().for_each(|&b| waits[b] -= 1);
    }
    let left: Vec<usize> = open.into_iter().map(|(_, i)| i).collect();
    if left.is_empty() {
        Ok(placed)
    } else {
        Err(circle(parts, hard, &left, &|part| part.needs.iter().find(|need| !given.contains(need.as_str()) && !part.gives.contains(need))))
    }
}

/// Why the parts that are left cannot be placed: a circle in which each waits for the next.
fn circle(parts: &[Part], hard: &[(usize, usize, Why)], left: &[usize], unmet: &dyn Fn(&Part) -> Option<&String>) -> Fault {
    let mut way: Vec<(usize, String, bool)> = Vec::new();
    let mut at = left[0];
    loop {
        if let Some(from) = way.iter().position(|(seen, ..)| *seen == at) {
            way.drain(..from);
            break;
        }
        let before = hard.iter().find(|(a, b, _)| *b == at && left.contains(a));
        let (next, why, need) = match before {
            Some((a, _, why)) => (*a, format!("`{}` comes after `{}` by {}", parts[at].name, parts[*a].name, why.text()), false),
            None => {
                let Some(need) = unmet(&parts[at]) else { break };
                let Some(&giver) = left.iter().find(|&&i| parts[i].gives.contains(need)) else { break };
                (giver, format!("`{}` needs `{need}`, which `{}` gives", parts[at].name, parts[giver].name), true)
            }
        };
        way.push((at, why, need));
        at = next;
    }
    let needs = way.iter().any(|(.., need)| *need);
    let reasons: Vec<String> = way.into_iter().map(|(_, why, _)| why).collect();
    let (code, what) =
        if needs { ("compose.unmet", "what is needed is only given later") } else { ("compose.contradicting_order", "the orders contradict each other") };
    Fault::new(code, format!("{what}: {}", reasons.join("; "))).help("take one of these back: drop a step, change a rule, or say that it is `given`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Whether some order of all parts keeps everything, by trying all of them.
    fn possible(parts: &[Part], hard: &[(usize, usize, Why)], placed: &mut Vec<usize>) -> bool {
        if placed.len() == parts.len() {
            return true;
        }
        (0..parts.len()).filter(|i| !placed.contains(i)).collect::<Vec<_>>().into_iter().any(|i| {
            let before = hard.iter().all(|(a, b, _)| *b != i || placed.contains(a));
            let given = parts[i].needs.iter().all(|need| parts[i].gives.contains(need) || placed.iter().any(|&p| parts[p].gives.contains(need)));
            before && given && {
                placed.push(i);
                let found = possible(parts, hard, placed);
                placed.pop();
                found
            }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn an_order_is_found_exactly_if_there_is_one(
            facts in prop::collection::vec((prop::collection::vec(0u8..4, 0..3), prop::collection::vec(0u8..4, 0..3)), 1..6),
            edges in prop::collection::vec((0usize..6, 0usize..6), 0..6),
        ) {
            let names = |list: &[u8]| list.iter().map(|fact| format!("f{fact}")).collect::<Vec<_>>();
            let parts: Vec<Part> = facts.iter().enumerate().map(|(i, (needs, gives))| Part { name: format!("p{i}"), needs: names(needs), gives: names(gives), rank: (0, 0, i) }).collect();
            let n = parts.len();
            let hard: Vec<(usize, usize, Why)> = edges.into_iter().map(|(a, b)| (a % n, b % n, Why::Rule(0))).filter(|(a, b, _)| a != b).collect();
            let somewhere: Vec<String> = parts.iter().flat_map(|part| part.gives.clone()).collect();
            let parts: Vec<Part> = parts.into_iter().map(|mut part| { part.needs.retain(|need| somewhere.contains(need)); part }).collect();
            match order(&parts, &hard) {
                Ok(found) => {
                    for (at, &i) in found.iter().enumerate() {
                        let before = &found[..at];
                        prop_assert!(hard.iter().all(|(a, b, _)| *b != i || before.contains(a)));
                        prop_assert!(parts[i].needs.iter().all(|need| parts[i].gives.contains(need) || before.iter().any(|&p| parts[p].gives.contains(need))));
                    }
                    prop_assert_eq!(found.len(), n);
                }
                Err(fault) => {
                    prop_assert!(!possible(&parts, &hard, &mut Vec::new()));
                    prop_assert!(fault.message.contains("`p"), "{}", fault.message);
                }
            }
        }
    }
}
