//! Patches made in code: one call for each thing a proposal can ask for.

use super::Patch;
use super::edit::{Around, At, Edit, Split, StepChange, Where};
use crate::sop::{Accepted, Actor, Block, Bounds, Condition, Standard, Step, StepCost, Version};

impl Step {
    /// A step with a title and nothing else.
    pub fn titled(title: impl Into<String>) -> Self {
        Self { title: Some(title.into()), ..Self::default() }
    }
}

impl Patch {
    /// A new step right after another. See [`Where::After`] for what happens beside members of `any_order` and `one_of`.
    ///
    /// A step the SOP knows already (an unplanned one, say) is put in by [`Patch::place_after`].
    #[must_use]
    pub fn insert_after(self, id: impl Into<String>, step: Step, at: impl Into<At>) -> Self {
        let id = id.into();
        self.add_step(id.clone(), step).place_after(id, at)
    }

    /// A new step right before another.
    #[must_use]
    pub fn insert_before(self, id: impl Into<String>, step: Step, at: impl Into<At>) -> Self {
        let id = id.into();
        self.add_step(id.clone(), step).place_before(id, at)
    }

    /// A known step, or several of them one after the other, right after another one.
    #[must_use]
    pub fn place_after(self, block: impl Into<Block>, at: impl Into<At>) -> Self {
        self.insert(block, Where::After(at.into()))
    }

    /// A known step right before another one.
    #[must_use]
    pub fn place_before(self, block: impl Into<Block>, at: impl Into<At>) -> Self {
        self.insert(block, Where::Before(at.into()))
    }

    /// Known steps, as a step or block, somewhere in the flow.
    #[must_use]
    pub fn insert(self, block: impl Into<Block>, to: Where) -> Self {
        self.with(Edit::Insert { insert: block.into(), to })
    }

    /// A step or block becomes optional.
    #[must_use]
    pub fn make_optional(self, at: impl Into<At>) -> Self {
        self.wrap(at, Around::Optional)
    }

    /// A step or block is taken out of the flow. A step that then stands nowhere stays known as `unplanned`.
    #[must_use]
    pub fn drop(self, at: impl Into<At>) -> Self {
        self.with(Edit::Drop { drop: at.into() })
    }

    /// A step or block is moved right after another.
    #[must_use]
    pub fn move_after(self, from: impl Into<At>, at: impl Into<At>) -> Self {
        self.with(Edit::Move { from: from.into(), to: Where::After(at.into()) })
    }

    /// A step or block is moved right before another.
    #[must_use]
    pub fn move_before(self, from: impl Into<At>, at: impl Into<At>) -> Self {
        self.with(Edit::Move { from: from.into(), to: Where::Before(at.into()) })
    }

    /// One block in the place of another.
    #[must_use]
    pub fn replace(self, at: impl Into<At>, with: impl Into<Block>) -> Self {
        self.with(Edit::Replace { replace: at.into(), with: with.into() })
    }

    /// A block around a step or block.
    #[must_use]
    pub fn wrap(self, at: impl Into<At>, around: Around) -> Self {
        self.with(Edit::Wrap { wrap: at.into(), through: None, around })
    }

    /// A block around several that follow each other in one list, from the first through the last.
    #[must_use]
    pub fn wrap_through(self, first: impl Into<At>, last: impl Into<At>, around: Around) -> Self {
        self.with(Edit::Wrap { wrap: first.into(), through: Some(last.into()), around })
    }

    /// Takes a block away and leaves its members: what was optional is due, say.
    #[must_use]
    pub fn unwrap_block(self, at: impl Into<At>) -> Self {
        self.with(Edit::Unwrap { unwrap: at.into() })
    }

    /// The branch of a choice that this stands in becomes the first.
    #[must_use]
    pub fn prefer_branch(self, at: impl Into<At>) -> Self {
        self.with(Edit::Prefer { prefer: at.into(), only: false })
    }

    /// The branch of a choice that this stands in becomes the only one.
    #[must_use]
    pub fn only_branch(self, at: impl Into<At>) -> Self {
        self.with(Edit::Prefer { prefer: at.into(), only: true })
    }

    /// A step or block only for cases that meet a condition.
    #[must_use]
    pub fn only_when(self, at: impl Into<At>, when: Condition) -> Self {
        self.wrap(at, Around::When(when))
    }

