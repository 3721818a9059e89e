//! What the CRM claims against what the conversations show: stages and fields, case by case, with their days.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use jiff::civil::Date;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::calendar::{date, day};
use crate::check::Check;
use crate::corpus::{NO_TIME, NONE, day_of};
use crate::error::{Error, Result};
use crate::sop::Sop;
use crate::stats::{Interval, wilson};
use crate::table::{Column, Table};
use crate::words::{self, Lang};

/// The name under which claims of a stage are listed where they are given one by one.
const STAGE: &str = "stage";
/// What says that a field is not filled in.
const NO: [&str; 9] = ["", "false", "no", "0", "n", "否", "无", "未", "没有"];
/// Fewest claims of a rep for a word about the rep.
const FEW: u64 = 10;

/// A field of the CRM, and what shows in conversations that it is true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrmField {
    /// Name of the field: an attribute, or as the claims name it.
    pub field: String,
    /// The step that shows it.
    pub step: String,
    /// Key of a standard of the step that has to be met as well.
    #[serde(default)]
    pub standard: Option<String>,
}

/// A claim of the CRM with its day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrmClaim {
    /// Id of the deal, or of a conversation.
    pub case: String,
    /// The field; `stage` for a stage.
    pub field: String,
    /// What is claimed: a stage, or anything that says whether the field is filled in.
    #[serde(default)]
    pub value: Option<String>,
    /// The day on which it stood there; without one it is held against all conversations.
    #[serde(default)]
    pub date: Option<Date>,
}

/// What the CRM claims.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CrmOptions {
    /// Attribute that claims the stage.
    pub stage: Option<String>,
    /// Stages of the CRM that are called otherwise in the SOP.
    pub stages: IndexMap<String, String>,
    /// Fields, and the steps that show them.
    pub fields: Vec<CrmField>,
    /// Claims one by one; where there are none, the attributes of the cases are the claims.
    pub claims: Vec<CrmClaim>,
}

/// What a claim comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CrmVerdict {
    /// The conversations show what is claimed.
    Agrees,
    /// More is claimed than the conversations show.
    ClaimedAhead,
    /// The conversations show more than is claimed.
    Behind,
    /// There was no conversation by that day.
    NoConversation,
    /// The SOP has no stage of that name.
    UnknownStage,
    /// No conversation belongs to that case.
    UnknownCase,
}

impl CrmVerdict {
    /// The name, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::ClaimedAhead => "claimed_ahead",
            Self::Behind => "behind",
            Self::NoConversation => "no_conversation",
            Self::UnknownStage => "unknown_stage",
            Self::UnknownCase => "unknown_case",
        }
    }
}

/// A claim held against the conversations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClaimChecked {
    /// The deal or conversation.
    pub case: String,
    /// Rep of the last conversation by that day.
    pub rep: Option<String>,
    /// The field; `stage` for a stage.
    pub field: String,
    /// The day of the claim.
    pub date: Option<Date>,
    /// What is claimed: a stage, or `true` and `false`.
    pub claimed: Option<String>,
    /// What the conversations show.
    pub shown: Option<String>,
    /// The conversation that shows it first.
    pub conversation: Option<String>,
    /// Its day.
    pub shown_on: Option<Date>,
    /// For stages: how many the claim is ahead (behind where negative).
    pub stages_ahead: Option<i64>,
    /// What it comes to.
    pub verdict: CrmVerdict,
    /// The last claim about this field of this case: shares count only these.
    pub last: bool,
}

/// How far the claims of a field agree, of all or of one rep.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Agreement {
    /// The field.
    pub field: String,
    /// The rep; `None` for all.
    pub rep: Option<String>,
    /// Cases with a claim and a conversation by then.
    pub n: u64,
    /// Of these, in agreement.
    pub agrees: u64,
    /// Claimed ahead of the conversations.
    pub claimed_ahead: u64,
    /// Behind them.
    pub behind: u64,
    /// Share in agreement, with Wilson's 95 % interval.
    pub share: Interval,
    /// Share claimed ahead, alike.
    pub ahead: Interval,
    /// Claimed ahead more often than all claims of the field together, by more than chance after allowing for the number of reps.
    pub stands_out: bool,
}

