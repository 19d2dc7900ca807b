import math

import pytest
import torch

from core.errors import UserError
from core.models.codecs.config import HeatmapConfig
from core.models.codecs.heatmap import HeatmapCodec
from core.models.outputs import PoseOutput
from core.training.batches import Batch
from core.training.loss_config import HpcvnetLoss
from core.training.losses import IGNORED
from core.training.objectives.hpcvnet import hpcvnet_losses
from core.training.objectives.setting import Setting

CODEC = HeatmapCodec(HeatmapConfig((24, 32), refine="whole"), (96, 128), "centres")
XY = torch.tensor([[[41.5, 61.5], [21.5, 21.5]], [[61.5, 101.5], [41.5, 41.5]]])


def a_setting(**fields) -> Setting[HpcvnetLoss]:
    return Setting(
        CODEC, HpcvnetLoss(**fields), torch.tensor([0.1, 0.1]), torch.arange(2), (96, 128)
    )


def a_batch(flags=((2, 1), (2, 0))) -> Batch:
    flags = torch.tensor(flags)
    return Batch(
        torch.zeros(2, 128, 96, 3, dtype=torch.uint8), XY.clone(), flags > 0, flags, torch.ones(2)
    )


def an_output(bins=4) -> PoseOutput:
    return PoseOutput(
        CODEC.encode(XY),
        presence_logits=torch.zeros(2, 2, requires_grad=True),
        similarity_logits=torch.zeros(2, 2, bins, requires_grad=True),
    )


def test_both_parts_are_means_over_what_counts() -> None:
    found = hpcvnet_losses(an_output(), a_batch(), a_setting())
    # Every keypoint is found where it is labelled, and four values are equally likely.
    assert found["similarity"].item() == pytest.approx(math.log(4))
    assert found["presence"].item() == pytest.approx(math.log(2))
    assert found["loss"].item() == pytest.approx(math.log(4) + math.log(2))
    weighed = hpcvnet_losses(
        an_output(), a_batch(), a_setting(similarity_weight=0.5, presence_weight=2.0)
    )
    assert weighed["loss"].item() == pytest.approx(0.5 * math.log(4) + 2 * math.log(2))


@pytest.mark.parametrize(
    ("similarity", "cost"),
    [("regression", 0.5), ("soft_bce", math.log(2)), ("expected_oks", 0.25)],
)
def test_one_number_per_keypoint_can_be_learned_in_three_ways(similarity, cost) -> None:
    found = hpcvnet_losses(an_output(bins=1), a_batch(), a_setting(similarity=similarity))
    assert found["similarity"].item() == pytest.approx(cost)


def test_only_labelled_keypoints_teach_similarity_and_only_known_flags_presence() -> None:
    output = an_output()
    hpcvnet_losses(output, a_batch(((2, IGNORED), (1, 0))), a_setting())["loss"].backward()
    assert output.similarity_logits.grad.any(-1).tolist() == [[True, False], [True, False]]
    assert (output.presence_logits.grad != 0).tolist() == [[True, False], [True, True]]


@pytest.mark.parametrize(("similarity", "bins"), [("distribution", 1), ("regression", 4)])
def test_a_loss_that_does_not_go_with_the_network_is_refused(similarity, bins) -> None:
    wanted = f"The loss '{similarity}' does not go with a network that says {bins} number"
    with pytest.raises(UserError, match=wanted):
        hpcvnet_losses(an_output(bins), a_batch(), a_setting(similarity=similarity))


def test_persons_of_whom_nothing_is_known_cost_nothing() -> None:
    nothing = ((IGNORED, IGNORED), (IGNORED, IGNORED))
    found = hpcvnet_losses(an_output(), a_batch(nothing), a_setting())
    assert {name: float(part.detach()) for name, part in found.items()} == {
        "loss": 0.0, "similarity": 0.0, "presence": 0.0,
    }  # fmt: skip
