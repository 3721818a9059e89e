"""What the package asks for is free: nothing by itself, and with its extras nothing that binds whoever uses it."""

import re
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

FREE = re.compile(r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|Zlib|CC0|Unlicense|Public Domain", re.I)
PROJECT = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
EXTRAS = sorted({Requirement(name).name for line in re.findall(r"^\w+ = \[(\".*\")\]$", PROJECT.split("[project.optional-dependencies]")[1].split("\n[")[0], re.M)
                 for name in re.findall(r'"([^"]+)"', line)})


def licence(name):
    about = metadata.metadata(name)
    classifiers = [line.split("::")[-1] for line in about.get_all("Classifier") or [] if line.startswith("License")]
    return " ".join(filter(None, [about["License-Expression"], *classifiers])) or about["License"] or ""


def asked_for(name, seen):
    """The package, and all it needs without extras of its own."""
    if name not in seen:
        seen.add(name)
        for line in metadata.requires(name) or []:
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                asked_for(needed.name, seen)
    return seen


def test_nothing_is_asked_for():
    assert "\ndependencies" not in PROJECT
    assert {"pandas", "polars", "pyarrow", "pyspark"} <= set(EXTRAS)


@pytest.mark.parametrize("extra", EXTRAS)
def test_extras_are_free(extra):
    found = {name: licence(name) for name in asked_for(extra, set())}
    assert [name for name, text in found.items() if not FREE.search(text) or re.search(r"\bA?GPL", text)] == []
