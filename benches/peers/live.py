"""A million pushes over 10,000 open live sessions from Python: the spread of one push.

    python live.py

The next push goes to the next session; a session whose conversation is over begins a new one. Timed is
`session.push(step)` alone, with what Python needs to take its answer.
"""
from __future__ import annotations

import sys
from time import perf_counter_ns

try:
    import goldpath as gp
except ImportError:
    sys.exit("goldpath is not installed here; see README.md")

OPEN, PUSHES = 10_000, 1_000_000
STEPS = "open need budget authority demo price objection answer trial close".split()
SOP = gp.Sop.from_dict(
    {
        "format": "goldpath/1",
        "name": "live",
        "steps": STEPS,
        "flow": ["open", {"any_order": ["need", "budget", "authority"]}, {"one_of": ["demo", "trial"]}, {"repeat": ["objection", "answer"]}, "price", "close"],
    }
)
# Runs, and runs with steps left out, doubled and swapped.
PATHS = [
    "open need budget authority demo objection answer price close".split(),
    "open budget need demo price close".split(),
    "open price need authority budget trial objection answer objection answer price close".split(),
    "open open need small_talk demo close price".split(),
    "need authority demo price price objection close".split(),
]


def main() -> None:
    sessions = [SOP.live() for _ in range(OPEN)]
    took = []
    for i in range(PUSHES):
        slot, turn = i % OPEN, i // OPEN
        path = PATHS[slot % len(PATHS)]
        if turn % len(path) == 0:
            sessions[slot] = SOP.live()
        step, session = path[turn % len(path)], sessions[slot]
        began = perf_counter_ns()
        session.push(step)
        took.append(perf_counter_ns() - began)
    took.sort()
    at = [took[int((PUSHES - 1) * share)] / 1e3 for share in (0.5, 0.99, 0.999)]
    print("push from Python: p50 {:.2f} µs, p99 {:.2f} µs, p99.9 {:.2f} µs".format(*at))


if __name__ == "__main__":
    main()
