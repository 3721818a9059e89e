"""Innovations, proposals, the best path and the book, from Python."""

import datetime
import pickle
import random

import goldpath as gp
import pytest

SOP = "{format: goldpath/1, name: d, steps: {a: {}, b: {}, c: {}}, flow: [a, b, c]}"


def cases(n=4000, seed=7):
    dice = random.Random(seed)
    for i in range(n):
        rep = dice.randrange(8)
        x = dice.random() < (0.7 if rep == 3 else 0.1)
        yield {
            "id": f"c{i}",
            "rep": f"r{rep}",
            "started_at": f"2026-{1 + i * 11 // n:02}-{1 + dice.randrange(28):02}T09:00:00Z",
            "steps": ["a", "b", *(["x"] if x else []), "c"],
            "outcome": {"won": dice.random() < (0.55 if x else 0.3)},
        }


@pytest.fixture(scope="module")
def made():
    return gp.review(gp.Corpus.from_records(cases()), gp.Sop.parse(SOP))


def test_what_works_and_who_found_it(made):
    one = made.innovations[0]
    assert (one.status, one.step, one.point, one.first_users) == ("proven", "x", "b", ["r3"])
    assert one.later.estimate > 0.1 and one.finding.verdict == "helps" and one.others.treated.reps >= 2
    assert made.innovators[0].rep == "r3" and "r3" in made.innovators[0].sentence("zh")
    assert made.innovations_table["status"] == ["proven"] and made.innovators_table["place"] == [1]
    assert sum(made.adoption_table["uses"]) == one.uses and made.improve_notes == []
    with pytest.raises(gp.ArgumentError):
        one.sentence("fr")


def test_from_proposal_to_the_next_version(made):
    proposal = made.proposals[0]
    assert (proposal.kind, proposal.gain["gain"]["low"] > 0) == ("insert", True)
    assert gp.Sop.parse(SOP).apply(proposal.patch) == made.best_path().sop
    best = made.best_path(must_precede=[("a", "x"), ("x", "a")], may_not_remove=["gone"])
    assert best.changed and best.proposals == [proposal.id]
    assert {(unmet["constraint"], *unmet["steps"]) for unmet in best.unmet} == {
        ("must_precede", "a", "x"),
        ("must_precede", "x", "a"),
        ("may_not_remove", "gone"),
    }
    book = gp.ProposalBook()
    assert book.add(made, date="2026-12-01") == [proposal.id]
    book.accept(proposal.id, reason="it works", date="2026-12-02")
    with pytest.raises(gp.ArgumentError):
        book.reject(proposal.id)
    assert book.apply(gp.Sop.parse(SOP)) == best.sop
    again = book.refresh(gp.review(gp.Corpus.from_records(cases(seed=8)), gp.Sop.parse(SOP)))
    assert again["seen_again"][0][1]["held"] == "held_up" and again["new"] == []
    assert gp.ProposalBook.from_json(book.to_json()).to_json() == book.to_json()


def test_another_version_held_against_the_past(made):
    old = made.check.cases
    second = gp.Sop.parse(SOP.replace("a, b, c]", "a, b, x, c]").replace("c: {}}", "c: {}, x: {}}"))
    tested = made.backtest(second)
    assert tested.conformity["cases"] == len(old) and tested.conformity["lost"] > 0
    assert sum(tested.reps["lost"]) == tested.conformity["lost"] and tested.reps["rep"][0].startswith("r")
    (support,) = tested.support
    assert support["choice"]["step"] == "x" and support["since"] is not None and support["gain"]["affected"] > 100
    assert tested.expected["low"] > 0 and "x" in tested.sentence("zh")
    early = made.backtest(second, as_of="2026-03-01")
    assert early.conformity["cases"] < tested.conformity["cases"] and early.expected is None
    assert made.backtest(gp.Sop.parse(SOP)).support == []
    with pytest.raises(gp.ArgumentError):
        made.backtest(second, entry=3)


def test_habits_beside_the_steps():
    dice = random.Random(5)
    rows = []
    for n in range(1200):
        soon = dice.random() < 0.5
        of = {"deal": f"d{n}", "rep": f"r{n % 6}"}
        rows.append({**of, "id": f"{n}-1", "channel": "call", "started_at": "2026-03-02T09:00:00Z", "steps": ["a"]})
        won = dice.random() < (0.55 if soon else 0.3)
        rows.append({**of, "id": f"{n}-2", "channel": "chat" if n % 3 else "call", "started_at": f"2026-03-{4 if soon else 20:02}T09:00:00Z", "steps": ["b", "c"], "outcome": {"won": won}})
    made = gp.review(gp.Corpus.from_records(rows), gp.Sop.parse(SOP), unit="deal")
    found = {habit.habit: habit for habit in made.habits()}
    assert found["gap_1_within_3_days"].finding.verdict == "helps" and "天内" in found["gap_1_within_3_days"].sentence_zh
    assert found["other_channel"].finding.verdict != "helps" and 0 < found["other_channel"].other_share < 1
    assert set(made.habits_table()["habit"]) == set(found)
    assert made.findings[0].later_conversation in (None, 0, 1)
    with pytest.raises(gp.ArgumentError):
        made.habits(utc_offset=5000)


