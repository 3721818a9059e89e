"""Detectors from Python: rules, learning, the host's numbers, and what goes wrong."""

import goldpath as gp
import numpy
import pytest

TURNS = [(text + end, step) for text, step in [("what is your budget", "budget"), ("good morning", "opening"), ("这个可以分期付款", "answer")] for end in ["", "?", " now", " please", "!", "，您看"]]


def labelled():
    return gp.Corpus.from_records([{"id": f"c{i}", "turns": [{"speaker": "agent", "text": text, "steps": [step]}]} for i, (text, step) in enumerate(TURNS)])


def test_rules(tmp_path):
    path = tmp_path / "detector.yaml"
    path.write_text("format: goldpath/detector/1\nrules:\n  - {step: budget, phrases: [预算, budget], question: true}\n", encoding="utf-8")
    detector = gp.Detector.read(path)
    assert detector.steps == ["budget"]
    assert detector.find(["您的预算是多少？", "hello"])["step"] == ["budget", None]
    with pytest.raises(gp.DetectorError) as caught:
        gp.Detector.parse("format: goldpath/detector/1\nrules:\n  - {step: s, phrases: a, prob: 2}\n")
    assert (caught.value.code, caught.value.faults[0]["line"]) == ("detector.wrong_number", 3)


def test_learning(tmp_path):
    seen = []
    detector = gp.Detector.fit(labelled(), progress=lambda *news: seen.append(news))
    assert detector.tag(labelled()).steps == ["budget", "opening", "answer"]
    found = detector.evaluate(labelled())
    assert (found.turns, found.accuracy, found.macro_f1) == (18, 1.0, 1.0)
    assert found.accuracy_interval[0] < 1 and found.calibration_error < 0.5
    assert len(found.confusion) == 3 and len(found.calibration) > 0
    path = tmp_path / "steps.gpd"
    detector.save(path)
    assert gp.Detector.read(path).to_bytes() == detector.to_bytes()
    assert len(detector.uncertain(gp.Corpus.from_records([{"id": "x", "turns": [{"speaker": "agent", "text": "good budget"}]}]))) == 1
    few = gp.Detector.fit_examples(["a", "b", "c d", "c e"], ["p", "q", None, ["p", "q"]], least_examples=2)
    assert few.steps == ["p", "q"]
    with pytest.raises(gp.DetectorError, match="too few"):
        gp.Detector.fit_examples(["a"], ["p"])
    with pytest.raises(gp.ArgumentError):
        gp.Detector.fit_examples(["a", "b"], ["p"])


def test_vectors_and_scores():
    corpus = labelled()
    vectors = numpy.eye(3)[[["budget", "opening", "answer"].index(step) for _, step in TURNS]]
    detector = gp.Detector.fit(corpus, vectors=vectors)
    assert detector.find(["?"], vectors=[[0.0, 0.0, 1.0]])["step"] == ["answer"]
    for wrong, code in [(vectors[:, :2], "detector.vector_length"), (vectors[:4], "detector.vector_count"), (vectors * numpy.nan, "detector.vector_not_finite")]:
        with pytest.raises(gp.DetectorError) as caught:
            detector.tag(corpus, vectors=wrong)
        assert caught.value.code == code
    with pytest.raises(gp.ArgumentError):
        detector.tag(corpus, vectors=numpy.zeros(3))
    tagged = corpus.tag_scores(["a", "b"], numpy.array([[0.9, 0.1]] * len(TURNS)))
    assert tagged.steps == ["a"]
    assert corpus.tag_labels([["x"]] * len(TURNS), keep=True).steps == ["budget", "opening", "answer", "x"]
    with pytest.raises(gp.DetectorError):
        corpus.tag_labels([["x"]])
