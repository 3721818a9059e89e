//! Reading XES from a file: batches of whole traces, parsed beside each other and taken in order.
//!
//! A batch that is not plain (comments, CDATA, a trace at fault) is read once more tag by tag, with line numbers. So a file
//! is never held, and what is said of a fault does not depend on how the file was cut.

use std::io::{self, BufRead, Cursor, Read};
use std::path::Path;

use rayon::prelude::*;

use super::build::Builder;
use super::options::ReadOptions;
use super::source::{Source, broken, empty};
use super::xes::{Keys, Part, Reading, code};
use crate::error::{Fault, Result};
use crate::progress::Progress;
use crate::xml::{XmlEvent, XmlReader};

/// Bytes of traces that one thread parses at a time. Fixed, so that the cuts do not depend on the machine.
const PART: usize = 1 << 20;
/// Parts that are parsed together.
const PARTS: usize = 8;
/// Most bytes before the first trace, and of one trace, that are read into memory.
const WINDOW: usize = 64 << 20;
/// What a trace ends with.
const TRACE_END: &[u8] = b"</trace>";
/// What a log ends with whose traces may be cut apart.
const LOG_END: &[u8] = b"</log>";

/// Reads a `.xes` or `.xes.gz` file.
pub(super) fn read(path: &Path, options: ReadOptions, progress: &Progress<'_>) -> Result<Builder> {
    let mut source = Source::open(path)?;
    let mut log =
        Log { name: source.name().to_owned(), builder: Builder::new(options.clone()), reading: Reading::new(Keys::new(&options)), keys: Keys::new(&options) };
    log.all(&mut source, progress)?;
    source.step(progress)?;
    if log.reading.traces() == 0 && log.builder.refused() == 0 {
        return Err(empty(&log.name, "trace", "a XES file has a <log> of <trace>s"));
    }
    log.reading.finish(log.builder, &options)
}

struct Log<'a> {
    name: String,
    builder: Builder,
    reading: Reading<'a>,
    keys: Keys<'a>,
}

/// Why a window was not filled further.
enum Filled {
    /// What was looked for is there.
    Found(usize),
    /// The file ends.
    End,
    /// Nothing was found within reach.
    Far,
}

impl Log<'_> {
    fn all(&mut self, source: &mut Source, progress: &Progress<'_>) -> Result<()> {
        let mut window = Vec::new();
        let head = match fill(source, &mut window, b"<trace", 0) {
            Ok(Filled::Found(at)) if is_head(&window[..at]) => window[..at].to_vec(),
            Ok(_) => return self.stream(&mut Cursor::new(window).chain(source), 0, &|input| input.get_ref().1.step(progress)).map(drop),
            Err(error) => {
                let whole = Err(error);
                return self.stream(&mut io::BufReader::new(Cursor::new(window).chain(Failing(whole))), 0, &|_| Ok(())).map(drop);
            }
        };
        window.drain(..head.len());
        let head_lines = lines(&head);
        let mut line = head_lines;
        loop {
            let filled = fill_batch(source, &mut window);
            let cut = match &filled {
                Ok(Filled::Found(cut)) => *cut,
                _ => 0,
            };
            let batch = &window[..cut];
            let part = if cut > 0 { self.parts(batch) } else { Part::Whole };
            if part == Part::Faulty && !self.stream(&mut head.as_slice().chain(batch).chain(LOG_END), line - head_lines, &|_| Ok(()))? {
                return Ok(());
            }
            if part != Part::Odd {
                line += lines(batch);
                window.drain(..cut);
            }
            source.step(progress)?;
            match filled {
                Ok(Filled::Found(_)) if part != Part::Odd => {}
                // What is left has no whole trace, or a form in which its end cannot be told so: it is read tag by tag.
                Ok(_) => {
                    let mut document = head.as_slice().chain(Cursor::new(window)).chain(source);
                    return self.stream(&mut document, line - head_lines, &|input| input.get_ref().1.step(progress)).map(drop);
                }
                Err(error) => {
                    let mut document = io::BufReader::new(head.as_slice().chain(Cursor::new(window)).chain(Failing(Err(error))));
                    return self.stream(&mut document, line - head_lines, &|_| Ok(())).map(drop);
                }
            }
        }
    }

    /// Takes a batch of whole traces, or nothing of it where it has to be read tag by tag.
    fn parts(&mut self, batch: &[u8]) -> Part {
        let Ok(text) = std::str::from_utf8(batch) else { return Part::Odd };
        let mut cuts = vec![0];
        while let Some(&from) = cuts.last().filter(|from| **from < text.len()) {
            // The end of a trace may lie across the cut.
            let near = (from + PART).min(text.len()).saturating_sub(TRACE_END.len()).max(from);
            cuts.push(find(&batch[near..], TRACE_END).map_or(text.len(), |at| near + at + TRACE_END.len()));
        }
        let keys = self.keys;
        let parts: Vec<(Part, Reading<'_>)> = cuts.par_windows(2).map(|cut| Reading::of_part(keys, &text[cut[0]..cut[1]])).collect();
        let worst = parts.iter().map(|(part, _)| *part).max().unwrap_or(Part::Whole);
        if worst != Part::Whole {
            return worst;
        }
        // The batch is one before it is added, so that it is taken whole or not at all.
        let mut whole = Reading::new(keys);
        let taken = parts.into_iter().all(|(_, part)| whole.append(part)) && self.reading.append(whole);
        if taken { Part::Whole } else { Part::Faulty }
    }

    /// Reads a document tag by tag; `false` where it cannot be read to its end. Lines are counted from those passed over.
    fn stream<R: BufRead>(&mut self, input: &mut R, passed: u64, step: &dyn Fn(&R) -> Result<()>) -> Result<bool> {
        let mut xml = XmlReader::new(input);
        let place = |fault: Fault| Fault { source: Some(self.name.clone()), line: fault.line.map(|line| line + passed), ..fault };
        let mut traces = 0;
        self.reading.restart();
        loop {
            match xml.next() {
                Ok(XmlEvent::Open(tag)) => self.reading.open(&tag).map_err(place)?,
                Ok(XmlEvent::Close) => {
                    if let Some(fault) = self.reading.close() {
                        self.builder.refuse(place(fault))?;
                    }
                    traces += 1;
                    if traces % (1 << 12) == 0 {
                        step(xml.input())?;
                    }
                }
                Ok(XmlEvent::Text(text)) => self.reading.text(&text),
                Ok(XmlEvent::Other) => {}
                Ok(XmlEvent::End) => return Ok(true),
                Err(error) => {
                    let line = xml.line();
                    let fault = error.fault(code).unwrap_or_else(|error| broken(&error, &format!("{} whole traces", self.reading.traces())).at_line(line));
                    self.reading.forget_trace();
                    self.builder.refuse(place(fault))?;
                    return Ok(false);
                }
            }
        }
    }
}

