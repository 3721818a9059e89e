//! The facts of talk tracks as bytes: the same uses give the same bytes, whatever the parts they came in.

use serde::{Deserialize, Serialize};

use super::options::TalkOptions;
use super::tracks::TalkTracks;
use super::uses::{Step, Use, Uses};
use crate::corpus::NONE;
use crate::error::{Error, Fault, Result};
use crate::evidence::Known;

const FORMAT: &str = "goldpath/talk/1";

#[derive(Serialize, Deserialize)]
struct File {
    format: String,
    options: TalkOptions,
    steps: Vec<Step>,
    outcome: Option<(String, bool)>,
    conversations: Vec<String>,
    uses: Vec<Row>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    step: Option<u32>,
    conversation: String,
    turns: (u32, u32),
    raised: Option<String>,
    answer: Option<String>,
    reaction: Option<String>,
    rep: Option<String>,
    team: Option<String>,
    at: i64,
    started: i64,
    next: Option<String>,
    advanced: bool,
    sop: String,
    entry: u32,
    attributes: Vec<String>,
    known: Vec<Known>,
    /// The bits of the numbers, so that they come back as they were.
    outcome: Option<u64>,
    score: Option<u64>,
}

impl TalkTracks {
    /// Everything the tracks are made of, personal data included, as JSON. The same conversations give the same bytes, whatever
    /// the parts they were added in.
    pub fn to_bytes(&self) -> Vec<u8> {
        let uses = &self.uses;
        let text = |number: u32| uses.text(number).map(ToOwned::to_owned);
        let bits = |value: f64| (!value.is_nan()).then(|| value.to_bits());
        let mut conversations: Vec<String> = uses.conversations.iter().filter_map(|&id| text(id)).collect();
        conversations.sort_unstable();
        let row = |row: &Use| {
            let mut known: Vec<Known> = uses.known_of(row).iter().filter_map(|&thing| uses.known_names.get_index(thing as usize).cloned()).collect();
            known.sort();
            Row {
                step: (row.step != NONE).then_some(row.step),
                conversation: text(row.conversation).unwrap_or_default(),
                turns: row.turns,
                raised: text(row.raised),
                answer: text(row.answer),
                reaction: text(row.reaction),
                rep: text(row.rep),
                team: text(row.team),
                at: row.at,
                started: row.started,
                next: text(row.next),
                advanced: row.advanced,
                sop: text(row.sop).unwrap_or_default(),
                entry: row.entry,
                attributes: uses.profiles.get_index(row.profile as usize).cloned().unwrap_or_default(),
                known,
                outcome: bits(row.outcome),
                score: bits(row.score),
            }
        };
        let file = File {
            format: FORMAT.to_owned(),
            options: self.options.clone(),
            steps: uses.steps.clone(),
            outcome: uses.outcome.clone(),
            conversations,
            uses: uses.rows.iter().map(row).collect(),
        };
        serde_json::to_vec(&file).unwrap_or_default()
    }

    /// Reads what [`TalkTracks::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`Error::Argument`] with code `talk.file` if these are no such bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let file: File = serde_json::from_slice(bytes).map_err(|e| broken(&e.to_string()))?;
        let steps = file.steps.len() as u32;
        let fine = |row: &Row| row.step.is_none_or(|step| step < steps) && row.attributes.len() == file.options.adjust_for.len() && row.turns.0 <= row.turns.1;
        if file.format != FORMAT {
            return Err(broken(&format!("the format is `{}`", file.format)));
        }
        if let Some(at) = file.uses.iter().position(|row| !fine(row)) {
            return Err(broken(&format!("use {at} points nowhere")));
        }
        let mut uses = Uses { steps: file.steps, outcome: file.outcome, ..Uses::default() };
        for id in &file.conversations {
            let id = uses.texts.intern(id);
            uses.conversations.insert(id);
        }
        for row in file.uses {
            let from = uses.known.len() as u32;
            for known in row.known {
                uses.known.push(uses.known_names.insert_full(known).0 as u32);
            }
            let mut text = |text: Option<String>| text.map_or(NONE, |text| uses.texts.intern(&text));
            let used = Use {
                step: row.step.unwrap_or(NONE),
                conversation: text(Some(row.conversation)),
                turns: row.turns,
                raised: text(row.raised),
                answer: text(row.answer),
                reaction: text(row.reaction),
                rep: text(row.rep),
                team: text(row.team),
                at: row.at,
                started: row.started,
                next: text(row.next),
                advanced: row.advanced,
                sop: text(Some(row.sop)),
                entry: row.entry,
                profile: uses.profiles.insert_full(row.attributes).0 as u32,
                known: (from, uses.known.len() as u32),
                outcome: row.outcome.map_or(f64::NAN, f64::from_bits),
                score: row.score.map_or(f64::NAN, f64::from_bits),
            };
            uses.rows.push(used);
        }
        uses.sort();
        Self::made_of(uses, file.options)
    }
}

fn broken(why: &str) -> Error {
    let fault = Fault::new("talk.file", format!("these are not the bytes of talk tracks: {why}"));
    Error::Argument(Box::new(fault.at_place("from_bytes").help("give back what to_bytes gave")))
}
