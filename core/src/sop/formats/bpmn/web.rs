//! The flows of a process as a web of ways between gateways, each way with the blocks on it; taken in from the inside out
//! until one way is left, which is the flow of the SOP.
//!
//! A split whose ways all meet at one join becomes a block on the way through it. Two exclusive gateways, the second of
//! which leads back to the first, become a repeat. Where our own notes at the first gateway still fit what is drawn, they
//! say which block it was; they are never needed. What is left over where ways cross is, for exclusive gateways, taken in
//! gateway by gateway, each way in times each way out, which says the same with steps standing at several places.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::super::super::limits;
use super::super::super::raw::Raw;
use super::label::{Item, Mark, Nest, branches, guarded, list, member, optional, repeated, together};
use crate::error::Fault;

/// Most gateways that are taken in one by one, and most ways between them meanwhile.
const MAX_LEFT: usize = 2_000;
const MAX_WAYS: usize = 5_000;

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Start,
    End,
    Task(Item),
    Exclusive,
    Parallel,
}

#[derive(Debug, Clone)]
pub(super) struct Spot {
    pub(super) kind: Kind,
    pub(super) mark: Option<Mark>,
    pub(super) nest: Nest,
    pub(super) id: String,
    pub(super) line: u64,
    pub(super) ins: Vec<usize>,
    pub(super) outs: Vec<usize>,
    gone: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Way {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) label: Vec<Item>,
    pub(super) when: Option<Raw>,
    /// Sorts the ways out of a gateway: the flow it begins with, and what sorts those that begin with the same.
    pub(super) order: (usize, usize),
}

/// Start is spot 0, end is spot 1, and where several ends meet, spot 2.
#[derive(Debug, Clone, Default)]
pub(super) struct Web {
    pub(super) spots: Vec<Spot>,
    pub(super) ways: Vec<Option<Way>>,
}

pub(super) const START: usize = 0;
pub(super) const END: usize = 1;
pub(super) const ENDS: usize = 2;

/// Spots to look at again, by what is tried there: a rule is tried only where none before it can do anything.
#[derive(Default)]
struct Work([BTreeSet<usize>; 4]);

impl Work {
    fn of(spots: impl Iterator<Item = usize> + Clone) -> Self {
        let mut work = Self::default();
        work.add(spots);
        work
    }

    fn add(&mut self, spots: impl Iterator<Item = usize> + Clone) {
        for list in &mut self.0 {
            list.extend(spots.clone());
        }
    }

    fn next(&mut self) -> Option<(usize, usize)> {
        self.0.iter_mut().enumerate().find_map(|(rule, list)| Some((rule, list.pop_first()?)))
    }
}

impl Web {
    /// A web with its start, its end and the exclusive gateway before the end.
    pub(super) fn new() -> Self {
        let mut web = Self::default();
        web.spot(Kind::Start, "", 0);
        web.spot(Kind::End, "", 0);
        web.spot(Kind::Exclusive, "", 0);
        web
    }

    pub(super) fn spot(&mut self, kind: Kind, id: &str, line: u64) -> usize {
        let nest = Nest::default();
        self.spots.push(Spot { kind, mark: None, nest, id: id.to_owned(), line, ins: Vec::new(), outs: Vec::new(), gone: false });
        self.spots.len() - 1
    }

    pub(super) fn way(&mut self, from: usize, to: usize, label: Vec<Item>, when: Option<Raw>, order: (usize, usize)) -> usize {
        let way = self.ways.len();
        self.spots[from].outs.push(way);
        self.spots[to].ins.push(way);
        self.ways.push(Some(Way { from, to, label, when, order }));
        way
    }

    /// A way that is there.
    pub(super) fn at(&self, way: usize) -> &Way {
        self.ways[way].as_ref().unwrap_or_else(|| unreachable!("a way that was taken in is in no list"))
    }

    fn at_mut(&mut self, way: usize) -> &mut Way {
        self.ways[way].as_mut().unwrap_or_else(|| unreachable!("a way that was taken in is in no list"))
    }

