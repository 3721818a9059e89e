"""Exact alignments of one log by goldpath and by its peers, timed side by side in one run.

    python alignments.py --log-dir logs --pnml process_log.sop.pnml --log H_10000
    python alignments.py --log-dir logs --pnml process_log.sop.pnml --log H_1000 --all-doors
    python alignments.py ... --rust-bench process-mining-bench/target/release/process-mining-bench

`--log-dir` holds `<log>.csv` with the columns `case:concept:name`, `concept:name` and
`time:timestamp`. Every engine gets the log in its own in-memory form before the clock starts and
runs on one thread unless `--threads` says otherwise. Each door is called once unclocked (its costs
are kept for the comparison) and then once per round, the doors taking turns, so that a slow minute
of the machine hits all of them.

The run fails (exit code 1) when two doors disagree on the cost of any path, apart from doors
marked `not exact`, whose disagreements are counted and shown.
"""
from __future__ import annotations

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Iterator

CASE, STEP, TIME = "case:concept:name", "concept:name", "time:timestamp"

THREAD_VARIABLES = (
    "RAYON_NUM_THREADS",
    "POLARS_MAX_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
)

# Mean cost per case under unit costs, on which independent exact aligners agree.
KNOWN_MEAN_COST = {"H_1000": 3.2590, "H_10000": 3.4284, "E_10000": 0.3753, "H_100000": 3.3772}

# The same language as the net in `--pnml`.
SOP_TEXT = """\
format: goldpath/1
name: process_log
steps: {open: {}, agenda: {}, rapport: {}, discover: {}, probe: {}, demo_std: {}, demo_prem: {}, pricing: {}, case_study: {}, roi: {}, objection: {}, trial_close: {}, close: {}, followup: {}, recap: {}}
flow:
  - open
  - optional: [agenda]
  - optional: [rapport]
  - discover
  - repeat: [probe, discover]
  - one_of: [[demo_std], [demo_prem]]
  - any_order: [pricing, case_study, roi]
  - optional: [objection]
  - trial_close
  - one_of: [[close], [followup]]
  - optional: [recap]
"""

MISSING_GOLDPATH = """\
goldpath cannot be imported here, so only the peers are run. Build it into this environment
(`maturin develop --release` in its Python package) and run again for the comparison.
"""


@dataclass
class Door:
    """One way into one engine, its input already in memory.

    `call` is what the clock covers. `costs` turns its return value into {case: cost}, unclocked.
    `own_clock` is for an engine in a process of its own: `call` then returns (seconds, costs).
    """

    engine: str
    name: str
    cases: int
    call: Callable[[], Any]
    costs: Callable[[Any], dict[str, int]]
    exact: bool = True
    own_clock: bool = False
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    cost_of: dict[str, int] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return f"{self.engine} {self.name}"

    @property
    def seconds(self) -> float:
        return statistics.median(self.wall)

    @property
    def rate(self) -> float:
        return self.cases / self.seconds


Paths = dict[str, tuple[str, ...]]


