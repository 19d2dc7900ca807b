from dataclasses import replace

import numpy as np

from app.ui.photo_overlay.scene import Scene
from tests.app.ui.people import IMAGE, RUN, a_dataset, a_person, a_prediction, labels


def told(person, dataset=None, run=None):
    scene = Scene(dataset or a_dataset(), IMAGE, [person], "img/x", (40, 30), run=run)
    return scene.for_browser()


def predicted(said):
    return [keypoint["predicted"] for keypoint in said["persons"][0]["keypoints"]]


def test_the_browser_is_told_labels_boxes_and_edges():
    assert told(a_person(current=labels(2, 2, 0))) == {
        "image": {
            "id": "7",
            "url": "img/x",
            "width": 40,
            "height": 30,
            "alt": "Photo a.png with keypoints",
            "note": "",
        },
        "persons": [
            {
                "id": "1",
                "title": "person 1",
                "category": "1",
                "box": [5.0, 5.0, 20.0, 20.0],
                "keypoints": [
                    {"name": "nose", "given": [10, 20, 2], "current": [10, 20, 2]}
                    | {"predicted": None},
                    {"name": "left_eye", "given": [11, 20, 1], "current": [11, 20, 2]}
                    | {"predicted": None},
                    {"name": "right_eye", "given": [12, 20, 0], "current": [12, 20, 0]}
                    | {"predicted": None},
                ],
            }
        ],
        "edges": {"1": [[0, 1]]},
        "run": None,
        "changed": True,
    }


def test_predictions_are_mapped_by_name_and_an_unknown_keypoint_has_none():
    nose, left_eye, right_eye = predicted(told(a_person(prediction=a_prediction()), run=RUN))
    assert nose == {"x": 10, "y": 22, "p": [0.05, 0.15, 0.8], "presence": 0.95, "heat": None}
    assert left_eye is None
    assert right_eye == {"x": 12, "y": 21, "p": [0.7, 0.2, 0.1], "presence": 0.3, "heat": 0.9}


def test_a_model_without_classes_says_only_what_it_says():
    prediction = a_prediction(vis3=None, presence=np.array([0.25, 0.5], np.float32))
    nose, _, _ = predicted(told(a_person(prediction=prediction), run=RUN))
    assert (nose["p"], nose["presence"]) == (None, 0.5)


def test_unnamed_keypoints_are_never_mapped():
    run = replace(RUN, keypoint_names=("keypoint 2", "keypoint 1"))  # made up by chance alike
    said = told(a_person(prediction=a_prediction()), a_dataset(named=False), run)
    assert predicted(said) == [None, None, None]


def test_a_person_of_a_category_the_file_does_not_list_has_no_keypoints():
    said = told(a_person(given=(), current=(), iscrowd=True), a_dataset(category_id=2))
    assert (said["persons"][0]["title"], said["persons"][0]["keypoints"]) == (
        "annotation 1, crowd",
        [],
    )
