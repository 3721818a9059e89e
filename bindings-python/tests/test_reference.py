"""The pages of docs/src/api say what can be called today."""

import importlib.util
import os
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "docs" / "reference.py"


def test_the_reference_is_up_to_date():
    spec = importlib.util.spec_from_file_location("reference", SCRIPT)
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)
    for path, text in reference.pages().items():
        if os.environ.get("GOLDPATH_BLESS"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is out of date: run python docs/reference.py"
