//! Talk tracks at the public face: gathered whatever the order, ranked, shown without personal data, and what goes wrong.

use goldpath::corpus::{Attribute, Conversation, OutcomeValue, Speaker, StepEvent, Turn};
use goldpath::detect::Vectors;
use goldpath::table::Cell;
use goldpath::talk::{By, Feedback, FeedbackIndicator, Record, SIMILARITY, TalkOptions, TalkTracks, UseScore, cluster, cluster_vectors, rank, reaction};
use goldpath::{Check, Corpus, Sop};

/// A stream of numbers that depends on the seed alone.
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % n as u64) as usize
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

const ZH: [&str; 6] = [
    "我先给您算一笔账，分期来做压力会小很多",
    "其他客户也这样问过，我们可以先小范围试点",
    "这个价格包含全年的售后和培训服务",
    "我帮您对比一下市面上的几家方案",
    "要不我请技术同事下周上门给您演示",
    "合同里可以写明按结果付费",
];
const EN: [&str; 6] = [
    "We can split the price into twelve monthly payments if that helps",
    "Other customers asked the same and started with a small pilot",
    "The premium plan includes support so it pays for itself",
    "Let me compare the offers on the market for you",
    "I will bring our engineer along next week to show you",
    "We can write into the contract that you pay by results",
];

/// Wordings with small edits, and which each is of.
fn edited(wordings: &[&str; 6], fillers: &[&str], tails: &[&str], seed: u64) -> (Vec<String>, Vec<u32>) {
    let mut draw = Draw(seed);
    let (mut texts, mut truth) = (Vec::new(), Vec::new());
    for (number, wording) in wordings.iter().enumerate() {
        for _ in 0..3 + draw.below(40) {
            let mut text = (*wording).to_owned();
            if draw.chance(40) {
                text = fillers[draw.below(fillers.len())].to_owned() + &text;
            }
            if draw.chance(30) {
                text = text.replace('，', ",") + tails[draw.below(tails.len())];
            }
            if draw.chance(15) {
                let cut = draw.below(text.chars().count());
                text = text.chars().enumerate().filter(|(i, _)| *i != cut).map(|(_, c)| c).collect();
            }
            texts.push(text);
            truth.push(number as u32);
        }
    }
    (texts, truth)
}

/// Adjusted Rand index. Source: L. Hubert and P. Arabie, Journal of Classification 2 (1985) 193–218.
fn rand_index(a: &[u32], b: &[u32]) -> f64 {
    let pairs = |n: f64| n * (n - 1.0) / 2.0;
    let count = |of: &dyn Fn(usize) -> (u32, u32)| {
        let mut cells = std::collections::BTreeMap::new();
        (0..a.len()).for_each(|i| *cells.entry(of(i)).or_insert(0.0) += 1.0);
        cells.into_values().map(pairs).sum::<f64>()
    };
    let (both, first, second) = (count(&|i| (a[i], b[i])), count(&|i| (a[i], 0)), count(&|i| (0, b[i])));
    let expected = first * second / pairs(a.len() as f64);
    (both - expected) / (f64::midpoint(first, second) - expected)
}

#[test]
fn planted_wordings_are_found() {
    for seed in 0..10 {
        for (texts, truth) in [
            edited(&ZH, &["嗯", "那个，", "您看，"], &["呢", "？", "好吗"], seed),
            edited(&EN, &["well, ", "so, ", "you know, "], &["?", " ok?", ", right?"], seed),
        ] {
            let found = cluster(&texts, SIMILARITY).unwrap();
            let index = rand_index(&found.of, &truth);
            assert!(index >= 0.9, "seed {seed}: {index}");
            assert_eq!(found.size.iter().sum::<u32>() as usize, texts.len());
            assert!(found.size.is_sorted_by(|a, b| a >= b));
            // The order of the texts changes nothing.
            let back: Vec<String> = texts.iter().rev().cloned().collect();
            let mut turned = cluster(&back, SIMILARITY).unwrap();
            turned.of.reverse();
            assert_eq!((turned.of, turned.size), (found.of, found.size));
        }
    }
}

