//! Everything about people in one place: skills, gaps, declines, drift, alerts, and which conversations to look at.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use serde::Serialize;

use super::cycle::CoachingLog;
use super::decline::{Decline, WatchOptions};
use super::gaps::Example;
use super::skills::{SkillOptions, Skills};
use super::tiers::Tier;
use super::track::{BelowStandard, Why};
use crate::check::{Account, Check, DeviationKind, NOWHERE};
use crate::corpus::{DAY, NO_TIME, NONE};
use crate::error::Result;
use crate::evidence::{ChoiceKind, Finding, Verdict};
use crate::monitor::{Action, Alert, AlertKind, ChanceId, ChanceKind, ChanceOptions, Chances, Drift, DriftOptions, Execution, Slip, day};
use crate::table::Table;

/// How people are looked at.
#[derive(Debug, Clone, Default)]
pub struct PeopleOptions {
    /// Which cases, which day, and what they are adjusted for.
    pub chances: ChanceOptions,
    /// Competences and tiers.
    pub skills: SkillOptions,
    /// How declines are watched for.
    pub watch: WatchOptions,
    /// When a share has changed.
    pub drift: DriftOptions,
}

/// The people of a check. Cheap to clone; what takes time is found when it is first asked for, and kept.
#[derive(Debug, Clone)]
pub struct People(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    check: Check,
    findings: Arc<[Finding]>,
    options: PeopleOptions,
    skills: Skills,
    declines: OnceLock<Vec<Decline>>,
    drift: OnceLock<Vec<Drift>>,
    execution: OnceLock<Execution>,
    wins: OnceLock<BTreeMap<(u32, String), (u64, u64)>>,
    /// Cases of each rep by day, then in their order.
    cases: OnceLock<Vec<Vec<u32>>>,
}

/// Why a conversation deserves a look.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
#[non_exhaustive]
pub enum LookReason {
    /// A step was left out whose leaving out goes with worse results.
    HurtingSkip {
        /// The step's title.
        step: String,
    },
    /// The rep does worse than they did.
    RepDeclines {
        /// Since when.
        since: Date,
    },
    /// The customer brought up what customers bring up more often of late.
    NewFromCustomers {
        /// The step's title.
        step: String,
    },
    /// It deviates in many places.
    ManyDeviations {
        /// How many.
        deviations: u32,
    },
}

/// A conversation to look at.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LookAt {
    /// Id of the conversation or deal.
    pub case: String,
    /// Its rep.
    pub rep: Option<String>,
    /// The turns it is about, where one reason has some.
    pub turns: Option<(u32, u32)>,
    /// How much it deserves it; larger first.
    pub weight: f64,
    /// Why.
    pub reasons: Vec<LookReason>,
}

impl LookReason {
    /// One sentence about it.
    pub fn sentence(&self, lang: crate::words::Lang) -> String {
        crate::words::people::look(self, lang)
    }
}

/// What speaks for a look.
struct Known<'a> {
    skips: Vec<&'a Finding>,
    declines: &'a [Decline],
    new: Vec<&'a ChanceId>,
}

impl People {
    /// The people of a check, with the findings of its choices.
    ///
    /// # Errors
    /// As [`Chances::of`] and [`Skills::of`].
    pub fn of(check: &Check, findings: impl Into<Arc<[Finding]>>, options: &PeopleOptions) -> Result<Self> {
        let skills = Skills::of(&Chances::of(check, &options.chances)?, &options.skills)?;
        Ok(Self(Arc::new(Inner {
            check: check.clone(),
            findings: findings.into(),
            options: options.clone(),
            skills,
            declines: OnceLock::new(),
            drift: OnceLock::new(),
            execution: OnceLock::new(),
            wins: OnceLock::new(),
            cases: OnceLock::new(),
        })))
    }

    /// The skills of all reps.
    pub fn skills(&self) -> &Skills {
        &self.0.skills
    }

    /// The check behind.
    pub fn check(&self) -> &Check {
        &self.0.check
    }

    pub(super) fn findings(&self) -> &[Finding] {
        &self.0.findings
    }

