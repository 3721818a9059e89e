"""The examples in docstrings run."""

import doctest

import goldpath as gp
import pytest
from conftest import RECORDS, SOP

OBJECTS = [gp, *(getattr(gp, name) for name in gp.__all__ if callable(getattr(gp, name)))]


def documented(thing):
    members = vars(thing).items() if isinstance(thing, type) else []
    yield from [("", thing), *((name, member) for name, member in members if not name.startswith("_"))]


@pytest.mark.parametrize("thing", OBJECTS, ids=lambda thing: thing.__name__)
def test_docstrings(thing):
    names = {name: getattr(gp, name) for name in gp.__all__}
    names |= {"example_sop": gp.Sop.parse(SOP), "example_corpus": gp.Corpus.from_records(RECORDS)}
    runner = doctest.DocTestRunner()
    parser = doctest.DocTestParser()
    for name, member in documented(thing):
        member = getattr(member, "__func__", member)
        text = getattr(member, "__doc__", None) or ""
        assert text or isinstance(member, (str, int)), f"{thing.__name__}.{name} has no docstring"
        if ">>>" in text:
            runner.run(parser.get_doctest(text, dict(names), f"{thing.__name__}.{name}", None, 0))
    assert runner.summarize().failed == 0
