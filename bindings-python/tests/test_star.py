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
    # Conforming is compared where cases reached a step, never over whole paths; every claim has its n and is unadjusted.
    assert review.findings and all("unadjusted" in f.caveats and f.verdict == "not_enough_evidence" for f in review.findings)
    for finding in review.findings:
        assert finding.treated["n"] > 0 and finding.control["n"] > 0
    again = gp.review(corpus, playbook, outcome="task_success")
    assert again.to_html("en") == review.to_html("en")
    review.save(tmp_path / "star.html", lang="zh")
