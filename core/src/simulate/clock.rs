//! Calls with a clock: customers hang up before the rep has come to a choice, so that "not done" often means "ended first".
//! The truth of each choice is known by forcing it both ways.

use serde::Serialize;

use super::rng::{Draws, Rng, exp, expit};
use super::world::Segment;
use crate::corpus::{Attribute, Conversation, Moment, OutcomeValue, Speaker, StepEvent, Turn};
use crate::error::Result;
use crate::sop::Sop;

/// How the calls of a [`ClockWorld`] tell the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// Steps stand in turns.
    #[default]
    Turns,
    /// Turns begin and end, steps have the time at which their turn ends.
    Times,
    /// Steps alone: when a call ended is not known.
    None,
}

/// What is chosen in a [`ClockWorld`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockChoice {
    /// Leaving `need` out after `greet`.
    SkipNeed,
    /// Adding `story` after `need`.
    Story,
    /// Adding `weather` after `need`, which does nothing.
    Weather,
}

/// Calls of `greet`, `need`, `present`, `close` at turns of their own. After every turn the customer may hang up, which loses
/// the deal: sooner with weak reps, with large customers, and by a patience that nobody records. What the rep chooses moves
/// the decision at the end, and better reps choose differently.
///
/// ```
/// use goldpath::simulate::{ClockChoice, ClockWorld};
/// let world = ClockWorld::default();
/// let calls = world.simulate(100, 7);
/// assert!(calls.iter().any(|call| call.turns.iter().map(|turn| turn.steps.len()).sum::<usize>() == 1));
/// assert!(world.truth(ClockChoice::Story, 10, 2_000).effect > 0.03);
/// assert_eq!(world.truth(ClockChoice::Weather, 10, 2_000).effect, 0.0);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClockWorld {
    /// Number of reps, at least 1.
    pub reps: usize,
    /// Standard deviation of their skill, in log-odds.
    pub skill_spread: f64,
    /// Chance that a customer hangs up after a turn, where nothing else moves it.
    pub hang_up: f64,
    /// What leaving `need` out adds to the log-odds of winning.
    pub skip_need: f64,
    /// What telling `story` adds.
    pub story: f64,
    /// How the calls tell the time.
    pub clock: Clock,
    /// Chooses the reps.
    pub staff_seed: u64,
}

impl Default for ClockWorld {
    fn default() -> Self {
        Self { reps: 20, skill_spread: 0.6, hang_up: 0.04, skip_need: -0.8, story: 0.7, clock: Clock::Turns, staff_seed: 1 }
    }
}

/// The truth of a choice of a [`ClockWorld`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ClockTruth {
    /// What the choice changes in the chance of winning, among those who made it and were alive at the landmark.
    pub effect: f64,
    /// Standard error of that figure.
    pub std_error: f64,
}

/// Names of draws.
#[derive(Clone, Copy)]
enum Slot {
    Rep,
    Segment,
    Patience,
    Skip,
    NeedWait,
    Story,
    StoryWait,
    Weather,
    WeatherWait,
    Stay,
    Closing,
    HangUp,
    Win,
    Redraw,
}

/// A call as it would go if nobody hung up, in turns from 0.
#[derive(Debug, Clone, Copy)]
struct Call {
    need: Option<u32>,
    story: Option<u32>,
    weather: Option<u32>,
    present: u32,
    close: u32,
    /// Chance to go on after each turn.
    stay: f64,
    /// Chance to win at the end.
    win: f64,
}

/// What is forced.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Force {
    Nothing,
    /// `need` is done, at most so many turns after `greet`.
    NeedBy(u32),
    Without(ClockChoice),
}

/// Turns after `close` until everybody has said goodbye.
const FAREWELL: u32 = 2;
const SECONDS: f64 = 20.0;

impl ClockWorld {
    /// The preset path.
    pub fn sop(&self) -> Result<Sop> {
        Sop::parse("{format: goldpath/1, name: clock, steps: [greet, need, present, close], flow: [greet, need, present, close]}")
    }

    fn skills(&self) -> Vec<f64> {
        let mut rng = Rng::new(self.staff_seed);
        (0..self.reps.max(1)).map(|_| self.skill_spread * rng.normal()).collect()
    }

