//! XML, read one event at a time and safely: what a hostile file tries is refused with the line it stands on.
//!
//! In: bytes. Out: opening tags with their attributes unescaped, closing tags and text, each with its line. A document
//! type is refused, so there are no entities but the five of XML: nothing is expanded and nothing is loaded. Nesting and
//! the length of one tag or text are limited. Namespaces are left as they are written.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use quick_xml::errors::IllFormedError;
use quick_xml::escape::{EscapeError, resolve_predefined_entity};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::error::Fault;

/// Deepest nesting of elements.
pub(crate) const MAX_DEPTH: usize = 256;
/// Longest tag, text or comment, in bytes.
pub(crate) const MAX_TOKEN: usize = 16 << 20;

/// What is wrong with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum XmlProblem {
    /// Not well-formed.
    Syntax,
    /// Not UTF-8, or said to be something else.
    Encoding,
    /// A document type, or an entity that only one could define.
    Entities,
    /// Nested too deep, or one tag or text too long.
    Limit,
}

/// Why a document could not be read on.
#[derive(Debug)]
pub(crate) enum XmlError {
    /// The source could not be read.
    Io(io::Error),
    /// The document is at fault.
    Fault {
        /// The kind of fault, for which each room has its own code.
        problem: XmlProblem,
        /// Line, counted from 1.
        line: u64,
        /// What is wrong.
        message: String,
        /// How to mend it.
        help: &'static str,
    },
}

impl XmlError {
    /// The fault with the room's code for it; the error of the source is given back.
    pub(crate) fn fault(self, code: impl Fn(XmlProblem) -> &'static str) -> Result<Fault, io::Error> {
        match self {
            Self::Io(error) => Err(error),
            Self::Fault { problem, line, message, help } => Ok(Fault::new(code(problem), message).help(help).at_line(line)),
        }
    }
}

/// One event of a document.
#[derive(Debug)]
pub(crate) enum XmlEvent<'a> {
    /// An opening tag; an empty element is opened and closed.
    Open(Tag<'a>),
    /// A closing tag; it always closes the element opened last.
    Close,
    /// Text, entities resolved. The text between two tags may come in several pieces.
    Text(Cow<'a, str>),
    /// Nothing that matters, such as a comment: ask again.
    Other,
    /// The end of the document: its one root element is closed.
    End,
}

/// An opening tag.
#[derive(Debug)]
pub(crate) struct Tag<'a> {
    start: BytesStart<'a>,
    /// Line the tag begins on.
    pub(crate) line: u64,
}

impl Tag<'_> {
    /// Name as written, prefix included.
    pub(crate) fn name(&self) -> &str {
        self.start.name().0
    }

    /// Name without its prefix.
    pub(crate) fn local_name(&self) -> &str {
        local(self.name())
    }

    /// The values of two attributes, where the tag begins with these two and nothing in them is escaped or to be
    /// normalised: what most tags of a log are, at a fraction of the time. `None` sends the caller to the attributes.
    #[inline]
    pub(crate) fn plain_pair(&self, first: &str, second: &str) -> Option<(&str, &str)> {
        fn value<'t>(rest: &'t str, name: &str) -> Option<(&'t str, &'t str)> {
            let rest = rest.strip_prefix(' ')?.strip_prefix(name)?.strip_prefix("=\"")?;
            let end = rest.bytes().position(|b| matches!(b, b'"' | b'&' | b'<') || b < b' ')?;
            rest[end..].strip_prefix('"').map(|behind| (&rest[..end], behind))
        }
        let (first, rest) = value(self.start.attributes_raw(), first)?;
        let (second, rest) = value(rest, second)?;
        rest.trim_end_matches(' ').is_empty().then_some((first, second))
    }

    /// Attributes in the order they are written, names with their prefixes, values unescaped.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = Result<(&str, Cow<'_, str>), XmlError>> {
        self.start.attributes().map(|attribute| {
            let attribute = attribute.map_err(|error| syntax(self.line, &error.into()))?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| syntax(self.line, &error))?;
            Ok((attribute.key.0, value))
        })
    }
}