#[test]
fn clusters_of_hostile_texts() {
    assert!(cluster::<&str>(&[], SIMILARITY).unwrap().of.is_empty());
    let long = "很长的话。".repeat(200_000);
    let mut texts = vec!["", "", "👍", "👍", "？", "好", "好！", &long, "Ｏｋ", "ok"];
    texts.extend(std::iter::repeat_n("一样的话", 5000));
    let found = cluster(&texts, SIMILARITY).unwrap();
    let of = |i: usize| found.of[i];
    assert_eq!((of(0), of(2), of(5), of(8)), (of(1), of(3), of(6), of(9)));
    assert_eq!((found.of[10], found.size[0]), (0, 5000));
    for wrong in [0.0, -1.0, 1.5, f64::NAN] {
        assert_eq!(cluster(&["a"], wrong).unwrap_err().code(), "argument.invalid");
    }
}

/// True paraphrases share no characters: only a host's vectors gather them.
#[test]
fn paraphrases_need_vectors() {
    let texts = ["价格可以分期", "您能按月付款", "let us meet", "shall we get together"];
    assert_eq!(cluster(&texts, SIMILARITY).unwrap().size, [1, 1, 1, 1]);
    let numbers = [1.0, 0.1, 0.0, 0.9, 0.2, 0.0, 0.0, 0.1, 1.0, 0.0, 0.0, 0.8];
    let found = cluster_vectors(Vectors::new(&numbers, 3).unwrap(), 0.9).unwrap();
    assert_eq!((found.of[0], found.of[2]), (found.of[1], found.of[3]));
    assert_eq!(found.size, [2, 2]);
    assert_eq!(cluster_vectors(Vectors::new(&[f32::NAN, 0.0], 2).unwrap(), 0.9).unwrap_err().code(), "detector.vector_not_finite");
}

/// The pick by empirical Bayes loses less than the pick by the raw share.
#[test]
fn few_uses_do_not_win_by_luck() {
    let mut draw = Draw(7);
    let (mut raw, mut ours) = (0.0, 0.0);
    let mut records = Vec::new();
    let mut rates = Vec::new();
    for group in 0..200 {
        for _ in 0..12 {
            let rate = (0..6).map(|_| draw.below(1000) as f64 / 1000.0).sum::<f64>() / 6.0 * 0.6;
            let n = if draw.chance(70) { 1 + draw.below(5) } else { 1 + draw.below(200) };
            let hits = (0..n).filter(|_| (draw.below(1_000_000) as f64) < rate * 1e6).count();
            records.push(Record { group, hits: hits as f64, n: n as f64, feedback: Feedback::default() });
            rates.push(rate);
        }
    }
    let found = rank(&records).unwrap();
    for group in 0..200 {
        let members: Vec<usize> = (0..records.len()).filter(|&i| records[i].group == group).collect();
        let best = members.iter().map(|&i| rates[i]).fold(0.0, f64::max);
        let pick = |score: &dyn Fn(usize) -> f64| members.iter().copied().max_by(|&a, &b| score(a).total_cmp(&score(b))).unwrap();
        raw += best - rates[pick(&|i| records[i].hits / records[i].n)];
        ours += best - rates[pick(&|i| -f64::from(found.tracks[i].place))];
    }
    assert!(ours < 0.7 * raw, "{ours} against {raw}");
}

/// Thousands of wordings that were said once are ranked without a hang.
#[test]
fn many_tracks() {
    let record = |i: u32| Record { group: 0, hits: f64::from(i % 2), n: 1.0 + f64::from(i % 7), feedback: Feedback::default() };
    let found = rank(&(0..3000).map(record).collect::<Vec<_>>()).unwrap();
    assert!((found.tracks.iter().map(|track| track.best).sum::<f64>() - 1.0).abs() < 1e-9);
    assert!(found.tracks.iter().all(|track| track.expected_loss >= 0.0));
}

