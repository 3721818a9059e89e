//! Reading captions, WebVTT and SRT: a file is a conversation, cues in a row of one speaker are a turn.

use std::path::{Path, PathBuf};

use super::build::Builder;
use super::cues::{Cue, cues};
use super::dialogues::only_agent;
use super::model::{Conversation, Moment, Turn};
use super::names::Names;
use super::options::{Agents, ReadOptions};
use super::source::{Source, empty};
use super::speakers::{add_words, by_label, decide};
use crate::error::{Error, Fault, Result};
use crate::progress::Progress;

/// Words of a speaker with their times in milliseconds, until the turn is whole.
struct Said {
    speaker: u32,
    text: String,
    start: i64,
    end: i64,
}

/// Reads one `.vtt` or `.srt` file; its id is its name without the ending.
pub(super) fn read(path: &Path, options: ReadOptions, progress: &Progress<'_>) -> Result<Builder> {
    let mut builder = Builder::new(options);
    file(path, &mut builder)?;
    progress.step("read", 1, 1)?;
    Ok(builder)
}

/// Reads all `.vtt` and `.srt` files of a folder, in the order of their names.
pub(super) fn read_folder(files: &[PathBuf], options: ReadOptions, progress: &Progress<'_>) -> Result<Builder> {
    let mut builder = Builder::new(options);
    for (i, path) in files.iter().enumerate() {
        match file(path, &mut builder) {
            // What is wrong with one file leaves the others whole.
            Err(Error::Corpus(fault)) => builder.refuse(*fault)?,
            done => done?,
        }
        progress.step("read", i as u64 + 1, files.len() as u64)?;
    }
    Ok(builder)
}

fn file(path: &Path, builder: &mut Builder) -> Result<()> {
    if let Agents::Where { field, .. } = &builder.options().agents {
        let message = format!("captions know no `{field}` of their speakers");
        return Err(Error::argument("agents", message, "give the names of the speakers that are agents"));
    }
    let (source, text) = Source::read_text(path)?;
    let vtt = super::read::ending(path) == "vtt";
    let mut made = Vec::new();
    for cue in cues(&text, vtt) {
        match cue {
            Ok(cue) => made.push(cue),
            Err(fault) => builder.refuse(source.place(fault.of_case(id(path))))?,
        }
    }
    if made.is_empty() && builder.refused() == 0 {
        return Err(empty(source.name(), "cue", "a cue has a line such as 00:01.000 --> 00:04.000 and text below"));
    }
    if made.is_empty() {
        return Ok(());
    }
    let mut speakers = Names::default();
    let said = turns(made, &mut speakers).map_err(|fault| Error::from(source.place(fault.of_case(id(path)))))?;
    let names: Vec<&str> = speakers.iter().collect();
    let roles = decide(&builder.options().agents, &names, |name| vec![name.to_owned()]).map_err(|fault| Error::from(source.place(fault.of_case(id(path)))))?;
    let seconds = |ms: i64| Some(Moment::Seconds(ms as f64 / 1000.0));
    let turns: Vec<Turn> = said
        .into_iter()
        .map(|said| {
            let who = names[said.speaker as usize];
            let name = by_label(who).is_none().then(|| who.to_owned());
            Turn { name, start: seconds(said.start), end: seconds(said.end), ..Turn::new(roles[said.speaker as usize], said.text) }
        })
        .collect();
    let conversation = Conversation { id: id(path), rep: only_agent(&turns), turns, ..Conversation::default() };
    builder.push_at(conversation, |fault| source.place(fault))
}

fn id(path: &Path) -> String {
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let stem = if name.to_lowercase().ends_with(".gz") { &name[..name.len() - 3] } else { &name };
    stem.rsplit_once('.').map_or(stem, |(stem, _)| stem).to_owned()
}

/// Turns of cues: by time of begin, consecutive ones of one speaker together. A cue that names no speaker goes on with the one before.
fn turns(mut cues: Vec<Cue>, speakers: &mut Names) -> Result<Vec<Said>, Fault> {
    cues.sort_by_key(|cue| cue.start);
    let mut said: Vec<Said> = Vec::new();
    for cue in cues {
        for (speaker, text) in cue.parts {
            let speaker = match (speaker, said.last()) {
                (Some(name), _) => speakers.intern(&name),
                (None, Some(last)) => last.speaker,
                (None, None) => {
                    let fault = Fault::new("corpus.unknown_speaker", "the first cue does not say who speaks").at_line(cue.line);
                    return Err(fault.help("name the speaker as <v Ann> in WebVTT, or as “Ann: …” before the words"));
                }
            };
            match said.last_mut().filter(|last| last.speaker == speaker) {
                Some(last) => {
                    add_words(&mut last.text, &text);
                    last.end = last.end.max(cue.end);
                }
                None => said.push(Said { speaker, text, start: cue.start, end: cue.end }),
            }
        }
    }
    Ok(said)
}