def read_paths(events_path: Path) -> Paths:
    """{case: steps} in file order, which in these logs is time order within each case."""
    paths: dict[str, list[str]] = {}
    with open(events_path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            paths.setdefault(row[CASE], []).append(row[STEP])
    return {case: tuple(steps) for case, steps in paths.items()}


def read_table(events_path: Path):
    import polars

    return polars.read_csv(events_path, columns=[CASE, STEP, TIME], try_parse_dates=True)


# ------------------------------------------------------------------------------------ goldpath


def run_goldpath(events_path: Path, sop_text: str) -> list[Door]:
    """goldpath's doors, corpus and SOP made beforehand: `corpus.check(sop)`, which aligns every path with all its moves
    and computes all figures of the cases; and the same with the table of cases handed to polars.

    Everything this script asks of goldpath is in this function.
    """
    try:
        import goldpath as gp
    except ImportError:
        print(MISSING_GOLDPATH, file=sys.stderr)
        return []

    table = read_table(events_path)
    sop = gp.Sop.parse(sop_text)
    corpus = gp.Corpus.from_dataframe(table, case=CASE, step=STEP, time=TIME)
    in_order = table[CASE].unique(maintain_order=True).to_list()

    def checked():
        return corpus.check(sop)

    def with_table():
        check = corpus.check(sop)
        check.cases.to_polars()
        return check

    def costs(check) -> dict[str, int]:
        cases = check.cases.to_polars()
        return dict(zip(cases["case_id"].to_list(), cases["cost"].to_list(), strict=True))

    return [
        Door("goldpath", "corpus.check", len(in_order), checked, costs),
        Door("goldpath", "corpus.check + cases table", len(in_order), with_table, costs),
    ]


# ---------------------------------------------------------------------------------------- r4pm


def run_r4pm(events_path: Path, pnml: Path, paths: Paths, all_doors: bool) -> list[Door]:
    """r4pm (Rust behind JSON): the projection of the log sits in its registry before the clock.

    `text` leaves the answer, moves included, as the JSON text the Rust side hands over: the least
    that can be paid from Python. `objects` is the documented function, which parses that text.
    Both merge equal paths while projecting, so a path is aligned once however often it occurs.
    """
    import r4pm
    from r4pm import bindings

    net = r4pm.petri_net.import_pnml(str(pnml))
    log = r4pm.import_item_from_df("EventLog", read_table(events_path))
    projection = bindings.log_to_activity_projection(log)
    r4pm.remove_item(log)
    options = {
        "cost_fn": {
            "log_move_cost": 1,
            "model_move_cost": 1,
            "sync_move_cost": 0,
            "silent_move_cost": 0,
        },
        "max_states": None,  # the default gives up after 100,000 states
    }
    arguments = json.dumps({"net": net, "projection": projection, "options": options})
    binding = next(b["id"] for b in r4pm.list_bindings() if b["name"] == "align_variants")

    def by_case(variants) -> dict[str, int]:
        cost = {tuple(v["activities"]): v["result"]["Ok"]["cost"] for v in variants}
        return {case: cost[path] for case, path in paths.items()}

    doors = [
        Door(
            "r4pm",
            "align_variants, text",
            len(paths),
            lambda: r4pm.call_binding(binding, arguments),
            lambda text: by_case(array_items(text)),
        )
    ]
    # The parsed answer takes kilobytes a path: gigabytes on the largest log.
    if all_doors or len(paths) <= 20_000:
        doors.append(
            Door(
                "r4pm",
                "align_variants, objects",
                len(paths),
                lambda: bindings.align_variants(net, projection, options),
                by_case,
            )
        )
    if all_doors:
        doors.append(
            Door(
                "r4pm",
                "align_trace, each case",
                len(paths),
                lambda: [bindings.align_trace(net, list(p), options) for p in paths.values()],
                lambda results: dict(zip(paths, (r["cost"] for r in results), strict=True)),
            )
        )
    return doors


def array_items(text: str) -> Iterator[Any]:
    """The items of a JSON array one at a time, so that a large answer is never held parsed."""
    decoder = json.JSONDecoder()
    at = text.index("[") + 1
    while text[at] != "]":
        item, at = decoder.raw_decode(text, at)
        yield item
        if text[at] == ",":
            at += 1


# --------------------------------------------------------------------------------------- pm4py


def run_pm4py(pnml: Path, paths: Paths, sample: int, all_doors: bool) -> list[Door]:
    """pm4py on the first `sample` cases: its fastest exact door, or all that claim exactness.

    Its net costs are 10,000 a visible move and 1 or 0 a silent one, hence the division. The
    fitness figure, which needs a further alignment, is switched off where it can be. All doors
    merge equal paths. Approximations and the discounted search are left out; the two doors on
    process trees are shown as not exact for the reasons in README.md.
    """
    import pm4py
    from pm4py.algo.conformance.alignments.petri_net import algorithm as on_net
    from pm4py.algo.conformance.alignments.process_tree import algorithm as on_tree
    from pm4py.objects.log.obj import Event, EventLog, Trace

    net, initial, final = pm4py.read_pnml(str(pnml))
    chosen = dict(list(paths.items())[:sample])

    def event_log(some: Paths) -> EventLog:
        return EventLog(
            Trace([Event({STEP: step}) for step in steps], attributes={STEP: case})
            for case, steps in some.items()
        )

    def costs_of(some: Paths, scale: int) -> Callable[[Any], dict[str, int]]:
        def costs(results) -> dict[str, int]:
            return {c: round(r["cost"]) // scale for c, r in zip(some, results, strict=True)}

        return costs

    def net_door(name: str) -> Door:
        variant, log = getattr(on_net.Variants, name), event_log(chosen)

        def call():
            parameters = {
                on_net.Parameters.SHOW_PROGRESS_BAR: False,
                on_net.Parameters.ENABLE_BEST_WORST_COST: False,
            }
            return on_net.apply_log(log, net, initial, final, parameters, variant)

        label = name.removeprefix("VERSION_").lower()
        return Door("pm4py", label, len(chosen), call, costs_of(chosen, 10_000))

    def tree_door(name: str, exact: bool, some: Paths) -> Door:
        variant, log = getattr(on_tree.Variants, name), event_log(some)
        tree = pm4py.convert_to_process_tree(net, initial, final)

        def call():
            return on_tree.apply(log, tree, variant, {"show_progress_bar": False})

        label = f"tree {name.lower()}" + ("" if exact else " (not exact)")
        return Door("pm4py", label, len(some), call, costs_of(some, 1), exact)

    doors = [net_door("VERSION_DIJKSTRA_LESS_MEMORY")]
    if all_doors:
        doors += [
            net_door("VERSION_DIJKSTRA_NO_HEURISTICS"),
            net_door("VERSION_DIJKSTRA_SEMANTICS"),
            net_door("VERSION_STATE_EQUATION_A_STAR"),
            tree_door("SEARCH_GRAPH_PT", False, chosen),
            # Slow enough that a tenth of the sample says it.
            tree_door("DYNAMIC_PROGRAMMING", False, dict(list(chosen.items())[: max(1, sample // 10)])),
        ]
    return doors


# ------------------------------------------------------------------------- process_mining crate


def run_rust_bench(binary: Path, events_path: Path, pnml: Path, cases: int) -> list[Door]:
    """The process_mining crate without Python, through the small program beside this script.

    It reads the files itself, warms up and clocks one call, all anew in each round.
    """

    def door(name: str) -> Door:
        def call():
            with tempfile.TemporaryDirectory() as folder:
                out = Path(folder) / "costs.csv"
                command = [binary, events_path, pnml, "--rounds", "1", "--door", name]
                if not this.cost_of:
                    command += ["--costs", out]
                answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                line = next(row for row in answer.splitlines() if row.startswith(name + "\t"))
                seconds = float(line.split("\t")[2])
                if this.cost_of:
                    return seconds, {}
                with open(out, newline="", encoding="utf-8") as file:
                    return seconds, {row[CASE]: int(row["cost"]) for row in csv.DictReader(file)}

        this = Door("process_mining", name, cases, call, lambda costs: costs, own_clock=True)
        return this

    return [door("align_log:variants"), door("align_log:cases")]


# --------------------------------------------------------------------------- clock and judgement


def take_turns(doors: list[Door], rounds: int) -> None:
    for door in doors:
        result = door.call()
        door.cost_of = door.costs(result[1] if door.own_clock else result)
        del result
    for turn in range(rounds):
        shift = turn % len(doors)
        for door in doors[shift:] + doors[:shift]:
            wall, cpu = time.perf_counter(), time.process_time()
            result = door.call()
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            if door.own_clock:
                wall, cpu = result[0], float("nan")
            del result
            door.wall.append(wall)
            door.cpu.append(cpu)


def print_table(doors: list[Door]) -> None:
    print(
        f"{'engine':<16}{'door':<36}{'cases':>8}{'median s':>11}{'cpu s':>9}"
        f"{'cases/s':>10}{'best/s':>10}{'mean cost':>11}"
    )
    for d in doors:
        mean = sum(d.cost_of.values()) / d.cases
        print(
            f"{d.engine:<16}{d.name:<36}{d.cases:>8}{d.seconds:>11.4f}"
            f"{statistics.median(d.cpu):>9.3f}{d.rate:>10.0f}{d.cases / min(d.wall):>10.0f}{mean:>11.4f}"
        )


def print_ratios(doors: list[Door]) -> None:
    """Rates against the first door, round by round, so that both sides saw the same minute."""
    first = doors[0]
    print(f"\n{first.label} against (cases/s over cases/s, median of rounds [lowest, highest]):")
    for other in doors[1:]:
        ratios = [
            (first.cases / mine) / (other.cases / theirs)
            for mine, theirs in zip(first.wall, other.wall, strict=True)
        ]
        print(
            f"  {other.label:<52}{statistics.median(ratios):>9.2f} x"
            f"   [{min(ratios):.2f}, {max(ratios):.2f}]"
        )


def costs_agree(doors: list[Door], log_name: str, cases: int) -> bool:
    """Path by path against the first exact door that covers the whole log."""
    judge = next((d for d in doors if d.exact and d.cases == cases), doors[0])
    print(f"\ncosts, path by path, against {judge.label}:")
    fine = True
    for door in doors:
        if door is judge:
            continue
        differing = [c for c, cost in door.cost_of.items() if judge.cost_of.get(c) != cost]
        print(f"  {door.label:<52}{len(door.cost_of):>8} compared, {len(differing)} differ")
        for case in differing[:3]:
            print(f"      {case}: {door.cost_of[case]} against {judge.cost_of.get(case)}")
        fine &= not (differing and door.exact)
    known = KNOWN_MEAN_COST.get(log_name)
    if known is not None and judge.cases == cases:
        mean = sum(judge.cost_of.values()) / cases
        agrees = abs(mean - known) < 5e-5
        print(f"  mean cost {mean:.4f}, known {known:.4f}: {'equal' if agrees else 'DIFFERENT'}")
        fine &= agrees
    return fine


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--log-dir", type=Path, required=True)
    parser.add_argument("--pnml", type=Path, required=True)
    parser.add_argument("--log", default="H_10000", help="name of the log without .csv")
    parser.add_argument("--sop", type=Path, help="SOP file equal to the net; built in for process_log")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--pm4py-sample", type=int, default=300, help="first cases; 0 leaves pm4py out")
    parser.add_argument("--all-doors", action="store_true", help="also the slower doors of each peer")
    parser.add_argument("--rust-bench", type=Path, help="the built process-mining-bench program")
    chosen = parser.parse_args()

    for variable in THREAD_VARIABLES:
        os.environ[variable] = str(chosen.threads)
    warnings.filterwarnings("ignore")

    events_path = chosen.log_dir / f"{chosen.log}.csv"
    sop_text = chosen.sop.read_text(encoding="utf-8") if chosen.sop else SOP_TEXT
    paths = read_paths(events_path)
    print(
        f"{chosen.log}: {len(paths)} cases, {sum(map(len, paths.values()))} events, "
        f"{len(set(paths.values()))} distinct paths, {chosen.threads} thread(s), "
        f"{chosen.rounds} rounds\n",
        flush=True,
    )

    doors = run_goldpath(events_path, sop_text)
    doors += run_r4pm(events_path, chosen.pnml, paths, chosen.all_doors)
    if chosen.rust_bench:
        doors += run_rust_bench(chosen.rust_bench, events_path, chosen.pnml, len(paths))
    if chosen.pm4py_sample:
        doors += run_pm4py(chosen.pnml, paths, chosen.pm4py_sample, chosen.all_doors)

    take_turns(doors, chosen.rounds)
    print_table(doors)
    print_ratios(doors)
    return 0 if costs_agree(doors, chosen.log, len(paths)) else 1


if __name__ == "__main__":
    sys.exit(main())
