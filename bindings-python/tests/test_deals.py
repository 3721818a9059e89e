"""Deals as cases and hints: the same names as in Rust, errors as exceptions, records that print well."""

import datetime

import goldpath as gp
import pytest

DEALS = [
    {"id": "c2", "deal": "d1", "rep": "Bob", "started_at": "2026-03-05", "turns": [{"speaker": "agent", "steps": ["close"]}], "outcome": {"won": True}},
    {"id": "c1", "deal": "d1", "rep": "Ann", "started_at": datetime.datetime(2026, 3, 2), "turns": [{"speaker": "agent", "steps": ["open"]}]},
    {"id": "c3", "deal": "d2", "rep": "Ann", "steps": ["open"], "outcome": {"won": None}},
]


def test_deals_are_cases(sop):
    corpus = gp.Corpus.from_records(DEALS)
    deals = corpus.by_deal()
    assert (corpus.unit, deals.unit, deals.ids, len(deals.notes)) == ("conversation", "deal", ["d1", "d2"], 0)
    assert repr(deals) == "Corpus(2 cases of 3 conversations, 3 step events, 2 turns)"
    check = corpus.check(sop, unit="deal")
    assert check.cases["rep"] == ["Bob", "Ann"] and check.cases["status"] == ["complete", "open"]
    skipped = check.alignment("d1").deviations[0]
    assert (skipped.step, skipped.origin) == ("need", {"conversation": "c2", "turns": None})
    assert check.alignment("d1").moves[2].origin == {"conversation": "c2", "turns": (0, 0)}
    assert gp.review(corpus, sop, unit="deal").summary["cases"] == 2
    assert check.stages["stage_reached"] == [None] * 3
    with pytest.raises(gp.ArgumentError, match="unit"):
        corpus.check(sop, unit="customer")


def test_deals_of_two_customers_are_refused_or_collected():
    corpus = gp.Corpus.from_records([record | {"customer": record["id"]} for record in DEALS])
    with pytest.raises(gp.CorpusError) as caught:
        corpus.by_deal()
    assert (caught.value.code, caught.value.faults[0]["case"]) == ("corpus.deal_mixed", "c2")
    left = corpus.by_deal(on_error="collect")
    assert left.ids == ["d2"] and left.problems["code"] == ["corpus.deal_mixed"]


def test_hints_are_records():
    sop = gp.Sop.from_dict({"format": "goldpath/1", "name": "x", "steps": ["a"], "flow": ["a"], "accepted": [{"skip": "a", "until": "2026-03-01"}]})
    for today in ("2026-03-02", datetime.date(2026, 3, 2)):
        (hint,) = sop.lint(today)
        assert hint == gp.Playbook.by("s", {"x": sop}).lint(today)[0]
        assert (hint.code, hint.place, hint.line, hint.step) == ("lint.accepted_over", "accepted[0]", None, "a")
        assert str(hint).startswith("accepted[0]: The accepted deviation of “a” ended on 2026-03-01.") and "<p>" in hint._repr_html_()
    assert sop.lint(datetime.date(2026, 3, 1)) == []
    with pytest.raises(gp.ArgumentError, match="no date"):
        sop.lint("soon")
