//! Deals: the conversations of a deal as one case, held against the same done by hand on the readable model.

use std::collections::BTreeMap;

use goldpath::corpus::{Attribute, Conversation, Moment, OnError, OutcomeValue, Speaker, StepEvent, Turn, Unit};
use goldpath::progress::Progress;
use goldpath::table::Table;
use goldpath::{CheckOptions, Corpus, Review, ReviewOptions, Sop};
use proptest::prelude::*;

const STEPS: [&str; 4] = ["open", "need", "price", "close"];

fn sop() -> Sop {
    Sop::parse(
        "
format: goldpath/1
name: demo
steps:
  open: {stage: contact}
  need: {stage: discovery}
  price: {stage: decision}
  close: {stage: decision}
  ask: {by: customer}
flow: [open, need, price, close]
",
    )
    .unwrap()
}

fn read(lines: &str) -> Corpus {
    Corpus::parse(lines.as_bytes()).unwrap()
}

fn column(table: &Table, name: &str) -> Vec<String> {
    assert!(table.column(name).is_some(), "{name} in {table}");
    (0..table.len()).map(|row| table.get(row, name).to_string()).collect()
}

fn deals() -> CheckOptions {
    CheckOptions { unit: Unit::Deal, ..CheckOptions::default() }
}

fn labels(conversation: &Conversation) -> Vec<String> {
    let in_turns = conversation.turns.iter().flat_map(|turn| turn.steps.iter());
    in_turns.chain(&conversation.steps).map(|event| event.step.clone()).collect()
}

fn seconds(moment: Option<Moment>) -> Option<f64> {
    match moment {
        Some(Moment::Seconds(s)) => Some(s),
        Some(Moment::At(_)) => panic!("times are counted from the start"),
        None => None,
    }
}

#[test]
fn conversations_stand_in_the_order_of_time() {
    let corpus = read(
        r#"
{"id": "c2", "deal": "d1", "rep": "Bob", "team": "north", "started_at": "2026-03-05T10:00:00+08:00", "channel": "call", "attributes": {"segment": "smb", "seats": 3},
 "turns": [{"speaker": "agent", "start": 5, "end": 9, "text": "need?", "steps": ["need"]}, {"speaker": "customer", "text": "no"}], "outcome": {"won": true, "value": 9}}
{"id": "c1", "deal": "d1", "rep": "Ann", "team": "south", "started_at": "2026-03-05T01:00:00Z", "channel": "chat", "attributes": {"segment": "mid"},
 "turns": [{"speaker": "agent", "start": 0, "end": 2, "text": "hello", "steps": ["open"]}, {"speaker": "agent", "text": "need", "steps": ["need"]}], "outcome": {"won": false, "value": null}}
{"id": "c0", "rep": "Cid", "started_at": "2026-03-01", "steps": ["open"], "outcome": {"won": null}}
"#
        .replace("},\n \"turns\"", "}, \"turns\"")
        .trim(),
    );
    let deals = corpus.by_deal().unwrap();
    assert_eq!((deals.len(), deals.unit(), deals.events(), deals.turns()), (2, Unit::Deal, 4, 4));
    assert_eq!(deals.to_string(), "Corpus(2 cases of 3 conversations, 4 step events, 4 turns)");
    let joined = deals.conversation(0);
    assert_eq!((joined.id.as_str(), joined.deal.as_deref(), joined.rep.as_deref(), joined.team.as_deref()), ("d1", Some("d1"), Some("Bob"), Some("north")));
    assert_eq!(joined.started_at.unwrap().to_string(), "2026-03-05T01:00:00Z");
    // Both conversations hold `need`: twice is twice.
    assert_eq!(labels(&joined), ["open", "need", "need"]);
    assert_eq!(joined.turns.iter().map(|turn| turn.text.as_str()).collect::<Vec<_>>(), ["hello", "need", "need?", "no"]);
    // The second conversation began an hour later.
    assert_eq!(joined.turns.iter().map(|turn| seconds(turn.start)).collect::<Vec<_>>(), [Some(0.0), None, Some(3605.0), None]);
    assert_eq!(seconds(joined.turns[2].end), Some(3609.0));
    assert_eq!(joined.turns[0].steps[0].rep.as_deref(), Some("Ann"));
    assert_eq!(joined.turns[2].steps[0].rep, None);
    // What was known first; what was stated last.
    assert_eq!(joined.attributes["segment"], Attribute::Text("mid".into()));
    assert_eq!(joined.attributes["seats"], Attribute::Number(3.0.into()));
    assert_eq!(joined.channel.as_deref(), Some("chat"));
    assert_eq!(joined.outcome["won"], Some(OutcomeValue::Bool(true)));
    assert_eq!(joined.outcome["value"], Some(OutcomeValue::Number(9.0)));
    assert_eq!(deals.conversation(1), corpus.conversation(2));
    let notes: Vec<_> = deals.notes().iter().map(|note| (note.code, note.place.as_deref().unwrap(), note.case.as_deref().unwrap())).collect();
    assert_eq!(notes, [("corpus.deal_attribute", "segment", "d1"), ("corpus.deal_attribute", "channel", "d1"), ("corpus.deal_outcome", "outcome.won", "d1")]);
    let parts = deals.parts();
    assert_eq!(column(&parts, "conversation"), ["c1", "c2", "c0"]);
    assert_eq!(column(&parts, "order"), ["1", "2", "1"]);
    assert_eq!(column(&parts, "order_of"), ["time", "time", ""]);
    assert_eq!(column(&parts, "gap_days"), ["", "0.0417", ""]);
    assert_eq!(column(&parts, "first_event"), ["0", "2", "0"]);
    assert_eq!(column(&parts, "last_event"), ["1", "2", "0"]);
    assert_eq!(column(&parts, "first_turn"), ["0", "2", ""]);
    assert_eq!(column(&parts, "outcome.won"), ["false", "true", ""]);
    // A corpus that was not joined has the same table.
    assert_eq!(column(&corpus.parts(), "conversation"), ["c2", "c1", "c0"]);
    // Joining again changes nothing.
    assert_eq!(deals.by_deal().unwrap().conversation(0), joined);
}

