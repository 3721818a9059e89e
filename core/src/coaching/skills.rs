//! Skills of each rep: done when due, done to standard, result achieved, each against what the cases let expect.

use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::fit::Fit;
use super::tiers::{Tier, TierOptions, standing};
use crate::error::{Error, Result};
use crate::monitor::{ChanceId, ChanceKind, Chances};
use crate::stats::{Interval, level_z};
use crate::table::{Column, Table};

/// Several skills looked at together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Competence {
    /// Its name, which records refer to.
    pub name: String,
    /// What people read; the name where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Kinds of chances it is made of.
    pub kinds: Vec<ChanceKind>,
    /// Steps it is made of; all where empty.
    #[serde(default)]
    pub steps: Vec<String>,
}

impl Competence {
    /// Steps done when due, standards met, results achieved: what is looked at where the host names nothing.
    pub fn usual() -> Vec<Self> {
        let one = |name: &str, kind| Self { name: name.into(), title: None, kinds: vec![kind], steps: vec![] };
        vec![one("execution", ChanceKind::Step), one("standards", ChanceKind::Standard), one("results", ChanceKind::Result)]
    }
}

/// How skills are read.
#[derive(Debug, Clone)]
pub struct SkillOptions {
    /// Competences, beside the single skills.
    pub competences: Vec<Competence>,
    /// When a tier is named.
    pub tiers: TierOptions,
    /// Level of the intervals.
    pub level: f64,
}

impl Default for SkillOptions {
    fn default() -> Self {
        Self { competences: Competence::usual(), tiers: TierOptions::default(), level: 0.95 }
    }
}

/// A skill: one chance, or the chances of a competence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skill {
    /// The name records refer to: `step:need`, `result:need`, `standard:need:questions`, or that of a competence; with `@2` for the
    /// second SOP of a playbook, and so on.
    pub key: String,
    /// What it is about; `None` for a competence.
    pub chance: Option<ChanceId>,
    /// What people read of a competence.
    pub title: Option<String>,
    #[serde(skip)]
    members: Vec<u32>,
}

/// A skill of a rep.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RepSkill {
    /// The rep.
    pub rep: String,
    /// Their team at the end.
    pub team: Option<String>,
    /// The skill's key.
    pub skill: String,
    /// Chances.
    pub n: u64,
    /// Taken.
    pub hits: u64,
    /// Share taken.
    pub observed: f64,
    /// Share an average rep would have taken with these cases.
    pub expected: f64,
    /// Observed minus expected, drawn to 0 by as much as chance is in it, at the cases of all: comparable across segments.
    pub difference: Interval,
    /// The share the rep would come to with the cases of all.
    pub rate: Interval,
    /// Level in log-odds around the average rep.
    pub level: f64,
    /// Its standard error.
    pub level_se: f64,
    /// Where that stands.
    pub tier: Tier,
    /// Probability of the upper third.
    pub p_upper: f64,
    /// Probability of the lower third.
    pub p_lower: f64,
}

/// The skills of all reps. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Skills(pub(super) Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) chances: Chances,
    pub(super) options: SkillOptions,
    pub(super) skills: Vec<Skill>,
    pub(super) fits: Vec<Fit>,
    /// How far levels wander from week to week, found when it is first asked for.
    pub(super) wander: Vec<OnceLock<f64>>,
}

fn key_of(id: &ChanceId) -> String {
    let mut key = format!("{}:{}", id.kind.name(), id.step);
    if let Some(standard) = &id.standard {
        key.push(':');
        key.push_str(standard);
    }
    if id.entry > 0 {
        key.push_str(&format!("@{}", id.entry + 1));
    }
    key
}

impl Skills {
    /// Fits all skills.
    ///
    /// # Errors
    /// [`Error::Argument`] for two competences of one name, or one that no chance belongs to though it names steps.
    pub fn of(chances: &Chances, options: &SkillOptions) -> Result<Self> {
        if level_z(options.level).is_none() {
            return Err(Error::argument("level", format!("{} is no level of an interval", options.level), "a number between 0 and 1, such as 0.95"));
        }
        let ids = &chances.0.ids;
        let single = ids.iter().enumerate().filter(|(_, id)| id.kind.is_skill());
        let mut list: Vec<Skill> = single.map(|(i, id)| Skill { key: key_of(id), chance: Some(id.clone()), title: None, members: vec![i as u32] }).collect();
        list.sort_by(|a, b| a.key.cmp(&b.key));
        for competence in &options.competences {
            if list.iter().any(|have| have.key == competence.name) {
                let message = format!("`{}` names two skills", competence.name);
                return Err(Error::argument("competences", message, "give each competence a name of its own"));
            }
            let belongs = |id: &ChanceId| competence.kinds.contains(&id.kind) && (competence.steps.is_empty() || competence.steps.contains(&id.step));
            let members: Vec<u32> = ids.iter().enumerate().filter(|(_, id)| belongs(id) && id.kind.is_skill()).map(|(i, _)| i as u32).collect();
            if members.is_empty() && !competence.steps.is_empty() {
                let message = format!("no skill belongs to `{}`", competence.name);
                return Err(Error::argument("competences", message, "name steps of the SOP and the kinds step, standard or result"));
            }
            if !members.is_empty() {
                list.push(Skill { key: competence.name.clone(), chance: None, title: competence.title.clone(), members });
            }
        }
        let (mut skills, mut fits) = (vec![], vec![]);
        for skill in list {
            if let Some(fit) = Fit::of(&chances.0, skill.members.clone()) {
                skills.push(skill);
                fits.push(fit);
            }
        }
        Ok(Self(Arc::new(Inner { chances: chances.clone(), options: options.clone(), wander: fits.iter().map(|_| OnceLock::new()).collect(), skills, fits })))
    }

