"""Innovations, proposals, the best path and the book, from Python."""

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


def test_what_really_happens(made):
    corpus = made.check.corpus if hasattr(made.check, "corpus") else gp.Corpus.from_records(cases())
    sop = corpus.discover(noise=0, name="seen")
    assert list(sop.steps) == ["a", "b", "c", "x"] or set(sop.steps) == {"a", "b", "c", "x"}
    assert set(corpus.check(sop).cases["cost"]) == {0}
    assert len(corpus.directly_follows()) == 6 and corpus.directly_follows_svg(1.0, "zh").startswith("<svg")
    with pytest.raises(gp.ArgumentError):
        corpus.discover(noise=3)
