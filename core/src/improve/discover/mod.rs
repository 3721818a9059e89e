//! What really happens: an SOP mined from the paths of cases, and the map of what directly follows what.
//!
//! In: a [`Corpus`]. Out: [`Discovery`] with a sound block-structured [`Sop`], and [`DirectlyFollows`].

mod cuts;
mod follows;
mod log;
mod mine;
mod tree;

use indexmap::IndexMap;
use serde::Serialize;

pub use follows::{DirectlyFollows, FollowsEdge};

use self::log::Log;
use self::tree::Tree;
use crate::corpus::{Corpus, OutcomeValue};
use crate::error::{Error, Result};
use crate::sop::{Flow, Sop, Step};

/// Most distinct steps that are mined; rarer ones are left out, and said.
const STEPS: usize = 500;

/// How an SOP is mined.
#[derive(Debug, Clone, PartialEq)]
pub struct DiscoverOptions {
    /// Name of the SOP.
    pub name: String,
    /// What is rarer than this share (0 to 1) of its strongest alternative may be left out: 0 keeps all.
    pub noise: f64,
    /// Only cases of which this yes/no outcome is yes.
    pub won: Option<String>,
    /// Steps that are left out of the paths.
    pub leave_out: Vec<String>,
}

impl Default for DiscoverOptions {
    fn default() -> Self {
        Self { name: "discovered".to_owned(), noise: 0.2, won: None, leave_out: Vec::new() }
    }
}

/// An SOP that was mined.
#[derive(Debug, Clone)]
pub struct Discovery {
    /// The SOP: sound, because it is made of blocks.
    pub sop: Sop,
    /// Cases it was mined from.
    pub cases: u64,
    /// Distinct paths among them.
    pub paths: u64,
    /// Steps that were left out because there are more than 500, with how often each came.
    pub left_out: Vec<(String, u64)>,
    /// Blocks of steps in any order that had too many states, and were made "any of these, any number of times".
    pub loosened: u64,
}

/// The figures of a discovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DiscoverySize {
    /// Places of steps in the flow.
    pub places: u64,
    /// Blocks around them.
    pub blocks: u64,
}

impl Discovery {
    /// Mines an SOP from a corpus: steps are cut into alternatives, sequences, parts side by side and loops by what directly
    /// follows what, and the parts are mined in turn.
    ///
    /// ```
    /// use goldpath::{Corpus, corpus::Conversation, improve::{DiscoverOptions, Discovery}};
    /// let paths = [["open", "need", "budget", "close"], ["open", "budget", "need", "close"]];
    /// let corpus = Corpus::from_conversations(paths.iter().enumerate().map(|(i, steps)| Conversation::of_steps(i.to_string(), *steps)))?;
    /// let found = Discovery::of(&corpus, &DiscoverOptions::default())?;
    /// assert!(found.sop.to_yaml().contains("any_order"));
    /// assert!(corpus.check(&found.sop)?.cases().column("cost").is_some());
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for a share that is none, an outcome that the corpus does not have as yes/no, or where no case has
    /// a step.
    pub fn of(corpus: &Corpus, options: &DiscoverOptions) -> Result<Self> {
        if !(0.0..=1.0).contains(&options.noise) {
            return Err(Error::argument("noise", format!("{} is no share", options.noise), "a number from 0 to 1"));
        }
        let store = corpus.store();
        let outcome = match &options.won {
            None => None,
            Some(name) => match store.outcomes.get(name) {
                Some(column) => Some(column),
                None => {
                    let list = store.outcomes.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
                    return Err(Error::argument("won", format!("no conversation has an outcome `{name}`"), format!("outcomes: {list}")));
                }
            },
        };
        let takes = |case: usize| outcome.is_none_or(|column| column.get(case) == Some(OutcomeValue::Bool(true)));
        let drop = |step: &str| options.leave_out.iter().any(|name| name == step);
        Self::mined(corpus, &options.name, options.noise, takes, drop)
    }

