//! Conversations whose turns come one by one from all over a file, until each is whole.

use indexmap::IndexMap;
use jiff::Timestamp;
use rustc_hash::{FxBuildHasher, FxHashSet};

use super::build::Builder;
use super::columns::{Role, ValueColumn};
use super::csv::{CaseColumns, each};
use super::csv_rows::Rows;
use super::model::{Conversation, Moment, Speaker, StepEvent, Turn};
use super::names::Names;
use super::options::ReadOptions;
use super::source::empty;
use super::speakers::{by_label, decide};
use super::store::NO_TIME;
use crate::error::{Error, Fault, Result};
use crate::progress::Progress;

/// What was said at once, by a speaker of whom it is not known yet who it is.
pub(super) struct Said {
    pub(super) speaker: u32,
    /// Name of the speaker, where it is another than the one in `speaker`.
    pub(super) name: Option<String>,
    pub(super) text: String,
    pub(super) start: Option<Moment>,
    pub(super) end: Option<Moment>,
    pub(super) steps: Vec<String>,
}

/// Conversations that are not whole yet, in the order they are met.
#[derive(Default)]
pub(super) struct Dialogues {
    pub(super) speakers: Names,
    said: IndexMap<String, Vec<Said>, FxBuildHasher>,
    pub(super) reps: IndexMap<String, String, FxBuildHasher>,
}

