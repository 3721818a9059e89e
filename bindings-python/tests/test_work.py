"""Long work: progress, the GIL, Ctrl-C, panics; errors as objects."""

import os
import pickle
import signal
import threading
import time

import goldpath as gp
import pytest
from goldpath import _goldpath


@pytest.fixture(scope="module")
def long_work(tmp_path_factory):
    """Reading this file takes long enough to be stopped."""
    path = tmp_path_factory.mktemp("work") / "calls.jsonl"
    text = ", ".join(f'{{"step": "s{i}", "at": {i}}}' for i in range(1000))
    with path.open("w") as file:
        for i in range(4_000):
            file.write(f'{{"id": "c{i}", "steps": [{text}]}}\n')
    return lambda **options: gp.Corpus.read(path, **options)


@pytest.fixture(autouse=True)
def ctrl_c():
    """Ctrl-C as Python has it at a terminal, also where this runs in the background of a shell, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_progress_and_the_gil(long_work):
    seen, beats, stop = [], [], threading.Event()
    beat = threading.Thread(target=lambda: [beats.append(1) for _ in iter(lambda: stop.wait(0.005), True)])
    beat.start()
    assert len(long_work(progress=lambda *news: seen.append(news))) == 4_000
    stop.set()
    beat.join()
    assert len(beats) > 10 and seen[-1][0] == "read" and seen[-1][1] == seen[-1][2] > 1_000_000
    assert all(done <= total for _, done, total in seen)


def test_short_work_reports_too(corpus, sop):
    seen = []
    gp.review(corpus, sop, progress=lambda stage, done, total: seen.append(stage))
    corpus.check(sop, progress=lambda stage, done, total: seen.append(stage))
    assert seen == ["check", "compare", "check"]


def test_an_exception_of_progress_cancels(long_work):
    def stop(stage, done, total):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        long_work(progress=stop)


def test_ctrl_c_cancels(long_work):
    begun = time.monotonic()
    long_work()
    whole = time.monotonic() - begun
    threading.Timer(min(0.1, whole / 10), os.kill, (os.getpid(), signal.SIGINT)).start()
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        long_work()
    assert time.monotonic() - begun < max(whole * 0.9, 0.3)


def test_ctrl_c_stops_records():
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        gp.Corpus.from_records({"id": str(i)} for i in range(10_000_000))


def test_a_panic_is_an_exception(capfd):
    with pytest.raises(gp.GoldpathError, match="on purpose") as caught:
        _goldpath._panic()
    assert caught.value.code == "internal"


def test_errors_can_be_pickled(tmp_path):
    for call in (lambda: gp.Sop.parse("flow: [a]"), lambda: gp.Sop.read(tmp_path / "none"), lambda: gp.Corpus.from_records([{}])):
        with pytest.raises(gp.GoldpathError) as caught:
            call()
        again = pickle.loads(pickle.dumps(caught.value))
        assert (type(again), str(again), again.code, again.faults) == (type(caught.value), str(caught.value), caught.value.code, caught.value.faults)


def test_objects_are_shared_between_threads(corpus, sop):
    found = []
    threads = [threading.Thread(target=lambda: found.append(corpus.check(sop).cases["cost"])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[0, 1]] * 8
