import math

import pytest
import torch

from core.models.outputs import PoseOutput
from core.training.batches import Batch
from core.training.simcc_loss import simcc


class HandMadeCodec:
    """Two bins across, three down; the same targets whatever the place."""

    def encode(self, xy_crop_px: torch.Tensor):
        batch, count = xy_crop_px.shape[:2]
        return (
            torch.tensor([0.75, 0.25]).expand(batch, count, 2),
            torch.tensor([0.0, 1.0, 0.0]).expand(batch, count, 3),
        )


def a_batch(placed: list[bool]) -> Batch:
    count = len(placed)
    return Batch(
        torch.zeros(1, 3, 2, 3, dtype=torch.uint8),
        torch.zeros(1, count, 2),
        torch.tensor([placed]),
        torch.full((1, count), 2),
        torch.tensor([100.0]),
    )


def an_output(columns: list[float], rows: list[float], count: int) -> PoseOutput:
    p = (torch.tensor(columns), torch.tensor(rows))
    return PoseOutput(tuple(axis.log().expand(1, count, -1) for axis in p))


ACROSS = 0.75 * math.log(0.75 / 0.5) + 0.25 * math.log(0.25 / 0.5)
DOWN = math.log(1 / 0.25)


@pytest.mark.parametrize(
    ("per_bin", "expected"), [(False, ACROSS + DOWN), (True, ACROSS / 2 + DOWN / 3)]
)
def test_the_divergence_is_the_one_worked_out_by_hand(per_bin, expected):
    output = an_output([0.5, 0.5], [0.5, 0.25, 0.25], 1)
    loss = simcc(output, a_batch([True]), HandMadeCodec(), per_bin=per_bin)
    assert float(loss) == pytest.approx(expected, abs=1e-6)


def test_a_keypoint_without_place_costs_nothing_and_counts_in_the_mean():
    output = an_output([0.5, 0.5], [0.5, 0.25, 0.25], 2)
    loss = simcc(output, a_batch([True, False]), HandMadeCodec(), per_bin=False)
    assert float(loss) == pytest.approx((ACROSS + DOWN) / 2, abs=1e-6)


def test_what_equals_its_target_costs_nothing():
    output = an_output([0.75, 0.25], [0.0, 1.0, 0.0], 1)
    finite = tuple(axis.clamp_min(-100) for axis in output.places)
    loss = simcc(PoseOutput(finite), a_batch([True]), HandMadeCodec(), per_bin=True)
    assert float(loss) == pytest.approx(0, abs=1e-6)
