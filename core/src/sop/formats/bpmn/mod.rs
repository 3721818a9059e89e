//! An SOP as a BPMN 2.0 process, and back.
//!
//! Written: blocks as gateways with their joins, a `graph` as tasks with exclusive gateways; what BPMN has no words for
//! (standards, costs, bounds of a repeat, `anytime`, …) in `extensionElements` of the element it is about. Read: the
//! diagram decides; the extensions add what they still fit. So what our own writer made comes back equal, and what
//! somebody then changed in an editor is changed.

mod draw;
mod element;
mod label;
mod paths;
mod process;
mod read;
mod unfold;
mod web;
mod write;

pub(super) use read::read;
pub(super) use write::write;

/// Namespace of the elements of BPMN 2.0.
const MODEL: &str = "http://www.omg.org/spec/BPMN/20100524/MODEL";
/// Namespace of what we add.
const OWN: &str = "urn:goldpath:bpmn:1";
/// The language of a condition on attributes of the case.
const LANGUAGE: &str = "goldpath";