#[test]
fn equal_starts_keep_the_order_of_reading_and_a_missing_start_keeps_it_for_the_whole_deal() {
    let corpus = read(
        r#"
{"id": "b", "deal": "tie", "started_at": "2026-03-05", "steps": ["need"]}
{"id": "a", "deal": "tie", "started_at": "2026-03-05T08:00:00+08:00", "steps": ["price"]}
{"id": "z", "deal": "part", "started_at": "2026-03-09", "steps": [{"step": "open", "at": 1}]}
{"id": "y", "deal": "part", "steps": [{"step": "need", "at": 2}]}
{"id": "x", "deal": "part", "started_at": "2026-03-01", "steps": [{"step": "close", "at": 3}]}"#,
    );
    let deals = corpus.by_deal().unwrap();
    assert_eq!(labels(&deals.conversation(0)), ["need", "price"]);
    let part = deals.conversation(1);
    assert_eq!(labels(&part), ["open", "need", "close"]);
    assert_eq!(part.steps.iter().map(|event| seconds(event.at)).collect::<Vec<_>>(), [Some(1.0), None, None]);
    assert_eq!(column(&deals.parts(), "order_of"), ["time", "time", "reading", "reading", "reading"]);
    assert_eq!(column(&deals.parts(), "gap_days"), ["", "0", "", "", ""]);
    let note = &deals.notes()[0];
    assert_eq!((note.code, note.case.as_deref()), ("corpus.deal_order", Some("part")));
}

