"""Two process logs in XES, a loan and a hiring process of 10,000 cases each, against the path that the logs document.

    GOLDPATH_DATA=folder python docs/examples/lending.py [folder for the reports]

The folder holds `data/lending_log_high.xes.gz` and `data/hiring_log_high.xes.gz` (CC-BY-4.0). What is done with them:

1. The result is an event of the log (`Sign Loan Agreement`, `Make Job Offer`, or one of the refusals). It is the outcome,
   told by `outcome_steps`: these events leave the paths, for what defines a result is no choice.
2. Where a log holds several of them in one case, the last decides: a rejected applicant may still get an offer.
3. Who acted stands in the attribute `resource`, not in the standard `org:resource`.
4. The SOPs beside this file are the path that most cases take. What customers do by themselves is `by: customer`.
   `skipped_examination` is in no SOP: an unplanned step, which is what the log means by it.
"""

import os
import sys
from pathlib import Path

import goldpath as gp

HERE = Path(__file__).parent
RESULTS = {
    "lending": {"granted": {"yes": "Sign Loan Agreement", "no": ["Loan Denied", "Application Rejected", "Appointment Denied"]}},
    "hiring": {"hired": {"yes": "Make Job Offer", "no": "Application Rejected"}},
}


def load(folder: Path, process: str) -> tuple[gp.Corpus, gp.Sop, str]:
    """The corpus, the SOP and the name of the outcome of one of the two processes."""
    results = RESULTS[process]
    corpus = gp.Corpus.read(folder / "data" / f"{process}_log_high.xes.gz", rep="resource", outcome_steps=results)
    return corpus, gp.Sop.read(HERE / f"{process}.sop.yaml"), next(iter(results))


if __name__ == "__main__":
    if "GOLDPATH_DATA" not in os.environ:
        sys.exit("set GOLDPATH_DATA to the folder that holds data/lending_log_high.xes.gz")
    for process in RESULTS:
        corpus, sop, outcome = load(Path(os.environ["GOLDPATH_DATA"]), process)
        review = gp.review(corpus, sop, outcome=outcome)
        print(review)
        if len(sys.argv) > 1:
            review.save(Path(sys.argv[1]) / f"{process}.html", lang="en")
            print("→", Path(sys.argv[1]) / f"{process}.html")
