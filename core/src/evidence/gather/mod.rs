//! From a check to the table of choices.
//!
//! Distinct paths are followed in blocks, each by one thread and in numbers of its own: [`story`] says where a path stood and
//! what became of each place, [`rows`] what was open there and what was chosen, as [scenes](super::scenes), [`cases`] what only a
//! case can say. Then the blocks are renumbered, in their order, as if one thread had found all.

mod cases;
mod clock;
mod names;
mod rows;
mod story;

use indexmap::IndexSet;
use rayon::prelude::*;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use self::cases::OfCases;
use self::clock::{clock, contacts};
use self::names::Gather;
use super::bounds::BoundAt;
use super::choices::{ChoiceTable, Known, LEVELS, NO_DAY, as_number, combinations, level_of, too_many_levels};
use super::scenes::{Blocks, Numbers};
use super::sequences::SequenceAt;
use crate::check::{Beginning, Check, NOWHERE, Point};
use crate::corpus::{NONE, OutcomeColumn, Store};
use crate::error::{Error, Result};
use crate::sop::Sop;

/// What is asked of all paths and cases alike.
struct Asked<'a> {
    check: &'a Check,
    store: &'a Store,
    /// Only what was known when is asked for, and no choices.
    known_only: bool,
    excluded: FxHashSet<String>,
    /// Sequences looked for, by SOP and point.
    wanted: FxHashMap<(u32, Point), Vec<Wanted>>,
    /// Other bounds of standards that are looked at.
    bounds: &'a [BoundAt],
}

/// A sequence that is looked for at a point.
struct Wanted {
    labels: Vec<u32>,
    members: Vec<String>,
}

impl ChoiceTable {
    /// All choices of a check: what is skipped, added, repeated, done out of order or caught up with at each point, each branch
    /// and optional part, and conforming so far at each step.
    ///
    /// `adjust_for` names the attributes (or `team`, `channel`) that were known beforehand; steps in `never_choices` define
    /// the outcome and are not judged. What the customer does is never a choice.
    ///
    /// # Errors
    /// [`Error::Argument`] for a name that no case has, an attribute that names nearly every case, or a check without an
    /// outcome.
    pub fn of(check: &Check, adjust_for: &[String], never_choices: &[String]) -> Result<Self> {
        Self::with_sequences(check, adjust_for, never_choices, &[])
    }

    /// As [`ChoiceTable::of`], with sequences of unplanned steps as further choices: each against not doing it, and, as
    /// choices with [`given`](super::ChoiceId::given), among the cases that did a part of it. Shards have to be given the same
    /// sequences ([`SequenceCounts::closed`](super::SequenceCounts::closed)).
    ///
    /// # Errors
    /// As [`ChoiceTable::of`].
    pub fn with_sequences(check: &Check, adjust_for: &[String], never_choices: &[String], sequences: &[SequenceAt]) -> Result<Self> {
        Self::with_bounds(check, adjust_for, never_choices, sequences, &[])
    }

