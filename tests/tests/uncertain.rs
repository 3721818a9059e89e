//! What is said of uncertain events, against checking every way they may turn out as a conversation of its own.

use goldpath::check::Uncertainty;
use goldpath::corpus::{Conversation, StepEvent};
use goldpath::progress::Progress;
use goldpath::simulate::{random_conversation, random_sop};
use goldpath::sop::Measure;
use goldpath::{CheckOptions, Corpus, Sop};

/// Numbers from 0 to 1 that look like no others.
fn random(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// A conversation with up to `most` uncertain events, the surest at probability 0 and 1.
fn uncertain(sop: &Sop, seed: u64, most: usize) -> Conversation {
    let mut conversation = random_conversation(sop, seed, 0.3);
    let (mut random, mut left) = (random(seed + 1), most);
    for event in &mut conversation.steps {
        let prob = match random() {
            x if x < 0.2 => Some(0.0),
            x if x < 0.3 => Some(1.0),
            x if x < 0.8 && left > 0 => {
                left -= 1;
                Some(((1.0 + random() * 98.0).round() / 100.0).clamp(0.01, 0.99))
            }
            _ => None,
        };
        event.prob = prob;
    }
    conversation
}

struct Brute {
    low: f64,
    high: f64,
    expected: f64,
    so_far: f64,
    fully: f64,
    /// By event: influence on conforming so far and on fitness.
    influence: Vec<(u32, f64, f64)>,
}

/// Every way as a conversation of its own.
fn brute(sop: &Sop, conversation: &Conversation) -> Brute {
    let open: Vec<usize> = (0..conversation.steps.len()).filter(|&i| conversation.steps[i].prob.is_some_and(|p| 0.0 < p && p < 1.0)).collect();
    let prob = |i: usize| conversation.steps[i].prob.unwrap_or(1.0);
    let there = |way: usize, i: usize| open.iter().position(|&o| o == i).map_or(prob(i) == 1.0, |bit| way >> bit & 1 == 1);
    let ways = (0..1usize << open.len()).map(|way| {
        let steps: Vec<StepEvent> =
            (0..conversation.steps.len()).filter(|&i| there(way, i)).map(|i| StepEvent { prob: None, ..conversation.steps[i].clone() }).collect();
        Conversation { id: format!("{way}"), steps, ..conversation.clone() }
    });
    let check = Corpus::from_conversations(ways).expect("a corpus").check(sop).expect("a check");
    let cases = check.cases();
    let fitness = |way: usize| if let goldpath::table::Cell::Float(x) = cases.get(way, "fitness") { x } else { panic!("no fitness") };
    let weight = |way: usize| open.iter().map(|&i| if there(way, i) { prob(i) } else { 1.0 - prob(i) }).product::<f64>();
    let all = 0..1usize << open.len();
    let mean = |value: &dyn Fn(usize) -> f64| all.clone().map(|way| weight(way) * value(way)).sum::<f64>();
    let so_far = |way: usize| f64::from(u8::from(check.conforms_so_far(way) == Some(true)));
    let fully = |way: usize| f64::from(u8::from(check.fully_conforms(way) == Some(true)));
    let influence = open.iter().enumerate().map(|(bit, &i)| {
        let side = |value: &dyn Fn(usize) -> f64, with: bool| mean(&|way| if (way >> bit & 1 == 1) == with { value(way) } else { 0.0 });
        let of = |value: &dyn Fn(usize) -> f64| (side(value, true) / prob(i) - side(value, false) / (1.0 - prob(i))).abs();
        (i as u32, of(&so_far), of(&fitness))
    });
    Brute {
        low: all.clone().map(fitness).fold(1.0, f64::min),
        high: all.clone().map(fitness).fold(0.0, f64::max),
        expected: mean(&fitness),
        so_far: mean(&so_far),
        fully: mean(&fully),
        influence: influence.collect(),
    }
}

fn found(sop: &Sop, conversation: &Conversation) -> Uncertainty {
    let check = Corpus::from_conversations([conversation.clone()]).expect("a corpus").check(sop).expect("a check");
    check.uncertainty_of(0).expect("a case")
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

#[test]
fn every_way_was_looked_at() {
    let (mut accepted, mut between, mut bounded) = (0, 0, 0);
    for seed in 0..400 {
        let sop = random_sop(seed, 4 + seed as usize % 14);
        for round in 0..3 {
            let conversation = uncertain(&sop, seed * 5 + round, 8);
            let (found, brute) = (found(&sop, &conversation), brute(&sop, &conversation));
            let said = || format!("{:?}\n{}", conversation.steps.iter().map(|s| (&s.step, s.prob)).collect::<Vec<_>>(), sop.to_yaml());
            assert!(close(found.fitness_low, brute.low) && close(found.fitness_high, brute.high), "{}", said());
            assert!(found.fitness_expected.is_some_and(|x| close(x, brute.expected)), "{}", said());
            // Of steps with standards that need no turns only bounds are known.
            if sop.steps().values().any(|step| step.standards.iter().any(|standard| matches!(standard.measure, Measure::Requires(_)))) {
                for (chance, true_one) in [(found.conforms_so_far, brute.so_far), (found.fully_conforms, brute.fully)] {
                    assert!(chance.low <= true_one + 1e-9 && true_one <= chance.high + 1e-9, "{true_one} {chance:?} {}", said());
                }
                bounded += 1;
                continue;
            }
            assert!(found.conforms_so_far.exact().is_some_and(|x| close(x, brute.so_far)), "{} {:?} {}", brute.so_far, found.conforms_so_far, said());
            assert!(found.fully_conforms.exact().is_some_and(|x| close(x, brute.fully)), "{} {:?} {}", brute.fully, found.fully_conforms, said());
            assert_eq!(found.events.len(), brute.influence.len());
            for (event, so_far, fitness) in brute.influence {
                let one = found.events.iter().find(|e| e.event == event).expect("an uncertain event");
                assert!(one.influence.is_some_and(|x| close(x, so_far)), "{} {so_far} {one:?}", said());
                assert!(one.fitness_influence.is_some_and(|x| close(x, fitness)), "{} {fitness} {one:?}", said());
            }
            assert!(found.events.windows(2).all(|pair| pair[0].influence >= pair[1].influence));
            accepted += usize::from(!sop.accepted().is_empty());
            between += usize::from(brute.so_far > 0.0 && brute.so_far < 1.0);
        }
    }
    assert!(accepted > 100 && between > 100 && (1..300).contains(&bounded), "{accepted} {between} {bounded}");
}

/// Beyond 16 uncertain events the bounds are sound, and where they meet they are right.
#[test]
fn bounds_hold_beyond_sixteen_events() {
    let mut longest = 0;
    for seed in 0..3 {
        let sop = random_sop(seed, 14);
        let mut conversation = random_conversation(&sop, seed, 0.4);
        let more: Vec<StepEvent> = (1..4).flat_map(|round| random_conversation(&sop, seed + 1_000 * round, 0.2).steps).collect();
        conversation.steps.extend(more);
        conversation.steps.truncate(22);
        let mut random = random(seed);
        for event in conversation.steps.iter_mut().take(17) {
            event.prob = Some(0.05 + 0.9 * (random() * 100.0).round() / 100.0);
        }
        longest = longest.max(conversation.steps.len());
        let (found, brute) = (found(&sop, &conversation), brute(&sop, &conversation));
        assert!(found.fitness_low <= brute.low + 1e-9 && brute.low <= 1.0, "{} {}", found.fitness_low, brute.low);
        assert!(close(found.fitness_high, brute.high), "{} {}", found.fitness_high, brute.high);
        for (chance, p) in [(found.conforms_so_far, brute.so_far), (found.fully_conforms, brute.fully)] {
            assert!(chance.low - 1e-9 <= p && p <= chance.high + 1e-9, "{chance:?} {p}");
            assert!(!sop.accepted().is_empty() || close(chance.low, chance.high), "{chance:?} {p}");
        }
    }
    assert!(longest > 17);
}

#[test]
fn the_threshold_says_which_events_are_taken() {
    let sop = Sop::parse("{format: goldpath/1, name: demo, steps: [open, need, close], flow: [open, need, close]}").expect("an SOP");
    let corpus = Corpus::parse(br#"{"id": "c", "steps": ["open", {"step": "x", "prob": 0.7}, {"step": "need", "prob": 0.7}, "close"]}"#).expect("a corpus");
    let steps = |threshold| {
        let options = CheckOptions { threshold, ..CheckOptions::default() };
        let check = corpus.check_with(&sop, &options, &Progress::none())?;
        Ok::<_, goldpath::Error>(check.alignment("c")?.moves.iter().filter_map(|m| m.event).collect::<Vec<_>>())
    };
    assert_eq!(steps(0.7).expect("a check"), [0, 1, 2, 3]);
    assert_eq!(steps(0.71).expect("a check"), [0, 3]);
    assert_eq!(steps(0.0).expect("a check"), [0, 1, 2, 3]);
    for wrong in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
        assert_eq!(steps(wrong).expect_err("no probability").code(), "argument.invalid");
    }
}

/// With nothing left out, a corpus checks as it does without probabilities; and what is left out was never there.
#[test]
fn what_is_left_out_was_never_there() {
    for seed in 0..100 {
        let sop = random_sop(seed, 12);
        let with = uncertain(&sop, seed, 30);
        let mut without = with.clone();
        without.steps.retain(|event| event.prob.is_none_or(|p| p >= 0.5));
        without.steps.iter_mut().for_each(|event| event.prob = None);
        let figures = |conversation: &Conversation| {
            let check = Corpus::from_conversations([conversation.clone()]).expect("a corpus").check(&sop).expect("a check");
            let a = check.alignment_of(0).expect("a case").expect("an alignment");
            let deviations: Vec<String> = a.deviations.iter().map(goldpath::Deviation::sentence_zh).collect();
            let choices = check.choices();
            let choices: Vec<String> =
                (0..choices.len()).map(|row| ["point", "visit", "chosen", "step"].map(|c| choices.get(row, c).to_string()).concat()).collect();
            (a.cost, a.prefix_cost, a.prefix_stop, a.stopped_at, a.fitness, a.adherence, deviations, choices)
        };
        assert_eq!(figures(&with), figures(&without), "{}", sop.to_yaml());
    }
}

/// A block whose members may come in any order has more states than are tabulated, and more sets of them than are told
/// apart: what is said are bounds, and they hold.
#[test]
fn too_many_ways_to_tell_apart_are_bounded() {
    let steps: Vec<String> = (0..12).map(|i| format!("s{i}")).collect();
    let sop = Sop::parse(&format!("{{format: goldpath/1, name: wide, steps: [{0}], flow: [{{any_order: [{0}]}}]}}", steps.join(", "))).expect("an SOP");
    let event = |step: &String| StepEvent { prob: Some(0.5), ..Conversation::of_steps("", [step.as_str()]).steps.remove(0) };
    let conversation = Conversation { steps: steps.iter().map(event).collect(), ..Conversation::of_steps("c", [""; 0]) };
    let found = found(&sop, &conversation);
    // Whatever is there conforms so far; only all together are complete.
    assert!(found.conforms_so_far.low < 1.0 && found.conforms_so_far.high == 1.0, "{:?}", found.conforms_so_far);
    let all = 0.5f64.powi(12);
    assert!(found.fully_conforms.low <= all && all <= found.fully_conforms.high, "{:?}", found.fully_conforms);
    assert_eq!((found.fitness_low, found.fitness_high, found.fitness_expected), (0.0, 1.0, None));
    assert!(found.events.iter().all(|event| event.influence.is_none()));
}
