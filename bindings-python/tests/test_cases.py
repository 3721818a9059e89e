"""The cases that Rust, Python and Node all run: see `tests/cases/README.md`."""

import json
from pathlib import Path

import goldpath as gp
import pytest

CASES = sorted((Path(__file__).parents[2] / "tests" / "cases").glob("*.json"))


def rounded(x):
    return None if x is None else pytest.approx(x, abs=1e-6)


def state(session):
    s = session.state
    return {
        "point": s.point,
        "visit": s.visit,
        "events": s.events,
        "cost": s.cost,
        "conforms_so_far": s.conforms_so_far,
        "may_end": s.may_end,
        "allowed": s.allowed,
        "deviations": [{"kind": d.kind, "accepted": d.accepted, "en": d.sentence_en, "zh": d.sentence_zh} for d in s.deviations],
        "left": s.distance_to_end.steps,
        "left_cost": s.distance_to_end.cost,
    }


def live(playbook, conversation):
    started = {"started_at": conversation["started_at"]} if "started_at" in conversation else {}
    session = playbook.live(conversation.get("attributes", {}) | started)
    for step in conversation["steps"]:
        session.push(step)
    whole = state(playbook.resume(session.to_json()))
    for _ in range((len(conversation["steps"]) + 1) // 2):
        session.undo()
    return {"end": whole, "half": state(session)}


def uncertain(u):
    return {
        "fitness": [rounded(u.fitness_low), rounded(u.fitness_high)],
        "expected": rounded(u.fitness_expected),
        "conforms_so_far": [rounded(u.conforms_so_far.low), rounded(u.conforms_so_far.high)],
        "fully_conforms": [rounded(u.fully_conforms.low), rounded(u.fully_conforms.high)],
        "events": [[e.event, e.step, rounded(e.prob), e.used, rounded(e.influence), rounded(e.fitness_influence)] for e in u.events],
    }


def code(playbook, saved):
    try:
        playbook.resume(saved if isinstance(saved, str) else json.dumps(saved))
    except gp.GoldpathError as error:
        return error.code
    return ""


def score(scores, id):
    s = scores.explain(id)
    return {
        "score": s.score if s.score is None else pytest.approx(s.score, abs=1e-6),
        "got": pytest.approx(s.got, abs=1e-6),
        "possible": pytest.approx(s.possible, abs=1e-6),
        "penalty": pytest.approx(s.penalty, abs=1e-6),
        "parts": [{"kind": p.kind, "state": p.state, "en": p.sentence_en, "zh": p.sentence_zh} for p in s.parts],
    }


def weighed(check, playbook, card):
    if card is None:
        return None
    if card == "equal":
        return check.score(gp.Scorecard.equal(playbook))
    return check.score(gp.Scorecard.parse(card) if isinstance(card, str) else gp.Scorecard.from_dict(card))


def found(check, scores, id):
    if check.cases["status"][list(check.cases["case_id"]).index(id)] == "unchecked":
        return {"status": "unchecked"}
    a = check.alignment(id)
    more = {"score": score(scores, id)} if scores is not None else {}
    return more | {
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
        check, scores = None, None
        if lines:
            corpus = gp.Corpus.read(tmp_path / "calls.jsonl")
            check = corpus.check(playbook, unit=case.get("unit", "conversation"), threshold=case.get("threshold", 0.5))
        scores = weighed(check, playbook, case.get("scorecard")) if lines else None
    except gp.GoldpathError as error:
        assert [fault["code"] for fault in error.faults] == expect.get("error")
        return
    assert "error" not in expect
    if check is not None:
        all = {id: found(check, scores, id) for id in check.cases["case_id"]}
        for conversation in case["conversations"]:
            if case.get("live"):
                all[conversation["id"]]["live"] = live(playbook, conversation)
            if case.get("uncertain"):
                all[conversation["id"]]["uncertain"] = uncertain(check.uncertainty(conversation["id"]))
        assert expect["cases"] == all
    if "lint" in case:
        hints = playbook.lint(case["lint"]) + check.lint()
        assert expect["hints"] == [{"code": h.code, "place": h.place, "line": h.line, "en": h.sentence_en, "zh": h.sentence_zh} for h in hints]
    assert expect.get("saved", []) == [code(playbook, saved) for saved in case.get("saved", [])]
