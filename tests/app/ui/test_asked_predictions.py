from dataclasses import replace

import pytest

from app.ui import asked_predictions
from app.ui.asked_predictions import forget_photo, heat_maps, predicted
from app.workflow import interactive
from app.workflow.interactive import PhotoPredictions, PhotoRef
from core.data.skeleton import Skeleton
from core.errors import UserError
from tests.app.ui.people import a_prediction

PHOTO = PhotoRef(upload_id="a")
SKELETON = Skeleton(("right_eye", "nose"))


@pytest.fixture
def asked(monkeypatch):
    """Every question, as (photo, number of boxes); a session without a browser."""
    questions = []

    def predict_boxes(ws, photo, boxes, *, model):
        questions.append((photo.upload_id, len(boxes)))
        if model == "broken":
            raise UserError("No worker is running.")
        said = tuple(replace(a_prediction(), index=int(box[0])) for box in boxes)
        return PhotoPredictions(model, SKELETON, said, 0.1)

    def maps(ws, photo, box, *, model):
        questions.append((photo.upload_id, "maps"))
        return object()

    monkeypatch.setattr(interactive, "predict_boxes", predict_boxes)
    monkeypatch.setattr(interactive, "heat_maps", maps)
    monkeypatch.setattr(asked_predictions.st, "session_state", {})
    return questions


def boxes(*numbers):
    return [(float(n), 0.0, 9.0, 9.0) for n in numbers]


def test_only_what_is_new_is_asked_and_everybody_gets_their_own_answer(asked):
    predicted(None, PHOTO, boxes(1, 2), model="tiny")
    answers = predicted(None, PHOTO, boxes(3, 2, 2, 1), model="tiny")
    assert [prediction.index for prediction, _ in answers] == [3, 2, 2, 1]
    assert {skeleton for _, skeleton in answers} == {SKELETON}
    assert asked == [("a", 2), ("a", 1)]


def test_another_model_or_photo_is_another_question(asked):
    predicted(None, PHOTO, boxes(1), model="tiny")
    predicted(None, PHOTO, boxes(1), model="other")
    predicted(None, PhotoRef(upload_id="b"), boxes(1), model="tiny")
    assert asked == [("a", 1), ("a", 1), ("b", 1)]


def test_many_boxes_are_asked_about_in_parts(asked):
    assert len(predicted(None, PHOTO, boxes(*range(120)), model="tiny")) == 120
    assert asked == [("a", 50), ("a", 50), ("a", 20)]


def test_what_failed_is_asked_again(asked):
    for _ in range(2):
        with pytest.raises(UserError, match="No worker is running"):
            predicted(None, PHOTO, boxes(1), model="broken")
    assert len(asked) == 2


def test_only_so_much_is_remembered_and_the_answer_is_whole_all_the_same(asked, monkeypatch):
    monkeypatch.setattr(asked_predictions, "_MOST_PERSONS", 2)
    assert len(predicted(None, PHOTO, boxes(1, 2, 3), model="tiny")) == 3
    predicted(None, PHOTO, boxes(2, 3), model="tiny")
    predicted(None, PHOTO, boxes(1), model="tiny")
    assert asked == [("a", 3), ("a", 1)]


def test_heat_maps_are_asked_for_once_until_the_photo_is_forgotten(asked):
    first = heat_maps(None, PHOTO, boxes(1)[0], model="tiny")
    assert heat_maps(None, PHOTO, boxes(1)[0], model="tiny") is first
    predicted(None, PHOTO, boxes(1), model="tiny")
    forget_photo(PhotoRef(upload_id="b"))
    assert heat_maps(None, PHOTO, boxes(1)[0], model="tiny") is first
    forget_photo(PHOTO)
    assert heat_maps(None, PHOTO, boxes(1)[0], model="tiny") is not first
    predicted(None, PHOTO, boxes(1), model="tiny")
    assert asked == [("a", "maps"), ("a", 1), ("a", "maps"), ("a", 1)]