/// What the CRM claims against what the conversations show.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct CrmTruth {
    /// Every claim, in the order of cases and days.
    pub claims: Vec<ClaimChecked>,
    /// Shares by field, of all and then of each rep.
    pub agreement: Vec<Agreement>,
}

/// A conversation of a follow-up.
struct Talk {
    id: String,
    day: Option<i32>,
    rep: u32,
    stage: u32,
    /// Fields that it shows, by their number.
    shows: Vec<usize>,
}

/// The conversations of a deal (or one without a deal), in their order.
struct FollowUp {
    name: String,
    entry: usize,
    talks: Vec<Talk>,
}

impl CrmTruth {
    /// Holds the claims against the conversations of a check.
    ///
    /// A claim of a stage is held against the furthest stage of the steps matched by that day, a field against whether its step
    /// was done by then. With conversations as cases, the attributes of a conversation are what the CRM claimed on its day; with
    /// deals, those of the deal are held against all its conversations. The day itself counts.
    ///
    /// ```
    /// use goldpath::monitor::{CrmOptions, CrmTruth};
    /// let sop = goldpath::Sop::parse("
    /// format: goldpath/1
    /// name: demo
    /// steps: {open: {stage: contact}, need: {stage: discovery}, close: {stage: decision}}
    /// flow: [open, need, close]
    /// ")?;
    /// let corpus = goldpath::Corpus::parse(br#"
    /// {"id": "c1", "rep": "ann", "started_at": "2026-03-02", "steps": ["open", "need"], "attributes": {"crm_stage": "decision"}}
    /// "#)?;
    /// let found = CrmTruth::of(&corpus.check(&sop)?, &CrmOptions { stage: Some("crm_stage".into()), ..CrmOptions::default() })?;
    /// assert_eq!(found.claims[0].verdict.name(), "claimed_ahead");
    /// assert_eq!((found.claims[0].shown.as_deref(), found.claims[0].stages_ahead), (Some("discovery"), Some(1)));
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for an attribute that no case has, a field twice, or a step or standard that no SOP has.
    pub fn of(check: &Check, options: &CrmOptions) -> Result<Self> {
        let sops: Vec<&Sop> = check.playbook().sops().collect();
        known(&sops, options)?;
        let follow_ups = follow_ups(check, options);
        let claims = if options.claims.is_empty() { attributes(check, options)? } else { options.claims.clone() };
        let mut by_name: FxHashMap<&str, usize> = FxHashMap::default();
        for (at, of) in follow_ups.iter().enumerate() {
            of.talks.iter().for_each(|talk| {
                by_name.entry(&talk.id).or_insert(at);
            });
        }
        follow_ups.iter().enumerate().for_each(|(at, of)| {
            by_name.insert(&of.name, at);
        });
        let reps = &check.corpus().store().reps;
        let mut checked: Vec<ClaimChecked> = claims
            .iter()
            .map(|claim| {
                let of = by_name.get(claim.case.as_str()).map(|&at| &follow_ups[at]);
                judge(claim, of, options, &sops, |rep| reps.get(rep).map(ToOwned::to_owned))
            })
            .collect();
        // A stable sort: claims of one day keep their order.
        checked.sort_by(|a, b| (&a.case, &a.field, a.date).cmp(&(&b.case, &b.field, b.date)));
        for at in 0..checked.len() {
            let next = checked.get(at + 1).map(|next| (&next.case, &next.field));
            checked[at].last = next != Some((&checked[at].case, &checked[at].field));
        }
        let agreement = agreement(&checked);
        Ok(Self { claims: checked, agreement })
    }

    /// The claims as a table, a row each.
    pub fn table(&self) -> Table {
        let all = &self.claims;
        let text = |f: &dyn Fn(&ClaimChecked) -> Option<String>| Column::Text(all.iter().map(|x| f(x).map(Into::into)).collect());
        let mut table = Table::new("crm_claims");
        table.push("case_id", text(&|c| Some(c.case.clone())));
        table.push("rep", text(&|c| c.rep.clone()));
        table.push("field", text(&|c| Some(c.field.clone())));
        table.push("date", text(&|c| c.date.map(|date| date.to_string())));
        table.push("claimed", text(&|c| c.claimed.clone()));
        table.push("shown", text(&|c| c.shown.clone()));
        table.push("conversation", text(&|c| c.conversation.clone()));
        table.push("shown_on", text(&|c| c.shown_on.map(|date| date.to_string())));
        table.push("stages_ahead", Column::Int(all.iter().map(|c| c.stages_ahead).collect()));
        table.push("verdict", text(&|c| Some(c.verdict.name().to_owned())));
        table.push("last", Column::Bool(all.iter().map(|c| Some(c.last)).collect()));
        table
    }

