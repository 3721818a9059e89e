"""The stub says what the module is, and the package is typed."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ENVIRONMENT = {**os.environ, "MYPYPATH": str(HERE.parent / "python")}

USE = """
import goldpath as gp
import polars
sop: gp.Sop = gp.Sop.read("sop.yaml")
corpus = gp.Corpus.from_dataframe(polars.DataFrame(), outcomes={"won": ("stage", "signed")}, progress=lambda stage, done, total: print(stage))
steps: list[str] = [deviation.step for deviation in corpus.check(sop).alignment("c1").deviations]
price: float | None = gp.review(corpus, gp.Playbook.by("segment", {"smb": sop})).findings[0].estimate
gp.Sop.read(3)  # wrong on purpose
"""


def run(*arguments):
    done = subprocess.run([sys.executable, "-m", *arguments], capture_output=True, text=True, env=ENVIRONMENT, cwd=HERE.parent)
    return done.stdout + done.stderr


def test_the_stub_is_the_module(tmp_path):
    config = tmp_path / "mypy.ini"
    config.write_text("[mypy]\nfollow_imports_for_stubs = false\n")
    found = run("mypy.stubtest", "goldpath._goldpath", "--mypy-config-file", str(config), "--ignore-disjoint-bases")
    assert "Success" in found, found


def test_the_package_is_typed(tmp_path):
    assert "Success" in run("mypy", "--strict", "--cache-dir", str(tmp_path), "-p", "goldpath")
    use = tmp_path / "use.py"
    use.write_text(USE)
    found = run("mypy", "--strict", "--cache-dir", str(tmp_path), str(use))
    assert "use.py:8: error" in found and "Found 1 error" in found, found
