//! The path of a case, repaired at least cost so that it does some steps where they are planned.
//!
//! Of all runs of the flow that perform the wanted steps, the one is taken with which the path aligns most cheaply; a wanted
//! step that the path leaves out of that run is put in at its place. That is the aligner's own search, on the automaton of those
//! runs.

use serde::Serialize;

use super::align::{Aligner, Event, Goal, MoveKind, Path, Scratch};
use super::run::{Check, Inner};
use crate::error::{Error, Fault, Result};
use crate::sop::Actor;

/// Most steps that can be asked for at once.
const WANTED: usize = 6;

/// What becomes of a step in a repaired path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RepairKind {
    /// It stays as it is.
    Kept,
    /// It is put in.
    Inserted,
    /// It was done at another place, and is done here instead.
    Moved,
    /// It was planned, and has no place any more in a run with the wanted steps.
    Removed,
}

/// A step of a repaired path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RepairStep {
    /// What becomes of it.
    pub kind: RepairKind,
    /// Step or label.
    pub step: String,
    /// Its title.
    pub title: String,
    /// Number of the event in the path as it was, from 0; `None` for what is put in.
    pub event: Option<u32>,
    /// Where it is planned in the file; `None` for what is not planned there.
    pub place: Option<String>,
}

/// The path of a case, repaired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Repair {
    /// Id of the case.
    pub case: String,
    /// Name of the SOP.
    pub sop: String,
    /// The steps that were asked for.
    pub wanted: Vec<String>,
    /// The repaired path, and what was taken out of it where it stood.
    pub steps: Vec<RepairStep>,
    /// Cost of the explanation of the path by a run with the wanted steps: what is put in, and what still deviates.
    pub cost: u32,
    /// Cost of the alignment of the path as it was.
    pub cost_before: u32,
    /// Cost of the alignment of the repaired path.
    pub cost_after: u32,
}

impl Repair {
    /// How many steps are put in, moved or taken out.
    pub fn edits(&self) -> usize {
        self.steps.iter().filter(|step| step.kind != RepairKind::Kept).count()
    }
}

/// A step that is put in, for those who ask what it would change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Inserted {
    /// Its place of the flow.
    pub(crate) node: u32,
    /// The place performed last before it.
    pub(crate) after: u32,
    /// It was done at another place.
    pub(crate) moved: Option<u32>,
}

impl Check {
    /// The path of a case, repaired so that it does the wanted steps where they are planned: the cheapest explanation of the
    /// path by a run of the flow that has them, with those that it leaves out put in.
    ///
    /// ```
    /// use goldpath::{Corpus, Sop, corpus::Conversation};
    /// let sop = Sop::parse("{format: goldpath/1, name: demo, steps: [open, need, close], flow: [open, need, close]}")?;
    /// let corpus = Corpus::from_conversations([Conversation::of_steps("c1", ["open", "close"])])?;
    /// let repair = corpus.check(&sop)?.repair("c1", &["need"])?;
    /// assert_eq!(repair.steps.iter().map(|s| s.step.as_str()).collect::<Vec<_>>(), ["open", "need", "close"]);
    /// assert_eq!((repair.edits(), repair.cost_before, repair.cost_after), (1, 1, 0));
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for a case that is not there, a step that its SOP does not plan for it or that the customer does,
    /// more than 6 steps, or steps that no run has together (`check.no_such_run`); [`Error::Limit`] as [`Corpus::check`](crate::Corpus::check).
    pub fn repair(&self, case_id: &str, wanted: &[impl AsRef<str>]) -> Result<Repair> {
        let case = self.find(case_id)?;
        self.repair_of(case, wanted).map(|(repair, _)| repair)
    }

