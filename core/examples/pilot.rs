//! Pilots in worlds that are known: how often they raise a false alarm when looked at every week, how often they show an
//! effect that is there, and how often their interval holds at every look.
//!
//! `cargo run --release -p goldpath --example pilot -- 200 by_rep` (all designs where none is named)

use goldpath::corpus::{Conversation, OutcomeValue};
use goldpath::improve::{Pilot, PilotChoice, PilotDesign, PilotOptions, PilotPlan, PilotState};
use goldpath::{Corpus, Sop};
use jiff::civil::Date;

/// A stream of random numbers (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Mean 0, variance 1.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}

/// A world: reps differ, get better or worse from month to month, and everybody's results follow the season.
#[derive(Clone, Copy)]
pub(crate) struct World {
    /// What the step adds to the chance to win.
    pub(crate) effect: f64,
    /// Standard deviation of a rep's own ups and downs from month to month.
    pub(crate) drift: f64,
    /// Chance that a rep who is to try it does, and that another one does.
    pub(crate) does: [f64; 2],
    /// Reps.
    pub(crate) reps: usize,
    /// Cases of each in a week.
    pub(crate) cases_a_week: usize,
    /// Smallest effect of interest that is planned for.
    pub(crate) smallest: f64,
    /// Seed.
    pub(crate) seed: u64,
}

/// Weeks before the pilot.
const PAST: usize = 26;
/// The preset path.
const SOP: &str = "{format: goldpath/1, name: pilot, version: 1, steps: [open, need, close], flow: [open, need, close]}";

/// Conversations of some weeks; who is to try it is asked case by case.
fn conversations(world: &World, weeks: std::ops::Range<usize>, tries: impl Fn(&str, &str, Date) -> bool) -> Vec<Conversation> {
    let mut made = Vec::new();
    for rep in 0..world.reps {
        let mut own = Random(world.seed.wrapping_mul(1_000).wrapping_add(rep as u64));
        let level = own.normal() * 0.08;
        let moods: Vec<f64> = (0..100).map(|_| own.normal() * world.drift).collect();
        for week in weeks.clone() {
            let mut random = Random((world.seed << 24) ^ ((rep as u64) << 12) ^ week as u64 ^ 0x5bd1_e995_0000_0000);
            for n in 0..world.cases_a_week {
                let on = week * 7 + n % 7;
                let name = format!("rep{rep:02}");
                let id = format!("{name}-{week}-{n}");
                let date = day(on as i64);
                let did = random.unit() < world.does[usize::from(!tries(&id, &name, date))];
                let season = 0.08 * (week as f64 / 9.0).sin();
                let chance = 0.35 + level + moods[week / 4] + season + if did { world.effect } else { 0.0 };
                let won = random.unit() < chance.clamp(0.02, 0.98);
                let steps: &[&str] = if did { &["open", "need", "roi", "close"] } else { &["open", "need", "close"] };
                let mut c = Conversation::of_steps(id, steps.iter().copied());
                c.rep = Some(name);
                c.started_at = jiff::tz::TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok();
                c.outcome.insert("won".into(), Some(OutcomeValue::Bool(won)));
                made.push(c);
            }
        }
    }
    made
}

fn day(number: i64) -> Date {
    Date::constant(2026, 1, 5).saturating_add(jiff::Span::new().days(number))
}

/// A pilot from its plan to its last day; `None` where its size is out of reach.
pub(crate) fn run(world: &World, design: PilotDesign) -> Option<(PilotPlan, Pilot)> {
    let sop = Sop::parse(SOP).expect("an SOP");
    let before = conversations(world, 0..PAST, |_, _, _| false);
    let check = Corpus::from_conversations(before.clone()).expect("conversations").check(&sop).expect("a check");
    let choice = PilotChoice { step: "roi".into(), after: Some("need".into()), ..PilotChoice::default() };
    let mut options = PilotOptions::new(day(PAST as i64 * 7), world.smallest);
    (options.design, options.seed) = (design, world.seed);
    let plan = PilotPlan::of(&check, &choice, &options).ok()?;
    let weeks = PAST..PAST + plan.asked.max_days.unwrap_or(0).div_ceil(7) as usize;
    let mut all = before;
    all.extend(conversations(world, weeks, |id, rep, date| plan.assigned(id, Some(rep), date) == Some(true)));
    let check = Corpus::from_conversations(all).expect("conversations").check(&sop).expect("a check");
    let pilot = plan.judge(&check, None).expect("a judgement");
    Some((plan, pilot))
}

fn main() {
    let runs: u64 = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(40);
    let needed = goldpath::stats::information_needed(0.05, 0.8).expect("a number");
    println!("information needed for 5 % and 80 %: {needed}");
    println!(
        "{:9} {:6} {:6} {:>6} {:>7} {:>8} {:>8} {:>8} {:>9} {:>8}",
        "design", "drift", "effect", "runs", "shown", "harmful", "futile", "covered", "by plan", "days"
    );
    let only = std::env::args().nth(2);
    for design in [PilotDesign::ByCase, PilotDesign::ByRep, PilotDesign::Staggered] {
        if only.as_ref().is_some_and(|only| only != design.name()) {
            continue;
        }
        for drift in [0.0, 0.05] {
            for effect in [0.0, 0.08, -0.08] {
                let (mut planned, mut shown, mut harmful, mut futile, mut covered, mut on_time, mut days) = (0, 0, 0, 0, 0, 0, 0);
                for seed in 0..runs {
                    let world = World { effect, drift, does: [1.0, 0.0], reps: 24, cases_a_week: 10, smallest: 0.08, seed: seed + 1 };
                    let Some((plan, pilot)) = run(&world, design) else { continue };
                    planned += 1;
                    shown += u64::from(pilot.state == PilotState::Shown);
                    harmful += u64::from(pilot.state == PilotState::Harmful);
                    futile += u64::from(pilot.state == PilotState::StoppedWithoutEffect);
                    covered += u64::from(pilot.looks.iter().filter_map(|look| look.effect).all(|i| i.low <= effect && effect <= i.high));
                    let until = day(PAST as i64 * 7 + i64::from(plan.planned_days));
                    on_time += u64::from(pilot.state == PilotState::Shown && pilot.stopped.is_some_and(|(_, on)| on <= until));
                    days += u64::from(plan.planned_days);
                }
                let share = |n: u64| n as f64 / f64::max(f64::from(planned), 1.0);
                println!(
                    "{:9} {drift:<6} {effect:<6} {planned:>6} {:>7.3} {:>8.3} {:>8.3} {:>8.3} {:>9.3} {:>8.0}",
                    design.name(),
                    share(shown),
                    share(harmful),
                    share(futile),
                    share(covered),
                    share(on_time),
                    share(days)
                );
            }
        }
    }
}
