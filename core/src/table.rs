//! Typed columns: what every tabular result is.

use std::fmt;
use std::sync::Arc;

use crate::corpus::{NONE, Names};

/// A column of values; `None` is no value.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Column {
    /// Yes or no.
    Bool(Vec<Option<bool>>),
    /// Whole numbers.
    Int(Vec<Option<i64>>),
    /// Numbers.
    Float(Vec<Option<f64>>),
    /// Milliseconds since 1970, UTC.
    Time(Vec<Option<i64>>),
    /// Texts, mostly distinct.
    Text(Vec<Option<Box<str>>>),
    /// Texts that repeat: numbers into their distinct values, `u32::MAX` for no value.
    Names {
        /// Numbers into `names`.
        codes: Vec<u32>,
        /// Distinct values.
        names: Arc<[Box<str>]>,
    },
    /// Lists of whole numbers, such as turns.
    IntList(Vec<Vec<i64>>),
    /// Lists of texts, such as ids.
    TextList(Vec<Vec<Box<str>>>),
}

/// One value of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Cell<'a> {
    /// No value.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// Milliseconds since 1970, UTC.
    Time(i64),
    /// A text.
    Text(&'a str),
    /// A list of whole numbers.
    IntList(&'a [i64]),
    /// A list of texts.
    TextList(&'a [Box<str>]),
}

impl Column {
    pub(crate) fn names(codes: &[u32], names: &Names) -> Self {
        Self::Names { codes: codes.to_vec(), names: names.iter().map(Into::into).collect() }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Bool(v) => v.len(),
            Self::Int(v) | Self::Time(v) => v.len(),
            Self::Float(v) => v.len(),
            Self::Text(v) => v.len(),
            Self::Names { codes, .. } => codes.len(),
            Self::IntList(v) => v.len(),
            Self::TextList(v) => v.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a row.
    pub fn get(&self, row: usize) -> Cell<'_> {
        match self {
            Self::Bool(v) => v[row].map_or(Cell::Null, Cell::Bool),
            Self::Int(v) => v[row].map_or(Cell::Null, Cell::Int),
            Self::Float(v) => v[row].map_or(Cell::Null, Cell::Float),
            Self::Time(v) => v[row].map_or(Cell::Null, Cell::Time),
            Self::Text(v) => v[row].as_deref().map_or(Cell::Null, Cell::Text),
            Self::Names { codes, names } if codes[row] != NONE => Cell::Text(&names[codes[row] as usize]),
            Self::Names { .. } => Cell::Null,
            Self::IntList(v) => Cell::IntList(&v[row]),
            Self::TextList(v) => Cell::TextList(&v[row]),
        }
    }
}

impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Bool(b) => write!(f, "{b}"),
            Self::Int(n) => write!(f, "{n}"),
            Self::Float(x) if x.fract() == 0.0 && x.abs() < 1e15 => write!(f, "{x:.0}"),
            Self::Float(x) => write!(f, "{}", (x * 10_000.0).round() / 10_000.0),
            Self::Time(ms) => match jiff::Timestamp::from_millisecond(*ms) {
                Ok(time) => write!(f, "{time}"),
                Err(_) => write!(f, "{ms}"),
            },
            Self::Text(t) => f.write_str(t),
            Self::IntList(list) => write!(f, "{}", list.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")),
            Self::TextList(list) => write!(f, "{}", list.join(" ")),
        }
    }
}

impl Cell<'_> {
    fn to_json(self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(b) => b.into(),
            Self::Int(n) => n.into(),
            Self::Float(x) => x.into(),
            Self::Time(_) => self.to_string().into(),
            Self::Text(t) => t.into(),
            Self::IntList(list) => list.to_vec().into(),
            Self::TextList(list) => list.iter().map(ToString::to_string).collect::<Vec<_>>().into(),
        }
    }
}

/// A result with named columns of one length.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    name: &'static str,
    columns: Vec<(String, Column)>,
}

impl Table {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, columns: Vec::new() }
    }

    pub(crate) fn push(&mut self, name: impl Into<String>, column: Column) {
        debug_assert!(self.columns.is_empty() || self.len() == column.len(), "columns of one length");
        self.columns.push((name.into(), column));
    }

    /// What the table is, such as `deviations`.
    pub fn name(&self) -> &str {
        self.name
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.columns.first().map_or(0, |(_, column)| column.len())
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Names and columns in their order.
    pub fn columns(&self) -> &[(String, Column)] {
        &self.columns
    }

    /// A column by its name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|(have, _)| have == name).map(|(_, column)| column)
    }

    /// The value of a row in a column; [`Cell::Null`] where there is no such row or column.
    pub fn get(&self, row: usize, column: &str) -> Cell<'_> {
        self.column(column).filter(|column| row < column.len()).map_or(Cell::Null, |column| column.get(row))
    }

    /// One row as a JSON object.
    pub fn row_json(&self, row: usize) -> serde_json::Value {
        serde_json::Value::Object(self.columns.iter().map(|(name, column)| (name.clone(), column.get(row).to_json())).collect())
    }

    /// An HTML table of the first rows, everything escaped.
    pub fn to_html(&self, rows: usize) -> String {
        let escape = crate::text::escape_html;
        let mut html = String::from("<table><thead><tr>");
        for (name, _) in &self.columns {
            html.push_str(&format!("<th>{}</th>", escape(name)));
        }
        html.push_str("</tr></thead><tbody>");
        for row in 0..self.len().min(rows) {
            html.push_str("<tr>");
            for (_, column) in &self.columns {
                html.push_str(&format!("<td>{}</td>", escape(&column.get(row).to_string())));
            }
            html.push_str("</tr>");
        }
        html.push_str(&format!("</tbody></table><p>{} rows × {} columns</p>", self.len(), self.columns.len()));
        html
    }
}

impl fmt::Display for Table {
    /// The first rows, in columns of even width.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const ROWS: usize = 20;
        const WIDTH: usize = 40;
        let shown = self.len().min(ROWS);
        let cut = |text: String| if crate::text::width(&text) <= WIDTH { text } else { crate::text::cut(&text, WIDTH - 1) + "…" };
        let mut lines = vec![String::new(); shown + 1];
        for (name, column) in &self.columns {
            let cells: Vec<String> = std::iter::once(name.clone()).chain((0..shown).map(|row| cut(column.get(row).to_string()))).collect();
            let width = cells.iter().map(|cell| crate::text::width(cell)).max().unwrap_or(0);
            let number = matches!(column, Column::Int(_) | Column::Float(_));
            for (line, cell) in lines.iter_mut().zip(cells) {
                let space = " ".repeat(width - crate::text::width(&cell));
                line.push_str(&if number { format!("{space}{cell}  ") } else { format!("{cell}{space}  ") });
            }
        }
        writeln!(f, "{} ({} rows)", self.name, self.len())?;
        for line in lines {
            writeln!(f, "{}", line.trim_end())?;
        }
        if self.len() > shown {
            writeln!(f, "… {} more", self.len() - shown)?;
        }
        Ok(())
    }
}