    /// The repair of a case, and where its new steps go.
    pub(crate) fn repair_of(&self, case: usize, wanted: &[impl AsRef<str>]) -> Result<(Repair, Vec<Inserted>)> {
        let inner = &*self.inner;
        let Some(scenario) = inner.scenario(case) else { return Err(Error::argument("case_id", "no SOP takes the case", "ask for another")) };
        let (store, sop, automaton) = (inner.corpus.store(), inner.sop(scenario), &*scenario.aligner.automaton);
        let mut steps = Vec::new();
        for name in wanted {
            let name = name.as_ref();
            let step = sop.steps().get_full(name).filter(|(step, ..)| automaton.plans(*step as u32));
            let Some((number, _, step)) = step else {
                return Err(Error::argument("do", format!("the SOP plans no step `{name}` for this case"), "name steps of its flow"));
            };
            if step.by == Actor::Customer {
                return Err(Error::argument("do", format!("`{name}` is done by the customer"), "name steps of the agent"));
            }
            if !steps.contains(&(number as u32)) {
                steps.push(number as u32);
            }
        }
        if steps.len() > WANTED {
            return Err(Error::argument("do", format!("{} steps are asked for; at most {WANTED} can be", steps.len()), "ask for fewer at once"));
        }
        let too_large = || {
            Error::Limit(Box::new(
                Fault::new("check.too_large", "the flow with these steps to come has too many states").at_place("do").help("ask for fewer steps at once"),
            ))
        };
        let performing = automaton.performing(sop, &steps).ok_or_else(too_large)?;
        if !performing.accepting.contains(&true) {
            let names = wanted.iter().map(AsRef::as_ref).collect::<Vec<_>>().join("`, `");
            let fault = Fault::new("check.no_such_run", format!("no run of the SOP has `{names}` together")).at_place("do");
            return Err(Error::Argument(Box::new(fault.help("ask for steps of one branch"))));
        }
        let labels = inner.path(case);
        let mut path = Path::default();
        path.load(automaton, &scenario.labels, labels);
        let (mut scratch, mut moves) = (Scratch::new(), Vec::new());
        let cost = Aligner::new(performing.into()).align(&path, Goal::End, &mut scratch, &mut moves)?.whole;
        // What was planned before, and the extras of wanted steps, which are what can be moved.
        let before = inner.moves(inner.path_of[case] as usize);
        let planned: Vec<bool> = before.iter().filter(|m| m.kind() != MoveKind::Skipped).map(|m| m.kind() == MoveKind::Matched).collect();
        let spare = |step: u32, events: &[MoveKind], taken: &[u32]| {
            (0..labels.len() as u32)
                .find(|&event| path.event(event as usize) == Event::Planned(step) && events[event as usize] == MoveKind::Extra && !taken.contains(&event))
        };
        let kinds: Vec<MoveKind> = moves.iter().map(|m| m.kind()).filter(|kind| *kind != MoveKind::Skipped).collect();
        let done: Vec<u32> = moves.iter().filter(|m| m.kind() == MoveKind::Matched).map(|m| automaton.node_step[m.node() as usize]).collect();
        let (mut taken, mut inserted, mut put_in) = (Vec::new(), Vec::new(), Vec::new());
        let mut after = super::path::NOWHERE;
        for m in &moves {
            match m.kind() {
                MoveKind::Matched => after = m.node(),
                MoveKind::Skipped => {
                    let step = automaton.node_step[m.node() as usize];
                    // A step that is done elsewhere in the run need not be done at every place of it.
                    let wanted = steps.contains(&step) && !done.contains(&step) && !put_in.contains(&step);
                    if wanted {
                        let moved = spare(step, &kinds, &taken);
                        taken.extend(moved);
                        put_in.push(step);
                        inserted.push(Inserted { node: m.node(), after, moved });
                    }
                }
                MoveKind::Anytime | MoveKind::Extra => {}
            }
        }
        let mut repaired = Path::default();
        let mut list = Vec::new();
        let (mut event, mut next) = (0u32, inserted.iter().peekable());
        for m in &moves {
            let title = |step: &str| sop.title(step).to_owned();
            let place = |node: u32| sop.nodes().get(node as usize).map(|node| node.place.clone());
            if m.kind() == MoveKind::Skipped {
                if let Some(one) = next.next_if(|one| one.node == m.node()) {
                    let step = Inner::step_of(sop, one.node).unwrap_or_default().to_owned();
                    repaired.push(automaton, Event::Planned(automaton.node_step[one.node as usize]));
                    let kind = if one.moved.is_some() { RepairKind::Moved } else { RepairKind::Inserted };
                    let event = one.moved.map(|event| inner.used.event(store, case, event));
                    list.push(RepairStep { kind, title: title(&step), step, event, place: place(one.node) });
                }
                continue;
            }
            let at = event;
            event += 1;
            if taken.contains(&at) {
                continue;
            }
            let matched = m.kind() == MoveKind::Matched;
            let removed = m.kind() == MoveKind::Extra && planned.get(at as usize) == Some(&true);
            if !removed {
                repaired.push(automaton, path.event(at as usize));
            }
            let step = store.steps.get(labels[at as usize]).unwrap_or_default().to_owned();
            list.push(RepairStep {
                kind: if removed { RepairKind::Removed } else { RepairKind::Kept },
                title: title(&step),
                step,
                event: Some(inner.used.event(store, case, at)),
                place: if matched { place(m.node()) } else { None },
            });
        }
        moves.clear();
        let cost_after = scenario.aligner.align(&repaired, Goal::End, &mut scratch, &mut moves)?.whole;
        let repair = Repair {
            case: store.ids.get(case as u32).unwrap_or_default().to_owned(),
            sop: sop.name().to_owned(),
            wanted: wanted.iter().map(|name| name.as_ref().to_owned()).collect(),
            steps: list,
            cost,
            cost_before: inner.figures[inner.path_of[case] as usize].cost,
            cost_after,
        };
        Ok((repair, inserted))
    }
}

#[cfg(all(test, feature = "simulate"))]
mod tests {
    use super::*;
    use crate::simulate::{random_conversation, random_sop};
    use crate::sop::{Automaton, START};
    use crate::{Corpus, Sop};

