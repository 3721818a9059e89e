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
