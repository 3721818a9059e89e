"""Talk tracks from Python."""

import goldpath as gp
import numpy
import pytest


def test_tracks_and_what_goes_wrong():
    sop = gp.Sop.parse("{format: goldpath/1, name: x, steps: [open, close], flow: [open, close]}")
    turns = [{"speaker": "agent", "text": "good morning Ann", "steps": ["open"]}, {"speaker": "customer", "text": "sure, call +44 20 7946 0958"}]
    check = gp.Corpus.from_records([{"id": f"c{i}", "rep": "r", "turns": turns} for i in range(3)]).check(sop)
    talk = gp.TalkTracks.of(check, names=["Ann"], expert={"open": ["hello, how can I help"]})
    assert len(talk) == 2
    first = talk.tracks.to_polars().filter(__import__("polars").col("uses") == 3)
    assert first["text"].to_list() == ["good morning [name]"]
    snippet = talk.snippets(first["track"][0])[0]
    assert (snippet["conversation"], snippet["raised"]) == ("c0", None) and "7946" not in snippet["reaction"]
    assert talk.coverage["missing"] == ["few", "none"]
    assert len(talk.emerging) == 0
    with pytest.raises(gp.ArgumentError) as caught:
        gp.TalkTracks.of(check, steps=["nowhere"])
    assert caught.value.code == "talk.unknown_step"


def test_the_hosts_own_texts_and_counts():
    assert gp.cluster(["分期来做可以吗", "嗯分期来做可以吗？", "再见"]) == [0, 0, 1]
    assert gp.cluster_vectors(numpy.array([[1.0, 0.0], [0.0, 1.0], [0.9, 0.1]]), 0.8) == [0, 1, 0]
    table = gp.rank_tracks([0, 0, 1], [9, 1, 5], [10, 10, 10])
    assert table["place"] == [1, 2, 1]
    with pytest.raises(gp.ArgumentError):
        gp.rank_tracks([0], [2], [1])
    with pytest.raises(gp.ArgumentError):
        gp.rank_tracks([0], [1, 2], [1])


def answers(n):
    sop = gp.Sop.parse(
        "{format: goldpath/1, name: o, steps: {open: {}, dear: {by: customer, title: 嫌贵, unplanned: true}, demo: {title: 演示}}, flow: [open, demo]}"
    )

    def one(i):
        good, on = i % 2 == 0, i % 10 < (7 if i % 2 == 0 else 3)
        turns = [
            {"speaker": "agent", "text": "您好", "steps": ["open"]},
            {"speaker": "customer", "text": ["太贵了", "有点贵"][i % 3 == 0], "steps": ["dear"]},
            {"speaker": "agent", "text": "我给您算一笔账" if good else "价格是统一的"},
            {"speaker": "customer", "text": "好的" if on else "不需要"},
        ]
        if on:
            turns.append({"speaker": "agent", "text": "那我们安排演示", "steps": ["demo"]})
        return {"id": f"c{i:03}", "rep": f"r{i // 2 % 4}", "team": f"t{i // 2 % 2}", "turns": turns, "outcome": {"won": on}}

    return sop, [one(i) for i in range(n)]


def test_knowledge_points_grow_and_are_looked_up():
    sop, records = answers(200)
    check = lambda part: gp.Corpus.from_records(part).check(sop)
    whole = gp.TalkTracks.of(check(records), feedback=["words", "leaves"])
    grown = gp.TalkTracks.of(check(records[1::2]), feedback=["words", "leaves"]).append(check(records[::2]))
    assert whole.to_bytes() == grown.to_bytes() == gp.TalkTracks.from_bytes(whole.to_bytes()).to_bytes()
    assert whole.tracks.to_polars().equals(grown.tracks.to_polars())
    found = grown.look_up("这个太贵了吧")
    assert (found[0]["topic"], found[0]["tracks"][0]["text"], found[0]["next"][0]["step"]) == ("dear", "我给您算一笔账", "demo")
    assert found[0]["tracks"][0]["adjusted"] and found[0]["tracks"][0]["clear_winner"]
    assert whole.knowledge_points["topic"] == ["open", "demo", "dear"]
    assert set(whole.by_team["team"]) == {"t0", "t1"} and len(whole.by_rep) > len(whole.by_team)
    wins = [f for f in whole.findings if f.verdict == "helps" and f.outcome == "advanced"]
    assert [f.what["wording"] for f in wins] == ["我给您算一笔账"] and "推进到下一步的占比" in wins[0].sentence_zh
    assert "wording" in whole.findings_table.to_polars()["kind"].to_list()
    with pytest.raises(gp.ArgumentError) as caught:
        grown.append(check(records[:1]))
    assert caught.value.code == "talk.known_conversation"
    made = gp.review(gp.Corpus.from_records(records), sop)
    assert made.talk_tracks.tracks.to_polars().equals(whole.tracks.to_polars().with_columns(made.talk_tracks.tracks.to_polars()["feedback"]))
    assert made.knowledge_points["best_text"][2] == "我给您算一笔账"


def test_the_hosts_criterion():
    sop, records = answers(100)
    check = gp.Corpus.from_records(records).check(sop)
    scores = [{"conversation": r["id"], "turn": 2, "score": 0.2 if "算一笔账" in r["turns"][2]["text"] else 0.8} for r in records]
    talk = gp.TalkTracks.of(check, steps=["dear"], criterion="score", scores=scores)
    assert talk.tracks["text"][0] == "价格是统一的"
    assert gp.TalkTracks.of(check, steps=["dear"], criterion="won").tracks["text"][0] == "我给您算一笔账"
    for wrong in [{"criterion": "score"}, {"criterion": "x"}, {"feedback": ["x"]}, {"scores": [{"conversation": "c000"}]}, {"scores": 3}, {"adjust_for": ["x"]}]:
        with pytest.raises(gp.ArgumentError):
            gp.TalkTracks.of(check, **wrong)
