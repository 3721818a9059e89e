//! Looking through an SOP and a playbook for what is valid and yet hardly meant.

use indexmap::IndexMap;
use jiff::civil::Date;

use super::hint::{About, Hint, Unmatched, Unused};
use super::model::{AcceptedKind, Actor, Block, Condition, Flow, StepCost};
use super::read::join;
use super::region::Region;
use super::{Measure, Playbook, Sop, Standard, standard_names};
use crate::error::{Error, Result};
use crate::text::{alike, cut, squeezed};

impl Sop {
    /// Hints: what the SOP says that is valid and yet hardly meant, in the order of the file. Whether an accepted
    /// deviation is over is asked of today, by the clock of the machine in UTC; [`Sop::lint_on`] takes the day.
    ///
    /// ```
    /// let sop = goldpath::Sop::parse("
    /// format: goldpath/1
    /// name: demo
    /// steps: [open, need, check, close]
    /// flow:
    ///   - open
    ///   - when: {segment: smb}
    ///     then: [need, {when: {segment: enterprise}, then: [check]}]
    ///   - close
    /// ")?;
    /// let hints = sop.lint();
    /// assert_eq!((hints[0].code, hints[0].place.as_str(), hints[0].line), ("lint.unreachable", "flow[1].then[1]", Some(8)));
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    pub fn lint(&self) -> Vec<Hint> {
        self.lint_on(today())
    }

    /// As [`Sop::lint`], on a given day.
    pub fn lint_on(&self, today: Date) -> Vec<Hint> {
        Linter::new(self, String::new(), Region::default(), &[], today).run()
    }
}

impl Playbook {
    /// Hints of all its SOPs, as [`Sop::lint`], and entries that earlier ones leave no case.
    pub fn lint(&self) -> Vec<Hint> {
        self.lint_on(today())
    }

    /// As [`Playbook::lint`], on a given day.
    pub fn lint_on(&self, today: Date) -> Vec<Hint> {
        let mut hints = Vec::new();
        let earlier: Vec<&Condition> = self.entries().iter().map(|entry| &entry.when).collect();
        for (i, entry) in self.entries().iter().enumerate() {
            let region = Region::default().and(&entry.when);
            if i > 0 && !region.possible(&earlier[..i]) {
                let place = format!("playbook[{i}]");
                hints.push(Hint::new(&entry.sop, place, None, About::Shadowed));
                continue;
            }
            hints.extend(Linter::new(&entry.sop, self.place_of(i), region, &earlier[..i], today).run());
        }
        hints
    }

    /// What stands before the places of an SOP.
    pub(crate) fn place_of(&self, entry: usize) -> String {
        if self.entries().len() < 2 { String::new() } else { format!("playbook[{entry}].sop") }
    }
}

/// The day of a text such as `2026-05-01`, for [`Sop::lint_on`].
///
/// # Errors
/// [`Error::Argument`] for a text that is no date.
pub fn lint_day(text: &str) -> Result<Date> {
    text.parse().map_err(|_| Error::argument("today", format!("`{}` is no date", cut(text, 60)), "write it as 2027-01-31"))
}

fn today() -> Date {
    jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now()).date()
}

/// How the members of a block stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ordered,
    Free,
    Choice,
}

/// A block around a place, and the member of it that the place is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Level {
    block: u32,
    kind: Kind,
    member: u32,
}

/// A place of the flow where a step is planned.
#[derive(Clone)]
struct Spot<'a> {
    step: &'a str,
    place: String,
    around: Vec<Level>,
    region: Region<'a>,
    /// On the way of every full run of its cases.
    mandatory: bool,
}

impl Spot<'_> {
    /// The innermost block around both, and the members they are in.
    fn parting(&self, other: &Self) -> Option<(Level, Level)> {
        self.around.iter().zip(&other.around).map(|(a, b)| (*a, *b)).find(|(a, b)| a != b)
    }

    /// Whether one run can come through both.
    fn goes_with(&self, other: &Self) -> bool {
        self.parting(other).is_none_or(|(level, _)| level.kind != Kind::Choice) && self.region.meets(&other.region)
    }
}

