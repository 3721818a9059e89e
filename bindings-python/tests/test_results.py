"""Check, Review, Table: what comes out, and in which types."""

import datetime
import pickle

import duckdb
import goldpath as gp
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest


def test_check(check):
    assert len(check) == 2 and check.outcome == "won" and "2" in repr(check)
    names = ["cases", "deviations", "variants", "steps", "reps", "teams", "choices", "uncertain", "standards"]
    assert [getattr(check, name).name for name in names] == names
    assert check.cases is check.cases
    assert check.cases["fully_conforms"] == [True, False] and check.teams["team"] == ["north"]


def test_alignment(check):
    found = check.alignment("c2")
    assert [(move.kind, move.step, move.event, move.trailing) for move in found.moves] == [
        ("matched", "open", 0, False),
        ("skipped", "need", None, False),
        ("matched", "close", 1, False),
    ]
    assert (found.cost, found.prefix_cost, found.stopped_at, found.prefix_stop, found.status) == (1, 1, None, "close", "complete")
    assert (found.fitness, found.conforms_so_far, found.fully_conforms) == (0.8, False, False) and 0.6 < found.adherence < 0.7
    (deviation,) = found.deviations
    assert (deviation.kind, deviation.step, deviation["after"]) == ("skipped", "need", "open")
    assert deviation.sentence_en.startswith("“need” was skipped") and deviation.sentence_zh.startswith("跳过了")
    plain = found.to_dict()
    assert plain["deviations"][0]["step"] == "need" and type(plain["moves"][0]) is dict
    assert "cost 1" in repr(found) and pickle.loads(pickle.dumps(found)) == found
    with pytest.raises(AttributeError, match="fields: case"):
        _ = found.nothing
    with pytest.raises(gp.ArgumentError, match="c9"):
        check.alignment("c9")


def test_records_name_every_field(check, corpus, sop):
    """The types of a record are written in `_records.py`; what the core gives must be the same fields."""
    alignment = check.alignment("c2")
    finding = gp.review(corpus, sop).findings[0]
    choice = sop.live().push("open")[0]
    for record in (alignment, alignment.moves[0], alignment.deviations[0], finding, finding.treated, choice):
        assert set(record) == set(type(record).__annotations__), type(record)


def test_standards():
    text = "{format: goldpath/1, name: x, steps: {need: {standards: [{questions: {at_least: 2}, title: 多问}, {agent_says: [预算]}]}}, flow: [need]}"
    turns = [{"speaker": "agent", "text": "几个人用？", "steps": ["need"]}, {"speaker": "customer", "text": "十个"}]
    corpus = gp.Corpus.from_records([{"id": "c1", "rep": "Ann", "turns": turns}])
    check = corpus.check(gp.Sop.parse(text))
    first, second = check.alignment("c1").deviations
    assert (first.kind, first.standard.name, first.standard.value, first.standard.at_least, first.standard.unit) == ("below_standard", "多问", 1, 2, "count")
    assert set(first.standard) == set(type(first.standard).__annotations__) and first.to_dict()["standard"]["key"] == "questions"
    assert second.sentence_zh == "“need”未达标：没有说到“预算”。"
    assert check.standards["never_met"] == [True, True] and check.cases["below_standard"] == [2]
    measures = corpus.measures(progress=lambda stage, done, total: None)
    assert (measures.name, measures["questions"], measures["talk_share_of"], measures["duration"]) == ("measures", [1], ["words"], [None])


def test_scores(check, tmp_path):
    card = gp.Scorecard.from_dict({"format": "goldpath/scorecard/1", "steps": {"open": 1, "need": 3}, "deviations": {"skipped": -1}})
    assert gp.Scorecard.parse(card.to_json()) == card != gp.Scorecard.equal(gp.Sop.parse("{format: goldpath/1, name: x, steps: [a], flow: [a]}"))
    (tmp_path / "card.yaml").write_text(card.to_yaml(), encoding="utf-8")
    assert gp.Scorecard.read(tmp_path / "card.yaml") == card and gp.Scorecard.json_schema()["title"] == "goldpath scorecard"
    scores = check.score(card, progress=lambda stage, done, total: None)
    assert len(scores) == 2 and "mean 50.0" in repr(scores) and scores.cases is scores.cases
    assert (scores.cases["score"], scores.reps["rep"], scores.teams["score"]) == ([100, 0], ["Ann", "Bob"], [50])
    score = scores.explain("c2")
    assert [(part.kind, part.state, part.got) for part in score.parts] == [("step", "full", 1), ("step", "lost", 0), ("deviation", "lost", -1)]
    for one in (score, score.parts[0]):
        assert set(one) == set(type(one).__annotations__)
    assert "0.0 of 100" in repr(score) and "was skipped" in score._repr_html_()
    assert scores.parts["name"] == ["open", "need", "skipped"] and scores.best(1)["case_id"] == ["c1"]
    assert scores.opportunities["name"] == ["need", "skipped"] and "机会点" not in scores._repr_html_()
    with pytest.raises(gp.ScorecardError, match="nowhere") as error:
        check.score(gp.Scorecard.parse("{format: goldpath/scorecard/1, steps: {nowhere: 1}}"))
    assert error.value.code == "scorecard.unknown_step"
    with pytest.raises(gp.ScorecardError, match="no points"):
        gp.Scorecard.parse("{format: goldpath/scorecard/1, steps: {}}")


