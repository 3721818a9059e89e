//! For all pairs of SOPs the patch between them leads from the one to the other, read from its file as well.

use goldpath::simulate::random_sop;
use goldpath::sop::{Around, At, Block, Edit, Flow, Patch, Where};
use goldpath::{Lang, Sop};
use proptest::prelude::*;

fn holds(a: &Sop, b: &Sop) {
    let diff = a.diff(b);
    let made = a.apply(diff.patch()).unwrap_or_else(|error| panic!("{error}\n{}\n{}\n{}", diff.patch().to_yaml(), a.to_yaml(), b.to_yaml()));
    assert!(made == *b, "{}\n{}\n{}", diff.patch().to_yaml(), a.to_yaml(), b.to_yaml());
    assert_eq!(made.hash(), b.hash());
    assert_eq!(diff.is_empty(), a == b);
    let read = Patch::parse(&diff.patch().to_yaml()).unwrap_or_else(|error| panic!("{error}\n{}", diff.patch().to_yaml()));
    assert_eq!(read, *diff.patch());
    let value = serde_json::to_value(diff.patch()).expect("a patch is JSON");
    assert_eq!(serde_json::from_value::<Patch>(value).expect("a patch reads its own JSON"), *diff.patch());
    assert_eq!(diff.changes().len(), diff.patch().edits().len());
    for lang in [Lang::En, Lang::Zh] {
        assert!(diff.sentences(lang).iter().all(|sentence| sentence.chars().count() > 4));
    }
    let (before, after) = diff.marks();
    assert_eq!((before.len(), after.len()), (a.diff(a).marks().0.len(), b.diff(b).marks().0.len()));
}

/// An SOP after some random edits, as far as they fit: what two versions of one SOP look like.
fn edited(sop: &Sop, seed: u64, edits: usize) -> Sop {
    let mut now = sop.clone();
    let mut state = seed | 1;
    let mut next = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n.max(1)
    };
    for i in 0..edits {
        let places: Vec<String> = places(&now);
        let steps: Vec<String> = now.steps().keys().cloned().collect();
        let mut at = || if places.is_empty() { At::Step(steps[next(steps.len())].clone()) } else { At::place(places[next(places.len())].clone()) };
        let (first, second) = (at(), at());
        let id = steps[next(steps.len())].clone();
        let patch = match next(14) {
            0 => Patch::new().drop(first),
            1 => Patch::new().insert_after(format!("new{i}"), goldpath::sop::Step::titled("新的一步"), first),
            2 => Patch::new().move_after(first, second),
            3 => Patch::new().with(Edit::Move { from: first, to: Where::Before(second) }),
            4 => Patch::new().make_optional(first),
            5 => Patch::new().wrap(first, Around::AnyOrder),
            6 => Patch::new().unwrap_block(first),
            7 => Patch::new().place_before(id, second),
            8 => Patch::new().prefer_branch(first),
            9 => Patch::new().only_branch(first),
            10 => Patch::new().set_guidance(id, format!("guide {i}")),
            11 => Patch::new().wrap(first, Around::Repeat { at_least: 0, at_most: Some(2) }),
            12 => Patch::new().replace(first, Block::Sequence(vec![id.as_str().into()])),
            _ => Patch::new().with(Edit::ReorderStep { reorder_step: id, before: None }),
        };
        if let Ok(made) = now.apply(&patch) {
            now = made;
        }
    }
    now
}

/// All places of parts of a flow of blocks.
fn places(sop: &Sop) -> Vec<String> {
    fn walk(list: &str, blocks: &[Block], found: &mut Vec<String>) {
        for (i, block) in blocks.iter().enumerate() {
            let place = format!("{list}[{i}]");
            let inner = match block {
                Block::Step(_) | Block::Sequence(_) => place.clone(),
                Block::AnyOrder { .. } => format!("{place}.any_order"),
                Block::Optional { .. } => format!("{place}.optional"),
                Block::OneOf { .. } => format!("{place}.one_of"),
                Block::Repeat { .. } => format!("{place}.repeat"),
                Block::When { .. } => format!("{place}.then"),
            };
            found.push(place);
            walk(&inner, block.members(), found);
        }
    }
    let mut found = Vec::new();
    if let Flow::Flow(blocks) = sop.flow() {
        walk("flow", blocks, &mut found);
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_patch_leads_from_any_sop_to_any_other(a in any::<u64>(), b in any::<u64>(), size_a in 1usize..40, size_b in 1usize..40) {
        holds(&random_sop(a, size_a), &random_sop(b, size_b));
    }

    #[test]
    fn a_patch_leads_from_version_to_version(a in any::<u64>(), b in any::<u64>(), size in 1usize..60, edits in 0usize..12) {
        let first = random_sop(a, size);
        let second = edited(&first, b, edits);
        holds(&first, &second);
        holds(&second, &first);
    }
}

#[test]
fn equal_sops_have_no_diff() {
    for seed in 0..200 {
        let sop = random_sop(seed, 30);
        assert!(sop.diff(&sop).is_empty());
    }
}
