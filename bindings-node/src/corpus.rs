//! `Corpus`: conversations, from files, from records in memory, or from columns.

use goldpath::corpus::{Agents, OnError, OneOrMore, OutcomeSteps, Role, WrittenSteps};
use napi::bindgen_prelude::{Buffer, Either, Either3, Float32Array, Function, JsObjectValue, Object, Unknown};
use napi::{Env, Result};
use napi_derive::napi;

use crate::check::{self, Check, CheckOptions};
use crate::errors::{Failure, call};
use crate::input::{self, EventColumns, OutcomeInput};
use crate::model::json;
use crate::sop::{AnySop, playbook};
use crate::table::Table;
use crate::work::{Later, OnProgress, ProgressUpdate, WorkOptions, start};

/// How conversations are read.
#[napi(object, object_to_js = false)]
pub struct ReadOptions<'env> {
    /// What to do with a record that cannot be taken in: `raise` (the default) or `collect`, which leaves it out and
    /// lists it in `problems()`.
    #[napi(ts_type = "'raise' | 'collect'")]
    pub on_error: Option<String>,
    /// Whether consecutive turns of one step make one event; where nothing is said, yes for steps in turns, no for bare steps.
    pub merge_repeats: Option<bool>,
    /// Columns of CSV, attributes of XES or fields of turns that do not have their usual name.
    pub case: Option<String>,
    pub step: Option<String>,
    pub time: Option<String>,
    pub rep: Option<String>,
    pub turn: Option<String>,
    pub prob: Option<String>,
    pub speaker: Option<String>,
    pub text: Option<String>,
    pub name: Option<String>,
    pub start: Option<String>,
    pub end: Option<String>,
    /// A CSV with a row a case: its id, rep, team, deal, channel, started_at, outcomes and attributes.
    pub cases: Option<String>,
    /// Which columns or attributes are outcomes; where nothing is said, `won` of true/false and `outcome.<name>`.
    pub outcomes: Option<Vec<Either<String, OutcomeInput>>>,
    /// Outcomes that are told by steps, which then leave the paths. With `no` left out, a case without a step of `yes` is
    /// a no; with it, a case that has neither is open.
    #[napi(ts_type = "Record<string, string | string[] | { yes: string | string[]; no?: string | string[] }>")]
    pub outcome_steps: Option<Object<'env>>,
    /// Steps that are taken out of the paths.
    pub drop_steps: Option<Vec<String>>,
    /// Who of the speakers speaks for the company: names or ids, or a field of the speakers with its values for agents.
    #[napi(ts_type = "string | string[] | Record<string, string | string[]>")]
    pub agents: Option<Either3<String, Vec<String>, Object<'env>>>,
    /// The answer of Gong's `/v2/calls/extensive` that says who the speakers are.
    pub parties: Option<String>,
    /// What stands between the columns of CSV; found by itself where nothing is said.
    pub delimiter: Option<String>,
    /// Which transitions of a step are its events: `completed` (the default), `all`, or the name of a transition.
    pub lifecycle: Option<String>,
    /// Stops the work; the promise is then rejected with the reason of the signal.
    #[napi(ts_type = "AbortSignal")]
    pub signal: Option<Object<'env>>,
    /// Called now and then with how far the work has come.
    #[napi(ts_type = "(update: ProgressUpdate) => void")]
    pub on_progress: Option<Function<'env, ProgressUpdate, Unknown<'static>>>,
}

/// How deals are joined.
#[napi(object, object_to_js = false)]
pub struct DealOptions {
    /// What to do with a deal that cannot be, such as one of two customers: `raise` (the default) or `collect`.
    #[napi(ts_type = "'raise' | 'collect'")]
    pub on_error: Option<String>,
}

fn on_error(name: Option<&str>) -> Result<OnError> {
    match name {
        None | Some("raise") => Ok(OnError::Raise),
        Some("collect") => Ok(OnError::Collect),
        Some(other) => Err(Failure::argument("onError", format!("`{other}` is not a way to treat bad records"), "`raise` or `collect`").into()),
    }
}

type Split<'env> = (goldpath::corpus::ReadOptions, Option<Object<'env>>, OnProgress<'env>);

