"""Choices of the host, what-if and the waterfall from Python."""

import random

import goldpath as gp
import polars as pl
import pytest


def cases(n=3000, seed=2):
    draw = random.Random(seed)
    rows = []
    for i in range(n):
        eager, rep = draw.random() < 0.4, f"r{draw.randrange(8)}"
        made = draw.random() < (0.7 if eager else 0.2)
        won = draw.random() < (0.6 if eager else 0.2) + (0.15 if made else 0)
        rows.append({"id": f"c{i}", "rep": rep, "segment": "abc"[i % 3], "eager": eager, "discount": made if i % 10 else None, "won": won if i % 17 else None})
    return rows


CHOICES = {"discount": {"point": "price", "known": ["eager"]}}


def test_rows_of_the_host_go_through_the_same_engine():
    rows = cases()
    table = gp.ChoiceTable.from_dataframe(rows, CHOICES, adjust_for=["segment"])
    found = table.findings()[0]
    assert (found.kind, found.step, found.point, found.verdict) == ("add", "discount", "price", "helps")
    assert found.adjusted_for == ["rep", "segment", "eager before"]
    assert found.ci_low <= 0.15 <= found.ci_high < found.raw["estimate"]
    assert found.treated.n + found.control.n == sum(row["discount"] is not None and row["won"] is not None for row in rows)
    same = gp.ChoiceTable.from_dataframe(pl.DataFrame(rows), CHOICES, adjust_for=["segment"])
    assert same.screen().to_bytes() == table.screen().to_bytes()


def test_shards_of_rows_add():
    rows = cases()
    make = lambda part: gp.ChoiceTable.from_dataframe(part, CHOICES, adjust_for=["segment"])  # noqa: E731
    parts, whole = [make(rows[:1000]), make(rows[1000:])], make(rows)
    screen = parts[1].screen().merge(parts[0].screen())
    assert screen.to_bytes() == whole.screen().to_bytes()
    plan = gp.Plan.of(screen)
    ledger = parts[0].tally(plan).merge(parts[1].tally(plan))
    assert ledger.to_bytes() == whole.tally(plan).to_bytes()
    assert ledger.finish(plan) == whole.findings()


@pytest.mark.parametrize(
    "change, says",
    [
        ({"choices": ["nothing"]}, "no column `nothing`"),
        ({"choices": {"discount": {"kind": "magic"}}}, "unknown variant"),
        ({"choices": {"discount": {"known": ["nothing"]}}}, "no column `nothing`"),
        ({"choices": ["segment"]}, "neither yes nor no"),
        ({"outcome": "segment"}, "does not hold numbers"),
        ({"adjust_for": ["id", "id"]}, "stands twice"),
    ],
)
def test_what_is_wrong_is_named(change, says):
    with pytest.raises(gp.GoldpathError, match=says):
        gp.ChoiceTable.from_dataframe(cases(50), **({"choices": CHOICES} | change))


SOP = "{format: goldpath/1, name: demo, steps: [open, need, price, close], flow: [open, need, price, close]}"


def reviewed(n=3000, seed=1):
    """Leaving `need` out costs 20 points; the last reps do it most."""
    draw, made = random.Random(seed), []
    for i in range(n):
        rep = draw.randrange(8)
        skip = draw.random() < 0.1 + 0.08 * rep
        won = draw.random() < 0.6 - (0.2 if skip else 0)
        steps = ["open"] + ([] if skip else ["need"]) + ["price", "close"]
        made.append({"id": f"c{i}", "rep": f"r{rep}", "segment": "ab"[i % 2], "steps": steps, "outcome": {"won": won}})
    return gp.review(gp.Corpus.from_records(made), gp.Sop.parse(SOP), adjust_for=["segment"])


def test_what_if_gap_and_sample():
    review = reviewed()
    skip = next(one for one in review.findings if one.kind == "skip" and one.step == "need")
    what = review.what_if(skip.cases[0], do=["need"])
    assert [(step.kind, step.step) for step in what.repair.steps][1] == ("inserted", "need")
    if what.changes[0].segment is None:
        assert what.change["estimate"] == -skip.estimate
    assert review.check.what_if(skip.cases[0], ["need"]).repair == what.repair
    with pytest.raises(gp.ArgumentError) as error:
        review.what_if("nobody", ["need"])
    assert error.value.code == "check.unknown_case"

    gap = review.gap(rep="r7")
    assert sum(part.share for part in gap.parts) == gap.gap["estimate"] < 0
    assert gap.table["part"] == [part.part for part in gap.parts] and gap.parts[0].share < 0
    assert "r7" in gap.sentence("zh") and review.gap().against == []
    with pytest.raises(gp.ArgumentError):
        review.gap(rep="r1", team="x")

    sample = review.sample_bias(40)
    assert sample.found < sample.clear and len(sample.table) == len(sample.readings)


def test_times_to_a_win():
    draw, made = random.Random(4), []
    for i in range(2000):
        rep, skip = draw.randrange(12), draw.random() < 0.3
        win, loss, end = draw.expovariate(0.03 if skip else 0.06), draw.expovariate(0.012), draw.uniform(20, 120)
        first = min(win, loss, end)
        won = None if first == end else win < loss
        steps = ["open"] + ([] if skip else ["need"]) + ["price", "close"]
        made.append({"id": f"c{i}", "rep": f"r{rep}", "steps": steps, "outcome": {"won": won, "days": int(first)}})
    corpus, sop = gp.Corpus.from_records(made), gp.Sop.parse(SOP)
    found = next(one for one in gp.review(corpus, sop, time="days").findings if one.kind == "skip" and one.step == "need")
    assert found.verdict == "hurts" and found.estimate > 0 and found.estimand == "time_difference_among_choosers"
    assert found.time["won"][0] < found.time["won"][1] and found.time["log_rank"]["p_value"] < 0.01
    with pytest.raises(gp.ArgumentError):
        gp.review(corpus, sop, time="nothing")