    /// Different things for different cases, where a step or block stood.
    #[must_use]
    pub fn split_by(self, at: impl Into<At>, by: impl IntoIterator<Item = Split>) -> Self {
        self.with(Edit::Split { split: at.into(), by: by.into_iter().collect() })
    }

    /// Makes a step known; it stands nowhere until it is inserted.
    #[must_use]
    pub fn add_step(self, id: impl Into<String>, step: Step) -> Self {
        self.with(Edit::AddStep { add_step: id.into(), step, before: None })
    }

    /// Changes what the SOP says of a step.
    #[must_use]
    pub fn set_step(self, step: impl Into<String>, change: StepChange) -> Self {
        self.with(Edit::SetStep { set_step: step.into(), change })
    }

    /// Gives a step another title.
    #[must_use]
    pub fn set_title(self, step: impl Into<String>, title: impl Into<String>) -> Self {
        self.set_step(step, StepChange { title: Some(Some(title.into())), ..StepChange::default() })
    }

    /// Puts a step into another stage.
    #[must_use]
    pub fn set_stage(self, step: impl Into<String>, stage: impl Into<String>) -> Self {
        self.set_step(step, StepChange { stage: Some(Some(stage.into())), ..StepChange::default() })
    }

    /// Gives a step other guidance.
    #[must_use]
    pub fn set_guidance(self, step: impl Into<String>, guidance: impl Into<String>) -> Self {
        self.set_step(step, StepChange { guidance: Some(Some(guidance.into())), ..StepChange::default() })
    }

    /// Gives the moves of a step other costs.
    #[must_use]
    pub fn set_cost(self, step: impl Into<String>, cost: StepCost) -> Self {
        self.set_step(step, StepChange { cost: Some(cost), ..StepChange::default() })
    }

    /// Says who performs a step.
    #[must_use]
    pub fn set_actor(self, step: impl Into<String>, by: Actor) -> Self {
        self.set_step(step, StepChange { by: Some(by), ..StepChange::default() })
    }

    /// Adds a standard to a step.
    #[must_use]
    pub fn add_standard(self, step: impl Into<String>, standard: Standard) -> Self {
        self.with(Edit::AddStandard { add_standard: step.into(), standard, at: None })
    }

    /// Takes a standard away; `name` is its title, else the key of its measure (`questions`, `questions_2`).
    #[must_use]
    pub fn drop_standard(self, step: impl Into<String>, name: impl Into<String>) -> Self {
        self.with(Edit::DropStandard { drop_standard: step.into(), name: name.into() })
    }

    /// Writes a standard anew.
    #[must_use]
    pub fn set_standard(self, step: impl Into<String>, name: impl Into<String>, standard: Standard) -> Self {
        self.with(Edit::SetStandard { set_standard: step.into(), name: name.into(), standard })
    }

    /// Changes the bounds of a standard.
    #[must_use]
    pub fn set_bounds(self, step: impl Into<String>, name: impl Into<String>, bounds: Bounds) -> Self {
        self.with(Edit::SetBounds { set_bounds: step.into(), name: name.into(), bounds })
    }

    /// Gives the SOP another version.
    #[must_use]
    pub fn set_version(self, version: Version) -> Self {
        self.with(Edit::SetVersion { set_version: Some(version) })
    }

    /// Gives the SOP another name.
    #[must_use]
    pub fn set_name(self, name: impl Into<String>) -> Self {
        self.with(Edit::SetName { set_name: name.into() })
    }

    /// Allows a step at any time.
    #[must_use]
    pub fn add_anytime(self, step: impl Into<String>) -> Self {
        self.with(Edit::AddAnytime { add_anytime: step.into(), at: None })
    }

    /// No longer allows a step at any time.
    #[must_use]
    pub fn drop_anytime(self, step: impl Into<String>) -> Self {
        self.with(Edit::DropAnytime { drop_anytime: step.into() })
    }

    /// Accepts a deviation.
    #[must_use]
    pub fn accept(self, rule: Accepted) -> Self {
        self.with(Edit::AddAccepted { add_accepted: rule, at: None })
    }
}

impl From<&str> for Block {
    fn from(step: &str) -> Self {
        Self::Step(step.to_owned())
    }
}

impl From<String> for Block {
    fn from(step: String) -> Self {
        Self::Step(step)
    }
}