/// The part of a name behind its prefix.
pub(crate) fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// The text with what XML 1.0 cannot hold, not even as a reference, replaced.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    let foreign = |c: char| (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}');
    if text.contains(foreign) { text.replace(foreign, "\u{fffd}").into() } else { text.into() }
}

/// Reads a document event by event.
pub(crate) struct XmlReader<R: BufRead> {
    reader: Reader<Metered<R>>,
    buffer: Vec<u8>,
    /// Names of the open elements one behind the other; where each begins, and its line.
    names: String,
    open: Vec<(usize, u64)>,
    rooted: bool,
}

impl<R: BufRead> XmlReader<R> {
    pub(crate) fn new(input: R) -> Self {
        let mut reader = Reader::from_reader(Metered { input, line: 1, token: 0 });
        reader.config_mut().expand_empty_elements = true;
        Self { reader, buffer: Vec::new(), names: String::new(), open: Vec::new(), rooted: false }
    }

    /// What is read from.
    pub(crate) fn input(&self) -> &R {
        &self.reader.get_ref().input
    }

    /// Elements that are open.
    pub(crate) fn depth(&self) -> usize {
        self.open.len()
    }

    /// The line reached.
    pub(crate) fn line(&self) -> u64 {
        self.reader.get_ref().line
    }

    /// The next event; after [`XmlEvent::End`] there is none to ask for.
    pub(crate) fn next(&mut self) -> Result<XmlEvent<'_>, XmlError> {
        self.buffer.clear();
        self.reader.get_mut().token = 0;
        let line = self.reader.get_ref().line;
        let event = match self.reader.read_event_into(&mut self.buffer) {
            Ok(event) => event,
            Err(error) => return Err(broken(line, &self.open, error)),
        };
        match event {
            Event::Start(start) | Event::Empty(start) => {
                if self.open.is_empty() && self.rooted {
                    return Err(problem(XmlProblem::Syntax, line, "there is a second root element", "a document has one root element"));
                }
                if self.open.len() >= MAX_DEPTH {
                    let message = format!("elements are nested more than {MAX_DEPTH} deep");
                    return Err(problem(XmlProblem::Limit, line, message, "flatten the document"));
                }
                self.rooted = true;
                self.open.push((self.names.len(), line));
                self.names.push_str(start.name().0);
                Ok(XmlEvent::Open(Tag { start, line }))
            }
            Event::End(_) => {
                // That the name fits was checked by the reader.
                self.names.truncate(self.open.pop().map_or(0, |(at, _)| at));
                Ok(XmlEvent::Close)
            }
            Event::Text(text) => piece(line, self.open.is_empty(), text.xml10_content()),
            Event::CData(text) => piece(line, self.open.is_empty(), text.xml10_content()),
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().map_err(|error| syntax(line, &error))?;
                let text = match character {
                    Some(character) => Cow::Owned(character.to_string()),
                    None => resolve_predefined_entity(&reference).map(Cow::Borrowed).ok_or_else(|| unknown_entity(line, &reference))?,
                };
                piece(line, self.open.is_empty(), text)
            }
            Event::DocType(_) => Err(problem(
                XmlProblem::Entities,
                line,
                "the document has a document type (<!DOCTYPE …>), which could define entities",
                "remove it: documents are read without",
            )),
            Event::Decl(decl) => match decl.encoding() {
                Some(Ok(encoding)) if !["utf-8", "utf8", "us-ascii", "ascii"].contains(&encoding.to_lowercase().as_str()) => {
                    let message = format!("the document says that it is written in `{encoding}`");
                    Err(problem(XmlProblem::Encoding, line, message, "save the file as UTF-8"))
                }
                _ => Ok(XmlEvent::Other),
            },
            Event::Comment(_) | Event::PI(_) => Ok(XmlEvent::Other),
            Event::Eof => match self.open.last() {
                Some(_) => Err(unclosed(&self.names, &self.open)),
                None if !self.rooted => Err(problem(XmlProblem::Syntax, line, "the document has no element", "")),
                None => Ok(XmlEvent::End),
            },
        }
    }
}

/// Reads elements out of the middle of a document that stands in memory: at a fraction of the time, and only what is
/// plain. What is not is left to [`XmlReader`], which also says what is wrong with it.
pub(crate) struct XmlPart<'a> {
    reader: Reader<&'a [u8]>,
}

