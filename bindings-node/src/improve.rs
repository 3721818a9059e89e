//! Innovations, innovators, proposals, the best path and the book of decisions.

use std::sync::{Arc, Mutex, PoisonError};

use goldpath::Lang;
use goldpath::improve::{BestPathOptions, Constraints, Improvements};
use goldpath::sop::Note;
use napi::bindgen_prelude::ClassInstance;
use napi::{Env, Result};
use napi_derive::napi;
use serde_json::{Value, json};

use crate::errors::call;
use crate::model::{self, with_sentences};
use crate::review::Review;
use crate::sop::Sop;
use crate::table::Table;
use crate::work::{Later, start};

fn finding(one: Option<&goldpath::Finding>) -> Value {
    one.map_or(Value::Null, |finding| with_sentences(finding, |lang| finding.sentence(lang)))
}

pub(crate) fn innovations(of: &Improvements) -> String {
    let one = |i: &goldpath::improve::Innovation| {
        let mut object = with_sentences(i, |lang| i.sentence(lang));
        object["finding"] = finding(Some(&i.finding));
        for (name, found) in [("mined", &i.mined), ("later", &i.later), ("others", &i.others)] {
            object[name] = finding(found.as_ref());
        }
        object["against_parts"] = i.against_parts.iter().map(|found| finding(Some(found))).collect();
        object
    };
    model::json(&of.found.innovations.iter().map(one).collect::<Vec<_>>())
}

pub(crate) fn innovators(of: &Improvements) -> String {
    let one = |x: &goldpath::improve::Innovator| {
        let innovation = &of.found.innovations[x.innovation];
        let mut object = with_sentences(x, |lang| x.sentence(innovation, lang));
        object["step"] = json!(innovation.choice.step);
        object
    };
    model::json(&of.found.innovators.iter().map(one).collect::<Vec<_>>())
}

pub(crate) fn habits(of: &goldpath::improve::WorkHabits) -> String {
    let one = |h: &goldpath::improve::WorkHabit| {
        let mut object = with_sentences(h, |lang| h.sentence(lang));
        object["habit"] = h.habit.name().into();
        object["title_en"] = h.habit.title(Lang::En).into();
        object["title_zh"] = h.habit.title(Lang::Zh).into();
        object["finding"] = finding(Some(&h.finding));
        object
    };
    model::json(&of.habits.iter().map(one).collect::<Vec<_>>())
}

pub(crate) fn proposals(of: &Improvements) -> String {
    let one = |p: &goldpath::improve::Proposal| {
        let mut object = with_sentences(p, |lang| p.sentence(lang));
        object["finding"] = finding(Some(&p.finding));
        // As text: the names of its keys are those of the file.
        object["patch"] = p.patch.to_json().into();
        object
    };
    model::json(&of.proposals.iter().map(one).collect::<Vec<_>>())
}

/// What a best path has to keep to, and how it is chosen.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct BestPathAsked {
    /// Number of the SOP in the playbook; 0 where nothing is said.
    pub entry: Option<u32>,
    /// Steps that have to be planned.
    pub must_contain: Option<Vec<String>>,
    /// Pairs of steps of which the second may never come before the first.
    #[napi(ts_type = "Array<[string, string]>")]
    pub must_precede: Option<Vec<Vec<String>>>,
    /// Steps that may not be taken out or left to the rep.
    pub may_not_remove: Option<Vec<String>>,
    /// Gain that each place added to the flow has to bring; 0.002 where nothing is said.
    pub penalty: Option<f64>,
    /// Share of what is rare that is left out of the SOP mined from winners; 0.2 where nothing is said.
    pub noise: Option<f64>,
}

