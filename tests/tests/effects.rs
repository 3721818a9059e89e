//! Views on findings: what-if, the gap waterfall, hand-reviewed samples; outcomes that not every case has; numbers of steps.

use goldpath::corpus::{Conversation, OutcomeValue};
use goldpath::evidence::{Caveat, ChoiceKind, Finding, GapOf, GapPart, Refusal, Verdict};
use goldpath::simulate::{Deals, World};
use goldpath::{Corpus, Lang, Review, ReviewOptions, Sop, check::RepairKind, progress::Progress, review};

/// A stream of numbers that is the same everywhere.
struct Draws(u64);

impl Draws {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / f64::from(1u32 << 31)
    }
}

fn simulated(n: usize, seed: u64) -> Review {
    let world = World { deals: Deals::Single, truth_draws: 0, words: false, ..World::default() };
    review(&Corpus::from_conversations(world.stream(seed).take(n)).unwrap(), world.sop()).unwrap()
}

#[test]
fn what_if_is_the_finding_turned_round() {
    let review = simulated(6_000, 3);
    let skip = review.findings().iter().find(|f| f.what.kind == ChoiceKind::Skip && f.what.step == "need" && f.verdict == Verdict::Hurts).unwrap();
    let case = &skip.cases[0];
    let what = review.what_if(case, &["need"]).unwrap();
    let change = what.change.unwrap_or_else(|| panic!("{what:#?} {:?}", review.check().alignment(case)));
    let own = what.changes[0].segment.clone();
    if own.is_none() {
        assert_eq!((change.estimate, change.low, change.high), (-skip.estimate.unwrap(), -skip.ci_high.unwrap(), -skip.ci_low.unwrap()));
    }
    assert!(change.low > 0.0 && change.low < change.estimate && change.estimate < change.high);
    let put_in: Vec<_> = what.repair.steps.iter().filter(|step| step.kind != RepairKind::Kept).map(|step| (step.kind, step.step.as_str())).collect();
    assert!(put_in.contains(&(RepairKind::Inserted, "need")) || put_in.contains(&(RepairKind::Moved, "need")), "{put_in:?}");
    assert!(what.sentence(Lang::En).contains("comparable cases") && what.sentence(Lang::Zh).contains("可比会话"));
    // Of a step that the path does where it is planned nothing can be changed.
    let done = review.what_if(case, &["opening"]).unwrap();
    assert_eq!((done.refusal, done.change, done.repair.edits()), (Some(Refusal::NothingToChange), None, 0));
    // The check alone says the same.
    assert_eq!(review.check().what_if(case, &["need"]).unwrap(), what);
}

const SOP: &str = "{format: goldpath/1, name: demo, steps: {open: {}, need: {}, demo: {}, trial: {}, ask: {by: customer}, close: {}},
  flow: [open, need, {optional: [ask]}, {one_of: [[demo], [trial]]}, close]}";

fn conversation(i: usize, steps: &[&str], rep: &str, won: Option<bool>) -> Conversation {
    let mut c = Conversation::of_steps(format!("c{i}"), steps.iter().copied());
    c.rep = Some(rep.to_owned());
    c.outcome.insert("won".into(), won.map(OutcomeValue::Bool));
    c
}

#[test]
fn what_cannot_be_said_is_refused_with_its_reason() {
    let made = (0..30).map(|i| {
        let steps: &[&str] = if i % 3 == 0 { &["open", "demo", "close"] } else { &["open", "need", "demo", "close"] };
        conversation(i, steps, ["ann", "bob"][i % 2], Some(i % 4 == 0))
    });
    let review = review(&Corpus::from_conversations(made).unwrap(), Sop::parse(SOP).unwrap()).unwrap();
    let what = review.what_if("c0", &["need"]).unwrap();
    assert!(matches!(what.refusal, Some(Refusal::Withheld(_))) && what.change.is_none(), "{:?}", what.refusal);
    assert!(what.sentence(Lang::En).contains("cannot be said") && what.sentence(Lang::Zh).contains("还不能说"));
    // Nobody tried the other branch.
    let what = review.what_if("c1", &["trial"]).unwrap();
    assert_eq!(what.refusal, Some(Refusal::NotCompared));
    let kinds: Vec<_> = what.repair.steps.iter().map(|step| (step.kind, step.step.as_str())).collect();
    assert!(kinds.contains(&(RepairKind::Removed, "demo")) && kinds.contains(&(RepairKind::Inserted, "trial")), "{kinds:?}");
    let code = |case: &str, steps: &[&str]| review.what_if(case, steps).unwrap_err().code();
    assert_eq!(code("c1", &["demo", "trial"]), "check.no_such_run");
    assert_eq!(code("c1", &["ask"]), "argument.invalid");
    assert_eq!(code("c1", &["nothing"]), "argument.invalid");
    assert_eq!(code("nobody", &["need"]), "check.unknown_case");
    // Without outcomes there is a path and no figure.
    let bare = Corpus::from_conversations([Conversation::of_steps("c1", ["open", "demo", "close"])]).unwrap();
    let what = bare.check(Sop::parse(SOP).unwrap()).unwrap().what_if("c1", &["need"]).unwrap();
    assert_eq!((what.refusal, what.repair.cost_after), (Some(Refusal::NoOutcome), 0));
}