    /// The shares as a table: by field, of all and of each rep.
    pub fn agreement_table(&self) -> Table {
        let all = &self.agreement;
        let int = |f: &dyn Fn(&Agreement) -> u64| Column::Int(all.iter().map(|x| Some(f(x) as i64)).collect());
        let float = |f: &dyn Fn(&Agreement) -> f64| Column::Float(all.iter().map(|x| Some(f(x))).collect());
        let mut table = Table::new("crm_agreement");
        table.push("field", Column::Text(all.iter().map(|x| Some(x.field.as_str().into())).collect()));
        table.push("rep", Column::Text(all.iter().map(|x| x.rep.as_deref().map(Into::into)).collect()));
        table.push("n", int(&|x| x.n));
        table.push("agrees", int(&|x| x.agrees));
        table.push("claimed_ahead", int(&|x| x.claimed_ahead));
        table.push("behind", int(&|x| x.behind));
        table.push("share", float(&|x| x.share.estimate));
        table.push("share_low", float(&|x| x.share.low));
        table.push("share_high", float(&|x| x.share.high));
        table.push("ahead", float(&|x| x.ahead.estimate));
        table.push("ahead_low", float(&|x| x.ahead.low));
        table.push("ahead_high", float(&|x| x.ahead.high));
        table.push("stands_out", Column::Bool(all.iter().map(|x| Some(x.stands_out)).collect()));
        table
    }

    /// What it comes to: each field, and the reps that stand out.
    pub fn sentences(&self, lang: Lang) -> Vec<String> {
        words::crm(self, lang)
    }
}

/// Whether what is asked for is known to some SOP.
fn known(sops: &[&Sop], options: &CrmOptions) -> Result<()> {
    let stages: Vec<&str> = sops.iter().flat_map(|sop| sop.stages()).collect();
    for (at, field) in options.fields.iter().enumerate() {
        let place = format!("fields[{at}]");
        if field.field == STAGE || options.fields[..at].iter().any(|before| before.field == field.field) {
            return Err(Error::argument(&place, format!("the field `{}` stands twice", field.field), "name each field once; `stage` is that of the stage"));
        }
        let steps: Vec<_> = sops.iter().filter_map(|sop| sop.steps().get(&field.step)).collect();
        if steps.is_empty() {
            return Err(Error::argument(&place, format!("no SOP has a step `{}`", field.step), "name a step of the SOP"));
        }
        let has = |key: &String| steps.iter().any(|step| crate::sop::standard_keys(&step.standards).contains(key));
        if let Some(key) = field.standard.as_ref().filter(|key| !has(key)) {
            return Err(Error::argument(&place, format!("step `{}` has no standard `{key}`", field.step), "the key of a standard, as in check.standards"));
        }
    }
    if let Some((from, to)) = options.stages.iter().find(|(_, to)| !stages.contains(&to.as_str())) {
        return Err(Error::argument("stages", format!("`{from}` is to be `{to}`, which no SOP has"), format!("stages: {}", stages.join(", "))));
    }
    if options.stage.is_none() && options.fields.is_empty() && options.claims.is_empty() {
        return Err(Error::argument("stage", "there are no claims", "name the attribute of the stage, fields with their steps, or claims"));
    }
    let unknown = |claim: &&CrmClaim| claim.field != STAGE && !options.fields.iter().any(|field| field.field == claim.field);
    if let Some(claim) = options.claims.iter().find(unknown) {
        return Err(Error::argument("claims", format!("nothing says what shows the field `{}`", claim.field), "name its step in fields"));
    }
    Ok(())
}

