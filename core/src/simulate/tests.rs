//! What the simulator promises: the same bytes, readable files, sound SOPs, and effects with the planted signs.

use super::phrases::{endings, lines};
use super::random_sop::draft;
use super::steps::Key;
use super::walk::ANSWERS;
use super::*;
use crate::corpus::{Corpus, OutcomeValue, Speaker};
use crate::sop::{Block, Flow};

fn world(language: Language, words: bool) -> World {
    World { language, words, truth_draws: 0, ..World::default() }
}

fn bytes(conversations: &[Conversation]) -> Vec<u8> {
    let mut text = Vec::new();
    write_jsonl(conversations, &mut text).expect("writing to memory does not fail");
    text
}

/// FNV-1a.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[test]
fn one_seed_gives_the_same_bytes_everywhere() {
    // A change of these numbers changes every sample and fixture made from a seed: say so in the changelog.
    let of = |language, words| hash(&bytes(&world(language, words).simulate(200, 7).conversations));
    assert_eq!(
        [of(Language::Zh, true), of(Language::En, true), of(Language::Zh, false)],
        [0x4442_7f1b_9ad6_bfa9, 0x3cf7_0780_1365_6ff9, 0x3bf1_4fc3_7d68_6b5a]
    );
    let other = world(Language::Zh, true).simulate(200, 8).conversations;
    assert_ne!(hash(&bytes(&other)), of(Language::Zh, true));
}

#[test]
fn what_is_written_reads_back_equal() {
    for (language, words) in [(Language::Zh, true), (Language::En, true), (Language::En, false)] {
        let made = world(language, words).simulate(300, 3).conversations;
        let text = bytes(&made);
        let read: Vec<Conversation> = text.split(|&b| b == b'\n').filter(|l| !l.is_empty()).map(|l| serde_json::from_slice(l).expect("valid")).collect();
        assert_eq!(made, read);
        let corpus = Corpus::parse(&text).expect("valid");
        assert!(corpus.problems().is_empty() && corpus.unread_fields().is_empty());
        for (i, conversation) in made.iter().enumerate() {
            assert_eq!(corpus.conversation(i), *conversation);
        }
    }
}

#[test]
fn words_change_nothing_but_the_words() {
    let with = Corpus::from_conversations(world(Language::Zh, true).stream(5).take(400)).expect("valid");
    let without = Corpus::from_conversations(world(Language::Zh, false).stream(5).take(400)).expect("valid");
    for case in 0..with.len() {
        let labels = |corpus: &Corpus| corpus.store().path(case).iter().map(|&s| corpus.steps().nth(s as usize).map(ToOwned::to_owned)).collect::<Vec<_>>();
        assert_eq!(labels(&with), labels(&without), "{}", with.conversation(case).id);
        let (a, b) = (with.conversation(case), without.conversation(case));
        assert_eq!((a.rep, a.deal, a.outcome, a.started_at), (b.rep, b.deal, b.outcome, b.started_at));
    }
}

#[test]
fn turns_hold_words_in_order_of_time() {
    for language in [Language::Zh, Language::En] {
        for conversation in world(language, true).stream(11).take(500) {
            let seconds = |moment| if let Some(crate::corpus::Moment::Seconds(s)) = moment { s } else { -1.0 };
            let mut clock = 0.0;
            for turn in &conversation.turns {
                assert!(!turn.text.is_empty() && !turn.text.contains(['{', '}']), "{}", turn.text);
                assert!(turn.name.as_ref().is_some_and(|name| !name.is_empty()));
                assert!(seconds(turn.start) >= clock);
                clock = seconds(turn.end.or(turn.start));
                assert!(clock >= seconds(turn.start));
                // Only the objection is the customer's.
                assert!(turn.steps.iter().all(|event| (event.step == "objection") == (turn.speaker == Speaker::Customer)));
            }
            assert!(!conversation.turns.is_empty());
        }
    }
}

