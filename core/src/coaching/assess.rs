//! Assessment (考核): is a skill above its pass line, as far as the chances of a period can tell?

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::skills::Skills;
use crate::error::{Error, Result};
use crate::monitor::{first_week, week};
use crate::stats::{Estimate, Interval, level_z, normal_cdf};

/// What an assessment came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssessmentResult {
    /// Above the pass line, almost surely.
    Pass,
    /// Below it, almost surely.
    Fail,
    /// The chances do not tell.
    NotEnoughData,
}

impl AssessmentResult {
    /// The name, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::NotEnoughData => "not_enough_data",
        }
    }
}

/// One assessment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    /// The rep.
    pub rep: String,
    /// Key of the skill, or name of the host's indicator (考核指标).
    pub skill: String,
    /// First day that counts.
    pub from: Date,
    /// Last day that counts.
    pub to: Date,
    /// Chances, where it is a skill.
    pub n: u64,
    /// What was reached: for a skill the share at the cases of all.
    pub value: Option<f64>,
    /// 95 % interval of a skill.
    pub low: Option<f64>,
    /// Its upper end.
    pub high: Option<f64>,
    /// The pass line (合格线).
    pub pass_line: f64,
    /// Probability of being above it.
    pub p_above: Option<f64>,
    /// What it came to.
    pub result: AssessmentResult,
}

impl Assessment {
    /// One sentence about it.
    pub fn sentence(&self, lang: crate::words::Lang) -> String {
        crate::words::people::assessment(self, lang)
    }
}

/// When an assessment says something.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AssessOptions {
    /// How probable pass or fail has to be.
    pub sure: f64,
    /// Fewest chances.
    pub least: u64,
}

impl Default for AssessOptions {
    fn default() -> Self {
        Self { sure: 0.8, least: 10 }
    }
}

/// An indicator of the host (考核指标), such as the score of a written test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kpi {
    /// Its name.
    pub name: String,
    /// What people read; the name where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The pass line.
    pub pass_line: f64,
    /// Lower values are the better ones.
    #[serde(default)]
    pub lower_is_better: bool,
}

impl Kpi {
    /// A value held against the pass line; on the line is a pass.
    pub fn assess(&self, rep: &str, on: Date, value: Option<f64>) -> Assessment {
        let value = value.filter(|v| v.is_finite());
        let result = match value {
            None => AssessmentResult::NotEnoughData,
            Some(v) if v == self.pass_line || (v > self.pass_line) != self.lower_is_better => AssessmentResult::Pass,
            Some(_) => AssessmentResult::Fail,
        };
        Assessment {
            rep: rep.into(),
            skill: self.name.clone(),
            from: on,
            to: on,
            n: 0,
            value,
            low: None,
            high: None,
            pass_line: self.pass_line,
            p_above: None,
            result,
        }
    }
}

impl Skills {
    /// Assesses a rep's skill on the whole weeks from a day to another, against a pass line: the share that is asked for with the
    /// cases of all. The level is drawn to that of the other reps as for all skills.
    ///
    /// # Errors
    /// [`Error::Argument`] for a skill or rep that is not there, a line that is no share, or days in the wrong order.
    pub fn assess(&self, rep: &str, skill: &str, from: Date, to: Date, pass_line: f64, options: &AssessOptions) -> Result<Assessment> {
        let (number, at) = (self.rep(rep)?, self.find(skill)?);
        if !(pass_line > 0.0 && pass_line < 1.0) {
            return Err(Error::argument("pass_line", format!("{pass_line} is no share"), "a number between 0 and 1"));
        }
        if from > to {
            return Err(Error::argument("from", format!("{from} is after {to}"), "the first day, then the last"));
        }
        let (fit, chances) = (&self.0.fits[at], &self.0.chances.0);
        let next = to.saturating_add(jiff::Span::new().days(1));
        let found = fit.level_within(chances, number, first_week(from), week(next).max(first_week(from)));
        let empty = Assessment {
            rep: rep.into(),
            skill: skill.into(),
            from,
            to,
            n: 0,
            value: None,
            low: None,
            high: None,
            pass_line,
            p_above: None,
            result: AssessmentResult::NotEnoughData,
        };
        let Some((alone, n)) = found else { return Ok(empty) };
        let level = drawn(alone, fit.spread);
        let z = level_z(0.95).unwrap_or(1.96);
        let rate = |by: f64| fit.rate(level.estimate + by * level.se);
        let (rates, cut) = (Interval { estimate: rate(0.0), low: rate(-z), high: rate(z) }, fit.level_of(pass_line));
        let p_above = if level.se > 0.0 { normal_cdf((level.estimate - cut) / level.se) } else { f64::from(u8::from(level.estimate >= cut)) };
        let result = if n < options.least {
            AssessmentResult::NotEnoughData
        } else if p_above >= options.sure {
            AssessmentResult::Pass
        } else if 1.0 - p_above >= options.sure {
            AssessmentResult::Fail
        } else {
            AssessmentResult::NotEnoughData
        };
        Ok(Assessment { n, value: Some(rates.estimate), low: Some(rates.low), high: Some(rates.high), p_above: Some(p_above), result, ..empty })
    }
}

/// A level of its own drawn to the others; where these do not differ beyond chance it keeps its own error.
fn drawn(alone: Estimate, spread: f64) -> Estimate {
    // Reps without a spread between them may still have changed: half a unit of log-odds is the least that is held possible.
    let spread = spread.max(0.25);
    let part = spread * spread / (spread * spread + alone.se * alone.se);
    Estimate { estimate: part * alone.estimate, se: alone.se * part.sqrt() }
}