/// One event of a part.
pub(crate) enum PartEvent<'a> {
    /// An opening tag, and whether the element is empty: then there is no closing tag. Its line is not known.
    Open(Tag<'a>, bool),
    /// A closing tag.
    Close,
    /// The end of the part.
    End,
}

impl<'a> XmlPart<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { reader: Reader::from_str(text) }
    }

    /// The next event but space between tags; `None` where something is not plain.
    pub(crate) fn next(&mut self) -> Option<PartEvent<'a>> {
        loop {
            return match self.reader.read_event().ok()? {
                Event::Empty(start) => Some(PartEvent::Open(Tag { start, line: 0 }, true)),
                Event::Start(start) => Some(PartEvent::Open(Tag { start, line: 0 }, false)),
                Event::End(_) => Some(PartEvent::Close),
                Event::Text(text) if text.trim_ascii().is_empty() => continue,
                Event::Eof => Some(PartEvent::End),
                _ => None,
            };
        }
    }
}

fn piece(line: u64, outside: bool, text: Cow<'_, str>) -> Result<XmlEvent<'_>, XmlError> {
    if !outside {
        return Ok(XmlEvent::Text(text));
    }
    if text.trim().is_empty() {
        return Ok(XmlEvent::Other);
    }
    Err(problem(XmlProblem::Syntax, line, "there is text outside of the root element", "is this an XML file?"))
}

fn problem(problem: XmlProblem, line: u64, message: impl Into<String>, help: &'static str) -> XmlError {
    XmlError::Fault { problem, line, message: message.into(), help }
}

fn unclosed(names: &str, open: &[(usize, u64)]) -> XmlError {
    let &(from, line) = open.last().unwrap_or(&(0, 1));
    problem(XmlProblem::Syntax, line, format!("<{}> is never closed", &names[from..]), "the file may be cut short")
}

fn unknown_entity(line: u64, name: &str) -> XmlError {
    problem(XmlProblem::Entities, line, format!("the entity `&{name};` is not known"), "write the character itself, or its number as `&#…;`")
}

fn syntax(line: u64, error: &quick_xml::Error) -> XmlError {
    match error {
        quick_xml::Error::Escape(EscapeError::UnrecognizedEntity(_, name)) => unknown_entity(line, name),
        _ => problem(XmlProblem::Syntax, line, format!("not well-formed XML: {error}"), ""),
    }
}

/// What the reader could not go on from, in words of the document.
fn broken(line: u64, open: &[(usize, u64)], error: quick_xml::Error) -> XmlError {
    match error {
        quick_xml::Error::Encoding(_) => problem(XmlProblem::Encoding, line, "not UTF-8 text", "save the file as UTF-8"),
        quick_xml::Error::Io(error) if error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<TokenTooLong>) => {
            problem(XmlProblem::Limit, line, format!("one tag or text is longer than {MAX_TOKEN} bytes"), "")
        }
        quick_xml::Error::Io(error) => XmlError::Io(io::Error::new(error.kind(), error)),
        quick_xml::Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => {
            let opened = open.last().map_or(line, |(_, line)| *line);
            let message = format!("</{found}> closes <{expected}>, opened on line {opened}");
            problem(XmlProblem::Syntax, line, message, "close each element in the order they were opened")
        }
        error => syntax(line, &error),
    }
}

/// Counts lines, and stops a tag or text that does not end.
struct Metered<R> {
    input: R,
    line: u64,
    token: usize,
}

#[derive(Debug, thiserror::Error)]
#[error("too long")]
struct TokenTooLong;

impl<R: BufRead> Read for Metered<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.fill_buf()?.read(into)?;
        self.consume(n);
        Ok(n)
    }
}

