"""Corpus from tables: pandas, polars, pyarrow, duckdb, lists of dicts; every type a column may have."""

import datetime
import subprocess
import sys

import duckdb
import goldpath as gp
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

UTC = datetime.timezone.utc
START = datetime.datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
EVENTS = {
    "case_id": ["c1", "c2", "c1", "c2", "c1"],
    "step": ["open", "open", "need", "close", "close"],
    "time": [START + datetime.timedelta(minutes=minute) for minute in (0, 1, 2, 9, 4)],
    "rep": ["Ann", "Bob", "Ann", "Bob", None],
}


def rows(columns):
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def duck(columns):
    table = pa.table(columns)  # duckdb finds it by its name
    return duckdb.sql("select * from table")


MAKERS = [pd.DataFrame, pl.DataFrame, pa.table, lambda columns: pa.table(columns).to_reader(), duck, rows]
each_maker = pytest.mark.parametrize("make", MAKERS, ids=["pandas", "polars", "pyarrow", "reader", "duckdb", "dicts"])


def paths(corpus):
    return {id: [step["step"] for step in corpus.conversation(id)["steps"]] for id in corpus.ids}


@each_maker
def test_events_from_anywhere(make):
    corpus = gp.Corpus.from_dataframe(make(EVENTS))
    assert paths(corpus) == {"c1": ["open", "need", "close"], "c2": ["open", "close"]}
    assert corpus.table["rep"] == ["Ann", "Bob"] and corpus.table["started_at"] == [START, START + datetime.timedelta(minutes=1)]
    assert [step.get("at") for step in corpus.conversation("c2")["steps"]] == [0.0, 480.0]


@each_maker
def test_cases_and_outcomes(make):
    cases = {
        "id": ["c2", "c1", "c3"],
        "rep": ["Bob", "Ann", "Cy"],
        "team": ["n", "s", "s"],
        "started_at": [START] * 3,
        "segment": ["smb", None, "large"],
        "size": [3.0, None, 5.5],
        "won": [False, True, None],
        "outcome.value": [0.5, 2.0, None],
    }
    corpus = gp.Corpus.from_dataframe(make(EVENTS), cases=make(cases))
    assert (corpus.ids, corpus.attributes, corpus.outcomes) == (["c1", "c2", "c3"], ["segment", "size"], ["won", "value"])
    assert corpus.table["outcome.won"] == [True, False, None] and corpus.table["outcome.value"] == [2.0, 0.5, None]
    assert corpus.table["size"] == [None, 3.0, 5.5] and corpus.table["team"] == ["s", "n", "s"] and paths(corpus)["c3"] == []
    chosen = gp.Corpus.from_dataframe(make(EVENTS), cases=make(cases), outcomes={"large": ("segment", "large"), "size": "size"})
    assert chosen.outcomes == ["large", "size"] and chosen.table["outcome.large"] == [None, False, True]
    assert gp.Corpus.from_dataframe(make(EVENTS), cases=make(cases), outcomes=["size"]).outcomes == ["size"]
    with pytest.raises(gp.ArgumentError, match="`nope`"):
        gp.Corpus.from_dataframe(make(EVENTS), cases=make(cases), outcomes=["nope"])


@each_maker
def test_turns(make):
    turns = {"case": ["c1", "c1", "c2"], "speaker": ["agent", "customer", "agent"], "text": ["您好", None, "hi"], "start": [0, 2, 0], "end": [1.5, None, 3]}
    events = {"case": ["c1", "c1", "c2"], "step": ["open", "need", "open"], "turn": [0, 1, 0], "prob": [None, 0.5, 1.0]}
    corpus = gp.Corpus.from_dataframe(make(events), turns=make(turns))
    first, second = corpus.conversation("c1")["turns"]
    assert (first["text"], first["end"], first["steps"][0]["step"]) == ("您好", 1.5, "open") and second["steps"] == [{"step": "need", "prob": 0.5}]
    with pytest.raises(gp.CorpusError, match="no turn 7"):
        gp.Corpus.from_dataframe(make({**events, "turn": [0, 7, 0]}), turns=make(turns))
    with pytest.raises(gp.CorpusError, match="speaker"):
        gp.Corpus.from_dataframe(make(events), turns=make({**turns, "speaker": ["agent", "x", "agent"]}))
    with pytest.raises(gp.CorpusError, match="turn"):
        gp.Corpus.from_dataframe(make({**events, "turn": [0.5, 1, 0]}))


