//! Text made safe for files that other programs read.

use std::borrow::Cow;
use std::fmt::Write;

use serde::Serialize;

use super::plain;

/// As indented JSON, in which whatever is no character of YAML is escaped too: our files are read as YAML, of which JSON is a part.
pub(crate) fn json(value: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    let foreign = |c: char| matches!(c, '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    if !text.contains(foreign) {
        return text;
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if foreign(c) {
            let _ = write!(escaped, "\\u{:04x}", u32::from(c));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// The text with everything that means something in Markdown (and in the HTML inside of it) made to mean itself.
///
/// ```
/// assert_eq!(goldpath::text::escape_markdown("<b> *a* [x](y) # 1"), "&lt;b&gt; \\*a\\* \\[x\\](y) \\# 1");
/// ```
pub fn escape_markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in plain(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '!' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    // A list or a rule begins with these.
    if escaped.starts_with(['-', '+', '=']) {
        escaped.insert(0, '\\');
    }
    escaped
}

/// A cell of a CSV file that a spreadsheet will not take for a formula.
///
/// ```
/// assert_eq!(goldpath::text::cell("=HYPERLINK(1)"), "'=HYPERLINK(1)");
/// assert_eq!(goldpath::text::cell("价格"), "价格");
/// ```
pub fn cell(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}