impl<R: BufRead> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.token > MAX_TOKEN {
            return Err(io::Error::other(TokenTooLong));
        }
        self.input.fill_buf()
    }

    #[allow(clippy::naive_bytecount)] // the compiler makes this wide enough
    fn consume(&mut self, amount: usize) {
        // What is consumed was handed out, so this asks the source for nothing.
        if let Ok(bytes) = self.input.fill_buf() {
            self.line += bytes[..amount.min(bytes.len())].iter().filter(|&&byte| byte == b'\n').count() as u64;
        }
        self.token += amount;
        self.input.consume(amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Events as text, one a line; the fault ends them.
    fn read(text: &[u8]) -> Vec<String> {
        let mut reader = XmlReader::new(text);
        let mut seen = Vec::new();
        loop {
            let event = match reader.next() {
                Ok(XmlEvent::End) => return seen,
                Ok(XmlEvent::Other) => continue,
                Ok(XmlEvent::Close) => "close".to_owned(),
                Ok(XmlEvent::Text(text)) => format!("text {text:?}"),
                Ok(XmlEvent::Open(tag)) => match tag.attributes().map(|a| a.map(|(name, value)| format!(" {name}={value:?}"))).collect::<Result<String, _>>() {
                    Ok(attributes) => format!("{} {}{attributes}", tag.line, tag.name()),
                    Err(error) => format!("{error:?}"),
                },
                Err(XmlError::Fault { problem, line, message, .. }) => {
                    seen.push(format!("{problem:?} {line}: {message}"));
                    return seen;
                }
                Err(XmlError::Io(error)) => format!("{error}"),
            };
            seen.push(event);
        }
    }

    fn fault(text: &str) -> String {
        read(text.as_bytes()).pop().unwrap_or_default()
    }

    #[test]
    fn events_have_lines_and_are_unescaped() {
        let text =
            "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- c -->\n<p:a x=\"1 &lt; 2&#10;\"\n  y='价格'>\n<b/>T &amp;<![CDATA[<i>]]>&#x4ef7;</p:a>\n";
        let expect = ["3 p:a x=\"1 < 2\\n\" y=\"价格\"", "text \"\\n\"", "5 b", "close", "text \"T \"", "text \"&\"", "text \"<i>\"", "text \"价\"", "close"];
        assert_eq!(read(text.as_bytes()), expect);
        let many = format!("<a x=\"{}\"/>", "&amp;".repeat(1000));
        assert_eq!(read(many.as_bytes())[0], format!("1 a x={:?}", "&".repeat(1000)));
    }

    #[test]
    fn what_is_hostile_or_broken_is_refused_with_its_line() {
        let bomb = "<?xml version=\"1.0\"?>\n<!DOCTYPE a [<!ENTITY x \"xxxxxxxxxx\"><!ENTITY y \"&x;&x;&x;\">]>\n<a>&y;</a>";
        assert!(fault(bomb).starts_with("Entities 2:"), "{}", fault(bomb));
        assert!(fault("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>").starts_with("Entities 1:"));
        assert!(fault("<a>\n&y;</a>").starts_with("Entities 2: the entity `&y;`"));
        assert!(read(b"<a x='&y;'/>")[0].contains("Entities"));
        assert_eq!(fault("<a>\n<b>\n<c></c>\n"), "Syntax 2: <b> is never closed");
        assert_eq!(fault("<a>\n<b>\n</a>"), "Syntax 3: </a> closes <b>, opened on line 2");
        assert!(fault("<a><b x='1").starts_with("Syntax 1:"), "{}", fault("<a><b x='1"));
        assert!(fault("<a/><b/>").starts_with("Syntax 1: there is a second root"));
        assert!(fault("name: x").starts_with("Syntax 1: there is text outside"));
        assert!(fault("").starts_with("Syntax 1: the document has no element"));
        assert!(fault("<?xml version=\"1.0\" encoding=\"GBK\"?><a/>").starts_with("Encoding 1:"));
        assert!(read(b"<a>\n\xff</a>").pop().is_some_and(|f| f.starts_with("Encoding 1:")));
        assert!(fault(&"<a>".repeat(10_000)).starts_with("Limit 1:"));
    }

    #[test]
    fn a_tag_without_end_is_not_read_forever() {
        let mut reader = XmlReader::new(io::BufReader::new(b"<a x='".chain(io::repeat(b'x'))));
        assert!(matches!(reader.next(), Err(XmlError::Fault { problem: XmlProblem::Limit, .. })));
    }
}
