//! What a training did: those who had it against comparable people who had not, from the same starting point.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::fit::{Fit, Weekly};
use super::skills::{Skills, monday};
use crate::error::{Error, Result};
use crate::monitor::{week, week_of_day};
use crate::stats::{Ancova, AncovaRow, Estimate, Interval, ancova_stacked, level_t};

/// A training that was held, or a clip that was watched, on a day.
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

/// A person beside a session: trained in it, or one of those compared with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Person {
    pub(super) rep: u32,
    /// Number of the session.
    pub(super) session: u32,
    /// Week of the session.
    pub(super) held: i32,
    pub(super) trained: bool,
    pub(super) before: (Estimate, u64),
    pub(super) after: (Estimate, u64),
}

impl Person {
    /// As a row of the analysis of covariance.
    pub(super) fn row(&self) -> AncovaRow {
        AncovaRow { group: self.session, person: self.rep, taken: self.trained, before: self.before.0.estimate, after: self.after.0.estimate }
    }
}

/// Weeks of a session: from, held, to, the last week that is whole.
pub(super) struct Window {
    pub(super) from: i32,
    pub(super) held: i32,
    pub(super) to: i32,
}

impl Skills {
    /// The effect of a training on a skill, by analysis of covariance of the level after on the level before. `also` are other
    /// trainings: whoever had one of them within the two windows is not among those compared with.
    ///
    /// # Errors
    /// [`Error::Argument`] for a skill that is not there or an option out of range.
    pub fn training_effect(&self, training: &Training, skill: &str, also: &[Training], options: &TrainingOptions) -> Result<TrainingEffect> {
        self.sessions_effect(std::slice::from_ref(training), skill, also, options)
    }

    /// The effect of a training that was held on several days, or of a clip that people watched when they liked: each person's
    /// first session counts. Those of a session are held against people who had none until its weeks are over, week for week;
    /// sessions are put together with an intercept each, and errors that allow for a person being compared with in several.
    ///
    /// Source: D. Cengiz, A. Dube, A. Lindner and B. Zipperer, *The effect of minimum wages on low-wage jobs*, Quarterly Journal of
    /// Economics 134 (2019) 1405–1454 (stacked comparisons of staggered events).
    ///
    /// # Errors
    /// As [`Skills::training_effect`]; also without a session.
    pub fn sessions_effect(&self, sessions: &[Training], skill: &str, also: &[Training], options: &TrainingOptions) -> Result<TrainingEffect> {
        let at = self.find(skill)?;
        let people = self.people_of(at, sessions, also, options)?;
        let (fit, chances) = (&self.0.fits[at], &self.0.chances.0);
        let kept = |rep: &str| people.iter().any(|p| p.trained && chances.reps.get(p.rep) == Some(rep));
        let mut left_out: Vec<String> = vec![];
        for rep in sessions.iter().flat_map(|session| &session.reps) {
            if !kept(rep) && !left_out.contains(rep) {
                left_out.push(rep.clone());
            }
        }
        let rows: Vec<AncovaRow> = people.iter().map(Person::row).collect();
        let trained: Vec<&Person> = people.iter().filter(|p| p.trained).collect();
        let others = distinct(people.iter().filter(|p| !p.trained).map(|p| p.rep));
        let found = effect(&rows);
        let interval = found.and_then(|f| f.interval(options.level));
        // Where the others of a session stood before and after.
        let centre = |session: u32| {
            let of: Vec<&AncovaRow> = rows.iter().filter(|row| row.group == session && !row.taken).collect();
            let mean = |value: &dyn Fn(&AncovaRow) -> f64| of.iter().map(|row| value(row)).sum::<f64>() / of.len() as f64;
            (!of.is_empty()).then(|| (mean(&|row| row.before), mean(&|row| row.after)))
        };
        let expected = |p: &Person| found.zip(centre(p.session)).map(|(f, (x, y))| fit.rate(y + f.slope * (p.before.0.estimate - x)));
        let reps = (trained.iter())
            .map(|p| TrainedRep {
                rep: chances.reps.get(p.rep).unwrap_or_default().to_owned(),
                before: fit.rate(p.before.0.estimate),
                after: fit.rate(p.after.0.estimate),
                expected: expected(p),
                n: (p.before.1, p.after.1),
            })
            .collect();
        let verdict = match interval {
            None => TrainingVerdict::NotEnoughData,
            Some(e) if e.low > 0.0 => TrainingVerdict::Better,
            Some(e) if e.high < 0.0 => TrainingVerdict::Worse,
            Some(_) => TrainingVerdict::NoEffectShown,
        };
        let gains: Vec<(f64, f64)> = trained.iter().map(|p| (p.after.0.estimate - p.before.0.estimate, p.after.0.se.hypot(p.before.0.se))).collect();
        Ok(TrainingEffect {
            training: sessions.first().map_or_else(String::new, |session| session.id.clone()),
            skill: skill.to_owned(),
            trained: trained.len(),
            others,
            points: interval.and_then(|e| points(fit, &rows, e)),
            effect: interval,
            p_value: found.and_then(|f| f.test()).map(|t| t.p_value),
            slope: found.map(|f| f.slope),
            naive: naive(&gains, options.level),
            verdict,
            reps,
            study: self.study(at, &people, options),
            left_out,
        })
    }

