//! The scores of a check: sums of all cases, and any case explained point by point.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::Serialize;

use super::card::{Feedback, Scorecard};
use super::mark::{Card, Mark, Marker, Part, PartKind, PartState, Sheet, Total};
use crate::check::{Check, Deviation, NOWHERE, Origin, StandardResult};
use crate::error::{Error, Fault, Result};
use crate::progress::Progress;
use crate::words::{self, Lang};

/// Cases scored together by one thread: sums are made of these in their order, whatever the number of threads.
const CHUNK: usize = 512;
/// Cases named with what loses points.
const EXAMPLES: usize = 5;

/// The points of all cases of a check. Cheap to clone.
#[derive(Clone)]
pub struct Scores(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) check: Check,
    pub(super) card: Scorecard,
    pub(super) sheets: Vec<Sheet>,
    pub(super) cases: Vec<CaseTotal>,
    /// By SOP and part.
    pub(super) parts: Vec<Vec<Sum>>,
    /// By rep, SOP and part.
    pub(super) reps: Vec<((u32, u32, u32), Sum)>,
}

/// The sums of a case and how many parts they are made of; `sop` is `NOWHERE` where none takes the case.
#[derive(Debug, Clone, Copy)]
pub(super) struct CaseTotal {
    pub(super) sop: u32,
    pub(super) total: Total,
    pub(super) counted: u32,
    pub(super) left_out: u32,
}

/// What became of a part over many cases.
#[derive(Debug, Clone, Default)]
pub(super) struct Sum {
    pub(super) counted: u64,
    pub(super) not_due: u64,
    pub(super) not_measured: u64,
    pub(super) accepted: u64,
    pub(super) possible: f64,
    pub(super) got: f64,
    /// Cases that lost something by it, and how much, in points of 100.
    pub(super) cases_lost: u64,
    pub(super) lost: f64,
    /// The cases that lost most, with what they lost; equal ones in their order.
    pub(super) worst: Vec<(f64, u32)>,
}

impl Sum {
    fn add(&mut self, mark: &Mark) {
        match mark.state {
            PartState::NotDue => self.not_due += 1,
            PartState::NotMeasured => self.not_measured += 1,
            PartState::Accepted => self.accepted += 1,
            PartState::Full | PartState::Partial | PartState::Lost => self.counted += 1,
        }
        self.possible += mark.possible;
        self.got += mark.got;
    }

    /// A case lost points of 100 by the part, in all its marks together.
    fn lose(&mut self, lost: f64, case: u32) {
        self.cases_lost += 1;
        self.lost += lost;
        self.keep((lost, case));
    }

    fn keep(&mut self, one: (f64, u32)) {
        let at = self.worst.partition_point(|have| have.0 > one.0 || (have.0 == one.0 && have.1 < one.1));
        if at < EXAMPLES {
            self.worst.insert(at, one);
            self.worst.truncate(EXAMPLES);
        }
    }

    fn merge(&mut self, other: Self) {
        self.counted += other.counted;
        self.not_due += other.not_due;
        self.not_measured += other.not_measured;
        self.accepted += other.accepted;
        self.possible += other.possible;
        self.got += other.got;
        self.cases_lost += other.cases_lost;
        self.lost += other.lost;
        for one in other.worst {
            self.keep(one);
        }
    }
}

#[derive(Default)]
struct Chunk {
    cases: Vec<CaseTotal>,
    parts: FxHashMap<(u32, u32), Sum>,
    reps: FxHashMap<(u32, u32, u32), Sum>,
}

impl Check {
    /// Weighs every case by a scorecard.
    ///
    /// # Errors
    /// [`Error::Scorecard`] with every step, standard and feedback of the scorecard that is not there.
    pub fn score(&self, card: &Scorecard) -> Result<Scores> {
        self.score_with(card, &Progress::none())
    }

    /// As [`Check::score`], with progress and cancelling.
    pub fn score_with(&self, scorecard: &Scorecard, progress: &Progress<'_>) -> Result<Scores> {
        let card = Card::of(scorecard, self)?;
        let (done, total) = (AtomicU64::new(0), self.len() as u64);
        let chunks: Vec<Result<Chunk>> = (0..self.len().div_ceil(CHUNK))
            .into_par_iter()
            .map_init(Marker::default, |marker, number| {
                let cases = number * CHUNK..((number + 1) * CHUNK).min(self.len());
                let mut chunk = Chunk::default();
                for case in cases.clone() {
                    chunk.add(self, &card, marker, case)?;
                }
                let n = cases.len() as u64;
                progress.step("score", done.fetch_add(n, Ordering::Relaxed) + n, total)?;
                Ok(chunk)
            })
            .collect();
        let mut cases = Vec::with_capacity(self.len());
        let mut parts: Vec<Vec<Sum>> = card.sheets.iter().map(|sheet| vec![Sum::default(); sheet.parts.len()]).collect();
        let mut reps: FxHashMap<(u32, u32, u32), Sum> = FxHashMap::default();
        for chunk in chunks {
            let chunk = chunk?;
            cases.extend(chunk.cases);
            for ((sop, part), sum) in chunk.parts {
                parts[sop as usize][part as usize].merge(sum);
            }
            for (key, sum) in chunk.reps {
                reps.entry(key).or_default().merge(sum);
            }
        }
        let mut reps: Vec<_> = reps.into_iter().collect();
        reps.sort_by_key(|(key, _)| *key);
        Ok(Scores(Arc::new(Inner { check: self.clone(), card: scorecard.clone(), sheets: card.sheets, cases, parts, reps })))
    }
}

