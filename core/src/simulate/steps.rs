//! What can happen in a walk: the steps of the built-in SOP, the unplanned ones beside them, and the planted choices.

/// A step of the simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Opening,
    Need,
    Budget,
    Authority,
    CaseStudy,
    Demo,
    Trial,
    TrialReview,
    Quote,
    Objection,
    Answer,
    SecurityReview,
    Close,
    SmallTalk,
    Thanks,
    Goodbye,
    RoiStory,
    GolfTalk,
    Aside,
}

impl Key {
    #[cfg(test)]
    pub(super) const ALL: [Self; 19] = [
        Self::Opening,
        Self::Need,
        Self::Budget,
        Self::Authority,
        Self::CaseStudy,
        Self::Demo,
        Self::Trial,
        Self::TrialReview,
        Self::Quote,
        Self::Objection,
        Self::Answer,
        Self::SecurityReview,
        Self::Close,
        Self::SmallTalk,
        Self::Thanks,
        Self::Goodbye,
        Self::RoiStory,
        Self::GolfTalk,
        Self::Aside,
    ];

    /// Id of the step; asides carry a number behind it.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Need => "need",
            Self::Budget => "budget",
            Self::Authority => "authority",
            Self::CaseStudy => "case_study",
            Self::Demo => "demo",
            Self::Trial => "trial",
            Self::TrialReview => "trial_review",
            Self::Quote => "quote",
            Self::Objection => "objection",
            Self::Answer => "answer",
            Self::SecurityReview => "security_review",
            Self::Close => "close",
            Self::SmallTalk => "small_talk",
            Self::Thanks => "thanks",
            Self::Goodbye => "goodbye",
            Self::RoiStory => "roi_story",
            Self::GolfTalk => "golf_talk",
            Self::Aside => "aside",
        }
    }
}

/// A step that happened, and which of its wordings or kinds where that matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Act {
    pub(super) key: Key,
    pub(super) variant: u16,
}

impl Act {
    /// The label of the event.
    pub(super) fn label(self) -> String {
        if self.key == Key::Aside { format!("aside_{:02}", self.variant) } else { self.key.id().to_owned() }
    }
}

/// A choice of the rep whose true effect is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    SkipNeed,
    SkipBudget,
    SkipAuthority,
    EarlyQuote,
    GolfTalk,
    CaseStudy,
    Trial,
    RoiStory,
    SkipAnswer,
    BestAnswer,
    SmallTalk,
}

impl Choice {
    pub(super) const COUNT: usize = 11;
    pub(super) const ALL: [Self; Self::COUNT] = [
        Self::SkipNeed,
        Self::SkipBudget,
        Self::SkipAuthority,
        Self::EarlyQuote,
        Self::GolfTalk,
        Self::CaseStudy,
        Self::Trial,
        Self::RoiStory,
        Self::SkipAnswer,
        Self::BestAnswer,
        Self::SmallTalk,
    ];

    /// Name, step it is about, and the decision point in words.
    pub(super) fn describe(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::SkipNeed => ("skip_need", "need", "going on from need, budget and authority"),
            Self::SkipBudget => ("skip_budget", "budget", "going on from need, budget and authority"),
            Self::SkipAuthority => ("skip_authority", "authority", "going on from need, budget and authority"),
            Self::EarlyQuote => ("early_quote", "quote", "after need, budget and authority"),
            Self::GolfTalk => ("golf_talk", "golf_talk", "after need, budget and authority"),
            Self::CaseStudy => ("case_study", "case_study", "before demo or trial"),
            Self::Trial => ("trial", "trial", "demo or trial"),
            Self::RoiStory => ("roi_story", "roi_story", "after demo or trial_review"),
            Self::SkipAnswer => ("skip_answer", "answer", "after the first objection"),
            Self::BestAnswer => ("best_answer", "answer", "wording of the first answer"),
            Self::SmallTalk => ("small_talk", "small_talk", "after opening"),
        }
    }
}
