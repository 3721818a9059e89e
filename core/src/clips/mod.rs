//! The clip library (剪辑库): moments of real conversations that people keep, find again and coach with.
//!
//! In: a span of turns of a conversation with a title, tags and a kind; playlists; who watched what. Out: [`Clip`]s by words
//! in Chinese and English, by tag, step or rep; Markdown, JSON lines and a cut list of media times; suggestions of what to
//! clip, from [`Scores`](crate::Scores). All of it is kept in a [`Store`](crate::store::Store) as the history of what was
//! done; the library itself is what that history adds up to.
//!
//! A clip holds the words of its turns, without personal data unless the host keeps them: it stays when the conversation is
//! deleted elsewhere, so what it may hold is decided when it is made.
//!
//! ```
//! use goldpath::clips::{ClipLibrary, ClipQuery, NewClip};
//! use goldpath::{Corpus, store::Store};
//!
//! let corpus = Corpus::parse(r#"[{"id": "c1", "rep": "安", "turns": [
//!     {"speaker": "customer", "text": "太贵了"}, {"speaker": "agent", "text": "我们来算一笔账，电话 13800138000"}]}]"#.as_bytes())?;
//! let folder = std::env::temp_dir().join(format!("goldpath-clips-{}", std::process::id()));
//! std::fs::create_dir_all(&folder)?;
//! let library = ClipLibrary::open(Store::open(folder.join("team.goldpath"))?)?;
//! let made = library.add(&corpus, NewClip { tags: vec!["价格".into()], ..NewClip::new("c1", 0, 1, "算账应对嫌贵") }, 1_772_000_000_000)?;
//! assert_eq!(made.lines[1].text, "我们来算一笔账，电话 [手机号]");
//! let found = library.search(&ClipQuery { words: Some("算一笔账".into()), ..ClipQuery::default() });
//! assert_eq!(found[0].clip.id, made.id);
//! # drop(library);
//! # std::fs::remove_dir_all(folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod export;
mod library;
mod model;
mod search;
mod state;
mod suggest;

pub use library::ClipLibrary;
pub use model::{Clip, ClipChange, ClipEvent, ClipKind, ClipLine, Consent, NewClip, Playlist, Watched};
pub use search::{ClipHit, ClipQuery};
pub use suggest::ClipSuggestion;
