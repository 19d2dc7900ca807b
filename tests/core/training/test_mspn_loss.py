import pytest
import torch

from core.models.codecs.blur import opencv_sigma
from core.models.codecs.config import HeatmapConfig
from core.models.codecs.heatmap import HeatmapCodec
from core.models.outputs import PoseOutput
from core.training.batches import Batch
from core.training.losses import IGNORED
from core.training.mspn_loss import KERNELS_PX, mspn

MAP = (6, 8)
CODEC = HeatmapCodec(HeatmapConfig(MAP, sigma_px=1.1, height=255.0), (24, 32), "classic")
# Which kernel each of the eight maps is taught: stage 1, then stage 2, finer by one.
OF_LEVEL = (15, 11, 9, 7, 11, 9, 7, 5)


def a_batch(flags: list[int], placed: list[bool] | None = None) -> Batch:
    count = len(flags)
    xy = torch.tensor([[8.0, 12.0]]).repeat(count, 1)
    placed = placed or [flag > 0 for flag in flags]
    return Batch(
        torch.zeros(1, 32, 24, 3, dtype=torch.uint8),
        xy[None],
        torch.tensor([placed]),
        torch.tensor([flags]),
        torch.tensor([100.0]),
    )


def targets(batch: Batch) -> list[torch.Tensor]:
    return [CODEC.encode(batch.xy_px, sigma_px=opencv_sigma(width)) for width in OF_LEVEL]


def an_output(maps: list[torch.Tensor]) -> PoseOutput:
    return PoseOutput(maps[-1], tuple(maps[:-1]))


def test_the_kernels_are_gaussians_of_these_sigmas():
    assert [round(opencv_sigma(width), 2) for width in KERNELS_PX] == [2.6, 2.0, 1.7, 1.4, 1.1]


def test_the_second_stage_is_taught_finer_maps_and_the_right_maps_cost_nothing():
    batch = a_batch([2, 2])
    assert float(mspn(an_output(targets(batch)), batch, CODEC)) == 0.0
    swapped = targets(batch)
    swapped[0] = swapped[4]
    assert float(mspn(an_output(swapped), batch, CODEC)) > 0.0


@pytest.mark.parametrize("level", [0, 1, 2, 4, 5, 6])
def test_a_coarse_level_costs_a_quarter_of_its_mean_square_worked_out_by_hand(level):
    batch = a_batch([2, 2])
    maps = targets(batch)
    maps[level] = maps[level] + torch.tensor([3.0, 0.0])[:, None, None]
    # Half of the keypoints are 3 off at every pixel: 9 / 2, times 1 / 4.
    assert float(mspn(an_output(maps), batch, CODEC)) == pytest.approx(9 / 8, rel=1e-4)


@pytest.mark.parametrize("level", [3, 7])
def test_a_fine_level_costs_the_mean_of_the_eight_worst_keypoints(level):
    batch = a_batch([2] * 10)
    maps = targets(batch)
    off = torch.tensor([1.0, 2.0, 0, 0, 0, 3.0, 0, 0, 0, 0])
    maps[level] = maps[level] + off[:, None, None]
    assert float(mspn(an_output(maps), batch, CODEC)) == pytest.approx((1 + 4 + 9) / 8, rel=1e-4)
    maps[level] = maps[level] + 2.0  # squares: 9, 16, 25 and seven times 4, of which five count
    expected = (9 + 16 + 25 + 5 * 4) / 8
    assert float(mspn(an_output(maps), batch, CODEC)) == pytest.approx(expected, rel=1e-4)


def test_a_hidden_keypoint_is_an_empty_map_to_coarse_levels_and_a_place_to_fine_ones():
    batch = a_batch([1])
    maps = [maps if level in (3, 7) else maps * 0 for level, maps in enumerate(targets(batch))]
    assert float(mspn(an_output(maps), batch, CODEC)) == 0.0
    seen = targets(batch)
    expected = sum(float((seen[level] ** 2).mean()) / 4 for level in (0, 1, 2, 4, 5, 6))
    assert float(mspn(an_output(seen), batch, CODEC)) == pytest.approx(expected, rel=1e-5)


def test_a_keypoint_not_labelled_is_an_empty_map_to_coarse_levels_and_nothing_to_fine_ones():
    batch = a_batch([0])
    maps = [torch.zeros(1, 1, *MAP[::-1]) for _ in OF_LEVEL]
    maps[3], maps[7] = maps[3] + 5, maps[7] + 5
    assert float(mspn(an_output(maps), batch, CODEC)) == 0.0
    maps[0] = maps[0] + 2
    assert float(mspn(an_output(maps), batch, CODEC)) == pytest.approx(4 / 4)


def test_a_keypoint_nobody_flagged_is_taught_its_place_if_it_has_one():
    with_place = a_batch([IGNORED], placed=[True])
    assert float(mspn(an_output(targets(with_place)), with_place, CODEC)) == 0.0
    without = a_batch([IGNORED], placed=[False])
    anything = [maps + 7 for maps in targets(without)]
    assert float(mspn(an_output(anything), without, CODEC)) == 0.0