pub(crate) fn best_path_options(asked: Option<BestPathAsked>) -> goldpath::Result<BestPathOptions> {
    let (asked, default) = (asked.unwrap_or_default(), BestPathOptions::default());
    let pairs = asked.must_precede.unwrap_or_default().into_iter().map(|pair| {
        <[String; 2]>::try_from(pair).map(<(String, String)>::from).map_err(|_| {
            let fault = goldpath::Fault::new("argument.invalid", "not a list of pairs").at_place("mustPrecede");
            goldpath::Error::Argument(Box::new(fault.help("pairs of steps: [['need', 'price']]")))
        })
    });
    Ok(BestPathOptions {
        entry: asked.entry.unwrap_or(0) as usize,
        constraints: Constraints {
            must_contain: asked.must_contain.unwrap_or_default(),
            must_precede: pairs.collect::<goldpath::Result<_>>()?,
            may_not_remove: asked.may_not_remove.unwrap_or_default(),
        },
        penalty: asked.penalty.unwrap_or(default.penalty),
        noise: asked.noise.unwrap_or(default.noise),
    })
}

/// The best path that the evidence supports.
#[napi]
pub struct BestPath {
    found: goldpath::improve::BestPath,
    present: goldpath::Sop,
}

impl BestPath {
    pub(crate) fn of(review: &goldpath::Review, options: &BestPathOptions) -> goldpath::Result<Self> {
        let found = review.best_path(options)?;
        let present = review.check().playbook().entries().get(options.entry).map_or_else(|| found.sop.clone(), |entry| entry.sop.clone());
        Ok(Self { found, present })
    }
}

#[napi]
impl BestPath {
    /// Whether it differs from the present SOP: where it does not, the present SOP stands.
    #[napi(catch_unwind, getter)]
    pub fn changed(&self) -> bool {
        self.found.changed
    }

    /// The SOP.
    #[napi(catch_unwind, getter)]
    pub fn sop(&self) -> Sop {
        Sop(self.found.sop.clone())
    }

    /// What winners do, mined from the earlier won cases; `null` where nobody won.
    #[napi(catch_unwind, getter)]
    pub fn mined(&self) -> Option<Sop> {
        self.found.mined.clone().map(Sop)
    }

    /// What leads to it from the present SOP: a patch as JSON text.
    #[napi(catch_unwind, getter)]
    pub fn patch(&self) -> String {
        self.found.patch.to_json()
    }

    /// Ids of the proposals it is made of.
    #[napi(catch_unwind, getter)]
    pub fn proposals(&self) -> Vec<String> {
        self.found.proposals.clone()
    }

    /// Ids of proposals that were left out for a constraint, or because they bring too little for their length.
    #[napi(catch_unwind, getter)]
    pub fn left_out(&self) -> Vec<String> {
        self.found.left_out.clone()
    }

    /// Constraints that cannot be met.
    #[napi(catch_unwind, getter, configurable = true, ts_return_type = "Array<Unmet>")]
    pub fn unmet(&self) -> String {
        model::json(&self.found.unmet)
    }

    /// Sum of the gains on the later cases; `null` without changes.
    #[napi(catch_unwind, getter, configurable = true, ts_return_type = "Interval | null")]
    pub fn gain(&self) -> String {
        model::json(&self.found.gain)
    }

    /// Mean fitness of the later won cases under the present SOP, under this one, and under the mined one.
    #[napi(catch_unwind, getter, configurable = true, ts_return_type = "Array<number | null>")]
    pub fn fitness_of_winners(&self) -> String {
        model::json(&self.found.fitness_of_winners)
    }

    /// What it comes to, in a sentence or two.
    #[napi(catch_unwind, ts_args_type = "lang?: Lang")]
    pub fn sentence(&self, lang: Option<String>) -> Result<String> {
        call(|| Ok(self.found.sentence(&self.present, crate::review::language(lang)?)))
    }

    #[napi(catch_unwind, js_name = "toString")]
    pub fn text(&self) -> String {
        self.found.sentence(&self.present, Lang::En)
    }
}

/// Why, when and by whom something was decided.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct DecisionNote {
    pub reason: Option<String>,
    /// Such as `2026-12-31`.
    pub date: Option<String>,
    pub by: Option<String>,
}

fn note(asked: Option<DecisionNote>) -> goldpath::Result<Note> {
    let asked = asked.unwrap_or_default();
    let date = asked.date.map(|date| Note::on(&date, String::new())).transpose()?.and_then(|note| note.date);
    Ok(Note { date, reason: asked.reason, by: asked.by })
}

