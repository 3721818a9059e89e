//! What would be worth clipping: the best moments of each step, and where points are lost, each with the reason.

use std::collections::BTreeMap;

use serde::Serialize;

use super::model::{ClipKind, NewClip};
use crate::error::Result;
use crate::score::{PartKind, PartState, Scores};
use crate::table::Cell;
use crate::words::Lang;

/// Best conversations looked at, and moments suggested of each step.
const LOOKED_AT: usize = 200;
const OF_EACH: usize = 3;

/// A clip that would be worth making.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClipSuggestion {
    /// What to hand to [`ClipLibrary::add`](super::ClipLibrary::add).
    pub clip: NewClip,
    /// Why, in English.
    pub reason_en: String,
    /// Why, in Chinese.
    pub reason_zh: String,
}

impl Scores {
    /// What would be worth clipping: of each step up to three moments of the best conversations in which it earned all its
    /// points, then the coaching opportunities (机会点), those that lose most points first; at most so many of each.
    ///
    /// # Errors
    /// As [`Scores::opportunities`].
    pub fn clip_suggestions(&self, most: usize, lang: Lang) -> Result<Vec<ClipSuggestion>> {
        let mut found = self.best_moments(most, lang)?;
        found.extend(self.lost_moments(most, lang)?);
        Ok(found)
    }

    fn best_moments(&self, most: usize, lang: Lang) -> Result<Vec<ClipSuggestion>> {
        let best = self.best(LOOKED_AT);
        let mut of_step: BTreeMap<String, usize> = BTreeMap::new();
        let mut found = Vec::new();
        for row in 0..best.len() {
            let Cell::Text(case) = best.get(row, "case_id") else { continue };
            let score = self.explain(case)?;
            for part in &score.parts {
                let (Some(step), Some(turns)) = (&part.step, part.turns) else { continue };
                if part.kind != PartKind::Step || part.state != PartState::Full || found.len() >= most {
                    continue;
                }
                let n = of_step.entry(step.clone()).or_default();
                if *n == OF_EACH {
                    continue;
                }
                *n += 1;
                let title = part.title.as_deref().unwrap_or(step);
                let points = score.score.unwrap_or_default();
                let reason_en = format!("“{title}” in one of the best conversations ({points:.1} of 100 points). {}", part.sentence(Lang::En));
                let reason_zh = format!("得分最高的会话之一（{points:.1}/100 分）里的“{title}”。{}", part.sentence(Lang::Zh));
                found.push(suggestion(ClipKind::BestPractice, &score.case, turns, step, title, reason_en, reason_zh, lang));
            }
        }
        Ok(found)
    }

    fn lost_moments(&self, most: usize, lang: Lang) -> Result<Vec<ClipSuggestion>> {
        let table = self.opportunities()?;
        let mut found = Vec::new();
        for row in 0..table.len() {
            let text = |column: &str| if let Cell::Text(text) = table.get(row, column) { text.to_owned() } else { String::new() };
            let (Cell::IntList(turns), Cell::TextList(cases)) = (table.get(row, "turns"), table.get(row, "cases")) else { continue };
            let (Some(first), Some(last), Some(case)) = (turns.first(), turns.last(), cases.first()) else { continue };
            if found.len() >= most {
                break;
            }
            let turns = (*first as u32, *last as u32);
            found.push(suggestion(ClipKind::ToImprove, case, turns, &text("step"), &text("title"), text("sentence_en"), text("sentence_zh"), lang));
        }
        Ok(found)
    }
}

fn suggestion(kind: ClipKind, case: &str, turns: (u32, u32), step: &str, title: &str, reason_en: String, reason_zh: String, lang: Lang) -> ClipSuggestion {
    let title = if title.is_empty() { step } else { title };
    let reason = if lang == Lang::Zh { &reason_zh } else { &reason_en };
    let clip = NewClip {
        kind,
        step: Some(step.to_owned()).filter(|step| !step.is_empty()),
        reason: Some(reason.clone()),
        ..NewClip::new(case, turns.0, turns.1, if title.is_empty() { case } else { title })
    };
    ClipSuggestion { clip, reason_en, reason_zh }
}
