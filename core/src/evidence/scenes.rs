//! Scenes: what stood open at one point of a path and what was done there, kept once for all paths that have the same.
//!
//! Long paths have hardly anything in common as a whole, but what happens at one of their points happens at that point of many.
//! So a path is a list of [`Visit`]s: each names its scene, the event the scene begins with, and how much of what the path ever
//! learned was known by then. Sums of a scene are counted once, for all cases that have it.

use std::hash::BuildHasher;

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

use super::choices::NEVER;

const WENT_ON: u32 = 1;
const HELD: u32 = 2;
const OF_CUSTOMER: u32 = 4;
/// Words before what was known and done in a row.
const HEAD: usize = 4;

/// A case in a risk set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) risk: u32,
    /// The case went on to a later planned step.
    pub(super) went_on: bool,
    /// For conforming: whether the path as such conforms.
    pub(super) held: bool,
    /// Of what was known when the scene began, only what the customer brought counts.
    pub(super) of_customer: bool,
    /// Event that reached the point, counted from the one the scene begins with; `NEVER` at the very start.
    pub(super) from: u32,
    /// What was known beside: numbers of [`Known`](super::Known), sorted, none of which was known when the scene began.
    pub(super) known: &'a [u32],
    /// What was done there: choices of the risk set with the event that did them, counted alike.
    pub(super) done: &'a [[u32; 2]],
}

/// A scene as it is written: rows first, then what came beside a choice at its point and whether it came first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'a>(&'a [u32]);

impl<'a> Scene<'a> {
    pub(super) fn rows(self) -> impl Iterator<Item = Row<'a>> {
        let mut rest = &self.0[1..];
        (0..self.0[0]).map(move |_| {
            let (row, behind) = row_of(rest);
            rest = behind;
            row
        })
    }

    /// For choices: what else happened at their point, and whether it came first.
    pub(super) fn orders(self) -> impl Iterator<Item = (u32, u32, bool)> {
        let rest = (0..self.0[0]).fold(&self.0[1..], |rest, _| row_of(rest).1);
        rest.as_chunks::<3>().0.iter().map(|&[choice, thing, first]| (choice, thing, first == 1))
    }
}

fn row_of(words: &[u32]) -> (Row<'_>, &[u32]) {
    let (known, done) = ((words[1] >> 3) as usize, words[3] as usize);
    let (own, rest) = words.split_at(HEAD + known + 2 * done);
    let row = Row {
        risk: own[0],
        went_on: own[1] & WENT_ON != 0,
        held: own[1] & HELD != 0,
        of_customer: own[1] & OF_CUSTOMER != 0,
        from: own[2],
        known: &own[HEAD..HEAD + known],
        done: own[HEAD + known..].as_chunks::<2>().0,
    };
    (row, rest)
}

/// A scene while it is made.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    words: Vec<u32>,
    orders: Vec<u32>,
}

impl Draft {
    pub(super) fn clear(&mut self) {
        self.words.clear();
        self.words.push(0);
        self.orders.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.len() <= 1 && self.orders.is_empty()
    }

    /// Adds a row; what was known need not be sorted.
    pub(super) fn row(&mut self, row: Row<'_>) {
        self.words[0] += 1;
        let flag = |set: bool, flag: u32| if set { flag } else { 0 };
        let flags = flag(row.went_on, WENT_ON) | flag(row.held, HELD) | flag(row.of_customer, OF_CUSTOMER);
        let at = self.words.len();
        self.words.extend_from_slice(&[row.risk, 0, row.from, row.done.len() as u32]);
        self.words.extend_from_slice(row.known);
        let known = &mut self.words[at + HEAD..];
        known.sort_unstable();
        // Few, mostly none.
        let mut kept = 0;
        for i in 0..known.len() {
            if i == 0 || known[i] != known[kept - 1] {
                known[kept] = known[i];
                kept += 1;
            }
        }
        self.words.truncate(at + HEAD + kept);
        self.words[at + 1] = flags | (kept as u32) << 3;
        self.words.extend_from_slice(row.done.as_flattened());
    }

