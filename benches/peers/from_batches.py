"""Many conversations in little memory: from Arrow batches to findings in two passes, holding one batch and two ledgers at a time.

    python from_batches.py --cases 10000000 --cap 8

Each batch is made when it is asked for, the same for both passes: paths of 30 planned steps of which each is left out with
probability .05, two unplanned steps on average (of six, anywhere), a rep, a segment of three values, a day, and an outcome that
leaving out `s04` and `s11` hurts and adding `x2` helps. `--cap` (GB) makes it an error to have needed more memory.
"""
from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Iterator

import goldpath as gp
import numpy as np
import pyarrow as pa

PLANNED, EXTRAS, SLOTS = 30, 6, 4
STEPS = [f"s{i:02}" for i in range(PLANNED)] + [f"x{i}" for i in range(EXTRAS)]
SOP = f"{{format: goldpath/1, name: thirty, steps: [{', '.join(STEPS[:PLANNED])}], flow: [{', '.join(STEPS[:PLANNED])}]}}"
SEGMENTS = ["smb", "mid", "large"]


def coded(codes: np.ndarray, values: pa.Array) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), values)


def batch(number: int, size: int, reps: int, seed: int) -> tuple[pa.Table, pa.Table]:
    """Events and cases of one batch."""
    rng = np.random.default_rng([seed, number])
    ids = pa.array(np.arange(number * size, (number + 1) * size)).cast(pa.string())
    # Places of the planned steps, then of what is told beside them; what does not happen comes last.
    place = np.empty((size, PLANNED + SLOTS), np.float32)
    place[:, :PLANNED] = np.where(rng.random((size, PLANNED), np.float32) < 0.05, np.inf, np.arange(PLANNED, dtype=np.float32))
    place[:, PLANNED:] = np.where(rng.random((size, SLOTS), np.float32) < 0.5, np.inf, rng.random((size, SLOTS), np.float32) * PLANNED)
    step = np.empty(place.shape, np.int8)
    step[:, :PLANNED] = np.arange(PLANNED)
    step[:, PLANNED:] = PLANNED + rng.integers(0, EXTRAS, (size, SLOTS))
    told = np.isfinite(place)
    length = told.sum(1)
    path = np.take_along_axis(step, np.argsort(place, 1), 1)[np.arange(PLANNED + SLOTS) < length[:, None]]
    events = pa.table({"case": coded(np.repeat(np.arange(size), length), ids), "step": coded(path, pa.array(STEPS))})

    helped = (told & (step == PLANNED + 2)).any(1)
    rep, segment = rng.integers(0, reps, size), rng.integers(0, 3, size)
    skill = np.random.default_rng(seed).normal(0, 0.3, reps)
    logit = -0.8 + skill[rep] + 0.3 * segment + 0.5 * told[:, 4] + 0.3 * told[:, 11] + 0.4 * helped
    cases = pa.table({
        "id": ids,
        "rep": coded(rep, pa.array([f"r{i}" for i in range(reps)])),
        "segment": coded(segment, pa.array(SEGMENTS)),
        "started_at": pa.array(1_767_225_600_000 + rng.integers(0, 365, size) * 86_400_000, pa.timestamp("ms", "UTC")),
        "won": pa.array(rng.random(size) < 1 / (1 + np.exp(-logit))),
    })
    return events, cases


def peak() -> float:
    """Largest resident memory of this process so far, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=200_000)
    parser.add_argument("--batch", type=int, default=100_000)
    parser.add_argument("--reps", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cap", type=float, help="most memory in GB")
    chosen = parser.parse_args()
    sop = gp.Sop.parse(SOP)
    batches = -(-chosen.cases // chosen.batch)
    seconds = {"make batches": 0.0, "read and check": 0.0, "ledgers": 0.0, "add": 0.0}
    events = 0

    def timed(what: str, work):
        start = time.perf_counter()
        made = work()
        seconds[what] += time.perf_counter() - start
        return made

    def checks() -> Iterator[gp.Check]:
        nonlocal events
        for number in range(batches):
            rows, cases = timed("make batches", lambda: batch(number, chosen.batch, chosen.reps, chosen.seed))
            events += len(rows)
            yield timed("read and check", lambda: gp.Corpus.from_dataframe(rows, cases=cases).check(sop, outcome="won"))
            if number % 10 == 9:
                print(f"  {number + 1} of {batches} batches, {peak():.2f} GB", file=sys.stderr, flush=True)

    def total(one_of):
        found = None
        for check in checks():
            one = timed("ledgers", lambda: one_of(check))
            found = one if found is None else timed("add", lambda: found.merge(one))
        return found

    start = time.perf_counter()
    plan = gp.Plan.of(total(lambda check: check.screen(adjust_for=["segment"])))
    first = time.perf_counter() - start
    effects = total(lambda check: check.tally(plan))
    findings = effects.finish(plan)
    whole = time.perf_counter() - start

    print(f"{batches * chosen.batch:,} cases, {events // 2:,} events, {chosen.reps} reps: {len(findings)} findings in {whole:,.0f} s (plan after {first:,.0f} s)")
    print("  " + ", ".join(f"{name} {took:,.0f} s" for name, took in seconds.items()))
    print(f"  largest memory {peak():.2f} GB")
    for finding in sorted(findings, key=lambda finding: finding.p_value or 1)[:3]:
        print(f"  {finding.verdict}: {finding.sentence_en}")
    if chosen.cap and peak() > chosen.cap:
        sys.exit(f"more than {chosen.cap} GB")


if __name__ == "__main__":
    main()
