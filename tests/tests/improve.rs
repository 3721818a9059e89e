//! Innovations and innovators in worlds of which the truth is known.

use goldpath::corpus::{Conversation, OutcomeValue};
use goldpath::improve::{
    Backtest, BestPath, BestPathOptions, Constraints, Held, ImproveNote, ImproveOptions, Improvements, InnovationStatus, Innovations, ProposalBook,
};
use goldpath::simulate::{Deals, World};
use goldpath::sop::Note;
use goldpath::{Corpus, Lang, Sop};
use goldpath_tests::Dice;

const SOP: &str = "{format: goldpath/1, name: d, steps: {a: {}, b: {}, c: {}}, flow: [a, b, c]}";

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

fn improved(cases: Vec<Conversation>, sop: &str) -> (goldpath::Check, Improvements) {
    let check = Corpus::from_conversations(cases).unwrap().check(Sop::parse(sop).unwrap()).unwrap();
    let found = Improvements::of(&check, &ImproveOptions::default()).unwrap();
    (check, found)
}

fn working(dice: &mut Dice, rep: usize, _: f64) -> (Vec<&'static str>, f64) {
    let x = dice.roll() < if rep == 3 { 0.7 } else { 0.1 };
    (if x { vec!["x"] } else { Vec::new() }, if x { 0.5 } else { 0.3 })
}

/// What is proven becomes an edit, the edit an SOP, the decision a book, and new conversations are held against it.
#[test]
fn from_proposal_to_the_next_version() {
    let (check, improved) = improved(cases(8_000, 10, true, working), SOP);
    let sop = check.playbook().entries()[0].sop.clone();
    assert_eq!(improved.proposals.len(), 1, "{:?}", improved.proposals.iter().map(|p| &p.id).collect::<Vec<_>>());
    let p = &improved.proposals[0];
    let next = sop.apply(&p.patch).unwrap();
    assert_eq!(serde_json::to_value(next.flow()).unwrap(), serde_json::json!({"flow": ["a", "b", "x", "c"]}));
    // 0.2 for the cases that do not do it yet: of the other nine reps nine in ten, of the third three in ten.
    let (gain, truth) = (p.gain.unwrap(), 0.2 * (0.9 * 0.9 + 0.1 * 0.3));
    assert!(gain.gain.low <= truth && truth <= gain.gain.high, "{gain:?}");
    assert_eq!((p.conformity.lost + p.conformity.won, p.conformity.cases), (8_000, 8_000));
    for lang in [Lang::En, Lang::Zh] {
        assert!(p.sentence(lang).contains('x'));
    }

    let best = BestPath::of(&check, &improved, &BestPathOptions::default()).unwrap();
    assert!(best.changed && best.sop == next && best.proposals == [p.id.clone()]);
    assert_eq!(serde_json::to_value(best.mined.as_ref().unwrap().flow()).unwrap()["flow"][0], "a");
    assert!(best.fitness_of_winners[1] >= best.fitness_of_winners[0].map(|_| 0.0));
    let strict = Constraints {
        must_contain: vec!["x".into(), "never".into()],
        must_precede: vec![("a".into(), "c".into()), ("c".into(), "a".into()), ("b".into(), "x".into())],
        may_not_remove: vec!["gone".into()],
    };
    let kept = BestPath::of(&check, &improved, &BestPathOptions { constraints: strict, ..BestPathOptions::default() }).unwrap();
    assert_eq!(kept.sop, next);
    assert_eq!(
        kept.unmet.iter().map(|u| (u.constraint, u.steps.join(" "))).collect::<Vec<_>>(),
        [("must_contain", "never".into()), ("must_precede", "a c".into()), ("must_precede", "c a".into()), ("may_not_remove", "gone".to_owned())]
    );
    let dear = BestPath::of(&check, &improved, &BestPathOptions { penalty: 1.0, ..BestPathOptions::default() }).unwrap();
    assert!(!dear.changed && dear.left_out == [p.id.clone()] && dear.sentence(&sop, Lang::En).contains("stands"));

    let back = Backtest::of(&check, 0, &next, std::slice::from_ref(&p.choice), None, false).unwrap();
    assert_eq!(back.conformity, p.conformity);
    assert_eq!(back.reps.iter().map(|r| r.conformity.cases).sum::<u64>(), 8_000);
    let support = &back.support[0];
    let since = support.since.unwrap();
    assert!(since < support.looks.last().unwrap().day && support.looks.windows(2).all(|w| w[0].day < w[1].day && w[0].cases <= w[1].cases));
    // What began later does not change what was known by then.
    let then = Backtest::of(&check, 0, &next, std::slice::from_ref(&p.choice), Some(since), false).unwrap();
    assert!(then.conformity.cases < 8_000 && then.support[0].since.is_some_and(|day| day <= since));
    assert_eq!(Backtest::of(&check, 1, &next, &[], None, false).unwrap_err().code(), "argument.invalid");

    let mut book = ProposalBook::default();
    let day = "2026-12-01".parse().ok();
    assert_eq!(book.add(&improved.proposals, day), vec![p.id.clone()]);
    assert!(book.add(&improved.proposals, day).is_empty());
    book.accept(&p.id, Note::on("2026-12-02", "it works").unwrap()).unwrap();
    assert_eq!(book.reject(&p.id, Note::default()).unwrap_err().code(), "improve.decided");
    assert_eq!(book.accept("x", Note::default()).unwrap_err().code(), "improve.unknown_proposal");
    assert_eq!(book.apply(&sop).unwrap(), next);
    let (again, _) = self::improved(cases(6_000, 10, true, working), SOP);
    let seen = book.refresh(&again, &ImproveOptions::default(), day).unwrap();
    assert_eq!((seen.seen_again[0].1.held, seen.new.len()), (Held::HeldUp, 0));
    let (idle, _) = self::improved(cases(6_000, 10, true, |dice, rep, day| (working(dice, rep, day).0, 0.3)), SOP);
    assert_eq!(book.refresh(&idle, &ImproveOptions::default(), day).unwrap().seen_again[0].1.held, Held::Faded);
    assert_eq!(ProposalBook::from_json(&book.to_json()).unwrap(), book);
    assert_eq!(ProposalBook::from_json("{").unwrap_err().code(), "improve.book");
}

