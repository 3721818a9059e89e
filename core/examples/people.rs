//! How well declines, trainings and drift planted in `sales_sim.py` are found.
//!
//! ```text
//! cargo run --release --example people -- run1/conversations.jsonl run2/conversations.jsonl ...
//! ```
//!
//! Planted: the ability of r07 and r08 falls by 1.0 on 2024-04-01 (0.55 in the log-odds of each step's result), r07 is retrained on
//! 2024-08-15 and is as before; the customer's `competitor_question` becomes five times as frequent on 2024-07-01; all else is stable.

use goldpath::coaching::{SkillOptions, Skills, Training, TrainingOptions, TrainingVerdict, WatchOptions};
use goldpath::monitor::{ChanceKind, ChanceOptions, Chances, DriftOptions};
use goldpath::{Corpus, Sop};
use jiff::civil::Date;

const SOP: &str = "{format: goldpath/1, name: sales,
  steps: {greet: {}, need: {}, qualify: {}, present: {}, price: {}, close: {},
    hard_objection: {by: customer, unplanned: true}, competitor_question: {by: customer, unplanned: true}},
  flow: [greet, need, qualify, present, price, close]}";
/// The planted drop of the log-odds at each step.
const DROP: f64 = 0.55;
/// Reps the placebo is given to.
const PLACEBO: usize = 6;

#[derive(Default)]
struct Found {
    r07: u32,
    r08: u32,
    false_alarms: u32,
}