def test_review(corpus, sop, tmp_path):
    review = gp.review(corpus, sop)
    assert review.check.cases["cost"] == [0, 1] and review.summary["decided"] == 2 and review.summary["period"] is None
    finding = next(one for one in review.findings if one.kind == "skip")
    assert (finding.step, finding.outcome, finding.treated.n, finding.verdict) == ("need", "won", 1, "not_enough_evidence")
    assert finding.sentence() == finding.sentence_en != finding.sentence("zh") and finding.to_dict()["treated"]["n"] == 1
    assert len(review.findings_table) == len(review.findings)
    assert review.sentences("en") != review.sentences("zh") and review.sentences()[0] in repr(review)
    path = tmp_path / "review.html"
    review.save(path, lang="zh")
    assert path.read_text(encoding="utf-8") == review.to_html("zh")
    for call in (lambda: review.sentences("fr"), lambda: finding.sentence("fr"), lambda: review.save(path, "fr")):
        with pytest.raises(gp.ArgumentError, match="fr"):
            call()
    with pytest.raises(FileNotFoundError):
        review.save(tmp_path / "none" / "review.html")
    with pytest.raises(gp.ArgumentError, match="outcomes: won"):
        gp.review(corpus, sop, outcome="lost")


def test_the_period_is_in_datetimes(sop):
    start = datetime.datetime(2026, 3, 1, 9, 30, tzinfo=datetime.timezone.utc)
    corpus = gp.Corpus.from_records([{"id": "1", "started_at": start, "steps": ["open"]}])
    assert gp.review(corpus, sop).summary["period"] == (start, start)


def test_a_table_goes_anywhere(check):
    table = check.deviations
    assert table.to_arrow().schema.field("case_id").type == pa.string()
    assert check.cases.to_arrow().schema.field("cost").type == pa.int64()
    assert isinstance(table.to_pandas(), pd.DataFrame) and isinstance(table.to_polars(), pl.DataFrame)
    for made in (pl.DataFrame(table), pa.table(table).to_pandas(), table.to_pandas()):
        assert list(made["case_id"]) == ["c2"]
    arrow = pa.table(table)  # duckdb finds it by its name
    assert duckdb.sql("select step from arrow").fetchall() == [("need",)]
    assert "deviations (1 rows)" in repr(table) and "<table>" in table._repr_html_()


def test_every_type_of_column(sop):
    start = datetime.datetime(2026, 3, 1, 9, 30, tzinfo=datetime.timezone.utc)
    turns = [{"speaker": "agent", "text": "hi", "steps": ["open"]}, {"speaker": "agent", "text": "so", "steps": ["golf"]}]
    corpus = gp.Corpus.from_records([{"id": "1", "started_at": start, "size": 2.5, "turns": turns}, {"id": "2", "steps": []}])
    table = corpus.table
    schema = table.to_arrow().schema
    assert schema.field("started_at").type == pa.timestamp("ms", "UTC") and schema.field("rep").type == pa.string()
    assert table["started_at"] == [start, None] and table["size"] == [2.5, None]
    deviations = corpus.check(sop).deviations
    lists = [field for field in deviations.to_arrow().schema if pa.types.is_list(field.type)]
    assert lists and all(field.type.value_type in (pa.int64(), pa.string()) for field in lists)


def test_rows(check):
    rows = list(check.cases)
    assert (rows[0].case_id, rows[0]["outcome.won"], rows[1].cost) == ("c1", True, 1)
    assert dict(rows[0])["rep"] == "Ann" and rows[0].to_dict() == dict(rows[0]) and "rep='Ann'" in repr(rows[0])
    assert rows[0] != rows[1] and rows[0] == next(iter(check.cases)) and "cost" in dir(rows[0])
    with pytest.raises(KeyError, match="columns: case_id"):
        _ = check.cases["nothing"]
