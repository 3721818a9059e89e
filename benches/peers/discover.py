"""Mining one log by goldpath and by pm4py's inductive miner, in one run: time, size, fitness, precision, hold-out win rate.

    cargo build --release -p goldpath --example discover
    python discover.py --example ../../target/release/examples/discover --make 100000 --folder work
    python discover.py --example ../../target/release/examples/discover --log logs/H_1000.csv --folder work

`--make N` writes a log of N cases of 30 steps on average: a chain with options, alternatives, a loop, steps in any order, and 5 % noise.
Both miners get the log in their own in-memory form before the clock starts. Fitness and precision by pm4py's token-based
replay, of both models alike (goldpath's as the PNML it exports), on the first `--judge` cases. The win rate is that of the
last two fifths of the cases, for those that the model explains without a deviation and for the others, where the log has
a column `case:outcome`.
"""
from __future__ import annotations

import argparse
import csv
import json
import random
import subprocess
import time
import warnings
from pathlib import Path

CASE, STEP, TIME = "case:concept:name", "concept:name", "time:timestamp"


def make(path: Path, cases: int, seed: int = 5) -> None:
    dice = random.Random(seed)
    names = [f"s{i:02}" for i in range(26)]
    with path.open("w", newline="") as out:
        write = csv.writer(out)
        write.writerow([CASE, STEP, TIME])
        for case in range(cases):
            steps = names[:6]
            steps += [name for name in names[6:9] if dice.random() < 0.7]
            steps += [names[9], names[10]] if dice.random() < 0.5 else [names[11], names[12]]
            block = names[13:17]
            dice.shuffle(block)
            steps += block
            steps += [names[17], names[18]]
            while dice.random() < 0.5:
                steps += [names[19], names[17], names[18]]
            steps += names[20:26]
            while len(steps) < 30:
                steps.insert(len(steps) - 6, names[17 + len(steps) % 2])
            if dice.random() < 0.05:
                steps.insert(dice.randrange(len(steps)), dice.choice(names))
            for i, step in enumerate(steps):
                write.writerow([f"c{case}", step, f"2026-01-01T{i // 60:02}:{i % 60:02}:00Z"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--example", required=True, help="the built example `discover`")
    parser.add_argument("--folder", default="work")
    parser.add_argument("--log", help="a CSV with the columns of pm4py")
    parser.add_argument("--make", type=int, help="write a log of so many cases instead")
    parser.add_argument("--noise", type=float, default=0.2)
    parser.add_argument("--judge", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    warnings.filterwarnings("ignore")
    import pandas
    import pm4py

    folder = Path(asked.folder)
    folder.mkdir(parents=True, exist_ok=True)
    log = Path(asked.log) if asked.log else folder / f"made_{asked.make}.csv"
    if not asked.log and not log.exists():
        make(log, asked.make)
    net_file = folder / "goldpath.pnml"
    said = subprocess.run([asked.example, log, str(asked.noise), str(asked.rounds), net_file], check=True, capture_output=True, text=True)
    ours = json.loads(said.stdout)

    table = pandas.read_csv(log, dtype={CASE: str})
    table[TIME] = pandas.to_datetime(table[TIME], utc=True, format="ISO8601")
    begin = time.perf_counter()
    tree = pm4py.discover_process_tree_inductive(table, noise_threshold=asked.noise, multi_processing=False)
    theirs = time.perf_counter() - begin
    median = sorted(ours["seconds"])[len(ours["seconds"]) // 2]
    print(f"{log.name}: {ours['cases']} cases, {ours['events']} events, {ours['paths']} distinct paths")
    print(f"goldpath {median:.3f} s (median of {asked.rounds}); pm4py {theirs:.1f} s (once): {theirs / median:.0f} times as long")

    keep = table[CASE].drop_duplicates().head(asked.judge)
    part = table[table[CASE].isin(set(keep))]
    leaves = lambda node: 1 if not node.children else sum(leaves(child) for child in node.children)
    for name, net in (("goldpath", pm4py.read_pnml(str(net_file))), ("pm4py", pm4py.convert_to_petri_net(tree))):
        fitness = pm4py.fitness_token_based_replay(part, *net)
        precision = pm4py.precision_token_based_replay(part, *net)
        size = len(net[0].places) + len(net[0].transitions)
        print(f"{name}: fitness {fitness['log_fitness']:.4f}, precision {precision:.4f}, places and transitions of the net {size}")
        if "case:outcome" in table:
            ids = table[CASE].drop_duplicates()
            late = table[table[CASE].isin(set(ids.iloc[len(ids) * 3 // 5 :].head(asked.judge)))]
            fits = [one["trace_is_fit"] for one in pm4py.conformance_diagnostics_token_based_replay(late, *net)]
            won = late.groupby(CASE, sort=False)["case:outcome"].first().eq("won").tolist()
            rate = lambda fit: (sum(w for w, f in zip(won, fits) if f == fit) / max(1, fits.count(fit)), fits.count(fit))
            print(f"{name}: later cases it explains won {rate(True)[0]:.3f} of {rate(True)[1]}, the others {rate(False)[0]:.3f} of {rate(False)[1]}")
    print(f"goldpath: {ours['places']} places of steps in {ours['blocks']} blocks; pm4py: {leaves(tree)} leaves")


if __name__ == "__main__":
    main()