#[derive(Default)]
struct Taught {
    excludes: u32,
    covers: u32,
    both: u32,
    untrained: u32,
    untrained_worse: u32,
    placebo: u32,
    placebo_better: u32,
    slope: f64,
    naive: u32,
    sum: f64,
    width: f64,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let files: Vec<String> = std::env::args().skip(1).collect();
    let sop = Sop::parse(SOP)?;
    let date = |text: &str| text.parse::<Date>();
    let (fell, taught, drifted) = (date("2024-04-01")?, date("2024-08-15")?, date("2024-07-01")?);
    let budgets = [2.0, 3.0, 4.0].map(|alarms: f64| (alarms, alarms / 58.0));
    let mut declines: Vec<(f64, f64, Found)> = budgets.iter().map(|&(n, share)| (n, share, Found::default())).collect();
    let usual = WatchOptions::default();
    declines.push((58.0 * usual.false_alarm, usual.false_alarm, Found::default()));
    let windows = [(12, 20), (12, 12), (8, 8)];
    let mut effects: Vec<Taught> = windows.iter().map(|_| Taught::default()).collect();
    let (mut gain, mut risen, mut claimed) = (0.0, 0, 0);
    let (mut dated, mut again, mut days, mut stable, mut flagged, mut runs) = (0, 0, 0.0, 0, 0, 0);
    for file in &files {
        let corpus = Corpus::read(file)?;
        let chances = Chances::of(&corpus.check(&sop)?, &ChanceOptions { as_of: Some(date("2024-12-31")?), ..ChanceOptions::default() })?;
        let skills = Skills::of(&chances, &SkillOptions::default())?;
        runs += 1;
        for (_, share, found) in &mut declines {
            let list = skills.declines("results", &WatchOptions { false_alarm: *share, ..usual })?;
            // A week is over on its Sunday.
            let in_time = |rep: &str| {
                list.iter().any(|d| {
                    d.rep == rep && d.found >= fell && d.found.saturating_add(jiff::Span::new().days(6)) <= fell.saturating_add(jiff::Span::new().days(100))
                })
            };
            found.r07 += u32::from(in_time("r07"));
            found.r08 += u32::from(in_time("r08"));
            let mut others: Vec<&str> = list.iter().map(|d| d.rep.as_str()).filter(|rep| !["r07", "r08"].contains(rep)).collect();
            others.sort_unstable();
            others.dedup();
            found.false_alarms += others.len() as u32;
        }
        let training = |id: &str, reps: Vec<String>| Training { id: id.into(), reps, date: taught };
        let real = training("retraining", vec!["r07".into()]);
        let worst = worst_lately(&chances, taught);
        for (&(before_weeks, after_weeks), sum) in windows.iter().zip(&mut effects) {
            let options = TrainingOptions { before_weeks, after_weeks, ..TrainingOptions::default() };
            let effect = skills.training_effect(&real, "results", &[], &options)?;
            if let Some(e) = effect.effect {
                let (excludes, covers) = (effect.verdict == TrainingVerdict::Better, e.low <= DROP && DROP <= e.high);
                sum.excludes += u32::from(excludes);
                sum.covers += u32::from(covers);
                sum.both += u32::from(excludes && covers);
                sum.sum += e.estimate;
                sum.width += e.high - e.low;
            }
            let untrained = training("none", vec!["r08".into()]);
            let none = |verdict| u32::from(verdict == TrainingVerdict::NoEffectShown);
            let control = skills.training_effect(&untrained, "results", std::slice::from_ref(&real), &options)?;
            sum.untrained += none(control.verdict);
            sum.untrained_worse += u32::from(control.verdict == TrainingVerdict::Worse);
            sum.slope += control.slope.unwrap_or(0.0);
            let placebo = skills.training_effect(&training("placebo", worst.clone()), "results", std::slice::from_ref(&real), &options)?;
            sum.placebo += none(placebo.verdict);
            sum.placebo_better += u32::from(placebo.verdict == TrainingVerdict::Better);
            sum.naive += u32::from(placebo.naive.is_some_and(|n| n.low > 0.0));
        }
        let (before, after) = (pooled(&chances, &worst, taught, -28), pooled(&chances, &worst, taught, 7));
        gain += after.0 / after.1 - before.0 / before.1;
        risen += u32::from(after.0 / after.1 > before.0 / before.1);
        let share = (before.0 + after.0) / (before.1 + after.1);
        let z = (after.0 / after.1 - before.0 / before.1) / (share * (1.0 - share) * (1.0 / before.1 + 1.0 / after.1)).sqrt();
        claimed += u32::from(z > 1.96);
        for drift in chances.drift(&DriftOptions::default()) {
            if drift.chance.kind == ChanceKind::Customer && drift.chance.step == "competitor_question" {
                if drift.changed {
                    let off = f64::from(drifted.until(drift.since)?.get_days().abs());
                    dated += u32::from(off <= 14.0);
                    again += u32::from(off > 14.0);
                    days += if off <= 14.0 { off } else { 0.0 };
                }
            } else {
                stable += 1;
                flagged += u32::from(drift.changed);
            }
        }
    }
    let n = f64::from(runs);
    println!("declines within 100 days, of {runs} runs");
    println!("{:>22} {:>8} {:>5} {:>5} {:>22}", "false alarms asked for", "share", "r07", "r08", "false alarms a run");
    for (asked, share, found) in &declines {
        println!("{asked:22.1} {share:8.4} {:5} {:5} {:22.2}", found.r07, found.r08, f64::from(found.false_alarms) / n);
    }
    println!("\ntraining, truth {DROP}");
    println!(
        "{:>12} {:>9} {:>7} {:>5} {:>6} {:>6} {:>6} {:>15} {:>6} {:>14} {:>7} {:>13}",
        "weeks", "excl. 0", "covers", "both", "mean", "width", "slope", "r08: no effect", "worse", "placebo: none", "better", "naive: helps"
    );
    for ((before, after), e) in windows.iter().zip(&effects) {
        println!(
            "{:>12} {:9} {:7} {:5} {:6.3} {:6.3} {:6.3} {:15} {:6} {:14} {:7} {:13}",
            format!("{before} + {after}"),
            e.excludes,
            e.covers,
            e.both,
            e.sum / n,
            e.width / n,
            e.slope / n,
            e.untrained,
            e.untrained_worse,
            e.placebo,
            e.placebo_better,
            e.naive
        );
    }
    println!(
        "placebo, the four weeks after held against the four before: a gain in {risen} of {runs} runs, {:+.1} points on average, beyond chance in {claimed}",
        100.0 * gain / n
    );
    println!("\ncompetitor_question dated within two weeks: {dated} of {runs}, off by {:.1} days on average; dated elsewhere: {again}", days / n);
    println!("stable shares: {stable}, of these named as changed: {flagged}");
    Ok(())
}

/// Results of some reps in four weeks that begin so many days after a day.
fn pooled(chances: &Chances, reps: &[String], day: Date, after: i64) -> (f64, f64) {
    let from = day.saturating_add(jiff::Span::new().days(after));
    let parts = reps.iter().map(|rep| chances.taken(rep, ChanceKind::Result, from, from.saturating_add(jiff::Span::new().days(28))));
    parts.fold((0.0, 0.0), |(hits, n), part| (hits + part.0 as f64, n + part.1 as f64))
}

/// Those with the fewest wins for what they had in the four weeks before a day.
fn worst_lately(chances: &Chances, day: Date) -> Vec<String> {
    let from = day.saturating_add(jiff::Span::new().days(-28));
    let mut shares: Vec<(f64, String)> = vec![];
    for rep in chances.reps().filter(|rep| *rep != "r07") {
        let (hits, n) = chances.taken(rep, ChanceKind::Result, from, day);
        if n > 0 {
            shares.push((hits as f64 / n as f64, rep.to_owned()));
        }
    }
    shares.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
    shares.into_iter().take(PLACEBO).map(|s| s.1).collect()
}
