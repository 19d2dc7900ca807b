import numpy as np

from app.ui.photo_overlay.shown_person import (
    annotated_person,
    drawn_person,
    found_person,
    skeleton_of_model,
)
from core.data.skeleton import Skeleton
from tests.app.ui.people import RUN, a_dataset, a_person, a_prediction

NOSE = {"x": 10, "y": 22, "p0": 0.05, "p1": 0.15, "p2": 0.8, "presence": 0.95}


def shown(person, dataset=None, said_names=RUN.keypoint_names):
    return annotated_person(dataset or a_dataset(), person, 1, said_names=said_names, model="tiny")


def test_predictions_are_mapped_by_name_and_an_unknown_keypoint_has_none():
    nose, left_eye, right_eye = shown(a_person(prediction=a_prediction())).said
    assert nose == NOSE
    assert left_eye is None
    right = {"x": 12, "y": 21, "p0": 0.7, "p1": 0.2, "p2": 0.1, "presence": 0.3, "heat": 0.9}
    assert right_eye == right


def test_every_score_a_model_gives_is_there_and_no_other():
    scores = {
        "vis3": None,
        "heat_score": None,
        "presence": np.array([0.25, 0.5], np.float32),
        "visible": np.array([0.125, np.nan], np.float32),
        "keypoint_similarity": np.array([0.75, 0.25], np.float32),
        "map_score": np.array([0.5, 0.375], np.float32),
    }
    nose, _, right_eye = shown(a_person(prediction=a_prediction(**scores))).said
    assert nose == {"x": 10, "y": 22, "presence": 0.5, "similarity": 0.25, "map": 0.375}
    assert right_eye == {"x": 12, "y": 21, "presence": 0.25, "visible": 0.125} | {
        "similarity": 0.75,
        "map": 0.5,
    }


def test_a_models_own_presence_is_shown_rather_than_one_made_of_its_flags():
    prediction = a_prediction(presence=np.array([0.25, 0.5], np.float32))
    assert shown(a_person(prediction=prediction)).said[0]["presence"] == 0.5


def test_unnamed_keypoints_are_never_mapped():
    names = ("keypoint 2", "keypoint 1")  # made up by chance alike
    said = shown(a_person(prediction=a_prediction()), a_dataset(named=False), names).said
    assert said == (None, None, None)


def test_who_has_no_prediction_is_nobodys_word():
    person = shown(a_person())
    assert (person.said, person.model, person.pose_scores) == ((None, None, None), "", {})


def test_a_person_of_a_category_the_file_does_not_list_has_no_keypoints():
    person = shown(a_person(given=(), current=(), iscrowd=True), a_dataset(category_id=2))
    assert (person.title, person.names, person.said) == ("annotation 1, crowd", (), ())
    assert person.silence == "This annotation has no keypoint list."


def test_a_drawn_box_has_the_models_keypoints_and_no_labels():
    skeleton = Skeleton(("right_eye", "nose"), ((0, 1),))
    prediction = a_prediction(pose_scores={"oaks": 0.5})
    person = drawn_person("b2", "box 2", (1.5, 2, 30, 40), said=(prediction, skeleton), model="t")
    assert (person.names, person.edges) == (skeleton.names, skeleton.edges)
    assert person.said[1] == NOSE
    assert (person.given, person.annotation_id, person.drawn) == ((), None, True)
    assert person.about == "x 1.5, y 2, 30 x 40 pixels"
    assert (person.model, person.pose_scores) == ("t", {"oaks": 0.5})


def test_a_box_no_model_was_asked_about_says_so():
    person = drawn_person("b2", "box 2", (1, 2, 30, 40))
    assert (person.names, person.said, person.model) == ((), (), "")
    assert person.silence == "No model was asked about this box."


def test_somebody_found_says_by_what_and_how_surely():
    prediction = a_prediction(pose_scores={"detection": 0.75})
    skeleton = Skeleton(RUN.keypoint_names, ((0, 1),))
    person = found_person("f2", 2, prediction, skeleton, model="tiny", found_by="det")
    assert (person.id, person.title, person.drawn, person.annotation_id) == (
        "f2",
        "found 2",
        False,
        None,
    )
    assert person.about.startswith("found by det, score 0.75: x ")
    assert (person.names, person.edges) == (RUN.keypoint_names, ((0, 1),))
    assert [each["x"] for each in person.said] == [12, 10]
    assert (person.given, person.current, person.prediction) == ((), (), prediction)


def test_a_prediction_that_was_matched_says_how_alike_the_two_are():
    matched = a_prediction(matched_annotation_id=1, likeness=0.625)
    assert shown(a_person(prediction=matched)).about == (
        "annotation 1, matched with somebody found, likeness 0.62"
    )


def test_a_models_keypoints_are_joined_as_the_datasets_of_the_same_name():
    names = ("right_eye", "toe", "nose")
    joined = skeleton_of_model(names, a_dataset())
    edges = a_dataset().categories[0].skeleton.edges
    own = a_dataset().categories[0].skeleton.names
    wanted = {frozenset((own[a], own[b])) for a, b in edges if {own[a], own[b]} <= set(names)}
    assert {frozenset((names[a], names[b])) for a, b in joined.edges} == wanted
    assert skeleton_of_model(names, a_dataset(named=False)) == Skeleton(names)
