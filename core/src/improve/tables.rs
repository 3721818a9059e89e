//! Innovations, innovators and rare situations as tables.

use super::innovation::{Innovation, Innovations};
use super::proposal::{Improvements, Proposal};
use crate::corpus::DAY;
use crate::evidence::Finding;
use crate::table::{Column, Table};
use crate::words::Lang;

fn date(day: Option<i32>) -> Option<i64> {
    day.map(|day| i64::from(day) * DAY)
}

impl Innovations {
    /// A row each.
    pub fn table(&self) -> Table {
        let all = &self.innovations;
        let text = |f: &dyn Fn(&Innovation) -> Option<String>| Column::Text(all.iter().map(|x| f(x).map(Into::into)).collect());
        let float = |f: &dyn Fn(&Innovation) -> Option<f64>| Column::Float(all.iter().map(f).collect());
        let int = |f: &dyn Fn(&Innovation) -> u64| Column::Int(all.iter().map(|x| Some(f(x) as i64)).collect());
        let of = |pick: fn(&Innovation) -> Option<&Finding>, value: fn(&Finding) -> Option<f64>| float(&|i| pick(i).and_then(value));
        let mut table = Table::new("innovations");
        table.push("status", text(&|i| Some(i.status.name().to_owned())));
        table.push("kind", text(&|i| Some(i.choice.kind.name().to_owned())));
        table.push("step", text(&|i| Some(i.choice.step.clone())));
        table.push("title", text(&|i| Some(i.choice.title.clone())));
        table.push("wording", text(&|i| i.choice.wording.clone()));
        table.push("sop", text(&|i| Some(i.choice.sop.clone())));
        table.push("point", text(&|i| i.choice.point.clone()));
        table.push("visit", int(&|i| i.choice.visit.into()));
        table.push("uses", int(&|i| i.uses));
        table.push("users", int(&|i| i.users));
        table.push("estimate", of(|i| Some(&i.finding), |f| f.estimate));
        table.push("ci_low", of(|i| Some(&i.finding), |f| f.ci_low));
        table.push("ci_high", of(|i| Some(&i.finding), |f| f.ci_high));
        table.push("q_value", of(|i| Some(&i.finding), |f| f.q_value));
        table.push("earlier_estimate", of(|i| i.mined.as_ref(), |f| f.estimate));
        table.push("later_estimate", of(|i| i.later.as_ref(), |f| f.estimate));
        table.push("later_ci_low", of(|i| i.later.as_ref(), |f| f.ci_low));
        table.push("later_ci_high", of(|i| i.later.as_ref(), |f| f.ci_high));
        table.push("others_estimate", of(|i| i.others.as_ref(), |f| f.estimate));
        table.push("others_ci_low", of(|i| i.others.as_ref(), |f| f.ci_low));
        table.push("others_ci_high", of(|i| i.others.as_ref(), |f| f.ci_high));
        table.push("affected", Column::Int(all.iter().map(|i| i.gain.map(|g| g.affected as i64)).collect()));
        table.push("gain", float(&|i| i.gain.map(|g| g.gain.estimate)));
        table.push("gain_low", float(&|i| i.gain.map(|g| g.gain.low)));
        table.push("gain_high", float(&|i| i.gain.map(|g| g.gain.high)));
        table.push("baseline", float(&|i| i.baseline.map(|b| b.estimate)));
        table.push("first_users", Column::TextList(all.iter().map(|i| i.first_users.iter().map(|r| r.as_str().into()).collect()).collect()));
        table.push("first_use", Column::Time(all.iter().map(|i| date(i.first_use)).collect()));
        table.push("cases", Column::TextList(all.iter().map(|i| i.finding.cases.iter().map(|c| c.as_str().into()).collect()).collect()));
        table.push("sentence_en", text(&|i| Some(i.sentence(Lang::En))));
        table.push("sentence_zh", text(&|i| Some(i.sentence(Lang::Zh))));
        table
    }

    /// The innovators, a row each.
    pub fn innovators_table(&self) -> Table {
        let all = &self.innovators;
        let of = |i: usize| &self.innovations[i];
        let mut table = Table::new("innovators");
        table.push("rep", Column::Text(all.iter().map(|x| Some(x.rep.as_str().into())).collect()));
        table.push("step", Column::Text(all.iter().map(|x| Some(of(x.innovation).choice.step.as_str().into())).collect()));
        table.push("point", Column::Text(all.iter().map(|x| of(x.innovation).choice.point.as_deref().map(Into::into)).collect()));
        table.push("wording", Column::Text(all.iter().map(|x| of(x.innovation).choice.wording.as_deref().map(Into::into)).collect()));
        table.push("place", Column::Int(all.iter().map(|x| Some(x.place as i64)).collect()));
        table.push("uses", Column::Int(all.iter().map(|x| Some(x.use_of_it.uses as i64)).collect()));
        table.push("chances", Column::Int(all.iter().map(|x| Some(x.use_of_it.chances as i64)).collect()));
        table.push("first_uses", Column::Int(all.iter().map(|x| Some(x.use_of_it.first_uses as i64)).collect()));
        table.push("first_use", Column::Time(all.iter().map(|x| date(x.use_of_it.first_use)).collect()));
        table.push("taken_up", Column::Time(all.iter().map(|x| date(x.use_of_it.taken_up)).collect()));
        table.push("days_before_others", Column::Int(all.iter().map(|x| x.days_before_others.map(i64::from)).collect()));
        table.push("followers", Column::Int(all.iter().map(|x| Some(x.followers as i64)).collect()));
        table.push("effect", Column::Float(all.iter().map(|x| x.use_of_it.effect.map(|e| e.estimate)).collect()));
        table.push("effect_low", Column::Float(all.iter().map(|x| x.use_of_it.effect.map(|e| e.low)).collect()));
        table.push("effect_high", Column::Float(all.iter().map(|x| x.use_of_it.effect.map(|e| e.high)).collect()));
        table.push("rate", Column::Float(all.iter().map(|x| x.rate).collect()));
        table.push("rate_place", Column::Int(all.iter().map(|x| Some(x.rate_place as i64)).collect()));
        table.push("sentence_en", Column::Text(all.iter().map(|x| Some(x.sentence(of(x.innovation), Lang::En).into())).collect()));
        table.push("sentence_zh", Column::Text(all.iter().map(|x| Some(x.sentence(of(x.innovation), Lang::Zh).into())).collect()));
        table
    }

