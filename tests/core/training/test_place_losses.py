import math

import pytest
import torch

from core.models.codecs.config import HeatmapConfig
from core.models.codecs.heatmap import HeatmapCodec
from core.models.outputs import PoseOutput
from core.training.batches import Batch
from core.training.losses import IGNORED
from core.training.place_losses import PLACE_LOSSES

CROP, MAP = (64, 64), (16, 16)


def a_batch(placed=((True, True),), flags=((2, 2),)) -> Batch:
    xy = torch.tensor([[[20.0, 30.0], [40.0, 10.0]]]).expand(len(placed), 2, 2).clone()
    return Batch(
        torch.zeros(len(placed), 64, 64, 3, dtype=torch.uint8),
        xy,
        torch.tensor(placed),
        torch.tensor(flags),
        torch.ones(len(placed)),
    )


def a_codec(**more) -> HeatmapCodec:
    return HeatmapCodec(HeatmapConfig(MAP, **{"sigma_px": 1.5, **more}), CROP, "centres")


class TwoAxes:
    """A codec of columns and rows: three bins each, the second is meant."""

    def encode(self, xy_px):
        target = torch.tensor([0.0, 2.0, 0.0]).expand(*xy_px.shape[:2], 3)
        return target, target


def test_a_flat_softmax_costs_the_logarithm_of_its_size():
    flat = PoseOutput(torch.zeros(1, 2, 16, 16))
    codec = a_codec(activation="softmax")
    assert PLACE_LOSSES["cross_entropy"](flat, a_batch(), codec).item() == pytest.approx(
        math.log(256), rel=1e-5
    )
    both = PoseOutput((torch.zeros(1, 2, 3), torch.zeros(1, 2, 3)))
    assert PLACE_LOSSES["cross_entropy"](both, a_batch(), TwoAxes()).item() == pytest.approx(
        2 * math.log(3)
    )


@pytest.mark.parametrize("height", [1.0, 255.0])
@pytest.mark.parametrize("sigma_px", [1.0, 2.0])
def test_an_empty_map_costs_one_whatever_its_sigma_and_height(height, sigma_px):
    codec = a_codec(height=height, sigma_px=sigma_px)
    found = PLACE_LOSSES["squared_error"](PoseOutput(torch.zeros(1, 2, 16, 16)), a_batch(), codec)
    assert found.item() == pytest.approx(1, abs=0.06)  # Gaussians are cut off by the map's edges


@pytest.mark.parametrize("height", [1.0, 255.0])
def test_joint_mse_is_half_the_mean_over_every_pixel(height):
    codec = a_codec(height=height)
    batch = a_batch(placed=((True, False),))
    wanted = codec.encode(batch.xy_px)
    wanted[:, 1] = 0
    found = PLACE_LOSSES["joint_mse"](PoseOutput(torch.zeros(1, 2, 16, 16)), batch, codec)
    assert found.item() == pytest.approx(wanted.square().mean().item() / 2, rel=1e-5)


@pytest.mark.parametrize("name", ["squared_error", "joint_mse"])
def test_every_stack_of_an_hourglass_is_supervised(name):
    empty = torch.zeros(1, 2, 16, 16)
    one = PLACE_LOSSES[name](PoseOutput(empty), a_batch(), a_codec())
    three = PLACE_LOSSES[name](PoseOutput(empty, (empty, empty)), a_batch(), a_codec())
    assert three.item() == pytest.approx(3 * one.item())


@pytest.mark.parametrize("name", ["cross_entropy", "squared_error", "joint_mse"])
def test_a_map_like_its_target_costs_least(name):
    torch.manual_seed(0)
    activation = "softmax" if name == "cross_entropy" else "none"
    codec, batch = a_codec(activation=activation), a_batch()
    target = codec.encode(batch.xy_px)
    best = target.clamp_min(1e-9).log() if name == "cross_entropy" else target
    loss = PLACE_LOSSES[name]
    least = loss(PoseOutput(best), batch, codec).item()
    for _ in range(5):
        assert loss(PoseOutput(best + torch.randn_like(best)), batch, codec).item() > least
    if name != "cross_entropy":
        assert least == 0


@pytest.mark.parametrize("name", ["cross_entropy", "squared_error", "joint_mse", "cpn"])
def test_keypoints_without_a_place_carry_no_loss_and_a_batch_of_none_costs_nothing(name):
    codec = a_codec(activation="softmax" if name == "cross_entropy" else "none")
    batch = a_batch(placed=((False, False),), flags=((IGNORED, IGNORED),))
    maps = torch.randn(1, 2, 16, 16, requires_grad=True)
    output = PoseOutput(maps, (maps,) * 4 if name == "cpn" else ())
    loss = PLACE_LOSSES[name](output, batch, codec)
    loss.backward()
    assert loss.item() == 0
    assert maps.grad.abs().sum() == 0
