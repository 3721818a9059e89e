//! What is true in a world: every planted effect by counterfactual simulation, and who does what.

use serde::Serialize;

use super::phrases;
use super::rng::Draws;
use super::staff::Staff;
use super::steps::{Choice, Key};
use super::walk::{BEST_ANSWER, Case, Walk, walk};
use super::world::{Segment, World};

/// The true effect of one choice on winning the deal.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PlantedEffect {
    /// Name, such as `skip_need`.
    pub choice: &'static str,
    /// Step it is about.
    pub step: &'static str,
    /// Where it is decided.
    pub point: &'static str,
    /// Win probability if they do it, less that if they do not, among those who come to the point and do it.
    pub win_difference: f64,
    /// The same within a segment: smb, mid, enterprise; `None` where nobody does it.
    pub by_segment: [Option<f64>; 3],
    /// Standard error of `win_difference` by simulation.
    pub std_error: f64,
    /// Share that does it among those who come to the point.
    pub share: f64,
}

/// A rep as the world knows them.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RepTruth {
    /// Name.
    pub rep: String,
    /// Team.
    pub team: String,
    /// Skill in log-odds, 0 on average.
    pub skill: f64,
    /// Chance of winning a deal, with this rep's customers and habits; `None` without draws.
    pub win_rate: Option<f64>,
}

/// What is true in a world; the case is the deal.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Truth {
    /// Simulated deals behind each figure.
    pub draws: u32,
    /// True effects; empty without draws.
    pub effects: Vec<PlantedEffect>,
    /// Chance of winning a deal; `None` without draws.
    pub win_rate: Option<f64>,
    /// Reps who found `roi_story`.
    pub innovators: Vec<String>,
    /// Reps who took it over, with the day they did, counted from the first day.
    pub adopters: Vec<(String, u32)>,
    /// A step that goes with winning and does nothing for it.
    pub spurious_step: &'static str,
    /// Reps who use it: the best ones.
    pub spurious_users: Vec<String>,
    /// The best wording of `answer`.
    pub best_answer: &'static str,
    /// All reps.
    pub reps: Vec<RepTruth>,
}

impl Truth {
    /// The effect of this name, such as `roi_story`.
    pub fn effect(&self, choice: &str) -> Option<&PlantedEffect> {
        self.effects.iter().find(|effect| effect.choice == choice)
    }
}

/// Sums over the users of a choice.
#[derive(Default, Clone, Copy)]
struct Sum {
    reach: f64,
    gain: f64,
}

impl Sum {
    fn mean(self) -> Option<f64> {
        (self.reach > 0.0).then(|| self.gain / self.reach)
    }
}

impl World {
    /// What is true in this world. Depends on the world alone, not on a seed.
    pub fn truth(&self) -> Truth {
        let staff = self.staff();
        let (effects, wins) = if self.truth_draws > 0 { self.measure(&staff) } else { (Vec::new(), vec![Sum::default(); staff.reps.len()]) };
        let all = wins.iter().fold(Sum::default(), |a, b| Sum { reach: a.reach + b.reach, gain: a.gain + b.gain });
        let names = |list: &[usize]| list.iter().map(|&i| staff.reps[i].name.clone()).collect::<Vec<_>>();
        Truth {
            draws: self.truth_draws,
            effects,
            win_rate: all.mean(),
            innovators: names(&staff.innovators),
            adopters: staff.adopters.iter().map(|&i| (staff.reps[i].name.clone(), staff.reps[i].roi.0 as u32)).collect(),
            spurious_step: Key::GolfTalk.id(),
            spurious_users: names(&staff.golfers),
            best_answer: phrases::lines(self.language, Key::Answer).agent[usize::from(BEST_ANSWER)],
            reps: (staff.reps.iter().zip(&wins))
                .map(|(rep, sum)| RepTruth { rep: rep.name.clone(), team: staff.teams[rep.team].clone(), skill: rep.skill, win_rate: sum.mean() })
                .collect(),
        }
    }

    fn measure(&self, staff: &Staff) -> (Vec<PlantedEffect>, Vec<Sum>) {
        let mut wins = vec![Sum::default(); staff.reps.len()];
        let mut users = [[Sum::default(); 3]; Choice::COUNT];
        let mut reached = [0.0; Choice::COUNT];
        let mut squares = [[0.0; 3]; Choice::COUNT];
        let (mut natural, mut with, mut without) = (Walk::default(), Walk::default(), Walk::default());
        for i in 0..self.truth_draws {
            // Apart from every seed a caller may use for conversations.
            let draws = Draws::new(self.staff_seed ^ 0x7275_7468, u64::from(i));
            let case = Case::draw(self, staff, draws);
            walk(self, staff, &case, draws, None, false, &mut natural);
            wins[case.rep].reach += 1.0;
            wins[case.rep].gain += natural.win;
            for choice in Choice::ALL {
                let (c, reach) = (choice as usize, natural.reach[choice as usize]);
                reached[c] += reach;
                if reach == 0.0 || !natural.did[c] {
                    continue;
                }
                walk(self, staff, &case, draws, Some((choice, true)), false, &mut with);
                walk(self, staff, &case, draws, Some((choice, false)), false, &mut without);
                let gain = with.win - without.win;
                let sum = &mut users[c][case.segment as usize];
                sum.reach += reach;
                sum.gain += gain;
                for (square, value) in squares[c].iter_mut().zip([gain * gain, gain * reach, reach * reach]) {
                    *square += value;
                }
            }
        }
        let effects = Choice::ALL.into_iter().map(|choice| {
            let c = choice as usize;
            let (name, step, point) = choice.describe();
            let all =
                Segment::ALL.iter().fold(Sum::default(), |a, &s| Sum { reach: a.reach + users[c][s as usize].reach, gain: a.gain + users[c][s as usize].gain });
            let mean = all.mean().unwrap_or(0.0);
            // Linearised variance of a ratio of sums.
            let variance = squares[c][0] - 2.0 * mean * squares[c][1] + mean * mean * squares[c][2];
            PlantedEffect {
                choice: name,
                step,
                point,
                win_difference: mean,
                by_segment: users[c].map(Sum::mean),
                std_error: if all.reach > 0.0 { variance.max(0.0).sqrt() / all.reach } else { 0.0 },
                share: if reached[c] > 0.0 { all.reach / reached[c] } else { 0.0 },
            }
        });
        (effects.collect(), wins)
    }
}
