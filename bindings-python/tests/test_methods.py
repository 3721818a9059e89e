"""Patches, diffs, histories, fragments."""

import datetime

import goldpath as gp
import pytest

SOP = gp.Sop.parse("{format: goldpath/1, name: demo, version: 1, steps: {open: {title: 开场}, need: {title: 需求}, close: {}}, flow: [open, need, close]}")
PATCH = gp.Patch.of([{"add_step": "roi", "step": {"title": "ROI 故事"}}, {"insert": "roi", "after": "need"}, {"wrap": "need", "in": "optional"}])


def test_a_patch_leads_to_the_other_sop():
    made = SOP.apply(PATCH)
    diff = SOP.diff(made)
    assert diff.sentences("zh") == ["“需求”改为可选。", "在“需求”之后加入“ROI 故事”。"]
    assert SOP.apply(diff) == SOP.apply(diff.patch) == made
    assert diff.patch.base["hash"] == SOP.hash != made.hash
    assert diff.steps("added") == ["roi"] and len(diff) == len(diff.patch) == len(diff.changes) == 3
    assert [change.kind for change in diff.changes if change.implied] == ["add_step"]
    assert gp.Patch.from_dict({"format": "goldpath/1", "edits": PATCH.edits}) == PATCH
    assert len(PATCH.then(PATCH)) == 6
    assert PATCH.bound_to(SOP).unbound() == PATCH
    assert "properties" in gp.Patch.json_schema()
    with pytest.raises(gp.ArgumentError):
        diff.steps("gone")


def test_what_does_not_fit_is_named():
    with pytest.raises(gp.PatchError) as found:
        SOP.apply(gp.Patch.of([{"drop": "nothing"}, {"unwrap": "need"}]))
    assert [fault["code"] for fault in found.value.faults] == ["patch.not_in_flow", "patch.other_content"]
    with pytest.raises(gp.PatchError) as found:
        SOP.apply(PATCH).apply(PATCH.bound_to(SOP))
    assert found.value.code == "patch.other_base"
    with pytest.raises(gp.PatchError):
        gp.Patch.of([{"sing": "x"}])
    with pytest.raises(gp.ArgumentError):
        SOP.apply({"edits": []})


def test_a_history_replays():
    history = gp.History(SOP, date=datetime.date(2026, 1, 1), reason="第一版")
    made = history.push(PATCH, date="2026-04-01", by="王经理")
    assert history.head == made and made.version == 2
    assert history.as_of("2026-03-31") == history.sop(1) == SOP and history.as_of("2025-01-01") is None and history.sop(3) is None
    assert gp.History.parse(history.to_yaml()) == history == gp.History.from_dict(__import__("json").loads(history.to_json()))
    assert history.revisions[1]["parent"] == SOP.hash
    assert len(history.diff(1, 2).sentences()) == 3
    with pytest.raises(gp.PatchError) as found:
        history.push_sop(SOP)
    assert found.value.code == "history.order"
    assert len(history) == 2


def test_fragments_become_an_sop():
    fragments = [gp.Fragment.ready(id, lang="zh") for id in ("pipeline", "spin")]
    made = gp.compose("首次电话", fragments, {"place": [{"put": "spin", "inside": "pipeline.discovery"}]})
    assert list(made.sop.steps)[:3] == ["first_contact", "situation", "problem"]
    assert made.sources[1] == {"step": "situation", "of": [{"fragment": "spin", "step": "situation"}]}
    assert gp.compose("首次电话", fragments, "{format: goldpath/1, place: [{put: spin, inside: pipeline.discovery}]}").sop == made.sop
    with pytest.raises(gp.ComposeError) as found:
        gp.compose("x", fragments, {"same": {"spin.problem": "bant.need"}})
    assert found.value.code == "compose.unknown"


def test_the_fit_map_says_what_pays_where():
    made = gp.compose("x", [gp.Fragment.ready("spin")])
    steps = ["situation", "problem", "implication", "need_payoff"]
    records = []
    for i in range(400):
        asked = i % 5 < 3
        won = (i * 7) % 10 < (6 if asked else 3)
        records.append({
            "id": f"c{i}", "rep": f"r{i // 10 % 4}", "segment": "smb" if i // 40 % 2 else "large", "outcome": {"won": won},
            "steps": [step for step in steps if asked or step != "implication"],
        })
    review = gp.review(gp.Corpus.from_records(records), made.sop, adjust_for=["segment"])
    finding = next(f for f in review.findings if f.kind == "skip" and f.step == "implication")
    rows = [row for row in made.fit_map(review) if row.choice == "skip" and row.step == "implication"]
    whole, *segments = rows
    assert whole.effect == -finding.estimate and (whole.n_doing, whole.n_other) == (finding.control.n, finding.treated.n)
    assert whole.ci_low == -finding.ci_high and whole.attribute is None
    assert {row.value for row in segments if row.attribute == "segment"} == {"smb", "large"}
    assert all(row.verdict is None and row.fragment == "spin" for row in segments)


def test_compositions_are_put_together():
    one, other = gp.Composition([gp.Fragment.ready("pipeline")]), gp.Composition([gp.Fragment.ready("spin")])
    rules = {"place": [{"put": "spin", "inside": "pipeline.discovery"}]}
    both = one.and_(other).with_rules(rules)
    assert both.compose("x").sop == gp.compose("x", both.fragments, rules).sop and "spin" in both.rules
    assert [fragment.id for fragment in both.fragments] == ["pipeline", "spin"]