    /// The same, with other bounds of standards as further choices: among the cases that meet the looser of the present and the
    /// other bound, failing the stricter against meeting it.
    pub(crate) fn with_bounds(check: &Check, adjust_for: &[String], never_choices: &[String], sequences: &[SequenceAt], bounds: &[BoundAt]) -> Result<Self> {
        let store = check.corpus().store();
        let Some((outcome, column)) = check.outcome().zip(check.outcome_column()) else {
            return Err(Error::argument("outcome", "the conversations carry no outcome", "give each conversation a yes/no or numeric outcome"));
        };
        let mut table = Self {
            outcome: outcome.to_owned(),
            numeric: matches!(column, OutcomeColumn::Number(_)),
            attributes: adjust_for.to_vec(),
            reps: store.reps.clone(),
            clock: clock(check),
            ..Self::default()
        };
        table.contacts = contacts(check, table.clock.as_ref());
        let profiles = profiles(store, adjust_for, &mut table.profiles)?;
        let asked = Asked { excluded: never_choices.iter().cloned().collect(), wanted: look_for(check, sequences), bounds, ..Asked::of(check) };
        // Each block in numbers of its own, which are then made those of the table, in the order of the blocks: they come out as
        // if one thread had found all.
        table.stories = Blocks::for_threads(check.paths());
        let found = asked.paths(&table.stories)?;
        // Which place is done or not in each risk set.
        let mut nodes: Vec<u32> = Vec::new();
        let mut of_paths: Vec<Vec<Option<Box<OfCases>>>> = Vec::new();
        let mut numbers: Vec<Numbers> = Vec::new();
        for (gather, of_cases) in found {
            of_paths.push(of_cases);
            let (block, of_block) = gather.give_to(&mut table, &mut nodes);
            table.stories.list.push(block);
            numbers.push(of_block);
        }
        (table.stories.list.par_iter_mut().zip(&mut of_paths).zip(&numbers)).for_each(|((block, of_cases), numbers)| {
            block.renumber(numbers);
            of_cases.iter_mut().flatten().for_each(|of_case| of_case.renumber(numbers));
        });
        if of_paths.iter().flatten().any(Option::is_some) {
            let paths = &table.stories;
            let of_path = |path: usize| of_paths[path >> paths.power][path & ((1 << paths.power) - 1)].as_deref().map(|of| (path, of));
            let mut blocks = Blocks::for_threads(check.len());
            let found: Vec<(Gather<'_>, Vec<((u32, u32), bool)>)> = (blocks.ranges(check.len()).into_par_iter())
                .map(|cases| {
                    let (mut gather, mut conforms) = (Gather::new(&asked), Vec::new());
                    gather.table.known_names.clone_from(&table.known_names);
                    cases.for_each(|case| gather.case(case, check.path_of(case).and_then(of_path), &mut conforms));
                    (gather, conforms)
                })
                .collect();
            let mut numbers: Vec<Numbers> = Vec::new();
            for (gather, conforms) in found {
                table.conforms.extend(conforms);
                let (block, of_block) = gather.give_to(&mut table, &mut nodes);
                blocks.list.push(block);
                numbers.push(of_block);
            }
            blocks.list.par_iter_mut().zip(&numbers).for_each(|(block, numbers)| block.renumber(numbers));
            table.of_cases = blocks;
        }
        let each = |case: usize| (check.rep_of(case), column.get(case).map(as_number), store.day(case).unwrap_or(NO_DAY));
        let of_cases: Vec<(u32, Option<f64>, i32)> = (0..check.len()).into_par_iter().with_min_len(4_096).map(each).collect();
        for (case, (rep, value, day)) in of_cases.into_iter().enumerate() {
            let story = check.path_of(case).map_or(NONE, |path| path as u32);
            let id = store.ids.get(case as u32).unwrap_or_default();
            table.push_case(id, rep, profiles[case], value, day, story);
        }
        table.steps = (0..check.len()).map(|case| check.path_len(case) as u32).collect();
        if check.gives_outcome() {
            // Doing what by itself is the outcome leads to nothing.
            let defines = |case: usize, risk: u32| nodes[risk as usize] != NOWHERE && check.defines_outcome(case, nodes[risk as usize]);
            let stands = (0..table.len()).flat_map(|case| table.of_story(case).map(move |row| (case, row.risk)));
            table.barred = stands.filter(|&(case, risk)| defines(case, risk)).map(|(case, risk)| (case as u32, risk)).collect();
        }
        if !table.barred.is_empty() || !table.conforms.is_empty() {
            table.special = vec![false; table.len()];
            table.barred.iter().chain(table.conforms.keys()).for_each(|(case, _)| table.special[*case as usize] = true);
        }
        Ok(table)
    }
}

/// The combination of values of each case.
pub(crate) fn profiles(store: &Store, names: &[String], profiles: &mut IndexSet<Vec<String>, FxBuildHasher>) -> Result<Vec<u32>> {
    for (i, name) in names.iter().enumerate() {
        let known = store.attributes.contains_key(name) || matches!(name.as_str(), "team" | "channel");
        if !known || names[..i].contains(name) {
            let list = store.attributes.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            let message = if known { format!("`{name}` stands twice") } else { format!("no conversation has an attribute `{name}`") };
            return Err(Error::argument("adjust_for", message, format!("attributes: {list}")));
        }
        if let Some(column) = store.attributes.get(name)
            && column.values.len() > LEVELS
        {
            return Err(too_many_levels(name, column.values.len()));
        }
    }
    let code = |at: usize, case: usize| match store.attributes.get(&names[at]) {
        Some(column) => column.codes[case],
        None if names[at] == "team" => store.team[case],
        None => store.channel[case],
    };
    Ok(combinations(store.len(), names.len(), code, |at, case| level_of(store.attribute(case, &names[at])), profiles))
}

/// What was known before each event of the distinct paths of a check: circumstances and earlier choices.
pub(crate) struct KnownBefore {
    pub(crate) names: IndexSet<Known, FxBuildHasher>,
    paths: Vec<Option<Box<OfCases>>>,
}

impl KnownBefore {
    pub(crate) fn of(check: &Check) -> Result<Self> {
        let asked = Asked { known_only: true, ..Asked::of(check) };
        let (mut table, mut paths) = (ChoiceTable::default(), Vec::with_capacity(check.paths()));
        for (gather, mut of_cases) in asked.paths(&Blocks::for_threads(check.paths()))? {
            let (_, numbers) = gather.give_to(&mut table, &mut Vec::new());
            of_cases.iter_mut().flatten().for_each(|of_case| of_case.renumber(&numbers));
            paths.extend(of_cases);
        }
        Ok(Self { names: table.known_names, paths })
    }

