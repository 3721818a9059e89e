"""From a table of events to findings: goldpath against grouping and counting the same table in polars.

    python findings.py
    python findings.py --cases 1000000 --rounds 3

A million cases of about 20 events: ten planned steps, each left out by one case in ten, one of ten unplanned steps after each
of them by one in ten, and nine questions of customers on the way, so that nearly all paths are distinct. 60 reps, three segments
and an outcome. That makes 30 choices: leave out, keep to the SOP until, and add, at ten points.

polars does the least that any such analysis must: `group_by(case)` with the number of events, and `group_by(step)` with the number
of cases. goldpath reads the table, aligns every case, compares all choices within rep and segment with their intervals, guards and
false discovery rates. Medians of the rounds, taking turns; every part of goldpath's time is told.
"""
from __future__ import annotations

import argparse
import statistics
import time

REPS = 60
PLANNED = [f"step_{i:02}" for i in range(10)]
ADDED = [f"idea_{i:02}" for i in range(10)]
ASKED = ["asks_price", "asks_time", "asks_terms"]
QUESTIONS = 9

SOP = (
    "{format: goldpath/1, name: ten steps, steps: {"
    + ", ".join(f"{step}: {{}}" for step in PLANNED)
    + ", "
    + ", ".join(f"{step}: {{by: customer, unplanned: true}}" for step in ASKED)
    + "}, flow: ["
    + ", ".join(PLANNED)
    + "]}"
)


def make(cases: int, seed: int):
    """The table of events and the table of cases, as polars frames."""
    import numpy as np
    import polars as pl

    rng = np.random.default_rng(seed)
    names = PLANNED + ADDED + ASKED
    n = len(PLANNED)
    # One row a case, one column a slot: a planned step, an idea, and room for two questions, ten times.
    slots = np.full((cases, n, 4), -1, dtype=np.int8)
    slots[:, :, 0] = np.where(rng.random((cases, n)) < 0.1, -1, np.arange(n))
    slots[:, :, 1] = np.where(rng.random((cases, n)) < 0.1, n + np.arange(n), -1)
    asked = rng.random((cases, n, 2)) < QUESTIONS / (2 * n)
    slots[:, :, 2:] = np.where(asked, 2 * n + rng.integers(0, len(ASKED), asked.shape), -1)
    slots = slots.reshape(cases, -1)
    present = slots >= 0
    case = np.broadcast_to(np.arange(cases, dtype=np.int32)[:, None], slots.shape)[present]
    micros = 1_700_000_000_000_000 + case.astype(np.int64) * 600_000_000 + np.arange(len(case)) % 1_000 * 1_000_000
    events = pl.DataFrame(
        {
            "case": "c" + pl.Series(case).cast(pl.String),
            "step": pl.Series(names).gather(slots[present].astype(np.int32)),
            "time": pl.Series(micros).cast(pl.Datetime("us", "UTC")),
        }
    )
    helped = (slots.reshape(cases, n, 4)[:, 3, 1] >= 0) * 0.1 - (slots.reshape(cases, n, 4)[:, 5, 0] < 0) * 0.1
    known = pl.DataFrame(
        {
            "id": "c" + pl.Series(np.arange(cases, dtype=np.int32)).cast(pl.String),
            "rep": "r" + pl.Series(rng.integers(0, REPS, cases)).cast(pl.String),
            "segment": pl.Series(["small", "middle", "large"]).gather(rng.integers(0, 3, cases)),
            "won": rng.random(cases) < 0.4 + helped,
        }
    )
    return events, known


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()

    import goldpath as gp
    import polars as pl

    events, known = make(chosen.cases, chosen.seed)
    sop = gp.Sop.parse(SOP)
    print(f"{len(known)} cases, {len(events)} events, polars on {pl.thread_pool_size()} threads", flush=True)

    def grouped():
        return events.group_by("case").agg(pl.len()), events.group_by("step").agg(pl.col("case").n_unique())

    def counted():
        return events.group_by("case").agg(pl.len()), events.group_by("step").agg(pl.len())

    parts: dict[str, list[float]] = {}

    def part(name, work):
        start = time.perf_counter()
        made = work()
        parts.setdefault(name, []).append(time.perf_counter() - start)
        return made

    def findings():
        corpus = part("read", lambda: gp.Corpus.from_dataframe(events, case="case", step="step", time="time", cases=known))
        check = part("check", lambda: corpus.check(sop, outcome="won"))
        screened = part("screen", lambda: check.screen(adjust_for=["segment"]))
        plan = part("plan", lambda: gp.Plan.of(screened))
        ledger = part("tally", lambda: check.tally(plan))
        return part("finish", lambda: ledger.finish(plan))

    taken: dict[str, list[float]] = {}
    for turn in range(chosen.rounds + 1):
        for name, work in (("polars, cases of a step", grouped), ("polars, events of a step", counted), ("goldpath, findings", findings)):
            start = time.perf_counter()
            made = work()
            if turn:
                taken.setdefault(name, []).append(time.perf_counter() - start)
    print(f"{len(made)} findings")
    least = taken["polars, events of a step"]
    for name, seconds in taken.items():
        ratios = [mine / base for mine, base in zip(seconds, least, strict=True)]
        print(f"  {name:<28}{statistics.median(seconds):>9.2f} s{statistics.median(ratios):>9.2f} x")
    for name, seconds in parts.items():
        print(f"    {name:<26}{statistics.median(seconds[1:]):>9.2f} s")


if __name__ == "__main__":
    main()
