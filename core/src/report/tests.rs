//! The page as a whole: safe, small, the same every time, and there whatever is missing.

use super::map::wrap;
use crate::corpus::{Conversation, Speaker, Turn};
use crate::{Corpus, Lang, Playbook, Sop, review};

const SOP: &str = "{format: goldpath/1, name: demo, steps: [open, need, price, close], flow: [open, {any_order: [need, price]}, close]}";

fn page(corpus: &Corpus, sop: impl Into<Playbook>, lang: Lang) -> String {
    review(corpus, sop).unwrap().to_html(lang).unwrap()
}

/// Markup characters, quotes, a comment, a closing tag, a direction override, a NUL and an escape sequence.
const EVIL: &str = "<script>alert('x')</script>\"&amp;&--><!-- </style></title>{{ 7*7 }} \u{202e}\u{0}\u{1b}[31m";

#[test]
fn no_text_of_a_record_or_an_sop_becomes_markup() {
    let text = serde_json::json!({
        "format": "goldpath/1", "name": EVIL, "version": EVIL,
        "steps": {
            "a": {"title": format!("A{EVIL}"), "stage": format!("S{EVIL}"), "guidance": EVIL},
            "b": {"title": format!("B{EVIL}"), "by": "customer"},
            "c": {"title": format!("C{EVIL}")},
            "d": {"title": format!("D{EVIL}")},
        },
        "flow": ["a", {"optional": ["b"]}, {"when": {EVIL: EVIL}, "then": ["c"]}],
        "anytime": ["d"],
    });
    let sop = Sop::from_value(text).unwrap();
    let lines: Vec<String> = (0..60)
        .map(|i| {
            let skip = i % 2 == 0;
            let turn = |step: &str| serde_json::json!({"speaker": "agent", "name": EVIL, "text": EVIL, "steps": [step]});
            let mut turns = vec![turn("d"), turn(EVIL), turn("b"), turn("c")];
            if !skip {
                turns.push(turn("a"));
            }
            let line = serde_json::json!({"id": format!("{i}{EVIL}"), "rep": format!("{EVIL}{}", i % 3), "team": EVIL, "turns": turns,
                "attributes": {EVIL: EVIL}, "outcome": {EVIL: i % 3 == 0}});
            line.to_string()
        })
        .collect();
    let corpus = Corpus::parse(lines.join("\n").as_bytes()).unwrap();
    for lang in [Lang::Zh, Lang::En] {
        let html = page(&corpus, &sop, lang);
        let (html, script) = html.split_once("<script>").expect("the script of the page");
        assert!(!script.contains("<script") && script.trim_end().ends_with("</script>\n</body>\n</html>"));
        assert!(!html.contains("<script") && !html.contains("alert('x')") && !html.contains("-->"));
        assert!(!html.contains(['\u{202e}', '\0', '\u{1b}']));
        assert_eq!(html.matches("</style>").count(), 1);
        assert!(html.contains("{{ 7*7 }}"), "a text is never a template");
        assert_eq!(html.matches("<title>").count(), html.matches("</title>").count() - html.matches("<title id").count());
        let svg = sop.to_svg(lang);
        assert!(!svg.contains("<script") && !svg.contains('\0'));
    }
}

#[test]
fn nothing_is_loaded_and_every_link_has_its_end() {
    let corpus = Corpus::parse(
        br#"{"id":"1","rep":"r","steps":["open","price","close","x"],"outcome":{"won":true}}
{"id":"2","rep":"s","steps":["open"],"outcome":{"won":false}}"#,
    )
    .unwrap();
    let html = page(&corpus, Sop::parse(SOP).unwrap(), Lang::En);
    assert!(html.contains("default-src 'none'"));
    assert!(!html.contains("src=") && !html.contains("url(") && !html.contains("@import"));
    for link in html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        let id = link.strip_prefix('#').expect("links stay in the page");
        assert!(html.contains(&format!("id=\"{id}\"")), "{link}");
    }
}

