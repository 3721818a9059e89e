"""STAR, a real data set, against its 24 preset flows: 4,671 task dialogues by 115 agents.

    GOLDPATH_DATA=folder python docs/examples/star.py [report.html]

The folder holds `data/star_single.jsonl.gz` and `data/star.flow.json` (STAR, MIT licence). The flows are next-action maps
in which some nodes are no acts but conditions (`yes`, `unavailable`, `query_success`, …). An SOP knows acts only, so the
conversion follows these rules:

1. Nodes are the acts of the task that stand in its graph. Edges from act to act are kept.
2. A condition is contracted: it says what the customer or the data base answered, after an act that leads to no other act.
   So each act without an edge onward may be followed by the target of any condition of the task.
3. Acts of the task that are off the graph are allowed anywhere, as are `anything_else`, free text and custom answers.
4. Every dialogue may begin with `hello` or without it: leaving it out costs nothing.
5. A flow ends with `goodbye_1`, which may be left out or said earlier for nothing. The last act before it is any act that
   leads to no other act, but for queries: somebody has to tell the customer what the query gave.
6. Acts that can then not be reached from `hello` are allowed anywhere.
7. Of an agent's turn each label is a step, in its order. `query` alone means the query of the task's graph: `query_check`
   where there is one, else `query_book`. Labels of the system are no steps.
8. Which flow a dialogue is held against is the field `sop`; the outcome is `task_success`, open where nobody asked.
"""

import gzip
import json
import os
import sys
from pathlib import Path

import goldpath as gp

CONDITIONS = {
    "available", "correct", "done", "incorrect", "info_missing", "info_missing2",
    "no", "noanswer", "query_failure", "query_success", "unavailable", "yes",
}
ALWAYS = ["anything_else", "goodbye_2", "@free_text", "custom"]
START, END = "hello", "goodbye_1"


def sop_of(task: str, flow: dict) -> gp.Sop:
    """One task of STAR as an SOP."""
    titles = {node["id"]: node["template"] for node in flow["nodes"]}
    acts = {a for a in titles if a not in CONDITIONS and a not in ALWAYS}
    edges = [(a, b) for a, b in flow["edges"] if a in acts and b in acts and b != END]
    onward = {a for a, _ in edges}
    answers = sorted({b for a, b in flow["edges"] if a in CONDITIONS and b in acts})
    placed = {START} | onward | {b for _, b in edges} | set(answers)
    last = sorted(placed - onward - {START, END})
    edges += [(a, b) for a in last for b in answers if a != b]
    edges += [(a, END) for a in last if not a.startswith("query")]
    edges = list(dict.fromkeys(edges))
    ahead, behind = reach(START, edges), reach(END, [(b, a) for a, b in edges])
    edges = [(a, b) for a, b in edges if {a, b} <= ahead & behind]
    planned = {START, END} | {a for edge in edges for a in edge}
    anytime = sorted((acts | set(ALWAYS)) - planned)
    free = {START: {"skipped": 0}, END: {"skipped": 0, "extra": 0}}
    steps = {}
    for act in [a for a in titles if a in planned] + [a for a in (START, END) if a not in titles] + anytime:
        steps[act] = {"title": titles.get(act, act)}
        if act in free:
            steps[act]["cost"] = free[act]
    graph = {"start": START, "end": END, "edges": [list(edge) for edge in edges]}
    return gp.Sop.from_dict({"format": "goldpath/1", "name": task, "steps": steps, "graph": graph, "anytime": anytime})


def reach(start: str, edges: list) -> set:
    seen, todo = {start}, [start]
    while todo:
        here = todo.pop()
        for a, b in edges:
            if a == here and b not in seen:
                seen.add(b)
                todo.append(b)
    return seen


def conversation_of(dialogue: dict, flows: dict) -> dict:
    """One dialogue of STAR as a conversation."""
    nodes = {node["id"] for node in flows[dialogue["sop"]]["nodes"]}
    query = next((name for name in ("query_check", "query_book") if name in nodes), "query")
    turns = []
    for turn in dialogue["turns"]:
        steps = [query if label == "query" else label for label in turn["labels"]] if turn["speaker"] == "agent" else []
        turns.append({"speaker": turn["speaker"], "text": turn["text"], "start": turn.get("t"), "steps": steps})
    return {
        "id": dialogue["id"],
        "rep": dialogue["agent"],
        "started_at": dialogue["started_at"],
        "attributes": {"task": dialogue["sop"]},
        "outcome": {"task_success": dialogue["outcome"].get("task_success")},
        "turns": turns,
    }


def load(folder: Path) -> tuple[gp.Corpus, gp.Playbook]:
    flows = json.loads((folder / "data" / "star.flow.json").read_text(encoding="utf-8"))["flows"]
    playbook = gp.Playbook.by("task", {task: sop_of(task, flow) for task, flow in flows.items()})
    with gzip.open(folder / "data" / "star_single.jsonl.gz", "rt", encoding="utf-8") as lines:
        corpus = gp.Corpus.from_records([conversation_of(json.loads(line), flows) for line in lines])
    return corpus, playbook


if __name__ == "__main__":
    if "GOLDPATH_DATA" not in os.environ:
        sys.exit("set GOLDPATH_DATA to the folder that holds data/star_single.jsonl.gz")
    corpus, playbook = load(Path(os.environ["GOLDPATH_DATA"]))
    review = gp.review(corpus, playbook, outcome="task_success")
    print(review)
    if len(sys.argv) > 1:
        review.save(sys.argv[1], lang="en")
        print("→", sys.argv[1])
