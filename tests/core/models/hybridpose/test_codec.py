import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.models.codecs.config import GridConfig
from core.models.entries import model_of
from core.models.hybridpose.assignment import Persons, fitting, matching
from core.models.hybridpose.codec import CellFrame, GridCodec, decode_cells, grid_codec
from core.models.hybridpose.config import STRIDES
from core.models.hybridpose.outputs import GridOutput, LevelOutput
from tests.core.models.hybridpose.perfect_output import Somebody, perfect_output

TINY = model_of("hybridpose_tiny")
SMALL = model_of("hybridpose_s")


def logit(p: float) -> float:
    return math.log(p / (1 - p))


def test_a_cell_that_says_nothing_is_the_middle_of_its_anchor():
    # Logits of 0 are 0.5 after the sigmoid: half a cell from the corner, the anchor's own size, and
    # keypoints on the cell's corner.
    frame = CellFrame(torch.tensor([3.0, 2.0]), torch.tensor(16.0), torch.tensor([96.0, 68.0]))
    boxes, xy = decode_cells(torch.zeros(9), frame)
    assert boxes.tolist() == [56 - 48, 40 - 34, 56 + 48, 40 + 34]
    assert xy.tolist() == [[48, 32], [48, 32]]


def test_equations_1_to_3_by_hand():
    # Stride 8, cell (1, 0), anchor 10 x 20. Box: x (2 * 0.75 - 0.5 + 1) 8 = 16,
    # y (2 * 0.25 - 0.5) 8 = 0, w (2 * 0.4)^2 10 = 6.4, h (2 * 0.9)^2 20 = 64.8.
    # Keypoint: x (4 * 0.9 - 2) 10 + 8 = 24, y (4 * 0.2 - 2) 20 = -24.
    said = [logit(p) for p in (0.75, 0.25, 0.4, 0.9, 0.6, 0.9, 0.2)]
    frame = CellFrame(torch.tensor([1.0, 0.0]), torch.tensor(8.0), torch.tensor([10.0, 20.0]))
    boxes, xy = decode_cells(torch.tensor(said), frame)
    expected = torch.tensor([16 - 3.2, -32.4, 16 + 3.2, 32.4])
    assert torch.allclose(boxes, expected, atol=1e-4)
    assert torch.allclose(xy, torch.tensor([[24.0, -24.0]]), atol=1e-4)


def test_keypoints_reach_two_anchors_from_the_corner_of_their_cell():
    frame = CellFrame(torch.tensor([1.0, 1.0]), torch.tensor(8.0), torch.tensor([10.0, 20.0]))
    said = torch.tensor([0.0] * 5 + [50.0, -50.0])
    assert decode_cells(said, frame)[1].tolist() == [[28.0, -32.0]]


