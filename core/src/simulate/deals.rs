//! From walks to conversations: dates, channels, outcomes, and several conversations to a deal.

use std::collections::VecDeque;

use indexmap::IndexMap;
use jiff::Timestamp;

use super::names::{self, Cast};
use super::rng::{Draws, Rng};
use super::staff::Staff;
use super::steps::{Act, Choice, Key};
use super::walk::{Case, Walk, walk};
use super::words::{self, Ending, Scene};
use super::world::{Deals, Language, World};
use crate::corpus::{Attribute, Conversation, OutcomeValue, StepEvent};

const DAY: i64 = 86_400_000;
/// Streams of a deal beside its slots.
const DETAILS: u64 = 1;
const WORDS: u64 = 2;

const FIRST_CONTACT: [Act; 2] = [Act { key: Key::Opening, variant: 0 }, Act { key: Key::Goodbye, variant: 0 }];

/// Conversations without end, deal after deal; made by [`World::stream`].
pub struct Stream {
    world: World,
    staff: Staff,
    seed: u64,
    deals: u64,
    conversations: u64,
    walk: Walk,
    made: VecDeque<Conversation>,
}

impl World {
    /// Conversations one after the other, without end and without holding more than a deal; the same as
    /// [`World::simulate`] gives at once.
    ///
    /// ```
    /// let world = goldpath::simulate::World { words: false, ..Default::default() };
    /// let won = world.stream(7).take(1000).filter(|c| c.outcome["won"].is_some()).count();
    /// assert!(won > 500);
    /// ```
    pub fn stream(&self, seed: u64) -> Stream {
        Stream { world: self.clone(), staff: self.staff(), seed, deals: 0, conversations: 0, walk: Walk::default(), made: VecDeque::new() }
    }
}

impl Iterator for Stream {
    type Item = Conversation;

    fn next(&mut self) -> Option<Conversation> {
        while self.made.is_empty() {
            self.deal();
        }
        self.made.pop_front()
    }
}

/// What the conversations of a deal share.
struct Deal {
    id: String,
    case: Case,
    draws: Draws,
    /// Price in tenths of the smallest unit a quote names.
    price: usize,
    industry: &'static str,
    outcome: [Option<OutcomeValue>; 3],
}

impl Stream {
    fn deal(&mut self) {
        let draws = Draws::new(self.seed, self.deals);
        self.deals += 1;
        let mut details = draws.stream(DETAILS);
        let case = Case::draw(&self.world, &self.staff, draws);
        let mut happened = std::mem::take(&mut self.walk);
        walk(&self.world, &self.staff, &case, draws, None, true, &mut happened);

        let price = [3, 12, 60][case.segment as usize] * (80 + details.below(41)) / 10;
        let industry = names::industry(self.world.language, details.unit());
        // The wait depends on the segment alone: that a deal is open says nothing of how it will end.
        let wait = [4.0, 8.0, 17.0][case.segment as usize] * (details.unit() + details.unit() + details.unit());
        let open = case.day + wait > f64::from(self.world.days);
        let outcome = self.outcome(&case, &happened, open, price, &mut details);
        let deal = Deal { id: format!("d{:07}", self.deals), case, draws, price, industry, outcome };
        match self.world.deals {
            Deals::Single => self.sitting(&deal, 0, case.day, &happened.acts, ending(&happened, open), &mut details),
            Deals::Contacts(share) => {
                let before = if details.chance(share) { 1 + usize::from(details.chance(1.0 / 6.0)) } else { 0 };
                let undecided = Deal { id: deal.id.clone(), outcome: [None; 3], ..deal };
                for i in 0..before {
                    let day = case.day - 5.0 * (before - i) as f64 + 3.0 * details.unit();
                    self.sitting(&undecided, i, day, &FIRST_CONTACT, Ending::Later, &mut details);
                }
                self.sitting(&deal, before, case.day, &happened.acts, ending(&happened, open), &mut details);
            }
            Deals::Split(share) => {
                let (mut from, mut day, mut n) = (0, case.day, 0);
                for &cut in &happened.cuts {
                    // The words after the cut go on in the next conversation.
                    if cut < happened.acts.len() && details.chance(share) {
                        self.sitting(&deal, n, day, &happened.acts[from..cut], Ending::None, &mut details);
                        (from, day, n) = (cut, day + 2.0 + 4.0 * details.unit(), n + 1);
                    }
                }
                self.sitting(&deal, n, day, &happened.acts[from..], ending(&happened, open), &mut details);
            }
        }
        self.walk = happened;
    }

