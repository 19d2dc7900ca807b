import pytest
import torch

from core.models.codecs.config import HeatmapConfig
from core.models.codecs.heatmap import HeatmapCodec
from core.models.outputs import PoseOutput
from core.training.batches import Batch
from core.training.cpn_loss import cpn

CODEC = HeatmapCodec(HeatmapConfig((24, 32), sigma_px=1.7, height=255.0), (96, 128), "centres")
SIGMAS = (3.8, 2.9, 2.3, 1.7)  # OpenCV's of kernels 23, 17, 13 and 9


def a_batch(flags) -> Batch:
    count = len(flags)
    xy = torch.rand(1, count, 2, generator=torch.Generator().manual_seed(0)) * 90
    return Batch(
        torch.zeros(1, 128, 96, 3, dtype=torch.uint8),
        xy,
        torch.tensor([[flag > 0 for flag in flags]]),
        torch.tensor([flags]),
        torch.ones(1),
    )


def right_answer(batch: Batch) -> PoseOutput:
    seen = (batch.flags == 2)[..., None, None]
    coarse = [CODEC.encode(batch.xy_px, sigma_px=sigma) * seen for sigma in SIGMAS]
    return PoseOutput(CODEC.encode(batch.xy_px), tuple(coarse))


def test_coarse_levels_learn_what_is_in_sight_coarsest_first() -> None:
    batch = a_batch([2, 1, 0])
    assert cpn(right_answer(batch), batch, CODEC).item() == pytest.approx(0, abs=1e-6)


def test_a_coarse_level_costs_an_eighth_of_its_squared_error() -> None:
    batch = a_batch([2, 1, 0])
    right = right_answer(batch)
    wrong = right._replace(coarse=(right.coarse[0] + 3.0, *right.coarse[1:]))
    assert cpn(wrong, batch, CODEC).item() == pytest.approx(9 / 8, rel=1e-4)


def test_the_last_map_learns_from_the_eight_worst_labelled_keypoints() -> None:
    batch = a_batch([2, 1, *[2] * 8, 0])
    right = right_answer(batch)
    off = torch.arange(11.0).sqrt()[:, None, None]  # squared errors 0 to 10, the last unlabelled
    wrong = right._replace(places=right.places + off)
    assert cpn(wrong, batch, CODEC).item() == pytest.approx(sum(range(2, 10)) / 8, rel=1e-4)


def test_coarse_maps_of_another_size_are_brought_to_the_targets() -> None:
    batch = a_batch([0, 0])
    right = right_answer(batch)
    small = right._replace(coarse=(torch.full((1, 2, 8, 6), 2.0), *right.coarse[1:]))
    assert cpn(small, batch, CODEC).item() == pytest.approx(4 / 8, rel=1e-4)
