//! The review as a page: one self-contained HTML file, in Chinese or English.
//!
//! In: a [`Review`]. Out: HTML text that loads nothing, runs nothing from a transcript, and can be printed.

use crate::error::Result;
use crate::review::Review;
use crate::text::escape_html;
use crate::words::Lang;

/// The report of a review.
pub(crate) fn html(review: &Review, lang: Lang) -> Result<String> {
    let mut page = String::from("<!doctype html><meta charset=utf-8>");
    for sentence in review.sentences(lang) {
        page.push_str(&format!("<p>{}</p>", escape_html(&sentence)));
    }
    Ok(page)
}