#[test]
fn times_before_1970_and_in_many_zones_are_one_clock() {
    let corpus = read(
        r#"
{"id": "c3", "deal": "d", "started_at": "1970-01-01T00:30:00+01:00", "steps": [{"step": "price", "at": "1969-12-31T23:31:00Z"}]}
{"id": "c1", "deal": "d", "started_at": "1969-12-30T23:00:00-05:00", "steps": [{"step": "open", "at": 60}]}
{"id": "c2", "deal": "d", "started_at": "1969-12-31T12:00:00", "steps": [{"step": "need", "at": "1969-12-31T12:00:30"}]}"#,
    );
    let deal = corpus.by_deal().unwrap().conversation(0);
    assert_eq!(labels(&deal), ["open", "need", "price"]);
    // From 1969-12-31T04:00Z.
    assert_eq!(deal.steps.iter().map(|event| seconds(event.at)).collect::<Vec<_>>(), [Some(60.0), Some(28_830.0), Some(70_260.0)]);
}

#[test]
fn a_deal_of_two_customers_is_refused() {
    let corpus = read(
        r#"
{"id": "c1", "deal": "d1", "attributes": {"account": "Acme"}, "steps": ["open"]}
{"id": "c2", "deal": "d1", "attributes": {"account": "Zeta"}, "steps": ["close"]}
{"id": "c3", "deal": "d2", "attributes": {"account": "Zeta"}, "steps": ["open"]}
{"id": "d2", "steps": ["open"]}
{"id": "d1", "steps": ["need"]}"#,
    );
    let error = corpus.by_deal().unwrap_err();
    let fault = &error.faults()[0];
    assert_eq!((error.code(), fault.place.as_deref(), fault.case.as_deref()), ("corpus.deal_mixed", Some("attributes.account"), Some("c2")));
    assert!(fault.message.contains("`d1`") && fault.message.contains("`c1` is of `Acme`") && fault.message.contains("`Zeta`"), "{fault}");
    let error = corpus.check_with(sop(), &deals(), &Progress::none()).unwrap_err();
    assert_eq!(error.code(), "corpus.deal_mixed");
    // Once `d1` is left out, only the id of `d2` is taken twice.
    let left = corpus.by_deal_with(OnError::Collect).unwrap();
    assert_eq!(left.ids().collect::<Vec<_>>(), ["d2", "d1"]);
    assert_eq!(
        left.problems().iter().map(|fault| (fault.code, fault.case.as_deref().unwrap())).collect::<Vec<_>>(),
        [("corpus.deal_mixed", "c2"), ("corpus.deal_id_taken", "d2")]
    );
    assert_eq!(labels(&left.conversation(0)), ["open"]);
}

#[test]
fn blank_deals_are_none() {
    let corpus = read("{\"id\": \"c1\", \"deal\": \"\", \"steps\": [\"open\"]}\n{\"id\": \"c2\", \"deal\": \" \", \"steps\": [\"need\"]}");
    let deals = corpus.by_deal().unwrap();
    assert_eq!((deals.len(), deals.unit()), (2, Unit::Conversation));
}

#[test]
fn the_deal_is_of_whoever_acted_last_for_the_company() {
    let corpus = read(
        r#"
{"id": "c1", "deal": "d1", "rep": "Ann", "team": "south", "started_at": "2026-03-01", "steps": ["open"]}
{"id": "c2", "deal": "d1", "rep": "Bob", "team": "north", "started_at": "2026-03-02", "steps": ["need"]}
{"id": "c3", "deal": "d1", "rep": "Cid", "team": "east", "started_at": "2026-03-03", "steps": ["ask"]}
{"id": "c4", "rep": "Dee", "team": "west", "steps": ["open", {"step": "need", "rep": "Bob"}]}"#,
    );
    let check = corpus.check_with(sop(), &deals(), &Progress::none()).unwrap();
    // The customer's question in the third conversation is no act of Cid.
    assert_eq!(column(&check.cases(), "rep"), ["Bob", "Dee"]);
    assert_eq!(column(&check.cases(), "team"), ["north", "west"]);
    assert_eq!(column(&check.teams(), "team"), ["north", "west"]);
    // Conversations checked alone are of whom they name.
    assert_eq!(column(&corpus.check(sop()).unwrap().cases(), "rep"), ["Ann", "Bob", "Cid", "Dee"]);
}