impl Chunk {
    fn add(&mut self, check: &Check, card: &Card<'_>, marker: &mut Marker, case: usize) -> Result<()> {
        let Some(sop) = marker.mark(card, check, case)? else {
            self.cases.push(CaseTotal { sop: NOWHERE, total: Total::default(), counted: 0, left_out: 0 });
            return Ok(());
        };
        let (scale, rep) = (marker.total.scale(), check.rep_of(case));
        let counted = marker.marks.iter().filter(|mark| mark.state.counts()).count() as u32;
        self.cases.push(CaseTotal { sop, total: marker.total, counted, left_out: marker.marks.len() as u32 - counted });
        // Marks of one part stand together but for deviations, of which a case may have several kinds in turn.
        let mut by_part: Vec<(u32, f64)> = Vec::with_capacity(marker.marks.len());
        for mark in &marker.marks {
            self.parts.entry((sop, mark.part)).or_default().add(mark);
            self.reps.entry((rep, sop, mark.part)).or_default().add(mark);
            match by_part.iter_mut().find(|(part, _)| *part == mark.part) {
                Some((_, lost)) => *lost += mark.lost(),
                None => by_part.push((mark.part, mark.lost())),
            }
        }
        for (part, lost) in by_part.into_iter().filter(|(_, lost)| *lost > 0.0 && scale > 0.0) {
            self.parts.entry((sop, part)).or_default().lose(lost * scale, case as u32);
            self.reps.entry((rep, sop, part)).or_default().lose(lost * scale, case as u32);
        }
        Ok(())
    }
}

/// One thing a score is made of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScorePart {
    /// What it is about.
    pub kind: PartKind,
    /// Id of the step, for steps, standards and deviations.
    pub step: Option<String>,
    /// Title of the step.
    pub title: Option<String>,
    /// Key of the standard, name of the feedback or kind of the deviation; for steps the title.
    pub name: String,
    /// What came of it.
    pub state: PartState,
    /// Points it could have earned; `None` where it is left out, 0 for deviations.
    pub possible: Option<f64>,
    /// Points it earned; negative for deviations.
    pub got: Option<f64>,
    /// What it costs of the 100.
    pub lost: f64,
    /// What the feedback was.
    pub value: Option<f64>,
    /// Number of the event it rests on, from 0.
    pub event: Option<u32>,
    /// First and last turn it rests on.
    pub turns: Option<(u32, u32)>,
    /// Where the case is a deal: the conversation it rests on, and the turns there.
    pub origin: Option<Origin>,
    /// How often it was in order, and how often it could have been, for steps and standards.
    #[serde(skip)]
    pub(crate) times: (u32, u32),
    /// Why points were lost.
    #[serde(skip)]
    pub(crate) deviation: Option<Box<Deviation>>,
    #[serde(skip)]
    pub(crate) standard: Option<Box<StandardResult>>,
    #[serde(skip)]
    pub(crate) feedback: Option<Feedback>,
    /// Points it would be worth.
    #[serde(skip)]
    pub(crate) weight: f64,
}

impl ScorePart {
    /// One sentence about it.
    pub fn sentence(&self, lang: Lang) -> String {
        words::score_part(self, lang)
    }

    /// The sentence in English.
    pub fn sentence_en(&self) -> String {
        self.sentence(Lang::En)
    }

    /// The sentence in Chinese.
    pub fn sentence_zh(&self) -> String {
        self.sentence(Lang::Zh)
    }
}

/// The points of one case and what they are made of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Score {
    /// Id of the case.
    pub case: String,
    /// Name of the SOP it was held against.
    pub sop: String,
    /// 0 to 100: what was earned, less what deviations take away, of what was possible; `None` where nothing counted.
    pub score: Option<f64>,
    /// Points earned.
    pub got: f64,
    /// Points that were possible in this case.
    pub possible: f64,
    /// Points that deviations take away, 0 or negative.
    pub penalty: f64,
    /// All parts: those of the scorecard in the order of the SOP, then the deviations that take points away.
    pub parts: Vec<ScorePart>,
}

