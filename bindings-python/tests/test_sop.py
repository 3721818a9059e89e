"""Sop, Playbook, live session; every fault of a file is named."""

import datetime
import json

import goldpath as gp
import pytest
from conftest import SOP


def test_an_sop_says_what_its_file_says(tmp_path):
    path = tmp_path / "sop.yaml"
    path.write_text(
        "format: goldpath/1\nname: 企业软件跟进\nversion: 3\n"
        "steps:\n  open: {title: 开场, stage: 初次接触}\n  need: {stage: 需求}\n  thanks: {}\nflow: [open, need]\nanytime: [thanks]\n",
        encoding="utf-8",
    )
    sop = gp.Sop.read(path)
    assert (sop.name, sop.version, sop.stages, sop.anytime) == ("企业软件跟进", 3, ["初次接触", "需求"], ["thanks"])
    assert list(sop.steps) == ["open", "need", "thanks"] and sop.steps["open"]["title"] == "开场"
    assert gp.Sop.read(str(path)) == sop == gp.Sop.parse(sop.to_json()) == gp.Sop.parse(sop.to_yaml())
    assert sop != gp.Sop.parse(SOP)
    assert "flowchart" in sop.to_mermaid() and gp.Sop.json_schema()["title"]
    assert gp.Sop.from_dict(json.loads(sop.to_json())) == sop


def test_dates_of_a_dict_may_be_objects():
    rules = [{"skip": "need", "reason": "known", "until": datetime.date(2027, 1, 1)}]
    sop = gp.Sop.from_dict({"format": "goldpath/1", "name": "x", "steps": ["open", "need"], "flow": ("open", "need"), "accepted": rules})
    assert "2027-01-01" in sop.to_yaml()


def sop_text(flow, steps="[a, b, c]", more=""):
    return f"{{format: goldpath/1, name: x, steps: {steps}, flow: {flow}{more}}}"


THIRTY = [f"s{i}" for i in range(30)]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("sop.unknown_step", sop_text("[a, b, c, d]")),
        ("sop.duplicate_key", "format: goldpath/1\nname: x\nsteps:\n  a: {}\n  a: {}\nflow: [a]"),
        ("sop.empty_block", sop_text("[a, b, c, {one_of: []}]")),
        ("sop.reversed_bounds", sop_text("[a, b, {repeat: [c], at_least: 3, at_most: 1}]")),
        ("sop.unreachable", sop_text("[a, b]")),
        ("sop.no_end", "{format: goldpath/1, name: x, steps: [a, b, c], graph: {start: a, end: c, edges: [[a, b], [b, a]]}}"),
        ("sop.flow_and_anytime", sop_text("[a, b, c]", more=", anytime: [a]")),
        ("sop.too_many_states", sop_text(f"[any_order: {json.dumps(THIRTY)}]", json.dumps(THIRTY))),
        ("sop.wrong_type", sop_text("[a, b, c]", more=", anytime: 7")),
        ("sop.wrong_type", sop_text("[a, b, {any_order: c}, 4.5]")),
        (None, "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(12))),
        (None, "flow: " + "[" * 10_000 + "]" * 10_000),
        (None, "flow: [a\n  b: {"),
        (None, ""),
        (None, "\0"),
    ],
)
def test_a_faulty_sop_is_a_clear_error(code, text):
    with pytest.raises(gp.SopError) as caught:
        gp.Sop.parse(text)
    error = caught.value
    assert isinstance(error, ValueError) and error.faults
    assert set(error.faults[0]) == {"code", "source", "line", "column", "place", "case", "message", "help"}
    assert code is None or code in [fault["code"] for fault in error.faults], error.faults
    assert len(str(error)) < 5_000


def test_all_faults_come_at_once():
    with pytest.raises(gp.SopError) as caught:
        gp.Sop.parse(sop_text("[a, x, y]"))
    assert [fault["place"] for fault in caught.value.faults][:2] == ["flow[1]", "flow[2]"]


def test_a_dict_may_be_hostile():
    deep = []
    for _ in range(10_000):
        deep = [deep]
    itself = {}
    itself["itself"] = itself
    for flow in (deep, itself, object(), {1, 2}, float("nan")):
        with pytest.raises(gp.SopError):
            gp.Sop.from_dict({"format": "goldpath/1", "name": "x", "steps": ["a"], "flow": flow})
    for whole in (None, [], "text", 3, itself):
        with pytest.raises(gp.SopError):
            gp.Sop.from_dict(whole)


