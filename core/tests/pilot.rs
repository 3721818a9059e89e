//! Pilots in worlds that are known; the same worlds as in the example.

#[allow(dead_code)]
#[path = "../examples/pilot.rs"]
mod worlds;

use goldpath::improve::{PilotDesign, PilotState};
use worlds::{World, run};

fn world(effect: f64, smallest: f64, seed: u64) -> World {
    World { effect, drift: 0.02, does: [0.9, 0.05], reps: 12, cases_a_week: 16, smallest, seed }
}

#[test]
fn an_effect_is_shown_and_none_is_not() {
    for seed in 1..=2 {
        let (plan, pilot) = run(&world(0.15, 0.08, seed), PilotDesign::ByCase).unwrap();
        assert_eq!(pilot.state, PilotState::Shown, "{seed}");
        let [tries, usual] = pilot.arms;
        let share = |did: u64, n: u64| did as f64 / n as f64;
        assert!(share(tries.did, tries.n) > 0.85 && share(usual.did, usual.n) < 0.1);
        assert!(pilot.as_treated.is_some_and(|f| f.estimate.is_some_and(|e| e > 0.05)));
        assert_eq!(pilot.plan_hash, plan.hash());
        let (_, pilot) = run(&world(0.0, 0.08, seed), PilotDesign::ByCase).unwrap();
        assert_eq!(pilot.state, PilotState::StoppedWithoutEffect, "{seed}");
        let (_, pilot) = run(&world(-0.15, 0.08, seed), PilotDesign::ByCase).unwrap();
        assert_eq!(pilot.state, PilotState::Harmful, "{seed}");
    }
}

#[test]
fn reps_drawn_in_pairs_and_in_waves() {
    for design in [PilotDesign::ByRep, PilotDesign::Staggered] {
        let (plan, pilot) = run(&world(0.25, 0.15, 5), design).unwrap();
        assert_eq!(pilot.state, PilotState::Shown, "{}", design.name());
        let trying = plan.reps.iter().filter(|start| start.from.is_some()).count();
        assert_eq!(trying, if design == PilotDesign::ByRep { 6 } else { 12 });
        // Of each pair one, of each block one to a wave.
        for block in 0..plan.reps.iter().map(|start| start.block).max().unwrap() {
            let mut days: Vec<_> = plan.reps.iter().filter(|start| start.block == block).map(|start| start.from).collect();
            let n = days.len();
            days.sort();
            days.dedup();
            assert_eq!(days.len(), n);
        }
        assert_eq!(goldpath::improve::PilotPlan::from_json(&plan.to_json()).unwrap(), plan);
    }
}
