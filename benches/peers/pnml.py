"""Optimal alignment costs of exported nets, by peers, against goldpath's own: path by path.

    cargo run -p goldpath --example nets --features simulate -- 200 50 > nets.jsonl
    python pnml.py nets.jsonl

Each line of the input is a net that `Sop::to_pnml_for` wrote, with paths and the cost goldpath found for each. r4pm aligns
all of them; pm4py, which is slower, the first `--pm4py-sample` of each net. Both use the standard costs. Prints how many
pairs were compared and how many differ; any difference makes the exit code 1.
"""
from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import warnings
from pathlib import Path

STEP = "concept:name"
STANDARD_COSTS = {"log_move_cost": 1, "model_move_cost": 1, "sync_move_cost": 0, "silent_move_cost": 0}


def r4pm_costs(pnml: Path, paths: list[list[str]]) -> list[int]:
    import r4pm
    from r4pm import bindings

    net = r4pm.petri_net.import_pnml(str(pnml))
    options = {"cost_fn": STANDARD_COSTS, "max_states": None}
    return [bindings.align_trace(net, path, options)["cost"] for path in paths]


def pm4py_costs(pnml: Path, paths: list[list[str]]) -> list[int]:
    import pm4py
    from pm4py.algo.conformance.alignments.petri_net import algorithm
    from pm4py.objects.log.obj import Event, Trace

    net, initial, final = pm4py.read_pnml(str(pnml))
    # Its default, an A*. `dijkstra_less_memory` is not exact on these nets: see README.md.
    variant = algorithm.Variants.VERSION_STATE_EQUATION_A_STAR
    parameters = {algorithm.Parameters.SHOW_PROGRESS_BAR: False}
    costs = []
    for path in paths:
        trace = Trace([Event({STEP: step}) for step in path])
        answer = algorithm.apply_trace(trace, net, initial, final, parameters, variant)
        # A visible move costs 10,000 there, a silent one 0 or 1.
        costs.append(round(answer["cost"]) // 10_000)
    return costs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("nets", type=Path)
    parser.add_argument("--pm4py-sample", type=int, default=3, help="paths of each net; 0 leaves pm4py out")
    chosen = parser.parse_args()
    os.environ.setdefault("RAYON_NUM_THREADS", "1")
    warnings.filterwarnings("ignore")

    doors = {"r4pm": (r4pm_costs, None)}
    if chosen.pm4py_sample:
        doors["pm4py"] = (pm4py_costs, chosen.pm4py_sample)
    compared = dict.fromkeys(doors, 0)
    differing = dict.fromkeys(doors, 0)
    nets, sops = 0, set()
    with tempfile.TemporaryDirectory() as folder, open(chosen.nets, encoding="utf-8") as lines:
        for line in lines:
            item = json.loads(line)
            nets += 1
            sops.add(item["sop"])
            pnml = Path(folder) / "net.pnml"
            pnml.write_text(item["pnml"], encoding="utf-8")
            for name, (costs, sample) in doors.items():
                paths = item["paths"][:sample]
                found = costs(pnml, [path["steps"] for path in paths])
                for path, cost in zip(paths, found, strict=True):
                    compared[name] += 1
                    if cost != path["cost"]:
                        differing[name] += 1
                        print(f"SOP {item['sop']}, {path['steps']}: {name} {cost}, goldpath {path['cost']}")
    print(f"{len(sops)} SOPs, {nets} nets")
    for name in doors:
        print(f"{name:<6} {compared[name]:>7} pairs compared, {differing[name]} differ")
    return 1 if any(differing.values()) or not all(compared.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