def test_what_really_happens(made):
    corpus = made.check.corpus if hasattr(made.check, "corpus") else gp.Corpus.from_records(cases())
    sop = corpus.discover(noise=0, name="seen")
    assert list(sop.steps) == ["a", "b", "c", "x"] or set(sop.steps) == {"a", "b", "c", "x"}
    assert set(corpus.check(sop).cases["cost"]) == {0}
    assert len(corpus.directly_follows()) == 6 and corpus.directly_follows_svg(1.0, "zh").startswith("<svg")
    with pytest.raises(gp.ArgumentError):
        corpus.discover(noise=3)


def pilot_cases(weeks, tries, effect):
    """Conversations of some weeks; `tries` says of a case whether it is to try it."""
    dice = random.Random(weeks[0])
    first = datetime.date(2026, 1, 5)
    for week in range(*weeks):
        for rep in range(10):
            for n in range(8):
                day = first + datetime.timedelta(days=7 * week + n % 7)
                case = f"{week}-{rep}-{n}"
                x = tries(case, f"r{rep}", day)
                won = dice.random() < 0.2 + 0.02 * rep + (effect if x else 0)
                yield {"id": case, "rep": f"r{rep}", "started_at": str(day), "steps": ["a", "b", *(["x"] if x else []), "c"], "outcome": {"won": won}}


def test_a_pilot_from_plan_to_judgement():
    sop = gp.Sop.parse(SOP)
    past = list(pilot_cases((0, 26), lambda *_: False, 0))
    before = gp.review(gp.Corpus.from_records(past), sop)
    start = datetime.date(2026, 7, 6)
    plan = before.plan_pilot({"step": "x", "after": "b"}, start=start, smallest_effect=0.1, design="by_case", seed=3)
    assert gp.PilotPlan.from_json(plan.to_json()) == pickle.loads(pickle.dumps(plan)) == plan and len(plan.hash) == 64
    fields = plan.fields
    assert fields["planned_cases"] > 500 and fields["asked"]["alpha"] == 0.05 and "试点" in plan.sentence("zh")
    assert plan.assigned("c", "r1", start) in (True, False) and plan.assigned("c", "r1", "2026-07-05") is None
    weeks = (26, 26 + fields["planned_days"] // 7)
    for effect, state in ((0.2, "shown"), (-0.2, "harmful")):
        check = gp.Corpus.from_records([*past, *pilot_cases(weeks, plan.assigned, effect)]).check(sop)
        pilot = plan.judge(check)
        assert pilot.state == state and pilot.plan_hash == plan.hash
        assert (pilot.effect["estimate"] > 0) == (effect > 0) and pilot.effect["low"] < effect < pilot.effect["high"]
        assert [arm["did"] == arm["n"] for arm in pilot.arms] == [True, False] and pilot.arms[1]["did"] == 0
        assert pilot.as_treated.what.step == "x" if hasattr(pilot.as_treated.what, "step") else pilot.as_treated.what["step"] == "x"
        early = plan.judge(check, as_of="2026-07-06")
        assert early.state == "not_enough_data" and len(early.looks) == 1 and "x" in early.sentence_zh
    reps = before.plan_pilot({"step": "x", "after": "b"}, start=start, smallest_effect=0.15)
    assert sum(one["from"] is not None for one in reps.fields["reps"]) == 5
    with pytest.raises(gp.ArgumentError) as error:
        before.plan_pilot({"step": "x", "after": "b"}, start=start, smallest_effect=0.0001)
    assert error.value.code == "improve.pilot_too_small"
    with pytest.raises(gp.ArgumentError) as error:
        plan.judge(gp.Corpus.from_records(past).check(gp.Sop.parse(SOP.replace("name: d", "name: e"))))
    assert error.value.code == "improve.pilot_sop"
    for wrong in ({"smallest_effect": -1}, {"smallest_effect": 0.1, "alpha": 2}, {"smallest_effect": 0.1, "speed": 2}):
        with pytest.raises(gp.ArgumentError):
            before.plan_pilot({"step": "x"}, start=start, **wrong)


def test_the_crm_against_the_conversations():
    sop = gp.Sop.parse("{format: goldpath/1, name: d, steps: {a: {stage: s1}, b: {stage: s2}, c: {stage: s3}}, flow: [a, b, c]}")
    rows = [{"id": f"c{i}", "rep": f"r{i % 2}", "started_at": "2026-03-02", "steps": ["a", "b"], "attributes": {"crm": "s3" if i % 2 else "s2"}} for i in range(60)]
    check = gp.Corpus.from_records(rows).check(sop)
    found = check.crm(stage="crm")
    assert set(zip(found.claims["rep"], found.claims["verdict"])) == {("r0", "agrees"), ("r1", "claimed_ahead")}
    by_rep = {row.rep: row for row in found.agreement}
    assert by_rep[None].share == 0.5 and by_rep["r1"].stands_out and not by_rep["r0"].stands_out
    assert len(found.sentences("zh")) == 2 and "r1" in found.sentences()[1]
    claims = [{"case": "c1", "field": "budget", "value": "yes", "date": datetime.date(2026, 3, 1)}, {"case": "c1", "field": "budget", "value": "yes"}]
    found = check.crm(fields=[{"field": "budget", "step": "b"}], claims=claims)
    assert found.claims["verdict"] == ["agrees", "no_conversation"]
    with pytest.raises(gp.ArgumentError):
        check.crm(stage="gone")