impl Scores {
    /// The check behind the scores.
    pub fn check(&self) -> &Check {
        &self.0.check
    }

    /// The scorecard.
    pub fn scorecard(&self) -> &Scorecard {
        &self.0.card
    }

    /// Number of cases.
    pub fn len(&self) -> usize {
        self.0.cases.len()
    }

    /// Whether there are no cases.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The score of a case by its number; `None` where nothing counted or no SOP takes it.
    pub fn score(&self, case: usize) -> Option<f64> {
        self.0.cases[case].total.score()
    }

    /// The score of one case, point by point.
    ///
    /// # Errors
    /// [`Error::Argument`] if there is no such case, or no SOP takes it.
    pub fn explain(&self, id: &str) -> Result<Score> {
        let unknown = |message: &str| Error::Argument(Box::new(Fault::new("check.unknown_case", format!("{message} `{id}`")).at_place("case_id")));
        let case = self.0.check.corpus().find(id).ok_or_else(|| unknown("there is no conversation"))?;
        self.explain_of(case)?.ok_or_else(|| unknown("no SOP of the playbook takes conversation"))
    }

    /// The score of a case by its number, point by point; `None` where no SOP takes it.
    pub fn explain_of(&self, case: usize) -> Result<Option<Score>> {
        self.explain_by(&self.laid()?, case)
    }

    /// The scorecard laid beside the check.
    pub(super) fn laid(&self) -> Result<Card<'_>> {
        Card::of(&self.0.card, &self.0.check)
    }

    pub(super) fn explain_by(&self, card: &Card<'_>, case: usize) -> Result<Option<Score>> {
        let check = &self.0.check;
        let mut marker = Marker::default();
        let (Some(number), Some(sop)) = (marker.mark(card, check, case)?, check.sop_of(case)) else { return Ok(None) };
        let deviations = check.alignment_of(case)?.map(|alignment| alignment.deviations).unwrap_or_default();
        let (store, sheet, total) = (check.corpus().store(), &card.sheets[number as usize], marker.total);
        let parts = marker.marks.iter().map(|mark| {
            let part: &Part = &sheet.parts[mark.part as usize];
            let deviation = deviations.get(mark.deviation as usize).filter(|_| mark.deviation != NOWHERE);
            let of_step = sop.steps().get_index(part.step as usize).map(|(id, _)| id.clone());
            let step = of_step.or_else(|| deviation.filter(|_| part.kind == PartKind::Deviation).map(|d| d.step.clone()));
            let at = (mark.event != NOWHERE).then(|| check.event(case, mark.event));
            let (event, turns, origin) = at.map_or((None, None, None), |(event, turns, origin)| (Some(event), turns, origin));
            let told = (part.kind == PartKind::Feedback).then(|| card.told(mark.part as usize - sheet.feedback, case)).flatten();
            let counts = mark.state.counts();
            ScorePart {
                kind: part.kind,
                title: step.as_deref().map(|step| sop.title(step).to_owned()),
                step,
                name: if part.kind == PartKind::Step { part.name.clone() } else { part.key.clone() },
                state: mark.state,
                possible: counts.then_some(mark.possible),
                got: counts.then_some(mark.got),
                lost: mark.lost() * total.scale(),
                value: told.map(|(value, _)| value),
                event,
                turns,
                origin,
                times: mark.times,
                deviation: deviation.cloned().map(Box::new),
                standard: if part.rule == NOWHERE { None } else { check.standard(number, part.rule).map(Box::new) },
                feedback: told.map(|(_, feedback)| feedback),
                weight: part.weight,
            }
        });
        Ok(Some(Score {
            case: store.ids.get(case as u32).unwrap_or_default().to_owned(),
            sop: sop.name().to_owned(),
            score: total.score(),
            got: total.got,
            possible: total.possible,
            penalty: total.penalty,
            parts: parts.collect(),
        }))
    }
}

impl std::fmt::Display for Scores {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scored: Vec<f64> = (0..self.len()).filter_map(|case| self.score(case)).collect();
        write!(f, "Scores({} cases", self.len())?;
        if !scored.is_empty() {
            write!(f, ", mean {:.1} of 100 over {}", scored.iter().sum::<f64>() / scored.len() as f64, scored.len())?;
        }
        f.write_str(")")
    }
}

impl std::fmt::Debug for Scores {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl std::fmt::Display for Score {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let score = self.score.map_or_else(|| "no points possible".to_owned(), |score| format!("{score:.1} of 100"));
        writeln!(f, "{}: {score}", self.case)?;
        for part in &self.parts {
            writeln!(f, "  {}", part.sentence_en())?;
        }
        Ok(())
    }
}
