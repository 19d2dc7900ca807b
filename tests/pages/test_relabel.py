"""The Relabel page, as far as it is known without a browser."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from app.ui.workspace import the_workspace
from app.workflow.browse import people_on

STEP = {
    "dataset": "val",
    "item": 1,
    "seq": 1,
    "step": "s1",
    "undoes": None,
    "edits": [{"keypoint": 0, "base_revision": 0, "kind": "set", "v": 1, "x": 10, "y": 10}],
}


@pytest.fixture(autouse=True)
def _a_name(a_browser):
    a_browser["halfseen_annotator"] = "Zo%C3%AB"


def canvas(at):
    return next(
        each.proto
        for each in at.get("bidi_component")
        if each.proto.component_name == "keypoint_canvas"
    )


def told(at):
    return json.loads(canvas(at).json)


def say(at: AppTest, message):
    """What a browser does when the editor sends: sets the component's state, which calls back."""
    states = at._tree.get_widget_states()
    state = states.widgets.add()
    state.id = canvas(at).id
    state.json_value = json.dumps({"edit": message})
    at._run(states)
    assert not at.exception, at.exception


def a_message(at, **more):
    window = told(at)["window"]
    at_item = {"dataset": "val", "item": window["current"], "reset": window["reset"]}
    return {"client": "me", "seq": 1, "have": None, "snapshots": [], "at": at_item} | more


def test_without_a_dataset_the_way_to_one_is_shown(open_page):
    assert open_page("relabel").info[0].value == "There is no dataset yet."


def test_a_name_is_needed_first(open_page, imported, a_browser):
    imported()
    a_browser.clear()
    assert "Give your name" in open_page("relabel").info[0].value


def test_the_first_person_is_shown_and_the_address_says_so(open_page, imported):
    imported()
    at = open_page("relabel")
    window = told(at)["window"]
    assert (window["current"], window["order"], window["total"]) == (1, [1, 2, 3], 2)
    assert [item["id"] for item in window["items"]] == [1, 2, 3]
    assert window["items"][2]["photo"]["note"].startswith("The photo b.png is not in")
    assert at.query_params["item"] == "1"


def test_the_address_names_the_person(open_page, imported):
    imported()
    at = open_page("relabel", dataset="val", item="3")
    assert told(at)["window"]["current"] == 3


def test_an_unknown_person_is_said_in_words(open_page, imported):
    imported()
    at = open_page("relabel", dataset="val", item="99")
    assert at.error[0].value.startswith("There is no annotation 99")


def test_what_the_browser_sends_is_written_and_acknowledged(open_page, imported):
    imported()
    at = open_page("relabel")
    say(at, a_message(at, snapshots=[STEP]))
    item = {"dataset": "val", "item": 1, "revisions": [1, 0, 0], "stale": []}
    assert told(at)["ack"] == {"client": "me", "seq": 1, "error": None, "items": [item]}
    person = people_on(the_workspace(), "val", 7)[0]
    assert (person.current[0].visibility, person.revision) == (1, (1, 0, 0))


def test_a_forged_message_is_answered_in_words_and_changes_nothing(open_page, imported):
    imported()
    at = open_page("relabel")
    say(at, a_message(at, snapshots=[STEP | {"item": 10**6}]))
    assert "There is no annotation 1000000" in told(at)["ack"]["error"]


def test_nobody_left_is_said(open_page, imported):
    imported()
    at = open_page("relabel")
    at.selectbox(key="relabel_filter").select("Reviewed")
    at.query_params.pop("item")
    at.run()
    assert at.info[0].value == "Nobody with keypoints is left in this choice of people."
