//! Wordings inside planned steps as innovations, in worlds of which the truth is known.

use goldpath::corpus::{Attribute, Conversation, OutcomeValue, Speaker, StepEvent, Turn};
use goldpath::evidence::ChoiceKind;
use goldpath::improve::{Held, ImproveOptions, Improvements, InnovationStatus, Innovations, ProposalBook, ProposalKind};
use goldpath::sop::Note;
use goldpath::table::Cell;
use goldpath::{Corpus, Lang, Playbook, Sop, review};
use goldpath_tests::Dice;

const SOP: &str = "{format: goldpath/1, name: d, steps: {open: {}, price: {title: 报价, guidance: \"先讲价值\n“我们的价格在同类产品里是居中的，您可以放心比较”\"}, close: {}}, flow: [open, price, close]}";
/// The first works, the second is said by those who close well anyway, the third works and is in the SOP, the last does nothing.
const WORDS: [&str; 4] = [
    "我先帮您算一笔账，按照您现在的用量，半年左右就能够回本",
    "这个价钱已经是我能够向领导申请到的最低折扣了，再没有空间",
    "我们的价格在同类产品里是居中的，您可以放心比较",
    "关于费用的问题，稍后我会把详细的清单发到您的邮箱里面",
];

/// Calls of ten reps over 300 days, a month later with each `month`. Rep 3 finds the first wording, others follow.
fn calls(n: usize, seed: u64, month: i64, ending: &str) -> Vec<Conversation> {
    let mut dice = Dice(seed);
    (0..n)
        .map(|i| {
            let (rep, day) = ((dice.roll() * 10.0) as usize, (dice.roll() * 300.0) as i64);
            let found = if rep == 3 {
                0.6
            } else if rep % 2 == 0 && day > 60 {
                0.3
            } else {
                0.0
            };
            let closer = rep >= 7;
            let roll = dice.roll();
            let said = if roll < found {
                0
            } else if dice.roll() < if closer { 0.7 } else { 0.2 } {
                1
            } else {
                2 + usize::from(dice.roll() < 0.6)
            };
            let chance = 0.25 + if closer { 0.25 } else { 0.0 } + if said == 0 || said == 2 { 0.15 } else { 0.0 };
            let turn = |text: &str, step: &str| Turn { steps: vec![StepEvent::new(step)], ..Turn::new(Speaker::Agent, text) };
            let words = if dice.roll() < 0.5 { WORDS[said].to_owned() } else { format!("{}{ending}", WORDS[said]) };
            Conversation {
                id: format!("c{month}-{i:05}"),
                rep: Some(format!("r{rep:02}")),
                started_at: date(28 * month + day).parse().ok(),
                turns: vec![turn("您好", "open"), turn(&words, "price"), turn("那么我们签约", "close")],
                outcome: [("won".to_owned(), Some(OutcomeValue::Bool(dice.roll() < chance)))].into(),
                ..Conversation::default()
            }
        })
        .collect()
}

/// Months of 28 days keep the order.
fn date(day: i64) -> String {
    format!("{}-{:02}-{:02}T09:00:00Z", 2026 + day / 336, day % 336 / 28 + 1, day % 28 + 1)
}

fn sop() -> Sop {
    Sop::parse(&SOP.replace('\n', "\\n")).unwrap()
}