def test_columns_of_process_mining_are_known():
    events = {"case:concept:name": ["1", "1"], "concept:name": ["open", "close"], "time:timestamp": [START, START], "org:resource": ["Ann", "Ann"]}
    corpus = gp.Corpus.from_dataframe(pl.DataFrame({**events, "case:segment": ["smb", "smb"], "case:won": [True, True], "note": ["x", "y"]}))
    assert (corpus.attributes, corpus.outcomes, corpus.table["rep"]) == (["segment"], ["won"], ["Ann"])
    assert corpus.unread_fields == {"note": 2}
    with pytest.raises(gp.CorpusError, match="several values") as caught:
        gp.Corpus.from_dataframe(pl.DataFrame({**events, "case:segment": ["smb", "large"]}))
    assert caught.value.faults[0]["case"] == "1"


def test_columns_may_be_named():
    events = pl.DataFrame({"a": ["1"], "b": ["open"], "won": [True]})
    assert gp.Corpus.from_dataframe(events, case="a", step="b").outcomes == ["won"]
    with pytest.raises(gp.ArgumentError, match="columns: a, b, won"):
        gp.Corpus.from_dataframe(events, case="a")
    with pytest.raises(gp.ArgumentError, match="no column `z`"):
        gp.Corpus.from_dataframe(events, case="a", step="b", time="z")


TEXTS = ["c1", "c2", "c1", "c2", "c1"]
KEYS = [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()]
CASES = [pa.array(TEXTS, kind) for kind in (pa.string(), pa.large_string(), pa.string_view())]
CASES += [pa.array(TEXTS).dictionary_encode().cast(pa.dictionary(key, pa.string())) for key in KEYS]
CASES += [pa.array(TEXTS, pa.large_string()).dictionary_encode()]


@pytest.mark.parametrize("case", CASES, ids=lambda array: str(array.type))
def test_texts_of_every_kind(case):
    corpus = gp.Corpus.from_dataframe(pa.table({**EVENTS, "case_id": case, "step": pa.array(EVENTS["step"]).dictionary_encode()}))
    assert paths(corpus) == {"c1": ["open", "need", "close"], "c2": ["open", "close"]}


def test_chunks_may_have_dictionaries_of_their_own():
    def part(values):
        return pa.array(values).dictionary_encode()

    case = pa.chunked_array([part(["x", "y"]), part(["y", "z", "x"])])
    step = pa.chunked_array([part(["open"]), pa.DictionaryArray.from_arrays(pa.array([2, 0, 2, 1]), pa.array(["need", "close", "open", "phantom"]))])
    corpus = gp.Corpus.from_dataframe(pa.table({"case": case, "step": step}))
    assert paths(corpus) == {"x": ["open", "close"], "y": ["open", "need"], "z": ["open"]}
    assert "phantom" not in corpus.steps
    polars = pl.concat([pl.DataFrame({"case": ["a"], "step": ["s"]}), pl.DataFrame({"case": ["b"], "step": ["t"]})], rechunk=False)
    assert gp.Corpus.from_dataframe(polars.with_columns(pl.all().cast(pl.Categorical))).steps == ["s", "t"]


@pytest.mark.parametrize("kind", [pa.int8(), pa.uint64(), pa.int64(), pa.float64(), pa.dictionary(pa.int8(), pa.int64())], ids=str)
def test_numbers_are_ids(kind):
    numbers = pa.array([1, 2, 1, 2, 1]).dictionary_encode().cast(kind) if pa.types.is_dictionary(kind) else pa.array([1, 2, 1, 2, 1], kind)
    assert gp.Corpus.from_dataframe(pa.table({**EVENTS, "case_id": numbers})).ids == ["1", "2"]