#[test]
fn every_step_has_enough_phrases() {
    for language in [Language::Zh, Language::En] {
        for key in Key::ALL {
            let book = lines(language, key);
            let own = if key == Key::Objection { book.customer } else { book.agent };
            assert!(own.len() >= 6 && !book.customer.is_empty(), "{key:?}");
            let mut sorted = own.to_vec();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), own.len(), "{key:?}");
        }
        let book = endings(language);
        assert!([book.stop, book.later, book.won, book.lost].iter().all(|list| list.len() >= 6));
    }
    let answers = [Language::Zh, Language::En].map(|language| lines(language, Key::Answer).agent.len());
    assert_eq!(answers, [usize::from(ANSWERS); 2]);
}

#[test]
fn the_sop_is_the_same_in_both_languages() {
    let [zh, en] = [Language::Zh, Language::En].map(|language| world(language, true).sop());
    assert!(zh.steps().keys().eq(en.steps().keys()));
    assert_eq!((zh.flow(), zh.anytime(), zh.stages().len()), (en.flow(), en.anytime(), 5));
    assert_eq!(en.stages().len(), 5);
    for sop in [&zh, &en] {
        assert!(sop.steps().iter().all(|(_, step)| step.title.is_some()));
        assert_eq!(sop.accepted().len(), 1);
        assert_eq!(Sop::parse(&sop.to_yaml()).as_ref().ok(), Some(sop));
        assert!(Key::ALL.iter().filter(|key| **key != Key::Aside).all(|key| sop.steps().contains_key(key.id())));
    }
    let Flow::Flow(blocks) = zh.flow() else { panic!("blocks") };
    assert!(blocks.iter().any(|block| matches!(block, Block::When { .. })));
}

#[test]
fn planted_effects_have_their_signs() {
    let world = World { words: false, ..World::default() };
    let truth = world.truth();
    let effect = |name: &str| truth.effect(name).unwrap_or_else(|| panic!("{name}")).win_difference;
    for name in ["skip_need", "skip_budget", "early_quote", "skip_answer"] {
        assert!(effect(name) < -0.04, "{name} {}", effect(name));
    }
    assert!(effect("roi_story") > 0.06 && effect("best_answer") > 0.04);
    for name in ["golf_talk", "small_talk", "case_study", "skip_authority"] {
        assert_eq!(effect(name), 0.0, "{name}");
    }
    assert_eq!(truth.effect("skip_budget").and_then(|e| e.by_segment[0]), Some(0.0));
    assert!(truth.effects.iter().all(|e| e.std_error < 0.005), "{truth:?}");
    // Innovators stand in the middle, golfers at the top.
    let mut reps = truth.reps.clone();
    reps.sort_by(|a, b| b.win_rate.partial_cmp(&a.win_rate).expect("rates are numbers"));
    let rank = |name: &String| reps.iter().position(|rep| rep.rep == *name).expect("a rep");
    assert_eq!((truth.innovators.len(), truth.adopters.len(), truth.spurious_users.len()), (2, 5, 4));
    assert!(truth.innovators.iter().all(|name| (4..20).contains(&rank(name))), "{:?}", truth.innovators.iter().map(rank).collect::<Vec<_>>());
    assert!(truth.spurious_users.iter().all(|name| rank(name) < 8));
}

#[test]
fn forcing_a_choice_in_samples_gives_the_stated_truth() {
    // The truth carries chances along instead of drawing them; plain counting must agree.
    use super::rng::Draws;
    use super::steps::Choice;
    use super::walk::{Case, Walk, walk};
    let world = world(Language::Zh, false);
    let staff = world.staff();
    let (mut users, mut gain) = (0.0, 0.0);
    let mut out = Walk::default();
    for i in 0..60_000 {
        let draws = Draws::new(99, i);
        let case = Case::draw(&world, &staff, draws);
        walk(&world, &staff, &case, draws, None, true, &mut out);
        if out.reach[Choice::RoiStory as usize] > 0.0 && out.did[Choice::RoiStory as usize] {
            users += 1.0;
            gain += f64::from(out.won);
            walk(&world, &staff, &case, draws, Some((Choice::RoiStory, false)), true, &mut out);
            gain -= f64::from(out.won);
        }
    }
    let truth = World { truth_draws: 20_000, ..world }.truth();
    let stated = truth.effect("roi_story").map_or(0.0, |e| e.win_difference);
    assert!((gain / users - stated).abs() < 0.02, "{} {stated}", gain / users);
}