/// What the attributes of the cases claim.
fn attributes(check: &Check, options: &CrmOptions) -> Result<Vec<CrmClaim>> {
    let store = check.corpus().store();
    let names = options.stage.iter().map(|name| (name.as_str(), STAGE)).chain(options.fields.iter().map(|field| (field.field.as_str(), field.field.as_str())));
    let mut claims = Vec::new();
    for (name, field) in names {
        if !store.attributes.contains_key(name) {
            let list = store.attributes.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            return Err(Error::argument("fields", format!("no conversation has an attribute `{name}`"), format!("attributes: {list}")));
        }
        for case in 0..check.len() {
            let value = store.attribute(case, name).map(std::borrow::Cow::into_owned);
            if field == STAGE && value.is_none() {
                continue;
            }
            let on = if store.parts.is_some() { None } else { store.day(case).map(|on| date(i64::from(on))) };
            claims.push(CrmClaim { case: store.ids.get(case as u32).unwrap_or_default().to_owned(), field: field.to_owned(), value, date: on });
        }
    }
    Ok(claims)
}

/// Conversations by deal, in their order, with what each shows.
fn follow_ups(check: &Check, options: &CrmOptions) -> Vec<FollowUp> {
    let store = check.corpus().store();
    let mut found: Vec<FollowUp> = Vec::new();
    let mut at: FxHashMap<(bool, u32), usize> = FxHashMap::default();
    for (case, part, stage) in check.stage_rows() {
        let number = case as usize;
        let (id, started, rep) = match &store.parts {
            Some(parts) => (parts.ids[part as usize].to_string(), parts.started_at[part as usize], parts.rep[part as usize]),
            None => (store.ids.get(case).unwrap_or_default().to_owned(), store.started_at[number], check.rep_of(number)),
        };
        let deal = store.deals.get(store.deal[number]).filter(|name| !name.trim().is_empty() && store.parts.is_none());
        let key = if deal.is_some() { (true, store.deal[number]) } else { (false, case) };
        let of = *at.entry(key).or_insert_with(|| {
            let name = deal.or_else(|| store.ids.get(case)).unwrap_or_default().to_owned();
            let entry = check.path_of(number).map_or(usize::MAX, |path| check.sop_of_path(path).0 as usize);
            found.push(FollowUp { name, entry, talks: Vec::new() });
            found.len() - 1
        });
        let mut shows = Vec::new();
        let entry = found[of].entry as u32;
        for event in 0..check.path_len(number) as u32 {
            let place = check.event_of(number, event);
            if store.parts.as_ref().is_some_and(|parts| parts.of_event(number, place) != part as usize) {
                continue;
            }
            let label = check.label_at(number, event).unwrap_or_default();
            for (i, field) in options.fields.iter().enumerate().filter(|(_, field)| field.step == label) {
                let met = |key: &String| {
                    let mut measured = check.standards_at(number, event);
                    measured.any(|(rule, failed, _)| !failed && check.standard(entry, rule).is_some_and(|standard| standard.key == *key))
                };
                if !shows.contains(&i) && field.standard.as_ref().is_none_or(met) {
                    shows.push(i);
                }
            }
        }
        found[of].talks.push(Talk { id, day: day_of(started).filter(|_| started != NO_TIME), rep, stage, shows });
    }
    found
}

