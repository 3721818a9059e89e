"""STAR, real dialogues with their preset flows: the example of the docs, run as a test."""

import importlib.util
import os
from pathlib import Path

import pytest

import goldpath as gp

DATA = os.environ.get("GOLDPATH_DATA")
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "star.py"


@pytest.mark.skipif(not DATA, reason="GOLDPATH_DATA names no folder with data/star_single.jsonl.gz")
def test_star_against_its_24_flows(tmp_path):
    spec = importlib.util.spec_from_file_location("star", EXAMPLE)
    star = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(star)
    corpus, playbook = star.load(Path(DATA))
    assert len(corpus) == 4671 and len(playbook.sops) == 24 and len(corpus.problems) == 0
    review = gp.review(corpus, playbook, outcome="task_success")
    summary = review.summary
    assert (summary["decided"], summary["won"], summary["unchecked"]) == (2070, 1615, 0)
    assert summary["complete"] + summary["stopped"] + summary["open"] == 4671
    # Every claim has its n; a verdict is given only with cases and reps on both sides.
    assert review.findings
    for finding in review.findings:
        assert finding.treated["n"] + finding.control["n"] > 0
        if finding.verdict != "not_enough_evidence":
            assert min(finding.comparable["treated"], finding.comparable["control"]) >= 20 and finding.q_value is not None
    again = gp.review(corpus, playbook, outcome="task_success")
    assert again.to_html("en") == review.to_html("en")
    review.save(tmp_path / "star.html", lang="zh")
