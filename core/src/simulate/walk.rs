//! One deal from the first word to the decision: what the rep chooses, where the customer leaves, what comes of it.
//!
//! The same function samples conversations and computes their truth. Sampling, a customer who does not go on ends the
//! walk. For the truth nobody leaves, and the chance of having come this far is carried along instead, which needs far
//! fewer draws for the same precision.

use super::rng::{Draws, expit};
use super::staff::{Rep, Staff};
use super::steps::{Act, Choice, Key};
use super::world::{Segment, World};

/// Which of the wordings of `answer` is the best.
pub(super) const BEST_ANSWER: u16 = 2;
/// How many wordings of `answer` there are, in each language.
pub(super) const ANSWERS: u16 = 6;

/// Names of draws; an index tells several of one name apart.
#[derive(Clone, Copy)]
enum Slot {
    Rep,
    Segment,
    Day,
    Choice,
    Gate,
    Order,
    Wording,
    Objection,
    Extra,
    Aside,
}

fn slot(name: Slot, index: usize) -> u64 {
    (name as u64) << 32 | index as u64
}

/// Who meets whom, when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case {
    pub(super) rep: usize,
    pub(super) segment: Segment,
    /// Days since the first day.
    pub(super) day: f64,
}

impl Case {
    pub(super) fn draw(world: &World, staff: &Staff, draws: Draws) -> Self {
        let rep = (draws.at(slot(Slot::Rep, 0)) * staff.reps.len() as f64) as usize;
        let u = draws.at(slot(Slot::Segment, 0));
        let segment = staff.reps[rep].segments.iter().position(|&upto| u < upto).map_or(Segment::Enterprise, |i| Segment::ALL[i]);
        Self { rep, segment, day: draws.at(slot(Slot::Day, 0)) * f64::from(world.days) }
    }
}

/// What happened.
#[derive(Debug, Default)]
pub(super) struct Walk {
    pub(super) acts: Vec<Act>,
    /// Ends of discovery and of the solution in `acts`, where the walk came so far.
    pub(super) cuts: Vec<usize>,
    pub(super) did: [bool; Choice::COUNT],
    /// Chance of having come to the decision point of each choice; 0 where it never came up.
    pub(super) reach: [f64; Choice::COUNT],
    /// Chance of winning, from the very start.
    pub(super) win: f64,
    /// The customer left before the end.
    pub(super) stopped: bool,
    pub(super) won: bool,
}

/// Walks one deal; `force` fixes one choice, `sample` lets customers leave.
pub(super) fn walk(world: &World, staff: &Staff, case: &Case, draws: Draws, force: Option<(Choice, bool)>, sample: bool, out: &mut Walk) {
    out.acts.clear();
    out.cuts.clear();
    out.did = [false; Choice::COUNT];
    out.reach = [0.0; Choice::COUNT];
    (out.win, out.stopped, out.won) = (0.0, false, false);
    let rep = &staff.reps[case.rep];
    let lean = world.ease + 0.6 * rep.skill + [0.45, 0.0, -0.55][case.segment as usize];
    let mut walker = Walker { world, rep, case, draws, force, sample, out, lean, push: 0.0, alive: 1.0, gates: 0 };
    if walker.run().is_none() {
        walker.out.stopped = true;
        if walker.by_chance(Slot::Extra, 9, 0.5) {
            walker.act(Key::Goodbye);
        }
    }
}

struct Walker<'a> {
    world: &'a World,
    rep: &'a Rep,
    case: &'a Case,
    draws: Draws,
    force: Option<(Choice, bool)>,
    sample: bool,
    out: &'a mut Walk,
    lean: f64,
    /// Sum of the effects so far.
    push: f64,
    alive: f64,
    gates: usize,
}

