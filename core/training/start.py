"""Beginning with trained weights: a network's own, those of its base, or a public backbone's."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from core.errors import UserError
from core.models.bases.pose_base import PoseBase
from core.models.catalog import build_model
from core.models.model_config import ModelConfig
from core.models.public_weights.backbone import backbone_weights

BASE = "base."  # every family holds its base under this name
BACKBONE = f"{BASE}backbone"


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


def begun_with_backbone(config: ModelConfig, file: Path, *, seed: int) -> Taken:
    """A network of `config` whose backbone is that of a public file, ImageNet's mostly.

    Papers 000 and 001 begin so. The rest is fresh, and the same for the same seed.

    Raises:
        UserError: the network has no backbone of its own, or the file holds another one.
    """
    torch.manual_seed(seed)
    network = build_model(config).eval()
    base = getattr(network, "base", None)
    if not isinstance(base, PoseBase):
        raise UserError(
            f"A network of the family {config.family} stands on no base that begins with a "
            "backbone alone.",
            where=str(file),
            remedy="Make a model of whole weights with add-model and begin with that.",
        )
    report = backbone_weights(file, base)
    fresh = sorted(_tops(set(network.state_dict())) - {BACKBONE})
    words = _words(file.name, [BACKBONE], fresh)
    return Taken(network, " ".join([words, *report.lines()]))


def _words(name: str, taken: Sequence[str], fresh: Sequence[str]) -> str:
    return f"From {name} it takes {', '.join(taken)}; fresh: {', '.join(fresh)}."


def _tops(keys: Sequence[str] | set[str]) -> set[str]:
    """The parts weights belong to: the base's backbone and head, else submodules of the network."""
    return {
        ".".join(key.split(".")[:2]) if key.startswith(BASE) else key.split(".")[0] for key in keys
    }


def _more(missing: Sequence[str]) -> str:
    return f" and {len(missing) - 3} more" if len(missing) > 3 else ""
