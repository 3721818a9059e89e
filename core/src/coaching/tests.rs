//! What holds of skills, tiers, declines and trainings, on counts with known truth.

use super::*;
use crate::monitor::{ChanceBuilder, ChanceId, ChanceKind, Chances};
use crate::stats::{Rng, expit, key, normal_quantile};

fn chance(kind: ChanceKind, step: &str) -> ChanceId {
    ChanceId { kind, sop: "s".into(), entry: 0, step: step.into(), title: step.into(), standard: None, point: None }
}

fn normal(rng: &mut Rng) -> f64 {
    normal_quantile(rng.unit().clamp(1e-12, 1.0 - 1e-12))
}

fn date(week: i32) -> jiff::civil::Date {
    crate::monitor::monday(2818 + week)
}

/// Weekly counts of reps whose log-odds in a week are given.
fn chances(reps: usize, weeks: i32, n: u32, seed: u64, level: impl Fn(usize, i32) -> f64) -> Chances {
    let mut builder = ChanceBuilder::new(&[], None, 0).unwrap();
    let step = builder.chance(chance(ChanceKind::Result, "need"));
    let mut rng = Rng::of(key(seed, 0), 0);
    for rep in 0..reps {
        for week in 0..weeks {
            let hits = (0..n).filter(|_| rng.unit() < expit(level(rep, week))).count() as u32;
            builder.add(step, &format!("r{rep:02}"), Some(date(week)), &[], n, hits).unwrap();
        }
    }
    builder.build()
}

fn skills(chances: &Chances) -> Skills {
    Skills::of(chances, &SkillOptions::default()).unwrap()
}

/// Of those named top or below standard in 200 teams of known skill, at least nine in ten are in that third.
#[test]
fn tiers_name_the_right_people() {
    let mut rng = Rng::of(key(5, 0), 0);
    let (mut named, mut right) = (0u32, 0u32);
    for team in 0..200 {
        let size = 12 + 8 * (team % 4);
        let truth: Vec<f64> = (0..size).map(|_| 0.5 * normal(&mut rng)).collect();
        let found = skills(&chances(size, 1, 60, team as u64, |rep, _| truth[rep]));
        let mut order: Vec<usize> = (0..size).collect();
        order.sort_by(|&a, &b| truth[b].total_cmp(&truth[a]));
        for row in found.rows().iter().filter(|row| row.skill == "results") {
            let place = order.iter().position(|i| format!("r{i:02}") == row.rep).unwrap();
            let hit = match row.tier {
                Tier::Top => place < size / 3,
                Tier::BelowStandard => place >= size - size / 3,
                _ => continue,
            };
            named += 1;
            right += u32::from(hit);
        }
    }
    assert!(named > 300 && f64::from(right) >= 0.9 * f64::from(named), "{right} of {named}");
}

#[test]
fn who_cannot_be_told_apart_is_undetermined() {
    let told = (0..20).filter(|&seed| skills(&chances(30, 1, 40, seed, |_, _| 0.2)).rows().iter().any(|row| row.tier != Tier::Undetermined));
    let told = told.count();
    assert!(told <= 3, "{told}");
    // One conversation says nothing of a person, however it went.
    let mut builder = ChanceBuilder::new(&[], None, 0).unwrap();
    let step = builder.chance(chance(ChanceKind::Step, "need"));
    for rep in 0..10 {
        builder.add(step, &format!("r{rep}"), None, &[], 200, 20 + 16 * rep).unwrap();
    }
    builder.add(step, "new", None, &[], 1, 0).unwrap();
    let found = skills(&builder.build());
    let new = found.skill_of("new", "step:need").unwrap().unwrap();
    assert_eq!(new.tier, Tier::Undetermined);
    assert!(new.rate.low < 0.2 && new.rate.high > 0.7 && (new.rate.estimate - 0.46).abs() < 0.15, "{new:?}");
    assert_eq!(found.skill_of("r9", "step:need").unwrap().unwrap().tier, Tier::Top);
    assert_eq!(found.skill_of("nobody", "step:need").unwrap_err().code(), "argument.invalid");
    assert_eq!(found.skill_of("new", "step:other").unwrap_err().code(), "argument.invalid");
}

#[test]
fn hard_cases_are_no_fault() {
    let mut builder = ChanceBuilder::new(&["segment"], None, 0).unwrap();
    let step = builder.chance(chance(ChanceKind::Result, "need"));
    for rep in 0..12 {
        let hard = if rep % 2 == 0 { 90 } else { 10 };
        builder.add(step, &format!("r{rep}"), None, &["hard"], hard, hard / 5).unwrap();
        builder.add(step, &format!("r{rep}"), None, &["easy"], 100 - hard, (100 - hard) * 7 / 10).unwrap();
    }
    let found = skills(&builder.build());
    for row in found.rows() {
        assert!(row.difference.estimate.abs() < 0.03 && row.difference.low <= 0.0 && row.difference.high >= 0.0, "{row:?}");
        assert!((row.observed - row.expected).abs() < 0.05);
    }
}