#[test]
fn a_wording_that_works_is_proven_proposed_and_known_again() {
    let check = Corpus::from_conversations(calls(8_000, 5, 0, "吧")).unwrap().check(sop()).unwrap();
    let improved = Improvements::of(&check, &ImproveOptions::default()).unwrap();
    let found = &improved.found;
    let said: Vec<_> = found.innovations.iter().filter(|i| i.choice.kind == ChoiceKind::Wording).collect();
    // Neither what good reps say anyway nor what the SOP gives already.
    assert_eq!(said.len(), 1, "{:?}", said.iter().map(|i| (&i.choice.wording, i.status)).collect::<Vec<_>>());
    let one = said[0];
    assert_eq!((one.status, one.choice.step.as_str()), (InnovationStatus::Proven, "price"));
    assert!(one.choice.wording.as_deref().is_some_and(|words| words.starts_with("我先帮您算一笔账")));
    assert_eq!((one.first_users.as_slice(), found.innovators[0].rep.as_str()), (&["r03".to_owned()][..], "r03"));
    // What is compared with it holds one that works as well: a fifth of the others say it.
    let gain = one.gain.unwrap();
    assert!(gain.effect.low < 0.13 && gain.effect.high > 0.10, "{gain:?}");
    assert!(gain.cases < 4_000 && gain.affected < gain.cases);
    assert_eq!(one.adoption.iter().map(|a| a.uses).sum::<u64>(), one.uses);
    let (en, zh) = (one.sentence(Lang::En), one.sentence(Lang::Zh));
    assert!(en.starts_with("Saying “我先帮您算一笔账") && en.contains("at “报价”"), "{en}");
    assert!(zh.starts_with("在“报价”这里说“我先帮您算一笔账"), "{zh}");
    let table = found.table();
    assert!((0..table.len()).any(|row| matches!(table.get(row, "wording"), Cell::Text(words) if words.starts_with("我先帮您算一笔账"))));

    // It becomes a line of the guidance, and costs no conformity.
    let proposal = improved.proposals.iter().find(|p| p.kind == ProposalKind::SetWording).unwrap();
    assert_eq!((proposal.conformity.before, proposal.conformity.lost), (proposal.conformity.after, 0));
    let next = sop().apply(&proposal.patch).unwrap();
    let scripts: Vec<&str> = next.steps()["price"].scripts().collect();
    assert_eq!((scripts.len(), scripts[0]), (2, WORDS[2]));
    assert!(scripts[1].starts_with("我先帮您算一笔账"));
    assert_eq!(Sop::parse(&next.to_yaml()).unwrap(), next);
    // Under the next version it is planned, and no innovation any more.
    let again = Innovations::of(&check.corpus().check(&next).unwrap(), &ImproveOptions::default()).unwrap();
    assert!(again.innovations.iter().all(|i| i.choice.kind != ChoiceKind::Wording));

    // Other conversations, other endings: known by what is said, not by the letter.
    let mut book = ProposalBook::default();
    book.add(&improved.proposals, None);
    book.accept(&proposal.id, Note::default()).unwrap();
    assert_eq!(book.apply(&sop()).unwrap().steps()["price"], next.steps()["price"]);
    let later = Corpus::from_conversations(calls(8_000, 6, 12, "哦")).unwrap().check(sop()).unwrap();
    let seen = book.refresh(&later, &ImproveOptions::default(), None).unwrap();
    let of_it = seen.seen_again.iter().find(|(id, _)| *id == proposal.id).unwrap();
    assert_eq!(of_it.1.held, Held::HeldUp, "{of_it:?}");
}

/// Two SOPs that have a step of one name: what is said at it is held against the cases of its own SOP.
#[test]
fn a_wording_is_known_again_in_its_own_sop() {
    let text = SOP.replace('\n', "\\n").replace("name: d", "name: 其他");
    let playbook = format!("{{format: goldpath/1, playbook: [{{when: {{kind: new}}, sop: {}}}, {{sop: {text}}}]}}", SOP.replace('\n', "\\n"));
    // Of the other SOP, what works here hurts.
    let both = |seed: u64, month: i64| {
        let mut all = calls(6_000, seed, month, "吧");
        for (i, call) in all.iter_mut().enumerate() {
            let new = i % 2 == 0;
            call.attributes.insert("kind".into(), Attribute::Text(if new { "new" } else { "old" }.into()));
            if let (false, Some(Some(OutcomeValue::Bool(won)))) = (new, call.outcome.get_mut("won")) {
                *won = !*won;
            }
        }
        Corpus::from_conversations(all).unwrap().check(Playbook::parse(&playbook).unwrap()).unwrap()
    };
    let improved = Improvements::of(&both(5, 0), &ImproveOptions::default()).unwrap();
    let works = improved.proposals.iter().find(|p| p.kind == ProposalKind::SetWording && p.entry == 0).unwrap();
    assert!(works.choice.wording.as_deref().is_some_and(|words| words.starts_with("我先帮您算一笔账")));
    let mut book = ProposalBook::default();
    book.add(&improved.proposals, None);
    let seen = book.refresh(&both(6, 12), &ImproveOptions::default(), None).unwrap();
    let (_, again) = seen.seen_again.iter().find(|(id, _)| *id == works.id).unwrap();
    assert_eq!(again.held, Held::HeldUp, "{again:?}");
}

/// A review gives the same, from the talk tracks it has anyway; without turns there is nothing to say.
#[test]
fn a_review_gives_the_same() {
    let corpus = Corpus::from_conversations(calls(3_000, 5, 0, "吧")).unwrap();
    let check = corpus.check(sop()).unwrap();
    let alone = Improvements::of(&check, &ImproveOptions::default()).unwrap();
    let review = review(&corpus, sop()).unwrap();
    assert_eq!(review.improvements().unwrap(), &alone);
    let mut bare = calls(200, 5, 0, "");
    bare.iter_mut().for_each(|call| *call = Conversation { turns: Vec::new(), ..Conversation::of_steps(call.id.clone(), ["open", "price", "close"]) });
    for (i, call) in bare.iter_mut().enumerate() {
        call.outcome.insert("won".into(), Some(OutcomeValue::Bool(i % 2 == 0)));
    }
    let bare = Corpus::from_conversations(bare).unwrap().check(sop()).unwrap();
    assert_eq!(Improvements::of(&bare, &ImproveOptions::default()).unwrap().found.wordings_left_out, 0);
}
