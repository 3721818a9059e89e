//! Random SOPs as Petri nets, with random paths and what they cost: one line of JSON for each net, for
//! `benches/peers/pnml.py`. Arguments: how many SOPs, how many paths of each.

use std::collections::BTreeMap;

use goldpath::corpus::Conversation;
use goldpath::simulate::{random_conversation, random_sop};
use goldpath::{Corpus, Sop};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut numbers = std::env::args().skip(1).map(|argument| argument.parse::<u64>());
    let (sops, paths) = (numbers.next().transpose()?.unwrap_or(200), numbers.next().transpose()?.unwrap_or(50));
    for seed in 0..sops {
        let sop = with_standard_costs(&random_sop(seed, 3 + seed as usize % 20))?;
        let conversation = |i: u64| Conversation { id: i.to_string(), ..random_conversation(&sop, seed * paths + i, [0.0, 0.15, 0.4, 0.8][i as usize % 4]) };
        let conversations: Vec<Conversation> = (0..paths).map(conversation).collect();
        let check = Corpus::from_conversations(conversations.clone())?.check(&sop)?;
        let mut nets: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for (case, conversation) in conversations.iter().enumerate() {
            let net = sop.to_pnml_for(|name| conversation.attributes.get(name).map(|value| value.to_string().into()))?;
            let steps: Vec<&str> = conversation.steps.iter().map(|event| event.step.as_str()).collect();
            nets.entry(net).or_default().push(json!({"steps": steps, "cost": check.cost(case)}));
        }
        for (pnml, paths) in nets {
            println!("{}", json!({"sop": seed, "pnml": pnml, "paths": paths}));
        }
    }
    Ok(())
}

/// A net can say no other costs, but that leaving a step out is free.
fn with_standard_costs(sop: &Sop) -> Result<Sop, Box<dyn std::error::Error>> {
    let mut value: Value = serde_json::from_str(&sop.to_json())?;
    for step in value["steps"].as_object_mut().into_iter().flat_map(|steps| steps.values_mut()) {
        if let Some(cost) = step.get_mut("cost") {
            *cost = json!({"skipped": u8::from(cost["skipped"] != 0)});
        }
    }
    Ok(Sop::from_value(value)?)
}
