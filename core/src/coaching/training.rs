//! What a training did: those who had it against comparable people who had not, from the same starting point.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::skills::{Skills, monday};
use crate::error::{Error, Result};
use crate::monitor::{week, week_of_day};
use crate::stats::{Interval, ancova, level_t};

/// A training that was held, or a clip that was given to watch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Training {
    /// Its id.
    pub id: String,
    /// Who took part.
    pub reps: Vec<String>,
    /// The day.
    pub date: Date,
}

/// How the effect of a training is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainingOptions {
    /// Whole weeks before the week of the training that say where people stood.
    pub before_weeks: i32,
    /// Whole weeks after it that say where they stand.
    pub after_weeks: i32,
    /// Fewest chances of a person in each of the two.
    pub least: u64,
    /// Level of the interval.
    pub level: f64,
    /// Only people of the same teams are compared with.
    pub same_team: bool,
}

impl Default for TrainingOptions {
    fn default() -> Self {
        Self { before_weeks: 12, after_weeks: 20, least: 20, level: 0.95, same_team: false }
    }
}

/// What may be said of a training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrainingVerdict {
    /// Those trained did better afterwards than comparable others.
    Better,
    /// They did worse.
    Worse,
    /// No effect shown.
    NoEffectShown,
    /// Too few people or chances to say.
    NotEnoughData,
}

impl TrainingVerdict {
    /// The name, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::NoEffectShown => "no_effect_shown",
            Self::NotEnoughData => "not_enough_data",
        }
    }
}

/// One person before and after.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrainedRep {
    /// Who.
    pub rep: String,
    /// Share at the cases of all before.
    pub before: f64,
    /// And after.
    pub after: f64,
    /// Where comparable others from the same starting point came to; `None` where that could not be told.
    pub expected: Option<f64>,
    /// Chances before and after.
    pub n: (u64, u64),
}

/// Four weeks of the event study.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StudyPoint {
    /// Monday of its first week.
    pub from: Date,
    /// Weeks from the training to it; negative before.
    pub weeks: i32,
    /// Trained minus the others, in log-odds, each against their own level before.
    pub gap: Interval,
}

/// The effect of a training on a skill.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrainingEffect {
    /// Id of the training.
    pub training: String,
    /// Key of the skill.
    pub skill: String,
    /// People trained, and others they are compared with.
    pub trained: usize,
    /// Others.
    pub others: usize,
    /// Log-odds trained people were above others from the same starting point.
    pub effect: Option<Interval>,
    /// The same as a difference of shares, at where the trained ended.
    pub points: Option<Interval>,
    /// Probability of so large an effect by chance.
    pub p_value: Option<f64>,
    /// How much of a difference before is left after: below 1, regression to the mean.
    pub slope: Option<f64>,
    /// What a plain comparison of before and after would claim for the trained: not to be believed.
    pub naive: Option<Interval>,
    /// What may be said.
    pub verdict: TrainingVerdict,
    /// Each person trained.
    pub reps: Vec<TrainedRep>,
    /// The gap over time.
    pub study: Vec<StudyPoint>,
    /// People trained of whom nothing can be said: unknown, no cases before (such as trained before they were hired), or too few.
    pub left_out: Vec<String>,
}

impl TrainingEffect {
    /// One sentence about it.
    pub fn sentence(&self, lang: crate::words::Lang) -> String {
        crate::words::people::training(self, lang)
    }
}

