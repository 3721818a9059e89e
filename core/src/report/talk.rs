//! Talk tracks and knowledge points: what is said best of each topic, with a real piece of conversation, and what is missing.

use serde::Serialize;

use super::Source;
use crate::error::{Error, Result};
use crate::review::Review;
use crate::table::{Cell, Table};
use crate::talk::{Answer, BestTrack, Snippet, TalkTracks};
use crate::text::short;
use crate::words::{count, fill, share};

/// Topics with their tracks, tracks of each, and rows of the coverage.
const TOPICS: usize = 8;
const TRACKS: usize = 3;
const COVERAGE: usize = 60;
/// Widest wording and widest turn, in columns.
const WORDING: usize = 160;
const TURN: usize = 240;

#[derive(Serialize)]
pub(super) struct Section {
    topics: Vec<Topic>,
    coverage: Coverage,
    more: Option<String>,
}

#[derive(Serialize)]
struct Topic {
    title: String,
    kind: &'static str,
    came_up: String,
    verdict: &'static str,
    /// What the comparison of the first track says.
    sentence: Option<String>,
    tracks: Vec<Track>,
    said: Option<Said>,
    next: Option<String>,
}

#[derive(Serialize)]
struct Track {
    words: String,
    uses: String,
    reps: String,
    share: String,
    interval: String,
    how: &'static str,
}

#[derive(Serialize)]
struct Said {
    raised: Option<String>,
    answer: String,
    reaction: Option<String>,
    who: String,
}

/// A table as the page writes it.
#[derive(Serialize)]
struct Coverage {
    head: Vec<&'static str>,
    body: Vec<Vec<String>>,
    more: Option<String>,
}

/// The tracks of a review; `None` where nothing was said at a step.
pub(super) fn found(review: &Review) -> Result<Option<&TalkTracks>> {
    match review.talk_tracks() {
        Ok(talk) => Ok(Some(&**talk).filter(|talk| !talk.is_empty())),
        Err(Error::Argument(fault)) if fault.code == "talk.no_turns" => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) fn section(source: &Source<'_>, talk: &TalkTracks) -> Result<Section> {
    let mut order: Vec<usize> = (0..talk.topics().len()).filter(|&i| !talk.topics()[i].tracks.is_empty()).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(talk.topics()[i].came_up), i));
    let more = order.len().saturating_sub(TOPICS);
    Ok(Section {
        topics: order.iter().take(TOPICS).map(|&i| topic(source, talk, &talk.topics()[i])).collect::<Result<_>>()?,
        coverage: coverage(source, &talk.knowledge_points()),
        more: (more > 0).then(|| fill(source.labels.talk_more, &[&count(more as u64)])),
    })
}

fn kind(source: &Source<'_>, kind: &str) -> &'static str {
    match kind {
        "customer" => source.labels.topic_customer,
        "emerging" => source.labels.topic_emerging,
        _ => source.labels.topic_agent,
    }
}

fn topic(source: &Source<'_>, talk: &TalkTracks, of: &Answer) -> Result<Topic> {
    let t = source.labels;
    let first = of.tracks.first();
    let snippet = first.map(|first| talk.snippets(first.track, 1)).transpose()?.and_then(|list| list.into_iter().next());
    let compared = of.tracks.iter().filter(|track| track.uses > 0).count();
    Ok(Topic {
        title: short(&of.title, WORDING),
        kind: kind(source, of.kind),
        came_up: fill(t.topic_came_up, &[&count(of.came_up as u64)]),
        verdict: match first {
            Some(first) if first.clear_winner => t.winner,
            _ if compared < 2 => t.one_wording,
            _ => t.no_winner,
        },
        sentence: first.and_then(|first| talk.finding_of(first.track)).map(|f| f.sentence(source.lang).replace(" %", "\u{a0}%")),
        tracks: of.tracks.iter().take(TRACKS).map(|one| track(source, one, of.last)).collect(),
        said: snippet.map(said),
        next: of.next.first().map(|next| fill(t.topic_next, &[&short(&next.title, WORDING), &share(next.share, source.lang), &count(u64::from(next.uses))])),
    })
}

fn track(source: &Source<'_>, one: &BestTrack, last: bool) -> Track {
    let percent = |x: f64| if last { "–".to_owned() } else { share(x, source.lang) };
    Track {
        words: short(&one.text, WORDING),
        uses: count(one.uses as u64),
        reps: count(u64::from(one.reps)),
        share: percent(one.advance_rate),
        interval: if last { "–".to_owned() } else { format!("{} – {}", percent(one.advance_low), percent(one.advance_high)) },
        how: if last {
            source.labels.nothing_follows
        } else if one.adjusted {
            source.labels.like_with_like
        } else if one.uses == 0 {
            source.labels.never_said
        } else {
            source.labels.as_counted
        },
    }
}

fn said(snippet: Snippet) -> Said {
    let turn = |text: String| short(&text, TURN);
    let who: Vec<String> = snippet.rep.into_iter().chain([snippet.conversation]).map(|name| short(&name, 60)).collect();
    Said { raised: snippet.raised.map(turn), answer: turn(snippet.answer), reaction: snippet.reaction.map(turn), who: who.join(" · ") }
}

fn coverage(source: &Source<'_>, table: &Table) -> Coverage {
    let t = source.labels;
    let text = |row: usize, column: &str| if let Cell::Text(text) = table.get(row, column) { text.to_owned() } else { String::new() };
    let number = |row: usize, column: &str| if let Cell::Int(n) = table.get(row, column) { count(n as u64) } else { "–".to_owned() };
    let missing = |name: &str| match name {
        "none" => t.missing_none,
        "few" => t.missing_few,
        "old" => t.missing_old,
        "no_good" => t.missing_no_good,
        "no_clear_winner" => t.no_winner,
        "emerging" => t.missing_emerging,
        _ => t.covered,
    };
    let row = |row: usize| {
        let best = if let Cell::Float(x) = table.get(row, "best_rate") { share(x, source.lang) } else { "–".to_owned() };
        vec![
            short(&text(row, "title"), WORDING),
            kind(source, &text(row, "kind")).to_owned(),
            number(row, "came_up"),
            number(row, "tracks"),
            best,
            missing(&text(row, "missing")).to_owned(),
        ]
    };
    Coverage {
        head: vec![t.topic, t.kind, t.times, t.wordings, t.best_share, t.state],
        body: (0..table.len().min(COVERAGE)).map(row).collect(),
        more: (table.len() > COVERAGE).then(|| fill(t.talk_more, &[&count((table.len() - COVERAGE) as u64)])),
    }
}
