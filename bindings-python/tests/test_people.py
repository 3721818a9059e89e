"""People: the same history gives the same state; options, days and errors come over as they are."""

import datetime
import json
from pathlib import Path

import goldpath as gp
import pytest

SHARED = json.loads((Path(__file__).parents[2] / "tests" / "histories" / "coaching.json").read_text(encoding="utf-8"))


def corpus():
    list_ = []
    for i in range(600):
        rep, day = i % 6, datetime.datetime(2026, 1, 5, 9, tzinfo=datetime.timezone.utc) + datetime.timedelta(hours=i * 8)
        steps = ["open", "close"] if (i * 7 + rep) % 10 < (6 if rep == 0 else 1) else ["open", "need", "close"]
        list_.append({"id": f"c{i}", "rep": f"r_{rep}", "team": "north", "started_at": day.isoformat(), "steps": steps, "outcome": {"won": i % 7 > 2}})
    return gp.Corpus.from_records(list_)


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
