"""Over a cluster as in one process: `goldpath.spark` on a local Spark."""

import random

import pyarrow as pa
import pytest
from conftest import no_spark

import goldpath as gp

if why := no_spark():
    pytest.skip(why, allow_module_level=True)

from pyspark import TaskContext
from pyspark.sql import functions as f

import goldpath.spark as gs

SOP = "{format: goldpath/1, name: demo, steps: [open, need, price, close], flow: [open, need, price, close]}"
ADJUST = ["segment"]


def tables(n=600, seed=1):
    """Easy customers are asked less and win more; some cases are open, some add a story; times, and ties between them."""
    draw = random.Random(seed)
    cases, events = [], []
    for i in range(n):
        easy = draw.random() < 0.5
        skip = draw.random() < (0.6 if easy else 0.2)
        won = draw.random() < (0.7 if easy else 0.35) - (0.15 if skip else 0)
        steps = ["open", *([] if skip else ["need"]), *(["story"] if draw.random() < 0.3 else []), "price", *(["close"] if won else [])]
        segment = None if draw.random() < 0.05 else "easy" if easy else "hard"
        cases.append({"id": f"c{i}", "rep": f"r{draw.randrange(5)}", "segment": segment, "started_at": f"2026-03-{1 + i % 28:02}", "won": None if draw.random() < 0.1 else won})
        at = 1_770_000_000 + i
        for step in steps:
            at += draw.choice([30, 60, 90])
            events.append({"case": f"c{i}", "step": step, "time": at * 1_000_000})
    kind = pa.schema([("case", pa.string()), ("step", pa.string()), ("time", pa.timestamp("us", "UTC"))])
    return pa.Table.from_pylist(events, kind), pa.Table.from_pylist(cases)


@pytest.fixture(scope="session")
def frames(spark):
    events, cases = tables()
    return spark.createDataFrame(events.to_pandas()), spark.createDataFrame(cases.to_pandas())


@pytest.fixture(scope="session")
def alone():
    """What one process finds."""
    events, cases = tables()
    corpus = gp.Corpus.from_dataframe(events, cases=cases)
    check = corpus.check(gp.Sop.parse(SOP), outcome="won")
    screened = check.screen(adjust_for=ADJUST)
    plan = gp.Plan.of(screened)
    effects = check.tally(plan)
    return screened, plan, effects, gp.review(corpus, gp.Sop.parse(SOP), outcome="won", adjust_for=ADJUST)


def same(found, alone):
    screened, plan, effects, review = alone
    assert found.screened.to_bytes() == screened.to_bytes()
    assert found.plan.to_bytes() == plan.to_bytes() and found.effects.to_bytes() == effects.to_bytes()
    assert found.findings == review.findings and len(found.findings) > 3


@pytest.mark.parametrize(("partitions", "at_once", "fan_in"), [(1, 500_000, 16), (3, 100, 2), (7, 1, 2), (None, 500_000, 16)])
def test_the_same_bytes_for_any_partitions(frames, alone, partitions, at_once, fan_in):
    events, cases = frames
    shuffled = events.orderBy(f.rand(5))
    found = gs.review(shuffled, gp.Sop.parse(SOP), cases=cases, adjust_for=ADJUST, partitions=partitions, events_at_once=at_once, fan_in=fan_in)
    same(found, alone)
    assert repr(found).startswith("ClusterReview(") and "<p>" in found._repr_html_() and found.decided == alone[0].decided


def test_tasks_that_fail_run_again(frames, alone, monkeypatch):
    """Every task of both passes and of the tree fails once, half of them after their work is done."""
    events, cases = frames
    task = gs._task

    def flaky(ledgers):
        run = task(ledgers)

        def fails_once(batches):
            context = TaskContext.get()
            if context.attemptNumber() == 0 and context.partitionId() % 2 == 0:
                raise RuntimeError("a worker was lost")
            yield from run(batches)
            if context.attemptNumber() == 0:
                raise RuntimeError("a worker was lost after its work")

        return fails_once

    monkeypatch.setattr(gs, "_task", flaky)
    same(gs.review(events, gp.Sop.parse(SOP), cases=cases, adjust_for=ADJUST, partitions=5, fan_in=2), alone)


def test_skewed_partitions_and_case_columns(spark, alone):
    """Nearly all cases in one partition; what is known of a case stands in the events."""
    events, cases = tables()
    joined = events.to_pandas().merge(cases.to_pandas().rename(columns={"id": "case", "segment": "case:segment", "started_at": "case:started_at"}), on="case")
    frame = spark.createDataFrame(joined).withColumn("case", f.concat(f.lit("x"), f.col("case")))
    corpus = gp.Corpus.from_dataframe(joined.assign(case="x" + joined["case"]))
    plain = gp.review(corpus, gp.Sop.parse(SOP), outcome="won", adjust_for=ADJUST)
    skewed = gs.shards(frame, partitions=4)
    lumped = skewed.frame.repartition(4, f.substring("case", 1, 1)).sortWithinPartitions("case", "kind", "events.time")
    parts = gs.Shards(lumped, skewed._reading, skewed._needed, 50, 2)
    sop = gp.Sop.parse(SOP)
    plan = gp.Plan.of(parts.screen(sop, adjust_for=ADJUST))
    assert parts.tally(sop, plan).finish(plan) == plain.findings