    pub(super) fn wins(&self) -> &BTreeMap<(u32, String), (u64, u64)> {
        self.0.wins.get_or_init(|| self.count_wins())
    }

    pub(super) fn cases_of(&self, rep: u32) -> &[u32] {
        let cases = self.0.cases.get_or_init(|| {
            let (check, store) = (&self.0.check, self.0.check.corpus().store());
            let mut cases: Vec<Vec<u32>> = vec![vec![]; store.reps.len()];
            for case in 0..check.len() {
                if let Some(list) = cases.get_mut(check.rep_of(case) as usize) {
                    list.push(case as u32);
                }
            }
            // Undated ones count as the oldest.
            cases.iter_mut().for_each(|list| list.sort_by_key(|&case| store.started_at[case as usize]));
            cases
        });
        cases.get(rep as usize).map_or(&[], Vec::as_slice)
    }

    /// Declines in the competences, the latest found first.
    pub fn declines(&self) -> Result<&[Decline]> {
        if let Some(found) = self.0.declines.get() {
            return Ok(found);
        }
        let mut list = vec![];
        for skill in self.0.skills.skills().iter().filter(|skill| skill.chance.is_none()) {
            list.extend(self.0.skills.declines(&skill.key, &self.0.options.watch)?);
        }
        list.sort_by(|a, b| b.found.cmp(&a.found).then_with(|| (&a.rep, &a.skill).cmp(&(&b.rep, &b.skill))));
        Ok(self.0.declines.get_or_init(|| list))
    }

    /// Changes of what people choose and of what customers do; those that are named first.
    pub fn drift(&self) -> &[Drift] {
        self.0.drift.get_or_init(|| self.0.skills.chances().drift(&self.0.options.drift))
    }

    /// The same as a table.
    pub fn drift_table(&self) -> Table {
        crate::monitor::drift_table(self.drift())
    }

    /// Adherence and each deviation by week, team and segment.
    ///
    /// # Errors
    /// As [`Execution::of`].
    pub fn execution(&self) -> Result<&Execution> {
        if let Some(found) = self.0.execution.get() {
            return Ok(found);
        }
        let found = Execution::of(&self.0.check, &self.0.options.chances)?;
        Ok(self.0.execution.get_or_init(|| found))
    }

    /// Everything that changed and deserves to be looked at, the latest first: declines of reps, changes of what people choose and of
    /// what customers do, and teams or segments that keep to the SOP less than they did. The same cases give the same alerts with the same
    /// ids; [`AlertLog::news`](crate::monitor::AlertLog::news) says which of them were not told before.
    ///
    /// # Errors
    /// As [`Skills::declines`].
    pub fn alerts(&self) -> Result<Vec<Alert>> {
        let skills = &self.0.skills;
        let title = |key: &str| skills.skills().iter().find(|s| s.key == key).map_or(key.to_owned(), |s| s.title.clone().unwrap_or_else(|| key.to_owned()));
        let mut list: Vec<Alert> = (self.declines()?.iter())
            .map(|d| Alert {
                id: Alert::id_of(AlertKind::Decline, Some(&d.rep), &d.skill, d.since),
                kind: AlertKind::Decline,
                rep: Some(d.rep.clone()),
                group: None,
                what: d.skill.clone(),
                title: title(&d.skill),
                since: d.since,
                found: d.found,
                until: d.until,
                chance_alone: d.chance_alone,
                before: d.before,
                after: d.after,
                n: d.n,
                action: Action::CoachRep,
            })
            .collect();
        let slips = self.execution()?.slips(&self.0.options.drift);
        // What only some teams or segments do is told of these, and not of all besides.
        let of_groups = |d: &Drift| {
            slips.iter().any(|all| {
                all.group.by == "all"
                    && !all.told
                    && all.told_by(d)
                    && slips.iter().any(|slip| slip.told && slip.group.by != "all" && slip.of == all.of && slip.told_by(d))
            })
        };
        list.extend(self.drift().iter().filter(|d| d.changed && !of_groups(d)).map(|d| {
            let kind = if d.chance.kind == ChanceKind::Customer { AlertKind::Customer } else { AlertKind::Choice };
            let what = share_name(&d.chance);
            Alert {
                id: Alert::id_of(kind, None, &what, d.since),
                kind,
                rep: None,
                group: None,
                what,
                title: d.chance.title.clone(),
                since: d.since,
                found: d.since_high,
                until: None,
                chance_alone: d.p_value,
                before: d.share_before(),
                after: d.share_after(),
                n: d.after.1,
                action: match d.chance.kind {
                    ChanceKind::Customer => Action::PrepareAnswers,
                    ChanceKind::Choice => Action::JudgeChoice,
                    _ if d.share_after() > d.share_before() => Action::KeepUp,
                    _ => Action::RemindTeam,
                },
            }
        }));
        // What is told of a planned step, standard or choice of all is not told again as a deviation of all, or as adherence.
        let told = |slip: &Slip| slip.group.by == "all" && self.drift().iter().any(|d| d.changed && d.chance.kind != ChanceKind::Customer && slip.told_by(d));
        list.extend(slips.iter().filter(|slip| slip.told && !told(slip)).map(Slip::alert));
        list.sort_by(|a, b| {
            b.found.cmp(&a.found).then_with(|| (a.kind, &a.rep, &a.group, &a.what, a.since).cmp(&(b.kind, &b.rep, &b.group, &b.what, b.since)))
        });
        Ok(list)
    }

