#!/usr/bin/env python3
"""Effects of many choices from rows: goldpath against numpy and statsmodels, side by side in one run.

A million cases of 200 reps with three attributes and 30 choices. Of each choice both sides compute the Mantel–Haenszel
risk difference over rep × attributes with Sato's interval and p-value, and the cross-check: the doubly robust effect in the
population of overlap, from one logistic regression of the choice and one of the outcome (an intercept for every rep), with
errors clustered by rep. Every number has to agree to 1e-8.

- `goldpath` gets the polars table and gives all findings (with guards, segments and false discovery rates, which the peers
  do not compute).
- `from rows` is what an analyst writes: strata by numpy's `bincount`, `statsmodels.Logit` on the rows with dummy columns.
- `from cells` groups the rows by hand before it calls `statsmodels.GLM` on counts.

Everything runs on one thread. A choice takes the peers long, so `--rows-choices` and `--cells-choices` say how many of the
30 each of them is clocked on; their time is given per choice and compared with goldpath's time per choice.
"""
from __future__ import annotations

import argparse
import os
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ[variable] = "1"

import numpy as np
from scipy.stats import norm

LEVELS = {"segment": 3, "channel": 4, "source": 5}
TOLERANCE = 1e-8
CLIP = 0.01
Z = norm.ppf(0.975)


def make(cases: int, reps: int, choices: int, seed: int):
    """Columns of cases: good reps win more and choose more, attributes move both, choices have effects of their own."""
    rng = np.random.default_rng(seed)
    rep = rng.integers(0, reps, cases)
    skill = rng.normal(0, 0.5, reps)
    attributes = {name: rng.integers(0, levels, cases) for name, levels in LEVELS.items()}
    lean = skill[rep] - 0.4
    for name, levels in LEVELS.items():
        lean = lean + rng.normal(0, 0.4, levels)[attributes[name]]
    made = {}
    for i in range(choices):
        taste = rng.normal(0, 0.4, reps) + 0.8 * skill
        odds = taste[rep] + rng.normal(-0.8, 0.5) + rng.normal(0, 0.3, LEVELS["segment"])[attributes["segment"]]
        made[f"choice_{i:02}"] = rng.random(cases) < 1 / (1 + np.exp(-odds))
    for column in made.values():
        lean = lean + rng.normal(0, 0.15) * column
    won = rng.random(cases) < 1 / (1 + np.exp(-lean))
    return rep, attributes, made, won


def as_polars(rep, attributes, made, won):
    import polars as pl

    columns = {"rep": pl.Series(rep).cast(pl.String)}
    columns |= {name: pl.Series(values).cast(pl.String) for name, values in attributes.items()}
    columns |= {name: pl.Series(values) for name, values in made.items()}
    return pl.DataFrame(columns | {"won": pl.Series(won)})


def goldpath_way(table, choices):
    import goldpath as gp

    found = gp.ChoiceTable.from_dataframe(table, choices=choices, adjust_for=list(LEVELS)).findings()
    return {
        f.step: np.array([f.estimate, f.ci_low, f.ci_high, f.p_value, *(f.cross_check[k] for k in ("estimate", "low", "high"))])
        for f in found
    }


def strata_of(rep, attributes):
    strata = rep
    for name, levels in LEVELS.items():
        strata = strata * levels + attributes[name]
    return strata


def mantel_haenszel(a, n1, c, n0):
    """Risk difference with Sato's variance, from the counts of each stratum."""
    n = n1 + n0
    weight = (n1 * n0 / n).sum()
    difference = ((a * n0 - c * n1) / n).sum() / weight
    p = ((n1**2 * c - n0**2 * a + n1 * n0 * (n0 - n1) / 2) / n**2).sum()
    q = ((a * (n0 - c) + c * (n1 - a)) / (2 * n)).sum()
    se = np.sqrt(difference * p + q) / weight
    return [difference, difference - Z * se, difference + Z * se, 2 * norm.sf(abs(difference / se))]


def doubly_robust(t, y, n, e, m1, m0, cluster):
    """Overlap weights from rows (or from cells: `t` and `y` are then shares of 0 or 1, `n` the cases)."""
    e = np.clip(e, CLIP, 1 - CLIP)
    both = (n * (t * (1 - e) ** 2 + (1 - t) * e**2)).sum()
    terms = t * (1 - e) * (y - m1) - (1 - t) * e * (y - m0) + (t - e) ** 2 * (m1 - m0)
    effect = (n * terms).sum() / both
    scores = np.bincount(cluster, weights=n * (terms - (t - e) ** 2 * effect))
    se = np.sqrt((scores**2).sum()) / both
    return [effect, effect - Z * se, effect + Z * se]


def dummies(rep, attributes, reps):
    columns = [np.eye(reps)[rep]]
    columns += [np.eye(levels)[attributes[name]][:, 1:] for name, levels in LEVELS.items()]
    return np.hstack(columns)