    /// As [`Discovery::of`], of some cases by their number, without some steps.
    pub(super) fn mined(corpus: &Corpus, name: &str, noise: f64, takes: impl Fn(usize) -> bool, drop: impl Fn(&str) -> bool) -> Result<Self> {
        let store = corpus.store();
        let mut times = vec![0u64; store.steps.len()];
        let cases: Vec<usize> = (0..store.len()).filter(|&case| takes(case)).collect();
        for &case in &cases {
            store.path(case).iter().for_each(|&step| times[step as usize] += 1);
        }
        let mut order: Vec<usize> = (0..times.len()).filter(|&i| times[i] > 0 && !drop(store.steps.get(i as u32).unwrap_or_default())).collect();
        order.sort_by_key(|&i| (std::cmp::Reverse(times[i]), i));
        let rest = order.split_off(order.len().min(STEPS));
        order.sort_unstable();
        let label = |i: usize| store.steps.get(i as u32).unwrap_or_default().to_owned();
        let mut number = vec![u16::MAX; times.len()];
        order.iter().enumerate().for_each(|(i, &step)| number[step] = i as u16);
        let (mut log, mut work) = (Log::default(), Vec::new());
        for &case in &cases {
            work.clear();
            work.extend(store.path(case).iter().map(|&step| number[step as usize]).filter(|&n| n != u16::MAX));
            log.add(&work, 1);
        }
        if order.is_empty() {
            return Err(Error::argument("corpus", "no case that is asked for has a step", "give conversations with steps, or tag them first"));
        }
        let mut tree = mine::mine(&log, noise, 0).simple();
        let mut loosened = 0;
        let name_of = |i: u16| label(order[usize::from(i)]);
        let sop = loop {
            match build(name, &order.iter().map(|&i| label(i)).collect::<Vec<_>>(), &tree, &name_of) {
                Ok(sop) => break sop,
                Err(_) if loosen(&mut tree) => loosened += 1,
                Err(error) => return Err(error),
            }
        };
        Ok(Self { sop, cases: cases.len() as u64, paths: log.len() as u64, left_out: rest.into_iter().map(|i| (label(i), times[i])).collect(), loosened })
    }

    /// How large the SOP is.
    pub fn size(&self) -> DiscoverySize {
        fn blocks(list: &[crate::sop::Block]) -> u64 {
            list.iter().map(|block| if matches!(block, crate::sop::Block::Step(_)) { 0 } else { 1 + blocks(block.members()) }).sum()
        }
        let blocks = if let Flow::Flow(list) = self.sop.flow() { blocks(list) } else { 0 };
        DiscoverySize { places: self.sop.nodes().len() as u64, blocks }
    }
}

fn build(name: &str, steps: &[String], tree: &Tree, name_of: &impl Fn(u16) -> String) -> Result<Sop> {
    let flow = tree.blocks(name_of);
    let mut used = std::collections::BTreeSet::new();
    fn note(list: &[crate::sop::Block], used: &mut std::collections::BTreeSet<String>) {
        for block in list {
            if let crate::sop::Block::Step(step) = block {
                used.insert(step.clone());
            }
            note(block.members(), used);
        }
    }
    note(&flow, &mut used);
    let steps: IndexMap<&str, Step> = steps.iter().filter(|step| used.contains(*step)).map(|step| (step.as_str(), Step::default())).collect();
    Sop::from_value(serde_json::json!({ "format": "goldpath/1", "name": name, "steps": steps, "flow": flow }))
}