    /// Which conversations to look at: of the last seven days before the day looked at (of all, where none is dated), those with
    /// the best reasons, at most three of a rep.
    ///
    /// # Errors
    /// As [`People::alerts`].
    pub fn look_at(&self, most: usize) -> Result<Vec<LookAt>> {
        const DAYS: i64 = 7;
        const OF_ONE: usize = 3;
        let (check, store) = (&self.0.check, self.0.check.corpus().store());
        let as_of = self.0.skills.chances().as_of().map(day);
        let offset = i64::from(self.0.options.chances.utc_offset) * 60_000;
        let recent = |case: usize| {
            let at = store.started_at[case];
            as_of.is_none_or(|last| at != NO_TIME && (last - DAYS + 1..=last).contains(&at.saturating_add(offset).div_euclid(DAY)))
        };
        let known = self.known()?;
        let mut account = Account::default();
        let mut list = vec![];
        for case in (0..check.len()).filter(|&case| recent(case)) {
            list.extend(self.look(case, &known, &mut account)?.map(|look| (check.rep_of(case), look)));
        }
        list.sort_by(|a, b| b.1.weight.total_cmp(&a.1.weight).then_with(|| a.1.case.cmp(&b.1.case)));
        let mut of_rep: BTreeMap<u32, usize> = BTreeMap::new();
        let few = |rep: u32, of_rep: &mut BTreeMap<u32, usize>| {
            let n = of_rep.entry(rep).or_default();
            *n += 1;
            rep == NONE || *n <= OF_ONE
        };
        Ok(list.into_iter().filter(|(rep, _)| few(*rep, &mut of_rep)).map(|(_, look)| look).take(most).collect())
    }

    /// Why one case deserves a look.
    pub(super) fn look_reasons(&self, case: &str) -> Result<Vec<LookReason>> {
        let Some(case) = self.0.check.corpus().find(case) else { return Ok(vec![]) };
        Ok(self.look(case, &self.known()?, &mut Account::default())?.map_or_else(Vec::new, |look| look.reasons))
    }

