"""People: the same history gives the same state; options, days and errors come over as they are."""

import datetime
import json
from pathlib import Path

import goldpath as gp
import pytest

SHARED = json.loads((Path(__file__).parents[2] / "tests" / "histories" / "coaching.json").read_text(encoding="utf-8"))


def records():
    list_ = []
    for i in range(600):
        rep, day = i % 6, datetime.datetime(2026, 1, 5, 9, tzinfo=datetime.timezone.utc) + datetime.timedelta(hours=i * 8)
        steps = ["open", "close"] if (i * 7 + rep) % 10 < (6 if rep == 0 else 1) else ["open", "need", "close"]
        list_.append({"id": f"c{i}", "rep": f"r_{rep}", "team": "north", "started_at": day.isoformat(), "steps": steps, "outcome": {"won": i % 7 > 2}})
    return list_


def corpus():
    return gp.Corpus.from_records(records())


def test_the_shared_history():
    log = gp.CoachingLog.replay(SHARED["events"])
    one_by_one = gp.CoachingLog.replay([])
    for event in SHARED["events"]:
        one_by_one = one_by_one.apply(event)
    assert one_by_one == log
    assert log.to_json() == SHARED["expect"]["state"]
    assert [[t["rep"], t["skill"], t["stage"]] for t in log.tracks] == SHARED["expect"]["stages"]
    below = log.below_standard(datetime.date.fromisoformat(SHARED["on"]))
    assert [[b.rep, b.skill, b.why] for b in below] == SHARED["expect"]["below_standard"]
    for refused in SHARED["refused"]:
        with pytest.raises(gp.ArgumentError) as error:
            log.apply(refused["event"])
        assert error.value.code == refused["code"]


def test_people(sop):
    review = gp.review(corpus(), sop)
    people = review.people()
    assert len(review.reps) == len(people.skills) > 0 and len(review.drift) == len(people.drift())
    (need,) = [row for row in people.of_rep("r_0") if row.skill == "step:need"]
    assert need.tier == "below_standard" and need.difference["high"] < 0
    (gap,) = [gap for gap in people.gaps("r_0") if gap.skill == "step:need"]
    assert gap.sentence_zh and gap.examples
    plan = people.plan("r_0", most=9)
    assert "step:need" in [item["skill"] for item in plan["items"]]
    assert people.ability("r_0", "execution").points
    assert people.watch("r_0", "execution", odds_ratio=0.5).points
    effect = people.training_effect({"id": "t", "reps": ["r_0"], "date": datetime.date(2026, 4, 1)}, "execution", least=5)
    assert effect.verdict in {"better", "worse", "no_effect_shown", "not_enough_data"} and effect.sentence_en
    assessed = people.assess("r_0", "step:need", "2026-01-05", datetime.date(2026, 7, 1), 0.8)
    assert assessed.result == "fail" and assessed["from"] == "2026-01-05"
    log = gp.CoachingLog.replay([]).apply({"at": "2026-07-02", "event": "assessed", "assessment": assessed.to_dict()})
    assert {b.why for b in people.below_standard(log) if b.rep == "r_0"} >= {"failed_assessment"}
    assert isinstance(people.alerts(), list) and isinstance(people.look_at(5), list)
    assert len(people.measures) == 0 and people.measures.name == "rep_measures"
    assert people.execution.name == "execution" and people.deviations_by_week.name == "deviations_by_week"
    assert "复盘" in people.debrief(rep="r_0", lang="zh") and "<h1>" in people.debrief(html=True)
    assert "<!doctype html>" in people.rep_page("r_0", log=log) + people.team_page() + people.monitor_page("zh")
    again = review.people(as_of=datetime.date(2026, 3, 1), utc_offset=480, competences=[{"name": "basics", "kinds": ["step"], "steps": ["need"]}])
    assert "basics" in set(row.skill for row in again.skills)
    for wrong, place in [({"watch": {"odds": 2}}, "options.watch.odds"), ({"as_of": "soon"}, "options.as_of")]:
        with pytest.raises(gp.ArgumentError) as error:
            review.people(**wrong)
        assert error.value.faults[0]["place"] == place
    with pytest.raises(gp.ArgumentError):
        people.gaps("nobody")


