//! Rows of a CSV file by the names of its columns, with the line each stands on.

use std::io::{self, BufRead, Read};
use std::path::Path;

use ::csv::{ByteRecord, Reader, ReaderBuilder};

use super::columns::Role;
use super::model::shorten;
use super::source::{Source, empty, not_utf8};
use crate::error::{Error, Fault, Result};
use crate::progress::Progress;

/// What may stand between columns, best first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Bytes of a column that are looked at to tell its encoding.
const SAMPLE: usize = 1 << 12;

/// A file of rows.
pub(super) struct Rows {
    reader: Reader<Quotes>,
    pub(super) names: Vec<String>,
    record: ByteRecord,
    /// Line the row begins on, counted from 1.
    pub(super) line: u64,
    pub(super) read: u64,
    source: String,
}

/// Whether quotes come in pairs: of a well-formed file they do. And how the bytes read so far end.
struct Quotes {
    source: Source,
    odd: bool,
    bytes: u64,
    last: u8,
    ended: bool,
}

impl Read for Quotes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.source.read(buffer)?;
        self.odd ^= buffer[..n].iter().filter(|&&b| b == b'"').count() % 2 == 1;
        self.bytes += n as u64;
        self.ended = n == 0;
        self.last = buffer[..n].last().copied().unwrap_or(self.last);
        Ok(n)
    }
}

