//! Text as data: escaping, how wide it is on a screen, what is said in it and how much.
//!
//! In: any text. Out: the same text made safe for a page, or cut to a width (Chinese characters count as two); its folded
//! form to compare by; the phrases that stand in it; its characters, words and questions; the same text without personal data.

mod export;
mod fold;
mod phrases;
mod redact;
mod speech;
mod terms;
mod words;

pub(crate) use export::json;
pub use export::{cell, escape_markdown};
pub use fold::fold;
pub(crate) use fold::{fold_into, folded_phrase, in_word, unspaced};
pub use phrases::Phrases;
pub use redact::{Personal, personal, redact};
pub use speech::{Speech, count};
pub(crate) use speech::{asks, count_folded, sentence_at};
pub use terms::terms;
pub use words::words;

mod typos;

pub(crate) use typos::{alike, squeezed};

/// The text with everything that means something in HTML written as an entity.
///
/// ```
/// assert_eq!(goldpath::text::escape_html("<b>\"价格\"</b>"), "&lt;b&gt;&quot;价格&quot;&lt;/b&gt;");
/// ```
pub fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// The text without what could break a page unseen: control characters, and marks that turn the direction of what follows.
pub(crate) fn plain(text: &str) -> std::borrow::Cow<'_, str> {
    let hidden =
        |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    if text.contains(hidden) {
        text.chars().filter_map(|c| if c == '\t' { Some(' ') } else { (!hidden(c)).then_some(c) }).collect::<String>().into()
    } else {
        text.into()
    }
}

/// The text on one line, at most so wide; what is left out shows as an ellipsis.
pub(crate) fn short(text: &str, most: usize) -> String {
    let text = plain(text).split_whitespace().collect::<Vec<_>>().join(" ");
    if width(&text) <= most { text } else { cut(&text, most.saturating_sub(1)).trim_end().to_owned() + "…" }
}

/// A hash of an id that is the same everywhere: FNV-1a with a final mixing. Samples are drawn by it.
pub(crate) fn stable_hash(id: &str) -> u64 {
    let fnv = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    let mixed = (fnv ^ fnv >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    mixed ^ mixed >> 33
}

/// What is left of the SHA-256 of an id, read as one number, when it is divided by `parts`: conversations are split by it.
pub(crate) fn sha_rest(id: &str, parts: u32) -> u32 {
    use sha2::Digest;
    sha2::Sha256::digest(id.as_bytes()).iter().fold(0, |rest, &byte| (rest * 256 + u32::from(byte)) % parts)
}

/// SHA-256 of parts one after the other, in hexadecimal.
pub(crate) fn sha_hex(parts: &[&[u8]]) -> String {
    use sha2::Digest;
    let mut hash = sha2::Sha256::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().iter().fold(String::with_capacity(64), |text, byte| text + &format!("{byte:02x}"))
}

/// Columns a text takes on a screen: characters of East Asian scripts take two.
pub fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// The longest beginning of a text that is at most so wide.
pub fn cut(text: &str, most: usize) -> String {
    let mut used = 0;
    text.chars()
        .take_while(|&c| {
            used += char_width(c);
            used <= most
        })
        .collect()
}

fn char_width(c: char) -> usize {
    match c as u32 {
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1faff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}