    fn who(skills: &[f64], draws: Draws) -> (usize, Segment) {
        let at = |slot: Slot| draws.at(slot as u64);
        ((at(Slot::Rep) * skills.len() as f64) as usize, Segment::ALL[(at(Slot::Segment) * 3.0) as usize])
    }

    fn call(&self, skills: &[f64], draws: Draws, force: Force) -> Call {
        let at = |slot: Slot| draws.at(slot as u64);
        let (rep, segment) = Self::who(skills, draws);
        let (skill, size) = (skills[rep], segment as usize as f64 - 1.0);
        let need = match force {
            Force::NeedBy(most) => Some(within(4.0, most, at(Slot::NeedWait), at(Slot::Redraw))),
            _ if at(Slot::Skip) < expit(-1.4 + 0.9 * skill) => None,
            _ => Some(1 + geometric(4.0, at(Slot::NeedWait))),
        };
        let (story, weather, present);
        if let Some(need) = need {
            let stay = 8 + geometric(7.0, at(Slot::Stay));
            let extra = |choice, slot: Slot, wait: Slot, lean: f64| {
                let told = force != Force::Without(choice) && at(slot) < expit(lean);
                told.then(|| need + (1 + geometric(4.0, at(wait))).min(stay - 1))
            };
            story = extra(ClockChoice::Story, Slot::Story, Slot::StoryWait, -1.0 + 0.9 * skill + 0.5 * size);
            weather = extra(ClockChoice::Weather, Slot::Weather, Slot::WeatherWait, -1.0 + 0.9 * skill);
            present = need + stay;
        } else {
            (story, weather) = (None, None);
            present = 9 + geometric(6.0, at(Slot::Stay));
        }
        let patience = (0..12).map(|i| draws.at((Slot::Patience as u64) << 32 | i)).sum::<f64>() - 6.0;
        let hang_up = self.hang_up * exp(-0.5 * skill + 0.35 * size + 0.6 * patience);
        let lean = 0.2 + 0.8 * skill - 0.5 * size;
        let chosen = if need.is_none() { self.skip_need } else { 0.0 } + if story.is_some() { self.story } else { 0.0 };
        let close = present + 8 + geometric(6.0, at(Slot::Closing));
        Call { need, story, weather, present, close, stay: 1.0 - hang_up.min(0.5), win: expit(lean + chosen) }
    }

    /// Simulates calls: the same seed gives the same calls.
    pub fn simulate(&self, n: usize, seed: u64) -> Vec<Conversation> {
        let skills = self.skills();
        (0..n).map(|i| self.conversation(i, &skills, Draws::new(seed, i as u64))).collect()
    }

    fn conversation(&self, number: usize, skills: &[f64], draws: Draws) -> Conversation {
        let (rep, segment) = Self::who(skills, draws);
        let call = self.call(skills, draws, Force::Nothing);
        let whole = call.close + 1 + FAREWELL;
        let u = draws.at(Slot::HangUp as u64);
        let turns = (1..whole).find(|&turns| u >= power(call.stay, turns)).unwrap_or(whole);
        let won = turns == whole && draws.at(Slot::Win as u64) < call.win;
        let steps = [("greet", Some(0)), ("need", call.need), ("story", call.story), ("weather", call.weather), ("present", Some(call.present))];
        let mut steps: Vec<(u32, &str)> = steps.into_iter().filter_map(|(step, at)| Some((at?, step))).chain([(call.close, "close")]).collect();
        steps.retain(|(at, _)| *at < turns);
        steps.sort_by_key(|(at, _)| *at);
        let mut conversation = Conversation { id: format!("c{number:06}"), rep: Some(format!("rep {rep:02}")), ..Conversation::default() };
        conversation.attributes.insert("segment".to_owned(), Attribute::Text(segment.id().to_owned()));
        conversation.outcome.insert("won".to_owned(), Some(OutcomeValue::Bool(won)));
        let event = |step: &str| StepEvent { step: step.to_owned(), ..StepEvent::default() };
        let seconds = |turn: u32| Some(Moment::Seconds(f64::from(turn) * SECONDS));
        if self.clock != Clock::None {
            conversation.turns = (0..turns)
                .map(|turn| {
                    let timed = |at: u32| if self.clock == Clock::Times { seconds(at) } else { None };
                    let speaker = if turn % 2 == 0 { Speaker::Agent } else { Speaker::Customer };
                    Turn { start: timed(turn), end: timed(turn + 1), ..Turn::new(speaker, "…") }
                })
                .collect();
        }
        match self.clock {
            Clock::Turns => steps.iter().for_each(|&(at, step)| conversation.turns[at as usize].steps.push(event(step))),
            Clock::Times => conversation.steps = steps.iter().map(|&(at, step)| StepEvent { at: seconds(at + 1), ..event(step) }).collect(),
            Clock::None => conversation.steps = steps.iter().map(|&(_, step)| event(step)).collect(),
        }
        conversation
    }