    fn outcome(&self, case: &Case, happened: &Walk, open: bool, price: usize, details: &mut Rng) -> [Option<OutcomeValue>; 3] {
        let did = |choice: Choice| f64::from(happened.did[choice as usize] && happened.reach[choice as usize] > 0.0);
        let won = happened.won && !open;
        let skill = self.staff.reps[case.rep].skill;
        let mood = 3.3 + 0.5 * skill + 0.25 * did(Choice::RoiStory) - 0.35 * did(Choice::EarlyQuote) - 0.3 * did(Choice::SkipNeed);
        let feedback = (mood + 0.6 * f64::from(won) + 0.9 * details.normal() + 0.5).floor().clamp(1.0, 5.0);
        let said = details.chance(self.world.feedback_share);
        let value = price * if self.world.language == Language::Zh { 1000 } else { 200 };
        [(!open).then_some(OutcomeValue::Bool(won)), won.then_some(OutcomeValue::Number(value as f64)), said.then_some(OutcomeValue::Number(feedback))]
    }

    fn sitting(&mut self, deal: &Deal, number: usize, day: f64, acts: &[Act], ending: Ending, details: &mut Rng) {
        self.conversations += 1;
        let language = self.world.language;
        let rep = &self.staff.reps[deal.case.rep];
        let call = details.chance(0.65);
        let mut conversation = Conversation {
            id: format!("c{:07}", self.conversations),
            rep: Some(rep.name.clone()),
            team: Some(self.staff.teams[rep.team].clone()),
            deal: Some(deal.id.clone()),
            channel: Some(if call { "call" } else { "chat" }.to_owned()),
            started_at: Timestamp::from_millisecond(self.moment(day)).ok(),
            attributes: IndexMap::with_capacity(2),
            outcome: IndexMap::with_capacity(3),
            ..Conversation::default()
        };
        conversation.attributes.insert("segment".to_owned(), Attribute::Text(deal.case.segment.id().to_owned()));
        conversation.attributes.insert("industry".to_owned(), Attribute::Text(deal.industry.to_owned()));
        for (name, value) in ["won", "value", "feedback"].into_iter().zip(deal.outcome) {
            conversation.outcome.insert(name.to_owned(), value);
        }
        if self.world.words {
            // One cast for the deal, other words in each conversation.
            let cast = Cast::draw(language, deal.price, &mut deal.draws.stream(WORDS));
            let rng = deal.draws.stream(WORDS + 1 + number as u64);
            conversation.turns = words::turns(Scene { language, rep: &rep.name, cast: &cast, call, ending }, acts, rng);
        } else {
            conversation.steps = acts.iter().map(|act| StepEvent::new(act.label())).collect();
        }
        self.made.push_back(conversation);
    }

    /// A moment of office hours on a working day, in milliseconds.
    fn moment(&self, day: f64) -> i64 {
        let whole = day.floor();
        let mut date = i64::from(self.world.first_day) + whole as i64;
        // Day 0 of the count was a Thursday.
        date += match (date + 3).rem_euclid(7) {
            5 => 2,
            6 => 1,
            _ => 0,
        };
        let opens = if self.world.language == Language::Zh { 1 } else { 14 };
        let seconds = opens * 3600 + ((day - whole) * 8.5 * 3600.0) as i64;
        date * DAY + seconds * 1000
    }
}

fn ending(happened: &Walk, open: bool) -> Ending {
    match (happened.stopped, open, happened.won) {
        (true, ..) => Ending::Stop,
        (_, true, _) => Ending::None,
        (_, _, true) => Ending::Won,
        _ => Ending::Lost,
    }
}
