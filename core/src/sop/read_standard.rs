//! Reading the standards of a step: every fault with its place and how to mend it.

use rustc_hash::FxHashMap;

use super::limits;
use super::model::Condition;
use super::raw::{Raw, Value};
use super::read::{Reader, join};
use super::standard::{After, Bounds, Measure, Required, Said, Standard, TimeBounds, TimeUnit, Within};
use crate::text::folded_phrase;

/// Largest bound of a measure.
const MOST: f64 = 1e9;

/// What numbers a measure can give.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Whole,
    Any,
    Share,
}

impl Reader {
    pub(super) fn standards(&mut self, place: &str, raw: &Raw) -> Vec<Standard> {
        let mut standards = Vec::new();
        for (i, item) in self.list(place, raw, "a list of standards").iter().enumerate() {
            let at = format!("{place}[{i}]");
            self.note(&at, item);
            standards.extend(self.standard(&at, item));
        }
        let mut titles: FxHashMap<&str, usize> = FxHashMap::default();
        let mut twice = Vec::new();
        for (i, title) in standards.iter().enumerate().filter_map(|(i, standard)| Some((i, standard.title.as_deref()?))) {
            if titles.insert(title, i).is_some() {
                twice.push((i, title.to_owned()));
            }
        }
        for (i, title) in twice {
            self.fault(&format!("{place}[{i}].title"), "sop.duplicate_id", format!("two standards are called `{title}`"), "give each its own title");
        }
        standards
    }

    pub(super) fn standard(&mut self, place: &str, raw: &Raw) -> Option<Standard> {
        const HELP: &str = "such as `questions: {at_least: 3}`";
        let entries = self.map(place, raw, "a map with the measure as its key");
        if !matches!(raw.value, Value::Map(_)) {
            return None;
        }
        let (mut title, mut when, mut measure, mut measures) = (None, Condition::default(), None, Vec::new());
        let known: Vec<&str> = Measure::KEYS.into_iter().chain(["title", "when"]).collect();
        let mut strange = false;
        for (key, raw) in entries {
            let at = join(place, &key);
            match key.as_str() {
                "title" => {
                    title = self.optional_text(&at, raw);
                    if title.as_ref().is_some_and(|title| title.trim().is_empty()) {
                        self.fault(&at, "sop.empty_id", "the title is empty", "name the standard, or leave the title out");
                    }
                }
                "when" => when = self.condition(&at, raw),
                key if Measure::KEYS.contains(&key) => {
                    measures.push(key.to_owned());
                    measure = self.measure(&at, key, raw);
                }
                _ => {
                    strange = true;
                    self.unknown_key(place, &key, &known);
                }
            }
        }
        match measures.len() {
            1 => {}
            0 if strange => return None,
            0 => self.fault(place, "sop.empty_standard", "the standard names no measure", HELP),
            n => self.fault(place, "sop.several_measures", format!("the standard names {n} measures: {}", measures.join(", ")), "make a standard of each"),
        }
        measure.map(|measure| Standard { measure, title, when })
    }

    fn measure(&mut self, place: &str, key: &str, raw: &Raw) -> Option<Measure> {
        Some(match key {
            "agent_says" => Measure::AgentSays(self.said(place, raw)?),
            "customer_says" => Measure::CustomerSays(self.said(place, raw)?),
            "agent_detected" => Measure::AgentDetected(self.said(place, raw)?),
            "customer_detected" => Measure::CustomerDetected(self.said(place, raw)?),
            "questions" => Measure::Questions(self.bounds(place, raw, Kind::Whole)?),
            "customer_questions" => Measure::CustomerQuestions(self.bounds(place, raw, Kind::Whole)?),
            "turns" => Measure::Turns(self.bounds(place, raw, Kind::Whole)?),
            "agent_turns" => Measure::AgentTurns(self.bounds(place, raw, Kind::Whole)?),
            "characters" => Measure::Characters(self.bounds(place, raw, Kind::Whole)?),
            "agent_characters" => Measure::AgentCharacters(self.bounds(place, raw, Kind::Whole)?),
            "words" => Measure::Words(self.bounds(place, raw, Kind::Whole)?),
            "agent_words" => Measure::AgentWords(self.bounds(place, raw, Kind::Whole)?),
            "agent_talk_share" => Measure::AgentTalkShare(self.bounds(place, raw, Kind::Share)?),
            "longest_monologue" => Measure::LongestMonologue(self.time_bounds(place, raw)?),
            "longest_monologue_words" => Measure::LongestMonologueWords(self.bounds(place, raw, Kind::Whole)?),
            "interruptions" => Measure::Interruptions(self.bounds(place, raw, Kind::Whole)?),
            "duration" => Measure::Duration(self.time_bounds(place, raw)?),
            "within_turns" => Measure::WithinTurns(self.positive(place, raw, Kind::Whole)? as u32),
            "within_minutes" => Measure::WithinMinutes(self.positive(place, raw, Kind::Any)?),
            "after" => Measure::After(self.after(place, raw)?),
            _ => Measure::Requires(self.required(place, raw)?),
        })
    }