fn call(id: usize, words: &str, on: bool) -> Conversation {
    let turn = |speaker, text: &str, step: Option<&str>| Turn { steps: step.into_iter().map(StepEvent::new).collect(), ..Turn::new(speaker, text) };
    let mut turns = vec![
        turn(Speaker::Agent, "您好", Some("open")),
        turn(Speaker::Customer, "太贵了，我手机13812345678", None),
        turn(Speaker::Agent, words, Some("price")),
        turn(Speaker::Customer, if on { "好的，可以" } else { "不需要" }, None),
    ];
    if on {
        turns.push(turn(Speaker::Agent, "签约", Some("close")));
    }
    turns.push(turn(Speaker::Customer, "发票怎么开？", None));
    Conversation { id: format!("c{id}"), rep: Some(format!("r{}", id % 5)), turns, ..Conversation::default() }
}

fn check() -> Check {
    let sop = Sop::parse("{format: goldpath/1, name: x, steps: [open, price, close], flow: [open, price, close]}").unwrap();
    let first = (0..40).map(|i| call(i, if i % 2 == 0 { ZH[0] } else { "嗯我先给您算一笔账，分期来做压力会小很多" }, i % 4 != 0));
    let second = (40..80).map(|i| call(i, ZH[2], i % 8 == 0));
    Corpus::from_conversations(first.chain(second)).unwrap().check(&sop).unwrap()
}

#[test]
fn tracks_of_a_check() {
    let options =
        TalkOptions { steps: vec!["price".into()], expert: [("price".to_owned(), vec![ZH[5].to_owned(), ZH[2].to_owned()])].into(), ..TalkOptions::default() };
    let talk = TalkTracks::of(&check(), &options).unwrap();
    let table = talk.tracks();
    assert_eq!(table.len(), 3);
    let text = |row, column: &str| table.get(row, column).to_string();
    assert!(text(0, "text").contains("分期来做"), "{table}");
    assert_eq!((text(0, "uses"), text(0, "advanced"), text(0, "reps"), text(0, "clear_winner")), ("40".into(), "30".into(), "5".into(), "false".into()));
    // Nothing is clear while a script that nobody tried may be better still; without it, it is.
    let said = TalkTracks::of(&check(), &TalkOptions { steps: vec!["price".into()], ..TalkOptions::default() }).unwrap();
    assert_eq!((said.len(), said.tracks().get(0, "clear_winner").to_string()), (2, "true".into()));
    // What an expert wrote and nobody said is expected to be like any track.
    let unsaid = (0..3).find(|&row| text(row, "uses") == "0").unwrap();
    assert_eq!((text(unsaid, "expert"), text(unsaid, "text")), ("true".into(), ZH[5].into()));
    assert!((0..3).any(|row| text(row, "uses") == "40" && text(row, "expert") == "true"));
    let track = if let Cell::Int(track) = table.get(0, "track") { track as usize } else { panic!() };
    let snippets = talk.snippets(track, 2).unwrap();
    assert_eq!(snippets.len(), 2);
    assert!(snippets[0].raised.as_ref().is_some_and(|raised| raised.contains("太贵了") && !raised.contains("13812345678")), "{:?}", snippets[0]);
    assert_eq!((snippets[0].turns, snippets[0].step.as_str()), ((2, 2), "price"));
    assert_eq!(talk.snippets(99, 1).unwrap_err().code(), "talk.unknown_track");
    // A question that is asked every time and answered by no step.
    assert_eq!((talk.emerging().len(), talk.emerging().get(0, "conversations").to_string()), (1, "80".into()));
    let coverage = TalkTracks::of(&check(), &TalkOptions::default()).unwrap().coverage();
    assert_eq!((coverage.len(), coverage.get(0, "missing").to_string(), coverage.get(1, "uses").to_string()), (4, String::new(), "80".into()));
    assert_eq!((coverage.get(3, "kind").to_string(), coverage.get(3, "missing").to_string()), ("emerging".into(), "emerging".into()));
}

#[test]
fn what_cannot_be() {
    let code = |check: &Check, options: &TalkOptions| TalkTracks::of(check, options).unwrap_err().code();
    let named = |step: &str| TalkOptions { steps: vec![step.into()], ..TalkOptions::default() };
    assert_eq!(code(&check(), &named("nowhere")), "talk.unknown_step");
    assert_eq!(code(&check(), &TalkOptions { similarity: 2.0, ..TalkOptions::default() }), "argument.invalid");
    let sop = Sop::parse("{format: goldpath/1, name: x, steps: [open], flow: [open]}").unwrap();
    let bare = Corpus::from_conversations([Conversation::of_steps("c1", ["open"])]).unwrap().check(&sop).unwrap();
    assert_eq!(code(&bare, &TalkOptions::default()), "talk.no_turns");
}

