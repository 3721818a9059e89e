//! From a check to its chances: facts once a distinct path, counted case by case.

use indexmap::IndexSet;
use rustc_hash::{FxHashMap, FxHashSet};

use super::calendar::Calendar;
use super::chances::{ChanceBuilder, ChanceId, ChanceKind, ChanceOptions, Chances};
use crate::check::{Check, Chosen, NOWHERE, State, Status};
use crate::corpus::{NONE, OutcomeValue};
use crate::error::Result;
use crate::evidence;
use crate::sop::{Actor, Sop};

/// Whether a chance was taken.
#[derive(Clone, Copy)]
enum Taken {
    Yes,
    No,
    /// As the case ended: won, lost, or not yet known.
    AsEnded,
    /// Where the case ended for good: no; where it is open, nobody knows yet.
    EndedThere,
}

/// A fact of a path: chance, the event that showed it, and whether it was taken.
type Fact = (u32, u32, Taken);

struct Gather<'a> {
    check: &'a Check,
    builder: ChanceBuilder,
    /// Chances by entry, kind, step (or label) and point.
    numbers: FxHashMap<(u32, ChanceKind, u32, u32), u32>,
}

impl Chances {
    /// The chances of all cases of a check: every choice the check sees, with the rep of its event and the week of its case.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) for an attribute that no case has.
    pub fn of(check: &Check, options: &ChanceOptions) -> Result<Self> {
        let store = check.corpus().store();
        let adjust_for = options.adjust_for.clone().unwrap_or_else(|| if check.outcome().is_some() { evidence::default_adjustment(check) } else { vec![] });
        let calendar = Calendar::of(&store.started_at, options.as_of, options.utc_offset)?;
        let weeks: Vec<Option<i32>> = store.started_at.iter().map(|&t| calendar.week(t)).collect();
        let mut texts = IndexSet::default();
        let profiles = evidence::profiles(store, &adjust_for, &mut texts)?;
        let mut gather = Gather { check, builder: ChanceBuilder::with(adjust_for, calendar), numbers: FxHashMap::default() };
        for values in texts {
            gather.builder.profile(values);
        }
        gather.builder.reps = store.reps.clone();
        let facts: Vec<Vec<Fact>> = (0..check.paths()).map(|path| gather.path(path)).collect();
        let outcome = check.outcome_column();
        for case in 0..check.len() {
            let (Some(path), Some(week)) = (check.path_of(case), weeks[case]) else { continue };
            let won = match outcome.and_then(|column| column.get(case)) {
                Some(OutcomeValue::Bool(won)) => Some(won),
                _ => None,
            };
            let rep_at = |event: u32| {
                if store.event_rep.is_empty() || event == NOWHERE || event as usize >= check.path_len(case) {
                    check.rep_of(case)
                } else {
                    store.event_rep(case, check.event_of(case, event))
                }
            };
            for &(chance, event, taken) in &facts[path] {
                let hit = match taken {
                    Taken::Yes => true,
                    Taken::No => false,
                    Taken::AsEnded => match won {
                        Some(won) => won,
                        None => continue,
                    },
                    Taken::EndedThere if check.status(case) == Status::Open => continue,
                    Taken::EndedThere => false,
                };
                gather.builder.push(chance, rep_at(event), week, profiles[case], 1, u32::from(hit));
            }
            gather.standards(case, path, week, profiles[case], rep_at);
            gather.builder.in_team(check.rep_of(case), store.teams.get(store.team[case]), week);
        }
        Ok(gather.builder.build())
    }
}