#[test]
fn deals_and_outcomes_look_like_a_business() {
    let made: Vec<_> = world(Language::En, false).stream(1).take(20_000).collect();
    let deals: std::collections::BTreeSet<_> = made.iter().filter_map(|c| c.deal.as_ref()).collect();
    let a_deal = made.len() as f64 / deals.len() as f64;
    assert!((1.2..1.6).contains(&a_deal), "{a_deal}");
    let won: Vec<bool> = made.iter().filter_map(|c| if let Some(OutcomeValue::Bool(won)) = c.outcome["won"] { Some(won) } else { None }).collect();
    let rate = won.iter().filter(|&&won| won).count() as f64 / won.len() as f64;
    assert!((0.2..0.4).contains(&rate), "{rate}");
    for c in &made {
        assert_eq!(c.outcome["value"].is_some(), c.outcome["won"] == Some(OutcomeValue::Bool(true)));
        assert!(c.outcome["feedback"].is_none_or(|v| matches!(v, OutcomeValue::Number(x) if (1.0..=5.0).contains(&x) && x.fract() == 0.0)));
        assert!(c.started_at.is_some());
    }
    let split = World { deals: Deals::Split(0.5), ..world(Language::Zh, true) };
    let whole = World { deals: Deals::Single, ..split.clone() };
    let path = |c: &Conversation| c.turns.iter().flat_map(|t| &t.steps).map(|e| e.step.clone()).collect::<Vec<_>>();
    let mut by_deal = indexmap::IndexMap::<_, Vec<String>>::new();
    for c in split.stream(4).take(900) {
        by_deal.entry(c.deal.clone()).or_default().extend(path(&c));
    }
    let dedup = |mut path: Vec<String>| {
        path.dedup();
        path
    };
    // The last deal may not be whole yet.
    let pairs = by_deal.into_iter().zip(whole.stream(4)).collect::<Vec<_>>();
    for ((deal, steps), single) in &pairs[..pairs.len() - 1] {
        assert_eq!((deal, dedup(steps.clone())), (&single.deal, dedup(path(single))));
    }
}

#[test]
fn extreme_worlds_do_not_break() {
    let tiny = World { reps: 1, teams: 1, innovators: 3, adopters: 9, asides: 20, truth_draws: 10, ..World::default() };
    assert_eq!(tiny.simulate(50, 1).conversations.len(), 50);
    let none = World { reps: 0, teams: 0, days: 0, truth_draws: 1, ..World::default() };
    assert_eq!(none.simulate(5, u64::MAX).conversations.len(), 5);
    assert!(none.simulate(0, 1).conversations.is_empty());
    let labels: Vec<String> = tiny.stream(2).take(200).flat_map(|c| c.turns).flat_map(|t| t.steps).map(|e| e.step).collect();
    assert!(labels.iter().any(|label| label.starts_with("aside_")));
}

#[test]
fn random_sops_parse_and_round_trip() {
    let mut kinds = [0; 8];
    for seed in 0..500 {
        let size = 1 + (seed as usize * 7) % 60;
        let sop = Sop::from_value(draft(seed, size)).unwrap_or_else(|fault| panic!("seed {seed} size {size}: {fault}"));
        assert_eq!(sop, random_sop(seed, size));
        for text in [sop.to_yaml(), sop.to_json()] {
            let read = Sop::parse(&text).unwrap_or_else(|fault| panic!("seed {seed}: {fault}\n{text}"));
            assert_eq!(read, sop, "seed {seed}\n{text}");
        }
        match sop.flow() {
            Flow::Flow(blocks) => count(blocks, &mut kinds),
            Flow::Graph(_) => kinds[7] += 1,
        }
    }
    assert!(kinds.iter().all(|&n| n > 30), "{kinds:?}");
}