def test_alerts_are_told_once():
    alert = {"id": "a1", "kind": "decline", "rep": "r_1", "what": "results", "title": "results", "since": "2026-03-02", "found": "2026-04-06", "until": None,
             "chance_alone": 0.01, "before": 0.6, "after": 0.5, "n": 40, "action": "coach_rep"}
    log = gp.AlertLog.replay([])
    events = log.news([alert])
    assert [event["event"] for event in events] == ["raised"]
    log = log.apply(events[0])
    assert log.news([alert]) == [] and log == gp.AlertLog.replay(events)
    log = log.apply({"event": "intervened", "id": "a1", "at": "2026-04-07", "by": "Li", "what": "辅导"})
    assert log.alerts[0]["status"] == "acted_on"


KEPT = json.loads((Path(__file__).parents[2] / "tests" / "histories" / "store.json").read_text(encoding="utf-8"))


def test_the_store_keeps_and_rebuilds(tmp_path, sop):
    with gp.Store.open(tmp_path / "team.goldpath") as store:
        loop, alerts, proposals, sops = store.coaching(), store.alerts(), store.proposals(), store.sops()
        assert loop.add(SHARED["events"], at=0).to_json() == SHARED["expect"]["state"]
        assert [alerts.add(event, at=0) for event in KEPT["alerts"]["events"]][-1] == alerts.state
        assert proposals.add(KEPT["proposals"]["events"], at=0).to_json() == proposals.state.to_json()
        for refused, log, error in [(SHARED, loop, gp.GoldpathError), (KEPT["alerts"], alerts, gp.ArgumentError), (KEPT["proposals"], proposals, gp.ArgumentError)]:
            before = len(log)
            for one in refused["refused"]:
                with pytest.raises(error) as raised:
                    log.add(one["event"])
                assert raised.value.code == one["code"] and len(log) == before
        book = proposals.state
        proposals.save(book)
        assert len(proposals) == 3 and proposals.state_after(1).standing[0]["decision"] is None
        with pytest.raises(gp.ArgumentError) as raised:
            proposals.save(gp.ProposalBook())
        assert raised.value.code == "improve.rewritten"
        history = gp.History(sop, date="2026-01-01", reason="first")
        sops.save(history)
        history.push(gp.Patch.of([{"wrap": "need", "in": "optional"}]), date="2026-04-01", by="Li")
        assert sops.save(history).history(sop.name) == history and repr(sops) == "KeptLog(sops, 2 entries)"
        sops.save(history, name="<b>another</b>")
        for wrong in [lambda: loop.save(history), lambda: sops.save(book), lambda: sops.state.history("none"), lambda: loop.add([3])]:
            with pytest.raises(gp.ArgumentError):
                wrong()
        assert [entry["record"] for entry in alerts.history(3)] == KEPT["alerts"]["events"][3:]
        shown = "".join(thing._repr_html_() for thing in [store, loop, alerts, proposals, sops, loop.state, alerts.state, book, history, sops.state])
        assert "<table" in shown and "<b>another" not in shown and "<Rival>" not in shown
    with gp.Store.open(tmp_path / "team.goldpath") as store:
        assert store.coaching().state.to_json() == SHARED["expect"]["state"]
        assert store.alerts().state.to_json() == KEPT["alerts"]["expect"]["state"]
        assert json.loads(store.proposals().state.to_json()) == json.loads(KEPT["proposals"]["expect"]["state"])
        assert store.sops().state.names == [sop.name, "<b>another</b>"] and store.sops().state.history(sop.name) == history
        store.verify()