def test_files(tmp_path):
    with pytest.raises(FileNotFoundError, match="missing.yaml") as caught:
        gp.Sop.read(tmp_path / "missing.yaml")
    assert isinstance(caught.value, gp.GoldpathError) and isinstance(caught.value, gp.FileError)
    assert (caught.value.code, caught.value.errno, caught.value.filename) == ("io", 2, str(tmp_path / "missing.yaml"))
    with pytest.raises(OSError) as caught:
        gp.Sop.read(tmp_path)
    assert isinstance(caught.value, gp.FileError) and not isinstance(caught.value, FileNotFoundError)
    (tmp_path / "gbk.yaml").write_bytes("name: 企业".encode("gbk"))
    with pytest.raises(gp.SopError, match="UTF-8"):
        gp.Sop.read(tmp_path / "gbk.yaml")
    (tmp_path / "bad.yaml").write_text("format: goldpath/1\nname: x\nsteps: [a]\nflow: [b]")
    with pytest.raises(gp.SopError, match="bad.yaml:4"):
        gp.Sop.read(tmp_path / "bad.yaml")


def test_a_playbook_stands_for_an_sop(sop, tmp_path):
    short = gp.Sop.parse("{format: goldpath/1, name: short, steps: [open, close], flow: [open, close]}")
    playbook = gp.Playbook.by("segment", {"smb": short, "large": sop})
    assert playbook.sops == [short, sop] and "short" in repr(playbook)
    assert gp.Playbook.parse(playbook.to_yaml()) == playbook == gp.Playbook.parse(playbook.to_json())
    (tmp_path / "short.yaml").write_text(short.to_yaml())
    (tmp_path / "all.yaml").write_text("{format: goldpath/1, playbook: [{when: {segment: smb}, sop: short.yaml}]}")
    assert gp.Playbook.read(tmp_path / "all.yaml").sops == [short]
    assert gp.Playbook.json_schema()["title"] == "goldpath Playbook"
    records = [{"id": name, "attributes": {"segment": name}, "steps": ["open", "close"]} for name in ("smb", "large", "other")]
    corpus = gp.Corpus.from_records(records)
    assert corpus.check(playbook).cases["cost"] == [0, 1, None]
    assert gp.review(corpus, playbook).summary["unchecked"] == 1
    with pytest.raises(gp.ArgumentError, match="Sop or a Playbook"):
        corpus.check("sop.yaml")
    with pytest.raises(TypeError):
        gp.Playbook.by("segment", {"smb": "short.yaml"})


def test_a_live_session(sop):
    session = sop.live({"segment": "smb", "size": 3, "new": True})
    assert (session.allowed, session.point, session.may_end) == (["open"], None, False)
    assert [choice.chosen for choice in session.push("open")] == ["done"]
    skipped, done = session.push("close")
    assert (skipped.chosen, skipped.step, skipped["point"]) == ("skipped", "need", "open") and done.step == "close"
    assert (session.cost, session.may_end) == (1, True) and "cost 1" in repr(session)
    with pytest.raises(gp.ArgumentError, match="attributes"):
        sop.live({"segment": object()})


def test_html_is_escaped():
    evil = "<script>alert(1)</script>"
    sop = gp.Sop.from_dict(
        {"format": "goldpath/1", "name": evil, "steps": {evil: {"title": evil, "stage": evil, "guidance": evil}, "b": {}}, "flow": [evil, "b"]}
    )
    record = {"id": evil, "rep": evil, "team": evil, "deal": evil, "channel": evil, "attributes": {evil: evil}, "outcome": {"won": True}}
    record["turns"] = [{"speaker": "agent", "name": evil, "text": evil, "steps": [evil + "x"]}]
    corpus = gp.Corpus.from_records([record, {"id": "2", "steps": ["b"], "outcome": {"won": False}}])
    check = corpus.check(sop)
    review = gp.review(corpus, sop)
    tables = [corpus.table, check.cases, check.deviations, check.variants, check.steps, check.reps, check.teams, check.choices, review.findings_table]
    things = [sop, gp.Playbook.by("x", {evil: sop}), corpus, check, check.alignment(evil), check.alignment(evil).moves[0], review, *review.findings, *tables]
    for thing in things:
        page = thing._repr_html_()
        assert page and "<script" not in page, type(thing)
    assert "<script>alert" not in review.to_html("zh")