impl Skills {
    /// The effect of a training on a skill, by analysis of covariance of the level after on the level before. `also` are other
    /// trainings: whoever had one of them within the two windows is not among those compared with.
    ///
    /// # Errors
    /// [`Error::Argument`] for a skill that is not there or an option out of range.
    pub fn training_effect(&self, training: &Training, skill: &str, also: &[Training], options: &TrainingOptions) -> Result<TrainingEffect> {
        let at = self.find(skill)?;
        let weeks = 1..=520;
        let fine = weeks.contains(&options.before_weeks) && weeks.contains(&options.after_weeks) && options.level > 0.0 && options.level < 1.0;
        if !fine {
            return Err(Error::argument("training", "an option is out of range", "1 to 520 weeks before and after, a level between 0 and 1"));
        }
        let (fit, chances) = (&self.0.fits[at], &self.0.chances.0);
        let held = week(training.date);
        let (from, to) = (held - options.before_weeks, held + 1 + options.after_weeks);
        // A week still running would be half empty, and what comes after it is not known.
        let last = chances.as_of.map_or(i32::MAX, |day| week_of_day(day) + 1);
        let took = |rep: &str| training.reps.iter().any(|r| r == rep);
        let taught = |rep: &str| also.iter().any(|t| t.reps.iter().any(|r| r == rep) && (from..to).contains(&week(t.date)));
        let teams: Vec<Option<&str>> = training.reps.iter().map(|rep| self.0.chances.team_of(rep)).collect();
        let mut people = vec![];
        for (number, name) in chances.reps.iter().enumerate() {
            let trained = took(name);
            if !trained && (taught(name) || options.same_team && !teams.contains(&self.0.chances.team_of(name))) {
                continue;
            }
            let before = fit.level_within(chances, number as u32, from, held);
            let after = fit.level_within(chances, number as u32, held + 1, to.min(last));
            if let (Some(before), Some(after)) = (before, after)
                && before.1 >= options.least
                && after.1 >= options.least
            {
                people.push((number as u32, trained, before, after));
            }
        }
        let kept = |rep: &str| people.iter().any(|p| p.1 && chances.reps.get(p.0) == Some(rep));
        let left_out: Vec<String> = training.reps.iter().filter(|rep| !kept(rep)).cloned().collect();
        let persons: Vec<(bool, f64, f64)> = people.iter().map(|p| (p.1, p.2.0.estimate, p.3.0.estimate)).collect();
        let trained: Vec<_> = people.iter().filter(|p| p.1).collect();
        let found = if people.len() - trained.len() >= 4 { ancova(&persons) } else { None };
        let effect = found.and_then(|f| f.interval(options.level));
        let mean = |of: &dyn Fn(&(bool, f64, f64)) -> Option<f64>| {
            let values: Vec<f64> = persons.iter().filter_map(of).collect();
            (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
        };
        let centre = |arm: bool| Some((mean(&|p| (p.0 == arm).then_some(p.1))?, mean(&|p| (p.0 == arm).then_some(p.2))?));
        let points = effect.zip(centre(true)).map(|(e, (_, after))| {
            let less = |by: f64| fit.rate(after) - fit.rate(after - by);
            Interval { estimate: less(e.estimate), low: less(e.low), high: less(e.high) }
        });
        let others = centre(false);
        let expected = |before: f64| found.zip(others).map(|(f, (x, y))| fit.rate(y + f.slope * (before - x)));
        let reps = (trained.iter())
            .map(|p| TrainedRep {
                rep: chances.reps.get(p.0).unwrap_or_default().to_owned(),
                before: fit.rate(p.2.0.estimate),
                after: fit.rate(p.3.0.estimate),
                expected: expected(p.2.0.estimate),
                n: (p.2.1, p.3.1),
            })
            .collect();
        let verdict = match effect {
            None => TrainingVerdict::NotEnoughData,
            Some(e) if e.low > 0.0 => TrainingVerdict::Better,
            Some(e) if e.high < 0.0 => TrainingVerdict::Worse,
            Some(_) => TrainingVerdict::NoEffectShown,
        };
        let gains: Vec<(f64, f64)> = trained.iter().map(|p| (p.3.0.estimate - p.2.0.estimate, p.3.0.se.hypot(p.2.0.se))).collect();
        Ok(TrainingEffect {
            training: training.id.clone(),
            skill: skill.to_owned(),
            trained: trained.len(),
            others: people.len() - trained.len(),
            effect,
            points,
            p_value: found.and_then(|f| f.test()).map(|t| t.p_value),
            slope: found.map(|f| f.slope),
            naive: naive(&gains, options.level),
            verdict,
            reps,
            study: self.study(at, &people.iter().map(|p| (p.0, p.1)).collect::<Vec<_>>(), held, from, to.min(last), options.level),
            left_out,
        })
    }

    /// Trained minus others in blocks of four weeks, each person against their own level over the weeks before.
    fn study(&self, skill: usize, people: &[(u32, bool)], held: i32, from: i32, to: i32, level: f64) -> Vec<StudyPoint> {
        const BLOCK: i32 = 4;
        let (fit, chances) = (&self.0.fits[skill], &self.0.chances.0);
        let own: Vec<f64> = people.iter().map(|&(rep, _)| fit.level_within(chances, rep, from, held).map_or(0.0, |l| l.0.estimate)).collect();
        let mut study = vec![];
        let before = (1..=(held - from) / BLOCK).rev().map(|i| held - i * BLOCK);
        let after = (0..(to - held - 1).max(0) / BLOCK).map(|i| held + 1 + i * BLOCK);
        for start in before.chain(after) {
            let mut arms = [(0.0, 0.0), (0.0, 0.0)];
            for (&(rep, trained), own) in people.iter().zip(&own) {
                for w in fit.weeks(chances, rep, *own).iter().filter(|w| (start..start + BLOCK).contains(&w.week)) {
                    let arm = &mut arms[usize::from(trained)];
                    *arm = (arm.0 + w.u, arm.1 + w.v);
                }
            }
            let [others, trained] = arms;
            if others.1 > 1.0 && trained.1 > 1.0 {
                let (estimate, se) = (trained.0 / trained.1 - others.0 / others.1, (1.0 / trained.1 + 1.0 / others.1).sqrt());
                let half = crate::stats::level_z(level).unwrap_or(1.96) * se;
                let gap = Interval { estimate, low: estimate - half, high: estimate + half };
                study.push(StudyPoint { from: monday(start), weeks: start - held, gap });
            }
        }
        study
    }
}

/// Mean gain with its interval: the t interval over people, or that of the one person.
fn naive(gains: &[(f64, f64)], level: f64) -> Option<Interval> {
    let n = gains.len() as f64;
    let mean = gains.iter().map(|g| g.0).sum::<f64>() / n;
    let half = match gains {
        [] => return None,
        [one] => crate::stats::level_z(level)? * one.1,
        many => level_t(level, n - 1.0)? * (many.iter().map(|g| (g.0 - mean).powi(2)).sum::<f64>() / (n - 1.0) / n).sqrt(),
    };
    Some(Interval { estimate: mean, low: mean - half, high: mean + half })
}