    /// A number of a kind, not negative.
    fn amount(&mut self, place: &str, raw: &Raw, kind: Kind) -> Option<f64> {
        let number = if let Value::Number(n) = &raw.value { n.as_f64() } else { None };
        let most = if kind == Kind::Share { 1.0 } else { MOST };
        let fits = number.filter(|x| (0.0..=most).contains(x) && (kind != Kind::Whole || x.fract() == 0.0));
        if fits.is_none() {
            self.note(place, raw);
            let (expected, help) = match kind {
                Kind::Whole => ("a whole number from 0 to 1000000000", ""),
                Kind::Any => ("a number from 0 to 1000000000", ""),
                Kind::Share => ("a share from 0 to 1", "0.6 is 60 %"),
            };
            let found = raw.scalar().map_or_else(|| raw.kind().to_owned(), |text| format!("`{}`", crate::text::short(&text, 40)));
            self.fault(place, "sop.wrong_number", format!("expected {expected}, found {found}"), help);
        }
        fits
    }

    fn positive(&mut self, place: &str, raw: &Raw, kind: Kind) -> Option<f64> {
        let number = self.amount(place, raw, kind)?;
        if number == 0.0 {
            self.fault(place, "sop.wrong_number", "nothing can be within 0", "the first turn is turn 1");
            return None;
        }
        Some(number)
    }

    fn bounds(&mut self, place: &str, raw: &Raw, kind: Kind) -> Option<Bounds> {
        Some(self.bounds_with(place, raw, kind, &[])?.0)
    }

    fn time_bounds(&mut self, place: &str, raw: &Raw) -> Option<TimeBounds> {
        let (bounds, unit) = self.bounds_with(place, raw, Kind::Any, &["unit"])?;
        Some(TimeBounds { bounds, unit })
    }

    fn bounds_with(&mut self, place: &str, raw: &Raw, kind: Kind, more: &[&str]) -> Option<(Bounds, TimeUnit)> {
        if let Value::Number(_) = raw.value {
            self.note(place, raw);
            let number = raw.scalar().unwrap_or_default();
            let help = format!("write `{{at_least: {number}}}` or `{{at_most: {number}}}`");
            self.fault(place, "sop.wrong_type", "a number alone does not say which way is good", help);
            return None;
        }
        let (mut bounds, mut unit, mut given, mut whole, mut strange) = (Bounds::default(), TimeUnit::Seconds, false, true, false);
        let known: Vec<&str> = ["at_least", "at_most"].iter().chain(more).copied().collect();
        let entries = self.map(place, raw, "a map with at_least or at_most, or both");
        for (key, raw) in entries {
            let at = join(place, &key);
            match key.as_str() {
                "at_least" | "at_most" => {
                    given = true;
                    let number = self.amount(&at, raw, kind);
                    whole &= number.is_some();
                    *(if key == "at_least" { &mut bounds.at_least } else { &mut bounds.at_most }) = number;
                }
                "unit" if more.contains(&"unit") => match raw.scalar().as_deref() {
                    Some("seconds") => unit = TimeUnit::Seconds,
                    Some("minutes") => unit = TimeUnit::Minutes,
                    _ => {
                        self.note(&at, raw);
                        self.fault(&at, "sop.wrong_value", "`unit` is `seconds` or `minutes`", "");
                    }
                },
                _ => {
                    strange = true;
                    self.unknown_key(place, &key, &known);
                }
            }
        }
        if !given && !strange && matches!(raw.value, Value::Map(_)) {
            self.note(place, raw);
            self.fault(place, "sop.missing", "there is no bound", "such as `at_least: 3` or `at_most: 5`");
        }
        if let (Some(least), Some(most)) = (bounds.at_least, bounds.at_most)
            && least > most
        {
            self.note(place, raw);
            self.fault(place, "sop.reversed_bounds", format!("the bounds are reversed: at_least {least} > at_most {most}"), "swap them");
        }
        (given && whole).then_some((bounds, unit))
    }

