"""Files of other formats from Python: the options arrive, and what goes wrong is told."""

import gzip
import threading

import goldpath as gp
import pytest

XES = """<log><trace><string key="id" value="c1"/><string key="result" value="yes"/>
<event><string key="what" value="open"/><date key="when" value="2024-01-01T00:00:00Z"/><string key="who" value="Ann"/></event>
<event><string key="what" value="paid"/><date key="when" value="2024-01-02T00:00:00Z"/></event></trace></log>"""


def test_xes_with_names_of_its_own(tmp_path):
    path = tmp_path / "log.xes.gz"
    path.write_bytes(gzip.compress(XES.encode()))
    corpus = gp.Corpus.read(path, case="id", step="what", time="when", rep="who", outcomes={"good": ("result", "yes")}, drop_steps=["paid"])
    assert corpus.conversation("c1")["outcome"] == {"good": True}
    assert corpus.steps == ["open"] and corpus.table["rep"] == ["Ann"]
    told = gp.Corpus.read(path, case="id", step="what", outcome_steps={"paid": "paid"})
    assert told.table["outcome.paid"] == [True] and told.steps == ["open"]
    with pytest.raises(gp.CorpusError, match="concept:name"):
        gp.Corpus.read(path)


def test_csv_and_its_cases(tmp_path):
    (tmp_path / "log.csv").write_text("deal|activity|time\nd1|call|2024/3/1 9:00\nd2|call|soon\n", encoding="utf-8")
    (tmp_path / "cases.csv").write_text("id,stage,rep\nd1,signed,Ann\n", encoding="utf-8")
    kept = gp.Corpus.read(
        tmp_path / "log.csv", case="deal", cases=tmp_path / "cases.csv", outcomes={"won": ("stage", "signed")}, on_error="collect", delimiter="|"
    )
    assert kept.ids == ["d1"] and kept.table["outcome.won"] == [True] and kept.table["rep"] == ["Ann"]
    assert kept.problems["line"] == [3] and kept.problems["code"] == ["corpus.wrong_type"]
    for wrong in [{"outcome_steps": 5}, {"outcome_steps": {"won": {"no": "x"}}}, {"agents": 3}, {"delimiter": "ab"}, {"on_error": "skip"}]:
        with pytest.raises(gp.ArgumentError):
            gp.Corpus.read(tmp_path / "log.csv", **wrong)


def test_captions_and_convokit(tmp_path):
    (tmp_path / "a.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>hi\n", encoding="utf-8")
    assert gp.Corpus.read(tmp_path / "a.vtt", agents="Ann").conversation("a")["turns"][0]["speaker"] == "agent"
    assert gp.Corpus.read(tmp_path, agents=["Ann"]).ids == ["a"]
    with pytest.raises(gp.CorpusError, match="Ann"):
        gp.Corpus.read(tmp_path)
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "utterances.jsonl").write_text('{"id": "u", "conversation_id": "k", "speaker": "s", "text": "hi", "meta": {}}\n', encoding="utf-8")
    (folder / "speakers.json").write_text('{"s": {"meta": {"role": "seller"}}}', encoding="utf-8")
    assert gp.Corpus.read(folder, agents={"role": ["seller", "agent"]}).table["rep"] == ["s"]


def test_steps_tell_outcomes_of_records_and_tables_too():
    told = {"won": {"yes": ["signed"], "no": "lost"}}
    corpus = gp.Corpus.from_records([{"id": "a", "steps": ["call", "signed"]}, {"id": "b", "steps": ["call"]}], outcome_steps=told)
    assert corpus.table["outcome.won"] == [True, None] and corpus.steps == ["call"]
    events = [{"case": "a", "step": "call"}, {"case": "a", "step": "lost"}]
    corpus = gp.Corpus.from_dataframe(events, outcome_steps=told, drop_steps=["none"])
    assert corpus.table["outcome.won"] == [False] and corpus.steps == ["call"]
    with pytest.raises(gp.ArgumentError, match="sign"):
        gp.Corpus.from_dataframe(events, outcome_steps={"won": "sign"})


def test_reading_tells_its_progress_and_stops(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("case,step\n" + "".join(f"c{i},x\n" for i in range(100_000)), encoding="utf-8")
    seen = []
    gp.Corpus.read(path, progress=lambda *update: seen.append(update))
    assert seen[-1] == ("read", path.stat().st_size, path.stat().st_size) and threading.active_count() >= 1
    with pytest.raises(KeyboardInterrupt):
        gp.Corpus.read(path, progress=stop)


def stop(*_):
    raise KeyboardInterrupt