    /// For a choice: something else happened at its point, and whether it came first.
    pub(super) fn order(&mut self, choice: u32, thing: u32, first: bool) {
        self.orders.extend_from_slice(&[choice, thing, u32::from(first)]);
    }
}

/// Distinct scenes, numbered as they come.
#[derive(Debug, Clone, Default)]
pub(super) struct Scenes {
    words: Vec<u32>,
    /// Where each ends.
    ends: Vec<usize>,
    /// Numbers by the hash of what they stand for, with a part of the hash.
    table: HashTable<(u32, u32)>,
}

impl Scenes {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    #[inline]
    fn words(&self, number: usize) -> &[u32] {
        let from = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.words[from..self.ends[number]]
    }

    #[inline]
    pub(super) fn get(&self, number: u32) -> Scene<'_> {
        Scene(self.words(number as usize))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Scene<'_>> {
        (0..self.len()).map(|number| Scene(self.words(number)))
    }

    /// The number of a scene, given now if it is new.
    pub(super) fn number(&mut self, draft: &mut Draft) -> u32 {
        draft.words.extend_from_slice(&draft.orders);
        let hash = FxBuildHasher.hash_one(&draft.words);
        let spread = |part: u32| u64::from(part).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let part = (hash >> 32) as u32;
        let same = |&(known, number): &(u32, u32)| known == part && self.words(number as usize) == draft.words;
        if let Some(&(_, number)) = self.table.find(spread(part), same) {
            return number;
        }
        let number = self.ends.len() as u32;
        self.words.extend_from_slice(&draft.words);
        self.ends.push(self.words.len());
        self.table.insert_unique(spread(part), (part, number), |&(part, _)| spread(part));
        number
    }

    /// Takes over the scenes of others, written in the numbers that things have here; gives the number of each here.
    pub(super) fn take(&mut self, other: &Self, to: &Numbers) -> Vec<u32> {
        let (mut draft, mut known, mut done) = (Draft::default(), Vec::new(), Vec::new());
        (other.iter())
            .map(|scene| {
                draft.clear();
                for row in scene.rows() {
                    known.clear();
                    known.extend(row.known.iter().map(|&thing| to.known[thing as usize]));
                    done.clear();
                    done.extend(row.done.iter().map(|&[choice, event]| [to.choices[choice as usize], event]));
                    draft.row(Row { risk: to.risks[row.risk as usize], known: &known, done: &done, ..row });
                }
                scene.orders().for_each(|(choice, thing, first)| draft.order(to.choices[choice as usize], to.known[thing as usize], first));
                self.number(&mut draft)
            })
            .collect()
    }
}

/// What the numbers of one table are in another.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    pub(super) risks: Vec<u32>,
    pub(super) known: Vec<u32>,
    pub(super) choices: Vec<u32>,
    pub(super) scenes: Vec<u32>,
}

/// A scene in a story.
#[derive(Debug, Clone, Copy)]
pub(super) struct Visit {
    pub(super) scene: u32,
    /// The event it begins with; 0 for the start.
    pub(super) from: u32,
    /// How much of what the story learns was known then.
    pub(super) known: u32,
}

impl Visit {
    /// An event of the scene, as the case counts it.
    #[inline]
    pub(super) fn event(&self, event: u32) -> u32 {
        if event == NEVER { NEVER } else { self.from + event }
    }
}

/// The visits of many stories, or of many cases.
#[derive(Debug, Clone, Default)]
pub(super) struct Stories {
    visits: Vec<Visit>,
    /// Numbers of [`Known`](super::Known), in the order in which a story learns them, each once.
    things: Vec<u32>,
    /// Where visits and things of each story end.
    ends: Vec<(usize, usize)>,
}

impl Stories {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn visit(&mut self, visit: Visit) {
        self.visits.push(visit);
    }

    /// Ends a story that learned these things.
    pub(super) fn end(&mut self, things: &[u32]) {
        self.things.extend_from_slice(things);
        self.ends.push((self.visits.len(), self.things.len()));
    }