/// What was proposed, what was decided and why, and whether it held up in new conversations.
#[napi]
pub struct ProposalBook(pub(crate) Arc<Mutex<goldpath::improve::ProposalBook>>);

impl ProposalBook {
    pub(crate) fn of(book: goldpath::improve::ProposalBook) -> Self {
        Self(Arc::new(Mutex::new(book)))
    }

    pub(crate) fn with<T>(&self, does: impl FnOnce(&mut goldpath::improve::ProposalBook) -> T) -> T {
        does(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[napi]
impl ProposalBook {
    #[napi(catch_unwind, constructor)]
    #[allow(clippy::new_without_default)] // a constructor of JavaScript
    pub fn new() -> Self {
        Self(Arc::default())
    }

    /// Reads what `toJson` wrote.
    #[napi(catch_unwind, factory)]
    pub fn from_json(text: String) -> Result<Self> {
        call(|| goldpath::improve::ProposalBook::from_json(&text).map(Self::of))
    }

    /// The book as JSON.
    #[napi(catch_unwind)]
    pub fn to_json(&self) -> String {
        self.with(|book| book.to_json())
    }

    /// The same as a table, a row each.
    #[napi(catch_unwind)]
    pub fn table(&self) -> Table {
        Table(self.with(|book| book.table()))
    }

    #[napi(catch_unwind, js_name = "toString")]
    pub fn text(&self) -> String {
        self.with(|book| book.to_string())
    }

    /// Ids of the proposals of the book, in the order in which they were made.
    #[napi(catch_unwind, getter)]
    pub fn ids(&self) -> Vec<String> {
        self.with(|book| book.standing.iter().map(|s| s.id.clone()).collect())
    }

    /// Adds the proposals of a review that the book does not have; gives their ids.
    #[napi(catch_unwind, ts_args_type = "review: Review, note?: DecisionNote", ts_return_type = "Promise<Array<string>>")]
    pub fn add(&self, env: Env, review: ClassInstance<'_, Review>, asked: Option<DecisionNote>) -> Result<Later<Vec<String>>> {
        let (book, review) = (Arc::clone(&self.0), review.core().clone());
        start(env, None, None, move |_| {
            let date = note(asked)?.date;
            let proposals = review.proposals()?;
            Ok(book.lock().unwrap_or_else(PoisonError::into_inner).add(proposals, date))
        })
    }

    /// Accepts a proposal, with the reason.
    #[napi(catch_unwind, ts_args_type = "id: string, note?: DecisionNote")]
    pub fn accept(&self, id: String, asked: Option<DecisionNote>) -> Result<()> {
        call(|| note(asked).and_then(|note| self.with(|book| book.accept(&id, note))))
    }

    /// Rejects a proposal, with the reason.
    #[napi(catch_unwind, ts_args_type = "id: string, note?: DecisionNote")]
    pub fn reject(&self, id: String, asked: Option<DecisionNote>) -> Result<()> {
        call(|| note(asked).and_then(|note| self.with(|book| book.reject(&id, note))))
    }

    /// An SOP with everything that was accepted.
    #[napi(catch_unwind)]
    pub fn apply(&self, sop: &Sop) -> Result<Sop> {
        call(|| self.with(|book| book.apply(&sop.0)).map(Sop))
    }

    /// Looks at every proposal again in a review of new conversations against the SOP the proposals were made for, and adds
    /// what is newly proposed.
    #[napi(catch_unwind, configurable = true, writable = true, ts_args_type = "review: Review, note?: DecisionNote", ts_return_type = "Promise<Refreshed>")]
    pub fn refresh(&self, env: Env, review: ClassInstance<'_, Review>, asked: Option<DecisionNote>) -> Result<Later<String>> {
        let (book, review) = (Arc::clone(&self.0), review.core().clone());
        start(env, None, None, move |_| {
            let date = note(asked)?.date;
            let seen = book.lock().unwrap_or_else(PoisonError::into_inner).refresh(review.check(), review.improve_options(), date)?;
            let again: Vec<Value> = seen.seen_again.iter().map(|(id, recheck)| json!({ "id": id, "recheck": recheck })).collect();
            Ok(json!({ "seen_again": again, "new": seen.new }).to_string())
        })
    }
}