/// Nothing works: nothing is proposed, and the present SOP stands.
#[test]
fn without_a_better_path_the_present_one_stands() {
    let (check, improved) = improved(cases(6_000, 10, true, |dice, rep, day| (working(dice, rep, day).0, 0.35)), SOP);
    assert!(improved.proposals.is_empty());
    let best = BestPath::of(&check, &improved, &BestPathOptions::default()).unwrap();
    let sop = check.playbook().entries()[0].sop.clone();
    assert!(!best.changed && best.sop == sop && best.patch.is_empty() && best.gain.is_none());
    assert!(best.sentence(&sop, Lang::Zh).contains("维持不变"));
}

/// A planned step that costs deals, one that does nothing, and a branch that is better.
#[test]
fn planned_steps_are_judged_too() {
    let sop = "{format: goldpath/1, name: d, steps: {a: {}, b: {}, m: {}, s: {}, t: {}, c: {}}, flow: [a, b, m, {one_of: [s, t]}, c]}";
    let mut dice = Dice(5);
    let all = (0..16_000).map(|i| {
        let (rep, day) = ((dice.roll() * 10.0) as usize, dice.roll() * 300.0);
        let (b, n, t) = (dice.roll() < 0.6, dice.roll() < 0.6, dice.roll() < 0.4);
        let steps = [("a", true), ("b", b), ("m", n), (if t { "t" } else { "s" }, true), ("c", true)];
        let mut c = Conversation::of_steps(format!("c{i:05}"), steps.into_iter().filter(|(_, done)| *done).map(|(step, _)| step));
        c.rep = Some(format!("r{rep:02}"));
        c.started_at = format!("2026-{:02}-{:02}T09:00:00Z", day as u32 / 28 + 1, day as u32 % 28 + 1).parse().ok();
        let chance = 0.4 - if b { 0.1 } else { 0.0 } + if t { 0.1 } else { 0.0 };
        c.outcome.insert("won".into(), Some(OutcomeValue::Bool(dice.roll() < chance)));
        c
    });
    let (check, improved) = improved(all.collect(), sop);
    let kinds: Vec<(&str, &str)> = improved.proposals.iter().map(|p| (p.kind.name(), p.choice.step.as_str())).collect();
    assert!(kinds.contains(&("drop", "b")) && kinds.contains(&("prefer", "t")) && kinds.contains(&("make_optional", "m")), "{kinds:?}");
    let best = BestPath::of(&check, &improved, &BestPathOptions::default()).unwrap();
    assert_eq!(serde_json::to_value(best.sop.flow()).unwrap(), serde_json::json!({"flow": ["a", "m", {"one_of": ["t", "s"]}, "c"]}));
    let keep = Constraints { may_not_remove: vec!["b".into()], ..Constraints::default() };
    let kept = BestPath::of(&check, &improved, &BestPathOptions { constraints: keep, ..BestPathOptions::default() }).unwrap();
    assert!(serde_json::to_string(kept.sop.flow()).unwrap().contains("\"b\"") && kept.unmet.is_empty());
}

