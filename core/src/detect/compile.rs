//! All rules as one machine: one automaton for the phrases of all of them, one for their expressions.

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use rustc_hash::FxHashMap;

use super::negation::Negations;
use super::rule::{Language, Rule, RuleSet, Who};
use crate::corpus::Speaker;
use crate::error::{Error, Fault, Result};
use crate::text::{Phrases, asks, fold_into, folded_phrase, in_word, sentence_at, unspaced};

/// Most memory of one compiled expression, and of all together.
const MOST_ONE: usize = 1 << 20;
const MOST_ALL: usize = 64 << 20;

/// What a phrase does in a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Hit,
    Also,
    Unless,
    Before,
}

/// Compiled rules.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    pub(super) set: RuleSet,
    /// Names of the steps, in the order of the file.
    pub(super) steps: Vec<String>,
    step_of: Vec<u32>,
    phrases: Phrases,
    /// For each phrase, where its uses end.
    use_end: Vec<u32>,
    uses: Vec<(u32, Role)>,
    expressions: Option<(RegexSet, Vec<(Regex, u32)>)>,
    /// Rules that have nothing to find in the text, looked at in every turn.
    bare: Vec<u32>,
    /// For each step, the rules that wait for it.
    waits: Vec<Vec<u32>>,
    negations: Negations,
}

/// What is known of the conversation so far, and of the turn at hand.
#[derive(Debug, Default)]
pub(super) struct Reading {
    folded: String,
    /// Per rule: what the turn at hand has, as flags, and whether it was touched.
    flags: Vec<u8>,
    touched: Vec<u32>,
    /// Per rule: the last turn that fulfils what must come before, + 1.
    before: Vec<u32>,
}

const HIT: u8 = 1;
const ALSO: u8 = 2;
const UNLESS: u8 = 4;
const TOUCHED: u8 = 8;

/// An expression within its limits, or what is wrong with it.
pub(super) fn expression(pattern: &str) -> std::result::Result<Regex, String> {
    let said = |error: regex::Error| match error {
        regex::Error::CompiledTooBig(limit) => format!("compiled it takes more than {limit} bytes"),
        other => other.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned(),
    };
    RegexBuilder::new(pattern).size_limit(MOST_ONE).dfa_size_limit(MOST_ONE).nest_limit(50).build().map_err(said)
}

impl Rules {
    pub(super) fn new(set: RuleSet) -> Result<Self> {
        let (mut numbers, mut list): (FxHashMap<String, u32>, Vec<Vec<(u32, Role)>>) = (FxHashMap::default(), Vec::new());
        let mut texts: Vec<String> = Vec::new();
        let mut steps = indexmap::IndexSet::new();
        let mut step_of = Vec::new();
        let mut patterns = Vec::new();
        for (number, rule) in set.rules.iter().enumerate() {
            step_of.push(steps.insert_full(rule.step.clone()).0 as u32);
            let before = rule.after.iter().flat_map(|after| &after.phrases);
            let roles = [(&rule.phrases, Role::Hit), (&rule.also, Role::Also), (&rule.unless, Role::Unless)];
            let uses = roles.into_iter().flat_map(|(list, role)| list.iter().map(move |text| (text, role))).chain(before.map(|text| (text, Role::Before)));
            for (text, role) in uses {
                let phrase = *numbers.entry(folded_phrase(text)).or_insert_with(|| {
                    texts.push(text.clone());
                    list.push(Vec::new());
                    list.len() as u32 - 1
                });
                list[phrase as usize].push((number as u32, role));
            }
            patterns.extend(rule.regex.iter().map(|pattern| (pattern.clone(), number as u32)));
        }
        let steps: Vec<String> = steps.into_iter().collect();
        let mut waits = vec![Vec::new(); steps.len()];
        for (number, rule) in set.rules.iter().enumerate() {
            for step in rule.after.iter().flat_map(|after| &after.steps) {
                let Some(found) = steps.iter().position(|name| name == step) else {
                    let fault =
                        Fault::new("detector.unknown_step", format!("no rule finds the step `{step}`")).at_place(format!("rules[{number}].after.steps"));
                    return Err(Error::Detector(vec![fault.help("it must be a step of this file")]));
                };
                waits[found].push(number as u32);
            }
        }
        let expressions = if patterns.is_empty() { None } else { Some(Self::expressions(&patterns)?) };
        let bare = (0..).zip(&set.rules).filter(|(_, rule)| rule.phrases.is_empty() && rule.regex.is_empty()).map(|(number, _)| number).collect();
        let use_end = list
            .iter()
            .scan(0, |sum, uses| {
                Some({
                    *sum += uses.len() as u32;
                    *sum
                })
            })
            .collect();
        let negations = Negations::new(&set.negations);
        Ok(Self { steps, step_of, phrases: Phrases::new(&texts)?, use_end, uses: list.concat(), expressions, bare, waits, negations, set })
    }

