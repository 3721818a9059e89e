//! What innovations, proposals and back-tests are judged by: choices over all cases, the earlier ones and the later ones.

use indexmap::IndexMap;
use rustc_hash::FxHashMap;

use super::innovation::{ImproveOptions, Rare, rare};
use crate::check::Check;
use crate::error::Result;
use crate::evidence::{
    Caveat, ChoiceId, ChoiceKind, ChoiceTable, EvidenceOptions, Finding, Plan, SequenceAt, default_adjustment, finding_of, finish_each, screen, screen_of,
    tally, tally_of,
};
use crate::stats::Interval;
use crate::talk::{NAMED, TalkOptions, TalkTracks, WordingChoices, is_spoken, is_topic};

/// Level of the tests, two-sided.
pub(super) const ALPHA: f64 = 0.05;

/// The attributes that are adjusted for.
fn adjusted(check: &Check, options: &ImproveOptions) -> Vec<String> {
    options.adjust_for.clone().unwrap_or_else(|| default_adjustment(check))
}

/// What is said in the cases of a check, and scripts at its steps beside it; `None` where steps have no turns.
pub(super) fn tracks(check: &Check, options: &ImproveOptions, scripts: &[(&str, &str)]) -> Result<Option<TalkTracks>> {
    if check.outcome().is_none() || !is_spoken(check) {
        return Ok(None);
    }
    let mut expert: IndexMap<String, Vec<String>> = IndexMap::new();
    for (step, script) in scripts.iter().filter(|(step, _)| is_topic(check, step)) {
        expert.entry((*step).to_owned()).or_default().push((*script).to_owned());
    }
    TalkTracks::of(check, &TalkOptions { adjust_for: adjusted(check, options), expert, ..TalkOptions::default() }).map(Some)
}

/// What cases did, and what was said in them.
pub(super) struct Mines {
    pub(super) paths: Mine,
    pub(super) words: Option<Words>,
}

impl Mines {
    pub(super) fn of(check: &Check, options: &ImproveOptions, sequences: &[SequenceAt], tracks: Option<&TalkTracks>) -> Result<Self> {
        let paths = Mine::of_paths(check, options, sequences)?;
        let words = match tracks.and_then(TalkTracks::choices) {
            Some(WordingChoices { table, said }) => Some(Words { mine: Mine::of(table, options.lower_is_better, Some(&paths))?, said }),
            None => None,
        };
        Ok(Self { paths, words })
    }

    /// Where a choice was mined.
    pub(super) fn at(&self, id: &ChoiceId) -> &Mine {
        self.words.as_ref().filter(|_| id.kind == ChoiceKind::Wording).map_or(&self.paths, |words| &words.mine)
    }
}

/// What was said at the steps: a row is a use, each wording against the others of its step.
pub(super) struct Words {
    pub(super) mine: Mine,
    /// By choice: all that is said, and the scripts of experts that are said so.
    said: FxHashMap<ChoiceId, (String, Vec<String>)>,
}

impl Words {
    /// Whether neither the SOP nor an expert gives it word by word.
    pub(super) fn is_unplanned(&self, id: &ChoiceId) -> bool {
        self.said.get(id).is_some_and(|(_, scripts)| scripts.is_empty())
    }

    /// All that is said, of a choice whose name is short.
    pub(super) fn in_full(&self, id: &ChoiceId) -> Option<&str> {
        self.said.get(id).map(|(text, _)| text.as_str())
    }

    /// The wording that a script is said in, of the same step and SOP as another one.
    pub(super) fn of_script(&self, other: &ChoiceId, script: &str) -> Option<&ChoiceId> {
        let beside = |id: &ChoiceId| (id.entry, &id.sop, &id.step) == (other.entry, &other.sop, &other.step);
        self.said.iter().find(|(id, (_, scripts))| beside(id) && scripts.iter().any(|own| own == script)).map(|(id, _)| id)
    }

    /// Wordings too rare to be compared, and the number of those too rare to be named.
    pub(super) fn rare(&self, min_uses: u64) -> (Vec<Rare>, u64) {
        let all = rare(&self.mine, min_uses, |id| self.is_unplanned(id));
        let (named, unnamed): (Vec<Rare>, Vec<Rare>) = all.into_iter().partition(|rare| rare.uses >= NAMED as u64);
        (named, unnamed.len() as u64)
    }
}

