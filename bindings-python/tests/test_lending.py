"""Two real logs in XES against their documented paths: the example of the docs, run as a test."""

import importlib.util
import os
from pathlib import Path

import pytest

import goldpath as gp

DATA = os.environ.get("GOLDPATH_DATA")
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "lending.py"


@pytest.mark.skipif(not DATA, reason="GOLDPATH_DATA names no folder with data/lending_log_high.xes.gz")
@pytest.mark.parametrize(
    ("process", "events", "yes", "decided", "extra"),
    # Counted from the files apart from this library.
    [("lending", 58822 - 10000, 2627, 10000, "skipped_examination"), ("hiring", 63869 - 9654 - 3401, 2430, 10000, None)],
)
def test_logs_against_their_documented_path(process, events, yes, decided, extra):
    spec = importlib.util.spec_from_file_location("lending", EXAMPLE)
    lending = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(lending)
    corpus, sop, outcome = lending.load(Path(DATA), process)
    table = corpus.table
    assert len(corpus) == 10000 and sum(table["steps"]) == events and corpus.outcomes == [outcome]
    assert sum(table[f"outcome.{outcome}"]) == yes and None not in table[f"outcome.{outcome}"]
    assert "age" in corpus.attributes and not {"Sign Loan Agreement", "Make Job Offer", "Application Rejected"} & set(corpus.steps)
    assert corpus.unread_fields["activity"] == len(events_of(corpus)) + lost(process)
    review = gp.review(corpus, sop, outcome=outcome)
    assert (review.summary["decided"], review.summary["won"]) == (decided, yes)
    unplanned = {row.step for row in review.check.deviations if row.kind == "extra"}
    assert (extra in unplanned) if extra else True


def events_of(corpus):
    return range(sum(corpus.table["steps"]))


def lost(process):
    return 10000 if process == "lending" else 9654 + 3401
