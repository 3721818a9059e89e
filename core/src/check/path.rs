//! One path against one scenario: the figures, and the deviations behind them.

use super::align::{Costs, Event, Goal, Move, MoveKind, Path, Scratch};
use super::scenario::Scenario;
use super::sums::Sums;
use crate::corpus::Names;
use crate::error::Result;
use crate::sop::{Automaton, Sop};

/// The number that stands for "before the first step" or "nowhere".
pub(crate) const NOWHERE: u32 = u32::MAX;

/// Figures of a path; equal for all cases with this path and scenario.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PathFigures {
    /// Cost of the optimal alignment.
    pub(crate) cost: u32,
    /// What the alignment would cost with nothing matched.
    pub(crate) worst: u32,
    pub(crate) prefix_cost: u32,
    /// Place of the flow last reached, as the beginning of a run.
    pub(crate) prefix_stop: u32,
    /// First place of the flow that was still to come; `NOWHERE` for a complete path.
    pub(crate) stopped_at: u32,
    /// Performed, or performed out of order, among agent steps outside `optional`.
    pub(crate) adhered: u32,
    /// Those, and the ones left out on the way.
    pub(crate) due: u32,
    /// Deviations of the alignment, accepted ones included.
    pub(crate) deviations: u32,
    /// The path as a whole and as the beginning of a run are explained differently.
    pub(crate) disputed: bool,
    /// Where the moves begin and end among all moves.
    pub(crate) moves: (usize, usize),
}

impl PathFigures {
    pub(crate) fn fitness(&self) -> f64 {
        fitness(self.cost, self.worst)
    }

    /// Nothing of the agent that costs anything was still to come.
    pub(crate) fn is_complete(&self) -> bool {
        self.stopped_at == NOWHERE
    }

    /// No deviation so far but accepted ones, given how many are not accepted.
    pub(crate) fn conforms_so_far(&self, unaccepted: u32) -> bool {
        unaccepted == 0 || (self.disputed && self.prefix_cost == 0)
    }

    /// Share of the due steps that were done, `None` where none was due.
    pub(crate) fn adherence(&self) -> Option<f64> {
        (self.due > 0).then(|| f64::from(self.adhered) / f64::from(self.due))
    }
}

/// 1 − cost ÷ worst cost, 1 where both are 0.
pub(super) fn fitness(cost: u32, worst: u32) -> f64 {
    if worst == 0 { 1.0 } else { 1.0 - f64::from(cost) / f64::from(worst) }
}

/// Kind of a deviation from the SOP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeviationKind {
    /// A planned step was left out, and the path went on.
    Skipped,
    /// A step that is not planned where it stands.
    Extra,
    /// A planned step that was done too early or too late.
    OutOfOrder,
    /// A step that was done before and is not planned again.
    Repeated,
    /// A step that was done and failed a standard.
    BelowStandard,
    /// A step that was done later than a time standard allows.
    Late,
}

impl DeviationKind {
    /// All kinds, in their order.
    pub(crate) const ALL: [Self; 6] = [Self::Skipped, Self::Extra, Self::OutOfOrder, Self::Repeated, Self::BelowStandard, Self::Late];

    /// The name of the kind, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Skipped => "skipped",
            Self::Extra => "extra",
            Self::OutOfOrder => "out_of_order",
            Self::Repeated => "repeated",
            Self::BelowStandard => "below_standard",
            Self::Late => "late",
        }
    }
}

/// A deviation of a path, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PathDeviation {
    pub(crate) kind: DeviationKind,
    /// Label of the corpus for extra steps, `NOWHERE` for skipped ones.
    pub(crate) label: u32,
    /// Place of the flow for skipped and out-of-order steps, `NOWHERE` else.
    pub(crate) node: u32,
    /// The place last reached before, `NOWHERE` at the start.
    pub(crate) after: u32,
    /// The event, `NOWHERE` for skipped steps.
    pub(crate) event: u32,
    /// Before which event the step was due, for skipped and out-of-order steps.
    pub(crate) due: u32,
    /// The place last reached where the step was due, for skipped and out-of-order steps.
    pub(crate) due_after: u32,
    pub(crate) cost: u32,
    /// Only the alignment of the whole path sees it so; as the beginning of a run the step lies ahead of its place.
    pub(crate) disputed: bool,
    /// Number of the standard that failed among those of its SOP, `NOWHERE` else.
    pub(crate) standard: u32,
}

impl PathDeviation {
    /// Step or label it is about.
    pub(super) fn step<'a>(&self, sop: &'a Sop, labels: &'a Names) -> &'a str {
        if self.kind == DeviationKind::Skipped { step_of(sop, self.node) } else { labels.get(self.label) }.unwrap_or_default()
    }
}

