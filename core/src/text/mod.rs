//! Text as data: escaping, and how wide it is on a screen.
//!
//! In: any text. Out: the same text made safe for a page, or cut to a width; Chinese characters count as two.

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