TIMES = [pa.timestamp(unit, zone) for unit in ("s", "ms", "us", "ns") for zone in (None, "UTC", "Asia/Shanghai")]


@pytest.mark.parametrize("kind", [*TIMES, pa.date32(), pa.date64(), pa.string()], ids=str)
def test_times_of_every_kind(kind):
    start = datetime.datetime(2026, 3, 1, tzinfo=UTC)
    stamps = pa.array([start, start + datetime.timedelta(days=1)], pa.timestamp("us", "UTC"))
    if pa.types.is_string(kind):
        stamps = pa.array(["2026-03-01T08:00:00+08:00", "2026-03-02"])
    elif getattr(kind, "tz", None):
        stamps = stamps.cast(kind)
    else:
        stamps = stamps.cast(pa.timestamp("us")).cast(kind)
    corpus = gp.Corpus.from_dataframe(pa.table({"case": ["a", "a"], "step": ["x", "y"], "time": stamps}))
    assert corpus.table["started_at"] == [start] and corpus.conversation("a")["steps"][1]["at"] == 86_400.0


def test_values_of_every_kind():
    cases = {
        "case_id": ["c1", "c2"],
        "integer": pa.array([1, None], pa.int16()),
        "decimal": pa.array([1.5, 2]).cast(pa.decimal128(10, 2)),
        "small": pa.array([0.5, None], pa.float32()),
        "yes": pa.array([True, None]),
        "day": pa.array([datetime.date(2026, 3, 1), None]),
        "null": pa.nulls(2),
        "text": pa.array(["x", None]).dictionary_encode(),
        "code": pa.array([7, 8]).dictionary_encode(),
    }
    corpus = gp.Corpus.from_dataframe(pa.table(EVENTS), cases=pa.table(cases))
    first = {"integer": 1, "decimal": 1.5, "small": 0.5, "yes": True, "day": "2026-03-01T00:00:00Z", "text": "x", "code": 7}
    assert corpus.conversation("c1")["attributes"] == first
    assert corpus.conversation("c2")["attributes"] == {"decimal": 2, "code": 8}


def bad(**columns):
    return pa.table({**EVENTS, **columns})


@pytest.mark.parametrize(
    ("table", "code", "words"),
    [
        (bad(case_id=["c1", None, "c1", "c2", "c1"]), "corpus.missing_id", "row 1"),
        (bad(case_id=pa.nulls(5)), "corpus.missing_id", "row 0"),
        (bad(step=["a", "b", None, "d", "e"]), "corpus.empty_step", "row 2"),
        (bad(step=["a", "b", "", "d", "e"]), "corpus.empty_step", "row 2"),
        (bad(time=[START, None, START, START, START]), "corpus.missing_time", "row 1"),
        (bad(time=["2026-03-01", "soon", "2026-03-01", "2026-03-01", "2026-03-01"]), "corpus.wrong_type", "row 1, column time"),
        (bad(time=[1, 2, 3, 4, 5]), "corpus.wrong_type", "not a number"),
        (bad(prob=[0.5, 2.0, 1, 1, 1]), "corpus.wrong_prob", "row 1"),
        (bad(prob=["high"] * 5), "corpus.wrong_type", "numbers"),
        (bad(turn=[-1, 0, 0, 0, 0]), "corpus.wrong_type", "column turn"),
        (bad(step=[["a"], ["b"], ["c"], ["d"], ["e"]]), "corpus.wrong_type", "column step"),
        (bad(won=[1.0, float("nan"), 1, 1, 1]).rename_columns([*EVENTS, "outcome.x"]), "corpus", ""),
    ],
)
def test_bad_tables(table, code, words):
    with pytest.raises(gp.CorpusError, match=words) as caught:
        gp.Corpus.from_dataframe(table)
    assert caught.value.code.startswith(code)