fn judge(claim: &CrmClaim, of: Option<&FollowUp>, options: &CrmOptions, sops: &[&Sop], rep: impl Fn(u32) -> Option<String>) -> ClaimChecked {
    let mut made = ClaimChecked {
        case: of.map_or_else(|| claim.case.clone(), |of| of.name.clone()),
        rep: None,
        field: claim.field.clone(),
        date: claim.date,
        claimed: claim.value.clone(),
        shown: None,
        conversation: None,
        shown_on: None,
        stages_ahead: None,
        verdict: CrmVerdict::UnknownCase,
        last: false,
    };
    let Some(of) = of else { return made };
    let until = claim.date.map(|date| day(date) as i32);
    // A conversation without a day counts only where the claim has none either.
    let talks: Vec<&Talk> = of.talks.iter().filter(|talk| until.is_none_or(|until| talk.day.is_some_and(|day| day <= until))).collect();
    made.rep = talks.iter().rev().map(|talk| talk.rep).find(|&rep| rep != NONE).and_then(rep);
    let shows = |talk: Option<&&Talk>, made: &mut ClaimChecked| {
        made.conversation = talk.map(|talk| talk.id.clone());
        made.shown_on = talk.and_then(|talk| talk.day).map(|day| date(i64::from(day)));
    };
    if claim.field == STAGE {
        let ladder = sops.get(of.entry).map(|sop| sop.stages()).unwrap_or_default();
        let name = claim.value.as_deref().unwrap_or_default().trim();
        let name = options.stages.get(name).map_or(name, String::as_str);
        let furthest = talks.iter().map(|talk| talk.stage).filter(|&stage| stage != NONE).max();
        made.shown = furthest.and_then(|stage| ladder.get(stage as usize)).map(|name| (*name).to_owned());
        shows(talks.iter().find(|talk| Some(talk.stage) == furthest), &mut made);
        let claimed = ladder.iter().position(|stage| *stage == name);
        made.verdict = match claimed {
            None => CrmVerdict::UnknownStage,
            Some(_) if talks.is_empty() => CrmVerdict::NoConversation,
            Some(claimed) => {
                let ahead = claimed as i64 - furthest.map_or(-1, i64::from);
                made.stages_ahead = Some(ahead);
                compared(ahead)
            }
        };
        return made;
    }
    let claimed = claim.value.as_deref().is_some_and(|value| !NO.contains(&value.trim().to_lowercase().as_str()));
    let number = options.fields.iter().position(|field| field.field == claim.field);
    let shown = talks.iter().find(|talk| number.is_some_and(|number| talk.shows.contains(&number)));
    (made.claimed, made.shown) = (Some(claimed.to_string()), Some(shown.is_some().to_string()));
    shows(shown, &mut made);
    made.verdict = if talks.is_empty() { CrmVerdict::NoConversation } else { compared(i64::from(claimed) - i64::from(shown.is_some())) };
    made
}

fn compared(ahead: i64) -> CrmVerdict {
    match ahead {
        0 => CrmVerdict::Agrees,
        1.. => CrmVerdict::ClaimedAhead,
        _ => CrmVerdict::Behind,
    }
}

