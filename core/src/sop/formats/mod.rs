//! An SOP in the formats of other tools.
//!
//! In: a [`Sop`], or the text of a BPMN file. Out: BPMN 2.0 (both ways, nothing lost), a Petri net in PNML on which any
//! exact aligner finds the costs found here, and drawings as Mermaid and Graphviz DOT. What each format can carry and
//! what it cannot stands in `docs/src/formats/exchange.md`.

mod bpmn;
mod dot;
mod mermaid;
mod pnml;

use std::borrow::Cow;

use super::{Sop, named};
use crate::error::Result;

impl Sop {
    /// Reads the text of a BPMN 2.0 file with one process, as Camunda Modeler, bpmn-js and others write it.
    ///
    /// Tasks of any kind become steps: the id is the id of the step, the name its title, the documentation its guidance,
    /// the lane its stage. Exclusive gateways become `one_of`, `optional` and `repeat`, parallel ones `any_order`; where
    /// ways cross, the process becomes a `graph`, or blocks with steps that stand at several places. What
    /// [`Sop::to_bpmn`] noted in `extensionElements` is taken as far as it fits the diagram: the diagram decides.
    ///
    /// ```
    /// let text = r#"<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p" name="demo">
    ///   <startEvent id="s"/><userTask id="open" name="开场"/><task id="close"/><endEvent id="e"/>
    ///   <sequenceFlow id="f1" sourceRef="s" targetRef="open"/>
    ///   <sequenceFlow id="f2" sourceRef="open" targetRef="close"/>
    ///   <sequenceFlow id="f3" sourceRef="close" targetRef="e"/>
    /// </process></definitions>"#;
    /// let sop = goldpath::Sop::from_bpmn(text)?;
    /// assert_eq!((sop.name(), sop.title("open"), sop.steps().len()), ("demo", "开场", 2));
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Sop`](crate::Error::Sop) with every element that cannot be part of an SOP, each with its id, its line and
    /// how to mend it.
    pub fn from_bpmn(text: &str) -> Result<Self> {
        Self::from_bpmn_named(text, None)
    }

    pub(super) fn from_bpmn_named(text: &str, source: Option<&str>) -> Result<Self> {
        bpmn::read(text).map_err(|faults| named(faults, source))
    }

    /// The SOP as BPMN 2.0 with a drawing, for Camunda Modeler, bpmn-js and others; [`Sop::from_bpmn`] gives an equal SOP.
    ///
    /// ```
    /// use goldpath::Sop;
    /// let sop = Sop::parse("{format: goldpath/1, name: demo, steps: {a: {cost: {extra: 3}}, b: {}}, flow: [{any_order: [a, b]}], version: 2}")?;
    /// assert_eq!(Sop::from_bpmn(&sop.to_bpmn())?, sop);
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    pub fn to_bpmn(&self) -> String {
        bpmn::write(self)
    }

    /// The graph as a Mermaid flowchart.
    pub fn to_mermaid(&self) -> String {
        mermaid::mermaid(self)
    }

    /// The graph as Graphviz DOT text.
    ///
    /// ```
    /// let sop = goldpath::Sop::parse("{format: goldpath/1, name: demo, steps: {open: {title: 开场}, close: {}}, flow: [open, close]}")?;
    /// assert!(sop.to_dot().contains(r#"label="开场""#));
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    pub fn to_dot(&self) -> String {
        dot::dot(self)
    }

    /// The whole flow, every `when` block included, as a Petri net in PNML with its initial and final marking. See
    /// [`Sop::to_pnml_for`] for the net of one case.
    ///
    /// # Errors
    /// As [`Sop::to_pnml_for`].
    pub fn to_pnml(&self) -> Result<String> {
        pnml::pnml(self, &vec![true; self.whens().len()])
    }

    /// The flow of a case with these attributes as a Petri net in PNML: `when` blocks that do not hold for it are not in
    /// the net.
    ///
    /// Labels are step ids. With the standard costs (1 for an event without the model, 1 for a visible move of the model
    /// alone, 0 for silent and joint moves) the optimal alignment of any path costs on this net what
    /// [`Check`](crate::Check) says, as long as every step costs 1 as an extra and 0 or 1 when left out; other costs
    /// cannot be said in PNML and are noted in `toolspecific` elements.
    ///
    /// ```
    /// let sop = goldpath::Sop::parse("
    /// format: goldpath/1
    /// name: demo
    /// steps: [open, security, close]
    /// flow: [open, {when: {segment: enterprise}, then: [security]}, close]
    /// ")?;
    /// assert!(sop.to_pnml()?.contains("security"));
    /// assert!(!sop.to_pnml_for(|_| Some("smb".into()))?.contains("security"));
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Limit`](crate::Error::Limit) if the flow of this case passes the limit on states;
    /// [`Error::Argument`](crate::Error::Argument) if a step id holds a character that XML cannot carry.
    pub fn to_pnml_for<'a>(&self, attribute: impl Fn(&str) -> Option<Cow<'a, str>>) -> Result<String> {
        let scenario: Vec<bool> = self.whens().iter().map(|when| when.holds(&attribute)).collect();
        pnml::pnml(self, &scenario)
    }
}
