//! The elements of a BPMN file as a tree: those of BPMN and our own, each with its line.

use crate::error::Fault;
use crate::xml::{XmlError, XmlEvent, XmlProblem, XmlReader};

use super::{MODEL, OWN};

/// Most elements of BPMN in a file.
pub(super) const MAX_ELEMENTS: usize = 1_000_000;
/// Most namespaces declared around one element.
const MAX_NAMESPACES: usize = 100;

/// Whose word an element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    Bpmn,
    Own,
}

/// An element without what other tools noted in it.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) space: Space,
    /// Name without its prefix.
    pub(super) name: String,
    pub(super) line: u64,
    attributes: Vec<(String, String)>,
    pub(super) children: Vec<Element>,
    pub(super) text: String,
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.space == Space::Bpmn && self.name == name
    }

    /// Children of BPMN with a name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.is(name))
    }

    /// What we noted in its `extensionElements`.
    pub(super) fn notes(&self) -> impl Iterator<Item = &Self> {
        self.all("extensionElements").flat_map(|extensions| &extensions.children).filter(|note| note.space == Space::Own)
    }
}

/// What a faulty document is called in an SOP.
fn code(problem: XmlProblem) -> &'static str {
    match problem {
        XmlProblem::Syntax => "sop.xml",
        XmlProblem::Encoding => "sop.not_utf8",
        XmlProblem::Entities => "sop.xml_entities",
        XmlProblem::Limit => "sop.too_deep_or_large",
    }
}

fn fault(error: XmlError) -> Fault {
    error.fault(code).unwrap_or_else(|error| Fault::new("sop.xml", error.to_string()))
}

/// The root element with all that is in it.
pub(super) fn parse(text: &[u8]) -> Result<Element, Fault> {
    let mut reader = XmlReader::new(text);
    let mut stack: Vec<Element> = Vec::new();
    // Prefixes with their namespaces, and the depth each was declared at.
    let mut spaces: Vec<(String, String, usize)> = Vec::new();
    let (mut depth, mut skipped, mut count) = (0_usize, None, 0);
    loop {
        match reader.next().map_err(fault)? {
            XmlEvent::Open(tag) => {
                depth += 1;
                let mut attributes = Vec::new();
                for attribute in tag.attributes() {
                    let (name, value) = attribute.map_err(fault)?;
                    match name.split_once(':') {
                        None if name == "xmlns" => spaces.push((String::new(), value.into_owned(), depth)),
                        Some(("xmlns", prefix)) => spaces.push((prefix.to_owned(), value.into_owned(), depth)),
                        None if skipped.is_none() => attributes.push((name.to_owned(), value.into_owned())),
                        _ => {}
                    }
                }
                if spaces.len() > MAX_NAMESPACES {
                    let message = format!("more than {MAX_NAMESPACES} namespaces are declared around one element");
                    return Err(Fault::new("sop.too_deep_or_large", message).at_line(tag.line));
                }
                if skipped.is_some() {
                    continue;
                }
                let prefix = tag.name().split_once(':').map_or("", |(prefix, _)| prefix);
                let space = match spaces.iter().rev().find(|(known, ..)| known == prefix).map(|(_, space, _)| space.as_str()) {
                    // Written by hand, a file may name no namespace at all.
                    Some(MODEL) => Some(Space::Bpmn),
                    None if prefix.is_empty() => Some(Space::Bpmn),
                    Some(OWN) => Some(Space::Own),
                    Some(_) => None,
                    None => {
                        let fault = Fault::new("sop.xml", format!("the prefix `{prefix}` of <{}> is not declared", tag.name())).at_line(tag.line);
                        return Err(fault.help(format!("declare it, as in xmlns:{prefix}=\"{MODEL}\"")));
                    }
                };
                let Some(space) = space else {
                    if stack.is_empty() {
                        let fault = Fault::new("sop.no_bpmn", format!("the root element <{}> is not of BPMN 2.0", tag.name())).at_line(tag.line);
                        return Err(fault.help(format!("the namespace of BPMN 2.0 is {MODEL}")));
                    }
                    skipped = Some(depth);
                    continue;
                };
                count += 1;
                if count > MAX_ELEMENTS {
                    let message = format!("the file has more than {MAX_ELEMENTS} elements of BPMN");
                    return Err(Fault::new("sop.too_deep_or_large", message).at_line(tag.line));
                }
                let name = tag.local_name().to_owned();
                stack.push(Element { space, name, line: tag.line, attributes, children: Vec::new(), text: String::new() });
            }
            XmlEvent::Close => {
                spaces.truncate(spaces.iter().rposition(|&(.., at)| at < depth).map_or(0, |last| last + 1));
                depth -= 1;
                if let Some(from) = skipped {
                    skipped = (depth + 1 != from).then_some(from);
                    continue;
                }
                let Some(element) = stack.pop() else { continue };
                match stack.last_mut() {
                    Some(parent) => parent.children.push(element),
                    // Nothing can follow the root but comments; the reader says so where something does.
                    None => stack.push(element),
                }
                if depth == 0 {
                    break;
                }
            }
            XmlEvent::Text(text) => {
                if let (None, Some(element)) = (skipped, stack.last_mut()) {
                    element.text.push_str(&text);
                }
            }
            XmlEvent::Other | XmlEvent::End => {}
        }
    }
    loop {
        if let XmlEvent::End = reader.next().map_err(fault)? {
            break;
        }
    }
    stack.pop().ok_or_else(|| Fault::new("sop.no_bpmn", "the document has no element"))
}