def test_sessions_of_clips_and_for_whom(sop):
    log = gp.CoachingLog.replay(SHARED["events"])
    assert {id: [[s["date"], s["reps"]] for s in log.sessions(id)] for id in SHARED["expect"]["sessions"]} == SHARED["expect"]["sessions"]
    people = gp.review(corpus(), sop).people()
    sessions = [{"id": "clip-3", "reps": ["r_0"], "date": "2026-03-30"}, {"id": "clip-3", "reps": ["r_1"], "date": datetime.date(2026, 4, 6)}]
    effect = people.training_effect(sessions, "execution", least=5)
    assert (effect.training, effect.trained) == ("clip-3", 2) and effect.verdict == "not_enough_data"
    found = people.for_whom(sessions, "execution", also=log.trainings, least=5)
    assert {g.group["by"] for g in found.groups} >= {"level", "tenure"} and len(found.table) == len(found.groups)
    assert found.sentence("zh") and found.groups[0].sentence() and "<table" in found._repr_html_()


def test_a_plan_is_filled(sop, tmp_path):
    said = ["先问一下您现在怎么做的", "您目前用的是哪一套系统"]
    spoken = []
    for i, record in enumerate(records()):
        turns = [{"speaker": "agent", "text": said[i % 2] + "，电话 13800138000" if step == "need" else step, "steps": [step]} for step in record["steps"]]
        spoken.append({**{k: v for k, v in record.items() if k != "steps"}, "turns": [t for turn in turns for t in (turn, {"speaker": "customer", "text": "好的"})]})
    talks, spoken = spoken, gp.Corpus.from_records(spoken)
    review = gp.review(spoken, sop)
    people, talk = review.people(), gp.TalkTracks.of(review.check)
    with gp.Store.open(tmp_path / "team.goldpath") as store:
        library = store.clips()
        other = next(r["id"] for r in talks if r["rep"] == "r_3" and len(r["turns"]) > 4)
        library.add(spoken, other, (2, 3), "问现状", step="need")
        library.add(spoken, other, (0, 1), "开场", step="open")
        (item,) = [item for item in people.plan("r_0", most=9, talk=talk, clips=library)["items"] if item["skill"] == "step:need"]
        assert [(clip["title"], clip["watched"]) for clip in item["clips"]] == [("问现状", False)]
        library.watched("clip-1", "r_0")
        assert people.plan("r_0", most=9, clips=library)["items"][0]["clips"][0]["watched"] in (True, False)
    assert 1 <= len(item["talk_tracks"]) <= 2 and item["talk_tracks"][0]["place"] == 1
    snippets = [snippet for track in item["talk_tracks"] for snippet in track["snippets"]]
    assert snippets and all(s["rep"] != "r_0" and "13800138000" not in s["answer"] for s in snippets)
    assert people.plan("r_0")["items"][0]["talk_tracks"] == []


def test_marks_of_judges():
    sop = gp.Sop.parse("{format: goldpath/1, name: demo, steps: [open, need, close], flow: [open, need, close]}")
    check = corpus().check(sop)
    marks = [{"judge": judge, "case": f"c{i}", "good": (i * 7) % 10 < limit} for judge, limit in [("Li", 5), ("Wang", 3)] for i in range(200)]
    found = gp.judge_marks(check, marks, adjust_for=[])
    li, wang = found.judges
    assert (li.judged, li.good, wang.good) == (200, 100, 60) and wang.lean == "harsher" and li.lean == "milder"
    (both,) = found.agreements
    assert (both.both, both.alike) == (200, 160) and 0.5 < both.kappa["estimate"] < 0.7
    assert both.difference["low"] > 0 and "kappa" in both.sentence_en and wang.sentence_zh
    assert len(found.table) == 2 and len(found.agreements_table) == 1 and "<table" in found._repr_html_()
    for wrong, code in [({"judge": "Li", "case": "nothing", "good": True}, "check.unknown_case"), ({"judge": " ", "case": "c1", "good": True}, "marks.judge"),
                        ({"judge": "Li", "case": "c1", "good": True, "turns": [3, 1]}, "marks.turns"), ({"judge": "Li", "case": "c1"}, "argument.invalid")]:
        with pytest.raises(gp.ArgumentError) as error:
            gp.judge_marks(check, [wrong])
        assert error.value.code == code
    with pytest.raises(gp.ArgumentError) as error:
        gp.judge_marks(check, [{"judge": "Li", "case": "c1", "good": good} for good in (True, False)])
    assert error.value.code == "marks.twice" and error.value.faults[0]["place"] == "marks[1].good"
