//! The reps of a world: their names, teams, skill and habits.

use super::names;
use super::rng::Rng;
use super::world::World;

pub(super) struct Rep {
    pub(super) name: String,
    pub(super) team: usize,
    /// Log-odds, team included.
    pub(super) skill: f64,
    /// First day of using `roi_story` and how often from then on.
    pub(super) roi: (f64, f64),
    pub(super) golf: bool,
    /// Cumulated shares of the segments among the rep's customers.
    pub(super) segments: [f64; 3],
}

pub(super) struct Staff {
    pub(super) reps: Vec<Rep>,
    pub(super) teams: Vec<String>,
    pub(super) innovators: Vec<usize>,
    pub(super) adopters: Vec<usize>,
    pub(super) golfers: Vec<usize>,
}

impl Staff {
    pub(super) fn hire(world: &World) -> Self {
        let (count, teams) = (world.reps.max(1), world.teams.max(1));
        let mut rng = Rng::new(world.staff_seed);
        let mut reps: Vec<Rep> = (0..count)
            .map(|i| {
                let team = i % teams;
                let of_team = if teams > 1 { 0.3 * (team as f64 / (teams - 1) as f64 - 0.5) } else { 0.0 };
                let [smb, mid] = [0.45 + 0.06 * rng.normal(), 0.35 + 0.05 * rng.normal()].map(|share| share.clamp(0.1, 0.6));
                Rep {
                    name: names::rep(world.language, i),
                    team,
                    skill: world.skill_spread * rng.normal() + of_team,
                    roi: (0.0, 0.01),
                    golf: false,
                    segments: [smb, (smb + mid).min(0.95), 1.0],
                }
            })
            .collect();
        let mean = reps.iter().map(|rep| rep.skill).sum::<f64>() / count as f64;
        for rep in &mut reps {
            rep.skill -= mean;
        }
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by(|&a, &b| reps[b].skill.total_cmp(&reps[a].skill).then(a.cmp(&b)));

        // Innovators stand in the middle: of middling skill, with harder customers than most.
        let middle = order.len().saturating_sub(world.innovators) / 2;
        let innovators: Vec<usize> = order.iter().skip(middle).take(world.innovators).copied().collect();
        for &i in &innovators {
            reps[i].skill = -0.15;
            reps[i].roi = (0.0, 0.7);
            reps[i].segments = [0.25, 0.6, 1.0];
        }
        let golfers: Vec<usize> = order.iter().filter(|i| !innovators.contains(i)).take(count.div_ceil(6)).copied().collect();
        for &i in &golfers {
            reps[i].golf = true;
        }
        let mut others: Vec<usize> = (0..count).filter(|i| !innovators.contains(i)).collect();
        let mut adopters = Vec::new();
        while adopters.len() < world.adopters && !others.is_empty() {
            let i = others.swap_remove(rng.below(others.len()));
            reps[i].roi = (f64::from(world.days) * (0.25 + 0.35 * rng.unit()), 0.3);
            adopters.push(i);
        }
        adopters.sort_unstable();
        let teams = (0..teams).map(|i| names::team(world.language, i)).collect();
        Self { reps, teams, innovators, adopters, golfers }
    }
}