#[test]
fn reactions() {
    for (text, positive, negative, asks) in [
        ("好的可以", true, false, false),
        ("不可以，太贵", false, true, false),
        ("that's not interested at all", false, true, false),
        ("Sounds good, when?", true, false, true),
        ("", false, false, false),
    ] {
        let found = reaction(Some(text));
        assert_eq!((found.positive, found.negative, found.asks, found.leaves), (positive, negative, asks, false), "{text}");
    }
    assert_eq!((reaction(None).score(), reaction(Some("嗯")).score(), reaction(Some("好的")).score()), (0.0, 0.5, 1.0));
}

/// A rep who closes well says A; everyone else who says A or B goes on alike: who says it is not what it does.
#[test]
fn a_wording_is_not_credited_with_who_says_it() {
    let mut draw = Draw(3);
    let turn = |speaker, text: &str, step: Option<&str>| Turn { steps: step.into_iter().map(StepEvent::new).collect(), ..Turn::new(speaker, text) };
    let mut world = |effect: usize| {
        let calls: Vec<Conversation> = (0..4_000)
            .map(|i| {
                let rep = draw.below(10);
                let (likes, base) = if rep < 3 { (85, 60) } else { (15, 25) };
                let words = draw.chance(likes);
                let on = draw.chance(base + if words { effect } else { 0 });
                let mut turns = vec![turn(Speaker::Agent, "您好", Some("open")), turn(Speaker::Agent, if words { ZH[0] } else { ZH[2] }, Some("price"))];
                if on {
                    turns.push(turn(Speaker::Agent, "签约", Some("close")));
                }
                Conversation {
                    id: format!("c{i}"),
                    rep: Some(format!("r{rep}")),
                    turns,
                    outcome: [("won".to_owned(), Some(OutcomeValue::Bool(on)))].into(),
                    ..Conversation::default()
                }
            })
            .collect();
        let sop = Sop::parse("{format: goldpath/1, name: x, steps: {open: {}, price: {title: 报价}, close: {}}, flow: [open, price, close]}").unwrap();
        let check = Corpus::from_conversations(calls).unwrap().check(&sop).unwrap();
        TalkTracks::of(&check, &TalkOptions { steps: vec!["price".into()], ..TalkOptions::default() }).unwrap()
    };
    let number = |cell: Cell<'_>| if let Cell::Float(x) = cell { x } else { panic!("{cell:?}") };
    let (null, planted) = (world(0), world(12));
    for (talk, effect) in [(&null, 0.0), (&planted, 0.12)] {
        let table = talk.tracks();
        let row = |words: &str| (0..2).find(|&row| table.get(row, "text").to_string().starts_with(words)).unwrap();
        let (a, b) = (row(&ZH[0][..12]), row(&ZH[2][..12]));
        let difference = |column: &str| number(table.get(a, column)) - number(table.get(b, column));
        // As it stands A is far ahead; like with like it is by what was planted.
        assert!(difference("raw_rate") > effect + 0.15, "{table}");
        assert!((difference("advance_rate") - effect).abs() < 0.06, "{table}");
        assert_eq!(table.get(a, "adjusted").to_string(), "true");
        assert_eq!(table.get(a, "clear_winner").to_string(), (effect > 0.0).to_string());
        let finding =
            talk.findings().iter().find(|f| f.outcome == "advanced" && f.what.wording.as_deref().is_some_and(|w| w.starts_with(&ZH[0][..12]))).unwrap();
        let within = finding.interval().unwrap();
        assert!(within.low < effect && effect < within.high, "{within:?}");
        assert_eq!((finding.kind(), finding.verdict.name() == "helps"), ("wording", effect > 0.0));
        assert!(talk.findings().iter().any(|f| f.outcome == "won"));
    }
    let said = planted.findings().iter().find(|f| f.outcome == "advanced" && f.verdict.name() == "helps").unwrap();
    let (en, zh) = (said.sentence(goldpath::Lang::En), said.sentence(goldpath::Lang::Zh));
    assert!(en.contains("comparable cases with “报价”, those who said “我先给您算一笔账") && en.contains("went on"), "{en}");
    assert!(zh.contains("在有“报价”的") && zh.contains("推进到下一步的占比"), "{zh}");
}

