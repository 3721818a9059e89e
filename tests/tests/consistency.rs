//! What must come out the same whichever way it is asked: live or finished, one thread or several, records or columns.

use goldpath::corpus::{Conversation, EventTable, ReadOptions};
use goldpath::simulate::{World, random_path, random_sop};
use goldpath::{Check, Corpus, Lang, Table, review};

fn choices(check: &Check) -> Vec<Vec<String>> {
    let table = check.choices();
    let columns = ["point", "visit", "chosen", "step", "event"];
    (0..table.len()).map(|row| columns.iter().map(|column| table.get(row, column).to_string()).collect()).collect()
}

#[test]
fn a_live_session_makes_the_choices_of_the_finished_case() {
    for seed in 0..300 {
        let sop = random_sop(seed, 4 + seed as usize % 14);
        for round in 0..4 {
            let path = random_path(&sop, seed * 7 + round, 0.35);
            let corpus = Corpus::from_conversations([Conversation::of_steps("c", path.clone())]).expect("a corpus");
            let finished = choices(&corpus.check(&sop).expect("a check"));
            let mut session = sop.live(|_| None).expect("a session");
            let mut live = Vec::new();
            for step in &path {
                for choice in session.push(step).expect("a push") {
                    live.push(vec![
                        choice.point.unwrap_or_default().to_owned(),
                        choice.visit.to_string(),
                        choice.chosen.to_owned(),
                        choice.step.to_owned(),
                        choice.event.to_string(),
                    ]);
                }
            }
            assert_eq!(live, finished, "{path:?}\n{}", sop.to_yaml());
            // Every event shows at least one choice, and what was chosen does not depend on what came later.
            let shown: std::collections::BTreeSet<&String> = finished.iter().map(|row| &row[4]).collect();
            assert_eq!(shown.len(), path.len());
            let half = path.len() / 2;
            let corpus = Corpus::from_conversations([Conversation::of_steps("c", path[..half].to_vec())]).expect("a corpus");
            let before = choices(&corpus.check(&sop).expect("a check"));
            assert_eq!(before[..], finished[..before.len()], "{path:?}");
        }
    }
}

#[test]
fn a_conforming_path_costs_nothing_and_chooses_only_what_is_planned() {
    for seed in 0..300 {
        let sop = random_sop(seed, 4 + seed as usize % 14);
        let path = random_path(&sop, seed, 0.0);
        let mut session = sop.live(|_| None).expect("a session");
        if sop.to_yaml().contains("when:") {
            continue;
        }
        // Where a step stands at two places, which of them was meant may show later only.
        let mut places: Vec<String> =
            sop.graph().graph.node_weights().filter_map(|n| if let goldpath::sop::GraphNode::Step { id, .. } = n { Some(id.clone()) } else { None }).collect();
        let planned = places.len();
        places.sort_unstable();
        places.dedup();
        let once = places.len() == planned;
        for step in &path {
            let allowed = session.allowed().iter().any(|id| id == step) || sop.anytime().contains(step);
            let shown = format!("{:?}", session.push(step).expect("a push"));
            assert_eq!(session.cost(), 0, "{path:?}\n{}", sop.to_yaml());
            assert!(allowed || !once, "{step} {shown:?} {path:?}\n{}", sop.to_yaml());
        }
        assert!(session.may_end().expect("a small SOP"), "{path:?}\n{}", sop.to_yaml());
    }
}

fn tables(corpus: &Corpus, sop: &goldpath::Sop) -> Vec<Table> {
    let review = review(corpus, sop).expect("a review");
    let check = review.check();
    let scores = check.score(&goldpath::Scorecard::equal(check.playbook())).expect("scores");
    vec![
        check.cases(),
        check.deviations().expect("deviations"),
        check.variants(),
        check.steps().expect("steps"),
        check.reps(),
        check.standards(),
        corpus.measures(),
        scores.cases(),
        scores.reps(),
        scores.teams(),
        scores.parts(),
        scores.best(50),
        scores.opportunities().expect("opportunities"),
        check.teams(),
        check.choices(),
        review.findings_table(),
    ]
}

#[test]
fn threads_change_nothing() {
    let made = World { words: false, ..World::default() }.simulate(4_000, 3);
    let corpus = Corpus::from_conversations(made.conversations).expect("a corpus");
    let run = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads").install(|| tables(&corpus, &made.sop));
    let one = run(1);
    for threads in [2, 5] {
        assert!(run(threads) == one, "{threads} threads");
    }
}

#[test]
fn records_and_columns_agree() {
    let made = World { words: false, ..World::default() }.simulate(1_000, 4);
    let mut events = EventTable::default();
    let mut bare = Vec::new();
    for conversation in &made.conversations {
        for event in &conversation.steps {
            events.case.push(Some(&conversation.id));
            events.step.push(Some(&event.step));
        }
        if !conversation.steps.is_empty() {
            bare.push(Conversation::of_steps(conversation.id.clone(), conversation.steps.iter().map(|event| event.step.clone())));
        }
    }
    // Rows in any order of cases give the same corpus, as long as those of a case keep theirs.
    let records = Corpus::from_conversations(bare).expect("a corpus");
    let columns = Corpus::from_tables(events, None, None, &ReadOptions::default()).expect("a corpus");
    assert!(tables(&records, &made.sop) == tables(&columns, &made.sop));
}

#[test]
fn the_same_input_gives_the_same_page() {
    let page = || {
        let made = World::default().simulate(300, 5);
        let corpus = Corpus::from_conversations(made.conversations).expect("a corpus");
        review(&corpus, &made.sop).expect("a review").to_html(Lang::Zh).expect("a page")
    };
    assert!(page() == page());
}

#[test]
fn events_at_rest_take_sixteen_bytes_or_less() {
    for words in [true, false] {
        let made = World { words, ..World::default() }.simulate(2_000, 6);
        let corpus = Corpus::from_conversations(made.conversations).expect("a corpus");
        let each = corpus.event_bytes() as f64 / corpus.events() as f64;
        assert!(each <= 16.0, "{each} bytes an event, words: {words}");
    }
}
