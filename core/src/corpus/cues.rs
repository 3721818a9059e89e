//! Cues of WebVTT (W3C) and SRT: their times, who speaks, and the words without markup.

use super::model::shorten;
use super::speakers::add_words;
use crate::error::Fault;

/// Longest name of a speaker before a colon, in characters.
const MAX_NAME: usize = 40;
/// Most words of such a name.
const MAX_WORDS: usize = 4;
/// Tags of SRT; whatever else stands between < and > there is text.
const SRT_TAGS: [&str; 6] = ["b", "i", "u", "s", "font", "c"];

/// A cue: when, and what who says in it.
#[derive(Debug, PartialEq)]
pub(super) struct Cue {
    pub(super) line: u64,
    /// Milliseconds since the conversation began.
    pub(super) start: i64,
    pub(super) end: i64,
    /// Speaker where the cue names one, and words.
    pub(super) parts: Vec<(Option<String>, String)>,
}

/// All cues of a file, and the faults of those that are none.
pub(super) fn cues(text: &str, vtt: bool) -> Vec<Result<Cue, Fault>> {
    let mut made = Vec::new();
    let mut block: Vec<(u64, &str)> = Vec::new();
    for (i, line) in text.lines().map(|line| line.trim_end_matches('\r')).chain([""]).enumerate() {
        if !line.trim().is_empty() {
            block.push((i as u64 + 1, line));
        } else if !block.is_empty() {
            made.extend(cue(&block, vtt, made.is_empty()));
            block.clear();
        }
    }
    made
}

/// The cue of a block of lines; nothing where the block is no cue and means to be none.
fn cue(block: &[(u64, &str)], vtt: bool, first: bool) -> Option<Result<Cue, Fault>> {
    let (line, head) = block[0];
    let word = head.split_whitespace().next().unwrap_or_default();
    let no_cue = vtt && (matches!(word, "NOTE" | "STYLE" | "REGION") || (first && line == 1 && word == "WEBVTT"));
    let Some(at) = block.iter().position(|(_, line)| line.contains("-->")).filter(|_| !(vtt && word == "NOTE")) else {
        return (!no_cue).then(|| {
            let fault = Fault::new("corpus.cue", format!("no times stand above the text `{}`", shorten(block.last().map_or(head, |(_, line)| line))));
            Err(fault.at_line(line).help("a cue has a line such as 00:00:01.000 --> 00:00:04.000 above its text"))
        });
    };
    if at > 1 && !no_cue {
        let fault = Fault::new("corpus.cue", "text stands between two cues without times of its own").at_line(line);
        return Some(Err(fault.help("leave an empty line before each cue, and none inside of it")));
    }
    let (line, times) = block[at];
    let (from, to) = times.split_once("-->").unwrap_or_default();
    // Behind the end may stand settings.
    let times = moment(from.trim()).zip(to.split_whitespace().next().and_then(moment));
    let Some((start, end)) = times else {
        let fault = Fault::new("corpus.cue", format!("`{}` are no times of a cue", shorten(block[at].1.trim()))).at_line(line);
        return Some(Err(fault.help("write hours:minutes:seconds.milliseconds, as in 00:00:01.000 --> 00:00:04.000")));
    };
    if end < start {
        return Some(Err(Fault::new("corpus.cue", "the cue ends before it starts").at_line(line)));
    }
    Some(Ok(Cue { line, start, end, parts: parts(&block[at + 1..], vtt) }))
}