impl Gather<'_> {
    fn number(&mut self, entry: u32, sop: &Sop, kind: ChanceKind, what: u32, point: u32, base: Option<u32>) -> u32 {
        if let Some(&number) = self.numbers.get(&(entry, kind, what, point)) {
            return number;
        }
        let step_id = |step: u32| sop.steps().get_index(step as usize).map(|(id, _)| id.as_str());
        let step = match kind {
            ChanceKind::Choice | ChanceKind::Customer => self.check.corpus().store().steps.get(what).unwrap_or_default(),
            _ => step_id(what).unwrap_or_default(),
        };
        let id = ChanceId {
            kind,
            sop: sop.name().to_owned(),
            entry,
            step: step.to_owned(),
            title: sop.title(step).to_owned(),
            standard: None,
            point: step_id(point).map(ToOwned::to_owned),
        };
        let number = match base {
            Some(base) => self.builder.share_of(id, base),
            None => self.builder.chance(id),
        };
        self.numbers.insert((entry, kind, what, point), number);
        number
    }

    /// What a distinct path says.
    fn path(&mut self, path: usize) -> Vec<Fact> {
        let check = self.check;
        let (entry, sop) = check.sop_of_path(path);
        let walked = check.choices_of(path);
        let step_of = |node: u32| sop.nodes().get(node as usize).map_or(NOWHERE, |node| node.step);
        let by_agent = |step: u32| sop.steps()[step as usize].by == Actor::Agent;
        let done = |chosen: Chosen| matches!(chosen, Chosen::Done(_) | Chosen::DoneLate(_));
        let last = walked.choices.iter().rposition(|choice| done(choice.chosen));
        let mut facts: Vec<Fact> = Vec::with_capacity(2 * walked.choices.len() + 2);
        let mut once: FxHashSet<u32> = FxHashSet::default();
        let mut places: FxHashSet<u32> = FxHashSet::default();
        let start = self.number(entry, sop, ChanceKind::Point, NOWHERE, NOWHERE, None);
        once.insert(start);
        facts.push((start, NOWHERE, Taken::Yes));
        for (i, choice) in walked.choices.iter().enumerate() {
            let point = step_of(choice.point.node);
            let (label, planned) = match choice.chosen {
                Chosen::Skipped(node) => {
                    let place = &sop.nodes()[node as usize];
                    if by_agent(place.step) && !place.avoidable && places.insert(node) {
                        facts.push((self.number(entry, sop, ChanceKind::Step, place.step, NOWHERE, None), choice.event, Taken::No));
                    }
                    continue;
                }
                Chosen::Done(node) | Chosen::DoneLate(node) => {
                    let place = &sop.nodes()[node as usize];
                    let step = place.step;
                    if by_agent(step) {
                        if matches!(choice.chosen, Chosen::Done(_)) && !place.avoidable && places.insert(node) {
                            facts.push((self.number(entry, sop, ChanceKind::Step, step, NOWHERE, None), choice.event, Taken::Yes));
                        }
                        let result = self.number(entry, sop, ChanceKind::Result, step, NOWHERE, None);
                        if once.insert(result) {
                            let taken = match last {
                                Some(last) if last > i => Taken::Yes,
                                _ if check.ends_flow(path) => Taken::AsEnded,
                                _ => Taken::EndedThere,
                            };
                            facts.push((result, choice.event, taken));
                        }
                    }
                    let reached = self.number(entry, sop, ChanceKind::Point, step, NOWHERE, None);
                    if once.insert(reached) {
                        facts.push((reached, choice.event, Taken::Yes));
                    }
                    let name = sop.steps().get_index(step as usize).map_or("", |(id, _)| id.as_str());
                    (check.corpus().store().steps.find(name).unwrap_or(NONE), Some((step, place.avoidable)))
                }
                Chosen::Added(label) => (label, None),
            };
            // What the customer brought, and what the agent did that the flow does not ask for.
            let known = planned.map(|(step, _)| step).or_else(|| check.step_of_label(sop, label));
            let customer = known.is_some_and(|step| !by_agent(step));
            if label != NONE && (customer || planned.is_none_or(|(_, avoidable)| avoidable)) {
                let base = self.number(entry, sop, ChanceKind::Point, point, NOWHERE, None);
                let kind = if customer { ChanceKind::Customer } else { ChanceKind::Choice };
                let share = self.number(entry, sop, kind, label, point, Some(base));
                if once.contains(&base) && once.insert(share) {
                    facts.push((share, choice.event, Taken::Yes));
                }
            }
        }
        facts
    }

    fn standards(&mut self, case: usize, path: usize, week: i32, profile: u32, rep_at: impl Fn(u32) -> u32) {
        let (entry, sop) = self.check.sop_of_path(path);
        for m in self.check.measured(case) {
            let hit = match m.state {
                State::Met => 1,
                State::Failed => 0,
                State::NotMeasured => continue,
            };
            // A standard is numbered within its SOP, as steps are: the number stands where others have a step.
            let number = match self.numbers.get(&(entry, ChanceKind::Standard, m.rule, NOWHERE)) {
                Some(&number) => number,
                None => {
                    let Some((step, key, _)) = self.check.standards_of(entry).nth(m.rule as usize) else { continue };
                    let step = sop.steps().get_index(step as usize).map_or("", |(id, _)| id.as_str());
                    let id = ChanceId {
                        kind: ChanceKind::Standard,
                        sop: sop.name().to_owned(),
                        entry,
                        step: step.to_owned(),
                        title: sop.title(step).to_owned(),
                        standard: Some(key.to_owned()),
                        point: None,
                    };
                    let number = self.builder.chance(id);
                    self.numbers.insert((entry, ChanceKind::Standard, m.rule, NOWHERE), number);
                    number
                }
            };
            self.builder.push(number, rep_at(m.event), week, profile, 1, hit);
        }
    }
}