    /// The skills there are: single ones by key, then competences.
    pub fn skills(&self) -> &[Skill] {
        &self.0.skills
    }

    /// The chances they are made of.
    pub fn chances(&self) -> &Chances {
        &self.0.chances
    }

    pub(super) fn find(&self, key: &str) -> Result<usize> {
        self.0.skills.iter().position(|skill| skill.key == key).ok_or_else(|| {
            let known: Vec<&str> = self.0.skills.iter().map(|skill| skill.key.as_str()).take(20).collect();
            Error::argument("skill", format!("there is no skill `{key}`"), format!("skills: {}", known.join(", ")))
        })
    }

    pub(super) fn rep(&self, rep: &str) -> Result<u32> {
        self.0.chances.0.reps.find(rep).ok_or_else(|| Error::argument("rep", format!("no conversation is of a rep `{rep}`"), "a name as it stands in `rep`"))
    }

    /// One skill of one rep; `None` where the rep never had the chance.
    ///
    /// # Errors
    /// [`Error::Argument`] for a rep or skill that is not there.
    pub fn skill_of(&self, rep: &str, skill: &str) -> Result<Option<RepSkill>> {
        Ok(self.row(self.rep(rep)?, self.find(skill)?))
    }

    /// All skills of a rep.
    ///
    /// # Errors
    /// [`Error::Argument`] for a rep that is not there.
    pub fn of_rep(&self, rep: &str) -> Result<Vec<RepSkill>> {
        let rep = self.rep(rep)?;
        Ok((0..self.0.skills.len()).filter_map(|skill| self.row(rep, skill)).collect())
    }

    /// All skills of all reps: skill by skill, reps in the order they were met.
    pub fn rows(&self) -> Vec<RepSkill> {
        let reps = self.0.chances.0.reps.len() as u32;
        (0..self.0.skills.len()).flat_map(|skill| (0..reps).filter_map(move |rep| self.row(rep, skill))).collect()
    }

    /// How much reps differ in a skill: the standard deviation of their levels in log-odds, 0 where no more than chance.
    ///
    /// # Errors
    /// [`Error::Argument`] for a skill that is not there.
    pub fn spread(&self, skill: &str) -> Result<f64> {
        Ok(self.0.fits[self.find(skill)?].spread)
    }

    pub(super) fn row(&self, rep: u32, skill: usize) -> Option<RepSkill> {
        let (inner, fit) = (&*self.0, &self.0.fits[skill]);
        let level = fit.levels.get(rep as usize).copied().flatten()?;
        let (n, hits, expected) = fit.counts[rep as usize];
        let z = level_z(inner.options.level)?;
        let rate = |at: f64| fit.rate(level.estimate + at * level.se);
        let (rate, average) = (Interval { estimate: rate(0.0), low: rate(-z), high: rate(z) }, fit.rate(0.0));
        let at = standing(level, fit.spread, fit.p_same, n, fit.there, &inner.options.tiers);
        let name = inner.chances.0.reps.get(rep)?;
        Some(RepSkill {
            rep: name.to_owned(),
            team: inner.chances.team_of(name).map(ToOwned::to_owned),
            skill: inner.skills[skill].key.clone(),
            n,
            hits,
            observed: hits as f64 / n as f64,
            expected: expected / n as f64,
            difference: Interval { estimate: rate.estimate - average, low: rate.low - average, high: rate.high - average },
            rate,
            level: level.estimate,
            level_se: level.se,
            tier: at.tier,
            p_upper: at.upper,
            p_lower: at.lower,
        })
    }

    /// All skills of all reps as a table.
    pub fn table(&self) -> Table {
        table(&self.rows())
    }
}

/// Skills as a table, a row each.
pub(crate) fn table(rows: &[RepSkill]) -> Table {
    let text = |f: &dyn Fn(&RepSkill) -> Option<String>| Column::Text(rows.iter().map(|x| f(x).map(Into::into)).collect());
    let float = |f: &dyn Fn(&RepSkill) -> f64| Column::Float(rows.iter().map(|x| Some(f(x))).collect());
    let int = |f: &dyn Fn(&RepSkill) -> u64| Column::Int(rows.iter().map(|x| Some(f(x) as i64)).collect());
    let mut table = Table::new("skills");
    table.push("rep", text(&|r| Some(r.rep.clone())));
    table.push("team", text(&|r| r.team.clone()));
    table.push("skill", text(&|r| Some(r.skill.clone())));
    table.push("tier", text(&|r| Some(r.tier.name().into())));
    table.push("n", int(&|r| r.n));
    table.push("hits", int(&|r| r.hits));
    table.push("observed", float(&|r| r.observed));
    table.push("expected", float(&|r| r.expected));
    table.push("difference", float(&|r| r.difference.estimate));
    table.push("difference_low", float(&|r| r.difference.low));
    table.push("difference_high", float(&|r| r.difference.high));
    table.push("rate", float(&|r| r.rate.estimate));
    table.push("rate_low", float(&|r| r.rate.low));
    table.push("rate_high", float(&|r| r.rate.high));
    table.push("p_upper", float(&|r| r.p_upper));
    table.push("p_lower", float(&|r| r.p_lower));
    table
}

/// A date of a week for people.
pub(crate) fn monday(week: i32) -> Date {
    crate::monitor::monday(week)
}
