"""The Relabel page, as far as it is known without a browser."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from app.ui.workspace import the_workspace
from app.workflow.browse import people_on
from tests.pages.builders import a_file

STEP = {
    "dataset": "val",
    "label_set": "main",
    "annotator": "Zoë",
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
    place = {
        "dataset": "val",
        "item": window["current"]["id"],
        "keypoint": None,
        "reset": window["reset"],
    }
    message = {"client": "me", "seq": 1, "have": None, "haveUndo": None, "older": None}
    return message | {"snapshots": [], "at": place} | more


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
    assert window["current"] == {"id": 1, "keypoint": None}
    assert [entry["id"] for entry in window["order"]] == [1, 2, 3]
    assert (window["is_first"], window["is_last"]) == (True, True)
    assert (window["annotator"], window["label_set"], window["unit"]) == ("Zoë", "main", "people")
    today = {"keypoints": 0, "persons": 0}
    assert window["progress"] == {
        "place": 1, "total": 3, "reviewed": 0, "changed": 0, "today": today,
    }  # fmt: skip
    assert [item["id"] for item in window["items"]] == [1, 2, 3]
    assert window["photos"]["8"]["note"].startswith("The photo b.png is not in")
    assert window["prefetch"] == [window["photos"]["8"]["url"]]
    assert told(at)["undo"]["done"] == []
    assert at.query_params["item"] == "1"


def test_the_address_names_the_person(open_page, imported):
    imported()
    at = open_page("relabel", dataset="val", item="3")
    assert told(at)["window"]["current"] == {"id": 3, "keypoint": None}


def test_the_address_names_the_keypoint_where_one_goes_through_keypoints(open_page, imported):
    imported()
    at = open_page("relabel", dataset="val", unit="keypoints", item="2", k="1")
    window = told(at)["window"]
    assert window["current"] == {"id": 2, "keypoint": 1}
    assert window["order"][1]["why"] == "left eye: given visible"
    assert (window["progress"]["place"], window["progress"]["total"]) == (5, 9)


def test_where_one_stopped_is_opened_again(open_page, imported):
    imported()
    open_page("relabel", dataset="val", item="2")
    at = open_page("relabel", dataset="val")
    assert told(at)["window"]["current"] == {"id": 2, "keypoint": None}


def test_an_address_of_two_items_ago_leads_nowhere(open_page, imported):
    """Who changes the sidebar right after an arrow key sends the address before the key."""
    imported()
    at = open_page("relabel", dataset="val", item="1")
    place = {"dataset": "val", "item": 2, "keypoint": None, "reset": told(at)["window"]["reset"]}
    say(at, a_message(at) | {"at": place})
    assert told(at)["window"]["current"]["id"] == 2
    at.query_params["item"] = "1"
    at.selectbox(key="choose_show").set_value("open").run()
    assert told(at)["window"]["current"]["id"] == 2
    at.query_params["item"] = "3"
    at.run()
    assert told(at)["window"]["current"]["id"] == 3


def test_an_unknown_person_is_said_in_words(open_page, imported):
    imported()
    at = open_page("relabel", dataset="val", item="99")
    assert at.error[0].value.startswith("There is no annotation 99")
    at.button(key="relabel_go_on").click().run()
    assert not at.error
    assert told(at)["window"]["current"] == {"id": 1, "keypoint": None}
    assert at.query_params["item"] == "1"


def test_what_the_browser_sends_is_written_and_acknowledged(open_page, imported):
    imported()
    at = open_page("relabel")
    say(at, a_message(at, snapshots=[STEP]))
    item = {
        "dataset": "val",
        "label_set": "main",
        "item": 1,
        "revisions": [1, 0, 0],
        "stale": [],
    }
    assert told(at)["ack"] == {"client": "me", "seq": 1, "error": None, "items": [item]}
    person = people_on(the_workspace(), "val", 7)[0]
    assert (person.current[0].visibility, person.revision) == (1, (1, 0, 0))


def test_a_forged_message_is_answered_in_words_and_changes_nothing(open_page, imported):
    imported()
    at = open_page("relabel")
    say(at, a_message(at, snapshots=[STEP | {"item": 10**6}]))
    assert "There is no annotation 1000000" in told(at)["ack"]["error"]


def test_a_fault_of_the_program_leaves_the_editor_and_its_unsaved_work_there(
    open_page, imported, monkeypatch
):
    imported()
    at = open_page("relabel")

    def faulty(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr("app.ui.relabel_queue.save_steps", faulty)
    say(at, a_message(at, snapshots=[STEP]))
    assert "Something unexpected went wrong in the program itself" in told(at)["ack"]["error"]
    assert told(at)["ack"]["items"] == []


def test_a_forged_message_of_another_annotator_is_refused(open_page, imported):
    imported()
    at = open_page("relabel")
    say(at, a_message(at, snapshots=[STEP | {"annotator": "Bo"}]))
    assert "Bo" in told(at)["ack"]["error"]
    assert people_on(the_workspace(), "val", 7)[0].revision == (0, 0, 0)


def test_what_was_done_yesterday_can_be_undone(open_page, imported):
    imported()
    at = open_page("relabel")
    say(at, a_message(at, snapshots=[STEP]))
    log = told(open_page("relabel"))["undo"]
    assert [(entry["step"], entry["item"]) for entry in log["done"]] == [("s1", 1)]
    (change,) = log["done"][0]["changes"]
    assert (change["keypoint"], change["before"]["v"], change["after"]["v"]) == (0, 2, 1)


def test_nobody_left_is_said(open_page, imported):
    imported()
    at = open_page("relabel", dataset="val", show="reviewed")
    assert at.info[0].value == (
        "No person is left that fits the filters. Loosen them in the sidebar to go on."
    )


def test_a_dataset_without_a_keypoint_is_said_to_hold_nobody(open_page, imported):
    imported(file=a_file(annotations=[]))
    at = open_page("relabel", dataset="val")
    assert at.info[0].value == "Nobody in this dataset has a list of keypoints."
