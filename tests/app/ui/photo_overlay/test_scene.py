import base64

import numpy as np

from app.ui.photo_overlay.drawn_boxes import DrawnBoxes
from app.ui.photo_overlay.scene import HeatAnswer, PhotoFrame, Scene
from app.ui.photo_overlay.shown_person import annotated_person, drawn_person
from app.workflow.interactive import HeatMapImage
from core.data.skeleton import Skeleton
from tests.app.ui.people import a_dataset, a_person, a_prediction, labels

FRAME = PhotoFrame("dataset-1-7", "img/x", (40, 30), "Photo a.png with keypoints", "A note.")


def told(*persons, **fields):
    return Scene(FRAME, persons, **fields).for_browser()


def test_the_browser_is_told_labels_boxes_and_edges():
    person = annotated_person(a_dataset(), a_person(current=labels(2, 2, 0)), 1)
    image = {"url": "img/x", "near": None, "width": 40, "height": 30}
    assert told(person) == {
        "photo": "dataset-1-7",
        "image": image | {"alt": "Photo a.png with keypoints", "note": "A note."},
        "persons": [
            {
                "id": "1",
                "title": "person 1",
                "about": "annotation 1",
                "box": [5.0, 5.0, 20.0, 20.0],
                "drawn": False,
                "silence": "This annotation has no keypoint list.",
                "edges": [[0, 1]],
                "pose": {},
                "keypoints": [
                    {"name": "nose", "given": [10, 20, 2], "current": [10, 20, 2], "said": None},
                    {"name": "left_eye", "given": [11, 20, 1], "current": [11, 20, 2]}
                    | {"said": None},
                    {"name": "right_eye", "given": [12, 20, 0], "current": [12, 20, 0]}
                    | {"said": None},
                ],
            }
        ],
        "changed": True,
        "said_by": None,
        "model": None,
        "boxes": {"seq": 0, "whole": True, "list": []},
        "heat": None,
        "nobody": "No person is labelled here.",
    }


def test_somebody_nobody_labelled_has_no_labels():
    said = (a_prediction(pose_scores={"oaks": 0.123456}), Skeleton(("right_eye", "nose")))
    person = told(drawn_person("b1", "box 1", (1, 2, 3, 4), said=said))["persons"][0]
    assert person["keypoints"][1] == {
        "name": "nose",
        "given": None,
        "current": None,
        "said": {"x": 10, "y": 22, "p0": 0.05, "p1": 0.15, "p2": 0.8, "presence": 0.95},
    }
    assert (person["drawn"], person["pose"]) == (True, {"oaks": 0.1235})


def test_boxes_are_told_under_their_number():
    boxes = DrawnBoxes(7, whole=False, boxes=(("b3", (1.0, 2.0, 3.0, 4.0)),))
    said = {"seq": 7, "whole": False, "list": [{"id": "b3", "box": [1.0, 2.0, 3.0, 4.0]}]}
    assert told(boxes=boxes)["boxes"] == said


def test_heat_maps_travel_as_one_picture():
    affine = np.array([[2.0, 0, 5], [0, 2, 6]])
    maps = HeatMapImage(b"png", (48, 64), affine, (0.5, 0.25), ("right_eye", "nose"))
    assert told(heat=HeatAnswer("1", maps))["heat"] == {
        "person": "1",
        "url": f"data:image/png;base64,{base64.b64encode(b'png').decode()}",
        "size": [48, 64],
        "matrix": [[2, 0, 5], [0, 2, 6]],
        "peaks": [0.5, 0.25],
        "names": ["right_eye", "nose"],
    }


def test_why_there_is_no_heat_map_is_told():
    heat = HeatAnswer("1", None, "No worker is running.")
    assert told(heat=heat)["heat"] == {"person": "1", "problem": "No worker is running."}
