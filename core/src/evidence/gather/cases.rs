//! What paths leave to their cases to say: what is accepted, and how standards were met.

use std::sync::Arc;

use super::names::{Gather, Risk};
use super::step_id;
use crate::check::{Excuse, Point, StandardResult};
use crate::evidence::bounds::BoundAt;
use crate::evidence::choices::{ChoiceKind, NEVER, StandardAsked};
use crate::evidence::scenes::{Numbers, Row, Visit};
use crate::sop::Sop;
use crate::words::{Lang, requirement};

/// What a path leaves to its cases to say.
#[derive(Default)]
pub(super) struct OfCases {
    /// Risk sets of conforming, with the event that reached the place, whether the path conforms, and what may excuse it.
    pub(super) conforming: Vec<(u32, u32, bool, Option<usize>)>,
    pub(super) excuses: Vec<Excuse>,
    /// Events that performed a step with standards.
    pub(super) performing: Vec<u32>,
    /// Places where standards are compared: place, event, and how much was known.
    pub(super) standards: Vec<(u32, u32, u32)>,
    /// How much was known before each event that showed a choice, where that is all that is asked for.
    pub(super) before: Vec<(u32, u32)>,
    /// All that became known, where it is asked for.
    pub(super) things: Vec<u32>,
}

impl OfCases {
    /// Whether cases of the path differ in what conforms, or in how they did on standards.
    pub(super) fn asks_cases(&self) -> bool {
        !self.excuses.is_empty() || !self.performing.is_empty()
    }

    pub(super) fn renumber(&mut self, to: &Numbers) {
        self.conforming.iter_mut().for_each(|(risk, ..)| *risk = to.risks[*risk as usize]);
        self.things.iter_mut().for_each(|thing| *thing = to.known[*thing as usize]);
    }
}

impl Gather<'_> {
    /// What only a case can say: whether its deviations are accepted, and how it did on the standards.
    pub(super) fn case(&mut self, case: usize, of_path: Option<(usize, &OfCases)>, conforms: &mut Vec<((u32, u32), bool)>) {
        let check = self.check;
        if let Some((path, of)) = of_path.filter(|(_, of)| of.asks_cases()) {
            let failed = check.first_failure(case, &of.performing);
            for &(risk, event, held, excuse) in &of.conforming {
                // A standard failed before the step is a deviation from then on; what is accepted of the part before it is none.
                let found = failed >= event && (held || excuse.is_some_and(|i| check.excuses(case, &of.excuses[i])));
                if found != held {
                    conforms.push(((case as u32, risk), found));
                }
            }
            let (entry, sop) = check.sop_of_path(path);
            for &(node, event, known) in &of.standards {
                for (rule, failed, value) in check.standards_at(case, event) {
                    let Some((risk, choice)) = self.standard(entry, sop, node, rule) else { continue };
                    self.measured(risk, choice, failed, (event, known));
                    self.other_bounds(entry, sop, node, (event, known), rule, value);
                }
            }
            self.stories.end(&of.things);
        } else {
            self.stories.end(&[]);
        }
    }

    /// A standard that was measured at an event, with so much known by then.
    fn measured(&mut self, risk: u32, choice: u32, failed: bool, (from, known): (u32, u32)) {
        let done: &[[u32; 2]] = if failed { &[[choice, NEVER]] } else { &[] };
        let draft = &mut self.drafts.scene;
        draft.clear();
        draft.row(Row { risk, went_on: true, held: true, of_customer: false, from: 0, known: &[], done });
        let scene = self.scenes.number(draft);
        self.stories.visit(Visit { scene, from, known });
    }

    /// Risk set and choice of a standard at a place.
    fn standard(&mut self, entry: u32, sop: &Sop, node: u32, rule: u32) -> Option<(u32, u32)> {
        if let Some(&found) = self.standards.get(&(entry, node, rule)) {
            return Some(found);
        }
        let standard = self.check.standard(entry, rule)?;
        let risk = self.risk(sop, Risk::Standard { sop: entry, node, rule });
        let mut id = Self::id(entry, sop, ChoiceKind::Standard, step_id(sop, node).unwrap_or_default(), node, Point { node, visit: 1 });
        id.standard = Some(in_words(&standard, standard.standard.measure.is_time_limit()));
        let found = (risk, self.table.choice(id, risk));
        self.standards.insert((entry, node, rule), found);
        Some(found)
    }

    /// The same standard with other bounds.
    fn other_bounds(&mut self, entry: u32, sop: &Sop, node: u32, at_event: (u32, u32), rule: u32, value: f64) {
        let asked = self.asked;
        if asked.bounds.is_empty() {
            return;
        }
        for &at in self.bounds_of(entry, sop, node, rule).iter() {
            let bound = &asked.bounds[at as usize];
            if !bound.meets_looser(value) {
                continue;
            }
            let Some((risk, choice)) = self.bound(entry, sop, node, rule, at) else { continue };
            let failed = if bound.least { value < bound.strict() } else { value > bound.strict() };
            self.measured(risk, choice, failed, at_event);
        }
    }

    /// The other bounds of a standard that are looked at, found once.
    fn bounds_of(&mut self, entry: u32, sop: &Sop, node: u32, rule: u32) -> Arc<[u32]> {
        let (asked, check) = (self.asked, self.check);
        let found = self.bounds_of.entry((entry, node, rule)).or_insert_with(|| {
            let key = check.standard(entry, rule).map(|standard| standard.key);
            let step = step_id(sop, node).unwrap_or_default();
            let about = |bound: &BoundAt| bound.entry == entry && bound.step == step && Some(&bound.key) == key.as_ref();
            (0u32..).zip(asked.bounds).filter(|(_, bound)| about(bound)).map(|(at, _)| at).collect()
        });
        Arc::clone(found)
    }

    /// Risk set and choice of another bound of a standard at a place.
    fn bound(&mut self, entry: u32, sop: &Sop, node: u32, rule: u32, at: u32) -> Option<(u32, u32)> {
        if let Some(&found) = self.bounds.get(&(node, at)) {
            return Some(found);
        }
        let mut asked = self.check.standard(entry, rule)?;
        let bound = &self.asked.bounds[at as usize];
        let risk = self.risk(sop, Risk::Bound { sop: entry, node, bound: at });
        let mut id = Self::id(entry, sop, ChoiceKind::Standard, &bound.step, node, Point { node, visit: 1 });
        *(if bound.least { &mut asked.at_least } else { &mut asked.at_most }) = Some(bound.strict());
        id.standard = Some(in_words(&asked, false));
        id.given = bound.names().to_vec();
        let found = (risk, self.table.choice(id, risk));
        self.bounds.insert((node, at), found);
        Some(found)
    }
}

fn in_words(standard: &StandardResult, time_limit: bool) -> StandardAsked {
    StandardAsked {
        requirement_en: requirement(standard, Lang::En),
        requirement_zh: requirement(standard, Lang::Zh),
        time_limit,
        key: standard.key.clone(),
        name: standard.name.clone(),
    }
}