#[test]
fn a_decline_is_found_and_a_bad_month_of_all_is_none() {
    let fell = |rep: usize, week: i32| if rep == 3 && (20..36).contains(&week) { -0.9 } else { 0.1 };
    let (mut found, mut close, mut over) = (0, 0, 0);
    for seed in 0..10 {
        let list = skills(&chances(20, 52, 12, seed, fell)).declines("results", &WatchOptions::default()).unwrap();
        let Some(d) = list.iter().find(|d| d.rep == "r03" && d.found >= date(20)) else { continue };
        found += 1;
        let near = d.since >= date(12) && d.since <= date(23) && d.found <= date(34);
        close += u32::from(near && d.until.is_none_or(|until| until > date(36)));
        over += u32::from(d.until.is_some());
        assert!(d.after < d.before && d.chance_alone <= 0.05 && list.len() <= 6, "{list:?}");
    }
    assert!(found >= 9 && close >= 8 && over >= 3, "{found} {close} {over}");
    let market = skills(&chances(20, 52, 12, 9, |_, week| if week >= 20 { -0.7 } else { 0.1 }));
    assert!(market.declines("results", &WatchOptions::default()).unwrap().len() <= 3);
}

#[test]
fn gaps_and_short_histories_are_taken() {
    let mut builder = ChanceBuilder::new(&[], None, 0).unwrap();
    let step = builder.chance(chance(ChanceKind::Result, "need"));
    for (week, rep) in [(0, "a"), (40, "a"), (0, "b")] {
        builder.add(step, rep, Some(date(week)), &[], 5, 2).unwrap();
    }
    builder.add(step, "c", None, &[], 5, 5).unwrap();
    let found = skills(&builder.build());
    let chart = found.watch("a", "results", &WatchOptions::default()).unwrap();
    assert!(chart.limit.is_none() && chart.points.len() == 2);
    assert!(found.watch("c", "results", &WatchOptions::default()).unwrap().points.is_empty());
    let bad = WatchOptions { odds_ratio: 1.5, ..WatchOptions::default() };
    assert_eq!(found.declines("results", &bad).unwrap_err().code(), "argument.invalid");
}

#[test]
fn training_is_held_against_others_from_the_same_start() {
    let training = |reps: &[&str], week| Training { id: "t".into(), reps: reps.iter().map(ToString::to_string).collect(), date: date(week) };
    // Five of thirty are better by 0.8 from week 26 on.
    let mut rng = Rng::of(key(21, 0), 0);
    let own: Vec<f64> = (0..30).map(|_| 0.4 * normal(&mut rng)).collect();
    let found = skills(&chances(30, 52, 12, 4, |rep, week| own[rep] + if rep < 5 && week >= 26 { 0.8 } else { 0.0 }));
    let of = |training: &Training| found.training_effect(training, "results", &[], &TrainingOptions::default()).unwrap();
    let real = of(&training(&["r00", "r01", "r02", "r03", "r04"], 26));
    let e = real.effect.unwrap();
    assert!(real.verdict == TrainingVerdict::Better && e.low < 0.8 && 0.8 < e.high, "{e:?}");
    assert!(real.points.unwrap().estimate > 0.05 && real.study.iter().any(|p| p.weeks > 0) && real.study.iter().any(|p| p.weeks < 0));
    let none = of(&training(&["r10", "r11", "r12", "r13", "r14"], 26));
    assert_eq!(none.verdict, TrainingVerdict::NoEffectShown);
    // Before anyone was there, of nobody known, of one alone.
    let early = of(&training(&["r00"], -10));
    assert!(early.verdict == TrainingVerdict::NotEnoughData && early.left_out == ["r00"] && early.effect.is_none());
    let nobody = of(&training(&["x"], 26));
    assert!(nobody.verdict == TrainingVerdict::NotEnoughData && nobody.left_out == ["x"] && nobody.naive.is_none());
}

fn reps(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|rep| format!("r{rep:02}")).collect()
}

/// Trainings that help only those who stood low before: said of them, and not of the others; a training that does nothing is
/// said to differ for nobody.
#[test]
fn for_whom_a_training_works() {
    let (mut low, mut high, mut differs, mut null) = (0, 0, 0, 0);
    for seed in 0..20 {
        let own = |rep: usize| if rep.is_multiple_of(2) { -0.9 } else { 0.9 } + (rep % 7) as f64 * 0.05;
        let works = |rep: usize, week: i32| own(rep) + if rep < 24 && rep.is_multiple_of(2) && week > 20 { 0.8 } else { 0.0 };
        let session = [Training { id: "t".into(), reps: reps(0..24), date: date(20) }];
        let of = |found: &ForWhom, value: &str| found.groups.iter().find(|g| g.group.by == "level" && g.group.value == value).unwrap().clone();
        let found = skills(&chances(60, 44, 12, seed, works)).for_whom(&session, "results", &[], &TrainingOptions::default()).unwrap();
        let (lower, upper) = (of(&found, "lower"), of(&found, "upper"));
        assert_eq!((lower.trained, upper.trained, lower.others + upper.others), (12, 12, 36));
        low += u32::from(lower.verdict == TrainingVerdict::Better);
        high += u32::from(upper.verdict == TrainingVerdict::Better);
        differs += u32::from(lower.differs && lower.difference.is_some_and(|d| d.low < 0.8 && 0.8 < d.high) && upper.difference.is_none());
        let nothing = skills(&chances(60, 44, 12, seed + 100, |rep, _| own(rep))).for_whom(&session, "results", &[], &TrainingOptions::default()).unwrap();
        null += u32::from(nothing.groups.iter().any(|g| g.differs || matches!(g.verdict, TrainingVerdict::Better | TrainingVerdict::Worse)));
        assert!(nothing.table().len() == nothing.groups.len() && !nothing.sentence(crate::Lang::Zh).is_empty());
    }
    println!("of 20: better for the lower {low}, for the upper {high}, differs and covered {differs}; something named where nothing is {null}");
    assert!(low >= 18 && high <= 2 && differs >= 15 && null <= 4, "{low} {high} {differs} {null}");
}