def from_rows(rep, attributes, made, won, reps):
    import statsmodels.api as sm

    strata = strata_of(rep, attributes)
    y = won.astype(float)
    for name, choice in made.items():
        t = choice.astype(float)
        n, n1, hits, a = (np.bincount(strata, weights=w) for w in (np.ones_like(t), t, y, t * y))
        both = (n1 > 0) & (n > n1)
        difference = mantel_haenszel(a[both], n1[both], (hits - a)[both], (n - n1)[both])
        rows = both[strata]
        x = dummies(rep[rows], {k: v[rows] for k, v in attributes.items()}, reps)
        fit = lambda target, design: sm.Logit(target, design).fit(method="newton", tol=1e-12, disp=0)  # noqa: E731
        e = fit(t[rows], x).predict(x)
        x = np.column_stack([x, t[rows]])
        outcome = fit(y[rows], x)
        means = []
        for value in (1.0, 0.0):
            x[:, -1] = value
            means.append(outcome.predict(x))
        yield name, np.array(difference + doubly_robust(t[rows], y[rows], 1.0, e, *means, rep[rows]))


def from_cells(rep, attributes, made, won, reps):
    import statsmodels.api as sm

    strata = strata_of(rep, attributes)
    size = reps * int(np.prod(list(LEVELS.values())))
    rest, of = np.arange(size), {}
    for name, levels in reversed(LEVELS.items()):
        of[name], rest = rest % levels, rest // levels
    design = dummies(rest, of, reps)
    # Cases of each stratum that did not choose and lost, chose and lost, did not choose and won, chose and won.
    for name, choice in made.items():
        counts = np.bincount(strata * 4 + choice + 2 * won, minlength=4 * size).reshape(size, 4).astype(float)
        n1, n0 = counts[:, 1] + counts[:, 3], counts[:, 0] + counts[:, 2]
        both = (n1 > 0) & (n0 > 0)
        a, c, n1, n0, x, cluster = counts[both, 3], counts[both, 2], n1[both], n0[both], design[both], rest[both]
        difference = mantel_haenszel(a, n1, c, n0)
        fit = lambda hits, misses, design: (  # noqa: E731
            sm.GLM(np.column_stack([hits, misses]), design, family=sm.families.Binomial()).fit(tol=1e-13, maxiter=100)
        )
        e = fit(n1, n0, x).predict(x)
        arms = np.vstack([np.column_stack([x, np.full(len(x), value)]) for value in (1.0, 0.0)])
        outcome = fit(np.concatenate([a, c]), np.concatenate([n1 - a, n0 - c]), arms)
        m1, m0 = np.split(outcome.predict(arms), 2)
        effect = doubly_robust(
            np.hstack([np.ones_like(a), np.ones_like(a), np.zeros_like(c), np.zeros_like(c)]),
            np.hstack([np.ones_like(a), np.zeros_like(a), np.ones_like(c), np.zeros_like(c)]),
            np.hstack([a, n1 - a, c, n0 - c]),
            np.tile(e, 4),
            np.tile(m1, 4),
            np.tile(m0, 4),
            np.tile(cluster, 4),
        )
        yield name, np.array(difference + effect)


def clocked(what, results, own, limit):
    """Runs a peer over some choices, compares every number, and gives the seconds per choice."""
    taken, worst, start = [], 0.0, time.perf_counter()
    for name, numbers in results:
        taken.append(time.perf_counter() - start)
        worst = max(worst, np.abs(numbers - own[name]).max())
        start = time.perf_counter()
        if len(taken) == limit:
            break
    print(f"{what}: {np.sum(taken):.2f} s for {len(taken)} choices, {np.mean(taken):.3f} s each; largest difference {worst:.1e}", flush=True)
    if not worst <= TOLERANCE:
        raise SystemExit(f"{what} does not agree to {TOLERANCE}")
    return np.mean(taken)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--reps", type=int, default=200)
    parser.add_argument("--choices", type=int, default=30)
    parser.add_argument("--rows-choices", type=int, default=2)
    parser.add_argument("--cells-choices", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()

    rep, attributes, made, won = make(chosen.cases, chosen.reps, chosen.choices, chosen.seed)
    table = as_polars(rep, attributes, made, won)
    taken = []
    for _ in range(chosen.rounds + 1):
        start = time.perf_counter()
        own = goldpath_way(table, list(made))
        taken.append(time.perf_counter() - start)
    seconds = float(np.median(taken[1:]))
    each = seconds / len(made)
    print(f"goldpath: {seconds:.2f} s for {len(made)} choices, {each:.3f} s each (rounds {' '.join(f'{t:.2f}' for t in taken[1:])})", flush=True)
    for what, way, limit in (("from cells", from_cells, chosen.cells_choices), ("from rows", from_rows, chosen.rows_choices)):
        if limit:
            peer = clocked(what, way(rep, attributes, made, won, chosen.reps), own, limit)
            print(f"{what}: goldpath is {peer / each:.0f} times as fast")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