    fn known(&self) -> Result<Known<'_>> {
        let skips = self.0.findings.iter().filter(|f| f.what.kind == ChoiceKind::Skip && f.verdict == Verdict::Hurts);
        let new = |d: &&Drift| d.changed && d.chance.kind == ChanceKind::Customer && d.share_after() > d.share_before();
        Ok(Known { skips: skips.collect(), declines: self.declines()?, new: self.drift().iter().filter(new).map(|d| &d.chance).collect() })
    }

    fn look(&self, case: usize, known: &Known<'_>, account: &mut Account) -> Result<Option<LookAt>> {
        const MANY: usize = 3;
        let (check, store) = (&self.0.check, self.0.check.corpus().store());
        let (Some(_), Some(sop)) = (check.account(case, account)?, check.sop_of(case)) else { return Ok(None) };
        let rep = store.reps.get(check.rep_of(case));
        let (mut weight, mut reasons, mut turns) = (0.0, vec![], None);
        let open: Vec<_> = account.deviations.iter().filter(|d| !d.accepted).collect();
        for d in open.iter().filter(|d| d.kind == DeviationKind::Skipped && d.step != NOWHERE) {
            let Some((id, _)) = sop.steps().get_index(d.step as usize) else { continue };
            let of_step = known.skips.iter().filter(|f| f.sop == sop.name() && f.step() == id);
            let by = of_step.filter_map(|f| f.estimate).map(f64::abs).fold(0.0, f64::max);
            if by > 0.0 {
                weight += 1.0 + 10.0 * by;
                reasons.push(LookReason::HurtingSkip { step: sop.title(id).to_owned() });
            }
        }
        if let Some(d) = known.declines.iter().find(|d| Some(d.rep.as_str()) == rep && d.until.is_none()) {
            weight += 1.0;
            reasons.push(LookReason::RepDeclines { since: d.since });
        }
        let brought = |event: u32| known.new.iter().find(|id| check.label_at(case, event) == Some(id.step.as_str())).map(|id| (event, id));
        if let Some((event, id)) = (0..check.path_len(case) as u32).find_map(brought) {
            weight += 0.5;
            turns = check.event(case, event).1;
            reasons.push(LookReason::NewFromCustomers { step: id.title.clone() });
        }
        if open.len() >= MANY {
            weight += 0.2 * open.len().min(20) as f64;
            reasons.push(LookReason::ManyDeviations { deviations: open.len() as u32 });
        }
        let id = store.ids.get(case as u32).unwrap_or_default();
        Ok((!reasons.is_empty()).then(|| LookAt { case: id.to_owned(), rep: rep.map(ToOwned::to_owned), turns, weight, reasons }))
    }

    /// Who is below standard on the day looked at, by what was recorded and by what the cases show, and why: by rep, then skill.
    pub fn below_standard(&self, log: &CoachingLog) -> Vec<BelowStandard> {
        let on = self.0.skills.chances().as_of().unwrap_or(Date::MIN);
        let mut list = log.below_standard(on);
        for row in self.0.skills.rows().into_iter().filter(|row| row.tier == Tier::BelowStandard) {
            if !list.iter().any(|have| have.rep == row.rep && have.skill == row.skill) {
                let rounds = log.track(&row.rep, &row.skill).map_or(0, |track| track.round);
                list.push(BelowStandard { rep: row.rep, skill: row.skill, why: Why::LowerThird, since: None, rounds });
            }
        }
        list.sort_by(|a, b| (&a.rep, &a.skill, a.why).cmp(&(&b.rep, &b.skill, b.why)));
        list
    }

    /// Own turns of a rep that show a skill, the latest first.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) for a rep that is not there.
    pub fn examples(&self, rep: &str, skill: &str) -> Result<Vec<Example>> {
        Ok(self.gaps(rep)?.into_iter().find(|gap| gap.skill == skill).map_or_else(Vec::new, |gap| gap.examples))
    }
}

impl std::fmt::Display for People {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "People({} reps, {} skills)", self.skills().chances().reps().len(), self.skills().skills().len())
    }
}

/// The name of a share in alerts, such as `customer:competitor_question@qualify`.
fn share_name(id: &ChanceId) -> String {
    let mut name = format!("{}:{}", id.kind.name(), id.step);
    if let Some(standard) = &id.standard {
        name.push_str(&format!(":{standard}"));
    }
    if let Some(point) = &id.point {
        name.push_str(&format!("@{point}"));
    }
    if id.entry > 0 {
        name.push_str(&format!("#{}", id.entry + 1));
    }
    name
}