/// Helps one segment and hurts the other: planned for the one.
#[test]
fn what_helps_some_and_hurts_others_is_split() {
    let mut dice = Dice(9);
    let all = (0..16_000).map(|i| {
        let (rep, day, smb, x) = ((dice.roll() * 10.0) as usize, dice.roll() * 300.0, dice.roll() < 0.5, dice.roll() < 0.3);
        let steps = [("a", true), ("b", true), ("x", x), ("c", true)];
        let mut c = Conversation::of_steps(format!("c{i:05}"), steps.into_iter().filter(|(_, done)| *done).map(|(step, _)| step));
        c.rep = Some(format!("r{rep:02}"));
        c.attributes.insert("segment".into(), goldpath::corpus::Attribute::Text(if smb { "smb" } else { "ent" }.into()));
        c.started_at = format!("2026-{:02}-{:02}T09:00:00Z", day as u32 / 28 + 1, day as u32 % 28 + 1).parse().ok();
        let chance = 0.4
            + if !x {
                0.0
            } else if smb {
                0.12
            } else {
                -0.12
            };
        c.outcome.insert("won".into(), Some(OutcomeValue::Bool(dice.roll() < chance)));
        c
    });
    let (_, improved) = improved(all.collect(), SOP);
    let p = improved.proposals.iter().find(|p| p.kind.name() == "split").unwrap();
    assert_eq!(p.segment, Some(("segment".to_owned(), vec!["smb".to_owned()])));
    assert!(p.gain.unwrap().gain.low > 0.0);
    assert!(p.patch.to_json().contains("\"when\""), "{}", p.patch.to_json());
}

