import math

import pytest
import torch

from core.models.codecs.config import HeatmapConfig
from core.models.codecs.heatmap import HeatmapCodec
from core.models.outputs import PoseOutput
from core.models.similarity import expected_similarity
from core.training.batches import Batch
from core.training.losses import IGNORED
from core.training.objectives.setting import Setting
from core.training.similarity_losses import SIMILARITY_LOSSES, similarity_target

CODEC = HeatmapCodec(HeatmapConfig((24, 32), refine="whole"), (96, 128), "centres")
SIGMAS = torch.tensor([0.1, 0.2, 0.1])


def a_batch(xy, placed=(True, True, True), flags=(2, 1, 2)) -> Batch:
    return Batch(
        torch.zeros(1, 128, 96, 3, dtype=torch.uint8),
        torch.tensor([xy]),
        torch.tensor([placed]),
        torch.tensor([flags]),
        torch.tensor([400.0]),
    )


def a_setting() -> Setting:
    return Setting(CODEC, None, SIGMAS, torch.arange(3), (96, 128))


def maps_at(xy) -> torch.Tensor:
    return CODEC.encode(torch.tensor([xy])).requires_grad_()


FOUND = [[41.5, 61.5], [21.5, 21.5], [61.5, 101.5]]  # on map pixels 10, 15 and so on


def test_the_target_is_how_near_the_found_place_is_to_the_label_in_crop_pixels() -> None:
    batch = a_batch([[41.5, 61.5], [21.5, 29.5], [58.5, 105.5]])
    target, counted = similarity_target(PoseOutput(maps_at(FOUND)), batch, a_setting())
    # d^2 = 0; 64 with k = 0.4; 25 with k = 0.2; s^2 = 400.
    wanted = [1.0, math.exp(-64 / (2 * 400 * 0.16)), math.exp(-25 / (2 * 400 * 0.04))]
    assert target[0].tolist() == pytest.approx(wanted)
    assert counted.tolist() == [[True, True, True]]
    assert not target.requires_grad


def test_only_keypoints_with_a_labelled_place_in_the_crop_count() -> None:
    nan = float("nan")
    batch = a_batch([[41.5, 61.5], [nan, nan], [0.0, 0.0]], (True, False, False), (2, IGNORED, 0))
    target, counted = similarity_target(PoseOutput(maps_at(FOUND)), batch, a_setting())
    assert target.tolist() == [[1.0, 0.0, 0.0]]
    assert counted.tolist() == [[True, False, False]]


def test_a_place_whose_flag_nobody_gave_counts() -> None:
    batch = a_batch(FOUND, (True, True, True), (IGNORED, 1, 2))
    assert similarity_target(PoseOutput(maps_at(FOUND)), batch, a_setting())[1].all()


def test_a_network_that_says_no_numbers_teaches_nothing() -> None:
    maps = maps_at(FOUND).detach() * float("nan")
    target, counted = similarity_target(PoseOutput(maps), a_batch(FOUND), a_setting())
    assert target.tolist() == [[0.0, 0.0, 0.0]]
    assert not counted.any()


def test_losses_by_hand() -> None:
    one = torch.tensor([[[0.0], [2.0]]])
    target = torch.tensor([[0.25, 1.0]])
    sure = 1 / (1 + math.exp(-2))
    assert SIMILARITY_LOSSES["regression"](one, target)[0].tolist() == pytest.approx(
        [0.25, 1 - sure]
    )
    assert SIMILARITY_LOSSES["expected_oks"](one, target)[0].tolist() == pytest.approx(
        [0.0625, (1 - sure) ** 2]
    )
    assert SIMILARITY_LOSSES["soft_bce"](one, target)[0].tolist() == pytest.approx(
        [math.log(2), -math.log(sure)]
    )
    three = torch.log(torch.tensor([[[0.5, 0.4, 0.1], [0.1, 0.1, 0.8]]]))
    assert SIMILARITY_LOSSES["distribution"](three, target)[0].tolist() == pytest.approx(
        [-0.5 * math.log(0.5) - 0.5 * math.log(0.4), -math.log(0.8)]
    )


@pytest.mark.parametrize("name", list(SIMILARITY_LOSSES))
def test_what_is_learned_is_the_target(name) -> None:
    torch.manual_seed(0)
    target = torch.tensor([[0.1, 0.5, 0.95]])
    logits = torch.zeros(1, 3, 5 if name == "distribution" else 1, requires_grad=True)
    optimizer = torch.optim.Adam([logits], lr=0.05)
    for _ in range(400):
        optimizer.zero_grad()
        SIMILARITY_LOSSES[name](logits, target).sum().backward()
        optimizer.step()
    torch.testing.assert_close(expected_similarity(logits), target, atol=0.03, rtol=0)