#[test]
fn deviations_name_their_conversation_and_are_accepted_by_its_day() {
    let accepting = Sop::parse(
        "
format: goldpath/1
name: demo
steps: [open, need, price, close]
flow: [open, need, price, close]
accepted:
  - {extra: talk, until: 2026-03-01}
  - {skip: need, from: 2026-03-02}
",
    )
    .unwrap();
    let corpus = read(
        r#"
{"id": "c2", "deal": "d1", "started_at": "2026-03-02", "turns": [{"speaker": "agent"}, {"speaker": "agent", "steps": ["talk"]}, {"speaker": "agent", "steps": ["price"]}]}
{"id": "c1", "deal": "d1", "started_at": "2026-03-01", "turns": [{"speaker": "agent", "steps": ["open"]}, {"speaker": "agent", "steps": ["talk"]}]}"#,
    );
    let check = corpus.check_with(&accepting, &deals(), &Progress::none()).unwrap();
    let found = check.alignment("d1").unwrap();
    let of = |step: &str, nth: usize| found.deviations.iter().filter(|d| d.step == step).nth(nth).unwrap();
    let (first, second, skip) = (of("talk", 0), of("talk", 1), of("need", 0));
    assert!(first.accepted && !second.accepted && skip.accepted, "{found:?}");
    let origin = |d: &goldpath::check::Deviation| d.origin.as_ref().map(|o| (o.conversation.clone(), o.turns)).unwrap();
    assert_eq!((first.turns, origin(first)), (Some((1, 1)), ("c1".to_owned(), Some((1, 1)))));
    assert_eq!((second.turns, origin(second)), (Some((3, 3)), ("c2".to_owned(), Some((1, 1)))));
    // The step was due before `price`, which came in the second conversation.
    assert_eq!(origin(skip), ("c2".to_owned(), None));
    assert_eq!(found.moves.last().unwrap().origin, None);
    assert_eq!(column(&check.deviations().unwrap(), "conversation"), ["c1", "c2", "c2"]);
    assert!(corpus.check(&accepting).unwrap().alignment("c1").unwrap().deviations[0].origin.is_none());
}

#[test]
fn when_blocks_and_playbooks_see_the_attributes_of_the_deal() {
    let sop =
        Sop::parse("{format: goldpath/1, name: x, steps: [open, safe, close], flow: [open, {when: {segment: enterprise}, then: [safe]}, close]}").unwrap();
    let corpus = read(
        r#"
{"id": "c1", "deal": "d1", "started_at": "2026-03-01", "steps": ["open"]}
{"id": "c2", "deal": "d1", "started_at": "2026-03-02", "attributes": {"segment": "enterprise"}, "steps": ["close"]}"#,
    );
    let alone = corpus.check(&sop).unwrap();
    assert_eq!(column(&alone.cases(), "cost"), ["1", "2"]);
    let deals = corpus.check_with(&sop, &deals(), &Progress::none()).unwrap();
    assert_eq!(deals.alignment("d1").unwrap().deviations[0].step, "safe");
    let playbook = goldpath::Playbook::by("segment", [("enterprise", sop)]);
    assert_eq!(column(&corpus.check(&playbook).unwrap().cases(), "status"), ["unchecked", "complete"]);
    assert_eq!(column(&corpus.by_deal().unwrap().check(&playbook).unwrap().cases(), "status"), ["complete"]);
}