/// Objections are topics, with the agent's answers as tracks; what is looked up is found by the customer's words.
fn objections(n: usize, seed: u64) -> Vec<Conversation> {
    let mut draw = Draw(seed);
    let turn = |speaker, text: &str, step: Option<&str>| Turn { steps: step.into_iter().map(StepEvent::new).collect(), ..Turn::new(speaker, text) };
    (0..n)
        .map(|i| {
            let (price, word) = (draw.chance(50), draw.below(3));
            let words = draw.below(2);
            let answer = if price { ZH[words] } else { ZH[2 + words] };
            let raised = if price {
                ["太贵了", "价格有点高，太贵", "贵了点吧"][word]
            } else {
                ["我们已经有供应商了", "现在用着别家的", "有合作的供应商"][word]
            };
            let on = draw.chance(if words == 0 { 70 } else { 35 });
            let mut turns = vec![
                turn(Speaker::Agent, "您好", Some("open")),
                turn(Speaker::Customer, raised, Some(if price { "too_dear" } else { "has_one" })),
                turn(Speaker::Agent, answer, None),
                turn(Speaker::Customer, if on { "好的，可以" } else { "不需要" }, None),
            ];
            if on {
                turns.push(turn(Speaker::Agent, "下周演示", Some("demo")));
            }
            turns.push(turn(Speaker::Customer, "发票怎么开？", None));
            turns.push(turn(Speaker::Agent, "发票一周内寄出", None));
            let day = 86_400_000 * (20_000 + i as i64 % 200);
            Conversation {
                id: format!("{seed}-{i}"),
                rep: Some(format!("r{}", draw.below(6))),
                team: Some(format!("t{}", draw.below(2))),
                started_at: jiff::Timestamp::from_millisecond(day).ok(),
                turns,
                outcome: [("won".to_owned(), if draw.chance(90) { Some(OutcomeValue::Bool(on)) } else { None })].into(),
                attributes: (0..draw.below(10).min(1)).map(|_| ("segment".to_owned(), Attribute::Text(["smb", "big"][draw.below(2)].into()))).collect(),
                ..Conversation::default()
            }
        })
        .collect()
}

fn objection_sop() -> Sop {
    Sop::parse("{format: goldpath/1, name: o, steps: {open: {}, too_dear: {by: customer, title: 嫌贵, unplanned: true}, has_one: {by: customer, title: 已有供应商, unplanned: true}, demo: {title: 演示}}, flow: [open, demo]}").unwrap()
}

