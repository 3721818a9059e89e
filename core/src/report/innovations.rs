//! Cards of innovations with their evidence and real turns, innovators with their adoption curves, and proposals.

use std::fmt::Write;

use minijinja::Value;
use serde::Serialize;

use super::cases::{Link, Sample};
use super::{NAME, Source, day};
use crate::corpus::DAY;
use crate::improve::{Adoption, Improvements, Innovation, InnovationStatus};
use crate::text::short;
use crate::words::{count, fill};

/// Cards, innovators and proposals that are shown.
const CARDS: usize = 12;
/// Turns quoted on a card, and their columns.
const QUOTES: usize = 2;
const WORDS: usize = 160;
/// Size of an adoption curve.
const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 56.0;

#[derive(Serialize)]
pub(super) struct Section {
    notes: Vec<&'static str>,
    cards: Vec<Card>,
    innovators: Vec<String>,
    proposals: Vec<String>,
    more: Option<String>,
    rare: Option<String>,
    empty: Option<&'static str>,
}

#[derive(Serialize)]
struct Card {
    status: &'static str,
    sentence: String,
    curve: Option<Value>,
    curve_note: Option<String>,
    quotes: Vec<String>,
    examples: Vec<Link>,
}

pub(super) fn section(source: &Source<'_>, sample: &Sample, improved: &Improvements) -> Section {
    let t = source.labels;
    let found = &improved.found;
    let shown = found.innovations.len().min(CARDS);
    Section {
        notes: found.notes.iter().map(|note| note.sentence(source.lang)).collect(),
        cards: found.innovations[..shown].iter().map(|i| card(source, sample, i)).collect(),
        innovators: found.innovators.iter().take(CARDS).map(|x| x.sentence(&found.innovations[x.innovation], source.lang)).collect(),
        proposals: improved.proposals.iter().take(CARDS).map(|p| p.sentence(source.lang)).collect(),
        more: (found.innovations.len() > shown).then(|| fill(t.more_rows, &[&count((found.innovations.len() - shown) as u64), "innovations"])),
        rare: (!found.rare.is_empty()).then(|| fill(t.rare_note, &[&count(found.rare.len() as u64)])),
        empty: found.innovations.is_empty().then_some(t.no_innovations),
    }
}

fn card(source: &Source<'_>, sample: &Sample, i: &Innovation) -> Card {
    let t = source.labels;
    let corpus = source.review.check().corpus();
    let status = match i.status {
        InnovationStatus::Proven => t.proven,
        InnovationStatus::OneRepOnly => t.one_rep_only,
        InnovationStatus::Refuted => t.refuted,
        InnovationStatus::Candidate => t.candidate,
    };
    let (first, last) = (i.adoption.first(), i.adoption.last());
    let period = first.zip(last).and_then(|(first, last)| {
        let ms = |day: i32| i64::from(day) * DAY;
        Some(fill(t.adoption_note, &[&day(ms(first.from), source.lang)?, &day(ms(last.from + last.days - 1), source.lang)?]))
    });
    Card {
        status,
        sentence: i.sentence(source.lang),
        curve: (i.adoption.len() > 1).then(|| Value::from_safe_string(curve(&i.adoption, &short(&i.choice.title, NAME)))),
        curve_note: period.filter(|_| i.adoption.len() > 1),
        quotes: i.finding.cases.iter().filter_map(|id| corpus.find(id)).filter_map(|case| quote(source, case, i)).take(QUOTES).collect(),
        examples: sample.links(source, i.finding.cases.iter().filter_map(|id| corpus.find(id))),
    }
}

/// What was said in a case where it was done.
fn quote(source: &Source<'_>, case: usize, i: &Innovation) -> Option<String> {
    let store = source.review.check().corpus().store();
    let step = i.choice.members.first().unwrap_or(&i.choice.step);
    let label = store.steps.find(step)?;
    let event = store.events(case).find(|&event| store.step[event] == label)?;
    let (turn, _) = *store.turns_of.get(event).filter(|turns| turns.0 != crate::corpus::NONE)?;
    let text = store.turns.text(store.turn_range(case).start + turn as usize).trim();
    (!text.is_empty()).then(|| short(text, WORDS))
}

/// Shares of use over time: all reps as a line, the first users as a broken one. Only numbers go in, and the title escaped.
fn curve(adoption: &[Adoption], title: &str) -> String {
    let share = |uses: u64, chances: u64| (chances > 0).then(|| uses as f64 / chances as f64);
    let points = |of: &dyn Fn(&Adoption) -> Option<f64>| {
        let mut path = String::new();
        for (i, period) in adoption.iter().enumerate() {
            if let Some(share) = of(period) {
                let x = 4.0 + i as f64 / (adoption.len() - 1) as f64 * (WIDTH - 8.0);
                let _ = write!(path, "{}{x:.1} {:.1}", if path.is_empty() { "M" } else { "L" }, HEIGHT - 4.0 - share * (HEIGHT - 8.0));
            }
        }
        path
    };
    let all = points(&|a| share(a.uses, a.chances));
    let first = points(&|a| share(a.first_uses, a.first_chances));
    format!(
        "<svg class=\"adoption\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\"><path class=\"base\" d=\"M4 {:.1}H{:.1}\"/><path class=\"first\" d=\"{first}\"/><path class=\"all\" d=\"{all}\"/></svg>",
        crate::text::escape_html(title),
        HEIGHT - 4.0,
        WIDTH - 4.0
    )
}
