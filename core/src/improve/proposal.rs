//! Concrete edits of the SOP, each with what it rests on, whom it affects and what it would bring.

use serde::Serialize;

use super::bounds;
use super::edits::{Edited, edits};
use super::gain::Gain;
use super::innovation::{ImproveOptions, InnovationStatus, Innovations};
use super::mine::{Mine, Mines, tracks};
use crate::check::{Check, CheckOptions};
use crate::error::Result;
use crate::evidence::{ChoiceId, ChoiceKind, Finding, Verdict};
use crate::progress::Progress;
use crate::sop::{Patch, Playbook, PlaybookEntry, Sop};
use crate::talk::TalkTracks;
use crate::words::{self, Lang};

/// A step may become optional if leaving it out is known to cost less than this much of the win rate.
pub(super) const MARGIN: f64 = 0.03;
/// Share of the cases that leave a step out from which making it optional is worth a thought.
const OFTEN: f64 = 0.1;

/// What a proposal does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProposalKind {
    /// Plans a step or a short sequence that was not planned there.
    Insert,
    /// Plans a step at another place.
    Reorder,
    /// No longer plans a step.
    Drop,
    /// Leaves a step to the rep.
    MakeOptional,
    /// Plans for every case what was left to the rep.
    MakeRequired,
    /// Names the better branch first.
    Prefer,
    /// Plans a step for some cases only.
    Split,
    /// Asks for more or less in a standard.
    SetBound,
    /// Gives what to say at a step, word by word, in its guidance.
    SetWording,
}

impl ProposalKind {
    /// The name of the kind, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Reorder => "reorder",
            Self::Drop => "drop",
            Self::MakeOptional => "make_optional",
            Self::MakeRequired => "make_required",
            Self::Prefer => "prefer",
            Self::Split => "split",
            Self::SetBound => "set_bound",
            Self::SetWording => "set_wording",
        }
    }
}

/// What a change of the SOP does to how many cases conform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Conformity {
    /// Cases that are checked.
    pub cases: u64,
    /// Cases that conform so far under the present SOP.
    pub before: u64,
    /// Under the changed one.
    pub after: u64,
    /// Cases that conform now and would not.
    pub lost: u64,
    /// Cases that do not conform now and would.
    pub won: u64,
}

impl Conformity {
    pub(super) fn note(&mut self, before: bool, after: bool) {
        self.cases += 1;
        self.before += u64::from(before);
        self.after += u64::from(after);
        self.lost += u64::from(before && !after);
        self.won += u64::from(!before && after);
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.cases += other.cases;
        self.before += other.before;
        self.after += other.after;
        self.lost += other.lost;
        self.won += other.won;
    }
}

/// An edit of the SOP that the evidence asks for (建议).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proposal {
    /// Short name that stays the same while the SOP and the choice do.
    pub id: String,
    /// What it does.
    pub kind: ProposalKind,
    /// Number of the SOP in the playbook.
    pub entry: u32,
    /// Name of the SOP.
    pub sop: String,
    /// The edit, bound to the SOP: [`Sop::apply`] makes the next version of it.
    pub patch: Patch,
    /// The choice it rests on.
    pub choice: ChoiceId,
    /// For a split: the attribute and its values for which the step is planned.
    pub segment: Option<(String, Vec<String>)>,
    /// What the later cases show, on which it was not looked for; all cases, where less is asked for.
    pub finding: Finding,
    /// What it would bring among those newly affected; `None` where nothing is asked for any more, and so nobody can say how many
    /// will do otherwise.
    pub gain: Option<Gain>,
    /// Where less is asked for: the loss that the interval excludes.
    pub margin: Option<f64>,
    /// What it does to conformity.
    pub conformity: Conformity,
    /// What is edited, in English and Chinese.
    pub edit_en: String,
    /// The same in Chinese.
    pub edit_zh: String,
}

impl Proposal {
    /// One sentence about it: the edit, whom it affects, what it would bring.
    pub fn sentence(&self, lang: Lang) -> String {
        words::proposal(self, lang)
    }
}

/// Everything that may be improved: innovations, innovators, and what they come to.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Improvements {
    /// What is done outside the SOP that works.
    #[serde(flatten)]
    pub found: Innovations,
    /// Edits of the SOP, the largest honest gain first.
    pub proposals: Vec<Proposal>,
    /// Choices that are proven and that no edit can express, such as those at the second time at a step.
    pub not_expressed: Vec<ChoiceId>,
    /// Choices that an edit could express, and whose gain the later cases do not support: its interval reaches to nothing, or too
    /// little is comparable.
    pub not_supported: Vec<ChoiceId>,
}

