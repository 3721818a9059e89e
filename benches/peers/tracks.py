"""Talk tracks beside their simulator and datasketch, in one run.

    python tracks.py --sim folder      # regret of the top pick, and clusters against planted wordings, 20 worlds
    python tracks.py --contest 40      # wordings compared like with like, against planted effects
    python tracks.py --utterances 1000000 --sample 5000

`--sim` holds `tracks_and_sequential_sim.py`, of which the first part is run. In each of its 20 worlds:
200 knowledge points of 15 variants with rates from Beta(6, 14) and uses from a heavy tail, ranked
by the raw rate, Wilson's lower bound (90 %), and `rank_tracks` (empirical Bayes, the prior pooled
over all tracks of the world); and the utterances of 12 knowledge points of six wordings with small
edits, gathered by `cluster` (adjusted Rand index per knowledge point).

`--contest`: worlds of 2,000 calls of ten reps. Four wordings at one step; the three reps who close
well say the first much more often, and the effect of the first is 0 in every other world and 12
points in the rest. The others do nothing. Printed: how far the plain difference and the compared one are from the truth,
how often the 95 % interval holds it, and how often a wording that does nothing gets a verdict.

`--utterances`: the time and memory of `cluster` on so many distinct utterances, beside datasketch's
MinHashLSH (64 permutations, insert and query) on a sample, in proportion.
"""
from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

import goldpath as gp


def worlds(folder: Path) -> None:
    import numpy as np
    from sklearn.metrics import adjusted_rand_score

    source = (folder / "tracks_and_sequential_sim.py").read_text(encoding="utf-8").split("# ---- 2 peeking")[0]
    regret: dict[str, list[float]] = {"raw rate": [], "Wilson's lower bound": [], "goldpath": []}
    index = []
    for seed in range(20):
        g = np.random.default_rng(5 + 1000 * seed)
        draws = []
        for _ in range(200):
            p = g.beta(6, 14, 15)
            n = np.maximum(1, g.zipf(1.6, 15)).clip(1, 300)
            draws.append((p, n, g.binomial(n, p)))
        # The shares do not depend on who competes with whom.
        table = gp.rank_tracks(range(3000), [int(k) for _, _, ks in draws for k in ks], [int(n) for _, ns, _ in draws for n in ns])
        mean = np.array(table["advance_rate"]).reshape(200, 15)
        z = 1.645
        for point, (p, n, k) in enumerate(draws):
            rate = k / n
            wilson = (rate + z * z / (2 * n) - z * np.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))) / (1 + z * z / n)
            for name, score in (("raw rate", rate), ("Wilson's lower bound", wilson), ("goldpath", mean[point])):
                regret[name].append(float(p.max() - p[int(np.argmax(score))]))
        with tempfile.TemporaryDirectory() as out:
            sys.argv = ["sim", str(seed), out]
            quiet = source.replace("range(200)", "range(1)").replace("print(", "(lambda *_: None)(")
            exec(compile(quiet, "sim", "exec"), {})
            rows = [json.loads(line) for line in (Path(out) / "tracks.jsonl").open(encoding="utf-8")]
        for point in sorted({row["knowledge_point"] for row in rows}):
            part = [row for row in rows if row["knowledge_point"] == point]
            index.append(adjusted_rand_score([row["true_cluster"] for row in part], gp.cluster([row["text"] for row in part])))
    for name, values in regret.items():
        print(f"regret of the top pick, {name}: {sum(values) / len(values):.4f}")
    print(f"adjusted Rand index over {len(index)} knowledge points: mean {sum(index) / len(index):.4f}, least {min(index):.4f}")


def speed(count: int, sample: int) -> None:
    from datasketch import MinHash, MinHashLSH

    random.seed(1)
    openers = ["我先给您算一笔账", "其他客户也这样问过", "我们一起看一下数据", "先听听您的想法", "let me show you", "what other customers did", "we could start small", "here is the plan"]
    letters = "价格预算竞品交付售后合同试用决策人痛点收益时间表安全方案系统数据支持团队培训上线"
    texts = [random.choice(openers) + "".join(random.choices(letters, k=random.randint(4, 12))) + random.choice(["", "呢", "，您看", "?", " ok"]) + str(i % 997) for i in range(count)]
    began = time.perf_counter()
    found = gp.cluster(texts)
    ours = time.perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{count} utterances ({len(set(texts))} distinct): {ours:.1f} s, {max(found) + 1} clusters, peak memory {memory:.2f} GB")
    index = MinHashLSH(threshold=0.5, num_perm=64)
    began = time.perf_counter()
    for i, text in enumerate(texts[:sample]):
        sketch = MinHash(num_perm=64)
        sketch.update_batch([text[k : k + 3].encode() for k in range(max(1, len(text) - 2))])
        index.query(sketch)
        index.insert(i, sketch)
    theirs = (time.perf_counter() - began) * count / sample
    print(f"datasketch, from {sample}: {theirs:.0f} s: {theirs / ours:.0f} times as fast")


def contest(count: int) -> None:
    words = ["我先给您算一笔账，分期来做", "这个价格包含全年的售后", "其他客户也这样问过我们", "我帮您对比一下几家方案"]
    sop = gp.Sop.parse("{format: goldpath/1, name: x, steps: [open, price, close], flow: [open, price, close]}")
    raw, compared, held, n, null, called, winners = [], [], 0, 0, 0, 0, [0, 0]
    for seed in range(count):
        draw, effect = random.Random(seed), 0.12 * (seed % 2)
        calls = []
        for i in range(2000):
            rep = draw.randrange(10)
            likes, base = (0.7, 0.6) if rep < 3 else (0.15, 0.25)
            said = 0 if draw.random() < likes else draw.randrange(1, 4)
            on = draw.random() < base + effect * (said == 0)
            turns = [{"speaker": "agent", "text": "您好", "steps": ["open"]}, {"speaker": "agent", "text": words[said], "steps": ["price"]}]
            turns += [{"speaker": "agent", "text": "签约", "steps": ["close"]}] * on
            calls.append({"id": f"c{i}", "rep": f"r{rep}", "turns": turns})
        talk = gp.TalkTracks.of(gp.Corpus.from_records(calls).check(sop), steps=["price"])
        for finding in talk.findings:
            first = finding.what["wording"] == words[0]
            if first:
                raw.append(abs(finding.raw["estimate"] - effect))
                compared.append(abs(finding.estimate - effect))
                held += finding.ci_low <= effect <= finding.ci_high
                n += 1
            if effect == 0:
                null += 1
                called += finding.verdict in ("helps", "hurts")
        winners[seed % 2] += any(row.clear_winner for row in talk.tracks)
    print(f"mean distance from the truth: plain {sum(raw) / n:.3f}, like with like {sum(compared) / n:.3f}; 95 % interval holds it in {held} of {n}")
    print(f"verdicts on wordings that do nothing: {called} of {null}")
    print(f"a clear winner is named in {winners[0]} of {(count + 1) // 2} worlds without one, and in {winners[1]} of {count // 2} with one")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sim", type=Path)
    parser.add_argument("--contest", type=int)
    parser.add_argument("--utterances", type=int)
    parser.add_argument("--sample", type=int, default=5000)
    options = parser.parse_args()
    if options.sim:
        worlds(options.sim)
    if options.contest:
        contest(options.contest)
    if options.utterances:
        speed(options.utterances, options.sample)
