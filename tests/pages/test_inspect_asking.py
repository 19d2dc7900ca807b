"""Inspect a dataset's photo with a model that is asked now: persons, drawn boxes, heat maps."""

import pytest

from core.errors import UserError
from tests.pages.builders import NAMES, a_file, a_person, a_run_on
from tests.pages.components import fire, overlay, set_state
from tests.pages.stand_in_worker import SAID

NO_WORKER = UserError("No worker is running.", remedy="Start one: python -m app worker.")
ASKED_NOW = {"dataset": "val", "run": "now:tiny"}


@pytest.fixture(autouse=True)
def _installed(models):
    pass


def titles(at):
    return [person["title"] for person in overlay(at)["persons"]]


def said(at, person):
    """What the model says of somebody's keypoints."""
    return [keypoint["said"] for keypoint in overlay(at)["persons"][person]["keypoints"]]


def draw(at, *boxes, seq=1, photo=None):
    listed = [{"id": f"b{k}", "box": list(box)} for k, box in enumerate(boxes, 1)]
    message = {"photo": photo or overlay(at)["photo"], "seq": seq, "whole": True, "boxes": listed}
    set_state(at, "photo_overlay", boxes=message)


def test_a_model_can_be_asked_about_every_person(open_page, imported, a_worker):
    imported()
    at = open_page("inspect")
    assert (overlay(at)["said_by"], a_worker.asked) == (None, [])
    choice = at.selectbox(key="choose_run")
    assert choice.options == ["labels only", "other, asked now", "tiny, asked now"]
    choice.set_value("now:tiny").run()
    assert overlay(at)["said_by"] == "tiny"
    assert said(at, 0) == [SAID] * 3
    ((path, body),) = a_worker.asked
    photo = {"dataset": "val", "image_id": 7, "upload_id": None}
    # Both persons have the same box: it is asked about once.
    assert (path, body) == (
        "/predict",
        {"photo": photo, "boxes": [[5, 5, 20, 20]], "model": "tiny"},
    )


def test_nothing_is_asked_twice(open_page, imported, a_worker):
    imported()
    at = open_page("inspect", **ASKED_NOW)
    at.button(key="photo_next").click().run()
    at.button(key="photo_previous").click().run()
    assert a_worker.boxes == [[[5, 5, 20, 20]]] * 2


def test_who_has_no_box_is_cut_out_by_the_labelled_points_and_a_crowd_not_at_all(
    open_page, imported, a_worker
):
    points = [10, 10, 2, 12, 19, 1, 0, 0, 0]
    people = [a_person(1, keypoints=points), a_person(2, iscrowd=1), a_person(3), a_person(4)]
    for person in (people[0], people[2]):
        person["bbox"] = [0, 0, 0, 0]
    people[3]["bbox"] = [50, 5, 20, 20]  # beside the photo
    imported(file=a_file(annotations=people))
    at = open_page("inspect", **ASKED_NOW)
    assert a_worker.boxes == [[[10, 10, 2, 9]]]
    assert [any(said(at, person)) for person in range(4)] == [True, False, False, False]


def test_keypoints_without_names_are_not_asked_about(open_page, imported, a_worker):
    person = a_person(1, keypoints=[1, 1, 2, 2, 2, 1, 3, 3, 0, 0, 0, 0])
    imported(file=a_file(annotations=[person], categories=[{"id": 1, "name": "person"}]))
    at = open_page("inspect", **ASKED_NOW)
    assert not [box for box in at.selectbox if box.key == "choose_run"]
    assert a_worker.asked == []


def test_a_box_drawn_by_hand_is_a_person_more(open_page, imported, a_worker):
    imported()
    at = open_page("inspect")
    draw(at, (5, 10, 20, 10))
    assert titles(at) == ["person 1", "person 2", "box 1"]
    person = overlay(at)["persons"][2]
    assert (person["drawn"], person["box"]) == (True, [5, 10, 20, 10])
    assert [keypoint["name"] for keypoint in person["keypoints"]] == NAMES
    assert (said(at, 2), said(at, 0)) == ([SAID] * 3, [None] * 3)
    assert overlay(at)["boxes"]["seq"] == 1
    draw(at, (5, 10, 20, 10), (0, 0, 9, 9), seq=2)
    assert a_worker.boxes == [[[5, 10, 20, 10]], [[0, 0, 9, 9]]]
    draw(at, seq=3)
    assert titles(at) == ["person 1", "person 2"]