    fn expressions(patterns: &[(String, u32)]) -> Result<(RegexSet, Vec<(Regex, u32)>)> {
        let bad = |message: String| Error::Detector(vec![Fault::new("detector.regex", message).at_place("rules")]);
        let set = RegexSetBuilder::new(patterns.iter().map(|(pattern, _)| pattern)).size_limit(MOST_ALL).build();
        let set = set.map_err(|error| bad(format!("the expressions of all rules together cannot be used: {error}")))?;
        let each = patterns.iter().map(|(pattern, rule)| Ok((expression(pattern).map_err(&bad)?, *rule))).collect::<Result<_>>()?;
        Ok((set, each))
    }

    /// Forgets the conversation before.
    pub(super) fn begin(&self, reading: &mut Reading) {
        reading.flags.resize(self.set.rules.len(), 0);
        reading.before.clear();
        reading.before.resize(self.set.rules.len(), 0);
    }

    /// Finds the steps of a turn, each with its probability, in the order of the file.
    pub(super) fn turn(&self, reading: &mut Reading, text: &str, speaker: Speaker, turn: u32, turns: u32, found: &mut Vec<(u32, f64)>) {
        found.clear();
        let Reading { folded, flags, touched, before } = reading;
        fold_into(text, folded);
        let folded = folded.as_str();
        let speaks = |who: Who| match who {
            Who::Any => true,
            Who::Agent => speaker == Speaker::Agent,
            Who::Customer => speaker == Speaker::Customer,
        };
        let mut mark = |rule: u32, flag: u8, touched: &mut Vec<u32>| {
            let flags = &mut flags[rule as usize];
            if *flags & TOUCHED == 0 {
                touched.push(rule);
            }
            *flags |= flag | TOUCHED;
        };
        let mut at_hand = Sentence::default();
        // What must come before is noted when the turn is over: it has to be an earlier one.
        let mut later: Vec<u32> = Vec::new();
        self.phrases.scan_at(folded, |phrase, at| {
            let from = if phrase == 0 { 0 } else { self.use_end[phrase as usize - 1] };
            for &(number, role) in &self.uses[from as usize..self.use_end[phrase as usize] as usize] {
                let rule = &self.set.rules[number as usize];
                match role {
                    Role::Before => {
                        if rule.after.as_ref().is_some_and(|after| after.speaker.is_none_or(speaks)) {
                            later.push(number);
                        }
                    }
                    _ if !speaks(rule.speaker) => {}
                    Role::Hit => {
                        if self.counts(rule, folded, at.start, at.end, &mut at_hand) {
                            mark(number, HIT, touched);
                        }
                    }
                    Role::Also => mark(number, ALSO, touched),
                    Role::Unless => mark(number, UNLESS, touched),
                }
            }
        });
        if let Some((set, each)) = &self.expressions {
            for pattern in &set.matches(folded) {
                let (regex, number) = &each[pattern];
                let rule = &self.set.rules[*number as usize];
                if speaks(rule.speaker)
                    && (rule.question.is_none() && rule.negation.is_none()
                        || regex.find_iter(folded).any(|m| self.counts(rule, folded, m.start(), m.end(), &mut at_hand)))
                {
                    mark(*number, HIT, touched);
                }
            }
        }
        for &number in &self.bare {
            let rule = &self.set.rules[number as usize];
            if speaks(rule.speaker) && rule.question.is_none_or(|asked| asks(folded) == asked) && !folded.trim().is_empty() {
                mark(number, HIT, touched);
            }
        }
        touched.sort_unstable();
        for number in touched.drain(..) {
            let (rule, had) = (&self.set.rules[number as usize], std::mem::take(&mut flags[number as usize]));
            let says = had & HIT != 0 && had & UNLESS == 0 && (had & ALSO != 0 || rule.also.is_empty());
            if !(says && stands(rule, turn, turns) && follows(rule, before[number as usize], turn) && rule.lang.is_none_or(|lang| language(folded) == lang)) {
                continue;
            }
            let (step, prob) = (self.step_of[number as usize], rule.prob.unwrap_or(1.0));
            match found.iter_mut().find(|(there, _)| *there == step) {
                Some((_, surest)) => *surest = surest.max(prob),
                None => found.push((step, prob)),
            }
        }
        for number in later {
            before[number as usize] = turn + 1;
        }
        for &(step, _) in &*found {
            for &number in &self.waits[step as usize] {
                before[number as usize] = turn + 1;
            }
        }
    }

