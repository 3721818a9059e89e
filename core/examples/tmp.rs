use goldpath::*;
fn main(){
  let sop = Sop::parse(r#"
format: goldpath/1
name: 企业软件跟进
version: 3
steps:
  opening:   {title: 开场, stage: 初次接触}
  need:      {title: 需求挖掘, standards: [{questions: {at_least: 3}}, {agent_talk_share: {at_most: 0.6}}]}
  budget: {cost: {skipped: 2}}
  objection: {by: customer}
  a:
  b:
  answer: {}
  sec: {}
  close: {}
  small: {}
flow:
  - opening
  - any_order: [need, budget]
  - optional: [a]
  - one_of: [[a], [b, a]]
  - repeat: [objection, answer]
    at_most: 3
  - when: {segment: enterprise}
    then: [sec]
  - close
anytime: [small]
accepted:
  - {skip: budget, when: {segment: smb}, reason: 标准价, until: 2027-01-01}
"#).unwrap_or_else(|e| panic!("{e}"));
  println!("{sop}\n{}", sop.to_yaml());
  assert_eq!(Sop::parse(&sop.to_yaml()).unwrap(), sop);
  assert_eq!(Sop::parse(&sop.to_json()).unwrap(), sop);
  assert_eq!(Sop::from_value(serde_json::from_str(&sop.to_json()).unwrap()).unwrap(), sop);
  println!("{}", sop.to_mermaid());
  println!("{}", Sop::parse("{\n\t\"format\": \"goldpath/1\",\n\t\"name\": \"x\", \"steps\": {\"a\": {}},\n\t\"flow\": [\"a\"]}").unwrap());
  for bad in ["format: goldpath/1\nname: x\nsteps: {a: {}, b: {}, a: {}}\nflow: [a, {one_of: []}, zz, {repat: [b]}, {repeat: [a], at_least: 3, at_most: 2}]\nanytime: [a]\ngraf: 1", "a: [", "[", "", "x: &a [*a, *a]",
   "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f]",
   &"[".repeat(10000), &"{a: ".repeat(10000), &"- ".repeat(10000), &format!("format: goldpath/1\nname: x\nsteps: [a]\nflow: {}a{}", "[".repeat(75), "]".repeat(75)),
   &format!("format: goldpath/1\nname: x\nsteps: [{}]\nflow: [any_order: [{}]]", (0..30).map(|i|format!("s{i}")).collect::<Vec<_>>().join(","), (0..30).map(|i|format!("s{i}")).collect::<Vec<_>>().join(",")),
   "format: goldpath/1\nname: x\nsteps: [a,b,c,d]\ngraph: {start: a, end: c, edges: [[a,b],[d,c]]}"] {
    let e = Sop::parse(bad).unwrap_err(); println!("--- {}\n{e}", e.code());
  }
}