fn split(options: Option<ReadOptions<'_>>) -> Result<Split<'_>> {
    let Some(options) = options else { return Ok((goldpath::corpus::ReadOptions::default(), None, None)) };
    let on_error = on_error(options.on_error.as_deref())?;
    let named = [
        (Role::Case, options.case),
        (Role::Step, options.step),
        (Role::Time, options.time),
        (Role::Rep, options.rep),
        (Role::Turn, options.turn),
        (Role::Prob, options.prob),
        (Role::Speaker, options.speaker),
        (Role::Text, options.text),
        (Role::Name, options.name),
        (Role::Start, options.start),
        (Role::End, options.end),
    ];
    let mut read = goldpath::corpus::ReadOptions {
        on_error,
        merge_repeats: options.merge_repeats,
        columns: named.into_iter().filter_map(|(role, name)| Some((role, name?))).collect(),
        outcomes: options.outcomes.map(input::outcomes),
        outcome_steps: options.outcome_steps.map(outcome_steps).transpose()?.unwrap_or_default(),
        drop_steps: options.drop_steps.unwrap_or_default(),
        agents: options.agents.map(agents).transpose()?.unwrap_or_default(),
        cases: options.cases.map(Into::into),
        parties: options.parties.map(Into::into),
        delimiter: None,
        lifecycle: options.lifecycle.as_deref().map_or_else(Default::default, Into::into),
    };
    if let Some(delimiter) = &options.delimiter {
        call(|| read.set_delimiter(delimiter))?;
    }
    Ok((read, options.signal, options.on_progress))
}

type Names = Either<String, Vec<String>>;

fn names(given: Names) -> OneOrMore {
    match given {
        Either::A(one) => OneOrMore::One(one),
        Either::B(more) => OneOrMore::More(more),
    }
}

fn outcome_steps(written: Object<'_>) -> Result<Vec<OutcomeSteps>> {
    let wrong = |_| Failure::argument("outcomeSteps", "not name → step", "name → step or list of steps, or name → { yes: steps, no: steps }");
    let one = |name: String| -> Result<(String, WrittenSteps)> {
        let steps = match written.get_named_property::<Either3<String, Vec<String>, Object<'_>>>(&name).map_err(wrong)? {
            Either3::A(one) => WrittenSteps::Yes(OneOrMore::One(one)),
            Either3::B(more) => WrittenSteps::Yes(OneOrMore::More(more)),
            Either3::C(both) => WrittenSteps::Both {
                yes: names(both.get_named_property::<Names>("yes").map_err(wrong)?),
                no: both.get::<Names>("no").map_err(wrong)?.map(names),
            },
        };
        Ok((name, steps))
    };
    let written = Object::keys(&written)?.into_iter().map(one).collect::<Result<_>>()?;
    call(|| OutcomeSteps::of_written(written))
}

fn agents(given: Either3<String, Vec<String>, Object<'_>>) -> Result<Agents> {
    let fields = match given {
        Either3::A(one) => return Ok(Agents::Named(vec![one])),
        Either3::B(more) => return Ok(Agents::Named(more)),
        Either3::C(fields) => fields,
    };
    let wrong = || {
        Failure::argument(
            "agents",
            "not names, nor one field with its values",
            "give the names of agents, or one field of the speakers with its value for agents",
        )
    };
    let mut keys = Object::keys(&fields)?;
    let (Some(field), true) = (keys.pop(), keys.is_empty()) else { return Err(wrong().into()) };
    let values = names(fields.get_named_property::<Names>(&field).map_err(|_| wrong())?).into();
    Ok(Agents::Where { field, values })
}

/// Many conversations. Never changes once it is made.
#[napi]
pub struct Corpus(pub(crate) goldpath::Corpus);

/// How an SOP is mined.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct DiscoverAsked {
    /// Name of the SOP; `discovered` where nothing is said.
    pub name: Option<String>,
    /// What is rarer than this share of its strongest alternative may be left out: 0 keeps all; 0.2 where nothing is said.
    pub noise: Option<f64>,
    /// Only cases of which this yes/no outcome is yes.
    pub won: Option<String>,
    /// Steps that are left out of the paths.
    pub leave_out: Option<Vec<String>>,
}

#[napi]
impl Corpus {
    /// Reads a file by its ending: `.jsonl`, `.ndjson`, `.json` (also transcripts of Gong), `.xes`, `.csv`, `.tsv`, `.vtt`,
    /// `.srt`, each also `.gz`; a folder of captions; a folder of ConvoKit.
    #[napi(catch_unwind, configurable = true, writable = true, ts_args_type = "path: string, options?: ReadOptions", ts_return_type = "Promise<Corpus>")]
    pub fn read(env: Env, path: String, options: Option<ReadOptions<'_>>) -> Result<Later<Corpus>> {
        let (options, signal, on_progress) = split(options)?;
        start(env, signal, on_progress, move |progress| goldpath::Corpus::read_with(path, options, progress).map(Self))
    }

