from dataclasses import replace

import pytest
import torch

from core.errors import UserError
from core.models.codecs.config import HeatmapConfig
from core.models.codecs.heatmap import HeatmapCodec
from core.models.outputs import PoseOutput
from core.training.batches import Batch
from core.training.loss_config import OahpeLoss
from core.training.losses import IGNORED
from core.training.objectives.oahpe import oahpe_losses, presence_loss, similarity_loss
from core.training.objectives.setting import Setting
from core.training.place_losses import PLACE_LOSSES

CODEC = HeatmapCodec(HeatmapConfig((24, 32), refine="whole"), (96, 128), "centres")
XY = torch.tensor([[[41.5, 61.5], [21.5, 21.5]], [[61.5, 101.5], [41.5, 41.5]]])


def a_setting(**weights) -> Setting[OahpeLoss]:
    loss = OahpeLoss(**{"places": "joint_mse"} | weights)
    return Setting(CODEC, loss, torch.tensor([0.1, 0.1]), torch.arange(2), (96, 128))


def a_batch(flags=((2, 1), (2, 0))) -> Batch:
    flags = torch.tensor(flags)
    return Batch(
        torch.zeros(2, 128, 96, 3, dtype=torch.uint8), XY.clone(), flags > 0, flags, torch.ones(2)
    )


def an_output(**fields) -> PoseOutput:
    torch.manual_seed(0)
    logits = {
        "presence_logits": torch.zeros(2, 2, requires_grad=True),
        "similarity_logits": torch.zeros(2, 2, 1, requires_grad=True),
    }
    return PoseOutput((CODEC.encode(XY) * 0.9).requires_grad_(), **logits | fields)


def test_places_and_presence_are_added() -> None:
    output, batch = an_output(), a_batch()
    found = oahpe_losses(output, batch, a_setting())
    places = PLACE_LOSSES["joint_mse"](output, batch, CODEC)
    presence = presence_loss(output, batch)
    torch.testing.assert_close(found["loss"], places + presence)
    torch.testing.assert_close(found["places"], places.detach())
    torch.testing.assert_close(found["presence"], presence.detach())
    assert set(found) == {"loss", "places", "presence"}
    assert not found["presence"].requires_grad


def test_presence_is_summed_over_keypoints_and_averaged_over_persons() -> None:
    # Four keypoints of two persons, each at ln 2; then one of them unknown.
    assert presence_loss(an_output(), a_batch()).item() == pytest.approx(4 * 0.6931472 / 2)
    unknown = a_batch(((2, IGNORED), (2, 0)))
    assert presence_loss(an_output(), unknown).item() == pytest.approx(3 * 0.6931472 / 2)


def test_similarity_leaves_out_what_has_no_label() -> None:
    # Found where labelled: KS is 1, half of it is said; three labelled keypoints of two persons.
    found = similarity_loss(an_output(), a_batch(), a_setting())
    assert found.item() == pytest.approx(3 * 0.5 / 2)
    output = an_output()
    similarity_loss(output, a_batch(), a_setting()).backward()
    assert (output.similarity_logits.grad[..., 0] != 0).tolist() == [[True, True], [True, False]]
    assert output.places.grad is None


def test_ks_nets_stage_learns_similarity_alone() -> None:
    setting = a_setting(places_weight=0.0, presence_weight=0.0, similarity_weight=2.0)
    output = an_output()
    found = oahpe_losses(output, a_batch(), setting)
    assert set(found) == {"loss", "similarity"}
    assert found["loss"].item() == pytest.approx(2 * found["similarity"].item())
    found["loss"].backward()
    assert output.places.grad is None
    assert output.presence_logits.grad is None


def test_a_stage_that_learns_nothing_is_refused() -> None:
    setting = a_setting(places_weight=0.0, presence_weight=0.0)
    with pytest.raises(UserError, match="This stage learns nothing: each of its losses"):
        oahpe_losses(an_output(), a_batch(), setting)


def test_ks_nets_stage_on_a_network_without_it_is_refused() -> None:
    output = an_output(similarity_logits=None)
    with pytest.raises(UserError, match="This stage trains KS-net, and the network has none"):
        oahpe_losses(output, a_batch(), a_setting(similarity_weight=1.0))


def test_persons_of_whom_nothing_is_known_cost_nothing() -> None:
    nothing = ((IGNORED, IGNORED), (IGNORED, IGNORED))
    batch = replace(a_batch(nothing), placed=torch.zeros(2, 2, dtype=torch.bool))
    found = oahpe_losses(an_output(), batch, a_setting(similarity_weight=1.0))
    assert {name: float(part.detach()) for name, part in found.items()} == {
        "loss": 0.0, "places": 0.0, "presence": 0.0, "similarity": 0.0,
    }  # fmt: skip
