"""What a review over a cluster costs: one core's pace through both passes, bytes of ledgers, memory and time to add them.

    RAYON_NUM_THREADS=1 python cluster.py
    RAYON_NUM_THREADS=1 python cluster.py --cases 200000 --reps 5000 --parts 4
    python cluster.py --spark

Cases are those of from_arrow.py (about 16.5 events each, most paths distinct), with a rep, a segment of three values, a day and an
outcome. They are split into parts as partitions would hold them; each part is read from Arrow, checked, screened and tallied on
its own. `--spark` runs the same rows through `goldpath.spark.review` on two local workers, without measuring parts.
"""
from __future__ import annotations

import argparse
import resource
import time
from typing import Any

from alignments import CASE, SOP_TEXT, STEP, TIME
from from_arrow import EVENTS_PER_CASE, make_columns, make_polars


def make_tables(cases: int, reps: int, seed: int):
    import numpy as np
    import polars as pl

    events = make_polars(make_columns(cases * EVENTS_PER_CASE, seed, "cases"))
    ids = events[CASE].unique(maintain_order=True)
    rng = np.random.default_rng(seed)
    n = len(ids)
    known = pl.DataFrame({
        "id": ids,
        "rep": "r" + pl.Series(rng.integers(0, reps, n)).cast(pl.String),
        "segment": pl.Series(["smb", "mid", "large"]).gather(rng.integers(0, 3, n)),
        "started_at": pl.Series(1_767_225_600_000 + rng.integers(0, 365, n) * 86_400_000).cast(pl.Datetime("ms", "UTC")),
        "won": rng.random(n) < 0.4,
    })
    return events, known


def timed(work):
    start = time.perf_counter()
    return work(), time.perf_counter() - start


def peak() -> float:
    """Largest resident memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_parts(chosen: argparse.Namespace) -> None:
    import goldpath as gp
    import polars as pl

    sop = gp.Sop.parse(SOP_TEXT)
    events, known = make_tables(chosen.cases, chosen.reps, chosen.seed)
    share = -(-len(known) // chosen.parts)
    places = pl.DataFrame({CASE: known["id"], "part": pl.Series(range(len(known))) // share})
    parts = events.join(places, on=CASE, maintain_order="left").partition_by("part", include_key=False)
    print(f"{len(known)} cases, {len(events)} events, {chosen.reps} reps, {chosen.parts} parts; tables made at {peak():.0f} MB")
    seconds: dict[str, float] = {"read and check": 0.0, "screen": 0.0, "tally": 0.0}
    checks, screens, ledgers = [], [], []
    for i, part in enumerate(parts):
        of_part = known.slice(i * share, share)
        check, took = timed(lambda: gp.Corpus.from_dataframe(part, case=CASE, step=STEP, time=TIME, cases=of_part).check(sop, outcome="won"))
        seconds["read and check"] += took
        screened, took = timed(lambda: check.screen(adjust_for=["segment"]))
        seconds["screen"] += took
        checks.append(check)
        screens.append(screened.to_bytes())
    print(f"  a worker's peak with all parts held: {peak():.0f} MB")

    def add(kind: Any, written: list[bytes]):
        total = kind.from_bytes(written[0])
        for one in written[1:]:
            total = total.merge(kind.from_bytes(one))
        return total

    screened, adding = timed(lambda: add(gp.ScreenLedger, screens))
    plan, planning = timed(lambda: gp.Plan.of(screened))
    for check in checks:
        ledger, took = timed(lambda: check.tally(plan))
        seconds["tally"] += took
        ledgers.append(ledger.to_bytes())
    effects, adding_effects = timed(lambda: add(gp.EffectLedger, ledgers))
    findings, finishing = timed(lambda: effects.finish(plan))
    for name, took in seconds.items():
        print(f"  {name:<16}{took:8.2f} s {len(known) / took:12,.0f} cases/s")
    both = 2 * seconds["read and check"] + seconds["screen"] + seconds["tally"]
    print(f"  both passes (each reads anew) {both:6.2f} s {len(known) / both:8,.0f} cases/s and core")
    for name, written, took in [("screen", screens, adding), ("effect", ledgers, adding_effects)]:
        total = len((screened if name == "screen" else effects).to_bytes())
        print(f"  {name} ledger: {max(map(len, written)) / 1e6:.2f} MB a part, {total / 1e6:.2f} MB summed; {took / len(written):.3f} s to read and add one")
    print(f"  plan {planning:.2f} s, {len(findings)} findings {finishing:.2f} s, peak {peak():.0f} MB")


def measure_spark(chosen: argparse.Namespace) -> None:
    import os
    import sys

    import goldpath as gp
    import goldpath.spark
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").config("spark.driver.memory", "4g").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    events, known = make_tables(chosen.cases, chosen.reps, chosen.seed)
    folder = chosen.folder
    events.write_parquet(f"{folder}/events.parquet")
    known.write_parquet(f"{folder}/cases.parquet")
    frames = spark.read.parquet(f"{folder}/events.parquet"), spark.read.parquet(f"{folder}/cases.parquet")
    sop = gp.Sop.parse(SOP_TEXT)
    for _ in range(2):
        found, took = timed(lambda: gp.spark.review(frames[0], sop, cases=frames[1], case=CASE, step=STEP, time=TIME, adjust_for=["segment"], partitions=8))
        print(f"  Spark, two local cores, 8 partitions: {took:.1f} s, {len(known) / took / 2:,.0f} cases/s and core, {len(found.findings)} findings")
    spark.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=200_000)
    parser.add_argument("--reps", type=int, default=1_000)
    parser.add_argument("--parts", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--spark", action="store_true")
    parser.add_argument("--folder", default=".", help="where --spark puts its Parquet files")
    chosen = parser.parse_args()
    (measure_spark if chosen.spark else measure_parts)(chosen)


if __name__ == "__main__":
    main()
