import json
from dataclasses import fields

import numpy as np
import pytest

from benchmarks import overfit
from benchmarks.learning.answers import visibility_of
from core.data.prediction import Prediction
from core.models.entries import ENTRIES, model_of

NETWORKS = ["metamodel_tiny", "oahpe_tiny", "hpcvnet_tiny"]


@pytest.mark.parametrize("name", NETWORKS)
def test_a_small_network_learns_eight_persons_by_heart(name):
    found = overfit.overfit(name, most_steps=400, tiny_too=True)
    assert found.learned, overfit.in_words(name, found)
    if name != "metamodel_tiny":
        assert found.similarity_error < 0.15


def test_the_eight_persons_have_flags_of_every_kind():
    people = overfit.eight_people()
    assert len(people) == 8
    assert set(visibility_of(people).ravel().tolist()) == {0, 1, 2}


def test_every_network_that_was_tried_met_the_budget():
    results = json.loads(overfit.RESULTS.read_text())
    assert set(results) <= set(ENTRIES)
    failed = {
        name: found for name, found in results.items() if not overfit.Overfit(**found).learned
    }
    assert failed == {}
    for name, found in results.items():
        assert set(found) == {field.name for field in fields(overfit.Overfit)}
        assert found["reduced"] == overfit.small(name)[1], name


def an_answer(person, **said) -> Prediction:
    return Prediction(0, None, 0, person.box_xywh_px, person.xy_px.copy(), **said)


def test_shares_are_of_labelled_places_and_of_all_flags():
    people = overfit.eight_people()[:2]
    right = [an_answer(person, vis3=np.eye(3)[person.visibility]) for person in people]
    assert overfit.keypoints_right(right, people) == 1
    assert overfit.said_right(model_of("metamodel_tiny"), right, people) == ("flags", 1.0)
    first = people[0]
    off = [an_answer(first, vis3=np.eye(3)[np.zeros(17, int)]), right[1]]
    off[0].xy_image_px[:] += 1000
    labelled = [(person.visibility > 0).sum() for person in people]
    assert overfit.keypoints_right(off, people) == pytest.approx(labelled[1] / sum(labelled))
    off[0].xy_image_px[:] -= 1000
    share = ((first.visibility == 0).sum() + 17) / 34
    assert overfit.said_right(model_of("metamodel_tiny"), off, people)[1] == pytest.approx(share)


def test_each_family_is_asked_what_it_says():
    people = overfit.eight_people()[:2]
    present = [an_answer(p, presence=(p.visibility > 0).astype(float)) for p in people]
    visible = [an_answer(p, visible=(p.visibility == 2).astype(float)) for p in people]
    mapped = [an_answer(p, map_score=np.where(p.visibility > 0, 0.2, 0.1)) for p in people]
    for name, answers, what in (
        ("oahpe_tiny", present, "presence"),
        ("hpcvnet_tiny", present, "presence"),
        ("visaware_tiny", visible, "visible"),
        ("hybridpose_tiny", mapped, "map"),
    ):
        assert overfit.said_right(model_of(name), answers, people) == (what, 1.0)
    assert overfit.said_right(model_of("sbl_r50"), present, people) == ("", None)


def test_the_expected_similarity_is_held_against_the_true_one():
    people = overfit.eight_people()[:1]
    exact = [an_answer(people[0], keypoint_similarity=np.full(17, 0.75))]
    assert overfit.similarity_error(model_of("oahpe_tiny"), exact, people) == pytest.approx(0.25)
    assert overfit.similarity_error(model_of("oahpe_tiny"), [an_answer(people[0])], people) is None
