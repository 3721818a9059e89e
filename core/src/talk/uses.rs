//! What was said and what came of it, one row a use: the facts that tracks are made of.
//!
//! Facts only add up: those of two parts of a corpus are those of the whole, in an order of their own.

use indexmap::{IndexMap, IndexSet};
use petgraph::graph::DiGraph;
use petgraph::visit::Dfs;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use super::feedback::standing;
use super::options::{ADVANCE, SCORE, TalkOptions};
use super::snippet::Place;
use crate::check::Check;
use crate::corpus::{NO_TIME, NONE, Names, OutcomeColumn, Speaker, Store, day_of};
use crate::error::{Error, Fault, Result};
use crate::evidence::{Known, KnownBefore, NO_LEVEL, as_number, profiles};
use crate::sop::{Actor, GraphNode};
use crate::text::{asks, fold};

/// What is spoken of: a step of the SOP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Step {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) by_customer: bool,
    /// No step is planned after it: there is nothing to go on to.
    pub(super) last: bool,
    /// What the guidance of the SOP gives word by word.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) scripts: Vec<String>,
}

/// A use. Texts are numbers into [`Uses::texts`], `NONE` where there is none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Use {
    /// Number of the step; `NONE` for a question of the customer that no step answers.
    pub(super) step: u32,
    pub(super) conversation: u32,
    /// First and last turn of the answer; of the question, where there is no answer.
    pub(super) turns: (u32, u32),
    pub(super) raised: u32,
    pub(super) answer: u32,
    pub(super) reaction: u32,
    pub(super) rep: u32,
    pub(super) team: u32,
    /// When the turn began, and the conversation.
    pub(super) at: i64,
    pub(super) started: i64,
    /// Step the agent did next.
    pub(super) next: u32,
    /// A planned step was matched after it.
    pub(super) advanced: bool,
    /// The SOP, and its number in the playbook.
    pub(super) sop: u32,
    pub(super) entry: u32,
    pub(super) profile: u32,
    pub(super) known: (u32, u32),
    /// Outcome of the conversation; NaN where it is open.
    pub(super) outcome: f64,
    /// The host's score; NaN where there is none.
    pub(super) score: f64,
}

impl Use {
    /// The outcome of the conversation, where it is known.
    pub(super) fn decided(&self) -> Option<f64> {
        Some(self.outcome).filter(|value| !value.is_nan())
    }
}

/// All uses, by conversation, turn and step.
#[derive(Debug, Clone, Default)]
pub(super) struct Uses {
    pub(super) steps: Vec<Step>,
    /// Name of the outcome, and whether it is a number.
    pub(super) outcome: Option<(String, bool)>,
    pub(super) texts: Names,
    pub(super) profiles: IndexSet<Vec<String>, FxBuildHasher>,
    pub(super) known_names: IndexSet<Known, FxBuildHasher>,
    pub(super) known: Vec<u32>,
    pub(super) rows: Vec<Use>,
    /// Conversations, also those in which nothing was said.
    pub(super) conversations: IndexSet<u32, FxBuildHasher>,
}

impl Uses {
    /// The uses of a check. Of a part of a corpus, attributes and outcomes may be missing: then no conversation of it has a value.
    pub(super) fn of(check: &Check, options: &TalkOptions, part: bool) -> Result<Self> {
        let store = check.corpus().store();
        let mut uses = Self { steps: steps(check), ..Self::default() };
        let unknown = |step: &&String| !uses.steps.iter().any(|known| known.id == **step);
        if let Some(step) = options.steps.iter().chain(options.expert.keys()).find(unknown) {
            let fault =
                Fault::new("talk.unknown_step", format!("`{step}` is no step that the SOP plans for the agent, nor one of the customer")).at_place("steps");
            let list = uses.steps.iter().map(|step| step.id.as_str()).collect::<Vec<_>>().join(", ");
            return Err(Error::Argument(Box::new(fault.help(format!("there are {list}")))));
        }
        if store.len() > 0 && !is_spoken(check) {
            let fault = Fault::new("talk.no_turns", "no step event says in which turn it happened").at_place("check");
            return Err(Error::Argument(Box::new(fault.help("read conversations with steps in their turns, or tag them by a detector"))));
        }
        let wanted = |step: &Step| options.steps.is_empty() || options.steps.contains(&step.id);
        let numbers: FxHashMap<u32, u32> = (uses.steps.iter().enumerate())
            .filter(|(_, step)| wanted(step))
            .filter_map(|(number, step)| Some((store.steps.find(&step.id)?, number as u32)))
            .collect();
        uses.outcome = check.outcome().zip(check.outcome_column()).map(|(name, column)| (name.to_owned(), matches!(column, OutcomeColumn::Number(_))));
        let scores = Scores::of(store, options, part)?;
        let before = KnownBefore::of(check)?;
        uses.known_names.clone_from(&before.names);
        let has = |name: &String| store.attributes.contains_key(name) || matches!(name.as_str(), "team" | "channel");
        let there: Vec<String> = options.adjust_for.iter().filter(|name| !part || has(name)).cloned().collect();
        let mut levels = IndexSet::default();
        let profile = profiles(store, &there, &mut levels)?;
        let whole = |values: &Vec<String>| {
            let value = |name: &String| there.iter().position(|known| known == name).map_or_else(|| NO_LEVEL.to_owned(), |at| values[at].clone());
            options.adjust_for.iter().map(value).collect()
        };
        uses.profiles = levels.iter().map(whole).collect();
        for case in 0..store.len() {
            let conversation = uses.texts.intern(store.ids.get(case as u32).unwrap_or_default());
            uses.conversations.insert(conversation);
            if let Some(path) = check.path_of(case) {
                uses.case(&Case { check, store, case, path, numbers: &numbers, scores: &scores, before: &before, conversation, profile: profile[case] });
            }
        }
        uses.sort();
        Ok(uses)
    }