fn count(blocks: &[Block], kinds: &mut [usize; 8]) {
    for block in blocks {
        kinds[match block {
            Block::Step(_) => 0,
            Block::Sequence(_) => 1,
            Block::AnyOrder { .. } => 2,
            Block::Optional { .. } => 3,
            Block::OneOf { .. } => 4,
            Block::Repeat { .. } => 5,
            Block::When { .. } => 6,
        }] += 1;
        count(block.members(), kinds);
    }
}

#[test]
fn quiet_paths_are_runs_of_the_sop() {
    for seed in 0..300 {
        let sop = random_sop(seed, 1 + seed as usize % 40);
        let made = random_conversation(&sop, seed, 0.0);
        let attribute = |name: &str| made.attributes.get(name).map(|value| value.to_string().into());
        let scenario: Vec<bool> = sop.whens().iter().map(|when| when.holds(attribute)).collect();
        let automaton = sop.automaton(&scenario).expect("a small SOP");
        let mut states = std::collections::BTreeSet::from([crate::sop::START]);
        for event in made.steps.iter().filter(|event| !sop.anytime().contains(&event.step)) {
            let step = sop.steps().get_index_of(&event.step).expect("a step of the SOP") as u32;
            states = automaton.step_edges(step).iter().filter(|edge| states.contains(&edge.from)).map(|edge| edge.to).collect();
        }
        assert!(states.iter().any(|&s| automaton.accepting[s as usize]), "seed {seed}: {:?}\n{}", made.steps, sop.to_yaml());
        assert_eq!(random_path(&sop, seed, 0.3), random_path(&sop, seed, 0.3));
    }
}

#[test]
fn deals_of_a_world_are_joined_and_open_ones_stay_open() {
    use crate::check::{CheckOptions, Status};
    use crate::corpus::Unit;
    use crate::progress::Progress;
    for (deals, words) in [(Deals::Contacts(0.5), true), (Deals::Split(0.6), true), (Deals::Split(0.6), false)] {
        let world = World { deals, ..world(Language::Zh, words) };
        let made: Vec<Conversation> = world.stream(9).take(800).collect();
        let mut by_deal: indexmap::IndexMap<&str, Vec<&Conversation>> = indexmap::IndexMap::new();
        for conversation in &made {
            by_deal.entry(conversation.deal.as_deref().expect("each has a deal")).or_default().push(conversation);
        }
        let corpus = Corpus::from_conversations(made.iter().rev().cloned()).expect("valid");
        let options = CheckOptions { unit: Unit::Deal, ..CheckOptions::default() };
        let check = corpus.check_with(world.sop(), &options, &Progress::none()).expect("an alignment");
        assert_eq!((check.len(), check.corpus().events()), (by_deal.len(), corpus.events()));
        let mut open = 0;
        for (id, conversations) in by_deal {
            let case = check.corpus().find(id).expect("the deal is a case");
            let stated = conversations.iter().rev().find_map(|c| c.outcome["won"]);
            assert_eq!(check.corpus().conversation(case).outcome["won"], stated);
            match stated {
                None => {
                    open += 1;
                    assert!(matches!(check.status(case), Status::Open | Status::Complete), "{id} has no outcome and is not lost");
                }
                Some(_) => assert_ne!(check.status(case), Status::Open),
            }
            let texts: Vec<&str> = conversations.iter().flat_map(|c| &c.turns).map(|turn| turn.text.as_str()).collect();
            let joined = check.corpus().conversation(case);
            assert!(joined.turns.iter().map(|turn| turn.text.as_str()).eq(texts), "{id} is in the order of time");
        }
        assert!(open > 20, "{open} deals are open");
    }
}
