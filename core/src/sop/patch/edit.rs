//! The edits a patch is made of, as they are written in its file.

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::sop::model::AcceptedFile;
use crate::sop::{Accepted, Actor, Block, Bounds, Condition, Flow, Standard, Step, StepCost, Version};

/// What an edit is about: a step, by its id, or a place of the flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum At {
    /// The one place where this step stands. Goes with every SOP in which the step stands once.
    Step(String),
    /// A place as the library names them, such as `flow[2].any_order[0]`: a step or a block.
    Place {
        /// The place.
        place: String,
        /// The step that has to stand there.
        #[serde(skip_serializing_if = "Option::is_none")]
        step: Option<String>,
    },
}

impl At {
    /// A place of the flow, such as `flow[2]`.
    pub fn place(place: impl Into<String>) -> Self {
        Self::Place { place: place.into(), step: None }
    }
}

impl From<&str> for At {
    fn from(step: &str) -> Self {
        Self::Step(step.to_owned())
    }
}

impl From<String> for At {
    fn from(step: String) -> Self {
        Self::Step(step)
    }
}

/// Where something is put.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Where {
    /// Right after it in every run. Beside a member of `any_order` or `one_of` the two become a sequence.
    After(At),
    /// Right before it in every run. Beside a member of `any_order` or `one_of` the two become a sequence.
    Before(At),
    /// At this place, as a member of the list that the place is in: what stands there moves on by one.
    At(String),
}

/// A kind of block, without its members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Around {
    /// Members one after the other.
    Sequence,
    /// All members, in any order.
    AnyOrder,
    /// Members one after the other, or none of them.
    Optional,
    /// Exactly one of the members.
    OneOf,
    /// Members one after the other, several times.
    Repeat {
        /// Fewest rounds.
        #[serde(skip_serializing_if = "is_zero")]
        #[schemars(default)]
        at_least: u32,
        /// Most rounds; unbounded where nothing is said.
        #[serde(skip_serializing_if = "Option::is_none")]
        at_most: Option<u32>,
    },
    /// Only for cases that meet the condition.
    When(Condition),
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// One part of a split: for cases that meet the condition.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Split {
    /// Which cases.
    pub when: Condition,
    /// What is planned for them; what stood there before where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub then: Option<Vec<Block>>,
}

/// What changes of a step. What is left out stays; `null` takes it away.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
pub struct StepChange {
    /// Name shown to people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Option<String>>,
    /// Sales stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<Option<String>>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guidance: Option<Option<String>>,
    /// Who performs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Actor>,
    /// Costs of its moves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<StepCost>,
    /// Known, but not planned; of steps of the customer that stand nowhere (others are marked by themselves).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unplanned: Option<bool>,
}

