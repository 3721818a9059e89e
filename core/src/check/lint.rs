//! Hints that only conversations show: names that do not meet, parts of the SOP that no case comes to.

use indexmap::IndexMap;
use rustc_hash::FxHashSet;

use super::attain::NeverMet;
use super::path::Work;
use super::run::{Check, Inner};
use crate::corpus::{Names, Store};
use crate::error::Result;
use crate::sop::{About, Block, Condition, Flow, Hint, Sop};
use crate::text::{alike, squeezed};

/// Labels named of those that look like one step.
const LABELS: usize = 5;

impl Check {
    /// Hints that only the conversations show, by SOP and in the order of the file: attributes and values that no case
    /// has, labels that look like a step, steps that no case does, parts and entries that no case comes to, accepted
    /// deviations that were not met. What the SOP alone shows is in [`Sop::lint`].
    ///
    /// ```
    /// let sop = goldpath::Sop::parse("{format: goldpath/1, name: x, steps: [open, roi_story, close], flow: [open, roi_story, close]}")?;
    /// let corpus = goldpath::Corpus::parse(br#"{"id": "c1", "steps": ["open", "ROI story", "close"]}"#)?;
    /// let hints = corpus.check(&sop)?.lint()?;
    /// assert_eq!(hints.iter().map(|hint| hint.code).collect::<Vec<_>>(), ["lint.misspelt", "lint.never_seen"]);
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Corpus::check`](crate::Corpus::check).
    pub fn lint(&self) -> Result<Vec<Hint>> {
        let inner = &*self.inner;
        let mut hints = Vec::new();
        let (seen, events) = inner.seen();
        let misspelt = inner.misspelt();
        let mut used = inner.accepted_used()?;
        let never_met = inner.never_met();
        for (i, entry) in inner.playbook.entries().iter().enumerate() {
            let mut of_sop = OfSop { inner, sop: &entry.sop, before: inner.playbook.place_of(i), hints: Vec::new() };
            let place = format!("playbook[{i}].when");
            of_sop.conditions(&entry.when, |of_sop, name, about| of_sop.hints.push(Hint::new(of_sop.sop, format!("{place}.{name}"), None, about)));
            let scenarios: Vec<&[bool]> = inner.scenarios.iter().filter(|scenario| scenario.sop as usize == i).map(|scenario| &*scenario.whens).collect();
            if !scenarios.is_empty() {
                of_sop.whens(&scenarios);
                of_sop.labels(&misspelt, &events);
                of_sop.steps(i as u32, &seen);
                of_sop.accepted(std::mem::take(&mut used[i]));
            } else if !inner.corpus.is_empty() {
                of_sop.hints.push(Hint::new(&entry.sop, format!("playbook[{i}]"), None, About::NoCase));
            }
            of_sop.standards(i, &never_met);
            of_sop.hints.sort_by_key(|hint| (hint.line.unwrap_or(u64::MAX), hint.column));
            hints.extend(of_sop.hints);
        }
        Ok(hints)
    }
}

impl Inner {
    /// Which labels the cases of each SOP have, and how many events each label has in all.
    fn seen(&self) -> (FxHashSet<(u32, u32)>, Vec<u64>) {
        let store = self.corpus.store();
        let mut seen = FxHashSet::default();
        for &case in &self.first_case {
            if let Some(scenario) = self.scenario(case as usize) {
                seen.extend(store.path(case as usize).iter().map(|&label| (scenario.sop, label)));
            }
        }
        let mut events = vec![0; store.steps.len()];
        store.step.iter().for_each(|&label| events[label as usize] += 1);
        (seen, events)
    }

    /// Labels that are no step of any SOP and look like one, by the step.
    fn misspelt(&self) -> IndexMap<&str, Vec<u32>> {
        let steps: IndexMap<&str, String> = self.playbook.sops().flat_map(|sop| sop.steps().keys()).map(|id| (id.as_str(), squeezed(id))).collect();
        let mut found: IndexMap<&str, Vec<u32>> = IndexMap::new();
        for (label, name) in self.corpus.store().steps.iter().enumerate().filter(|(_, name)| !steps.contains_key(name)) {
            let name = squeezed(name);
            for (id, _) in steps.iter().filter(|(_, step)| alike(step, &name)) {
                found.entry(id).or_default().push(label as u32);
            }
        }
        found
    }

    /// For each SOP which of its accepted deviations were met.
    fn accepted_used(&self) -> Result<Vec<Vec<bool>>> {
        let mut used: Vec<Vec<bool>> = self.playbook.sops().map(|sop| vec![false; sop.accepted().len()]).collect();
        if used.iter().all(Vec::is_empty) {
            return Ok(used);
        }
        let mut work = Work::new();
        for case in 0..self.path_of.len() {
            let Some(scenario) = self.scenario(case) else { continue };
            let (sop, used) = (self.sop(scenario), &mut used[scenario.sop as usize]);
            if used.iter().all(|&used| used) {
                continue;
            }
            self.deviations(self.path_of[case] as usize, &mut work)?;
            for (rule, used) in sop.accepted().iter().zip(used).filter(|(_, used)| !**used) {
                *used = work.deviations.iter().any(|d| self.rule_accepts(rule, case, sop, d));
            }
        }
        Ok(used)
    }
}

struct OfSop<'a> {
    inner: &'a Inner,
    sop: &'a Sop,
    before: String,
    hints: Vec<Hint>,
}

/// A `when` block of the flow: where it stands, and the one around it.
struct When {
    place: String,
    around: Option<usize>,
}

impl OfSop<'_> {
    fn hint(&mut self, place: &str, step: Option<&str>, about: About) {
        self.hints.push(Hint::at(self.sop, &self.before, place, step, about));
    }

    /// Attributes and values of a condition that no case has.
    fn conditions(&mut self, condition: &Condition, mut hint: impl FnMut(&mut Self, &str, About)) {
        let store = self.inner.corpus.store();
        for (name, values) in &condition.0 {
            let Some(known) = known_values(store, name) else {
                let meant = resembling(name, store.attributes.keys().map(String::as_str));
                hint(self, name, About::UnknownAttribute { name: name.clone(), meant });
                continue;
            };
            for value in values.as_slice().iter().filter(|value| !known.iter().any(|have| have == *value)) {
                let meant = resembling(value, known.iter().map(String::as_str));
                hint(self, name, About::UnknownValue { name: name.clone(), value: value.clone(), meant });
            }
        }
    }

    fn whens(&mut self, scenarios: &[&[bool]]) {
        let mut whens = Vec::new();
        if let Flow::Flow(blocks) = self.sop.flow() {
            find_whens("flow", blocks, None, &mut whens);
        }
        let holds = |when: usize, scenario: &[bool]| std::iter::successors(Some(when), |&at| whens[at].around).all(|at| scenario[at]);
        let never: Vec<bool> = (0..whens.len()).map(|when| !scenarios.iter().any(|scenario| holds(when, scenario))).collect();
        for (i, condition) in self.sop.whens().iter().enumerate() {
            let before = self.hints.len();
            let place = whens[i].place.clone();
            self.conditions(condition, |this, name, about| this.hint(&format!("{place}.when.{name}"), None, about));
            // A name that is not met says why; and what is around says it for what is inside.
            if self.hints.len() == before && never[i] && whens[i].around.is_none_or(|around| !never[around]) {
                self.hint(&place, None, About::WhenNoCase { condition: condition.to_string() });
            }
        }
    }

    fn labels(&mut self, misspelt: &IndexMap<&str, Vec<u32>>, events: &[u64]) {
        let names = &self.inner.corpus.store().steps;
        for id in self.sop.steps().keys() {
            let Some(labels) = misspelt.get(id.as_str()) else { continue };
            let sum = labels.iter().map(|&label| events[label as usize]).sum();
            let named = labels.iter().take(LABELS).filter_map(|&label| names.get(label).map(ToOwned::to_owned)).collect();
            let about = About::MisspeltLabels { labels: named, more: labels.len().saturating_sub(LABELS), events: sum };
            self.hint(&format!("steps.{id}"), Some(id), about);
        }
    }

    fn steps(&mut self, sop: u32, seen: &FxHashSet<(u32, u32)>) {
        let inner = self.inner;
        let names = &inner.corpus.store().steps;
        for (number, (id, _)) in self.sop.steps().iter().enumerate().filter(|(_, (_, step))| !step.unplanned) {
            let unseen = names.find(id).is_none_or(|label| !seen.contains(&(sop, label)));
            // Where a part is for no case, that is said of the part.
            let placed = self.sop.nodes().iter().any(|node| node.step as usize == number);
            let due = || inner.scenarios.iter().any(|scenario| scenario.sop == sop && scenario.aligner.automaton.plans(number as u32));
            if unseen && (!placed || due()) {
                self.hint(&format!("steps.{id}"), Some(id), About::NeverSeen);
            }
        }
    }

    fn accepted(&mut self, used: Vec<bool>) {
        for (i, (rule, used)) in self.sop.accepted().iter().zip(used).enumerate() {
            let before = self.hints.len();
            self.conditions(&rule.when, |this, name, about| this.hint(&format!("accepted[{i}].when.{name}"), None, about));
            if !used && self.hints.len() == before {
                self.hint(&format!("accepted[{i}]"), Some(&rule.step), About::AcceptedUnused);
            }
        }
    }

    fn standards(&mut self, sop: usize, never_met: &[NeverMet<'_>]) {
        for one in never_met.iter().filter(|one| one.sop == sop) {
            let Some((step, _)) = self.sop.steps().get_index(one.rule.step as usize) else { continue };
            let about = About::NeverMet { standard: one.rule.result().name, measured: one.measured };
            self.hint(&format!("steps.{step}.standards[{}]", one.rule.number), Some(step), about);
        }
    }
}

/// The values that cases have, as text; `None` for an attribute that there is not.
fn known_values(store: &Store, name: &str) -> Option<Vec<String>> {
    let of_field = |codes: &[u32], names: &Names| {
        let met: FxHashSet<u32> = codes.iter().copied().collect();
        names.iter().enumerate().filter(|(code, _)| met.contains(&(*code as u32))).map(|(_, name)| name.to_owned()).collect()
    };
    if let Some(column) = store.attributes.get(name) {
        let met: FxHashSet<u32> = column.codes.iter().copied().collect();
        return Some(column.values.iter().enumerate().filter(|(code, _)| met.contains(&(*code as u32))).map(|(_, value)| value.to_string()).collect());
    }
    match name {
        "rep" => Some(of_field(&store.rep, &store.reps)),
        "team" => Some(of_field(&store.team, &store.teams)),
        "channel" => Some(of_field(&store.channel, &store.channels)),
        _ => None,
    }
}

fn resembling<'a>(name: &str, mut known: impl Iterator<Item = &'a str>) -> Option<String> {
    let name = squeezed(name);
    known.find(|have| alike(&squeezed(have), &name)).map(ToOwned::to_owned)
}

/// The `when` blocks in the order of the file, which is that of [`Sop::whens`].
fn find_whens(place: &str, blocks: &[Block], around: Option<usize>, whens: &mut Vec<When>) {
    for (i, block) in blocks.iter().enumerate() {
        let at = format!("{place}[{i}]");
        let (name, around) = match block {
            Block::Step(_) => continue,
            Block::Sequence(_) => ("", around),
            Block::AnyOrder { .. } => (".any_order", around),
            Block::Optional { .. } => (".optional", around),
            Block::OneOf { .. } => (".one_of", around),
            Block::Repeat { .. } => (".repeat", around),
            Block::When { .. } => {
                whens.push(When { place: at.clone(), around });
                (".then", Some(whens.len() - 1))
            }
        };
        find_whens(&format!("{at}{name}"), block.members(), around, whens);
    }
}