#[test]
fn stages_are_reached_once() {
    let corpus = read(
        r#"
{"id": "c3", "deal": "d1", "started_at": "2026-03-03", "steps": ["need", "price"]}
{"id": "c1", "deal": "d1", "started_at": "2026-03-01", "steps": ["open", "need"]}
{"id": "c2", "deal": "d1", "started_at": "2026-03-02", "steps": ["need"]}
{"id": "c4", "steps": ["other"]}"#,
    );
    let check = corpus.check(sop()).unwrap();
    let stages = check.stages();
    assert_eq!(column(&stages, "conversation"), ["c1", "c2", "c3", "c4"]);
    assert_eq!(column(&stages, "stage_before"), ["", "discovery", "discovery", ""]);
    assert_eq!(column(&stages, "stage_reached"), ["discovery", "discovery", "decision", ""]);
    assert_eq!(column(&stages, "stage_advanced"), ["true", "false", "true", "false"]);
    // Cases stand in the order of reading.
    assert_eq!(column(&check.cases(), "stage_reached"), ["decision", "discovery", "discovery", ""]);
    assert_eq!(column(&check.cases(), "stage_advanced"), ["true", "true", "false", "false"]);
    let deals = corpus.check_with(sop(), &deals(), &Progress::none()).unwrap();
    assert_eq!(column(&deals.stages(), "conversation"), ["c1", "c2", "c3", "c4"]);
    assert_eq!(column(&deals.stages(), "stage_advanced"), ["true", "false", "true", "false"]);
    assert_eq!(column(&deals.cases(), "stage_reached"), ["decision", ""]);
    // Without stages there is nothing to say.
    let plain = Sop::parse("{format: goldpath/1, name: x, steps: [open], flow: [open]}").unwrap();
    let check = corpus.check(&plain).unwrap();
    assert_eq!(column(&check.stages(), "stage_advanced"), ["", "", "", ""]);
    assert!(check.cases().column("stage_advanced").is_none());
}

#[test]
fn advancing_can_be_the_outcome() {
    let corpus = read(
        r#"
{"id": "c1", "deal": "d1", "started_at": "2026-03-01", "steps": ["open", "need"], "outcome": {"won": null}}
{"id": "c2", "deal": "d1", "started_at": "2026-03-02", "steps": ["open", "need", "price"], "outcome": {"won": null}}
{"id": "c3", "deal": "d1", "started_at": "2026-03-03", "steps": ["open", "price"], "outcome": {"won": true}}"#,
    );
    let options = ReviewOptions { outcome: Some("stage_advanced".into()), ..ReviewOptions::default() };
    let review = Review::of(&corpus, sop(), &options, &Progress::none()).unwrap();
    let summary = review.summary();
    assert_eq!((summary.decided, summary.won, summary.open), (3, 2, 0));
    // `need` lies in the stage that d1 had reached before c2 and c3: leaving it out is a choice. `price` is the later stage itself.
    let skips: Vec<&str> = review.findings().iter().filter(|f| f.kind() == "skip" && f.raw.is_some()).map(goldpath::Finding::step).collect();
    assert_eq!(skips, ["need"], "{:?}", review.findings());
    assert!(review.to_html(goldpath::Lang::Zh).unwrap().contains("推进到更靠后的阶段"));
    assert!(review.sentences(goldpath::Lang::En)[0].contains("later stage"));
    // Where the conversations say it themselves, theirs counts.
    let own = read(r#"{"id": "c1", "steps": ["open"], "outcome": {"stage_advanced": false}}"#);
    assert_eq!(Review::of(&own, sop(), &options, &Progress::none()).unwrap().summary().won, 0);
    let plain = Sop::parse("{format: goldpath/1, name: x, steps: [open], flow: [open]}").unwrap();
    assert_eq!(Review::of(&corpus, &plain, &options, &Progress::none()).unwrap_err().code(), "argument.invalid");
}

#[test]
fn a_report_on_deals_says_so() {
    let corpus = read(
        r#"
{"id": "c1", "deal": "d1", "started_at": "2026-03-01", "steps": ["open"], "outcome": {"won": true}}
{"id": "c2", "deal": "d1", "started_at": "2026-03-02", "steps": ["need"], "outcome": {"won": null}}"#,
    );
    let review = |unit| Review::of(&corpus, sop(), &ReviewOptions { unit, ..ReviewOptions::default() }, &Progress::none()).unwrap();
    let deals = review(Unit::Deal);
    assert!(deals.sentences(goldpath::Lang::En)[0].starts_with("A case is a deal here: conversations are joined by deal (2 to 1)"));
    assert!(deals.to_html(goldpath::Lang::Zh).unwrap().contains("2 通会话合为 1 个商机"));
    let talks = read(
        r#"
{"id": "talk-2", "deal": "d1", "started_at": "2026-03-03", "turns": [{"speaker": "agent", "text": "later", "start": 62, "steps": ["need"]}]}
{"id": "talk-1", "deal": "d1", "started_at": "2026-03-01", "turns": [{"speaker": "agent", "text": "first", "start": 5, "steps": ["open"]}]}"#,
    );
    let options = ReviewOptions { unit: Unit::Deal, ..ReviewOptions::default() };
    let page = Review::of(&talks, sop(), &options, &Progress::none()).unwrap().to_html(goldpath::Lang::En).unwrap();
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text} in the page"));
    assert!(at("Conversation talk-1 2026-03-01") < at("Conversation talk-2 2026-03-03") && page.contains("1:02"));
    assert!(!review(Unit::Conversation).to_html(goldpath::Lang::Zh).unwrap().contains("商机"));
}

