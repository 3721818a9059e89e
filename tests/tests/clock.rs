//! Calls that end before a choice could be made: the landmark rule covers the truth by forced counterfactuals, counting
//! absence does not.

use goldpath::evidence::{ChoiceKind, Finding, Verdict};
use goldpath::simulate::{Clock, ClockChoice, ClockWorld};
use goldpath::{Corpus, review};

const CHOICES: [(ClockChoice, ChoiceKind, &str); 3] =
    [(ClockChoice::SkipNeed, ChoiceKind::Skip, "need"), (ClockChoice::Story, ChoiceKind::Add, "story"), (ClockChoice::Weather, ChoiceKind::Add, "weather")];

fn found(clock: Clock, seed: u64) -> Vec<Finding> {
    let world = ClockWorld { clock, ..ClockWorld::default() };
    let review = review(&Corpus::from_conversations(world.simulate(5_000, seed)).unwrap(), world.sop().unwrap()).unwrap();
    let find = |(_, kind, step): &(ClockChoice, ChoiceKind, &str)| {
        let at = |f: &&Finding| f.what.kind == *kind && f.what.step == *step && (*kind == ChoiceKind::Skip || f.point.as_deref() == Some("need"));
        review.findings().iter().find(at).unwrap().clone()
    };
    CHOICES.iter().map(find).collect()
}

#[test]
fn the_landmark_rule_covers_the_truth_where_counting_absence_fails() {
    let world = ClockWorld::default();
    let (mut covered, mut covered_without, mut off) = ([0; 3], [0; 3], [0.0; 3]);
    for seed in 1..=4 {
        let [by_turns, by_times, without] = [Clock::Turns, Clock::Times, Clock::None].map(|clock| found(clock, seed));
        for (at, (choice, ..)) in CHOICES.iter().enumerate() {
            let (turns, times, none) = (&by_turns[at], &by_times[at], &without[at]);
            // Twenty seconds a turn: the same comparison.
            let wait = turns.landmark.unwrap().wait;
            assert_eq!((times.landmark.unwrap().wait, turns.treated, none.landmark), (wait * 20_000, times.treated, None));
            assert!(turns.ended_before[1] > 0);
            let truth = world.truth(*choice, wait as u32, 20_000).effect;
            let covers = |f: &Finding| f.ci_low.unwrap() <= truth && truth <= f.ci_high.unwrap();
            covered[at] += u32::from(covers(turns));
            covered_without[at] += u32::from(covers(none));
            off[at] += (none.estimate.unwrap() - truth) / 4.0;
            assert!(*choice != ClockChoice::Story || turns.verdict != Verdict::Hurts);
        }
    }
    assert!(covered.iter().sum::<u32>() >= 11, "{covered:?}");
    assert!(covered_without.iter().sum::<u32>() <= 7, "{covered_without:?}");
    assert!(off[0] < -0.02 && off[2] > 0.02, "ended first is counted as left out, and as not told: {off:?}");
}

#[test]
fn one_seed_gives_the_same_calls() {
    let world = ClockWorld::default();
    assert_eq!(world.simulate(50, 3), world.simulate(50, 3));
    assert_eq!(world.simulate(50, 3)[..20], world.simulate(20, 3)[..]);
    let truth = world.truth(ClockChoice::SkipNeed, 12, 20_000);
    assert!(truth.effect < -0.05 && truth.std_error < 0.005, "{truth:?}");
}
