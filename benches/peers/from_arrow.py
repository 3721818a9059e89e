"""From a table of events to checked paths: goldpath against grouping the same table in polars.

    python from_arrow.py
    python from_arrow.py --rows 1000000 --orders cases,time,shuffled --rounds 5

Grouping events into paths is the least any check must do, so polars' `group_by` is the yardstick:
the ratio says how much the whole of `Corpus.from_dataframe(...)` + `.check(sop)` costs in units of
just grouping. Timed, median of the rounds, contenders taking turns:

* polars `group_by(case, maintain_order=True).agg(step)`, rows taken as they come;
* the same after `sort(time)` of the whole table, and with `agg(step.sort_by(time))`;
* pyarrow `group_by(case).aggregate([(step, "list")])`, rows taken as they come;
* goldpath `from_dataframe` from polars and from pyarrow, `check`, both to a finished `Check`, and both with the cost
  column read from its table of cases.

Row orders: `cases` (each case in one run of rows), `time` (cases interleaved, as a system writes
them), `shuffled`. Only with `shuffled` are the unsorted groupings wrong; they are shown as the floor.
The table is made by a seeded numpy generator: about 16.5 events a case, most paths distinct.

The script runs itself a second time with one thread, in a process of its own because polars and
rayon read the number of threads once.
"""
from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from typing import Any, Callable

from alignments import CASE, MISSING_GOLDPATH, SOP_TEXT, STEP, TIME

EVENTS_PER_CASE = 17
STEPS = (
    "open agenda rapport discover probe demo_std demo_prem pricing case_study roi "
    "objection trial_close close followup recap"
).split()
CODE = {step: code for code, step in enumerate(STEPS)}
ABSENT = -1


def make_columns(rows: int, seed: int, order: str) -> dict[str, Any]:
    """Exactly `rows` events as numpy columns: case number, step code, microseconds since 1970."""
    import numpy as np

    rng = np.random.default_rng(seed)
    cases = rows // EVENTS_PER_CASE + 1
    while True:
        steps = noisy(clean(cases, rng), rng)
        if (steps != ABSENT).sum() >= rows:
            break
        cases += cases // 20 + 1

    present = steps != ABSENT
    gaps = rng.integers(5, 121, size=steps.shape) * present
    # A case opens every ten minutes and lasts about twenty: neighbours overlap.
    at = np.arange(cases)[:, None] * 600 + np.cumsum(gaps, axis=1)
    case = np.broadcast_to(np.arange(cases)[:, None], steps.shape)[present][:rows]
    step = steps[present][:rows]
    micros = (1_700_000_000 + at[present][:rows]) * 1_000_000 + np.arange(rows) % 1_000

    if order == "time":
        place = np.argsort(micros, kind="stable")
    elif order == "shuffled":
        place = rng.permutation(rows)
    else:
        place = np.arange(rows)
    return {"case": case[place], "step": step[place], "micros": micros[place]}


def clean(cases: int, rng):
    """One row a case, one column a slot of the SOP; an optional part that is left out is ABSENT."""
    import numpy as np

    def always(*names: str):
        return np.tile([CODE[n] for n in names], (cases, 1))

    def sometimes(chance: float, name: str):
        return np.where(rng.random((cases, 1)) < chance, CODE[name], ABSENT)

    def either(chance: float, one: str, other: str):
        return np.where(rng.random((cases, 1)) < chance, CODE[one], CODE[other])

    most_rounds = 8
    rounds = np.minimum(rng.geometric(0.22, size=(cases, 1)) - 1, most_rounds)
    going_on = np.repeat(np.arange(most_rounds)[None, :] < rounds, 2, axis=1)
    repeats = np.where(going_on, always(*["probe", "discover"] * most_rounds), ABSENT)
    return np.hstack(
        [
            always("open"),
            sometimes(0.7, "agenda"),
            sometimes(0.5, "rapport"),
            always("discover"),
            repeats,
            either(0.6, "demo_std", "demo_prem"),
            rng.permuted(always("pricing", "case_study", "roi"), axis=1),
            sometimes(0.6, "objection"),
            always("trial_close"),
            either(0.35, "close", "followup"),
            sometimes(0.5, "recap"),
        ]
    )


def noisy(steps, rng, chance: float = 0.2):
    """Each event is hit with `chance`: followed by a stray step, dropped, or put after the next slot."""
    import numpy as np

    present = steps != ABSENT
    hit = np.where(present & (rng.random(steps.shape) < chance), rng.integers(0, 3, steps.shape), -1)
    stray = np.where(hit == 0, rng.integers(0, len(STEPS), steps.shape), ABSENT)
    kept = np.where(hit == 1, ABSENT, steps)
    swap = hit[:, :-1] == 2
    for slot in range(swap.shape[1]):
        turned = kept[swap[:, slot], slot : slot + 2][:, ::-1]
        kept[swap[:, slot], slot : slot + 2] = turned
    return np.stack([kept, stray], axis=2).reshape(len(steps), -1)