    /// The truth of a choice under a landmark of `wait` turns: among cases that made it (done by then, or left out until
    /// then) and are alive at that time, the chance of winning as it went minus the chance had the choice been the other.
    /// Chances are carried along instead of drawn, over `draws` cases.
    pub fn truth(&self, choice: ClockChoice, wait: u32, draws: u32) -> ClockTruth {
        let skills = self.skills();
        let (mut weight, mut gain, mut squares) = (0.0, 0.0, [0.0; 3]);
        for i in 0..draws {
            let draws = Draws::new(self.staff_seed ^ 0x6c6f_636b, u64::from(i));
            let natural = self.call(&skills, draws, Force::Nothing);
            let (from, made, other) = match choice {
                ClockChoice::SkipNeed => (Some(0), natural.need.is_none_or(|at| at > wait), Force::NeedBy(wait)),
                ClockChoice::Story => (natural.need, by(natural.need, natural.story, wait), Force::Without(choice)),
                ClockChoice::Weather => (natural.need, by(natural.need, natural.weather, wait), Force::Without(choice)),
            };
            let Some(from) = from.filter(|_| made) else { continue };
            // Turns a call must have to be alive at the landmark: the point is reached with its turn said.
            let least = from + 1 + wait;
            let forced = self.call(&skills, draws, other);
            let chance = |call: &Call| {
                let whole = call.close + 1 + FAREWELL;
                if whole < least { 0.0 } else { power(call.stay, whole - least) * call.win }
            };
            if natural.close + 1 + FAREWELL < least {
                continue;
            }
            let alive = power(natural.stay, least - 1);
            let difference = alive * (chance(&natural) - chance(&forced));
            weight += alive;
            gain += difference;
            squares = [squares[0] + difference * difference, squares[1] + difference * alive, squares[2] + alive * alive];
        }
        let effect = if weight > 0.0 { gain / weight } else { 0.0 };
        // Linearised variance of a ratio of sums.
        let variance = squares[0] - 2.0 * effect * squares[1] + effect * effect * squares[2];
        ClockTruth { effect, std_error: if weight > 0.0 { variance.max(0.0).sqrt() / weight } else { 0.0 } }
    }
}

fn by(from: Option<u32>, at: Option<u32>, wait: u32) -> bool {
    from.zip(at).is_some_and(|(from, at)| at - from <= wait)
}

/// Turns until something whose mean wait beyond the first turn is `mean`: geometric.
fn geometric(mean: f64, u: f64) -> u32 {
    let go_on = mean / (1.0 + mean);
    let (mut n, mut beyond) = (0, go_on);
    while u < beyond && n < 200 {
        n += 1;
        beyond *= go_on;
    }
    n
}

/// A wait of at most so many turns: as drawn, or drawn again among those.
fn within(mean: f64, most: u32, u: f64, again: f64) -> u32 {
    let beyond = power(mean / (1.0 + mean), most);
    1 + geometric(mean, if u < beyond { beyond + again * (1.0 - beyond) } else { u })
}

/// x to the n, by products alone, equal on every platform.
fn power(x: f64, n: u32) -> f64 {
    let (mut result, mut base, mut n) = (1.0, x, n);
    while n > 0 {
        if n & 1 == 1 {
            result *= base;
        }
        base *= base;
        n >>= 1;
    }
    result
}
