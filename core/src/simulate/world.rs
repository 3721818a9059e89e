//! The world: how many reps there are, how they behave and what truly moves a deal.

use serde::Serialize;

use super::sop_text;
use super::staff::Staff;
use crate::sop::Sop;

/// Language of the words, names and titles; ids of steps and values of `segment` are the same in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Chinese (中文).
    #[default]
    Zh,
    /// English.
    En,
}

/// Size of the customer: the attribute `segment`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Segment {
    /// Small and medium business: easiest to win, least money.
    Smb,
    /// Mid-sized.
    Mid,
    /// Enterprise: hardest to win, most money.
    Enterprise,
}

impl Segment {
    pub(super) const ALL: [Self; 3] = [Self::Smb, Self::Mid, Self::Enterprise];

    /// The value of the attribute.
    pub fn id(self) -> &'static str {
        ["smb", "mid", "enterprise"][self as usize]
    }
}

/// How conversations make up deals (商机).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Deals {
    /// Every deal is one conversation.
    Single,
    /// The deal is decided in one conversation that walks the whole SOP; with this probability a short first contact (and
    /// in one of six of those a second) comes before it, whose own outcome stays open.
    Contacts(f64),
    /// The walk through the SOP is cut after discovery and after the solution, each with this probability, and goes on
    /// days later; each conversation carries the outcome of the deal. Only whole deals are sound cases here.
    Split(f64),
}

/// What truly moves a deal, in log-odds added to every later chance of going on and of winning.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Effects {
    /// Leaving out `need`.
    pub skip_need: f64,
    /// Leaving out `budget`, for mid and enterprise; nothing for smb.
    pub skip_budget: f64,
    /// Leaving out `authority`.
    pub skip_authority: f64,
    /// Quoting right after discovery instead of after the solution.
    pub early_quote: f64,
    /// The unplanned `golf_talk` after discovery.
    pub golf_talk: f64,
    /// Telling a `case_study`.
    pub case_study: f64,
    /// A trial instead of a demo; it also gives the customer one more chance to leave.
    pub trial: f64,
    /// The unplanned `roi_story` after the solution.
    pub roi_story: f64,
    /// Not answering an objection.
    pub skip_answer: f64,
    /// The best of the wordings of `answer`, against any other.
    pub best_answer: f64,
    /// Talking of other things after the opening.
    pub small_talk: f64,
    /// The circumstance that the customer objects.
    pub objection: f64,
}

impl Default for Effects {
    fn default() -> Self {
        Self {
            skip_need: -0.7,
            skip_budget: -0.7,
            skip_authority: 0.0,
            early_quote: -0.65,
            golf_talk: 0.0,
            case_study: 0.0,
            trial: 0.35,
            roi_story: 0.7,
            skip_answer: -0.6,
            best_answer: 0.5,
            small_talk: 0.0,
            objection: -0.6,
        }
    }
}

/// Parameters of a simulated sales organisation; start from the default and change what matters.
///
/// ```
/// use goldpath::simulate::{Language, World};
/// let world = World { language: Language::En, words: false, ..World::default() };
/// let made = world.simulate(100, 7);
/// assert_eq!(made.conversations.len(), 100);
/// assert_eq!(made.sop.title("need"), "Discover the need");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct World {
    /// Language of words, names and titles.
    pub language: Language,
    /// Whether conversations have turns with words; bare steps otherwise, many times faster.
    pub words: bool,
    /// Number of reps, at least 1.
    pub reps: usize,
    /// Number of teams, at least 1.
    pub teams: usize,
    /// Reps that found `roi_story` and use it from the first day.
    pub innovators: usize,
    /// Reps that take it over later, some of the time.
    pub adopters: usize,
    /// Kinds of unplanned asides (`aside_00`, …) without any effect, each in 3 % of the walks.
    pub asides: usize,
    /// How conversations make up deals.
    pub deals: Deals,
    /// Standard deviation of skill between reps, in log-odds.
    pub skill_spread: f64,
    /// Added to all chances of going on and of winning, in log-odds.
    pub ease: f64,
    /// True effects.
    pub effects: Effects,
    /// First day, as days since 1970-01-01.
    pub first_day: u32,
    /// Days over which deals begin; those not yet decided on the last one are open.
    pub days: u32,
    /// Share of conversations with customer feedback.
    pub feedback_share: f64,
    /// Chooses the reps, apart from the seed of the conversations: one world keeps one truth over many seeds.
    pub staff_seed: u64,
    /// Draws behind each figure of the truth; 0 for a truth without effects, which costs nothing.
    pub truth_draws: u32,
}

impl Default for World {
    fn default() -> Self {
        Self {
            language: Language::default(),
            words: true,
            reps: 24,
            teams: 4,
            innovators: 2,
            adopters: 5,
            asides: 0,
            deals: Deals::Contacts(0.3),
            skill_spread: 0.6,
            ease: 0.0,
            effects: Effects::default(),
            first_day: 20_458, // 2026-01-05, a Monday
            days: 182,
            feedback_share: 0.45,
            staff_seed: 1,
            truth_draws: 20_000,
        }
    }
}

impl World {
    /// The preset path of this world, in its language.
    pub fn sop(&self) -> Sop {
        Sop::parse(sop_text(self.language)).unwrap_or_else(|fault| unreachable!("the built-in SOP is valid: {fault}"))
    }

    pub(super) fn staff(&self) -> Staff {
        Staff::hire(self)
    }
}