def make_polars(columns: dict[str, Any]):
    import polars as pl

    return pl.DataFrame(
        {
            CASE: "c" + pl.Series(columns["case"]).cast(pl.String),
            STEP: pl.Series(STEPS).gather(columns["step"]),
            TIME: pl.Series(columns["micros"]).cast(pl.Datetime("us", "UTC")),
        }
    )


def make_pyarrow(table):
    """The same table with pyarrow's own plain strings, copied out of polars."""
    import pyarrow as pa

    schema = pa.schema(
        [(CASE, pa.string()), (STEP, pa.string()), (TIME, pa.timestamp("us", "UTC"))]
    )
    return table.to_arrow().cast(schema).combine_chunks()


Contenders = dict[str, Callable[[], Any]]


def polars_contenders(table) -> Contenders:
    import polars as pl

    step, by_time = pl.col(STEP), pl.col(STEP).sort_by(TIME)
    return {
        "polars group_by": lambda: table.group_by(CASE, maintain_order=True).agg(step),
        "polars sort + group_by": lambda: (
            table.sort(TIME, maintain_order=True).group_by(CASE, maintain_order=True).agg(step)
        ),
        "polars group_by, sort_by inside": lambda: (
            table.group_by(CASE, maintain_order=True).agg(by_time)
        ),
    }


def pyarrow_contenders(table, one_thread: bool) -> Contenders:
    # With threads, pyarrow may return the steps of a case in any order.
    return {
        "pyarrow group_by list": lambda: (
            table.group_by(CASE, use_threads=not one_thread).aggregate([(STEP, "list")])
        )
    }


def goldpath_contenders(polars_table, pyarrow_table) -> Contenders:
    """Everything this script asks of goldpath. Its `check` is timed up to the read cost column."""
    import goldpath as gp

    sop = gp.Sop.parse(SOP_TEXT)

    def corpus_of(table):
        return gp.Corpus.from_dataframe(table, case=CASE, step=STEP, time=TIME)

    def check(corpus):
        return corpus.check(sop).cases.to_polars()["cost"]

    ready = corpus_of(polars_table)
    return {
        "goldpath from_dataframe(polars)": lambda: corpus_of(polars_table),
        "goldpath from_dataframe(pyarrow)": lambda: corpus_of(pyarrow_table),
        "goldpath check": lambda: check(ready),
        "goldpath to a finished Check": lambda: corpus_of(polars_table).check(sop),
        "goldpath from_dataframe + check": lambda: check(corpus_of(polars_table)),
    }


def clock(contenders: Contenders, rounds: int) -> dict[str, list[float]]:
    names = list(contenders)
    sizes = {name: size(contenders[name]()) for name in names}  # unclocked first call
    groups = {n for n in sizes.values() if n is not None}
    if len(groups) > 1:
        raise SystemExit(f"the contenders disagree on the number of cases: {sizes}")
    taken: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(rounds):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            start = time.perf_counter()
            result = contenders[name]()
            taken[name].append(time.perf_counter() - start)
            del result
    return taken


def size(result: Any) -> int | None:
    """Number of cases in a table or column of results; nothing is assumed of other objects."""
    import polars as pl

    if isinstance(result, (pl.DataFrame, pl.Series)):
        return len(result)
    return getattr(result, "num_rows", None)


def print_result(taken: dict[str, list[float]], rows: int, yardstick: str) -> None:
    print(f"  {'contender':<36}{'median s':>10}{'best s':>10}{'M rows/s':>10}{'x group_by':>12}")
    for name, seconds in taken.items():
        ratio = statistics.median(
            mine / base for mine, base in zip(seconds, taken[yardstick], strict=True)
        )
        median = statistics.median(seconds)
        print(f"  {name:<36}{median:>10.4f}{min(seconds):>10.4f}{rows / median / 1e6:>10.2f}{ratio:>12.2f}")


def run(chosen: argparse.Namespace, one_thread: bool) -> None:
    import polars as pl

    print(f"\n== polars threads: {pl.thread_pool_size()}", flush=True)
    for order in chosen.orders.split(","):
        table = make_polars(make_columns(chosen.rows, chosen.seed, order))
        arrow = make_pyarrow(table)
        contenders = polars_contenders(table) | pyarrow_contenders(arrow, one_thread)
        try:
            contenders |= goldpath_contenders(table, arrow)
        except ImportError:
            pass
        print(f"\n{table.height} rows, {table[CASE].n_unique()} cases, order: {order}")
        print_result(clock(contenders, chosen.rounds), table.height, "polars group_by")
        sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--orders", default="cases,time,shuffled")
    parser.add_argument("--one-thread", action="store_true", help="only the single-threaded half")
    chosen = parser.parse_args()

    if chosen.one_thread:
        for variable in ("POLARS_MAX_THREADS", "RAYON_NUM_THREADS", "OMP_NUM_THREADS"):
            os.environ[variable] = "1"
        run(chosen, one_thread=True)
        return 0

    try:
        import goldpath  # noqa: F401
    except ImportError:
        print(MISSING_GOLDPATH, file=sys.stderr)
    run(chosen, one_thread=False)
    return subprocess.run([sys.executable, *sys.argv, "--one-thread"]).returncode


if __name__ == "__main__":
    sys.exit(main())
