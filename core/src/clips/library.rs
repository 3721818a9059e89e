//! The library: what may be done, and how it is written down.

use std::sync::{PoisonError, RwLock};

use super::model::{Clip, ClipChange, ClipEvent, ClipLine, NewClip, Playlist, Watched};
use super::search::{ClipHit, ClipQuery, may_leave};
use super::state::State;
use crate::corpus::{Corpus, Moment};
use crate::error::{Error, Fault, Result};
use crate::store::Store;
use crate::table::{Column, Table};
use crate::text::{plain, redact};

/// Most turns of a clip, tags of a clip, and clips of a playlist.
const TURNS: u32 = 1_000;
const TAGS: usize = 100;
const LISTED: usize = 10_000;
/// Most bytes of a title, tag, folder or name; of a note.
const NAME: usize = 1_000;
const NOTE: usize = 100_000;

/// A library of clips in a store. Many threads may read; what one writes is on the disk before others see it.
pub struct ClipLibrary {
    store: Store,
    state: RwLock<State>,
}

impl ClipLibrary {
    /// The library in a store, made of its history.
    ///
    /// # Errors
    /// [`Error::Store`] if the history cannot be read.
    pub fn open(store: Store) -> Result<Self> {
        let mut state = State::default();
        for entry in store.entries::<ClipEvent>(0)? {
            state.apply(entry.at, entry.record);
        }
        Ok(Self { store, state: RwLock::new(state) })
    }