struct Linter<'a> {
    sop: &'a Sop,
    before: String,
    region: Region<'a>,
    /// Conditions of earlier entries of the playbook: their cases do not come here.
    earlier: &'a [&'a Condition],
    today: Date,
    hints: Vec<Hint>,
    spots: Vec<Spot<'a>>,
    blocks: u32,
}

/// Most pairs of places that are compared for contradicting orders.
const PAIRS: usize = 1_000_000;
/// Ordered pairs kept of each two steps.
const ORDERS: usize = 8;
/// The block that orders two places, and the places.
type Ordered = (u32, usize, usize);

impl<'a> Linter<'a> {
    fn new(sop: &'a Sop, before: String, region: Region<'a>, earlier: &'a [&'a Condition], today: Date) -> Self {
        Self { sop, before, region, earlier, today, hints: Vec::new(), spots: Vec::new(), blocks: 0 }
    }

    fn run(mut self) -> Vec<Hint> {
        let sop = self.sop;
        match sop.flow() {
            Flow::Flow(blocks) => {
                let root = Spot { step: "", place: "flow".to_owned(), around: Vec::new(), region: self.region.clone(), mandatory: true };
                self.members(&root, Kind::Ordered, blocks);
            }
            Flow::Graph(_) => {
                let spot = |node: &super::FlowNode| {
                    let step = sop.steps().get_index(node.step as usize).map_or("", |(id, _)| id);
                    Spot { step, place: node.place.clone(), around: Vec::new(), region: self.region.clone(), mandatory: false }
                };
                self.spots = sop.nodes().iter().map(spot).collect();
            }
        }
        self.twice();
        self.orders();
        self.standards();
        self.costs();
        self.accepted();
        self.hints.sort_by_key(|hint| (hint.line.unwrap_or(u64::MAX), hint.column));
        self.hints
    }

    fn hint(&mut self, place: &str, step: Option<&str>, about: About) {
        self.hints.push(Hint::at(self.sop, &self.before, place, step, about));
    }

    fn members(&mut self, parent: &Spot<'a>, kind: Kind, blocks: &'a [Block]) {
        let block = self.blocks;
        self.blocks += 1;
        for (i, member) in blocks.iter().enumerate() {
            let mut inside = parent.clone();
            inside.place = format!("{}[{i}]", parent.place);
            inside.around.push(Level { block, kind, member: i as u32 });
            self.block(inside, member);
        }
    }

    fn block(&mut self, mut at: Spot<'a>, block: &'a Block) {
        let (name, kind) = match block {
            Block::Step(id) => {
                at.step = id;
                self.spots.push(at);
                return;
            }
            Block::Sequence(_) => ("", Kind::Ordered),
            Block::AnyOrder { .. } => ("any_order", Kind::Free),
            Block::Optional { .. } => {
                at.mandatory = false;
                ("optional", Kind::Ordered)
            }
            Block::OneOf { one_of } => {
                at.mandatory &= one_of.len() < 2;
                for (i, branch) in one_of.iter().enumerate() {
                    if let Some(first) = one_of[..i].iter().position(|other| plain(other) == plain(branch)) {
                        let first = format!("{}.one_of[{first}]", join(&self.before, &at.place));
                        self.hint(&format!("{}.one_of[{i}]", at.place), None, About::SameBranch { first });
                    }
                }
                ("one_of", Kind::Choice)
            }
            Block::Repeat { at_least, .. } => {
                at.mandatory &= *at_least > 0;
                ("repeat", Kind::Ordered)
            }
            Block::When { when, then } => {
                at.region = at.region.and(when);
                if !at.region.possible(self.earlier) {
                    let mut steps = Vec::new();
                    for block in then {
                        steps_of(block, &mut steps);
                    }
                    self.hint(&at.place, None, About::Unreachable { condition: when.to_string(), steps });
                    // What stands inside is not looked at further: nobody comes there.
                    return;
                }
                ("then", Kind::Ordered)
            }
        };
        if !name.is_empty() {
            at.place = format!("{}.{name}", at.place);
        }
        self.members(&at, kind, block.members());
    }

    /// A step at several places of one run.
    fn twice(&mut self) {
        let mut places: IndexMap<&str, Vec<usize>> = IndexMap::new();
        for i in 0..self.spots.len() {
            let spot = &self.spots[i];
            let before = places.entry(spot.step).or_default();
            if let Some(&first) = before.iter().find(|&&first| self.spots[first].goes_with(spot)) {
                let first = join(&self.before, &self.spots[first].place);
                let (place, step) = (spot.place.clone(), spot.step);
                self.hint(&place, Some(step), About::StepTwice { first });
            }
            before.push(i);
        }
    }

    /// Two standards of one measure whose bounds leave nothing between them, for cases of both.
    fn standards(&mut self) {
        let sop = self.sop;
        for (id, step) in sop.steps() {
            let names = standard_names(&step.standards);
            for (j, second) in step.standards.iter().enumerate() {
                let apart = |first: &Standard| {
                    let (a, b) = (first.measure.bounds(), second.measure.bounds());
                    let empty = |least: Option<f64>, most: Option<f64>| least.zip(most).is_some_and(|(least, most)| least > most);
                    first.measure.key() == second.measure.key()
                        && first.measure.unit() == second.measure.unit()
                        && !matches!(first.measure, Measure::AgentSays(_) | Measure::CustomerSays(_) | Measure::After(_) | Measure::Requires(_))
                        && (empty(a.at_least, b.at_most) || empty(b.at_least, a.at_most))
                        && Region::default().and(&first.when).meets(&Region::default().and(&second.when))
                };
                if let Some(i) = step.standards[..j].iter().position(apart) {
                    let about = About::NeverAttainable { first: names[i].clone(), second: names[j].clone() };
                    self.hint(&format!("steps.{id}.standards[{j}]"), Some(id), about);
                }
            }
        }
    }

    /// Two steps in both orders, in different parts of the flow that every full run goes through.
    fn orders(&mut self) {
        let several = |step: &str| self.spots.iter().filter(|spot| spot.step == step && spot.mandatory).count() > 1;
        let mut repeated: IndexMap<&str, bool> = IndexMap::new();
        for spot in &self.spots {
            repeated.entry(spot.step).or_insert_with(|| several(spot.step));
        }
        let spots: Vec<&Spot<'a>> = self.spots.iter().filter(|spot| spot.mandatory && repeated[spot.step]).collect();
        let mut orders: IndexMap<(&str, &str), Vec<Ordered>> = IndexMap::new();
        let pairs = (0..spots.len()).flat_map(|i| (i + 1..spots.len()).map(move |j| (i, j)));
        for (i, j) in pairs.take(PAIRS).filter(|&(i, j)| spots[i].step != spots[j].step) {
            if let Some((level, _)) = spots[i].parting(spots[j]).filter(|(level, _)| level.kind == Kind::Ordered) {
                let list = orders.entry((spots[i].step, spots[j].step)).or_default();
                if list.len() < ORDERS {
                    list.push((level.block, i, j));
                }
            }
        }
        let mut found = Vec::new();
        for (&(a, b), list) in &orders {
            let Some(reversed) = orders.get(&(b, a)).filter(|_| a < b) else { continue };
            let clash = list.iter().find_map(|&(block, a1, b1)| {
                let apart = |&&(other, b2, a2): &&Ordered| {
                    other != block && a1 != a2 && b1 != b2 && [a1, b1].iter().all(|&x| [a2, b2].iter().all(|&y| spots[x].region.meets(&spots[y].region)))
                };
                reversed.iter().find(apart).map(|&(_, b2, a2)| (a1.max(b1), a2.max(b2)))
            });
            // Each part is named by the later of its two places.
            if let Some((one, two)) = clash {
                let (first, second) = (spots[one.min(two)], spots[one.max(two)]);
                let other = if second.step == a { b } else { a };
                found.push((second.place.clone(), second.step, other.to_owned(), join(&self.before, &first.place)));
            }
        }
        for (place, step, other, first) in found {
            self.hint(&place, Some(step), About::ContradictingOrder { other, first });
        }
    }

    fn costs(&mut self) {
        let sop = self.sop;
        for (id, step) in sop.steps() {
            let why = match () {
                () if step.cost == StepCost::default() => continue,
                () if sop.anytime().contains(id) => Unused::Anytime,
                () if step.cost.skipped == 1 => continue,
                () if step.by == Actor::Customer => Unused::Customer,
                () if step.unplanned => Unused::Unplanned,
                () => continue,
            };
            self.hint(&format!("steps.{id}.cost"), Some(id), About::UnusedCost { why });
        }
    }

    fn accepted(&mut self) {
        let sop = self.sop;
        for (i, rule) in sop.accepted().iter().enumerate() {
            let (place, step) = (format!("accepted[{i}]"), rule.step.as_str());
            if let Some(until) = rule.until.filter(|until| *until < self.today) {
                self.hint(&place, Some(step), About::AcceptedOver { until: until.to_string() });
                continue;
            }
            let known = sop.steps().get(step);
            if known.is_none() {
                let name = squeezed(step);
                if let Some(meant) = sop.steps().keys().find(|id| alike(&squeezed(id), &name)) {
                    self.hint(&place, Some(step), About::Misspelt { meant: meant.clone() });
                }
            }
            let cost = known.map_or_else(StepCost::default, |step| step.cost);
            let by_customer = known.is_some_and(|step| step.by == Actor::Customer);
            let anytime = sop.anytime().iter().any(|id| id == step);
            let mut of_step = self.spots.iter().filter(|spot| spot.step == step).peekable();
            let planned = of_step.peek().is_some();
            let needs_plan = rule.kind != AcceptedKind::Extra;
            let free = match rule.kind {
                AcceptedKind::Skip => by_customer || cost.skipped == 0,
                AcceptedKind::Extra | AcceptedKind::Repeat => cost.extra == 0,
                AcceptedKind::OutOfOrder => by_customer || (cost.extra == 0 && cost.skipped == 0),
                AcceptedKind::BelowStandard | AcceptedKind::Late => false,
            };
            let late = match rule.kind {
                AcceptedKind::BelowStandard => Some(false),
                AcceptedKind::Late => Some(true),
                _ => None,
            };
            let has_standard = |late| known.is_some_and(|step| step.standards.iter().any(|standard| standard.measure.is_time_limit() == late));
            let region = self.region.and(&rule.when);
            let met = region.possible(self.earlier) && (!needs_plan || of_step.any(|spot| spot.region.and(&rule.when).possible(self.earlier)));
            let why = match () {
                () if anytime => Some(Unmatched::Anytime),
                () if needs_plan && !planned => Some(Unmatched::NotPlanned),
                () if late.is_some_and(|late| !has_standard(late)) => Some(Unmatched::NoStandard),
                () if free => Some(Unmatched::Free),
                () if !met => Some(Unmatched::Condition),
                () => None,
            };
            if let Some(why) = why {
                self.hint(&place, Some(step), About::AcceptedNever { why });
            }
        }
    }
}

/// A branch without the lists around a single member.
fn plain(block: &Block) -> &Block {
    match block {
        Block::Sequence(members) if members.len() == 1 => plain(&members[0]),
        block => block,
    }
}

fn steps_of(block: &Block, steps: &mut Vec<String>) {
    if let Block::Step(id) = block
        && !steps.contains(id)
    {
        steps.push(id.clone());
    }
    for member in block.members() {
        steps_of(member, steps);
    }
}