    fn case(&mut self, of: &Case<'_>) {
        let &Case { check, store, case, path, numbers, .. } = of;
        let turns = store.turn_range(case);
        let matched: Vec<bool> = check.matched_events(case).collect();
        let last = matched.iter().rposition(|&m| m);
        let (entry, sop) = check.sop_of_path(path);
        let sop_name = self.texts.intern(sop.name());
        let events: Vec<usize> = (0..check.path_len(case)).map(|event| check.event_of(case, event as u32)).collect();
        let by_agent = |event: usize| check.step_of_label(sop, store.step[event]).is_none_or(|step| sop.steps()[step as usize].by == Actor::Agent);
        let mut stepped = vec![false; turns.len()];
        for (first, last) in events.iter().filter_map(|&event| store.turns_of(event)) {
            stepped[first as usize..=last as usize].fill(true);
        }
        let next = |from: usize| events[from.min(events.len())..].iter().copied().find(|&event| by_agent(event)).map_or(NONE, |event| store.step[event]);
        let mut add = |step: u32, place: Place, event: usize, at: usize, rep: u32| {
            let text = |texts: &mut Names, turn: Option<usize>| turn.map_or(NONE, |turn| texts.intern(store.turns.text(turn).trim()));
            let answer = place.answer(store);
            let known = self.known.len() as u32;
            self.known.extend_from_slice(of.before.before(path, event as u32));
            let raised = place.raised.map(|turn| standing(store.turns.text(turn)));
            if let Some(standing) = raised.flatten() {
                let at = if step == NONE { "before an answer".to_owned() } else { format!("before {}", self.steps[step as usize].id) };
                self.known.push(self.known_names.insert_full(Known { by_customer: true, what: standing.to_owned(), at }).0 as u32);
            }
            let turn = |turn: usize| (turn - turns.start) as u32;
            let began = store.started_at[case];
            let since = store.turns.start[place.first];
            let name = |texts: &mut Names, name: Option<&str>| name.map_or(NONE, |name| texts.intern(name));
            let next = next(at);
            self.rows.push(Use {
                step,
                conversation: of.conversation,
                turns: (turn(place.first), turn(place.last)),
                raised: text(&mut self.texts, place.raised),
                answer: if answer.is_empty() { NONE } else { self.texts.intern(&answer) },
                reaction: text(&mut self.texts, place.reaction),
                rep: name(&mut self.texts, store.reps.get(rep)),
                team: name(&mut self.texts, store.teams.get(store.team[case])),
                at: if began == NO_TIME { NO_TIME } else { began + if since == NO_TIME { 0 } else { since } },
                started: began,
                next: name(&mut self.texts, store.steps.get(next)),
                advanced: last.is_some_and(|last| last >= at),
                sop: sop_name,
                entry,
                profile: of.profile,
                known: (known, self.known.len() as u32),
                outcome: check.outcome_column().and_then(|column| column.get(case)).map_or(f64::NAN, as_number),
                score: of.scores.at(case, turn(place.first)..=turn(place.last)),
            });
        };
        for (number, &event) in events.iter().enumerate() {
            let (Some(&step), Some((first, last))) = (numbers.get(&store.step[event]), store.turns_of(event)) else { continue };
            let spoken = (turns.start + first as usize, turns.start + last as usize);
            let place = if by_agent(event) { Place::of_agent(store, turns.clone(), spoken) } else { Place::of_customer(store, turns.clone(), spoken) };
            if let Some(place) = place {
                add(step, place, number, number + 1, store.event_rep(case, event));
            }
        }
        // Questions after which neither the customer nor the agent's next turn perform a step.
        for turn in turns.clone().filter(|&turn| store.turns.speaker[turn] == Speaker::Customer && asks(&fold(store.turns.text(turn)))) {
            let reply = (turn..turns.end).find(|&next| store.turns.speaker[next] == Speaker::Agent);
            if (turn..=reply.unwrap_or(turn)).any(|turn| stepped[turn - turns.start]) {
                continue;
            }
            let from = (turn - turns.start) as u32;
            let after = events.iter().position(|&event| store.turns_of(event).is_some_and(|(first, _)| first > from)).unwrap_or(events.len());
            let silent = Place { raised: Some(turn), first: turn, last: turn, reaction: None };
            let place = Place::of_customer(store, turns.clone(), (turn, turn)).unwrap_or(silent);
            add(NONE, place, after, after, store.rep[case]);
        }
    }