@pytest.mark.parametrize("config", [TINY, SMALL], ids=["tiny", "s"])
@pytest.mark.parametrize("level", range(4))
@pytest.mark.parametrize("anchor", range(3))
def test_a_person_put_into_the_cells_that_answer_comes_back_the_same(config, level, anchor):
    codec = grid_codec(config)
    width, height = config.network.anchors_of(level)[anchor]
    side = config.crop_size_wh_px[0]
    centre = np.array([0.53 * side, 0.46 * side])
    size = np.array([width * 1.3, height * 0.7])
    box = np.concatenate([centre - size / 2, centre + size / 2])
    rng = np.random.default_rng(level)
    xy = centre + rng.uniform(-0.5, 0.5, (17, 2)) * size
    persons = Persons(torch.zeros(1, dtype=torch.long), torch.tensor(box[None]))
    stride = STRIDES[level]
    fits = fitting(persons, codec.anchors(level, torch.device("cpu")), most_ratio=4.0)
    matches = matching(persons, fits, stride=stride, size_wh=(side // stride, side // stride))
    ours = matches.anchor == anchor
    assert ours.sum() >= 1
    for column, row in zip(matches.column[ours].tolist(), matches.row[ours].tolist(), strict=True):
        one = Somebody(level, anchor, (column, row), box, xy)
        found = codec.candidates(perfect_output(config, (side, side), [one]))
        assert found.score.tolist() == [[pytest.approx(0.9)]]
        assert np.allclose(found.boxes_xyxy_px[0, 0], box, atol=2e-3)
        assert np.allclose(found.xy_px[0, 0], xy, atol=2e-3)
        assert np.allclose(found.map_score[0, 0], 0.8)
        assert (found.level.item(), found.anchor.item()) == (level, anchor)


def somebody(x: float, y: float, *, score: float, level: int = 1, anchor: int = 0) -> Somebody:
    cell = (int(x // STRIDES[level]), int(y // STRIDES[level]))
    xy = np.tile([[x, y]], (17, 1)) + np.linspace(-9, 9, 17)[:, None]
    return Somebody(level, anchor, cell, (x - 20, y - 18, x + 20, y + 18), xy, score)


def test_candidates_come_surest_first_from_all_levels():
    people = [
        somebody(100, 100, score=0.5),
        somebody(60, 200, score=0.8, level=0),
        somebody(200, 60, score=0.7, level=2, anchor=1),
    ]
    found = grid_codec(TINY).candidates(perfect_output(TINY, (320, 320), people))
    assert np.allclose(found.score, [[0.8, 0.7, 0.5]])
    assert found.level.tolist() == [[0, 2, 1]]
    assert found.anchor.tolist() == [[0, 1, 0]]
    centres = (found.boxes_xyxy_px[..., :2] + found.boxes_xyxy_px[..., 2:]) / 2
    assert torch.allclose(
        centres, torch.tensor([[[60.0, 200.0], [200.0, 60.0], [100.0, 100.0]]]), atol=1e-3
    )


def stacked(*outputs: GridOutput) -> GridOutput:
    return GridOutput(
        tuple(
            LevelOutput(torch.cat([one.cells for one in level]), torch.cat([o.maps for o in level]))
            for level in zip(*(output.levels for output in outputs), strict=True)
        )
    )


def test_pictures_with_fewer_candidates_are_filled_up():
    two = [somebody(100, 100, score=0.5), somebody(60, 200, score=0.8)]
    output = stacked(
        perfect_output(TINY, (320, 320), two[:1]),
        perfect_output(TINY, (320, 320), two),
        perfect_output(TINY, (320, 320), []),
    )
    found = grid_codec(TINY).candidates(output)
    assert np.allclose(found.score, [[0.5, -1], [0.8, 0.5], [-1, -1]])


def test_a_picture_without_anybody_has_no_candidates():
    found = grid_codec(TINY).candidates(perfect_output(TINY, (64, 128), []))
    assert [part.shape for part in found] == [
        (1, 0), (1, 0, 4), (1, 0, 17, 2), (1, 0, 17), (1, 0), (1, 0),
    ]  # fmt: skip


def test_least_score_and_most_candidates_are_the_configs():
    people = [somebody(50 * n, 100, score=0.1 * n) for n in range(1, 6)]
    output = perfect_output(TINY, (320, 320), people)
    strict = GridCodec(TINY.network, GridConfig(least_score=0.25))
    assert np.allclose(strict.candidates(output).score, [[0.5, 0.4, 0.3]])
    few = GridCodec(TINY.network, GridConfig(most_candidates=2))
    assert np.allclose(few.candidates(output).score, [[0.5, 0.4]])


def test_how_maps_are_read_is_the_configs():
    one = replace(somebody(100, 100, score=0.5), map_height=0.9)
    output = perfect_output(TINY, (320, 320), [one])
    near = GridCodec(TINY.network, GridConfig(map_read="nearest")).candidates(output)
    between = GridCodec(TINY.network, GridConfig(map_read="bilinear")).candidates(output)
    assert near.map_score.min().item() == pytest.approx(0.9)
    assert between.map_score.max() < 0.9
    assert between.map_score.min() > 0


def test_keypoints_off_the_picture_have_no_map_score():
    one = somebody(6, 100, score=0.5)
    found = grid_codec(TINY).candidates(perfect_output(TINY, (320, 320), [one]))
    assert (found.xy_px[0, 0, 0, 0] < -0.5, found.map_score[0, 0, 0].item()) == (True, 0)
    assert found.map_score[0, 0, -1].item() == pytest.approx(0.8)
