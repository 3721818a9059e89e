"""The cases that Rust, Python and Node all run: see `tests/cases/README.md`."""

import json
from pathlib import Path

import goldpath as gp
import pytest

CASES = sorted((Path(__file__).parents[2] / "tests" / "cases").glob("*.json"))


def found(check, id):
    if check.cases["status"][list(check.cases["case_id"]).index(id)] == "unchecked":
        return {"status": "unchecked"}
    a = check.alignment(id)
    return {
        "moves": [f"{move.kind} {move.step}" for move in a.moves],
        "deviations": [
            {"kind": d.kind, "step": d.step, "cost": d.cost, "accepted": d.accepted, "en": d.sentence_en, "zh": d.sentence_zh}
            | ({"conversation": d.origin["conversation"]} if d.origin else {})
            for d in a.deviations
        ],
        "choices": [f"{c.chosen} {c.step} after {c.point or ''} ({c.visit})" for c in check.choices if c.case_id == id],
        "cost": a.cost,
        "prefix_cost": a.prefix_cost,
        "prefix_stop": a.prefix_stop,
        "stopped_at": a.stopped_at,
        "status": a.status,
        "fitness": pytest.approx(a.fitness, abs=1e-6),
        "adherence": a.adherence if a.adherence is None else pytest.approx(a.adherence, abs=1e-6),
        "conforms_so_far": a.conforms_so_far,
        "fully_conforms": a.fully_conforms,
    }


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path, tmp_path):
    case = json.loads(path.read_text(encoding="utf-8"))
    sop, expect = case["sop"], case["expect"]
    lines = [line if isinstance(line, str) else json.dumps(line) for line in case.get("conversations", [])]
    (tmp_path / "calls.jsonl").write_text("\n".join(lines), encoding="utf-8")
    try:
        playbook = gp.Playbook.parse(sop if isinstance(sop, str) else json.dumps(sop))
        check = gp.Corpus.read(tmp_path / "calls.jsonl").check(playbook, unit=case.get("unit", "conversation")) if lines else None
    except gp.GoldpathError as error:
        assert [fault["code"] for fault in error.faults] == expect.get("error")
        return
    assert "error" not in expect
    if check is not None:
        assert expect["cases"] == {id: found(check, id) for id in check.cases["case_id"]}
    if "lint" in case:
        hints = playbook.lint(case["lint"]) + check.lint()
        assert expect["hints"] == [{"code": h.code, "place": h.place, "line": h.line, "en": h.sentence_en, "zh": h.sentence_zh} for h in hints]