def test_words_are_measured_in_their_case(spark):
    """Standards look at turns: a third frame."""
    sop = gp.Sop.parse("{format: goldpath/1, name: x, steps: {need: {standards: [{questions: {at_least: 2}}]}, close: {}}, flow: [need, close]}")
    turns, events, cases = [], [], []
    for i in range(60):
        turns += [{"case": f"c{i}", "turn": t, "speaker": "agent", "text": "How many people?" if t <= i % 3 else "Fine."} for t in range(3)]
        events += [{"case": f"c{i}", "step": step, "turn": t} for step, t in [("need", 0), ("need", 1), ("close", 2)]]
        cases.append({"id": f"c{i}", "rep": f"r{i % 2}", "won": i % 2 == 0})
    one = gp.Corpus.from_dataframe(pa.Table.from_pylist(events), cases=cases, turns=pa.Table.from_pylist(turns).drop(["turn"]))
    alone = one.check(sop, outcome="won").screen()
    assert one.check(sop).standards["measured"] != [0]
    frame = lambda rows: spark.createDataFrame(rows)  # noqa: E731
    parts = gs.shards(frame(events), cases=frame(cases), turns=frame(turns).orderBy(f.rand(2)), partitions=3)
    assert parts.screen(sop).to_bytes() == alone.to_bytes()


def test_a_shard_may_know_nothing(spark):
    """A partition in which no case is decided, or none has a value, adds like any other."""
    rows = [{"case": f"c{i}", "step": step, "seq": k, "won": None if i < 8 else i % 2 == 0, "case:segment": None if i < 8 else "a"} for i in range(16) for k, step in enumerate(["open", "need"])]
    one = gp.Corpus.from_dataframe(rows).check(gp.Sop.parse(SOP), outcome="won").screen(adjust_for=ADJUST)
    parts = gs.shards(spark.createDataFrame(rows, "case string, step string, seq long, won boolean, `case:segment` string"), order="seq", partitions=1, events_at_once=1)
    assert parts.screen(gp.Sop.parse(SOP), adjust_for=ADJUST).to_bytes() == one.to_bytes()


BAD = [
    (lambda e, c: (e.drop("step"), c), "argument.invalid", "events: step: no column is called step, activity"),
    (lambda e, c: (e.drop("time"), c), "argument.invalid", "rows of a frame have no order"),
    (lambda e, c: (e, c.drop("id")), "argument.invalid", "cases: case_id"),
    (lambda e, c: (e.withColumn("step", f.array("step")), c), "corpus.wrong_type", "column step has the type array<string>, expected texts"),
    (lambda e, c: (e.withColumn("case", f.lit(1.5)), c), "corpus.wrong_type", "column case has the type"),
    (lambda e, c: (e, c.withColumn("more", f.struct("id"))), "corpus.wrong_type", "cases: column more has the type struct<id:string>"),
    (lambda e, c: (e.withColumn("step", f.when(f.col("case") != "c7", f.col("step"))), c), "corpus.missing_value", "events: column step is null in"),
    (lambda e, c: (e.withColumn("time", f.when(f.col("case") != "c7", f.col("time"))), c), "corpus.missing_value", "events: column time is null in"),
    (lambda e, c: (e.withColumn("case", f.when(f.col("case") != "c7", f.col("case"))), c), "corpus.missing_value", "events: the id of the case is null"),
    (lambda e, c: (e.withColumn("time", f.lit("soon")), c), "corpus.wrong_type", "`soon` is not a time"),
    (lambda e, c: (e, c.union(c.limit(1))), "corpus.duplicate_id", "stands twice"),
    (lambda e, c: (e, c.drop("won")), "argument", "won"),
    (lambda e, c: (e.where("false"), c.where("false")), "corpus.table", "no row"),
    (lambda e, c: (e.join(e.select("case", f.lit(1).alias("step")), "case"), c), "argument.invalid", "several columns are called step"),
]


@pytest.mark.parametrize(("spoil", "code", "words"), BAD, ids=range(len(BAD)))
def test_bad_frames_name_their_column(frames, spoil, code, words):
    events, cases = spoil(*frames)
    with pytest.raises(gp.GoldpathError) as error:
        gs.review(events, gp.Sop.parse(SOP), cases=cases, partitions=2)
    assert error.value.code.startswith(code) and words in str(error.value), (error.value.code, str(error.value))


def test_what_crosses_processes():
    import pickle

    sop, corpus = gp.Sop.parse(SOP), gp.Corpus.from_records([{"id": "c1", "rep": "ann", "steps": ["open"], "outcome": {"won": True}}])
    screened = corpus.check(sop).screen()
    plan = gp.Plan.of(screened)
    for thing in (screened, plan, corpus.check(sop).tally(plan)):
        assert pickle.loads(pickle.dumps(thing)).to_bytes() == thing.to_bytes()
    for thing in (sop, gp.Playbook.by("segment", {"a": sop}), gp.Scorecard.equal(sop), gp.Patch.of([])):
        assert pickle.loads(pickle.dumps(thing)) == thing