/// One edit. Written as a map whose first key says which: `{insert: roi_story, after: need}`, `{drop: budget}`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Edit {
    /// Puts a step or a block into the flow. The steps must be known, before or by [`Edit::AddStep`].
    Insert {
        /// What is put in.
        insert: Block,
        /// Where.
        #[serde(flatten)]
        to: Where,
    },
    /// Takes a step or a block out of the flow.
    Drop {
        /// Which.
        drop: At,
    },
    /// Puts a step or a block somewhere else. A place to move to is counted without what is moved.
    Move {
        /// Which.
        #[serde(rename = "move")]
        from: At,
        /// Where to.
        #[serde(flatten)]
        to: Where,
    },
    /// Puts one block in the place of another.
    Replace {
        /// What is taken out.
        replace: At,
        /// What comes in its place.
        with: Block,
    },
    /// Puts a block around a step or block, or around several that follow each other in one list.
    Wrap {
        /// The first.
        wrap: At,
        /// The last, where there are several.
        #[serde(skip_serializing_if = "Option::is_none")]
        through: Option<At>,
        /// The block around them.
        #[serde(rename = "in")]
        around: Around,
    },
    /// Takes a block away and leaves its members where it stood.
    Unwrap {
        /// Which block.
        unwrap: At,
    },
    /// Makes another kind of block of a block, or gives it another condition or other bounds.
    Reshape {
        /// Which block.
        reshape: At,
        /// What it becomes.
        #[serde(rename = "in")]
        around: Around,
    },
    /// Plans different things for different cases: one `when` block after the other stands where the step or block stood.
    Split {
        /// What is split.
        split: At,
        /// The parts. Cases that meet none of the conditions have nothing planned there.
        by: Vec<Split>,
    },
    /// Prefers the branch of a `one_of` that this stands in: it becomes the first, or with `only` the only one.
    Prefer {
        /// The branch, or something in it.
        prefer: At,
        /// Whether the other branches are dropped.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        #[schemars(default)]
        only: bool,
    },
    /// Writes the whole flow anew, as blocks or as a graph.
    SetFlow {
        /// The flow.
        set_flow: Flow,
    },
    /// Adds an edge to a flow written as a graph.
    AddEdge {
        /// From step to step.
        add_edge: (String, String),
        /// Its number among the edges; the last where nothing is said.
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<usize>,
    },
    /// Takes an edge out of a graph.
    DropEdge {
        /// From step to step.
        drop_edge: (String, String),
    },
    /// Says which step of a graph is the first.
    SetStart {
        /// The step.
        set_start: String,
    },
    /// Says which step of a graph is the last.
    SetEnd {
        /// The step.
        set_end: String,
    },
    /// Makes a step known; it stands nowhere until it is inserted.
    AddStep {
        /// Its id.
        add_step: String,
        /// What the SOP says of it.
        #[serde(skip_serializing_if = "is_plain")]
        #[schemars(default)]
        step: Step,
        /// The step before which it is listed; the last where nothing is said.
        #[serde(skip_serializing_if = "Option::is_none")]
        before: Option<String>,
    },
    /// Forgets a step that stands nowhere.
    RemoveStep {
        /// Its id.
        remove_step: String,
    },
    /// Lists a step elsewhere among the steps.
    ReorderStep {
        /// Its id.
        reorder_step: String,
        /// The step before which it is listed; the last where nothing is said.
        #[serde(skip_serializing_if = "Option::is_none")]
        before: Option<String>,
    },
    /// Changes what the SOP says of a step.
    SetStep {
        /// Its id.
        set_step: String,
        /// What changes.
        #[serde(flatten)]
        change: StepChange,
    },
    /// Adds a standard to a step.
    AddStandard {
        /// Id of the step.
        add_standard: String,
        /// The standard.
        standard: Standard,
        /// Its number among the standards; the last where nothing is said.
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<usize>,
    },
    /// Takes a standard away.
    DropStandard {
        /// Id of the step.
        drop_standard: String,
        /// Name of the standard: its title, else the key of its measure (`questions`, `questions_2`).
        name: String,
    },
    /// Writes a standard anew.
    SetStandard {
        /// Id of the step.
        set_standard: String,
        /// Name of the standard.
        name: String,
        /// What it becomes.
        standard: Standard,
    },
    /// Changes the bounds of a standard. A bound that is not given is taken away.
    SetBounds {
        /// Id of the step.
        set_bounds: String,
        /// Name of the standard.
        name: String,
        /// The new bounds, in the unit of the measure.
        #[serde(flatten)]
        bounds: Bounds,
    },
    /// Gives the SOP another name.
    SetName {
        /// The name.
        set_name: String,
    },
    /// Gives the SOP another version, or none.
    SetVersion {
        /// The version.
        set_version: Option<Version>,
    },
    /// Allows a step at any time.
    AddAnytime {
        /// Its id.
        add_anytime: String,
        /// Its number in the list; the last where nothing is said.
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<usize>,
    },
    /// No longer allows a step at any time.
    DropAnytime {
        /// Its id.
        drop_anytime: String,
    },
    /// Accepts a deviation.
    AddAccepted {
        /// The rule, as it is written in the SOP.
        add_accepted: Accepted,
        /// Its number in the list; the last where nothing is said.
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<usize>,
    },
    /// No longer accepts a deviation.
    DropAccepted {
        /// The rule as it stands in the SOP.
        drop_accepted: Accepted,
        /// Its number in the list, where several are equal; the first of them where nothing is said.
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<usize>,
    },
}

fn is_plain(step: &Step) -> bool {
    *step == Step::default()
}

impl Edit {
    /// Keys that say which edit it is, in the order of the variants.
    pub(crate) const KINDS: [&str; 28] = [
        "insert",
        "drop",
        "move",
        "replace",
        "wrap",
        "unwrap",
        "reshape",
        "split",
        "prefer",
        "set_flow",
        "add_edge",
        "drop_edge",
        "set_start",
        "set_end",
        "add_step",
        "remove_step",
        "reorder_step",
        "set_step",
        "add_standard",
        "drop_standard",
        "set_standard",
        "set_bounds",
        "set_name",
        "set_version",
        "add_anytime",
        "drop_anytime",
        "add_accepted",
        "drop_accepted",
    ];

    /// Which edit it is: the key it is written with, equal in the three languages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Insert { .. } => "insert",
            Self::Drop { .. } => "drop",
            Self::Move { .. } => "move",
            Self::Replace { .. } => "replace",
            Self::Wrap { .. } => "wrap",
            Self::Unwrap { .. } => "unwrap",
            Self::Reshape { .. } => "reshape",
            Self::Split { .. } => "split",
            Self::Prefer { .. } => "prefer",
            Self::SetFlow { .. } => "set_flow",
            Self::AddEdge { .. } => "add_edge",
            Self::DropEdge { .. } => "drop_edge",
            Self::SetStart { .. } => "set_start",
            Self::SetEnd { .. } => "set_end",
            Self::AddStep { .. } => "add_step",
            Self::RemoveStep { .. } => "remove_step",
            Self::ReorderStep { .. } => "reorder_step",
            Self::SetStep { .. } => "set_step",
            Self::AddStandard { .. } => "add_standard",
            Self::DropStandard { .. } => "drop_standard",
            Self::SetStandard { .. } => "set_standard",
            Self::SetBounds { .. } => "set_bounds",
            Self::SetName { .. } => "set_name",
            Self::SetVersion { .. } => "set_version",
            Self::AddAnytime { .. } => "add_anytime",
            Self::DropAnytime { .. } => "drop_anytime",
            Self::AddAccepted { .. } => "add_accepted",
            Self::DropAccepted { .. } => "drop_accepted",
        }
    }
}

impl Serialize for Accepted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        AcceptedFile::from(self).serialize(serializer)
    }
}

impl JsonSchema for Accepted {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        AcceptedFile::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        AcceptedFile::json_schema(generator)
    }
}
