//! Python binding of `goldpath`: the list of what the extension module exports. No logic lives here.

#![allow(clippy::doc_link_with_quotes)] // docs here are docstrings: their brackets are Python lists

mod check;
mod clips;
mod cluster;
mod corpus;
mod detect;
mod effects;
mod errors;
mod evidence;
mod frame;
mod from_py;
mod improve;
mod judges;
mod kept;
mod live;
mod methods;
mod people;
mod pilot;
mod review;
mod score;
mod simulate;
mod sop;
mod table;
mod talk;
mod work;

use pyo3::prelude::*;

/// The native half of the Python package `goldpath`.
#[pymodule]
mod _goldpath {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::check::{Check, CrmTruth};
    #[pymodule_export]
    use crate::clips::{ClipLibrary, Store};
    #[pymodule_export]
    use crate::cluster::_column;
    #[pymodule_export]
    use crate::corpus::Corpus;
    #[pymodule_export]
    use crate::detect::{Detector, Evaluation};
    #[pymodule_export]
    use crate::effects::ChoiceTable;
    #[pymodule_export]
    use crate::evidence::{EffectLedger, Plan, ScreenLedger};
    #[pymodule_export]
    use crate::improve::ProposalBook;
    #[pymodule_export]
    use crate::judges::judge_marks;
    #[pymodule_export]
    use crate::kept::{KeptLog, SopArchive};
    #[pymodule_export]
    use crate::live::LiveSession;
    #[pymodule_export]
    use crate::methods::{Composed, Composition, Diff, Fragment, History, Patch, compose};
    #[pymodule_export]
    use crate::people::{AlertLog, CoachingLog, People};
    #[pymodule_export]
    use crate::pilot::PilotPlan;
    #[pymodule_export]
    use crate::review::{Review, review};
    #[pymodule_export]
    use crate::score::{Scorecard, Scores};
    #[pymodule_export]
    use crate::simulate::simulate;
    #[pymodule_export]
    use crate::sop::{Playbook, Sop};
    #[pymodule_export]
    use crate::table::Table;
    #[pymodule_export]
    use crate::talk::{TalkTracks, cluster, cluster_vectors, rank_tracks};
    #[pymodule_export]
    use crate::work::_panic;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
