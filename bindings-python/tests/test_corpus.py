"""Corpus from files and records: what is read, and what is refused and how it says so."""

import datetime
import decimal
import gzip
import json

import goldpath as gp
import numpy as np
import pandas as pd
import pytest

GOOD = {"id": "c1", "steps": ["open", "close"], "outcome": {"won": True}}


def lines(*records):
    return "".join(json.dumps(record) + "\n" for record in records)


def test_a_file_of_conversations(tmp_path):
    path = tmp_path / "calls.jsonl"
    path.write_text(lines(GOOD, {**GOOD, "id": "c2", "channel": "call", "extra": 1}))
    plain = gp.Corpus.read(path)
    zipped = tmp_path / "calls.jsonl.gz"
    zipped.write_bytes(gzip.compress(path.read_bytes()))
    assert plain.ids == gp.Corpus.read(zipped).ids == ["c1", "c2"]
    assert len(plain) == 2 and plain.attributes == ["extra"] and plain.outcomes == ["won"] and plain.steps == ["open", "close"]
    assert "2 conversations" in repr(plain) and "<table>" in plain._repr_html_()
    assert plain.table["channel"] == [None, "call"]
    with pytest.raises(FileNotFoundError):
        gp.Corpus.read(tmp_path / "none.jsonl")
    with pytest.raises(gp.CorpusError, match="ending"):
        gp.Corpus.read(tmp_path / "calls.pdf")


def test_a_conversation_comes_back_as_it_was():
    record = {
        "id": "c1", "rep": "Ann", "team": "n", "deal": "d", "channel": "call", "started_at": "2026-03-01T09:30:00Z",
        "attributes": {"size": 3.0, "new": True, "segment": "smb"}, "outcome": {"won": None, "value": 12.5},
        "turns": [{"speaker": "agent", "name": "Ann", "text": "您好", "start": 0.0, "end": 2.5, "steps": [{"step": "open", "prob": 0.75}]}],
    }  # fmt: skip
    corpus = gp.Corpus.from_records([record])
    assert corpus.conversation("c1") == record
    assert gp.Corpus.from_records([corpus.conversation("c1")]).conversation("c1") == record
    with pytest.raises(gp.ArgumentError, match="c9") as caught:
        corpus.conversation("c9")
    assert caught.value.code == "check.unknown_case"


def test_python_values_are_understood():
    start = datetime.datetime(2026, 3, 1, 9, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))
    record = {
        "id": 17,
        "started_at": start,
        "size": np.int64(3),
        "share": np.float32(0.5),
        "new": np.bool_(True),
        "price": decimal.Decimal("12.5"),
        "day": datetime.date(2026, 3, 1),
        "gone": pd.NA,
        "steps": ({"step": "open", "at": start + datetime.timedelta(seconds=5)}, {"step": "close", "at": pd.Timestamp(start) + pd.Timedelta("9s")}),
        "outcome": {"won": np.True_},
    }
    corpus = gp.Corpus.from_records(iter([record, {"id": "2", "started_at": pd.NaT, "steps": np.array(["open"])}]))
    found = corpus.conversation("17")
    assert found["started_at"] == "2026-03-01T01:30:00Z" and [step["at"] for step in found["steps"]] == [5.0, 9.0]
    assert found["attributes"] == {"size": 3, "share": 0.5, "new": True, "price": 12.5, "day": "2026-03-01"}
    assert "started_at" not in corpus.conversation("2") and corpus.conversation("2")["steps"] == [{"step": "open"}]


DEEP = []
for _ in range(10_000):
    DEEP = [DEEP]

BAD = [
    ({"steps": ["open"]}, "corpus.missing_id", "[1]"),
    ({"id": "c1", "steps": []}, "corpus.duplicate_id", "[1].id"),
    ({"id": "x", "outcome": {"won": float("nan")}}, "corpus.wrong_type", "[1].outcome.won"),
    ({"id": "x", "outcome": {"won": "yes"}}, "corpus.wrong_type", "[1].outcome.won"),
    ({"id": "x", "outcome": {"won": 3}}, "corpus.mixed_outcome", "[1].outcome.won"),
    ({"id": "x", "turns": [{"speaker": "nobody"}]}, "corpus.wrong_type", "[1].turns[0].speaker"),
    ({"id": "x", "turns": [{"text": "hi"}]}, "corpus.wrong_type", "[1].turns[0]"),
    ({"id": "x", "steps": [7]}, "corpus.wrong_type", "[1].steps[0]"),
    ({"id": "x", "steps": [{"step": "a", "prob": 2}]}, "corpus.wrong_prob", "[1].steps[0]"),
    ({"id": "x", "steps": [{"step": "a", "turn": -1}]}, "corpus.wrong_type", "[1].steps[0].turn"),
    ({"id": "x", "steps": "open"}, "corpus.wrong_type", "[1].steps"),
    ({"id": "x", "started_at": "soon"}, "corpus.wrong_type", "[1].started_at"),
    ({"id": "x", "rep": ["Ann"]}, "corpus.wrong_type", "[1].rep"),
    ({"id": "x", "rep": object()}, "corpus.wrong_type", "[1].rep"),
    ({"id": "x", "rep": "\ud800"}, "corpus.wrong_type", "[1].rep"),
    ({"id": "x", "attributes": {"deep": DEEP}}, "corpus.wrong_type", "[1].attributes.deep"),
    ("text", "corpus.wrong_type", "[1]"),
    (None, "corpus.wrong_type", "[1]"),
]


