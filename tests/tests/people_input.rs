//! People: what real records hold that no plan foresees, and what is made of it.

use goldpath::coaching::{
    CoachingEvent, CoachingLog, PeopleOptions, SkillOptions, Skills, Tier, Training, TrainingOptions, TrainingVerdict, WatchOptions, from_value,
};
use goldpath::monitor::{ChanceBuilder, ChanceId, ChanceKind, ChanceOptions, Chances};
use goldpath::{Corpus, Lang, Review, Sop, review};
use serde_json::{Value, json};

fn made(lines: &[Value]) -> Review {
    let sop = Sop::parse("{format: goldpath/1, name: demo, steps: [open, need, close], flow: [open, need, close]}").unwrap();
    let text: Vec<String> = lines.iter().map(Value::to_string).collect();
    review(&Corpus::parse(text.join("\n").as_bytes()).unwrap(), sop).unwrap()
}

fn case(id: usize, rep: &str, at: &str) -> Value {
    json!({"id": format!("c{id}"), "rep": rep, "started_at": at, "steps": if id.is_multiple_of(3) { vec!["open"] } else { vec!["open", "need", "close"] }, "outcome": {"won": id.is_multiple_of(2)}})
}

fn offset(utc_offset: i32) -> PeopleOptions {
    PeopleOptions { chances: ChanceOptions { utc_offset, ..ChanceOptions::default() }, ..PeopleOptions::default() }
}