#[test]
fn knowledge_points_are_looked_up() {
    let check = Corpus::from_conversations(objections(600, 1)).unwrap().check(objection_sop()).unwrap();
    let talk = TalkTracks::of(&check, &TalkOptions { adjust_for: vec!["segment".into()], ..TalkOptions::default() }).unwrap();
    for (words, topic, answer) in
        [("你们这个太贵了吧", "too_dear", ZH[0]), ("我们有供应商的", "has_one", ZH[2]), ("嫌贵", "too_dear", ZH[0]), ("too_dear", "too_dear", ZH[0])]
    {
        let found = talk.look_up(words, 3);
        assert_eq!((found[0].topic.as_str(), found[0].tracks[0].text.as_str()), (topic, answer), "{words}");
        assert!(found[0].tracks[0].adjusted && found[0].tracks[0].clear_winner && found[0].score > 0.0 && found[0].score <= 1.0);
        assert_eq!((found[0].next[0].step.as_str(), found[0].next[0].title.as_str()), ("demo", "演示"));
    }
    // What no step answers is a topic too, with what is said to it.
    assert_eq!((talk.look_up("发票怎么开", 1)[0].kind, talk.look_up("发票怎么开", 1)[0].tracks[0].text.as_str()), ("emerging", "发票一周内寄出"));
    assert!(talk.look_up("", 3).is_empty() && talk.look_up("xyzzy", 3).is_empty() && talk.look_up("太贵", 0).is_empty());
    assert!(talk.look_up(&"很长的话".repeat(100_000), 3).len() <= 3);
    let points = talk.knowledge_points();
    let row = (0..points.len()).find(|&row| points.get(row, "topic").to_string() == "too_dear").unwrap();
    assert_eq!(
        (points.get(row, "kind").to_string(), points.get(row, "next_step").to_string(), points.get(row, "missing").to_string()),
        ("customer".into(), "demo".into(), String::new())
    );
    let teams = talk.by(By::Team).unwrap();
    let uses: i64 = (0..teams.len()).map(|row| if let Cell::Int(n) = teams.get(row, "uses") { n } else { 0 }).sum();
    assert_eq!(uses as usize, (0..talk.tracks().len()).map(|row| talk.tracks().get(row, "uses").to_string().parse::<usize>().unwrap()).sum::<usize>());
    assert!(talk.by(By::Rep).unwrap().len() > teams.len());
}

/// Added in parts, in any order, or read back: the same bytes, tables and findings.
#[test]
fn parts_are_the_whole() {
    let all = objections(240, 2);
    let sop = objection_sop();
    let check = |part: &[Conversation]| Corpus::from_conversations(part.to_vec()).unwrap().check(&sop).unwrap();
    let options =
        TalkOptions { adjust_for: vec!["segment".into()], feedback: vec![FeedbackIndicator::Words, FeedbackIndicator::TalksMore], ..TalkOptions::default() };
    let whole = TalkTracks::of(&check(&all), &options).unwrap();
    let same = |other: &TalkTracks| {
        assert_eq!(whole.to_bytes(), other.to_bytes());
        for (a, b) in [
            (whole.tracks(), other.tracks()),
            (whole.coverage(), other.coverage()),
            (whole.knowledge_points(), other.knowledge_points()),
            (whole.findings_table(), other.findings_table()),
        ] {
            assert_eq!(a, b);
        }
        assert_eq!(whole.look_up("太贵", 3), other.look_up("太贵", 3));
    };
    let mut draw = Draw(11);
    for round in 0..4 {
        let parts = 2 + draw.below(3);
        let mut split: Vec<Vec<Conversation>> = vec![Vec::new(); parts];
        for conversation in &all {
            split[draw.below(parts)].push(conversation.clone());
        }
        if round % 2 == 0 {
            split.reverse();
        }
        let mut talk = TalkTracks::of(&check(&split[0]), &options).unwrap();
        for part in &split[1..] {
            talk.append(&check(part), &[]).unwrap();
        }
        same(&talk);
    }
    // A part of which nothing is known beforehand.
    let (bare, known): (Vec<Conversation>, Vec<Conversation>) = all.iter().cloned().partition(|c| c.attributes.is_empty());
    let mut talk = TalkTracks::of(&check(&known), &options).unwrap();
    talk.append(&check(&bare), &[]).unwrap();
    same(&talk);
    same(&TalkTracks::from_bytes(&whole.to_bytes()).unwrap());
    let mut again = whole.clone();
    assert_eq!(again.append(&check(&all[..1]), &[]).unwrap_err().code(), "talk.known_conversation");
    let other = Sop::parse("{format: goldpath/1, name: x, steps: [open], flow: [open]}").unwrap();
    let foreign = Corpus::from_conversations(objections(3, 9)).unwrap().check(&other).unwrap();
    assert_eq!(again.append(&foreign, &[]).unwrap_err().code(), "talk.other_sop");
    same(&again);
    for broken in [&b""[..], b"{}", b"[1]", &whole.to_bytes()[..500]] {
        assert_eq!(TalkTracks::from_bytes(broken).unwrap_err().code(), "talk.file");
    }
}