    #[inline]
    pub(super) fn of(&self, story: usize) -> (&[Visit], &[u32]) {
        let from = if story == 0 { (0, 0) } else { self.ends[story - 1] };
        let to = self.ends[story];
        (&self.visits[from.0..to.0], &self.things[from.1..to.1])
    }

    /// Writes everything in the numbers of another table.
    pub(super) fn renumber(&mut self, to: &Numbers) {
        self.visits.iter_mut().for_each(|visit| visit.scene = to.scenes[visit.scene as usize]);
        self.things.iter_mut().for_each(|thing| *thing = to.known[*thing as usize]);
    }
}

/// Stories in blocks of equal length, as threads write them.
#[derive(Debug, Clone, Default)]
pub(super) struct Blocks {
    /// A block holds two to this power.
    pub(super) power: u32,
    pub(super) list: Vec<Stories>,
}

impl Blocks {
    /// Blocks for so many stories and the threads there are.
    pub(super) fn for_threads(n: usize) -> Self {
        let each = n.div_ceil(4 * rayon::current_num_threads()).max(1_024).next_power_of_two();
        Self { power: each.trailing_zeros(), list: Vec::new() }
    }

    /// One block for all.
    pub(super) fn whole(stories: Stories) -> Self {
        Self { power: stories.len().next_power_of_two().trailing_zeros(), list: vec![stories] }
    }

    /// Numbers from 0 to below `n`, block by block.
    pub(super) fn ranges(&self, n: usize) -> Vec<std::ops::Range<usize>> {
        (0..n).step_by(1 << self.power).map(|from| from..(from + (1 << self.power)).min(n)).collect()
    }

    #[inline]
    pub(super) fn of(&self, story: usize) -> (&[Visit], &[u32]) {
        self.list.get(story >> self.power).map_or((&[], &[]), |block| block.of(story & ((1 << self.power) - 1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut draft = Draft::default();
        draft.clear();
        let row = Row { risk: 3, went_on: true, held: false, of_customer: true, from: NEVER, known: &[7, 2, 7], done: &[[1, 0], [4, NEVER]] };
        draft.row(row);
        draft.row(Row { risk: 5, went_on: false, held: true, of_customer: false, from: 0, known: &[], done: &[] });
        draft.order(1, 9, true);
        let mut scenes = Scenes::default();
        let number = scenes.number(&mut draft.clone());
        assert_eq!((scenes.number(&mut draft), scenes.len()), (number, 1));
        let scene = scenes.get(number);
        let rows: Vec<Row<'_>> = scene.rows().collect();
        assert_eq!((rows[0].risk, rows[0].went_on, rows[0].held, rows[0].of_customer, rows[0].from), (3, true, false, true, NEVER));
        assert_eq!((rows[0].known, rows[0].done), (&[2, 7][..], &[[1, 0], [4, NEVER]][..]));
        assert_eq!((rows[1].risk, rows[1].went_on, rows[1].held, rows[1].known.len()), (5, false, true, 0));
        assert_eq!(scene.orders().collect::<Vec<_>>(), [(1, 9, true)]);
    }

    #[test]
    fn scenes_are_taken_over_in_other_numbers() {
        let scenes = |shift: u32| {
            let (mut draft, mut scenes) = (Draft::default(), Scenes::default());
            for risk in 0..3 {
                draft.clear();
                draft.row(Row { risk: risk + shift, went_on: true, held: true, of_customer: false, from: 0, known: &[shift, shift + 1], done: &[[shift, 1]] });
                scenes.number(&mut draft);
            }
            scenes
        };
        let (mut mine, other) = (scenes(1), scenes(0));
        let numbers = Numbers { risks: vec![1, 2, 9], known: vec![1, 2], choices: vec![1], scenes: Vec::new() };
        assert_eq!(mine.take(&other, &numbers), [0, 1, 3]);
        assert_eq!(mine.len(), 4);
    }
}