    /// An order that does not depend on the order of the conversations.
    pub(super) fn sort(&mut self) {
        let texts = &self.texts;
        let key = |u: &Use| (texts.get(u.conversation), u.turns, u.step);
        self.rows.sort_by(|a, b| key(a).cmp(&key(b)));
    }

    /// Adds the uses of other conversations under the same SOP.
    pub(super) fn append(&mut self, other: &Self) -> Result<()> {
        if self.steps != other.steps || (self.outcome.is_some() && other.outcome.is_some() && self.outcome != other.outcome) {
            let fault = Fault::new("talk.other_sop", "the conversations are checked against other steps, or compared by another outcome").at_place("check");
            return Err(Error::Argument(Box::new(fault.help("append a check of the same SOP, with the same outcome"))));
        }
        let again =
            other.conversations.iter().filter_map(|&id| other.texts.get(id)).find(|id| self.texts.find(id).is_some_and(|id| self.conversations.contains(&id)));
        if let Some(id) = again {
            let fault = Fault::new("talk.known_conversation", format!("conversation `{id}` was counted before")).at_place("check");
            return Err(Error::Argument(Box::new(fault.help("append each conversation once"))));
        }
        self.outcome = self.outcome.take().or_else(|| other.outcome.clone());
        let text: Vec<u32> = other.texts.iter().map(|text| self.texts.intern(text)).collect();
        let text = |number: u32| text.get(number as usize).copied().unwrap_or(NONE);
        let profile: Vec<u32> = other.profiles.iter().map(|values| self.profiles.insert_full(values.clone()).0 as u32).collect();
        let known: Vec<u32> = other.known_names.iter().map(|known| self.known_names.insert_full(known.clone()).0 as u32).collect();
        self.conversations.extend(other.conversations.iter().map(|&id| text(id)));
        for row in &other.rows {
            let from = self.known.len() as u32;
            self.known.extend(other.known_of(row).iter().map(|&thing| known[thing as usize]));
            self.rows.push(Use {
                conversation: text(row.conversation),
                raised: text(row.raised),
                answer: text(row.answer),
                reaction: text(row.reaction),
                rep: text(row.rep),
                team: text(row.team),
                next: text(row.next),
                sop: text(row.sop),
                profile: profile[row.profile as usize],
                known: (from, self.known.len() as u32),
                ..*row
            });
        }
        self.sort();
        Ok(())
    }

    pub(super) fn known_of(&self, row: &Use) -> &[u32] {
        &self.known[row.known.0 as usize..row.known.1 as usize]
    }

    pub(super) fn text(&self, number: u32) -> Option<&str> {
        self.texts.get(number)
    }

    /// Day of the last conversation.
    pub(super) fn last_day(&self) -> Option<i32> {
        self.rows.iter().filter_map(|row| day_of(row.started)).max()
    }
}

/// A case on its way into the facts.
struct Case<'a> {
    check: &'a Check,
    store: &'a Store,
    case: usize,
    path: usize,
    numbers: &'a FxHashMap<u32, u32>,
    scores: &'a Scores<'a>,
    before: &'a KnownBefore,
    conversation: u32,
    profile: u32,
}

/// Whether steps happen in turns, so that it is known what is said.
pub(crate) fn is_spoken(check: &Check) -> bool {
    !check.corpus().store().turns_of.is_empty()
}

/// Whether something may be said of a step of this name.
pub(crate) fn is_topic(check: &Check, id: &str) -> bool {
    steps(check).iter().any(|step| step.id == id)
}