    fn remove(&mut self, way: usize) -> Way {
        let gone = self.ways[way].take().unwrap_or_else(|| unreachable!("a way is taken in once"));
        self.spots[gone.from].outs.retain(|&other| other != way);
        self.spots[gone.to].ins.retain(|&other| other != way);
        gone
    }

    /// Takes ways between the same two gateways out together, which for many is much faster than one by one.
    fn remove_all(&mut self, from: usize, to: usize, ways: Vec<usize>) -> Vec<Way> {
        let gone = ways.into_iter().filter_map(|way| self.ways[way].take()).collect();
        self.spots[from].outs.retain(|&way| self.ways[way].is_some());
        self.spots[to].ins.retain(|&way| self.ways[way].is_some());
        gone
    }

    fn is_exclusive(&self, spot: usize) -> bool {
        matches!(self.spots[spot].kind, Kind::Exclusive)
    }

    fn is_parallel(&self, spot: usize) -> bool {
        matches!(self.spots[spot].kind, Kind::Parallel)
    }

    fn touch(&self, way: usize, work: &mut Work) {
        let way = self.at(way);
        work.add([way.from, way.to].into_iter());
    }

    /// The whole flow, once one way is left.
    pub(super) fn whole(&mut self) -> Option<Result<Raw, Fault>> {
        let [way] = self.spots[START].outs[..] else { return None };
        (self.at(way).to == END).then(|| {
            let label = std::mem::take(&mut self.at_mut(way).label);
            list(label, 0).map(|made| made.raw)
        })
    }

    /// Gateways that are left, for a message.
    pub(super) fn left(&self) -> Vec<&Spot> {
        self.spots.iter().filter(|spot| !spot.gone && !spot.id.is_empty() && matches!(spot.kind, Kind::Exclusive | Kind::Parallel)).collect()
    }

    pub(super) fn only_exclusive(&self) -> bool {
        self.spots.iter().all(|spot| spot.gone || !matches!(spot.kind, Kind::Parallel | Kind::Task(_)))
    }

    /// Takes in every block that is one.
    pub(super) fn blocks(&mut self) -> Result<(), Fault> {
        let mut work = Work::of(0..self.spots.len());
        self.settle(&mut work, false)
    }

