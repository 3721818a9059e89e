"""The notebooks of the docs run from a fresh kernel, and are kept without their output."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[2] / "docs" / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_run(path, tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    book = nbformat.read(path, as_version=4)
    for cell in book.cells:
        assert not cell.get("outputs") and not cell.get("execution_count"), f"{path.name} carries output: clear it before committing"
    NotebookClient(book, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    pages = [output["data"]["text/html"] for output in shown if "text/html" in output.get("data", {})]
    assert any("vega" in page for page in pages) and any("vega" not in page for page in pages), "a chart or a table is missing"
    assert not [output["text"] for output in shown if output.output_type == "stream" and output.name == "stderr" and "Warning" in output["text"]]


def test_there_are_notebooks():
    assert len(NOTEBOOKS) == 3
