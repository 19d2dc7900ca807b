import json
from pathlib import Path

import pytest
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

SCREENS = Path(__file__).resolve().parents[2] / "app" / "screens.py"


@pytest.fixture
def cookies(monkeypatch):
    kept = {}
    monkeypatch.setattr(ContextProxy, "cookies", property(lambda _: kept))
    monkeypatch.setattr(ContextProxy, "timezone", property(lambda _: "UTC"))
    return kept


def visit():
    return AppTest.from_file(str(SCREENS), default_timeout=30).run()


def kept_names(at):
    return [
        json.loads(e.proto.json)
        for e in at.get("bidi_component")
        if "cookie" in e.proto.component_name
    ]


def test_a_first_visit_asks_for_a_name_and_keeps_it_in_a_cookie(cookies):
    at = visit()
    at.text_input(key="annotator_name").set_value(" Ånn ")
    at.button(key="annotator_keep").click().run()
    assert at.session_state["annotator"] == "Ånn"
    assert kept_names(at) == [{"name": "halfseen_annotator", "value": "Ånn"}]
    assert not at.sidebar.caption


def test_a_later_visit_is_not_asked(cookies):
    cookies["halfseen_annotator"] = "%C3%85nn"
    at = visit()
    assert not at.sidebar.caption
    assert at.get("popover")


@pytest.mark.parametrize("value", ["", "%00", "x" * 200])
def test_a_cookie_that_is_no_name_counts_as_none(cookies, value):
    cookies["halfseen_annotator"] = value
    assert visit().sidebar.caption[0].value.startswith("Your name is kept")


def test_a_blank_name_is_refused_in_words(cookies):
    at = visit()
    at.button(key="annotator_keep").click().run()
    assert at.error[0].value.startswith("The annotator name is blank")
    assert "annotator" not in at.session_state


def test_a_workspace_that_cannot_be_opened_is_said_in_words(cookies, monkeypatch, tmp_path):
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("HALFSEEN_DATA_DIR", str(file / "data"))
    at = visit()
    assert "data directory" in at.error[0].value
    assert not at.exception