    /// How the use of each innovation spread: a row an innovation and period.
    pub fn adoption_table(&self) -> Table {
        let rows: Vec<_> = self.innovations.iter().flat_map(|i| i.adoption.iter().map(move |a| (i, a))).collect();
        let int = |f: &dyn Fn(&super::Adoption) -> u64| Column::Int(rows.iter().map(|(_, a)| Some(f(a) as i64)).collect());
        let mut table = Table::new("adoption");
        table.push("step", Column::Text(rows.iter().map(|(i, _)| Some(i.choice.step.as_str().into())).collect()));
        table.push("point", Column::Text(rows.iter().map(|(i, _)| i.choice.point.as_deref().map(Into::into)).collect()));
        table.push("wording", Column::Text(rows.iter().map(|(i, _)| i.choice.wording.as_deref().map(Into::into)).collect()));
        table.push("from", Column::Time(rows.iter().map(|(_, a)| date(Some(a.from))).collect()));
        table.push("days", int(&|a| a.days as u64));
        table.push("chances", int(&|a| a.chances));
        table.push("uses", int(&|a| a.uses));
        table.push("users", int(&|a| a.users));
        table.push("first_chances", int(&|a| a.first_chances));
        table.push("first_uses", int(&|a| a.first_uses));
        table
    }

    /// What is too rare to be compared, a row each.
    pub fn rare_table(&self) -> Table {
        let all = &self.rare;
        let int = |f: &dyn Fn(&super::Rare) -> u64| Column::Int(all.iter().map(|x| Some(f(x) as i64)).collect());
        let mut table = Table::new("rare");
        table.push("kind", Column::Text(all.iter().map(|x| Some(x.choice.kind.name().into())).collect()));
        table.push("step", Column::Text(all.iter().map(|x| Some(x.choice.step.as_str().into())).collect()));
        table.push("point", Column::Text(all.iter().map(|x| x.choice.point.as_deref().map(Into::into)).collect()));
        table.push("wording", Column::Text(all.iter().map(|x| x.choice.wording.as_deref().map(Into::into)).collect()));
        table.push("visit", int(&|x| x.choice.visit.into()));
        table.push("uses", int(&|x| x.uses));
        table.push("decided", int(&|x| x.decided));
        table.push("won", int(&|x| x.won));
        table.push("reps", int(&|x| x.reps));
        table.push("cases", Column::TextList(all.iter().map(|x| x.cases.iter().map(|c| c.as_str().into()).collect()).collect()));
        table
    }
}

impl Improvements {
    /// The proposals, a row each.
    pub fn proposals_table(&self) -> Table {
        let all = &self.proposals;
        let text = |f: &dyn Fn(&Proposal) -> Option<String>| Column::Text(all.iter().map(|x| f(x).map(Into::into)).collect());
        let float = |f: &dyn Fn(&Proposal) -> Option<f64>| Column::Float(all.iter().map(f).collect());
        let int = |f: &dyn Fn(&Proposal) -> Option<u64>| Column::Int(all.iter().map(|x| f(x).map(|n| n as i64)).collect());
        let mut table = Table::new("proposals");
        table.push("id", text(&|p| Some(p.id.clone())));
        table.push("kind", text(&|p| Some(p.kind.name().to_owned())));
        table.push("sop", text(&|p| Some(p.sop.clone())));
        table.push("step", text(&|p| Some(p.choice.step.clone())));
        table.push("point", text(&|p| p.choice.point.clone()));
        table.push("wording", text(&|p| p.choice.wording.clone()));
        table.push("affected", int(&|p| p.gain.map(|g| g.affected)));
        table.push("cases", int(&|p| p.gain.map(|g| g.cases)));
        table.push("effect", float(&|p| p.gain.map(|g| g.effect.estimate)));
        table.push("gain", float(&|p| p.gain.map(|g| g.gain.estimate)));
        table.push("gain_low", float(&|p| p.gain.map(|g| g.gain.low)));
        table.push("gain_high", float(&|p| p.gain.map(|g| g.gain.high)));
        table.push("conforming_before", int(&|p| Some(p.conformity.before)));
        table.push("conforming_after", int(&|p| Some(p.conformity.after)));
        table.push("patch", text(&|p| Some(p.patch.to_json())));
        table.push("sentence_en", text(&|p| Some(p.sentence(Lang::En))));
        table.push("sentence_zh", text(&|p| Some(p.sentence(Lang::Zh))));
        table
    }
}