    /// Conversations as plain objects, or the bytes or text of JSONL or of a JSON list of them. `NaN` or `undefined` for
    /// an outcome is an error, and never taken for an open one.
    #[napi(
        catch_unwind,
        configurable = true,
        writable = true,
        ts_args_type = "records: ReadonlyArray<ConversationRecord> | Uint8Array | string, options?: ReadOptions",
        ts_return_type = "Promise<Corpus>"
    )]
    pub fn from_records(env: Env, json: Buffer, one_a_line: bool, options: Option<ReadOptions<'_>>) -> Result<Later<Corpus>> {
        let (options, signal, on_progress) = split(options)?;
        let bytes = json.to_vec();
        start(env, signal, on_progress, move |progress| {
            let corpus = if one_a_line {
                let records: Vec<&[u8]> = bytes.split(|&b| b == b'\n').filter(|record| !record.is_empty()).collect();
                goldpath::Corpus::from_json_records(&records, options, progress)
            } else {
                goldpath::Corpus::parse_with(&bytes, options, progress)
            };
            corpus.map(Self)
        })
    }

    /// Columns of events, one event a row, and optionally columns of cases and turns. They are copied before this returns.
    #[napi(
        catch_unwind,
        configurable = true,
        writable = true,
        ts_args_type = "columns: EventColumns, options?: ReadOptions",
        ts_return_type = "Promise<Corpus>"
    )]
    pub fn from_columns(env: Env, columns: EventColumns<'_>, options: Option<ReadOptions<'_>>) -> Result<Later<Corpus>> {
        let (options, signal, on_progress) = split(options)?;
        let (events, cases, turns) = input::tables(columns)?;
        start(env, signal, on_progress, move |_| goldpath::Corpus::from_tables(events, cases, turns, &options).map(Self))
    }

    /// Lays every actual path beside the preset one.
    #[napi(catch_unwind, ts_args_type = "sop: Sop | Playbook, options?: CheckOptions", ts_return_type = "Promise<Check>")]
    pub fn check(&self, env: Env, sop: AnySop<'_>, options: Option<CheckOptions<'_>>) -> Result<Later<Check>> {
        let (corpus, playbook) = (self.0.clone(), playbook(&sop));
        let (options, signal, on_progress) = check::split(options)?;
        start(env, signal, on_progress, move |progress| corpus.check_with(playbook, &options, progress).map(Check))
    }

    /// The corpus with the steps that the host names for each turn, all turns one after the other. With `keep` the step
    /// events that are there stay.
    #[napi(catch_unwind)]
    pub fn tag_labels(&self, labels: Vec<Vec<String>>, keep: Option<bool>) -> Result<Self> {
        let options = goldpath::detect::TagOptions { keep: keep.unwrap_or_default(), ..Default::default() };
        call(|| self.0.tag_labels(&labels, &options).map(Self))
    }

    /// The corpus with the steps to which the host gives a probability of at least `atLeast` (0.3 where nothing is said): a
    /// row a turn, a column a step, rows one behind the other.
    #[napi(catch_unwind)]
    pub fn tag_scores(&self, steps: Vec<String>, scores: Float32Array, at_least: Option<f64>, keep: Option<bool>) -> Result<Self> {
        let plain = goldpath::detect::TagOptions::default();
        let options = goldpath::detect::TagOptions { at_least: at_least.unwrap_or(plain.at_least), keep: keep.unwrap_or_default() };
        call(|| self.0.tag_scores(&steps, &scores, &options).map(Self))
    }

    /// Mines an SOP from the paths: what really happens, as blocks.
    #[napi(catch_unwind, ts_args_type = "options?: DiscoverAsked", ts_return_type = "Promise<Sop>")]
    pub fn discover(&self, env: Env, options: Option<DiscoverAsked>) -> Result<Later<crate::sop::Sop>> {
        let (corpus, default) = (self.0.clone(), goldpath::improve::DiscoverOptions::default());
        let asked = options.unwrap_or_default();
        let options = goldpath::improve::DiscoverOptions {
            name: asked.name.unwrap_or(default.name),
            noise: asked.noise.unwrap_or(default.noise),
            won: asked.won,
            leave_out: asked.leave_out.unwrap_or_default(),
        };
        start(env, None, None, move |_| goldpath::improve::Discovery::of(&corpus, &options).map(|found| crate::sop::Sop(found.sop)))
    }

    /// What directly follows what, a row a pair of steps.
    #[napi(catch_unwind, ts_return_type = "Promise<Table>")]
    pub fn directly_follows(&self, env: Env) -> Result<Later<Table>> {
        let corpus = self.0.clone();
        start(env, None, None, move |_| Ok(Table(goldpath::improve::DirectlyFollows::of(&corpus).table())))
    }

    /// The map of what directly follows what as an SVG drawing: the most frequent edges that make up this share of all times.
    #[napi(catch_unwind, ts_args_type = "share?: number, lang?: Lang", ts_return_type = "Promise<string>")]
    pub fn directly_follows_svg(&self, env: Env, share: Option<f64>, lang: Option<String>) -> Result<Later<String>> {
        let corpus = self.0.clone();
        start(env, None, None, move |_| goldpath::improve::DirectlyFollows::of(&corpus).to_svg(crate::review::language(lang)?, share.unwrap_or(0.8)))
    }

    /// The corpus whose cases are deals: the conversations of each deal joined in the order of time; those without a deal
    /// stay cases of their own.
    #[napi(catch_unwind, ts_args_type = "options?: DealOptions", ts_return_type = "Promise<Corpus>")]
    pub fn by_deal(&self, env: Env, options: Option<DealOptions>) -> Result<Later<Corpus>> {
        let corpus = self.0.clone();
        let on_error = on_error(options.and_then(|options| options.on_error).as_deref())?;
        start(env, None, None, move |_| corpus.by_deal_with(on_error).map(Self))
    }

    /// What the cases are: `deal` where the conversations of a deal were joined.
    #[napi(catch_unwind, getter, ts_return_type = "'conversation' | 'deal'")]
    pub fn unit(&self) -> &'static str {
        self.0.unit().name()
    }

    /// One row a conversation: its case and deal, its place in it, days since the one before, its events and turns in the
    /// case, and its own outcomes.
    #[napi(catch_unwind)]
    pub fn parts(&self) -> Result<Table> {
        call(|| Ok(Table(self.0.parts())))
    }

    /// What was decided where conversations of one deal say different things, each with an example.
    #[napi(catch_unwind, ts_return_type = "Array<Fault>")]
    pub fn notes(&self) -> String {
        json(&self.0.notes())
    }

    /// The notes as a table.
    #[napi(catch_unwind)]
    pub fn notes_table(&self) -> Result<Table> {
        call(|| Ok(Table(self.0.notes_table())))
    }

    /// Number of conversations.
    #[napi(catch_unwind, getter)]
    pub fn length(&self) -> u32 {
        self.0.len() as u32
    }

    /// Number of step events.
    #[napi(catch_unwind, getter)]
    pub fn events(&self) -> u32 {
        self.0.events() as u32
    }

    /// Ids in the order of reading.
    #[napi(catch_unwind, getter)]
    pub fn ids(&self) -> Vec<&str> {
        self.0.ids().collect()
    }

    /// Distinct step labels in the order they were met.
    #[napi(catch_unwind, getter)]
    pub fn steps(&self) -> Vec<&str> {
        self.0.steps().collect()
    }

    /// Names of the attributes.
    #[napi(catch_unwind, getter)]
    pub fn attributes(&self) -> Vec<&str> {
        self.0.attributes().collect()
    }

    /// Names of the outcomes.
    #[napi(catch_unwind, getter)]
    pub fn outcomes(&self) -> Vec<&str> {
        self.0.outcomes().collect()
    }

    /// Fields that were met and not kept, with how often.
    #[napi(catch_unwind, getter, ts_return_type = "Array<[name: string, count: number]>")]
    pub fn unread_fields(&self) -> String {
        json(&self.0.unread_fields())
    }

    /// One row a conversation.
    #[napi(catch_unwind)]
    pub fn table(&self) -> Result<Table> {
        call(|| Ok(Table(self.0.table())))
    }

    /// One row a conversation: turns, words, talk share, longest monologue, patience, questions and more; no value where
    /// there is nothing to measure it on.
    #[napi(catch_unwind, ts_args_type = "options?: WorkOptions", ts_return_type = "Promise<Table>")]
    pub fn measures(&self, env: Env, options: Option<WorkOptions<'_>>) -> Result<Later<Table>> {
        let corpus = self.0.clone();
        let (signal, on_progress) = options.map_or((None, None), |o| (o.signal, o.on_progress));
        start(env, signal, on_progress, move |progress| corpus.measures_with(progress).map(Table))
    }

    /// Records that were left out with `onError: 'collect'`, with their place and reason.
    #[napi(catch_unwind, ts_return_type = "Array<Fault>")]
    pub fn problems(&self) -> String {
        json(&self.0.problems())
    }

    /// The problems as a table.
    #[napi(catch_unwind)]
    pub fn problems_table(&self) -> Result<Table> {
        call(|| Ok(Table(self.0.problems_table())))
    }

    /// One conversation in the form `fromRecords` takes; `null` where there is none of this id.
    #[napi(catch_unwind, ts_return_type = "ConversationRecord | null")]
    pub fn conversation(&self, id: String) -> Result<Option<String>> {
        call(|| Ok(self.0.find(&id).map(|case| json(&self.0.conversation(case)))))
    }

    #[napi(catch_unwind, js_name = "toString")]
    pub fn text(&self) -> String {
        self.0.to_string()
    }
}
