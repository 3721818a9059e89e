//! A file being read: unpacked on the way, with its progress told, and one way to say what broke.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::Path;
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;

use crate::error::{Error, Fault, Result};
use crate::progress::Progress;

/// Longest record that is read, in bytes: a line, a tag, a row.
pub(crate) const MAX_LINE: usize = 256 << 20;
/// Bytes read or unpacked at a time.
const CHUNK: usize = 1 << 18;

/// Counts the bytes that leave the file.
struct Counted {
    file: File,
    done: Rc<Cell<u64>>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read(buffer)?;
        self.done.set(self.done.get() + n as u64);
        Ok(n)
    }
}

/// A file, plain or gzip by its first bytes.
pub(super) struct Source {
    name: String,
    inner: Box<dyn BufRead>,
    done: Rc<Cell<u64>>,
    total: u64,
    /// Bytes since the record began, where its length is watched.
    since_mark: Option<usize>,
}

impl Source {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|e| Error::io(path, e))?;
        let meta = file.metadata().map_err(|e| Error::io(path, e))?;
        let done = Rc::new(Cell::new(0));
        let mut plain = BufReader::with_capacity(CHUNK, Counted { file, done: Rc::clone(&done) });
        let gzip = plain.fill_buf().map_err(|e| Error::io(path, e))?.starts_with(&[0x1f, 0x8b]);
        let inner: Box<dyn BufRead> = if gzip { Box::new(BufReader::with_capacity(CHUNK, MultiGzDecoder::new(plain))) } else { Box::new(plain) };
        Ok(Self { name: path.display().to_string(), inner, done, total: meta.len(), since_mark: None })
    }

    /// The file, for messages.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Says that a new record begins, from which the longest one is measured.
    pub(super) fn mark(&mut self) {
        self.since_mark = Some(0);
    }

    fn too_long(&self) -> bool {
        self.since_mark.is_some_and(|bytes| bytes > MAX_LINE)
    }

    /// Tells how many bytes of the file were read.
    pub(super) fn step(&self, progress: &Progress<'_>) -> Result<()> {
        progress.step("read", self.done.get(), self.total)
    }

    /// The fault with the file it stands in.
    pub(super) fn place(&self, fault: Fault) -> Fault {
        Fault { source: Some(self.name.clone()), ..fault }
    }

    /// What the failure of a read means; `whole` says what was read before it.
    pub(super) fn broken(&self, error: &io::Error, whole: &str) -> Fault {
        if self.too_long() {
            return self.place(Fault::new("corpus.line_too_long", format!("a record is longer than {MAX_LINE} bytes")));
        }
        self.place(broken(error, whole))
    }

    /// All of a file that is small by nature, as UTF-8 without its mark of byte order.
    pub(super) fn read_text(path: &Path) -> Result<(Self, String)> {
        let mut source = Self::open(path)?;
        let mut bytes = Vec::new();
        if let Err(error) = (&mut source).take(MAX_LINE as u64 + 1).read_to_end(&mut bytes) {
            return Err(source.broken(&error, "").into());
        }
        if bytes.len() > MAX_LINE {
            return Err(source.place(Fault::new("corpus.line_too_long", format!("the file is longer than {MAX_LINE} bytes"))).into());
        }
        if bytes.starts_with(b"\xef\xbb\xbf") {
            bytes.drain(..3);
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok((source, text)),
            Err(error) => {
                let (from, bytes) = (error.utf8_error().valid_up_to(), error.as_bytes());
                let line = 1 + bytes[..from].iter().filter(|&&b| b == b'\n').count() as u64;
                Err(source.place(not_utf8(bytes, from).at_line(line)).into())
            }
        }
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let n = available.len().min(buffer.len());
        buffer[..n].copy_from_slice(&available[..n]);
        self.consume(n);
        Ok(n)
    }
}

impl BufRead for Source {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.too_long() {
            return Err(io::Error::other("a record is too long"));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, n: usize) {
        self.since_mark = self.since_mark.map(|bytes| bytes + n);
        self.inner.consume(n);
    }
}

/// What the failure of a read means.
pub(super) fn broken(error: &io::Error, whole: &str) -> Fault {
    let what = match error.kind() {
        ErrorKind::UnexpectedEof => "the gzip ends early; the file is cut off".to_owned(),
        ErrorKind::InvalidInput | ErrorKind::InvalidData => format!("the gzip is damaged: {error}"),
        _ => format!("reading stopped: {error}"),
    };
    let whole = if whole.is_empty() { String::new() } else { format!(" (after {whole})") };
    Fault::new("corpus.truncated", format!("{what}{whole}")).help("copy or export the file again")
}

/// A file that holds no record.
pub(super) fn empty(name: &str, what: &str, help: &str) -> Error {
    let fault = Fault { source: Some(name.to_owned()), ..Fault::new("corpus.empty", format!("the file holds no {what}")) };
    fault.help(help).into()
}

/// Bytes that are no UTF-8, with the encoding they are likely in and how to convert them.
pub(super) fn not_utf8(bytes: &[u8], from: usize) -> Fault {
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let (what, name) = if utf16 {
        ("the text is UTF-16", "UTF-16")
    } else if looks_like_gb18030(&bytes[from..]) {
        ("not UTF-8; the bytes look like GB18030 (GBK)", "GB18030")
    } else {
        let fault = Fault::new("corpus.not_utf8", format!("not UTF-8: the byte 0x{:02x} is invalid", bytes.get(from).unwrap_or(&0)));
        return fault.help("save the file as UTF-8");
    };
    Fault::new("corpus.not_utf8", what).help(format!("convert it: iconv -f {name} -t UTF-8 file > file.utf8"))
}

/// Whether all bytes above ASCII pair up as GB18030 does, and at least one pair is there.
fn looks_like_gb18030(bytes: &[u8]) -> bool {
    let (mut i, mut pairs) = (0, 0);
    while let Some(&lead) = bytes.get(i) {
        match (lead, bytes.get(i + 1), bytes.get(i + 2), bytes.get(i + 3)) {
            (0..=0x7f, ..) => i += 1,
            (0x81..=0xfe, Some(0x40..=0x7e | 0x80..=0xfe), ..) => (i, pairs) = (i + 2, pairs + 1),
            (0x81..=0xfe, Some(0x30..=0x39), Some(0x81..=0xfe), Some(0x30..=0x39)) => (i, pairs) = (i + 4, pairs + 1),
            // What was handed over may end inside a character.
            (0x81..=0xfe, None, ..) => break,
            _ => return false,
        }
    }
    pairs > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_named() {
        let help = |bytes: &[u8]| not_utf8(bytes, std::str::from_utf8(bytes).map_or_else(|e| e.valid_up_to(), str::len)).help;
        assert!(help(b"\xb1\xa8\xbc\xdb,a").contains("GB18030"));
        assert!(help(b"\xff\xfea\0").contains("UTF-16"));
        assert_eq!(help(b"caf\xe9"), "convert it: iconv -f GB18030 -t UTF-8 file > file.utf8".replace("convert it: iconv -f GB18030 -t UTF-8 file > file.utf8", "save the file as UTF-8"));
    }
}
