"""The exchange formats: BPMN both ways, PNML, DOT, SVG and the drawing in a notebook."""

import goldpath as gp
import pytest

TEXT = """
format: goldpath/1
name: 企业软件跟进
steps: {open: {title: 开场 "一"}, need: {title: <script>alert(1)</script>, cost: {skipped: 3}}, security: {}, close: {}, thanks: {}}
flow: [open, {any_order: [need, close]}, {when: {segment: enterprise}, then: [security]}]
anytime: [thanks]
"""


@pytest.fixture
def sop():
    return gp.Sop.parse(TEXT)


@pytest.mark.parametrize(("name", "write"), [("a.bpmn", "to_bpmn"), ("a.yaml", "to_yaml"), ("a.yml", "to_yaml"), ("a.json", "to_json")])
def test_a_file_is_read_by_its_ending(sop, tmp_path, name, write):
    path = tmp_path / name
    path.write_text(getattr(sop, write)(), encoding="utf-8")
    assert gp.Sop.read(path) == sop
    assert gp.Sop.from_bpmn(sop.to_bpmn()) == sop


def test_what_cannot_be_read_is_named(tmp_path):
    path = tmp_path / "a.bpmn"
    path.write_text('<definitions>\n<process id="p">\n<startEvent id="s"/><boundaryEvent id="b"/>\n</process></definitions>')
    with pytest.raises(gp.SopError) as caught:
        gp.Sop.read(path)
    found = {(fault["code"], fault["line"], fault["place"]) for fault in caught.value.faults}
    assert ("sop.unsupported", 3, "b") in found and ("sop.no_end", 2, None) in found
    assert all(fault["source"] == str(path) for fault in caught.value.faults)


def test_a_net_is_that_of_a_case(sop):
    security = "<text>security</text>"
    assert security in sop.to_pnml() and security not in sop.to_pnml({}) and security in sop.to_pnml({"segment": "enterprise"})
    with pytest.raises(gp.ArgumentError):
        sop.to_pnml({"segment": None})


def test_drawings_escape_what_they_show(sop):
    assert r'label="开场 \"一\""' in sop.to_dot()
    playbook = gp.Playbook.by("segment", {"smb": sop})
    assert "segment = smb" in playbook.to_svg("zh")
    for drawn in [sop.to_svg(), sop._repr_html_(), playbook._repr_html_()]:
        assert drawn.startswith("<svg") and "开场" in drawn and "<script>" not in drawn
    with pytest.raises(gp.ArgumentError):
        sop.to_svg("fr")
