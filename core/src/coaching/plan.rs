//! Plans (针对性辅导): the largest gaps of a rep, each with what the team says there and with clips to watch.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::gaps::{Example, SkillGap, WorkPattern};
use super::people::People;
use super::skills::monday;
#[cfg(feature = "store")]
use crate::clips::{Clip, ClipKind, ClipLibrary, ClipQuery, Consent};
use crate::error::Result;
use crate::stats::Interval;
use crate::table::Cell;
use crate::talk::TalkTracks;

/// Talk tracks of a step, clips of a step, and snippets of a track that a plan names at most.
const TRACKS: usize = 2;
const CLIPS: usize = 3;
const SNIPPETS: usize = 2;

/// What a rep is to train: data that a host may change before it is assigned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CoachingPlan {
    /// The rep.
    pub rep: String,
    /// The day it was drawn up.
    pub on: Date,
    /// What to train, in order.
    pub items: Vec<PlanItem>,
}

/// One thing to train.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanItem {
    /// Key of the skill.
    pub skill: String,
    /// What people read of the step.
    pub title: String,
    /// Until when.
    pub due: Date,
    /// Share now.
    pub now: f64,
    /// The pass line: the average of the team, or what the host sets.
    pub goal: f64,
    /// Wins in twelve weeks that go with the gap.
    pub worth: Option<f64>,
    /// Own turns to look at.
    pub examples: Vec<Example>,
    /// What to do next, as top people do (工作模式).
    pub patterns: Vec<WorkPattern>,
    /// The team's best talk tracks of the step, to practise.
    #[serde(default)]
    pub talk_tracks: Vec<TrackToPractise>,
    /// Clips of the step, to watch.
    #[serde(default)]
    pub clips: Vec<ClipToWatch>,
    /// Free text of the coach.
    #[serde(default)]
    pub note: Option<String>,
}

/// A talk track to practise, shown by what other reps really said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrackToPractise {
    /// Its number in the talk tracks.
    pub track: u32,
    /// Its place among those of the step, from 1.
    pub place: u32,
    /// A real wording, or the script of an expert.
    pub text: String,
    /// How often it was used.
    pub uses: u64,
    /// Share of its uses after which the case went on, drawn to what all tracks have in common.
    pub advance: Interval,
    /// Real snippets of other reps.
    pub snippets: Vec<PlanSnippet>,
}

/// What was said, by whom, and how the customer took it; personal data taken out as in the talk tracks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanSnippet {
    /// Conversation.
    pub conversation: String,
    /// First and last turn, from 0.
    pub turns: (u32, u32),
    /// Who said it.
    pub rep: Option<String>,
    /// What the customer said before.
    pub raised: Option<String>,
    /// What the rep said.
    pub answer: String,
    /// What the customer said next.
    pub reaction: Option<String>,
}

/// A clip to watch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClipToWatch {
    /// Its id in the library.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// Who speaks in it.
    pub rep: Option<String>,
    /// The rep has watched it before.
    pub watched: bool,
}

/// Where the words and clips of a plan come from; without one of them that part stays empty.
#[derive(Clone, Copy, Default)]
pub struct PlanSources<'a> {
    /// The talk tracks.
    pub talk: Option<&'a TalkTracks>,
    /// The clip library.
    #[cfg(feature = "store")]
    pub clips: Option<&'a ClipLibrary>,
}

impl People {
    /// A plan of the largest gaps of a rep: `most` items, each due four weeks after the one before. Talk tracks and clips are
    /// those of [`People::plan_with`], which this leaves empty.
    ///
    /// # Errors
    /// As [`People::gaps`].
    pub fn plan(&self, rep: &str, most: usize) -> Result<CoachingPlan> {
        self.plan_with(rep, most, PlanSources::default())
    }