    fn said(&mut self, place: &str, raw: &Raw) -> Option<Said> {
        if let Value::Map(_) = raw.value {
            let (mut all, mut any, mut at_least) = (None, None, None);
            for (key, raw) in self.map(place, raw, "a map with all, or with any and at_least") {
                let at = join(place, &key);
                match key.as_str() {
                    "all" => all = Some(self.phrases(&at, raw)),
                    "any" => any = Some(self.phrases(&at, raw)),
                    "at_least" => at_least = self.positive(&at, raw, Kind::Whole).map(|n| (n as u32, at)),
                    _ => self.unknown_key(place, &key, &["all", "any", "at_least"]),
                }
            }
            return match (all, any, at_least) {
                (Some(all), None, None) => Some(Said::All { all }),
                (None, Some(any), at_least) => {
                    let needed = at_least.as_ref().map_or(1, |(n, _)| *n);
                    if let Some((n, at)) = at_least.filter(|(n, _)| *n as usize > any.len() && !any.is_empty()) {
                        self.fault(&at, "sop.wrong_number", format!("{n} of {} phrases cannot be said", any.len()), "lower it, or add phrases");
                    }
                    Some(if needed == 1 { Said::Any(any) } else { Said::AtLeast { any, at_least: needed } })
                }
                _ => {
                    self.note(place, raw);
                    self.fault(place, "sop.wrong_value", "say which phrases are meant", "write a list, `{all: […]}`, or `{any: […], at_least: 2}`");
                    None
                }
            };
        }
        let phrases = match &raw.value {
            Value::List(_) => self.phrases(place, raw),
            _ => self.phrase_list(place, std::slice::from_ref(raw), |_| place.to_owned()),
        };
        Some(Said::Any(phrases))
    }

    fn phrases(&mut self, place: &str, raw: &Raw) -> Vec<String> {
        let items = self.list(place, raw, "a list of phrases");
        if items.is_empty() && matches!(raw.value, Value::List(_)) {
            self.note(place, raw);
            self.fault(place, "sop.wrong_phrase", "the list of phrases is empty", "name what must be said");
        }
        self.phrase_list(place, items, |i| format!("{place}[{i}]"))
    }

    fn phrase_list(&mut self, place: &str, items: &[Raw], at: impl Fn(usize) -> String) -> Vec<String> {
        let mut phrases = Vec::with_capacity(items.len());
        let mut seen: FxHashMap<String, usize> = FxHashMap::default();
        for (i, item) in items.iter().enumerate() {
            let at = at(i);
            let Some(phrase) = self.text(&at, item) else { continue };
            self.note(&at, item);
            let folded = folded_phrase(&phrase);
            if folded.is_empty() {
                self.fault(&at, "sop.wrong_phrase", "the phrase is empty", "name what must be said, or remove it");
            } else if folded.chars().count() > limits::PHRASE {
                let message = format!("the phrase has {} characters; the limit is {}", folded.chars().count(), limits::PHRASE);
                self.fault(&at, "sop.wrong_phrase", message, "name the words that matter");
            } else if let Some(first) = seen.insert(folded, i) {
                let message = format!("`{phrase}` is the same as phrase {} of {place}", first + 1);
                self.fault(&at, "sop.wrong_phrase", message, "remove one: case, width and spaces make no difference");
            }
            phrases.push(phrase);
        }
        phrases
    }

    fn after(&mut self, place: &str, raw: &Raw) -> Option<After> {
        let (mut step, mut within, mut limits) = (None, None, 0);
        for (key, raw) in self.map(place, raw, "a map such as {step: need, within_hours: 24}") {
            let at = join(place, &key);
            match key.as_str() {
                "step" => step = self.text(&at, raw),
                "within_minutes" | "within_hours" | "within_days" => {
                    limits += 1;
                    within = self.positive(&at, raw, Kind::Any).map(|x| match key.as_str() {
                        "within_minutes" => Within::WithinMinutes(x),
                        "within_hours" => Within::WithinHours(x),
                        _ => Within::WithinDays(x),
                    });
                }
                _ => self.unknown_key(place, &key, &["step", "within_minutes", "within_hours", "within_days"]),
            }
        }
        if matches!(raw.value, Value::Map(_)) {
            self.note(place, raw);
            if step.is_none() && !self.blamed(&join(place, "step")) {
                self.fault(place, "sop.missing", "`after` names no `step`", "name the step the time counts from");
            }
            if limits != 1 {
                self.fault(
                    place,
                    "sop.missing",
                    format!("`after` has {limits} limits where one is expected"),
                    "one of within_minutes, within_hours, within_days",
                );
            }
        }
        (limits == 1).then_some(())?;
        Some(After { step: step?, within: within? })
    }

    fn required(&mut self, place: &str, raw: &Raw) -> Option<Required> {
        if let Value::Map(_) = raw.value {
            let condition = self.condition(place, raw);
            if condition.0.len() > 1 {
                self.fault(place, "sop.several_measures", "several attributes are required at once", "make a standard of each");
            }
            return (condition.0.len() == 1).then_some(Required::OneOf(condition));
        }
        let name = self.text(place, raw)?;
        if name.trim().is_empty() {
            self.note(place, raw);
            self.fault(place, "sop.empty_condition", "the attribute has no name", "such as `requires: crm_budget`");
        }
        Some(Required::Present(name))
    }
}
