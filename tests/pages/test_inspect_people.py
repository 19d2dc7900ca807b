"""Inspect people that were found: on uploads now, and by a run on a dataset's photos."""

from pathlib import Path

import numpy as np
import pytest

from app.ui import run_choice
from app.ui.workspace import the_workspace
from app.workflow.finders import Finder, FindPeople
from core.data.listing import FoundBy
from core.data.prediction import Prediction
from core.errors import UserError
from db import runs
from tests.pages.builders import NAMES, a_card
from tests.pages.components import overlay, set_state
from tests.pages.test_inspect_uploads import a_photo, upload, words

DETECTOR = Finder("det", Path("det"), is_model=False)


@pytest.fixture(autouse=True)
def _stand_ins(models, finders, a_worker):
    finders.append(DETECTOR)


def titles(at):
    return [person["title"] for person in overlay(at)["persons"]]


def test_people_on_an_upload_are_found_where_something_finds_them(open_page, a_worker):
    at = open_page("inspect", upload="new")
    upload(at, ("me.png", a_photo()))
    first, second = overlay(at)["persons"]
    assert (first["title"], second["title"]) == ("found 1", "found 2")
    assert first["about"] == "found by det: x 1, y 2, 10 x 12 pixels"
    assert (first["box"], first["drawn"]) == ([1, 2, 10, 12], False)
    assert first["pose"] == {"conventional": 0.5, "expected_oks": 0.25}
    assert [keypoint["said"]["x"] for keypoint in first["keypoints"]] == [6, 6, 6]
    assert overlay(at)["image"]["note"] == ""
    ((path, body),) = a_worker.asked
    assert path == "/people"
    assert (body["model"], body["find"]) == ("other", {"detector": "det", "min_score": 0.3})
    assert at.query_params["people"] == "det"
    at.run()
    assert len(a_worker.asked) == 1  # nothing is asked twice


def test_the_whole_picture_can_be_taken_instead(open_page, a_worker):
    at = open_page("inspect", upload="new")
    upload(at, ("me.png", a_photo()))
    at.selectbox(key="choose_people").set_value("whole picture").run()
    assert titles(at) == ["whole picture"]
    assert overlay(at)["image"]["note"] == (
        "The whole picture is taken for one person. Draw a box round each of several."
    )
    assert at.query_params["people"] == "whole picture"


def test_a_box_is_drawn_round_somebody_who_was_not_found(open_page, a_worker):
    at = open_page("inspect", upload="new")
    upload(at, ("me.png", a_photo()))
    boxes = [{"id": "b1", "box": [0, 0, 9, 9]}]
    message = {"photo": overlay(at)["photo"], "seq": 1, "whole": True, "boxes": boxes}
    set_state(at, "photo_overlay", boxes=message)
    assert titles(at) == ["found 1", "found 2", "box 1"]


def test_where_nobody_is_found_that_is_said(open_page, a_worker):
    a_worker.people = []
    at = open_page("inspect", upload="new")
    upload(at, ("me.png", a_photo()))
    assert titles(at) == []
    assert overlay(at)["nobody"] == ("Nobody was found on this photo. Draw a box round somebody.")
    assert len(at.get("download_button")) == 1


def test_without_anything_that_finds_people_the_note_says_what_to_add(open_page, finders):
    finders.clear()
    at = open_page("inspect", upload="new")
    upload(at, ("me.png", a_photo()))
    assert overlay(at)["image"]["note"].endswith(
        "To have people found: add-model ustc-community/dfine-small-obj2coco gets a detector "
        "(41.5 MB); models lists others."
    )
    assert "people" not in at.query_params
    assert all(select.key != "choose_people" for select in at.selectbox)


def test_a_model_that_finds_people_by_itself_is_asked_to(open_page, models, finders, a_worker):
    models[:] = [a_card("pair", Path("pair"), family="hybridpose")]
    finders.append(Finder("pair", Path("pair"), is_model=True))
    at = open_page("inspect", upload="new")
    upload(at, ("me.png", a_photo()))
    assert at.selectbox(key="choose_people").options == ["found by pair", "found by det"]
    assert [body["find"]["detector"] for _, body in a_worker.asked] == ["pair"]


