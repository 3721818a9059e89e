//! Clips for other programs and for people: JSON lines, Markdown, and a list to cut media by.
//!
//! What leaves is without personal data, whatever the clip holds, and without clips whose speakers refused.

use super::library::ClipLibrary;
use super::model::{Clip, ClipKind};
use super::search::{ClipQuery, may_leave};
use crate::corpus::Speaker;
use crate::error::Result;
use crate::text::{cell, escape_markdown, redact};
use crate::words::Lang;

impl ClipLibrary {
    /// The clips that are asked for and may leave, their words without personal data.
    fn leaving(&self, query: &ClipQuery) -> Vec<Clip> {
        let mut clips: Vec<Clip> = self.search(query).into_iter().map(|hit| hit.clip).filter(may_leave).collect();
        for clip in clips.iter_mut().filter(|clip| !clip.redacted) {
            for line in &mut clip.lines {
                line.text = redact(&line.text, &[]);
                line.name = line.name.take().filter(|_| line.speaker != Speaker::Customer);
            }
            clip.redacted = true;
        }
        clips
    }

    /// One clip a line, as JSON.
    pub fn to_jsonl(&self, query: &ClipQuery) -> String {
        self.leaving(query).iter().map(|clip| serde_json::to_string(clip).unwrap_or_default() + "\n").collect()
    }

    /// Clips to read: title, note, and who says what.
    pub fn to_markdown(&self, query: &ClipQuery, lang: Lang) -> String {
        let mut text = String::new();
        for clip in self.leaving(query) {
            text.push_str(&format!("## {}\n\n", line(&clip.title)));
            let kind = match (clip.kind, lang) {
                (ClipKind::BestPractice, Lang::En) => "best practice",
                (ClipKind::BestPractice, Lang::Zh) => "优秀示范",
                (ClipKind::ToImprove, Lang::En) => "to improve",
                (ClipKind::ToImprove, Lang::Zh) => "待改进",
            };
            let mut facts = vec![kind.to_owned()];
            facts.extend([&clip.step, &clip.rep, &clip.team].into_iter().flatten().map(|fact| line(fact)));
            facts.push(match lang {
                Lang::En => format!("conversation {}, turns {} to {}", line(&clip.conversation), clip.turns.0, clip.turns.1),
                Lang::Zh => format!("会话 {}，第 {} 至 {} 轮", line(&clip.conversation), clip.turns.0, clip.turns.1),
            });
            if let Some((start, end)) = clip.span {
                facts.push(format!("{} – {}", clock(start), clock(end)));
            }
            text.push_str(&format!("{}\n\n", facts.join(" · ")));
            if !clip.tags.is_empty() {
                text.push_str(&format!("{}\n\n", clip.tags.iter().map(|tag| line(tag)).collect::<Vec<_>>().join("、")));
            }
            if !clip.note.is_empty() {
                text.push_str(&format!("{}\n\n", line(&clip.note)));
            }
            for said in &clip.lines {
                let who = match (said.speaker, lang) {
                    (Speaker::Agent, Lang::En) => "Agent",
                    (Speaker::Agent, Lang::Zh) => "销售",
                    (Speaker::Customer, Lang::En) => "Customer",
                    (Speaker::Customer, Lang::Zh) => "客户",
                    (Speaker::System, Lang::En) => "System",
                    (Speaker::System, Lang::Zh) => "系统",
                };
                let colon = if lang == Lang::Zh { "：" } else { ": " };
                text.push_str(&format!("> **{who}**{colon}{}\n>\n", line(&said.text)));
            }
            text.push('\n');
        }
        text
    }

    /// A list to cut media by, as CSV: clip, title, media (the conversation where the host named none), start, end as
    /// `hh:mm:ss.mmm`. Clips without times are not in it.
    ///
    /// # Errors
    /// None in practice: the text is written to memory.
    pub fn cut_list(&self, query: &ClipQuery) -> Result<String> {
        let mut csv = csv::Writer::from_writer(Vec::new());
        let failed = |e: csv::Error| crate::Error::io("cut list", std::io::Error::other(e));
        csv.write_record(["clip", "title", "media", "start", "end"]).map_err(failed)?;
        for clip in self.leaving(query) {
            let Some((start, end)) = clip.span else { continue };
            let media = clip.media.as_ref().unwrap_or(&clip.conversation);
            csv.write_record([cell(&clip.id), cell(&clip.title), cell(media), clock(start).into(), clock(end).into()].map(|c| c.into_owned()))
                .map_err(failed)?;
        }
        let bytes = csv.into_inner().map_err(|e| crate::Error::io("cut list", std::io::Error::other(e.to_string())))?;
        Ok(String::from_utf8(bytes).unwrap_or_default())
    }
}

/// A text on one line of Markdown.
fn line(text: &str) -> String {
    escape_markdown(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Milliseconds as `hh:mm:ss.mmm`.
fn clock(ms: i64) -> String {
    let ms = ms.max(0);
    format!("{:02}:{:02}:{:02}.{:03}", ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000)
}
