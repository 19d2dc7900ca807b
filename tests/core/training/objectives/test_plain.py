import torch

from core.data.augment import plain_view
from core.models.codecs.build import codec_of
from core.models.outputs import PoseOutput
from core.training.batches import to_batch
from core.training.loss_config import PlainLoss
from core.training.objectives.plain import plain_losses
from core.training.objectives.setting import Setting
from core.training.place_losses import PLACE_LOSSES
from tests.core.training.small_networks import SMALL_PLAIN, a_person


def test_only_places_are_learned_by_the_loss_that_is_named():
    batch = to_batch([plain_view(a_person(), (64, 64))], channel_order="RGB")
    codec = codec_of(SMALL_PLAIN)
    output = PoseOutput(torch.randn(1, 17, 16, 16))
    for name in ("cross_entropy", "joint_mse"):
        setting = Setting(codec, PlainLoss(name), torch.ones(17), torch.arange(17), (64, 64))
        wanted = PLACE_LOSSES[name](output, batch, codec)
        assert plain_losses(output, batch, setting) == {"loss": wanted}