    /// Whether a place found counts: in a question where that is asked for, and not denied.
    fn counts(&self, rule: &Rule, folded: &str, start: usize, end: usize, at_hand: &mut Sentence) -> bool {
        if rule.question.is_none() && rule.negation.is_none() {
            return true;
        }
        at_hand.move_to(folded, start, end);
        rule.question.is_none_or(|asked| at_hand.asks(folded) == asked)
            && rule.negation.is_none_or(|window| {
                let mut from = at_hand.range.start.max(start.saturating_sub((window as usize + 1) * WORD));
                while !folded.is_char_boundary(from) {
                    from += 1;
                }
                !self.negations.denied(&folded[from..start], window)
            })
    }
}

/// Bytes of a word, at most, in the words before a phrase that are looked through for a negation.
const WORD: usize = 64;

/// The sentence at hand: places found come from left to right, and a long sentence is not looked through for each of them.
#[derive(Debug, Default)]
struct Sentence {
    range: std::ops::Range<usize>,
    asks: Option<bool>,
}

impl Sentence {
    fn move_to(&mut self, folded: &str, start: usize, end: usize) {
        if start < self.range.start || end > self.range.end || self.range.is_empty() {
            *self = Self { range: sentence_at(folded, start, end), asks: None };
        }
    }

    fn asks(&mut self, folded: &str) -> bool {
        let range = self.range.clone();
        *self.asks.get_or_insert_with(|| asks(&folded[range]))
    }
}

fn stands(rule: &Rule, turn: u32, turns: u32) -> bool {
    rule.position.is_none_or(|position| position.first.is_none_or(|n| turn < n) && position.last.is_none_or(|n| turn + n >= turns))
}

fn follows(rule: &Rule, last: u32, turn: u32) -> bool {
    rule.after.as_ref().is_none_or(|after| last > 0 && after.within.is_none_or(|within| turn + 1 - last <= within))
}

fn language(folded: &str) -> Language {
    let (mut characters, mut words, mut inside) = (0u32, 0u32, false);
    for c in folded.chars() {
        if unspaced(c) {
            characters += 1;
            inside = false;
        } else {
            let word = in_word(c);
            words += u32::from(word && !inside);
            inside = word;
        }
    }
    if characters >= words && characters > 0 { Language::Zh } else { Language::En }
}