    /// What was known before an event of a path, by the numbers of `names`; for an event beyond the end, all.
    pub(crate) fn before(&self, path: usize, event: u32) -> &[u32] {
        let Some(of) = &self.paths[path] else { return &[] };
        let next = of.before.partition_point(|(at, _)| *at < event);
        // A step may be left out by the very event: the last of its choices knows of it.
        let same = of.before[next..].iter().take_while(|(at, _)| *at == event).last();
        let len = same.or_else(|| of.before.get(next)).map_or(of.things.len(), |(_, len)| *len as usize);
        &of.things[..len]
    }
}

impl<'a> Asked<'a> {
    fn of(check: &'a Check) -> Self {
        Self { check, store: check.corpus().store(), known_only: false, excluded: FxHashSet::default(), wanted: FxHashMap::default(), bounds: &[] }
    }

    /// What the distinct paths say, in blocks that know nothing of each other, and what their cases have to say beside.
    fn paths(&self, blocks: &Blocks) -> Result<Vec<(Gather<'_>, Vec<Option<Box<OfCases>>>)>> {
        let found = blocks.ranges(self.check.paths()).into_par_iter().map(|paths| {
            let (mut gather, mut work) = (Gather::new(self), Beginning::new());
            let of_cases = paths.map(|path| gather.path(path, &mut work)).collect::<Result<_>>()?;
            Ok((gather, of_cases))
        });
        found.collect()
    }
}

/// Sequences in the numbers of the corpus.
fn look_for(check: &Check, sequences: &[SequenceAt]) -> FxHashMap<(u32, Point), Vec<Wanted>> {
    let mut all: FxHashMap<(u32, Point), Vec<Wanted>> = FxHashMap::default();
    for at in sequences {
        let Some(labels) = at.members.iter().map(|step| check.corpus().store().steps.find(step)).collect::<Option<Vec<u32>>>() else { continue };
        let Some(entry) = check.playbook().entries().get(at.entry as usize) else { continue };
        let node = match &at.place {
            None => NOWHERE,
            Some(place) => match entry.sop.nodes().iter().position(|node| node.place == *place) {
                Some(node) => node as u32,
                None => continue,
            },
        };
        all.entry((at.entry, Point { node, visit: at.visit })).or_default().push(Wanted { labels, members: at.members.clone() });
    }
    all
}

fn step_id(sop: &Sop, node: u32) -> Option<&str> {
    let node = sop.nodes().get(node as usize)?;
    sop.steps().get_index(node.step as usize).map(|(id, _)| id.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::ChoiceKind;
    use crate::{Corpus, corpus::Conversation};

    #[test]
    fn what_a_path_says() {
        let sop = Sop::parse("{format: goldpath/1, name: d, steps: {a: {}, b: {}, c: {}, q: {by: customer, unplanned: true}}, flow: [a, b, c]}").unwrap();
        let paths: [&[&str]; 3] = [&["a", "q", "x", "c"], &["a", "b", "x", "c"], &["a"]];
        let corpus = Corpus::from_conversations(paths.iter().enumerate().map(|(i, steps)| {
            let mut c = Conversation::of_steps(i.to_string(), steps.iter().copied());
            c.outcome.insert("won".into(), Some(crate::corpus::OutcomeValue::Bool(i == 0)));
            c
        }))
        .unwrap();
        let table = ChoiceTable::of(&corpus.check(&sop).unwrap(), &[], &[]).unwrap();
        let rows = |kind: ChoiceKind, step: &str, point: Option<&str>| {
            let (choice, _, &risk) = (table.choices.iter().enumerate())
                .find(|(_, (id, _))| id.kind == kind && id.step == step && id.point.as_deref() == point)
                .map(|(n, (id, risk))| (n as u32, id, risk))
                .unwrap();
            (0..table.len())
                .map(|case| table.of_story(case).find(|row| row.risk == risk).map(|row| (table.made(case, &row, choice, None, None).0, row.went_on)))
                .collect::<Vec<_>>()
        };
        assert_eq!(rows(ChoiceKind::Skip, "b", Some("a")), [Some((true, true)), Some((false, true)), Some((true, false))]);
        assert_eq!(rows(ChoiceKind::Add, "x", Some("a")), [Some((true, true)), Some((false, true)), Some((false, false))]);
        assert_eq!(rows(ChoiceKind::Add, "x", Some("b")), [None, Some((true, true)), None]);
        assert!(table.choices().all(|id| id.step != "q"));
        assert!(table.known_names.contains(&Known { by_customer: true, what: "add q".into(), at: "after a".into() }));
    }
}