/// The step at a place of the flow.
pub(super) fn step_of(sop: &Sop, node: u32) -> Option<&str> {
    let step = sop.nodes().get(node as usize)?.step;
    sop.steps().get_index(step as usize).map(|(id, _)| id.as_str())
}

/// Aligns a path and computes its figures; appends its moves.
pub(crate) fn analyse(scenario: &Scenario, path: &[u32], work: &mut Work, moves: &mut Vec<Move>) -> Result<PathFigures> {
    let automaton = &*scenario.aligner.automaton;
    work.load(scenario, path);
    let from = moves.len();
    let Costs { whole: cost, prefix: prefix_cost } = scenario.aligner.align(&work.path, Goal::End, &mut work.rows, moves)?;
    let Moved { due: moved, twice } = moved(automaton, &work.rows.sums, &mut work.extras);
    let sums = &work.rows.sums;
    let mut figures = PathFigures {
        cost,
        worst: work.path.all_extra() + automaton.empty_run,
        prefix_cost,
        prefix_stop: sums.last,
        stopped_at: sums.stopped_at,
        adhered: sums.performed + moved,
        due: sums.performed + sums.left_out,
        deviations: sums.deviations - twice,
        disputed: cost - sums.rest > prefix_cost,
        moves: (from, moves.len()),
    };
    if figures.disputed {
        figures.prefix_stop = last_place(scenario, work)?;
    }
    Ok(figures)
}

/// Steps that are extra at one place of a path and left out at another.
struct Moved {
    /// Those that count for adherence.
    due: u32,
    /// Those that were counted as two deviations and are one.
    twice: u32,
}

/// Counts steps out of order: per step, as many extras and skips on the way pair as there are of both. `open` is empty or
/// all 0, before and after.
fn moved(automaton: &Automaton, sums: &Sums, open: &mut Vec<u32>) -> Moved {
    let mut moved = Moved { due: 0, twice: 0 };
    if sums.extras.is_empty() || sums.skips.is_empty() {
        return moved;
    }
    open.resize(open.len().max(automaton.extra.len()), 0);
    for &step in &sums.extras {
        open[step as usize] += 1;
    }
    for &node in &sums.skips {
        let (node, step) = (node as usize, automaton.node_step[node as usize] as usize);
        if open[step] > 0 {
            open[step] -= 1;
            moved.due += u32::from(automaton.node_due[node]);
            moved.twice += u32::from(automaton.extra[step] > 0 && automaton.node_skip[node] > 0);
        }
    }
    for &step in &sums.extras {
        open[step as usize] = 0;
    }
    moved
}

/// What a thread needs again and again.
pub(crate) struct Work {
    pub(crate) rows: Scratch,
    path: Path,
    pub(crate) deviations: Vec<PathDeviation>,
    prefix: Vec<Move>,
    /// For pairing the extras of each step; all 0 between paths.
    extras: Vec<u32>,
}

impl Work {
    fn load(&mut self, scenario: &Scenario, path: &[u32]) {
        self.path.load(&scenario.aligner.automaton, &scenario.labels, path);
    }

    pub(crate) fn new() -> Self {
        Self { rows: Scratch::new(), path: Path::default(), deviations: Vec::new(), prefix: Vec::new(), extras: Vec::new() }
    }
}

/// The place last performed in the canonical explanation as the beginning of a run.
fn last_place(scenario: &Scenario, work: &mut Work) -> Result<u32> {
    work.prefix.clear();
    scenario.aligner.align(&work.path, Goal::Anywhere, &mut work.rows, &mut work.prefix)?;
    Ok(work.rows.sums.last)
}

/// The deviations of an alignment, in path order, into `work.deviations`.
pub(crate) fn deviations(scenario: &Scenario, path: &[u32], moves: &[Move], disputed: bool, work: &mut Work) -> Result<()> {
    work.load(scenario, path);
    // Which events the beginning-of-a-run explanation performs, where the two differ.
    let ahead: Option<Vec<bool>> = if disputed {
        last_place(scenario, work)?;
        Some(work.prefix.iter().filter(|m| m.kind() != MoveKind::Skipped).map(|m| m.kind() == MoveKind::Matched).collect())
    } else {
        None
    };
    lay_out(&scenario.aligner.automaton, &work.path, path, moves, ahead.as_deref(), &mut work.deviations);
    Ok(())
}