impl Rows {
    /// Opens a file and reads the names of its columns.
    pub(super) fn open(path: &Path, delimiter: Option<u8>) -> Result<Self> {
        let mut source = Source::open(path)?;
        let name = source.name().to_owned();
        source.mark();
        let start = source.fill_buf().map_err(|error| source_broken(&name, &error, 0))?;
        if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) {
            let fault = not_utf8(&start[..2], 0);
            return Err(Fault { source: Some(name), ..fault.at_line(1) }.into());
        }
        let bom = if start.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let delimiter = delimiter.unwrap_or_else(|| likely_delimiter(&start[bom..]));
        source.consume(bom);
        let reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(Quotes {
            source,
            odd: false,
            bytes: 0,
            last: 0,
            ended: false,
        });
        let mut rows = Self { reader, names: Vec::new(), record: ByteRecord::new(), line: 1, read: 0, source: name };
        if !rows.advance()? {
            return Err(empty(&rows.source, "row", "the first row names the columns"));
        }
        rows.names = (0..rows.record.len()).map(|i| rows.text(i).map(|text| text.trim().to_owned())).collect::<Result<_, Fault>>()?;
        Ok(rows)
    }

    /// Goes to the next row; `false` where there is none. A row of the wrong shape is a fault, behind which one may go on.
    pub(super) fn next(&mut self) -> Result<bool, Problem> {
        if !self.advance().map_err(Problem::End)? {
            return Ok(false);
        }
        self.read += 1;
        let (have, need) = (self.record.len(), self.names.len());
        let over_lines = self.record.iter().any(|cell| cell.contains(&b'\n'));
        if over_lines && self.at_end() && self.reader.get_ref().odd {
            let fault = self.fault("corpus.csv", "a quote is opened and never closed, up to the end of the file");
            return Err(Problem::End(fault.help("close the quote; a quote inside of a text is written twice")));
        }
        if have != need {
            let fault = self.fault("corpus.csv", format!("the row has {have} cells, the header has {need}"));
            let help = if over_lines { "the row goes over several lines: is a quote left open?" } else { "a text that holds the delimiter stands in quotes" };
            return Err(Problem::Row(fault.help(help)));
        }
        Ok(true)
    }

    /// Whether the last row is the last of the file.
    fn at_end(&self) -> bool {
        let seen = self.reader.get_ref();
        seen.ended && self.reader.position().byte() == seen.bytes
    }

    fn advance(&mut self) -> Result<bool, Fault> {
        self.reader.get_mut().source.mark();
        let more = self.reader.read_byte_record(&mut self.record);
        match more {
            Ok(more) => {
                // Counted from behind: where a record is said to begin, empty lines may still come before it.
                let inside = self.record.as_slice().iter().filter(|&&b| b == b'\n').count() as u64;
                let at = self.reader.position();
                // Only the last row may do without the line break that was counted behind it.
                let bare = self.at_end() && (self.reader.get_ref().odd || self.reader.get_ref().last != b'\n');
                self.line = at.line() - inside - u64::from(more && !bare);
                Ok(more)
            }
            Err(error) => match error.into_kind() {
                ::csv::ErrorKind::Io(error) => Err(self.reader.get_ref().source.broken(&error, &format!("{} whole rows", self.read))),
                other => Err(self.fault("corpus.csv", format!("{other:?}"))),
            },
        }
    }

    /// A cell as text.
    fn text(&self, column: usize) -> Result<&str, Fault> {
        let bytes = self.record.get(column).unwrap_or_default();
        std::str::from_utf8(bytes).map_err(|error| {
            let row = self.record.as_slice();
            let from = row.iter().position(|b| !b.is_ascii()).unwrap_or(0);
            // The cell alone may be too short to tell.
            let fault =
                if bytes.len() < 8 && !row.is_empty() { not_utf8(&row[..row.len().min(from + SAMPLE)], from) } else { not_utf8(bytes, error.valid_up_to()) };
            self.at(fault, column)
        })
    }

    /// A cell; nothing where it is empty.
    pub(super) fn cell(&self, column: usize) -> Result<Option<&str>, Fault> {
        self.text(column).map(|text| (!text.is_empty()).then_some(text))
    }

    /// The bytes of a cell.
    pub(super) fn bytes(&self, column: usize) -> &[u8] {
        self.record.get(column).unwrap_or_default()
    }

    /// A cell as a number.
    pub(super) fn number(&self, column: usize) -> Result<Option<f64>, Fault> {
        let Some(text) = self.cell(column)? else { return Ok(None) };
        match text.trim().parse() {
            Ok(x) => Ok(Some(x)),
            Err(_) => Err(self.at(self.fault("corpus.wrong_type", format!("`{}` is no number", shorten(text))), column)),
        }
    }

    /// A cell as a point in time.
    pub(super) fn time(&self, column: usize) -> Result<Option<i64>, Fault> {
        let Some(text) = self.cell(column)? else { return Ok(None) };
        super::time::parse_millis(text).map(Some).map_err(|message| self.at(self.fault("corpus.wrong_type", message), column))
    }

    /// A fault of this row.
    pub(super) fn fault(&self, code: &'static str, message: impl Into<String>) -> Fault {
        Fault { source: Some(self.source.clone()), ..Fault::new(code, message).at_line(self.line) }
    }

    /// The fault with its place in this row.
    pub(super) fn at(&self, fault: Fault, column: usize) -> Fault {
        let name = self.names.get(column).map_or_else(|| format!("{}", column + 1), Clone::clone);
        Fault { source: Some(self.source.clone()), ..fault.at_line(self.line).at_place(format!("column {name}")) }
    }

    /// The column of a role.
    pub(super) fn place(&self, role: Role, asked: Option<&str>, needed: bool) -> Result<Option<usize>> {
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let found = role.column(asked, &names, needed)?;
        if let Some(at) = found
            && names.iter().filter(|name| **name == names[at]).count() > 1
        {
            return Err(Error::from(
                Fault { line: Some(1), ..self.fault("corpus.csv", format!("the column `{}` stands twice", names[at])) }.help("rename one of them"),
            ));
        }
        Ok(found)
    }

    pub(super) fn step(&self, progress: &Progress<'_>) -> Result<()> {
        self.reader.get_ref().source.step(progress)
    }

    pub(super) fn source(&self) -> &str {
        &self.source
    }
}

/// Why there is no row.
pub(super) enum Problem {
    /// This row cannot be taken.
    Row(Fault),
    /// Nothing behind this can be read.
    End(Fault),
}

fn source_broken(name: &str, error: &io::Error, rows: u64) -> Fault {
    Fault { source: Some(name.to_owned()), ..super::source::broken(error, &format!("{rows} whole rows")) }
}

/// The delimiter the first line has most of, outside of quotes.
fn likely_delimiter(start: &[u8]) -> u8 {
    let (mut counts, mut quoted) = ([0usize; DELIMITERS.len()], false);
    for &byte in start {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if quoted => {}
            _ => (0..DELIMITERS.len()).filter(|&i| DELIMITERS[i] == byte).for_each(|i| counts[i] += 1),
        }
    }
    let best = (0..DELIMITERS.len()).rev().max_by_key(|&i| counts[i]).unwrap_or(0);
    DELIMITERS[best]
}