/// The host's own criterion, and what is taken for feedback.
#[test]
fn the_hosts_criterion_and_feedback() {
    let all = objections(300, 4);
    let check = Corpus::from_conversations(all.clone()).unwrap().check(objection_sop()).unwrap();
    let steps = vec!["too_dear".to_owned()];
    let first = |options: &TalkOptions| TalkTracks::of(&check, options).unwrap().tracks().get(0, "text").to_string();
    let base = TalkOptions { steps, ..TalkOptions::default() };
    assert_eq!(first(&base), ZH[0]);
    // A host that likes the other answer better.
    let scores: Vec<UseScore> = all
        .iter()
        .filter(|c| c.turns[1].steps[0].step == "too_dear")
        .map(|c| UseScore { conversation: c.id.clone(), turn: Some(2), score: if c.turns[2].text == ZH[1] { 0.9 } else { 0.3 } })
        .collect();
    let scored = TalkOptions { criterion: "score".into(), scores, ..base.clone() };
    assert_eq!(first(&scored), ZH[1]);
    assert_eq!(first(&TalkOptions { criterion: "won".into(), ..base.clone() }), ZH[0]);
    let code = |options: TalkOptions| TalkTracks::of(&check, &options).unwrap_err().code();
    assert_eq!(code(TalkOptions { criterion: "score".into(), ..base.clone() }), "argument.invalid");
    assert_eq!(code(TalkOptions { criterion: "nothing".into(), ..base.clone() }), "argument.invalid");
    let one = |conversation: &str, score| TalkOptions { scores: vec![UseScore { conversation: conversation.into(), turn: None, score }], ..base.clone() };
    assert_eq!((code(one("nobody", 0.5)), code(one("4-0", 1.5)), code(one("4-0", f64::NAN))), ("argument.invalid", "argument.invalid", "argument.invalid"));
    for (indicator, better) in [("words", true), ("objects_again", true), ("leaves", false), ("asks", false), ("talks_more", true)] {
        let options = TalkOptions { feedback: vec![indicator.parse().unwrap()], ..base.clone() };
        let table = TalkTracks::of(&check, &options).unwrap().tracks();
        let of = |row| if let Cell::Float(x) = table.get(row, "feedback") { x } else { f64::NAN };
        assert_eq!(of(0) > of(1) + 0.05, better, "{indicator} {table}");
    }
    assert_eq!("x".parse::<FeedbackIndicator>().unwrap_err().code(), "argument.invalid");
}

/// What is missing of each topic.
#[test]
fn reasons_of_coverage() {
    let turn = |speaker, text: &str, step: Option<&str>| Turn { steps: step.into_iter().map(StepEvent::new).collect(), ..Turn::new(speaker, text) };
    let calls = (0..300).map(|i| {
        let mut turns = vec![turn(Speaker::Agent, "早上好", Some("open"))];
        if i < 20 {
            turns.push(turn(Speaker::Agent, "我们有一个旧活动", Some("old")));
        }
        turns.push(turn(Speaker::Agent, "我问一下您的预算", Some("bad")));
        if i % 10 == 0 {
            turns.push(turn(Speaker::Agent, "那我们签合同吧", Some("close")));
        }
        Conversation {
            id: format!("c{i:03}"),
            rep: Some(format!("r{}", i % 4)),
            started_at: jiff::Timestamp::from_millisecond(86_400_000 * (20_000 + i)).ok(),
            turns,
            ..Conversation::default()
        }
    });
    let sop =
        Sop::parse("{format: goldpath/1, name: x, steps: [open, old, bad, close, never], flow: [open, {optional: [old]}, bad, close, {optional: [never]}]}")
            .unwrap();
    let talk = TalkTracks::of(&Corpus::from_conversations(calls).unwrap().check(&sop).unwrap(), &TalkOptions::default()).unwrap();
    let coverage = talk.coverage();
    let missing: Vec<(String, String)> =
        (0..coverage.len()).map(|row| (coverage.get(row, "step").to_string(), coverage.get(row, "missing").to_string())).collect();
    let of = |step: &str| missing.iter().find(|(s, _)| s == step).map(|(_, m)| m.as_str()).unwrap();
    assert_eq!((of("open"), of("old"), of("bad"), of("never")), ("", "old", "no_good", "none"), "{coverage}");
}