#[test]
fn the_same_review_gives_the_same_bytes() {
    let lines: Vec<String> = (0..300)
        .map(|i| {
            let steps = match i % 5 {
                0 => "\"open\",\"close\"",
                1 => "\"open\",\"price\",\"need\",\"close\"",
                2 => "\"open\",\"need\"",
                3 => "\"price\",\"open\",\"x\",\"close\"",
                _ => "\"open\",\"need\",\"price\",\"close\"",
            };
            format!("{{\"id\":\"c{i}\",\"rep\":\"r{}\",\"steps\":[{steps}],\"outcome\":{{\"won\":{}}}}}", i % 7, i % 3 == 0)
        })
        .collect();
    let corpus = Corpus::parse(lines.join("\n").as_bytes()).unwrap();
    let sop = Sop::parse(SOP).unwrap();
    for lang in [Lang::Zh, Lang::En] {
        assert_eq!(page(&corpus, &sop, lang), page(&corpus, &sop, lang));
    }
}

#[test]
fn what_is_missing_is_named_and_the_rest_stands() {
    let sop = Sop::parse(SOP).unwrap();
    let empty = page(&Corpus::from_conversations([]).unwrap(), &sop, Lang::En);
    assert!(empty.contains("There is no conversation to check.") && empty.contains("class=\"map\""));
    let bare = Corpus::from_conversations([Conversation::of_steps("1", ["open", "close"]), Conversation::of_steps("2", [""; 0])]).unwrap();
    let html = page(&bare, &sop, Lang::En);
    for said in ["carry no outcome", "name no rep", "No words were given", "undated"] {
        assert!(html.contains(said), "{said}");
    }
    let (html, _) = html.split_once("<script>").expect("the script of the page");
    assert!(!html.contains("NaN") && !html.contains("inf"));
}

#[test]
fn a_very_long_case_and_many_words_stay_small() {
    let long = Conversation::of_steps("long", (0..100_000).map(|i| if i % 3 == 0 { "need" } else { "x" }));
    let sop = Sop::parse(SOP).unwrap();
    let html = page(&Corpus::from_conversations([long]).unwrap(), &sop, Lang::Zh);
    assert!(html.len() < 300_000, "{}", html.len());
    let talk = |i: usize| Conversation {
        id: format!("c{i}"),
        turns: (0..80)
            .map(|k| Turn {
                speaker: if k % 2 == 0 { Speaker::Agent } else { Speaker::Customer },
                name: Some("名".repeat(200)),
                text: "话&<".repeat(3_000),
                start: None,
                end: None,
                steps: if k % 4 == 0 { vec![crate::corpus::StepEvent { step: format!("多余{}", (i + k) % 9), ..Default::default() }] } else { Vec::new() },
                unread: Vec::new(),
            })
            .collect(),
        ..Conversation::default()
    };
    let html = page(&Corpus::from_conversations((0..120).map(talk)).unwrap(), &sop, Lang::Zh);
    assert!(html.len() < 5_000_000, "{}", html.len());
}

#[test]
fn forty_steps_and_graphs_with_cycles_are_drawn() {
    let ids: Vec<String> = (0..40).map(|i| format!("步骤{i}的名字很长很长很长很长很长很长")).collect();
    let sop = Sop::from_value(serde_json::json!({"format": "goldpath/1", "name": "x", "steps": ids, "flow": ids})).unwrap();
    let svg = sop.to_svg(Lang::Zh);
    assert_eq!(svg.matches("class=\"step\"").count(), 40);
    let graph =
        Sop::parse("{format: goldpath/1, name: g, steps: [a, b, c, d], graph: {start: a, end: d, edges: [[a, b], [b, a], [b, c], [c, c], [a, d], [c, d]]}}");
    let svg = graph.unwrap().to_svg(Lang::En);
    assert_eq!((svg.matches("class=\"step\"").count(), svg.matches("class=\"flow\"").count()), (4, 8));
}

