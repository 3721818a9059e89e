"""Detectors beside scikit-learn and phrase finders, in one run.

    python detectors.py --data folder                      # learned: STAR, CrossWOZ, P4G
    python detectors.py --phrases 1000 --megabytes 200     # rules: beside flashtext
    cargo bench -p goldpath-benches --bench detect         # rules: beside the raw aho-corasick crate

Learned: TF-IDF of runs of 1 to 4 characters with LinearSVC (scikit-learn's defaults) against
`Detector.fit_examples`, on the same texts. Split by conversation: SHA-256 of the id mod 5 = 0 is the
test. Both are trained and asked once per round, in turn; medians. goldpath's time includes fitting
the probabilities, and goldpath may use all cores; `RAYON_NUM_THREADS=1` holds it to one, as
scikit-learn is. `--data` holds `star_single.jsonl.gz`, `crosswoz.jsonl.gz`, `p4g_annotated.jsonl.gz`:
STAR agent acts with at least 50 examples, CrossWOZ single acts `act:domain` of the agent, P4G
persuader acts with at least 30.
"""
from __future__ import annotations

import argparse
import collections
import gzip
import hashlib
import json
import random
import statistics
import time
from pathlib import Path

SETS = {"star": ("star_single", 50), "crosswoz": ("crosswoz", 30), "p4g": ("p4g_annotated", 30)}


def turns(folder: Path, name: str) -> list[tuple[str, str, str]]:
    """Conversation, text and act of each agent's turn that has exactly one act."""
    file, least = SETS[name]
    rows = []
    with gzip.open(folder / f"{file}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            conversation = json.loads(line)
            for turn in conversation["turns"]:
                acts = [":".join(act.split(":")[:2]) for act in turn["labels"]] if name == "crosswoz" else turn["labels"]
                if turn["speaker"] == "agent" and turn["text"] and len(acts) == 1:
                    rows.append((conversation["id"], turn["text"], acts[0]))
    count = collections.Counter(act for _, _, act in rows)
    return [row for row in rows if count[row[2]] >= least]


def is_test(conversation: str) -> bool:
    return int(hashlib.sha256(conversation.encode()).hexdigest(), 16) % 5 == 0


def calibration_error(probs: list[float], right: list[bool]) -> float:
    bins: dict[int, list[float]] = collections.defaultdict(list)
    for prob, hit in zip(probs, right):
        bins[min(int(prob * 10), 9)].append(prob - hit)
    return sum(abs(sum(gaps)) for gaps in bins.values()) / len(probs)


def learned(folder: Path, rounds: int) -> None:
    import goldpath as gp
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.metrics import accuracy_score, f1_score
    from sklearn.svm import LinearSVC

    for name in SETS:
        rows = turns(folder, name)
        train, test = [row for row in rows if not is_test(row[0])], [row for row in rows if is_test(row[0])]
        groups, texts, acts = (list(column) for column in zip(*train))
        _, asked, truth = (list(column) for column in zip(*test))
        times: dict[str, list[float]] = collections.defaultdict(list)
        for _ in range(rounds):
            began = time.perf_counter()
            detector = gp.Detector.fit_examples(texts, acts, groups=groups, least_examples=1)
            times["fit"].append(time.perf_counter() - began)
            began = time.perf_counter()
            found = detector.find(asked)
            times["find"].append(time.perf_counter() - began)
            began = time.perf_counter()
            vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 4))
            machine = LinearSVC().fit(vectorizer.fit_transform(texts), acts)
            times["fit, scikit-learn"].append(time.perf_counter() - began)
            began = time.perf_counter()
            theirs = machine.predict(vectorizer.transform(asked))
            times["find, scikit-learn"].append(time.perf_counter() - began)
        ours = found["step"]
        error = calibration_error(found["prob"], [a == b for a, b in zip(ours, truth)])
        print(f"{name}: {len(train)} turns to learn from, {len(test)} to find, {len(set(acts))} acts; file {len(detector.to_bytes()) // 1024} KB")
        for who, labels in (("goldpath", ours), ("scikit-learn", list(theirs))):
            print(f"  {who:13} accuracy {accuracy_score(truth, labels):.3f}  macro F1 {f1_score(truth, labels, average='macro', zero_division=0):.3f}")
        print(f"  calibration error {error:.3f}")
        for what in ("fit", "find"):
            mine, other = statistics.median(times[what]), statistics.median(times[f"{what}, scikit-learn"])
            print(f"  {what}: {mine:.4f} s against {other:.4f} s: {other / mine:.1f} times as fast")


def phrases(count: int, megabytes: int) -> None:
    import flashtext
    import goldpath as gp

    random.seed(1)
    words = ["".join(random.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(random.randint(3, 9))) for _ in range(20000)]
    wanted = sorted({" ".join(random.sample(words, random.choice((1, 1, 2)))) for _ in range(count)})
    turns_ = [" ".join(random.choices(words, k=18)) for _ in range(megabytes * 1024 * 1024 // 126)]
    size = sum(len(turn) for turn in turns_) / 2**20
    corpus = gp.Corpus.from_records([{"id": str(i), "turns": [{"speaker": "agent", "text": text} for text in turns_[i : i + 100]]} for i in range(0, len(turns_), 100)])
    detector = gp.Detector.from_dict({"format": "goldpath/detector/1", "rules": [{"step": f"s{i}", "phrases": phrase} for i, phrase in enumerate(wanted)]})
    began = time.perf_counter()
    events = len(detector.tag(corpus).table) and sum(1 for _ in detector.tag(corpus).steps)
    ours = (time.perf_counter() - began) / 2
    finder = flashtext.KeywordProcessor()
    finder.add_keywords_from_list(wanted)
    part = turns_[: len(turns_) // 20]
    began = time.perf_counter()
    for turn in part:
        finder.extract_keywords(turn)
    theirs = (time.perf_counter() - began) * len(turns_) / len(part)
    print(f"{len(wanted)} phrases, {size:.0f} MB: goldpath {size / ours:.0f} MB/s ({events} steps met), flashtext {size / theirs:.1f} MB/s: {theirs / ours:.0f} times as fast")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--phrases", type=int)
    parser.add_argument("--megabytes", type=int, default=200)
    options = parser.parse_args()
    if options.data:
        learned(options.data, options.rounds)
    if options.phrases:
        phrases(options.phrases, options.megabytes)