#[test]
fn parts_sum_to_the_gap_exactly() {
    let review = simulated(6_000, 5);
    let corpus = review.check().corpus();
    let reps: std::collections::BTreeSet<String> = (0..corpus.len()).filter_map(|case| corpus.conversation(case).rep).collect();
    let asked = reps.into_iter().take(6).map(GapOf::Rep).chain([GapOf::NotConforming]);
    let mut split = 0;
    for of in asked {
        let gap = review.gap(&of, None).unwrap();
        let Some(whole) = gap.gap else { continue };
        split += 1;
        assert_eq!(gap.parts.iter().map(|part| part.part).collect::<Vec<_>>(), GapPart::ALL);
        assert_eq!(gap.parts.iter().map(|part| part.share).sum::<f64>(), whole.estimate);
        assert_eq!(gap.parts.iter().rev().map(|part| part.share).sum::<f64>(), whole.estimate);
        // Also after they were written and read.
        let written = |x: f64| serde_json::to_string(&x).unwrap().parse::<f64>().unwrap();
        assert_eq!(gap.parts.iter().map(|part| written(part.share)).sum::<f64>(), written(whole.estimate));
        assert!((whole.estimate - (gap.own.rate.unwrap() - gap.other.rate.unwrap())).abs() < 1e-9);
        assert!(gap.parts.iter().all(|part| part.low <= part.share && part.share <= part.high && part.share.is_finite()));
        assert!(!gap.sentence(Lang::Zh).contains("NaN") && gap.sentence(Lang::En).contains("gap"));
        assert_eq!(gap.table().len(), 7);
    }
    assert!(split > 4, "{split}");
    // What is left out explains some of what deviating cases lose.
    let gap = review.gap(&GapOf::NotConforming, None).unwrap();
    assert!(gap.parts[0].share < -0.005, "{}", gap.sentence(Lang::En));
    assert!(review.gap(&GapOf::Rep("nobody".into()), None).is_err());
    let few = simulated(30, 1);
    assert!(few.gap(&GapOf::NotConforming, None).unwrap().gap.is_none());
}

#[test]
fn small_samples_miss_what_the_full_volume_shows() {
    let review = simulated(6_000, 5);
    let [small, large] = [30, 400].map(|k| review.sample_bias(k));
    assert!(small.clear > 3 && small.found < large.found && large.found <= large.clear as f64, "{} {} {}", small.clear, small.found, large.found);
    assert_eq!(review.sample_bias(30), small, "seeded");
    assert!(small.readings.iter().all(|r| (0.0..=1.0).contains(&r.seen)));
    // Everything read is the full volume, read plainly.
    let all = review.sample_bias(u64::MAX);
    assert_eq!(all.sample, all.cases);
    assert!(small.sentence(Lang::En).contains("30 of the") && small.sentence(Lang::Zh).contains("30 通"));
}

/// Ratings that mostly unhappy customers give where the rep is weak: those that are there stand in for the others.
#[test]
fn missing_feedback_is_reweighted_and_said() {
    let (mut covered, mut plain_covered) = (0, 0);
    for seed in 0..10 {
        let mut draws = Draws(seed);
        let made = (0..4_000).map(|i| {
            let rep = (draws.unit() * 12.0) as usize;
            let skip = draws.unit() < 0.4;
            let steps: &[&str] = if skip { &["open", "demo", "close"] } else { &["open", "need", "demo", "close"] };
            let mut c = conversation(i, steps, &format!("r{rep:02}"), Some(true));
            c.outcome.clear();
            // Leaving `need` out costs 0.2 with half of the reps and 1.0 with the others, whose customers answer seldom.
            let (effect, answers) = if rep < 6 { (0.2, 0.9) } else { (1.0, 0.15) };
            let rating = (3.2 - if skip { effect } else { 0.0 } + 1.6 * (draws.unit() - 0.5) + 1.6 * (draws.unit() - 0.5)).round().clamp(1.0, 5.0);
            let given = draws.unit() < answers;
            c.outcome.insert("rating".into(), given.then_some(OutcomeValue::Number(rating)));
            c
        });
        let corpus = Corpus::from_conversations(made.collect::<Vec<_>>()).unwrap();
        let review = review(&corpus, Sop::parse(SOP).unwrap()).unwrap();
        let f: &Finding = review.findings().iter().find(|f| f.what.kind == ChoiceKind::Skip && f.what.step == "need").unwrap();
        assert!(f.caveats.contains(&Caveat::Reweighted) && f.answered.unwrap().iter().all(|share| (0.45..0.6).contains(share)), "{:?}", f.answered);
        assert!(f.sentence(Lang::En).contains("stand in for") && f.sentence(Lang::Zh).contains("加权代表"));
        covered += u32::from(f.ci_low.unwrap() <= -0.6 && -0.6 <= f.ci_high.unwrap());
        plain_covered += u32::from(f.raw.unwrap().low <= -0.6 && -0.6 <= f.raw.unwrap().high);
    }
    assert!(covered >= 8 && plain_covered <= 2, "{covered} {plain_covered}");
}

