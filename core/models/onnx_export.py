"""A top-down network as one ONNX file, which says by itself how crops become places."""

from torch import Tensor, nn

from core.inference.flip_test import Answer, read
from core.models.codecs.codec import Codec


class Said(nn.Module):
    """A network and the first half of its codec: crops to what can be averaged and decoded.

    Attributes:
        network: a top-down one, in eval mode.
    """

    def __init__(self, network: nn.Module, codec: Codec) -> None:
        super().__init__()
        self.network = network
        self._codec = codec

    def forward(self, crops: Tensor) -> dict[str, Tensor]:
        """Normalised crops (B, 3, H, W) to what the network says of them, by name."""
        return by_name(read(self.network(crops), self._codec))


def by_name(answer: Answer) -> dict[str, Tensor]:
    """What was said, under the names of an exported file's outputs."""
    places = answer.places
    named = (
        {"maps": places}
        if isinstance(places, Tensor)
        else dict(zip(("columns", "rows"), places, strict=True))
    )
    rest = answer._asdict()
    del rest["places"]
    return named | {name: value for name, value in rest.items() if value is not None}
