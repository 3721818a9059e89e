//! An SOP in the formats of other tools.
//!
//! In: a [`Sop`], or the text of a BPMN file. Out: BPMN 2.0 (both ways, nothing lost), a Petri net in PNML on which any
//! exact aligner finds the costs found here, and drawings as Mermaid and Graphviz DOT. What each format can carry and
//! what it cannot stands in `docs/src/formats/exchange.md`.

mod dot;
mod mermaid;
mod pnml;

use std::borrow::Cow;

use super::Sop;
use crate::error::Result;

impl Sop {
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
