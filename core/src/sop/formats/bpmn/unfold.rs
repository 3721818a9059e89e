//! Parallel gateways that enclose no block, unfolded: every way tokens can stand is a state, every task that can be done
//! next leads to another. What comes out has exclusive choices alone and the same runs.

use std::collections::HashMap;

use super::web::{END, ENDS, Kind, START, Web};
use crate::error::Fault;

/// Most ways tokens can stand.
pub(super) const MAX_STATES: usize = 2_000;

/// Most tokens at once, most moves from state to state, and most moves of tokens that nobody chooses.
const MAX_TOKENS: usize = 100;
const MAX_MOVES: usize = 20_000;
const MAX_SILENT: usize = 2_000_000;

/// Ways that hold a token, sorted.
type Marking = Vec<usize>;

/// The unfolded web.
pub(super) fn unfold(web: &Web) -> Result<Web, Fault> {
    let noted = web.spots.iter().find(|spot| spot.mark.as_ref().is_some_and(|mark| mark.kind == "repeat" && mark.bounds.values().any(bounded)));
    let guarded = web.ways.iter().flatten().find(|way| way.when.is_some()).map(|way| &web.spots[way.from]);
    if let Some(spot) = noted.or(guarded) {
        let what = "the parallel gateways enclose no block, and bounds of a repeat or conditions on attributes stand among them";
        return Err(unstructured(web, what).at_line(spot.line));
    }
    let mut made = Web::new();
    let mut states: HashMap<Marking, usize> = HashMap::new();
    let mut silent = 0;
    let first = settle(web, web.spots[START].outs.clone(), &mut silent)?;
    let mut open = Vec::new();
    let mut state = |made: &mut Web, marking: Marking, open: &mut Vec<(Marking, usize)>| {
        if marking.is_empty() {
            return ENDS;
        }
        *states.entry(marking).or_insert_with_key(|marking| {
            let spot = made.spot(Kind::Exclusive, "", 0);
            open.push((marking.clone(), spot));
            spot
        })
    };
    let begin = state(&mut made, first, &mut open);
    made.way(START, begin, Vec::new(), None, (0, 0));
    let mut order = 0;
    while let Some((marking, at)) = open.pop() {
        if made.spots.len() > MAX_STATES || order > MAX_MOVES {
            return Err(too_large(web));
        }
        let mut moved = false;
        for &way in &marking {
            let spot = web.at(way).to;
            let label = match &web.spots[spot].kind {
                Kind::Task(item) => vec![item.clone()],
                Kind::Exclusive => Vec::new(),
                _ => continue,
            };
            for &out in &web.spots[spot].outs {
                let mut after: Marking = marking.iter().copied().filter(|&other| other != way).collect();
                lay(web, &mut after, out)?;
                let to = settle(web, after, &mut silent)?;
                let to = state(&mut made, to, &mut open);
                order += 1;
                made.way(at, to, label.clone(), None, (order, 0));
            }
            moved = true;
        }
        if !moved {
            let waiting = marking.iter().map(|&way| &web.spots[web.at(way).to]).find(|spot| !spot.id.is_empty());
            let name = waiting.map_or("a parallel gateway", |spot| &spot.id);
            let fault = Fault::new("sop.unstructured", format!("`{name}` can wait for ever: not all of its flows are always taken"));
            let fault = waiting.map_or(fault.clone(), |spot| fault.at_line(spot.line).at_place(&spot.id));
            return Err(fault.help("join what a parallel gateway split with a parallel gateway, and a choice with an exclusive one"));
        }
    }
    made.way(ENDS, END, Vec::new(), None, (order + 1, 0));
    let mut ends = vec![false; made.spots.len()];
    let mut open = vec![ENDS];
    while let Some(spot) = open.pop() {
        if !std::mem::replace(&mut ends[spot], true) {
            open.extend(made.spots[spot].ins.iter().map(|&way| made.at(way).from));
        }
    }
    if (ENDS..made.spots.len()).any(|spot| !ends[spot]) {
        return Err(unstructured(web, "a parallel branch leads back into itself, so that the process never ends"));
    }
    Ok(made)
}

fn bounded(raw: &super::super::super::raw::Raw) -> bool {
    use super::super::super::raw::Value;
    matches!(&raw.value, Value::Number(n) if n.as_u64().is_some_and(|n| n > 1))
}

/// Lays a token on a way.
fn lay(web: &Web, marking: &mut Marking, way: usize) -> Result<(), Fault> {
    let Err(at) = marking.binary_search(&way) else {
        let spot = &web.spots[web.at(way).from];
        let fault = Fault::new("sop.unstructured", format!("behind `{}` the same flow can be taken twice at once", spot.id)).at_line(spot.line);
        return Err(fault.at_place(&spot.id).help("join parallel branches with a parallel gateway before they go on together"));
    };
    marking.insert(at, way);
    Ok(())
}

/// Lets happen what nobody chooses: ends, joins, and parallel gateways all of whose flows are taken.
fn settle(web: &Web, mut marking: Marking, silent: &mut usize) -> Result<Marking, Fault> {
    marking.sort_unstable();
    loop {
        *silent += 1;
        if marking.len() > MAX_TOKENS || *silent > MAX_SILENT {
            return Err(too_large(web));
        }
        let ready = marking.iter().copied().find(|&way| {
            let spot = &web.spots[web.at(way).to];
            match spot.kind {
                Kind::End => true,
                Kind::Exclusive => spot.outs.len() == 1,
                Kind::Parallel => spot.ins.iter().all(|way| marking.binary_search(way).is_ok()),
                Kind::Start | Kind::Task(_) => false,
            }
        });
        let Some(way) = ready else { return Ok(marking) };
        let spot = &web.spots[web.at(way).to];
        marking.retain(|other| if matches!(spot.kind, Kind::Parallel) { !spot.ins.contains(other) } else { *other != way });
        for &out in &spot.outs {
            lay(web, &mut marking, out)?;
        }
    }
}

fn too_large(web: &Web) -> Fault {
    unstructured(web, &format!("the parallel gateways enclose no block, and tokens can stand in more than {MAX_STATES} ways, or go around for ever"))
}

/// Names the parallel gateways.
pub(super) fn unstructured(web: &Web, what: &str) -> Fault {
    let gates: Vec<_> = web.left().into_iter().collect();
    let parallel: Vec<_> = gates.iter().filter(|spot| matches!(spot.kind, Kind::Parallel)).collect();
    let named = if parallel.is_empty() { gates.iter().collect() } else { parallel };
    let names: Vec<String> = named.iter().take(10).map(|spot| format!("`{}`", spot.id)).collect();
    let fault = Fault::new("sop.unstructured", format!("{what}: {}", names.join(", ")));
    let fault = named.first().map_or(fault.clone(), |spot| fault.at_line(spot.line).at_place(&spot.id));
    fault.help("let the ways that part at one gateway meet again at one gateway of the same kind")
}
