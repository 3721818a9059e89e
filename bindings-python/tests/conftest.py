"""What the tests and the examples in docstrings start from."""

import importlib.util
import os
import shutil
import sys

import goldpath as gp
import pytest

SOP = "{format: goldpath/1, name: demo, steps: [open, need, close], flow: [open, need, close]}"
RECORDS = [
    {"id": "c1", "rep": "Ann", "team": "north", "steps": ["open", "need", "close"], "outcome": {"won": True}},
    {"id": "c2", "rep": "Bob", "team": "north", "steps": ["open", "close"], "outcome": {"won": False}},
]


@pytest.fixture
def sop():
    return gp.Sop.parse(SOP)


@pytest.fixture
def corpus():
    return gp.Corpus.from_records(RECORDS)


@pytest.fixture
def check(corpus, sop):
    return corpus.check(sop)


def no_spark():
    """Why Spark cannot run here, if it cannot."""
    if importlib.util.find_spec("pyspark") is None:
        return "pyspark is not installed (pip install pyspark)"
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        return "Spark needs Java 17 or newer, and there is no java on this machine"
    return None


@pytest.fixture(scope="session")
def spark():
    if why := no_spark():
        pytest.skip(why)
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    settings = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "3", "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
    # Two threads, and four chances a task: a task that fails is run again, as on a cluster.
    builder = SparkSession.builder.master("local[2, 4]").appName("goldpath")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()
