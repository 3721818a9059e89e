"""The border between Python and Rust: tables, errors, long work."""

import os
import pickle
import signal
import threading
import time

import goldpath as gp
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest


def test_version():
    assert gp.version() == gp.__version__


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_any_arrow_stream_is_read(make):
    assert gp.describe(make({"case": ["a", "b"], "步骤": ["need", "报价"]})) == (2, ["case", "步骤"])


def test_table_is_handed_over():
    table = gp.example_table()
    assert (len(table), table.columns) == (3, ["case", "step", "effect"])
    assert pl.DataFrame(table)["step"].to_list() == ["need", "报价", "need"]
    assert pa.table(table).to_pandas()["effect"].isna().tolist() == [False, True, False]
    assert gp.describe(table) == (3, table.columns)


def test_not_a_table():
    with pytest.raises((TypeError, ValueError)):
        gp.describe([1, 2])


def test_errors_carry_code_and_place():
    with pytest.raises(gp.SopError, match="on purpose") as caught:
        gp.fail("sop.unknown_step", {"line": 7, "field": "flow"})
    error = caught.value
    assert isinstance(error, gp.GoldpathError) and isinstance(error, ValueError)
    assert (error.code, error.where) == ("sop.unknown_step", {"line": 7, "field": "flow"})
    assert pickle.loads(pickle.dumps(error)).code == error.code


def test_a_panic_is_an_exception():
    with pytest.raises(BaseException, match="a panic of the core"):
        gp.fail("panic")


def test_progress_and_the_gil():
    seen = []
    beats = []
    stop = threading.Event()
    beat = threading.Thread(target=lambda: [beats.append(1) for _ in iter(lambda: stop.wait(0.01), True)])
    beat.start()
    assert gp.long_work(30, progress=lambda done, total: seen.append((done, total))) == 30
    stop.set()
    beat.join()
    assert len(beats) > 10
    assert seen and seen[0][1] == 30


def test_an_exception_of_progress_cancels():
    def stop(done, total):
        raise RuntimeError("enough")

    begun = time.monotonic()
    with pytest.raises(RuntimeError, match="enough"):
        gp.long_work(1000, progress=stop)
    assert time.monotonic() - begun < 2


def test_ctrl_c_cancels():
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        gp.long_work(1000)
    assert time.monotonic() - begun < 2
