//! Personal data against the list of cases in `tests/cases/redaction.txt`: what is found and what is left.

use goldpath::text::{Personal, personal, redact};

const NAMES: [&str; 3] = ["王小明", "欧阳娜娜", "Ann Lee"];

fn kind(letter: &str) -> Personal {
    match letter {
        "m" => Personal::Mobile,
        "p" => Personal::Phone,
        "i" => Personal::IdNumber,
        "b" => Personal::BankCard,
        "e" => Personal::Email,
        "a" => Personal::Account,
        "n" => Personal::Name,
        other => panic!("{other}"),
    }
}

#[test]
fn precision_and_recall() {
    let names: Vec<String> = NAMES.map(String::from).to_vec();
    let (mut cases, mut right, mut missed, mut wrong) = (0, 0, Vec::new(), Vec::new());
    for line in include_str!("../cases/redaction.txt").lines().filter(|line| !line.starts_with('#')) {
        cases += 1;
        let (mut text, mut expected) = (String::new(), Vec::new());
        for (i, part) in line.split(['⟦', '⟧']).enumerate() {
            if i % 2 == 0 {
                text.push_str(part);
            } else {
                let (letter, span) = part.split_once(':').unwrap();
                expected.push((text.len()..text.len() + span.len(), kind(letter)));
                text.push_str(span);
            }
        }
        let found = personal(&text, &names);
        right += expected.iter().filter(|one| found.contains(one)).count();
        missed.extend(expected.iter().filter(|one| !found.contains(one)).map(|one| format!("{:?} {} in {line}", one.1, &text[one.0.clone()])));
        wrong.extend(found.iter().filter(|one| !expected.contains(one)).map(|one| format!("{:?} {} in {line}", one.1, &text[one.0.clone()])));
        assert_eq!(redact(&text, &names) == text, found.is_empty());
    }
    let (precision, recall) = (right as f64 / (right + wrong.len()) as f64, right as f64 / (right + missed.len()) as f64);
    println!("{cases} cases, {right} spans right: precision {precision:.4}, recall {recall:.4}");
    println!("missed:\n  {}\nwrong:\n  {}", missed.join("\n  "), wrong.join("\n  "));
    assert!(cases >= 300 && precision > 0.98 && recall > 0.98);
}

#[test]
fn text_of_any_kind_is_taken() {
    let names = vec![String::new(), " ".into(), "a".into(), "😀😀".into()];
    for text in [
        "",
        "@",
        "@@@",
        "+",
        "(",
        "1",
        "微信",
        "微信号：",
        "QQ:",
        "。".repeat(3).as_str(),
        "😀😀 13800138000",
        "\u{200b}",
        "x@y",
        "a@b.c",
        "1".repeat(100_000).as_str(),
    ] {
        let done = redact(text, &names);
        assert!(!done.contains("13800138000"));
    }
    assert_eq!(redact("😀😀 138\u{200b}0013\u{200b}8000", &names), "[name] [mobile number]");
    // A label brings the words before it nearer to what comes next.
    assert_eq!(redact("身份证 11010519491231001X 以及 11010519491231001X", &[]), "身份证 [证件号] 以及 [证件号]");
    // What is taken out stays out: a second time changes nothing.
    for line in include_str!("../cases/redaction.txt").lines() {
        let once = redact(&line.replace(['⟦', '⟧'], " "), &[]);
        assert_eq!(redact(&once, &[]), once);
    }
}
