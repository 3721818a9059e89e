use goldpath::corpus::*;
use goldpath::*;
fn main() {
    let sop = Sop::parse("format: goldpath/1\nname: x\nsteps: [a,b,c,d,e,f]\nflow: [a,b,c,d,e,f]").unwrap();
    for p in ["a b c d e f", "a d", "a c b d e f", "a c d e f", "a b b c d e f x", "a d e", "", "x y", "a f e d c b", "a b x y c"] {
        let corpus = Corpus::from_conversations([Conversation::of_steps("c1", p.split_whitespace())]).unwrap();
        let check = corpus.check(&sop).unwrap();
        let al = check.alignment("c1").unwrap();
        println!(
            "== {p}: cost {} prefix {} stop {:?} at {:?} {:?} fit {:.3} adh {:?} conf {} {:?}",
            al.cost, al.prefix_cost, al.prefix_stop, al.stopped_at, al.status, al.fitness, al.adherence, al.conforms_so_far, al.fully_conforms
        );
        println!("   {}", al.moves.iter().map(|m| format!("{:?}:{}", m.kind, m.step)).collect::<Vec<_>>().join(" "));
        for d in &al.deviations {
            println!("   {} | {}", d.sentence_en(), d.sentence_zh());
        }
        let t = check.choices();
        for r in 0..t.len() {
            print!("   [{}#{} {} {} @{}]", t.get(r, "point"), t.get(r, "visit"), t.get(r, "chosen"), t.get(r, "step"), t.get(r, "event"));
        }
        println!();
    }
    println!("{}", Corpus::from_conversations([Conversation::of_steps("c1", ["a", "c"])]).unwrap().check(&sop).unwrap().steps().unwrap());
    // log
    let dir = std::env::args().nth(1).unwrap();
    let sop = Sop::parse(r#"
format: goldpath/1
name: process_log
steps: {open: {}, agenda: {}, rapport: {}, discover: {}, probe: {}, demo_std: {}, demo_prem: {}, pricing: {}, case_study: {}, roi: {}, objection: {}, trial_close: {}, close: {}, followup: {}, recap: {}}
flow:
  - open
  - optional: [agenda]
  - optional: [rapport]
  - discover
  - repeat: [probe, discover]
  - one_of: [[demo_std], [demo_prem]]
  - any_order: [pricing, case_study, roi]
  - optional: [objection]
  - trial_close
  - one_of: [[close], [followup]]
  - optional: [recap]
"#).unwrap();
    for f in ["H_1000", "H_10000", "E_10000", "H_100000"] {
        let text = std::fs::read_to_string(format!("{dir}/{f}.csv")).unwrap();
        let mut ev = EventTable::default();
        for line in text.lines().skip(1) {
            let mut it = line.split(',');
            ev.case.push(it.next());
            ev.step.push(it.next());
        }
        let corpus = Corpus::from_tables(ev, None, None, &ReadOptions::default()).unwrap();
        let t = std::time::Instant::now();
        let check = corpus.check(&sop).unwrap();
        let s = t.elapsed().as_secs_f64();
        let total: u64 = (0..check.len()).map(|c| u64::from(check.cost(c).unwrap())).sum();
        let t = std::time::Instant::now();
        let n = check.choices().len();
        println!(
            "{f}: mean {:.4} {:.3}s {:.0}/s; choices {n} {:.3}s; {check}",
            total as f64 / check.len() as f64,
            s,
            check.len() as f64 / s,
            t.elapsed().as_secs_f64()
        );
    }
}