/// The agent's planned steps and the customer's, in the order of the SOPs.
fn steps(check: &Check) -> Vec<Step> {
    let mut found: IndexMap<String, Step> = IndexMap::new();
    let mut add = |id: &String, step: &crate::sop::Step, last: bool| {
        let title = || step.title.clone().unwrap_or_else(|| id.clone());
        let known = found.entry(id.clone()).or_insert_with(|| Step {
            id: id.clone(),
            title: title(),
            by_customer: step.by == Actor::Customer,
            last,
            scripts: Vec::new(),
        });
        known.last &= last;
        let new: Vec<String> = step.scripts().filter(|script| !known.scripts.iter().any(|had| had == script)).map(ToOwned::to_owned).collect();
        known.scripts.extend(new);
    };
    for sop in check.playbook().sops() {
        let graph = sop.graph().graph;
        let planned: FxHashSet<u32> = sop.nodes().iter().map(|node| node.step).collect();
        let order = sop.nodes().iter().map(|node| node.step).chain((0..sop.steps().len() as u32).filter(|step| !planned.contains(step)));
        for (id, step) in order.filter_map(|step| sop.steps().get_index(step as usize)) {
            if step.by == Actor::Customer || sop.steps().get_index_of(id).is_some_and(|step| planned.contains(&(step as u32))) {
                add(id, step, is_last(&graph, id));
            }
        }
    }
    let mut list: Vec<Step> = found.into_values().collect();
    list.sort_by_key(|step| step.by_customer);
    list
}

/// Whether a step is planned, and no step after any of its places.
fn is_last(graph: &DiGraph<GraphNode, Option<String>>, step: &str) -> bool {
    let places = || graph.node_indices().filter(|&node| matches!(&graph[node], GraphNode::Step { id, .. } if id == step));
    let mut after = Dfs::empty(graph);
    after.stack.extend(places().flat_map(|node| graph.neighbors(node)));
    let reached = std::iter::from_fn(|| after.next(graph)).any(|node| matches!(graph[node], GraphNode::Step { .. }));
    !reached && places().next().is_some()
}

/// The host's scores, by use and by conversation.
struct Scores<'a> {
    of_turn: FxHashMap<(usize, u32), f64>,
    of_case: FxHashMap<usize, f64>,
    column: Option<&'a OutcomeColumn>,
}

impl<'a> Scores<'a> {
    fn of(store: &'a Store, options: &TalkOptions, part: bool) -> Result<Self> {
        let mut scores = Self { of_turn: FxHashMap::default(), of_case: FxHashMap::default(), column: None };
        for (i, given) in options.scores.iter().enumerate() {
            let place = format!("scores[{i}]");
            let Some(case) = store.ids.find(&given.conversation) else {
                return Err(Error::argument(&place, format!("there is no conversation `{}`", given.conversation), "score conversations of the check"));
            };
            if !(0.0..=1.0).contains(&given.score) {
                return Err(Error::argument(&place, format!("{} is no score", given.score), "scores from 0 to 1, higher is better"));
            }
            let new = match given.turn {
                Some(turn) => scores.of_turn.insert((case as usize, turn), given.score),
                None => scores.of_case.insert(case as usize, given.score),
            };
            if new.is_some() {
                return Err(Error::argument(&place, "the same is scored twice".to_owned(), "give one score a use or conversation"));
            }
        }
        let named = options.criterion != ADVANCE && options.criterion != SCORE;
        if named && (!part || store.outcomes.contains_key(&options.criterion)) {
            let names = || store.outcomes.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            let column = store.outcomes.get(&options.criterion).ok_or_else(|| {
                let message = format!("no conversation has an outcome `{}`", options.criterion);
                Error::argument("criterion", message, format!("{ADVANCE}, {SCORE} with `scores`, or one of: {}", names()))
            })?;
            let wrong = (0..store.len()).find_map(|case| column.get(case).map(as_number).filter(|value| !(0.0..=1.0).contains(value)));
            if let Some(value) = wrong {
                let message = format!("`{}` holds {value}", options.criterion);
                return Err(Error::argument("criterion", message, "yes/no, or numbers from 0 to 1, higher is better"));
            }
            scores.column = Some(column);
        }
        Ok(scores)
    }

    fn at(&self, case: usize, mut turns: std::ops::RangeInclusive<u32>) -> f64 {
        let own = turns.find_map(|turn| self.of_turn.get(&(case, turn)));
        let whole = || self.column.and_then(|column| column.get(case)).map(as_number);
        own.or_else(|| self.of_case.get(&case)).copied().or_else(whole).unwrap_or(f64::NAN)
    }
}
