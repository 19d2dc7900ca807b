"""The filters of the queue: what they come to, and that the address says them."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from app.workflow.queue import Queue, Unit
from core.data.visibility import Visibility

FILTERS = ("keypoint", "given", "suggested", "suspicion")


def a_page():
    import streamlit as st

    from app.ui.queue_filters import choose_queue
    from tests.app.ui.people import RUN, a_dataset

    run = RUN if st.session_state.get("with_run", True) else None
    st.session_state["found"] = choose_queue(
        a_dataset(), run, annotator=st.session_state.get("who", "Zoë")
    )


def opened(*, run=True, who="Zoë", **address):
    at = AppTest.from_function(a_page)
    at.session_state["with_run"], at.session_state["who"] = run, who
    at.query_params.update(address)
    at.run()
    assert not at.exception, at.exception
    return at


def found(at) -> Queue:
    return at.session_state["found"]


def address(at):
    return {
        name: value if isinstance(value, str) else value[-1]
        for name, value in at.query_params.items()
    }


def choose(at, name, value):
    widget = at.select_slider if name == "suspicion" else at.selectbox
    widget(key=f"choose_{name}").set_value(value).run()
    assert not at.exception, at.exception


def test_at_first_everybody_comes_by_suspicion_and_the_address_is_short():
    at = opened()
    assert found(at) == Queue(run="tiny-1")
    assert address(at) == {}
    assert [box.label for box in at.sidebar.selectbox] == [
        "Go through", "Which", "Order", "Labels", "Keypoint", "Given flag", "Suggested flag",
    ]  # fmt: skip
    assert (at.expander[0].label, at.expander[0].proto.expanded) == ("Filters", False)


def test_without_a_run_what_needs_one_is_not_asked():
    at = opened(run=False, suggested="1", suspicion="0.5", order="file")
    assert found(at) == Queue()
    assert [box.label for box in at.sidebar.selectbox] == [
        "Go through", "Which", "Labels", "Keypoint", "Given flag",
    ]  # fmt: skip
    assert not at.select_slider
    assert at.expander[0].label == "Filters"


@pytest.mark.parametrize(
    ("name", "value", "changed"),
    [
        ("unit", "keypoints", {"unit": Unit.KEYPOINTS}),
        ("show", "open", {"reviewed": False}),
        ("show", "reviewed", {"reviewed": True}),
        ("order", "file", {"by_suspicion": False}),
        ("labels", "own", {"label_set": "Zoë"}),
        ("keypoint", "left_eye", {"keypoint": "left_eye"}),
        ("given", "0", {"given": Visibility.UNLABELLED}),
        ("suggested", "2", {"suggested": Visibility.VISIBLE}),
        ("suspicion", "0.35", {"suspicion": 0.35}),
    ],
)
def test_every_choice_is_in_the_queue_and_in_the_address_and_can_be_taken_back(
    name, value, changed
):
    wanted = replace(Queue(run="tiny-1"), **changed)
    at = opened()
    default = (at.select_slider if name == "suspicion" else at.selectbox)(key=f"choose_{name}")
    default = default.value
    choose(at, name, value)
    assert (found(at), address(at)) == (wanted, {name: value})
    assert found(opened(**{name: value})) == wanted  # a shared link, a reload
    label = "Filters: 1 set" if name in FILTERS else "Filters"
    assert at.expander[0].label == label
    choose(at, name, default)
    assert (found(at), address(at)) == (Queue(run="tiny-1"), {})
    assert at.expander[0].label == "Filters"


def test_filters_that_are_set_are_counted_and_open():
    at = opened(keypoint="nose", given="2", suspicion="0.5")
    assert (at.expander[0].label, at.expander[0].proto.expanded) == ("Filters: 3 set", True)


def test_what_an_address_should_not_say_is_not_taken():
    at = opened(unit="cats", show="9", keypoint="tail", given="3", suspicion="2", labels="main2")
    assert (found(at), address(at)) == (Queue(run="tiny-1"), {})


def test_the_words_of_keypoints_and_flags_are_for_people():
    at = opened()
    assert at.selectbox(key="choose_keypoint").options == ["Any", "nose", "left eye", "right eye"]
    assert at.selectbox(key="choose_given").options == [
        "Any", "0 not labelled", "1 hidden", "2 visible",
    ]  # fmt: skip


def test_somebody_called_like_the_shared_labels_has_none_of_their_own():
    at = opened(who="main", labels="own")
    assert found(at) == Queue(run="tiny-1")
    assert "Labels" not in [box.label for box in at.sidebar.selectbox]