/// A source that ended with an error.
struct Failing(io::Result<()>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        std::mem::replace(&mut self.0, Ok(())).map(|()| 0)
    }
}

/// Reads on until the window holds what is looked for.
fn fill(source: &mut Source, window: &mut Vec<u8>, what: &[u8], from: usize) -> io::Result<Filled> {
    let mut searched = from;
    loop {
        if let Some(at) = find(&window[searched..], what) {
            return Ok(Filled::Found(searched + at));
        }
        searched = window.len().saturating_sub(what.len() - 1).max(from);
        if window.len() > WINDOW {
            return Ok(Filled::Far);
        }
        if source.by_ref().take(PART as u64).read_to_end(window)? == 0 {
            return Ok(Filled::End);
        }
    }
}

/// Reads on until the window holds a batch, and finds the end of its last whole trace.
fn fill_batch(source: &mut Source, window: &mut Vec<u8>) -> io::Result<Filled> {
    let wanted = (PART * PARTS).saturating_sub(window.len());
    let got = source.by_ref().take(wanted as u64).read_to_end(window);
    let last = window.windows(TRACE_END.len()).rposition(|bytes| bytes == TRACE_END).map(|at| at + TRACE_END.len());
    match (last, got) {
        (Some(cut), Ok(_)) => Ok(Filled::Found(cut)),
        (None, Ok(_)) => {
            let end = fill(source, window, TRACE_END, 0)?;
            Ok(if let Filled::Found(at) = end { Filled::Found(at + TRACE_END.len()) } else { end })
        }
        (_, Err(error)) => Err(error),
    }
}

/// Whether nothing but the beginning of a log stands before its first trace, in a form that can be put before any trace.
fn is_head(head: &[u8]) -> bool {
    if find(head, b"<!").is_some() {
        return false;
    }
    let mut xml = XmlReader::new(head);
    let mut root = false;
    loop {
        match xml.next() {
            Ok(XmlEvent::Open(tag)) => root |= tag.name() == "log",
            Ok(XmlEvent::End) => return false,
            Ok(_) => {}
            // The log is open still, and nothing else is.
            Err(_) => return root && xml.depth() == 1,
        }
    }
}

fn lines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|&&b| b == b'\n').count() as u64
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