    /// Cheapest explanation of a path in which all wanted steps are performed by events, by plain relaxation over places of the
    /// path, states and the set of wanted steps done: no code of the aligner.
    fn explained(sop: &Sop, automaton: &Automaton, path: &[String], wanted: &[String]) -> Option<u32> {
        let (n, states, sets) = (path.len(), automaton.len(), 1usize << wanted.len());
        let mut best = vec![u32::MAX; (n + 1) * states * sets];
        let at = |i: usize, s: u32, set: usize| (i * states + s as usize) * sets + set;
        best[at(0, START, 0)] = 0;
        let cost = |label: &str| match sop.steps().get(label) {
            Some(_) if sop.anytime().iter().any(|id| id == label) && !automaton.plans(sop.steps().get_index_of(label).unwrap() as u32) => 0,
            Some(step) => u32::from(step.cost.extra),
            None => 1,
        };
        loop {
            let mut changed = false;
            for i in 0..=n {
                for s in 0..states as u32 {
                    for set in 0..sets {
                        let here = best[at(i, s, set)];
                        if here == u32::MAX {
                            continue;
                        }
                        let mut lower = |key: usize, cost: u32| {
                            if cost < best[key] {
                                best[key] = cost;
                                changed = true;
                            }
                        };
                        if i < n {
                            lower(at(i + 1, s, set), here + cost(&path[i]));
                        }
                        for edge in automaton.edges(s) {
                            lower(at(i, edge.to, set), here + u32::from(edge.skip));
                            let (name, _) = sop.steps().get_index(edge.step as usize).unwrap();
                            if i < n && path[i] == *name {
                                let did = wanted.iter().position(|w| w == name).map_or(0, |bit| 1 << bit);
                                lower(at(i + 1, edge.to, set | did), here);
                            }
                        }
                    }
                }
            }
            if !changed {
                break;
            }
        }
        (0..states as u32).filter(|&s| automaton.accepting[s as usize]).map(|s| best[at(n, s, sets - 1)]).min().filter(|best| *best < u32::MAX)
    }

    /// Every way of putting in each wanted step at most once.
    fn edits(path: &[String], wanted: &[String]) -> Vec<(Vec<String>, Vec<String>)> {
        let Some((first, rest)) = wanted.split_first() else { return vec![(path.to_vec(), vec![])] };
        let mut all = Vec::new();
        for (path, put_in) in edits(path, rest) {
            for at in 0..=path.len() {
                let mut longer = path.clone();
                longer.insert(at, first.clone());
                all.push((longer, [put_in.clone(), vec![first.clone()]].concat()));
            }
            all.push((path, put_in));
        }
        all
    }

    #[test]
    fn no_cheaper_edit_contains_the_wanted_steps() {
        let (mut compared, mut refused) = (0, 0);
        for seed in 0..400 {
            let sop = random_sop(seed, 4);
            let conversation = random_conversation(&sop, seed, 0.5);
            if conversation.steps.len() > 7 {
                continue;
            }
            let path: Vec<String> = conversation.steps.iter().map(|event| event.step.clone()).collect();
            let corpus = Corpus::from_conversations([conversation.clone()]).unwrap();
            let Ok(check) = corpus.check(&sop) else { continue };
            let Some(scenario) = check.inner.scenario(0) else { continue };
            let automaton = &*scenario.aligner.automaton;
            let planned: Vec<String> = (sop.steps().iter().enumerate())
                .filter(|(n, (_, step))| step.by == Actor::Agent && automaton.plans(*n as u32))
                .map(|(_, (id, _))| id.clone())
                .collect();
            for k in 1..=2usize {
                if planned.len() < k {
                    continue;
                }
                let wanted: Vec<String> = (0..k).map(|i| planned[(seed as usize + i * 3) % planned.len()].clone()).collect();
                if wanted.iter().collect::<std::collections::BTreeSet<_>>().len() < k {
                    continue;
                }
                let best = edits(&path, &wanted)
                    .into_iter()
                    .filter_map(|(edited, put_in)| {
                        let inserting: u32 = put_in.iter().map(|step| u32::from(sop.steps()[step].cost.skipped)).sum();
                        Some(explained(&sop, automaton, &edited, &wanted)? + inserting)
                    })
                    .min();
                match (check.repair(&conversation.id, &wanted), best) {
                    (Ok(repair), Some(best)) => {
                        assert_eq!(repair.cost, best, "seed {seed}: {path:?} with {wanted:?} against {}", sop.to_yaml());
                        let repaired: Vec<&str> = repair.steps.iter().filter(|s| s.kind != RepairKind::Removed).map(|s| s.step.as_str()).collect();
                        assert!(
                            wanted.iter().all(|step| repair.steps.iter().any(|s| s.step == *step && s.place.is_some() && s.kind != RepairKind::Removed)),
                            "seed {seed}: {repaired:?}"
                        );
                        assert!(repair.cost_after <= repair.cost);
                        // What was there is there, once.
                        let mut events: Vec<u32> = repair.steps.iter().filter_map(|s| s.event).collect();
                        events.sort_unstable();
                        assert_eq!(events, (0..path.len() as u32).collect::<Vec<_>>());
                        compared += 1;
                    }
                    (Err(error), None) => {
                        assert_eq!(error.code(), "check.no_such_run");
                        refused += 1;
                    }
                    (have, want) => panic!("seed {seed}: {have:?} but {want:?}"),
                }
            }
        }
        assert!(compared > 200 && refused > 3, "{compared} {refused}");
    }
}