    /// Everybody of whom something can be said, session by session.
    pub(super) fn people_of(&self, skill: usize, sessions: &[Training], also: &[Training], options: &TrainingOptions) -> Result<Vec<Person>> {
        let (fit, chances) = (&self.0.fits[skill], &self.0.chances.0);
        let mut people = vec![];
        self.beside(sessions, also, options, |rep, session, trained, window| {
            let before = fit.level_within(chances, rep, window.from, window.held);
            let after = fit.level_within(chances, rep, window.held + 1, window.to);
            if let (Some(before), Some(after)) = (before, after)
                && before.1 >= options.least
                && after.1 >= options.least
            {
                people.push(Person { rep, session, held: window.held, trained, before, after });
            }
        })?;
        Ok(people)
    }

    /// Goes through the sessions: who is trained in each, and who is compared with.
    pub(super) fn beside(
        &self,
        sessions: &[Training],
        also: &[Training],
        options: &TrainingOptions,
        mut each: impl FnMut(u32, u32, bool, &Window),
    ) -> Result<()> {
        let weeks = 1..=520;
        let fine = weeks.contains(&options.before_weeks) && weeks.contains(&options.after_weeks) && options.level > 0.0 && options.level < 1.0;
        if !fine {
            return Err(Error::argument("training", "an option is out of range", "1 to 520 weeks before and after, a level between 0 and 1"));
        }
        if sessions.is_empty() {
            return Err(Error::argument("training", "there is no session of it", "who took part, and on which day"));
        }
        let chances = &self.0.chances.0;
        // A week still running would be half empty, and what comes after it is not known.
        let last = chances.as_of.map_or(i32::MAX, |day| week_of_day(day) + 1);
        let first = |rep: &str| sessions.iter().filter(|s| s.reps.iter().any(|r| r == rep)).map(|s| week(s.date)).min();
        // Sessions of one week are one.
        let held: std::collections::BTreeSet<i32> = chances.reps.iter().filter_map(first).collect();
        for (number, &held) in held.iter().enumerate() {
            let window = Window { from: held - options.before_weeks, held, to: (held + 1 + options.after_weeks).min(last) };
            let whole = window.from..held + 1 + options.after_weeks;
            let taught = |rep: &str| also.iter().any(|t| t.reps.iter().any(|r| r == rep) && whole.contains(&week(t.date)));
            let teams: Vec<Option<&str>> = chances.reps.iter().filter(|rep| first(rep) == Some(held)).map(|rep| self.0.chances.team_of(rep)).collect();
            for (rep, name) in chances.reps.iter().enumerate() {
                let own = first(name);
                let trained = own == Some(held);
                let compared = own.is_none_or(|own| own >= whole.end) && !taught(name);
                if trained || compared && (!options.same_team || teams.contains(&self.0.chances.team_of(name))) {
                    each(rep as u32, number as u32, trained, &window);
                }
            }
        }
        Ok(())
    }

    /// Trained minus others in blocks of four weeks around each session, each person against their own level over the weeks before.
    fn study(&self, skill: usize, people: &[Person], options: &TrainingOptions) -> Vec<StudyPoint> {
        const BLOCK: i32 = 4;
        let (fit, chances) = (&self.0.fits[skill], &self.0.chances.0);
        let Some(first) = people.iter().map(|p| p.held).min() else { return vec![] };
        let last = chances.as_of.map_or(i32::MAX, |day| week_of_day(day) + 1);
        let weeks: Vec<Vec<Weekly>> = people.iter().map(|p| fit.weeks(chances, p.rep, p.before.0.estimate)).collect();
        // Weeks from a session: those after it that all have.
        let after = options.after_weeks.min(people.iter().map(|p| last.saturating_sub(p.held + 1)).min().unwrap_or(0));
        let before = (1..=options.before_weeks / BLOCK).rev().map(|i| -i * BLOCK);
        let mut study = vec![];
        for start in before.chain((0..after.max(0) / BLOCK).map(|i| 1 + i * BLOCK)) {
            let mut arms = [(0.0, 0.0), (0.0, 0.0)];
            for (p, weeks) in people.iter().zip(&weeks) {
                for w in weeks.iter().filter(|w| (start..start + BLOCK).contains(&(w.week - p.held))) {
                    let arm = &mut arms[usize::from(p.trained)];
                    *arm = (arm.0 + w.u, arm.1 + w.v);
                }
            }
            let [others, trained] = arms;
            if others.1 > 1.0 && trained.1 > 1.0 {
                let (estimate, se) = (trained.0 / trained.1 - others.0 / others.1, (1.0 / trained.1 + 1.0 / others.1).sqrt());
                let half = crate::stats::level_z(options.level).unwrap_or(1.96) * se;
                let gap = Interval { estimate, low: estimate - half, high: estimate + half };
                study.push(StudyPoint { from: monday(first + start), weeks: start, gap });
            }
        }
        study
    }
}

/// How many there are, each once.
pub(super) fn distinct(reps: impl Iterator<Item = u32>) -> usize {
    reps.collect::<std::collections::BTreeSet<u32>>().len()
}

/// The effect, where there are enough others to draw a line through.
pub(super) fn effect(rows: &[AncovaRow]) -> Option<Ancova> {
    const OTHERS: usize = 4;
    if distinct(rows.iter().filter(|row| !row.taken).map(|row| row.person)) < OTHERS { None } else { ancova_stacked(rows) }
}

/// An effect in log-odds as a difference of shares, at where the trained ended.
pub(super) fn points(fit: &Fit, rows: &[AncovaRow], effect: Interval) -> Option<Interval> {
    let ended: Vec<f64> = rows.iter().filter(|row| row.taken).map(|row| row.after).collect();
    let after = ended.iter().sum::<f64>() / ended.len() as f64;
    let less = |by: f64| fit.rate(after) - fit.rate(after - by);
    (!ended.is_empty()).then(|| Interval { estimate: less(effect.estimate), low: less(effect.low), high: less(effect.high) })
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