#[test]
fn titles_wrap_on_two_lines() {
    assert_eq!(wrap("short", 16), ["short"]);
    assert_eq!(wrap("Confirm the budget", 16), ["Confirm the", "budget"]);
    assert_eq!(wrap("确认预算和决策链条", 16), ["确认预算和决策链", "条"]);
    assert_eq!(wrap("确认预算和决策链条以及付款流程走多久", 16)[1], "条以及付款流程…");
}

/// Innovations, who led the way and what is proposed stand on the page, with what was said.
#[test]
fn what_works_outside_the_sop_has_its_cards() {
    let lines: Vec<String> = (0..3_000u64)
        .map(|i| {
            let dice = |salt: u64| crate::stats::rng::to_unit(crate::stats::rng::key(i, salt));
            let rep = (dice(1) * 6.0) as u64;
            let x = dice(2) < if rep == 2 { 0.7 } else { 0.15 };
            let turn = |step: &str| serde_json::json!({"speaker": "agent", "text": format!("words of {step} <b>"), "steps": [step]});
            let mut turns = vec![turn("open"), turn("need")];
            if x {
                turns.push(turn("story"));
            }
            turns.extend([turn("price"), turn("close")]);
            let line = serde_json::json!({"id": format!("c{i}"), "rep": format!("r{rep}"), "turns": turns,
                "started_at": format!("2026-{:02}-15T09:00:00Z", 1 + i * 11 / 3_000), "outcome": {"won": dice(3) < if x { 0.6 } else { 0.3 }}});
            line.to_string()
        })
        .collect();
    let corpus = Corpus::parse(lines.join("\n").as_bytes()).unwrap();
    let sop = Sop::parse(SOP).unwrap();
    for (lang, proven) in [(Lang::En, ">proven<"), (Lang::Zh, ">已证实<")] {
        let html = page(&corpus, &sop, lang);
        assert!(html.contains(proven) && html.contains("class=\"adoption\"") && html.contains("words of story &lt;b&gt;"));
    }
}

/// What is said best of each topic stands on the page, with a real piece of conversation, escaped and without personal data.
#[test]
fn what_is_said_has_its_section() {
    let lines: Vec<String> = (0..400)
        .map(|i| {
            let on = i % 10 < if i % 2 == 0 { 7 } else { 2 };
            let words = if i % 2 == 0 { "let us count it together <b>" } else { "the price is the same for all" };
            let turn = |speaker: &str, text: &str, step: &[&str]| serde_json::json!({"speaker": speaker, "text": text, "steps": step});
            let mut turns = vec![turn("agent", "hello", &["open"]), turn("agent", "what do you need", &["need"])];
            turns.extend([turn("customer", "too dear, call 13812345678", &[]), turn("agent", words, &["price"]), turn("customer", "good", &[])]);
            if on {
                turns.push(turn("agent", "let us sign", &["close"]));
            }
            let line = serde_json::json!({"id": format!("c{i}"), "rep": format!("r{}", i / 2 % 5), "turns": turns, "outcome": {"won": on}});
            line.to_string()
        })
        .collect();
    let corpus = Corpus::parse(lines.join("\n").as_bytes()).unwrap();
    let sop = Sop::parse(SOP).unwrap();
    for (lang, winner, missing) in [(Lang::En, "clear winner", "What is missing"), (Lang::Zh, "优胜明确", "覆盖情况")] {
        let html = page(&corpus, &sop, lang);
        assert!(html.contains(winner) && html.contains(missing) && html.contains("let us count it together &lt;b&gt;"));
        let talk = html.split("id=\"en-talk\"").nth(1).and_then(|rest| rest.split("</section>").next()).unwrap();
        assert!(talk.contains("too dear, call [") && !talk.contains("13812345678") && !html.contains("together <b>"));
    }
    // Without words there is no such section.
    let bare = Corpus::from_conversations([Conversation::of_steps("1", ["open", "close"])]).unwrap();
    assert!(!page(&bare, &sop, Lang::En).contains("id=\"en-talk\""));
}
