import pytest
import torch

from core.models.codecs.config import HeatmapConfig
from core.models.codecs.heatmap import HeatmapCodec
from core.models.outputs import PoseOutput
from core.training.batches import Batch
from core.training.loss_config import MetamodelLoss, VisawareLoss
from core.training.losses import IGNORED, visible_cross_entropy
from core.training.objectives.by_config import told
from core.training.objectives.setting import Setting
from core.training.objectives.visaware import told_visaware, visaware_losses, without_occluded
from core.training.place_losses import PLACE_LOSSES

CODEC = HeatmapCodec(HeatmapConfig((6, 8), sigma_px=1.0), (24, 32), "classic")
FLAGS = (2, 1, 0, IGNORED)


def a_setting(**fields) -> Setting[VisawareLoss]:
    loss = VisawareLoss(**{"places": "joint_mse"} | fields)
    return Setting(CODEC, loss, torch.ones(4), torch.arange(4), (24, 32))


def a_batch() -> Batch:
    return Batch(
        torch.zeros(1, 32, 24, 3, dtype=torch.uint8),
        torch.tensor([[[8.0, 12.0], [16.0, 20.0], [0.0, 0.0], [4.0, 4.0]]]),
        torch.tensor([[True, True, False, True]]),
        torch.tensor([FLAGS]),
        torch.tensor([100.0]),
    )


def an_output() -> PoseOutput:
    torch.manual_seed(0)
    maps, logits = torch.randn(1, 4, 8, 6), torch.randn(1, 4)
    return PoseOutput(maps.requires_grad_(), visible_logits=logits.requires_grad_())


@pytest.mark.parametrize("share", [1.0, 0.1])
def test_the_loss_is_that_of_places_and_a_share_of_that_of_visibility(share):
    output, batch = an_output(), a_batch()
    found = visaware_losses(output, batch, a_setting(visible_share=share))
    places = PLACE_LOSSES["joint_mse"](output, batch, CODEC)
    visible = visible_cross_entropy(output.visible_logits, batch.flags)
    torch.testing.assert_close(found["loss"], places + share * visible)
    torch.testing.assert_close(found["places"], places)
    torch.testing.assert_close(found["visible"], visible)
    assert not found["places"].requires_grad
    assert not found["visible"].requires_grad


def test_learning_from_visible_places_alone_leaves_hidden_places_out_and_keeps_their_flags():
    output = an_output()
    found = visaware_losses(output, a_batch(), a_setting(visible_only=True))
    found["loss"].backward()
    learned = output.places.grad.flatten(2).abs().sum(-1) > 0
    assert learned.tolist() == [[True, False, False, True]]
    assert (output.visible_logits.grad != 0).tolist() == [[True, True, True, False]]


def test_without_that_option_every_known_place_is_learned_from():
    output = an_output()
    visaware_losses(output, a_batch(), a_setting())["loss"].backward()
    learned = output.places.grad.flatten(2).abs().sum(-1) > 0
    assert learned.tolist() == [[True, True, False, True]]


def test_a_batch_without_hidden_places_is_otherwise_the_same():
    batch = a_batch()
    kept = without_occluded(batch)
    assert kept.placed.tolist() == [[True, False, False, True]]
    assert kept.flags is batch.flags
    assert kept.xy_px is batch.xy_px


def test_the_mask_of_the_labels_shows_what_is_visible_and_what_nobody_flagged():
    found = told_visaware(a_batch(), VisawareLoss(true_mask=True))
    assert {name: mask.tolist() for name, mask in found.items()} == {
        "visible_mask": [[True, False, False, True]]
    }


def test_a_network_is_told_nothing_unless_its_loss_says_so():
    assert told_visaware(a_batch(), VisawareLoss()) == {}
    assert told(a_batch(), VisawareLoss()) == told(a_batch(), MetamodelLoss()) == {}
    assert set(told(a_batch(), VisawareLoss(true_mask=True))) == {"visible_mask"}
