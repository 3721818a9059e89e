"""Live sessions, and events that detectors are not sure of."""

import datetime
import json
import threading

import goldpath as gp
import pytest


def test_what_a_session_says(sop):
    session = sop.live()
    assert (session.point, session.cost, session.history, len(session), session.sop) == (None, 0, [], 0, "demo")
    session.push("open")
    session.push("close")
    (deviation,) = session.deviations
    assert isinstance(deviation, gp.Deviation) and (deviation.kind, deviation.step, deviation.provisional) == ("skipped", "need", True)
    assert deviation.sentence_zh == "跳过了“need”，这一步应在“open”之后（就目前来看）。"
    assert (session.conforms_so_far, session.may_end, session.distance_to_end.steps) == (False, True, [])
    state = session.state
    assert (state.point, state.events, state.deviations, state.distance_to_end.cost) == ("close", 2, [deviation], 0)
    assert "need" in json.dumps(state.to_dict()) and session.bytes > 100


def test_taking_back(sop):
    session = sop.live()
    assert session.undo() is None
    before = session.to_json()
    for step in ["open", "没听过的", "close"]:
        session.push(step)
    assert [session.undo() for _ in range(4)] == ["close", "没听过的", "open", None]
    assert session.to_json() == before and session.push("open")[0].event == 0


def test_saving_and_going_on(sop):
    playbook = gp.Playbook.by("segment", {"smb": sop, "enterprise": gp.Sop.parse("{format: goldpath/1, name: large, steps: [a], flow: [a]}")})
    session = playbook.live({"segment": "enterprise", "other": 3})
    session.push("a")
    again = playbook.resume(session.to_json())
    assert (again.sop, again.history, again.state) == ("large", ["a"], session.state)
    for saved, code in [("", "live.json"), ("[" * 100_000, "live.json"), (sop.to_json(), "live.json"), ("\0", "live.json")]:
        with pytest.raises(gp.ArgumentError) as error:
            sop.resume(saved)
        assert error.value.code == code
    with pytest.raises(gp.ArgumentError, match="another SOP") as error:
        sop.resume(session.to_json())
    assert error.value.code == "live.other_sop"
    with pytest.raises(gp.ArgumentError) as error:
        sop.resume(session.to_json().replace("goldpath-live/1", "goldpath-live/9"))
    assert error.value.code == "live.version"
    with pytest.raises(gp.ArgumentError) as error:
        playbook.live({"segment": "none"})
    assert error.value.code == "live.no_sop"


def test_limits(sop):
    session = sop.live()
    for step, kind, code in [("", gp.ArgumentError, "argument.invalid"), ("x" * 1_001, gp.LimitError, "live.long_label")]:
        with pytest.raises(kind) as error:
            session.push(step)
        assert error.value.code == code
    for _ in range(100_000):
        session.push("open")
    with pytest.raises(gp.LimitError) as error:
        session.push("open")
    assert error.value.code == "live.too_long" and len(session) == 100_000
    with pytest.raises(TypeError):
        session.push(None)


def test_the_day_says_what_is_accepted():
    sop = gp.Sop.parse("{format: goldpath/1, name: x, steps: [a, b, c], flow: [a, b, c], accepted: [{skip: b, until: 2026-06-30}]}")
    for day, accepted in [(None, True), (datetime.date(2026, 6, 30), True), (datetime.datetime(2026, 7, 1, tzinfo=datetime.timezone.utc), False)]:
        session = sop.live({"started_at": day} if day else None)
        session.push("a")
        session.push("c")
        assert session.conforms_so_far is accepted
    with pytest.raises(gp.ArgumentError, match="started_at"):
        sop.live({"started_at": "yesterday"})


def test_sessions_may_be_used_from_any_thread(sop):
    session = sop.live()
    thread = threading.Thread(target=lambda: session.push("open"))
    thread.start()
    thread.join()
    assert session.point == "open"


def test_uncertain_events(sop):
    steps = ["open", {"step": "need", "prob": 0.4, "at": 3}, "close"]
    corpus = gp.Corpus.from_records([{"id": "c1", "rep": "Ann", "steps": steps}, {"id": "c2", "steps": ["open"]}])
    check = corpus.check(sop)
    first, second = check.cases
    assert (first.cost, first.uncertain_events, first.p_conforms, first.fitness_high) == (1, 1, 0.4, 1.0)
    assert (second.uncertain_events, second.p_conforms, second.p_fully_conforms) == (0, 1.0, 0.0)
    assert corpus.check(sop, threshold=0.4).cases["cost"] == [0, 2]
    assert gp.review(corpus, sop, threshold=0.4).check.cases["cost"] == [0, 2]
    (row,) = check.uncertain
    assert (row.case_id, row.rep, row.event, row.step, row.prob, row.used, row.influence, row.rank) == ("c1", "Ann", 1, "need", 0.4, False, 1.0, 1)
    found = check.uncertainty("c1")
    assert isinstance(found.events[0], gp.UncertainEvent) and found.conforms_so_far == gp.Chance({"low": 0.4, "high": 0.4})
    with pytest.raises(gp.ArgumentError, match="c9"):
        check.uncertainty("c9")
    with pytest.raises(gp.ArgumentError, match="threshold"):
        corpus.check(sop, threshold=float("nan"))
    assert "p_conforms" not in gp.Corpus.from_records([{"id": "c", "steps": ["open"]}]).check(sop).cases.columns


def test_advice(corpus, sop):
    session = sop.live()
    advice = gp.review(corpus, sop).advise(session, {"segment": "smb"})
    assert (advice.point, advice.visit, advice.avoid) == (None, 1, [])
    assert [(one.action, one.step, one.planned, one.finding) for one in advice.next] == [("do", "open", True, None)]
    assert "open" in advice._repr_html_()