impl Dialogues {
    pub(super) fn push(&mut self, id: &str, said: Said) {
        match self.said.get_mut(id) {
            Some(list) => list.push(said),
            None => {
                self.said.insert(id.to_owned(), vec![said]);
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.said.is_empty()
    }

    /// Hands all conversations over, in which `dress` sets what is known beside the turns.
    pub(super) fn finish(
        self,
        builder: &mut Builder,
        known: impl Fn(&str) -> Vec<String>,
        place: impl Fn(Fault) -> Fault,
        mut dress: impl FnMut(&mut Conversation) -> std::result::Result<(), Fault>,
    ) -> Result<()> {
        let names: Vec<&str> = self.speakers.iter().collect();
        let roles = decide(&builder.options().agents, &names, known).map_err(|fault| Error::from(place(fault)))?;
        for (id, mut said) in self.said {
            sort(&mut said);
            let mut conversation = Conversation { rep: self.reps.get(&id).cloned(), id, ..Conversation::default() };
            conversation.started_at = said.iter().find_map(|said| if let Some(Moment::At(time)) = said.start { Some(time) } else { None });
            conversation.turns = said.into_iter().map(|said| turn(said, &names, &roles)).collect();
            if conversation.rep.is_none() {
                conversation.rep = only_agent(&conversation.turns);
            }
            match dress(&mut conversation) {
                Ok(()) => builder.push_at(conversation, &place)?,
                Err(fault) => builder.refuse(place(fault.of_case(conversation.id)))?,
            }
        }
        Ok(())
    }
}

/// By time where everything said has one of one kind; else the order of the file stays.
fn sort(said: &mut [Said]) {
    if said.iter().all(|said| matches!(said.start, Some(Moment::At(_)))) {
        said.sort_by_key(|said| if let Some(Moment::At(time)) = said.start { time } else { Timestamp::MIN });
    } else if said.iter().all(|said| matches!(said.start, Some(Moment::Seconds(_)))) {
        let seconds = |said: &Said| if let Some(Moment::Seconds(s)) = said.start { s } else { 0.0 };
        said.sort_by(|a, b| seconds(a).total_cmp(&seconds(b)));
    }
}

fn turn(said: Said, names: &[&str], roles: &[Speaker]) -> Turn {
    let who = names[said.speaker as usize];
    Turn {
        name: said.name.or_else(|| by_label(who).is_none().then(|| who.to_owned())),
        start: said.start,
        end: said.end,
        steps: said.steps.into_iter().map(StepEvent::new).collect(),
        ..Turn::new(roles[said.speaker as usize], said.text)
    }
}

/// The agent of a conversation, where only one speaks.
pub(super) fn only_agent(turns: &[Turn]) -> Option<String> {
    let mut agents = turns.iter().filter(|turn| turn.speaker == Speaker::Agent).map(|turn| turn.name.as_deref());
    let first = agents.next()??;
    agents.all(|name| name == Some(first)).then(|| first.to_owned())
}

/// Reads CSV in which a row is a turn.
pub(super) fn of_rows(mut rows: Rows, speaker: usize, text: usize, options: ReadOptions, progress: &Progress<'_>) -> Result<Builder> {
    let place = |role, needed| rows.place(role, options.column(role), needed);
    let case = place(Role::Case, true)?.unwrap_or_default();
    let (step, time, rep, name) = (place(Role::Step, false)?, place(Role::Time, false)?, place(Role::Rep, false)?, place(Role::Name, false)?);
    let (start, end) = (place(Role::Start, false)?, place(Role::End, false)?);
    let mut builder = Builder::new(options.clone());
    let (mut dialogues, mut ids, mut of_cases) = (Dialogues::default(), Names::default(), CaseColumns::new(&rows, case, &options));
    let mut refused = FxHashSet::default();
    let mut one = |rows: &Rows, dialogues: &mut Dialogues, ids: &mut Names| -> std::result::Result<u32, Fault> {
        let Some(id) = rows.cell(case)? else {
            return Err(rows.at(rows.fault("corpus.missing_id", "the turn has no case"), case).help("each turn needs the id of its case"));
        };
        let code = ids.intern(id);
        let said = (|| {
            let Some(who) = rows.cell(speaker)? else {
                return Err(rows.at(rows.fault("corpus.unknown_speaker", "the turn has no speaker"), speaker));
            };
            of_cases.row(rows, code)?;
            let cell = |at: Option<usize>| at.map_or(Ok(None), |at| rows.cell(at));
            let seconds = |at: Option<usize>| at.map_or(Ok(None), |at| offset(rows, at));
            let at = time.map_or(Ok(None), |at| rows.time(at))?.and_then(|ms| Timestamp::from_millisecond(ms).ok()).map(Moment::At);
            if let Some(rep) = cell(rep)? {
                dialogues.reps.insert(id.to_owned(), rep.to_owned());
            }
            Ok(Said {
                speaker: dialogues.speakers.intern(who),
                name: cell(name)?.map(ToOwned::to_owned),
                text: rows.cell(text)?.unwrap_or_default().to_owned(),
                start: seconds(start)?.or(at),
                end: seconds(end)?,
                steps: cell(step)?.map(ToOwned::to_owned).into_iter().collect(),
            })
        })();
        dialogues.push(id, said.map_err(|fault| fault.of_case(id))?);
        Ok(code)
    };
    each(&mut rows, &mut builder, progress, |rows, builder, bad| {
        let fault = match bad {
            Some(fault) => fault,
            None => match one(rows, &mut dialogues, &mut ids) {
                Ok(_) => return Ok(()),
                Err(fault) => fault,
            },
        };
        // A conversation with a turn that cannot be read is not whole.
        if let Ok(Some(id)) = rows.cell(case) {
            refused.insert(ids.intern(id));
        }
        builder.refuse(fault)
    })?;
    if dialogues.is_empty() && builder.refused() == 0 {
        return Err(empty(rows.source(), "row beside its header", "one row a turn"));
    }
    dialogues.said.retain(|id, _| ids.find(id).is_none_or(|case| !refused.contains(&case)));
    let used: FxHashSet<usize> = [step, time, rep, name, start, end, Some(case), Some(speaker), Some(text)].into_iter().flatten().chain(of_cases.places()).collect();
    let unread: Vec<String> = rows.names.iter().enumerate().filter(|(i, name)| !used.contains(i) && !name.is_empty()).map(|(_, name)| name.clone()).collect();
    builder.pass_over(&unread, rows.read);
    let source = rows.source().to_owned();
    let place = |fault: Fault| Fault { source: Some(source.clone()), ..fault };
    dialogues.finish(&mut builder, |name| vec![name.to_owned()], place, |_| Ok(()))?;
    if !of_cases.is_empty() {
        let table = of_cases.finish(&ids, &refused, &options)?;
        builder.join(&table)?;
    }
    Ok(builder)
}

fn offset(rows: &Rows, at: usize) -> std::result::Result<Option<Moment>, Fault> {
    let ms = ValueColumn::Number(vec![rows.number(at)?]).into_offsets();
    let ms = ms.map_err(|(_, message)| rows.at(rows.fault("corpus.wrong_type", message), at))?[0];
    Ok((ms != NO_TIME).then_some(Moment::Seconds(ms as f64 / 1000.0)))
}