/// Shares over the last claim of each case.
fn agreement(claims: &[ClaimChecked]) -> Vec<Agreement> {
    let mut counts: BTreeMap<(&str, Option<&str>), [u64; 3]> = BTreeMap::new();
    for claim in claims.iter().filter(|claim| claim.last) {
        let at = match claim.verdict {
            CrmVerdict::Agrees => 0,
            CrmVerdict::ClaimedAhead => 1,
            CrmVerdict::Behind => 2,
            _ => continue,
        };
        counts.entry((&claim.field, None)).or_default()[at] += 1;
        if let Some(rep) = &claim.rep {
            counts.entry((&claim.field, Some(rep))).or_default()[at] += 1;
        }
    }
    (counts.iter())
        .filter_map(|(&(field, rep), &[agrees, ahead, behind])| {
            let n = agrees + ahead + behind;
            let reps = counts.keys().filter(|(other, rep)| *other == field && rep.is_some()).count().max(1) as f64;
            let all = counts.get(&(field, None)).map_or(0.0, |[a, b, c]| *b as f64 / (a + b + c) as f64);
            let strict = wilson(ahead, n, 1.0 - 0.05 / reps)?;
            Some(Agreement {
                field: field.to_owned(),
                rep: rep.map(ToOwned::to_owned),
                n,
                agrees,
                claimed_ahead: ahead,
                behind,
                share: wilson(agrees, n, 0.95)?,
                ahead: wilson(ahead, n, 0.95)?,
                stands_out: rep.is_some() && n >= FEW && strict.low > all,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Corpus;

    fn check(unit: crate::corpus::Unit) -> Check {
        let sop = Sop::parse(
            "{format: goldpath/1, name: d, steps: {open: {stage: contact}, need: {stage: discovery}, budget: {stage: discovery}, close: {stage: decision}}, \
             flow: [open, need, budget, close]}",
        )
        .unwrap();
        let corpus = Corpus::parse(
            r#"{"id": "c1", "deal": "d1", "rep": "ann", "started_at": "2026-03-02", "steps": ["open"], "attributes": {"crm": "discovery", "budget_ok": true}}
{"id": "c2", "deal": "d1", "rep": "bob", "started_at": "2026-03-09", "steps": ["need", "budget"], "attributes": {"crm": "discovery", "budget_ok": false}}
{"id": "c3", "rep": "ann", "started_at": "2026-03-04", "steps": ["open", "need", "budget", "close"], "attributes": {"crm": "contact"}}"#
                .as_bytes(),
        )
        .unwrap();
        let options = crate::check::CheckOptions { unit, ..crate::check::CheckOptions::default() };
        corpus.check_with(sop, &options, &crate::progress::Progress::none()).unwrap()
    }

    fn field() -> CrmField {
        CrmField { field: "budget_ok".into(), step: "budget".into(), standard: None }
    }

    #[test]
    fn attributes_on_the_day_of_their_conversation() {
        let options = CrmOptions { stage: Some("crm".into()), fields: vec![field()], ..CrmOptions::default() };
        let found = CrmTruth::of(&check(crate::corpus::Unit::Conversation), &options).unwrap();
        let got: Vec<(&str, &str, Option<String>, &str)> =
            (found.claims.iter()).map(|c| (c.case.as_str(), c.field.as_str(), c.date.map(|d| d.to_string()), c.verdict.name())).collect();
        let on = |day: &str| Some(format!("2026-03-{day}"));
        assert_eq!(
            got,
            [
                ("c3", "budget_ok", on("04"), "behind"),
                ("c3", "stage", on("04"), "behind"),
                ("d1", "budget_ok", on("02"), "claimed_ahead"),
                ("d1", "budget_ok", on("09"), "behind"),
                ("d1", "stage", on("02"), "claimed_ahead"),
                ("d1", "stage", on("09"), "agrees"),
            ]
        );
        assert_eq!(found.claims[5].conversation.as_deref(), Some("c2"));
        assert_eq!(found.claims.iter().filter(|c| c.last).count(), 4);
        let all = found.agreement.iter().find(|a| a.field == "stage" && a.rep.is_none()).unwrap();
        assert_eq!((all.n, all.agrees, all.behind), (2, 1, 1));
        assert!(!found.sentences(Lang::Zh).is_empty() && found.agreement_table().len() == found.agreement.len());
    }

    #[test]
    fn claims_with_their_days() {
        let claim = |case: &str, field: &str, value: &str, date: &str| CrmClaim {
            case: case.into(),
            field: field.into(),
            value: Some(value.into()),
            date: Some(date.parse().unwrap()),
        };
        for unit in [crate::corpus::Unit::Conversation, crate::corpus::Unit::Deal] {
            let options = CrmOptions {
                stages: [("C1".to_owned(), "contact".to_owned())].into_iter().collect(),
                fields: vec![field()],
                claims: vec![
                    claim("d1", "stage", "C1", "2026-03-05"),
                    claim("d1", "stage", "decision", "2026-03-10"),
                    claim("d1", "stage", "contact", "2026-03-01"),
                    claim("d1", "stage", "nowhere", "2026-03-05"),
                    claim("x9", "stage", "contact", "2026-03-05"),
                    claim("d1", "budget_ok", "是", "2026-03-09"),
                    claim("d1", "budget_ok", "否", "2026-03-08"),
                ],
                ..CrmOptions::default()
            };
            let found = CrmTruth::of(&check(unit), &options).unwrap();
            let names: Vec<&str> = found.claims.iter().map(|c| c.verdict.name()).collect();
            assert_eq!(names, ["agrees", "agrees", "no_conversation", "agrees", "unknown_stage", "claimed_ahead", "unknown_case"], "{}", unit.name());
            assert_eq!(found.claims[5].stages_ahead, Some(1));
        }
    }

    #[test]
    fn what_nobody_knows_is_said() {
        let check = check(crate::corpus::Unit::Conversation);
        let wrong = [
            CrmOptions::default(),
            CrmOptions { stage: Some("gone".into()), ..CrmOptions::default() },
            CrmOptions { fields: vec![CrmField { step: "gone".into(), ..field() }], ..CrmOptions::default() },
            CrmOptions { fields: vec![CrmField { standard: Some("gone".into()), ..field() }], ..CrmOptions::default() },
            CrmOptions { fields: vec![field(), field()], ..CrmOptions::default() },
        ];
        for options in wrong {
            assert_eq!(CrmTruth::of(&check, &options).unwrap_err().code(), "argument.invalid");
        }
    }
}