def test_bad_cases():
    def corpus(**columns):
        return gp.Corpus.from_dataframe(pa.table(EVENTS), cases=pa.table({"id": ["c1", "c2"], **columns}))

    with pytest.raises(gp.CorpusError, match="stands twice"):
        corpus(id=["c1", "c1"])
    with pytest.raises(gp.CorpusError, match="no id"):
        corpus(id=["c1", None])
    with pytest.raises(gp.CorpusError, match="NaN"):
        corpus(**{"outcome.value": [1.0, float("nan")]})
    with pytest.raises(gp.CorpusError, match="finite"):
        corpus(size=[1.0, float("inf")])
    with pytest.raises(gp.CorpusError, match="type List"):
        corpus(tags=[["a"], ["b"]])
    with pytest.raises(gp.ArgumentError, match="which text means yes"):
        gp.Corpus.from_dataframe(pa.table(EVENTS), cases=pa.table({"id": ["c1"], "stage": ["won"]}), outcomes=["stage"])


def test_nothing_is_lost_when_errors_are_collected():
    corpus = gp.Corpus.from_dataframe(bad(step=["open", None, "need", "close", "close"], case_id=["c1", "c2", None, "c2", "c1"]), on_error="collect")
    assert corpus.ids == ["c1"] and sorted(corpus.problems["code"]) == ["corpus.empty_step", "corpus.missing_id"]
    assert corpus.problems["case"].count("c2") == 1


def test_not_a_table():
    for thing in (3, "events.csv", {"case": ["a"]}, None):
        with pytest.raises(gp.ArgumentError, match="a table was expected"):
            gp.Corpus.from_dataframe(thing)
    with pytest.raises(gp.CorpusError, match=r"events\[1\].step"):
        gp.Corpus.from_dataframe([{"case": "a", "step": "x"}, {"case": "a", "step": 3}])
    with pytest.raises(gp.CorpusError, match=r"events\[0\]"):
        gp.Corpus.from_dataframe(["open"])
    with pytest.raises(gp.CorpusError):
        gp.Corpus.from_dataframe(pd.DataFrame({"case": ["a", 1], "step": ["x", object()]}))


def test_empty_tables(sop):
    for table in (pl.DataFrame({"case": [], "step": []}), pa.table({"case": pa.array([], pa.string()), "step": pa.array([], pa.string())})):
        corpus = gp.Corpus.from_dataframe(table)
        assert len(corpus) == 0 and len(corpus.check(sop)) == 0 and gp.review(corpus, sop).summary["cases"] == 0
    with pytest.raises(gp.ArgumentError):
        gp.Corpus.from_dataframe([])


def test_pandas_without_pyarrow_says_what_to_install():
    code = """
import sys
sys.modules["pyarrow"] = None
import goldpath, pandas
try:
    goldpath.Corpus.from_dataframe(pandas.DataFrame({"case": ["a"], "step": ["b"]}))
except goldpath.ArgumentError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install pyarrow" in done.stdout


def test_an_index_of_pandas_may_hold_the_case():
    frame = pd.DataFrame({"case": ["a", "b"], "step": ["x", "y"]})
    assert gp.Corpus.from_dataframe(frame.set_index("case")).ids == ["a", "b"]
    assert gp.Corpus.from_dataframe(frame[frame.step == "y"]).unread_fields == {}


def test_many_rows_come_out_as_they_went_in():
    n = 200_000
    case = [f"c{i * 7919 % 1000}" for i in range(n)]
    step = [f"s{i * 31 % 17}" for i in range(n)]
    expected = {}
    for c, s in zip(case, step, strict=True):
        expected.setdefault(c, []).append(s)
    for table in (pl.DataFrame({"case": case, "step": step}), pa.table({"case": case, "step": step}).to_reader(max_chunksize=777)):
        found = gp.Corpus.from_dataframe(table)
        assert found.ids == list(expected) and paths(found) == expected
