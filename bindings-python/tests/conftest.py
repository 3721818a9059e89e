"""What the tests and the examples in docstrings start from."""

import goldpath as gp
import pytest

SOP = "{format: goldpath/1, name: demo, steps: [open, need, close], flow: [open, need, close]}"
RECORDS = [
    {"id": "c1", "rep": "Ann", "team": "north", "steps": ["open", "need", "close"], "outcome": {"won": True}},
    {"id": "c2", "rep": "Bob", "team": "north", "steps": ["open", "close"], "outcome": {"won": False}},
]


@pytest.fixture
def sop():
    return gp.Sop.parse(SOP)


@pytest.fixture
def corpus():
    return gp.Corpus.from_records(RECORDS)


@pytest.fixture
def check(corpus, sop):
    return corpus.check(sop)