/// The choices of many cases mined: everything that finding and judging share.
pub(super) struct Mine {
    pub(super) table: ChoiceTable,
    /// The plan over all cases, and what they show.
    pub(super) whole: Plan,
    pub(super) all: Vec<Option<Finding>>,
    /// The plan of the earlier part: what is judged later was settled without the later cases.
    pub(super) plan: Plan,
    earlier: Vec<Option<Finding>>,
    pub(super) options: EvidenceOptions,
    early: Vec<bool>,
}

impl Mine {
    /// Parted where another one is, if there is one.
    fn of(table: ChoiceTable, lower_is_better: bool, like: Option<&Self>) -> Result<Self> {
        let judged = EvidenceOptions { higher_is_better: !lower_is_better };
        let mut whole = Plan::of(&screen(&table));
        whole.split = like.map_or(whole.split, |other| other.whole.split);
        let early: Vec<bool> = (0..table.len()).map(|case| table.is_early(&whole, case)).collect();
        let mut plan = Plan::of(&screen_of(&table, |case| early[case]));
        plan.split = whole.split;
        let all = finish_each(&tally(&table, &whole)?, &whole, &judged)?;
        let earlier = finish_each(&tally_of(&table, &plan, |case| early[case])?, &plan, &judged)?;
        Ok(Self { table, whole, all, plan, earlier, options: judged, early })
    }

    /// What cases did.
    pub(super) fn of_paths(check: &Check, options: &ImproveOptions, sequences: &[SequenceAt]) -> Result<Self> {
        let bounds = super::bounds::candidates(check);
        let table = ChoiceTable::with_bounds(check, &adjusted(check, options), &options.never_choices, sequences, &bounds)?;
        Self::of(table, options.lower_is_better, None)
    }

    /// One choice over all cases.
    pub(super) fn whole(&self, id: &ChoiceId) -> Option<&Finding> {
        found_of(&self.whole, &self.all, id)
    }

    pub(super) fn is_early(&self, case: usize) -> bool {
        self.early[case]
    }

    /// One choice over some cases.
    pub(super) fn over(&self, id: &ChoiceId, takes: impl Fn(usize) -> bool) -> Result<Option<Finding>> {
        let plan = self.plan.only(|choice| choice == id);
        if plan.choices.is_empty() { Ok(None) } else { finding_of(&self.table, &plan, &self.options, takes) }
    }

    /// One choice over the later cases.
    pub(super) fn later(&self, id: &ChoiceId) -> Result<Option<Finding>> {
        self.over(id, |case| !self.is_early(case))
    }

    /// One choice over the earlier cases.
    pub(super) fn mined(&self, id: &ChoiceId) -> Option<&Finding> {
        found_of(&self.plan, &self.earlier, id)
    }

    pub(super) fn good(&self, f: &Finding) -> bool {
        f.estimate.is_some_and(|e| (e > 0.0) == self.options.higher_is_better && e != 0.0)
    }

    /// Points the wrong way by more than chance, and nothing withholds a verdict.
    pub(super) fn against(&self, f: &Finding) -> bool {
        let wrong = f.estimate.is_some_and(|e| e != 0.0) && !self.good(f);
        wrong && f.p_value.is_some_and(|p| p < ALPHA) && !f.caveats.iter().any(|c| c.withholds())
    }

    /// Without a clock longer cases have done more of everything: what is added has to be clear among cases that went on as well.
    pub(super) fn stands(&self, f: &Finding) -> bool {
        let added = !matches!(f.what.kind, ChoiceKind::Skip | ChoiceKind::Branch | ChoiceKind::Standard | ChoiceKind::Wording);
        let good = |i: Interval| if self.options.higher_is_better { i.low > 0.0 } else { i.high < 0.0 };
        !added || !f.has(Caveat::NoClock) || f.went_on.is_some_and(good)
    }

    /// Points the right way by more than chance, and nothing withholds a verdict.
    pub(super) fn clear(&self, f: &Finding) -> bool {
        self.good(f) && f.p_value.is_some_and(|p| p < ALPHA) && !f.caveats.iter().any(|c| c.withholds())
    }
}

/// What is found of a choice, beside the plan.
fn found_of<'a>(plan: &Plan, found: &'a [Option<Finding>], id: &ChoiceId) -> Option<&'a Finding> {
    plan.choices.iter().position(|planned| planned.choice == *id).and_then(|at| found[at].as_ref())
}
