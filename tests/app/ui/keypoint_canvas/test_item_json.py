import json

from app.ui.keypoint_canvas.item_json import PhotoFrame, item_json
from app.workflow.relabel_item import RelabelItem, opinion_on, skeleton_of
from tests.app.ui.people import IMAGE, RUN, a_dataset, a_person, a_prediction, labels

FRAME = PhotoFrame("img/x", (40, 30), "")


def an_item(**fields):
    person = a_person(**fields)
    dataset = a_dataset()
    skeleton = skeleton_of(dataset, person)
    opinion = opinion_on(person.prediction, skeleton, RUN)
    return RelabelItem(dataset, IMAGE, person, (person,), skeleton, opinion)


def test_the_editor_is_told_everything_of_a_person():
    told = item_json(an_item(), FRAME, why="in file order")
    assert told == {
        "dataset": "val",
        "id": 1,
        "title": "a.png",
        "place": 1,
        "why": "in file order",
        "photo": {"url": "img/x", "w": 40, "h": 30, "note": ""},
        "names": ["nose", "left_eye", "right_eye"],
        "edges": [[0, 1]],
        "groups": {"head": [0, 1, 2], "left": [1], "right": [2], "all": [0, 1, 2]},
        "box": [5, 5, 20, 20],
        "given": [[10, 20, 2], [11, 20, 1], [12, 20, 0]],
        "current": [[10, 20, 2], [11, 20, 1], [12, 20, 0]],
        "revisions": [0, 0, 0],
        "reviewed": [False, False, False],
        "model": None,
        "persons": [1],
        "others": [],
    }


def test_what_the_run_does_not_know_is_null_and_valid_json():
    model = item_json(an_item(prediction=a_prediction()), FRAME, why="")["model"]
    assert json.loads(json.dumps(model, allow_nan=False)) == {
        "run": "tiny-1",
        "xy": [[10, 22], None, [12, 21]],
        "p": [[0.05, 0.15, 0.8], None, [0.7, 0.2, 0.1]],
    }


def test_the_others_of_the_photo_come_without_crowds_to_visit():
    me, other = a_person(), a_person(current=labels(1, 0, 2))
    crowd = a_person(iscrowd=True)
    object.__setattr__(other, "annotation_id", 2)
    object.__setattr__(crowd, "annotation_id", 3)
    dataset = a_dataset()
    item = RelabelItem(dataset, IMAGE, me, (me, other, crowd), skeleton_of(dataset, me), None)
    told = item_json(item, FRAME, why="")
    assert told["persons"] == [1, 2]
    assert told["others"][0] == {"id": 2, "points": [[10, 20, 1], [11, 20, 0], [12, 20, 2]]}
