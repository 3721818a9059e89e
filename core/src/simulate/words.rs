//! From steps to turns: who says what, and when.

use super::names::Cast;
use super::phrases::{endings, lines};
use super::rng::Rng;
use super::steps::{Act, Key};
use super::world::Language;
use crate::corpus::{Moment, Speaker, StepEvent, Turn};

/// How a conversation ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// As it happens.
    None,
    /// The customer puts off a first contact.
    Later,
    /// The customer leaves before the end.
    Stop,
    Won,
    Lost,
}

/// Where the words are spoken.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) language: Language,
    pub(super) rep: &'a str,
    pub(super) cast: &'a Cast,
    /// A call; a chat otherwise.
    pub(super) call: bool,
    pub(super) ending: Ending,
}

/// The turns of a conversation.
pub(super) fn turns(scene: Scene<'_>, acts: &[Act], rng: Rng) -> Vec<Turn> {
    let mut talk = Talk { scene, rng, turns: Vec::with_capacity(acts.len() * 2 + 2), clock: 0, last: None };
    let breaks_off = matches!(scene.ending, Ending::Stop | Ending::Later);
    let mut ended = !breaks_off;
    for &act in acts {
        if !ended && act.key == Key::Goodbye {
            talk.ending();
            ended = true;
        }
        talk.step(act);
    }
    if !ended {
        talk.ending();
    }
    talk.turns
}

struct Talk<'a> {
    scene: Scene<'a>,
    rng: Rng,
    turns: Vec<Turn>,
    /// Tenths of a second since the start.
    clock: u64,
    /// The last line said, so that nobody says it twice in a row.
    last: Option<&'static str>,
}

impl Talk<'_> {
    fn step(&mut self, act: Act) {
        let book = lines(self.scene.language, act.key);
        if book.agent.is_empty() {
            self.say_one(Speaker::Customer, book.customer, Some(act));
            return;
        }
        match book.agent.get(usize::from(act.variant)).filter(|_| act.key == Key::Answer) {
            Some(line) => self.say(Speaker::Agent, line, Some(act)),
            None => self.say_one(Speaker::Agent, book.agent, Some(act)),
        }
        if act.key == Key::Close && matches!(self.scene.ending, Ending::Won | Ending::Lost) {
            self.ending();
        } else if self.rng.chance(0.85) {
            self.say_one(Speaker::Customer, book.customer, None);
            if self.rng.chance(0.4) {
                self.say_one(Speaker::Agent, book.follow_up, Some(act));
            }
        }
    }

    fn ending(&mut self) {
        let book = endings(self.scene.language);
        let list = match self.scene.ending {
            Ending::None => return,
            Ending::Later => book.later,
            Ending::Stop => book.stop,
            Ending::Won => book.won,
            Ending::Lost => book.lost,
        };
        self.say_one(Speaker::Customer, list, None);
    }

    fn say_one(&mut self, speaker: Speaker, list: &[&'static str], step: Option<Act>) {
        if list.is_empty() {
            return;
        }
        let i = self.rng.below(list.len());
        let line = if self.last == Some(list[i]) { list[(i + 1) % list.len()] } else { list[i] };
        self.say(speaker, line, step);
    }

    fn say(&mut self, speaker: Speaker, line: &'static str, step: Option<Act>) {
        self.last = Some(line);
        let text = self.fill(line);
        let (start, end) = if self.scene.call { self.speak(&text) } else { (self.write(&text), None) };
        let seconds = |tenths: u64| Moment::Seconds(tenths as f64 / 10.0);
        let name = if speaker == Speaker::Agent { self.scene.rep } else { self.scene.cast.contact };
        self.turns.push(Turn {
            speaker,
            name: Some(name.to_owned()),
            text,
            start: Some(seconds(start)),
            end: end.map(seconds),
            steps: step.map(|act| StepEvent::new(act.label())).into_iter().collect(),
            unread: Vec::new(),
        });
    }

    /// Some 4.5 characters of Chinese or 15 letters of English a second, and a short pause before.
    fn speak(&mut self, text: &str) -> (u64, Option<u64>) {
        let rate = if self.scene.language == Language::Zh { 4.5 } else { 15.0 };
        let start = self.clock + 3 + self.rng.below(14) as u64;
        let seconds = 0.5 + text.chars().count() as f64 / (rate * (0.85 + 0.3 * self.rng.unit()));
        self.clock = start + (seconds * 10.0) as u64;
        (start, Some(self.clock))
    }

    /// A message has a moment, not a duration: it comes after reading, thinking and typing.
    fn write(&mut self, text: &str) -> u64 {
        let typing = text.chars().count() as f64 / if self.scene.language == Language::Zh { 1.5 } else { 5.0 };
        self.clock += ((3.0 + typing + 40.0 * self.rng.unit() * self.rng.unit()) * 10.0) as u64;
        self.clock
    }

    fn fill(&self, line: &str) -> String {
        let cast = self.scene.cast;
        let mut text = String::with_capacity(line.len() + 24);
        let mut rest = line;
        while let Some((before, (name, after))) = rest.split_once('{').and_then(|(before, behind)| Some((before, behind.split_once('}')?))) {
            text.push_str(before);
            text.push_str(match name {
                "rep" => self.scene.rep,
                "contact" => cast.contact,
                "company" => cast.company,
                "phone" => &cast.phone,
                "email" => &cast.email,
                "amount" => &cast.amount,
                "product" => cast.product,
                _ => "",
            });
            rest = after;
        }
        text.push_str(rest);
        text
    }
}