/// A day, of whatever type.
fn day<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// The Monday so many weeks after the fifth of January 2026.
fn monday(week: i32) -> String {
    let (mut year, mut month, mut day) = (2026, 1, 5 + 7 * week);
    loop {
        let leap = year % 4 == 0;
        let days = [31, 28 + i32::from(leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
        if day <= days {
            return format!("{year}-{month:02}-{day:02}");
        }
        day -= days;
        (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    }
}

/// Weeks of chances of some reps, from given weeks to given weeks.
fn weekly(spans: &[(&str, i32, i32)]) -> Chances {
    let mut builder = ChanceBuilder::new(&[], None, 0).unwrap();
    let id = ChanceId { kind: ChanceKind::Result, sop: "s".into(), entry: 0, step: "need".into(), title: "Need".into(), standard: None, point: None };
    let chance = builder.chance(id);
    for &(rep, from, to) in spans {
        for week in from..to {
            builder.add(chance, rep, Some(day(&monday(week))), &[], 12, 5 + (week.unsigned_abs() + rep.len() as u32) % 4).unwrap();
        }
    }
    builder.build()
}

/// One moment belongs to one day and week whatever its zone is written as; a day that has 23 or 25 hours is a day.
#[test]
fn zones_and_days_of_clock_change() {
    // The night of the 29th of March 2026: in Berlin half past two does not exist.
    let berlin =
        ["2026-03-29T01:59:59+01:00", "2026-03-29T03:00:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-10-25T23:30:00+01:00"];
    let utc = ["2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T22:30:00Z"];
    let table = |times: &[&str], options: &PeopleOptions| {
        let lines: Vec<Value> = times.iter().enumerate().map(|(i, at)| case(i, "a", at)).collect();
        let people = made(&lines).people_with(options).unwrap();
        let weeks: Vec<(String, u64)> =
            people.execution().unwrap().weeks.iter().filter(|w| w.group.by == "all").map(|w| (w.week.unwrap().to_string(), w.cases)).collect();
        (weeks, people.skills().chances().as_of())
    };
    let expected = vec![("2026-03-23".to_owned(), 2), ("2026-10-19".to_owned(), 3)];
    for times in [berlin, utc] {
        assert_eq!(table(&times, &offset(60)), (expected.clone(), Some(day("2026-10-25"))), "{times:?}");
    }
    // An hour and a half later it is Monday in Berlin's summer, and long before that in Shanghai.
    assert_eq!(table(&utc, &offset(120)).0[1], ("2026-10-19".to_owned(), 2));
    assert_eq!(table(&utc, &offset(480)).1, Some(day("2026-10-26")));
    let late = table(&["2026-03-01T16:30:00Z", "2026-03-01T15:59:59Z"], &offset(480)).0;
    assert_eq!(late, [("2026-02-23".to_owned(), 1), ("2026-03-02".to_owned(), 1)]);
}

/// Who changes team keeps their skills; the training is of the team of that day.
#[test]
fn who_changes_team() {
    let lines: Vec<Value> = (0..120)
        .map(|i| {
            let mut line = case(i, ["a", "b", "c"][i % 3], &format!("2026-{:02}-{:02}T09:00:00Z", 1 + i / 20, 1 + i % 20));
            line["team"] = if i % 3 == 0 && i >= 60 { "south" } else { "north" }.into();
            line
        })
        .collect();
    let review = made(&lines);
    let people = review.people().unwrap();
    let chances = people.skills().chances();
    let teams: Vec<Option<String>> = chances.teams_of("a").into_iter().map(|(team, ..)| team).collect();
    assert_eq!((teams, chances.team_of("a")), (vec![Some("north".to_owned()), Some("south".to_owned())], Some("south")));
    let opened = people.skills().of_rep("a").unwrap().iter().find(|row| row.skill == "step:open").map(|row| row.n);
    assert_eq!(opened, Some(40));
    assert!(people.team_page(Some("south"), Lang::Zh).unwrap().contains('a') && people.debrief_team(Some("north"), Lang::En).is_ok());
    // Two people under one name are one rep to the library: ids of their own keep them apart.
    let same = made(&[case(1, "Li", "2026-01-05T09:00:00Z"), case(2, "Li", "2026-01-05T09:00:00Z")]);
    let apart = made(&[case(1, "Li#7", "2026-01-05T09:00:00Z"), case(2, "Li#9", "2026-01-05T09:00:00Z")]);
    let count = |review: &Review| review.people().unwrap().skills().chances().reps().len();
    assert_eq!((count(&same), count(&apart)), (1, 2));
}

#[test]
fn trained_before_they_were_hired_and_months_of_nothing() {
    let mut spans: Vec<(String, i32, i32)> = (0..20).map(|i| (format!("r{i:02}"), 0, 60)).collect();
    spans.extend([("new".to_owned(), 40, 60), ("away".to_owned(), 0, 10), ("away".to_owned(), 48, 60), ("once".to_owned(), 30, 31)]);
    let spans: Vec<(&str, i32, i32)> = spans.iter().map(|(rep, from, to)| (rep.as_str(), *from, *to)).collect();
    let skills = Skills::of(&weekly(&spans), &SkillOptions::default()).unwrap();
    let training = |reps: &[&str], date: &str| Training { id: "t".into(), reps: reps.iter().map(ToString::to_string).collect(), date: day(date) };
    let options = TrainingOptions::default();
    // Nothing is known of them before: named, not guessed.
    let held = training(&["new", "r00", "r01", "r02", "away", "once", "never"], "2026-07-06");
    let effect = skills.training_effect(&held, "results", &[], &options).unwrap();
    assert_eq!((effect.trained, effect.left_out.clone()), (3, vec!["new".to_owned(), "away".into(), "once".into(), "never".into()]));
    let groups = skills.for_whom(std::slice::from_ref(&held), "results", &[], &options).unwrap();
    assert!(groups.groups.iter().all(|g| g.trained <= 3 && !g.differs), "{groups:?}");
    let alone = skills.training_effect(&training(&["new"], "2026-07-06"), "results", &[], &options).unwrap();
    assert_eq!(alone.verdict, TrainingVerdict::NotEnoughData);
    // Held in the future, and before all data.
    for date in ["2031-01-01", "1999-01-01"] {
        let effect = skills.training_effect(&training(&["r00", "r01"], date), "results", &[], &options).unwrap();
        assert!(effect.verdict == TrainingVerdict::NotEnoughData && effect.left_out.len() == 2 && effect.study.is_empty(), "{effect:?}");
    }
    // Months of nothing are no decline; weeks without a case are left out of the chart.
    let chart = skills.watch("away", "results", &WatchOptions::default()).unwrap();
    assert!(chart.points.len() == 22 && chart.declines.is_empty());
    assert!(skills.ability("away", "results").unwrap().points.iter().all(|p| p.rate.low <= p.rate.high));
    assert_eq!(skills.skill_of("once", "results").unwrap().unwrap().tier, Tier::Undetermined);
}

#[test]
fn records_without_a_plan_and_of_nobody() {
    let event = |value: Value| from_value::<CoachingEvent>("event", value).unwrap();
    let mut log = CoachingLog::default();
    for value in [
        json!({"at": "2026-03-01", "event": "joined", "rep": "a"}),
        json!({"at": "2026-04-01", "event": "watched", "rep": "a", "clip": "clip-1"}),
        json!({"at": "2026-04-02", "event": "watched", "rep": "nobody", "clip": "clip-1"}),
        json!({"at": "2026-04-02", "event": "watched", "rep": "a", "clip": "clip-1"}),
    ] {
        log.apply(&event(value)).unwrap();
    }
    assert_eq!(log.apply(&event(json!({"at": "2026-02-01", "event": "watched", "rep": "a", "clip": "clip-1"}))).unwrap_err().code(), "coaching.before_joining");
    assert!(log.all_tracks().next().is_none() && log.sessions("clip-1").len() == 2 && log.sessions("clip-2").is_empty());
    let people = made(&[case(1, "a", "2026-01-05T09:00:00Z")]).people().unwrap().clone();
    let effect = people.skills().sessions_effect(&log.sessions("clip-1"), "execution", &log.trainings(), &TrainingOptions::default()).unwrap();
    assert_eq!((effect.verdict, effect.left_out), (TrainingVerdict::NotEnoughData, vec!["a".to_owned(), "nobody".into()]));
    assert!(people.plan("a", 3).unwrap().items.is_empty() && people.below_standard(&log).is_empty());
    assert_eq!(people.plan("nobody", 3).unwrap_err().code(), "argument.invalid");
}
