//! Tracks as choices: each against the others of its step, through the evidence engine.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::tracks::{TalkTracks, TopicKind, Track};
use super::uses::Use;
use crate::corpus::{NONE, day_of};
use crate::error::Result;
use crate::evidence::{ADVANCED, Adjusted, ChoiceId, ChoiceTable, EvidenceOptions, Finding, Said, wordings};
use crate::text::short;

/// Uses from which a track is called by its words; those with fewer are never named.
pub(crate) const NAMED: usize = 10;
/// Widest wording of a finding, in columns.
const WIDE: usize = 120;

/// What the evidence says of the tracks.
#[derive(Debug, Clone, Default)]
pub(super) struct Contest {
    /// By track: what it is worth among all who spoke of the step, where that can be told.
    pub(super) adjusted: Vec<Option<Adjusted>>,
    /// By the criterion, then by the outcome of the review where that is another.
    pub(super) findings: Vec<Finding>,
    /// By track: its finding by the criterion, else by the outcome.
    pub(super) finding_of: Vec<Option<usize>>,
}

impl Contest {
    fn take(&mut self, track: u32, finding: Option<Finding>) {
        if let Some(finding) = finding {
            self.finding_of[track as usize].get_or_insert(self.findings.len());
            self.findings.push(finding);
        }
    }
}

/// The uses that are compared: of each conversation the first of a topic, for it counts once.
struct Compared<'a> {
    choices: Vec<ChoiceId>,
    /// By choice: its track.
    tracks: Vec<u32>,
    /// Uses with their choices.
    rows: Vec<(&'a Use, u32)>,
}

/// Wordings as choices by the outcome of a check.
pub(crate) struct WordingChoices {
    pub(crate) table: ChoiceTable,
    /// By choice: all that is said, and the scripts of experts that are said so.
    pub(crate) said: FxHashMap<ChoiceId, (String, Vec<String>)>,
}

impl TalkTracks {
    /// Judges the tracks.
    pub(super) fn contest(&self) -> Result<Contest> {
        let uses = &self.uses;
        let compared = self.compared(|_| true);
        let judge = |name: &str, numeric: bool, value: &dyn Fn(&Use) -> Option<f64>| {
            wordings(&self.table_of(&compared, name, numeric, value), &EvidenceOptions::default())
        };
        let criterion = |row: &Use| self.criterion(row);
        let numeric = compared.rows.iter().filter_map(|(row, _)| criterion(row)).any(|value| value != 0.0 && value != 1.0);
        let name = if self.by_advance() { ADVANCED } else { &self.options.criterion };
        let mut found = Contest { adjusted: vec![None; self.tracks.len()], findings: Vec::new(), finding_of: vec![None; self.tracks.len()] };
        for ((finding, adjusted), &track) in judge(name, numeric, &criterion)?.into_iter().zip(&compared.tracks) {
            found.take(track, finding);
            if let Some(a) = adjusted {
                // A track of several SOPs of a playbook is worth what it is in each.
                let sum = found.adjusted[track as usize].get_or_insert(Adjusted { rate: 0.0, n: 0.0 });
                *sum = Adjusted { rate: (sum.rate * sum.n + a.rate * a.n) / (sum.n + a.n), n: sum.n + a.n };
            }
        }
        if let Some((outcome, numeric)) = uses.outcome.as_ref().filter(|(outcome, _)| *outcome != name) {
            let of_outcome = judge(outcome, *numeric, &Use::decided)?;
            of_outcome.into_iter().zip(&compared.tracks).for_each(|((finding, _), &track)| found.take(track, finding));
        }
        Ok(found)
    }

    /// The wordings at the steps of the SOP, compared by the outcome of the check; `None` where it has none.
    pub(crate) fn choices(&self) -> Option<WordingChoices> {
        let (outcome, numeric) = self.uses.outcome.as_ref()?;
        let compared = self.compared(|kind| kind != TopicKind::Emerging);
        let said = |(id, &track): (&ChoiceId, &u32)| {
            let track = &self.tracks[track as usize];
            (id.clone(), (self.shown(&track.text).into_string(), track.scripts.clone()))
        };
        let said = compared.choices.iter().zip(&compared.tracks).map(said).collect();
        Some(WordingChoices { table: self.table_of(&compared, outcome, *numeric, &Use::decided), said })
    }

    fn compared(&self, takes: impl Fn(TopicKind) -> bool) -> Compared<'_> {
        let uses = &self.uses;
        let mut track_of = vec![NONE; uses.rows.len()];
        for (number, track) in self.tracks.iter().enumerate().filter(|(_, track)| takes(self.topics[track.topic as usize].kind)) {
            track.uses.iter().for_each(|&row| track_of[row as usize] = number as u32);
        }
        let mut first = FxHashSet::default();
        let mut entries: BTreeMap<(u32, u32, u32), u32> = BTreeMap::new();
        let mut named = FxHashSet::default();
        let mut compared = Compared { choices: Vec::new(), tracks: Vec::new(), rows: Vec::new() };
        for (row, track) in uses.rows.iter().zip(track_of).filter(|(_, track)| *track != NONE) {
            let of = &self.tracks[track as usize];
            if !first.insert((row.conversation, of.topic)) {
                continue;
            }
            let number = *entries.entry((track, row.entry, row.sop)).or_insert_with(|| {
                let topic = &self.topics[of.topic as usize];
                let sop = uses.text(row.sop).unwrap_or_default();
                let words = self.wording(of, track, &mut |words| named.insert((of.topic, row.entry, words.to_owned())));
                compared.choices.push(ChoiceId::of_wording(sop, row.entry, &topic.key, &topic.title, words));
                compared.tracks.push(track);
                compared.choices.len() as u32 - 1
            });
            compared.rows.push((row, number));
        }
        compared
    }

    fn table_of(&self, compared: &Compared<'_>, name: &str, numeric: bool, value: &dyn Fn(&Use) -> Option<f64>) -> ChoiceTable {
        let uses = &self.uses;
        let said = compared.rows.iter().map(|&(row, wording)| Said {
            conversation: uses.text(row.conversation).unwrap_or_default(),
            rep: uses.text(row.rep),
            profile: uses.profiles.get_index(row.profile as usize).map_or(&[][..], Vec::as_slice),
            day: day_of(row.started),
            known: uses.known_of(row),
            wording,
            value: value(row),
        });
        ChoiceTable::of_wordings(name, numeric, &self.options.adjust_for, &uses.known_names, &compared.choices, said)
    }

    /// The words a track is called by in its finding: no two of a topic alike. Those of few uses are never shown.
    fn wording(&self, of: &Track, track: u32, new: &mut impl FnMut(&str) -> bool) -> String {
        let words = if of.uses.len() < NAMED { format!("#{track}") } else { short(&self.shown(&of.text), WIDE) };
        unlike(words, new)
    }
}

/// The text, with a number behind it where it is not new.
pub(super) fn unlike(text: String, new: &mut impl FnMut(&str) -> bool) -> String {
    if new(&text) {
        return text;
    }
    let numbered = (2..u32::MAX).map(|number| format!("{text} ({number})")).find(|text| new(text));
    numbered.unwrap_or(text)
}
