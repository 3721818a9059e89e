//! Innovations and innovators in worlds of which the truth is known.

use goldpath::corpus::{Conversation, OutcomeValue};
use goldpath::improve::{ImproveNote, ImproveOptions, InnovationStatus, Innovations};
use goldpath::simulate::{Deals, World};
use goldpath::{Corpus, Lang, Sop};

const SOP: &str = "{format: goldpath/1, name: d, steps: {a: {}, b: {}, c: {}}, flow: [a, b, c]}";

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Cases that reach `b`, do some of what is unplanned there, and win by what `chance` says.
fn cases(n: usize, reps: usize, dated: bool, act: impl Fn(&mut Dice, usize, f64) -> (Vec<&'static str>, f64)) -> Vec<Conversation> {
    let mut dice = Dice(7);
    (0..n)
        .map(|i| {
            let (rep, day) = ((dice.roll() * reps as f64) as usize, dice.roll() * 300.0);
            let (extras, chance) = act(&mut dice, rep, day);
            let mut c = Conversation::of_steps(format!("c{i:05}"), ["a", "b"].into_iter().chain(extras).chain(["c"]));
            c.rep = Some(format!("r{rep:02}"));
            // Months of 28 days keep the order.
            let date = format!("2026-{:02}-{:02}T09:00:00Z", day as u32 / 28 + 1, day as u32 % 28 + 1);
            c.started_at = dated.then(|| date.parse().unwrap());
            c.outcome.insert("won".into(), Some(OutcomeValue::Bool(dice.roll() < chance)));
            c
        })
        .collect()
}

fn found(cases: Vec<Conversation>) -> Innovations {
    let check = Corpus::from_conversations(cases).unwrap().check(Sop::parse(SOP).unwrap()).unwrap();
    Innovations::of(&check, &ImproveOptions::default()).unwrap()
}

/// One rep finds it, others follow later, and it works: proven, and the rep is named.
#[test]
fn a_step_that_works_is_proven_and_its_finder_named() {
    let found = found(cases(8_000, 10, true, |dice, rep, day| {
        let share = if rep == 3 {
            0.7
        } else if rep % 2 == 0 && day > 60.0 {
            0.25
        } else {
            0.0
        };
        let (x, rare) = (dice.roll() < share, dice.roll() < 0.002);
        let mut extras = if x { vec!["x"] } else { Vec::new() };
        extras.extend(rare.then_some("odd"));
        (extras, 0.3 + 0.03 * rep as f64 / 10.0 + if x { 0.15 } else { 0.0 })
    }));
    let one = &found.innovations[0];
    assert_eq!((one.choice.step.as_str(), one.status), ("x", InnovationStatus::Proven));
    assert_eq!(one.first_users, ["r03"]);
    let gain = one.gain.unwrap();
    assert!(gain.effect.low <= 0.15 && gain.effect.high >= 0.15 && gain.affected < gain.cases, "{gain:?}");
    assert!(gain.gain.estimate < gain.effect.estimate);
    assert!(one.others.as_ref().unwrap().treated.reps >= 4);
    let lead = &found.innovators[0];
    assert_eq!((lead.rep.as_str(), lead.place), ("r03", 1));
    assert!(lead.days_before_others.unwrap() >= 50 && lead.followers >= 4);
    assert_eq!(one.adoption.iter().map(|a| a.uses).sum::<u64>(), one.uses);
    assert!(one.adoption[0].users == 1 && one.adoption.last().unwrap().users >= 4);
    // What is rare is listed, not dropped.
    assert!(found.rare.iter().any(|rare| rare.choice.step == "odd" && rare.uses > 0 && !rare.cases.is_empty()));
    assert!(found.notes.is_empty());
    for lang in [Lang::En, Lang::Zh] {
        assert!(one.sentence(lang).contains('x') && lead.sentence(one, lang).contains("r03"));
    }
}

#[test]
fn one_user_proves_nothing() {
    let found = found(cases(8_000, 10, true, |dice, rep, _| {
        let x = rep == 3 && dice.roll() < 0.5;
        (if x { vec!["x"] } else { Vec::new() }, if x { 0.6 } else { 0.3 })
    }));
    assert_eq!((found.innovations.len(), found.innovations[0].status), (1, InnovationStatus::OneRepOnly));
    assert!(found.innovators.is_empty());
}

/// Works on the earlier cases and no more on the later ones.
#[test]
fn what_does_not_hold_up_is_refuted() {
    let found = found(cases(12_000, 10, true, |dice, _, day| {
        let x = dice.roll() < 0.2;
        (
            if x { vec!["x"] } else { Vec::new() },
            0.3 + if x && day < 170.0 {
                0.15
            } else if x {
                -0.02
            } else {
                0.0
            },
        )
    }));
    assert_eq!(found.innovations[0].status, InnovationStatus::Refuted);
}

/// Neither step does anything alone; right after each other they do.
#[test]
fn a_sequence_that_works_is_told_from_its_parts() {
    let found = found(cases(12_000, 10, true, |dice, _, _| {
        let extras = match (dice.roll() * 10.0) as usize {
            0 => vec!["x"],
            1 => vec!["y"],
            2 => vec!["x", "y"],
            3 => vec!["y", "x"],
            _ => Vec::new(),
        };
        let chance = if extras == ["x", "y"] { 0.55 } else { 0.35 };
        (extras, chance)
    }));
    let proven: Vec<&str> = found.proven().map(|i| i.choice.step.as_str()).collect();
    assert!(proven.contains(&"x → y") && !proven.contains(&"y → x"), "{proven:?}");
    let one = found.proven().find(|i| i.choice.step == "x → y").unwrap();
    assert_eq!((one.choice.members.len(), one.against_parts.len()), (2, 2));
}

/// A step that works is not sold a second time as every sequence it happens to be in.
#[test]
fn a_sequence_adds_nothing_to_a_step_that_works_alone() {
    let found = found(cases(12_000, 10, true, |dice, _, _| {
        let (noise, x) = (dice.roll() < 0.3, dice.roll() < 0.3);
        let extras = [("noise", noise), ("x", x)].into_iter().filter(|(_, done)| *done).map(|(step, _)| step).collect();
        (extras, 0.3 + if x { 0.15 } else { 0.0 })
    }));
    assert_eq!(found.proven().map(|i| i.choice.step.as_str()).collect::<Vec<_>>(), ["x"]);
}

#[test]
fn bad_input_is_said() {
    let act = |dice: &mut Dice, _: usize, _: f64| if dice.roll() < 0.3 { (vec!["x"], 0.5) } else { (Vec::new(), 0.3) };
    let undated = found(cases(4_000, 8, false, act));
    assert_eq!((undated.notes.as_slice(), undated.split), ([ImproveNote::NoDates].as_slice(), None));
    assert_eq!(undated.innovations[0].status, InnovationStatus::Proven);
    assert!(undated.innovations[0].adoption.is_empty() && undated.innovations[0].first_use.is_none());
    let one = found(cases(2_000, 1, true, act));
    assert_eq!(one.notes, [ImproveNote::OneRep]);
    assert!(one.innovations.iter().all(|i| i.status == InnovationStatus::OneRepOnly));
    let alike = found(cases(300, 4, true, |dice, _, _| (if dice.roll() < 0.5 { vec!["x"] } else { Vec::new() }, 1.0)));
    assert!(alike.notes.contains(&ImproveNote::OneOutcome) && alike.innovations.is_empty());
    let check = Corpus::from_conversations([Conversation::of_steps("1", ["a", "c"])]).unwrap().check(Sop::parse(SOP).unwrap()).unwrap();
    assert_eq!(Innovations::of(&check, &ImproveOptions::default()).unwrap_err().code(), "argument.invalid");
    let zero = ImproveOptions { min_uses: 0, ..ImproveOptions::default() };
    assert_eq!(Innovations::of(&check, &zero).unwrap_err().code(), "argument.invalid");
}

/// The simulated organisation, with deals as cases: what was planted is found, by whom, and nothing else.
#[test]
fn the_simulated_organisation() {
    let world = World { words: false, asides: 20, deals: Deals::Single, truth_draws: 0, ..World::default() };
    let made = world.simulate(20_000, 3);
    let check = Corpus::from_conversations(made.conversations).unwrap().check(&made.sop).unwrap();
    let found = Innovations::of(&check, &ImproveOptions::default()).unwrap();
    let again = Innovations::of(&check, &ImproveOptions::default()).unwrap();
    assert_eq!(serde_json::to_string(&found).unwrap(), serde_json::to_string(&again).unwrap());
    assert!(
        found.proven().next().is_some() && found.proven().all(|i| i.choice.step == "roi_story"),
        "{:?}",
        found.proven().map(|i| &i.choice.step).collect::<Vec<_>>()
    );
    let named: std::collections::BTreeSet<&str> = found.innovators.iter().map(|x| x.rep.as_str()).collect();
    assert!(named.iter().any(|rep| made.truth.innovators.iter().any(|name| name == rep)), "{named:?} {:?}", made.truth.innovators);
    for table in [found.table(), found.innovators_table(), found.adoption_table(), found.rare_table()] {
        assert!(!table.columns().is_empty());
    }
}