/// The more is said the more is won, whatever it is: the number of steps says all that a filler seems to.
#[test]
fn the_number_of_steps_may_say_it_alone() {
    let mut draws = Draws(9);
    let made = (0..6_000).map(|i| {
        let mut steps = vec!["open"];
        let extras = (draws.unit() * 6.0) as usize;
        steps.extend((0..extras).map(|_| if draws.unit() < 0.3 { "filler" } else { "other" }));
        steps.extend(["need", "demo", "close"]);
        let won = draws.unit() < 0.2 + 0.1 * extras as f64;
        conversation(i, &steps, ["ann", "bob", "cid"][i % 3], Some(won))
    });
    let corpus = Corpus::from_conversations(made.collect::<Vec<_>>()).unwrap();
    let made = Review::of(&corpus, Sop::parse(SOP).unwrap(), &ReviewOptions::default(), &Progress::none()).unwrap();
    let f = made.findings().iter().find(|f| f.what.kind == ChoiceKind::Add && f.what.step == "filler").unwrap();
    let (raw, steps) = (f.raw.unwrap(), f.step_count.unwrap());
    assert!(raw.low > 0.1 && (steps.alone - raw.estimate).abs() < 0.03, "{raw:?} {steps:?}");
    let within = steps.within.unwrap();
    assert!(within.low < 0.0 && 0.0 < within.high, "{within:?}");
}

/// How long deals take: leaving `need` out halves the pace of winning, some are lost first, some are still open.
#[test]
fn times_with_open_and_lost_cases() {
    let pace = |skip: bool, rep: usize| (0.03 + 0.002 * rep as f64) * if skip { 0.5 } else { 1.0 };
    let exponential = |draws: &mut Draws, rate: f64| -(1.0 - draws.unit()).ln() / rate;
    let mut covered = 0;
    for seed in 0..8 {
        let mut draws = Draws(100 + seed);
        let made = (0..2_500).map(|i| {
            let rep = (draws.unit() * 12.0) as usize;
            let skip = draws.unit() < 0.2 + 0.04 * rep as f64;
            let steps: &[&str] = if skip { &["open", "demo", "close"] } else { &["open", "need", "demo", "close"] };
            let (win, loss, end) = (exponential(&mut draws, pace(skip, rep)), exponential(&mut draws, 0.012), 20.0 + 100.0 * draws.unit());
            let first = win.min(loss).min(end);
            let mut c = conversation(i, steps, &format!("r{rep:02}"), (first < end).then_some(win < loss));
            c.outcome.insert("days".into(), Some(OutcomeValue::Number(first.floor())));
            c
        });
        let corpus = Corpus::from_conversations(made.collect::<Vec<_>>()).unwrap();
        let options = ReviewOptions { time: Some("days".into()), ..ReviewOptions::default() };
        let made = Review::of(&corpus, Sop::parse(SOP).unwrap(), &options, &Progress::none()).unwrap();
        let f = made.findings().iter().find(|f| f.what.kind == ChoiceKind::Skip && f.what.step == "need").unwrap();
        let time = f.time.unwrap();
        // The truth in whole days begun: Σ (1 − F(t)), F = a/(a + b)·(1 − e^−(a+b)t), averaged over reps with the weights n₁n₀/N.
        let area = |a: f64| {
            let b = 0.012;
            (1..=time.horizon).map(|t| 1.0 - a / (a + b) * (1.0 - (-(a + b) * t as f64).exp())).sum::<f64>()
        };
        let weight = |rep: usize| {
            let p = 0.2 + 0.04 * rep as f64;
            p * (1.0 - p)
        };
        let all: f64 = (0..12).map(weight).sum();
        let truth = (0..12).map(|rep| weight(rep) * (area(pace(true, rep)) - area(pace(false, rep)))).sum::<f64>() / all;
        covered += u32::from(f.ci_low.unwrap() <= truth && truth <= f.ci_high.unwrap());
        assert!(f.verdict == Verdict::Hurts && time.log_rank.unwrap().p_value < 0.01, "{}", f.sentence(Lang::En));
        assert!(time.won[0] < time.won[1] && (40..=120).contains(&time.horizon), "{time:?}");
        assert!(f.sentence(Lang::En).contains("days") && f.sentence(Lang::Zh).contains("平均用时"));
        assert_eq!(made.gap(&GapOf::NotConforming, None).unwrap_err().code(), "argument.invalid");
    }
    assert!(covered >= 6, "{covered}");
    let corpus = Corpus::from_conversations([conversation(1, &["open"], "ann", Some(true))]).unwrap();
    let code = |time: &str| {
        Review::of(&corpus, Sop::parse(SOP).unwrap(), &ReviewOptions { time: Some(time.into()), ..ReviewOptions::default() }, &Progress::none())
            .unwrap_err()
            .code()
    };
    assert_eq!(code("nothing"), "argument.invalid");
    assert_eq!(code("won"), "argument.invalid");
}
