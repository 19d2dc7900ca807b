"""Found people and annotated ones."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from core.data.person_match import AnnotatedPerson, likeness, matched
from core.data.prediction import Prediction
from core.data.skeleton import COCO17, Skeleton

NAMES = ("nose", "left_hip")
SKELETON = Skeleton(NAMES)


def an_annotation(
    annotation_id: int = 1,
    xy: tuple[tuple[float, float], ...] = ((10, 10), (20, 40)),
    v: tuple[int, ...] = (2, 1),
    *,
    area: float | None = 400.0,
    box: tuple[float, float, float, float] | None = (0, 0, 20, 40),
    skeleton: Skeleton = SKELETON,
) -> AnnotatedPerson:
    places = np.array(xy, np.float64)
    return AnnotatedPerson(annotation_id, skeleton, places, np.array(v, np.uint8), area, box)


def a_prediction(
    xy: tuple[tuple[float, float], ...] = ((10, 10), (20, 40)),
    box: tuple[float, float, float, float] = (0, 0, 20, 40),
    index: int = 0,
) -> Prediction:
    return Prediction(1, None, index, np.array(box, np.float32), np.array(xy, np.float32))


def matches(found: list[Prediction]) -> list[int | None]:
    return [each.matched_annotation_id for each in found]


def test_everybody_is_matched_with_the_likest_and_nobody_is_taken_twice() -> None:
    near = ((11, 10), (20, 41))
    found = [a_prediction(near, index=0), a_prediction(index=1), a_prediction(((90, 90),) * 2)]

    both = matched(found, [an_annotation(7)], NAMES)
    assert matches(both) == [None, 7, None]
    assert both[1].likeness == 1.0
    assert [each.likeness for each in (both[0], both[2])] == [None, None]

    two = matched(found, [an_annotation(7), an_annotation(8)], NAMES)
    assert matches(two) == [8, 7, None]


@pytest.mark.parametrize("found", [[], [a_prediction()]])
def test_where_there_is_nobody_nobody_is_matched(found: list[Prediction]) -> None:
    assert matched(found, [], NAMES) == found
    assert matched([], [an_annotation()], NAMES) == []


def test_half_alike_is_a_match_and_less_is_none() -> None:
    nan = float("nan")
    half, less = a_prediction(((10, 10), (nan, nan))), a_prediction(((10, 10.5), (nan, nan)))
    (match,) = matched([half], [an_annotation(7)], NAMES)
    assert (match.matched_annotation_id, match.likeness) == (7, 0.5)
    assert matches(matched([less], [an_annotation(7)], NAMES)) == [None]


def test_likeness_is_cocos_oks() -> None:
    """Beside pycocotools' own numbers."""
    from pycocotools.cocoeval import COCOeval

    rng = np.random.default_rng(0)
    xy: NDArray[np.float64] = rng.uniform(0, 100, (17, 2))
    v = rng.integers(0, 3, 17).astype(np.uint8)
    said = xy + rng.normal(0, 6, xy.shape)
    evaluation = COCOeval(iouType="keypoints")
    truth = {"keypoints": np.column_stack([xy, v]).ravel(), "area": 3000.0, "bbox": [0, 0, 9, 9]}
    guess = {"keypoints": np.column_stack([said, v]).ravel(), "score": 1.0}
    evaluation._gts[1, 1], evaluation._dts[1, 1] = [truth], [guess]

    ours = likeness(
        a_prediction(tuple(map(tuple, said))),
        an_annotation(xy=tuple(map(tuple, xy)), v=tuple(v), area=3000.0, skeleton=COCO17),
        COCO17,
    )

    assert ours == pytest.approx(evaluation.computeOks(1, 1).item(), abs=1e-5)


def test_keypoints_are_matched_by_name_and_those_the_model_lacks_do_not_count() -> None:
    person = an_annotation(skeleton=Skeleton(("toe", "nose")), xy=((500, 500), (10, 10)))

    assert likeness(a_prediction(), person, SKELETON) == 1.0


def test_a_keypoint_that_was_not_predicted_is_nowhere_near() -> None:
    lost = a_prediction(((10, 10), (float("nan"), float("nan"))))

    assert likeness(lost, an_annotation(), SKELETON) == 0.5


@pytest.mark.parametrize(
    ("person", "wanted"),
    [
        (an_annotation(v=(0, 0)), 1.0),
        (an_annotation(v=(0, 0), box=(10, 0, 20, 40)), 1 / 3),
        (an_annotation(v=(0, 0), box=(50, 50, 20, 40)), 0.0),
        (an_annotation(v=(0, 0), box=None), 0.0),
        (an_annotation(skeleton=replace(SKELETON, named=False)), 1.0),
    ],
    ids=["the same box", "overlapping", "elsewhere", "no box", "no names"],
)
def test_without_a_label_that_counts_boxes_are_compared(
    person: AnnotatedPerson, wanted: float
) -> None:
    assert likeness(a_prediction(), person, SKELETON) == pytest.approx(wanted)


def test_an_area_that_the_file_lacks_is_that_of_a_person_in_the_box() -> None:
    moved = a_prediction(((12, 10), (20, 43)))

    with_area = likeness(moved, an_annotation(area=0.53 * 800), SKELETON)

    assert likeness(moved, an_annotation(area=None), SKELETON) == pytest.approx(with_area)
    of_points = likeness(moved, an_annotation(area=300.0), SKELETON)
    assert likeness(moved, an_annotation(area=0.0, box=None), SKELETON) == of_points