def test_boxes_belong_to_their_photo(open_page, imported, a_worker):
    dataset = imported()
    at = open_page("inspect")
    draw(at, (5, 10, 20, 10))
    at.button(key="photo_next").click().run()
    assert titles(at) == ["person 1"]
    draw(at, (1, 1, 9, 9), photo=f"dataset-{dataset.id}-7", seq=9)
    assert titles(at) == ["person 1"]
    at.button(key="photo_previous").click().run()
    assert titles(at) == ["person 1", "person 2", "box 1"]
    assert overlay(at)["boxes"]["seq"] == 1


def test_a_box_outside_the_photo_is_refused_in_words(open_page, imported, a_worker):
    imported()
    at = open_page("inspect")
    draw(at, (50, 10, 20, 10))
    assert at.error[0].value.startswith("There is nothing to look at in this box")
    assert (titles(at), a_worker.asked) == (["person 1", "person 2"], [])


def test_without_a_worker_labels_are_shown_and_the_way_out_is_said(open_page, imported, a_worker):
    imported()
    a_worker.refusal = NO_WORKER
    at = open_page("inspect", **ASKED_NOW)
    assert at.error[0].value.replace("\\", "") == (
        "No worker is running. Start one:\u2060 python -m app worker."
    )
    assert [k["given"][2] for k in overlay(at)["persons"][0]["keypoints"]] == [2, 1, 0]
    draw(at, (5, 10, 20, 10))
    assert overlay(at)["persons"][2]["silence"] == "No model was asked about this box."
    a_worker.refusal = None
    at.button(key="ask_again").click().run()
    assert (len(at.error), said(at, 0), said(at, 2)) == (0, [SAID] * 3, [SAID] * 3)


def test_without_a_model_nothing_can_be_asked(open_page, imported, a_worker, models):
    models.clear()
    imported()
    at = open_page("inspect", **ASKED_NOW)
    assert (overlay(at)["model"], overlay(at)["said_by"]) == (None, None)
    draw(at, (5, 10, 20, 10))
    assert overlay(at)["persons"][2]["keypoints"] == []
    assert a_worker.asked == []


def test_heat_maps_are_sent_when_somebody_wants_them_and_once(open_page, imported, a_worker):
    dataset = imported()
    at = open_page("inspect")
    assert overlay(at)["heat"] is None
    fire(at, "photo_overlay", "heat", {"photo": f"dataset-{dataset.id}-7", "person": "2"})
    heat = overlay(at)["heat"]
    assert (heat["person"], heat["size"], heat["names"]) == ("2", [48, 64], NAMES)
    draw(at, (5, 10, 20, 10))
    assert overlay(at)["heat"] == heat
    assert [path for path, _ in a_worker.asked] == ["/heat-maps", "/predict"]
    at.button(key="photo_next").click().run()
    assert overlay(at)["heat"] is None


@pytest.mark.parametrize("wanted", [{"person": "2"}, {"person": ["2"]}, {"person": "99"}, 7, None])
def test_heat_maps_of_nobody_on_this_photo_are_not_asked_for(open_page, imported, a_worker, wanted):
    dataset = imported()
    at = open_page("inspect")
    if wanted == {"person": "99"}:
        wanted = wanted | {"photo": f"dataset-{dataset.id}-7"}
    fire(at, "photo_overlay", "heat", wanted)
    assert (overlay(at)["heat"], a_worker.asked) == (None, [])


def test_why_there_is_no_heat_map_is_told(open_page, imported, a_worker):
    dataset = imported()
    at = open_page("inspect")
    a_worker.refusal = NO_WORKER
    fire(at, "photo_overlay", "heat", {"photo": f"dataset-{dataset.id}-7", "person": "1"})
    assert overlay(at)["heat"] == {"person": "1", "problem": str(NO_WORKER)}


def test_boxes_on_a_runs_photo_are_for_the_model_that_made_the_run(open_page, imported, a_worker):
    a_run_on(imported(), "first")
    at = open_page("inspect")
    assert (overlay(at)["said_by"], overlay(at)["model"]) == ("first", "tiny")
    draw(at, (5, 10, 20, 10))
    assert a_worker.asked[0][1]["model"] == "tiny"


def test_the_runs_models_may_be_gone(open_page, imported, a_worker, models):
    del models[1]
    a_run_on(imported(), "first")
    at = open_page("inspect")
    assert (overlay(at)["said_by"], overlay(at)["model"]) == ("first", "other")