impl Walker<'_> {
    fn by_chance(&self, name: Slot, index: usize, p: f64) -> bool {
        self.draws.at(slot(name, index)) < p
    }

    fn act(&mut self, key: Key) {
        self.out.acts.push(Act { key, variant: 0 });
    }

    /// The rep chooses.
    fn decide(&mut self, choice: Choice, p: f64) -> bool {
        let did = match self.force {
            Some((forced, value)) if forced == choice => value,
            _ => self.by_chance(Slot::Choice, choice as usize, p),
        };
        self.out.did[choice as usize] = did;
        did
    }

    /// The walk has come to where the choice counts as made.
    fn settle(&mut self, choice: Choice, effect: f64) {
        self.out.reach[choice as usize] = self.alive;
        if self.out.did[choice as usize] {
            self.push += effect;
        }
    }

    fn decide_here(&mut self, choice: Choice, p: f64, effect: f64) -> bool {
        let did = self.decide(choice, p);
        self.settle(choice, effect);
        did
    }

    /// The customer goes on, or leaves.
    fn gate(&mut self, base: f64) -> Option<()> {
        let p = expit(base + self.lean + self.push);
        self.alive *= p;
        self.gates += 1;
        (!self.sample || self.by_chance(Slot::Gate, self.gates, p)).then_some(())
    }

    fn run(&mut self) -> Option<()> {
        self.first_contact()?;
        self.discovery()?;
        self.solution()?;
        self.commercial()?;
        self.closing();
        Some(())
    }

    fn first_contact(&mut self) -> Option<()> {
        self.act(Key::Opening);
        if self.decide_here(Choice::SmallTalk, 0.3, self.world.effects.small_talk) {
            self.act(Key::SmallTalk);
        }
        self.asides(0);
        self.gate(2.2)
    }

    /// Need, budget and authority in any order. Leaving one out counts once the walk has gone on from here: who stops
    /// inside has skipped nothing yet.
    fn discovery(&mut self) -> Option<()> {
        let (skill, segment) = (self.rep.skill, self.case.segment);
        let smb = f64::from(segment == Segment::Smb);
        let need = !self.decide(Choice::SkipNeed, expit(-1.5 + 0.7 * skill));
        let budget = !self.decide(Choice::SkipBudget, expit(-1.5 - 0.5 * skill + 0.7 * smb));
        let authority = !self.decide(Choice::SkipAuthority, expit(-1.6 - 0.2 * skill));
        let mut members = [(Key::Need, need), (Key::Budget, budget), (Key::Authority, authority)];
        // Most begin with the need.
        match (self.draws.at(slot(Slot::Order, 0)) * 10.0) as usize {
            0..=3 => {}
            4..=6 => members.swap(1, 2),
            7 => members.swap(0, 1),
            8 => members.rotate_left(1),
            _ => members.rotate_right(1),
        }
        for (i, (key, done)) in members.into_iter().enumerate() {
            if done {
                self.act(key);
            }
            // Whether or not something was asked: the number of chances to leave must not depend on the choices.
            if i < 2 {
                self.gate(3.4)?;
            }
        }
        self.gate(2.2)?;
        self.out.cuts.push(self.out.acts.len());
        let effects = self.world.effects;
        self.settle(Choice::SkipNeed, effects.skip_need);
        self.settle(Choice::SkipBudget, effects.skip_budget * (1.0 - smb));
        self.settle(Choice::SkipAuthority, effects.skip_authority);
        Some(())
    }

    fn solution(&mut self) -> Option<()> {
        let (effects, skill, segment) = (self.world.effects, self.rep.skill, self.case.segment as usize);
        if self.decide_here(Choice::GolfTalk, if self.rep.golf { 0.55 } else { 0.03 }, effects.golf_talk) {
            self.act(Key::GolfTalk);
        }
        let hurry = 0.6 * f64::from(self.out.did[Choice::SkipNeed as usize]);
        if self.decide_here(Choice::EarlyQuote, expit([-0.9, -1.7, -2.4][segment] - 0.4 * skill + hurry), effects.early_quote) {
            self.act(Key::Quote);
        }
        if self.decide_here(Choice::CaseStudy, expit(-0.5 + 0.3 * skill), effects.case_study) {
            self.act(Key::CaseStudy);
        }
        if self.decide_here(Choice::Trial, [0.2, 0.4, 0.55][segment], effects.trial) {
            self.act(Key::Trial);
            self.gate(3.2)?;
            if self.by_chance(Slot::Extra, 0, 0.88) {
                self.act(Key::TrialReview);
            }
        } else {
            self.gates += 1;
            self.act(Key::Demo);
        }
        let (since, share) = self.rep.roi;
        if self.decide_here(Choice::RoiStory, if self.case.day >= since { share } else { 0.01 }, effects.roi_story) {
            self.act(Key::RoiStory);
        }
        if self.out.acts.iter().any(|act| act.key == Key::Need) && self.by_chance(Slot::Extra, 1, 0.05) {
            self.act(Key::Need);
        }
        if self.by_chance(Slot::Extra, 2, 0.12) {
            self.act(Key::SmallTalk);
        }
        self.asides(1);
        self.gate(1.5)?;
        self.out.cuts.push(self.out.acts.len());
        Some(())
    }

    fn commercial(&mut self) -> Option<()> {
        let (effects, skill) = (self.world.effects, self.rep.skill);
        let early = self.out.did[Choice::EarlyQuote as usize];
        if !early {
            self.act(Key::Quote);
        }
        let enterprise = self.case.segment == Segment::Enterprise;
        if self.by_chance(Slot::Objection, 0, expit(-0.1 - 0.15 * skill + 0.4 * f64::from(enterprise))) {
            self.push += effects.objection;
            self.act(Key::Objection);
            if !self.decide_here(Choice::SkipAnswer, expit(-1.7 - 0.5 * skill), effects.skip_answer) {
                self.answer(skill);
            }
        }
        self.gate(1.6)?;
        if enterprise && self.by_chance(Slot::Extra, 3, 0.85) {
            self.act(Key::SecurityReview);
        }
        Some(())
    }

    fn answer(&mut self, skill: f64) {
        let best = self.decide_here(Choice::BestAnswer, expit(-1.5 + 0.5 * skill), self.world.effects.best_answer);
        // Any wording but the best.
        let other = |u: f64| {
            let i = (u * f64::from(ANSWERS - 1)) as u16;
            if i >= BEST_ANSWER { i + 1 } else { i }
        };
        for round in 0..3 {
            let other = other(self.draws.at(slot(Slot::Wording, round)));
            self.out.acts.push(Act { key: Key::Answer, variant: if best && round == 0 { BEST_ANSWER } else { other } });
            if round == 2 || !self.by_chance(Slot::Objection, round + 1, 0.25) {
                break;
            }
            self.act(Key::Objection);
        }
    }

    fn closing(&mut self) {
        self.act(Key::Close);
        let p = expit(0.3 + self.lean + self.push);
        self.out.win = self.alive * p;
        self.out.won = self.by_chance(Slot::Gate, 0, p);
        if self.by_chance(Slot::Extra, 4, 0.5) {
            self.act(Key::Thanks);
        }
        if self.by_chance(Slot::Extra, 5, 0.8) {
            self.act(Key::Goodbye);
        }
    }

    fn asides(&mut self, point: usize) {
        for kind in 0..self.world.asides.min(usize::from(u16::MAX)) {
            // Each kind has its own point, so that 3 % of the walks that come there have it once.
            if kind % 2 == point && self.by_chance(Slot::Aside, kind, 0.03) {
                self.out.acts.push(Act { key: Key::Aside, variant: kind as u16 });
            }
        }
    }
}
