"""Reading a XES file: goldpath against r4pm, time and peak memory, in the same run.

    python read_xes.py --csv LOGS/H_100000.csv [--rounds 5] [--gz]

The CSV (`case:concept:name`, `concept:name`, `time:timestamp`, `org:resource`, `case:outcome`) is written as XES first. Every
read is a process of its own, so that its peak memory is its own; the readers take turns. The clock runs inside of the process,
around the call that reads: `Corpus.read` here, `r4pm.df.import_xes` there. Peak memory is that of the whole process, with
Python and the modules it needs. Beside wall seconds stand CPU seconds: goldpath reads with as many threads as there are cores.
"""

import argparse
import csv
import gzip
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.sax.saxutils import quoteattr

READERS = {
    "goldpath": "import goldpath\nread = lambda path: (lambda c: (len(c), sum(c.table['steps'])))(goldpath.Corpus.read(path))",
    "r4pm": "import r4pm.df\nread = lambda path: (lambda f: (f['case:concept:name'].n_unique(), f.height))(r4pm.df.import_xes(path)[0])",
}
CHILD = """
import json, resource, sys, time
{reader}
wall, cpu = time.perf_counter(), time.process_time()
cases, events = read(sys.argv[1])
seconds = time.perf_counter() - wall, time.process_time() - cpu
print(json.dumps([cases, events, *seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


def write_xes(source: Path, target: Path) -> None:
    """Writes a table of events, whose cases stand together, as XES."""

    def attribute(kind: str, key: str, value: str) -> str:
        return f"<{kind} key={quoteattr(key)} value={quoteattr(value)}/>"

    with source.open(newline="", encoding="utf-8") as rows, (gzip.open if target.suffix == ".gz" else open)(target, "wt", encoding="utf-8") as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1849-2016" xmlns="http://www.xes-standard.org/">\n')
        case = None
        for row in csv.DictReader(rows):
            if row["case:concept:name"] != case:
                out.write("</trace>\n" if case is not None else "")
                case = row["case:concept:name"]
                out.write("<trace>" + attribute("string", "concept:name", case) + attribute("string", "outcome", row["case:outcome"]) + "\n")
            step = attribute("string", "concept:name", row["concept:name"])
            out.write(f"<event>{step}{attribute('date', 'time:timestamp', row['time:timestamp'])}{attribute('string', 'org:resource', row['org:resource'])}</event>\n")
        out.write(("</trace>\n" if case is not None else "") + "</log>\n")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--csv", type=Path, required=True)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--gz", action="store_true", help="also pack the XES file")
    args = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("log.xes.gz" if args.gz else "log.xes")
        write_xes(args.csv, path)
        print(f"{path.name}: {path.stat().st_size / 1e6:.0f} MB")
        seen: dict[str, list] = {name: [] for name in READERS}
        for _ in range(args.rounds):
            for name, reader in READERS.items():
                done = subprocess.run([sys.executable, "-c", CHILD.format(reader=reader), str(path)], capture_output=True, text=True, check=True)
                seen[name].append(json.loads(done.stdout.splitlines()[-1]))
        for name, runs in seen.items():
            wall, cpu, peak = (statistics.median(run[i] for run in runs) for i in (2, 3, 4))
            print(f"{name:9} {runs[0][0]} cases, {runs[0][1]} events   wall {wall:.2f} s   CPU {cpu:.2f} s   peak {peak:.0f} MB")
        assert len({tuple(runs[0][:2]) for runs in seen.values()}) == 1, "the readers do not agree on cases and events"
        for what, i in [("wall", 2), ("CPU", 3), ("peak memory", 4)]:
            ratios = sorted(theirs[i] / ours[i] for ours, theirs in zip(seen["goldpath"], seen["r4pm"]))
            print(f"r4pm over goldpath, {what}: median {statistics.median(ratios):.1f}, {ratios[0]:.1f} to {ratios[-1]:.1f}")


if __name__ == "__main__":
    main()
