"""The store and the clip library."""

from datetime import datetime, timezone

import goldpath as gp
import pytest

WORDS = gp.Corpus.from_records([
    {"id": "c1", "rep": "安", "turns": [
        {"speaker": "customer", "text": "太贵了", "steps": ["objection"], "start": 1, "end": 2},
        {"speaker": "agent", "text": "我们来算一笔账", "steps": ["answer"], "start": 2, "end": 5}], "outcome": {"won": True}},
])


@pytest.fixture
def store(tmp_path):
    with gp.Store.open(tmp_path / "team.goldpath") as store:
        yield store


def test_clips_are_kept_and_found(store):
    library = store.clips()
    clip = library.add(WORDS, "c1", (0, 1), "算账", tags=["价格"], at=datetime(2026, 3, 1, tzinfo=timezone.utc))
    assert (clip.id, clip.rep, clip.span, clip.added_at) == ("clip-1", "安", (1000, 5000), 1_772_323_200_000)
    assert [hit.clip for hit in library.search("一笔账", tag="价格")] == [clip]
    assert library.change("clip-1", note="先问再算").note == "先问再算"
    library.set_playlist("新人", ["clip-1"])
    library.watched("clip-1", "Cai", at=4)
    assert library.watches == [{"clip": "clip-1", "rep": "Cai", "at": 4}]
    assert library.cut_list() == "clip,title,media,start,end\nclip-1,算账,c1,00:00:01.000,00:00:05.000\n"
    assert library.to_markdown(lang="zh").startswith("## 算账\n")
    with pytest.raises(gp.StoreError) as error:
        gp.Store.open(store.path)
    assert error.value.code == "store.in_use"
    store.verify()
    store.close()
    with pytest.raises(gp.StoreError, match="closed"):
        library.remove("clip-1", "old")
    with gp.Store.open(store.path) as again:
        assert repr(again.clips()) == "ClipLibrary(1 clips, 1 playlists)"
        assert again.clips().get("clip-1").note == "先问再算"


def test_mistakes_are_errors(store, tmp_path):
    (tmp_path / "text").write_text("these are notes of mine, and no store")
    with pytest.raises(gp.StoreError, match="no store"):
        gp.Store.open(tmp_path / "text")
    library = store.clips()
    for options in [{"colour": "red"}, {"kind": "nice"}, {"tags": 3}]:
        with pytest.raises(gp.ArgumentError):
            library.add(WORDS, "c1", (0, 1), "x", **options)
    for call in [lambda: library.add(WORDS, "c1", (0, 9), "x"), lambda: library.search(colour="red"), lambda: library.to_markdown(lang="fr"), lambda: library.get("clip-9")]:
        with pytest.raises(gp.ArgumentError):
            call()
    assert len(library) == 0


def test_suggestions_can_be_taken_as_they_are(store):
    sop = gp.Sop.parse("{format: goldpath/1, name: x, steps: {objection: {by: customer}, answer: {}}, flow: [objection, answer]}")
    suggestion, *_ = WORDS.check(sop).score().clip_suggestions(5, "zh")
    assert suggestion.reason_en.startswith("“answer” in one of the best conversations (100.0 of 100 points).")
    assert store.clips().add(WORDS, **suggestion.clip).step == "answer"