def test_what_the_finder_refuses_is_said_and_the_photo_stays(open_page, a_worker):
    a_worker.refusal = UserError("There is no detector called 'det'.", remedy="Add one.")
    at = open_page("inspect", upload="new")
    upload(at, ("me.png", a_photo()))
    assert words(at.error)[0].startswith("There is no detector called 'det'. Add one.")
    assert titles(at) == []
    assert at.button(key="ask_again")


def test_more_models_are_listed_with_the_way_to_each(open_page):
    at = open_page("inspect", upload="new")
    table = at.dataframe[-1].value
    ways = dict(zip(table["name"], table["to get it"], strict=True))
    assert ways["dfine_small"] == (
        "add-model ustc-community/dfine-small-obj2coco gets public weights from the Hub"
    )
    assert "metamodel_tiny" not in ways
    verbs = ["from the Hub" in way for way in table["to get it"]]
    assert verbs == sorted(verbs, reverse=True)  # the least work comes first
    assert table["to get it"].iloc[-1].startswith("train ")


def a_run_that_found(dataset):
    """One person who is annotation 1, and one whom nobody labelled."""
    ws = the_workspace()
    found_by = FoundBy("det", "ab" * 32, 0.3)
    run_id = runs.begin_run(
        ws.engine,
        dataset.id,
        model="tiny",
        checkpoint_sha256="cd" * 32,
        keypoint_names=tuple(reversed(NAMES)),
        box_source="detected",
        found_by=found_by,
        lock_file="x.lock",
    )
    vis3 = np.tile(np.array([0.1, 0.7, 0.2], np.float32), (3, 1))
    box, xy = np.array([3, 4, 10, 12], np.float32), np.full((3, 2), 9, np.float32)
    scores = {"detection": 0.75}
    people = [
        Prediction(7, None, 0, box, xy, vis3=vis3, pose_scores=scores, matched_annotation_id=1,
                   likeness=0.875),
        Prediction(7, None, 1, box + 1, xy + 1, vis3=vis3, pose_scores=scores),
    ]  # fmt: skip
    runs.insert_predictions(ws.engine, run_id, people)
    return runs.finish_run(ws.engine, run_id, None)


def test_a_run_that_found_people_shows_them_beside_those_annotated(open_page, imported):
    a_run_that_found(imported())
    at = open_page("inspect")
    matched, second, found = overlay(at)["persons"]
    assert at.selectbox(key="choose_run").options[0] == "tiny-1, found"
    assert matched["about"] == "annotation 1, matched with somebody found, likeness 0.88"
    assert [keypoint["said"]["p1"] for keypoint in matched["keypoints"]] == [0.7] * 3
    assert [keypoint["said"] for keypoint in second["keypoints"]] == [None] * 3
    assert (found["title"], found["about"]) == (
        "found 1",
        "found by det, score 0.75: x 4, y 5, 11 x 13 pixels",
    )
    assert [keypoint["name"] for keypoint in found["keypoints"]] == list(reversed(NAMES))
    assert found["edges"] == [[2, 1], [2, 0]]
    assert found["keypoints"][0]["given"] is None


def test_people_can_be_found_when_a_dataset_is_predicted(
    open_page, imported, monkeypatch, tmp_path
):
    asked = []
    cards = [a_card("tiny", tmp_path), a_card("broken", tmp_path, present=False)]
    monkeypatch.setattr(run_choice, "list_models", lambda ws: cards)
    monkeypatch.setattr(
        run_choice, "ask_predict", lambda ws, name, **how: asked.append((name, how)) or "job"
    )
    imported()
    at = open_page("inspect")
    assert at.selectbox(key="predict_model").options == ["tiny"]
    assert at.selectbox(key="predict_people").options == ["those annotated", "found by det"]
    at.selectbox(key="predict_people").set_value("det").run()
    at.button(key="predict_start").click().run()
    assert asked == [("val", {"model": "tiny", "find": FindPeople("det")})]
