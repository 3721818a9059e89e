//! Tracks as choices: each against the others of its step, through the evidence engine.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::tracks::{TalkTracks, Track};
use super::uses::Use;
use crate::corpus::day_of;
use crate::error::Result;
use crate::evidence::{ADVANCED, Adjusted, ChoiceId, EvidenceOptions, Finding, Said, wordings};
use crate::text::short;

/// Uses from which a track is called by its words; those with fewer are never named.
const NAMED: usize = 10;
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

impl TalkTracks {
    /// Judges the tracks. `track_of` says for each use which track it is of.
    pub(super) fn contest(&self, track_of: &[Option<u32>]) -> Result<Contest> {
        let uses = &self.uses;
        // Each conversation counts once a topic: by what was said first.
        let mut first = FxHashSet::default();
        let mut entries: BTreeMap<(u32, u32, u32), u32> = BTreeMap::new();
        let mut choices: Vec<ChoiceId> = Vec::new();
        let mut tracks: Vec<u32> = Vec::new();
        let mut named = FxHashSet::default();
        let mut rows: Vec<(&Use, u32)> = Vec::new();
        for (row, &track) in uses.rows.iter().zip(track_of) {
            let Some(track) = track else { continue };
            let of = &self.tracks[track as usize];
            if !first.insert((row.conversation, of.topic)) {
                continue;
            }
            let number = *entries.entry((track, row.entry, row.sop)).or_insert_with(|| {
                let topic = &self.topics[of.topic as usize];
                let sop = uses.text(row.sop).unwrap_or_default();
                let words = self.wording(of, track, &mut |words| named.insert((of.topic, row.entry, words.to_owned())));
                choices.push(ChoiceId::of_wording(sop, row.entry, &topic.key, &topic.title, words));
                tracks.push(track);
                choices.len() as u32 - 1
            });
            rows.push((row, number));
        }
        let judge = |name: &str, numeric: bool, value: &dyn Fn(&Use) -> Option<f64>| {
            let said = rows.iter().map(|&(row, wording)| Said {
                conversation: uses.text(row.conversation).unwrap_or_default(),
                rep: uses.text(row.rep),
                profile: uses.profiles.get_index(row.profile as usize).map_or(&[][..], Vec::as_slice),
                day: day_of(row.started),
                known: uses.known_of(row),
                wording,
                value: value(row),
            });
            wordings(name, numeric, &self.options.adjust_for, &uses.known_names, &choices, said, &EvidenceOptions::default())
        };
        let criterion = |row: &Use| self.criterion(row);
        let numeric = rows.iter().filter_map(|(row, _)| criterion(row)).any(|value| value != 0.0 && value != 1.0);
        let name = if self.by_advance() { ADVANCED } else { &self.options.criterion };
        let mut found = Contest { adjusted: vec![None; self.tracks.len()], findings: Vec::new(), finding_of: vec![None; self.tracks.len()] };
        for ((finding, adjusted), &track) in judge(name, numeric, &criterion)?.into_iter().zip(&tracks) {
            if let Some(finding) = finding {
                found.finding_of[track as usize].get_or_insert(found.findings.len());
                found.findings.push(finding);
            }
            if let Some(a) = adjusted {
                // A track of several SOPs of a playbook is worth what it is in each.
                let sum = found.adjusted[track as usize].get_or_insert(Adjusted { rate: 0.0, n: 0.0 });
                *sum = Adjusted { rate: (sum.rate * sum.n + a.rate * a.n) / (sum.n + a.n), n: sum.n + a.n };
            }
        }
        if let Some((outcome, numeric)) = uses.outcome.as_ref().filter(|(outcome, _)| *outcome != name) {
            let of_outcome = judge(outcome, *numeric, &|row: &Use| Some(row.outcome).filter(|value| !value.is_nan()))?;
            for ((finding, _), &track) in of_outcome.into_iter().zip(&tracks) {
                if let Some(finding) = finding {
                    found.finding_of[track as usize].get_or_insert(found.findings.len());
                    found.findings.push(finding);
                }
            }
        }
        Ok(found)
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