@pytest.mark.parametrize(("record", "code", "place"), BAD, ids=range(len(BAD)))
def test_a_bad_record_names_its_index_and_field(record, code, place):
    with pytest.raises(gp.CorpusError) as caught:
        gp.Corpus.from_records([GOOD, record])
    fault = caught.value.faults[0]
    assert (fault["code"], fault["place"][: len(place)]) == (code, place), fault


def test_a_nan_outcome_says_so():
    with pytest.raises(ValueError, match="NaN is not a number; use null for open"):
        gp.Corpus.from_records([{"id": "x", "outcome": {"value": float("nan")}}])


def test_nothing_is_lost_when_errors_are_collected():
    corpus = gp.Corpus.from_records([GOOD, *(record for record, _, _ in BAD)], on_error="collect")
    assert corpus.ids == ["c1"] and len(corpus.problems) == len(BAD)
    assert corpus.problems["code"] == [code for _, code, _ in BAD]
    with pytest.raises(gp.ArgumentError, match="on_error"):
        gp.Corpus.from_records([GOOD], on_error="ignore")


def test_an_exception_of_the_records_is_raised():
    def records():
        yield GOOD
        raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError, match="the source broke"):
        gp.Corpus.from_records(records())
    with pytest.raises(TypeError):
        gp.Corpus.from_records(3)


def test_line_57_is_broken(tmp_path):
    path = tmp_path / "calls.jsonl"
    text = [json.dumps({**GOOD, "id": f"c{i}"}) for i in range(1, 101)]
    text[56] = '{"id": "c57", "steps": ["open"'
    path.write_text("\n".join(text))
    with pytest.raises(gp.CorpusError, match="calls.jsonl:57") as caught:
        gp.Corpus.read(path)
    assert caught.value.faults[0]["line"] == 57
    corpus = gp.Corpus.read(path, on_error="collect")
    assert len(corpus) == 99 and corpus.problems["line"] == [57]


def test_a_truncated_gzip(tmp_path):
    path = tmp_path / "calls.jsonl.gz"
    path.write_bytes(gzip.compress(lines(*({**GOOD, "id": str(i)} for i in range(5_000))).encode())[:-200])
    with pytest.raises(gp.CorpusError, match="cut off"):
        gp.Corpus.read(path)
    corpus = gp.Corpus.read(path, on_error="collect")
    assert "corpus.truncated" in corpus.problems["code"] and 0 < len(corpus) < 5_000


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "corpus.empty"),
        (b'{"id": "a", "rep": "\xff\xfe"}\n', "corpus.not_utf8"),
        (b'{"id": "a", "outcome": {"value": NaN}}\n', "corpus.not_a_number"),
        (b'{"id": "a", "x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}\n", "corpus.json"),
        (b'{"rep": "a"}\n', "corpus.missing_id"),
        (b'{"id": "a"}\n{"id": "a"}\n', "corpus.duplicate_id"),
        (b'{"id": "a", "turns": {}}\n', "corpus.wrong_type"),
    ],
)
def test_bad_files(tmp_path, content, code):
    path = tmp_path / "calls.jsonl"
    path.write_bytes(content)
    with pytest.raises(gp.CorpusError) as caught:
        gp.Corpus.read(path)
    assert caught.value.code == code and caught.value.faults[0]["source"] == str(path)


def test_a_line_of_ten_megabytes(tmp_path):
    path = tmp_path / "calls.jsonl"
    path.write_text(lines({**GOOD, "turns": [{"speaker": "agent", "text": "x" * 10_000_000, "steps": ["a"]}], "steps": []}))
    assert len(gp.Corpus.read(path).conversation("c1")["turns"][0]["text"]) == 10_000_000


def test_paths_empty_and_very_long(sop):
    corpus = gp.Corpus.from_records([{"id": "none", "steps": []}, {"id": "long", "steps": ["open", *["chat"] * 100_000, "need", "close"]}])
    check = corpus.check(sop)
    none, long = check.alignment("none"), check.alignment("long")
    assert (none.cost, none.prefix_cost, none.stopped_at, none.deviations) == (3, 0, "open", [])
    assert (long.cost, len(long.moves), long.status) == (100_000, 100_003, "complete")


def test_turns_of_one_step_are_one_event():
    turns = [{"speaker": "agent", "text": "a", "steps": ["open"]}, {"speaker": "agent", "text": "b", "steps": ["open"]}]
    for merge, events in ((None, 1), (True, 1), (False, 2)):
        assert gp.Corpus.from_records([{"id": "c", "turns": turns}], merge_repeats=merge).table["steps"] == [events]
