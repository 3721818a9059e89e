//! Tiers of simulated teams whose skill is known: how many of those named are where they are said to be, and of how many nothing is
//! said; and how long it takes for very many people.
//!
//! ```text
//! cargo run --release --example people_tiers -- [reps]
//! ```

use std::time::Instant;

use goldpath::coaching::{SkillOptions, Skills, Tier, WatchOptions};
use goldpath::monitor::{ChanceBuilder, ChanceId, ChanceKind};

/// A small generator, the same everywhere.
struct Dice(u64);

impl Dice {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Near enough to normal: the sum of twelve.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}

fn chance(kind: ChanceKind, step: &str) -> ChanceId {
    ChanceId { kind, sop: "simulated".into(), entry: 0, step: step.into(), title: step.into(), standard: None, point: None }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    const SPREAD: f64 = 0.5;
    println!("{:>8} {:>6} {:>8} {:>10} {:>14}", "chances", "teams", "named", "right", "undetermined");
    let mut dice = Dice(1);
    for n in [25u32, 50, 100, 200, 400, 800] {
        let (mut named, mut right, mut undetermined, mut all) = (0u32, 0u32, 0u32, 0u32);
        for team in 0..200u32 {
            let size = 12 + (team % 5) * 12;
            let truth: Vec<f64> = (0..size).map(|_| SPREAD * dice.normal()).collect();
            let mut builder = ChanceBuilder::new(&["segment"], None, 0)?;
            let step = builder.chance(chance(ChanceKind::Result, "need"));
            for (rep, theta) in truth.iter().enumerate() {
                // Everybody has other cases.
                let hard = 0.1 + 0.8 * dice.unit();
                let mut hits = [(0, 0); 2];
                for _ in 0..n {
                    let segment = usize::from(dice.unit() < hard);
                    let p = 1.0 / (1.0 + (-(0.5 - 1.5 * segment as f64 + theta)).exp());
                    hits[segment].0 += 1;
                    hits[segment].1 += u32::from(dice.unit() < p);
                }
                for (segment, (cases, taken)) in ["smb", "ent"].iter().zip(hits) {
                    builder.add(step, &format!("r{rep:02}"), None, &[segment], cases, taken)?;
                }
            }
            let skills = Skills::of(&builder.build(), &SkillOptions::default())?;
            let mut order: Vec<usize> = (0..truth.len()).collect();
            order.sort_by(|&a, &b| truth[b].total_cmp(&truth[a]));
            let third = truth.len() / 3;
            for row in skills.rows().iter().filter(|row| row.skill == "result:need") {
                let rep: usize = row.rep[1..].parse()?;
                let place = order.iter().position(|&i| i == rep).unwrap_or(0);
                all += 1;
                match row.tier {
                    Tier::Top => (named, right) = (named + 1, right + u32::from(place < third)),
                    Tier::BelowStandard => (named, right) = (named + 1, right + u32::from(place >= truth.len() - third)),
                    Tier::Undetermined => undetermined += 1,
                    _ => {}
                }
            }
        }
        let share = |part: u32, whole: u32| f64::from(part) / f64::from(whole.max(1));
        println!("{n:8} {:6} {named:8} {:9.1}% {:13.1}%", 200, 100.0 * share(right, named), 100.0 * share(undetermined, all));
    }

    let reps: usize = std::env::args().nth(1).map_or(Ok(1_000), |text| text.parse())?;
    let mut builder = ChanceBuilder::new(&["segment"], None, 0)?;
    let steps: Vec<u32> = (0..15).map(|i| builder.chance(chance(ChanceKind::Result, &format!("step{i:02}")))).collect();
    let monday: jiff::civil::Date = "2024-01-01".parse()?;
    let names: Vec<String> = (0..reps).map(|rep| format!("r{rep:05}")).collect();
    for name in &names {
        let theta = SPREAD * dice.normal();
        for week in 0..52 {
            let day = monday.saturating_add(jiff::Span::new().days(7 * week));
            for &step in &steps {
                let n = 1 + (dice.unit() * 6.0) as u32;
                let p = 1.0 / (1.0 + (-(0.2 + theta)).exp());
                let hits = (0..n).filter(|_| dice.unit() < p).count() as u32;
                builder.add(step, name, Some(day), &[if week % 2 == 0 { "smb" } else { "ent" }], n, hits)?;
            }
        }
    }
    let chances = builder.build();
    let start = Instant::now();
    let skills = Skills::of(&chances, &SkillOptions::default())?;
    let fitted = start.elapsed();
    let start = Instant::now();
    let rows = skills.rows().len();
    let shown = start.elapsed();
    let start = Instant::now();
    let mut declines = 0;
    for skill in skills.skills() {
        declines += skills.declines(&skill.key, &WatchOptions::default())?.len();
    }
    let watched = start.elapsed();
    println!("{reps} reps, 52 weeks, 15 skills: fitted {fitted:.2?}, {rows} rows {shown:.2?}, {declines} declines in all skills {watched:.2?}");
    Ok(())
}
