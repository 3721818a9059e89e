//! Reading fragments and rules: every fault with its place and how to mend it.

use indexmap::IndexMap;

use super::fragment::{Fragment, FragmentStep};
use super::rules::{Placement, Rules, Target};
use crate::error::Fault;
use crate::sop::read::Draft;
use crate::sop::validate::validate;
use crate::sop::{Block, Flow, Raw, Reader, Value, join};

pub(super) fn fragment(root: &Raw) -> Result<Fragment, Vec<Fault>> {
    const KEYS: [&str; 7] = ["format", "fragment", "name", "about", "stages", "steps", "flow"];
    let mut reader = Reader::default();
    let (mut format, mut name, mut flow) = (None, None, None);
    let mut made = Fragment {
        format: "goldpath/1",
        fragment: String::new(),
        name: String::new(),
        about: None,
        stages: Vec::new(),
        steps: IndexMap::new(),
        flow: Vec::new(),
    };
    for (key, raw) in reader.map("", root, "a map with format, fragment and steps") {
        match key.as_str() {
            "format" => format = reader.text("format", raw),
            "fragment" => made.fragment = reader.text("fragment", raw).unwrap_or_default(),
            "name" => name = reader.text("name", raw),
            "about" => made.about = reader.optional_text("about", raw),
            "stages" => made.stages = reader.names("stages", raw),
            "steps" => made.steps = steps(&mut reader, raw),
            "flow" => flow = Some(reader.blocks("flow", raw)),
            _ => reader.unknown_key("", &key, &KEYS),
        }
    }
    reader.check_format(format.as_deref());
    if (made.fragment.trim().is_empty() || made.fragment.contains('.')) && !reader.blamed("fragment") {
        reader.fault("fragment", "fragment.id", "the fragment needs an id without a dot", "such as `fragment: spin`");
    }
    if made.steps.is_empty() && !reader.blamed("steps") {
        reader.fault("steps", "sop.missing", "the fragment has no steps", "name at least one");
    }
    made.name = name.unwrap_or_else(|| made.fragment.clone());
    made.flow = flow.unwrap_or_else(|| made.steps.keys().map(|id| Block::Step(id.clone())).collect());
    if reader.faults.is_empty() {
        let steps = made.steps.iter().map(|(id, step)| (id.clone(), step.step.clone())).collect();
        let draft = Draft { name: made.name.clone(), steps, body: Some(Flow::Flow(made.flow.clone())), ..Draft::default() };
        validate(&draft, &mut reader);
    }
    if reader.faults.is_empty() { Ok(made) } else { Err(reader.into_faults()) }
}

fn steps(reader: &mut Reader, raw: &Raw) -> IndexMap<String, FragmentStep> {
    const OWN: [&str; 4] = ["needs", "gives", "same_as", "never_with"];
    let mut steps = IndexMap::new();
    for (id, raw) in reader.map("steps", raw, "a map from step id to step") {
        let place = join("steps", &id);
        let mut made = FragmentStep::default();
        let Value::Map(entries) = &raw.value else {
            made.step = reader.step(&place, raw);
            steps.insert(id, made);
            continue;
        };
        let own = |key: &Raw| key.scalar().is_some_and(|key| OWN.contains(&key.as_str()));
        let (mine, others): (Vec<_>, Vec<_>) = entries.iter().cloned().partition(|(key, _)| own(key));
        made.step = reader.step(&place, &Raw { value: Value::Map(others), ..*raw });
        let mine = Raw { value: Value::Map(mine), ..*raw };
        for (key, raw) in reader.map(&place, &mine, "a map") {
            let at = join(&place, &key);
            let list = if let Value::List(_) = raw.value { reader.names(&at, raw) } else { reader.text(&at, raw).into_iter().collect() };
            match key.as_str() {
                "needs" => made.needs = list,
                "gives" => made.gives = list,
                "same_as" => made.same_as = list,
                _ => made.never_with = list,
            }
        }
        steps.insert(id, made);
    }
    steps
}

pub(super) fn rules(root: &Raw) -> Result<Rules, Vec<Fault>> {
    const KEYS: [&str; 6] = ["format", "same", "place", "stages", "given", "drop"];
    let mut reader = Reader::default();
    let (mut format, mut rules) = (None, Rules::default());
    for (key, raw) in reader.map("", root, "a map with format, same and place") {
        match key.as_str() {
            "format" => format = reader.text("format", raw),
            "same" => {
                for (step, raw) in reader.map("same", raw, "a map from step to step") {
                    if let Some(other) = reader.text(&join("same", &step), raw) {
                        rules.same.insert(step, other);
                    }
                }
            }
            "place" => {
                for (i, item) in reader.list("place", raw, "a list such as [{put: bant, after: spin.problem}]").iter().enumerate() {
                    let place = format!("place[{i}]");
                    reader.note(&place, item);
                    rules.place.extend(placement(&mut reader, &place, item));
                }
            }
            "stages" => rules.stages = reader.names("stages", raw),
            "given" => rules.given = reader.names("given", raw),
            "drop" => rules.drop = reader.names("drop", raw),
            _ => reader.unknown_key("", &key, &KEYS),
        }
    }
    reader.check_format(format.as_deref());
    if reader.faults.is_empty() { Ok(rules) } else { Err(reader.into_faults()) }
}

fn placement(reader: &mut Reader, place: &str, raw: &Raw) -> Option<Placement> {
    let (mut put, mut targets) = (None, Vec::new());
    for (key, raw) in reader.map(place, raw, "a map with put, and before, after or inside") {
        let text = |reader: &mut Reader| reader.text(&join(place, &key), raw);
        match key.as_str() {
            "put" => put = text(reader),
            "before" => targets.extend(text(reader).map(Target::Before)),
            "after" => targets.extend(text(reader).map(Target::After)),
            "inside" => targets.extend(text(reader).map(Target::Inside)),
            _ => reader.unknown_key(place, &key, &["put", "before", "after", "inside"]),
        }
    }
    match (put, <[Target; 1]>::try_from(targets)) {
        (Some(put), Ok([target])) => Some(Placement { put, target }),
        _ => {
            if matches!(raw.value, Value::Map(_)) {
                reader.fault(place, "sop.missing", "what is put where is not said", "`put`, and one of `before`, `after`, `inside`");
            }
            None
        }
    }
}
