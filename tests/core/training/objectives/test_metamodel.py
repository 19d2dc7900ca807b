import pytest
import torch

from core.models.codecs.config import HeatmapConfig
from core.models.codecs.heatmap import HeatmapCodec
from core.models.outputs import PoseOutput
from core.training.batches import Batch
from core.training.loss_config import MetamodelLoss
from core.training.losses import IGNORED, flag_cross_entropy
from core.training.objectives.metamodel import metamodel_losses
from core.training.objectives.setting import Setting
from core.training.place_losses import PLACE_LOSSES

CODEC = HeatmapCodec(HeatmapConfig((6, 8), sigma_px=1.0), (24, 32), "classic")
WEIGHTS = (1.61, 7.85, 1.0)


def a_setting(**fields) -> Setting[MetamodelLoss]:
    loss = MetamodelLoss(**{"places": "joint_mse", "flag_weights": WEIGHTS} | fields)
    return Setting(CODEC, loss, torch.ones(2), torch.arange(2), (24, 32))


def a_batch(flags: list[int]) -> Batch:
    return Batch(
        torch.zeros(1, 32, 24, 3, dtype=torch.uint8),
        torch.tensor([[[8.0, 12.0], [16.0, 20.0]]]),
        torch.tensor([[flag > 0 for flag in flags]]),
        torch.tensor([flags]),
        torch.tensor([100.0]),
    )


def an_output() -> PoseOutput:
    torch.manual_seed(0)
    return PoseOutput(
        torch.randn(1, 2, 8, 6, requires_grad=True),
        flag_logits=torch.randn(1, 2, 3, requires_grad=True),
    )


def test_alpha_weighs_places_and_flags():
    output, batch = an_output(), a_batch([2, 1])
    found = metamodel_losses(output, batch, a_setting(alpha=0.25))
    places = PLACE_LOSSES["joint_mse"](output, batch, CODEC)
    flags = flag_cross_entropy(output.flag_logits, batch.flags, torch.tensor(WEIGHTS))
    torch.testing.assert_close(found["loss"], 0.75 * places + 0.25 * flags)
    torch.testing.assert_close(found["places"], places)
    torch.testing.assert_close(found["flags"], flags)
    assert {name: part.requires_grad for name, part in found.items()} == {
        "loss": True,
        "places": False,
        "flags": False,
    }


@pytest.mark.parametrize(
    ("alpha", "maps_learn", "flags_learn"), [(0, True, False), (1, False, True)]
)
def test_at_either_end_of_alpha_one_answer_learns_nothing(alpha, maps_learn, flags_learn):
    output = an_output()
    metamodel_losses(output, a_batch([2, 1]), a_setting(alpha=alpha))["loss"].backward()
    assert bool(output.places.grad.any()) is maps_learn
    assert bool(output.flag_logits.grad.any()) is flags_learn


def test_persons_of_whom_nothing_is_known_cost_nothing():
    found = metamodel_losses(an_output(), a_batch([IGNORED, IGNORED]), a_setting())
    assert {name: float(part.detach()) for name, part in found.items()} == {
        "loss": 0.0,
        "places": 0.0,
        "flags": 0.0,
    }
