//! What is said of a session against what is said of the finished path, and taking back.

use super::super::align::MoveKind;
use super::super::path::Work;
use super::*;
use crate::simulate::{random_path, random_sop};

/// Whether the whole alignment of the path, without what was still to come, leads to where the session stands and costs as
/// little as any beginning of a run; and whether it then is the explanation of the session.
fn agrees(session: &LiveSession) -> Option<bool> {
    let (aligner, path) = (session.tracker.aligner(), session.tracker.path());
    let mut work = Work::new();
    let mut whole = Vec::new();
    aligner.align(path, Goal::End, &mut work.rows, &mut whole).expect("a small path");
    let body = whole.iter().rposition(|m| m.kind() != MoveKind::Skipped).map_or(0, |last| last + 1);
    let automaton = &aligner.automaton;
    let (mut state, mut cost, mut events) = (crate::sop::START, 0, (0..path.len()).map(|i| path.event(i)));
    for m in &whole[..body] {
        let event = if m.kind() == MoveKind::Skipped { None } else { events.next() };
        match (m.kind(), event) {
            (MoveKind::Extra, Some(super::super::align::Event::Planned(step))) => cost += u32::from(automaton.extra[step as usize]),
            (MoveKind::Extra, Some(super::super::align::Event::Unplanned(extra))) => cost += u32::from(extra),
            (MoveKind::Skipped, _) => cost += u32::from(automaton.node_skip[m.node() as usize]),
            _ => {}
        }
        if matches!(m.kind(), MoveKind::Matched | MoveKind::Skipped) {
            state = automaton.edges(state).iter().find(|edge| edge.node == m.node()).expect("a run of the flow").to;
        }
    }
    let mut tools = Tools { back: LookBack::new(), work, moves: Vec::new() };
    session.explain(&mut tools).expect("a small path");
    (cost == session.cost() && state == session.tracker.state).then(|| tools.moves == whole[..body])
}

/// Stated in docs/src/methods/live.md: where the whole alignment leads to where the session stands, at the cost of the
/// beginning of a run, both say the same, move by move.
#[test]
fn history_and_live_agree() {
    let (mut same, mut all) = (0, 0);
    for seed in 0..400 {
        let sop = random_sop(seed, 4 + seed as usize % 14);
        for round in 0..5 {
            let mut session = sop.live(|_| None).expect("a session");
            for step in random_path(&sop, seed * 11 + round, 0.3) {
                session.push(&step).expect("a step");
                // Free moves in a circle have no least sequence.
                if session.tracker.automaton().has_free_cycle() {
                    continue;
                }
                all += 1;
                if let Some(agrees) = agrees(&session) {
                    assert!(agrees, "{:?}\n{}", session.history().collect::<Vec<_>>(), sop.to_yaml());
                    same += 1;
                }
                let cost: u32 = session.deviations().expect("deviations").iter().map(|d| d.cost).sum();
                assert_eq!(cost, session.cost(), "{:?}\n{}", session.history().collect::<Vec<_>>(), sop.to_yaml());
            }
        }
    }
    assert!(same * 10 > all * 7, "{same} of {all}");
}

#[test]
fn a_step_taken_back_was_never_pushed() {
    for seed in 0..60 {
        let sop = random_sop(seed, 4 + seed as usize % 14);
        let path: Vec<String> = (0..12).flat_map(|round| random_path(&sop, seed * 13 + round, 0.4)).chain(["never heard of".to_owned()]).collect();
        let mut session = sop.live(|_| None).expect("a session");
        let mut states = vec![];
        for step in &path {
            states.push((session.state().expect("a state"), session.to_json()));
            session.push(step).expect("a step");
        }
        let end = session.state().expect("a state");
        // All the way back, half the way forth, and back again.
        for to in [0, path.len() / 2, path.len() / 3, path.len(), 0] {
            while session.history.len() > to {
                let last = session.undo();
                assert_eq!(last.as_ref(), path.get(session.history.len()));
                let (state, saved) = &states[session.history.len()];
                assert_eq!((&session.state().expect("a state"), &session.to_json()), (state, saved));
            }
            while session.history.len() < to {
                let at = session.history.len();
                let again: Vec<String> = session.push(&path[at]).expect("a step").map(|choice| format!("{choice:?}")).collect();
                let mut fresh = sop.resume(&states[at].1).expect("a saved session");
                assert_eq!(again, fresh.push(&path[at]).expect("a step").map(|choice| format!("{choice:?}")).collect::<Vec<_>>());
            }
            if to == path.len() {
                assert_eq!(session.state().expect("a state"), end);
            }
        }
        assert_eq!((session.undo(), session.labels.len()), (None, 0));
    }
}

#[test]
fn sessions_stay_bounded() {
    let sop = random_sop(3, 12);
    let mut session = sop.live(|_| None).expect("a session");
    let empty = session.bytes();
    assert!(empty < 4_000, "{empty}");
    let steps: Vec<&str> = sop.steps().keys().map(String::as_str).chain(["unheard of"]).collect();
    for i in 0..LiveSession::MOST_EVENTS {
        session.push(steps[i * i % steps.len()]).expect("a step");
    }
    let full = session.bytes();
    assert!(full <= empty + 64 * LiveSession::MOST_EVENTS, "{full}");
    assert_eq!(session.push("open").expect_err("one too many").code(), "live.too_long");
    let saved = session.to_json();
    assert_eq!(sop.resume(&saved).expect("a long session").cost(), session.cost());
    let longer = saved.replace("\"unheard of\"]}", "\"unheard of\",\"unheard of\"]}");
    assert!(longer == saved || sop.resume(&longer).expect_err("one too many").code() == "live.too_long");
    while session.undo().is_some() {}
    assert_eq!((session.history.len(), session.cost(), session.marks.len()), (0, 0, 0));
    // What is refused changes nothing.
    assert_eq!(session.push("").expect_err("no name").code(), "argument.invalid");
    assert_eq!(session.push(&"长".repeat(400)).expect_err("too long").code(), "live.long_label");
    assert_eq!(session.state().expect("a state"), sop.live(|_| None).expect("a session").state().expect("a state"));
}