#[test]
fn units_are_known_by_name() {
    assert_eq!("deal".parse::<Unit>().unwrap(), Unit::Deal);
    assert_eq!("Deal".parse::<Unit>().unwrap_err().code(), "argument.invalid");
}

/// A random conversation: some with turns, some with bare steps; times may lack, stand before 1970 or out of order.
fn conversation() -> impl Strategy<Value = Conversation> {
    let event = (0..STEPS.len(), prop::option::of(-50i32..500), prop::option::of(0..3u8));
    let turn = (any::<bool>(), prop::option::of(-20i32..400), ".{0,3}", prop::option::of(0..STEPS.len()));
    let outcome = prop::option::of(prop::option::of(any::<bool>()));
    (
        prop::option::of(0..4u8),
        prop::option::weighted(0.85, -3i64..6),
        prop::option::of(0..3u8),
        prop::option::of(0..2u8),
        prop::collection::vec(event, 0..5),
        prop::collection::vec(turn, 0..5),
        any::<bool>(),
        outcome,
    )
        .prop_map(|(deal, day, rep, segment, steps, turns, bare, outcome)| {
            let name = |kind: &str, n: u8| format!("{kind}{n}");
            let mut made = Conversation {
                deal: deal.map(|n| name("deal", n)),
                rep: rep.map(|n| name("rep", n)),
                team: rep.map(|n| name("team", n % 2)),
                started_at: day.map(|day| jiff::Timestamp::from_second(day * 40_000).unwrap()),
                ..Conversation::default()
            };
            made.attributes.extend(segment.map(|n| ("segment".to_owned(), Attribute::Number(f64::from(n).into()))));
            made.outcome.extend(outcome.map(|value| ("won".to_owned(), value.map(OutcomeValue::Bool))));
            let at = |s: i32| Moment::Seconds(f64::from(s) / 10.0);
            for (agent, start, text, step) in turns {
                made.turns.push(Turn {
                    speaker: if agent { Speaker::Agent } else { Speaker::Customer },
                    name: None,
                    text,
                    start: start.map(at),
                    end: start.map(|s| at(s + 7)),
                    steps: step.filter(|_| !bare).map(|i| StepEvent::new(STEPS[i])).into_iter().collect(),
                    unread: Vec::new(),
                });
            }
            if bare {
                made.steps =
                    (steps.into_iter()).map(|(i, s, rep)| StepEvent { at: s.map(at), rep: rep.map(|n| name("rep", n)), ..StepEvent::new(STEPS[i]) }).collect();
            }
            made
        })
}

fn corpus() -> impl Strategy<Value = Corpus> {
    prop::collection::vec(conversation(), 1..12).prop_map(|mut list| {
        for (i, conversation) in list.iter_mut().enumerate() {
            conversation.id = format!("c{i}");
        }
        Corpus::from_conversations(list).unwrap()
    })
}

