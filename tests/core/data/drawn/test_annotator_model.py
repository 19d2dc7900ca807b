from dataclasses import fields, replace

import numpy as np
import pytest

from core.data.drawn.annotator_model import (
    ANNOTATORS,
    CAREFUL,
    Annotator,
    MistakeKind,
    Mistakes,
    annotate,
    true_labels,
)
from core.data.drawn.scene import DrawnPerson
from core.data.skeleton import COCO17

PLAIN = Annotator(through_self=1.0, left_out=1.0, whole_face=0.0)
NONE = Mistakes(**{field.name: 0.0 for field in fields(Mistakes)})


def a_person(v, *, height_px=200.0, on_own_mask=False):
    mask = np.zeros((480, 640), bool)
    mask[100:300, 200:280] = True
    grid = np.stack([np.arange(17) * 4.0 + 205, np.arange(17) * 11.0 + 105], axis=-1)
    xy = grid if on_own_mask else grid + np.array([100.0, 0.0])
    box = np.array([200.0, 100.0, 80.0, height_px])
    return DrawnPerson(xy, np.array(v, np.int8), box, 16000.0, mask, "by hand")


def labelled(person, mistakes, *, annotator=PLAIN, times=300):
    rng = np.random.default_rng(0)
    return [annotate(rng, person, annotator, mistakes) for _ in range(times)]


def share(found, kind, of):
    return sum(sum(k == kind for k in wrong.values()) for _, wrong in found) / of / len(found)


def test_without_mistakes_the_labels_are_the_truth():
    person = a_person([2, 1, 0] * 5 + [2, 1])
    assert annotate(np.random.default_rng(0), person, PLAIN, NONE) == (true_labels(person), {})


def test_an_unlabelled_keypoint_stands_at_zero():
    labels = true_labels(a_person([2, 1, 0] * 5 + [2, 1]))
    assert [(label.x_image_px, label.y_image_px) for label in labels[2::3]] == [(0.0, 0.0)] * 5


@pytest.mark.parametrize(
    ("rate", "flag", "kind"),
    [
        ("occluded_called_visible", 1, MistakeKind.OCCLUDED_CALLED_VISIBLE),
        ("visible_called_occluded", 2, MistakeKind.VISIBLE_CALLED_OCCLUDED),
        ("left_out", 1, MistakeKind.LEFT_OUT),
        ("forgotten", 2, MistakeKind.FORGOTTEN),
        ("misplaced", 2, MistakeKind.MISPLACED),
    ],
)
def test_each_mistake_happens_as_often_as_asked(rate, flag, kind):
    found = labelled(a_person([flag] * 17), replace(NONE, **{rate: 0.2}))
    assert share(found, kind, 17) == pytest.approx(0.2, abs=0.03)
    assert {k for _, wrong in found for k in wrong.values()} == {kind}


def test_hopeless_keypoints_are_made_up_as_often_as_asked():
    found = labelled(a_person([2] * 5 + [0] * 12), replace(NONE, made_up=0.2))
    assert share(found, MistakeKind.MADE_UP, 12) == pytest.approx(0.2, abs=0.03)


def test_nobody_makes_up_a_person_of_whom_nothing_is_labelled():
    found = labelled(a_person([0] * 17), replace(NONE, made_up=1.0), times=5)
    assert all(wrong == {} for _, wrong in found)


def test_clicks_scatter_by_cocos_sigma_and_are_no_errors():
    person = a_person([2] * 17)
    found = labelled(person, replace(NONE, scatter=0.5))
    assert all(wrong == {} for _, wrong in found)
    x = np.array([[label.x_image_px for label in labels] for labels, _ in found])
    expected = 0.5 * COCO17.sigmas * np.sqrt(person.area_px2)
    assert x.std(axis=0) == pytest.approx(np.hypot(expected, 0.29), rel=0.15)


def test_swapped_sides_are_exchanged_whole():
    person = a_person([2] * 17)
    found = labelled(person, replace(NONE, swapped=1.0), times=40)
    for labels, wrong in found:
        assert set(wrong.values()) == {MistakeKind.SWAPPED}
        for k in wrong:
            assert labels[k] == true_labels(person)[COCO17.flip_index[k]]


def test_sides_are_swapped_three_times_as_often_from_behind():
    seen, behind = a_person([2] * 17), a_person([0] * 3 + [2] * 14)
    rates = [
        sum(bool(wrong) for _, wrong in labelled(person, replace(NONE, swapped=0.1))) / 300
        for person in (seen, behind)
    ]
    assert rates == pytest.approx([0.1, 0.3], abs=0.06)


def test_small_persons_are_skipped_whole():
    small, large = a_person([2] * 17, height_px=40.0), a_person([2] * 17)
    mistakes = replace(NONE, person_skipped=1.0, small_px=90.0)
    labels, wrong = labelled(small, mistakes, times=1)[0]
    assert {label.visibility for label in labels} == {0}
    assert set(wrong.values()) == {MistakeKind.PERSON_SKIPPED}
    assert labelled(large, mistakes, times=1)[0][1] == {}


def test_an_annotator_sees_through_the_persons_own_body():
    annotator = ANNOTATORS["sees_through_bodies"]
    mistakes = replace(NONE, occluded_called_visible=0.1)
    rates = [
        share(
            labelled(a_person([1] * 17, on_own_mask=own), mistakes, annotator=annotator),
            MistakeKind.OCCLUDED_CALLED_VISIBLE,
            17,
        )
        for own in (True, False)
    ]
    assert rates == pytest.approx([0.5, 0.1], abs=0.03)


def test_whole_face_annotators_label_every_face_keypoint_visible():
    annotator = Annotator(through_self=1.0, left_out=1.0, whole_face=1.0)
    labels, wrong = labelled(a_person([2, 2, 1, 0, 0] + [2] * 12), NONE, annotator=annotator)[0]
    assert [label.visibility for label in labels[:5]] == [2] * 5
    assert wrong == {
        2: MistakeKind.OCCLUDED_CALLED_VISIBLE,
        3: MistakeKind.MADE_UP,
        4: MistakeKind.MADE_UP,
    }


def test_every_planted_error_differs_from_the_truth():
    person = a_person([2, 1, 0] * 5 + [2, 1])
    true = true_labels(person)
    everything = Mistakes(**{field.name: 0.3 for field in fields(Mistakes)})
    for labels, wrong in labelled(person, everything):
        assert all(labels[k] != true[k] for k in wrong)
        flags_differ = {k for k in range(17) if labels[k].visibility != true[k].visibility}
        assert flags_differ <= set(wrong)


def test_calling_hidden_keypoints_visible_is_the_commonest_confusion():
    assert CAREFUL.occluded_called_visible > CAREFUL.visible_called_occluded
