//! The clip library: what is kept comes back, is found, and leaves only as it may.

use std::path::PathBuf;

use goldpath::clips::{ClipChange, ClipKind, ClipLibrary, ClipQuery, Consent, NewClip, Playlist};
use goldpath::store::Store;
use goldpath::{Corpus, Error, Lang, Scorecard, Sop};

const CALLS: &str = r#"{"id": "c1", "rep": "安", "team": "东", "deal": "d1", "turns": [
  {"speaker": "customer", "name": "李总", "text": "你们太贵了，比别家贵一倍", "start": 61.5, "end": 64},
  {"speaker": "agent", "name": "安", "text": "我们来算一笔账：一年能省三十万。有事打 13800138000", "start": 64, "end": 80.25}]}
{"id": "c2", "rep": "Bob", "turns": [
  {"speaker": "customer", "text": "=HYPERLINK(\"x\") <script>alert(1)</script> *bold*"},
  {"speaker": "agent", "text": "Let's do the sums: it pays for itself within a year"}]}"#;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("goldpath-clips-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn library(&self) -> ClipLibrary {
        ClipLibrary::open(Store::open(self.0.join("team.goldpath")).unwrap()).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn corpus() -> Corpus {
    let lines: String = CALLS.replace("\n  ", " ");
    Corpus::parse(lines.as_bytes()).unwrap()
}

fn words(words: &str) -> ClipQuery {
    ClipQuery { words: Some(words.to_owned()), ..ClipQuery::default() }
}

fn ids(library: &ClipLibrary, query: &ClipQuery) -> Vec<String> {
    library.search(query).into_iter().map(|hit| hit.clip.id).collect()
}

#[test]
fn clips_are_found_and_the_history_gives_the_same_library() {
    let folder = Folder::new("found");
    let (library, corpus) = (folder.library(), corpus());
    let new =
        NewClip {
            tags: vec![" 价格 ".into(), "价格".into()], folder: "嫌贵/算账".into(), step: Some("answer".into()), ..NewClip::new("c1", 0, 1, "算账")
        };
    let first = library.add(&corpus, new, 1_000).unwrap();
    assert_eq!((first.id.as_str(), first.rep.as_deref(), first.deal.as_deref(), first.span), ("clip-1", Some("安"), Some("d1"), Some((61_500, 80_250))));
    assert_eq!((first.tags.as_slice(), first.lines[0].name.as_deref(), first.lines[1].name.as_deref()), (["价格".to_owned()].as_slice(), None, Some("安")));
    assert!(!first.lines[1].text.contains("138"), "{}", first.lines[1].text);
    let second = library.add(&corpus, NewClip { kind: ClipKind::ToImprove, ..NewClip::new("c2", 0, 1, "Do the sums") }, 2_000).unwrap();
    assert_eq!(ids(&library, &words("一笔账")), ["clip-1"]);
    assert_eq!(ids(&library, &words("The SUMS")), ["clip-2"]);
    assert_eq!(ids(&library, &words("算账 sums")), ["clip-2", "clip-1"], "in the title and in the words comes before in the title");
    assert_eq!(ids(&library, &words("没有这个词儿")), Vec::<String>::new());
    assert_eq!(ids(&library, &ClipQuery { folder: Some("嫌贵".into()), ..ClipQuery::default() }), ["clip-1"]);
    assert_eq!(ids(&library, &ClipQuery { folder: Some("嫌".into()), ..ClipQuery::default() }), Vec::<String>::new());
    assert_eq!(ids(&library, &ClipQuery { kind: Some(ClipKind::ToImprove), ..ClipQuery::default() }), ["clip-2"]);
    library.set_playlist(Playlist { name: "新人".into(), note: String::new(), clips: vec![second.id.clone(), first.id.clone()] }, 3_000).unwrap();
    library.watched("clip-1", "Cai", 4_000).unwrap();
    let playlist = ClipQuery { playlist: Some("新人".into()), ..ClipQuery::default() };
    assert_eq!(ids(&library, &playlist), ["clip-2", "clip-1"]);
    library.change("clip-1", ClipChange { title: Some("先算账".into()), ..ClipChange::default() }, 5_000).unwrap();
    library.remove("clip-2", "twice", 6_000).unwrap();
    let third = library.add(&corpus, NewClip::new("c2", 1, 1, "again"), 7_000).unwrap();
    assert_eq!(third.id, "clip-3", "ids are never used again");
    let before = (library.search(&ClipQuery::default()), library.playlists(), library.watches(), library.to_string());
    drop(library);
    let library = folder.library();
    assert_eq!((library.search(&ClipQuery::default()), library.playlists(), library.watches(), library.to_string()), before);
    assert_eq!(ids(&library, &words("sums")), ["clip-3"]);
    assert_eq!(ids(&library, &playlist), ["clip-1"]);
    library.store().verify().unwrap();
}

#[test]
fn what_leaves_is_harmless() {
    let folder = Folder::new("leaves");
    let (library, corpus) = (folder.library(), corpus());
    library.add(&corpus, NewClip { redact: false, ..NewClip::new("c1", 0, 1, "=cmd() 算账") }, 0).unwrap();
    library.add(&corpus, NewClip::new("c2", 0, 0, "<script>x</script>"), 0).unwrap();
    let refused = library.add(&corpus, NewClip { consent: Consent::Refused, ..NewClip::new("c2", 1, 1, "refused") }, 0).unwrap();
    let all = ClipQuery::default();
    assert!(library.get("clip-1").unwrap().lines[1].text.contains("13800138000"), "kept as the host asked");
    let (jsonl, markdown, cuts) = (library.to_jsonl(&all), library.to_markdown(&all, Lang::Zh), library.cut_list(&all).unwrap());
    for text in [&jsonl, &markdown, &cuts] {
        assert!(!text.contains("13800138000") && !text.contains("李总") && !text.contains("refused"), "{text}");
    }
    assert!(!markdown.contains("<script>") && markdown.contains("\\*bold\\*"), "{markdown}");
    assert_eq!(cuts, "clip,title,media,start,end\nclip-1,'=cmd() 算账,c1,00:01:01.500,00:01:20.250\n");
    assert_eq!(jsonl.lines().count(), 2);
    let list = Playlist { name: "x".into(), note: String::new(), clips: vec![refused.id] };
    assert_eq!(library.set_playlist(list, 0).unwrap_err().code(), "argument.invalid");
}

#[test]
fn mistakes_are_named() {
    let folder = Folder::new("mistakes");
    let (library, corpus) = (folder.library(), corpus());
    for (new, place) in [
        (NewClip::new("c9", 0, 0, "x"), "conversation"),
        (NewClip::new("c1", 1, 0, "x"), "turns"),
        (NewClip::new("c1", 0, 2, "x"), "turns"),
        (NewClip::new("c1", 0, 0, " "), "title"),
        (NewClip::new("c1", 0, 0, "x".repeat(1_001)), "title"),
        (NewClip { tags: vec![String::new()], ..NewClip::new("c1", 0, 0, "x") }, "tags"),
    ] {
        let error = library.add(&corpus, new, 0).unwrap_err();
        assert!(matches!(error, Error::Argument(_)) && error.faults()[0].place.as_deref() == Some(place), "{error}");
    }
    assert_eq!(library.get("clip-1").unwrap_err().code(), "clips.unknown");
    assert_eq!(library.remove("clip-1", "", 0).unwrap_err().code(), "clips.unknown");
    assert_eq!(library.remove_playlist("none", 0).unwrap_err().code(), "argument.invalid");
    assert_eq!(library.store().count::<goldpath::clips::ClipEvent>().unwrap(), 0, "nothing of it was written down");
}

#[test]
fn suggestions_come_with_their_reason() {
    let made = goldpath::simulate::World { truth_draws: 0, ..Default::default() }.simulate(300, 5);
    let corpus = Corpus::from_conversations(made.conversations).unwrap();
    let sop: Sop = made.sop;
    let scores = corpus.check(&sop).unwrap().score(&Scorecard::equal(&sop.into())).unwrap();
    let suggested = scores.clip_suggestions(10, Lang::Zh).unwrap();
    let kinds = |kind| suggested.iter().filter(|s| s.clip.kind == kind).count();
    assert_eq!((kinds(ClipKind::BestPractice), kinds(ClipKind::ToImprove)), (10, 10));
    let folder = Folder::new("suggested");
    let library = folder.library();
    for suggestion in suggested {
        assert!(!suggestion.reason_en.is_empty() && suggestion.clip.reason.as_ref() == Some(&suggestion.reason_zh));
        library.add(&corpus, suggestion.clip, 0).unwrap();
    }
    assert_eq!(library.len(), 20);
}
