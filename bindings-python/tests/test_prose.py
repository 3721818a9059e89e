"""The examples of README, guides and formats: Python runs as it is written, block after block of a page; files are read by what
reads them. Rust and JavaScript run in their own tests; a block in any other language would be checked by nobody."""

import json
import re
from pathlib import Path

import goldpath as gp
import pytest

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", "README.zh-CN.md", *sorted(str(p.relative_to(ROOT)) for p in (ROOT / "docs" / "src").rglob("*.md"))]
SHORT = "{format: goldpath/1, name: short, steps: [open, close], flow: [open, close]}"


def blocks(page, lang="python"):
    return re.findall(rf"^```{lang}\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), flags=re.M | re.S)


def each(lang):
    return [pytest.param(text, id=f"{page}, {number + 1}") for page in PAGES for number, text in enumerate(blocks(page, lang))]


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)])
def test_examples_run(page, tmp_path, monkeypatch, capsys, request):
    monkeypatch.chdir(tmp_path)
    if any("goldpath.spark" in block for block in blocks(page)):
        request.getfixturevalue("spark")  # or the page is skipped, with the reason
    names = {}
    for number, block in enumerate(blocks(page)):
        exec(compile(block, f"{page}, block {number + 1}", "exec"), names)


def top(text):
    return set(re.findall(r"^(\w+):", text, flags=re.M))


@pytest.mark.parametrize("text", each("yaml"))
def test_files_are_read(text, tmp_path):
    keys = top(text)
    if "…" in text:  # shortened: what is left out stands in for itself
        text = text.replace("base: {…}, ", "").replace("{…}", "{}").replace("[…]", "[]").replace("…", "")
    if "goldpath/detector" in text:
        gp.Detector.parse(text)
    elif "goldpath/scorecard" in text:
        gp.Scorecard.parse(text)
    elif "fragment" in keys:
        gp.Fragment.parse(text)
    elif "same" in keys:
        ids = {name.split(".")[0] for name in re.findall(r"[a-z_]+\.[a-z_]+", text)}
        try:
            gp.compose("rules", [gp.Fragment.ready(one, "zh") for one in sorted(ids)], text)
        except gp.GoldpathError as error:  # what is shown need not go together; it is read all the same
            assert {fault["code"].split(".")[0] for fault in error.faults} == {"compose"}, error
    elif "history" in keys:
        with pytest.raises(gp.GoldpathError) as caught:  # its SOP is left out
            gp.History.parse(text)
        assert all("first" in (fault["place"] or "") for fault in caught.value.faults), caught.value
    elif "edits" in keys:
        gp.Patch.parse(text)
    elif "playbook" in keys:
        for name in re.findall(r"sop: (\w+\.yaml)", text):
            (tmp_path / name).write_text(SHORT, encoding="utf-8")
        (tmp_path / "playbook.yaml").write_text(text, encoding="utf-8")
        gp.Playbook.read(tmp_path / "playbook.yaml")
    else:  # an SOP, or a part of one
        if "format" not in keys:
            text = "format: goldpath/1\nname: a part\n" + text
        if "steps" not in keys:
            text += "steps: [" + ", ".join(sorted(set(re.findall(r"\w+", text.split("edges:")[1])))) + "]\n"
        elif not keys & {"flow", "graph"}:
            text += "flow: [" + ", ".join(re.findall(r"^  (\w+):", text, flags=re.M)) + "]\n"
        gp.Sop.parse(text)


@pytest.mark.parametrize("text", each("json"))
def test_conversations_are_read(text):
    assert len(gp.Corpus.from_records([json.loads(text)])) == 1


@pytest.mark.parametrize("page", PAGES)
def test_no_block_is_left_out(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    opened = re.findall(r"^ *```(.*)$", text, flags=re.M)[::2]
    assert set(opened) <= {"python", "pycon", "yaml", "json", "js", "ts", "rust", "sh"}, opened
    if "rust" in opened:
        doctests = (ROOT / "tests" / "src" / "lib.rs").read_text(encoding="utf-8")
        assert f'include_str!("../../{page}")' in doctests, f"the Rust blocks of {page} run once tests/src/lib.rs includes it"