/// Only living deals have a second conversation; opening it again does nothing, telling the story in it helps.
#[test]
fn what_only_living_deals_can_do_is_compared_among_living_deals() {
    let mut dice = Dice(3);
    let mut roll = || dice.roll();
    let mut lines = String::new();
    for deal in 0..4_000 {
        let (rep, month) = (deal % 8, 1 + deal * 11 / 4_000);
        let alive = roll() < 0.5;
        let (again, story) = (roll() < 0.6, roll() < 0.3);
        let won = roll()
            < if !alive {
                0.05
            } else if story {
                0.7
            } else {
                0.5
            };
        let outcome = format!(r#""outcome": {{"won": {won}}}"#);
        let head = |n: u32| format!(r#"{{"id": "d{deal}-{n}", "deal": "d{deal}", "rep": "r{rep}", "started_at": "2026-{month:02}-{:02}""#, 1 + n * 9);
        if alive {
            lines.push_str(&format!("{}, \"steps\": [\"open\"]}}\n", head(0)));
            let steps = format!("[{}\"need\", {}\"close\"]", if again { "\"open\", " } else { "" }, if story { "\"story\", " } else { "" });
            lines.push_str(&format!("{}, \"steps\": {steps}, {outcome}}}\n", head(1)));
        } else {
            lines.push_str(&format!("{}, \"steps\": [\"open\"], {outcome}}}\n", head(0)));
        }
    }
    let sop = Sop::parse("{format: goldpath/1, name: d, steps: [open, need, close], flow: [open, need, close]}").unwrap();
    let options = goldpath::ReviewOptions { unit: goldpath::corpus::Unit::Deal, ..goldpath::ReviewOptions::default() };
    let review = goldpath::Review::of(&Corpus::parse(lines.as_bytes()).unwrap(), sop, &options, &goldpath::progress::Progress::none()).unwrap();
    let of = |kind: &str, step: &str| review.findings().iter().find(|f| f.kind() == kind && f.step() == step).unwrap();
    let again = of("repeat", "open");
    assert_eq!(again.later_conversation, Some(1));
    assert!(again.estimate.unwrap().abs() < 0.06 && again.raw.unwrap().estimate.abs() < 0.06, "{again:?}");
    assert!(again.ended_before[1] > 1_500 && again.ended_before[0] == 0);
    assert!(again.sentence(Lang::En).contains("had another conversation") && again.sentence(Lang::Zh).contains("又有 1 次会话"));
    let story = of("add", "story");
    assert_eq!((story.later_conversation, story.verdict.name()), (Some(0), "helps"));
    let found = review.improvements().unwrap();
    let proven: Vec<&str> = found.found.proven().map(|i| i.choice.step.as_str()).collect();
    assert_eq!(proven, ["story"]);
    // Shards give the same plan.
    let bytes = review.plan().unwrap().to_bytes();
    assert_eq!(goldpath::evidence::Plan::from_bytes(&bytes).unwrap().to_bytes(), bytes);
}

/// Conversations in which the need is found out in two to five turns; four are enough to win more, or none is.
fn talks(cases: usize, gain: f64, seed: u64) -> Corpus {
    let mut dice = Dice(seed);
    let mut roll = || dice.roll();
    let mut lines = String::new();
    for case in 0..cases {
        let n = 2 + (roll() * 4.0) as usize;
        let won = roll() < if n >= 4 { 0.3 + gain } else { 0.3 };
        let turn = r#"{"speaker": "agent", "text": "need", "steps": ["need"]}, {"speaker": "customer", "text": "yes", "steps": ["need"]}"#;
        let needs = vec![turn; n].join(", ");
        lines.push_str(&format!(
            r#"{{"id": "c{case}", "rep": "r{}", "started_at": "2026-{:02}-02", "outcome": {{"won": {won}}}, "turns": [{{"speaker": "agent", "text": "hello", "steps": ["open"]}}, {needs}, {{"speaker": "agent", "text": "bye", "steps": ["close"]}}]}}"#,
            case % 8,
            1 + case * 11 / cases
        ));
        lines.push('\n');
    }
    Corpus::parse(lines.as_bytes()).unwrap()
}

#[test]
fn a_bound_is_moved_where_the_evidence_says_so() {
    let sop = |least: u32| {
        let text = "{format: goldpath/1, name: d, steps: {open: {}, need: {standards: [{agent_turns: {at_least: N}}]}, close: {}}, flow: [open, need, close]}";
        Sop::parse(&text.replace('N', &least.to_string())).unwrap()
    };
    let propose = |cases: usize, gain: f64, least: u32| {
        let check = talks(cases, gain, 5).check(sop(least)).unwrap();
        let improved = Improvements::of(&check, &ImproveOptions::default()).unwrap();
        let bounds: Vec<_> = improved.proposals.iter().filter(|p| p.kind.name() == "set_bound").cloned().collect();
        (bounds, sop(least))
    };
    let (found, present) = propose(4_000, 0.2, 2);
    let [proposal] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(present.apply(&proposal.patch).unwrap(), sop(4));
    let gain = proposal.gain.unwrap();
    assert!(gain.gain.low > 0.0 && gain.effect.low < 0.2 && 0.2 < gain.effect.high && proposal.margin.is_none(), "{gain:?}");
    assert!(proposal.conformity.lost > 1_000 && proposal.sentence(Lang::Zh).contains('4'));
    // Nothing depends on it: less may be asked for, with the loss that is excluded.
    let (found, present) = propose(12_000, 0.0, 4);
    let [proposal] = found.as_slice() else { panic!("{found:?}") };
    assert_ne!(present.apply(&proposal.patch).unwrap(), present);
    assert!(proposal.gain.is_none() && proposal.margin == Some(0.03) && proposal.sentence(Lang::En).contains("excludes a loss of 3 points"));
    // Where the bound is right it stands.
    assert!(propose(4_000, 0.2, 4).0.is_empty());
}