/// Milliseconds of `hh:mm:ss.ttt`, hours and fraction optional, with a point or a comma.
fn moment(text: &str) -> Option<i64> {
    let (clock, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let number = |text: &str| (!text.is_empty() && text.len() <= 6 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse::<i64>().ok()).flatten();
    let parts = clock.split(':').map(number).collect::<Option<Vec<_>>>()?;
    let (hours, minutes, seconds) = match parts[..] {
        [minutes, seconds] => (0, minutes, seconds),
        [hours, minutes, seconds] => (hours, minutes, seconds),
        _ => return None,
    };
    let thousandths = number(fraction).filter(|_| fraction.len() <= 3)? * [100, 10, 1][fraction.len() - 1];
    (minutes < 60 && seconds < 60).then_some(((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths)
}

/// What is said in a cue. A voice of WebVTT holds until the next; without voices, a name before a colon at the begin of a
/// line names the speaker.
fn parts(lines: &[(u64, &str)], vtt: bool) -> Vec<(Option<String>, String)> {
    let mut parts: Vec<(Option<String>, String)> = Vec::new();
    let mut voiced = false;
    for (_, line) in lines {
        for (i, (speaker, words)) in voices(line, vtt).into_iter().enumerate() {
            voiced |= speaker.is_some();
            let (speaker, words) = match name_and_words(&words).filter(|_| i == 0 && !voiced) {
                Some((name, words)) => (Some(name), words.to_owned()),
                None => (speaker, words),
            };
            match parts.last_mut().filter(|_| speaker.is_none()) {
                Some((_, text)) => add_words(text, &words),
                None => parts.push((speaker, words.trim().to_owned())),
            }
        }
    }
    parts.retain(|(_, text)| !text.is_empty());
    parts
}

/// The words of a line without its tags, cut where a voice begins.
fn voices(line: &str, vtt: bool) -> Vec<(Option<String>, String)> {
    let mut made = vec![(None, String::new())];
    let mut rest = line;
    while !rest.is_empty() {
        let (words, tag, behind) = next_tag(rest, vtt);
        rest = behind;
        let words = if vtt { unescape(words) } else { words.replace("{\\an8}", "") };
        if let Some((_, text)) = made.last_mut() {
            text.push_str(&words);
        }
        if let Some(name) = tag.filter(|_| vtt).and_then(voice) {
            made.push((Some(unescape(name)), String::new()));
        }
    }
    made.retain(|(speaker, text)| speaker.is_some() || !text.trim().is_empty());
    made
}

/// The words before the next tag, what stands in the tag, and what stands behind it.
fn next_tag(text: &str, vtt: bool) -> (&str, Option<&str>, &str) {
    let mut from = 0;
    while let Some(open) = text[from..].find('<').map(|at| from + at) {
        let inner = &text[open + 1..];
        let close = inner.find('>').map(|at| &inner[..at]);
        let name = |inner: &str| inner.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default().to_ascii_lowercase();
        let is_tag = close.is_some_and(|inner| if vtt { inner.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/' || c == '.') } else { SRT_TAGS.contains(&&*name(inner)) });
        if let Some(inner) = close.filter(|_| is_tag) {
            return (&text[..open], Some(inner), &text[open + inner.len() + 2..]);
        }
        from = open + 1;
    }
    (text, None, "")
}

/// The name in a voice tag: `v Ann`, `v.loud Ann`.
fn voice(tag: &str) -> Option<&str> {
    let rest = tag.strip_prefix('v')?;
    let name = match rest.chars().next()? {
        '.' => rest.split_once(char::is_whitespace)?.1,
        c if c.is_whitespace() => rest,
        _ => return None,
    };
    Some(name.trim()).filter(|name| !name.is_empty())
}

/// Splits “Ann: good morning” where what stands before the colon can be a name: one word, or up to four that begin like names.
fn name_and_words(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start().trim_start_matches(['-', '>']).trim_start();
    let at = text.find([':', '：'])?;
    let (name, behind) = text.split_at(at);
    let wide = behind.starts_with('：');
    let behind = &behind[if wide { '：'.len_utf8() } else { 1 }..];
    let name = name.trim();
    let short = !name.is_empty() && name.chars().count() <= MAX_NAME;
    let plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '.' | '\'' | '-' | '_' | '(' | ')' | '（' | '）' | '·' | '@' | '&'));
    let named = |word: &str| word.chars().find(|c| c.is_alphanumeric()).is_none_or(|c| !c.is_lowercase());
    let mut words = name.split_whitespace();
    let few = words.clone().count() == 1 || (words.clone().count() <= MAX_WORDS && words.all(named));
    // 10:30 and https:// are no speakers.
    let apart = wide || behind.is_empty() || behind.starts_with(|c: char| !(c.is_ascii_digit() || c == '/' || c == ':'));
    (short && plain && few && apart && name.chars().any(char::is_alphabetic)).then(|| (name.to_owned(), behind))
}

/// Resolves the entities of WebVTT.
fn unescape(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        made.push_str(&rest[..at]);
        rest = &rest[at..];
        let found = rest.find(';').filter(|end| *end <= 10).and_then(|end| Some((entity(&rest[1..end])?, end + 1)));
        let (character, length) = found.unwrap_or(("&".into(), 1));
        made.push_str(&character);
        rest = &rest[length..];
    }
    made + rest
}

fn entity(name: &str) -> Option<String> {
    let character = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        // Marks of direction say nothing in a text that is not laid out.
        "lrm" | "rlm" => return Some(String::new()),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = number.strip_prefix(['x', 'X']).map_or_else(|| number.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok())?;
            char::from_u32(code).filter(|c| !c.is_control())?
        }
    };
    Some(character.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[&str], vtt: bool) -> Vec<(Option<String>, String)> {
        parts(&lines.iter().map(|line| (1, *line)).collect::<Vec<_>>(), vtt)
    }

    fn said(who: &str, what: &str) -> (Option<String>, String) {
        ((!who.is_empty()).then(|| who.to_owned()), what.to_owned())
    }

    #[test]
    fn who_says_what() {
        assert_eq!(of(&["<v Ann Lee>Hello &amp; <i>welcome</i></v>"], true), [said("Ann Lee", "Hello & welcome")]);
        assert_eq!(of(&["<v.loud Ann>Hi</v> <v Bob>Hi: there"], true), [said("Ann", "Hi"), said("Bob", "Hi: there")]);
        assert_eq!(of(&["Ann: a < b", "and 3:30"], true), [said("Ann", "a < b and 3:30")]);
        assert_eq!(of(&["张三：太贵", "了。"], false), [said("张三", "太贵了。")]);
        assert_eq!(of(&["- Dr. Smith: yes", "- Bob: no"], false), [said("Dr. Smith", "yes"), said("Bob", "no")]);
        assert_eq!(of(&["<b>Ann: hi</b> <script>alert(1)</script>"], false), [said("Ann", "hi <script>alert(1)</script>")]);
        assert_eq!(of(&["<00:01.000>Call at 10:30 <c.x>now</c>"], true), [said("", "Call at 10:30 now")]);
        assert_eq!(of(&["the thing is: we need it", "see https://x.y"], false), [said("", "the thing is: we need it see https://x.y")]);
    }

    #[test]
    fn times_of_cues() {
        let times = ["00:01.500", "01:00:00,250", "00:00:01", "100:00:00.5", "00:61:00", "1", "a:b", "00:00:01.0000"];
        assert_eq!(times.map(moment), [Some(1_500), Some(3_600_250), Some(1_000), Some(360_000_500), None, None, None, None]);
    }
}