    /// The same, filled: for the step of each gap the team's best talk tracks, shown by snippets of other reps, and the library's
    /// best practices, those not watched before the others.
    ///
    /// # Errors
    /// As [`People::gaps`].
    pub fn plan_with(&self, rep: &str, most: usize, sources: PlanSources<'_>) -> Result<CoachingPlan> {
        let on = self.skills().chances().as_of().unwrap_or_else(|| monday(0));
        let weeks = |n: i64| on.saturating_add(jiff::Span::new().days(28 * n.min(1_000)));
        let mut items = vec![];
        for (gap, n) in self.gaps(rep)?.into_iter().take(most).zip(1..) {
            let talk_tracks = sources.talk.map_or(Ok(vec![]), |talk| tracks(talk, &gap))?;
            #[cfg(feature = "store")]
            let clips = sources.clips.map_or_else(Vec::new, |library| clips(library, &gap, self.skills().chances().team_of(rep)));
            #[cfg(not(feature = "store"))]
            let clips = vec![];
            items.push(PlanItem {
                title: gap.chance.title.clone(),
                skill: gap.skill,
                due: weeks(n),
                now: gap.rate.estimate,
                goal: gap.average,
                worth: gap.worth,
                examples: gap.examples,
                patterns: gap.patterns,
                talk_tracks,
                clips,
                note: None,
            });
        }
        Ok(CoachingPlan { rep: rep.to_owned(), on, items })
    }
}

/// The best tracks of a gap's step, in their places.
fn tracks(talk: &TalkTracks, gap: &SkillGap) -> Result<Vec<TrackToPractise>> {
    const SEEN: usize = 50;
    let table = talk.tracks();
    let text = |row: usize, column: &str| if let Cell::Text(text) = table.get(row, column) { Some(text.to_owned()) } else { None };
    let whole = |row: usize, column: &str| if let Cell::Int(n) = table.get(row, column) { Some(n) } else { None };
    let number = |row: usize, column: &str| if let Cell::Float(x) = table.get(row, column) { Some(x) } else { None };
    let mut found = vec![];
    for row in (0..table.len()).filter(|&row| text(row, "step").as_deref() == Some(gap.chance.step.as_str())) {
        let (Some(track), Some(place), Some(said)) = (whole(row, "track"), whole(row, "place"), text(row, "text")) else { continue };
        let (Some(estimate), Some(low), Some(high)) = (number(row, "advance_rate"), number(row, "advance_low"), number(row, "advance_high")) else { continue };
        let shown = talk.snippets(track as usize, SEEN)?.into_iter().filter(|snippet| snippet.rep.as_deref() != Some(gap.rep.as_str()));
        let snippets: Vec<PlanSnippet> = (shown.take(SNIPPETS))
            .map(|s| PlanSnippet { conversation: s.conversation, turns: s.turns, rep: s.rep, raised: s.raised, answer: s.answer, reaction: s.reaction })
            .collect();
        let uses = whole(row, "uses").unwrap_or(0).max(0) as u64;
        // What only this rep says is nothing to learn; a script that nobody has said yet may be.
        if !snippets.is_empty() || uses == 0 {
            found.push(TrackToPractise { track: track as u32, place: place as u32, text: said, uses, advance: Interval { estimate, low, high }, snippets });
        }
    }
    found.sort_by_key(|track| (track.place, track.track));
    found.truncate(TRACKS);
    Ok(found)
}

/// Best practices of a gap's step; by the words of its title where no clip names the step.
#[cfg(feature = "store")]
fn clips(library: &ClipLibrary, gap: &SkillGap, team: Option<&str>) -> Vec<ClipToWatch> {
    let best = |query: ClipQuery| -> Vec<Clip> {
        let hits = library.search(&ClipQuery { kind: Some(ClipKind::BestPractice), ..query }).into_iter().map(|hit| hit.clip);
        hits.filter(|clip| clip.consent != Consent::Refused && clip.rep.as_deref() != Some(gap.rep.as_str())).collect()
    };
    let mut found = best(ClipQuery { step: Some(gap.chance.step.clone()), ..ClipQuery::default() });
    if found.is_empty() {
        found = best(ClipQuery { words: Some(gap.chance.title.clone()), ..ClipQuery::default() });
    }
    let watches = library.watches();
    let watched = |clip: &Clip| watches.iter().any(|watch| watch.clip == clip.id && watch.rep == gap.rep);
    found.sort_by_key(|clip| (watched(clip), team.is_some() && clip.team.as_deref() != team));
    found.truncate(CLIPS);
    found.into_iter().map(|clip| ClipToWatch { watched: watched(&clip), id: clip.id, title: clip.title, rep: clip.rep }).collect()
}