impl Improvements {
    /// Looks for innovations and makes proposals of what is proven.
    ///
    /// ```
    /// use goldpath::improve::{ImproveOptions, Improvements};
    /// use goldpath::{Corpus, Sop};
    /// let sop = Sop::parse("{format: goldpath/1, name: demo, steps: [open, close], flow: [open, close]}")?;
    /// let corpus = Corpus::parse(br#"{"id": "c1", "rep": "ann", "steps": ["open", "close"], "outcome": {"won": true}}"#)?;
    /// assert!(Improvements::of(&corpus.check(&sop)?, &ImproveOptions::default())?.proposals.is_empty());
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Innovations::of`].
    pub fn of(check: &Check, options: &ImproveOptions) -> Result<Self> {
        Self::with_tracks(check, options, tracks(check, options, &[])?.as_ref())
    }

    /// The same with talk tracks that were gathered before, within the attributes that are adjusted for.
    pub(crate) fn with_tracks(check: &Check, options: &ImproveOptions, tracks: Option<&TalkTracks>) -> Result<Self> {
        let (found, mines) = Innovations::mined(check, options, tracks)?;
        let mine = &mines.paths;
        let mut improved = Self { found, ..Self::default() };
        let unplanned: Vec<(ProposalKind, ChoiceId)> =
            (improved.found.innovations.iter()).filter(|i| i.status == InnovationStatus::Proven).map(|i| (kind_of(i.choice.kind), i.choice.clone())).collect();
        for (kind, id) in unplanned.into_iter().chain(planned(mine)) {
            improved.propose(check, &mines, kind, id, None)?;
        }
        for id in bounds::found(mine, |f| harmless(mine, f))? {
            improved.propose(check, &mines, ProposalKind::SetBound, id, None)?;
        }
        for (id, segment) in splits(mine)? {
            improved.propose(check, &mines, ProposalKind::Split, id, Some(segment))?;
        }
        let size = |p: &Proposal| p.gain.map_or(0.0, |g| if options.lower_is_better { -g.gain.estimate } else { g.gain.estimate });
        improved.proposals.sort_by(|a, b| size(b).total_cmp(&size(a)).then_with(|| a.kind.cmp(&b.kind)).then_with(|| a.choice.cmp(&b.choice)));
        // One edit may follow from choices at several points: it is proposed once, with the largest gain.
        let mut seen: Vec<(u32, Patch)> = Vec::new();
        improved.proposals.retain(|p| {
            let new = !seen.iter().any(|(entry, patch)| *entry == p.entry && *patch == p.patch);
            if new {
                seen.push((p.entry, p.patch.clone()));
            }
            new
        });
        Ok(improved)
    }

    fn propose(&mut self, check: &Check, mines: &Mines, kind: ProposalKind, id: ChoiceId, segment: Option<(String, Vec<String>)>) -> Result<()> {
        let mine = mines.at(&id);
        let Some(entry) = check.playbook().entries().get(id.entry as usize) else { return Ok(()) };
        let words = mines.words.as_ref().and_then(|words| words.in_full(&id));
        let Some(Edited { patch, next }) = edits(&entry.sop, kind, &id, segment.as_ref(), words) else {
            self.not_expressed.push(id);
            return Ok(());
        };
        let within = |case: usize| segment.as_ref().is_none_or(|(name, values)| mine.table.attribute_of(case, name).is_some_and(|v| values.contains(v)));
        let Some(finding) = mine.over(&id, |case| !mine.is_early(case) && within(case))? else { return Ok(()) };
        // Asking for less changes what is asked for, not what is done: nobody can say how many will do otherwise.
        let less = kind == ProposalKind::MakeOptional || bounds::bound_of(&id).is_some_and(|bound| !bound.stricter());
        let gain = if less { None } else { mine.gain_within(&id, within)? };
        let better = |g: Gain| if mine.options.higher_is_better { g.gain.low > 0.0 } else { g.gain.high < 0.0 };
        // What may be given up is judged by all cases, for nothing was chosen for being large; the later ones must not speak against it.
        let (finding, supported) = match mine.whole(&id).filter(|_| less) {
            Some(all) => (all.clone(), harmless(mine, all) && !mine.against(&finding)),
            None => (finding, gain.is_some_and(better)),
        };
        if !supported {
            self.not_supported.push(id);
            return Ok(());
        }
        let sentences = |lang| entry.sop.diff(&next).sentences(lang).join(" ");
        self.proposals.push(Proposal {
            id: name_of(kind, &id, segment.as_ref()),
            conformity: conformity(check, id.entry as usize, &next)?,
            edit_en: sentences(Lang::En),
            edit_zh: sentences(Lang::Zh),
            kind,
            entry: id.entry,
            sop: id.sop.clone(),
            patch,
            choice: id,
            segment,
            finding,
            gain,
            margin: less.then_some(MARGIN),
        });
        Ok(())
    }

    /// A proposal by its id.
    pub fn proposal(&self, id: &str) -> Option<&Proposal> {
        self.proposals.iter().find(|p| p.id == id)
    }
}

/// What is proposed of something unplanned that is proven.
fn kind_of(kind: ChoiceKind) -> ProposalKind {
    match kind {
        ChoiceKind::OutOfOrder => ProposalKind::Reorder,
        ChoiceKind::Wording => ProposalKind::SetWording,
        _ => ProposalKind::Insert,
    }
}

/// A short name from what the proposal is about.
fn name_of(kind: ProposalKind, id: &ChoiceId, segment: Option<&(String, Vec<String>)>) -> String {
    let about = serde_json::to_string(&(kind, id, segment)).unwrap_or_default();
    format!("{}-{:08x}", kind.name(), crate::text::stable_hash(&about) as u32)
}

/// What the evidence says of planned choices: proven as an innovation is, without the need for others.
fn planned(mine: &Mine) -> Vec<(ProposalKind, ChoiceId)> {
    let mut found = Vec::new();
    for (planned, finding) in mine.whole.choices.iter().zip(&mine.all) {
        let (id, Some(finding)) = (&planned.choice, finding) else { continue };
        let kind = match id.kind {
            ChoiceKind::Skip => ProposalKind::Drop,
            ChoiceKind::Include => ProposalKind::MakeRequired,
            ChoiceKind::Branch => ProposalKind::Prefer,
            _ => continue,
        };
        let mined = mine.mined(id).is_some_and(|f| mine.clear(f));
        let later = || mine.later(id).ok().flatten();
        if finding.verdict == Verdict::Helps && mine.stands(finding) && mined && later().is_some_and(|f| mine.clear(&f)) {
            found.push((kind, id.clone()));
        } else if id.kind == ChoiceKind::Skip && harmless(mine, finding) {
            found.push((ProposalKind::MakeOptional, id.clone()));
        }
    }
    found
}

/// Leaving the step out is common, and the interval excludes a loss worth speaking of; of yes/no outcomes only.
fn harmless(mine: &Mine, f: &Finding) -> bool {
    let n = f.treated.n + f.control.n;
    let often = n > 0 && f.treated.n as f64 >= OFTEN * n as f64;
    let worst = f.interval().map(|i| if mine.options.higher_is_better { -i.low } else { i.high });
    !f.numeric() && often && f.p_value.is_some() && !f.caveats.iter().any(|c| c.withholds()) && worst.is_some_and(|loss| loss < MARGIN)
}

/// Unplanned choices that clearly help in some segments and clearly hurt in others, on the earlier cases and on the later ones.
fn splits(mine: &Mine) -> Result<Vec<(ChoiceId, (String, Vec<String>))>> {
    let mut found = Vec::new();
    for planned in &mine.plan.choices {
        let id = &planned.choice;
        if id.kind != ChoiceKind::Add && id.kind != ChoiceKind::Skip {
            continue;
        }
        let Some(early) = mine.mined(id).filter(|f| f.has(crate::evidence::Caveat::SegmentsDisagree)) else { continue };
        let Some(later) = mine.later(id)? else { continue };
        let sign = if mine.options.higher_is_better { 1.0 } else { -1.0 };
        // Planned where doing it helps: for a step that may be left out, where leaving it out hurts.
        let does = if id.kind == ChoiceKind::Skip { -sign } else { sign };
        let clear = |f: &Finding, attribute: &str, value: &str, sign: f64| {
            f.segments.iter().any(|s| s.attribute == attribute && s.value == value && s.ci_low * sign > 0.0 && s.ci_high * sign > 0.0)
        };
        let mut attributes: Vec<&str> = early.segments.iter().map(|s| s.attribute.as_str()).collect();
        attributes.dedup();
        for attribute in attributes {
            let values = |sign: f64| -> Vec<String> {
                let of = early.segments.iter().filter(|s| s.attribute == attribute).map(|s| s.value.clone());
                of.filter(|value| clear(early, attribute, value, sign) && clear(&later, attribute, value, sign)).collect()
            };
            let (helps, hurts) = (values(does), values(-does));
            if !helps.is_empty() && !hurts.is_empty() {
                found.push((id.clone(), (attribute.to_owned(), helps)));
                break;
            }
        }
    }
    Ok(found)
}

/// The sequence that a choice is about, to be looked for again.
pub(super) fn sequence_of(check: &Check, id: &ChoiceId) -> Option<crate::evidence::SequenceAt> {
    check.playbook().entries().get(id.entry as usize)?;
    let place = id.point.is_some().then(|| id.point_place.clone());
    (!id.members.is_empty()).then(|| crate::evidence::SequenceAt { entry: id.entry, place, visit: id.visit, members: id.members.clone() })
}

/// How many cases conform now, and would under another SOP in the place of one of the playbook.
fn conformity(check: &Check, entry: usize, next: &Sop) -> Result<Conformity> {
    let mut sums = Conformity::default();
    conforming(check, entry, next)?.into_iter().for_each(|(_, before, after)| sums.note(before, after));
    Ok(sums)
}

/// Whether each case that is checked conforms now, and would.
pub(super) fn conforming(check: &Check, entry: usize, next: &Sop) -> Result<Vec<(usize, bool, bool)>> {
    let entries = check.playbook().entries().iter().enumerate();
    let changed = entries.map(|(i, e)| if i == entry { PlaybookEntry { sop: next.clone(), ..e.clone() } } else { e.clone() });
    let options = CheckOptions { outcome: check.outcome().map(ToOwned::to_owned), threshold: check.threshold(), ..CheckOptions::default() };
    let again = check.corpus().check_with(Playbook::new(changed), &options, &Progress::none())?;
    Ok((0..check.len()).filter_map(|case| Some((case, check.conforms_so_far(case)?, again.conforms_so_far(case)?))).collect())
}
