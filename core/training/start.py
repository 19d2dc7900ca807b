"""Beginning with trained weights: all of a network's own, or those of the base it stands on."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from core.errors import UserError
from core.models.catalog import build_model
from core.models.model_config import ModelConfig

BASE = "base."  # every family holds its base under this name


@dataclass(frozen=True)
class Taken:
    """What a network began with.

    Attributes:
        network: in eval mode.
        words: what was taken and what is fresh; empty where everything was taken.
    """

    network: nn.Module
    words: str


def begun_with(config: ModelConfig, start: nn.Module, *, name: str) -> Taken:
    """A network of `config` with what fits of a trained one: all of it, or its base.

    Names and shapes decide; `start` may be of another family. What does not fit is fresh; a network
    that stands on no base takes all or nothing.

    Args:
        name: of the model that is begun with, for words.

    Raises:
        UserError: the base is another one; examples of what does not fit.
    """
    network = build_model(config).eval()
    own, theirs = network.state_dict(), start.state_dict()
    fits = [key for key in own if key in theirs and own[key].shape == theirs[key].shape]
    needed = [key for key in own if key.startswith(BASE)] or list(own)
    if missing := sorted(set(needed) - set(fits)):
        raise UserError(
            f"The weights of {name} do not fit the base of this network.",
            remedy="Begin with a network on the same base and of the same keypoints, or with none.",
            problems=[f"missing or of another shape: {', '.join(missing[:3])}{_more(missing)}"],
        )
    network.load_state_dict({**own, **{key: theirs[key] for key in fits}})
    fresh = sorted(_tops(set(own) - set(fits)))
    return Taken(network, _words(name, sorted(_tops(fits)), fresh) if fresh else "")


def _words(name: str, taken: Sequence[str], fresh: Sequence[str]) -> str:
    return f"From {name} it takes {', '.join(taken)}; fresh: {', '.join(fresh)}."


def _tops(keys: Sequence[str] | set[str]) -> set[str]:
    """The parts weights belong to: the base's backbone and head, else submodules of the network."""
    return {
        ".".join(key.split(".")[:2]) if key.startswith(BASE) else key.split(".")[0] for key in keys
    }


def _more(missing: Sequence[str]) -> str:
    return f" and {len(missing) - 3} more" if len(missing) > 3 else ""