/// On which cases: a training that helps with large customers only.
#[test]
fn on_which_cases_a_training_works() {
    let session = [Training { id: "t".into(), reps: reps(0..15), date: date(20) }];
    let (mut covered, mut small_named) = (0, 0);
    for seed in 0..12 {
        let mut builder = ChanceBuilder::new(&["segment"], None, 0).unwrap();
        let step = builder.chance(chance(ChanceKind::Result, "need"));
        let mut rng = Rng::of(key(seed, 7), 0);
        for (rep, week) in (0..40).flat_map(|rep| (0..44).map(move |week| (rep, week))) {
            for (segment, base, by) in [("large", -0.6, 0.9), ("small", 0.3, 0.0)] {
                let p = expit(base + f64::from(rep % 5) * 0.1 + if rep < 15 && week > 20 { by } else { 0.0 });
                let hits = (0..10).filter(|_| rng.unit() < p).count() as u32;
                builder.add(step, &format!("r{rep:02}"), Some(date(week)), &[segment], 10, hits).unwrap();
            }
        }
        let found = skills(&builder.build()).for_whom(&session, "results", &[], &TrainingOptions::default()).unwrap();
        let of = |value: &str| found.groups.iter().find(|g| g.group.by == "segment" && g.group.value == value).unwrap();
        let (large, small) = (of("large"), of("small"));
        assert!(large.verdict == TrainingVerdict::Better && large.differs && small.difference.is_none(), "{large:?}");
        covered += u32::from(large.difference.is_some_and(|d| d.low < 0.9 && 0.9 < d.high));
        small_named += u32::from(small.verdict != TrainingVerdict::NoEffectShown);
        assert!(found.sentence(crate::Lang::En).contains("large"), "{}", found.sentence(crate::Lang::En));
    }
    println!("of 12: difference between kinds of cases covered {covered}, an effect named where none is {small_named}");
    assert!(covered >= 10 && small_named <= 2, "{covered} {small_named}");
}

/// Clips watched on days of people's own: the effect is found, one that does nothing is found to do something no more often than
/// stated, and one session is what a training is.
#[test]
fn clips_watched_on_many_days() {
    let watched = |rep: usize| 16 + (rep as i32 * 5) % 13;
    let sessions: Vec<Training> = (0..14).map(|rep| Training { id: "clip-1".into(), reps: reps(rep..rep + 1), date: date(watched(rep)) }).collect();
    let of = |works: f64, seed: u64| {
        let mut rng = Rng::of(key(seed, 9), 0);
        let own: Vec<f64> = (0..44).map(|_| 0.4 * normal(&mut rng)).collect();
        let found = skills(&chances(44, 60, 10, seed, |rep, week| own[rep] + if rep < 14 && week > watched(rep) { works } else { 0.0 }));
        found.sessions_effect(&sessions, "results", &[], &TrainingOptions::default()).unwrap()
    };
    let (mut found, mut covered, mut named) = (0, 0, 0);
    for seed in 0..20 {
        let real = of(0.7, seed);
        assert_eq!((real.trained, real.others, real.reps.len()), (14, 30, 14));
        found += u32::from(real.verdict == TrainingVerdict::Better);
        covered += u32::from(real.effect.is_some_and(|e| e.low < 0.7 && 0.7 < e.high));
    }
    for seed in 100..160 {
        named += u32::from(of(0.0, seed).verdict != TrainingVerdict::NoEffectShown);
    }
    println!("clips: found {found} of 20, covered {covered} of 20, named without an effect {named} of 60");
    assert!(found >= 19 && covered >= 17 && named <= 6, "{found} {covered} {named}");
    let people = skills(&chances(44, 60, 10, 1, |rep, _| (rep % 9) as f64 * 0.1));
    let (one, options) = (Training { id: "t".into(), reps: reps(0..9), date: date(30) }, TrainingOptions::default());
    let split = [Training { reps: reps(0..4), ..one.clone() }, Training { reps: reps(4..9), ..one.clone() }];
    assert_eq!(people.training_effect(&one, "results", &[], &options).unwrap(), people.sessions_effect(&split, "results", &[], &options).unwrap());
    assert_eq!(people.sessions_effect(&[], "results", &[], &options).unwrap_err().code(), "argument.invalid");
}
