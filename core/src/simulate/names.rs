//! Invented people, companies and contact data; numbers and addresses come from ranges set aside for examples.

use super::rng::Rng;
use super::world::Language;

const REPS_ZH: [&str; 24] = [
    "甄有礼",
    "贾知微",
    "万小样",
    "佟乐言",
    "乐之问",
    "虞多思",
    "言必行",
    "习问之",
    "路知遥",
    "苗小径",
    "金小路",
    "程试试",
    "柯样样",
    "梅假设",
    "范例子",
    "常模拟",
    "时好问",
    "温故新",
    "苏样本",
    "向前进",
    "易沟通",
    "倪好呀",
    "卞方案",
    "任回访",
];
const REPS_EN: [&str; 24] = [
    "Sam Sample",
    "Mona Mockup",
    "Tess Tester",
    "Phil Filler",
    "Dora Demo",
    "Ned Notional",
    "Polly Placeholder",
    "Max Madeup",
    "Fay Fixture",
    "Ivy Invented",
    "Stan Standin",
    "Cleo Contrived",
    "Vic Virtual",
    "Nell Namely",
    "Otto Outline",
    "Pia Pretend",
    "Rex Random",
    "Sue Synthetic",
    "Hal Hypothet",
    "Gwen Generic",
    "Dex Dummy",
    "Lia Likely",
    "Bo Basecase",
    "Zoe Zample",
];
const TEAMS_ZH: [&str; 6] = ["华东组", "华南组", "华北组", "西南组", "华中组", "东北组"];
const TEAMS_EN: [&str; 6] = ["East", "South", "North", "West", "Midlands", "Coast"];
const INDUSTRIES_ZH: [&str; 5] = ["制造", "零售", "医药", "物流", "教育"];
const INDUSTRIES_EN: [&str; 5] = ["manufacturing", "retail", "pharma", "logistics", "education"];
const CONTACTS_ZH: [&str; 12] = ["样总", "虚总", "拟经理", "设主任", "例总监", "仿经理", "构总", "想主任", "某总", "模经理", "示总监", "范主任"];
const CONTACTS_EN: [&str; 12] = [
    "Ms. Example",
    "Mr. Nemo",
    "Ms. Nowhere",
    "Mr. Template",
    "Dr. Figment",
    "Ms. Blank",
    "Mr. Draft",
    "Ms. Specimen",
    "Mr. Phantom",
    "Ms. Model",
    "Dr. Assumed",
    "Mr. Proxy",
];
const COMPANIES_ZH: [&str; 10] = ["蓝杉样例", "青禾虚构", "北斗拟设", "海豚示范", "云雀假定", "石榴演练", "白鹭模型", "麦田样张", "竹溪试写", "银杏空想"];
const COMPANIES_EN: [&str; 10] = [
    "Bluefir Example",
    "Greenfield Fiction",
    "Polestar Mock",
    "Dolphin Demo",
    "Skylark Sample",
    "Pomegranate Pretend",
    "Egret Model",
    "Wheatfield Draft",
    "Bamboo Trial",
    "Ginkgo Imaginary",
];

fn nth(list: &[&str], i: usize) -> String {
    let name = list[i % list.len()];
    if i < list.len() { name.to_owned() } else { format!("{name} {}", i / list.len() + 1) }
}

fn by<T>(language: Language, zh: T, en: T) -> T {
    match language {
        Language::Zh => zh,
        Language::En => en,
    }
}

pub(super) fn rep(language: Language, i: usize) -> String {
    nth(by(language, &REPS_ZH, &REPS_EN), i)
}

pub(super) fn team(language: Language, i: usize) -> String {
    nth(by(language, &TEAMS_ZH, &TEAMS_EN), i)
}

pub(super) fn industry(language: Language, unit: f64) -> &'static str {
    by(language, &INDUSTRIES_ZH, &INDUSTRIES_EN)[(unit * 5.0) as usize]
}

/// What fills the gaps of the phrases.
pub(super) struct Cast {
    pub(super) contact: &'static str,
    pub(super) company: &'static str,
    pub(super) phone: String,
    pub(super) email: String,
    pub(super) amount: String,
    pub(super) product: &'static str,
}

impl Cast {
    pub(super) fn draw(language: Language, price: usize, rng: &mut Rng) -> Self {
        let line = rng.below(100);
        let zh = language == Language::Zh;
        Self {
            contact: by(language, &CONTACTS_ZH, &CONTACTS_EN)[rng.below(12)],
            company: by(language, &COMPANIES_ZH, &COMPANIES_EN)[rng.below(10)],
            // 555-01xx is set aside for fiction; eight zeros belong to nobody.
            phone: if zh { ["13800000000", "13900000000", "18600000000"][line % 3].to_owned() } else { format!("202-555-01{line:02}") },
            email: format!("contact{line:02}@example.com"),
            amount: if zh { format!("{}.{}万", price / 10, price % 10) } else { format!("${},{}00", price * 2 / 10, price * 2 % 10) },
            product: by(language, "序舟", "Tidewell"),
        }
    }
}
