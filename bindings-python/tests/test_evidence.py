"""The evidence engine from Python: what is adjusted for, and ledgers of shards."""

import random

import goldpath as gp
import pytest

SOP = "{format: goldpath/1, name: demo, steps: [open, need, price, close], flow: [open, need, price, close]}"


def records(n=900, seed=1):
    """Easy customers are asked less and win more; leaving `need` out costs 15 points."""
    draw = random.Random(seed)
    made = []
    for i in range(n):
        easy, rep = draw.random() < 0.5, f"r{draw.randrange(6)}"
        skip = draw.random() < (0.6 if easy else 0.2)
        won = draw.random() < (0.7 if easy else 0.35) - (0.15 if skip else 0)
        steps = ["open"] + ([] if skip else ["need"]) + ["price", "close"]
        made.append({"id": f"c{i}", "rep": rep, "segment": "easy" if easy else "hard", "steps": steps, "outcome": {"won": won}})
    return made


def skip(findings):
    return next(one for one in findings if one.kind == "skip" and one.step == "need")


def test_like_is_compared_with_like():
    corpus, sop = gp.Corpus.from_records(records(4000)), gp.Sop.parse(SOP)
    found = skip(gp.review(corpus, sop).findings)
    assert found.adjusted_for[:2] == ["rep", "segment"] and found.verdict == "hurts" and -0.2 < found.estimate < -0.1
    assert found.raw["estimate"] > found.estimate + 0.05, "the plain difference misleads"
    assert {one["value"] for one in found.segments} == {"easy", "hard"} and found.q_value < 0.05 < found.comparable["share"]
    plain = skip(gp.review(corpus, sop, adjust_for=[]).findings)
    assert plain.adjusted_for == ["rep"] and plain.estimate > found.estimate + 0.03
    turned = skip(gp.review(corpus, sop, adjust_for=["segment"], lower_is_better=True).findings)
    assert turned.verdict == "helps"
    assert not [one for one in gp.review(corpus, sop, never_choices=["need"]).findings if one.step == "need"]
    with pytest.raises(gp.ArgumentError, match="segmnt"):
        gp.review(corpus, sop, adjust_for=["segmnt"])


def test_ledgers_of_shards_add():
    made, sop = records(), gp.Sop.parse(SOP)
    parts = [made[i::3] for i in range(3)]
    checks = [gp.Corpus.from_records(part).check(sop) for part in parts]
    whole = gp.Corpus.from_records(made).check(sop)
    screens = [check.screen(adjust_for=["segment"]) for check in checks]
    total = screens[2].merge(screens[0]).merge(gp.ScreenLedger.from_bytes(screens[1].to_bytes()))
    assert total.to_bytes() == whole.screen(adjust_for=["segment"]).to_bytes() and total.decided == len(made)
    plan = gp.Plan.of(total)
    assert gp.Plan.from_bytes(plan.to_bytes()).hash == plan.hash and plan.adjust_for == ["segment"]
    ledgers = [check.tally(plan) for check in checks]
    summed = ledgers[1].merge(ledgers[2]).merge(gp.EffectLedger.from_bytes(ledgers[0].to_bytes()))
    assert summed.to_bytes() == whole.tally(plan).to_bytes()
    assert skip(summed.finish(plan)) == skip(gp.review(gp.Corpus.from_records(made), sop, adjust_for=["segment"]).findings)
    other = gp.Plan.of(checks[0].screen(adjust_for=[]))
    with pytest.raises(gp.ArgumentError) as error:
        ledgers[0].merge(checks[0].tally(other))
    assert error.value.code == "evidence.other_plan"
    with pytest.raises(gp.ArgumentError, match="ledger"):
        gp.EffectLedger.from_bytes(b"{}")
