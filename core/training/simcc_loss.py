"""SimCC's loss of places as its public code has it."""

from torch import Tensor
from torch.nn import functional

from core.models.codecs.codec import Codec
from core.models.outputs import PoseOutput
from core.training.batches import Batch


def simcc(output: PoseOutput, batch: Batch, codec: Codec, *, per_bin: bool) -> Tensor:
    """KL divergence from the target of each axis to the softmax over its bins (001, eq. 2).

    Mean over persons and keypoints, those without place included at 0; columns and rows added.
    With a one-hot target this is its negative log-likelihood. Deviation: where the public code sums
    over bins, it sums over keypoints as well.

    Args:
        output: of a network with SimCC's layers.
        batch: what is wanted.
        codec: SimCC's.
        per_bin: mean over the bins instead of their sum, hundreds of times smaller: so in the
            public code where targets are Gaussians; the sum where they are one-hot.
    """
    target = codec.encode(batch.xy_px)
    assert isinstance(output.places, tuple)
    assert isinstance(target, tuple)

    def divergence(logits: Tensor, wanted: Tensor) -> Tensor:
        each = functional.kl_div(logits.float().log_softmax(-1), wanted, reduction="none")
        per_keypoint = each.mean(-1) if per_bin else each.sum(-1)  # (B, K)
        return (per_keypoint * batch.placed).mean()

    (columns, rows), (wanted_columns, wanted_rows) = output.places, target
    return divergence(columns, wanted_columns) + divergence(rows, wanted_rows)
