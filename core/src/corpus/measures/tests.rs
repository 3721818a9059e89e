//! Measures by hand.

use proptest::prelude::*;

use super::*;
use crate::corpus::{Conversation, Moment, Turn};

fn turn(speaker: Speaker, text: &str, start: Option<f64>, end: Option<f64>) -> Turn {
    Turn { start: start.map(Moment::Seconds), end: end.map(Moment::Seconds), ..Turn::new(speaker, text) }
}

fn corpus(turns: Vec<Turn>) -> Corpus {
    Corpus::from_conversations([Conversation { id: "c".into(), turns, ..Conversation::default() }]).unwrap()
}

/// A, C and S with text, start and end.
fn measured(turns: &[(char, &str, f64, f64)]) -> Table {
    let who = |c: char| match c {
        'A' => Speaker::Agent,
        'C' => Speaker::Customer,
        _ => Speaker::System,
    };
    let time = |x: f64| (!x.is_nan()).then_some(x);
    corpus(turns.iter().map(|&(c, text, start, end)| turn(who(c), text, time(start), time(end))).collect()).measures()
}

fn cell(table: &Table, column: &str) -> String {
    table.get(0, column).to_string()
}

const NAN: f64 = f64::NAN;

#[test]
fn a_call_in_chinese() {
    let table = measured(&[
        ('A', "您好，现在方便吗？", 0.0, 2.0),
        ('C', "方便。", 3.0, 4.0),
        ('A', "您用什么系统？预算呢", 6.0, 10.0),
        ('S', "录音提示", 10.0, 10.5),
        ('A', "我们有CRM。", 11.0, 13.0),
        ('C', "多少钱？", 12.5, 15.0),
        ('A', "看人数。", 14.0, 16.0),
    ]);
    // Speaking: agent 2 + 4 + 2 + 2, customer 1 + 2.5. Monologue: 4 + 2. Waits: 6 − 4, and 0 where the agent cut in.
    for (column, value) in [
        ("turns", "6"),
        ("agent_turns", "4"),
        ("customer_turns", "2"),
        ("characters", "37"),
        ("words", "28"),
        ("agent_words", "23"),
        ("questions", "3"),
        ("customer_questions", "1"),
        ("question_rate", "75"),
        ("duration", "16"),
        ("agent_talk_share", "0.7407"),
        ("talk_share_of", "time"),
        ("longest_monologue", "6"),
        ("longest_monologue_words", "13"),
        ("longest_story", "2.5"),
        ("longest_story_words", "3"),
        ("patience", "1"),
        ("interruptions", "1"),
        ("interactivity", "15"),
        ("untimed_turns", "0"),
    ] {
        assert_eq!(cell(&table, column), value, "{column}");
    }
}

#[test]
fn a_chat_in_english_has_beginnings_only() {
    let table = measured(&[('A', "Hello, do you use a CRM?", 0.0, NAN), ('C', "No we don't. Why?", 60.0, NAN), ('A', "How many people sell?", 90.0, NAN)]);
    for (column, value) in [
        ("words", "14"),
        ("agent_words", "10"),
        ("questions", "2"),
        ("customer_questions", "1"),
        ("question_rate", "100"),
        ("duration", "90"),
        ("agent_talk_share", "0.7143"),
        ("talk_share_of", "words"),
        ("longest_monologue", ""),
        ("longest_monologue_words", "6"),
        ("patience", ""),
        ("interruptions", ""),
        ("interactivity", "1.3333"),
        ("untimed_turns", "3"),
    ] {
        assert_eq!(cell(&table, column), value, "{column}");
    }
}

#[test]
fn where_nothing_is_known_nothing_is_said() {
    let bare = Corpus::from_conversations([Conversation::of_steps("c", ["a"])]).unwrap().measures();
    assert_eq!(["turns", "words", "agent_talk_share", "duration"].map(|name| cell(&bare, name)), ["0", "", "", ""]);
    let silent = measured(&[('A', "", NAN, NAN), ('C', " ", NAN, NAN)]);
    assert_eq!(["turns", "questions", "question_rate"].map(|name| cell(&silent, name)), ["2", "", ""]);
    let one = measured(&[('C', "喂", 5.0, NAN)]);
    assert_eq!(["duration", "agent_talk_share", "question_rate"].map(|name| cell(&one, name)), ["", "0", ""]);
    let nobody = measured(&[('S', "bot", 0.0, 9.0)]);
    assert_eq!(["turns", "duration", "longest_monologue"].map(|name| cell(&nobody, name)), ["0", "", ""]);
}

#[test]
fn one_turn_without_end_leaves_what_needs_no_end() {
    let table = measured(&[('A', "a b", 10.0, 20.0), ('C', "c", 30.0, NAN), ('A', "d", 40.0, 41.0)]);
    for (column, value) in [("untimed_turns", "1"), ("duration", "31"), ("longest_monologue", ""), ("talk_share_of", "words"), ("agent_talk_share", "0.75")] {
        assert_eq!(cell(&table, column), value, "{column}");
    }
}

#[test]
fn overlaps_and_disorder() {
    // Two agents at once count once; a turn of the customer inside one of the agent; the turns stand in no order.
    let table = measured(&[
        ('A', "x", 60.0, 70.0),
        ('C', "hm", 20.0, 21.0),
        ('A', "x", 0.0, 60.0),
        ('A', "x", 0.0, 10.0),
        ('C', "y", 70.0, 80.0),
        ('A', "x", 70.0, 75.0),
    ]);
    // At 60 the agent goes on by itself; at 70 both begin at once: nobody interrupts, and the answer is waited with for 0 s.
    for (column, value) in [("agent_talk_share", "0.8721"), ("longest_monologue", "60"), ("longest_story", "10"), ("interruptions", "0"), ("patience", "0")] {
        assert_eq!(cell(&table, column), value, "{column}");
    }
}

proptest! {
    #[test]
    fn nothing_is_negative_and_shares_are_shares(turns in prop::collection::vec((0u8..3, 0i32..40, 0i32..20, prop::bool::weighted(0.9), "[a吗？?. ]{0,6}"), 0..12)) {
        let turns: Vec<Turn> = turns.into_iter().map(|(who, start, length, timed, text)| {
            let who = [Speaker::Agent, Speaker::Customer, Speaker::System][who as usize];
            turn(who, &text, Some(f64::from(start)), timed.then(|| f64::from(start + length)))
        }).collect();
        let corpus = corpus(turns);
        let m = Measurer::new(corpus.store(), None).measure(0, corpus.store().turn_range(0), true);
        if let Some((share, _)) = m.agent_talk_share() {
            prop_assert!((0.0..=1.0).contains(&share));
        }
        prop_assert!(m.span.is_none_or(|span| span >= 0));
        if let Some(t) = m.times {
            let span = m.span.unwrap();
            for side in 0..2 {
                prop_assert!(0 <= t.longest[side] && t.longest[side] <= t.spoken[side] && t.spoken[side] <= span);
            }
            prop_assert!(t.waited >= 0 && t.waited <= span && t.waits <= m.turns[0] && t.interruptions <= m.turns[0]);
        }
        for side in 0..2 {
            prop_assert!(m.longest_words[side] <= m.words[side]);
        }
        prop_assert!(m.patience().is_none_or(|x| x >= 0.0));
    }
}