/// The labels of a case as its check sees them: a step of several turns in a row is one event.
fn path(check: &goldpath::Check, id: &str) -> Vec<String> {
    check.alignment(id).unwrap().moves.into_iter().filter(|m| m.event.is_some()).map(|m| m.step).collect()
}

/// What joining means, on the readable model: texts of turns, outcome, segment, and starts of turns.
fn join(of_deal: &mut [Conversation]) -> (Vec<String>, Option<OutcomeValue>, Option<Attribute>, Vec<Option<f64>>) {
    let timed = of_deal.iter().all(|c| c.started_at.is_some());
    if timed {
        of_deal.sort_by_key(|c| c.started_at);
    }
    let began = of_deal[0].started_at;
    let mut starts = Vec::new();
    for (i, c) in of_deal.iter().enumerate() {
        let since = if i == 0 { Some(0.0) } else { timed.then(|| c.started_at.unwrap().duration_since(began.unwrap()).as_secs_f64()) };
        starts.extend(c.turns.iter().map(|turn| seconds(turn.start).zip(since).map(|(s, since)| s + since)));
    }
    (
        of_deal.iter().flat_map(|c| &c.turns).map(|turn| turn.text.clone()).collect(),
        of_deal.iter().rev().find_map(|c| c.outcome.get("won").copied().flatten()),
        of_deal.iter().find_map(|c| c.attributes.get("segment").cloned()),
        starts,
    )
}

proptest! {
    #[test]
    fn joined_columns_are_the_joined_conversations(corpus in corpus()) {
        let deals = corpus.by_deal().unwrap();
        prop_assert_eq!((deals.events(), deals.turns()), (corpus.events(), corpus.turns()));
        let mut expected: BTreeMap<String, Vec<Conversation>> = BTreeMap::new();
        for i in 0..corpus.len() {
            let c = corpus.conversation(i);
            expected.entry(c.deal.clone().unwrap_or(c.id.clone())).or_default().push(c);
        }
        prop_assert_eq!(deals.len(), expected.len());
        let (alone, joined) = (corpus.check(sop()).unwrap(), deals.check(sop()).unwrap());
        for (id, mut list) in expected {
            let made = deals.conversation(deals.find(&id).unwrap());
            if list[0].deal.is_none() {
                prop_assert_eq!(&made, &list[0]);
            }
            let (texts, won, segment, starts) = join(&mut list);
            prop_assert_eq!(path(&joined, &id), list.iter().flat_map(|c| path(&alone, &c.id)).collect::<Vec<_>>());
            prop_assert_eq!(made.turns.iter().map(|turn| turn.text.clone()).collect::<Vec<_>>(), texts);
            prop_assert_eq!(made.outcome.get("won").copied().flatten(), won);
            prop_assert_eq!(made.attributes.get("segment").cloned(), segment);
            let rounded = |list: Vec<Option<f64>>| list.into_iter().map(|s| s.map(|s| (s * 1000.0).round() as i64)).collect::<Vec<_>>();
            prop_assert_eq!(rounded(made.turns.iter().map(|turn| seconds(turn.start)).collect()), rounded(starts));
            prop_assert_eq!(made.started_at, list[0].started_at);
        }
        prop_assert_eq!(deals.parts().len(), corpus.len());
        prop_assert_eq!(column(&alone.stages(), "conversation"), column(&joined.stages(), "conversation"));
    }

    #[test]
    fn without_deals_nothing_changes(corpus in corpus()) {
        let list: Vec<Conversation> = (0..corpus.len()).map(|i| Conversation { deal: None, ..corpus.conversation(i) }).collect();
        let alone = Corpus::from_conversations(list.clone()).unwrap();
        let deals = alone.by_deal().unwrap();
        for (i, conversation) in list.iter().enumerate() {
            prop_assert_eq!(&deals.conversation(i), conversation);
        }
        prop_assert_eq!(deals.table(), alone.table());
        prop_assert_eq!(deals.unit(), Unit::Conversation);
    }
}