    /// The store it is kept in.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Number of clips.
    pub fn len(&self) -> usize {
        self.read(|state| state.clips.len())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes a clip of turns of a conversation at `at` (milliseconds since 1970, UTC).
    ///
    /// # Errors
    /// [`Error::Argument`] if there is no such conversation or turn, the title is empty or something is too long;
    /// [`Error::Store`] if it cannot be written.
    pub fn add(&self, corpus: &Corpus, new: NewClip, at: i64) -> Result<Clip> {
        let mut clip = cut(corpus, new, at)?;
        self.write(at, |state| {
            clip.id = format!("clip-{}", state.made + 1);
            Ok(ClipEvent::Added { clip: Box::new(clip.clone()) })
        })?;
        // The number is settled under the lock.
        Ok(clip)
    }

    /// Changes what is said of a clip; gives it as it is now.
    ///
    /// # Errors
    /// As [`ClipLibrary::add`].
    pub fn change(&self, id: &str, mut change: ClipChange, at: i64) -> Result<Clip> {
        if let Some(title) = &mut change.title {
            *title = name("title", title)?;
        }
        change.tags = change.tags.map(tags).transpose()?;
        long("note", change.note.as_deref().unwrap_or_default(), NOTE)?;
        long("folder", change.folder.as_deref().unwrap_or_default(), NAME)?;
        self.write(at, |state| {
            clip(state, id)?;
            Ok(ClipEvent::Changed { id: id.to_owned(), change })
        })?;
        self.get(id)
    }

    /// Takes a clip out, also from playlists. The history keeps it, with the reason.
    ///
    /// # Errors
    /// As [`ClipLibrary::add`].
    pub fn remove(&self, id: &str, reason: &str, at: i64) -> Result<()> {
        long("reason", reason, NOTE)?;
        self.write(at, |state| {
            clip(state, id)?;
            Ok(ClipEvent::Removed { id: id.to_owned(), reason: reason.to_owned() })
        })
    }

    /// Makes a playlist, or puts it in place of that of its name.
    ///
    /// # Errors
    /// As [`ClipLibrary::add`]; also for a clip whose speakers refused.
    pub fn set_playlist(&self, mut playlist: Playlist, at: i64) -> Result<()> {
        playlist.name = name("name", &playlist.name)?;
        long("note", &playlist.note, NOTE)?;
        if playlist.clips.len() > LISTED {
            return Err(Error::argument("clips", format!("a playlist of {} clips", playlist.clips.len()), format!("at most {LISTED}")));
        }
        self.write(at, |state| {
            for id in &playlist.clips {
                if !may_leave(clip(state, id)?) {
                    return Err(Error::argument("clips", format!("those who speak in `{id}` refused"), "leave it out, or change its consent"));
                }
            }
            Ok(ClipEvent::Listed { playlist })
        })
    }

    /// Takes a playlist out; its clips stay.
    ///
    /// # Errors
    /// As [`ClipLibrary::add`].
    pub fn remove_playlist(&self, name: &str, at: i64) -> Result<()> {
        self.write(at, |state| {
            if !state.playlists.contains_key(name) {
                return Err(Error::argument("name", format!("there is no playlist `{}`", crate::text::short(name, 40)), "`playlists` lists them"));
            }
            Ok(ClipEvent::Unlisted { name: name.to_owned() })
        })
    }

    /// Writes down that somebody watched a clip.
    ///
    /// # Errors
    /// As [`ClipLibrary::add`].
    pub fn watched(&self, id: &str, rep: &str, at: i64) -> Result<()> {
        let rep = name("rep", rep)?;
        self.write(at, |state| {
            clip(state, id)?;
            Ok(ClipEvent::Watched { clip: id.to_owned(), rep })
        })
    }

    /// Who watched what, in the order it was written down.
    pub fn watches(&self) -> Vec<Watched> {
        self.read(|state| state.watched.clone())
    }

    /// One clip.
    ///
    /// # Errors
    /// [`Error::Argument`] with code `clips.unknown` if there is none.
    pub fn get(&self, id: &str) -> Result<Clip> {
        self.read(|state| clip(state, id).cloned())
    }

    /// All playlists, in the order they were made.
    pub fn playlists(&self) -> Vec<Playlist> {
        self.read(|state| state.playlists.values().cloned().collect())
    }

    /// The clips that are asked for: the best fit first where there are words, else those of a playlist in its order, else in
    /// the order they were made.
    pub fn search(&self, query: &ClipQuery) -> Vec<ClipHit> {
        self.read(|state| {
            let scores = query.words.as_deref().filter(|words| !words.trim().is_empty()).map(|words| state.index.find(words));
            let score = |clip: &Clip| scores.as_ref().map_or(Some(0.0), |scores| scores.get(clip.id.as_str()).copied());
            let listed: Vec<&Clip> = match &query.playlist {
                Some(name) => state.playlists.get(name).into_iter().flat_map(|list| &list.clips).filter_map(|id| state.clips.get(id)).collect(),
                None => state.clips.values().collect(),
            };
            let mut found: Vec<(f64, &Clip)> = listed.into_iter().filter(|clip| query.takes(clip)).filter_map(|clip| Some((score(clip)?, clip))).collect();
            // Stable: equal ones stay in their order.
            found.sort_by(|a, b| b.0.total_cmp(&a.0));
            found.truncate(query.most.unwrap_or(usize::MAX));
            found.into_iter().map(|(score, clip)| ClipHit { clip: clip.clone(), score }).collect()
        })
    }

    /// The clips as a table, a row each, in the order they were made.
    pub fn table(&self) -> Table {
        self.read(|state| {
            let clips = || state.clips.values();
            let text = |f: &dyn Fn(&Clip) -> Option<&str>| Column::Text(clips().map(|clip| f(clip).map(Into::into)).collect());
            let mut table = Table::new("clips");
            table.push("id", text(&|c| Some(&c.id)));
            table.push("title", text(&|c| Some(&c.title)));
            table.push("kind", text(&|c| Some(c.kind.name())));
            table.push("step", text(&|c| c.step.as_deref()));
            table.push("rep", text(&|c| c.rep.as_deref()));
            table.push("team", text(&|c| c.team.as_deref()));
            table.push("folder", text(&|c| Some(&c.folder)));
            table.push("tags", Column::TextList(clips().map(|c| c.tags.iter().map(|tag| tag.as_str().into()).collect()).collect()));
            table.push("conversation", text(&|c| Some(&c.conversation)));
            table.push("turns", Column::Int(clips().map(|c| Some(c.lines.len() as i64)).collect()));
            table.push("added_at", Column::Time(clips().map(|c| Some(c.added_at)).collect()));
            table
        })
    }

    fn read<T>(&self, f: impl FnOnce(&State) -> T) -> T {
        f(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write(&self, at: i64, event: impl FnOnce(&State) -> Result<ClipEvent>) -> Result<()> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let event = event(&state)?;
        self.store.append(at, &event)?;
        state.apply(at, event);
        Ok(())
    }
}

impl std::fmt::Display for ClipLibrary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.read(|state| write!(f, "ClipLibrary({} clips, {} playlists)", state.clips.len(), state.playlists.len()))
    }
}

