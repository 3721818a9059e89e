//! The loop, once around and in any order.

use proptest::prelude::*;

use super::*;

fn event(at: &str, json: &str) -> CoachingEvent {
    serde_json::from_str(&format!(r#"{{"at": "{at}", {json}}}"#)).unwrap()
}

fn assessed(result: &str) -> String {
    format!(
        r#""event": "assessed", "assessment": {{"rep": "r1", "skill": "step:need", "from": "2026-03-01", "to": "2026-04-01", "n": 40,
        "value": 0.5, "low": 0.4, "high": 0.6, "pass_line": 0.7, "p_above": 0.01, "result": "{result}"}}"#
    )
}

#[test]
fn once_around_and_again() {
    let stage = |log: &CoachingLog| log.track("r1", "step:need").unwrap().stage;
    let mut log = CoachingLog::default();
    let steps = [
        (event("2026-03-01", r#""event": "joined", "rep": "r1""#), None),
        (event("2026-03-02", r#""event": "assigned", "rep": "r1", "skill": "step:need", "due": "2026-03-20", "goal": 0.7"#), Some(Stage::Assigned)),
        (event("2026-03-10", r#""event": "trained", "rep": "r1", "skill": "step:need", "training": "t1""#), Some(Stage::Trained)),
        (event("2026-03-20", &assessed("not_enough_data")), Some(Stage::Assessed)),
        (event("2026-04-01", &assessed("fail")), Some(Stage::Retraining)),
        (event("2026-04-05", r#""event": "trained", "rep": "r1", "skill": "step:need", "training": "t2""#), Some(Stage::Trained)),
        (event("2026-05-01", &assessed("pass")), Some(Stage::Monitored)),
        (event("2026-06-01", r#""event": "monitored", "rep": "r1", "skill": "step:need", "kept": true"#), Some(Stage::Passed)),
        (event("2026-09-01", &assessed("fail")), Some(Stage::Retraining)),
    ];
    for (step, expected) in &steps {
        log.apply(step).unwrap();
        if let Some(expected) = expected {
            assert_eq!(stage(&log), *expected);
        }
    }
    let day: Date = "2026-09-02".parse().unwrap();
    let below = log.below_standard(day);
    assert!(below.len() == 1 && below[0].why == Why::FailedAssessment && below[0].rounds == 2, "{below:?}");
    let text: Vec<String> = steps.iter().map(|(e, _)| serde_json::to_string(e).unwrap()).collect();
    let back: Vec<CoachingEvent> = text.iter().map(|t| serde_json::from_str(t).unwrap()).collect();
    assert_eq!(CoachingLog::replay(&back).unwrap(), log);
    let state: CoachingLog = serde_json::from_str(&serde_json::to_string(&log).unwrap()).unwrap();
    assert_eq!(state, log);
}

#[test]
fn refused_and_taken() {
    let code = |log: &mut CoachingLog, e: CoachingEvent| {
        let before = log.clone();
        let code = log.apply(&e).map_err(|e| e.code()).err();
        assert!(code.is_none() || *log == before);
        code
    };
    let mut log = CoachingLog::default();
    let log = &mut log;
    assert_eq!(code(log, event("2026-03-01", r#""event": "joined", "rep": "r1""#)), None);
    assert_eq!(code(log, event("2026-02-01", r#""event": "trained", "rep": "r1", "skill": "s", "training": "t""#)), Some("coaching.before_joining"));
    assert_eq!(code(log, event("2026-04-01", r#""event": "monitored", "rep": "r1", "skill": "s", "kept": true"#)), Some("coaching.not_assigned"));
    assert_eq!(code(log, event("2026-04-01", r#""event": "edited", "rep": "r1", "skill": "s", "note": "x""#)), Some("coaching.not_assigned"));
    let late = r#""event": "assigned", "rep": "r1", "skill": "s", "due": "2026-03-20""#;
    assert_eq!(code(log, event("2026-04-01", late)), Some("coaching.order"));
    assert_eq!(code(log, event("2026-04-01", r#""event": "kpi_measured", "rep": "r1", "kpi": "test", "value": 3"#)), Some("coaching.unknown_kpi"));
    // An assessment without a plan is taken, and says so.
    assert_eq!(code(log, event("2026-04-01", &assessed("fail"))), None);
    assert!(log.track("r1", "step:need").unwrap().unplanned);
    assert_eq!(code(log, event("2026-03-05", late)), None);
    assert_eq!(code(log, event("2026-04-02", r#""event": "monitored", "rep": "r1", "skill": "s", "kept": true"#)), Some("coaching.order"));
    let kpi = r#""event": "kpi_set", "kpi": {"name": "complaints", "pass_line": 2, "lower_is_better": true}"#;
    assert_eq!(code(log, event("2026-04-02", kpi)), None);
    assert_eq!(code(log, event("2026-04-03", r#""event": "kpi_measured", "rep": "r1", "kpi": "complaints", "value": 2"#)), None);
    assert!(log.below_standard("2026-03-10".parse().unwrap()).iter().all(|b| b.why != Why::KpiMissed && b.why != Why::Overdue));
    assert_eq!(code(log, event("2026-04-03", r#""event": "kpi_measured", "rep": "r1", "kpi": "complaints", "value": 3"#)), None);
    let below = log.below_standard("2026-04-10".parse().unwrap());
    assert!(below.iter().any(|b| b.why == Why::KpiMissed) && below.iter().any(|b| b.why == Why::Overdue));
    let bad = CoachingLog::replay(&[event("2026-04-01", r#""event": "monitored", "rep": "a", "skill": "s", "kept": true"#)]).unwrap_err();
    assert_eq!(bad.faults()[0].place.as_deref(), Some("events[0].skill"));
}

proptest! {
    /// Whatever is recorded in whatever order: refused events change nothing, and the accepted ones rebuild the state.
    #[test]
    fn any_history_replays(choices in proptest::collection::vec((0usize..8, 0usize..2, 0i32..60), 0..40)) {
        let mut log = CoachingLog::default();
        let mut kept = vec![];
        for (what, skill, day) in choices {
            let (skill, at) = (["s", "step:need"][skill], crate::monitor::monday(2900).saturating_add(jiff::Span::new().days(day)));
            let json = match what {
                0 => r#""event": "joined", "rep": "r1""#.to_owned(),
                1 => format!(r#""event": "assigned", "rep": "r1", "skill": "{skill}", "due": "2025-09-01""#),
                2 => format!(r#""event": "trained", "rep": "r1", "skill": "{skill}", "training": "t""#),
                3 => assessed("fail"),
                4 => assessed("pass"),
                5 => format!(r#""event": "monitored", "rep": "r1", "skill": "{skill}", "kept": true"#),
                6 => format!(r#""event": "cancelled", "rep": "r1", "skill": "{skill}""#),
                _ => format!(r#""event": "edited", "rep": "r1", "skill": "{skill}", "note": "x""#),
            };
            let e = event(&at.to_string(), &json);
            let before = log.clone();
            match log.apply(&e) {
                Ok(()) => kept.push(e),
                Err(_) => prop_assert_eq!(&log, &before),
            }
        }
        prop_assert_eq!(CoachingLog::replay(&kept).unwrap(), log);
    }
}
