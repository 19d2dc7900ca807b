import numpy as np
import pytest
import torch

from core.data.letterbox import Placement
from core.inference.found_people import (
    FoundPeople,
    Look,
    in_photo,
    merged,
    overlaps_of,
    person_of_each_box,
)
from core.models.codecs.config import GridConfig
from core.models.hybridpose.outputs import Candidates

SWAP = np.array([0, 2, 1])
# A photo of 200 x 100 on a canvas of 100 x 100: half the size, 25 rows down.
HALF = Placement((200, 100), (100, 50), (0, 25))


def candidates(*people) -> Candidates:
    """Of one picture: (score, edges of the box, three places) each."""
    score, boxes, xy = zip(*people, strict=True)
    return Candidates(
        torch.tensor([score]),
        torch.tensor([boxes], dtype=torch.float32),
        torch.tensor([xy], dtype=torch.float32),
        torch.tensor([[[0.1, 0.2, 0.3]] * len(score)]),
        torch.arange(len(score))[None],
        torch.arange(len(score))[None] + 1,
    )


def people(*boxes, scores=None) -> FoundPeople:
    count = len(boxes)
    given = scores if scores is not None else [0.9] * count
    return FoundPeople(
        np.array(given, dtype=np.float32),
        np.array(boxes, dtype=np.float32).reshape(-1, 4),
        np.arange(count * 6, dtype=np.float32).reshape(count, 3, 2),
        np.zeros((count, 3), dtype=np.float32),
        np.arange(count),
        np.zeros(count, dtype=np.int64),
    )


def test_what_is_said_of_the_input_is_said_of_the_photo():
    said = candidates((0.5, (10, 30, 40, 60), [(9.5, 24.5), (0, 25), (99, 74)]))
    found = in_photo(said, 0, Look(HALF, 100, mirrored=False), SWAP)
    assert found.score.tolist() == [0.5]
    assert found.boxes_xywh_px.tolist() == [[20, 10, 60, 60]]
    assert found.xy_px.tolist() == [[[19.5, -0.5], [0.5, 0.5], [198.5, 98.5]]]
    assert found.map_score[0] == pytest.approx([0.1, 0.2, 0.3])
    assert (found.level.tolist(), found.anchor.tolist()) == ([0], [1])


def test_what_a_mirrored_look_says_is_mirrored_back():
    straight = candidates((0.5, (10, 30, 40, 60), [(20, 40), (12, 35), (30, 36)]))
    mirrored = candidates((0.5, (60, 30, 90, 60), [(79, 40), (69, 36), (87, 35)]))
    mirrored = mirrored._replace(map_score=torch.tensor([[[0.1, 0.3, 0.2]]]))
    one = in_photo(straight, 0, Look(HALF, 100, mirrored=False), SWAP)
    other = in_photo(mirrored, 0, Look(HALF, 100, mirrored=True), SWAP)
    for a, b in zip(one.parts, other.parts, strict=True):
        assert np.allclose(a, b)


def test_what_fills_up_a_batch_is_nobody():
    said = candidates((0.5, (10, 30, 40, 60), [(0, 0)] * 3), (-1.0, (0, 0, 9, 90), [(0, 0)] * 3))
    assert len(in_photo(said, 0, Look(HALF, 100, mirrored=False), SWAP)) == 1


def test_boxes_end_where_the_photo_ends_and_keypoints_do_not():
    said = candidates(
        (0.9, (-10, 10, 20, 50), [(-5, 30)] * 3),
        (0.8, (10, 0, 50, 24), [(30, 10)] * 3),  # all of it on the grey above the photo
    )
    found = in_photo(said, 0, Look(HALF, 100, mirrored=False), SWAP)
    assert found.boxes_xywh_px.tolist() == [[0, 0, 40, 50]]
    assert found.xy_px[0, 0].tolist() == [-9.5, 10.5]


def test_looks_are_merged_and_everybody_comes_once():
    a = people((0, 0, 10, 10), (50, 50, 10, 10), scores=[0.6, 0.3])
    b = people((1, 0, 10, 10), (80, 0, 10, 10), scores=[0.9, 0.4])
    found = merged([a, b], GridConfig())
    assert found.score.tolist() == pytest.approx([0.9, 0.4, 0.3])
    assert found.boxes_xywh_px.tolist() == [[1, 0, 10, 10], [80, 0, 10, 10], [50, 50, 10, 10]]
    assert len(merged([a, b], GridConfig(most_people=2))) == 2
    assert len(merged([a, b], GridConfig(most_overlap=0.9))) == 4


def test_merging_nobody_gives_nobody():
    assert len(merged([people(), people()], GridConfig())) == 0


def test_overlaps_by_hand():
    a = np.array([[0, 0, 2, 2], [10, 10, 1, 1]])
    b = np.array([[1, 1, 2, 2], [0, 0, 2, 2], [10, 10, 0, 0]])
    assert overlaps_of(a, b) == pytest.approx(np.array([[1 / 7, 1, 0], [0, 0, 0]]))


BOXES = np.array([[0, 0, 10, 10], [6, 0, 10, 10]])


def test_each_box_has_the_person_in_it():
    found = people((6, 0, 10, 9), (0, 0, 10, 9))
    assert person_of_each_box(BOXES, found).tolist() == [1, 0]


def test_nobody_is_in_two_boxes():
    found = people((2, 0, 10, 10))  # IoU 2/3 and 3/7
    assert person_of_each_box(BOXES, found).tolist() == [0, -1]


def test_who_hardly_overlaps_a_box_is_somebody_else():
    # IoU 0.29 and 0.31 with the box.
    assert person_of_each_box(BOXES[:1], people((0, 0, 2.9, 10))).tolist() == [-1]
    assert person_of_each_box(BOXES[:1], people((0, 0, 3.1, 10))).tolist() == [0]


def test_somebody_sure_goes_before_somebody_hardly_believed_who_fits_better():
    found = people((0, 0, 10, 8), (0, 0, 10, 10), scores=[0.9, 0.01])
    assert person_of_each_box(BOXES[:1], found).tolist() == [0]
    assert person_of_each_box(BOXES[:1], found.chosen(np.array([1]))).tolist() == [0]


def test_where_nobody_was_found_nobody_is_in_a_box():
    assert person_of_each_box(BOXES, people()).tolist() == [-1, -1]
    assert person_of_each_box(np.zeros((0, 4)), people((0, 0, 1, 1))).tolist() == []