fn clip<'s>(state: &'s State, id: &str) -> Result<&'s Clip> {
    state.clips.get(id).ok_or_else(|| {
        let fault = Fault::new("clips.unknown", format!("there is no clip `{}`", crate::text::short(id, 40)));
        Error::Argument(Box::new(fault.at_place("id").help("`search` finds what there is")))
    })
}

fn cut(corpus: &Corpus, new: NewClip, at: i64) -> Result<Clip> {
    let unknown =
        || Fault::new("check.unknown_case", format!("there is no conversation `{}`", crate::text::short(&new.conversation, 40))).at_place("conversation");
    let number = corpus.find(&new.conversation).ok_or_else(|| Error::Argument(Box::new(unknown())))?;
    let conversation = corpus.conversation(number);
    let (first, last) = new.turns;
    let there = conversation.turns.len();
    if first > last || last as usize >= there {
        return Err(Error::argument(
            "turns",
            format!("turns {first} to {last} of a conversation of {there} turns"),
            "they are counted from 0, the last included",
        ));
    }
    if last - first >= TURNS {
        return Err(Error::argument("turns", format!("a clip of {} turns", last - first + 1), format!("at most {TURNS}")));
    }
    long("note", &new.note, NOTE)?;
    long("folder", &new.folder, NAME)?;
    let millis = |moment: Option<Moment>| if let Some(Moment::Seconds(s)) = moment { Some((s * 1000.0).round() as i64) } else { None };
    let lines: Vec<ClipLine> = (first..=last)
        .map(|turn| {
            let said = &conversation.turns[turn as usize];
            let text = if new.redact { redact(&said.text, &new.names) } else { said.text.clone() };
            ClipLine {
                turn,
                speaker: said.speaker,
                // The customer's name is personal data; that of the company's people says whose clip it is.
                name: said.name.clone().filter(|_| !new.redact || said.speaker != crate::corpus::Speaker::Customer),
                text: plain(&text).into_owned(),
                start: millis(said.start),
                end: millis(said.end),
            }
        })
        .collect();
    let start = lines.iter().filter_map(|line| line.start).min();
    let end = lines.iter().filter_map(|line| line.end.or(line.start)).max();
    Ok(Clip {
        id: String::new(),
        conversation: conversation.id,
        turns: new.turns,
        title: name("title", &new.title)?,
        note: new.note,
        tags: tags(new.tags)?,
        folder: new.folder.trim_matches('/').to_owned(),
        kind: new.kind,
        step: new.step,
        rep: conversation.rep,
        team: conversation.team,
        deal: conversation.deal,
        media: new.media,
        span: start.zip(end),
        lines,
        redacted: new.redact,
        consent: new.consent,
        by: new.by,
        reason: new.reason,
        added_at: at,
    })
}

fn name(what: &str, text: &str) -> Result<String> {
    let text = text.trim();
    long(what, text, NAME)?;
    if text.is_empty() { Err(Error::argument(what, "it is empty", "give it a few words")) } else { Ok(text.to_owned()) }
}

fn long(what: &str, text: &str, most: usize) -> Result<()> {
    if text.len() > most { Err(Error::argument(what, format!("{} bytes", text.len()), format!("at most {most}"))) } else { Ok(()) }
}

/// Tags without space around them, each once.
fn tags(tags: Vec<String>) -> Result<Vec<String>> {
    let mut kept: Vec<String> = Vec::new();
    for tag in tags {
        let tag = name("tags", &tag)?;
        if !kept.contains(&tag) {
            kept.push(tag);
        }
    }
    if kept.len() > TAGS { Err(Error::argument("tags", format!("{} tags", kept.len()), format!("at most {TAGS}"))) } else { Ok(kept) }
}