/// The deviations that moves show, in path order; `ahead` says which events another explanation performs.
pub(crate) fn lay_out(automaton: &Automaton, path: &Path, labels: &[u32], moves: &[Move], ahead: Option<&[bool]>, list: &mut Vec<PathDeviation>) {
    list.clear();
    let body = moves.iter().rposition(|m| m.kind() != MoveKind::Skipped).map_or(0, |last| last + 1);
    let (mut event, mut after) = (0u32, NOWHERE);
    let mut open_skips = 0;
    for m in &moves[..body] {
        match m.kind() {
            MoveKind::Matched => {
                let differs = ahead.is_some_and(|ahead| !ahead[event as usize]);
                for d in &mut list[open_skips..] {
                    d.disputed |= differs && d.kind == DeviationKind::Skipped;
                }
                open_skips = list.len();
                after = m.node();
                event += 1;
            }
            MoveKind::Anytime => event += 1,
            MoveKind::Extra => {
                let cost = match path.event(event as usize) {
                    Event::Planned(step) => u32::from(automaton.extra[step as usize]),
                    Event::Unplanned(cost) => u32::from(cost),
                    Event::Anytime => 0,
                };
                let differs = ahead.is_some_and(|ahead| ahead[event as usize]);
                let label = labels[event as usize];
                list.push(PathDeviation {
                    kind: DeviationKind::Extra,
                    label,
                    node: NOWHERE,
                    after,
                    event,
                    due: NOWHERE,
                    due_after: NOWHERE,
                    cost,
                    disputed: differs,
                    standard: NOWHERE,
                });
                event += 1;
            }
            MoveKind::Skipped => {
                let node = m.node();
                // What the customer may or may not do is nobody's deviation.
                if automaton.node_agent[node as usize] {
                    let cost = u32::from(automaton.node_skip[node as usize]);
                    list.push(PathDeviation {
                        kind: DeviationKind::Skipped,
                        label: NOWHERE,
                        node,
                        after,
                        event: NOWHERE,
                        due: event,
                        due_after: after,
                        cost,
                        disputed: false,
                        standard: NOWHERE,
                    });
                }
            }
        }
    }
    pair(list, path, automaton);
    mark_repeats(list, &moves[..body], automaton, path);
}

/// Per step, the i-th extra and the i-th skip are one step out of order.
fn pair(list: &mut Vec<PathDeviation>, path: &Path, automaton: &Automaton) {
    let skips = list.iter().filter(|d| d.kind == DeviationKind::Skipped).count();
    if skips == 0 || skips == list.len() {
        return;
    }
    // Skips by step, then in path order; the first of a step that is not yet paired is found by its step.
    let mut open: Vec<(u32, u32, bool)> = Vec::with_capacity(skips);
    open.extend(
        (list.iter().enumerate()).filter(|(_, d)| d.kind == DeviationKind::Skipped).map(|(j, d)| (automaton.node_step[d.node as usize], j as u32, false)),
    );
    open.sort_unstable();
    let mut paired = false;
    for i in 0..list.len() {
        if list[i].event == NOWHERE {
            continue;
        }
        let Event::Planned(step) = path.event(list[i].event as usize) else { continue };
        let from = open.partition_point(|&(of, _, taken)| (of, !taken) < (step, true));
        let Some((_, j, taken)) = open.get_mut(from).filter(|(of, ..)| *of == step) else { continue };
        *taken = true;
        paired = true;
        let skip = list[*j as usize];
        list[*j as usize].kind = DeviationKind::Extra;
        list[*j as usize].cost = PAIRED;
        let extra = &mut list[i];
        extra.kind = DeviationKind::OutOfOrder;
        (extra.node, extra.due, extra.due_after) = (skip.node, skip.due, skip.due_after);
        extra.cost += skip.cost;
        extra.disputed |= skip.disputed;
    }
    if paired {
        list.retain(|d| d.cost != PAIRED);
    }
}

/// Marks a skip that went into a pair until it is removed.
const PAIRED: u32 = u32::MAX;

/// An extra whose step was matched before is a repetition.
fn mark_repeats(list: &mut [PathDeviation], moves: &[Move], automaton: &Automaton, path: &Path) {
    if !list.iter().any(|d| d.kind == DeviationKind::Extra && matches!(path.event(d.event as usize), Event::Planned(_))) {
        return;
    }
    let mut first_match = vec![u32::MAX; automaton.extra.len()];
    let mut event = 0;
    for m in moves {
        if m.kind() == MoveKind::Matched {
            let first = &mut first_match[automaton.node_step[m.node() as usize] as usize];
            *first = (*first).min(event);
        }
        event += u32::from(m.kind() != MoveKind::Skipped);
    }
    for d in list.iter_mut().filter(|d| d.kind == DeviationKind::Extra) {
        if let Event::Planned(step) = path.event(d.event as usize)
            && first_match[step as usize] < d.event
        {
            d.kind = DeviationKind::Repeated;
        }
    }
}