/// Makes the largest block of steps in any order "any of these, any number of times"; `false` where there is none.
fn loosen(tree: &mut Tree) -> bool {
    fn steps(tree: &Tree, into: &mut Vec<u16>) {
        match tree {
            Tree::Nothing => {}
            Tree::Step(step) => into.push(*step),
            Tree::Sequence(m) | Tree::Choice(m) | Tree::Parallel(m) => m.iter().for_each(|t| steps(t, into)),
            Tree::Loop(body, back) => {
                steps(body, into);
                back.iter().for_each(|t| steps(t, into));
            }
        }
    }
    fn largest<'a>(tree: &'a mut Tree, best: &mut Option<(usize, &'a mut Tree)>) {
        if let Tree::Parallel(_) = tree {
            let mut list = Vec::new();
            steps(tree, &mut list);
            if best.as_ref().is_none_or(|(n, _)| list.len() > *n) {
                *best = Some((list.len(), tree));
            }
            return;
        }
        match tree {
            Tree::Sequence(m) | Tree::Choice(m) => m.iter_mut().for_each(|t| largest(t, best)),
            Tree::Loop(body, back) => {
                largest(body, best);
                back.iter_mut().for_each(|t| largest(t, best));
            }
            Tree::Nothing | Tree::Step(_) | Tree::Parallel(_) => {}
        }
    }
    let mut best = None;
    largest(tree, &mut best);
    let Some((_, found)) = best else { return false };
    let mut list = Vec::new();
    steps(found, &mut list);
    list.sort_unstable();
    list.dedup();
    let any = Tree::Loop(Box::new(Tree::Choice(list.into_iter().map(Tree::Step).collect())), Vec::new());
    *found = Tree::Choice(vec![Tree::Nothing, any]);
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Conversation;
    use proptest::prelude::*;

    fn corpus(paths: &[Vec<&str>]) -> Corpus {
        Corpus::from_conversations(paths.iter().enumerate().map(|(i, steps)| Conversation::of_steps(i.to_string(), steps.iter().copied()))).unwrap()
    }

    fn flow(paths: &[Vec<&str>], noise: f64) -> String {
        let found = Discovery::of(&corpus(paths), &DiscoverOptions { noise, ..DiscoverOptions::default() }).unwrap();
        serde_json::to_string(found.sop.flow()).unwrap()
    }

    #[test]
    fn every_kind_of_block() {
        assert_eq!(flow(&[vec!["a", "b", "c"], vec!["a", "c"]], 0.0), r#"{"flow":["a",{"optional":["b"]},"c"]}"#);
        assert_eq!(flow(&[vec!["a", "b", "d"], vec!["a", "c", "d"]], 0.0), r#"{"flow":["a",{"one_of":["b","c"]},"d"]}"#);
        assert_eq!(flow(&[vec!["a", "b", "c", "d"], vec!["a", "c", "b", "d"]], 0.0), r#"{"flow":["a",{"any_order":["b","c"]},"d"]}"#);
        assert_eq!(flow(&[vec!["a", "b"], vec!["a", "b", "x", "a", "b"]], 0.0), r#"{"flow":["a","b",{"repeat":["x","a","b"]}]}"#);
        assert_eq!(flow(&[vec!["a"], vec!["a", "a", "a"]], 0.0), r#"{"flow":[{"repeat":["a"],"at_least":1}]}"#);
    }

    #[test]
    fn what_is_rare_is_left_out() {
        let mut paths = vec![vec!["a", "b", "c"]; 50];
        paths.push(vec!["c", "b", "a"]);
        assert_eq!(flow(&paths, 0.2), r#"{"flow":["a","b","c"]}"#);
        assert_ne!(flow(&paths, 0.0), r#"{"flow":["a","b","c"]}"#);
    }

    #[test]
    fn bad_input() {
        let some = corpus(&[vec!["a"]]);
        let of = |options: DiscoverOptions| Discovery::of(&some, &options).unwrap_err();
        assert!(of(DiscoverOptions { noise: 2.0, ..DiscoverOptions::default() }).to_string().contains("noise"));
        assert!(of(DiscoverOptions { won: Some("won".into()), ..DiscoverOptions::default() }).to_string().contains("won"));
        assert!(Discovery::of(&corpus(&[vec![]]), &DiscoverOptions::default()).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// Without a share left out, every path is allowed by the SOP that was mined from it.
        #[test]
        fn all_paths_fit(paths in proptest::collection::vec(proptest::collection::vec(0usize..6, 0..8), 1..12)) {
            const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
            prop_assume!(paths.iter().any(|p| !p.is_empty()));
            let named: Vec<Vec<&str>> = paths.iter().map(|p| p.iter().map(|&i| NAMES[i]).collect()).collect();
            let corpus = corpus(&named);
            let found = Discovery::of(&corpus, &DiscoverOptions { noise: 0.0, ..DiscoverOptions::default() }).unwrap();
            let check = corpus.check(&found.sop).unwrap();
            for case in corpus.ids().map(ToOwned::to_owned).collect::<Vec<_>>() {
                let alignment = check.alignment(&case).unwrap();
                prop_assert_eq!(alignment.cost, 0, "{:?} {}", named, serde_json::to_string(found.sop.flow()).unwrap());
            }
        }
    }
}