    fn settle(&mut self, work: &mut Work, again: bool) -> Result<(), Fault> {
        while let Some((rule, spot)) = work.next() {
            if self.spots[spot].gone {
                continue;
            }
            match (&self.spots[spot].kind, rule) {
                (Kind::Task(_), 0) => {
                    self.pass(spot, work)?;
                }
                (Kind::Exclusive | Kind::Parallel, 0) => {
                    let _ = self.block(spot, work)? || self.round(spot, again, work)?;
                }
                // What drawing by hand leaves: gateways that do nothing, and joins or splits that several blocks share.
                (Kind::Exclusive | Kind::Parallel, 1) => {
                    self.pass(spot, work)?;
                }
                (_, 2) => self.share(spot, work)?,
                (_, 3) => self.beside(spot, work)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// A task or gateway with one way in and one way out becomes part of the way through it.
    fn pass(&mut self, spot: usize, work: &mut Work) -> Result<bool, Fault> {
        let (&[before], &[behind]) = (&self.spots[spot].ins[..], &self.spots[spot].outs[..]) else { return Ok(false) };
        if before == behind {
            return Ok(false);
        }
        let Way { to, mut label, when, .. } = self.remove(behind);
        if let Some(when) = when
            && !label.is_empty()
        {
            let line = self.spots[spot].line;
            let then = list(label, line)?;
            label = vec![guarded(when, then, Nest::default(), line)?];
        }
        self.spots[spot].gone = true;
        self.spots[spot].ins.clear();
        let task = match &mut self.spots[spot].kind {
            Kind::Task(item) => Some(item.clone()),
            _ => None,
        };
        let way = self.at_mut(before);
        way.label.extend(task);
        way.label.append(&mut label);
        way.to = to;
        self.spots[to].ins.push(before);
        self.touch(before, work);
        Ok(true)
    }

    /// A split whose ways are all the ways of one join.
    fn block(&mut self, split: usize, work: &mut Work) -> Result<bool, Fault> {
        let spot = &self.spots[split];
        let Some(join) = spot.outs.first().map(|&way| self.at(way).to) else { return Ok(false) };
        let fits = self.is_exclusive(split) && self.is_exclusive(join) || self.is_parallel(split) && (self.is_parallel(join) || join == ENDS);
        let marked = spot.mark.as_ref().is_some_and(|mark| matches!(mark.kind.as_str(), "one_of" | "any_order"));
        let other = &self.spots[join];
        let closed = spot.ins.len() == 1 && other.outs.len() == 1 && other.ins.len() == spot.outs.len();
        let one = spot.outs.len() == 1;
        if !fits || !closed || split == join || one && (!marked || other.mark.is_some()) || spot.outs.iter().any(|&way| self.at(way).to != join) {
            return Ok(false);
        }
        let (before, behind) = (spot.ins[0], other.outs[0]);
        if before == behind {
            return Ok(false);
        }
        let ways = self.spots[split].outs.clone();
        let ways = self.remove_all(split, join, ways);
        let made = self.combine(split, ways)?;
        let Way { to, label, .. } = self.remove(behind);
        for gone in [split, join] {
            self.spots[gone].gone = true;
            self.spots[gone].ins.clear();
        }
        let way = self.at_mut(before);
        way.label.extend(made);
        way.label.extend(label);
        way.to = to;
        self.spots[to].ins.push(before);
        self.touch(before, work);
        Ok(true)
    }

    /// Two exclusive gateways, the second of which leads back to the first. What is done on the way back is done before
    /// the way there is taken again, which only `again` allows, since the way there is then written twice.
    fn round(&mut self, enter: usize, again: bool, work: &mut Work) -> Result<bool, Fault> {
        let &[there] = &self.spots[enter].outs[..] else { return Ok(false) };
        let leave = self.at(there).to;
        if !self.is_exclusive(enter) || !self.is_exclusive(leave) || enter == leave || self.spots[leave].ins.len() != 1 {
            return Ok(false);
        }
        let back: Vec<usize> = self.spots[leave].outs.iter().copied().filter(|&way| self.at(way).to == enter).collect();
        let &[back] = &back[..] else { return Ok(false) };
        if self.spots[leave].outs.len() < 2 || !again && !self.at(there).label.is_empty() && !self.at(back).label.is_empty() {
            return Ok(false);
        }
        let (twice, once) = (places(&self.at(there).label), places(&self.at(back).label));
        if twice > 0 && once > 0 && 2 * twice + once > limits::NODES {
            return Ok(false);
        }
        let last = self.spots[leave].outs.len() == 2;
        if self.spots[leave].outs.iter().any(|&way| self.at(way).when.is_some() && (way == back || last)) {
            let spot = &self.spots[leave];
            let fault =
                Fault::new("sop.unsupported", format!("`{}` leads back or on by an attribute of the case", spot.id)).at_line(spot.line).at_place(&spot.id);
            return Err(fault.help("an SOP cannot repeat by a condition: take the condition away"));
        }
        let Way { label: returning, .. } = self.remove(back);
        let going = std::mem::take(&mut self.at_mut(there).label);
        let (mark, nest, line) = (self.spots[enter].mark.take(), self.spots[enter].nest, self.spots[enter].line);
        let label = match (going.is_empty(), returning.is_empty()) {
            (true, true) => Vec::new(),
            (true, false) => vec![repeated(returning, false, mark.as_ref(), nest, line)?],
            (false, true) => vec![repeated(going, true, mark.as_ref(), nest, line)?],
            (false, false) => {
                let round = [returning, going.clone()].concat();
                let mut label = going;
                label.push(repeated(round, false, None, Nest::default(), line)?);
                label
            }
        };
        self.at_mut(there).label = label;
        self.touch(there, work);
        for gate in [enter, leave] {
            self.pass(gate, work)?;
        }
        Ok(true)
    }

    /// All ways out of a gateway lead to one, or all ways into it come from one.
    fn share(&mut self, spot: usize, work: &mut Work) -> Result<(), Fault> {
        let out = &self.spots[spot].outs;
        if out.len() > 1 && out.iter().all(|&way| self.at(way).to == self.at(out[0]).to) {
            return self.merge(out.clone(), work);
        }
        let into = &self.spots[spot].ins;
        if into.len() > 1 && into.iter().all(|&way| self.at(way).from == self.at(into[0]).from) {
            return self.merge(into.clone(), work);
        }
        Ok(())
    }

    /// Some of the ways out of a gateway lead to the same one.
    fn beside(&mut self, spot: usize, work: &mut Work) -> Result<(), Fault> {
        let mut by_end: IndexMap<usize, Vec<usize>> = IndexMap::new();
        for &way in &self.spots[spot].outs {
            by_end.entry(self.at(way).to).or_default().push(way);
        }
        for ways in by_end.into_values().filter(|ways| ways.len() > 1) {
            self.merge(ways, work)?;
        }
        Ok(())
    }

    /// Makes one way of several between the same two gateways.
    fn merge(&mut self, ways: Vec<usize>, work: &mut Work) -> Result<(), Fault> {
        let (from, to) = (self.at(ways[0]).from, self.at(ways[0]).to);
        let choice = (self.is_exclusive(from) || from == START) && (self.is_exclusive(to) || to == END);
        let fits = choice || self.is_parallel(from) && (self.is_parallel(to) || to == ENDS);
        if !fits || from == to {
            return Ok(());
        }
        let ways = self.remove_all(from, to, ways);
        let order = ways.iter().map(|way| way.order).min().unwrap_or_default();
        let label = self.combine(from, ways)?;
        let way = self.way(from, to, label, None, order);
        self.touch(way, work);
        Ok(())
    }

    /// What the ways between two gateways mean together.
    fn combine(&self, split: usize, mut ways: Vec<Way>) -> Result<Vec<Item>, Fault> {
        ways.sort_by_key(|way| way.order);
        let Spot { mark, nest, line, .. } = &self.spots[split];
        let (nest, line) = (*nest, *line);
        let marked = |kind: &str| mark.as_ref().is_some_and(|mark| mark.kind == kind);
        let count = ways.len();
        let (done, free): (Vec<Way>, Vec<Way>) = ways.into_iter().partition(|way| !way.label.is_empty());
        let guards = done.iter().filter(|way| way.when.is_some()).count();
        if done.is_empty() {
            return Ok(Vec::new());
        }
        if self.is_parallel(split) {
            let mut members = Vec::new();
            for way in done {
                members.push(member(way.label, line)?);
            }
            let own = marked("any_order");
            if members.len() == 1 && !(own && count == 1) {
                return Ok(members.pop().map(|member| member.label).unwrap_or_default());
            }
            return Ok(vec![together("any_order", members, own, nest, line)?]);
        }
        if !free.is_empty() {
            if guards == 1 && done.len() == 1 {
                let [way] = <[Way; 1]>::try_from(done).unwrap_or_else(|_| unreachable!("there is one"));
                let then = list(way.label, line)?;
                let when = way.when.unwrap_or_else(|| unreachable!("it has a condition"));
                return Ok(vec![guarded(when, then, nest, line)?]);
            }
            if guards < done.len() {
                let inner = if done.len() == 1 {
                    done.into_iter().next().map(|way| way.label).unwrap_or_default()
                } else {
                    vec![together("one_of", branches(done, line)?, true, Nest::default(), line)?]
                };
                let own = marked("optional");
                if !own && matches!(&inner[..], [one] if one.is_plain("optional")) {
                    return Ok(inner);
                }
                return Ok(vec![optional(list(inner, line)?, own, nest, line)?]);
            }
        }
        let own = marked("one_of");
        if done.len() == 1 && guards == 0 && !(own && count == 1) {
            return Ok(done.into_iter().next().map(|way| way.label).unwrap_or_default());
        }
        Ok(vec![together("one_of", branches(done, line)?, own, nest, line)?])
    }

    /// Takes in the exclusive gateways that are left, the cheapest first; the error is that it grows too large.
    pub(super) fn one_by_one(&mut self) -> Result<Result<(), Fault>, ()> {
        let mut work = Work::of(0..self.spots.len());
        loop {
            if let Err(fault) = self.settle(&mut work, true) {
                return Ok(Err(fault));
            }
            let left: Vec<usize> = (END + 1..self.spots.len()).filter(|&spot| !self.spots[spot].gone && self.is_exclusive(spot)).collect();
            if left.len() > MAX_LEFT {
                return Err(());
            }
            let Some(spot) = left.into_iter().min_by_key(|&spot| (self.growth(spot), spot)) else { return Ok(Ok(())) };
            if let Err(fault) = self.take_in(spot, &mut work)? {
                return Ok(Err(fault));
            }
        }
    }

    /// Places of steps that taking a gateway in writes anew.
    fn growth(&self, spot: usize) -> usize {
        let sum = |ways: &[usize]| ways.iter().map(|&way| places(&self.at(way).label)).sum::<usize>();
        let spot = &self.spots[spot];
        sum(&spot.ins) * spot.outs.len() + sum(&spot.outs) * spot.ins.len()
    }

    fn take_in(&mut self, spot: usize, work: &mut Work) -> Result<Result<(), Fault>, ()> {
        let total: usize = self.ways.iter().flatten().map(|way| places(&way.label)).sum();
        let (ins, outs) = (self.spots[spot].ins.clone(), self.spots[spot].outs.clone());
        let replaced: usize = ins.iter().chain(&outs).map(|&way| places(&self.at(way).label)).sum();
        if total + self.growth(spot) > limits::NODES + replaced || self.ways.iter().flatten().count() + ins.len() * outs.len() > MAX_WAYS {
            return Err(());
        }
        let line = self.spots[spot].line;
        let (mut into, mut out, mut turn) = (Vec::new(), Vec::new(), Vec::new());
        for way in ins {
            let way = self.remove(way);
            if way.from == spot { turn.push(way) } else { into.push(way) }
        }
        for way in outs {
            if self.ways[way].is_some() {
                out.push(self.remove(way));
            }
        }
        if into.iter().chain(&out).chain(&turn).any(|way| way.when.is_some()) {
            let spot = &self.spots[spot];
            let fault =
                Fault::new("sop.unstructured", format!("a condition on attributes stands where the ways around `{}` cross", spot.id)).at_line(spot.line);
            return Ok(Err(fault.at_place(&spot.id).help("let the ways that part at one gateway meet again at one gateway")));
        }
        turn.retain(|way| !way.label.is_empty());
        turn.sort_by_key(|way| way.order);
        let star = match turn.len() {
            0 => Ok(None),
            1 => turn.pop().map(|way| repeated(way.label, false, None, Nest::default(), line)).transpose(),
            _ => branches(turn, line)
                .and_then(|members| together("one_of", members, true, Nest::default(), line))
                .and_then(|choice| repeated(vec![choice], false, None, Nest::default(), line).map(Some)),
        };
        let star = match star {
            Ok(star) => star,
            Err(fault) => return Ok(Err(fault)),
        };
        out.sort_by_key(|way| way.order);
        for a in &into {
            for b in &out {
                let label = [&a.label[..], star.as_slice(), &b.label[..]].concat();
                let way = self.way(a.from, b.to, label, None, (a.order.0, self.ways.len()));
                self.touch(way, work);
            }
        }
        self.spots[spot].gone = true;
        Ok(Ok(()))
    }
}

fn places(label: &[Item]) -> usize {
    label.iter().map(|item| item.places).sum()
}
